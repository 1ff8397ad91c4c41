// on: gpu
// nvcc: -cudart shared
// Green contexts: parts of the device's multiprocessors with streams of their own.
#include "driver.h"
#include <set>
__global__ void where(unsigned *multiprocessors, unsigned *v, unsigned a) {
    if (threadIdx.x == 0) asm volatile("mov.u32 %0, %%smid;" : "=r"(multiprocessors[blockIdx.x]));
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    v[i] = v[i] * a + i;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    CUdevice device;
    OK(DRIVER(cuDeviceGet)(&device, 0));
    CUdevResource all = {};
    OK(DRIVER(cuDeviceGetDevResource)(device, &all, CU_DEV_RESOURCE_TYPE_SM));
    int count = 0;
    OK(DRIVER(cuDeviceGetAttribute)(&count, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device));
    REQUIRE(all.type == CU_DEV_RESOURCE_TYPE_SM && all.sm.smCount == unsigned(count));
    // Two groups of at least 16.
    CUdevResource groups[2] = {}, rest = {};
    unsigned n = 2;
    OK(DRIVER(cuDevSmResourceSplitByCount)(groups, &n, &all, &rest, 0, 16));
    REQUIRE(n == 2 && groups[0].sm.smCount >= 16 && groups[1].sm.smCount >= 16);
    REQUIRE(groups[0].sm.smCount + groups[1].sm.smCount + rest.sm.smCount <= all.sm.smCount);
    CUgreenCtx contexts[2];
    CUstream streams[2];
    const unsigned BLOCKS = 2000, THREADS = 128;
    std::set<unsigned> used[2];
    for (int g = 0; g < 2; g++) {
        CUdevResourceDesc desc;
        OK(DRIVER(cuDevResourceGenerateDesc)(&desc, &groups[g], 1));
        OK(DRIVER(cuGreenCtxCreate)(&contexts[g], desc, device, CU_GREEN_CTX_DEFAULT_STREAM));
        CUdevResource got = {};
        OK(DRIVER(cuGreenCtxGetDevResource)(contexts[g], &got, CU_DEV_RESOURCE_TYPE_SM));
        REQUIRE(got.sm.smCount == groups[g].sm.smCount);
        OK(DRIVER(cuGreenCtxStreamCreate)(&streams[g], contexts[g], CU_STREAM_NON_BLOCKING, 0));
        CUgreenCtx of = nullptr;
        OK(DRIVER(cuStreamGetGreenCtx)(streams[g], &of));
        REQUIRE(of == contexts[g]);
    }
    for (int g = 0; g < 2; g++) {
        std::vector<unsigned> model(BLOCKS * THREADS);
        for (auto &v : model) v = random.u32();
        OnDevice<unsigned> x(model), multiprocessors(BLOCKS);
        unsigned a = random.u32() | 1;
        where<<<BLOCKS, THREADS, 0, streams[g]>>>(multiprocessors, x, a);
        CHECK(cudaGetLastError());
        CHECK(cudaStreamSynchronize(streams[g]));
        for (unsigned i = 0; i < model.size(); i++) model[i] = model[i] * a + i;
        same(x.get(), model);
        for (unsigned id : multiprocessors.get()) used[g].insert(id);
        REQUIRE(used[g].size() <= groups[g].sm.smCount);
    }
    // The groups do not overlap.
    for (unsigned id : used[0]) REQUIRE(!used[1].count(id));
    // One green context waits for the other by an event.
    cudaEvent_t event;
    CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    OnDevice<unsigned> x(std::vector<unsigned>(256, 1)), multiprocessors(2);
    where<<<2, 128, 0, streams[0]>>>(multiprocessors, x, 3);
    OK(DRIVER(cuGreenCtxRecordEvent)(contexts[0], event));
    OK(DRIVER(cuGreenCtxWaitEvent)(contexts[1], event));
    where<<<2, 128, 0, streams[1]>>>(multiprocessors, x, 5);
    CHECK(cudaGetLastError());
    CHECK(cudaStreamSynchronize(streams[1]));
    std::vector<unsigned> expected(256);
    for (unsigned i = 0; i < 256; i++) expected[i] = (3 + i) * 5 + i;
    same(x.get(), expected);
    CHECK(cudaEventDestroy(event));
    // A green context as a context.
    CUcontext before, context, now;
    OK(DRIVER(cuCtxGetCurrent)(&before));
    OK(DRIVER(cuCtxFromGreenCtx)(&context, contexts[0]));
    OK(DRIVER(cuCtxSetCurrent)(context));
    OK(DRIVER(cuCtxGetCurrent)(&now));
    REQUIRE(now == context && context != before);
    OK(DRIVER(cuCtxSynchronize)());
    OK(DRIVER(cuCtxSetCurrent)(before));
    for (int g = 0; g < 2; g++) {
        OK(DRIVER(cuStreamDestroy)(streams[g]));
        OK(DRIVER(cuGreenCtxDestroy)(contexts[g]));
    }
    return pass("green_contexts");
}
