// nvcc: -gencode arch=compute_75,code=compute_75
// Every kind of atomic operation, in global and shared memory.
#include "check.h"
struct Results {
    int add, sub, smax, smin, exch_sum;
    unsigned inc, dec, andv, orv, xorv, umax;
    unsigned long long add64, max64, cas64;
    float addf;
    double addd;
};
__global__ void run(const int *in, int n, Results *r, int *stack) {
    __shared__ int shared_sum;
    __shared__ double shared_double;
    if (threadIdx.x == 0) shared_sum = 0, shared_double = 0;
    __syncthreads();
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        int v = in[i];
        atomicAdd(&r->add, v), atomicSub(&r->sub, v), atomicMax(&r->smax, v), atomicMin(&r->smin, v);
        atomicInc(&r->inc, 99), atomicDec(&r->dec, 77), atomicAnd(&r->andv, ~(1u << (v & 15))), atomicOr(&r->orv, 1u << (v & 31));
        atomicXor(&r->xorv, unsigned(v)), atomicMax(&r->umax, unsigned(v)), atomicAdd(&r->add64, (unsigned long long)(unsigned)v << 20);
        atomicMax(&r->max64, (unsigned long long)(unsigned)v * 1000003), atomicAdd(&r->addf, float(v & 255)), atomicAdd(&shared_double, double(v) * 0.5);
        atomicAdd(&shared_sum, v);
        unsigned long long old = r->cas64, seen;
        do {
            seen = old;
            old = atomicCAS(&r->cas64, seen, seen + 3);
        } while (old != seen);
        atomicAdd(&r->exch_sum, atomicExch(stack, i + 1));
    }
    __syncthreads();
    if (threadIdx.x == 0) atomicAdd(&r->add, shared_sum), atomicAdd(&r->addd, shared_double);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 3000;
    std::vector<int> in(n);
    Results e = {};
    e.smax = -2000000, e.smin = 2000000, e.andv = ~0u, e.dec = 5;
    Results start = e;
    for (int i = 0; i < n; i++) {
        int v = in[i] = int(random.below(2000001)) - 1000000;
        e.add += 2 * v, e.sub -= v, e.smax = std::max(e.smax, v), e.smin = std::min(e.smin, v);
        e.inc = e.inc >= 99 ? 0 : e.inc + 1, e.dec = e.dec == 0 || e.dec > 77 ? 77 : e.dec - 1;
        e.andv &= ~(1u << (v & 15)), e.orv |= 1u << (v & 31), e.xorv ^= unsigned(v), e.umax = std::max(e.umax, unsigned(v));
        e.add64 += (unsigned long long)(unsigned)v << 20, e.max64 = std::max(e.max64, (unsigned long long)(unsigned)v * 1000003);
        e.addf += float(v & 255), e.addd += v * 0.5, e.cas64 += 3, e.exch_sum += i + 1;
    }
    OnDevice<int> x(in), stack(1);
    OnDevice<Results> r(std::vector<Results>{start});
    CHECK(cudaMemset(stack, 0, 4));
    run<<<(n + 127) / 128, 128>>>(x, n, r, stack);
    CHECK(cudaGetLastError());
    Results g = r.get()[0];
    // What is still on the stack was not summed.
    g.exch_sum += stack.get()[0];
    REQUIRE(g.add == e.add && g.sub == e.sub && g.smax == e.smax && g.smin == e.smin && g.exch_sum == e.exch_sum);
    REQUIRE(g.inc == e.inc && g.dec == e.dec && g.andv == e.andv && g.orv == e.orv && g.xorv == e.xorv && g.umax == e.umax);
    REQUIRE(g.add64 == e.add64 && g.max64 == e.max64 && g.cas64 == e.cas64 && g.addf == e.addf && g.addd == e.addd);
    return pass("atomics_all");
}
