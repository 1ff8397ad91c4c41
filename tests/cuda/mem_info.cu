// Free memory falls with allocations and rises with frees.
#include "check.h"
int main(int argc, char **argv) {
    seed(argc, argv);
    size_t before, during, after, total;
    CHECK(cudaMemGetInfo(&before, &total));
    REQUIRE(before > 0 && before <= total);
    cudaDeviceProp prop;
    CHECK(cudaGetDeviceProperties(&prop, 0));
    REQUIRE(total <= prop.totalGlobalMem);
    char *p;
    size_t n = 256 << 20;
    CHECK(cudaMalloc(&p, n));
    CHECK(cudaMemGetInfo(&during, &total));
    REQUIRE(during + n <= before + (8 << 20));
    CHECK(cudaMemset(p + n - 10, 1, 10));
    CHECK(cudaFree(p));
    CHECK(cudaMemGetInfo(&after, &total));
    REQUIRE(after + (8 << 20) >= before);
    return pass("mem_info");
}
