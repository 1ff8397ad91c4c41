// on: gpu
// nvcc: -cudart shared -arch=sm_90 -rdc=true -lcudadevrt
// Kernels that launch kernels: recursion, streams made on the device, and a launch after the launching kernel's end.
#include "check.h"
__global__ void halves(unsigned *v, int from, int to, unsigned depth) {
    if (to - from <= 16 || depth == 6) {
        for (int i = from + threadIdx.x; i < to; i += blockDim.x) v[i] += depth * 1000 + 1;
        return;
    }
    if (threadIdx.x == 0) {
        int middle = (from + to) / 2;
        cudaStream_t s;
        cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking);
        halves<<<1, 32, 0, s>>>(v, from, middle, depth + 1);
        cudaStreamDestroy(s);
        halves<<<1, 32, 0, cudaStreamFireAndForget>>>(v, middle, to, depth + 1);
    }
}
__global__ void sum_up(const unsigned *v, int n, unsigned *sum) {
    unsigned s = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) s += v[i];
    atomicAdd(sum, s);
}
// The sum is taken when this kernel and all that it launched are done.
__global__ void start(unsigned *v, int n, unsigned *sum) {
    halves<<<1, 32>>>(v, 0, n, 0);
    sum_up<<<1, 128, 0, cudaStreamTailLaunch>>>(v, n, sum);
}
static void model(std::vector<unsigned> &v, int from, int to, unsigned depth) {
    if (to - from <= 16 || depth == 6) {
        for (int i = from; i < to; i++) v[i] += depth * 1000 + 1;
        return;
    }
    int middle = (from + to) / 2;
    model(v, from, middle, depth + 1);
    model(v, middle, to, depth + 1);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    size_t pending = 0;
    CHECK(cudaDeviceSetLimit(cudaLimitDevRuntimePendingLaunchCount, 4096));
    CHECK(cudaDeviceGetLimit(&pending, cudaLimitDevRuntimePendingLaunchCount));
    REQUIRE(pending >= 4096);
    for (int round = 0; round < 3; round++) {
        int n = 100 + int(random.below(1500));
        std::vector<unsigned> expected(n);
        for (auto &v : expected) v = random.below(1000);
        OnDevice<unsigned> x(expected), sum(1);
        CHECK(cudaMemset(sum, 0, 4));
        start<<<1, 1>>>(x, n, sum);
        CHECK(cudaGetLastError());
        CHECK(cudaDeviceSynchronize());
        model(expected, 0, n, 0);
        same(x.get(), expected);
        unsigned total = 0;
        for (auto v : expected) total += v;
        REQUIRE(sum.get()[0] == total);
    }
    return pass("cdp");
}
