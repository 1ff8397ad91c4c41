// Double precision: exact operations equal the host's, functions are within a few units in the last place.
#include "check.h"
__global__ void exact(const double *a, const double *b, double *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    out[5 * i] = __dadd_rn(a[i], b[i]);
    out[5 * i + 1] = __dmul_rn(a[i], b[i]);
    out[5 * i + 2] = a[i] / b[i];
    out[5 * i + 3] = sqrt(fabs(a[i]));
    out[5 * i + 4] = fma(a[i], b[i], a[i]);
}
__global__ void functions(const double *a, double *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    double v = a[i];
    out[8 * i] = sin(v), out[8 * i + 1] = cos(v), out[8 * i + 2] = exp(v), out[8 * i + 3] = log(fabs(v) + 0.1);
    out[8 * i + 4] = pow(fabs(v) + 0.1, 1.7), out[8 * i + 5] = atan2(v, 0.3), out[8 * i + 6] = erf(v), out[8 * i + 7] = tgamma(fabs(v) + 0.5);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 1000;
    std::vector<double> a(n), b(n), e(5 * n), f(8 * n);
    for (int i = 0; i < n; i++) {
        double v = a[i] = random.real64() * 6, w = b[i] = random.real64() * 3 + 4;
        e[5 * i] = v + w, e[5 * i + 1] = v * w, e[5 * i + 2] = v / w, e[5 * i + 3] = std::sqrt(std::fabs(v)), e[5 * i + 4] = std::fma(v, w, v);
        f[8 * i] = std::sin(v), f[8 * i + 1] = std::cos(v), f[8 * i + 2] = std::exp(v), f[8 * i + 3] = std::log(std::fabs(v) + 0.1);
        f[8 * i + 4] = std::pow(std::fabs(v) + 0.1, 1.7), f[8 * i + 5] = std::atan2(v, 0.3), f[8 * i + 6] = std::erf(v);
        f[8 * i + 7] = std::tgamma(std::fabs(v) + 0.5);
    }
    OnDevice<double> x(a), y(b), oe(5 * n), of(8 * n);
    exact<<<(n + 63) / 64, 64>>>(x, y, oe, n);
    functions<<<(n + 63) / 64, 64>>>(x, of, n);
    CHECK(cudaGetLastError());
    same(oe.get(), e);
    close_to(of.get(), f, 1e-13);
    return pass("double_math");
}
