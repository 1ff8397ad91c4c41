// Histograms with atomics in global and in shared memory.
#include "check.h"
__global__ void in_global(const unsigned char *in, int n, unsigned *bins) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) atomicAdd(&bins[in[i]], 1u);
}
__global__ void in_shared(const unsigned char *in, int n, unsigned *bins) {
    __shared__ unsigned own[256];
    for (int i = threadIdx.x; i < 256; i += blockDim.x) own[i] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) atomicAdd(&own[in[i]], 1u);
    __syncthreads();
    for (int i = threadIdx.x; i < 256; i += blockDim.x) atomicAdd(&bins[i], own[i]);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 80000;
    std::vector<unsigned char> in(n);
    std::vector<unsigned> bins(256);
    for (auto &v : in) v = (unsigned char)(random.below(16) * random.below(16)), bins[v]++;
    OnDevice<unsigned char> x(in);
    for (int which = 0; which < 2; which++) {
        OnDevice<unsigned> y(256);
        CHECK(cudaMemset(y, 0, 1024));
        if (which) in_shared<<<7, 128>>>(x, n, y);
        else in_global<<<7, 128>>>(x, n, y);
        CHECK(cudaGetLastError());
        same(y.get(), bins);
    }
    return pass("histogram");
}
