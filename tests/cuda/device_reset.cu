// After cudaDeviceReset everything begins anew.
#include "check.h"
__device__ int counter = 5;
__global__ void count() { counter++; }
int main(int argc, char **argv) {
    seed(argc, argv);
    for (int round = 0; round < 3; round++) {
        char *p;
        CHECK(cudaMalloc(&p, 1 << 20));
        CHECK(cudaMemset(p, round, 1 << 20));
        count<<<1, 1>>>();
        count<<<1, 1>>>();
        int value;
        CHECK(cudaMemcpyFromSymbol(&value, counter, 4));
        REQUIRE(value == 7);
        CHECK(cudaDeviceReset());
    }
    return pass("device_reset");
}
