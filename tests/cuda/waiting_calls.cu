// nvcc: -cudart shared -Xcompiler -pthread
// With PILLION_SYNC every call waits until it has been executed; whatever is right without it is right with it, also in threads
// that have no context.
#include "driver.h"
#include <thread>

__global__ void add(unsigned *v, int n, unsigned a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] += a;
}

int main(int argc, char **argv) {
    setenv("PILLION_SYNC", "1", 1);
    Random random(seed(argc, argv));
    const int n = 1 + random.below(5000);
    std::vector<unsigned> model(n);
    for (auto &v : model) v = random.u32();
    OnDevice<unsigned> x(model);
    cudaStream_t s;
    cudaEvent_t e;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaEventCreate(&e));
    for (int round = 0; round < 10; round++) {
        unsigned a = random.u32();
        add<<<(n + 127) / 128, 128, 0, s>>>(x, n, a);
        CHECK(cudaGetLastError());
        CHECK(cudaEventRecord(e, s));
        CHECK(cudaStreamWaitEvent(s, e, 0));
        for (auto &v : model) v += a;
    }
    CHECK(cudaStreamSynchronize(s));
    same(x.get(), model);
    // Memory that is mapped nowhere is of no context.
    std::thread([] {
        CUcontext none;
        OK(DRIVER(cuCtxGetCurrent)(&none));
        REQUIRE(!none);
        CUmemAllocationProp prop = {};
        prop.type = CU_MEM_ALLOCATION_TYPE_PINNED;
        prop.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
        size_t page;
        OK(DRIVER(cuMemGetAllocationGranularity)(&page, &prop, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
        CUmemGenericAllocationHandle piece;
        OK(DRIVER(cuMemCreate)(&piece, page, &prop, 0));
        OK(DRIVER(cuMemRelease)(piece));
    }).join();
    CHECK(cudaEventDestroy(e));
    CHECK(cudaStreamDestroy(s));
    return pass("waiting_calls");
}
