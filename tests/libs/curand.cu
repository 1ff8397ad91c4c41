// libs: curand
// cuRAND: the host's generators against the host library's own, numbers with the right moments, and generators in kernels.
#include "../cuda/check.h"
#include <curand.h>
#include <curand_kernel.h>
#define RAND(call) REQUIRE((call) == CURAND_STATUS_SUCCESS)
__global__ void in_kernel(unsigned *out, float *normal, unsigned long long seed, int each) {
    int t = blockIdx.x * blockDim.x + threadIdx.x;
    curandStatePhilox4_32_10_t state;
    curand_init(seed, t, 0, &state);
    for (int i = 0; i < each; i++) out[t * each + i] = curand(&state);
    normal[t] = curand_normal(&state);
}
static void moments(const std::vector<float> &v, double mean, double variance, double tolerance) {
    double sum = 0, squares = 0;
    for (float x : v) sum += x, squares += double(x) * x;
    double m = sum / v.size();
    REQUIRE(std::fabs(m - mean) < tolerance && std::fabs(squares / v.size() - m * m - variance) < tolerance);
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    unsigned long long start = random.next() >> 20;
    const int N = 40000;
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    for (auto type : {CURAND_RNG_PSEUDO_XORWOW, CURAND_RNG_PSEUDO_PHILOX4_32_10, CURAND_RNG_PSEUDO_MRG32K3A, CURAND_RNG_PSEUDO_MTGP32, CURAND_RNG_PSEUDO_MT19937}) {
        curandGenerator_t device, host;
        RAND(curandCreateGenerator(&device, type));
        RAND(curandSetPseudoRandomGeneratorSeed(device, start));
        RAND(curandSetStream(device, s));
        OnDevice<float> x(N), y(N);
        OnDevice<unsigned> bits(N);
        RAND(curandGenerateUniform(device, x, N));
        RAND(curandGenerateNormal(device, y, N, 2.0f, 3.0f));
        CHECK(cudaStreamSynchronize(s));
        moments(x.get(), 0.5, 1.0 / 12, 0.02);
        moments(y.get(), 2, 9, 0.4);
        if (type != CURAND_RNG_PSEUDO_MTGP32) {
            // The same numbers as the library makes without a GPU.
            RAND(curandDestroyGenerator(device));
            RAND(curandCreateGenerator(&device, type));
            RAND(curandSetPseudoRandomGeneratorSeed(device, start));
            RAND(curandGenerate(device, bits, N));
            CHECK(cudaDeviceSynchronize());
            RAND(curandCreateGeneratorHost(&host, type));
            RAND(curandSetPseudoRandomGeneratorSeed(host, start));
            std::vector<unsigned> expected(N);
            RAND(curandGenerate(host, expected.data(), N));
            same(bits.get(), expected);
            RAND(curandDestroyGenerator(host));
        }
        RAND(curandDestroyGenerator(device));
    }
    curandGenerator_t sobol;
    OnDevice<float> points(N);
    RAND(curandCreateGenerator(&sobol, CURAND_RNG_QUASI_SOBOL32));
    RAND(curandSetQuasiRandomGeneratorDimensions(sobol, 4));
    RAND(curandGenerateUniform(sobol, points, N));
    CHECK(cudaDeviceSynchronize());
    moments(points.get(), 0.5, 1.0 / 12, 0.002);
    RAND(curandDestroyGenerator(sobol));
    // In kernels: the same from the same seed, and other numbers for every thread.
    const int THREADS = 1024, EACH = 8;
    OnDevice<unsigned> a(THREADS * EACH), b(THREADS * EACH);
    OnDevice<float> normal(THREADS);
    in_kernel<<<8, 128>>>(a, normal, start, EACH);
    in_kernel<<<8, 128>>>(b, normal, start, EACH);
    CHECK(cudaGetLastError());
    CHECK(cudaDeviceSynchronize());
    same(a.get(), b.get());
    moments(normal.get(), 0, 1, 0.2);
    std::vector<unsigned> first = a.get();
    int equal = 0;
    for (int t = 1; t < THREADS; t++) equal += first[t * EACH] == first[0];
    REQUIRE(equal < 3);
    CHECK(cudaStreamDestroy(s));
    return pass("curand");
}
