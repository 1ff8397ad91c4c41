// Inclusive prefix sums over blocks: scan, scan of the sums, addition.
#include "check.h"
__global__ void scan_blocks(const unsigned *in, unsigned *out, unsigned *sums, int n) {
    __shared__ unsigned part[2][256];
    int i = blockIdx.x * 256 + threadIdx.x, side = 0;
    part[0][threadIdx.x] = i < n ? in[i] : 0;
    __syncthreads();
    for (int d = 1; d < 256; d *= 2, side ^= 1) {
        part[side ^ 1][threadIdx.x] = part[side][threadIdx.x] + (threadIdx.x >= d ? part[side][threadIdx.x - d] : 0);
        __syncthreads();
    }
    if (i < n) out[i] = part[side][threadIdx.x];
    if (threadIdx.x == 255 && sums) sums[blockIdx.x] = part[side][255];
}
__global__ void add(unsigned *out, const unsigned *sums, int n) {
    int i = blockIdx.x * 256 + threadIdx.x;
    if (blockIdx.x > 0 && i < n) out[i] += sums[blockIdx.x - 1];
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 256 * 200 + 1 + random.below(200), blocks = (n + 255) / 256;
    std::vector<unsigned> in(n), expected(n);
    unsigned sum = 0;
    for (int i = 0; i < n; i++) expected[i] = sum += in[i] = random.u32();
    OnDevice<unsigned> x(in), y(n), sums(256), scanned(256);
    CHECK(cudaMemset(sums, 0, 1024));
    scan_blocks<<<blocks, 256>>>(x, y, sums, n);
    scan_blocks<<<1, 256>>>(sums, scanned, nullptr, 256);
    add<<<blocks, 256>>>(y, scanned, n);
    CHECK(cudaGetLastError());
    same(y.get(), expected);
    return pass("scan");
}
