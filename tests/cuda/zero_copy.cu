// nvcc: -cudart shared
// Kernels that read and write host memory in place: mapped and registered memory, parts of pages, neighbours in one page.
#include "check.h"
#include <sys/mman.h>
#include <unistd.h>
__global__ void affine(const unsigned *in, unsigned *out, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] * a + b;
}
__global__ void set_one(unsigned *v, int at, unsigned value) { v[at] = value; }
static const int BLOCK = 128;
static unsigned grid(int n) { return unsigned((n + BLOCK - 1) / BLOCK); }
template <class T> static T *device_side(T *host) {
    T *device = nullptr;
    CHECK(cudaHostGetDevicePointer((void **)&device, host, 0));
    REQUIRE(device);
    return device;
}
// The host fills `in`; kernels make `out` of it, round after round; what lies around both must stay as it is.
static void rounds(Random &random, cudaStream_t s, unsigned *in, unsigned *out, int n, bool through_event) {
    unsigned *device_in = device_side(in), *device_out = device_side(out);
    cudaEvent_t e;
    CHECK(cudaEventCreateWithFlags(&e, cudaEventDisableTiming));
    for (int round = 0; round < 4; round++) {
        unsigned a = random.u32() | 1, b = random.u32();
        for (int i = 0; i < n; i++) in[i] = random.u32(), out[i] = 0;
        affine<<<grid(n), BLOCK, 0, s>>>(device_in, device_out, n, a, b);
        // What one kernel wrote to the host the next one reads from there.
        affine<<<grid(n), BLOCK, 0, s>>>(device_out, device_out, n, 3, 1);
        CHECK(cudaGetLastError());
        if (through_event) {
            CHECK(cudaEventRecord(e, s));
            CHECK(cudaEventSynchronize(e));
        } else {
            CHECK(cudaStreamSynchronize(s));
        }
        for (int i = 0; i < n; i++) REQUIRE(out[i] == (in[i] * a + b) * 3 + 1);
        // One element alone, and the host's own write to another, both kept.
        int at = int(random.below(n)), other = (at + 1) % n;
        unsigned value = random.u32();
        out[other] = value + 1;
        set_one<<<1, 1, 0, s>>>(device_out, at, value);
        CHECK(cudaGetLastError());
        CHECK(cudaDeviceSynchronize());
        REQUIRE(out[at] == value && out[other] == value + 1);
    }
    CHECK(cudaEventDestroy(e));
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int can_map = 0, can_register = 0;
    CHECK(cudaDeviceGetAttribute(&can_map, cudaDevAttrCanMapHostMemory, 0));
    CHECK(cudaDeviceGetAttribute(&can_register, cudaDevAttrHostRegisterSupported, 0));
    REQUIRE(can_map && can_register);
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    int n = 5000 + int(random.below(1000));
    unsigned *in, *out;
    CHECK(cudaHostAlloc(&in, n * 4, cudaHostAllocMapped));
    CHECK(cudaHostAlloc(&out, n * 4, cudaHostAllocMapped | cudaHostAllocPortable));
    rounds(random, s, in, out, n, false);
    rounds(random, s, in, out, n, true);
    unsigned flags = 0;
    CHECK(cudaHostGetFlags(&flags, in));
    REQUIRE(flags & cudaHostAllocMapped);
    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, in + 7));
    REQUIRE(attributes.type == cudaMemoryTypeHost && attributes.devicePointer == device_side(in) + 7);
    // Within the buffers, from the middle of a page.
    rounds(random, s, in + 33, out + 1031, 700, false);
    // A copy on the device's side of the same memory.
    OnDevice<unsigned> x(n);
    std::vector<unsigned> expected(n);
    for (int i = 0; i < n; i++) in[i] = expected[i] = random.u32();
    CHECK(cudaMemcpyAsync(x, device_side(in), n * 4, cudaMemcpyDeviceToDevice, s));
    CHECK(cudaStreamSynchronize(s));
    same(x.get(), expected);
    CHECK(cudaMemsetAsync(device_side(out), 0x3c, n * 4, s));
    CHECK(cudaStreamSynchronize(s));
    for (int i = 0; i < n; i++) REQUIRE(out[i] == 0x3c3c3c3c);
    CHECK(cudaFreeHost(in));
    CHECK(cudaFreeHost(out));
    // Memory of the program's own, not aligned to pages, with neighbours that belong to nobody.
    const int GUARD = 24;
    std::vector<unsigned> own(n + 2 * GUARD, 0xabababab);
    CHECK(cudaHostRegister(own.data() + GUARD, n * 4, cudaHostRegisterMapped));
    {
        unsigned *at = own.data() + GUARD, *device = device_side(at);
        for (int round = 0; round < 4; round++) {
            unsigned a = random.u32() | 1, b = random.u32();
            for (int i = 0; i < n; i++) at[i] = expected[i] = random.u32();
            affine<<<grid(n), BLOCK, 0, s>>>(device, device, n, a, b);
            CHECK(cudaGetLastError());
            CHECK(cudaStreamSynchronize(s));
            for (int i = 0; i < n; i++) REQUIRE(at[i] == expected[i] * a + b);
        }
        for (int i = 0; i < GUARD; i++) REQUIRE(own[i] == 0xabababab && own[GUARD + n + i] == 0xabababab);
    }
    CHECK(cudaHostUnregister(own.data() + GUARD));
    // Two registrations that lie in one page, one after the other and both at once.
    char *page = (char *)mmap(nullptr, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(page != MAP_FAILED);
    unsigned *low = (unsigned *)(page + 64), *high = (unsigned *)(page + 2048);
    CHECK(cudaHostRegister(low, 1024, cudaHostRegisterMapped));
    cudaError_t in_one_page = cudaHostRegister(high, 1536, cudaHostRegisterMapped);
    if (in_one_page == cudaErrorHostMemoryAlreadyRegistered) {
        // A driver may count pages rather than bytes.
        printf("a page can be registered once only\n");
        cudaGetLastError();
        CHECK(cudaHostUnregister(low));
        CHECK(cudaHostRegister(page, 4096, cudaHostRegisterMapped));
    } else {
        CHECK(in_one_page);
    }
    rounds(random, s, low, high, 250, false);
    rounds(random, s, high, low, 250, true);
    // Both written by kernels at once, and the page's rest by the host in the meantime.
    unsigned *rest = (unsigned *)(page + 3600);
    set_one<<<1, 1, 0, s>>>(device_side(low), 3, 111);
    set_one<<<1, 1, 0, s>>>(device_side(high), 4, 222);
    rest[0] = 333;
    CHECK(cudaStreamSynchronize(s));
    REQUIRE(low[3] == 111 && high[4] == 222 && rest[0] == 333);
    if (in_one_page == cudaSuccess) {
        CHECK(cudaHostUnregister(low));
        rounds(random, s, high, high + 128, 100, false);
        CHECK(cudaHostUnregister(high));
    } else {
        CHECK(cudaHostUnregister(page));
    }
    munmap(page, sysconf(_SC_PAGESIZE));
    // Registered twice is refused; unregistered memory has no device side.
    CHECK(cudaHostRegister(own.data(), 4096, cudaHostRegisterDefault));
    FAILS(cudaHostRegister(own.data(), 4096, cudaHostRegisterDefault), cudaErrorHostMemoryAlreadyRegistered);
    CHECK(cudaHostUnregister(own.data()));
    FAILS(cudaHostUnregister(own.data()), cudaErrorHostMemoryNotRegistered);
    cudaGetLastError();
    CHECK(cudaStreamDestroy(s));
    return pass("zero_copy");
}
