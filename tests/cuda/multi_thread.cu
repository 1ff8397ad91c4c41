// nvcc: -Xcompiler -pthread
// Eight host threads, each with its own stream, mixing everything.
#include "check.h"
#include <thread>
__global__ void mix(unsigned *v, int n, unsigned a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + i;
}
int main(int argc, char **argv) {
    uint64_t start = seed(argc, argv);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([=] {
            Random random(start * 13 + t);
            cudaStream_t s;
            cudaEvent_t e;
            CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
            CHECK(cudaEventCreateWithFlags(&e, cudaEventDisableTiming));
            for (int round = 0; round < 15; round++) {
                int n = 1 + int(random.below(5000));
                std::vector<unsigned> model(n), got(n);
                for (auto &v : model) v = random.u32();
                unsigned *d;
                CHECK(cudaMalloc(&d, n * 4));
                CHECK(cudaMemcpyAsync(d, model.data(), n * 4, cudaMemcpyHostToDevice, s));
                for (int k = 0; k < 5; k++) {
                    unsigned a = random.u32();
                    mix<<<(n + 63) / 64, 64, 0, s>>>(d, n, a);
                    for (int i = 0; i < n; i++) model[i] = model[i] * a + i;
                }
                CHECK(cudaMemcpyAsync(got.data(), d, n * 4, cudaMemcpyDeviceToHost, s));
                CHECK(cudaEventRecord(e, s));
                CHECK(cudaEventSynchronize(e));
                same(got, model);
                CHECK(cudaFree(d));
            }
            CHECK(cudaEventDestroy(e));
            CHECK(cudaStreamDestroy(s));
        });
    for (auto &thread : threads) thread.join();
    return pass("multi_thread");
}
