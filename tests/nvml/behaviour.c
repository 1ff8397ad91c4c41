// How the library behaves, whatever the GPU: begin and end, forks, threads, wrong arguments. For Pillion's alone: it asks for
// what only a client knows. Prints "ok", or says what is wrong and exits with 1. With an argument it prints "ready" and waits for a
// line, before which the server has to end.
//
// Build: cc -pthread -o behaviour behaviour.c -ldl

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef uint32_t u32;
typedef u32 (*fn)();
typedef void *device;

static void *library;

static fn find(const char *name) {
    fn found = (fn)dlsym(library, name);
    if (!found) {
        printf("%s is not exported\n", name);
        exit(1);
    }
    return found;
}

#define CALL(name, ...) find(#name)(__VA_ARGS__)
#define EXPECT(want, name, ...)                                                                    \
    do {                                                                                           \
        u32 got = CALL(name, ##__VA_ARGS__);                                                       \
        if (got != (want)) {                                                                       \
            printf("line %d: %s answers %u, not %u\n", __LINE__, #name, got, (u32)(want));         \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static void *ask(void *handle) {
    for (int i = 0; i < 50; i++) {
        char name[96] = "";
        uint64_t memory[3];
        EXPECT(0, nvmlDeviceGetName, handle, name, 96u);
        EXPECT(0, nvmlDeviceGetMemoryInfo, handle, memory);
        if (!name[0] || !memory[0]) {
            printf("a thread got nothing\n");
            exit(1);
        }
    }
    return NULL;
}

static int lose_the_server(void) {
    u32 count;
    device gpu = NULL;
    char name[96], line[8];
    EXPECT(0, nvmlInit_v2);
    EXPECT(0, nvmlDeviceGetHandleByIndex_v2, 0, &gpu);
    EXPECT(0, nvmlDeviceGetName, gpu, name, 96u);
    printf("ready\n");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        return 1;
    uint64_t memory[3];
    EXPECT(15, nvmlDeviceGetMemoryInfo, gpu, memory);
    EXPECT(15, nvmlDeviceGetMemoryInfo, gpu, memory);
    // What was asked before is still known.
    EXPECT(0, nvmlDeviceGetName, gpu, name, 96u);
    EXPECT(9, nvmlInit_v2);
    EXPECT(0, nvmlShutdown);
    EXPECT(1, nvmlDeviceGetCount_v2, &count);
    printf("ok\n");
    return 0;
}

int main(int argc, char **argv) {
    library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
    if (!library) {
        printf("%s\n", dlerror());
        return 1;
    }
    if (argc > 1)
        return lose_the_server();
    u32 count, number;
    device gpu = NULL;
    const char *(*text)(u32) = (const char *(*)(u32))find("nvmlErrorString");
    if (strcmp(text(0), "Success") || strcmp(text(3), "Not Supported") || strcmp(text(12345), "Unknown Error")) {
        printf("codes have other names\n");
        return 1;
    }
    EXPECT(1, nvmlDeviceGetCount_v2, &count);
    EXPECT(1, nvmlShutdown);
    EXPECT(1, nvmlDeviceSetEccMode, NULL, 0);
    u32 begun = CALL(nvmlInit_v2);
    if (begun == 9) {
        EXPECT(1, nvmlDeviceGetCount_v2, &count);
        printf("no driver\n");
        return 0;
    }
    if (begun != 0) {
        printf("nvmlInit_v2 answers %u\n", begun);
        return 1;
    }
    EXPECT(0, nvmlInitWithFlags, 0);
    EXPECT(0, nvmlShutdown);
    EXPECT(0, nvmlDeviceGetCount_v2, &count);
    EXPECT(2, nvmlDeviceGetCount_v2, NULL);
    EXPECT(2, nvmlDeviceGetHandleByIndex_v2, count, &gpu);
    EXPECT(0, nvmlDeviceGetHandleByIndex_v2, 0, &gpu);

    // Handles are checked before they are followed.
    EXPECT(2, nvmlDeviceGetMinorNumber, (device)1, &number);
    EXPECT(2, nvmlDeviceGetMinorNumber, (device)((char *)gpu + 1), &number);
    EXPECT(2, nvmlDeviceGetMinorNumber, NULL, &number);

    // So are buffers and versions.
    struct { char name[8], behind[8]; } small;
    memset(&small, 'x', sizeof small);
    EXPECT(7, nvmlDeviceGetName, gpu, small.name, 8u);
    if (small.name[0] != 'x' || small.behind[0] != 'x') {
        printf("a short buffer was written\n");
        return 1;
    }
    u32 versioned[10] = {3u << 24 | 40};
    EXPECT(25, nvmlDeviceGetMemoryInfo_v2, gpu, versioned);
    EXPECT(2, nvmlDeviceGetFieldValues, gpu, -1, versioned);

    // Nothing is changed from afar.
    EXPECT(4, nvmlDeviceSetPowerManagementLimit, gpu, 1000u);
    EXPECT(4, nvmlDeviceResetApplicationsClocks, gpu);
    EXPECT(0, nvmlDeviceSetCpuAffinity, gpu);
    uint64_t processors[16] = {0};
    EXPECT(0, nvmlDeviceGetCpuAffinity, gpu, 16u, processors);
    if (!(processors[0] & 1)) {
        printf("no processor is near\n");
        return 1;
    }

    // A set of events can be waited for, in vain.
    void *set = NULL;
    char data[64];
    EXPECT(0, nvmlEventSetCreate, &set);
    EXPECT(0, nvmlDeviceRegisterEvents, gpu, (uint64_t)8, set);
    EXPECT(10, nvmlEventSetWait_v2, set, data, 10u);
    EXPECT(0, nvmlEventSetFree, set);
    EXPECT(2, nvmlEventSetWait_v2, set, data, 10u);

    // Processes: none on the CPU device, and every process of this machine has a name.
    struct { u32 pid; uint64_t used; u32 instances[2]; } running[8];
    u32 room = 8;
    EXPECT(0, nvmlDeviceGetComputeRunningProcesses_v3, gpu, &room, running);
    struct { u32 version, mode, count; void *list; } details = {1u << 24 | 24, 0, 0, NULL};
    EXPECT(0, nvmlDeviceGetRunningProcessDetailList, gpu, &details);
    details.version = 24;
    EXPECT(25, nvmlDeviceGetRunningProcessDetailList, gpu, &details);
    char name[256] = "";
    EXPECT(0, nvmlSystemGetProcessName, (u32)getpid(), name, 256u);
    if (!strstr(name, "behaviour")) {
        printf("this process is called %s\n", name);
        return 1;
    }

    // What nvidia-smi asks for.
    static const unsigned char id[16] = {0xc4, 0xfe, 0x3e, 0x6c, 0xc9, 0x8f, 0x6c, 0x4e,
                                         0xa3, 0x27, 0xee, 0x69, 0x6e, 0x12, 0xf7, 0xc4};
    void **table = NULL;
    device same = NULL;
    EXPECT(0, nvmlInternalGetExportTable, &table, id);
    if (!table || (uintptr_t)table[0] <= 648 || ((fn)table[81])(0, &same, (void *)0x22, NULL) != 0 || same != gpu) {
        printf("the table of unnamed functions is not as it should be\n");
        return 1;
    }
    u32 listed = 250;
    if (((fn)table[213])(gpu, &listed, malloc(250 * 4128), NULL) != 0 || listed != 0) {
        printf("there are phantom processes\n");
        return 1;
    }

    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, ask, gpu);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);

    // The child of a fork has nothing of its parent's, and may begin anew.
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        EXPECT(1, nvmlDeviceGetCount_v2, &count);
        EXPECT(0, nvmlInit_v2);
        EXPECT(0, nvmlDeviceGetCount_v2, &count);
        EXPECT(0, nvmlShutdown);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) {
        printf("the child failed\n");
        return 1;
    }
    ask(gpu);
    EXPECT(0, nvmlShutdown);
    EXPECT(1, nvmlShutdown);
    EXPECT(0, nvmlInit);
    EXPECT(0, nvmlDeviceGetCount, &count);
    printf("ok\n");
    return 0;
}
