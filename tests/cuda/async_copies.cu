// Asynchronous copies from and to pinned and pageable memory, with the buffers used again as soon as CUDA allows.
#include "check.h"
__global__ void add(int *v, int n, int a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] += a;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 200000 + int(random.below(1000));
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    OnDevice<int> x(n), y(n);
    std::vector<int> pageable(n), expected(n);
    for (int round = 0; round < 4; round++) {
        // Pageable memory is the program's again when the call returns.
        for (int i = 0; i < n; i++) expected[i] = pageable[i] = int(random.u32());
        CHECK(cudaMemcpyAsync(x, pageable.data(), n * 4, cudaMemcpyHostToDevice, s));
        memset(pageable.data(), 0x5a, n * 4);
        add<<<(n + 255) / 256, 256, 0, s>>>(x, n, round);
        for (auto &v : expected) v += round;
        CHECK(cudaMemcpyAsync(pageable.data(), x, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaStreamSynchronize(s));
        same(pageable, expected);
    }
    int *pinned;
    CHECK(cudaMallocHost(&pinned, n * 4));
    for (int i = 0; i < n; i++) expected[i] = pinned[i] = int(random.u32());
    // Through one pinned buffer, in stream order, without a wait: each copy sees what the one before wrote.
    for (int round = 0; round < 5; round++) {
        CHECK(cudaMemcpyAsync(x, pinned, n * 4, cudaMemcpyHostToDevice, s));
        add<<<(n + 255) / 256, 256, 0, s>>>(x, n, 3);
        CHECK(cudaMemcpyAsync(pinned, x, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaMemcpyAsync(y, pinned, n * 4, cudaMemcpyHostToDevice, s));
        for (auto &v : expected) v += 3;
    }
    CHECK(cudaStreamSynchronize(s));
    same(std::vector<int>(pinned, pinned + n), expected);
    same(y.get(), expected);
    CHECK(cudaFreeHost(pinned));
    CHECK(cudaStreamDestroy(s));
    return pass("async_copies");
}
