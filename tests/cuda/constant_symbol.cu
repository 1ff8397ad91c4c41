// Constant memory and device variables, through symbols.
#include "check.h"
__constant__ float weights[64];
__device__ int counter = 17;
__device__ double grid[10] = {1, 2, 3};
__device__ int *pointer;
__global__ void use(const float *in, float *out) {
    out[threadIdx.x] = in[threadIdx.x] * weights[threadIdx.x];
    atomicAdd(&counter, 1);
    if (threadIdx.x < 10) grid[threadIdx.x] += threadIdx.x;
    if (threadIdx.x == 0) pointer = &counter;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    std::vector<float> in(64), w(64), expected(64);
    for (int i = 0; i < 64; i++) in[i] = random.real(), w[i] = random.real(), expected[i] = in[i] * w[i];
    CHECK(cudaMemcpyToSymbol(weights, w.data(), 32 * 4));
    CHECK(cudaMemcpyToSymbol(weights, w.data() + 32, 32 * 4, 32 * 4));
    OnDevice<float> x(in), y(64);
    use<<<1, 64>>>(x, y);
    CHECK(cudaGetLastError());
    same(y.get(), expected);
    int count;
    CHECK(cudaMemcpyFromSymbol(&count, counter, 4));
    REQUIRE(count == 17 + 64);
    double g[10];
    CHECK(cudaMemcpyFromSymbol(g, grid, sizeof g));
    for (int i = 0; i < 10; i++) REQUIRE(g[i] == (i < 3 ? i + 1 : 0) + i);
    void *address, *stored;
    size_t size;
    CHECK(cudaGetSymbolAddress(&address, counter));
    CHECK(cudaGetSymbolSize(&size, grid));
    REQUIRE(size == sizeof g);
    CHECK(cudaMemcpyFromSymbol(&stored, pointer, sizeof stored));
    REQUIRE(stored == address);
    return pass("constant_symbol");
}
