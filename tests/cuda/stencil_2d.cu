// A five-point stencil on pitched memory, copied with cudaMemcpy2D.
#include "check.h"
__global__ void smooth(const float *in, float *out, size_t pitch, int w, int h) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= w || y >= h) return;
    auto at = [&](int x, int y) { return ((const float *)((const char *)in + y * pitch))[x]; };
    bool edge = x == 0 || y == 0 || x == w - 1 || y == h - 1;
    ((float *)((char *)out + y * pitch))[x] =
        edge ? at(x, y) : (at(x, y) + at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1)) * 0.2f;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int w = 101 + random.below(40), h = 60 + random.below(40);
    std::vector<float> in(w * h);
    for (auto &v : in) v = random.real();
    float *a, *b;
    size_t pitch, other;
    CHECK(cudaMallocPitch(&a, &pitch, w * sizeof(float), h));
    CHECK(cudaMallocPitch(&b, &other, w * sizeof(float), h));
    REQUIRE(pitch == other && pitch >= w * sizeof(float));
    CHECK(cudaMemcpy2D(a, pitch, in.data(), w * sizeof(float), w * sizeof(float), h, cudaMemcpyHostToDevice));
    std::vector<double> now(in.begin(), in.end()), next(w * h);
    for (int step = 0; step < 4; step++) {
        smooth<<<dim3((w + 15) / 16, (h + 7) / 8), dim3(16, 8)>>>(a, b, pitch, w, h);
        std::swap(a, b);
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                int i = y * w + x;
                bool edge = x == 0 || y == 0 || x == w - 1 || y == h - 1;
                next[i] = edge ? now[i] : (now[i] + now[i - 1] + now[i + 1] + now[i - w] + now[i + w]) * 0.2;
            }
        std::swap(now, next);
    }
    CHECK(cudaGetLastError());
    // Into a part of a wider host picture, whose other bytes stay.
    std::vector<float> wide((w + 7) * h, 42.0f);
    CHECK(cudaMemcpy2D(wide.data() + 3, (w + 7) * sizeof(float), a, pitch, w * sizeof(float), h, cudaMemcpyDeviceToHost));
    std::vector<float> got(w * h);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) got[y * w + x] = wide[y * (w + 7) + 3 + x];
        REQUIRE(wide[y * (w + 7)] == 42.0f && wide[y * (w + 7) + 3 + w] == 42.0f);
    }
    close_to(got, now, 1e-5);
    return pass("stencil_2d");
}
