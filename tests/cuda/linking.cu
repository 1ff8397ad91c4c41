// nvcc: -cudart shared
// Linking at run time: two PTX texts that call each other, from memory and from a file, globals of the result, and the logs
// of texts that are wrong.
#include "driver.h"
#include <string>
#include <unistd.h>
static const char *caller = R"(
.version 7.0
.target sm_75
.address_size 64
.extern .func (.param .b32 result) twice_plus(.param .b32 x, .param .b32 y);
.extern .global .align 4 .u32 factor;
.visible .func (.param .b32 result) minus_factor(.param .b32 x) {
    .reg .b32 %r<4>;
    ld.param.u32 %r0, [x];
    ld.global.u32 %r1, [factor];
    sub.u32 %r2, %r0, %r1;
    st.param.b32 [result], %r2;
    ret;
}
.visible .entry apply(.param .u64 p, .param .u32 n) {
    .reg .pred %p;
    .reg .b32 %r<10>;
    .reg .b64 %d<4>;
    ld.param.u64 %d0, [p];
    ld.param.u32 %r1, [n];
    mov.u32 %r2, %ctaid.x;
    mov.u32 %r3, %ntid.x;
    mov.u32 %r4, %tid.x;
    mad.lo.s32 %r5, %r2, %r3, %r4;
    setp.ge.u32 %p, %r5, %r1;
    @%p bra DONE;
    mul.wide.u32 %d1, %r5, 4;
    add.s64 %d2, %d0, %d1;
    ld.global.u32 %r6, [%d2];
    {
        .param .b32 in0;
        .param .b32 in1;
        .param .b32 out;
        st.param.b32 [in0], %r6;
        st.param.b32 [in1], %r5;
        call.uni (out), twice_plus, (in0, in1);
        ld.param.b32 %r7, [out];
    }
    st.global.u32 [%d2], %r7;
DONE:
    ret;
}
)";
static const char *callee = R"(
.version 7.0
.target sm_75
.address_size 64
.extern .func (.param .b32 result) minus_factor(.param .b32 x);
.visible .global .align 4 .u32 factor = 11;
.visible .func (.param .b32 result) twice_plus(.param .b32 x, .param .b32 y) {
    .reg .b32 %r<6>;
    ld.param.u32 %r0, [x];
    ld.param.u32 %r1, [y];
    shl.b32 %r2, %r0, 1;
    add.u32 %r3, %r2, %r1;
    {
        .param .b32 in0;
        .param .b32 out;
        st.param.b32 [in0], %r3;
        call.uni (out), minus_factor, (in0);
        ld.param.b32 %r4, [out];
    }
    st.param.b32 [result], %r4;
    ret;
}
)";
// Loads what was linked and runs it, with the factor as it is initialised and changed.
static void use(Random &random, const void *image) {
    CUmodule module;
    CUfunction apply;
    CUdeviceptr factor;
    size_t size;
    OK(DRIVER(cuModuleLoadData)(&module, image));
    OK(DRIVER(cuModuleGetFunction)(&apply, module, "apply"));
    OK(DRIVER(cuModuleGetGlobal)(&factor, &size, module, "factor"));
    REQUIRE(size == 4);
    unsigned n = 1000, now = 11;
    std::vector<unsigned> model(n);
    for (auto &v : model) v = random.u32();
    OnDevice<unsigned> x(model);
    unsigned *at = x;
    void *arguments[] = {&at, &n};
    for (int round = 0; round < 3; round++) {
        OK(DRIVER(cuLaunchKernel)(apply, (n + 63) / 64, 1, 1, 64, 1, 1, 0, nullptr, arguments, nullptr));
        for (unsigned i = 0; i < n; i++) model[i] = 2 * model[i] + i - now;
        same(x.get(), model);
        now = random.u32();
        OK(DRIVER(cuMemcpyHtoD)(factor, &now, 4));
    }
    OK(DRIVER(cuModuleUnload)(module));
}
struct Linker {
    CUlinkState state;
    char errors[4000] = {}, infos[4000] = {};
    // The linker writes the lengths of the logs here as long as it lives.
    CUjit_option options[5] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, CU_JIT_INFO_LOG_BUFFER, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES,
                               CU_JIT_LOG_VERBOSE};
    void *values[5] = {errors, (void *)sizeof errors, infos, (void *)sizeof infos, (void *)1};
    Linker() {
        OK(DRIVER(cuLinkCreate)(5, options, values, &state));
    }
    ~Linker() { OK(DRIVER(cuLinkDestroy)(state)); }
    CUresult add(const char *text, const char *name) {
        return DRIVER(cuLinkAddData)(state, CU_JIT_INPUT_PTX, (void *)text, strlen(text) + 1, name, 0, nullptr, nullptr);
    }
};
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    {
        Linker linker;
        OK(linker.add(caller, "caller.ptx"));
        OK(linker.add(callee, "callee.ptx"));
        void *image = nullptr;
        size_t size = 0;
        OK(DRIVER(cuLinkComplete)(linker.state, &image, &size));
        REQUIRE(image && size > 100);
        // The image is the linker's until that is destroyed.
        use(random, image);
        use(random, std::string((char *)image, size).data());
    }
    {
        char path[] = "/tmp/linking_XXXXXX";
        int file = mkstemp(path);
        REQUIRE(file >= 0 && write(file, callee, strlen(callee)) == ssize_t(strlen(callee)));
        close(file);
        Linker linker;
        OK(DRIVER(cuLinkAddFile)(linker.state, CU_JIT_INPUT_PTX, path, 0, nullptr, nullptr));
        OK(linker.add(caller, "caller.ptx"));
        void *image = nullptr;
        size_t size = 0;
        OK(DRIVER(cuLinkComplete)(linker.state, &image, &size));
        use(random, image);
        unlink(path);
    }
    {
        Linker linker;
        std::string broken = callee;
        broken.replace(broken.find("shl.b32"), 7, "shl.q32");
        REFUSED(linker.add(broken.c_str(), "broken.ptx"), CUDA_ERROR_INVALID_PTX);
        REQUIRE(strlen(linker.errors) > 10);
    }
    {
        // Half of it is not enough.
        Linker linker;
        OK(linker.add(caller, "caller.ptx"));
        void *image = nullptr;
        size_t size = 0;
        REQUIRE(DRIVER(cuLinkComplete)(linker.state, &image, &size) != CUDA_SUCCESS);
        REQUIRE(strstr(linker.errors, "twice_plus") || strstr(linker.errors, "factor"));
    }
    {
        Linker linker;
        REFUSED(DRIVER(cuLinkAddFile)(linker.state, CU_JIT_INPUT_PTX, "/nonexistent/file.ptx", 0, nullptr, nullptr), CUDA_ERROR_FILE_NOT_FOUND);
    }
    return pass("linking");
}
