// nvcc: -cudart shared
// Virtual memory: one allocation at two addresses, a buffer that grows in place, handles that outlive their mappings and
// mappings that outlive their handles.
#include "driver.h"
__global__ void affine(unsigned *v, size_t n, unsigned a, unsigned b) {
    size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
__global__ void count(unsigned *v, size_t n, unsigned a) {
    size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    if (i < n) v[i] = unsigned(i) * a;
}
static unsigned grid(size_t n) { return unsigned((n + 255) / 256); }
static CUmemAccessDesc access_of_device() {
    CUmemAccessDesc desc = {};
    desc.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    desc.flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
    return desc;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    int supported = 0;
    OK(DRIVER(cuDeviceGetAttribute)(&supported, CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, 0));
    REQUIRE(supported);
    CUmemAllocationProp prop = {};
    prop.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    prop.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    size_t page = 0, recommended = 0;
    OK(DRIVER(cuMemGetAllocationGranularity)(&page, &prop, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
    OK(DRIVER(cuMemGetAllocationGranularity)(&recommended, &prop, CU_MEM_ALLOC_GRANULARITY_RECOMMENDED));
    REQUIRE(page > 0 && (page & (page - 1)) == 0 && recommended >= page && recommended % page == 0);
    page = recommended;
    auto reserve = DRIVER(cuMemAddressReserve);
    auto create = DRIVER(cuMemCreate);
    auto map = DRIVER(cuMemMap);
    auto set_access = DRIVER(cuMemSetAccess);
    auto unmap = DRIVER(cuMemUnmap);
    auto release = DRIVER(cuMemRelease);
    auto address_free = DRIVER(cuMemAddressFree);
    CUmemAccessDesc access = access_of_device();
    CUmemGenericAllocationHandle handle;
    REFUSED(create(&handle, page + 1, &prop, 0), CUDA_ERROR_INVALID_VALUE);
    // One allocation at two addresses.
    CUdeviceptr first, second;
    OK(reserve(&first, page, 0, 0, 0));
    OK(reserve(&second, 2 * page, 0, 0, 0));
    OK(create(&handle, page, &prop, 0));
    OK(map(first, page, 0, handle, 0));
    OK(map(second + page, page, 0, handle, 0));
    OK(set_access(first, page, &access, 1));
    OK(set_access(second + page, page, &access, 1));
    unsigned long long flags = 0;
    OK(DRIVER(cuMemGetAccess)(&flags, &access.location, first));
    REQUIRE(flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
    CUmemAllocationProp got = {};
    OK(DRIVER(cuMemGetAllocationPropertiesFromHandle)(&got, handle));
    REQUIRE(got.type == prop.type && got.location.type == prop.location.type && got.location.id == 0);
    size_t n = page / 4;
    unsigned a = random.u32() | 1, b = random.u32();
    std::vector<unsigned> model(n), back(n);
    count<<<grid(n), 256>>>((unsigned *)first, n, a);
    CHECK(cudaDeviceSynchronize());
    affine<<<grid(n), 256>>>((unsigned *)(second + page), n, a, b);
    CHECK(cudaDeviceSynchronize());
    CHECK(cudaMemcpy(back.data(), (void *)first, page, cudaMemcpyDeviceToHost));
    for (size_t i = 0; i < n; i++) model[i] = unsigned(i) * a * a + b;
    same(back, model);
    // Copies to the one are seen by kernels through the other.
    for (auto &v : model) v = random.u32();
    CHECK(cudaMemcpy((void *)(second + page), model.data(), page, cudaMemcpyHostToDevice));
    affine<<<grid(n), 256>>>((unsigned *)first, n, 3, 1);
    CHECK(cudaDeviceSynchronize());
    for (auto &v : model) v = v * 3 + 1;
    CHECK(cudaMemcpy(back.data(), (void *)(second + page), page, cudaMemcpyDeviceToHost));
    same(back, model);
    // The handle is found again by address; the memory lives until the last of handles and mappings is gone.
    CUmemGenericAllocationHandle again;
    OK(DRIVER(cuMemRetainAllocationHandle)(&again, (void *)(first + page / 2)));
    REQUIRE(again == handle);
    OK(release(again));
    OK(unmap(first, page));
    OK(release(handle));
    CHECK(cudaMemcpy(back.data(), (void *)(second + page), page, cudaMemcpyDeviceToHost));
    same(back, model);
    OK(unmap(second + page, page));
    OK(address_free(first, page));
    OK(address_free(second, 2 * page));
    // A buffer that grows in place: what is in it stays, and its address too.
    const int CHUNKS = 5;
    CUdeviceptr base;
    OK(reserve(&base, CHUNKS * page, 0, 0, 0));
    std::vector<CUmemGenericAllocationHandle> chunks;
    model.clear();
    for (int i = 0; i < CHUNKS; i++) {
        OK(create(&handle, page, &prop, 0));
        chunks.push_back(handle);
        OK(map(base + i * page, page, 0, handle, 0));
        OK(set_access(base + i * page, page, &access, 1));
        std::vector<unsigned> more(n);
        for (auto &v : more) v = random.u32();
        CHECK(cudaMemcpy((void *)(base + i * page), more.data(), page, cudaMemcpyHostToDevice));
        model.insert(model.end(), more.begin(), more.end());
        // One kernel over all of it, across the seams.
        affine<<<grid(model.size()), 256>>>((unsigned *)base, model.size(), a, b + i);
        CHECK(cudaGetLastError());
        for (auto &v : model) v = v * a + b + i;
        back.assign(model.size(), 0);
        CHECK(cudaMemcpy(back.data(), (void *)base, model.size() * 4, cudaMemcpyDeviceToHost));
        same(back, model);
    }
    // Two chunks change places.
    OK(unmap(base, 2 * page));
    OK(map(base, page, 0, chunks[1], 0));
    OK(map(base + page, page, 0, chunks[0], 0));
    OK(set_access(base, 2 * page, &access, 1));
    for (size_t i = 0; i < n; i++) std::swap(model[i], model[n + i]);
    CHECK(cudaMemcpy(back.data(), (void *)base, model.size() * 4, cudaMemcpyDeviceToHost));
    same(back, model);
    CHECK(cudaDeviceSynchronize());
    OK(unmap(base, CHUNKS * page));
    for (auto chunk : chunks) OK(release(chunk));
    OK(address_free(base, CHUNKS * page));
    // Memory of the host that both sides would use: where the device says that there is none, it is refused. By numbers, since
    // toolkits before 12.2 have no names: CU_DEVICE_ATTRIBUTE_HOST_NUMA_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED and
    // CU_MEM_LOCATION_TYPE_HOST_NUMA.
    int host = 0;
    if (DRIVER(cuDeviceGetAttribute)(&host, CUdevice_attribute(141), 0) == CUDA_SUCCESS && !host) {
        CUmemAllocationProp there = {};
        there.type = CU_MEM_ALLOCATION_TYPE_PINNED;
        there.location.type = CUmemLocationType(3);
        CUmemGenericAllocationHandle handle;
        REQUIRE(create(&handle, page, &there, 0) != CUDA_SUCCESS);
    }
    return pass("virtual_memory");
}
