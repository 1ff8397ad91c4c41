// libs: cublas
// cuBLAS: all levels, batches, types, pointer modes, streams and workspaces.
#include "../cuda/check.h"
#include <cublas_v2.h>
#define BLAS(call) REQUIRE((call) == CUBLAS_STATUS_SUCCESS)
template <class T> static std::vector<T> numbers(Random &random, size_t n) {
    std::vector<T> v(n);
    for (auto &x : v) x = T(random.real());
    return v;
}
// Column-major, as everything here.
template <class T> static std::vector<double> product(const std::vector<T> &a, const std::vector<T> &b, int m, int n, int k) {
    std::vector<double> c(size_t(m) * n);
    for (int j = 0; j < n; j++)
        for (int l = 0; l < k; l++)
            for (int i = 0; i < m; i++) c[j * m + i] += double(a[l * m + i]) * double(b[j * k + l]);
    return c;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cublasHandle_t blas;
    BLAS(cublasCreate(&blas));
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    BLAS(cublasSetStream(blas, s));
    int m = 100 + int(random.below(50)), n = 80 + int(random.below(50)), k = 60 + int(random.below(50));
    {
        std::vector<float> a = numbers<float>(random, m * k), b = numbers<float>(random, k * n), x = numbers<float>(random, k);
        OnDevice<float> da(a), db(b), dc(size_t(m) * n), dx(x), dy(m);
        float one = 1, zero = 0;
        BLAS(cublasSgemm(blas, CUBLAS_OP_N, CUBLAS_OP_N, m, n, k, &one, da, m, db, k, &zero, dc, m));
        BLAS(cublasSgemv(blas, CUBLAS_OP_N, m, k, &one, da, m, dx, 1, &zero, dy, 1));
        CHECK(cudaStreamSynchronize(s));
        close_to(dc.get(), product(a, b, m, n, k), 1e-4);
        close_to(dy.get(), product(a, x, m, 1, k), 1e-4);
        // Results to the host and, with the other pointer mode, to the device.
        float dot = 0;
        double expected = 0;
        for (float v : a) expected += double(v) * v;
        BLAS(cublasSdot(blas, m * k, da, 1, da, 1, &dot));
        REQUIRE(std::fabs(dot - expected) < 1e-3 * expected);
        OnDevice<float> result(1);
        BLAS(cublasSetPointerMode(blas, CUBLAS_POINTER_MODE_DEVICE));
        BLAS(cublasSnrm2(blas, m * k, da, 1, result));
        CHECK(cudaStreamSynchronize(s));
        REQUIRE(std::fabs(result.get()[0] - std::sqrt(expected)) < 1e-3 * std::sqrt(expected));
        BLAS(cublasSetPointerMode(blas, CUBLAS_POINTER_MODE_HOST));
        int largest = 0, place = 0;
        BLAS(cublasIsamax(blas, k, dx, 1, &largest));
        for (int i = 1; i < k; i++)
            if (std::fabs(x[i]) > std::fabs(x[place])) place = i;
        REQUIRE(largest == place + 1);
    }
    {
        std::vector<double> a = numbers<double>(random, m * k), b = numbers<double>(random, k * n);
        OnDevice<double> da(a), db(b), dc(size_t(m) * n);
        double one = 1, zero = 0;
        BLAS(cublasDgemm(blas, CUBLAS_OP_N, CUBLAS_OP_N, m, n, k, &one, da, m, db, k, &zero, dc, m));
        CHECK(cudaStreamSynchronize(s));
        close_to(dc.get(), product(a, b, m, n, k), 1e-12);
        // A triangular system: the factor times its solution is the right side.
        std::vector<double> t(k * k), x = b;
        for (int j = 0; j < k; j++)
            for (int i = j; i < k; i++) t[j * k + i] = i == j ? 4 : random.real64() / k;
        OnDevice<double> dt(t);
        BLAS(cublasDtrsm(blas, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N, CUBLAS_DIAG_NON_UNIT, k, n, &one, dt, k, db, k));
        CHECK(cudaStreamSynchronize(s));
        close_to(product(t, db.get(), k, n, k), std::vector<double>(b), 1e-10);
    }
    {
        // Batches by pointers and by strides.
        const int N = 16, BATCH = 40;
        std::vector<float> a = numbers<float>(random, N * N * BATCH), b = numbers<float>(random, N * N * BATCH);
        OnDevice<float> da(a), db(b), dc(N * N * BATCH), dd(N * N * BATCH);
        std::vector<const float *> as, bs;
        std::vector<float *> cs;
        std::vector<double> expected;
        for (int i = 0; i < BATCH; i++) {
            as.push_back(da + i * N * N), bs.push_back(db + i * N * N), cs.push_back(dc + i * N * N);
            auto one = product(std::vector<float>(&a[i * N * N], &a[i * N * N] + N * N), std::vector<float>(&b[i * N * N], &b[i * N * N] + N * N), N, N, N);
            expected.insert(expected.end(), one.begin(), one.end());
        }
        OnDevice<const float *> pa(as), pb(bs);
        OnDevice<float *> pc(cs);
        float one = 1, zero = 0;
        BLAS(cublasSgemmBatched(blas, CUBLAS_OP_N, CUBLAS_OP_N, N, N, N, &one, pa, N, pb, N, &zero, pc, N, BATCH));
        BLAS(cublasSgemmStridedBatched(blas, CUBLAS_OP_N, CUBLAS_OP_N, N, N, N, &one, da, N, N * N, db, N, N * N, &zero, dd, N, N * N, BATCH));
        CHECK(cudaStreamSynchronize(s));
        close_to(dc.get(), expected, 1e-4);
        close_to(dd.get(), expected, 1e-4);
    }
    {
        // Half precision on tensor cores, with memory of our own to work in, captured into a graph.
        const int N = 128;
        std::vector<float> a = numbers<float>(random, N * N), b = numbers<float>(random, N * N);
        std::vector<__half> ha(N * N), hb(N * N);
        for (int i = 0; i < N * N; i++) ha[i] = __float2half(a[i]), hb[i] = __float2half(b[i]), a[i] = __half2float(ha[i]), b[i] = __half2float(hb[i]);
        OnDevice<__half> da(ha), db(hb);
        OnDevice<float> dc(N * N);
        OnDevice<char> work(32 << 20);
        BLAS(cublasSetWorkspace(blas, work, 32 << 20));
        float one = 1, zero = 0;
        auto multiply = [&] {
            BLAS(cublasGemmEx(blas, CUBLAS_OP_N, CUBLAS_OP_N, N, N, N, &one, da, CUDA_R_16F, N, db, CUDA_R_16F, N, &zero, dc, CUDA_R_32F, N, CUBLAS_COMPUTE_32F,
                              CUBLAS_GEMM_DEFAULT));
        };
        multiply();
        CHECK(cudaStreamSynchronize(s));
        close_to(dc.get(), product(a, b, N, N, N), 1e-3);
        cudaGraph_t graph;
        cudaGraphExec_t exec;
        CHECK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
        multiply();
        CHECK(cudaStreamEndCapture(s, &graph));
        CHECK(cudaGraphInstantiate(&exec, graph, 0));
        CHECK(cudaMemset(dc, 0, N * N * 4));
        CHECK(cudaDeviceSynchronize());
        CHECK(cudaGraphLaunch(exec, s));
        CHECK(cudaStreamSynchronize(s));
        close_to(dc.get(), product(a, b, N, N, N), 1e-3);
        CHECK(cudaGraphExecDestroy(exec));
        CHECK(cudaGraphDestroy(graph));
        BLAS(cublasDestroy(blas));
    }
    CHECK(cudaStreamDestroy(s));
    return pass("cublas");
}
