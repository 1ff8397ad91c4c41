// expect: thread 2 says 42 and 2.50 and text
// expect: block 1 of 2
// Device printf reaches the program's standard output, in order with the program's own.
#include "check.h"
__global__ void say(int number, double half) {
    if (threadIdx.x == 2) printf("thread %d says %d and %.2f and %s\n", threadIdx.x, number, half, "text");
    if (threadIdx.x == 0) printf("block %u of %u, %5.1f%% %c %llx\n", blockIdx.x, gridDim.x, 12.5, 'x', 0x123456789abcull);
}
int main(int argc, char **argv) {
    seed(argc, argv);
    say<<<2, 4>>>(42, 2.5);
    CHECK(cudaGetLastError());
    CHECK(cudaDeviceSynchronize());
    return pass("printf_device");
}
