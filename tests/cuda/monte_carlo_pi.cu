// Pi from pseudo-random points; the generator is the same on both sides, so the counts are equal.
#include "check.h"
__host__ __device__ unsigned hits(unsigned state, int points) {
    unsigned count = 0;
    for (int i = 0; i < points; i++) {
        state = state * 1664525u + 1013904223u;
        unsigned x = state >> 16;
        state = state * 1664525u + 1013904223u;
        unsigned y = state >> 16;
        count += (unsigned long long)x * x + (unsigned long long)y * y < 65536ull * 65536ull;
    }
    return count;
}
__global__ void sample(unsigned seed, int points, unsigned *counts) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    counts[i] = hits(seed + 7919u * i, points);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    unsigned start = random.u32();
    int n = 4096, points = 64;
    OnDevice<unsigned> out(n);
    sample<<<n / 128, 128>>>(start, points, out);
    CHECK(cudaGetLastError());
    std::vector<unsigned> expected(n);
    double total = 0;
    for (int i = 0; i < n; i++) total += expected[i] = hits(start + 7919u * i, points);
    same(out.get(), expected);
    double pi = 4 * total / (double(n) * points);
    printf("pi is about %.4f\n", pi);
    REQUIRE(std::fabs(pi - 3.14159) < 0.05);
    return pass("monte_carlo_pi");
}
