// The driver API for programs that are not linked to libcuda: its functions by the names that a linked program would use.
#pragma once
#include "check.h"
#include <cuda.h>
#include <dlfcn.h>

inline void *driver_symbol(const char *name) {
    static void *library = dlopen("libcuda.so.1", RTLD_NOW);
    void *at = library ? dlsym(library, name) : nullptr;
    if (!at) {
        printf("libcuda.so.1 has no %s\n", name);
        exit(1);
    }
    return at;
}

// cuda.h renames functions by macros (cuMemAlloc is cuMemAlloc_v2): the name below is the one after that.
#define DRIVER_TEXT(name) #name
#define DRIVER_NAME(name) DRIVER_TEXT(name)
#define DRIVER(name) ((decltype(&name))driver_symbol(DRIVER_NAME(name)))

// The driver call must succeed, or fail with this error.
#define OK(call) REFUSED(call, CUDA_SUCCESS)
#define REFUSED(call, expected)                                                                       \
    do {                                                                                              \
        CUresult check_result = (call);                                                               \
        if (check_result != (expected)) {                                                             \
            printf("%s:%d: %s: %d, not %d\n", __FILE__, __LINE__, #call, check_result, int(expected)); \
            exit(1);                                                                                  \
        }                                                                                             \
    } while (0)
