// variants: release,debug
// a*x + y over strided vectors, positive and negative strides, by grid-stride loops of several shapes.
#include "check.h"
__global__ void saxpy(long n, float a, const float *x, long step_x, float *y, long step_y) {
    for (long i = blockIdx.x * long(blockDim.x) + threadIdx.x; i < n; i += long(gridDim.x) * blockDim.x)
        y[i * step_y] = __fmaf_rn(a, x[i * step_x], y[i * step_y]);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    for (int round = 0; round < 12; round++) {
        long n = 1 + random.below(20000);
        long step_x = 1 + random.below(5), step_y = 1 + random.below(5);
        bool back_x = random.below(2), back_y = random.below(2);
        float a = random.real() * 8;
        std::vector<float> x(n * step_x), y(n * step_y);
        for (auto &v : x) v = random.real();
        for (auto &v : y) v = random.real();
        OnDevice<float> on_x(x), on_y(y);
        // A negative stride starts at the last element.
        long from_x = back_x ? (n - 1) * step_x : 0, from_y = back_y ? (n - 1) * step_y : 0;
        if (back_x) step_x = -step_x;
        if (back_y) step_y = -step_y;
        saxpy<<<1 + random.below(40), 1 + random.below(512)>>>(n, a, on_x + from_x, step_x, on_y + from_y, step_y);
        CHECK(cudaGetLastError());
        // One rounding on both sides, so the bits agree; the gaps between elements stay as they were.
        for (long i = 0; i < n; i++) {
            float &to = y[from_y + i * step_y];
            to = std::fmaf(a, x[from_x + i * step_x], to);
        }
        same(on_y.get(), y);
        same(on_x.get(), x);
    }
    return pass("saxpy_strided");
}
