// Launches that cannot be are refused at once, and harm nothing.
#include "check.h"
__global__ void fill(int *out, int value) { out[threadIdx.x] = value; }
__global__ void much_shared(int *out) {
    extern __shared__ int s[];
    s[threadIdx.x] = int(threadIdx.x);
    out[threadIdx.x] = s[threadIdx.x];
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    OnDevice<int> out(1024);
    auto refused = [&](cudaError_t error) { return error == cudaErrorInvalidConfiguration || error == cudaErrorInvalidValue; };
    fill<<<1, 1025 + random.below(1000)>>>(out, 1);
    REQUIRE(refused(cudaPeekAtLastError()));
    REQUIRE(refused(cudaGetLastError()));
    CHECK(cudaGetLastError());
    fill<<<0, 32>>>(out, 1);
    REQUIRE(refused(cudaGetLastError()));
    fill<<<dim3(1, 70000), 32>>>(out, 1);
    REQUIRE(refused(cudaGetLastError()));
    fill<<<1, dim3(1, 1, 65)>>>(out, 1);
    REQUIRE(refused(cudaGetLastError()));
    much_shared<<<1, 32, 100 << 10>>>(out);
    REQUIRE(refused(cudaGetLastError()));
    CHECK(cudaFuncSetAttribute(much_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, 100 << 10));
    much_shared<<<1, 32, 100 << 10>>>(out);
    CHECK(cudaGetLastError());
    FAILS(cudaFuncSetAttribute(much_shared, cudaFuncAttributeMaxDynamicSharedMemorySize, 1 << 20), cudaErrorInvalidValue);
    cudaGetLastError();
    fill<<<1, 1024>>>(out, 9);
    CHECK(cudaGetLastError());
    same(out.get(), std::vector<int>(1024, 9));
    return pass("launch_errors");
}
