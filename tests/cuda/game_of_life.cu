// Conway's game on a torus, many generations, two buffers.
#include "check.h"
__global__ void generation(const unsigned char *in, unsigned char *out, int w, int h) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= w || y >= h) return;
    int n = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            if (dx || dy) n += in[(y + dy + h) % h * w + (x + dx + w) % w];
    out[y * w + x] = n == 3 || (n == 2 && in[y * w + x]);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int w = 64 + random.below(20), h = 48 + random.below(20);
    std::vector<unsigned char> now(w * h), next(w * h);
    for (auto &v : now) v = random.below(3) == 0;
    OnDevice<unsigned char> a(now), b(w * h);
    unsigned char *x = a, *y = b;
    for (int g = 0; g < 20; g++) {
        generation<<<dim3((w + 15) / 16, (h + 7) / 8), dim3(16, 8)>>>(x, y, w, h);
        std::swap(x, y);
        for (int i = 0; i < w * h; i++) {
            int n = 0;
            for (int k = 0; k < 9; k++)
                if (k != 4) n += now[(i / w + k / 3 - 1 + h) % h * w + (i % w + k % 3 - 1 + w) % w];
            next[i] = n == 3 || (n == 2 && now[i]);
        }
        std::swap(now, next);
    }
    CHECK(cudaGetLastError());
    same(a.get(), now);
    return pass("game_of_life");
}
