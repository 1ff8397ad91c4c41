// Transposes through padded shared tiles.
#include "check.h"
__global__ void transpose(const double *in, double *out, int w, int h) {
    __shared__ double tile[16][17];
    int x = blockIdx.x * 16 + threadIdx.x, y = blockIdx.y * 16 + threadIdx.y;
    if (x < w && y < h) tile[threadIdx.y][threadIdx.x] = in[y * w + x];
    __syncthreads();
    x = blockIdx.y * 16 + threadIdx.x, y = blockIdx.x * 16 + threadIdx.y;
    if (x < h && y < w) out[y * h + x] = tile[threadIdx.x][threadIdx.y];
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int w = 100 + random.below(60), h = 90 + random.below(60);
    std::vector<double> in(w * h), expected(w * h);
    for (auto &v : in) v = random.real64();
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) expected[x * h + y] = in[y * w + x];
    OnDevice<double> a(in), b(w * h);
    transpose<<<dim3((w + 15) / 16, (h + 15) / 16), dim3(16, 16)>>>(a, b, w, h);
    CHECK(cudaGetLastError());
    same(b.get(), expected);
    return pass("transpose");
}
