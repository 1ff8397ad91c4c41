// since: 12.4
// nvcc: -cudart shared -arch=sm_90 -rdc=true -lcudadevrt
// Conditional nodes: bodies that run if, while or as a value says that kernels set on the device.
#include "check.h"
__global__ void choose(cudaGraphConditionalHandle handle, const unsigned *value) { cudaGraphSetConditional(handle, *value); }
__global__ void add(unsigned *to, unsigned a) { *to += a; }
// One step of the Collatz sequence; the loop goes on until it reaches 1.
__global__ void collatz(cudaGraphConditionalHandle handle, unsigned *v, unsigned *steps) {
    *v = *v % 2 ? *v * 3 + 1 : *v / 2;
    ++*steps;
    cudaGraphSetConditional(handle, *v != 1);
}
template <class... A> cudaGraphNode_t kernel(cudaGraph_t graph, std::vector<cudaGraphNode_t> after, void (*function)(A...), A... arguments) {
    void *each[] = {&arguments...};
    cudaKernelNodeParams p = {};
    p.func = (void *)function;
    p.gridDim = p.blockDim = dim3(1);
    p.kernelParams = each;
    cudaGraphNode_t node;
    CHECK(cudaGraphAddKernelNode(&node, graph, after.data(), after.size(), &p));
    return node;
}
static cudaGraphNode_t conditional(cudaGraph_t graph, cudaGraphNode_t after, cudaGraphConditionalHandle handle,
                                   cudaGraphConditionalNodeType type, unsigned size, std::vector<cudaGraph_t> &bodies) {
    cudaGraphNodeParams p = {};
    p.type = cudaGraphNodeTypeConditional;
    p.conditional.handle = handle;
    p.conditional.type = type;
    p.conditional.size = size;
    cudaGraphNode_t node;
    CHECK(cudaGraphAddNode(&node, graph, &after, nullptr, 1, &p));
    REQUIRE(p.conditional.phGraph_out);
    bodies.assign(p.conditional.phGraph_out, p.conditional.phGraph_out + size);
    return node;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    OnDevice<unsigned> value(1), sum(1), number(1), steps(1);
    unsigned *at_value = value, *at_sum = sum, *at_number = number, *at_steps = steps;
    std::vector<cudaGraph_t> bodies;
    cudaGraphConditionalHandle handle;
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    // If, and else.
    CHECK(cudaGraphCreate(&graph, 0));
    CHECK(cudaGraphConditionalHandleCreate(&handle, graph, 0, 0));
    cudaGraphNode_t set = kernel(graph, {}, choose, handle, (const unsigned *)at_value), node;
    node = conditional(graph, set, handle, cudaGraphCondTypeIf, 2, bodies);
    kernel(bodies[0], {}, add, at_sum, 10u);
    kernel(bodies[1], {}, add, at_sum, 1000u);
    kernel(graph, {node}, add, at_sum, 1u);
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    unsigned expected = 0;
    CHECK(cudaMemset(sum, 0, 4));
    for (int round = 0; round < 6; round++) {
        unsigned v = random.below(2);
        value.put({v});
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        expected += v ? 11 : 1001;
        REQUIRE(sum.get()[0] == expected);
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    // While, whose body is captured into it; entered because the value is 1 at each launch.
    CHECK(cudaGraphCreate(&graph, 0));
    CHECK(cudaGraphConditionalHandleCreate(&handle, graph, 1, cudaGraphCondAssignDefault));
    cudaGraphNode_t start = kernel(graph, {}, add, at_sum, 5u);
    conditional(graph, start, handle, cudaGraphCondTypeWhile, 1, bodies);
    cudaGraph_t back;
    CHECK(cudaStreamBeginCaptureToGraph(s, bodies[0], nullptr, nullptr, 0, cudaStreamCaptureModeRelaxed));
    collatz<<<1, 1, 0, s>>>(handle, at_number, at_steps);
    CHECK(cudaStreamEndCapture(s, &back));
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 4; round++) {
        unsigned v = 3 + random.below(1000), n = 0;
        number.put({v});
        CHECK(cudaMemset(steps, 0, 4));
        for (; v != 1; n++) v = v % 2 ? v * 3 + 1 : v / 2;
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        expected += 5;
        REQUIRE(steps.get()[0] == n && number.get()[0] == 1 && sum.get()[0] == expected);
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
#if CUDART_VERSION >= 12080
    // Switch; a value without a body runs none.
    CHECK(cudaGraphCreate(&graph, 0));
    CHECK(cudaGraphConditionalHandleCreate(&handle, graph, 0, 0));
    set = kernel(graph, {}, choose, handle, (const unsigned *)at_value);
    conditional(graph, set, handle, cudaGraphCondTypeSwitch, 4, bodies);
    for (unsigned i = 0; i < 4; i++) kernel(bodies[i], {}, add, at_sum, 7u * i + 3);
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (unsigned v : {2u, 0u, 3u, 1u, 9u, 4u}) {
        value.put({v});
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        if (v < 4) expected += 7 * v + 3;
        REQUIRE(sum.get()[0] == expected);
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
#endif
    CHECK(cudaStreamDestroy(s));
    return pass("graph_conditional");
}
