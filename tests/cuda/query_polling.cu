// Polling streams and events until they are done.
#include "check.h"
__global__ void work(unsigned *out, int n) {
    unsigned v = threadIdx.x;
    for (int i = 0; i < n; i++) v = v * 1664525u + 1013904223u;
    out[threadIdx.x] = v;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    OnDevice<unsigned> out(64);
    cudaStream_t s;
    cudaEvent_t e;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaEventCreateWithFlags(&e, cudaEventDisableTiming));
    CHECK(cudaEventQuery(e));
    CHECK(cudaStreamQuery(s));
    for (int round = 0; round < 10; round++) {
        int n = 1000 + int(random.below(30000));
        work<<<1, 64, 0, s>>>(out, n);
        CHECK(cudaEventRecord(e, s));
        cudaError_t state;
        while ((state = cudaEventQuery(e)) == cudaErrorNotReady) {
        }
        CHECK(state);
        CHECK(cudaStreamQuery(s));
        work<<<1, 64, 0, s>>>(out, n);
        while ((state = cudaStreamQuery(s)) == cudaErrorNotReady) {
        }
        CHECK(state);
        std::vector<unsigned> expected(64);
        for (unsigned t = 0; t < 64; t++) {
            expected[t] = t;
            for (int i = 0; i < n; i++) expected[t] = expected[t] * 1664525u + 1013904223u;
        }
        same(out.get(), expected);
    }
    cudaGetLastError();
    return pass("query_polling");
}
