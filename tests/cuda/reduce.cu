// variants: release,debug
// Sums by warp shuffles, by shared memory, and by atomics.
#include "check.h"
__global__ void by_shuffle(const int *in, int n, int *out) {
    int sum = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += in[i];
    for (int d = 16; d; d /= 2) sum += __shfl_down_sync(~0u, sum, d);
    if (threadIdx.x % 32 == 0) atomicAdd(out, sum);
}
__global__ void by_shared(const int *in, int n, int *out) {
    __shared__ int part[256];
    int sum = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += in[i];
    part[threadIdx.x] = sum;
    __syncthreads();
    for (int d = blockDim.x / 2; d; d /= 2) {
        if (threadIdx.x < d) part[threadIdx.x] += part[threadIdx.x + d];
        __syncthreads();
    }
    if (threadIdx.x == 0) atomicAdd(out, part[0]);
}
__global__ void by_atomics(const int *in, int n, int *out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) atomicAdd(out, in[i]);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 50000 + random.below(777);
    std::vector<int> in(n);
    int sum = 0;
    for (auto &v : in) v = int(random.below(2001)) - 1000, sum += v;
    OnDevice<int> x(in), out(3);
    CHECK(cudaMemset(out, 0, 12));
    by_shuffle<<<13, 256>>>(x, n, out);
    by_shared<<<9, 256>>>(x, n, out + 1);
    by_atomics<<<(n + 127) / 128, 128>>>(x, n, out + 2);
    CHECK(cudaGetLastError());
    same(out.get(), std::vector<int>(3, sum));
    return pass("reduce");
}
