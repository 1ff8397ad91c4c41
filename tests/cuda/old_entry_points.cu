// nvcc: -cudart shared -Xcompiler -Wno-deprecated-declarations
// The entry points of CUDA before 4.0: sizes and addresses of 32 bits, functions that carry their block shape and parameters;
// and what a driver says of its own accord.
#include "driver.h"
#include <string>
#include <unistd.h>
static const char *ptx = R"(
.version 7.0
.target sm_75
.address_size 64
.visible .global .align 4 .u32 scale = 3;
.visible .entry mix(.param .u64 p, .param .u32 a, .param .f32 f, .param .u32 n) {
    .reg .pred %p;
    .reg .f32 %f<3>;
    .reg .b32 %r<12>;
    .reg .b64 %d<4>;
    ld.param.u64 %d0, [p];
    ld.param.u32 %r0, [a];
    ld.param.f32 %f0, [f];
    ld.param.u32 %r1, [n];
    mov.u32 %r2, %ctaid.y;
    mov.u32 %r3, %nctaid.x;
    mov.u32 %r4, %ctaid.x;
    mad.lo.s32 %r5, %r2, %r3, %r4;
    mov.u32 %r6, %ntid.x;
    mov.u32 %r7, %tid.x;
    mad.lo.s32 %r8, %r5, %r6, %r7;
    setp.ge.u32 %p, %r8, %r1;
    @%p bra DONE;
    mul.wide.u32 %d1, %r8, 4;
    add.s64 %d2, %d0, %d1;
    ld.global.u32 %r9, [%d2];
    add.u32 %r9, %r9, %r0;
    mov.b32 %r10, %f0;
    xor.b32 %r9, %r9, %r10;
    st.global.u32 [%d2], %r9;
DONE:
    ret;
}
.visible .entry nothing() {
    ret;
}
)";

template <class... A> CUresult old(const char *name, A... arguments) { return ((CUresult(*)(A...))driver_symbol(name))(arguments...); }

static unsigned saturated(size_t size) { return size > 0xffffffffu ? 0xffffffffu : unsigned(size); }

static void sizes(size_t total) {
    size_t whole;
    unsigned narrow_total = 0, narrow_free = 0;
    OK(DRIVER(cuDeviceTotalMem)(&whole, 0));
    OK(old("cuDeviceTotalMem", &narrow_total, CUdevice(0)));
    REQUIRE(narrow_total == saturated(whole));
    OK(old("cuMemGetInfo", &narrow_free, &narrow_total));
    REQUIRE(narrow_total == saturated(total) && narrow_free > 0 && narrow_free <= narrow_total);
}

// Memory at an address of 32 bits, or none.
static void memory(Random &random) {
    for (int round = 0; round < 4; round++) {
        unsigned pointer = 0, pitch = 0;
        CUresult result = round % 2 ? old("cuMemAllocPitch", &pointer, &pitch, 4096u, 256u, 4u) : old("cuMemAlloc", &pointer, 1u << 20);
        if (result == CUDA_ERROR_OUT_OF_MEMORY) continue;
        OK(result);
        REQUIRE(pointer != 0);
        unsigned n = 1000;
        std::vector<unsigned> in(n), got(n);
        for (auto &v : in) v = random.u32();
        OK(old("cuMemcpyHtoD", pointer, (const void *)in.data(), n * 4));
        OK(old("cuMemcpyDtoD", pointer + (512u << 10), pointer, n * 4));
        OK(old("cuMemsetD32", pointer, 77u, n));
        OK(old("cuMemcpyDtoH", (void *)got.data(), pointer + (512u << 10), n * 4));
        same(got, in);
        unsigned base = 0, size = 0;
        OK(old("cuMemGetAddressRange", &base, &size, pointer + 5));
        REQUIRE(base == pointer && size >= (1u << 20));
        OK(old("cuMemFree", pointer));
    }
    OK(old("cuMemFree", 0u));
}

// An array's handle has always had the machine's width.
static void arrays(Random &random) {
    struct {
        unsigned width, height;
        CUarray_format format;
        unsigned channels;
    } narrow = {64, 8, CU_AD_FORMAT_UNSIGNED_INT32, 1}, found = {};
    CUarray array;
    CUresult result = old("cuArrayCreate", &array, &narrow);
    // The CPU device has no arrays.
    if (result == CUDA_ERROR_NOT_SUPPORTED) return;
    OK(result);
    OK(old("cuArrayGetDescriptor", &found, array));
    REQUIRE(memcmp(&found, &narrow, sizeof narrow) == 0);
    std::vector<unsigned> in(64 * 8), got(64 * 8);
    for (auto &v : in) v = random.u32();
    struct {
        unsigned from_x, from_y;
        CUmemorytype from_type;
        const void *from_host;
        unsigned from_device;
        CUarray from_array;
        unsigned from_pitch, to_x, to_y;
        CUmemorytype to_type;
        void *to_host;
        unsigned to_device;
        CUarray to_array;
        unsigned to_pitch, width, height;
    } copy = {};
    copy.from_type = CU_MEMORYTYPE_HOST, copy.from_host = in.data(), copy.from_pitch = 256;
    copy.to_type = CU_MEMORYTYPE_ARRAY, copy.to_array = array;
    copy.width = 256, copy.height = 8;
    OK(old("cuMemcpy2D", &copy));
    copy = {};
    copy.from_type = CU_MEMORYTYPE_ARRAY, copy.from_array = array;
    copy.to_type = CU_MEMORYTYPE_HOST, copy.to_host = got.data(), copy.to_pitch = 256;
    copy.width = 256, copy.height = 8;
    OK(old("cuMemcpy2DUnaligned", &copy));
    same(got, in);
    OK(old("cuMemcpyHtoA", array, 16u, (const void *)(in.data() + 100), 32u));
    OK(old("cuMemcpyAtoH", (void *)got.data(), array, 8u, 40u));
    REQUIRE(memcmp(got.data(), in.data() + 2, 8) == 0 && memcmp(got.data() + 2, in.data() + 100, 32) == 0);
    OK(DRIVER(cuArrayDestroy)(array));
}

// NVIDIA's driver keeps these functions to contexts that the old function has made.
static void narrow(Random &random) {
    size_t before, after, total;
    OK(DRIVER(cuMemGetInfo)(&before, &total));
    CUcontext context, current;
    OK(DRIVER(cuCtxGetCurrent)(&current));
    OK(old("cuCtxCreate", &context, 0u, CUdevice(0)));
    unsigned version;
    OK(DRIVER(cuCtxGetApiVersion)(context, &version));
    REQUIRE(version == 3010);
    sizes(total);
    memory(random);
    arrays(random);
    void *pinned = nullptr;
    OK(old("cuMemAllocHost", &pinned, 4096u));
    OK(DRIVER(cuMemFreeHost)(pinned));
    OK(DRIVER(cuCtxDestroy)(context));
    OK(DRIVER(cuCtxGetCurrent)(&context));
    REQUIRE(context == current);
    // What could not be named has been given back.
    OK(DRIVER(cuMemGetInfo)(&after, &total));
    REQUIRE(after + (64u << 20) >= before);
}

static void launches(Random &random) {
    CUmodule module;
    CUfunction mix, nothing;
    OK(DRIVER(cuModuleLoadData)(&module, ptx));
    OK(DRIVER(cuModuleGetFunction)(&mix, module, "mix"));
    OK(DRIVER(cuModuleGetFunction)(&nothing, module, "nothing"));
    CUstream stream;
    OK(DRIVER(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING));
    unsigned n = 3000;
    std::vector<unsigned> model(n);
    for (auto &v : model) v = random.u32();
    OnDevice<unsigned> x(model);
    unsigned *at = x;
    OK(DRIVER(cuFuncSetBlockShape)(mix, 128, 1, 1));
    OK(DRIVER(cuFuncSetSharedSize)(mix, 0));
    OK(DRIVER(cuParamSetSize)(mix, 20));
    OK(DRIVER(cuParamSetv)(mix, 0, &at, sizeof at));
    OK(DRIVER(cuParamSeti)(mix, 16, n));
    // What has been set stays set.
    for (int round = 0; round < 3; round++) {
        unsigned a = random.u32();
        float f = random.real();
        unsigned bits;
        memcpy(&bits, &f, 4);
        OK(DRIVER(cuParamSeti)(mix, 8, a));
        OK(DRIVER(cuParamSetf)(mix, 12, f));
        if (round == 1) {
            CHECK(cudaDeviceSynchronize());
            OK(DRIVER(cuLaunchGridAsync)(mix, 4, 6, stream));
            OK(DRIVER(cuStreamSynchronize)(stream));
        } else OK(DRIVER(cuLaunchGrid)(mix, 8, 3));
        for (auto &v : model) v = (v + a) ^ bits;
    }
    same(x.get(), model);
    // One block.
    unsigned a = random.u32(), zero = 0;
    OK(DRIVER(cuParamSeti)(mix, 8, a));
    OK(DRIVER(cuParamSetv)(mix, 12, &zero, 4));
    OK(DRIVER(cuLaunch)(mix));
    for (unsigned i = 0; i < 128; i++) model[i] += a;
    same(x.get(), model);
    // A block is of one thread unless something else is said.
    OK(DRIVER(cuLaunch)(nothing));
    for (int size : {-1, 0, 2048}) REFUSED(DRIVER(cuFuncSetBlockShape)(nothing, size, 1, 1), CUDA_ERROR_INVALID_VALUE);
    for (int size : {-1, 0}) REFUSED(DRIVER(cuLaunchGrid)(nothing, size, 1), CUDA_ERROR_INVALID_VALUE);
    REFUSED(DRIVER(cuFuncSetSharedSize)(nothing, 1u << 30), CUDA_ERROR_INVALID_VALUE);
    REFUSED(DRIVER(cuParamSetSize)(mix, 100000), CUDA_ERROR_INVALID_VALUE);
    OK(DRIVER(cuParamSetSize)(mix, 24));
    REFUSED(DRIVER(cuLaunch)(mix), CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);

    int several = 0;
    OK(DRIVER(cuDeviceGetAttribute)(&several, CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH, 0));
    unsigned again = random.u32();
    float f = 0;
    void *arguments[] = {&at, &again, &f, &n};
    CUDA_LAUNCH_PARAMS launch = {mix, 24, 1, 1, 128, 1, 1, 0, stream, arguments};
    auto together = DRIVER(cuLaunchCooperativeKernelMultiDevice);
    if (several) {
        CHECK(cudaDeviceSynchronize());
        OK(together(&launch, 1, 0));
        OK(DRIVER(cuStreamSynchronize)(stream));
        for (auto &v : model) v += again;
        same(x.get(), model);
        REFUSED(together(&launch, 0, 0), CUDA_ERROR_INVALID_VALUE);
        REFUSED(together(&launch, 1, 4), CUDA_ERROR_INVALID_VALUE);
        CUDA_LAUNCH_PARAMS twice[] = {launch, launch};
        REFUSED(together(twice, 2, 0), CUDA_ERROR_INVALID_VALUE);
        launch.gridDimX = 1 << 20;
        REFUSED(together(&launch, 1, 0), CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
        launch.gridDimX = 24;
        for (CUstream none : {CUstream(nullptr), CU_STREAM_LEGACY, CU_STREAM_PER_THREAD}) {
            launch.hStream = none;
            REFUSED(together(&launch, 1, 0), CUDA_ERROR_INVALID_HANDLE);
        }
    }
    OK(DRIVER(cuCtxSynchronize)());
    OK(DRIVER(cuStreamDestroy)(stream));
    OK(DRIVER(cuModuleUnload)(module));
}

#if CUDART_VERSION >= 12090
static void on_message(void *, CUlogLevel, char *, size_t) {}
static void on_event(CUasyncNotificationInfo *, void *, CUasyncCallbackHandle) {}

static void notices() {
    CUlogsCallbackHandle log;
    OK(DRIVER(cuLogsRegisterCallback)(on_message, nullptr, &log));
    OK(DRIVER(cuLogsUnregisterCallback)(log));
    REQUIRE(DRIVER(cuLogsRegisterCallback)(nullptr, nullptr, &log) == CUDA_ERROR_INVALID_VALUE);
    CUlogIterator now;
    OK(DRIVER(cuLogsCurrent)(&now, 0));
    // Nothing is written behind the newest message.
    char text[4096] = "text";
    size_t size = sizeof text;
    OK(DRIVER(cuLogsDumpToMemory)(&now, text, &size, 0));
    REQUIRE(size == 0);
    std::string path = "/tmp/old-entry-points-" + std::to_string(getpid());
    OK(DRIVER(cuLogsDumpToFile)(&now, path.c_str(), 0));
    unlink(path.c_str());
    CUasyncCallbackHandle event;
    OK(DRIVER(cuDeviceRegisterAsyncNotification)(0, on_event, nullptr, &event));
    OK(DRIVER(cuDeviceUnregisterAsyncNotification)(0, event));
}
#endif

int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
#if CUDART_VERSION >= 12090
    notices();
#endif
    narrow(random);
    launches(random);
    return pass("old_entry_points");
}
