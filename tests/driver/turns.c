/* A program that always has work: turns LAUNCHES gives the device so many kernels at a time and waits for those before them, until its
   standard input ends, and then looks whether each of them was executed once. Prints how many they were. */
#include "driver.h"

#define THREADS 64

/* Adds 1 to each word, some time later. */
static const char *PTX =
    ".version 7.0\n.target sm_70\n.address_size 64\n"
    ".visible .entry later(.param .u64 words, .param .u32 turns) {\n"
    ".reg .u64 %a, %o; .reg .u32 %t, %n, %x, %w; .reg .pred %p;\n"
    "ld.param.u64 %a, [words]; ld.param.u32 %n, [turns];\n"
    "mov.u32 %t, %tid.x; mov.u32 %x, %t;\n"
    "again: mad.lo.u32 %x, %x, 1664525, 1013904223; sub.u32 %n, %n, 1;\n"
    "setp.ne.u32 %p, %n, 0; @%p bra again;\n"
    "mul.wide.u32 %o, %t, 4; add.u64 %a, %a, %o;\n"
    "ld.global.u32 %w, [%a]; or.b32 %x, %x, 1; min.u32 %x, %x, 1; add.u32 %w, %w, %x; st.global.u32 [%a], %w;\n"
    "ret;\n}\n";

int main(int argc, char **argv) {
    int at_once = atoi(argv[1]);
    unsigned turns = 3000, words[2 * THREADS] = {0}, launched[2] = {0};
    void *module, *kernel, *streams[2];
    uint64_t memory, places[2];
    setvbuf(stdout, NULL, _IONBF, 0);
    begin();
    OK(cuModuleLoadData, &module, PTX);
    OK(cuModuleGetFunction, &kernel, module, "later");
    OK(cuMemAlloc_v2, &memory, sizeof words);
    OK(cuMemcpyHtoD_v2, memory, words, sizeof words);
    OK(cuStreamCreate, &streams[0], 0);
    OK(cuStreamCreate, &streams[1], 0);
    /* Those of one stream do not meet those of the other. */
    for (int i = 0; i < 2; i++) places[i] = memory + i * THREADS * sizeof words[0];
    for (int now = 0; !is_over(); now = !now) {
        void *parameters[] = {&places[now], &turns};
        for (int i = 0; i < at_once; i++, launched[now]++)
            OK(cuLaunchKernel, kernel, 1, 1, 1, THREADS, 1, 1, 0, streams[now], parameters, 0);
        /* For those before these: the device is never without work. */
        OK(cuStreamSynchronize, streams[!now]);
    }
    for (int i = 0; i < 2; i++) OK(cuStreamSynchronize, streams[i]);
    OK(cuMemcpyDtoH_v2, words, memory, sizeof words);
    for (int i = 0; i < 2 * THREADS; i++)
        if (words[i] != launched[i / THREADS]) {
            printf("word %d is %u after %u kernels\n", i, words[i], launched[i / THREADS]);
            return 1;
        }
    printf("PASS %u\n", launched[0] + launched[1]);
    return 0;
}
