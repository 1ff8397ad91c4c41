/* How much memory there is: quota LIMIT SEED. With LIMIT bytes, or as much as the device says where LIMIT is 0, memory of each kind is
   taken in pieces of random sizes until there is no more, then given back, and then some of all kinds at once. What was had, and what
   cuMemGetInfo says is left, have to be the limit, to within GRANULE. Prints one line for each kind. */
#include "driver.h"

#define GRANULE (2u << 20)
#define MOST 100000
#define OUT_OF_MEMORY 2

static uint64_t state, limit, besides;

static uint64_t below(uint64_t end) {
    return random_after(&state) % end;
}

static void fail(const char *what, uint64_t a, uint64_t b) {
    printf("FAILED %s: %llu, %llu\n", what, (unsigned long long)a, (unsigned long long)b);
    exit(1);
}

static uint64_t left(void) {
    size_t free = 0, total = 0;
    OK(cuMemGetInfo_v2, &free, &total);
    if (limit && total != limit) fail("total", total, limit);
    if (free > total) fail("more is free than there is", free, total);
    return free;
}

/* CUmemAllocationProp and CUmemPoolProps begin alike: pinned memory, no handles, of device 0. */
static struct {
    int type, handles, location, id;
    char rest[64];
} props = {1, 0, 1, 0};
static struct {
    int location, id, flags;
} access_ = {1, 0, 3};

typedef struct {
    int kind;
    uint64_t place, len, handle;
} Piece;

static Piece pieces[MOST];
static int count;
static void *stream, *pool;

enum { PLAIN, PITCH, PHYSICAL, POOL, OWN_POOL, ARRAY, MANAGED, KINDS };
static const char *names[] = {"plain", "pitch", "physical", "pool", "own pool", "array", "managed"};

/* Takes a piece; 0 if there is no room for it. */
static int take(int kind, uint64_t len) {
    Piece piece = {kind, 0, len, 0};
    int status = 0;
    size_t pitch = 0;
    switch (kind) {
    case PLAIN: status = CALL(cuMemAlloc_v2, &piece.place, len); break;
    case MANAGED: status = CALL(cuMemAllocManaged, &piece.place, len, 1); break;
    case PITCH:
        status = CALL(cuMemAllocPitch_v2, &piece.place, &pitch, (size_t)4096, len / 4096, 4);
        piece.len = pitch * (len / 4096);
        break;
    case PHYSICAL:
        piece.len = len = (len + GRANULE - 1) / GRANULE * GRANULE;
        status = CALL(cuMemCreate, &piece.handle, len, &props, (uint64_t)0);
        if (status) break;
        OK(cuMemAddressReserve, &piece.place, len, (size_t)0, (uint64_t)0, (uint64_t)0);
        OK(cuMemMap, piece.place, len, (size_t)0, piece.handle, (uint64_t)0);
        OK(cuMemSetAccess, piece.place, len, &access_, (size_t)1);
        /* It lives by its mapping. */
        OK(cuMemRelease, piece.handle);
        break;
    case POOL: status = CALL(cuMemAllocAsync, &piece.place, len, stream); break;
    case OWN_POOL: status = CALL(cuMemAllocFromPoolAsync, &piece.place, len, pool, stream); break;
    case ARRAY: {
        struct {
            size_t width, height;
            int format;
            unsigned channels;
        } of = {16384, len / 65536, 32, 1};
        piece.len = of.width * (of.height ? of.height : 1) * 4;
        status = CALL(cuArrayCreate_v2, &piece.handle, &of);
        break;
    }
    }
    if (status == OUT_OF_MEMORY) return 0;
    if (status) fail(names[kind], status, len);
    pieces[count++] = piece;
    return 1;
}

static void give_back(int index) {
    Piece piece = pieces[index];
    switch (piece.kind) {
    case PHYSICAL:
        OK(cuMemUnmap, piece.place, piece.len);
        OK(cuMemAddressFree, piece.place, piece.len);
        break;
    case POOL:
    case OWN_POOL: OK(cuMemFreeAsync, piece.place, stream); break;
    case ARRAY: OK(cuArrayDestroy, piece.handle); break;
    default: OK(cuMemFree_v2, piece.place);
    }
    pieces[index] = pieces[--count];
}

static uint64_t held(void) {
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) sum += pieces[i].len;
    return sum;
}

static void give_all_back(void) {
    while (count) give_back(below(count));
    OK(cuStreamSynchronize, stream);
    void *standard;
    OK(cuDeviceGetDefaultMemPool, &standard, 0);
    OK(cuMemPoolTrimTo, standard, (size_t)0);
    OK(cuMemPoolTrimTo, pool, (size_t)0);
}

/* Arrays and pools have rounding of their own. */
static int exact(int kind) {
    return kind == PLAIN || kind == PITCH || kind == PHYSICAL || kind == MANAGED;
}

/* Takes pieces that are smaller and smaller until not even a granule is there. */
static void fill(int kind) {
    /* No array has more. */
    uint64_t most = limit / 3 < 2u << 30 ? limit / 3 : 2u << 30;
    while (count < MOST && most >= GRANULE) {
        /* Where it is looked at to the byte, drivers have nothing to round. */
        uint64_t len = exact(kind) ? GRANULE * (1 + below(most / GRANULE)) : 4096 + below(most);
        if (!take(kind < 0 ? (int)below(KINDS) : kind, len)) most = most * 2 / 3;
    }
    while (count < MOST && take(kind < 0 ? PHYSICAL : kind, GRANULE)) {}
    /* What is free may be between plain pieces, where no other kind gets it. */
    for (uint64_t len = GRANULE; kind < 0 && len >= 65536; len /= 2)
        while (count < MOST && take(PLAIN, len)) {}
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    limit = strtoull(argv[1], 0, 10);
    state = strtoull(argv[2], 0, 10);
    printf("seed %s\n", argv[2]);
    load_driver();
    void *context;
    size_t total = 0;
    OK(cuInit, 0);
    OK(cuDeviceTotalMem_v2, &total, 0);
    if (limit && total != limit) fail("cuDeviceTotalMem", total, limit);
    limit = total;
    OK(cuDevicePrimaryCtxRetain, &context, 0);
    OK(cuCtxSetCurrent, context);
    OK(cuStreamCreate, &stream, 1);
    OK(cuMemPoolCreate, &pool, &props);
    uint64_t more = limit + 1;
    uint64_t place;
    if (CALL(cuMemAlloc_v2, &place, more) != OUT_OF_MEMORY) fail("more than there is can be had", more, 0);
    for (int kind = 0; kind <= KINDS; kind++) {
        give_all_back();
        besides = limit - left();
        fill(kind < KINDS ? kind : -1);
        uint64_t had = held(), rest = left();
        if (had + besides > limit) fail("more was had than there is", had + besides, limit);
        if (rest > 2 * GRANULE) fail("there is more left than was had", rest, had);
        if (exact(kind) && limit - had - besides > 2 * GRANULE) fail("less was had than there is", had + besides, limit);
        /* What is given back can be had again. */
        for (int i = 0; i < 20 && count; i++) give_back(below(count));
        OK(cuStreamSynchronize, stream);
        fill(kind < KINDS ? kind : -1);
        if (held() + besides > limit) fail("more was had again", held() + besides, limit);
        printf("%s: %s\n", kind < KINDS ? names[kind] : "all kinds", "held");
    }
    give_all_back();
    uint64_t now = limit - left();
    if (now > besides + 4 * GRANULE && besides) fail("not all came back", now, besides);
    printf("PASS %llu\n", (unsigned long long)(limit - besides));
    return 0;
}
