// Cooperative groups: blocks, tiles, coalesced groups.
#include "check.h"
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__global__ void tiles(const int *in, int *sums, int *counts, int n) {
    cg::thread_block block = cg::this_thread_block();
    auto tile = cg::tiled_partition<8>(block);
    int i = blockIdx.x * blockDim.x + threadIdx.x, v = i < n ? in[i] : 0;
    for (int d = tile.size() / 2; d; d /= 2) v += tile.shfl_down(v, d);
    if (tile.thread_rank() == 0) sums[i / 8] = v;
    block.sync();
    if (i < n && in[i] % 3 == 0) {
        cg::coalesced_group active = cg::coalesced_threads();
        if (active.thread_rank() == 0) atomicAdd(counts, int(active.size()));
    }
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 1024;
    std::vector<int> in(n), expected(n / 8);
    int count = 0;
    for (int i = 0; i < n; i++) in[i] = int(random.below(1000)), expected[i / 8] += in[i], count += in[i] % 3 == 0;
    OnDevice<int> x(in), y(n / 8), c(1);
    CHECK(cudaMemset(c, 0, 4));
    tiles<<<n / 128, 128>>>(x, y, c, n);
    CHECK(cudaGetLastError());
    same(y.get(), expected);
    same(c.get(), std::vector<int>{count});
    return pass("cooperative_tiles");
}
