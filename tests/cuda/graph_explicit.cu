// nvcc: -cudart shared
// Graphs that are built node by node: every kind of node that needs no special hardware, the questions that can be asked
// about them, changes before and after instantiation, and what is refused.
#include "driver.h"
#include <atomic>
#include <set>
#include <string>
#include <unistd.h>
__global__ void affine(const unsigned *in, unsigned *out, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[i] * a + b;
}
__global__ void xor_with(const unsigned *in, unsigned *out, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = (in[i] ^ a) - b;
}
static const int N = 3000, BLOCK = 96, GRID = (N + BLOCK - 1) / BLOCK;
typedef std::vector<cudaGraphNode_t> Nodes;
// The arguments of both kernels, where nodes are made from them.
struct Arguments {
    const unsigned *in;
    unsigned *out;
    int n = N;
    unsigned a, b;
    void *each[5] = {&in, &out, &n, &a, &b};
    Arguments(const unsigned *in, unsigned *out, unsigned a, unsigned b) : in(in), out(out), a(a), b(b) {}
    Arguments(const Arguments &) = delete;
    cudaKernelNodeParams params(const void *kernel = (const void *)affine) {
        cudaKernelNodeParams p = {};
        p.func = (void *)kernel;
        p.gridDim = dim3(GRID);
        p.blockDim = dim3(BLOCK);
        p.kernelParams = each;
        return p;
    }
};
static cudaGraphNode_t kernel_node(cudaGraph_t graph, const Nodes &after, Arguments &arguments) {
    cudaKernelNodeParams p = arguments.params();
    cudaGraphNode_t node;
    CHECK(cudaGraphAddKernelNode(&node, graph, after.data(), after.size(), &p));
    return node;
}
static Nodes nodes_of(cudaGraph_t graph) {
    size_t n = 0;
    CHECK(cudaGraphGetNodes(graph, nullptr, &n));
    Nodes nodes(n);
    CHECK(cudaGraphGetNodes(graph, nodes.data(), &n));
    REQUIRE(n == nodes.size());
    return nodes;
}
static cudaGraphNodeType type_of(cudaGraphNode_t node) {
    cudaGraphNodeType type;
    CHECK(cudaGraphNodeGetType(node, &type));
    return type;
}
static std::vector<unsigned> numbers(Random &random, int n = N) {
    std::vector<unsigned> v(n);
    for (auto &x : v) x = random.u32();
    return v;
}
struct Called {
    unsigned *watched;
    std::vector<unsigned> seen;
};
static void CUDART_CB look(void *data) {
    Called &called = *(Called *)data;
    called.seen.push_back(*called.watched);
}
// copy in -> kernel -> (memset, host, copy out) -> empty, with an event between; queries of all of it.
static void every_kind(Random &random, cudaStream_t s) {
    OnDevice<unsigned> x(N), y(N), z(N);
    unsigned *in, *out;
    CHECK(cudaMallocHost(&in, N * 4));
    CHECK(cudaMallocHost(&out, N * 4));
    cudaEvent_t event;
    CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    cudaGraph_t graph, child;
    CHECK(cudaGraphCreate(&graph, 0));
    CHECK(cudaGraphCreate(&child, 0));
    Arguments first(x, y, 3, 1), second(y, z, 5, 7), inner(y, y, 2, 9);
    cudaGraphNode_t copy_in, kernel, record, wait, set, host, nested, last, copy_out, empty;
    CHECK(cudaGraphAddMemcpyNode1D(&copy_in, graph, nullptr, 0, x, in, N * 4, cudaMemcpyHostToDevice));
    kernel = kernel_node(graph, {copy_in}, first);
    CHECK(cudaGraphAddEventRecordNode(&record, graph, &kernel, 1, event));
    CHECK(cudaGraphAddEventWaitNode(&wait, graph, &record, 1, event));
    kernel_node(child, {kernel_node(child, {}, inner)}, inner);
    CHECK(cudaGraphAddChildGraphNode(&nested, graph, &wait, 1, child));
    CHECK(cudaGraphDestroy(child));
    cudaMemsetParams memset = {};
    memset.dst = y + 8;
    memset.pitch = 64 * 4;
    memset.value = 0x01020304;
    memset.elementSize = 4;
    memset.width = 5;
    memset.height = 3;
    CHECK(cudaGraphAddMemsetNode(&set, graph, &nested, 1, &memset));
    last = kernel_node(graph, {set}, second);
    CHECK(cudaGraphAddMemcpyNode1D(&copy_out, graph, &last, 1, out, z, N * 4, cudaMemcpyDeviceToHost));
    Called called = {out + 2, {}};
    cudaHostNodeParams look_at = {look, &called};
    CHECK(cudaGraphAddHostNode(&host, graph, &copy_out, 1, &look_at));
    cudaGraphNode_t both[] = {host, last};
    CHECK(cudaGraphAddEmptyNode(&empty, graph, both, 2));
    // Questions.
    Nodes all = nodes_of(graph);
    REQUIRE(all.size() == 10);
    REQUIRE(std::set<cudaGraphNode_t>(all.begin(), all.end()) ==
            (std::set<cudaGraphNode_t>{copy_in, kernel, record, wait, nested, set, last, copy_out, host, empty}));
    REQUIRE(type_of(copy_in) == cudaGraphNodeTypeMemcpy && type_of(kernel) == cudaGraphNodeTypeKernel);
    REQUIRE(type_of(record) == cudaGraphNodeTypeEventRecord && type_of(wait) == cudaGraphNodeTypeWaitEvent);
    REQUIRE(type_of(nested) == cudaGraphNodeTypeGraph && type_of(set) == cudaGraphNodeTypeMemset);
    REQUIRE(type_of(host) == cudaGraphNodeTypeHost && type_of(empty) == cudaGraphNodeTypeEmpty);
    cudaGraphNode_t one;
    size_t n = 1;
    CHECK(cudaGraphGetRootNodes(graph, &one, &n));
    REQUIRE(n == 1 && one == copy_in);
    n = 0;
    CHECK(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &n));
    REQUIRE(n == 10);
    Nodes from(n), to(n);
    CHECK(cudaGraphGetEdges(graph, from.data(), to.data(), nullptr, &n));
    std::set<std::pair<cudaGraphNode_t, cudaGraphNode_t>> edges;
    for (size_t i = 0; i < n; i++) edges.insert({from[i], to[i]});
    REQUIRE(edges.size() == 10 && edges.count({copy_in, kernel}) && edges.count({host, empty}) && edges.count({last, empty}));
    n = 2;
    Nodes two(2);
    CHECK(cudaGraphNodeGetDependencies(empty, two.data(), nullptr, &n));
    REQUIRE(n == 2 && (std::set<cudaGraphNode_t>(two.begin(), two.end()) == std::set<cudaGraphNode_t>{host, last}));
    n = 0;
    CHECK(cudaGraphNodeGetDependentNodes(last, nullptr, nullptr, &n));
    REQUIRE(n == 2);
    cudaEvent_t got_event;
    CHECK(cudaGraphEventRecordNodeGetEvent(record, &got_event));
    REQUIRE(got_event == event);
    CHECK(cudaGraphEventWaitNodeGetEvent(wait, &got_event));
    REQUIRE(got_event == event);
    cudaGraph_t embedded;
    CHECK(cudaGraphChildGraphNodeGetGraph(nested, &embedded));
    REQUIRE(nodes_of(embedded).size() == 2);
    cudaMemsetParams got_memset;
    CHECK(cudaGraphMemsetNodeGetParams(set, &got_memset));
    REQUIRE(got_memset.dst == y + 8 && got_memset.value == 0x01020304 && got_memset.width == 5 && got_memset.height == 3);
    cudaHostNodeParams got_host;
    CHECK(cudaGraphHostNodeGetParams(host, &got_host));
    REQUIRE(got_host.fn == look && got_host.userData == &called);
    cudaKernelNodeParams got;
    CHECK(cudaGraphKernelNodeGetParams(last, &got));
    REQUIRE(got.gridDim.x == unsigned(GRID) && got.blockDim.x == unsigned(BLOCK) && got.sharedMemBytes == 0);
    REQUIRE(*(unsigned **)got.kernelParams[0] == y.at && *(unsigned **)got.kernelParams[1] == z.at);
    REQUIRE(*(int *)got.kernelParams[2] == N && *(unsigned *)got.kernelParams[3] == 5 && *(unsigned *)got.kernelParams[4] == 7);
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    std::vector<unsigned> expected_seen;
    for (int round = 0; round < 5; round++) {
        std::vector<unsigned> expected = numbers(random);
        memcpy(in, expected.data(), N * 4);
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        CHECK(cudaEventQuery(event));
        for (int i = 0; i < N; i++) {
            unsigned v = ((expected[i] * 3 + 1) * 2 + 9) * 2 + 9;
            for (int row = 0; row < 3; row++)
                if (i >= 8 + row * 64 && i < 8 + row * 64 + 5) v = 0x01020304;
            expected[i] = v * 5 + 7;
        }
        same(std::vector<unsigned>(out, out + N), expected);
        expected_seen.push_back(expected[2]);
    }
    same(called.seen, expected_seen);
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaEventDestroy(event));
    CHECK(cudaFreeHost(in));
    CHECK(cudaFreeHost(out));
}
// A box out of a host volume into a pitched device volume, and back into another.
static void boxes(Random &random, cudaStream_t s) {
    const int W = 20, H = 10, D = 6;
    std::vector<unsigned> in = numbers(random, W * H * D), out(W * H * D, 1), expected(W * H * D, 1);
    cudaPitchedPtr device;
    CHECK(cudaMalloc3D(&device, make_cudaExtent(W * 4, H, D)));
    cudaMemcpy3DParms up = {}, down = {};
    up.srcPtr = make_cudaPitchedPtr(in.data(), W * 4, W, H);
    up.srcPos = make_cudaPos(2 * 4, 1, 1);
    up.dstPtr = device;
    up.dstPos = make_cudaPos(4 * 4, 2, 0);
    up.extent = make_cudaExtent(12 * 4, 7, 4);
    up.kind = cudaMemcpyHostToDevice;
    down.srcPtr = device;
    down.srcPos = make_cudaPos(5 * 4, 3, 1);
    down.dstPtr = make_cudaPitchedPtr(out.data(), W * 4, W, H);
    down.dstPos = make_cudaPos(1 * 4, 0, 2);
    down.extent = make_cudaExtent(9 * 4, 5, 3);
    down.kind = cudaMemcpyDeviceToHost;
    cudaGraph_t graph;
    cudaGraphNode_t a, b;
    CHECK(cudaGraphCreate(&graph, 0));
    CHECK(cudaGraphAddMemcpyNode(&a, graph, nullptr, 0, &up));
    CHECK(cudaGraphAddMemcpyNode(&b, graph, &a, 1, &down));
    cudaMemcpy3DParms got;
    CHECK(cudaGraphMemcpyNodeGetParams(a, &got));
    REQUIRE(got.extent.width == 48 && got.extent.height == 7 && got.extent.depth == 4 && got.srcPtr.ptr == in.data());
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 3; round++) {
        for (auto &v : in) v = random.u32();
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        for (int z = 0; z < 3; z++)
            for (int y = 0; y < 5; y++)
                for (int x = 0; x < 9; x++)
                    expected[((z + 2) * H + y) * W + x + 1] = in[((z + 2) * H + y + 2) * W + x + 3];
        same(out, expected);
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaFree(device.ptr));
}
// Changes to nodes and to graphs that are instantiated already.
static void changes(Random &random, cudaStream_t s) {
    OnDevice<unsigned> x(N), y(N);
    unsigned *in[2], *out;
    for (auto &p : in) CHECK(cudaMallocHost(&p, N * 4));
    CHECK(cudaMallocHost(&out, N * 4));
    cudaGraph_t graph;
    CHECK(cudaGraphCreate(&graph, 0));
    Arguments arguments(x, y, 3, 1), changed(x, y, 11, 4), other(x, y, 21, 8);
    cudaGraphNode_t copy, kernel, set, back;
    CHECK(cudaGraphAddMemcpyNode1D(&copy, graph, nullptr, 0, x, in[0], N * 4, cudaMemcpyHostToDevice));
    kernel = kernel_node(graph, {copy}, arguments);
    cudaMemsetParams memset = {};
    memset.dst = y.at;
    memset.value = 0x77;
    memset.elementSize = 1;
    memset.width = 40;
    memset.height = 1;
    CHECK(cudaGraphAddMemsetNode(&set, graph, &kernel, 1, &memset));
    CHECK(cudaGraphAddMemcpyNode1D(&back, graph, &set, 1, out, y, N * 4, cudaMemcpyDeviceToHost));
    cudaGraphExec_t exec;
#if CUDART_VERSION >= 12000
    cudaGraphInstantiateParams how = {};
    CHECK(cudaGraphInstantiateWithParams(&exec, graph, &how));
    REQUIRE(how.result_out == cudaGraphInstantiateSuccess);
    unsigned long long flags = 99;
    CHECK(cudaGraphExecGetFlags(exec, &flags));
    REQUIRE(flags == 0);
#else
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
#endif
    auto run = [&](int from, bool with_xor, unsigned a, unsigned b, int set_bytes, unsigned byte) {
        for (auto p : in)
            for (int i = 0; i < N; i++) p[i] = random.u32();
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        std::vector<unsigned> expected(N);
        for (int i = 0; i < N; i++) expected[i] = with_xor ? (in[from][i] ^ a) - b : in[from][i] * a + b;
        for (int i = 0; i < set_bytes / 4; i++) expected[i] = byte * 0x01010101u;
        same(std::vector<unsigned>(out, out + N), expected);
    };
    run(0, false, 3, 1, 40, 0x77);
    cudaKernelNodeParams p = changed.params();
    CHECK(cudaGraphExecKernelNodeSetParams(exec, kernel, &p));
    run(0, false, 11, 4, 40, 0x77);
    // Another kernel altogether.
    p = changed.params((const void *)xor_with);
    CHECK(cudaGraphExecKernelNodeSetParams(exec, kernel, &p));
    run(0, true, 11, 4, 40, 0x77);
    CHECK(cudaGraphExecMemcpyNodeSetParams1D(exec, copy, x, in[1], N * 4, cudaMemcpyHostToDevice));
    run(1, true, 11, 4, 40, 0x77);
    memset.value = 0x35;
    CHECK(cudaGraphExecMemsetNodeSetParams(exec, set, &memset));
    run(1, true, 11, 4, 40, 0x35);
    // Switched off and on again.
    unsigned enabled = 9;
    CHECK(cudaGraphNodeGetEnabled(exec, set, &enabled));
    REQUIRE(enabled == 1);
    CHECK(cudaGraphNodeSetEnabled(exec, set, 0));
    CHECK(cudaGraphNodeGetEnabled(exec, set, &enabled));
    REQUIRE(enabled == 0);
    // No run without it: NVIDIA's driver (580) does not keep the order of the nodes around one that is switched off.
    CHECK(cudaGraphNodeSetEnabled(exec, set, 1));
    run(1, true, 11, 4, 40, 0x35);
    // The graph itself still says what it said; changing it does not change what was made from it.
    cudaKernelNodeParams got;
    CHECK(cudaGraphKernelNodeGetParams(kernel, &got));
    REQUIRE(*(unsigned *)got.kernelParams[3] == 3);
    p = other.params();
    CHECK(cudaGraphKernelNodeSetParams(kernel, &p));
    CHECK(cudaGraphKernelNodeGetParams(kernel, &got));
    REQUIRE(*(unsigned *)got.kernelParams[3] == 21 && *(unsigned *)got.kernelParams[4] == 8);
    run(1, true, 11, 4, 40, 0x35);
    // All of it at once.
    cudaGraphExecUpdateResultInfo result = {};
    CHECK(cudaGraphExecUpdate(exec, graph, &result));
    REQUIRE(result.result == cudaGraphExecUpdateSuccess);
    run(0, false, 21, 8, 40, 0x77);
    // A graph of another shape is refused, and changes nothing.
    cudaGraph_t clone;
    CHECK(cudaGraphClone(&clone, graph));
    cudaGraphNode_t kernel_in_clone, more;
    CHECK(cudaGraphNodeFindInClone(&kernel_in_clone, kernel, clone));
    REQUIRE(kernel_in_clone != kernel && type_of(kernel_in_clone) == cudaGraphNodeTypeKernel);
    CHECK(cudaGraphAddEmptyNode(&more, clone, &kernel_in_clone, 1));
    FAILS(cudaGraphExecUpdate(exec, clone, &result), cudaErrorGraphExecUpdateFailure);
    REQUIRE(result.result == cudaGraphExecUpdateErrorTopologyChanged);
    cudaGetLastError();
    run(0, false, 21, 8, 40, 0x77);
    CHECK(cudaGraphDestroyNode(more));
    REQUIRE(nodes_of(clone).size() == 4);
    p = changed.params();
    CHECK(cudaGraphKernelNodeSetParams(kernel_in_clone, &p));
    CHECK(cudaGraphExecUpdate(exec, clone, &result));
    run(0, false, 11, 4, 40, 0x77);
    // A node of another kind in the same place.
    cudaGraph_t unlike;
    CHECK(cudaGraphCreate(&unlike, 0));
    cudaGraphNode_t u[4];
    memset.value = 0x77;
    CHECK(cudaGraphAddMemcpyNode1D(&u[0], unlike, nullptr, 0, x, in[0], N * 4, cudaMemcpyHostToDevice));
    CHECK(cudaGraphAddEmptyNode(&u[1], unlike, &u[0], 1));
    CHECK(cudaGraphAddMemsetNode(&u[2], unlike, &u[1], 1, &memset));
    CHECK(cudaGraphAddMemcpyNode1D(&u[3], unlike, &u[2], 1, out, y, N * 4, cudaMemcpyDeviceToHost));
    FAILS(cudaGraphExecUpdate(exec, unlike, &result), cudaErrorGraphExecUpdateFailure);
    REQUIRE(result.result == cudaGraphExecUpdateErrorNodeTypeChanged && result.errorNode == u[1]);
    cudaGetLastError();
    run(0, false, 11, 4, 40, 0x77);
    // The clone lives on without what it was made from.
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphInstantiate(&exec, clone, 0));
    run(0, false, 11, 4, 40, 0x77);
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(clone));
    CHECK(cudaGraphDestroy(unlike));
    for (auto q : in) CHECK(cudaFreeHost(q));
    CHECK(cudaFreeHost(out));
}
static void edges() {
    cudaGraph_t graph;
    cudaGraphNode_t n[3];
    CHECK(cudaGraphCreate(&graph, 0));
    for (auto &node : n) CHECK(cudaGraphAddEmptyNode(&node, graph, nullptr, 0));
    size_t count = 0;
    CHECK(cudaGraphGetRootNodes(graph, nullptr, &count));
    REQUIRE(count == 3);
    CHECK(cudaGraphAddDependencies(graph, &n[0], &n[1], nullptr, 1));
    CHECK(cudaGraphAddDependencies(graph, &n[1], &n[2], nullptr, 1));
    CHECK(cudaGraphGetRootNodes(graph, nullptr, &count));
    REQUIRE(count == 1);
    // An edge that is there, and one that is not.
    REQUIRE(cudaGraphAddDependencies(graph, &n[0], &n[1], nullptr, 1) != cudaSuccess);
    REQUIRE(cudaGraphRemoveDependencies(graph, &n[0], &n[2], nullptr, 1) != cudaSuccess);
    // A cycle is refused, at the latest when the graph is to be instantiated.
    cudaGraphExec_t exec;
    bool added = cudaGraphAddDependencies(graph, &n[2], &n[0], nullptr, 1) == cudaSuccess;
    if (added) {
        REQUIRE(cudaGraphInstantiate(&exec, graph, 0) != cudaSuccess);
        CHECK(cudaGraphRemoveDependencies(graph, &n[2], &n[0], nullptr, 1));
    }
    cudaGetLastError();
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphRemoveDependencies(graph, &n[0], &n[1], nullptr, 1));
    CHECK(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &count));
    REQUIRE(count == 1);
    CHECK(cudaGraphDestroyNode(n[1]));
    REQUIRE(nodes_of(graph).size() == 2);
    CHECK(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &count));
    REQUIRE(count == 0);
    CHECK(cudaGraphDestroy(graph));
}
// The picture is a file of this machine.
static void picture() {
    OnDevice<unsigned> x(N);
    cudaGraph_t graph;
    CHECK(cudaGraphCreate(&graph, 0));
    Arguments arguments(x, x, 3, 1);
    kernel_node(graph, {kernel_node(graph, {}, arguments)}, arguments);
    char path[] = "/tmp/graph_explicit_XXXXXX";
    int file = mkstemp(path);
    REQUIRE(file >= 0);
    CHECK(cudaGraphDebugDotPrint(graph, path, cudaGraphDebugDotFlagsVerbose));
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = read(file, buffer, sizeof buffer)) > 0;) text.append(buffer, n);
    close(file);
    // Some drivers write a new file in its place.
    if (text.empty())
        if (FILE *again = fopen(path, "r")) {
            for (size_t n; (n = fread(buffer, 1, sizeof buffer, again)) > 0;) text.append(buffer, n);
            fclose(again);
        }
    unlink(path);
    REQUIRE(text.find("digraph") != std::string::npos && text.find("->") != std::string::npos);
    CHECK(cudaGraphDestroy(graph));
}
static void CUDART_CB destroyed(void *count) { ((std::atomic<int> *)count)->fetch_add(1); }
// An object that graphs own goes with the last of them, once.
static void user_objects(cudaStream_t s) {
    static std::atomic<int> count{0}, unused{0};
    OnDevice<unsigned> x(N);
    cudaUserObject_t object, mine;
    CHECK(cudaUserObjectCreate(&object, &count, destroyed, 1, cudaUserObjectNoDestructorSync));
    CHECK(cudaUserObjectCreate(&mine, &unused, destroyed, 1, cudaUserObjectNoDestructorSync));
    cudaGraph_t graph, clone;
    CHECK(cudaGraphCreate(&graph, 0));
    Arguments arguments(x, x, 3, 1);
    kernel_node(graph, {}, arguments);
    CHECK(cudaGraphRetainUserObject(graph, object, 1, cudaGraphUserObjectMove));
    CHECK(cudaGraphClone(&clone, graph));
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    CHECK(cudaGraphLaunch(exec, s));
    CHECK(cudaStreamSynchronize(s));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaUserObjectRetain(mine, 2));
    CHECK(cudaUserObjectRelease(mine, 2));
    CHECK(cudaDeviceSynchronize());
    usleep(20000);
    REQUIRE(count == 0 && unused == 0);
    CHECK(cudaGraphDestroy(clone));
    CHECK(cudaUserObjectRelease(mine, 1));
    // The call comes when the driver gets to it.
    for (int i = 0; i < 5000 && (count == 0 || unused == 0); i++) usleep(1000);
    usleep(20000);
    REQUIRE(count == 1 && unused == 1);
}
#if CUDART_VERSION >= 13000
// The same through the driver's one function for all kinds of node.
static void through_driver(Random &random, cudaStream_t s) {
    std::vector<unsigned> in = numbers(random), expected(N);
    OnDevice<unsigned> x(N), y(N);
    CUgraph graph;
    CUgraphNode copy, kernel, set;
    OK(DRIVER(cuGraphCreate)(&graph, 0));
    CUgraphNodeParams p = {};
    p.type = CU_GRAPH_NODE_TYPE_MEMCPY;
    p.memcpy.copyParams.srcMemoryType = CU_MEMORYTYPE_HOST;
    p.memcpy.copyParams.srcHost = in.data();
    p.memcpy.copyParams.dstMemoryType = CU_MEMORYTYPE_DEVICE;
    p.memcpy.copyParams.dstDevice = (CUdeviceptr)x.at;
    p.memcpy.copyParams.WidthInBytes = N * 4;
    p.memcpy.copyParams.Height = p.memcpy.copyParams.Depth = 1;
    OK(DRIVER(cuCtxGetCurrent)(&p.memcpy.copyCtx));
    CUcontext context = p.memcpy.copyCtx;
    OK(DRIVER(cuGraphAddNode)(&copy, graph, nullptr, nullptr, 0, &p));
    p = {};
    Arguments arguments(x, y, 13, 6);
    cudaFunction_t function;
    CHECK(cudaGetFuncBySymbol(&function, (const void *)affine));
    p.type = CU_GRAPH_NODE_TYPE_KERNEL;
    p.kernel.func = function;
    p.kernel.gridDimX = GRID;
    p.kernel.blockDimX = BLOCK;
    p.kernel.gridDimY = p.kernel.gridDimZ = p.kernel.blockDimY = p.kernel.blockDimZ = 1;
    p.kernel.kernelParams = arguments.each;
    OK(DRIVER(cuGraphAddNode)(&kernel, graph, &copy, nullptr, 1, &p));
    p = {};
    p.type = CU_GRAPH_NODE_TYPE_MEMSET;
    p.memset.dst = (CUdeviceptr)(y.at + 100);
    p.memset.value = 0xbeef;
    p.memset.elementSize = 2;
    p.memset.width = 60;
    p.memset.height = 1;
    p.memset.ctx = context;
    OK(DRIVER(cuGraphAddNode)(&set, graph, &kernel, nullptr, 1, &p));
    p = {};
    p.type = CUgraphNodeType(77);
    REQUIRE(DRIVER(cuGraphAddNode)(&set, graph, &kernel, nullptr, 1, &p) != CUDA_SUCCESS);
    size_t n = 0;
    OK(DRIVER(cuGraphGetNodes)(graph, nullptr, &n));
    REQUIRE(n == 3);
    CUgraphNodeType type;
    OK(DRIVER(cuGraphNodeGetType)(kernel, &type));
    REQUIRE(type == CU_GRAPH_NODE_TYPE_KERNEL);
    CUDA_KERNEL_NODE_PARAMS got = {};
    OK(DRIVER(cuGraphKernelNodeGetParams)(kernel, &got));
    REQUIRE(got.gridDimX == unsigned(GRID) && got.blockDimX == unsigned(BLOCK) && *(unsigned *)got.kernelParams[3] == 13);
    CUgraphExec exec;
    OK(DRIVER(cuGraphInstantiate)(&exec, graph, 0));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < N; i++) {
            in[i] = random.u32();
            expected[i] = i >= 100 && i < 130 ? 0xbeefbeef : in[i] * 13 + 6;
        }
        OK(DRIVER(cuGraphLaunch)(exec, s));
        OK(DRIVER(cuStreamSynchronize)(s));
        same(y.get(), expected);
    }
    OK(DRIVER(cuGraphExecDestroy)(exec));
    OK(DRIVER(cuGraphDestroy)(graph));
}
#endif
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    every_kind(random, s);
    boxes(random, s);
    changes(random, s);
    edges();
    picture();
    user_objects(s);
#if CUDART_VERSION >= 13000
    through_driver(random, s);
#endif
    CHECK(cudaStreamDestroy(s));
    return pass("graph_explicit");
}
