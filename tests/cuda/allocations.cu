// nvcc: -Xcompiler -pthread
// Memory comes and goes while kernels are at work on it: what one stream has still to write is never seen by who gets the memory next,
// as a free waits for the device. Sizes, addresses, free memory and errors are what CUDA says they are.
#include "driver.h"
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

// Writes late: the threads have something to count first.
__global__ void late(unsigned *v, size_t n, unsigned value, unsigned rounds) {
    unsigned x = value;
    for (unsigned i = 0; i < rounds; i++) x = x * 1664525u + (x >> 7);
    size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    // Never so, but the compiler does not know.
    if (x == 0x12345678u && rounds == 77777u) value++;
    for (; i < n; i += gridDim.x * size_t(blockDim.x)) v[i] = value * 2654435761u + unsigned(i);
}
struct Buffer {
    unsigned *at;
    size_t n;
    unsigned value;
    cudaStream_t stream;
};
static void verify(const Buffer &b) {
    std::vector<unsigned> got(b.n);
    // In its own stream: others have nothing to do with it.
    CHECK(cudaMemcpyAsync(got.data(), b.at, b.n * 4, cudaMemcpyDeviceToHost, b.stream));
    CHECK(cudaStreamSynchronize(b.stream));
    for (size_t i = 0; i < b.n; i++)
        if (got[i] != b.value * 2654435761u + unsigned(i)) {
            printf("word %zu of %zu at %p is not what was written last\n", i, b.n, (void *)b.at);
            exit(1);
        }
}
static size_t words(Random &random) {
    switch (random.below(12)) {
    case 0: return 1 + random.below(1 << 20);
    case 1: return 1 + random.below(64);
    case 2: return (1 << 18) + random.below(3);
    default: return 1 + random.below(30000);
    }
}
// What all threads have now, so that nothing is given twice.
struct Map {
    std::mutex lock;
    std::map<uintptr_t, uintptr_t> live;
    void enter(void *at, size_t bytes) {
        std::lock_guard<std::mutex> guard(lock);
        uintptr_t from = uintptr_t(at), to = from + bytes;
        auto next = live.lower_bound(from);
        REQUIRE(next == live.end() || next->first >= to);
        REQUIRE(next == live.begin() || std::prev(next)->second <= from);
        live[from] = to;
    }
    // Before the memory is freed: from then on another thread may get it.
    void leave(void *at) {
        std::lock_guard<std::mutex> guard(lock);
        REQUIRE(live.erase(uintptr_t(at)) == 1);
    }
};
static void churn(uint64_t from, Map &map, int steps) {
    Random random(from);
    const int STREAMS = 3;
    cudaStream_t streams[STREAMS];
    for (auto &s : streams) CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    std::vector<Buffer> live;
    auto make = [&](size_t n, cudaStream_t s) {
        Buffer b{nullptr, n, random.u32(), s};
        CHECK(cudaMalloc(&b.at, n * 4));
        REQUIRE(uintptr_t(b.at) % 256 == 0);
        map.enter(b.at, n * 4);
        late<<<1 + random.below(3), 64, 0, s>>>(b.at, n, b.value, random.below(3) ? random.below(200) : random.below(20000));
        CHECK(cudaGetLastError());
        live.push_back(b);
    };
    auto drop = [&](size_t which) {
        Buffer b = live[which];
        live[which] = live.back();
        live.pop_back();
        map.leave(b.at);
        CHECK(cudaFree(b.at));
        return b;
    };
    for (int step = 0; step < steps; step++) {
        switch (random.below(live.size() < 40 ? 8 : 5)) {
        case 0:
        case 1: {
            // Freed while its kernel may be running, and allocated again at once, for another stream.
            if (live.empty()) break;
            Buffer old = drop(random.below(live.size()));
            make(random.below(2) ? old.n : words(random), streams[random.below(STREAMS)]);
            break;
        }
        case 2:
            if (!live.empty()) drop(random.below(live.size()));
            break;
        case 3:
            if (!live.empty()) verify(live[random.below(live.size())]);
            break;
        case 4: {
            if (random.below(4)) break;
            CHECK(cudaDeviceSynchronize());
            // With nothing to wait for, over and over.
            for (int i = 0; i < 5; i++) {
                char *p;
                CHECK(cudaMalloc(&p, 1 + random.below(1 << 20)));
                CHECK(cudaFree(p));
            }
            break;
        }
        default: make(words(random), streams[random.below(STREAMS)]);
        }
    }
    while (!live.empty()) {
        verify(live.back());
        drop(live.size() - 1);
    }
    for (auto s : streams) CHECK(cudaStreamDestroy(s));
}
// Addresses are those of allocations, and nothing else can be freed.
static void identities(Random &random) {
    auto range = DRIVER(cuMemGetAddressRange);
    auto attribute = DRIVER(cuPointerGetAttribute);
    std::vector<char *> all;
    std::vector<unsigned long long> ids;
    for (int i = 0; i < 50; i++) {
        size_t n = 1 + random.below(5000);
        char *p;
        CHECK(cudaMalloc(&p, n));
        CUdeviceptr base, start;
        size_t size, length;
        CUdeviceptr at = CUdeviceptr(p) + random.below(unsigned(n));
        OK(range(&base, &size, at));
        REQUIRE(base == CUdeviceptr(p) && size >= n);
        OK(attribute(&start, CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, at));
        OK(attribute(&length, CU_POINTER_ATTRIBUTE_RANGE_SIZE, at));
        REQUIRE(start == base && length == size);
        unsigned long long id;
        OK(attribute(&id, CU_POINTER_ATTRIBUTE_BUFFER_ID, at));
        for (auto other : ids) REQUIRE(other != id);
        ids.push_back(id);
        cudaPointerAttributes a;
        CHECK(cudaPointerGetAttributes(&a, (void *)at));
        REQUIRE(a.type == cudaMemoryTypeDevice && a.devicePointer == (void *)at && a.device == 0);
        all.push_back(p);
        if (n > 1) FAILS(cudaFree(p + 1 + random.below(unsigned(n - 1))), cudaErrorInvalidValue);
    }
    for (auto p : all) {
        CHECK(cudaFree(p));
        FAILS(cudaFree(p), cudaErrorInvalidValue);
        cudaGetLastError();
        cudaPointerAttributes a;
        CHECK(cudaPointerGetAttributes(&a, p));
        REQUIRE(a.type == cudaMemoryTypeUnregistered);
    }
    int own;
    FAILS(cudaFree(&own), cudaErrorInvalidValue);
    cudaGetLastError();
    char *p = (char *)1;
    CHECK(cudaMalloc(&p, 0));
    REQUIRE(p == nullptr);
    CHECK(cudaFree(p));
}
static size_t room() {
    size_t free, total;
    CHECK(cudaMemGetInfo(&free, &total));
    REQUIRE(free <= total);
    return free;
}
// What is allocated is not free, what is freed is, and all that is free can be had.
static void truth(Random &random) {
    const size_t MIB = 1 << 20;
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaDeviceSynchronize());
    size_t before = room();
    size_t most = before / 8 < 600 * MIB ? before / 8 : 600 * MIB, sum = 0;
    std::vector<Buffer> all;
    while (sum + 4 * MIB < most) {
        Buffer b{nullptr, (MIB / 4) * (1 + random.below(3)) + random.below(100), 5, s};
        CHECK(cudaMalloc(&b.at, b.n * 4));
        sum += b.n * 4;
        all.push_back(b);
    }
    size_t during = room();
    // A device gives out memory in pages of two megabytes.
    REQUIRE(during + sum <= before + 64 * MIB && during + 4 * sum + 64 * MIB >= before);
    for (auto &b : all) late<<<1, 64, 0, s>>>(b.at, b.n, b.value, 2000);
    CHECK(cudaGetLastError());
    for (auto &b : all) CHECK(cudaFree(b.at));
    size_t after = room();
    REQUIRE(after + 16 * MIB >= before);
    // More than there is fails, and costs nothing.
    char *p = nullptr;
    FAILS(cudaMalloc(&p, after + (size_t(1) << 30)), cudaErrorMemoryAllocation);
    FAILS(cudaGetLastError(), cudaErrorMemoryAllocation);
    REQUIRE(room() + 16 * MIB >= after);
    // Nearly all that is free in one piece, though parts of it were small ones before.
    size_t n = after - 96 * MIB;
    CHECK(cudaMalloc(&p, n));
    CHECK(cudaMemset(p + n - 10, 1, 10));
    REQUIRE(room() <= after - n + 16 * MIB);
    // Of what is left there is still something.
    char *small;
    CHECK(cudaMalloc(&small, 1000));
    CHECK(cudaMemset(small, 1, 1000));
    CHECK(cudaFree(p));
    CHECK(cudaFree(small));
    REQUIRE(room() + 16 * MIB >= before);
    CHECK(cudaStreamDestroy(s));
}
// Large memory that comes and goes.
static void large(Random &random) {
    cudaStream_t streams[2];
    for (auto &s : streams) CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    for (int round = 0; round < 12; round++) {
        size_t n = (10u << 20) + random.below(2) * random.below(1 << 20);
        Buffer first{nullptr, n, random.u32(), streams[0]}, second{nullptr, n - random.below(1000), random.u32(), streams[1]};
        CHECK(cudaMalloc(&first.at, first.n * 4));
        late<<<8, 64, 0, first.stream>>>(first.at, first.n, first.value, 5000);
        CHECK(cudaFree(first.at));
        CHECK(cudaMalloc(&second.at, second.n * 4));
        late<<<8, 64, 0, second.stream>>>(second.at, second.n, second.value, 10);
        CHECK(cudaGetLastError());
        verify(second);
        CHECK(cudaFree(second.at));
    }
    for (auto s : streams) CHECK(cudaStreamDestroy(s));
}
// What lives in a context ends with it, and another context's does not.
static void contexts(Random &random) {
    auto create = DRIVER(cuCtxCreate);
    CUcontext context;
    CUdeviceptr there[20], here;
    CHECK(cudaMalloc((void **)&here, 4000));
    CHECK(cudaMemset((void *)here, 9, 4000));
#if CUDA_VERSION >= 13000
    OK(create(&context, nullptr, 0, 0));
#else
    OK(create(&context, 0, 0));
#endif
    for (auto &p : there) {
        OK(DRIVER(cuMemAlloc)(&p, 1 + random.below(1 << 20)));
        OK(DRIVER(cuMemsetD8)(p, 3, 1));
        CUcontext of;
        OK(DRIVER(cuPointerGetAttribute)(&of, CU_POINTER_ATTRIBUTE_CONTEXT, p));
        REQUIRE(of == context);
    }
    OK(DRIVER(cuMemFree)(there[0]));
    OK(DRIVER(cuCtxDestroy)(context));
    CUcontext of;
    for (auto p : there) REQUIRE(DRIVER(cuPointerGetAttribute)(&of, CU_POINTER_ATTRIBUTE_CONTEXT, p) != CUDA_SUCCESS);
    char got[4000];
    CHECK(cudaMemcpy(got, (void *)here, sizeof got, cudaMemcpyDeviceToHost));
    for (char c : got) REQUIRE(c == 9);
    CHECK(cudaFree((void *)here));
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    identities(random);
    Map map;
    churn(random.next(), map, 400);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) threads.emplace_back(churn, random.next(), std::ref(map), 200);
    for (auto &thread : threads) thread.join();
    large(random);
    truth(random);
    contexts(random);
    identities(random);
    CHECK(cudaDeviceSynchronize());
    return pass("allocations");
}
