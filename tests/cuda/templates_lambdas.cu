// nvcc: --extended-lambda
// Templates over types and operations, and lambdas that capture.
#include "check.h"
template <class T, class F> __global__ void apply(const T *in, T *out, int n, F f) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = f(in[i], i);
}
template <class T> void test(Random &random) {
    int n = 1000 + int(random.below(500));
    std::vector<T> in(n), expected(n);
    T scale = T(random.below(100));
    for (int i = 0; i < n; i++) in[i] = T(random.below(1000)), expected[i] = T(in[i] * scale + T(i));
    OnDevice<T> x(in), y(n);
    apply<<<(n + 127) / 128, 128>>>(x.at, y.at, n, [scale] __device__(T v, int i) { return T(v * scale + T(i)); });
    CHECK(cudaGetLastError());
    same(y.get(), expected);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    test<int>(random);
    test<unsigned char>(random);
    test<short>(random);
    test<unsigned long long>(random);
    test<float>(random);
    test<double>(random);
    return pass("templates_lambdas");
}
