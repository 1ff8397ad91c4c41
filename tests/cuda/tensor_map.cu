// on: gpu
// nvcc: -cudart shared -arch=sm_90
// Tensor maps: tiles that the copy engine of a multiprocessor brings into shared memory and takes back out of it.
#include "driver.h"
static const int TW = 32, TH = 8, THREADS = 128;
__device__ uint32_t shared_address(const void *p) { return uint32_t(__cvta_generic_to_shared(p)); }
// Brings the tile at (x, y), z of `from`; writes it to `out` as it is, and its negative by way of `to`.
__global__ void tiles(const __grid_constant__ CUtensorMap from, const __grid_constant__ CUtensorMap to, const int3 *at, float *out) {
    __shared__ alignas(128) float tile[TH * TW];
    __shared__ alignas(8) uint64_t barrier;
    uint32_t tile_at = shared_address(tile), barrier_at = shared_address(&barrier);
    int3 p = at[blockIdx.x];
    if (threadIdx.x == 0) {
        asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barrier_at) : "memory");
        asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier_at), "r"(uint32_t(sizeof tile)) : "memory");
        asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], [%5];" ::"r"(tile_at),
                     "l"(&from), "r"(p.x), "r"(p.y), "r"(p.z), "r"(barrier_at)
                     : "memory");
    }
    for (uint32_t done = 0; !done;)
        asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }"
                     : "=r"(done)
                     : "r"(barrier_at), "r"(0)
                     : "memory");
    for (int i = threadIdx.x; i < TH * TW; i += blockDim.x) {
        out[blockIdx.x * TH * TW + i] = tile[i];
        tile[i] = -tile[i];
    }
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    // The H200 brings tiles that begin before the array, but takes none back there: illegal instruction.
    if (threadIdx.x == 0 && p.x >= 0) {
        asm volatile("cp.async.bulk.tensor.3d.global.shared::cta.tile.bulk_group [%0, {%1, %2, %3}], [%4];" ::"l"(&to), "r"(p.x), "r"(p.y), "r"(p.z),
                     "r"(tile_at)
                     : "memory");
        asm volatile("cp.async.bulk.commit_group;" ::: "memory");
        asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
    }
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    const int W = 100, H = 60, D = 5, N = 40;
    std::vector<float> in(W * H * D);
    for (auto &v : in) v = random.real();
    OnDevice<float> from(in), to(std::vector<float>(W * H * D, 9));
    auto map_of = [&](float *memory) {
        cuuint64_t dims[] = {W, H, D}, strides[] = {W * 4, W * H * 4};
        cuuint32_t box[] = {TW, TH, 1}, steps[] = {1, 1, 1};
        CUtensorMap map;
        OK(DRIVER(cuTensorMapEncodeTiled)(&map, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 3, memory, dims, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
                                          CU_TENSOR_MAP_SWIZZLE_NONE, CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
        return map;
    };
    CUtensorMap map_from = map_of(from), map_to = map_of(to);
    // Tiles that lie apart, some of them over the edge: what is beyond reads as zero and is not written.
    std::vector<int3> at;
    for (int z = 0; z < D; z++)
        for (int k = 0; k < N / D; k++) at.push_back(make_int3(k % 4 * TW - 8 + int(random.below(2)) * 4, k / 4 * 40 + int(random.below(20)), z));
    OnDevice<int3> device_at(at);
    OnDevice<float> out(at.size() * TH * TW);
    tiles<<<unsigned(at.size()), THREADS>>>(map_from, map_to, device_at, out);
    CHECK(cudaGetLastError());
    CHECK(cudaDeviceSynchronize());
    std::vector<float> expected(at.size() * TH * TW), expected_to(W * H * D, 9);
    for (size_t t = 0; t < at.size(); t++)
        for (int j = 0; j < TH; j++)
            for (int i = 0; i < TW; i++) {
                int x = at[t].x + i, y = at[t].y + j;
                if (x < 0 || y < 0 || x >= W || y >= H) continue;
                size_t place = (size_t(at[t].z) * H + y) * W + x;
                expected[(t * TH + j) * TW + i] = in[place];
                if (at[t].x >= 0) expected_to[place] = -in[place];
            }
    same(out.get(), expected);
    same(to.get(), expected_to);
    // The address of another buffer in the same map.
    OnDevice<float> other(in.size());
    std::vector<float> again = in;
    for (auto &v : again) v *= 3;
    other.put(again);
    OK(DRIVER(cuTensorMapReplaceAddress)(&map_from, other.at));
    tiles<<<unsigned(at.size()), THREADS>>>(map_from, map_to, device_at, out);
    CHECK(cudaGetLastError());
    for (auto &v : expected) v *= 3;
    same(out.get(), expected);
    // Strides are multiples of 16 bytes.
    cuuint64_t dims[] = {10, 10}, strides[] = {40};
    cuuint32_t box[] = {4, 4}, steps[] = {1, 1};
    CUtensorMap none;
    REFUSED(DRIVER(cuTensorMapEncodeTiled)(&none, CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 2, from.at, dims, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
                                           CU_TENSOR_MAP_SWIZZLE_NONE, CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE),
            CUDA_ERROR_INVALID_VALUE);
    return pass("tensor_map");
}
