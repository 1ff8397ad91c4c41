// What programs print of a device first.
#include "check.h"
int main(int argc, char **argv) {
    seed(argc, argv);
    int count, driver, runtime;
    CHECK(cudaGetDeviceCount(&count));
    CHECK(cudaDriverGetVersion(&driver));
    CHECK(cudaRuntimeGetVersion(&runtime));
    REQUIRE(count >= 1 && driver >= 11080 && runtime >= 11080);
    for (int d = 0; d < count; d++) {
        cudaDeviceProp p;
        CHECK(cudaGetDeviceProperties(&p, d));
        printf("%d: %s, compute capability %d.%d, %zu MiB, %d multiprocessors\n", d, p.name, p.major, p.minor, p.totalGlobalMem >> 20, p.multiProcessorCount);
        REQUIRE(p.name[0] && p.major >= 7 && p.warpSize == 32 && p.maxThreadsPerBlock == 1024 && p.multiProcessorCount > 0);
        REQUIRE(p.sharedMemPerBlock >= 48 << 10 && p.totalConstMem == 65536 && p.regsPerBlock == 65536 && p.unifiedAddressing);
        char id[32];
        int again;
        CHECK(cudaDeviceGetPCIBusId(id, sizeof id, d));
        CHECK(cudaDeviceGetByPCIBusId(&again, id));
        REQUIRE(again == d);
    }
    return pass("device_properties");
}
