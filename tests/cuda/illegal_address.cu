// variants: release,debug
// A store outside of every allocation is error 700, for this call and every later one.
#include "check.h"
__global__ void store(int *at, int value) { *at = value; }
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    OnDevice<int> x(4);
    store<<<1, 1>>>(x, 7);
    CHECK(cudaDeviceSynchronize());
    store<<<1, 1>>>((int *)(0x100 + 4 * size_t(random.below(1000))), 7);
    CHECK(cudaPeekAtLastError());
    FAILS(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
    FAILS(cudaGetLastError(), cudaErrorIllegalAddress);
    int out;
    FAILS(cudaMemcpy(&out, x, 4, cudaMemcpyDeviceToHost), cudaErrorIllegalAddress);
    FAILS(cudaStreamSynchronize(0), cudaErrorIllegalAddress);
    return pass("illegal_address");
}
