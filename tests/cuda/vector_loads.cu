// Loads and stores of 2, 4, 8 and 16 bytes.
#include "check.h"
__global__ void rotate(const float4 *a, float4 *b, const double2 *c, double2 *d, const uchar4 *e, uchar4 *f, const short2 *g, short2 *h, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float4 v = a[i];
    b[i] = make_float4(v.y, v.z, v.w, v.x);
    double2 w = c[i];
    d[i] = make_double2(w.y, w.x);
    uchar4 u = e[i];
    f[i] = make_uchar4(u.w, u.x, u.y, u.z);
    h[i] = make_short2(g[i].y, g[i].x);
}
template <class T> std::vector<T> noise(Random &random, int n) {
    std::vector<T> v(n);
    for (size_t i = 0; i < n * sizeof(T); i++) ((unsigned char *)v.data())[i] = (unsigned char)(random.below(64) + 1);
    return v;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 1500;
    auto a = noise<float4>(random, n);
    auto c = noise<double2>(random, n);
    auto e = noise<uchar4>(random, n);
    auto g = noise<short2>(random, n);
    OnDevice<float4> x(a), y(n);
    OnDevice<double2> p(c), q(n);
    OnDevice<uchar4> r(e), s(n);
    OnDevice<short2> t(g), u(n);
    rotate<<<(n + 95) / 96, 96>>>(x, y, p, q, r, s, t, u, n);
    CHECK(cudaGetLastError());
    auto b = y.get();
    auto d = q.get();
    auto f = s.get();
    auto h = u.get();
    for (int i = 0; i < n; i++) {
        REQUIRE(b[i].x == a[i].y && b[i].y == a[i].z && b[i].z == a[i].w && b[i].w == a[i].x);
        REQUIRE(d[i].x == c[i].y && d[i].y == c[i].x);
        REQUIRE(f[i].x == e[i].w && f[i].y == e[i].x && f[i].z == e[i].y && f[i].w == e[i].z);
        REQUIRE(h[i].x == g[i].y && h[i].y == g[i].x);
    }
    return pass("vector_loads");
}
