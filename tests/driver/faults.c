/* A program that goes wrong, or does the same without: faults KIND.
   illegal   a kernel writes where nothing is: 700, and so does every later call
   assert    a kernel's assertion fails: 710, likewise
   endless   a kernel never ends; the program says so and waits to be killed
   memory    as much as there is: 2 in the end, and then some again once it has freed it
   unread    asks for much that it then does not read: it says so and waits to be stopped, or for the end of its standard input
   legal     as illegal and assert, but the kernel writes where it may
   long      as endless, for 2 seconds: `long SECONDS` for others
   some      as memory, but `some COUNT` MiB, which there are */
#include "driver.h"

static const char *PTX =
    ".version 7.0\n.target sm_70\n.address_size 64\n"
    ".extern .func __assertfail(.param .b64 a, .param .b64 b, .param .b32 c, .param .b64 d, .param .b64 e);\n"
    ".global .align 1 .b8 what[6] = {110, 101, 118, 101, 114, 0};\n"
    ".visible .entry illegal() { .reg .u64 %a; mov.u64 %a, 24; st.global.u32 [%a], 7; ret; }\n"
    ".visible .entry endless(.param .u64 p) { .reg .u64 %a; .reg .u32 %x; ld.param.u64 %a, [p];\n"
    "again: ld.volatile.global.u32 %x, [%a]; bra again; }\n"
    ".visible .entry legal(.param .u64 p) { .reg .u64 %a; ld.param.u64 %a, [p]; st.global.u32 [%a], 7; ret; }\n"
    ".visible .entry long(.param .u64 p, .param .u64 nanoseconds) { .reg .u64 %a, %now, %end; .reg .u32 %x; .reg .pred %p;\n"
    "ld.param.u64 %a, [p]; ld.param.u64 %end, [nanoseconds]; mov.u64 %now, %globaltimer; add.u64 %end, %end, %now;\n"
    "again: ld.volatile.global.u32 %x, [%a]; mov.u64 %now, %globaltimer; setp.lt.u64 %p, %now, %end; @%p bra again; ret; }\n"
    ".visible .entry assert() { .reg .u64 %a; mov.u64 %a, what; cvta.global.u64 %a, %a;\n"
    "{ .param .b64 a; .param .b64 b; .param .b32 c; .param .b64 d; .param .b64 e;\n"
    "st.param.b64 [a], %a; st.param.b64 [b], %a; st.param.b32 [c], 7; st.param.b64 [d], %a; st.param.b64 [e], 1;\n"
    "call __assertfail, (a, b, c, d, e); } ret; }\n";

static void is(const char *what, int status, int expected) {
    if (status != expected) {
        printf("%s: %d instead of %d\n", what, status, expected);
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    const char *kind = argv[1];
    void *module, *kernel;
    uint64_t memory = 0;
    setvbuf(stdout, NULL, _IONBF, 0);
    begin();
    OK(cuModuleLoadData, &module, PTX);
    if (!strcmp(kind, "memory") || !strcmp(kind, "some")) {
        uint64_t piece = 1 << 20, taken[4096];
        int count = 0, status = 0, enough = strcmp(kind, "some") || argc < 3 ? 4096 : atoi(argv[2]);
        while (count < 4096 && count < enough && !(status = CALL(cuMemAlloc_v2, &taken[count], piece))) count++;
        is("taking memory", status, enough < 4096 ? 0 : 2);
        printf("taken %d\n", count);
        if (!count) return 1;
        OK(cuMemFree_v2, taken[--count]);
        OK(cuMemAlloc_v2, &memory, piece);
        OK(cuMemsetD8_v2, memory, 5, piece);
        OK(cuCtxSynchronize, 0);
    } else if (!strcmp(kind, "unread")) {
        size_t len = 64 << 20;
        void *pinned;
        OK(cuMemAlloc_v2, &memory, len);
        OK(cuMemHostAlloc, &pinned, len, 0);
        printf("going\n");
        while (!is_over()) {
            OK(cuMemcpyDtoHAsync_v2, pinned, memory, len, NULL);
            OK(cuStreamSynchronize, NULL);
        }
    } else {
        uint64_t nanoseconds = (argc < 3 ? 2.0 : atof(argv[2])) * 1e9;
        void *parameters[] = {&memory, &nanoseconds};
        OK(cuMemAlloc_v2, &memory, 64);
        OK(cuModuleGetFunction, &kernel, module, kind);
        OK(cuLaunchKernel, kernel, 1, 1, 1, 32, 1, 1, 0, NULL, parameters, NULL);
        if (!strcmp(kind, "endless")) {
            printf("going\n");
            CALL(cuCtxSynchronize, 0);
            printf("it has come to its end\n");
            return 1;
        }
        int expected = !strcmp(kind, "illegal") ? 700 : !strcmp(kind, "assert") ? 710 : 0;
        is("waiting", CALL(cuCtxSynchronize, 0), expected);
        is("allocating", CALL(cuMemAlloc_v2, &memory, 64), expected);
    }
    printf("PASS\n");
    return 0;
}
