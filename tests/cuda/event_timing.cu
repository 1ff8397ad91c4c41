// Events with times: later is later, and elapsed times add up.
#include "check.h"
__global__ void spin(unsigned *out, int n) {
    unsigned v = threadIdx.x;
    for (int i = 0; i < n; i++) v = v * 1664525u + 1013904223u;
    out[threadIdx.x] = v;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    OnDevice<unsigned> out(32);
    cudaEvent_t a, b, c;
    CHECK(cudaEventCreate(&a));
    CHECK(cudaEventCreate(&b));
    CHECK(cudaEventCreate(&c));
    float ab, bc, ac;
    CHECK(cudaEventRecord(a));
    spin<<<1, 32>>>(out, 20000 + random.below(20000));
    CHECK(cudaEventRecord(b));
    spin<<<1, 32>>>(out, 20000);
    CHECK(cudaEventRecord(c));
    CHECK(cudaEventSynchronize(c));
    CHECK(cudaEventElapsedTime(&ab, a, b));
    CHECK(cudaEventElapsedTime(&bc, b, c));
    CHECK(cudaEventElapsedTime(&ac, a, c));
    REQUIRE(ab > 0 && bc > 0 && std::fabs(ab + bc - ac) < 0.01f + 0.01f * ac);
    return pass("event_timing");
}
