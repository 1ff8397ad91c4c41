// Stream-ordered allocation from the default pool and from one of our own.
#include "check.h"
__global__ void fill(int *v, int n, int a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = a * i;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int supported = 0;
    CHECK(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, 0));
    REQUIRE(supported);
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    cudaMemPoolProps props = {};
    props.allocType = cudaMemAllocationTypePinned;
    props.location.type = cudaMemLocationTypeDevice;
    cudaMemPool_t own, standard;
    CHECK(cudaMemPoolCreate(&own, &props));
    CHECK(cudaDeviceGetDefaultMemPool(&standard, 0));
    REQUIRE(standard && own != standard);
    uint64_t threshold = 1 << 20, back = 0;
    CHECK(cudaMemPoolSetAttribute(own, cudaMemPoolAttrReleaseThreshold, &threshold));
    CHECK(cudaMemPoolGetAttribute(own, cudaMemPoolAttrReleaseThreshold, &back));
    REQUIRE(back == threshold);
    for (int round = 0; round < 20; round++) {
        int n = 1 + int(random.below(20000)), a = int(random.below(1000));
        int *p;
        if (round % 2) CHECK(cudaMallocAsync(&p, n * 4, s));
        else CHECK(cudaMallocFromPoolAsync(&p, n * 4, own, s));
        fill<<<(n + 127) / 128, 128, 0, s>>>(p, n, a);
        std::vector<int> got(n), expected(n);
        for (int i = 0; i < n; i++) expected[i] = a * i;
        CHECK(cudaMemcpyAsync(got.data(), p, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaFreeAsync(p, s));
        CHECK(cudaStreamSynchronize(s));
        same(got, expected);
    }
    CHECK(cudaMemPoolTrimTo(own, 0));
    CHECK(cudaMemPoolDestroy(own));
    CHECK(cudaStreamDestroy(s));
    return pass("malloc_async");
}
