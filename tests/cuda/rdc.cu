// nvcc: -rdc=true
// with: rdc_other.cu
// Device code in two files, linked.
#include "check.h"
extern __device__ int other(int);
extern __device__ int shared_state[4];
__global__ void call(int *v, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = other(v[i]) + shared_state[i % 4];
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    std::vector<int> in(500), e(500);
    int state[4] = {10, 20, 30, 40};
    for (int i = 0; i < 500; i++) in[i] = int(random.below(1000)), e[i] = in[i] * in[i] - 7 + state[i % 4];
    OnDevice<int> x(in);
    call<<<4, 128>>>(x, 500);
    CHECK(cudaGetLastError());
    same(x.get(), e);
    return pass("rdc");
}
