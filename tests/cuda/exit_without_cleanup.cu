// A program that ends with everything still in use ends as if nothing were.
#include "check.h"
__global__ void long_work(unsigned *v) {
    unsigned x = threadIdx.x;
    for (int i = 0; i < 200000; i++) x = x * 1664525u + 1013904223u;
    v[threadIdx.x] = x;
}
int main(int argc, char **argv) {
    seed(argc, argv);
    unsigned *v;
    cudaStream_t s;
    CHECK(cudaMalloc(&v, 1 << 20));
    CHECK(cudaStreamCreate(&s));
    for (int i = 0; i < 20; i++) long_work<<<4, 64, 0, s>>>(v);
    return pass("exit_without_cleanup");
}
