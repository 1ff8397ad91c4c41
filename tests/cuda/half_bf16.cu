// since: 12.2
// variants: release,debug
// Half and bfloat16 arithmetic, scalar and packed, against the same in float rounded once.
#include "check.h"
#include <cuda_bf16.h>
#include <cuda_fp16.h>
__global__ void halves(const float *a, const float *b, const float *c, float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    __half x = __float2half(a[i]), y = __float2half(b[i]), z = __float2half(c[i]);
    out[4 * i] = __half2float(__hadd(x, y));
    out[4 * i + 1] = __half2float(__hmul(x, y));
    out[4 * i + 2] = __half2float(__hfma(x, y, z));
    __half2 p = __hadd2(__halves2half2(x, y), __halves2half2(z, x));
    out[4 * i + 3] = __low2float(p) + 1000 * __high2float(p);
}
__global__ void brains(const float *a, const float *b, float *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    __nv_bfloat16 x = __float2bfloat16(a[i]), y = __float2bfloat16(b[i]);
    out[2 * i] = __bfloat162float(__hadd(x, y));
    out[2 * i + 1] = __bfloat162float(__hmul(x, y));
}
static float h(float v) { return __half2float(__float2half(v)); }
static float bf(float v) { return __bfloat162float(__float2bfloat16(v)); }
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 2000;
    std::vector<float> a(n), b(n), c(n), eh(4 * n), eb(2 * n);
    for (int i = 0; i < n; i++) {
        a[i] = random.real() * 8, b[i] = random.real() * 8, c[i] = random.real() * 8;
        float x = h(a[i]), y = h(b[i]), z = h(c[i]);
        eh[4 * i] = h(x + y), eh[4 * i + 1] = h(x * y);
        eh[4 * i + 2] = __half2float(__double2half(double(x) * y + z));
        eh[4 * i + 3] = h(x + z) + 1000 * h(y + x);
        x = bf(a[i]), y = bf(b[i]);
        eb[2 * i] = bf(x + y), eb[2 * i + 1] = bf(x * y);
    }
    OnDevice<float> x(a), y(b), z(c), oh(4 * n), ob(2 * n);
    halves<<<(n + 63) / 64, 64>>>(x, y, z, oh, n);
    brains<<<(n + 63) / 64, 64>>>(x, y, ob, n);
    CHECK(cudaGetLastError());
    close_to(oh.get(), eh, 1e-6);
    close_to(ob.get(), eb, 1e-6);
    return pass("half_bf16");
}
