/* What the programs of this folder share: they call the driver by its names, as a program does that was linked with nothing. */
#include <dlfcn.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *library;

static void *symbol(const char *name) {
    void *at = dlsym(library, name);
    if (!at) {
        printf("no %s\n", name);
        exit(1);
    }
    return at;
}

#define CALL(name, ...) ((int (*)())symbol(#name))(__VA_ARGS__)

/* Ends the program unless the call succeeds. */
#define OK(name, ...)                                  \
    do {                                               \
        int status = CALL(name, __VA_ARGS__);          \
        if (status) {                                  \
            printf("%s: %d\n", #name, status);         \
            exit(1);                                   \
        }                                              \
    } while (0)

static void load_driver(void) {
    library = dlopen("libcuda.so.1", RTLD_NOW);
    if (!library) {
        printf("%s\n", dlerror());
        exit(1);
    }
}

/* Loads the driver, and makes the primary context of the first device current. */
static inline void begin(void) {
    int device;
    void *context;
    load_driver();
    OK(cuInit, 0);
    OK(cuDeviceGet, &device, 0);
    OK(cuDevicePrimaryCtxRetain, &context, device);
    OK(cuCtxSetCurrent, context);
}

/* The next random number behind `state` (SplitMix64). */
static inline uint64_t random_after(uint64_t *state) {
    uint64_t n = *state += 0x9e3779b97f4a7c15;
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
    n = (n ^ n >> 27) * 0x94d049bb133111eb;
    return n ^ n >> 31;
}

/* Whether the standard input has come to its end. */
static inline int is_over(void) {
    struct pollfd input = {0, POLLIN, 0};
    char byte;
    return poll(&input, 1, 0) > 0 && read(0, &byte, 1) <= 0;
}
