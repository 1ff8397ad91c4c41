// nvcc: -cudart shared
// CUDA arrays as places to copy to and from: one, two and three dimensions, all kinds of other side, whole and in part.
#include "check.h"
template <class T> static std::vector<T> numbers(Random &random, size_t n) {
    std::vector<T> v(n);
    for (auto &x : v) {
        uint64_t r[2] = {random.next(), random.next()};
        memcpy(&x, r, sizeof x);
    }
    return v;
}
template <class T> static void equal(const std::vector<T> &a, const std::vector<T> &b) {
    REQUIRE(a.size() == b.size() && !memcmp(a.data(), b.data(), a.size() * sizeof(T)));
}
// A plane: in from the host, out in part to the host, to device memory and to another array.
template <class T> static void plane(Random &random, cudaStream_t s, size_t w, size_t h) {
    cudaChannelFormatDesc desc = cudaCreateChannelDesc<T>(), got_desc;
    const size_t B = sizeof(T);
    cudaArray_t a, b;
    CHECK(cudaMallocArray(&a, &desc, w, h));
    CHECK(cudaMallocArray(&b, &desc, w, h));
    cudaExtent extent;
    unsigned flags = 9;
    CHECK(cudaArrayGetInfo(&got_desc, &extent, &flags, a));
    REQUIRE(extent.width == w && extent.height == h && extent.depth == 0 && flags == 0);
    REQUIRE(got_desc.x == desc.x && got_desc.y == desc.y && got_desc.z == desc.z && got_desc.w == desc.w && got_desc.f == desc.f);
    std::vector<T> in = numbers<T>(random, w * h), out(w * h), model = in;
    CHECK(cudaMemcpy2DToArray(a, 0, 0, in.data(), w * B, w * B, h, cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy2DFromArray(out.data(), w * B, a, 0, 0, w * B, h, cudaMemcpyDeviceToHost));
    equal(out, model);
    // A rectangle over it, from rows that lie further apart.
    size_t x = 1 + random.below(uint32_t(w / 3)), y = 1 + random.below(uint32_t(h / 3)), rw = w / 2, rh = h / 2;
    std::vector<T> patch = numbers<T>(random, (rw + 5) * rh);
    CHECK(cudaMemcpy2DToArrayAsync(a, x * B, y, patch.data(), (rw + 5) * B, rw * B, rh, cudaMemcpyHostToDevice, s));
    CHECK(cudaStreamSynchronize(s));
    for (size_t j = 0; j < rh; j++)
        for (size_t i = 0; i < rw; i++) model[(y + j) * w + x + i] = patch[j * (rw + 5) + i];
    CHECK(cudaMemcpy2DArrayToArray(b, 0, 0, a, 0, 0, w * B, h, cudaMemcpyDeviceToDevice));
    CHECK(cudaMemcpy2DFromArray(out.data(), w * B, b, 0, 0, w * B, h, cudaMemcpyDeviceToHost));
    equal(out, model);
    // To pitched device memory and back from it, into another place.
    T *device;
    size_t pitch;
    CHECK(cudaMallocPitch(&device, &pitch, rw * B, rh));
    CHECK(cudaMemcpy2DFromArrayAsync(device, pitch, a, x * B, y, rw * B, rh, cudaMemcpyDeviceToDevice, s));
    CHECK(cudaMemcpy2DToArrayAsync(b, 0, 0, device, pitch, rw * B, rh, cudaMemcpyDeviceToDevice, s));
    CHECK(cudaStreamSynchronize(s));
    CHECK(cudaMemcpy2DFromArray(out.data(), w * B, b, 0, 0, w * B, h, cudaMemcpyDeviceToHost));
    std::vector<T> second = model;
    for (size_t j = 0; j < rh; j++)
        for (size_t i = 0; i < rw; i++) second[j * w + i] = model[(y + j) * w + x + i];
    equal(out, second);
    // Beyond the edge is refused.
    FAILS(cudaMemcpy2DToArray(a, x * B, 0, in.data(), w * B, w * B, 1, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    FAILS(cudaMemcpy2DFromArray(out.data(), w * B, a, 0, h, B, 1, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
    cudaGetLastError();
    CHECK(cudaFree(device));
    CHECK(cudaFreeArray(a));
    CHECK(cudaFreeArray(b));
}
static void line(Random &random) {
    cudaChannelFormatDesc desc = cudaCreateChannelDesc<float>();
    cudaArray_t a;
    size_t n = 500;
    CHECK(cudaMallocArray(&a, &desc, n));
    std::vector<uint32_t> in = numbers<uint32_t>(random, n), out(n);
    CHECK(cudaMemcpy2DToArray(a, 0, 0, in.data(), n * 4, n * 4, 1, cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy2DFromArray(out.data(), n * 4, a, 0, 0, n * 4, 1, cudaMemcpyDeviceToHost));
    equal(out, in);
    CHECK(cudaFreeArray(a));
}
// A volume, or layers: a box in, another box out, by way of device memory.
static void volume(Random &random, cudaStream_t s, unsigned flags) {
    const size_t W = 30, H = 20, D = 9, B = 4;
    cudaChannelFormatDesc desc = cudaCreateChannelDesc<unsigned>();
    cudaArray_t a;
    CHECK(cudaMalloc3DArray(&a, &desc, make_cudaExtent(W, H, D), flags));
    cudaExtent extent;
    unsigned got_flags;
    CHECK(cudaArrayGetInfo(nullptr, &extent, &got_flags, a));
    REQUIRE(extent.width == W && extent.height == H && extent.depth == D && got_flags == flags);
    std::vector<unsigned> model = numbers<unsigned>(random, W * H * D), out(W * H * D), patch = numbers<unsigned>(random, 11 * 7 * 4);
    cudaMemcpy3DParms all = {};
    all.srcPtr = make_cudaPitchedPtr(model.data(), W * B, W, H);
    all.dstArray = a;
    all.extent = make_cudaExtent(W, H, D);
    all.kind = cudaMemcpyHostToDevice;
    CHECK(cudaMemcpy3D(&all));
    cudaMemcpy3DParms part = {};
    part.srcPtr = make_cudaPitchedPtr(patch.data(), 11 * B, 11, 7);
    // Where one side is an array, positions in the other count elements, too.
    part.srcPos = make_cudaPos(2, 1, 1);
    part.dstArray = a;
    part.dstPos = make_cudaPos(13, 6, 3);
    part.extent = make_cudaExtent(8, 5, 3);
    part.kind = cudaMemcpyHostToDevice;
    CHECK(cudaMemcpy3DAsync(&part, s));
    for (size_t z = 0; z < 3; z++)
        for (size_t y = 0; y < 5; y++)
            for (size_t x = 0; x < 8; x++) model[((z + 3) * H + y + 6) * W + x + 13] = patch[((z + 1) * 7 + y + 1) * 11 + x + 2];
    cudaPitchedPtr device;
    CHECK(cudaMalloc3D(&device, make_cudaExtent(W * B, H, D)));
    cudaMemcpy3DParms over = {};
    over.srcArray = a;
    over.dstPtr = device;
    over.extent = make_cudaExtent(W, H, D);
    over.kind = cudaMemcpyDeviceToDevice;
    CHECK(cudaMemcpy3DAsync(&over, s));
    cudaMemcpy3DParms down = {};
    down.srcPtr = device;
    down.dstPtr = make_cudaPitchedPtr(out.data(), W * B, W, H);
    down.extent = make_cudaExtent(W * B, H, D);
    down.kind = cudaMemcpyDeviceToHost;
    CHECK(cudaMemcpy3DAsync(&down, s));
    CHECK(cudaStreamSynchronize(s));
    equal(out, model);
    // Straight to the host, in part.
    std::fill(out.begin(), out.end(), 1u);
    std::vector<unsigned> expected(W * H * D, 1u);
    cudaMemcpy3DParms piece = {};
    piece.srcArray = a;
    piece.srcPos = make_cudaPos(3, 2, 1);
    piece.dstPtr = make_cudaPitchedPtr(out.data(), W * B, W, H);
    piece.dstPos = make_cudaPos(5, 4, 0);
    piece.extent = make_cudaExtent(17, 9, 6);
    piece.kind = cudaMemcpyDeviceToHost;
    CHECK(cudaMemcpy3D(&piece));
    for (size_t z = 0; z < 6; z++)
        for (size_t y = 0; y < 9; y++)
            for (size_t x = 0; x < 17; x++) expected[(z * H + y + 4) * W + x + 5] = model[((z + 1) * H + y + 2) * W + x + 3];
    equal(out, expected);
    CHECK(cudaFree(device.ptr));
    CHECK(cudaFreeArray(a));
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    plane<unsigned char>(random, s, 61, 40);
    plane<short>(random, s, 100, 33);
    plane<float>(random, s, 257, 65);
    plane<float4>(random, s, 64, 31);
    plane<uint2>(random, s, 50, 50);
    line(random);
    volume(random, s, cudaArrayDefault);
    volume(random, s, cudaArrayLayered);
    cudaChannelFormatDesc odd = cudaCreateChannelDesc(32, 32, 32, 0, cudaChannelFormatKindFloat);
    cudaArray_t none;
    REQUIRE(cudaMallocArray(&none, &odd, 16, 16) != cudaSuccess);
    cudaGetLastError();
    CHECK(cudaStreamDestroy(s));
    return pass("arrays");
}
