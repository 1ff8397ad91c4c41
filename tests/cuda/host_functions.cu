// nvcc: -cudart shared -Xcompiler -pthread
// Host functions among copies and kernels: in order, writing what later copies read, and blocked
// while more work is queued behind them than any queue holds.
#include "check.h"
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
static const int N = 4000, BLOCK = 128, GRID = (N + BLOCK - 1) / BLOCK;
struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    std::atomic<int> passed{0};
    void let() {
        std::lock_guard<std::mutex> lock(mutex);
        open = true;
        changed.notify_all();
    }
    // Gives up, and fails the program, after a time that no working system needs.
    void pass() {
        std::unique_lock<std::mutex> lock(mutex);
        if (!changed.wait_for(lock, std::chrono::seconds(60), [&] { return open; })) {
            printf("a gate stayed shut\n");
            exit(1);
        }
        passed++;
    }
};
static void CUDART_CB wait_at(void *gate) { ((Gate *)gate)->pass(); }
static void CUDART_CB open_it(void *gate) { ((Gate *)gate)->let(); }
struct Link {
    unsigned *pinned;
    std::vector<unsigned> seen;
    unsigned step;
};
static void CUDART_CB advance(void *data) {
    Link &link = *(Link *)data;
    link.seen.push_back(link.pinned[5]);
    for (int i = 0; i < N; i++) link.pinned[i] += link.step;
    link.step += 2;
}
static void CUDART_CB advance_after(cudaStream_t, cudaError_t status, void *data) {
    REQUIRE(status == cudaSuccess);
    advance(data);
}
// device -> pinned -> host function -> device -> kernel, many times without a wait in between.
static void chain(uint64_t start, bool callbacks) {
    Random random(start);
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    std::vector<unsigned> model(N), seen;
    for (auto &v : model) v = random.u32();
    OnDevice<unsigned> x(model);
    Link link = {nullptr, {}, 1};
    CHECK(cudaMallocHost(&link.pinned, N * 4));
    for (int round = 0; round < 20; round++) {
        unsigned a = random.u32() | 1, b = random.u32();
        CHECK(cudaMemcpyAsync(link.pinned, x, N * 4, cudaMemcpyDeviceToHost, s));
        if (callbacks && round % 2) CHECK(cudaStreamAddCallback(s, advance_after, &link, 0));
        else CHECK(cudaLaunchHostFunc(s, advance, &link));
        CHECK(cudaMemcpyAsync(x, link.pinned, N * 4, cudaMemcpyHostToDevice, s));
        affine<<<GRID, BLOCK, 0, s>>>(x, N, a, b);
        CHECK(cudaGetLastError());
        seen.push_back(model[5]);
        for (auto &v : model) v = (v + 1 + 2 * round) * a + b;
    }
    CHECK(cudaStreamSynchronize(s));
    same(link.seen, seen);
    same(x.get(), model);
    CHECK(cudaFreeHost(link.pinned));
    CHECK(cudaStreamDestroy(s));
}
static void CUDART_CB call_cuda(void *results) {
    cudaError_t *at = (cudaError_t *)results;
    void *p = nullptr;
    at[0] = cudaMalloc(&p, 16);
    at[1] = cudaStreamSynchronize(nullptr);
}
static void no_cuda_inside() {
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    cudaError_t results[2] = {};
    CHECK(cudaLaunchHostFunc(s, call_cuda, results));
    CHECK(cudaStreamSynchronize(s));
    REQUIRE(results[0] == cudaErrorNotPermitted);
    printf("a wait inside a host function gives %d\n", results[1]);
    cudaGetLastError();
    CHECK(cudaStreamDestroy(s));
}
// Kernels behind a function that ends only after the last of them is queued; or, where the driver's own queue is shorter
// than that, once nothing more has been queued for a second.
struct Behind {
    std::atomic<int> queued{0};
    int all;
};
static void CUDART_CB wait_until_queued(void *data) {
    Behind &behind = *(Behind *)data;
    int last = -1, idle = 0;
    for (int now; (now = behind.queued) < behind.all && idle < 1000; last = now) {
        idle = now == last ? idle + 1 : 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}
static void long_queue(int kernels) {
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    std::vector<unsigned> expected(64);
    for (int i = 0; i < 64; i++) expected[i] = i;
    OnDevice<unsigned> x(expected);
    Behind behind;
    behind.all = kernels;
    CHECK(cudaLaunchHostFunc(s, wait_until_queued, &behind));
    for (int i = 0; i < kernels; i++) {
        affine<<<1, 64, 0, s>>>(x, 64, 3, i);
        for (auto &v : expected) v = v * 3 + i;
        behind.queued++;
    }
    CHECK(cudaGetLastError());
    CHECK(cudaStreamSynchronize(s));
    same(x.get(), expected);
    CHECK(cudaStreamDestroy(s));
}
// cudaFree waits for what is queued, so another thread opens the gate.
static void free_while_pending() {
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    unsigned *p;
    OnDevice<unsigned> x(N);
    CHECK(cudaMalloc(&p, N * 4));
    CHECK(cudaMemset(p, 0, N * 4));
    CHECK(cudaDeviceSynchronize());
    Gate gate;
    CHECK(cudaLaunchHostFunc(s, wait_at, &gate));
    affine<<<GRID, BLOCK, 0, s>>>(p, N, 1, 9);
    CHECK(cudaMemcpyAsync(x, p, N * 4, cudaMemcpyDeviceToDevice, s));
    std::thread opener([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        gate.let();
    });
    CHECK(cudaFree(p));
    opener.join();
    CHECK(cudaStreamSynchronize(s));
    same(x.get(), std::vector<unsigned>(N, 9));
    CHECK(cudaStreamDestroy(s));
}
int main(int argc, char **argv) {
    uint64_t start = seed(argc, argv);
    chain(start, false);
    chain(start + 1, true);
    no_cuda_inside();
    long_queue(1500);
    free_while_pending();
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++) threads.emplace_back([=] { chain(start * 31 + t, t % 2); });
    for (auto &thread : threads) thread.join();
    // Waiting for the whole device waits for host functions as well.
    Gate gate;
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaLaunchHostFunc(s, wait_at, &gate));
    std::thread opener([&] { gate.let(); });
    CHECK(cudaDeviceSynchronize());
    REQUIRE(gate.passed == 1);
    opener.join();
    CHECK(cudaStreamDestroy(s));
    return pass("host_functions");
}
