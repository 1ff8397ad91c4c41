// variants: release,debug
// Calls through tables of functions, virtual functions, and recursion.
#include "check.h"
typedef int (*Operation)(int, int);
__device__ int plus(int a, int b) { return a + b; }
__device__ int times(int a, int b) { return a * b; }
__device__ int minus(int a, int b) { return a - b; }
__device__ Operation table[3] = {plus, times, minus};
struct Shape {
    __device__ virtual ~Shape() {}
    __device__ virtual int area() const = 0;
};
struct Square : Shape {
    int side;
    __device__ Square(int s) : side(s) {}
    __device__ int area() const override { return side * side; }
};
struct Oblong : Shape {
    int a, b;
    __device__ Oblong(int x, int y) : a(x), b(y) {}
    __device__ int area() const override { return a * b; }
};
__device__ __noinline__ unsigned ackermann(unsigned m, unsigned n) {
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}
__global__ void calls(const int *which, const int *a, const int *b, int *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = table[which[i]](a[i], b[i]);
}
__global__ void shapes(const int *a, const int *b, int *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    Square square(a[i]);
    Oblong oblong(a[i], b[i]);
    const Shape *shape = i % 3 ? (const Shape *)&oblong : (const Shape *)&square;
    out[i] = shape->area();
}
__global__ void deep(unsigned *out) { out[threadIdx.x] = ackermann(2, threadIdx.x % 4); }
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 2000;
    std::vector<int> w(n), a(n), b(n), called(n), areas(n);
    for (int i = 0; i < n; i++) {
        w[i] = int(random.below(3)), a[i] = int(random.below(1000)), b[i] = int(random.below(1000));
        called[i] = w[i] == 0 ? a[i] + b[i] : w[i] == 1 ? a[i] * b[i] : a[i] - b[i];
        areas[i] = i % 3 ? a[i] * b[i] : a[i] * a[i];
    }
    OnDevice<int> x(w), y(a), z(b), out(n);
    CHECK(cudaDeviceSetLimit(cudaLimitStackSize, 16 << 10));
    calls<<<(n + 63) / 64, 64>>>(x, y, z, out, n);
    CHECK(cudaGetLastError());
    same(out.get(), called);
    shapes<<<(n + 63) / 64, 64>>>(y, z, out, n);
    CHECK(cudaGetLastError());
    same(out.get(), areas);
    OnDevice<unsigned> numbers(32);
    deep<<<1, 32>>>(numbers);
    CHECK(cudaGetLastError());
    std::vector<unsigned> expected(32);
    for (unsigned i = 0; i < 32; i++) expected[i] = 2 * (i % 4) + 3;
    same(numbers.get(), expected);
    return pass("function_pointers");
}
