// A radix-2 transform in shared memory against the sum that defines it.
#include "check.h"
const int N = 256;
__global__ void transform(float2 *data) {
    __shared__ float2 v[N];
    int i = threadIdx.x;
    v[__brev(i) >> 24] = data[blockIdx.x * N + i];
    __syncthreads();
    for (int half = 1; half < N; half *= 2) {
        if (i < N / 2) {
            int k = i % half, a = i / half * 2 * half + k, b = a + half;
            float s, c;
            sincospif(-float(k) / half, &s, &c);
            float2 x = v[a], y = make_float2(v[b].x * c - v[b].y * s, v[b].x * s + v[b].y * c);
            v[a] = make_float2(x.x + y.x, x.y + y.y);
            v[b] = make_float2(x.x - y.x, x.y - y.y);
        }
        __syncthreads();
    }
    data[blockIdx.x * N + i] = v[i];
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int blocks = 3;
    std::vector<float2> in(blocks * N);
    for (auto &v : in) v = make_float2(random.real(), random.real());
    OnDevice<float2> x(in);
    transform<<<blocks, N>>>(x);
    CHECK(cudaGetLastError());
    std::vector<float2> got = x.get();
    std::vector<float> parts;
    std::vector<double> expected;
    for (int b = 0; b < blocks; b++)
        for (int k = 0; k < N; k++) {
            double re = 0, im = 0;
            for (int n = 0; n < N; n++) {
                double angle = -2 * M_PI * k * n / N;
                float2 v = in[b * N + n];
                re += v.x * cos(angle) - v.y * sin(angle);
                im += v.x * sin(angle) + v.y * cos(angle);
            }
            parts.push_back(got[b * N + k].x), parts.push_back(got[b * N + k].y);
            expected.push_back(re), expected.push_back(im);
        }
    close_to(parts, expected, 1e-4);
    return pass("fft");
}
