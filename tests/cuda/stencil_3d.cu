// Three-dimensional memory and copies.
#include "check.h"
__global__ void shift(cudaPitchedPtr in, cudaPitchedPtr out, int w, int h, int d) {
    int x = threadIdx.x + blockIdx.x * blockDim.x, y = threadIdx.y + blockIdx.y * blockDim.y, z = blockIdx.z;
    if (x >= w || y >= h || z >= d) return;
    auto row = [&](cudaPitchedPtr p, int y, int z) { return (int *)((char *)p.ptr + (size_t(z) * h + y) * p.pitch); };
    row(out, y, z)[x] = row(in, (y + 1) % h, (z + 1) % d)[(x + 1) % w] + x + 100 * y + 10000 * z;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int w = 20 + random.below(20), h = 10 + random.below(20), d = 5 + random.below(10);
    std::vector<int> in(w * h * d), expected(w * h * d), got(w * h * d);
    for (auto &v : in) v = int(random.u32());
    for (int z = 0; z < d; z++)
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                expected[(z * h + y) * w + x] =
                    int(unsigned(in[((z + 1) % d * h + (y + 1) % h) * w + (x + 1) % w]) + unsigned(x + 100 * y + 10000 * z));
    cudaExtent extent = make_cudaExtent(w * sizeof(int), h, d);
    cudaPitchedPtr a, b;
    CHECK(cudaMalloc3D(&a, extent));
    CHECK(cudaMalloc3D(&b, extent));
    CHECK(cudaMemset3D(b, 0x55, extent));
    cudaMemcpy3DParms copy = {};
    copy.srcPtr = make_cudaPitchedPtr(in.data(), w * sizeof(int), w, h);
    copy.dstPtr = a;
    copy.extent = extent;
    copy.kind = cudaMemcpyHostToDevice;
    CHECK(cudaMemcpy3D(&copy));
    shift<<<dim3((w + 7) / 8, (h + 7) / 8, d), dim3(8, 8)>>>(a, b, w, h, d);
    CHECK(cudaGetLastError());
    cudaMemcpy3DParms back = {};
    back.srcPtr = b;
    back.dstPtr = make_cudaPitchedPtr(got.data(), w * sizeof(int), w, h);
    back.extent = extent;
    back.kind = cudaMemcpyDeviceToHost;
    CHECK(cudaMemcpy3D(&back));
    same(got, expected);
    // A box out of the middle, from device to device and back.
    cudaMemcpy3DParms box = {};
    box.srcPtr = b, box.srcPos = make_cudaPos(4 * sizeof(int), 2, 1);
    box.dstPtr = a, box.dstPos = make_cudaPos(sizeof(int), 1, 0);
    box.extent = make_cudaExtent(7 * sizeof(int), 5, 3);
    box.kind = cudaMemcpyDeviceToDevice;
    CHECK(cudaMemcpy3D(&box));
    back.srcPtr = a;
    CHECK(cudaMemcpy3D(&back));
    std::vector<int> mixed = in;
    for (int z = 0; z < 3; z++)
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 7; x++) mixed[(z * h + y + 1) * w + x + 1] = expected[((z + 1) * h + y + 2) * w + x + 4];
    same(got, mixed);
    return pass("stencil_3d");
}
