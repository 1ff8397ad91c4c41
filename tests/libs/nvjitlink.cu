// libs: nvJitLink nvrtc
// nvJitLink: two programs that NVRTC made, as PTX and as the optimiser's own code, linked into one.
#include "../cuda/driver.h"
#include <nvJitLink.h>
#include <nvrtc.h>
#include <string>
#define RTC(call) REQUIRE((call) == NVRTC_SUCCESS)
#define LINK(call) REQUIRE((call) == NVJITLINK_SUCCESS)
static const char *caller = R"(
extern __device__ int change(int v, int i);
extern "C" __global__ void apply(int *v, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = change(v[i], i);
}
)";
static const char *callee = "__device__ int change(int v, int i) { return v * 3 - i; }";
static std::string compile(const char *source, const std::string &arch, bool lto) {
    nvrtcProgram program;
    RTC(nvrtcCreateProgram(&program, source, "part.cu", 0, nullptr, nullptr));
    std::string target = "-arch=compute_" + arch;
    const char *options[] = {target.c_str(), "-rdc=true", "-dlto"};
    RTC(nvrtcCompileProgram(program, lto ? 3 : 2, options));
    size_t size = 0;
    RTC(lto ? nvrtcGetLTOIRSize(program, &size) : nvrtcGetPTXSize(program, &size));
    std::string image(size, 0);
    RTC(lto ? nvrtcGetLTOIR(program, &image[0]) : nvrtcGetPTX(program, &image[0]));
    RTC(nvrtcDestroyProgram(&program));
    return image;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    cudaDeviceProp properties;
    CHECK(cudaGetDeviceProperties(&properties, 0));
    std::string arch = std::to_string(properties.major * 10 + properties.minor), target = "-arch=sm_" + arch;
    for (bool lto : {false, true}) {
        nvJitLinkHandle link;
        const char *options[] = {target.c_str(), "-lto"};
        LINK(nvJitLinkCreate(&link, lto ? 2 : 1, options));
        for (auto source : {caller, callee}) {
            std::string part = compile(source, arch, lto);
            LINK(nvJitLinkAddData(link, lto ? NVJITLINK_INPUT_LTOIR : NVJITLINK_INPUT_PTX, part.data(), part.size(), "part"));
        }
        LINK(nvJitLinkComplete(link));
        size_t size = 0;
        LINK(nvJitLinkGetLinkedCubinSize(link, &size));
        std::string image(size, 0);
        LINK(nvJitLinkGetLinkedCubin(link, &image[0]));
        LINK(nvJitLinkDestroy(&link));
        CUmodule module;
        CUfunction apply;
        OK(DRIVER(cuModuleLoadData)(&module, image.data()));
        OK(DRIVER(cuModuleGetFunction)(&apply, module, "apply"));
        int n = 1000;
        std::vector<int> a(n), expected(n);
        for (int i = 0; i < n; i++) a[i] = int(random.below(100000)), expected[i] = a[i] * 3 - i;
        OnDevice<int> x(a);
        void *arguments[] = {&x.at, &n};
        OK(DRIVER(cuLaunchKernel)(apply, 8, 1, 1, 128, 1, 1, 0, nullptr, arguments, nullptr));
        same(x.get(), expected);
        OK(DRIVER(cuModuleUnload)(module));
    }
    return pass("nvjitlink");
}
