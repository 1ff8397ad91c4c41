// on: gpu
// nvcc: -cudart shared
// Texture and surface objects: one to three dimensions, layers, cubes, mipmaps, linear and pitched memory, with both filters
// and with plain and normalised coordinates, against what the host computes.
#include "check.h"
struct Box {
    int w, h, d;
};
__device__ unsigned global_index() { return blockIdx.x * blockDim.x + threadIdx.x; }
// Each thread reads at coordinates of its own.
__global__ void read_1d(cudaTextureObject_t t, const float *at, float *out, int n) {
    unsigned i = global_index();
    if (i < n) out[i] = tex1D<float>(t, at[i]);
}
__global__ void read_2d(cudaTextureObject_t t, const float2 *at, float *out, int n) {
    unsigned i = global_index();
    if (i < n) out[i] = tex2D<float>(t, at[i].x, at[i].y);
}
__global__ void read_2d_vector(cudaTextureObject_t t, const float2 *at, float4 *out, int n) {
    unsigned i = global_index();
    if (i < n) out[i] = tex2D<float4>(t, at[i].x, at[i].y);
}
__global__ void read_3d(cudaTextureObject_t t, const float4 *at, float *out, int n) {
    unsigned i = global_index();
    if (i < n) out[i] = tex3D<float>(t, at[i].x, at[i].y, at[i].z);
}
__global__ void read_layers(cudaTextureObject_t t, const float4 *at, float *out, int n) {
    unsigned i = global_index();
    if (i < n) out[i] = tex2DLayered<float>(t, at[i].x, at[i].y, int(at[i].z));
}
__global__ void read_cube(cudaTextureObject_t t, const float4 *at, float *out, int n) {
    unsigned i = global_index();
    if (i < n) out[i] = texCubemap<float>(t, at[i].x, at[i].y, at[i].z);
}
__global__ void read_level(cudaTextureObject_t t, const float4 *at, float *out, int n) {
    unsigned i = global_index();
    if (i < n) out[i] = tex2DLod<float>(t, at[i].x, at[i].y, at[i].z);
}
__global__ void read_linear(cudaTextureObject_t t, const int *at, int *out, int n) {
    unsigned i = global_index();
    if (i < n) out[i] = tex1Dfetch<int>(t, at[i]);
}
__global__ void transpose_surface(cudaSurfaceObject_t from, cudaSurfaceObject_t to, int w, int h) {
    unsigned i = global_index();
    if (i < w * h) {
        int x = i % w, y = i / w;
        unsigned v;
        surf2Dread(&v, from, x * 4, y);
        surf2Dwrite(v * 3 + 1, to, y * 4, x);
    }
}
__global__ void fill_volume(cudaSurfaceObject_t to, int w, int h, int d) {
    unsigned i = global_index();
    if (i < w * h * d) surf3Dwrite(float(i) * 0.5f, to, int(i % w * 4), int(i / w % h), int(i / w / h));
}
static const int BLOCK = 128;
static unsigned grid(size_t n) { return unsigned((n + BLOCK - 1) / BLOCK); }
static int clamp(int v, int n) { return v < 0 ? 0 : v >= n ? n - 1 : v; }
// One dimension of a lookup: two neighbours and the weight of the second.
struct Tap {
    int a, b;
    double weight;
};
static Tap tap(double x, int n, bool linear, bool wrap) {
    auto place = [&](int i) { return wrap ? ((i % n) + n) % n : clamp(i, n); };
    if (!linear) return {place(int(std::floor(x))), place(int(std::floor(x))), 0};
    double base = std::floor(x - 0.5), weight = x - 0.5 - base;
    // The hardware keeps 8 bits of the weight.
    return {place(int(base)), place(int(base) + 1), std::floor(weight * 256 + 0.5) / 256};
}
static double lookup(const float *v, Box box, double x, double y, double z, bool linear, bool wrap) {
    Tap i = tap(x, box.w, linear, wrap), j = tap(y, box.h, linear && box.h > 1, wrap), k = tap(z, box.d, linear && box.d > 1, wrap);
    auto at = [&](int x, int y, int z) { return double(v[(size_t(z) * box.h + y) * box.w + x]); };
    auto row = [&](int y, int z) { return at(i.a, y, z) * (1 - i.weight) + at(i.b, y, z) * i.weight; };
    auto plane = [&](int z) { return row(j.a, z) * (1 - j.weight) + row(j.b, z) * j.weight; };
    return plane(k.a) * (1 - k.weight) + plane(k.b) * k.weight;
}
// Coordinates a little away from the borders between texels, where rounding would decide.
static float coordinate(Random &random, int n, bool linear, bool beyond) {
    int span = beyond ? 2 * n : n, start = beyond ? -n / 2 : 0;
    int cell = start + int(random.below(span));
    return linear ? cell + float(random.below(64)) / 64 : cell + 0.1f + 0.8f * float(random.below(100)) / 100;
}
static cudaTextureObject_t texture_of(const cudaResourceDesc &resource, bool linear, bool normalized, bool wrap,
                                      cudaTextureReadMode mode = cudaReadModeElementType) {
    cudaTextureDesc desc = {};
    for (auto &address : desc.addressMode) address = wrap ? cudaAddressModeWrap : cudaAddressModeClamp;
    desc.filterMode = linear ? cudaFilterModeLinear : cudaFilterModePoint;
    desc.readMode = mode;
    desc.normalizedCoords = normalized;
    cudaTextureObject_t texture;
    CHECK(cudaCreateTextureObject(&texture, &resource, &desc, nullptr));
    return texture;
}
static cudaResourceDesc array_resource(cudaArray_t array) {
    cudaResourceDesc resource = {};
    resource.resType = cudaResourceTypeArray;
    resource.res.array.array = array;
    return resource;
}
static std::vector<float> reals(Random &random, size_t n) {
    std::vector<float> v(n);
    for (auto &x : v) x = random.real();
    return v;
}
static void plane_and_line(Random &random) {
    const int W = 48, H = 32, N = 2000;
    cudaChannelFormatDesc desc = cudaCreateChannelDesc<float>();
    cudaArray_t plane, line;
    CHECK(cudaMallocArray(&plane, &desc, W, H));
    CHECK(cudaMallocArray(&line, &desc, W));
    std::vector<float> texels = reals(random, W * H);
    CHECK(cudaMemcpy2DToArray(plane, 0, 0, texels.data(), W * 4, W * 4, H, cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy2DToArray(line, 0, 0, texels.data(), W * 4, W * 4, 1, cudaMemcpyHostToDevice));
    for (bool linear : {false, true})
        for (bool normalized : {false, true}) {
            // Wrapping is for normalised coordinates only.
            bool wrap = normalized;
            cudaTextureObject_t two = texture_of(array_resource(plane), linear, normalized, wrap);
            cudaTextureObject_t one = texture_of(array_resource(line), linear, normalized, wrap);
            std::vector<float2> at(N);
            std::vector<float> at_line(N), expected(N), expected_line(N);
            for (int i = 0; i < N; i++) {
                float x = coordinate(random, W, linear, true), y = coordinate(random, H, linear, true);
                expected[i] = float(lookup(texels.data(), {W, H, 1}, x, y, 0, linear, wrap));
                expected_line[i] = float(lookup(texels.data(), {W, 1, 1}, x, 0, 0, linear, wrap));
                at[i] = normalized ? make_float2(x / W, y / H) : make_float2(x, y);
                at_line[i] = at[i].x;
            }
            OnDevice<float2> device_at(at);
            OnDevice<float> device_at_line(at_line), out(N), out_line(N);
            read_2d<<<grid(N), BLOCK>>>(two, device_at, out, N);
            read_1d<<<grid(N), BLOCK>>>(one, device_at_line, out_line, N);
            CHECK(cudaGetLastError());
            close_to(out.get(), expected, linear ? 0.02 : 0);
            close_to(out_line.get(), expected_line, linear ? 0.02 : 0);
            cudaResourceDesc resource;
            CHECK(cudaGetTextureObjectResourceDesc(&resource, two));
            REQUIRE(resource.resType == cudaResourceTypeArray && resource.res.array.array == plane);
            cudaTextureDesc got;
            CHECK(cudaGetTextureObjectTextureDesc(&got, two));
            REQUIRE(got.filterMode == (linear ? cudaFilterModeLinear : cudaFilterModePoint) && got.normalizedCoords == int(normalized));
            CHECK(cudaDestroyTextureObject(one));
            CHECK(cudaDestroyTextureObject(two));
        }
    CHECK(cudaFreeArray(plane));
    CHECK(cudaFreeArray(line));
}
static void volume_layers_cube(Random &random) {
    const int W = 16, H = 12, D = 10, N = 1500;
    cudaChannelFormatDesc desc = cudaCreateChannelDesc<float>();
    std::vector<float> texels = reals(random, W * H * D);
    auto filled = [&](cudaExtent extent, unsigned flags) {
        cudaArray_t array;
        CHECK(cudaMalloc3DArray(&array, &desc, extent, flags));
        cudaMemcpy3DParms p = {};
        p.srcPtr = make_cudaPitchedPtr(texels.data(), extent.width * 4, extent.width, extent.height);
        p.dstArray = array;
        p.extent = extent;
        p.kind = cudaMemcpyHostToDevice;
        CHECK(cudaMemcpy3D(&p));
        return array;
    };
    std::vector<float4> at(N);
    std::vector<float> expected(N);
    OnDevice<float> out(N);
    OnDevice<float4> device_at(N);
    cudaArray_t volume = filled(make_cudaExtent(W, H, D), cudaArrayDefault);
    for (bool linear : {false, true}) {
        cudaTextureObject_t t = texture_of(array_resource(volume), linear, false, false);
        for (int i = 0; i < N; i++) {
            at[i] = make_float4(coordinate(random, W, linear, true), coordinate(random, H, linear, true), coordinate(random, D, linear, true), 0);
            expected[i] = float(lookup(texels.data(), {W, H, D}, at[i].x, at[i].y, at[i].z, linear, false));
        }
        device_at.put(at);
        read_3d<<<grid(N), BLOCK>>>(t, device_at, out, N);
        CHECK(cudaGetLastError());
        close_to(out.get(), expected, linear ? 0.03 : 0);
        CHECK(cudaDestroyTextureObject(t));
    }
    CHECK(cudaFreeArray(volume));
    cudaArray_t layers = filled(make_cudaExtent(W, H, D), cudaArrayLayered);
    cudaTextureObject_t t = texture_of(array_resource(layers), true, false, false);
    for (int i = 0; i < N; i++) {
        int layer = int(random.below(D));
        at[i] = make_float4(coordinate(random, W, true, true), coordinate(random, H, true, true), float(layer), 0);
        expected[i] = float(lookup(texels.data() + layer * W * H, {W, H, 1}, at[i].x, at[i].y, 0, true, false));
    }
    device_at.put(at);
    read_layers<<<grid(N), BLOCK>>>(t, device_at, out, N);
    CHECK(cudaGetLastError());
    close_to(out.get(), expected, 0.02);
    CHECK(cudaDestroyTextureObject(t));
    CHECK(cudaFreeArray(layers));
    // A cube: its faces are +x, -x, +y, -y, +z, -z.
    const int C = 8;
    cudaArray_t cube = filled(make_cudaExtent(C, C, 6), cudaArrayCubemap);
    t = texture_of(array_resource(cube), false, true, false);
    for (int i = 0; i < N; i++) {
        int face = int(random.below(6)), x = int(random.below(C)), y = int(random.below(C));
        // The middle of a texel, seen from the centre of the cube.
        float s = 2 * (x + 0.5f) / C - 1, v = 2 * (y + 0.5f) / C - 1;
        float3 to[] = {{1, -v, -s}, {-1, -v, s}, {s, 1, v}, {s, -1, -v}, {s, -v, 1}, {-s, -v, -1}};
        at[i] = make_float4(to[face].x, to[face].y, to[face].z, 0);
        expected[i] = texels[(face * C + y) * C + x];
    }
    device_at.put(at);
    read_cube<<<grid(N), BLOCK>>>(t, device_at, out, N);
    CHECK(cudaGetLastError());
    close_to(out.get(), expected, 0);
    CHECK(cudaDestroyTextureObject(t));
    CHECK(cudaFreeArray(cube));
}
static void mipmaps(Random &random) {
    const int W = 32, H = 16, LEVELS = 4, N = 1000;
    cudaChannelFormatDesc desc = cudaCreateChannelDesc<float>();
    cudaMipmappedArray_t mipmaps;
    CHECK(cudaMallocMipmappedArray(&mipmaps, &desc, make_cudaExtent(W, H, 0), LEVELS));
    std::vector<std::vector<float>> texels;
    for (int level = 0; level < LEVELS; level++) {
        int w = W >> level, h = H >> level;
        cudaArray_t array;
        CHECK(cudaGetMipmappedArrayLevel(&array, mipmaps, level));
        cudaExtent extent;
        CHECK(cudaArrayGetInfo(nullptr, &extent, nullptr, array));
        REQUIRE(int(extent.width) == w && int(extent.height) == h);
        texels.push_back(reals(random, w * h));
        CHECK(cudaMemcpy2DToArray(array, 0, 0, texels.back().data(), w * 4, w * 4, h, cudaMemcpyHostToDevice));
    }
    cudaResourceDesc resource = {};
    resource.resType = cudaResourceTypeMipmappedArray;
    resource.res.mipmap.mipmap = mipmaps;
    cudaTextureDesc texture = {};
    texture.addressMode[0] = texture.addressMode[1] = cudaAddressModeClamp;
    texture.filterMode = texture.mipmapFilterMode = cudaFilterModePoint;
    texture.normalizedCoords = 1;
    texture.maxMipmapLevelClamp = LEVELS - 1;
    cudaTextureObject_t t;
    CHECK(cudaCreateTextureObject(&t, &resource, &texture, nullptr));
    std::vector<float4> at(N);
    std::vector<float> expected(N);
    for (int i = 0; i < N; i++) {
        int level = int(random.below(LEVELS)), w = W >> level, h = H >> level;
        float x = coordinate(random, w, false, false), y = coordinate(random, h, false, false);
        at[i] = make_float4(x / w, y / h, float(level), 0);
        expected[i] = texels[level][int(y) * w + int(x)];
    }
    OnDevice<float4> device_at(at);
    OnDevice<float> out(N);
    read_level<<<grid(N), BLOCK>>>(t, device_at, out, N);
    CHECK(cudaGetLastError());
    close_to(out.get(), expected, 0);
    CHECK(cudaDestroyTextureObject(t));
    CHECK(cudaFreeMipmappedArray(mipmaps));
}
static void plain_memory(Random &random) {
    const int N = 1000, W = 40, H = 20;
    std::vector<int> numbers(5000), at(N), expected(N);
    for (auto &v : numbers) v = int(random.u32());
    for (int i = 0; i < N; i++) at[i] = int(random.below(5000)), expected[i] = numbers[at[i]];
    OnDevice<int> device(numbers), device_at(at), out(N);
    cudaResourceDesc resource = {};
    resource.resType = cudaResourceTypeLinear;
    resource.res.linear.devPtr = device.at;
    resource.res.linear.desc = cudaCreateChannelDesc<int>();
    resource.res.linear.sizeInBytes = 5000 * 4;
    cudaTextureObject_t t = texture_of(resource, false, false, false);
    read_linear<<<grid(N), BLOCK>>>(t, device_at, out, N);
    CHECK(cudaGetLastError());
    same(out.get(), expected);
    CHECK(cudaDestroyTextureObject(t));
    // Pitched memory of four floats each, filtered; and of bytes that read as fractions of 255.
    float4 *pitched;
    size_t pitch;
    CHECK(cudaMallocPitch(&pitched, &pitch, W * sizeof(float4), H));
    std::vector<float> texels = reals(random, W * H * 4);
    CHECK(cudaMemcpy2D(pitched, pitch, texels.data(), W * sizeof(float4), W * sizeof(float4), H, cudaMemcpyHostToDevice));
    resource = {};
    resource.resType = cudaResourceTypePitch2D;
    resource.res.pitch2D.devPtr = pitched;
    resource.res.pitch2D.desc = cudaCreateChannelDesc<float4>();
    resource.res.pitch2D.width = W;
    resource.res.pitch2D.height = H;
    resource.res.pitch2D.pitchInBytes = pitch;
    t = texture_of(resource, true, false, false);
    std::vector<float2> places(N);
    std::vector<float> wanted(N * 4), channel(W * H);
    for (auto &p : places) p = make_float2(coordinate(random, W, true, true), coordinate(random, H, true, true));
    for (int c = 0; c < 4; c++) {
        for (int i = 0; i < W * H; i++) channel[i] = texels[i * 4 + c];
        for (int i = 0; i < N; i++) wanted[i * 4 + c] = float(lookup(channel.data(), {W, H, 1}, places[i].x, places[i].y, 0, true, false));
    }
    OnDevice<float2> device_places(places);
    OnDevice<float4> vectors(N);
    read_2d_vector<<<grid(N), BLOCK>>>(t, device_places, vectors, N);
    CHECK(cudaGetLastError());
    std::vector<float4> got = vectors.get();
    std::vector<float> flat((float *)got.data(), (float *)got.data() + N * 4);
    close_to(flat, wanted, 0.02);
    CHECK(cudaDestroyTextureObject(t));
    CHECK(cudaFree(pitched));
    cudaChannelFormatDesc desc = cudaCreateChannelDesc<unsigned char>();
    cudaArray_t bytes;
    CHECK(cudaMallocArray(&bytes, &desc, W, H));
    std::vector<unsigned char> byte_texels(W * H);
    for (auto &v : byte_texels) v = (unsigned char)random.u32();
    CHECK(cudaMemcpy2DToArray(bytes, 0, 0, byte_texels.data(), W, W, H, cudaMemcpyHostToDevice));
    t = texture_of(array_resource(bytes), true, false, false, cudaReadModeNormalizedFloat);
    wanted.resize(N);
    for (int i = 0; i < W * H; i++) channel[i] = byte_texels[i] / 255.0f;
    for (int i = 0; i < N; i++) wanted[i] = float(lookup(channel.data(), {W, H, 1}, places[i].x, places[i].y, 0, true, false));
    OnDevice<float> fractions(N);
    read_2d<<<grid(N), BLOCK>>>(t, device_places, fractions, N);
    CHECK(cudaGetLastError());
    close_to(fractions.get(), wanted, 0.02);
    CHECK(cudaDestroyTextureObject(t));
    CHECK(cudaFreeArray(bytes));
}
static void surfaces(Random &random) {
    const int W = 40, H = 24, D = 6;
    cudaChannelFormatDesc desc = cudaCreateChannelDesc<unsigned>();
    cudaArray_t from, to;
    CHECK(cudaMallocArray(&from, &desc, W, H, cudaArraySurfaceLoadStore));
    CHECK(cudaMallocArray(&to, &desc, H, W, cudaArraySurfaceLoadStore));
    std::vector<unsigned> in(W * H), out(W * H), expected(W * H);
    for (auto &v : in) v = random.u32();
    CHECK(cudaMemcpy2DToArray(from, 0, 0, in.data(), W * 4, W * 4, H, cudaMemcpyHostToDevice));
    cudaResourceDesc a = array_resource(from), b = array_resource(to);
    cudaSurfaceObject_t source, target;
    CHECK(cudaCreateSurfaceObject(&source, &a));
    CHECK(cudaCreateSurfaceObject(&target, &b));
    transpose_surface<<<grid(W * H), BLOCK>>>(source, target, W, H);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy2DFromArray(out.data(), H * 4, to, 0, 0, H * 4, W, cudaMemcpyDeviceToHost));
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) expected[x * H + y] = in[y * W + x] * 3 + 1;
    same(out, expected);
    cudaResourceDesc got;
    CHECK(cudaGetSurfaceObjectResourceDesc(&got, target));
    REQUIRE(got.resType == cudaResourceTypeArray && got.res.array.array == to);
    CHECK(cudaDestroySurfaceObject(source));
    CHECK(cudaDestroySurfaceObject(target));
    CHECK(cudaFreeArray(from));
    CHECK(cudaFreeArray(to));
    // A volume that a kernel fills by its surface and another reads as a texture.
    desc = cudaCreateChannelDesc<float>();
    cudaArray_t volume;
    CHECK(cudaMalloc3DArray(&volume, &desc, make_cudaExtent(W, H, D), cudaArraySurfaceLoadStore));
    cudaResourceDesc v = array_resource(volume);
    cudaSurfaceObject_t surface;
    CHECK(cudaCreateSurfaceObject(&surface, &v));
    fill_volume<<<grid(W * H * D), BLOCK>>>(surface, W, H, D);
    CHECK(cudaGetLastError());
    cudaTextureObject_t t = texture_of(v, false, false, false);
    const int N = 500;
    std::vector<float4> at(N);
    std::vector<float> wanted(N);
    for (int i = 0; i < N; i++) {
        int x = int(random.below(W)), y = int(random.below(H)), z = int(random.below(D));
        at[i] = make_float4(x + 0.5f, y + 0.5f, z + 0.5f, 0);
        wanted[i] = float((z * H + y) * W + x) * 0.5f;
    }
    OnDevice<float4> device_at(at);
    OnDevice<float> read(N);
    read_3d<<<grid(N), BLOCK>>>(t, device_at, read, N);
    CHECK(cudaGetLastError());
    close_to(read.get(), wanted, 0);
    CHECK(cudaDestroyTextureObject(t));
    CHECK(cudaDestroySurfaceObject(surface));
    CHECK(cudaFreeArray(volume));
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    plane_and_line(random);
    volume_layers_cube(random);
    mipmaps(random);
    plain_memory(random);
    surfaces(random);
    return pass("textures");
}
