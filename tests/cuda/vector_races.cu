// Vectors that one thread stores while others load them arrive whole, as scans that look back at other blocks rely on.
#include "check.h"
#define SEQUENCE(T, k) T((k) * 2654435761ull)
template <int kind> struct Vector;
template <> struct Vector<0> {
    using T = unsigned;
    static const int n = 2;
    static __device__ void load(const T *p, T *v) { asm volatile("ld.relaxed.gpu.global.v2.u32 {%0, %1}, [%2];" : "=r"(v[0]), "=r"(v[1]) : "l"(p) : "memory"); }
    static __device__ void store(T *p, const T *v) { asm volatile("st.relaxed.gpu.global.v2.u32 [%0], {%1, %2};" ::"l"(p), "r"(v[0]), "r"(v[1]) : "memory"); }
};
template <> struct Vector<1> {
    using T = unsigned;
    static const int n = 4;
    static __device__ void load(const T *p, T *v) { asm volatile("ld.volatile.global.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v[0]), "=r"(v[1]), "=r"(v[2]), "=r"(v[3]) : "l"(p) : "memory"); }
    static __device__ void store(T *p, const T *v) { asm volatile("st.volatile.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(p), "r"(v[0]), "r"(v[1]), "r"(v[2]), "r"(v[3]) : "memory"); }
};
template <> struct Vector<2> {
    using T = unsigned long long;
    static const int n = 2;
    static __device__ void load(const T *p, T *v) { asm volatile("ld.acquire.gpu.global.v2.u64 {%0, %1}, [%2];" : "=l"(v[0]), "=l"(v[1]) : "l"(p) : "memory"); }
    static __device__ void store(T *p, const T *v) { asm volatile("st.release.gpu.global.v2.u64 [%0], {%1, %2};" ::"l"(p), "l"(v[0]), "l"(v[1]) : "memory"); }
};
template <> struct Vector<3> {
    using T = unsigned short;
    static const int n = 4;
    static __device__ void load(const T *p, T *v) { asm volatile("ld.relaxed.gpu.global.v4.u16 {%0, %1, %2, %3}, [%4];" : "=h"(v[0]), "=h"(v[1]), "=h"(v[2]), "=h"(v[3]) : "l"(p) : "memory"); }
    static __device__ void store(T *p, const T *v) { asm volatile("st.relaxed.gpu.global.v4.u16 [%0], {%1, %2, %3, %4};" ::"l"(p), "h"(v[0]), "h"(v[1]), "h"(v[2]), "h"(v[3]) : "memory"); }
};
// Block 0 writes; each lane has a place of its own. The others read until they see the last vector, and count what was torn.
template <int kind> __global__ void race(typename Vector<kind>::T *places, unsigned rounds, unsigned *torn) {
    using V = Vector<kind>;
    using T = typename V::T;
    T v[V::n], *place = places + threadIdx.x * V::n;
    if (blockIdx.x == 0) {
        for (unsigned k = 1; k <= rounds; k++) {
            for (int e = 0; e < V::n; e++) v[e] = SEQUENCE(T, k) + T(e);
            V::store(place, v);
        }
        return;
    }
    unsigned bad = 0;
    do {
        V::load(place, v);
        for (int e = 1; e < V::n; e++) bad += v[e] != T(v[0] + T(e)) && (v[0] || v[e]);
    } while (v[0] != SEQUENCE(T, rounds));
    torn[blockIdx.x * blockDim.x + threadIdx.x] = bad;
}
template <int kind> void run(Random &random) {
    using V = Vector<kind>;
    using T = typename V::T;
    unsigned rounds = 20000 + random.below(10000);
    OnDevice<T> places(std::vector<T>(64 * V::n));
    OnDevice<unsigned> torn(std::vector<unsigned>(4 * 64));
    race<kind><<<4, 64>>>(places, rounds, torn);
    CHECK(cudaGetLastError());
    CHECK(cudaDeviceSynchronize());
    same(torn.get(), std::vector<unsigned>(4 * 64));
    std::vector<T> last(64 * V::n);
    for (int i = 0; i < 64 * V::n; i++) last[i] = SEQUENCE(T, rounds) + T(i % V::n);
    same(places.get(), last);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    run<0>(random);
    run<1>(random);
    run<2>(random);
    run<3>(random);
    return pass("vector_races");
}
