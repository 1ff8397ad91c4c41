// on: gpu
// nvcc: -cudart shared -arch=sm_90
// Launches with attributes: clusters of blocks that read one another's shared memory, kernels that start before the one
// before them has ended, priorities.
#include "check.h"
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
static const int THREADS = 128;
// Each block sums its part; the blocks of a cluster add up what the others have in shared memory.
__device__ void cluster_sums(const int *in, int *sums, int *ranks) {
    cg::cluster_group cluster = cg::this_cluster();
    __shared__ int mine;
    if (threadIdx.x == 0) mine = 0;
    __syncthreads();
    atomicAdd(&mine, in[blockIdx.x * THREADS + threadIdx.x]);
    cluster.sync();
    if (threadIdx.x == 0) {
        int sum = 0;
        for (unsigned r = 0; r < cluster.num_blocks(); r++) sum += *cluster.map_shared_rank(&mine, r);
        sums[blockIdx.x] = sum;
        ranks[blockIdx.x] = int(cluster.block_rank());
    }
    // No block may end while others still read its memory.
    cluster.sync();
}
__global__ void any_cluster(const int *in, int *sums, int *ranks) { cluster_sums(in, sums, ranks); }
__global__ void __cluster_dims__(2, 1, 1) cluster_of_two(const int *in, int *sums, int *ranks) { cluster_sums(in, sums, ranks); }
__global__ void first(int *v, int a) {
    cudaTriggerProgrammaticLaunchCompletion();
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    v[i] = v[i] * 3 + a;
}
__global__ void second(const int *v, int *out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x, before = i * 2;
    cudaGridDependencySynchronize();
    out[i] = v[i] + before;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    const int BLOCKS = 16, N = BLOCKS * THREADS;
    std::vector<int> in(N);
    for (auto &v : in) v = int(random.below(10000));
    OnDevice<int> x(in), sums(BLOCKS), ranks(BLOCKS);
    const int *at = x;
    int *at_sums = sums, *at_ranks = ranks;
    auto check = [&](int size) {
        CHECK(cudaGetLastError());
        CHECK(cudaStreamSynchronize(s));
        std::vector<int> expected(BLOCKS), expected_ranks(BLOCKS);
        for (int b = 0; b < BLOCKS; b++) {
            expected_ranks[b] = b % size;
            for (int i = b / size * size * THREADS; i < (b / size + 1) * size * THREADS; i++) expected[b] += in[i];
        }
        same(sums.get(), expected);
        same(ranks.get(), expected_ranks);
    };
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(BLOCKS);
    config.blockDim = dim3(THREADS);
    config.stream = s;
    cudaLaunchAttribute attributes[2] = {};
    config.attrs = attributes;
    for (int size : {1, 2, 4, 8}) {
        attributes[0].id = cudaLaunchAttributeClusterDimension;
        attributes[0].val.clusterDim = {unsigned(size), 1, 1};
        config.numAttrs = 1;
        int clusters = 0;
        CHECK(cudaOccupancyMaxActiveClusters(&clusters, any_cluster, &config));
        REQUIRE(clusters > 0);
        CHECK(cudaLaunchKernelEx(&config, any_cluster, at, at_sums, at_ranks));
        check(size);
    }
    cluster_of_two<<<BLOCKS, THREADS, 0, s>>>(at, at_sums, at_ranks);
    check(2);
    // More than a portable size is for kernels that say so.
    attributes[0].val.clusterDim = {16, 1, 1};
    REQUIRE(cudaLaunchKernelEx(&config, any_cluster, at, at_sums, at_ranks) != cudaSuccess);
    cudaGetLastError();
    CHECK(cudaFuncSetAttribute(any_cluster, cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
    int clusters = 0;
    CHECK(cudaOccupancyMaxActiveClusters(&clusters, any_cluster, &config));
    if (clusters > 0) {
        CHECK(cudaLaunchKernelEx(&config, any_cluster, at, at_sums, at_ranks));
        check(16);
    }
    // A grid that clusters do not divide.
    attributes[0].val.clusterDim = {3, 1, 1};
    REQUIRE(cudaLaunchKernelEx(&config, any_cluster, at, at_sums, at_ranks) != cudaSuccess);
    cudaGetLastError();
    // The second kernel may begin early, but waits for the first where it says so; in a graph as well.
    OnDevice<int> out(N);
    int *at_x = x, *at_out = out;
    attributes[0] = {};
    attributes[0].id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attributes[0].val.programmaticStreamSerializationAllowed = 1;
    attributes[1].id = cudaLaunchAttributePriority;
    attributes[1].val.priority = 0;
    config.numAttrs = 2;
    auto both = [&](int a) {
        first<<<BLOCKS, THREADS, 0, s>>>(at_x, a);
        CHECK(cudaGetLastError());
        CHECK(cudaLaunchKernelEx(&config, second, (const int *)at_x, at_out));
    };
    std::vector<int> expected(N);
    auto advance = [&](int a) {
        for (int i = 0; i < N; i++) in[i] = in[i] * 3 + a, expected[i] = in[i] + i * 2;
    };
    for (int round = 0; round < 3; round++) {
        int a = int(random.below(100));
        both(a);
        advance(a);
        CHECK(cudaStreamSynchronize(s));
        same(out.get(), expected);
    }
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
    both(7);
    CHECK(cudaStreamEndCapture(s, &graph));
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 2; round++) {
        CHECK(cudaGraphLaunch(exec, s));
        advance(7);
        CHECK(cudaStreamSynchronize(s));
        same(out.get(), expected);
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaStreamDestroy(s));
    return pass("cluster_launch");
}
