// The legacy default stream waits for blocking streams, and they for it, without any event.
#include "check.h"
__global__ void append(unsigned *state, unsigned what, int work) {
    unsigned v = *state;
    for (int i = 0; i < work; i++) v = v * 1103515245u + 12345u;
    *state = v * 31 + what;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cudaStream_t s[3];
    for (auto &stream : s) CHECK(cudaStreamCreate(&stream));
    unsigned model = random.u32();
    OnDevice<unsigned> state(std::vector<unsigned>{model});
    for (int step = 0; step < 40; step++) {
        unsigned what = random.u32();
        int work = int(random.below(2000));
        cudaStream_t on = step % 2 ? s[random.below(3)] : 0;
        append<<<1, 1, 0, on>>>(state, what, work);
        for (int i = 0; i < work; i++) model = model * 1103515245u + 12345u;
        model = model * 31 + what;
    }
    CHECK(cudaGetLastError());
    same(state.get(), std::vector<unsigned>{model});
    for (auto &stream : s) CHECK(cudaStreamDestroy(stream));
    return pass("legacy_default_stream");
}
