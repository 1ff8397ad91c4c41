// variants: release,debug
// A tiled matrix product with static and with dynamic shared memory.
#include "check.h"
const int T = 16;
__global__ void fixed_tiles(const float *a, const float *b, float *c, int n) {
    __shared__ float x[T][T], y[T][T];
    int row = blockIdx.y * T + threadIdx.y, column = blockIdx.x * T + threadIdx.x;
    float sum = 0;
    for (int t = 0; t < n; t += T) {
        x[threadIdx.y][threadIdx.x] = a[row * n + t + threadIdx.x];
        y[threadIdx.y][threadIdx.x] = b[(t + threadIdx.y) * n + column];
        __syncthreads();
        for (int k = 0; k < T; k++) sum += x[threadIdx.y][k] * y[k][threadIdx.x];
        __syncthreads();
    }
    c[row * n + column] = sum;
}
__global__ void dynamic_tiles(const float *a, const float *b, float *c, int n) {
    extern __shared__ float tiles[];
    float *x = tiles, *y = tiles + T * T;
    int at = threadIdx.y * T + threadIdx.x, row = blockIdx.y * T + threadIdx.y, column = blockIdx.x * T + threadIdx.x;
    float sum = 0;
    for (int t = 0; t < n; t += T) {
        x[at] = a[row * n + t + threadIdx.x];
        y[at] = b[(t + threadIdx.y) * n + column];
        __syncthreads();
        for (int k = 0; k < T; k++) sum += x[threadIdx.y * T + k] * y[k * T + threadIdx.x];
        __syncthreads();
    }
    c[row * n + column] = sum;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 96;
    std::vector<float> a(n * n), b(n * n);
    std::vector<double> product(n * n);
    for (auto &v : a) v = random.real();
    for (auto &v : b) v = random.real();
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n; j++) product[i * n + j] += double(a[i * n + k]) * b[k * n + j];
    OnDevice<float> x(a), y(b), z(n * n);
    fixed_tiles<<<dim3(n / T, n / T), dim3(T, T)>>>(x, y, z, n);
    CHECK(cudaGetLastError());
    close_to(z.get(), product, 1e-4);
    CHECK(cudaMemset(z, 0, n * n * sizeof(float)));
    dynamic_tiles<<<dim3(n / T, n / T), dim3(T, T), 2 * T * T * sizeof(float)>>>(x, y, z, n);
    CHECK(cudaGetLastError());
    close_to(z.get(), product, 1e-4);
    return pass("matmul_tiled");
}
