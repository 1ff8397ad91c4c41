// What CUDA answers to arguments that cannot be.
#include "check.h"
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    char *p = nullptr;
    std::vector<char> host(1000);
    FAILS(cudaMalloc((void **)nullptr, 10), cudaErrorInvalidValue);
    FAILS(cudaMalloc(&p, size_t(1) << 60), cudaErrorMemoryAllocation);
    CHECK(cudaMalloc(&p, 1000));
    FAILS(cudaFree(p + 16), cudaErrorInvalidValue);
    CHECK(cudaFree(nullptr));
    CHECK(cudaMemcpy(p, host.data(), 1000, cudaMemcpyHostToDevice));
    FAILS(cudaMemcpy((void *)(0x1000 + 16 * size_t(random.below(100))), host.data(), 10, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    FAILS(cudaMemcpy(nullptr, p, 10, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
    CHECK(cudaMemcpy(p, nullptr, 0, cudaMemcpyHostToDevice));
    FAILS(cudaMemset(nullptr, 0, 10), cudaErrorInvalidValue);
    FAILS(cudaSetDevice(99), cudaErrorInvalidDevice);
    FAILS(cudaSetDevice(-1), cudaErrorInvalidDevice);
    FAILS(cudaStreamCreateWithFlags(nullptr, 0), cudaErrorInvalidValue);
    FAILS(cudaEventCreate(nullptr), cudaErrorInvalidValue);
    cudaEvent_t a, b;
    CHECK(cudaEventCreate(&a));
    CHECK(cudaEventCreateWithFlags(&b, cudaEventDisableTiming));
    float ms;
    FAILS(cudaEventElapsedTime(&ms, a, b), cudaErrorInvalidResourceHandle);
    FAILS(cudaFreeHost(host.data()), cudaErrorInvalidValue);
    FAILS(cudaHostUnregister(host.data()), cudaErrorHostMemoryNotRegistered);
    CHECK(cudaFree(p));
    FAILS(cudaFree(p), cudaErrorInvalidValue);
    cudaGetLastError();
    REQUIRE(!strcmp(cudaGetErrorName(cudaErrorInvalidValue), "cudaErrorInvalidValue"));
    REQUIRE(strlen(cudaGetErrorString(cudaErrorIllegalAddress)) > 10);
    return pass("invalid_arguments");
}
