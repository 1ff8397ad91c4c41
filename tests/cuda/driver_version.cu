// What a program is told of versions: the driver's as it is, and CUDA's error where that is of an older major version than the
// program's runtime. Its driver serves all the same who asks it directly.
//
//   driver_version [SEED [VERSION]]    VERSION: what the driver's has to be
#include "driver.h"
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int driver = 0, runtime = 0, same_driver = 0;
    OK(DRIVER(cuDriverGetVersion)(&driver));
    CHECK(cudaDriverGetVersion(&same_driver));
    CHECK(cudaRuntimeGetVersion(&runtime));
    printf("driver %d, runtime %d\n", driver, runtime);
    // The runtime of 13 takes a driver that lacks functions of 12.0 for none.
    REQUIRE(same_driver == driver || (same_driver == 0 && driver < 12000 && runtime >= 13000));
    REQUIRE(argc < 3 || driver == atoi(argv[2]));
    std::vector<uint32_t> in(1 + random.below(100000)), out(in.size());
    for (auto &word : in) word = random.u32();
    size_t bytes = in.size() * sizeof in[0];
    int count = 77;
    void *pointer = nullptr;
    if (driver / 1000 < runtime / 1000) {
        FAILS(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
        FAILS(cudaMalloc(&pointer, bytes), cudaErrorInsufficientDriver);
        FAILS(cudaFree(nullptr), cudaErrorInsufficientDriver);
    } else {
        CHECK(cudaGetDeviceCount(&count));
        REQUIRE(count > 0);
        CHECK(cudaMalloc(&pointer, bytes));
        CHECK(cudaMemcpy(pointer, in.data(), bytes, cudaMemcpyHostToDevice));
        CHECK(cudaMemcpy(out.data(), pointer, bytes, cudaMemcpyDeviceToHost));
        CHECK(cudaFree(pointer));
        REQUIRE(in == out);
    }
    CUdevice device;
    CUcontext context;
    CUdeviceptr memory;
    OK(DRIVER(cuInit)(0));
    OK(DRIVER(cuDeviceGet)(&device, 0));
    OK(DRIVER(cuDevicePrimaryCtxRetain)(&context, device));
    OK(DRIVER(cuCtxSetCurrent)(context));
    OK(DRIVER(cuMemAlloc)(&memory, bytes));
    std::fill(out.begin(), out.end(), 0);
    OK(DRIVER(cuMemcpyHtoD)(memory, in.data(), bytes));
    OK(DRIVER(cuMemcpyDtoH)(out.data(), memory, bytes));
    REQUIRE(in == out);
    return pass("driver_version");
}
