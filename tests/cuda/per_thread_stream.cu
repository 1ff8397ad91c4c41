// nvcc: --default-stream per-thread -Xcompiler -pthread
// Host threads with a default stream each.
#include "check.h"
#include <thread>
__global__ void step(unsigned *v, int n, unsigned a) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + i;
}
int main(int argc, char **argv) {
    uint64_t start = seed(argc, argv);
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; t++)
        threads.emplace_back([=] {
            Random random(start + t);
            int n = 500 + random.below(2000);
            std::vector<unsigned> model(n);
            for (auto &v : model) v = random.u32();
            OnDevice<unsigned> x(model);
            for (int k = 0; k < 20; k++) {
                unsigned a = random.u32();
                step<<<(n + 63) / 64, 64>>>(x, n, a);
                for (int i = 0; i < n; i++) model[i] = model[i] * a + i;
            }
            CHECK(cudaGetLastError());
            std::vector<unsigned> got(n);
            CHECK(cudaMemcpyAsync(got.data(), x, n * 4, cudaMemcpyDeviceToHost, cudaStreamPerThread));
            CHECK(cudaStreamSynchronize(cudaStreamPerThread));
            same(got, model);
        });
    for (auto &thread : threads) thread.join();
    return pass("per_thread_stream");
}
