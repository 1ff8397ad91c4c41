// devices: 2
// nvcc: -cudart shared
// Two devices of one process: what each has for itself, what they do for each other, and what they refuse. With fewer, there is
// nothing to test.
#include "driver.h"
#include <atomic>
#include <thread>
static const int BLOCK = 128;
static int grid(int n) { return (n + BLOCK - 1) / BLOCK; }
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
__global__ void combine(unsigned *out, const unsigned *own, const unsigned *other, int n, unsigned a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = own[i] * a + other[n - 1 - i];
}
__global__ void count_up(unsigned *counter, unsigned by) { atomicAdd_system(counter, by); }
__device__ unsigned variable = 5;
__constant__ unsigned constant[4];
__managed__ unsigned managed_variable = 7;
__global__ void read_variables(unsigned *out) {
    out[0] = variable++;
    for (int i = 0; i < 4; i++) out[1 + i] = constant[i];
}
__global__ void add_to_managed(unsigned by) { managed_variable += by; }
__global__ void spin(volatile unsigned *flag, unsigned *out) {
    while (*flag == 0) {}
    *out = *flag;
}
__global__ void with_shared(unsigned *out, unsigned a) {
    extern __shared__ unsigned room[];
    room[threadIdx.x * 64] = a + threadIdx.x;
    __syncthreads();
    out[threadIdx.x] = room[(blockDim.x - 1 - threadIdx.x) * 64];
}
static std::vector<unsigned> numbers(Random &random, size_t n) {
    std::vector<unsigned> v(n);
    for (auto &x : v) x = random.u32();
    return v;
}
static std::vector<unsigned> changed(std::vector<unsigned> v, unsigned a, unsigned b) {
    for (auto &x : v) x = x * a + b;
    return v;
}
static unsigned *upload(const std::vector<unsigned> &v) {
    unsigned *p;
    CHECK(cudaMalloc(&p, v.size() * 4));
    CHECK(cudaMemcpy(p, v.data(), v.size() * 4, cudaMemcpyHostToDevice));
    return p;
}
static std::vector<unsigned> download(const void *p, size_t n) {
    std::vector<unsigned> v(n);
    CHECK(cudaMemcpy(v.data(), p, n * 4, cudaMemcpyDefault));
    return v;
}
static void use(int device) {
    CHECK(cudaSetDevice(device));
    int now = -1;
    CHECK(cudaGetDevice(&now));
    REQUIRE(now == device);
}
// The call must fail, and no later call is to hear of it.
#define REFUSES(call, expected)        \
    do {                               \
        FAILS(call, expected);         \
        (void)cudaGetLastError();      \
    } while (0)

static void identities(int count) {
    cudaDeviceProp p[2];
    for (int d = 0; d < 2; d++) {
        CHECK(cudaGetDeviceProperties(&p[d], d));
        char bus[32];
        int found = -1;
        CHECK(cudaDeviceGetPCIBusId(bus, sizeof bus, d));
        CHECK(cudaDeviceGetByPCIBusId(&found, bus));
        REQUIRE(found == d);
        int own = -1;
        CHECK(cudaDeviceCanAccessPeer(&own, d, d));
        REQUIRE(own == 0);
    }
    REQUIRE(memcmp(&p[0].uuid, &p[1].uuid, sizeof p[0].uuid) != 0);
    REQUIRE(p[0].pciDomainID != p[1].pciDomainID || p[0].pciBusID != p[1].pciBusID || p[0].pciDeviceID != p[1].pciDeviceID);
    int value;
    REFUSES(cudaSetDevice(count), cudaErrorInvalidDevice);
    REFUSES(cudaDeviceCanAccessPeer(&value, 0, count), cudaErrorInvalidDevice);
    REFUSES(cudaDeviceGetP2PAttribute(&value, cudaDevP2PAttrAccessSupported, 0, 0), cudaErrorInvalidDevice);
    CHECK(cudaDeviceGetP2PAttribute(&value, cudaDevP2PAttrAccessSupported, 0, 1));
    int can = -1;
    CHECK(cudaDeviceCanAccessPeer(&can, 0, 1));
    REQUIRE(can == value);
}

// Memory is counted, known and limited for each device by itself.
static void accounts(Random &random) {
    size_t before[2], after[2], total;
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaFree(nullptr));
    }
    const size_t len = 96 << 20;
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaMemGetInfo(&before[d], &total));
    }
    int owner = random.below(2);
    use(owner);
    void *p;
    CHECK(cudaMalloc(&p, len));
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaMemGetInfo(&after[d], &total));
        cudaPointerAttributes attributes;
        CHECK(cudaPointerGetAttributes(&attributes, (char *)p + random.below(len)));
        REQUIRE(attributes.type == cudaMemoryTypeDevice && attributes.device == owner);
    }
    // Others may use the machine, but hardly just now.
    REQUIRE(before[owner] - after[owner] >= len && before[owner] - after[owner] < 2 * len);
    REQUIRE(before[1 - owner] < after[1 - owner] + len / 2);
    use(1 - owner);
    CHECK(cudaFree(p));
    size_t limit[2];
    use(1);
    CHECK(cudaDeviceSetLimit(cudaLimitStackSize, 4096));
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaDeviceGetLimit(&limit[d], cudaLimitStackSize));
    }
    REQUIRE(limit[0] < 4096 && limit[1] >= 4096);
}

// Several threads, each with a device of its own choice that it changes now and then.
static void threads(uint64_t start) {
    std::vector<std::thread> all;
    for (int t = 0; t < 4; t++)
        all.emplace_back([=] {
            Random random(start + t);
            for (int round = 0; round < 6; round++) {
                int device = (t + round / 3) % 2;
                use(device);
                int n = 1 + random.below(50000);
                unsigned a = random.u32(), b = random.u32();
                auto v = numbers(random, n);
                cudaStream_t s;
                CHECK(cudaStreamCreate(&s));
                unsigned *p;
                CHECK(cudaMalloc(&p, n * 4));
                CHECK(cudaMemcpyAsync(p, v.data(), n * 4, cudaMemcpyHostToDevice, s));
                int times = 1 + random.below(4);
                for (int k = 0; k < times; k++) {
                    affine<<<grid(n), BLOCK, 0, s>>>(p, n, a, b);
                    CHECK(cudaGetLastError());
                    v = changed(v, a, b);
                }
                std::vector<unsigned> got(n);
                CHECK(cudaMemcpyAsync(got.data(), p, n * 4, cudaMemcpyDeviceToHost, s));
                CHECK(cudaStreamSynchronize(s));
                same(got, v);
                CHECK(cudaFree(p));
                CHECK(cudaStreamDestroy(s));
            }
        });
    for (auto &thread : all) thread.join();
}

static void variables(Random &random) {
    unsigned *out[2], *at[2], expected[2][4];
    for (int d = 0; d < 2; d++) {
        use(d);
        for (auto &x : expected[d]) x = random.u32();
        CHECK(cudaMalloc(&out[d], 5 * 4));
        CHECK(cudaMemcpyToSymbol(constant, expected[d], sizeof expected[d]));
        unsigned mine = 1000 * (d + 1);
        CHECK(cudaMemcpyToSymbol(variable, &mine, 4));
        CHECK(cudaGetSymbolAddress((void **)&at[d], variable));
    }
    REQUIRE(at[0] != at[1]);
    for (int round = 0; round < 3; round++)
        for (int d = 0; d < 2; d++) {
            use(d);
            read_variables<<<1, 1>>>(out[d]);
            CHECK(cudaGetLastError());
            auto got = download(out[d], 5);
            REQUIRE(got[0] == 1000u * (d + 1) + round);
            for (int i = 0; i < 4; i++) REQUIRE(got[1 + i] == expected[d][i]);
        }
    // A managed variable is one, for both and for the host.
    unsigned sum = managed_variable;
    for (int round = 0; round < 4; round++) {
        unsigned by = random.below(1000);
        use(round % 2);
        add_to_managed<<<1, 1>>>(by);
        CHECK(cudaDeviceSynchronize());
        sum += by;
        REQUIRE(managed_variable == sum);
        managed_variable = sum += 3;
    }
    for (int d = 0; d < 2; d++) CHECK(cudaFree(out[d]));
}

// How much shared memory a kernel may have is set for one device.
static void kernel_attributes(Random &random) {
    const int most = 60 << 10;
    use(0);
    CHECK(cudaFuncSetAttribute(with_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, most));
    for (int d = 0; d < 2; d++) {
        use(d);
        cudaFuncAttributes attributes;
        CHECK(cudaFuncGetAttributes(&attributes, with_shared));
        REQUIRE(d == 0 ? attributes.maxDynamicSharedSizeBytes == most : attributes.maxDynamicSharedSizeBytes <= 48 << 10);
        unsigned *out;
        CHECK(cudaMalloc(&out, 128 * 4));
        unsigned a = random.u32();
        with_shared<<<1, 128, most>>>(out, a);
        cudaError_t status = cudaGetLastError();
        REQUIRE((status == cudaSuccess) == (d == 0));
        if (d == 0) {
            auto got = download(out, 128);
            for (int i = 0; i < 128; i++) REQUIRE(got[i] == a + 127 - i);
        }
        int blocks = 0;
        CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, affine, BLOCK, 0));
        REQUIRE(blocks > 0);
        CHECK(cudaFree(out));
    }
}

// Copies from one device's memory to the other's, without access of their kernels to it.
static void copies(Random &random) {
    const int n = 200000;
    auto v = numbers(random, n);
    unsigned *p[2];
    cudaStream_t s[2];
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaMalloc(&p[d], n * 4));
        CHECK(cudaStreamCreateWithFlags(&s[d], cudaStreamNonBlocking));
    }
    CHECK(cudaMemcpy(p[0], v.data(), n * 4, cudaMemcpyHostToDevice));
    for (int round = 0; round < 8; round++) {
        int from = round % 2, to = 1 - from;
        size_t at = random.below(n / 2), len = 1 + random.below(n / 2 - 1);
        // The other one's copy is spoiled first, by its own device: unlike a copy, this needs access.
        use(to);
        CHECK(cudaMemset(p[to] + at, 0x5a, len * 4));
        CHECK(cudaDeviceSynchronize());
        use(random.below(2));
        cudaStream_t stream = s[random.below(2)];
        switch (round / 2) {
        case 0: CHECK(cudaMemcpyPeer(p[to], to, p[from], from, n * 4)); break;
        case 1: CHECK(cudaMemcpyPeerAsync(p[to] + at, to, p[from] + at, from, len * 4, stream)); break;
        case 2: CHECK(cudaMemcpyAsync(p[to] + at, p[from] + at, len * 4, cudaMemcpyDefault, stream)); break;
        default: {
            cudaMemcpy3DPeerParms parms = {};
            parms.srcDevice = from;
            parms.dstDevice = to;
            parms.srcPtr = make_cudaPitchedPtr(p[from] + at, len * 4, len, 1);
            parms.dstPtr = make_cudaPitchedPtr(p[to] + at, len * 4, len, 1);
            parms.extent = make_cudaExtent(len * 4, 1, 1);
            CHECK(cudaMemcpy3DPeerAsync(&parms, stream));
        }
        }
        CHECK(cudaStreamSynchronize(stream));
        // Synchronous copies between devices may return before they are done.
        for (int d = 0; d < 2; d++) {
            use(d);
            CHECK(cudaDeviceSynchronize());
        }
        same(download(p[to], n), v);
        // And it goes on from there.
        unsigned a = random.u32() | 1, b = random.u32();
        use(to);
        affine<<<grid(n), BLOCK, 0, s[to]>>>(p[to], n, a, b);
        CHECK(cudaGetLastError());
        CHECK(cudaMemcpyPeerAsync(p[from], from, p[to], to, n * 4, s[to]));
        CHECK(cudaStreamSynchronize(s[to]));
        v = changed(v, a, b);
        same(download(p[from], n), v);
    }
    // Rows, in a stream of the device that is not the current one.
    const int width = 300, height = 200, pitch = 512;
    use(1);
    CHECK(cudaMemset(p[1], 0, n * 4));
    CHECK(cudaDeviceSynchronize());
    use(0);
    CHECK(cudaMemcpy2DAsync(p[1], pitch, p[0], width, width, height, cudaMemcpyDefault, s[1]));
    CHECK(cudaStreamSynchronize(s[1]));
    auto got = download(p[1], pitch * height / 4);
    for (int y = 0; y < height; y++)
        REQUIRE(memcmp((char *)got.data() + y * pitch, (char *)v.data() + y * width, width) == 0);
    for (int d = 0; d < 2; d++) {
        CHECK(cudaFree(p[d]));
        CHECK(cudaStreamDestroy(s[d]));
    }
}

// A stream of one device waits for an event of the other, back and forth.
static void events(Random &random) {
    const int n = 30000;
    auto v = numbers(random, n);
    unsigned *p[2];
    cudaStream_t s[2];
    cudaEvent_t e[2], timed[2];
    for (int d = 0; d < 2; d++) {
        use(d);
        p[d] = upload(v);
        CHECK(cudaStreamCreateWithFlags(&s[d], cudaStreamNonBlocking));
        CHECK(cudaEventCreateWithFlags(&e[d], cudaEventDisableTiming));
        CHECK(cudaEventCreate(&timed[d]));
    }
    for (int round = 0; round < 20; round++) {
        int own = round % 2, other = 1 - own;
        unsigned a = random.u32() | 1, b = random.u32();
        use(own);
        affine<<<grid(n), BLOCK, 0, s[own]>>>(p[own], n, a, b);
        CHECK(cudaGetLastError());
        CHECK(cudaMemcpyPeerAsync(p[other], other, p[own], own, n * 4, s[own]));
        CHECK(cudaEventRecord(e[own], s[own]));
        if (random.below(2)) use(other);
        CHECK(cudaStreamWaitEvent(s[other], e[own], 0));
        v = changed(v, a, b);
    }
    // Asked for and waited for with any device current.
    use(0);
    CHECK(cudaEventSynchronize(e[1]));
    CHECK(cudaEventQuery(e[1]));
    CHECK(cudaStreamSynchronize(s[1]));
    CHECK(cudaStreamQuery(s[1]));
    same(download(p[0], n), v);
    same(download(p[1], n), v);
    // An event is recorded in streams of its own device only, and a kernel launched in streams of the current one.
    REFUSES(cudaEventRecord(e[0], s[1]), cudaErrorInvalidResourceHandle);
    REFUSES(cudaEventRecord(e[1], s[0]), cudaErrorInvalidResourceHandle);
    affine<<<1, 1, 0, s[1]>>>(p[1], 1, 1, 0);
    // The documentation says that this fails; newer drivers launch it there.
    printf("a launch in another device's stream: %s\n", cudaGetErrorString(cudaGetLastError()));
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaEventRecord(timed[d], s[d]));
        CHECK(cudaEventSynchronize(timed[d]));
    }
    float ms;
    REFUSES(cudaEventElapsedTime(&ms, timed[0], timed[1]), cudaErrorInvalidResourceHandle);
    same(download(p[1], n), v);
    for (int d = 0; d < 2; d++) {
        CHECK(cudaFree(p[d]));
        CHECK(cudaStreamDestroy(s[d]));
        CHECK(cudaEventDestroy(e[d]));
        CHECK(cudaEventDestroy(timed[d]));
    }
}

// What the host has, for both.
static void host_memory(Random &random) {
    const int n = 20000;
    auto v = numbers(random, n);
    unsigned *pinned, *managed, *mapped[2], *p[2];
    use(0);
    CHECK(cudaHostAlloc((void **)&pinned, n * 4, cudaHostAllocPortable | cudaHostAllocMapped));
    CHECK(cudaMallocManaged((void **)&managed, n * 4));
    for (int i = 0; i < n; i++) pinned[i] = managed[i] = v[i];
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaHostGetDevicePointer((void **)&mapped[d], pinned, 0));
        CHECK(cudaMalloc(&p[d], n * 4));
        CHECK(cudaMemcpyAsync(p[d], pinned, n * 4, cudaMemcpyHostToDevice));
    }
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaDeviceSynchronize());
        same(download(p[d], n), v);
    }
    for (int round = 0; round < 6; round++) {
        unsigned a = random.u32(), b = random.u32();
        use(round % 2);
        affine<<<grid(n), BLOCK>>>(mapped[round % 2], n, a, b);
        affine<<<grid(n), BLOCK>>>(managed, n, a, b);
        CHECK(cudaGetLastError());
        CHECK(cudaDeviceSynchronize());
        v = changed(v, a, b);
        int i = random.below(n);
        REQUIRE(pinned[i] == v[i] && managed[i] == v[i]);
        pinned[i] = managed[i] = v[i] = random.u32();
    }
    same(std::vector<unsigned>(pinned, pinned + n), v);
    same(std::vector<unsigned>(managed, managed + n), v);
    // Copies to it, from both.
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaMemcpyAsync(pinned + d * n / 2, p[d], n / 2 * 4, cudaMemcpyDeviceToHost));
    }
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaDeviceSynchronize());
        same(std::vector<unsigned>(pinned + d * n / 2, pinned + d * n / 2 + n / 2), download(p[d], n / 2));
        CHECK(cudaFree(p[d]));
    }
    CHECK(cudaFreeHost(pinned));
    CHECK(cudaFree(managed));
}

// The default stream and the synchronisation of one device have nothing to do with the other.
static void independence(Random &random) {
    unsigned *flag, *seen, *at;
    use(1);
    CHECK(cudaHostAlloc((void **)&flag, 4, cudaHostAllocPortable | cudaHostAllocMapped));
    *flag = 0;
    CHECK(cudaHostGetDevicePointer((void **)&at, flag, 0));
    CHECK(cudaMalloc(&seen, 4));
    use(0);
    auto v = numbers(random, 1000);
    unsigned *p = upload(v);
    use(1);
    spin<<<1, 1>>>(at, seen);
    CHECK(cudaGetLastError());
    use(0);
    affine<<<grid(1000), BLOCK>>>(p, 1000, 3, 5);
    CHECK(cudaGetLastError());
    CHECK(cudaDeviceSynchronize());
    same(download(p, 1000), changed(v, 3, 5));
    CHECK(cudaStreamQuery(0));
    use(1);
    REFUSES(cudaStreamQuery(0), cudaErrorNotReady);
    unsigned value = 1 + random.below(1000);
    *(volatile unsigned *)flag = value;
    CHECK(cudaDeviceSynchronize());
    REQUIRE(download(seen, 1)[0] == value);
    CHECK(cudaFree(seen));
    CHECK(cudaFreeHost(flag));
    CHECK(cudaFree(p));
}

static void peers(Random &random, int count) {
    const int n = 40000;
    for (int d = 0; d < 2; d++) {
        use(d);
        REFUSES(cudaDeviceDisablePeerAccess(1 - d), cudaErrorPeerAccessNotEnabled);
        // Not documented: which error it is that a device is not its own peer.
        REQUIRE(cudaDeviceEnablePeerAccess(d, 0) != cudaSuccess);
        (void)cudaGetLastError();
        REFUSES(cudaDeviceEnablePeerAccess(count, 0), cudaErrorInvalidDevice);
        REFUSES(cudaDeviceEnablePeerAccess(1 - d, 1), cudaErrorInvalidValue);
    }
    // What is there before access is given, and what comes later.
    auto first = numbers(random, n), second = numbers(random, n);
    unsigned *p[2], *q[2];
    for (int d = 0; d < 2; d++) {
        use(d);
        p[d] = upload(first);
        CHECK(cudaDeviceEnablePeerAccess(1 - d, 0));
        REFUSES(cudaDeviceEnablePeerAccess(1 - d, 0), cudaErrorPeerAccessAlreadyEnabled);
    }
    for (int d = 0; d < 2; d++) {
        use(d);
        q[d] = upload(second);
    }
    for (int d = 0; d < 2; d++) {
        use(d);
        unsigned a = random.u32(), *out;
        CHECK(cudaMalloc(&out, n * 4));
        combine<<<grid(n), BLOCK>>>(out, p[d], p[1 - d], n, a);
        combine<<<grid(n), BLOCK>>>(out, out, q[1 - d], n, a);
        CHECK(cudaGetLastError());
        auto expected = first;
        for (int i = 0; i < n; i++) expected[i] = (first[i] * a + first[n - 1 - i]) * a + second[n - 1 - i];
        same(download(out, n), expected);
        // Written over there, read here.
        affine<<<grid(n), BLOCK>>>(q[1 - d], n, a, 9);
        CHECK(cudaGetLastError());
        CHECK(cudaDeviceSynchronize());
        use(1 - d);
        same(download(q[1 - d], n), changed(second, a, 9));
        CHECK(cudaMemcpy(q[1 - d], second.data(), n * 4, cudaMemcpyHostToDevice));
        CHECK(cudaFree(out));
    }
    int native = 0;
    CHECK(cudaDeviceGetP2PAttribute(&native, cudaDevP2PAttrNativeAtomicSupported, 0, 1));
    if (native) {
        CHECK(cudaMemset(p[0], 0, 4));
        CHECK(cudaDeviceSynchronize());
        for (int d = 0; d < 2; d++) {
            use(d);
            count_up<<<64, 64>>>(p[0], d + 1);
            CHECK(cudaGetLastError());
        }
        for (int d = 0; d < 2; d++) {
            use(d);
            CHECK(cudaDeviceSynchronize());
        }
        REQUIRE(download(p[0], 1)[0] == 64 * 64 * 3);
    }
    for (int d = 0; d < 2; d++) {
        CHECK(cudaFree(p[d]));
        CHECK(cudaFree(q[d]));
    }
}

// A pool's memory is for other devices where the pool says so, whatever else is enabled.
static void pools(Random &random) {
    cudaMemPool_t standard[2], pool;
    cudaStream_t s[2];
    cudaEvent_t e[2];
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaDeviceGetDefaultMemPool(&standard[d], d));
        CHECK(cudaStreamCreateWithFlags(&s[d], cudaStreamNonBlocking));
        CHECK(cudaEventCreateWithFlags(&e[d], cudaEventDisableTiming));
    }
    REQUIRE(standard[0] != standard[1]);
    cudaMemPoolProps props = {};
    props.allocType = cudaMemAllocationTypePinned;
    props.location.type = cudaMemLocationTypeDevice;
    props.location.id = 1;
    CHECK(cudaMemPoolCreate(&pool, &props));
    REFUSES(cudaDeviceSetMemPool(0, pool), cudaErrorInvalidValue);
    for (cudaMemPool_t which : {pool, standard[1]}) {
        const int n = 10000;
        unsigned *p[2];
        use(1);
        CHECK(cudaMallocFromPoolAsync(&p[0], n * 4, which, s[1]));
        cudaMemLocation place = {};
        place.type = cudaMemLocationTypeDevice;
        place.id = 0;
        cudaMemAccessFlags flags;
        CHECK(cudaMemPoolGetAccess(&flags, which, &place));
        REQUIRE(flags == cudaMemAccessFlagsProtNone);
        cudaMemAccessDesc access = {};
        access.location = place;
        access.flags = cudaMemAccessFlagsProtReadWrite;
        CHECK(cudaMemPoolSetAccess(which, &access, 1));
        CHECK(cudaMemPoolGetAccess(&flags, which, &place));
        REQUIRE(flags == cudaMemAccessFlagsProtReadWrite);
        CHECK(cudaMallocFromPoolAsync(&p[1], n * 4, which, s[1]));
        auto v = numbers(random, n);
        for (auto q : p) {
            cudaPointerAttributes attributes;
            CHECK(cudaPointerGetAttributes(&attributes, q));
            REQUIRE(attributes.device == 1);
            use(1);
            CHECK(cudaMemcpyAsync(q, v.data(), n * 4, cudaMemcpyHostToDevice, s[1]));
            CHECK(cudaEventRecord(e[1], s[1]));
            use(0);
            CHECK(cudaStreamWaitEvent(s[0], e[1], 0));
            unsigned a = random.u32(), b = random.u32();
            affine<<<grid(n), BLOCK, 0, s[0]>>>(q, n, a, b);
            CHECK(cudaGetLastError());
            CHECK(cudaEventRecord(e[0], s[0]));
            use(1);
            CHECK(cudaStreamWaitEvent(s[1], e[0], 0));
            affine<<<grid(n), BLOCK, 0, s[1]>>>(q, n, a, b);
            CHECK(cudaGetLastError());
            CHECK(cudaStreamSynchronize(s[1]));
            same(download(q, n), changed(changed(v, a, b), a, b));
            CHECK(cudaFreeAsync(q, s[1]));
        }
        CHECK(cudaStreamSynchronize(s[1]));
        access.flags = cudaMemAccessFlagsProtNone;
        CHECK(cudaMemPoolSetAccess(which, &access, 1));
    }
    // The stream says which device's pool it is.
    use(0);
    void *p;
    CHECK(cudaMallocAsync(&p, 1000, s[1]));
    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, p));
    REQUIRE(attributes.device == 1);
    CHECK(cudaFreeAsync(p, s[1]));
    CHECK(cudaStreamSynchronize(s[1]));
    CHECK(cudaMemPoolDestroy(pool));
    for (int d = 0; d < 2; d++) {
        CHECK(cudaStreamDestroy(s[d]));
        CHECK(cudaEventDestroy(e[d]));
    }
}

// One graph with nodes for both, captured and made by hand.
static void graphs(Random &random) {
    const int n = 15000;
    unsigned a = random.u32() | 1, b = random.u32();
    auto v = numbers(random, n);
    unsigned *p[2];
    cudaStream_t s[2];
    cudaEvent_t e[2];
    for (int d = 0; d < 2; d++) {
        use(d);
        CHECK(cudaMalloc(&p[d], n * 4));
        CHECK(cudaStreamCreateWithFlags(&s[d], cudaStreamNonBlocking));
        CHECK(cudaEventCreateWithFlags(&e[d], cudaEventDisableTiming));
    }
    cudaGraph_t graph[2];
    use(0);
    CHECK(cudaStreamBeginCapture(s[0], cudaStreamCaptureModeThreadLocal));
    // Whether such a copy can be captured is the driver's affair. If not, it says so at once, and the capture is over.
    if (cudaError_t refused = cudaMemcpyPeerAsync(p[1], 1, p[0], 0, n * 4, s[0])) {
        fprintf(stderr, "a captured copy between peers: %s\n", cudaGetErrorString(refused));
        FAILS(cudaStreamEndCapture(s[0], &graph[0]), cudaErrorStreamCaptureInvalidated);
        (void)cudaGetLastError();
    } else {
        CHECK(cudaStreamEndCapture(s[0], &graph[0]));
        CHECK(cudaGraphDestroy(graph[0]));
    }
    CHECK(cudaGetLastError());
    CHECK(cudaStreamBeginCapture(s[0], cudaStreamCaptureModeThreadLocal));
    affine<<<grid(n), BLOCK, 0, s[0]>>>(p[0], n, a, b);
    CHECK(cudaMemcpyAsync(p[1], p[0], n * 4, cudaMemcpyDefault, s[0]));
    CHECK(cudaEventRecord(e[0], s[0]));
    CHECK(cudaStreamWaitEvent(s[1], e[0], 0));
    use(1);
    affine<<<grid(n), BLOCK, 0, s[1]>>>(p[1], n, a, b);
    CHECK(cudaGetLastError());
    CHECK(cudaEventRecord(e[1], s[1]));
    use(0);
    CHECK(cudaStreamWaitEvent(s[0], e[1], 0));
    CHECK(cudaMemcpyAsync(p[0], p[1], n * 4, cudaMemcpyDefault, s[0]));
    CHECK(cudaStreamEndCapture(s[0], &graph[0]));

    CHECK(cudaGraphCreate(&graph[1], 0));
    cudaGraphNode_t node[4];
    for (int d = 0; d < 2; d++) {
        use(d);
        int len = n;
        void *arguments[] = {&p[d], &len, &a, &b};
        cudaKernelNodeParams params = {};
        params.func = (void *)affine;
        params.gridDim = dim3(grid(n));
        params.blockDim = dim3(BLOCK);
        params.kernelParams = arguments;
        CHECK(cudaGraphAddKernelNode(&node[2 * d], graph[1], &node[1], d, &params));
        CHECK(cudaGraphAddMemcpyNode1D(&node[2 * d + 1], graph[1], &node[2 * d], 1, p[1 - d], p[d], n * 4, cudaMemcpyDefault));
    }
    for (auto g : graph) {
        use(0);
        cudaGraphExec_t exec;
        CHECK(cudaGraphInstantiate(&exec, g, 0));
        CHECK(cudaMemcpy(p[0], v.data(), n * 4, cudaMemcpyHostToDevice));
        for (int round = 0; round < 4; round++) {
            // Either device's stream launches it.
            use(round % 2);
            CHECK(cudaGraphLaunch(exec, s[round % 2]));
            CHECK(cudaStreamSynchronize(s[round % 2]));
            v = changed(changed(v, a, b), a, b);
        }
        same(download(p[0], n), v);
        same(download(p[1], n), v);
        CHECK(cudaGraphExecDestroy(exec));
        CHECK(cudaGraphDestroy(g));
    }
    for (int d = 0; d < 2; d++) {
        CHECK(cudaFree(p[d]));
        CHECK(cudaStreamDestroy(s[d]));
        CHECK(cudaEventDestroy(e[d]));
    }
}

// Memory that the program maps by itself, at one address for both.
static void virtual_memory(Random &random) {
    int supported[2];
    for (int d = 0; d < 2; d++) OK(DRIVER(cuDeviceGetAttribute)(&supported[d], CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, d));
    if (!supported[0] || !supported[1]) return;
    use(0);
    CUmemAllocationProp prop = {};
    prop.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    prop.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    size_t step, other;
    OK(DRIVER(cuMemGetAllocationGranularity)(&step, &prop, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
    prop.location.id = 1;
    OK(DRIVER(cuMemGetAllocationGranularity)(&other, &prop, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
    if (other > step) step = other;
    // The first half is of one device, the second of the other.
    CUdeviceptr base;
    OK(DRIVER(cuMemAddressReserve)(&base, 2 * step, 0, 0, 0));
    for (int d = 0; d < 2; d++) {
        prop.location.id = d;
        CUmemGenericAllocationHandle handle;
        OK(DRIVER(cuMemCreate)(&handle, step, &prop, 0));
        OK(DRIVER(cuMemMap)(base + d * step, step, 0, handle, 0));
        OK(DRIVER(cuMemRelease)(handle));
    }
    CUmemAccessDesc access[2] = {};
    for (int d = 0; d < 2; d++) {
        access[d].location.type = CU_MEM_LOCATION_TYPE_DEVICE;
        access[d].location.id = d;
        access[d].flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
    }
    OK(DRIVER(cuMemSetAccess)(base, 2 * step, access, 2));
    for (int d = 0; d < 2; d++) {
        unsigned long long flags;
        OK(DRIVER(cuMemGetAccess)(&flags, &access[d].location, base + step));
        REQUIRE(flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
        int ordinal = -1;
        OK(DRIVER(cuPointerGetAttribute)(&ordinal, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, base + d * step));
        REQUIRE(ordinal == d);
    }
    const int n = 2 * step / 4;
    auto v = numbers(random, n);
    CHECK(cudaMemcpy((void *)base, v.data(), n * 4, cudaMemcpyHostToDevice));
    for (int d = 0; d < 2; d++) {
        use(d);
        unsigned a = random.u32(), b = random.u32();
        affine<<<grid(n), BLOCK>>>((unsigned *)base, n, a, b);
        CHECK(cudaGetLastError());
        CHECK(cudaDeviceSynchronize());
        v = changed(v, a, b);
    }
    same(download((void *)base, n), v);
    OK(DRIVER(cuMemUnmap)(base, 2 * step));
    OK(DRIVER(cuMemAddressFree)(base, 2 * step));
}

int main(int argc, char **argv) {
    uint64_t start = seed(argc, argv);
    Random random(start);
    int count = 0;
    CHECK(cudaGetDeviceCount(&count));
    if (count < 2) {
        printf("this needs two devices, and there is %d: nothing was tested\n", count);
        return 0;
    }
    identities(count);
    accounts(random);
    threads(start);
    variables(random);
    kernel_attributes(random);
    copies(random);
    events(random);
    host_memory(random);
    independence(random);
    int there = 0, back = 0;
    CHECK(cudaDeviceCanAccessPeer(&there, 0, 1));
    CHECK(cudaDeviceCanAccessPeer(&back, 1, 0));
    if (there && back) {
        // With access by pool alone, and then with all of it.
        pools(random);
        peers(random, count);
        copies(random);
        virtual_memory(random);
    } else {
        printf("the devices do not reach each other: less was tested\n");
    }
    graphs(random);
    // The end of one device is not the other's.
    use(0);
    auto v = numbers(random, 1000);
    unsigned *p = upload(v);
    use(1);
    CHECK(cudaDeviceReset());
    use(0);
    affine<<<grid(1000), BLOCK>>>(p, 1000, 7, 1);
    CHECK(cudaGetLastError());
    same(download(p, 1000), changed(v, 7, 1));
    use(1);
    unsigned *q = upload(v);
    affine<<<grid(1000), BLOCK>>>(q, 1000, 9, 2);
    CHECK(cudaGetLastError());
    same(download(q, 1000), changed(v, 9, 2));
    threads(start + 100);
    return pass("several_devices");
}
