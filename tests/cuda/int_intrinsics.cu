// variants: release,debug
// Bit tricks and wide multiplications.
#include "check.h"
__device__ void compute(unsigned a, unsigned b, unsigned c, unsigned long long *r) {
    r[0] = __popc(a), r[1] = __clz(int(a)), r[2] = __brev(a), r[3] = __ffs(int(a));
    r[4] = __byte_perm(a, b, c & 0x7777), r[5] = __funnelshift_l(a, b, c), r[6] = __funnelshift_r(a, b, c);
    r[7] = __mulhi(int(a), int(b)), r[8] = __umulhi(a, b), r[9] = __umul64hi((unsigned long long)a << 32 | b, (unsigned long long)b << 32 | c);
    r[10] = __sad(int(a), int(b), c), r[11] = __hadd(int(a), int(b)), r[12] = __popcll((unsigned long long)a * b), r[13] = __clzll((long long)a * b);
    r[14] = __dp4a(int(a), int(b), int(c)), r[15] = __mul24(int(a), int(b));
}
__global__ void run(const unsigned *in, unsigned long long *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) compute(in[3 * i], in[3 * i + 1], in[3 * i + 2], out + 16 * i);
}
static unsigned brev(unsigned v) {
    unsigned r = 0;
    for (int i = 0; i < 32; i++) r |= (v >> i & 1) << (31 - i);
    return r;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 1000;
    std::vector<unsigned> in(3 * n);
    std::vector<unsigned long long> e(16 * n);
    for (auto &v : in) v = random.below(4) ? random.u32() : random.below(5) - 2;
    for (int i = 0; i < n; i++) {
        unsigned a = in[3 * i], b = in[3 * i + 1], c = in[3 * i + 2];
        unsigned long long *r = &e[16 * i];
        r[0] = __builtin_popcount(a), r[1] = a ? __builtin_clz(a) : 32, r[2] = brev(a), r[3] = __builtin_ffs(int(a));
        unsigned p = 0;
        for (int k = 0; k < 4; k++) {
            unsigned s = c >> 4 * k & 7;
            p |= ((((unsigned long long)b << 32 | a) >> 8 * s) & 0xff) << 8 * k;
        }
        r[4] = p;
        unsigned long long both = (unsigned long long)b << 32 | a;
        unsigned s = c & 31;
        r[5] = unsigned(both << s >> 32), r[6] = unsigned(both >> s);
        r[7] = (unsigned long long)(long long)int((long long)int(a) * int(b) >> 32), r[8] = (unsigned long long)a * b >> 32;
        r[9] = (unsigned long long)((unsigned __int128)((unsigned long long)a << 32 | b) * ((unsigned long long)b << 32 | c) >> 64);
        long long d = (long long)int(a) - int(b);
        r[10] = unsigned(unsigned(d < 0 ? -d : d) + c), r[11] = (unsigned long long)(((long long)int(a) + int(b)) >> 1);
        r[12] = __builtin_popcountll((unsigned long long)(unsigned)(a * b) ), r[12] = __builtin_popcountll((unsigned long long)a * b);
        unsigned long long w = (unsigned long long)((long long)a * b);
        r[13] = w ? __builtin_clzll(w) : 64;
        int dot = int(c);
        for (int k = 0; k < 4; k++) dot = int(unsigned(dot) + unsigned(int((signed char)(a >> 8 * k)) * int((signed char)(b >> 8 * k))));
        r[14] = (unsigned long long)(long long)dot;
        long long x = int(a << 8) >> 8, y = int(b << 8) >> 8;
        r[15] = (unsigned long long)(long long)int(unsigned(x * y));
    }
    OnDevice<unsigned> x(in);
    OnDevice<unsigned long long> y(16 * n);
    run<<<(n + 63) / 64, 64>>>(x, y, n);
    CHECK(cudaGetLastError());
    auto got = y.get();
    for (int i = 0; i < 16 * n; i++)
        if (got[i] != e[i]) {
            printf("operation %d of %x %x %x is %llx, not %llx\n", i % 16, in[i / 16 * 3], in[i / 16 * 3 + 1], in[i / 16 * 3 + 2], got[i], e[i]);
            return 1;
        }
    return pass("int_intrinsics");
}
