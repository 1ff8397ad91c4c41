// variants: release,debug
// Branches that part the lanes of a warp, loops of unlike length, a switch, and a lock that lanes of one warp take in turn.
#include "check.h"
__global__ void collatz(const unsigned *in, unsigned *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned v = in[i], steps = 0;
    while (v != 1) {
        v = v % 2 ? 3 * v + 1 : v / 2;
        if (++steps > 500) break;
    }
    switch (steps % 7) {
    case 0: steps += 10; break;
    case 1: steps *= 2;
    case 2: steps += 5; break;
    case 5: steps = 0; break;
    default: steps ^= 1;
    }
    out[i] = steps;
}
__global__ void locked(int *lock, unsigned *total, const unsigned *in) {
    bool done = false;
    while (!done) {
        if (atomicCAS(lock, 0, 1) == 0) {
            __threadfence();
            *(volatile unsigned *)total = *(volatile unsigned *)total * 1u + in[blockIdx.x * blockDim.x + threadIdx.x];
            __threadfence();
            atomicExch(lock, 0);
            done = true;
        }
    }
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 1000;
    std::vector<unsigned> in(n), e(n);
    for (int i = 0; i < n; i++) {
        unsigned v = in[i] = 1 + random.below(5000), steps = 0;
        while (v != 1) {
            v = v % 2 ? 3 * v + 1 : v / 2;
            if (++steps > 500) break;
        }
        switch (steps % 7) {
        case 0: steps += 10; break;
        case 1: steps *= 2; // fall through
        case 2: steps += 5; break;
        case 5: steps = 0; break;
        default: steps ^= 1;
        }
        e[i] = steps;
    }
    OnDevice<unsigned> x(in), y(n), total(1);
    collatz<<<(n + 127) / 128, 128>>>(x, y, n);
    CHECK(cudaGetLastError());
    same(y.get(), e);
    OnDevice<int> lock(1);
    CHECK(cudaMemset(lock, 0, 4));
    CHECK(cudaMemset(total, 0, 4));
    locked<<<3, 64>>>(lock, total, x);
    CHECK(cudaGetLastError());
    unsigned sum = 0;
    for (int i = 0; i < 192; i++) sum += in[i];
    same(total.get(), std::vector<unsigned>{sum});
    return pass("divergence");
}
