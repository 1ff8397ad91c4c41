// since: 12.4
// nvcc: -cudart shared
// What programs built for older CUDA ask for: functions by the version that they know, with the arguments of that version.
#include "driver.h"
#include <cudaTypedefs.h>
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
static const int N = 2000, BLOCK = 128, GRID = (N + BLOCK - 1) / BLOCK;
static const int VERSIONS[] = {11080, 12000, 12040, 13000};
static void *lookup(const char *name, int version) {
    void *at = (void *)1;
    CUdriverProcAddressQueryResult status = CUdriverProcAddressQueryResult(99);
    DRIVER(cuGetProcAddress)(name, &at, version, CU_GET_PROC_ADDRESS_DEFAULT, &status);
    if (status == CU_GET_PROC_ADDRESS_SUCCESS) {
        REQUIRE(at && at != (void *)1);
        return at;
    }
    return nullptr;
}
typedef CUresult (*Instantiate)(CUgraphExec *, CUgraph, CUgraphNode *, char *, size_t);
template <class F> static F get(const char *name, int version) {
    void *at = lookup(name, version);
    if (!at) {
        printf("no %s for CUDA %d\n", name, version);
        exit(1);
    }
    return (F)at;
}
// A graph of three kernels in a row, by the functions that `version` has; then the same captured.
static void older(Random &random, int version) {
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    cudaFunction_t function;
    CHECK(cudaGetFuncBySymbol(&function, (const void *)affine));
    std::vector<unsigned> model(N);
    for (auto &v : model) v = random.u32();
    OnDevice<unsigned> x(model);
    unsigned *at = x, a = 3, b = 7;
    int n = N;
    void *arguments[] = {&at, &n, &a, &b};
    CUgraph graph;
    CUgraphNode nodes[3];
    OK(DRIVER(cuGraphCreate)(&graph, 0));
    // Version 12.0 added two members to these parameters: the older functions must not touch what lies behind.
    struct {
        CUDA_KERNEL_NODE_PARAMS_v1 params;
        uint64_t behind[2];
    } one = {{function, GRID, 1, 1, BLOCK, 1, 1, 0, arguments, nullptr}, {0x5555, 0x6666}}, back = one;
    auto add = get<PFN_cuGraphAddKernelNode_v10000>("cuGraphAddKernelNode", 11080);
    for (int i = 0; i < 3; i++) OK(add(&nodes[i], graph, nullptr, 0, &one.params));
    auto depend = get<PFN_cuGraphAddDependencies_v10000>("cuGraphAddDependencies", version);
    OK(depend(graph, nodes, nodes + 1, 2));
    memset(&back.params, 0, sizeof back.params);
    OK(get<PFN_cuGraphKernelNodeGetParams_v10000>("cuGraphKernelNodeGetParams", 11080)(nodes[1], &back.params));
    REQUIRE(back.behind[0] == 0x5555 && back.behind[1] == 0x6666);
    REQUIRE(back.params.func && back.params.gridDimX == unsigned(GRID) && *(unsigned *)back.params.kernelParams[2] == 3);
    CUDA_KERNEL_NODE_PARAMS_v2 two = {};
    OK(get<PFN_cuGraphKernelNodeGetParams_v12000>("cuGraphKernelNodeGetParams", 12000)(nodes[1], &two));
    REQUIRE(two.blockDimX == unsigned(BLOCK) && *(unsigned *)two.kernelParams[3] == 7);
    size_t count = 8;
    CUgraphNode from[8], to[8];
    OK(get<PFN_cuGraphGetEdges_v10000>("cuGraphGetEdges", version)(graph, from, to, &count));
    REQUIRE(count == 2 && from[0] != from[1]);
    count = 8;
    OK(get<PFN_cuGraphNodeGetDependencies_v10000>("cuGraphNodeGetDependencies", version)(nodes[2], from, &count));
    REQUIRE(count == 1 && from[0] == nodes[1]);
    count = 8;
    OK(get<PFN_cuGraphNodeGetDependentNodes_v10000>("cuGraphNodeGetDependentNodes", version)(nodes[0], to, &count));
    REQUIRE(count == 1 && to[0] == nodes[1]);
    CUgraphExec exec;
    char log[200] = "untouched";
    CUgraphNode wrong = nullptr;
    OK(get<Instantiate>("cuGraphInstantiate", 11080)(&exec, graph, &wrong, log, sizeof log));
    auto run = [&](unsigned second_a) {
        OK(DRIVER(cuGraphLaunch)(exec, s));
        for (auto &v : model) v = ((v * 3 + 7) * second_a + 7) * 3 + 7;
        CHECK(cudaStreamSynchronize(s));
        same(x.get(), model);
    };
    run(3);
    a = 5;
    OK(get<PFN_cuGraphExecKernelNodeSetParams_v10010>("cuGraphExecKernelNodeSetParams", 11080)(exec, nodes[1], &one.params));
    run(5);
    CUgraphExecUpdateResult result = CUgraphExecUpdateResult(99);
    OK(get<PFN_cuGraphExecUpdate_v10020>("cuGraphExecUpdate", 11080)(exec, graph, &wrong, &result));
    REQUIRE(result == CU_GRAPH_EXEC_UPDATE_SUCCESS);
    run(3);
    CUgraphExecUpdateResultInfo info = {};
    OK(get<PFN_cuGraphKernelNodeSetParams_v10000>("cuGraphKernelNodeSetParams", 11080)(nodes[1], &one.params));
    OK(get<PFN_cuGraphExecUpdate_v12000>("cuGraphExecUpdate", 12000)(exec, graph, &info));
    REQUIRE(info.result == CU_GRAPH_EXEC_UPDATE_SUCCESS);
    run(5);
    auto undo = get<PFN_cuGraphRemoveDependencies_v10000>("cuGraphRemoveDependencies", version);
    OK(undo(graph, nodes + 1, nodes + 2, 1));
    count = 8;
    OK(get<PFN_cuGraphGetEdges_v12030>("cuGraphGetEdges", 12040)(graph, from, to, nullptr, &count));
    REQUIRE(count == 1 && from[0] == nodes[0] && to[0] == nodes[1]);
    OK(DRIVER(cuGraphExecDestroy)(exec));
    OK(DRIVER(cuGraphDestroy)(graph));
    // Capture: what it tells has grown twice.
    CUstreamCaptureStatus status;
    cuuint64_t id = 0, other = 1;
    const CUgraphNode *after = nullptr;
    CUgraph within = nullptr;
    OK(get<PFN_cuStreamBeginCapture_v10010>("cuStreamBeginCapture", version)(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    affine<<<GRID, BLOCK, 0, s>>>(x, N, 3, 7);
    OK(get<PFN_cuStreamGetCaptureInfo_v10010>("cuStreamGetCaptureInfo", 11000)(s, &status, &id));
    REQUIRE(status == CU_STREAM_CAPTURE_STATUS_ACTIVE && id);
    count = 0;
    OK(get<PFN_cuStreamGetCaptureInfo_v11030>("cuStreamGetCaptureInfo", version)(s, &status, &other, &within, &after, &count));
    REQUIRE(other == id && within && count == 1);
    count = 0;
    const CUgraphEdgeData *data = nullptr;
    OK(get<PFN_cuStreamGetCaptureInfo_v12030>("cuStreamGetCaptureInfo", 12040)(s, &status, &other, &within, &after, &data, &count));
    REQUIRE(other == id && count == 1);
    CUgraphNode last = after[0], none;
    OK(DRIVER(cuGraphAddEmptyNode)(&none, within, &last, 1));
    OK(get<PFN_cuStreamUpdateCaptureDependencies_v11030>("cuStreamUpdateCaptureDependencies", version)(s, &none, 1, CU_STREAM_SET_CAPTURE_DEPENDENCIES));
    OK(DRIVER(cuStreamEndCapture)(s, &graph));
    OK(DRIVER(cuGraphGetNodes)(graph, nullptr, &count));
    REQUIRE(count == 2);
    OK(DRIVER(cuGraphDestroy)(graph));
    CHECK(cudaStreamDestroy(s));
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    const char *names[] = {"cuInit", "cuGetProcAddress", "cuDeviceGetUuid", "cuDeviceTotalMem", "cuCtxCreate", "cuMemAlloc", "cuMemFree", "cuMemcpyHtoDAsync",
                           "cuMemPrefetchAsync", "cuMemAdvise", "cuEventElapsedTime", "cuLaunchKernel", "cuLaunchKernelEx", "cuStreamBeginCapture",
                           "cuStreamBeginCaptureToGraph", "cuStreamGetCaptureInfo", "cuStreamWaitValue32", "cuStreamBatchMemOp", "cuGraphInstantiate",
                           "cuGraphInstantiateWithParams", "cuGraphKernelNodeGetParams", "cuGraphExecUpdate", "cuGraphGetEdges", "cuGraphAddNode",
                           "cuGraphConditionalHandleCreate", "cuLibraryLoadData", "cuKernelGetName", "cuFuncGetParamInfo", "cuGreenCtxCreate", "cuTensorMapEncodeTiled",
                           "cuMulticastCreate", "cuCtxGetDevice", "cuNoSuchFunction"};
    for (auto name : names) {
        printf("%-30s", name);
        void *last = nullptr;
        for (int version : VERSIONS) {
            void *at = lookup(name, version);
            printf(" %s", !at ? "-" : at == last ? "same" : "new");
            // What one version has no later one lacks.
            REQUIRE(at || !last);
            last = at;
        }
        printf("\n");
    }
    REQUIRE(!lookup("cuGraphAddNode", 11080) && !lookup("cuGraphAddNode", 12000) && lookup("cuGraphAddNode", 12040));
    REQUIRE(!lookup("cuLibraryLoadData", 11080) && lookup("cuLibraryLoadData", 12000));
    REQUIRE(!lookup("cuNoSuchFunction", 13000));
    REQUIRE(lookup("cuGraphGetEdges", 12000) != lookup("cuGraphGetEdges", 12040));
    older(random, 11080);
    older(random, 12000);
    return pass("legacy_versions");
}
