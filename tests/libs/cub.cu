// CUB: device-wide and block-wide algorithms, with memory of our own to work in and in a graph.
#include "../cuda/check.h"
#include <algorithm>
#include <cub/cub.cuh>
__global__ void block_sums(const int *in, int *sums, int *places, int n) {
    typedef cub::BlockReduce<int, 128> Reduce;
    typedef cub::BlockScan<int, 128> Scan;
    __shared__ union {
        Reduce::TempStorage reduce;
        Scan::TempStorage scan;
    } room;
    int i = blockIdx.x * 128 + threadIdx.x, v = i < n ? in[i] : 0, place;
    int sum = Reduce(room.reduce).Sum(v);
    __syncthreads();
    Scan(room.scan).ExclusiveSum(v, place);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
    if (i < n) places[i] = place;
}
struct Positive {
    __host__ __device__ bool operator()(int v) const { return v > 0; }
};
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 30000 + int(random.below(5000));
    std::vector<int> in(n), model;
    for (auto &v : in) v = int(random.below(2001)) - 1000;
    OnDevice<int> x(in), y(n), count(1), keys(n), values(n), values_in(n);
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    void *none = nullptr;
    size_t room = 0, most = 0;
    CHECK(cub::DeviceRadixSort::SortKeys(none, room, x.at, y.at, n, 0, 32, s));
    most = std::max(most, room);
    CHECK(cub::DeviceScan::InclusiveSum(none, room, x.at, y.at, n, s));
    most = std::max(most, room);
    CHECK(cub::DeviceSelect::If(none, room, x.at, y.at, count.at, n, Positive(), s));
    most = std::max(most, room);
    CHECK(cub::DeviceReduce::Sum(none, room, x.at, count.at, n, s));
    most = std::max(most, room);
    CHECK(cub::DeviceRadixSort::SortPairs(none, room, x.at, keys.at, values_in.at, values.at, n, 0, 32, s));
    most = std::max(most, room);
    OnDevice<char> work(most);
    void *at = work.at;
    CHECK(cub::DeviceRadixSort::SortKeys(at, most, x.at, y.at, n, 0, 32, s));
    CHECK(cudaStreamSynchronize(s));
    model = in;
    std::sort(model.begin(), model.end());
    same(y.get(), model);
    std::vector<int> numbers(n), order(n);
    for (int i = 0; i < n; i++) numbers[i] = order[i] = i;
    values_in.put(numbers);
    CHECK(cub::DeviceRadixSort::SortPairs(at, most, x.at, keys.at, values_in.at, values.at, n, 0, 32, s));
    CHECK(cudaStreamSynchronize(s));
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return in[a] < in[b]; });
    same(values.get(), order);
    CHECK(cub::DeviceScan::InclusiveSum(at, most, x.at, y.at, n, s));
    CHECK(cudaStreamSynchronize(s));
    int sum = 0;
    for (int i = 0; i < n; i++) model[i] = sum += in[i];
    same(y.get(), model);
    CHECK(cub::DeviceSelect::If(at, most, x.at, y.at, count.at, n, Positive(), s));
    CHECK(cudaStreamSynchronize(s));
    model.clear();
    for (int v : in)
        if (v > 0) model.push_back(v);
    REQUIRE(count.get()[0] == int(model.size()));
    std::vector<int> got = y.get();
    got.resize(model.size());
    same(got, model);
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
    CHECK(cub::DeviceReduce::Sum(at, most, x.at, count.at, n, s));
    CHECK(cudaStreamEndCapture(s, &graph));
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 0; round < 3; round++) {
        in[round] += 17;
        sum += 17;
        x.put(in);
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        REQUIRE(count.get()[0] == sum);
    }
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    int blocks = (n + 127) / 128;
    OnDevice<int> sums(blocks);
    block_sums<<<blocks, 128, 0, s>>>(x, sums, y, n);
    CHECK(cudaGetLastError());
    CHECK(cudaStreamSynchronize(s));
    std::vector<int> model_sums(blocks), places(n);
    for (int i = 0; i < n; i++) places[i] = model_sums[i / 128], model_sums[i / 128] += in[i];
    same(sums.get(), model_sums);
    same(y.get(), places);
    CHECK(cudaStreamDestroy(s));
    return pass("cub");
}
