// since: 12.5
// nvcc: -cudart shared
// What a module holds: its functions and kernels by enumeration, their names and the places of their parameters.
#include "driver.h"
#include <map>
#include <string>
static const char *ptx = R"(
.version 7.0
.target sm_75
.address_size 64
.visible .global .align 8 .b8 table[48];
.visible .entry nothing() { ret; }
.visible .entry three(.param .u64 p, .param .u8 a, .param .f64 b) { ret; }
.visible .entry block(.param .align 8 .b8 whole[40], .param .u32 n) { ret; }
.visible .entry set(.param .u64 p, .param .u32 a) {
    .reg .b32 %r<2>;
    .reg .b64 %d<2>;
    ld.param.u64 %d0, [p];
    ld.param.u32 %r0, [a];
    st.global.u32 [%d0], %r0;
    ret;
}
)";
typedef std::vector<std::pair<size_t, size_t>> Places;
static const std::map<std::string, Places> known = {
    {"nothing", {}},
    {"three", {{0, 8}, {8, 1}, {16, 8}}},
    {"block", {{0, 40}, {40, 4}}},
    {"set", {{0, 8}, {8, 4}}},
};
template <class H> static void places(CUresult (*info)(H, size_t, size_t *, size_t *), H of, const Places &expected) {
    size_t offset, size;
    for (size_t i = 0; i < expected.size(); i++) {
        OK(info(of, i, &offset, &size));
        REQUIRE(offset == expected[i].first && size == expected[i].second);
    }
    REFUSED(info(of, expected.size(), &offset, &size), CUDA_ERROR_INVALID_VALUE);
}
static void set(CUfunction function, unsigned value) {
    OnDevice<unsigned> x(1);
    unsigned *at = x;
    void *arguments[] = {&at, &value};
    OK(DRIVER(cuLaunchKernel)(function, 1, 1, 1, 1, 1, 1, 0, nullptr, arguments, nullptr));
    REQUIRE(x.get()[0] == value);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    CUmodule module;
    OK(DRIVER(cuModuleLoadData)(&module, ptx));
    unsigned n = 0;
    OK(DRIVER(cuModuleGetFunctionCount)(&n, module));
    REQUIRE(n == known.size());
    std::vector<CUfunction> functions(n);
    OK(DRIVER(cuModuleEnumerateFunctions)(functions.data(), n, module));
    std::map<std::string, CUfunction> by_name;
    for (auto function : functions) {
        const char *name = nullptr;
        OK(DRIVER(cuFuncGetName)(&name, function));
        by_name[name] = function;
        CUmodule of;
        OK(DRIVER(cuFuncGetModule)(&of, function));
        REQUIRE(of == module);
    }
    REQUIRE(by_name.size() == known.size());
    for (auto &entry : known) {
        CUfunction function;
        OK(DRIVER(cuModuleGetFunction)(&function, module, entry.first.c_str()));
        REQUIRE(by_name.count(entry.first));
        places(DRIVER(cuFuncGetParamInfo), function, entry.second);
        int value = 0;
        OK(DRIVER(cuFuncGetAttribute)(&value, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, function));
        REQUIRE(value >= 32 && value <= 1024);
        OK(DRIVER(cuFuncLoad)(function));
        CUfunctionLoadingState state;
        OK(DRIVER(cuFuncIsLoaded)(&state, function));
        REQUIRE(state == CU_FUNCTION_LOADING_STATE_LOADED);
    }
    set(by_name["set"], random.u32());
    OK(DRIVER(cuModuleUnload)(module));
    // The same as a library, which no context holds.
    CUlibrary library;
    OK(DRIVER(cuLibraryLoadData)(&library, ptx, nullptr, nullptr, 0, nullptr, nullptr, 0));
    n = 0;
    OK(DRIVER(cuLibraryGetKernelCount)(&n, library));
    REQUIRE(n == known.size());
    std::vector<CUkernel> kernels(n);
    OK(DRIVER(cuLibraryEnumerateKernels)(kernels.data(), n, library));
    std::map<std::string, CUkernel> kernel_by_name;
    for (auto kernel : kernels) {
        const char *name = nullptr;
        OK(DRIVER(cuKernelGetName)(&name, kernel));
        kernel_by_name[name] = kernel;
        CUlibrary of;
        OK(DRIVER(cuKernelGetLibrary)(&of, kernel));
        REQUIRE(of == library);
    }
    REQUIRE(kernel_by_name.size() == known.size());
    for (auto &entry : known) {
        CUkernel kernel;
        OK(DRIVER(cuLibraryGetKernel)(&kernel, library, entry.first.c_str()));
        REQUIRE(kernel_by_name.count(entry.first));
        places(DRIVER(cuKernelGetParamInfo), kernel, entry.second);
        CUfunction function;
        OK(DRIVER(cuKernelGetFunction)(&function, kernel));
        const char *name = nullptr;
        OK(DRIVER(cuFuncGetName)(&name, function));
        REQUIRE(entry.first == name);
        if (entry.first == "set") set(function, random.u32());
    }
    // A kernel may be launched in a function's place.
    set((CUfunction)kernel_by_name["set"], random.u32());
    CUkernel none;
    REFUSED(DRIVER(cuLibraryGetKernel)(&none, library, "no_such_kernel"), CUDA_ERROR_NOT_FOUND);
    CUdeviceptr table;
    size_t size;
    OK(DRIVER(cuLibraryGetGlobal)(&table, &size, library, "table"));
    REQUIRE(table && size == 48);
    OK(DRIVER(cuLibraryGetModule)(&module, library));
    CUdeviceptr same_table;
    OK(DRIVER(cuModuleGetGlobal)(&same_table, &size, module, "table"));
    REQUIRE(same_table == table);
    OK(DRIVER(cuLibraryUnload)(library));
    return pass("enumerate");
}
