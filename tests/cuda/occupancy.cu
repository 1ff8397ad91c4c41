// Occupancy queries, and a launch with the size that they propose.
#include "check.h"
__global__ void square(const float *in, float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] * in[i];
}
__global__ void shared_user(float *out) {
    extern __shared__ float s[];
    s[threadIdx.x] = float(threadIdx.x);
    out[threadIdx.x] = s[threadIdx.x];
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int grid, block, blocks, few;
    CHECK(cudaOccupancyMaxPotentialBlockSize(&grid, &block, square, 0, 0));
    REQUIRE(block >= 32 && block <= 1024 && block % 32 == 0 && grid >= 1);
    CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, square, block, 0));
    cudaDeviceProp prop;
    CHECK(cudaGetDeviceProperties(&prop, 0));
    REQUIRE(blocks >= 1 && blocks * block <= prop.maxThreadsPerMultiProcessor);
    REQUIRE(grid == blocks * prop.multiProcessorCount);
    CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&few, shared_user, 64, 40 << 10));
    REQUIRE(few >= 1 && few <= int(prop.sharedMemPerMultiprocessor / (40 << 10)));
    int n = 10000;
    std::vector<float> in(n), expected(n);
    for (int i = 0; i < n; i++) in[i] = random.real(), expected[i] = in[i] * in[i];
    OnDevice<float> x(in), y(n);
    square<<<(n + block - 1) / block, block>>>(x, y, n);
    CHECK(cudaGetLastError());
    same(y.get(), expected);
    return pass("occupancy");
}
