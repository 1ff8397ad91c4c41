// Attributes of kernels.
#include "check.h"
__constant__ int table[100];
__global__ void plain(int *out) { out[threadIdx.x] = table[threadIdx.x]; }
__global__ void __launch_bounds__(128) bounded(int *out) { out[threadIdx.x] = 1; }
__global__ void with_shared(int *out) {
    __shared__ int s[500];
    s[threadIdx.x] = out[threadIdx.x];
    __syncthreads();
    out[threadIdx.x] = s[499 - threadIdx.x];
}
#ifdef __CUDA_ARCH__
#define ARCHITECTURE __CUDA_ARCH__
#else
#define ARCHITECTURE 0
#endif
__global__ void compiled_for(int *out) { *out = ARCHITECTURE; }
int main(int argc, char **argv) {
    seed(argc, argv);
    cudaFuncAttributes a;
    CHECK(cudaFuncGetAttributes(&a, plain));
    REQUIRE(a.maxThreadsPerBlock == 1024 && a.numRegs > 0 && a.sharedSizeBytes == 0);
    CHECK(cudaFuncGetAttributes(&a, bounded));
    REQUIRE(a.maxThreadsPerBlock == 128);
    CHECK(cudaFuncGetAttributes(&a, with_shared));
    REQUIRE(a.sharedSizeBytes == 2000);
    CHECK(cudaFuncSetAttribute(with_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, 60000));
    CHECK(cudaFuncGetAttributes(&a, with_shared));
    REQUIRE(a.maxDynamicSharedSizeBytes == 60000);
    OnDevice<int> architecture(std::vector<int>(1));
    compiled_for<<<1, 1>>>(architecture);
    CHECK(cudaFuncGetAttributes(&a, compiled_for));
    REQUIRE(architecture.get()[0] == 10 * a.ptxVersion && a.binaryVersion >= a.ptxVersion);
    CHECK(cudaFuncSetCacheConfig(plain, cudaFuncCachePreferL1));
    return pass("func_attributes");
}
