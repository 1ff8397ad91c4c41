// nvcc: -cudart shared
// Managed memory and variables: the host and kernels write and read in turn, with copies, advice, prefetches and streams of
// their own in between.
#include "check.h"
__managed__ unsigned table[1000];
__managed__ int total = 5;
__device__ __managed__ double ratio;
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
__global__ void use_variables() {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < 1000) table[i] += i;
    if (i == 0) total *= 3, ratio = ratio / 2 + 1;
}
struct Item {
    Item *next;
    int value;
};
// A list that the host makes and the device walks, by the same pointers.
__global__ void walk(Item *list, int *sum) {
    int s = 0;
    for (; list; list = list->next) s += list->value, list->value = -list->value;
    *sum = s;
}
static const int BLOCK = 128;
static unsigned grid(int n) { return unsigned((n + BLOCK - 1) / BLOCK); }
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int managed = 0, concurrent = 0;
    CHECK(cudaDeviceGetAttribute(&managed, cudaDevAttrManagedMemory, 0));
    CHECK(cudaDeviceGetAttribute(&concurrent, cudaDevAttrConcurrentManagedAccess, 0));
    REQUIRE(managed);
    cudaStream_t s, t;
    CHECK(cudaStreamCreate(&s));
    CHECK(cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking));
    int n = 30000 + int(random.below(1000));
    unsigned *v;
    CHECK(cudaMallocManaged(&v, n * 4));
    std::vector<unsigned> model(n), got(n);
    auto check = [&] { same(std::vector<unsigned>(v, v + n), model); };
    for (int i = 0; i < n; i++) v[i] = model[i] = random.u32();
    check();
    for (int round = 0; round < 15; round++) {
        unsigned a = random.u32() | 1, b = random.u32();
        // The host changes a few elements, or all, or only reads.
        for (int k = round % 3 * 40; k > 0; k--) {
            int i = int(random.below(n));
            v[i] = model[i] = random.u32();
        }
        affine<<<grid(n), BLOCK, 0, s>>>(v, n, a, b);
        CHECK(cudaGetLastError());
        for (auto &m : model) m = m * a + b;
        if (round % 2) CHECK(cudaDeviceSynchronize());
        else CHECK(cudaStreamSynchronize(s));
        if (round % 4 == 3) {
            int i = int(random.below(n));
            REQUIRE(v[i] == model[i]);
        } else {
            check();
        }
    }
    // Copies in all directions.
    OnDevice<unsigned> x(n);
    for (auto &m : model) m = random.u32();
    CHECK(cudaMemcpy(v, model.data(), n * 4, cudaMemcpyHostToDevice));
    // A copy may still be on its way to managed memory when the call returns.
    CHECK(cudaDeviceSynchronize());
    check();
    CHECK(cudaMemcpy(x, v, n * 4, cudaMemcpyDefault));
    same(x.get(), model);
    affine<<<grid(n), BLOCK>>>(x, n, 3, 1);
    for (auto &m : model) m = m * 3 + 1;
    CHECK(cudaMemcpy(v, x, n * 4, cudaMemcpyDefault));
    CHECK(cudaDeviceSynchronize());
    check();
    CHECK(cudaMemcpy(got.data(), v, n * 4, cudaMemcpyDeviceToHost));
    same(got, model);
    CHECK(cudaMemset(v, 0x21, n * 2 / 4 * 4));
    CHECK(cudaDeviceSynchronize());
    for (int i = 0; i < n * 2 / 4; i++) model[i] = 0x21212121;
    check();
    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, v + 100));
    REQUIRE(attributes.type == cudaMemoryTypeManaged && attributes.devicePointer == v + 100 && attributes.hostPointer == v + 100);
    if (concurrent) {
        cudaMemLocation device = {}, host = {};
        device.type = cudaMemLocationTypeDevice;
        host.type = cudaMemLocationTypeHost;
        CHECK(cudaMemAdvise(v, n * 4, cudaMemAdviseSetPreferredLocation, device));
        CHECK(cudaMemAdvise(v, n * 4, cudaMemAdviseSetAccessedBy, host));
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < n; i += 7) v[i] = model[i] = random.u32();
            CHECK(cudaMemPrefetchAsync(v, n * 4, device, 0, s));
            affine<<<grid(n), BLOCK, 0, s>>>(v, n, 5, 7);
            CHECK(cudaMemPrefetchAsync(v, n * 4, host, 0, s));
            CHECK(cudaStreamSynchronize(s));
            for (auto &m : model) m = m * 5 + 7;
            check();
        }
        CHECK(cudaMemAdvise(v, n * 4, cudaMemAdviseSetReadMostly, device));
        check();
        CHECK(cudaMemAdvise(v, n * 4, cudaMemAdviseUnsetReadMostly, device));
        CHECK(cudaMemAdvise(v, n * 4, cudaMemAdviseUnsetPreferredLocation, device));
    }
    // Attached to one stream, then to none.
    unsigned *own;
    CHECK(cudaMallocManaged(&own, 4096, cudaMemAttachHost));
    for (int i = 0; i < 1024; i++) own[i] = i;
    CHECK(cudaStreamAttachMemAsync(t, own, 0, cudaMemAttachSingle));
    CHECK(cudaStreamSynchronize(t));
    affine<<<8, 128, 0, t>>>(own, 1024, 2, 1);
    CHECK(cudaStreamSynchronize(t));
    for (int i = 0; i < 1024; i++) REQUIRE(own[i] == 2u * i + 1);
    CHECK(cudaStreamAttachMemAsync(t, own, 0, cudaMemAttachGlobal));
    CHECK(cudaStreamSynchronize(t));
    affine<<<8, 128, 0, s>>>(own, 1024, 1, 1);
    CHECK(cudaStreamSynchronize(s));
    for (int i = 0; i < 1024; i++) REQUIRE(own[i] == 2u * i + 2);
    CHECK(cudaFree(own));
    CHECK(cudaFree(v));
    // Variables.
    REQUIRE(total == 5 && table[17] == 0);
    ratio = 3;
    for (int round = 1; round <= 4; round++) {
        int before = total;
        double was = ratio;
        table[round] += 100;
        use_variables<<<8, 128>>>();
        CHECK(cudaGetLastError());
        CHECK(cudaDeviceSynchronize());
        REQUIRE(total == before * 3 && ratio == was / 2 + 1);
        for (int i = 0; i < 1000; i++) REQUIRE(table[i] == unsigned(i * round + (i >= 1 && i <= round ? 100 : 0)));
        total -= 1;
    }
    unsigned copy[1000];
    CHECK(cudaMemcpyFromSymbol(copy, table, sizeof copy));
    REQUIRE(!memcmp(copy, table, sizeof copy));
    // Structures with pointers in them.
    std::vector<Item *> items;
    int expected = 0;
    for (int i = 0; i < 50; i++) {
        Item *item;
        CHECK(cudaMallocManaged(&item, sizeof *item));
        item->next = items.empty() ? nullptr : items.back();
        item->value = int(random.below(1000));
        expected += item->value;
        items.push_back(item);
    }
    int *sum;
    CHECK(cudaMallocManaged(&sum, 4));
    for (int sign : {1, -1}) {
        walk<<<1, 1>>>(items.back(), sum);
        CHECK(cudaGetLastError());
        CHECK(cudaDeviceSynchronize());
        REQUIRE(*sum == sign * expected);
        REQUIRE(items[0]->next == nullptr && items[9]->next == items[8]);
    }
    for (auto item : items) CHECK(cudaFree(item));
    CHECK(cudaFree(sum));
    CHECK(cudaStreamDestroy(s));
    CHECK(cudaStreamDestroy(t));
    return pass("managed");
}
