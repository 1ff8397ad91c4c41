// libs: cusolver cublas cublasLt cusparse
// cuSOLVER: LU, Cholesky, QR, eigenvalues and singular values of dense matrices.
#include "../cuda/check.h"
#include <cusolverDn.h>
#define SOLVER(call) REQUIRE((call) == CUSOLVER_STATUS_SUCCESS)
static const int N = 60;
typedef std::vector<double> Matrix;
static Matrix product(const Matrix &a, const Matrix &b, bool turn_a, bool turn_b) {
    Matrix c(N * N);
    for (int j = 0; j < N; j++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) c[j * N + i] += (turn_a ? a[i * N + k] : a[k * N + i]) * (turn_b ? b[k * N + j] : b[j * N + k]);
    return c;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    cusolverDnHandle_t solver;
    SOLVER(cusolverDnCreate(&solver));
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    SOLVER(cusolverDnSetStream(solver, s));
    Matrix a(N * N), right(N), back(N);
    for (auto &v : a) v = random.real64();
    for (int i = 0; i < N; i++) a[i * N + i] += 3, right[i] = random.real64();
    OnDevice<int> info(1), pivots(N);
    int room = 0;
    auto fine = [&] {
        CHECK(cudaStreamSynchronize(s));
        REQUIRE(info.get()[0] == 0);
    };
    {
        OnDevice<double> da(a), db(right);
        SOLVER(cusolverDnDgetrf_bufferSize(solver, N, N, da, N, &room));
        OnDevice<double> work(room);
        SOLVER(cusolverDnDgetrf(solver, N, N, da, N, work, pivots, info));
        fine();
        SOLVER(cusolverDnDgetrs(solver, CUBLAS_OP_N, N, 1, da, N, pivots, db, N, info));
        fine();
        Matrix x = db.get();
        for (int j = 0; j < N; j++)
            for (int i = 0; i < N; i++) back[i] += a[j * N + i] * x[j];
        close_to(back, right, 1e-10);
    }
    Matrix spd = product(a, a, false, true);
    {
        OnDevice<double> da(spd);
        SOLVER(cusolverDnDpotrf_bufferSize(solver, CUBLAS_FILL_MODE_LOWER, N, da, N, &room));
        OnDevice<double> work(room);
        SOLVER(cusolverDnDpotrf(solver, CUBLAS_FILL_MODE_LOWER, N, da, N, work, room, info));
        fine();
        Matrix l = da.get();
        for (int j = 0; j < N; j++)
            for (int i = 0; i < j; i++) l[j * N + i] = 0;
        close_to(product(l, l, false, true), spd, 1e-10);
    }
    {
        OnDevice<double> da(spd), w(N);
        SOLVER(cusolverDnDsyevd_bufferSize(solver, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, N, da, N, w, &room));
        OnDevice<double> work(room);
        SOLVER(cusolverDnDsyevd(solver, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, N, da, N, w, work, room, info));
        fine();
        Matrix v = da.get(), values = w.get(), scaled = v;
        for (int j = 0; j < N; j++) {
            REQUIRE(j == 0 || values[j] >= values[j - 1]);
            for (int i = 0; i < N; i++) scaled[j * N + i] *= values[j];
        }
        close_to(product(scaled, v, false, true), spd, 1e-9);
    }
    {
        OnDevice<double> da(a), w(N), u(N * N), vt(N * N);
        SOLVER(cusolverDnDgesvd_bufferSize(solver, N, N, &room));
        OnDevice<double> work(room);
        SOLVER(cusolverDnDgesvd(solver, 'A', 'A', N, N, da, N, w, u, N, vt, N, work, room, nullptr, info));
        fine();
        Matrix scaled = u.get(), values = w.get();
        for (int j = 0; j < N; j++)
            for (int i = 0; i < N; i++) scaled[j * N + i] *= values[j];
        close_to(product(scaled, vt.get(), false, false), a, 1e-10);
    }
    {
        OnDevice<double> da(a), tau(N);
        SOLVER(cusolverDnDgeqrf_bufferSize(solver, N, N, da, N, &room));
        OnDevice<double> work(room);
        SOLVER(cusolverDnDgeqrf(solver, N, N, da, N, tau, work, room, info));
        fine();
        Matrix r = da.get();
        for (int j = 0; j < N; j++)
            for (int i = j + 1; i < N; i++) r[j * N + i] = 0;
        close_to(product(r, r, true, false), product(a, a, true, false), 1e-10);
    }
    SOLVER(cusolverDnDestroy(solver));
    CHECK(cudaStreamDestroy(s));
    return pass("cusolver");
}
