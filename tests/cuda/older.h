// The runtime's functions of CUDA 13.0 in terms of those of older toolkits, so that one source is built by all: an older toolkit's
// program then calls the older entry points. Overloads, so that what a toolkit has itself comes first.
#pragma once
#include <cstddef>
#include <cuda_runtime.h>

#if CUDART_VERSION < 13000
// Edges have had properties since 12.3; no test that older toolkits build gives any.
inline cudaError_t cudaGraphGetEdges(cudaGraph_t graph, cudaGraphNode_t *from, cudaGraphNode_t *to, std::nullptr_t, size_t *count) {
    return cudaGraphGetEdges(graph, from, to, count);
}
inline cudaError_t cudaGraphNodeGetDependencies(cudaGraphNode_t node, cudaGraphNode_t *nodes, std::nullptr_t, size_t *count) {
    return cudaGraphNodeGetDependencies(node, nodes, count);
}
inline cudaError_t cudaGraphNodeGetDependentNodes(cudaGraphNode_t node, cudaGraphNode_t *nodes, std::nullptr_t, size_t *count) {
    return cudaGraphNodeGetDependentNodes(node, nodes, count);
}
inline cudaError_t cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t *from, const cudaGraphNode_t *to, std::nullptr_t, size_t count) {
    return cudaGraphAddDependencies(graph, from, to, count);
}
inline cudaError_t cudaGraphRemoveDependencies(cudaGraph_t graph, const cudaGraphNode_t *from, const cudaGraphNode_t *to, std::nullptr_t, size_t count) {
    return cudaGraphRemoveDependencies(graph, from, to, count);
}
inline cudaError_t cudaStreamUpdateCaptureDependencies(cudaStream_t stream, cudaGraphNode_t *nodes, std::nullptr_t, size_t count, unsigned flags) {
    return cudaStreamUpdateCaptureDependencies(stream, nodes, count, flags);
}
inline cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus *status, unsigned long long *id, cudaGraph_t *graph,
                                            const cudaGraphNode_t **nodes, std::nullptr_t, size_t *count) {
#if CUDART_VERSION < 12000
    return cudaStreamGetCaptureInfo_v2(stream, status, id, graph, nodes, count);
#else
    return cudaStreamGetCaptureInfo(stream, status, id, graph, nodes, count);
#endif
}
#endif

#if CUDART_VERSION >= 12030 && CUDART_VERSION < 13000
inline cudaError_t cudaGraphAddNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *after, std::nullptr_t, size_t count,
                                    cudaGraphNodeParams *params) {
    return cudaGraphAddNode(node, graph, after, count, params);
}
#endif

#if CUDART_VERSION < 12020
// Places were numbers.
const cudaMemLocationType cudaMemLocationTypeHost = cudaMemLocationType(2);
inline int older_place(cudaMemLocation place) { return place.type == cudaMemLocationTypeDevice ? place.id : cudaCpuDeviceId; }
inline cudaError_t cudaMemAdvise(const void *start, size_t size, cudaMemoryAdvise advice, cudaMemLocation place) {
    return cudaMemAdvise(start, size, advice, older_place(place));
}
inline cudaError_t cudaMemPrefetchAsync(const void *start, size_t size, cudaMemLocation place, unsigned, cudaStream_t stream) {
    return cudaMemPrefetchAsync(start, size, older_place(place), stream);
}
#endif

#if CUDART_VERSION < 12000
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags) {
    if (flags) return cudaGraphInstantiateWithFlags(exec, graph, flags);
    return cudaGraphInstantiate(exec, graph, nullptr, nullptr, 0);
}
struct cudaGraphExecUpdateResultInfo {
    cudaGraphExecUpdateResult result;
    cudaGraphNode_t errorNode, errorFromNode;
};
inline cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph, cudaGraphExecUpdateResultInfo *info) {
    return cudaGraphExecUpdate(exec, graph, &info->errorNode, &info->result);
}
#endif
