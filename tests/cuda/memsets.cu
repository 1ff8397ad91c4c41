// One- and two-dimensional memsets of bytes, in and out of streams.
#include "check.h"
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    size_t n = 10000 + random.below(3000);
    OnDevice<unsigned char> x(n);
    std::vector<unsigned char> model(n, 0x11);
    CHECK(cudaMemset(x, 0x11, n));
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    for (int round = 0; round < 50; round++) {
        size_t at = random.below(unsigned(n)), len = random.below(unsigned(n - at));
        int value = int(random.below(256));
        if (random.below(2)) {
            CHECK(cudaMemsetAsync(x + at, value, len, s));
            memset(model.data() + at, value, len);
        } else {
            size_t pitch = 1 + random.below(200), width = random.below(unsigned(pitch)) + 1, height = len / pitch;
            CHECK(cudaMemset2DAsync(x + at, pitch, value, width, height, s));
            for (size_t y = 0; y < height; y++) memset(model.data() + at + y * pitch, value, width);
        }
    }
    CHECK(cudaStreamSynchronize(s));
    same(x.get(), model);
    CHECK(cudaStreamDestroy(s));
    return pass("memsets");
}
