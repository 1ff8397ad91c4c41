// nvcc: -gencode arch=compute_80,code=compute_80
// Votes, shuffles, matches and warp reductions.
#include "check.h"
__global__ void votes(const int *in, unsigned *out) {
    int i = threadIdx.x, lane = i % 32, v = in[i];
    unsigned *r = out + 12 * i;
    r[0] = __ballot_sync(~0u, v & 1);
    r[1] = __any_sync(~0u, v == 7), r[2] = __all_sync(~0u, v < 16);
    r[3] = __shfl_sync(~0u, v, (lane * 7) % 32), r[4] = __shfl_up_sync(~0u, v, 3), r[5] = __shfl_down_sync(~0u, v, 5, 16), r[6] = __shfl_xor_sync(~0u, v, 9);
    r[7] = __match_any_sync(~0u, v);
    r[8] = __reduce_add_sync(~0u, v), r[9] = __reduce_max_sync(~0u, v), r[10] = __reduce_xor_sync(~0u, unsigned(v));
    r[11] = 0;
    if (lane % 3 == 1) r[11] = __activemask();
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 128;
    std::vector<int> in(n);
    std::vector<unsigned> e(12 * n);
    for (auto &v : in) v = int(random.below(18));
    for (int i = 0; i < n; i++) {
        int base = i / 32 * 32, lane = i % 32;
        unsigned *r = &e[12 * i];
        r[2] = 1;
        r[9] = 0;
        for (int k = 0; k < 32; k++) {
            int v = in[base + k];
            r[0] |= unsigned(v & 1) << k, r[1] |= v == 7, r[2] &= v < 16, r[7] |= unsigned(v == in[i]) << k;
            r[8] += v, r[9] = std::max(r[9], unsigned(v)), r[10] ^= unsigned(v);
        }
        r[3] = in[base + lane * 7 % 32], r[4] = in[base + (lane >= 3 ? lane - 3 : lane)];
        r[5] = in[base + (lane % 16 + 5 < 16 ? lane + 5 : lane)], r[6] = in[base + (lane ^ 9)];
        r[11] = lane % 3 == 1 ? 0x92492492u : 0;
    }
    OnDevice<int> x(in);
    OnDevice<unsigned> y(12 * n);
    // Warp reductions are of compute capability 8.0 and later.
    votes<<<1, n>>>(x, y);
    CHECK(cudaGetLastError());
    auto got = y.get();
    for (int i = 0; i < 12 * n; i++)
        if (got[i] != e[i]) {
            printf("operation %d of thread %d is %x, not %x\n", i % 12, i / 12, got[i], e[i]);
            return 1;
        }
    return pass("warp_votes");
}
