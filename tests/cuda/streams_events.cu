// Work in several streams, ordered by events alone.
#include "check.h"
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    const int n = 3000, streams = 5;
    std::vector<unsigned> model(n);
    for (auto &v : model) v = random.u32();
    OnDevice<unsigned> x(model);
    cudaStream_t s[streams];
    cudaEvent_t e[streams];
    for (int i = 0; i < streams; i++) {
        CHECK(cudaStreamCreateWithFlags(&s[i], i % 2 ? cudaStreamNonBlocking : cudaStreamDefault));
        CHECK(cudaEventCreateWithFlags(&e[i], cudaEventDisableTiming));
    }
    int last = 0;
    for (int step = 0; step < 60; step++) {
        int now = int(random.below(streams));
        unsigned a = random.u32() | 1, b = random.u32();
        CHECK(cudaEventRecord(e[last], s[last]));
        CHECK(cudaStreamWaitEvent(s[now], e[last], 0));
        affine<<<(n + 127) / 128, 128, 0, s[now]>>>(x, n, a, b);
        for (auto &v : model) v = v * a + b;
        last = now;
    }
    CHECK(cudaStreamSynchronize(s[last]));
    std::vector<unsigned> got(n);
    CHECK(cudaMemcpyAsync(got.data(), x, n * 4, cudaMemcpyDeviceToHost, s[last]));
    CHECK(cudaStreamSynchronize(s[last]));
    same(got, model);
    for (int i = 0; i < streams; i++) {
        CHECK(cudaEventDestroy(e[i]));
        CHECK(cudaStreamDestroy(s[i]));
    }
    return pass("streams_events");
}
