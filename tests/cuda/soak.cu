// since: 13.0
// nvcc: -cudart shared -Xcompiler -pthread
// A program that lives long and takes up everything there is to leak: threads that come and go do random rounds with streams,
// memory of every kind, graphs, modules, host functions, contexts and errors, each verified. After every interval nothing is
// held any more, and what the process has (memory, descriptors, threads, memory of the device) must not have grown.
//
//   soak [SEED] [--seconds N] [--threads N] [--only NAME] [--without NAME] [--free]
//
// --free also judges the device's free memory, which is everybody's.
#include "driver.h"
#include <atomic>
#include <chrono>
#include <dirent.h>
#include <malloc.h>
#include <string>
#include <thread>
#include <unistd.h>

__global__ void affine(unsigned *v, size_t n, unsigned a, unsigned b) {
    size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
__global__ void mix(const unsigned *in, unsigned *out, size_t n, unsigned a) {
    size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    if (i < n) out[i] = in[(i + 1) % n] ^ (in[i] + a);
}
static const int BLOCK = 128;
static unsigned grid(size_t n) { return unsigned((n + BLOCK - 1) / BLOCK); }

using Words = std::vector<unsigned>;
static Words words(Random &random, size_t n) {
    Words all(n);
    for (auto &word : all) word = random.u32();
    return all;
}
static void apply(Words &model, unsigned a, unsigned b) {
    for (auto &word : model) word = word * a + b;
}
// Mostly small, now and then larger than what travels in one piece.
static size_t count(Random &random) { return 1 + (random.below(20) ? random.below(3000) : random.below(400000)); }
static unsigned odd(Random &random) { return random.u32() | 1; }

struct Stream {
    cudaStream_t at = nullptr;
    explicit Stream(Random &random) {
        if (random.below(2)) CHECK(cudaStreamCreateWithFlags(&at, cudaStreamNonBlocking));
        else CHECK(cudaStreamCreateWithPriority(&at, cudaStreamNonBlocking, -int(random.below(3))));
    }
    ~Stream() { CHECK(cudaStreamDestroy(at)); }
    operator cudaStream_t() const { return at; }
    void wait() const { CHECK(cudaStreamSynchronize(at)); }
};

static void copies(Random &random) {
    size_t n = count(random);
    Words model = words(random, n), back(n);
    Stream s(random);
    unsigned *x, *y, *pinned;
    CHECK(cudaMalloc(&x, n * 4));
    CHECK(cudaMalloc(&y, n * 4));
    CHECK(cudaMallocHost(&pinned, n * 4));
    memcpy(pinned, model.data(), n * 4);
    CHECK(cudaMemcpyAsync(x, random.below(2) ? pinned : model.data(), n * 4, cudaMemcpyHostToDevice, s));
    for (int round = 0; round < 4; round++) {
        unsigned a = odd(random), b = random.u32();
        affine<<<grid(n), BLOCK, 0, s>>>(x, n, a, b);
        apply(model, a, b);
        CHECK(cudaMemcpyAsync(y, x, n * 4, cudaMemcpyDeviceToDevice, s));
        CHECK(cudaMemcpyAsync(pinned, y, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaMemcpyAsync(back.data(), y, n * 4, cudaMemcpyDeviceToHost, s));
        s.wait();
        same(back, model);
        REQUIRE(!memcmp(pinned, model.data(), n * 4));
    }
    CHECK(cudaFreeHost(pinned));
    CHECK(cudaFree(y));
    CHECK(cudaFree(x));
}

static void pools(Random &random) {
    Stream s(random);
    cudaMemPool_t pool = nullptr;
    if (random.below(2)) {
        cudaMemPoolProps props = {};
        props.allocType = cudaMemAllocationTypePinned;
        props.location.type = cudaMemLocationTypeDevice;
        CHECK(cudaMemPoolCreate(&pool, &props));
    }
    for (int round = 0; round < 4; round++) {
        size_t n = count(random);
        unsigned *x, *y, a = random.u32();
        Words model = words(random, n), back(n);
        for (unsigned **p : {&x, &y}) CHECK(pool ? cudaMallocFromPoolAsync(p, n * 4, pool, s) : cudaMallocAsync(p, n * 4, s));
        CHECK(cudaMemcpyAsync(x, model.data(), n * 4, cudaMemcpyHostToDevice, s));
        mix<<<grid(n), BLOCK, 0, s>>>(x, y, n, a);
        CHECK(cudaFreeAsync(x, s));
        CHECK(cudaMemcpyAsync(back.data(), y, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaFreeAsync(y, s));
        s.wait();
        for (size_t i = 0; i < n; i++) REQUIRE(back[i] == (model[(i + 1) % n] ^ (model[i] + a)));
    }
    if (pool) CHECK(cudaMemPoolDestroy(pool));
}

// Attached to the stream, so that the host may use it while other threads' kernels run, on any device.
static void managed(Random &random) {
    size_t n = count(random);
    Stream s(random);
    unsigned *v;
    CHECK(cudaMallocManaged(&v, n * 4));
    CHECK(cudaStreamAttachMemAsync(s, v, 0, cudaMemAttachSingle));
    s.wait();
    Words model = words(random, n);
    for (size_t i = 0; i < n; i++) v[i] = model[i];
    for (int round = 0; round < 3; round++) {
        unsigned a = odd(random), b = random.u32();
        affine<<<grid(n), BLOCK, 0, s>>>(v, n, a, b);
        CHECK(cudaGetLastError());
        apply(model, a, b);
        s.wait();
        size_t at = random.below(unsigned(n));
        REQUIRE(v[at] == model[at]);
        v[at] = model[at] = random.u32();
    }
    for (size_t i = 0; i < n; i++) REQUIRE(v[i] == model[i]);
    CHECK(cudaFree(v));
}

static void mapped(Random &random) {
    size_t n = count(random);
    Stream s(random);
    Words own;
    unsigned *host, *device;
    bool registered = random.below(2);
    if (registered) {
        own.resize(n);
        host = own.data();
        CHECK(cudaHostRegister(host, n * 4, cudaHostRegisterMapped | cudaHostRegisterPortable));
    } else {
        CHECK(cudaHostAlloc(&host, n * 4, cudaHostAllocMapped));
    }
    CHECK(cudaHostGetDevicePointer((void **)&device, host, 0));
    Words model = words(random, n);
    memcpy(host, model.data(), n * 4);
    for (int round = 0; round < 3; round++) {
        unsigned a = odd(random), b = random.u32();
        affine<<<grid(n), BLOCK, 0, s>>>(device, n, a, b);
        CHECK(cudaGetLastError());
        apply(model, a, b);
        s.wait();
        REQUIRE(!memcmp(host, model.data(), n * 4));
    }
    CHECK(registered ? cudaHostUnregister(host) : cudaFreeHost(host));
}

struct Step {
    unsigned *at;
    size_t n;
    std::atomic<int> calls{0};
};
static void CUDART_CB negate(void *data) {
    Step &step = *(Step *)data;
    for (size_t i = 0; i < step.n; i++) step.at[i] = ~step.at[i];
    step.calls++;
}
static void CUDART_CB count_call(cudaStream_t, cudaError_t error, void *data) {
    if (error == cudaSuccess) ((Step *)data)->calls++;
}
static void CUDART_CB drop(void *data) { (*(std::atomic<int> *)data)++; }

// Captured over two streams, with a copy by way of the host; replayed, changed, replayed.
static void captured(Random &random) {
    size_t n = 1 + random.below(3000);
    Stream s(random), t(random);
    cudaEvent_t fork, join;
    CHECK(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming));
    CHECK(cudaEventCreateWithFlags(&join, cudaEventDisableTiming));
    Words model = words(random, n), other = words(random, n);
    unsigned *x, *y;
    Step step;
    CHECK(cudaMalloc(&x, n * 4));
    CHECK(cudaMalloc(&y, n * 4));
    CHECK(cudaMallocHost(&step.at, n * 4));
    step.n = n;
    CHECK(cudaMemcpyAsync(x, model.data(), n * 4, cudaMemcpyHostToDevice, s));
    CHECK(cudaMemcpyAsync(y, other.data(), n * 4, cudaMemcpyHostToDevice, s));
    s.wait();
    unsigned a = odd(random), b = random.u32(), c = odd(random), d = random.u32();
    auto capture = [&](cudaGraph_t *graph) {
        CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal));
        CHECK(cudaEventRecord(fork, s));
        CHECK(cudaStreamWaitEvent(t, fork, 0));
        affine<<<grid(n), BLOCK, 0, t>>>(y, n, c, d);
        affine<<<grid(n), BLOCK, 0, s>>>(x, n, a, b);
        CHECK(cudaMemcpyAsync(step.at, x, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaLaunchHostFunc(s, negate, &step));
        CHECK(cudaMemcpyAsync(x, step.at, n * 4, cudaMemcpyHostToDevice, s));
        CHECK(cudaEventRecord(join, t));
        CHECK(cudaStreamWaitEvent(s, join, 0));
        CHECK(cudaStreamEndCapture(s, graph));
    };
    cudaGraph_t graph, next;
    cudaGraphExec_t exec;
    capture(&graph);
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    int launches = 0;
    for (int round = 0; round < 2; round++) {
        for (int k = 1 + int(random.below(3)); k > 0; k--) {
            CHECK(cudaGraphLaunch(exec, s));
            apply(model, a, b);
            for (auto &word : model) word = ~word;
            apply(other, c, d);
            launches++;
        }
        if (round) break;
        // While the first launches are still running: their nodes are unchanged by this.
        a = odd(random), b = random.u32(), c = odd(random);
        capture(&next);
        cudaGraphExecUpdateResultInfo info;
        CHECK(cudaGraphExecUpdate(exec, next, &info));
        CHECK(cudaGraphDestroy(next));
    }
    // User objects end with the last graph that holds them.
    std::atomic<int> dropped{0};
    cudaUserObject_t object;
    CHECK(cudaUserObjectCreate(&object, &dropped, drop, 1, cudaUserObjectNoDestructorSync));
    CHECK(cudaGraphRetainUserObject(graph, object, 1, cudaGraphUserObjectMove));
    CHECK(cudaGraphDestroy(graph));
    s.wait();
    REQUIRE(step.calls == launches);
    CHECK(cudaGraphExecDestroy(exec));
    for (int k = 0; dropped == 0 && k < 20000; k++) usleep(500);
    REQUIRE(dropped == 1);
    Words back(n);
    CHECK(cudaMemcpy(back.data(), x, n * 4, cudaMemcpyDeviceToHost));
    same(back, model);
    CHECK(cudaMemcpy(back.data(), y, n * 4, cudaMemcpyDeviceToHost));
    same(back, other);
    CHECK(cudaFreeHost(step.at));
    CHECK(cudaFree(y));
    CHECK(cudaFree(x));
    CHECK(cudaEventDestroy(join));
    CHECK(cudaEventDestroy(fork));
}

// Node by node, with memory that the graph allocates and frees itself.
static void explicit_graph(Random &random) {
    size_t n = 1 + random.below(3000);
    Words model = words(random, n), back(n);
    Stream s(random);
    cudaGraph_t graph;
    cudaGraphNode_t up, made, first, second, down, freed;
    CHECK(cudaGraphCreate(&graph, 0));
    cudaMemAllocNodeParams memory = {};
    memory.poolProps.allocType = cudaMemAllocationTypePinned;
    memory.poolProps.location.type = cudaMemLocationTypeDevice;
    memory.bytesize = n * 4;
    CHECK(cudaGraphAddMemAllocNode(&made, graph, nullptr, 0, &memory));
    unsigned *at = (unsigned *)memory.dptr, a = odd(random), b = random.u32();
    CHECK(cudaGraphAddMemcpyNode1D(&up, graph, &made, 1, at, model.data(), n * 4, cudaMemcpyHostToDevice));
    void *arguments[] = {&at, &n, &a, &b};
    cudaKernelNodeParams kernel = {};
    kernel.func = (void *)affine;
    kernel.gridDim = dim3(grid(n));
    kernel.blockDim = dim3(BLOCK);
    kernel.kernelParams = arguments;
    CHECK(cudaGraphAddKernelNode(&first, graph, &up, 1, &kernel));
    CHECK(cudaGraphAddKernelNode(&second, graph, &first, 1, &kernel));
    CHECK(cudaGraphAddMemcpyNode1D(&down, graph, &second, 1, back.data(), at, n * 4, cudaMemcpyDeviceToHost));
    CHECK(cudaGraphAddMemFreeNode(&freed, graph, &down, 1, at));
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 2; round++) {
        CHECK(cudaGraphLaunch(exec, s));
        s.wait();
        Words expected = model;
        apply(expected, a, b);
        apply(expected, a, b);
        same(back, expected);
        a = odd(random);
        for (auto node : {first, second}) CHECK(cudaGraphExecKernelNodeSetParams(exec, node, &kernel));
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
}

static void events(Random &random) {
    Stream s(random), t(random);
    size_t n = 1 + random.below(3000);
    Words model = words(random, n);
    OnDevice<unsigned> x(model);
    for (int round = 0; round < 6; round++) {
        cudaEvent_t begin, end;
        CHECK(cudaEventCreateWithFlags(&begin, random.below(2) ? cudaEventBlockingSync : 0));
        CHECK(cudaEventCreate(&end));
        unsigned a = odd(random), b = random.u32();
        CHECK(cudaEventRecord(begin, s));
        affine<<<grid(n), BLOCK, 0, s>>>(x, n, a, b);
        CHECK(cudaEventRecord(end, s));
        CHECK(cudaStreamWaitEvent(t, end, 0));
        affine<<<grid(n), BLOCK, 0, t>>>(x, n, b | 1, a);
        apply(model, a, b);
        apply(model, b | 1, a);
        if (random.below(2)) {
            CHECK(cudaEventSynchronize(end));
            float ms = -1;
            CHECK(cudaEventElapsedTime(&ms, begin, end));
            REQUIRE(ms >= 0);
        }
        t.wait();
        CHECK(cudaEventDestroy(begin));
        CHECK(cudaEventDestroy(end));
    }
    same(x.get(), model);
}

static const char *text = R"(
.version 7.0
.target sm_75
.address_size 64
.visible .global .align 4 .u32 addend = 7;
.visible .entry add(.param .u64 p, .param .u32 n) {
    .reg .pred %p;
    .reg .b32 %r<8>;
    .reg .b64 %d<4>;
    ld.param.u64 %d0, [p];
    ld.param.u32 %r1, [n];
    mov.u32 %r2, %ctaid.x;
    mov.u32 %r3, %ntid.x;
    mov.u32 %r4, %tid.x;
    mad.lo.s32 %r5, %r2, %r3, %r4;
    setp.ge.u32 %p, %r5, %r1;
    @%p bra DONE;
    mul.wide.u32 %d1, %r5, 4;
    add.s64 %d2, %d0, %d1;
    ld.global.u32 %r6, [%d2];
    ld.global.u32 %r7, [addend];
    add.u32 %r6, %r6, %r7;
    st.global.u32 [%d2], %r6;
DONE:
    ret;
}
)";

// Modules, libraries and links that come and go, with a variable of each.
static void modules(Random &random) {
    static auto load = DRIVER(cuModuleLoadData);
    static auto unload = DRIVER(cuModuleUnload);
    static auto library_load = DRIVER(cuLibraryLoadData);
    static auto library_unload = DRIVER(cuLibraryUnload);
    static auto link_create = DRIVER(cuLinkCreate);
    static auto link_add = DRIVER(cuLinkAddData);
    static auto link_complete = DRIVER(cuLinkComplete);
    static auto link_destroy = DRIVER(cuLinkDestroy);
    Stream s(random);
    unsigned n = 1 + random.below(3000), addend = random.u32();
    Words model = words(random, n);
    OnDevice<unsigned> x(model);
    CUmodule module = nullptr;
    CUlibrary library = nullptr;
    CUlinkState link = nullptr;
    CUfunction function;
    CUdeviceptr variable;
    size_t size;
    switch (random.below(3)) {
    case 0: OK(load(&module, text)); break;
    case 1:
        OK(library_load(&library, text, nullptr, nullptr, 0, nullptr, nullptr, 0));
        break;
    default: {
        void *image;
        OK(link_create(0, nullptr, nullptr, &link));
        OK(link_add(link, CU_JIT_INPUT_PTX, (void *)text, strlen(text) + 1, "add.ptx", 0, nullptr, nullptr));
        OK(link_complete(link, &image, &size));
        OK(load(&module, image));
        OK(link_destroy(link));
    }
    }
    if (library) {
        CUkernel kernel;
        OK(DRIVER(cuLibraryGetKernel)(&kernel, library, "add"));
        OK(DRIVER(cuKernelGetFunction)(&function, kernel));
        OK(DRIVER(cuLibraryGetGlobal)(&variable, &size, library, "addend"));
    } else {
        OK(DRIVER(cuModuleGetFunction)(&function, module, "add"));
        OK(DRIVER(cuModuleGetGlobal)(&variable, &size, module, "addend"));
    }
    REQUIRE(size == 4);
    CHECK(cudaMemcpyAsync((void *)variable, &addend, 4, cudaMemcpyHostToDevice, s));
    unsigned *at = x;
    void *arguments[] = {&at, &n};
    OK(DRIVER(cuLaunchKernel)(function, grid(n), 1, 1, BLOCK, 1, 1, 0, (CUstream)(cudaStream_t)s, arguments, nullptr));
    s.wait();
    for (auto &word : model) word += addend;
    same(x.get(), model);
    if (library) OK(library_unload(library));
    else OK(unload(module));
}

static void host_functions(Random &random) {
    Stream s(random);
    size_t n = 1 + random.below(3000);
    Words model = words(random, n);
    OnDevice<unsigned> x(model);
    Step step;
    step.n = n;
    CHECK(cudaMallocHost(&step.at, n * 4));
    int rounds = 1 + int(random.below(8));
    for (int round = 0; round < rounds; round++) {
        CHECK(cudaMemcpyAsync(step.at, x, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaLaunchHostFunc(s, negate, &step));
        CHECK(cudaMemcpyAsync(x, step.at, n * 4, cudaMemcpyHostToDevice, s));
        CHECK(cudaStreamAddCallback(s, count_call, &step, 0));
        for (auto &word : model) word = ~word;
    }
    s.wait();
    REQUIRE(step.calls == 2 * rounds);
    same(x.get(), model);
    CHECK(cudaFreeHost(step.at));
}

static void pitched(Random &random) {
    Stream s(random);
    size_t width = 1 + random.below(60), height = 1 + random.below(60), pitch, n = width * height;
    Words model = words(random, n), back(n);
    void *x;
    cudaArray_t array;
    cudaChannelFormatDesc format = cudaCreateChannelDesc<unsigned>();
    CHECK(cudaMallocPitch(&x, &pitch, width * 4, height));
    CHECK(cudaMallocArray(&array, &format, width, height));
    CHECK(cudaMemcpy2DAsync(x, pitch, model.data(), width * 4, width * 4, height, cudaMemcpyHostToDevice, s));
    CHECK(cudaMemcpy2DToArrayAsync(array, 0, 0, x, pitch, width * 4, height, cudaMemcpyDeviceToDevice, s));
    CHECK(cudaMemset2DAsync(x, pitch, 0, width * 4, height, s));
    CHECK(cudaMemcpy2DFromArrayAsync(back.data(), width * 4, array, 0, 0, width * 4, height, cudaMemcpyDeviceToHost, s));
    s.wait();
    same(back, model);
    CHECK(cudaFreeArray(array));
    CHECK(cudaFree(x));
}

// A buffer of two pieces that are mapped side by side.
static void virtual_memory(Random &random) {
    CUmemAllocationProp prop = {};
    prop.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    prop.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    CUmemAccessDesc access = {};
    access.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    access.flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
    size_t page;
    OK(DRIVER(cuMemGetAllocationGranularity)(&page, &prop, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
    CUdeviceptr at;
    CUmemGenericAllocationHandle piece;
    OK(DRIVER(cuMemAddressReserve)(&at, 2 * page, 0, 0, 0));
    for (int i = 0; i < 2; i++) {
        OK(DRIVER(cuMemCreate)(&piece, page, &prop, 0));
        OK(DRIVER(cuMemMap)(at + i * page, page, 0, piece, 0));
        OK(DRIVER(cuMemRelease)(piece));
    }
    OK(DRIVER(cuMemSetAccess)(at, 2 * page, &access, 1));
    size_t n = 2000;
    Words model = words(random, n), back(n);
    unsigned *middle = (unsigned *)(at + page) - n / 2, a = odd(random), b = random.u32();
    CHECK(cudaMemcpy(middle, model.data(), n * 4, cudaMemcpyHostToDevice));
    affine<<<grid(n), BLOCK>>>(middle, n, a, b);
    apply(model, a, b);
    CHECK(cudaMemcpy(back.data(), middle, n * 4, cudaMemcpyDeviceToHost));
    same(back, model);
    OK(DRIVER(cuMemUnmap)(at, 2 * page));
    OK(DRIVER(cuMemAddressFree)(at, 2 * page));
}

static void errors(Random &random) {
    void *p = nullptr;
    size_t free = 0, total = 0;
    CHECK(cudaMemGetInfo(&free, &total));
    FAILS(cudaMalloc(&p, total * 2), cudaErrorMemoryAllocation);
    FAILS(cudaMemcpy(nullptr, &p, 8, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    affine<<<1, 4096>>>(nullptr, 0, 1, 1);
    REQUIRE(cudaGetLastError() != cudaSuccess);
    CUmodule module;
    CUresult result = DRIVER(cuModuleLoadData)(&module, "this is no module");
    REQUIRE(result != CUDA_SUCCESS);
    Stream s(random);
    cudaGraph_t graph;
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal));
    FAILS(cudaStreamSynchronize(s), cudaErrorStreamCaptureUnsupported);
    FAILS(cudaStreamEndCapture(s, &graph), cudaErrorStreamCaptureInvalidated);
    cudaGetLastError();
}

static void context(Random &random) {
    CUcontext made, before;
    OK(DRIVER(cuCtxGetCurrent)(&before));
    CUctxCreateParams parameters = {};
    OK(DRIVER(cuCtxCreate)(&made, &parameters, 0, 0));
    CUdeviceptr at;
    unsigned n = 1 + random.below(3000), value = random.u32();
    OK(DRIVER(cuMemAlloc)(&at, n * 4));
    OK(DRIVER(cuMemsetD32)(at, value, n));
    Words back(n);
    OK(DRIVER(cuMemcpyDtoH)(back.data(), at, n * 4));
    same(back, Words(n, value));
    // The memory goes with the context.
    OK(DRIVER(cuCtxDestroy)(made));
    OK(DRIVER(cuCtxSetCurrent)(before));
}

static void thread_stream(Random &random) {
    size_t n = count(random);
    Words model = words(random, n), back(n);
    OnDevice<unsigned> x(model);
    unsigned a = odd(random), b = random.u32();
    affine<<<grid(n), BLOCK, 0, cudaStreamPerThread>>>(x, n, a, b);
    CHECK(cudaMemcpyAsync(back.data(), x, n * 4, cudaMemcpyDeviceToHost, cudaStreamPerThread));
    CHECK(cudaStreamSynchronize(cudaStreamPerThread));
    apply(model, a, b);
    same(back, model);
}

static const struct {
    const char *name;
    void (*run)(Random &);
    int weight;
} ACTIVITIES[] = {
    {"copies", copies, 10},         {"pools", pools, 8},         {"managed", managed, 6},
    {"mapped", mapped, 6},          {"captured", captured, 8},   {"explicit_graph", explicit_graph, 6},
    {"events", events, 8},          {"modules", modules, 4},     {"host_functions", host_functions, 6},
    {"pitched", pitched, 6},        {"virtual_memory", virtual_memory, 4}, {"errors", errors, 3},
    {"context", context, 1},        {"thread_stream", thread_stream, 6},
};
static const size_t KINDS = sizeof ACTIVITIES / sizeof *ACTIVITIES;

struct Held {
    long resident, descriptors, threads, device;
};
static Held held() {
    Held now = {};
    malloc_trim(0);
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        sscanf(line, "RssAnon: %ld", &now.resident);
        sscanf(line, "Threads: %ld", &now.threads);
    }
    if (file) fclose(file);
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder)) now.descriptors++;
    if (folder) closedir(folder);
    size_t free = 0, total = 0;
    CHECK(cudaMemGetInfo(&free, &total));
    now.device = long((total - free) >> 10);
    return now;
}

int main(int argc, char **argv) {
    double seconds = 2;
    unsigned threads = 6;
    bool judge_free = false;
    const char *only = nullptr, *without = "";
    int own = 1;
    char *rest[2] = {argv[0], nullptr};
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--seconds") && i + 1 < argc) seconds = atof(argv[++i]);
        else if (!strcmp(argv[i], "--threads") && i + 1 < argc) threads = unsigned(atoi(argv[++i]));
        else if (!strcmp(argv[i], "--only") && i + 1 < argc) only = argv[++i];
        else if (!strcmp(argv[i], "--without") && i + 1 < argc) without = argv[++i];
        else if (!strcmp(argv[i], "--free")) judge_free = true;
        else rest[1] = argv[i], own = 2;
    }
    Random random(seed(own, rest));
    auto chosen = [&](size_t which) {
        const char *name = ACTIVITIES[which].name;
        return only ? !strcmp(only, name) : strcmp(without, name) != 0;
    };
    int total = 0;
    for (size_t i = 0; i < KINDS; i++) total += chosen(i) ? ACTIVITIES[i].weight : 0;
    REQUIRE(total > 0);
    CHECK(cudaFree(nullptr));
    using Clock = std::chrono::steady_clock;
    auto began = Clock::now();
    auto since = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };
    // What is made once, at the first use of each kind, is not counted: intervals are compared from the second fifth on.
    const double interval = seconds / (seconds < 60 ? 10 : 30);
    std::atomic<long> rounds{0};
    std::vector<std::atomic<long>> of(KINDS);
    std::vector<Held> seen;
    std::vector<long> done;
    for (int number = 0; since() < seconds; number++) {
        double end = (number + 1) * interval;
        std::vector<std::thread> all;
        for (unsigned k = 0; k < threads; k++)
            all.emplace_back([&, start = random.next()] {
                Random mine(start);
                // The first rounds of a program do everything once, so that what follows is alike.
                for (size_t which = 0; number == 0 && which < KINDS; which++) {
                    if (!chosen(which)) continue;
                    ACTIVITIES[which].run(mine);
                    rounds++, of[which]++;
                }
                while (since() < end) {
                    size_t which = 0;
                    for (int left = int(mine.below(total));; which++)
                        if (chosen(which) && (left -= ACTIVITIES[which].weight) < 0) break;
                    ACTIVITIES[which].run(mine);
                    rounds++, of[which]++;
                }
            });
        for (auto &thread : all) thread.join();
        CHECK(cudaDeviceSynchronize());
        cudaMemPool_t pool;
        CHECK(cudaDeviceGetDefaultMemPool(&pool, 0));
        CHECK(cudaMemPoolTrimTo(pool, 0));
        CHECK(cudaDeviceGraphMemTrim(0));
        Held now = held();
        seen.push_back(now);
        done.push_back(rounds);
        printf("%7.1f s %9ld rounds  resident %ld KiB  descriptors %ld  threads %ld  device %ld KiB\n", since(), long(rounds),
               now.resident, now.descriptors, now.threads, now.device);
        fflush(stdout);
    }
    for (size_t i = 0; i < KINDS; i++) printf("%s %ld  ", ACTIVITIES[i].name, long(of[i]));
    printf("\n");
    size_t last = seen.size() - 1, early = (last + 1) / 5;
    // The most of a stretch of intervals, as what is in use in passing comes and goes.
    auto most = [&](size_t from, size_t to, long Held::*what) {
        long found = 0;
        for (size_t i = from; i <= to; i++) found = std::max(found, seen[i].*what);
        return found;
    };
    auto grown = [&](const char *name, long Held::*what, long allowed) {
        long before = most(early, last / 2, what), after = most(last / 2 + 1, last, what);
        printf("%s: at most %ld in the first half, %ld in the second\n", name, before, after);
        if (after <= before + allowed) return false;
        printf("%s GREW\n", name);
        return true;
    };
    bool bad = false;
    if (last >= 4) {
        // What is kept for its next use takes some seconds to be there, so a short run says nothing of memory.
        if (since() > 15) bad |= grown("resident KiB", &Held::resident, 8 << 10);
        bad |= grown("descriptors", &Held::descriptors, 0);
        // Host functions of several streams run at once, each by a thread that stays.
        bad |= grown("threads", &Held::threads, long(threads));
        if (judge_free) bad |= grown("device KiB", &Held::device, 4 << 10);
    }
    return bad ? 1 : pass("soak");
}
