/* Copies data to the device and back: copies BYTES SEED [RUN], each random byte RUN times, or
   where RUN is 0 numbers whose upper byte is one of a few. Pageable and pinned memory, synchronously and in a stream, and twice to one
   place, where the second has to win. */
#include "driver.h"

static size_t run = 1;

static void fill(unsigned char *bytes, size_t len, uint64_t seed) {
    for (size_t i = 0; i < len; i++) {
        if (run == 0 || i % run == 0) seed = seed * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = seed >> 56;
        if (run == 0 && i % 2) bytes[i] &= 7;
    }
}

static void same(const char *what, const void *a, const void *b, size_t len) {
    if (memcmp(a, b, len)) {
        printf("%s: other data came back\n", what);
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    size_t len = strtoull(argv[1], NULL, 10);
    uint64_t seed = strtoull(argv[2], NULL, 10), first, second;
    if (argc > 3) run = strtoull(argv[3], NULL, 10);
    unsigned char *pageable = malloc(len), *other = malloc(len), *pinned, *back = malloc(len);
    void *stream;
    fill(pageable, len, seed);
    fill(other, len, seed + 1);
    begin();
    OK(cuStreamCreate, &stream, 1);
    OK(cuMemAlloc_v2, &first, len);
    OK(cuMemAlloc_v2, &second, len);
    OK(cuMemAllocHost_v2, &pinned, len);
    memcpy(pinned, other, len);

    OK(cuMemcpyHtoD_v2, first, pageable, len);
    OK(cuMemcpyDtoH_v2, back, first, len);
    same("pageable", back, pageable, len);
    OK(cuMemcpyHtoDAsync_v2, first, pinned, len, stream);
    OK(cuMemcpyDtoDAsync_v2, second, first, len, stream);
    OK(cuMemcpyHtoDAsync_v2, first, pageable, len, stream);
    OK(cuMemcpyDtoHAsync_v2, back, second, len, stream);
    OK(cuStreamSynchronize, stream);
    same("pinned", back, other, len);
    OK(cuMemcpyDtoH_v2, back, first, len);
    same("twice", back, pageable, len);
    /* Beyond the end. */
    if (((int (*)())symbol("cuMemcpyHtoD_v2"))(second + len, pageable, len) == 0 && ((int (*)())symbol("cuCtxSynchronize"))() == 0) {
        printf("a copy beyond the memory succeeded\n");
        return 1;
    }
    printf("copied\n");
    return 0;
}
