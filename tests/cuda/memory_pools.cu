// nvcc: -cudart shared
// Pools: their attributes and statistics, trimming, one as the device's, and memory that moves from stream to stream.
#include "check.h"
__global__ void fill(unsigned *v, int n, unsigned a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = i * a;
}
__global__ void add(unsigned *v, int n, unsigned a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] += a;
}
static uint64_t attribute(cudaMemPool_t pool, cudaMemPoolAttr which) {
    uint64_t value = 0;
    CHECK(cudaMemPoolGetAttribute(pool, which, &value));
    return value;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cudaStream_t s, t;
    cudaEvent_t e;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking));
    CHECK(cudaEventCreateWithFlags(&e, cudaEventDisableTiming));
    cudaMemPoolProps props = {};
    props.allocType = cudaMemAllocationTypePinned;
    props.location.type = cudaMemLocationTypeDevice;
    cudaMemPool_t pool, standard, current;
    CHECK(cudaMemPoolCreate(&pool, &props));
    CHECK(cudaDeviceGetDefaultMemPool(&standard, 0));
    CHECK(cudaDeviceGetMemPool(&current, 0));
    REQUIRE(current == standard && pool != standard);
    for (auto which : {cudaMemPoolReuseFollowEventDependencies, cudaMemPoolReuseAllowOpportunistic, cudaMemPoolReuseAllowInternalDependencies}) {
        int on = 9;
        CHECK(cudaMemPoolGetAttribute(pool, which, &on));
        REQUIRE(on == 1);
        on = 0;
        CHECK(cudaMemPoolSetAttribute(pool, which, &on));
        on = 9;
        CHECK(cudaMemPoolGetAttribute(pool, which, &on));
        REQUIRE(on == 0);
        on = 1;
        CHECK(cudaMemPoolSetAttribute(pool, which, &on));
    }
    REQUIRE(attribute(pool, cudaMemPoolAttrReleaseThreshold) == 0);
    uint64_t threshold = UINT64_MAX;
    CHECK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
    REQUIRE(attribute(pool, cudaMemPoolAttrReleaseThreshold) == UINT64_MAX);
    cudaMemAccessFlags flags;
    cudaMemLocation here = {};
    here.type = cudaMemLocationTypeDevice;
    CHECK(cudaMemPoolGetAccess(&flags, pool, &here));
    REQUIRE(flags == cudaMemAccessFlagsProtReadWrite);
    // What the pool says that it holds.
    REQUIRE(attribute(pool, cudaMemPoolAttrUsedMemCurrent) == 0 && attribute(pool, cudaMemPoolAttrReservedMemCurrent) == 0);
    const size_t MB = 1 << 20;
    unsigned *p[3];
    for (int i = 0; i < 3; i++) {
        CHECK(cudaMallocFromPoolAsync(&p[i], (i + 1) * MB, pool, s));
        cudaPointerAttributes attributes;
        CHECK(cudaPointerGetAttributes(&attributes, p[i]));
        REQUIRE(attributes.type == cudaMemoryTypeDevice && attributes.device == 0);
    }
    CHECK(cudaStreamSynchronize(s));
    REQUIRE(attribute(pool, cudaMemPoolAttrUsedMemCurrent) >= 6 * MB);
    uint64_t reserved = attribute(pool, cudaMemPoolAttrReservedMemCurrent);
    REQUIRE(reserved >= attribute(pool, cudaMemPoolAttrUsedMemCurrent));
    for (auto q : p) CHECK(cudaFreeAsync(q, s));
    CHECK(cudaStreamSynchronize(s));
    REQUIRE(attribute(pool, cudaMemPoolAttrUsedMemCurrent) == 0);
    REQUIRE(attribute(pool, cudaMemPoolAttrUsedMemHigh) >= 6 * MB);
    // The threshold lets the pool keep the memory; trimming lets it go.
    REQUIRE(attribute(pool, cudaMemPoolAttrReservedMemCurrent) <= reserved);
    CHECK(cudaMemPoolTrimTo(pool, 0));
    REQUIRE(attribute(pool, cudaMemPoolAttrReservedMemCurrent) == 0);
    REQUIRE(attribute(pool, cudaMemPoolAttrReservedMemHigh) == reserved);
    uint64_t zero = 0;
    CHECK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrUsedMemHigh, &zero));
    CHECK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReservedMemHigh, &zero));
    REQUIRE(attribute(pool, cudaMemPoolAttrUsedMemHigh) == 0 && attribute(pool, cudaMemPoolAttrReservedMemHigh) == 0);
    // As the device's pool.
    CHECK(cudaDeviceSetMemPool(0, pool));
    CHECK(cudaDeviceGetMemPool(&current, 0));
    REQUIRE(current == pool);
    // Allocated on one stream, used on another, freed there; freed memory is taken again at once.
    for (int round = 0; round < 30; round++) {
        int n = 1000 + int(random.below(100000));
        unsigned a = random.u32(), *q;
        CHECK(cudaMallocAsync(&q, n * 4, s));
        fill<<<(n + 255) / 256, 256, 0, s>>>(q, n, a);
        CHECK(cudaGetLastError());
        CHECK(cudaEventRecord(e, s));
        CHECK(cudaStreamWaitEvent(t, e, 0));
        add<<<(n + 255) / 256, 256, 0, t>>>(q, n, 5);
        CHECK(cudaGetLastError());
        std::vector<unsigned> got(n), expected(n);
        for (int i = 0; i < n; i++) expected[i] = i * a + 5;
        CHECK(cudaMemcpyAsync(got.data(), q, n * 4, cudaMemcpyDeviceToHost, t));
        CHECK(cudaFreeAsync(q, t));
        if (round % 3 == 0) {
            // The other stream may have the same memory, once it waits for the free.
            CHECK(cudaEventRecord(e, t));
            CHECK(cudaStreamWaitEvent(s, e, 0));
        }
        unsigned *next;
        CHECK(cudaMallocAsync(&next, n * 4, s));
        fill<<<(n + 255) / 256, 256, 0, s>>>(next, n, a + 1);
        std::vector<unsigned> second(n);
        CHECK(cudaMemcpyAsync(second.data(), next, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaFreeAsync(next, s));
        CHECK(cudaStreamSynchronize(t));
        CHECK(cudaStreamSynchronize(s));
        same(got, expected);
        for (int i = 0; i < n; i++) expected[i] = i * (a + 1);
        same(second, expected);
    }
    REQUIRE(attribute(pool, cudaMemPoolAttrUsedMemCurrent) == 0 && attribute(pool, cudaMemPoolAttrUsedMemHigh) >= 4000);
    // Freed by the call that waits.
    unsigned *q;
    CHECK(cudaMallocAsync(&q, MB, s));
    CHECK(cudaStreamSynchronize(s));
    CHECK(cudaFree(q));
    CHECK(cudaDeviceSetMemPool(0, standard));
    CHECK(cudaMemPoolTrimTo(pool, 0));
    CHECK(cudaMemPoolDestroy(pool));
    CHECK(cudaEventDestroy(e));
    CHECK(cudaStreamDestroy(s));
    CHECK(cudaStreamDestroy(t));
    return pass("memory_pools");
}
