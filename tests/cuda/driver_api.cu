// since: 12.5
// The driver API: PTX as text, both ways of passing parameters, globals, and the log of a text that is wrong.
#include "check.h"
#include <cuda.h>
#include <string>
static const char *ptx = R"(
.version 7.0
.target sm_70
.address_size 64
.visible .global .align 4 .u32 scale = 3;
.visible .entry scale_add(.param .u64 p, .param .u32 a, .param .u32 n) {
    .reg .pred %p;
    .reg .b32 %r<8>;
    .reg .b64 %d<4>;
    ld.param.u64 %d0, [p];
    ld.param.u32 %r0, [a];
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
    ld.global.u32 %r7, [scale];
    mad.lo.u32 %r6, %r6, %r7, %r0;
    st.global.u32 [%d2], %r6;
DONE:
    ret;
}
)";
template <class F> F find(const char *name) {
    void *at = nullptr;
    cudaDriverEntryPointQueryResult result;
    CHECK(cudaGetDriverEntryPointByVersion(name, &at, 13000, cudaEnableDefault, &result));
    REQUIRE(at && result == cudaDriverEntryPointSuccess);
    return (F)at;
}
#define DRIVER(name) auto name##_ = find<decltype(&name)>(#name)
#define OK(call) REQUIRE((call) == CUDA_SUCCESS)
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    auto load = find<CUresult (*)(CUmodule *, const void *, unsigned, CUjit_option *, void **)>("cuModuleLoadDataEx");
    auto function_of = find<CUresult (*)(CUfunction *, CUmodule, const char *)>("cuModuleGetFunction");
    auto global_of = find<CUresult (*)(CUdeviceptr *, size_t *, CUmodule, const char *)>("cuModuleGetGlobal");
    auto launch = find<CUresult (*)(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, void **, void **)>("cuLaunchKernel");
    auto unload = find<CUresult (*)(CUmodule)>("cuModuleUnload");
    CUmodule module;
    OK(load(&module, ptx, 0, nullptr, nullptr));
    CUfunction function, none;
    OK(function_of(&function, module, "scale_add"));
    REQUIRE(function_of(&none, module, "no_such_function") == CUDA_ERROR_NOT_FOUND);
    CUdeviceptr scale;
    size_t size;
    OK(global_of(&scale, &size, module, "scale"));
    REQUIRE(size == 4);
    unsigned n = 1000, a = random.u32(), factor = random.u32();
    std::vector<unsigned> in(n), e(n);
    for (unsigned i = 0; i < n; i++) in[i] = random.u32(), e[i] = (in[i] * 3 + a) * factor + a;
    OnDevice<unsigned> x(in);
    unsigned *at = x;
    void *each[] = {&at, &a, &n};
    OK(launch(function, (n + 63) / 64, 1, 1, 64, 1, 1, 0, nullptr, each, nullptr));
    CHECK(cudaMemcpy((void *)scale, &factor, 4, cudaMemcpyHostToDevice));
    struct {
        unsigned *p;
        unsigned a, n;
    } block = {at, a, n};
    size_t length = sizeof block;
    void *extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &block, CU_LAUNCH_PARAM_BUFFER_SIZE, &length, CU_LAUNCH_PARAM_END};
    OK(launch(function, (n + 63) / 64, 1, 1, 64, 1, 1, 0, nullptr, nullptr, extra));
    same(x.get(), e);
    REQUIRE(launch(function, 1, 1, 1, 2048, 1, 1, 0, nullptr, each, nullptr) == CUDA_ERROR_INVALID_VALUE);
    std::string broken = ptx;
    broken.replace(broken.find("setp.ge"), 7, "setp.xx");
    char log[2000] = {};
    CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    void *values[] = {log, (void *)sizeof log};
    CUmodule bad;
    REQUIRE(load(&bad, broken.c_str(), 2, options, values) == CUDA_ERROR_INVALID_PTX);
    REQUIRE(strlen(log) > 10 && strstr(log, "line"));
    OK(unload(module));
    return pass("driver_api");
}
