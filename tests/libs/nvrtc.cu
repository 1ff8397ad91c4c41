// libs: nvrtc
// NVRTC: a program compiled at run time to PTX and to machine code, its lowered names, headers, options and logs.
#include "../cuda/driver.h"
#include <nvrtc.h>
#include <string>
#define RTC(call) REQUIRE((call) == NVRTC_SUCCESS)
static const char *source = R"(
#include "factor.h"
__constant__ int shift;
template <class T> __global__ void scale(T *v, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * T(FACTOR) + T(shift);
}
)";
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    cudaDeviceProp properties;
    CHECK(cudaGetDeviceProperties(&properties, 0));
    const char *header = "#define FACTOR 7\n", *name = "factor.h";
    for (bool binary : {false, true}) {
        nvrtcProgram program;
        RTC(nvrtcCreateProgram(&program, source, "scale.cu", 1, &header, &name));
        for (auto expression : {"scale<int>", "scale<double>", "&shift"}) RTC(nvrtcAddNameExpression(program, expression));
        std::string arch = (binary ? "-arch=sm_" : "-arch=compute_") + std::to_string(properties.major * 10 + properties.minor);
        const char *options[] = {arch.c_str(), "-std=c++17"};
        RTC(nvrtcCompileProgram(program, 2, options));
        size_t size = 0;
        std::string image;
        if (binary) {
            RTC(nvrtcGetCUBINSize(program, &size));
            image.resize(size);
            RTC(nvrtcGetCUBIN(program, &image[0]));
        } else {
            RTC(nvrtcGetPTXSize(program, &size));
            image.resize(size);
            RTC(nvrtcGetPTX(program, &image[0]));
        }
        CUmodule module;
        OK(DRIVER(cuModuleLoadData)(&module, image.data()));
        const char *lowered;
        CUdeviceptr shift;
        RTC(nvrtcGetLoweredName(program, "&shift", &lowered));
        OK(DRIVER(cuModuleGetGlobal)(&shift, &size, module, lowered));
        int by = int(random.below(100)), n = 1000;
        OK(DRIVER(cuMemcpyHtoD)(shift, &by, 4));
        CUfunction ints, doubles;
        RTC(nvrtcGetLoweredName(program, "scale<int>", &lowered));
        OK(DRIVER(cuModuleGetFunction)(&ints, module, lowered));
        RTC(nvrtcGetLoweredName(program, "scale<double>", &lowered));
        OK(DRIVER(cuModuleGetFunction)(&doubles, module, lowered));
        std::vector<int> a(n), expected_a(n);
        std::vector<double> b(n), expected_b(n);
        for (int i = 0; i < n; i++) {
            a[i] = int(random.below(1000)), expected_a[i] = a[i] * 7 + by;
            b[i] = double(random.below(1000)) / 4, expected_b[i] = b[i] * 7 + by;
        }
        OnDevice<int> da(a);
        OnDevice<double> db(b);
        void *arguments_a[] = {&da.at, &n}, *arguments_b[] = {&db.at, &n};
        OK(DRIVER(cuLaunchKernel)(ints, 8, 1, 1, 128, 1, 1, 0, nullptr, arguments_a, nullptr));
        OK(DRIVER(cuLaunchKernel)(doubles, 8, 1, 1, 128, 1, 1, 0, nullptr, arguments_b, nullptr));
        same(da.get(), expected_a);
        same(db.get(), expected_b);
        OK(DRIVER(cuModuleUnload)(module));
        RTC(nvrtcDestroyProgram(&program));
    }
    nvrtcProgram wrong;
    RTC(nvrtcCreateProgram(&wrong, "__global__ void f() { no_such_thing(); }", "wrong.cu", 0, nullptr, nullptr));
    REQUIRE(nvrtcCompileProgram(wrong, 0, nullptr) == NVRTC_ERROR_COMPILATION);
    size_t size = 0;
    RTC(nvrtcGetProgramLogSize(wrong, &size));
    std::string log(size, 0);
    RTC(nvrtcGetProgramLog(wrong, &log[0]));
    REQUIRE(log.find("no_such_thing") != std::string::npos);
    RTC(nvrtcDestroyProgram(&wrong));
    return pass("nvrtc");
}
