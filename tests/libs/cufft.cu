// libs: cufft
// cuFFT: one to three dimensions, real and complex, both precisions, in batches, with many plans alive at once.
#include "../cuda/check.h"
#include <complex>
#include <cufft.h>
#define FFT(call) REQUIRE((call) == CUFFT_SUCCESS)
typedef std::complex<double> Complex;
// The transform of each row of `n`, by its definition.
static void transform(Complex *v, int n, size_t stride) {
    std::vector<Complex> out(n);
    for (int k = 0; k < n; k++)
        for (int j = 0; j < n; j++) out[k] += v[j * stride] * std::polar(1.0, -2 * M_PI * double((long long)j * k % n) / n);
    for (int k = 0; k < n; k++) v[k * stride] = out[k];
}
static void near(const std::vector<Complex> &got, const std::vector<Complex> &expected, double tolerance) {
    double scale = 0;
    for (auto v : expected) scale = std::fmax(scale, std::abs(v));
    for (size_t i = 0; i < got.size(); i++)
        if (std::abs(got[i] - expected[i]) > tolerance * scale) {
            printf("element %zu is (%g, %g), not (%g, %g)\n", i, got[i].real(), got[i].imag(), expected[i].real(), expected[i].imag());
            exit(1);
        }
}
template <class T> static std::vector<Complex> wide(const std::vector<T> &v) {
    std::vector<Complex> out;
    for (auto x : v) out.push_back(Complex(x.x, x.y));
    return out;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    // Plans of many lengths, primes among them, made first and used afterwards in turn.
    std::vector<int> lengths = {2, 8, 15, 64, 97, 100, 128, 210, 243, 256, 331, 512};
    std::vector<cufftHandle> plans;
    const int BATCH = 3;
    for (int n : lengths) {
        cufftHandle plan;
        FFT(cufftPlan1d(&plan, n, CUFFT_C2C, BATCH));
        FFT(cufftSetStream(plan, s));
        plans.push_back(plan);
    }
    for (size_t i = 0; i < lengths.size(); i++) {
        int n = lengths[i];
        std::vector<cufftComplex> in(n * BATCH);
        for (auto &v : in) v = {random.real(), random.real()};
        OnDevice<cufftComplex> x(in), y(in.size());
        FFT(cufftExecC2C(plans[i], x, y, CUFFT_FORWARD));
        FFT(cufftExecC2C(plans[i], y, x, CUFFT_INVERSE));
        CHECK(cudaStreamSynchronize(s));
        std::vector<Complex> expected = wide(in), back = wide(x.get());
        for (auto &v : back) v /= n;
        near(back, expected, 1e-5);
        for (int b = 0; b < BATCH; b++) transform(&expected[b * n], n, 1);
        near(wide(y.get()), expected, 1e-5);
    }
    for (auto plan : plans) FFT(cufftDestroy(plan));
    {
        // Real numbers of double precision in two dimensions, there and back.
        const int H = 24, W = 30;
        std::vector<double> in(H * W);
        for (auto &v : in) v = random.real64();
        OnDevice<double> x(in);
        OnDevice<cufftDoubleComplex> y(H * (W / 2 + 1));
        cufftHandle there, back;
        FFT(cufftPlan2d(&there, H, W, CUFFT_D2Z));
        FFT(cufftPlan2d(&back, H, W, CUFFT_Z2D));
        FFT(cufftExecD2Z(there, x, y));
        CHECK(cudaDeviceSynchronize());
        std::vector<Complex> all(in.begin(), in.end()), half;
        for (int i = 0; i < H; i++) transform(&all[i * W], W, 1);
        for (int j = 0; j < W; j++) transform(&all[j], H, W);
        for (int i = 0; i < H; i++) half.insert(half.end(), &all[i * W], &all[i * W] + W / 2 + 1);
        near(wide(y.get()), half, 1e-12);
        FFT(cufftExecZ2D(back, y, x));
        CHECK(cudaDeviceSynchronize());
        for (auto &v : in) v *= H * W;
        close_to(x.get(), in, 1e-11);
        FFT(cufftDestroy(there));
        FFT(cufftDestroy(back));
    }
    {
        // Three dimensions, by a plan whose memory to work in is ours.
        int sizes[] = {6, 10, 8}, n = 6 * 10 * 8;
        std::vector<cufftComplex> in(n);
        for (auto &v : in) v = {random.real(), random.real()};
        OnDevice<cufftComplex> x(in);
        cufftHandle plan;
        size_t room = 0;
        FFT(cufftCreate(&plan));
        FFT(cufftSetAutoAllocation(plan, 0));
        FFT(cufftMakePlanMany(plan, 3, sizes, nullptr, 1, 0, nullptr, 1, 0, CUFFT_C2C, 1, &room));
        OnDevice<char> work(room + 1);
        FFT(cufftSetWorkArea(plan, work.at));
        FFT(cufftExecC2C(plan, x, x, CUFFT_FORWARD));
        CHECK(cudaDeviceSynchronize());
        std::vector<Complex> expected = wide(in);
        for (int i = 0; i < 60; i++) transform(&expected[i * 8], 8, 1);
        for (int i = 0; i < 6; i++)
            for (int k = 0; k < 8; k++) transform(&expected[i * 80 + k], 10, 8);
        for (int i = 0; i < 80; i++) transform(&expected[i], 6, 80);
        near(wide(x.get()), expected, 1e-5);
        FFT(cufftDestroy(plan));
    }
    CHECK(cudaStreamDestroy(s));
    return pass("cufft");
}
