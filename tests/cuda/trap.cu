// A trap ends the kernel with a launch failure.
#include "check.h"
__global__ void fall(int n) {
    if (threadIdx.x == n) __trap();
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    fall<<<1, 32>>>(100);
    CHECK(cudaDeviceSynchronize());
    fall<<<1, 32>>>(int(random.below(32)));
    cudaError_t error = cudaDeviceSynchronize();
    REQUIRE(error == cudaErrorLaunchFailure || error == cudaErrorIllegalInstruction);
    REQUIRE(cudaDeviceSynchronize() == error);
    return pass("trap");
}
