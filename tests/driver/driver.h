/* What the programs of this folder share: they call the driver by its names, as a program does that was linked with nothing. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
