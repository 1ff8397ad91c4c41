// nvcc: -cudart shared -Xcompiler -pthread
// Stream capture: every mode, forks and joins, copies, memsets and host functions that replay with what memory holds then,
// and what is refused while a stream captures.
#include "check.h"
#include <thread>
#include <unistd.h>
__global__ void affine(const unsigned *in, unsigned *out, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] * a + b;
}
__global__ void combine(const unsigned *x, const unsigned *y, unsigned *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = (x[i] ^ y[i]) + i;
}
static const int N = 5000, BLOCK = 128, GRID = (N + BLOCK - 1) / BLOCK;
static cudaStreamCaptureStatus status_of(cudaStream_t s) {
    cudaStreamCaptureStatus status;
    CHECK(cudaStreamIsCapturing(s, &status));
    return status;
}
static size_t nodes_of(cudaGraph_t graph) {
    size_t n = 0;
    CHECK(cudaGraphGetNodes(graph, nullptr, &n));
    return n;
}
// Ends a capture that a refused call has spoilt.
static void end_spoilt(cudaStream_t s) {
    REQUIRE(status_of(s) == cudaStreamCaptureStatusInvalidated);
    cudaGraph_t graph = (cudaGraph_t)1;
    FAILS(cudaStreamEndCapture(s, &graph), cudaErrorStreamCaptureInvalidated);
    REQUIRE(graph == nullptr && status_of(s) == cudaStreamCaptureStatusNone);
    cudaGetLastError();
}
// Ends a capture of which some drivers say that it is spoilt.
static void drop(cudaStream_t s) {
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(s, &graph) == cudaSuccess) CHECK(cudaGraphDestroy(graph));
    cudaGetLastError();
    REQUIRE(status_of(s) == cudaStreamCaptureStatusNone);
}
static void linear(Random &random, cudaStreamCaptureMode mode, bool pinned) {
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    OnDevice<unsigned> x(N), y(N);
    std::vector<unsigned> pageable_in(N), pageable_out(N);
    unsigned *in = pageable_in.data(), *out = pageable_out.data();
    if (pinned) {
        CHECK(cudaMallocHost(&in, N * 4));
        CHECK(cudaMallocHost(&out, N * 4));
    }
    for (int i = 0; i < N; i++) in[i] = random.u32(), out[i] = 7;
    unsigned a = random.u32() | 1, b = random.u32();
    REQUIRE(status_of(s) == cudaStreamCaptureStatusNone);
    CHECK(cudaStreamBeginCapture(s, mode));
    REQUIRE(status_of(s) == cudaStreamCaptureStatusActive);
    CHECK(cudaMemcpyAsync(x, in, N * 4, cudaMemcpyHostToDevice, s));
    affine<<<GRID, BLOCK, 0, s>>>(x, y, N, a, b);
    affine<<<GRID, BLOCK, 0, s>>>(y, y, N, 3, 1);
    CHECK(cudaMemcpyAsync(out, y, N * 4, cudaMemcpyDeviceToHost, s));
    cudaGraph_t graph;
    CHECK(cudaStreamEndCapture(s, &graph));
    REQUIRE(status_of(s) == cudaStreamCaptureStatusNone);
    REQUIRE(nodes_of(graph) == 4);
    // Nothing has run yet.
    CHECK(cudaStreamSynchronize(s));
    REQUIRE(out[0] == 7 && out[N - 1] == 7);
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaGraphUpload(exec, s));
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < N; i++) in[i] = random.u32();
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        for (int i = 0; i < N; i++) REQUIRE(out[i] == (in[i] * a + b) * 3 + 1);
    }
    CHECK(cudaGraphExecDestroy(exec));
    if (pinned) {
        CHECK(cudaFreeHost(in));
        CHECK(cudaFreeHost(out));
    }
    CHECK(cudaStreamDestroy(s));
}
// s1 forks to s2 and s3, which join again; kernels and memsets in each branch.
static void fork_join(Random &random) {
    cudaStream_t s[3];
    cudaEvent_t fork, join[2];
    for (auto &stream : s) CHECK(cudaStreamCreate(&stream));
    CHECK(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming));
    for (auto &event : join) CHECK(cudaEventCreate(&event));
    std::vector<unsigned> in(N);
    for (auto &v : in) v = random.u32();
    OnDevice<unsigned> x(in), y(N), z(N), out(N), marks(64 * 8);
    unsigned a = random.u32(), b = random.u32();
    CHECK(cudaStreamBeginCapture(s[0], cudaStreamCaptureModeGlobal));
    CHECK(cudaEventRecord(fork, s[0]));
    for (int i = 1; i < 3; i++) CHECK(cudaStreamWaitEvent(s[i], fork, 0));
    REQUIRE(status_of(s[1]) == cudaStreamCaptureStatusActive && status_of(s[2]) == cudaStreamCaptureStatusActive);
    affine<<<GRID, BLOCK, 0, s[1]>>>(x, y, N, a, b);
    affine<<<GRID, BLOCK, 0, s[1]>>>(y, y, N, 5, 6);
    affine<<<GRID, BLOCK, 0, s[2]>>>(x, z, N, b, a);
    CHECK(cudaMemsetAsync(marks, 0x11, 64 * 8 * 4, s[2]));
    CHECK(cudaMemset2DAsync(marks + 4, 64 * 4, 0x22, 16, 8, s[2]));
    for (int i = 1; i < 3; i++) {
        CHECK(cudaEventRecord(join[i - 1], s[i]));
        CHECK(cudaStreamWaitEvent(s[0], join[i - 1], 0));
    }
    combine<<<GRID, BLOCK, 0, s[0]>>>(y, z, out, N);
    cudaGraph_t graph;
    CHECK(cudaStreamEndCapture(s[0], &graph));
    for (auto stream : s) REQUIRE(status_of(stream) == cudaStreamCaptureStatusNone);
    REQUIRE(nodes_of(graph) == 6);
    size_t roots = 0, edges = 0;
    CHECK(cudaGraphGetRootNodes(graph, nullptr, &roots));
    CHECK(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &edges));
    REQUIRE(roots == 2 && edges == 5);
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 6; round++) {
        for (auto &v : in) v = random.u32();
        CHECK(cudaMemcpyAsync(x, in.data(), N * 4, cudaMemcpyHostToDevice, s[1]));
        CHECK(cudaMemsetAsync(marks, 0, 64 * 8 * 4, s[1]));
        CHECK(cudaGraphLaunch(exec, s[1]));
        std::vector<unsigned> got(N), expected(N);
        CHECK(cudaMemcpyAsync(got.data(), out, N * 4, cudaMemcpyDeviceToHost, s[1]));
        CHECK(cudaStreamSynchronize(s[1]));
        for (int i = 0; i < N; i++) expected[i] = (((in[i] * a + b) * 5 + 6) ^ (in[i] * b + a)) + i;
        same(got, expected);
        std::vector<unsigned> rows = marks.get();
        for (int i = 0; i < 64 * 8; i++) REQUIRE(rows[i] == (i % 64 >= 4 && i % 64 < 8 ? 0x22222222u : 0x11111111u));
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaEventDestroy(fork));
    for (auto event : join) CHECK(cudaEventDestroy(event));
    for (auto stream : s) CHECK(cudaStreamDestroy(stream));
}
// A stream that joins a capture while it has work, and is destroyed before the capture ends: neither is the capture spoilt nor
// the work forgotten.
static void CUDART_CB take_time(void *data) {
    usleep(100000);
    *(volatile bool *)data = true;
}
static void destroyed_within(Random &random) {
    cudaStream_t s, t;
    cudaEvent_t fork, join;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking));
    CHECK(cudaEventCreate(&fork));
    CHECK(cudaEventCreate(&join));
    std::vector<unsigned> in(N), early(N, 3);
    for (auto &v : in) v = random.u32();
    OnDevice<unsigned> x(in), y(N), z(N);
    volatile bool done = false;
    CHECK(cudaLaunchHostFunc(t, take_time, (void *)&done));
    CHECK(cudaMemcpyAsync(z, early.data(), N * 4, cudaMemcpyHostToDevice, t));
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
    CHECK(cudaEventRecord(fork, s));
    CHECK(cudaStreamWaitEvent(t, fork, 0));
    affine<<<GRID, BLOCK, 0, t>>>(x, y, N, 7, 9);
    CHECK(cudaEventRecord(join, t));
    CHECK(cudaStreamWaitEvent(s, join, 0));
    affine<<<GRID, BLOCK, 0, s>>>(y, y, N, 3, 1);
    CHECK(cudaStreamDestroy(t));
    CHECK(cudaEventDestroy(fork));
    CHECK(cudaEventDestroy(join));
    for (int i = 0; i < 20; i++) REQUIRE(status_of(s) == cudaStreamCaptureStatusActive);
    cudaGraph_t graph;
    CHECK(cudaStreamEndCapture(s, &graph));
    REQUIRE(nodes_of(graph) == 2);
    CHECK(cudaDeviceSynchronize());
    REQUIRE(done);
    same(z.get(), early);
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    CHECK(cudaGraphLaunch(exec, s));
    CHECK(cudaStreamSynchronize(s));
    for (auto &v : in) v = (v * 7 + 9) * 3 + 1;
    same(y.get(), in);
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaStreamDestroy(s));
}
// A host function between a copy to the host and a copy from it: it reads what the first brought and writes what the
// second takes.
struct Between {
    unsigned *brought, *taken;
    int calls;
};
static void CUDART_CB between(void *data) {
    Between &b = *(Between *)data;
    b.calls++;
    for (int i = 0; i < N; i++) b.taken[i] = b.brought[i] * 2 + b.calls;
}
static void host_function(Random &random) {
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    std::vector<unsigned> in(N);
    for (auto &v : in) v = random.u32();
    OnDevice<unsigned> x(in), y(N), z(N);
    Between b = {};
    CHECK(cudaMallocHost(&b.brought, N * 4));
    CHECK(cudaMallocHost(&b.taken, N * 4));
    memset(b.brought, 0, N * 4);
    memset(b.taken, 0, N * 4);
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal));
    affine<<<GRID, BLOCK, 0, s>>>(x, y, N, 9, 2);
    CHECK(cudaMemcpyAsync(b.brought, y, N * 4, cudaMemcpyDeviceToHost, s));
    CHECK(cudaLaunchHostFunc(s, between, &b));
    CHECK(cudaMemcpyAsync(z, b.taken, N * 4, cudaMemcpyHostToDevice, s));
    affine<<<GRID, BLOCK, 0, s>>>(z, x, N, 1, 4);
    cudaGraph_t graph;
    CHECK(cudaStreamEndCapture(s, &graph));
    REQUIRE(b.calls == 0);
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    // Twelve launches without a wait between them: each starts from what the one before left.
    for (int round = 0; round < 12; round++) CHECK(cudaGraphLaunch(exec, s));
    CHECK(cudaStreamSynchronize(s));
    REQUIRE(b.calls == 12);
    for (int round = 1; round <= 12; round++)
        for (auto &v : in) v = (v * 9 + 2) * 2 + round + 4;
    same(x.get(), in);
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaFreeHost(b.brought));
    CHECK(cudaFreeHost(b.taken));
    CHECK(cudaStreamDestroy(s));
}
// What a program asks of a capture under way, and what it adds to it by hand.
static void info(Random &random) {
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    cudaStreamCaptureStatus status;
    unsigned long long id = 0, other = 0;
    cudaGraph_t graph = nullptr, whole = nullptr;
    const cudaGraphNode_t *deps = nullptr;
    size_t count = 99;
    CHECK(cudaStreamGetCaptureInfo(s, &status, nullptr, nullptr, nullptr, nullptr, nullptr));
    REQUIRE(status == cudaStreamCaptureStatusNone);
    OnDevice<unsigned> x(N);
    unsigned *at = x;
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed));
    CHECK(cudaStreamGetCaptureInfo(s, &status, &id, &graph, &deps, nullptr, &count));
    REQUIRE(status == cudaStreamCaptureStatusActive && id != 0 && graph && count == 0);
    affine<<<GRID, BLOCK, 0, s>>>(x, x, N, 3, 1);
    CHECK(cudaStreamGetCaptureInfo(s, &status, &other, &graph, &deps, nullptr, &count));
    REQUIRE(other == id && count == 1 && nodes_of(graph) == 1);
    cudaGraphNodeType type;
    CHECK(cudaGraphNodeGetType(deps[0], &type));
    REQUIRE(type == cudaGraphNodeTypeKernel);
    int n = N;
    unsigned a = 5, b = 8;
    void *arguments[] = {&at, &at, &n, &a, &b};
    cudaKernelNodeParams params = {};
    params.func = (void *)affine;
    params.gridDim = dim3(GRID);
    params.blockDim = dim3(BLOCK);
    params.kernelParams = arguments;
    cudaGraphNode_t mine;
    CHECK(cudaGraphAddKernelNode(&mine, graph, deps, count, &params));
    CHECK(cudaStreamUpdateCaptureDependencies(s, &mine, nullptr, 1, cudaStreamSetCaptureDependencies));
    CHECK(cudaStreamGetCaptureInfo(s, &status, nullptr, nullptr, &deps, nullptr, &count));
    REQUIRE(count == 1 && deps[0] == mine);
    affine<<<GRID, BLOCK, 0, s>>>(x, x, N, 7, 2);
    // Calls that capture in relaxed mode allows.
    void *more;
    CHECK(cudaMalloc(&more, 1000));
    // In relaxed mode, any thread may end it.
    std::thread([&] { CHECK(cudaStreamEndCapture(s, &whole)); }).join();
    REQUIRE(nodes_of(whole) == 3);
    CHECK(cudaFree(more));
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, whole, 0));
    std::vector<unsigned> in(N);
    for (auto &v : in) v = random.u32();
    x.put(in);
    for (int round = 0; round < 3; round++) {
        CHECK(cudaGraphLaunch(exec, s));
        for (auto &v : in) v = ((v * 3 + 1) * 5 + 8) * 7 + 2;
    }
    CHECK(cudaStreamSynchronize(s));
    same(x.get(), in);
    // A second capture has another id; a launch of a graph in it becomes a child graph.
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal));
    CHECK(cudaStreamGetCaptureInfo(s, &status, &other, nullptr, nullptr, nullptr, nullptr));
    REQUIRE(other != id);
    CHECK(cudaStreamEndCapture(s, &graph));
    REQUIRE(nodes_of(graph) == 0);
    CHECK(cudaGraphDestroy(graph));
#if CUDART_VERSION >= 12030
    // Into a graph that exists.
    CHECK(cudaGraphCreate(&graph, 0));
    CHECK(cudaGraphAddKernelNode(&mine, graph, nullptr, 0, &params));
    CHECK(cudaStreamBeginCaptureToGraph(s, graph, &mine, nullptr, 1, cudaStreamCaptureModeGlobal));
    affine<<<GRID, BLOCK, 0, s>>>(x, x, N, 11, 3);
    cudaGraph_t back;
    CHECK(cudaStreamEndCapture(s, &back));
    REQUIRE(back == graph && nodes_of(graph) == 2);
    cudaGraphExec_t second;
    CHECK(cudaGraphInstantiate(&second, graph, 0));
    CHECK(cudaGraphLaunch(second, s));
    CHECK(cudaStreamSynchronize(s));
    for (auto &v : in) v = (v * 5 + 8) * 11 + 3;
    same(x.get(), in);
    CHECK(cudaGraphExecDestroy(second));
    CHECK(cudaGraphDestroy(graph));
#endif
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(whole));
    CHECK(cudaStreamDestroy(s));
}
// An event that is recorded by the graph rather than by the capture.
static void external_event(Random &random) {
    cudaStream_t s;
    cudaEvent_t e;
    CHECK(cudaStreamCreate(&s));
    CHECK(cudaEventCreateWithFlags(&e, cudaEventDisableTiming));
    OnDevice<unsigned> x(N);
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
    affine<<<GRID, BLOCK, 0, s>>>(x, x, N, 3, 1);
    CHECK(cudaEventRecordWithFlags(e, s, cudaEventRecordExternal));
    cudaGraph_t graph;
    CHECK(cudaStreamEndCapture(s, &graph));
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    std::vector<unsigned> in(N);
    for (auto &v : in) v = random.u32();
    x.put(in);
    CHECK(cudaGraphLaunch(exec, s));
    CHECK(cudaEventSynchronize(e));
    CHECK(cudaEventQuery(e));
    for (auto &v : in) v = v * 3 + 1;
    same(x.get(), in);
    CHECK(cudaStreamSynchronize(s));
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaEventDestroy(e));
    CHECK(cudaStreamDestroy(s));
}
static void refusals() {
    cudaStream_t s, t;
    cudaEvent_t e;
    cudaGraph_t graph = nullptr;
    void *p = nullptr, *own = nullptr;
    CHECK(cudaStreamCreate(&s));
    CHECK(cudaStreamCreate(&t));
    CHECK(cudaEventCreate(&e));
    OnDevice<unsigned> x(N);
    // A wait for a stream that captures spoils the capture.
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed));
    FAILS(cudaStreamSynchronize(s), cudaErrorStreamCaptureUnsupported);
    end_spoilt(s);
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed));
    FAILS(cudaStreamQuery(s), cudaErrorStreamCaptureUnsupported);
    end_spoilt(s);
    // Allocation may wait for the device: refused in global mode...
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
    FAILS(cudaMalloc(&p, 100), cudaErrorStreamCaptureUnsupported);
    end_spoilt(s);
    // ... to other threads too, though not in thread-local mode.
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
    std::thread([&] { FAILS(cudaMalloc(&p, 100), cudaErrorStreamCaptureUnsupported); }).join();
    drop(s);
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal));
    std::thread([&] { CHECK(cudaMalloc(&p, 100)); }).join();
    // A thread may take that upon itself.
    cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
    CHECK(cudaThreadExchangeStreamCaptureMode(&mode));
    REQUIRE(mode == cudaStreamCaptureModeGlobal);
    CHECK(cudaMalloc(&own, 100));
    CHECK(cudaThreadExchangeStreamCaptureMode(&mode));
    REQUIRE(mode == cudaStreamCaptureModeRelaxed);
    // Only the thread that began it may end it.
    std::thread([&] {
        cudaGraph_t none;
        FAILS(cudaStreamEndCapture(s, &none), cudaErrorStreamCaptureWrongThread);
    }).join();
    drop(s);
    CHECK(cudaFree(p));
    CHECK(cudaFree(own));
    // A fork that does not join.
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed));
    CHECK(cudaEventRecord(e, s));
    CHECK(cudaStreamWaitEvent(t, e, 0));
    affine<<<GRID, BLOCK, 0, t>>>(x, x, N, 1, 1);
    CHECK(cudaGetLastError());
    FAILS(cudaStreamEndCapture(s, &graph), cudaErrorStreamCaptureUnjoined);
    REQUIRE(graph == nullptr && status_of(s) == cudaStreamCaptureStatusNone);
    CHECK(cudaStreamDestroy(t));
    // An event of a capture is no event to wait for.
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed));
    CHECK(cudaEventRecord(e, s));
    FAILS(cudaEventQuery(e), cudaErrorCapturedEvent);
    drop(s);
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed));
    CHECK(cudaEventRecord(e, s));
    FAILS(cudaEventSynchronize(e), cudaErrorCapturedEvent);
    drop(s);
    // The legacy stream waits for blocking streams, so it cannot be used while one captures.
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed));
    affine<<<GRID, BLOCK, 0, s>>>(x, x, N, 1, 1);
    affine<<<GRID, BLOCK>>>(x, x, N, 1, 1);
    FAILS(cudaGetLastError(), cudaErrorStreamCaptureImplicit);
    end_spoilt(s);
    REQUIRE(cudaStreamEndCapture(s, &graph) != cudaSuccess);
    REQUIRE(cudaStreamBeginCapture(cudaStreamLegacy, cudaStreamCaptureModeRelaxed) != cudaSuccess);
    cudaGetLastError();
    // After all that the stream is a stream.
    std::vector<unsigned> in(N, 5), expected(N, 5 * 3 + 4);
    x.put(in);
    affine<<<GRID, BLOCK, 0, s>>>(x, x, N, 3, 4);
    CHECK(cudaGetLastError());
    CHECK(cudaStreamSynchronize(s));
    same(x.get(), expected);
    // Recorded anew, the event is one to wait for again.
    CHECK(cudaEventRecord(e, s));
    CHECK(cudaEventSynchronize(e));
    CHECK(cudaEventDestroy(e));
    CHECK(cudaStreamDestroy(s));
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    // Loaded now: loading a kernel at its first use is not for a capture.
    cudaFuncAttributes attributes;
    CHECK(cudaFuncGetAttributes(&attributes, affine));
    CHECK(cudaFuncGetAttributes(&attributes, combine));
    for (auto mode : {cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed})
        for (bool pinned : {true, false}) linear(random, mode, pinned);
    fork_join(random);
    destroyed_within(random);
    host_function(random);
    info(random);
    external_event(random);
    refusals();
    return pass("graph_capture");
}
