// Single precision functions, precise and fast, against the host's double precision.
#include "check.h"
__global__ void functions(const float *a, float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float v = a[i], p = fabsf(v) + 0.1f;
    float r[14] = {sinf(v), cosf(v), expf(v), logf(p), powf(p, 1.3f), tanhf(v), erff(v), rsqrtf(p), cbrtf(v), __sinf(v), __expf(v), __logf(p), fmodf(v, 0.7f), hypotf(v, p)};
    for (int k = 0; k < 14; k++) out[14 * i + k] = r[k];
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 1000;
    std::vector<float> a(n);
    std::vector<double> e(14 * n);
    for (int i = 0; i < n; i++) {
        double v = a[i] = random.real() * 3, p = std::fabs(a[i]) + 0.1f;
        double r[14] = {std::sin(v), std::cos(v), std::exp(v), std::log(p), std::pow(p, double(1.3f)), std::tanh(v), std::erf(v), 1 / std::sqrt(p),
                        std::cbrt(v), std::sin(v), std::exp(v), std::log(p), std::fmod(a[i], 0.7f), std::hypot(v, p)};
        for (int k = 0; k < 14; k++) e[14 * i + k] = r[k];
    }
    OnDevice<float> x(a), y(14 * n);
    functions<<<(n + 63) / 64, 64>>>(x, y, n);
    CHECK(cudaGetLastError());
    close_to(y.get(), e, 3e-6);
    return pass("math_functions");
}
