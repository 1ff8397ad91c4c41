// Escape times of the Mandelbrot set, in double precision; with a second argument also as a picture.
#include "check.h"
__global__ void escape(int *out, int w, int h, double left, double top, double step, int most) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= w || y >= h) return;
    // Each operation rounded by itself, so that the host can do the same.
    double a = __dadd_rn(left, __dmul_rn(x, step)), b = __dadd_rn(top, __dmul_rn(y, step)), p = 0, q = 0;
    int n = 0;
    for (; n < most; n++) {
        double pp = __dmul_rn(p, p), qq = __dmul_rn(q, q);
        if (__dadd_rn(pp, qq) >= 4.0) break;
        q = __dadd_rn(__dmul_rn(2.0 * p, q), b);
        p = __dadd_rn(__dsub_rn(pp, qq), a);
    }
    out[y * w + x] = n;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    bool picture = argc > 2;
    int w = picture ? 640 : 96, h = picture ? 420 : 64, most = picture ? 120 : 60;
    double step = 3.0 / w, left = -2.2 + (picture ? 0 : random.real64() * 0.1), top = -h / 2 * step;
    OnDevice<int> out(w * h);
    escape<<<dim3((w + 15) / 16, (h + 7) / 8), dim3(16, 8)>>>(out, w, h, left, top, step, most);
    CHECK(cudaGetLastError());
    std::vector<int> got = out.get();
    for (int i = 0; i < w * h; i += picture ? 97 : 1) {
        volatile double across = (i % w) * step, down = (i / w) * step;
        double a = left + across, b = top + down, p = 0, q = 0;
        int n = 0;
        for (; n < most; n++) {
            volatile double pp = p * p, qq = q * q;
            if (pp + qq >= 4.0) break;
            volatile double pq = 2.0 * p * q, difference = pp - qq;
            q = pq + b;
            p = difference + a;
        }
        REQUIRE(got[i] == n);
    }
    if (picture) {
        FILE *file = fopen(argv[2], "wb");
        REQUIRE(file);
        fprintf(file, "P6 %d %d 255\n", w, h);
        for (int n : got) {
            double t = n >= most ? 0 : 0.12 + 0.88 * std::sqrt(double(n) / most);
            unsigned char pixel[3] = {(unsigned char)(255 * t * t), (unsigned char)(200 * t), (unsigned char)(90 + 165 * t * (n < most))};
            fwrite(n >= most ? (const unsigned char *)"\0\0\0" : pixel, 1, 3, file);
        }
        fclose(file);
    }
    return pass("mandelbrot");
}
