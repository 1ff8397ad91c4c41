// nvcc: -cudart shared
// Memory that graphs allocate and free: by nodes, by captured calls, freed outside, and freed at the next launch.
#include "check.h"
__global__ void fill(unsigned *v, int n, unsigned a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = i * a + 1;
}
__global__ void add(unsigned *to, const unsigned *from, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) to[i] += from[i];
}
static const int BLOCK = 128;
static unsigned grid(int n) { return unsigned((n + BLOCK - 1) / BLOCK); }
static cudaGraphNode_t kernel_node(cudaGraph_t graph, cudaGraphNode_t after, void *kernel, int n, void **arguments) {
    cudaKernelNodeParams p = {};
    p.func = kernel;
    p.gridDim = dim3(grid(n));
    p.blockDim = dim3(BLOCK);
    p.kernelParams = arguments;
    cudaGraphNode_t node;
    CHECK(cudaGraphAddKernelNode(&node, graph, &after, 1, &p));
    return node;
}
static cudaMemAllocNodeParams device_memory(size_t bytes) {
    cudaMemAllocNodeParams p = {};
    p.poolProps.allocType = cudaMemAllocationTypePinned;
    p.poolProps.location.type = cudaMemLocationTypeDevice;
    p.poolProps.location.id = 0;
    p.bytesize = bytes;
    return p;
}
// A graph that adds i * a + 1 to `sum` by way of memory of its own; the memory is freed in it if `freed`.
static cudaGraph_t adding(unsigned *sum, int n, unsigned a, bool freed, void **memory) {
    cudaGraph_t graph;
    cudaGraphNode_t allocate, last, release;
    CHECK(cudaGraphCreate(&graph, 0));
    cudaMemAllocNodeParams p = device_memory(n * 4);
    CHECK(cudaGraphAddMemAllocNode(&allocate, graph, nullptr, 0, &p));
    REQUIRE(p.dptr);
    void *at = p.dptr;
    void *first[] = {&at, &n, &a};
    last = kernel_node(graph, allocate, (void *)fill, n, first);
    void *second[] = {&sum, &at, &n};
    last = kernel_node(graph, last, (void *)add, n, second);
    cudaMemAllocNodeParams got;
    CHECK(cudaGraphMemAllocNodeGetParams(allocate, &got));
    REQUIRE(got.dptr == at && got.bytesize == size_t(n) * 4);
    if (freed) {
        CHECK(cudaGraphAddMemFreeNode(&release, graph, &last, 1, at));
        void *back = nullptr;
        CHECK(cudaGraphMemFreeNodeGetParams(release, &back));
        REQUIRE(back == at);
    }
    *memory = at;
    return graph;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    cudaFuncAttributes attributes;
    CHECK(cudaFuncGetAttributes(&attributes, fill));
    CHECK(cudaFuncGetAttributes(&attributes, add));
    int n = 20000 + int(random.below(1000));
    unsigned a = random.u32(), times = 0;
    OnDevice<unsigned> sum(std::vector<unsigned>(n, 0));
    auto check = [&] {
        CHECK(cudaStreamSynchronize(s));
        std::vector<unsigned> expected(n);
        for (int i = 0; i < n; i++) expected[i] = times * (i * a + 1);
        same(sum.get(), expected);
    };
    void *memory;
    cudaGraph_t graph = adding(sum, n, a, true, &memory);
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 5; round++, times++) CHECK(cudaGraphLaunch(exec, s));
    check();
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    // Memory that outlives the graph's run is freed by the program, and only then may the graph run again.
    graph = adding(sum, n, a, false, &memory);
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 3; round++, times++) {
        CHECK(cudaGraphLaunch(exec, s));
        REQUIRE(cudaGraphLaunch(exec, s) != cudaSuccess);
        cudaGetLastError();
        std::vector<unsigned> got(n), expected(n);
        for (int i = 0; i < n; i++) expected[i] = i * a + 1;
        CHECK(cudaMemcpyAsync(got.data(), memory, n * 4, cudaMemcpyDeviceToHost, s));
        CHECK(cudaFreeAsync(memory, s));
        CHECK(cudaStreamSynchronize(s));
        same(got, expected);
    }
    check();
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    // Or by its next launch.
    graph = adding(sum, n, a, false, &memory);
    CHECK(cudaGraphInstantiate(&exec, graph, cudaGraphInstantiateFlagAutoFreeOnLaunch));
    for (int round = 0; round < 4; round++, times++) CHECK(cudaGraphLaunch(exec, s));
    check();
    CHECK(cudaFreeAsync(memory, s));
    CHECK(cudaStreamSynchronize(s));
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    // Captured.
    unsigned *scratch;
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
    CHECK(cudaMallocAsync(&scratch, n * 4, s));
    fill<<<grid(n), BLOCK, 0, s>>>(scratch, n, a);
    add<<<grid(n), BLOCK, 0, s>>>(sum, scratch, n);
    CHECK(cudaFreeAsync(scratch, s));
    CHECK(cudaStreamEndCapture(s, &graph));
    size_t nodes = 0;
    CHECK(cudaGraphGetNodes(graph, nullptr, &nodes));
    REQUIRE(nodes == 4);
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 5; round++, times++) CHECK(cudaGraphLaunch(exec, s));
    check();
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    uint64_t reserved = 0;
    CHECK(cudaDeviceGraphMemTrim(0));
    CHECK(cudaDeviceGetGraphMemAttribute(0, cudaGraphMemAttrReservedMemCurrent, &reserved));
    REQUIRE(reserved == 0);
    CHECK(cudaStreamDestroy(s));
    return pass("graph_memory");
}
