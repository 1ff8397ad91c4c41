// nvcc: -cudart shared -Xcompiler -pthread
// 32 threads that launch, copy, allocate, capture and replay at once, each checked against the same work done alone.
#include "check.h"
#include <thread>
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
__global__ void mix(const unsigned *in, unsigned *out, int n, unsigned a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = in[(i + 1) % n] ^ (in[i] + a);
}
static const int THREADS = 32, ROUNDS = 10, BLOCK = 64;
static unsigned grid(int n) { return unsigned((n + BLOCK - 1) / BLOCK); }
static void CUDART_CB negate(void *data) {
    std::vector<unsigned *> &range = *(std::vector<unsigned *> *)data;
    for (unsigned *p = range[0]; p != range[1]; p++) *p = ~*p;
}
// Everything that one thread does; the result depends on the seed alone.
static std::vector<unsigned> work(uint64_t start) {
    Random random(start);
    cudaStream_t s, t;
    cudaEvent_t e;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking));
    CHECK(cudaEventCreateWithFlags(&e, cudaEventDisableTiming));
    int n = 200 + int(random.below(1500));
    unsigned *x, *y, *pinned;
    CHECK(cudaMalloc(&x, n * 4));
    CHECK(cudaMallocHost(&pinned, n * 4));
    std::vector<unsigned *> range = {pinned, pinned + n};
    std::vector<unsigned> result(n), check(n);
    for (auto &v : result) v = random.u32();
    CHECK(cudaMemcpyAsync(x, result.data(), n * 4, cudaMemcpyHostToDevice, s));
    for (int round = 0; round < ROUNDS; round++) {
        unsigned a = random.u32() | 1, b = random.u32();
        switch (random.below(6)) {
        case 0: // Launches.
            for (unsigned k = 0; k < 5; k++) {
                affine<<<grid(n), BLOCK, 0, s>>>(x, n, a, b + k);
                for (auto &v : result) v = v * a + b + k;
            }
            CHECK(cudaGetLastError());
            break;
        case 1: { // Memory of the stream's order, on a second stream.
            CHECK(cudaMallocAsync(&y, n * 4, s));
            CHECK(cudaEventRecord(e, s));
            CHECK(cudaStreamWaitEvent(t, e, 0));
            mix<<<grid(n), BLOCK, 0, t>>>(x, y, n, a);
            CHECK(cudaMemcpyAsync(x, y, n * 4, cudaMemcpyDeviceToDevice, t));
            CHECK(cudaFreeAsync(y, t));
            CHECK(cudaEventRecord(e, t));
            CHECK(cudaStreamWaitEvent(s, e, 0));
            std::vector<unsigned> next(n);
            for (int i = 0; i < n; i++) next[i] = result[(i + 1) % n] ^ (result[i] + a);
            result = next;
            break;
        }
        case 2: // By way of the host.
            CHECK(cudaMemcpyAsync(pinned, x, n * 4, cudaMemcpyDeviceToHost, s));
            CHECK(cudaLaunchHostFunc(s, negate, &range));
            CHECK(cudaMemcpyAsync(x, pinned, n * 4, cudaMemcpyHostToDevice, s));
            for (auto &v : result) v = ~v;
            break;
        case 3: { // A graph, captured here and replayed.
            cudaGraph_t graph;
            cudaGraphExec_t exec;
            CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal));
            affine<<<grid(n), BLOCK, 0, s>>>(x, n, a, b);
            affine<<<grid(n), BLOCK, 0, s>>>(x, n, 3, 5);
            CHECK(cudaStreamEndCapture(s, &graph));
            CHECK(cudaGraphInstantiate(&exec, graph, 0));
            for (int k = 0; k < 3; k++) {
                CHECK(cudaGraphLaunch(exec, s));
                for (auto &v : result) v = (v * a + b) * 3 + 5;
            }
            CHECK(cudaStreamSynchronize(s));
            CHECK(cudaGraphExecDestroy(exec));
            CHECK(cudaGraphDestroy(graph));
            break;
        }
        case 4: { // Other memory, and the old given back.
            CHECK(cudaMalloc(&y, n * 4));
            mix<<<grid(n), BLOCK, 0, s>>>(x, y, n, b);
            CHECK(cudaStreamSynchronize(s));
            CHECK(cudaFree(x));
            x = y;
            std::vector<unsigned> next(n);
            for (int i = 0; i < n; i++) next[i] = result[(i + 1) % n] ^ (result[i] + b);
            result = next;
            break;
        }
        default: { // A look, a change from pageable memory, and an event to wait for.
            CHECK(cudaMemcpyAsync(check.data(), x, n * 4, cudaMemcpyDeviceToHost, s));
            CHECK(cudaEventRecord(e, s));
            CHECK(cudaEventSynchronize(e));
            same(check, result);
            int half = n / 2;
            for (int i = 0; i < half; i++) result[i] = random.u32();
            CHECK(cudaMemcpyAsync(x, result.data(), half * 4, cudaMemcpyHostToDevice, s));
            CHECK(cudaMemsetAsync(x + half, int(a & 0xff), (n - half) * 4, s));
            for (int i = half; i < n; i++) result[i] = (a & 0xff) * 0x01010101u;
            break;
        }
        }
    }
    CHECK(cudaMemcpyAsync(check.data(), x, n * 4, cudaMemcpyDeviceToHost, s));
    CHECK(cudaStreamSynchronize(s));
    same(check, result);
    CHECK(cudaFree(x));
    CHECK(cudaFreeHost(pinned));
    CHECK(cudaEventDestroy(e));
    CHECK(cudaStreamDestroy(s));
    CHECK(cudaStreamDestroy(t));
    return check;
}
int main(int argc, char **argv) {
    uint64_t start = seed(argc, argv);
    cudaFuncAttributes attributes;
    CHECK(cudaFuncGetAttributes(&attributes, affine));
    CHECK(cudaFuncGetAttributes(&attributes, mix));
    std::vector<std::vector<unsigned>> alone, together(THREADS);
    for (int t = 0; t < THREADS; t++) alone.push_back(work(start * 97 + t));
    std::vector<std::thread> threads;
    for (int t = 0; t < THREADS; t++) threads.emplace_back([&, t] { together[t] = work(start * 97 + t); });
    for (auto &thread : threads) thread.join();
    for (int t = 0; t < THREADS; t++) same(together[t], alone[t]);
    return pass("threads_mixed");
}
