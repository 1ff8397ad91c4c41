// What CUDA knows of pointers.
#include "check.h"
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    char *device, *pinned;
    std::vector<char> pageable(1000);
    CHECK(cudaMalloc(&device, 5000));
    CHECK(cudaMallocHost(&pinned, 5000));
    cudaPointerAttributes a;
    size_t at = random.below(5000);
    CHECK(cudaPointerGetAttributes(&a, device + at));
    REQUIRE(a.type == cudaMemoryTypeDevice && a.devicePointer == device + at && a.device == 0);
    CHECK(cudaPointerGetAttributes(&a, pinned + at));
    REQUIRE(a.type == cudaMemoryTypeHost && a.hostPointer == pinned + at);
    CHECK(cudaPointerGetAttributes(&a, pageable.data()));
    REQUIRE(a.type == cudaMemoryTypeUnregistered);
    CHECK(cudaHostRegister(pageable.data(), pageable.size(), cudaHostRegisterDefault));
    CHECK(cudaPointerGetAttributes(&a, pageable.data() + 10));
    REQUIRE(a.type == cudaMemoryTypeHost);
    // Copies need no direction: the pointers tell.
    for (auto &c : pageable) c = char(random.below(256));
    CHECK(cudaMemcpy(device, pageable.data(), 1000, cudaMemcpyDefault));
    CHECK(cudaMemcpy(device + 2000, device, 1000, cudaMemcpyDefault));
    CHECK(cudaMemcpy(pinned, device + 2000, 1000, cudaMemcpyDefault));
    REQUIRE(!memcmp(pinned, pageable.data(), 1000));
    CHECK(cudaHostUnregister(pageable.data()));
    CHECK(cudaFree(device));
    CHECK(cudaFreeHost(pinned));
    return pass("pointer_attributes");
}
