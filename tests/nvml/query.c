// Asks NVML what can be asked, and prints it a line each.
//
//   query            prints
//   query FILE       prints, and compares with what FILE holds of an earlier run: says on standard error what differs, and
//                    exits with 1 if anything does
//
// Of what changes from one moment to the next, only whether it could be asked is printed. Build: cc -o query query.c -ldl

#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint32_t u32;
typedef uint64_t u64;
typedef void *device;
typedef u32 (*fn)();

enum { LASTS, VARIES };

static void *library;
static char *expected;
static int differences;

static void differs(const char *line, const char *other) {
    fprintf(stderr, "DIFFERS\n  expected %s\n  got      %s\n", other ? other : "nothing", line);
    differences++;
}

// The line of `expected` that begins as `line` does up to its colon, ended, or NULL.
static const char *counterpart(const char *line) {
    static char found[1 << 16];
    size_t key = strcspn(line, ":") + 1;
    for (const char *at = expected; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
        if (strncmp(at, line, key) == 0) {
            size_t len = strcspn(at, "\n");
            memcpy(found, at, len);
            found[len] = 0;
            return found;
        }
    }
    return NULL;
}

static void say(const char *format, ...) {
    char line[1 << 16];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    puts(line);
    if (expected) {
        const char *other = counterpart(line);
        if (!other || strcmp(line, other) != 0)
            differs(line, other);
    }
}

// Prints a call that failed, or that is not to be compared. Answers whether there is a value to print.
static int spoke(const char *what, u32 status, int lasting) {
    if (status != 0)
        say("%s: status %u", what, status);
    else if (lasting == VARIES)
        say("%s: varies", what);
    return status == 0 && lasting == LASTS;
}

static fn find(const char *name) {
    fn found = (fn)dlsym(library, name);
    if (!found)
        say("%s: not exported", name);
    return found;
}

static void must(const char *name, u32 status) {
    if (status != 0) {
        fprintf(stderr, "%s failed with %u\n", name, status);
        exit(2);
    }
}

static void hex(const char *what, const void *bytes, size_t len) {
    char text[8192];
    for (size_t i = 0; i < len && 2 * i + 2 < sizeof text; i++)
        sprintf(text + 2 * i, "%02x", ((const unsigned char *)bytes)[i]);
    say("%s: %s", what, text);
}

static void text(int gpu, device handle, const char *name) {
    char key[128], value[96] = "";
    fn call = find(name);
    snprintf(key, sizeof key, "%d %s", gpu, name);
    if (call && spoke(key, call(handle, value, (u32)sizeof value), LASTS))
        say("%s: %s", key, value);
}

static void number(int gpu, device handle, const char *name, int lasting) {
    char key[128];
    u64 value = 0; // room for those that write 64 bits
    fn call = find(name);
    snprintf(key, sizeof key, "%d %s", gpu, name);
    if (call && spoke(key, call(handle, &value), lasting))
        say("%s: %llu", key, (unsigned long long)value);
}

static void pair(int gpu, device handle, const char *name, int lasting) {
    char key[128];
    u64 a = 0, b = 0;
    fn call = find(name);
    snprintf(key, sizeof key, "%d %s", gpu, name);
    if (call && spoke(key, call(handle, &a, &b), lasting))
        say("%s: %llu %llu", key, (unsigned long long)a, (unsigned long long)b);
}

static void each(int gpu, device handle, const char *name, u32 from, u32 to, int lasting) {
    fn call = find(name);
    for (u32 i = from; call && i < to; i++) {
        char key[128];
        u32 value = 0;
        snprintf(key, sizeof key, "%d %s(%u)", gpu, name, i);
        if (spoke(key, call(handle, i, &value), lasting))
            say("%s: %u", key, value);
    }
}

// A struct; `version` is its first word, or 0.
static void structure(int gpu, device handle, const char *name, u32 version, size_t size, int lasting) {
    char key[128];
    unsigned char value[4096] = {0};
    fn call = find(name);
    snprintf(key, sizeof key, "%d %s(%u)", gpu, name, version);
    if (version) {
        u32 word = version << 24 | (u32)size;
        memcpy(value, &word, sizeof word);
    }
    if (call && spoke(key, call(handle, value), lasting))
        hex(key, value, size);
}

static void list(int gpu, device handle, const char *name, int with, u32 argument, u32 *values, u32 *count) {
    char key[128], line[8192] = "";
    u32 none = 0;
    fn call = find(name);
    snprintf(key, sizeof key, "%d %s(%u)", gpu, name, argument);
    if (!call)
        return;
    u32 first = with ? call(handle, argument, &none, NULL) : call(handle, &none, NULL);
    say("%s without room: status %u, %u", key, first, none);
    u32 status = with ? call(handle, argument, count, values) : call(handle, count, values);
    if (!spoke(key, status, LASTS))
        return;
    for (u32 i = 0; i < *count && strlen(line) < sizeof line - 16; i++)
        sprintf(line + strlen(line), " %u", values[i]);
    say("%s:%s", key, line);
}

static void one(int gpu, device handle) {
    static const char *texts[] = {"nvmlDeviceGetName", "nvmlDeviceGetUUID", "nvmlDeviceGetSerial",
        "nvmlDeviceGetBoardPartNumber", "nvmlDeviceGetVbiosVersion", "nvmlDeviceGetInforomImageVersion", NULL};
    for (int i = 0; texts[i]; i++)
        text(gpu, handle, texts[i]);

    static const char *lasting[] = {"nvmlDeviceGetBrand", "nvmlDeviceGetIndex", "nvmlDeviceGetMinorNumber",
        "nvmlDeviceGetBoardId", "nvmlDeviceGetMultiGpuBoard", "nvmlDeviceGetMaxPcieLinkGeneration",
        "nvmlDeviceGetGpuMaxPcieLinkGeneration", "nvmlDeviceGetMaxPcieLinkWidth", "nvmlDeviceGetCurrPcieLinkWidth",
        "nvmlDeviceGetNumFans", "nvmlDeviceGetPowerManagementMode", "nvmlDeviceGetPowerManagementLimit",
        "nvmlDeviceGetPowerManagementDefaultLimit", "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetComputeMode",
        "nvmlDeviceGetDisplayMode", "nvmlDeviceGetDisplayActive", "nvmlDeviceGetPersistenceMode",
        "nvmlDeviceGetAccountingMode", "nvmlDeviceGetAccountingBufferSize", "nvmlDeviceGetNumGpuCores",
        "nvmlDeviceGetMemoryBusWidth", "nvmlDeviceGetPcieLinkMaxSpeed", "nvmlDeviceGetAdaptiveClockInfoStatus",
        "nvmlDeviceGetBusType", "nvmlDeviceGetArchitecture", "nvmlDeviceGetVirtualizationMode",
        "nvmlDeviceGetMaxMigDeviceCount", "nvmlDeviceGetIrqNum", "nvmlDeviceGetPowerSource", "nvmlDeviceGetModuleId",
        "nvmlDeviceGetRetiredPagesPendingStatus", "nvmlDeviceGetHostVgpuMode", "nvmlDeviceIsMigDeviceHandle",
        "nvmlDeviceGetSupportedClocksEventReasons", "nvmlDeviceGetSupportedClocksThrottleReasons",
        "nvmlDeviceGetSupportedEventTypes", NULL};
    for (int i = 0; lasting[i]; i++)
        number(gpu, handle, lasting[i], LASTS);

    static const char *varying[] = {"nvmlDeviceGetCurrPcieLinkGeneration", "nvmlDeviceGetPcieReplayCounter",
        "nvmlDeviceGetPcieSpeed", "nvmlDeviceGetFanSpeed", "nvmlDeviceGetPerformanceState", "nvmlDeviceGetPowerState",
        "nvmlDeviceGetPowerUsage", "nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetUtilizationRates",
        "nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons", NULL};
    for (int i = 0; varying[i]; i++)
        number(gpu, handle, varying[i], VARIES);

    pair(gpu, handle, "nvmlDeviceGetCudaComputeCapability", LASTS);
    pair(gpu, handle, "nvmlDeviceGetEccMode", LASTS);
    pair(gpu, handle, "nvmlDeviceGetMigMode", LASTS);
    pair(gpu, handle, "nvmlDeviceGetPowerManagementLimitConstraints", LASTS);
    pair(gpu, handle, "nvmlDeviceGetGspFirmwareMode", LASTS);
    pair(gpu, handle, "nvmlDeviceGetEncoderUtilization", VARIES);
    pair(gpu, handle, "nvmlDeviceGetDecoderUtilization", VARIES);
    pair(gpu, handle, "nvmlDeviceGetJpgUtilization", VARIES);
    pair(gpu, handle, "nvmlDeviceGetOfaUtilization", VARIES);

    each(gpu, handle, "nvmlDeviceGetMaxClockInfo", 0, 4, LASTS);
    each(gpu, handle, "nvmlDeviceGetClockInfo", 0, 4, VARIES);
    each(gpu, handle, "nvmlDeviceGetApplicationsClock", 0, 4, LASTS);
    each(gpu, handle, "nvmlDeviceGetDefaultApplicationsClock", 0, 4, LASTS);
    each(gpu, handle, "nvmlDeviceGetMaxCustomerBoostClock", 0, 4, LASTS);
    each(gpu, handle, "nvmlDeviceGetTemperature", 0, 1, VARIES);
    each(gpu, handle, "nvmlDeviceGetTemperatureThreshold", 0, 6, LASTS);
    each(gpu, handle, "nvmlDeviceGetPcieThroughput", 0, 2, VARIES);
    each(gpu, handle, "nvmlDeviceGetNvLinkState", 0, 20, LASTS);
    each(gpu, handle, "nvmlDeviceGetNvLinkVersion", 0, 20, LASTS);
    each(gpu, handle, "nvmlDeviceGetNvLinkRemoteDeviceType", 0, 20, LASTS);

    structure(gpu, handle, "nvmlDeviceGetPciInfo_v3", 0, 68, LASTS);
    structure(gpu, handle, "nvmlDeviceGetPciInfoExt", 1, 64, LASTS);
    structure(gpu, handle, "nvmlDeviceGetAttributes_v2", 0, 40, LASTS);
    structure(gpu, handle, "nvmlDeviceGetRowRemapperHistogram", 0, 20, LASTS);
    structure(gpu, handle, "nvmlDeviceGetGpuFabricInfoV", 2, 36, LASTS);
    structure(gpu, handle, "nvmlDeviceGetGpuFabricInfoV", 7, 36, LASTS);
    structure(gpu, handle, "nvmlDeviceGetBAR1MemoryInfo", 0, 24, VARIES);
    structure(gpu, handle, "nvmlDeviceGetTemperatureV", 1, 12, VARIES);
    structure(gpu, handle, "nvmlDeviceGetPlatformInfo", 2, 44, LASTS);
    structure(gpu, handle, "nvmlDeviceGetMarginTemperature", 1, 8, VARIES);

    fn call;
    char key[128];
    if ((call = find("nvmlDeviceGetMemoryInfo"))) {
        u64 memory[3] = {0};
        snprintf(key, sizeof key, "%d total memory", gpu);
        if (spoke(key, call(handle, memory), LASTS))
            say("%s: %llu", key, (unsigned long long)memory[0]);
    }
    if ((call = find("nvmlDeviceGetMemoryInfo_v2"))) {
        u64 memory[5] = {2u << 24 | 40};
        snprintf(key, sizeof key, "%d total and reserved memory", gpu);
        if (spoke(key, call(handle, memory), LASTS))
            say("%s: %llu %llu", key, (unsigned long long)memory[1], (unsigned long long)memory[2]);
    }
    if ((call = find("nvmlDeviceGetRemappedRows"))) {
        u32 rows[4] = {0};
        snprintf(key, sizeof key, "%d remapped rows", gpu);
        if (spoke(key, call(handle, rows, rows + 1, rows + 2, rows + 3), LASTS))
            say("%s: %u %u %u %u", key, rows[0], rows[1], rows[2], rows[3]);
    }
    if ((call = find("nvmlDeviceGetTotalEccErrors")))
        for (u32 i = 0; i < 4; i++) {
            u64 errors = 0;
            snprintf(key, sizeof key, "%d nvmlDeviceGetTotalEccErrors(%u, %u)", gpu, i / 2, i % 2);
            spoke(key, call(handle, i / 2, i % 2, &errors), VARIES);
        }
    if ((call = find("nvmlDeviceGetNvLinkCapability")))
        for (u32 i = 0; i < 6; i++) {
            u32 capability = 0;
            snprintf(key, sizeof key, "%d nvmlDeviceGetNvLinkCapability(0, %u)", gpu, i);
            if (spoke(key, call(handle, 0, i, &capability), LASTS))
                say("%s: %u", key, capability);
        }
    if ((call = find("nvmlDeviceGetFieldValues"))) {
        // Field, scope, time, latency, type, status, value.
        struct { u32 field, scope; int64_t time, latency; u32 type, status; u64 value; } values[4];
        memset(values, 0, sizeof values);
        u32 fields[4] = {1, 83, 91, 9999};
        for (int i = 0; i < 4; i++)
            values[i].field = fields[i];
        snprintf(key, sizeof key, "%d nvmlDeviceGetFieldValues", gpu);
        if (spoke(key, call(handle, 4, values), LASTS))
            say("%s: %u %u %u %u", key, values[0].status, values[1].status, values[2].status, values[3].status);
    }

    u32 clocks[512], more[1024], count = 512;
    list(gpu, handle, "nvmlDeviceGetSupportedMemoryClocks", 0, 0, clocks, &count);
    for (u32 i = 0; i < count && i < 2 && clocks[i]; i++) {
        u32 room = 1024;
        list(gpu, handle, "nvmlDeviceGetSupportedGraphicsClocks", 1, clocks[i], more, &room);
    }

    char uuid[96] = "", bus[32] = "";
    unsigned char pci[68] = {0};
    device same = NULL;
    if (find("nvmlDeviceGetUUID")(handle, uuid, (u32)sizeof uuid) == 0) {
        u32 status = find("nvmlDeviceGetHandleByUUID")(uuid, &same);
        say("%d by its UUID: status %u, %s", gpu, status, same == handle ? "the same" : "another");
    }
    if (find("nvmlDeviceGetPciInfo_v3")(handle, pci) == 0) {
        memcpy(bus, pci + 36, 31);
        same = NULL;
        u32 status = find("nvmlDeviceGetHandleByPciBusId_v2")(bus, &same);
        say("%d by its bus: status %u, %s", gpu, status, same == handle ? "the same" : "another");
    }
    char little[4];
    say("%d name in 4 bytes: status %u", gpu, find("nvmlDeviceGetName")(handle, little, 4u));
    say("%d name nowhere: status %u", gpu, find("nvmlDeviceGetName")(handle, NULL, 96u));
}

int main(int argc, char **argv) {
    if (argc > 1) {
        FILE *file = fopen(argv[1], "r");
        expected = calloc(1, 1 << 22);
        if (!file || !expected || fread(expected, 1, (1 << 22) - 1, file) == 0) {
            fprintf(stderr, "cannot read %s\n", argv[1]);
            return 2;
        }
        fclose(file);
    }
    library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    must("nvmlInit_v2", find("nvmlInit_v2")());
    char version[96] = "";
    int cuda = 0;
    u32 count = 0;
    must("nvmlSystemGetDriverVersion", find("nvmlSystemGetDriverVersion")(version, 96u));
    say("driver: %s", version);
    must("nvmlSystemGetNVMLVersion", find("nvmlSystemGetNVMLVersion")(version, 96u));
    say("NVML: %s", version);
    must("nvmlSystemGetCudaDriverVersion_v2", find("nvmlSystemGetCudaDriverVersion_v2")(&cuda));
    say("CUDA: %d", cuda);
    u32 state[3] = {0};
    if (spoke("nvmlSystemGetConfComputeState", find("nvmlSystemGetConfComputeState")(state), LASTS))
        hex("nvmlSystemGetConfComputeState", state, sizeof state);
    must("nvmlDeviceGetCount_v2", find("nvmlDeviceGetCount_v2")(&count));
    say("GPUs: %u", count);
    device handles[64] = {0};
    for (u32 i = 0; i < count && i < 64; i++) {
        must("nvmlDeviceGetHandleByIndex_v2", find("nvmlDeviceGetHandleByIndex_v2")(i, &handles[i]));
        one((int)i, handles[i]);
    }
    for (u32 i = 0; i < count && i < 64; i++)
        for (u32 j = 0; j < count && j < 64; j++) {
            char key[64];
            u32 value = 0;
            for (u32 what = 0; what < 5; what++) {
                snprintf(key, sizeof key, "%u to %u, P2P %u", i, j, what);
                if (spoke(key, find("nvmlDeviceGetP2PStatus")(handles[i], handles[j], what, &value), LASTS))
                    say("%s: %u", key, value);
            }
            snprintf(key, sizeof key, "%u to %u, common ancestor", i, j);
            if (spoke(key, find("nvmlDeviceGetTopologyCommonAncestor")(handles[i], handles[j], &value), LASTS))
                say("%s: %u", key, value);
        }
    device none;
    say("one GPU too many: status %u", find("nvmlDeviceGetHandleByIndex_v2")(count, &none));
    say("a wrong UUID: status %u", find("nvmlDeviceGetHandleByUUID")("GPU-0", &none));
    must("nvmlShutdown", find("nvmlShutdown")());
    say("after the end: status %u", find("nvmlDeviceGetCount_v2")(&count));
    if (differences)
        fprintf(stderr, "%d lines differ\n", differences);
    return differences != 0;
}
