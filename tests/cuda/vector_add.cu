// variants: release,debug
// Adds vectors with one-, two- and three-dimensional grids.
#include "check.h"
__global__ void add(const float *a, const float *b, float *c, int n) {
    int block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    int thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    int i = block * blockDim.x * blockDim.y * blockDim.z + thread;
    if (i < n) c[i] = a[i] + b[i];
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 100000 + random.below(1000);
    std::vector<float> a(n), b(n), sum(n);
    for (int i = 0; i < n; i++) a[i] = random.real(), b[i] = random.real(), sum[i] = a[i] + b[i];
    OnDevice<float> x(a), y(b);
    dim3 blocks[] = {dim3(256), dim3(16, 12), dim3(8, 4, 3)};
    for (dim3 block : blocks) {
        OnDevice<float> z(n);
        CHECK(cudaMemset(z, 0xff, n * sizeof(float)));
        int threads = block.x * block.y * block.z, count = (n + threads - 1) / threads;
        dim3 grid = block.z > 1 ? dim3((count + 5) / 6, 3, 2) : block.y > 1 ? dim3((count + 3) / 4, 4) : dim3(count);
        add<<<grid, block>>>(x, y, z, n);
        CHECK(cudaGetLastError());
        same(z.get(), sum);
    }
    return pass("vector_add");
}
