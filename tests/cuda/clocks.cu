// Clocks go forward.
#include "check.h"
__global__ void read(long long *out) {
    long long a = clock64(), ns;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(ns));
    unsigned v = threadIdx.x;
    for (int i = 0; i < 2000; i++) v = v * 1664525u + 1013904223u;
    out[2] = v;
    long long b = clock64();
    out[0] = b - a;
    out[1] = ns;
}
int main(int argc, char **argv) {
    seed(argc, argv);
    OnDevice<long long> x(3), y(3);
    read<<<1, 1>>>(x);
    CHECK(cudaDeviceSynchronize());
    read<<<1, 1>>>(y);
    CHECK(cudaGetLastError());
    auto a = x.get(), b = y.get();
    REQUIRE(a[0] > 0 && b[0] > 0 && b[1] >= a[1] && a[1] > 0);
    return pass("clocks");
}
