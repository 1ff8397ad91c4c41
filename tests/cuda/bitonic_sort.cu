// Sorts with a bitonic network, a launch a step.
#include "check.h"
#include <algorithm>
__global__ void step(unsigned *v, int j, int k) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x, other = i ^ j;
    if (other > i) {
        bool up = (i & k) == 0;
        if ((v[i] > v[other]) == up) {
            unsigned t = v[i];
            v[i] = v[other];
            v[other] = t;
        }
    }
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 8192;
    std::vector<unsigned> in(n);
    for (auto &v : in) v = random.u32();
    OnDevice<unsigned> x(in);
    for (int k = 2; k <= n; k *= 2)
        for (int j = k / 2; j; j /= 2) step<<<n / 256, 256>>>(x, j, k);
    CHECK(cudaGetLastError());
    std::sort(in.begin(), in.end());
    same(x.get(), in);
    return pass("bitonic_sort");
}
