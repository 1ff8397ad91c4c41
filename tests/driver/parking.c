/* A program that does what it is told, line by line: parking SEED [WITHOUT...]. It has memory of several kinds, full of random words, but for
   those that it is to be without (plain, pitched, mapped, pooled, managed, pinned, array, variable: a managed one), and answers each line
   with one of its own.
     step     adds 1 to every word, by a kernel, and waits for it; of one kind by a graph that was made before
     check    looks at every word, and at what else it has: a module's variable, pinned memory, an array, an event
     hold     gives a stream work that has to wait, and does not wait for it
     release  lets that work go on, and waits for it
     share    has another process's handle made for some of its memory */
#include "driver.h"

#define KINDS 5

static const char *PTX =
    ".version 7.0\n.target sm_70\n.address_size 64\n"
    ".visible .global .align 4 .u32 steps;\n"
    ".visible .entry step(.param .u64 words, .param .u32 count) {\n"
    ".reg .u64 %a, %o, %s; .reg .u32 %i, %n, %w, %t, %b; .reg .pred %p;\n"
    "ld.param.u64 %a, [words]; ld.param.u32 %n, [count];\n"
    "mov.u32 %i, %ctaid.x; mov.u32 %b, %ntid.x; mov.u32 %t, %tid.x; mad.lo.u32 %i, %i, %b, %t;\n"
    "setp.ne.u32 %p, %i, 0; @%p bra words_;\n"
    "mov.u64 %s, steps; ld.global.u32 %w, [%s]; add.u32 %w, %w, 1; st.global.u32 [%s], %w;\n"
    "words_: setp.ge.u32 %p, %i, %n; @%p bra over;\n"
    "mul.wide.u32 %o, %i, 4; add.u64 %a, %a, %o; ld.global.u32 %w, [%a]; add.u32 %w, %w, 1; st.global.u32 [%a], %w;\n"
    "over: ret;\n}\n";

static const char *NAMES[KINDS] = {"plain", "pitched", "mapped", "pooled", "managed"};

/* A variable that the host and the device have in common. */
static const char *BOTH = ".version 7.0\n.target sm_70\n.address_size 64\n.visible .global .attribute(.managed) .align 4 .u32 both = 5;\n";

static uint64_t state;
static char **without;

static int has(const char *name) {
    for (char **word = without; *word; word++)
        if (!strcmp(*word, name)) return 0;
    return 1;
}

static uint32_t next(void) {
    return (uint32_t)random_after(&state);
}

static struct {
    int type, handles, location, id;
    char rest[64];
} props = {1, 0, 1, 0};
static struct {
    int location, id, flags;
} access_ = {1, 0, 3};

static struct {
    size_t width, height;
    int format, channels;
} texels = {5000, 0, 3, 1}; /* unsigned words */

static uint64_t places[KINDS], gate;
static unsigned counts[KINDS], steps;
static uint32_t *expected[KINDS], *pinned, in_array[5000];
static void *kernel, *stream, *other, *module, *array, *graph, *event;

static void fill(void) {
    size_t pitch = 0;
    uint64_t physical = 0, len = 4 << 20;
    for (int kind = 0; kind < KINDS; kind++) counts[kind] = 100000 + next() % 500000;
    counts[2] = (unsigned)(len / 4);
    if (has("plain")) OK(cuMemAlloc_v2, &places[0], (size_t)counts[0] * 4);
    if (has("pitched")) OK(cuMemAllocPitch_v2, &places[1], &pitch, (size_t)counts[1] * 4, (size_t)1, 4);
    if (has("mapped")) {
        OK(cuMemCreate, &physical, (size_t)len, &props, 0ull);
        OK(cuMemAddressReserve, &places[2], (size_t)len, (size_t)0, (uint64_t)0, 0ull);
        OK(cuMemMap, places[2], (size_t)len, (size_t)0, physical, 0ull);
        OK(cuMemSetAccess, places[2], (size_t)len, &access_, (size_t)1);
    }
    if (has("pooled")) OK(cuMemAllocAsync, &places[3], (size_t)counts[3] * 4, stream);
    if (has("managed")) OK(cuMemAllocManaged, &places[4], (size_t)counts[4] * 4, 1);
    if (has("pinned")) OK(cuMemAllocHost_v2, (void **)&pinned, (size_t)counts[0] * 4);
    for (int kind = 0; kind < KINDS; kind++) {
        if (!places[kind]) continue;
        expected[kind] = malloc((size_t)counts[kind] * 4);
        for (unsigned i = 0; i < counts[kind]; i++) expected[kind][i] = next();
        OK(cuMemcpyHtoDAsync_v2, places[kind], expected[kind], (size_t)counts[kind] * 4, stream);
    }
    for (int i = 0; i < 5000; i++) in_array[i] = next();
    if (has("array")) {
        OK(cuArrayCreate_v2, &array, &texels);
        OK(cuMemcpyHtoA_v2, array, (size_t)0, in_array, sizeof in_array);
    }
    OK(cuStreamSynchronize, stream);
}

static void launch(int kind) {
    void *parameters[] = {&places[kind], &counts[kind]};
    OK(cuLaunchKernel, kernel, (counts[kind] + 255) / 256, 1, 1, 256, 1, 1, 0, stream, parameters, 0);
}

static void record(void) {
    void *captured;
    OK(cuStreamBeginCapture_v2, stream, 0);
    if (has("plain")) launch(0);
    OK(cuStreamEndCapture, stream, &captured);
    OK(cuGraphInstantiateWithFlags, &graph, captured, 0ull);
    OK(cuEventCreate, &event, 0);
}

static const char *step(void) {
    OK(cuGraphLaunch, graph, stream);
    for (int kind = 1; kind < KINDS; kind++)
        if (places[kind]) launch(kind);
    OK(cuEventRecord, event, stream);
    OK(cuStreamSynchronize, stream);
    steps++;
    return "ok";
}

static const char *check(void) {
    static char said[100];
    static uint32_t words_of_array[5000];
    uint32_t *words = malloc(600000 * 4 + (4 << 20));
    uint64_t variable = 0;
    size_t len = 0;
    uint32_t told = 0;
    unsigned launches = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        if (!places[kind]) continue;
        launches += steps;
        OK(cuMemcpyDtoH_v2, words, places[kind], (size_t)counts[kind] * 4);
        for (unsigned i = 0; i < counts[kind]; i++)
            if (words[i] != expected[kind][i] + steps) {
                snprintf(said, sizeof said, "word %u of %s is %u, not %u", i, NAMES[kind], words[i], expected[kind][i] + steps);
                return said;
            }
    }
    free(words);
    /* By way of pinned memory as well, which both sides may have in common. */
    if (pinned && places[0]) {
        memset(pinned, 0, (size_t)counts[0] * 4);
        OK(cuMemcpyDtoHAsync_v2, pinned, places[0], (size_t)counts[0] * 4, stream);
        OK(cuStreamSynchronize, stream);
        for (unsigned i = 0; i < counts[0]; i++)
            if (pinned[i] != expected[0][i] + steps) return "pinned memory has something else";
    }
    memset(words_of_array, 0, sizeof words_of_array);
    if (array) OK(cuMemcpyAtoH_v2, words_of_array, array, (size_t)0, sizeof words_of_array);
    if (array && memcmp(words_of_array, in_array, sizeof in_array)) return "the array has something else";
    if (steps) OK(cuEventQuery, event);
    OK(cuModuleGetGlobal_v2, &variable, &len, module, "steps");
    OK(cuMemcpyDtoH_v2, &told, variable, (size_t)4);
    if (told != launches) {
        snprintf(said, sizeof said, "the variable is %u after %u launches", told, launches);
        return said;
    }
    return "ok";
}

static const char *hold(void) {
    OK(cuStreamWaitValue32_v2, stream, gate, 1, 0);
    return "ok";
}

static const char *release(void) {
    OK(cuStreamWriteValue32_v2, other, gate, 1, 0);
    OK(cuStreamSynchronize, other);
    OK(cuStreamSynchronize, stream);
    OK(cuMemsetD32_v2, gate, 0, (size_t)1);
    return "ok";
}

static const char *share(void) {
    char handle[64];
    OK(cuIpcGetMemHandle, handle, places[0]);
    return "ok";
}

int main(int argc, char **argv) {
    char line[100];
    uint32_t zero = 0;
    uint64_t variable = 0;
    size_t len = 0;
    void *other_module;
    setvbuf(stdout, NULL, _IONBF, 0);
    state = strtoull(argv[1], NULL, 10);
    without = argv + 2;
    begin();
    OK(cuModuleLoadData, &module, PTX);
    OK(cuModuleGetFunction, &kernel, module, "step");
    if (has("variable")) {
        OK(cuModuleLoadData, &other_module, BOTH);
        OK(cuModuleGetGlobal_v2, &variable, &len, other_module, "both");
    }
    OK(cuStreamCreate, &stream, 1);
    OK(cuStreamCreate, &other, 1);
    OK(cuMemAlloc_v2, &gate, (size_t)4);
    OK(cuMemcpyHtoD_v2, gate, &zero, (size_t)4);
    fill();
    record();
    printf("ready\n");
    while (fgets(line, sizeof line, stdin)) {
        const char *said = "no such order";
        if (!strcmp(line, "step\n")) said = step();
        if (!strcmp(line, "check\n")) said = check();
        if (!strcmp(line, "hold\n")) said = hold();
        if (!strcmp(line, "release\n")) said = release();
        if (!strcmp(line, "share\n")) said = share();
        printf("%s\n", said);
    }
    return 0;
}
