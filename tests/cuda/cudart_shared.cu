// nvcc: -cudart shared
// The runtime as a shared library.
#include "check.h"
__global__ void triple(int *v, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] *= 3;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    std::vector<int> in(777), e(777);
    for (int i = 0; i < 777; i++) in[i] = int(random.below(100000)), e[i] = 3 * in[i];
    OnDevice<int> x(in);
    triple<<<7, 128>>>(x, 777);
    CHECK(cudaGetLastError());
    same(x.get(), e);
    return pass("cudart_shared");
}
