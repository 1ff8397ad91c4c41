/* What a driver says of versions: versions NAME@VERSION... looks each function up as a program built for that version does, and prints
   what it was answered. Then it moves data, calls what came with CUDA 13.0 twice, and forks a child that does the same: nothing of this
   may keep the child from using CUDA, for the parent has not initialised it before. */
#include "driver.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void look_up(const char *name, int version) {
    void *one = (void *)1, *two = (void *)2;
    int status = 99;
    int first = ((int (*)(const char *, void **, int, uint64_t))symbol("cuGetProcAddress"))(name, &one, version, 0);
    int second = ((int (*)(const char *, void **, int, uint64_t, int *))symbol("cuGetProcAddress_v2"))(name, &two, version, 0, &status);
    printf("%s@%d: %d, %d", name, version, first, second);
    if (!second) printf(" status %d %s", status, two ? "found" : "null");
    if (!first && one != two) printf(" differs");
    printf("\n");
}

static void use(int offset) {
    int device, n = 1000, in[1000], out[1000];
    void *context;
    uint64_t memory;
    OK(cuInit, 0);
    OK(cuDeviceGet, &device, 0);
    OK(cuDevicePrimaryCtxRetain, &context, device);
    OK(cuCtxSetCurrent, context);
    for (int i = 0; i < n; i++) in[i] = i * 7 + offset;
    OK(cuMemAlloc_v2, &memory, sizeof in);
    OK(cuMemcpyHtoD_v2, memory, in, sizeof in);
    OK(cuMemcpyDtoH_v2, out, memory, sizeof out);
    if (memcmp(in, out, sizeof in)) {
        printf("other data came back\n");
        exit(1);
    }
    OK(cuMemFree_v2, memory);
    for (int i = 0; i < 2; i++) {
        unsigned capability = 5, operation = 0;
        printf("cuDeviceGetHostAtomicCapabilities: %d\n", CALL(cuDeviceGetHostAtomicCapabilities, &capability, &operation, 1, device));
    }
    printf("data moved\n");
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    load_driver();
    int version = 0;
    OK(cuDriverGetVersion, &version);
    printf("version %d\n", version);
    for (int i = 1; i < argc; i++) {
        char *at = strchr(argv[i], '@');
        *at = 0;
        look_up(argv[i], atoi(at + 1));
    }
    pid_t child = fork();
    if (!child) {
        /* Its messages are the parent's over again. */
        dup2(open("/dev/null", O_WRONLY), 2);
        use(3);
        exit(0);
    }
    int status;
    if (waitpid(child, &status, 0) != child || status) {
        printf("the child failed: %d\n", status);
        return 1;
    }
    use(5);
    return 0;
}
