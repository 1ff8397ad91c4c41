/* One of many: once it is ready it says so, and for each number on its standard input it runs so many rounds (random words to the device, a
   kernel, and back), looks at every word that came back, and prints the nanoseconds that each round took on one line. */
#define _GNU_SOURCE
#include "driver.h"

#include <time.h>

#define WORDS 1024

static const char *PTX =
    ".version 7.0\n.target sm_70\n.address_size 64\n"
    ".visible .entry next(.param .u64 words) {\n"
    ".reg .u64 %a, %o; .reg .u32 %t, %b, %x;\n"
    "ld.param.u64 %a, [words]; mov.u32 %t, %tid.x; mov.u32 %b, %ctaid.x; mad.lo.u32 %t, %b, 256, %t;\n"
    "mul.wide.u32 %o, %t, 4; add.u64 %a, %a, %o;\n"
    "ld.global.u32 %x, [%a]; mad.lo.u32 %x, %x, 1664525, 1013904223; st.global.u32 [%a], %x;\n"
    "ret;\n}\n";

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

int main(int argc, char **argv) {
    int rounds;
    unsigned in[WORDS], out[WORDS], seed = atoi(argv[1]);
    void *module, *kernel, *parameters[1];
    uint64_t memory;
    begin();
    OK(cuModuleLoadData, &module, PTX);
    OK(cuModuleGetFunction, &kernel, module, "next");
    OK(cuMemAlloc_v2, &memory, sizeof in);
    parameters[0] = &memory;
    printf("ready\n");
    fflush(stdout);
    while (scanf("%d", &rounds) == 1) {
        for (; rounds > 0; rounds--) {
            for (int i = 0; i < WORDS; i++) in[i] = seed = seed * 22695477 + 1;
            uint64_t begun = now();
            OK(cuMemcpyHtoD_v2, memory, in, sizeof in);
            OK(cuLaunchKernel, kernel, WORDS / 256, 1, 1, 256, 1, 1, 0, NULL, parameters, NULL);
            OK(cuMemcpyDtoH_v2, out, memory, sizeof out);
            printf("%llu ", (unsigned long long)(now() - begun));
            for (int i = 0; i < WORDS; i++)
                if (out[i] != in[i] * 1664525 + 1013904223) {
                    printf("word %d is %u after %u\n", i, out[i], in[i]);
                    return 1;
                }
        }
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
