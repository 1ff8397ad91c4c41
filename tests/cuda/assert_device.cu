// A failed device assertion is cudaErrorAssert, and stays.
#undef NDEBUG
#include "check.h"
#include <cassert>
__global__ void small(const int *v, int limit) { assert(v[threadIdx.x] < limit); }
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    std::vector<int> in(64);
    for (auto &v : in) v = int(random.below(100));
    OnDevice<int> x(in);
    small<<<1, 64>>>(x, 100);
    CHECK(cudaDeviceSynchronize());
    small<<<1, 64>>>(x, 0);
    FAILS(cudaDeviceSynchronize(), cudaErrorAssert);
    FAILS(cudaDeviceSynchronize(), cudaErrorAssert);
    void *more;
    FAILS(cudaMalloc(&more, 100), cudaErrorAssert);
    return pass("assert_device");
}
