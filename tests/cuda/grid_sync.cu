// A cooperative launch whose blocks wait for each other.
#include "check.h"
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__global__ void rounds(unsigned *v, int n, int times) {
    cg::grid_group grid = cg::this_grid();
    int stride = gridDim.x * blockDim.x;
    for (int t = 0; t < times; t++) {
        unsigned *from = v + (t % 2) * n, *to = v + (1 - t % 2) * n;
        for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride) to[i] = from[(i + 1) % n] * 3 + from[i];
        grid.sync();
    }
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 500, times = 7, supported = 0, each = 0;
    CHECK(cudaDeviceGetAttribute(&supported, cudaDevAttrCooperativeLaunch, 0));
    REQUIRE(supported);
    CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, rounds, 64, 0));
    REQUIRE(each >= 1);
    std::vector<unsigned> now(n), next(n), both(2 * n);
    for (int i = 0; i < n; i++) both[i] = now[i] = random.u32();
    OnDevice<unsigned> x(both);
    unsigned *at = x;
    void *arguments[] = {&at, &n, &times};
    CHECK(cudaLaunchCooperativeKernel((void *)rounds, 4, 64, arguments));
    for (int t = 0; t < times; t++) {
        for (int i = 0; i < n; i++) next[i] = now[(i + 1) % n] * 3 + now[i];
        std::swap(now, next);
    }
    auto got = x.get();
    same(std::vector<unsigned>(got.begin() + times % 2 * n, got.begin() + (times % 2 + 1) * n), now);
    FAILS(cudaLaunchCooperativeKernel((void *)rounds, 1000000, 1024, arguments), cudaErrorCooperativeLaunchTooLarge);
    cudaGetLastError();
    return pass("grid_sync");
}
