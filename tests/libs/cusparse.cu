// libs: cusparse
// cuSPARSE: products of a sparse matrix with vectors, with dense and with sparse matrices, and a triangular system.
#include "../cuda/check.h"
#include <cusparse.h>
#define SPARSE(call) REQUIRE((call) == CUSPARSE_STATUS_SUCCESS)
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    const int N = 300, M = 7;
    std::vector<int> rows = {0}, columns;
    std::vector<double> values, dense(N * N), x(N), b(N * M);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            if (i == j || random.below(40) == 0) {
                double v = i == j ? 5 : random.real64() / 10;
                columns.push_back(j), values.push_back(v), dense[i * N + j] = v;
            }
        rows.push_back(int(columns.size()));
    }
    for (auto &v : x) v = random.real64();
    for (auto &v : b) v = random.real64();
    OnDevice<int> drows(rows), dcolumns(columns);
    OnDevice<double> dvalues(values), dx(x), dy(N), db(b), dc(N * M);
    cusparseHandle_t handle;
    SPARSE(cusparseCreate(&handle));
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    SPARSE(cusparseSetStream(handle, s));
    cusparseSpMatDescr_t a;
    cusparseDnVecDescr_t vx, vy;
    cusparseDnMatDescr_t mb, mc;
    SPARSE(cusparseCreateCsr(&a, N, N, values.size(), drows, dcolumns, dvalues, CUSPARSE_INDEX_32I, CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO, CUDA_R_64F));
    SPARSE(cusparseCreateDnVec(&vx, N, dx, CUDA_R_64F));
    SPARSE(cusparseCreateDnVec(&vy, N, dy, CUDA_R_64F));
    SPARSE(cusparseCreateDnMat(&mb, N, M, N, db, CUDA_R_64F, CUSPARSE_ORDER_COL));
    SPARSE(cusparseCreateDnMat(&mc, N, M, N, dc, CUDA_R_64F, CUSPARSE_ORDER_COL));
    double one = 1, zero = 0;
    size_t room = 0;
    SPARSE(cusparseSpMV_bufferSize(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, vx, &zero, vy, CUDA_R_64F, CUSPARSE_SPMV_ALG_DEFAULT, &room));
    OnDevice<char> work(room + 1);
    SPARSE(cusparseSpMV(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, vx, &zero, vy, CUDA_R_64F, CUSPARSE_SPMV_ALG_DEFAULT, work.at));
    SPARSE(cusparseSpMM_bufferSize(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, mb, &zero, mc, CUDA_R_64F, CUSPARSE_SPMM_ALG_DEFAULT, &room));
    OnDevice<char> work_mm(room + 1);
    SPARSE(cusparseSpMM(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, mb, &zero, mc, CUDA_R_64F, CUSPARSE_SPMM_ALG_DEFAULT, work_mm.at));
    CHECK(cudaStreamSynchronize(s));
    std::vector<double> y(N), c(N * M);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            y[i] += dense[i * N + j] * x[j];
            for (int k = 0; k < M; k++) c[k * N + i] += dense[i * N + j] * b[k * N + j];
        }
    close_to(dy.get(), y, 1e-12);
    close_to(dc.get(), c, 1e-12);
    // The lower triangle's system, solved; multiplied out again it gives the right side.
    cusparseFillMode_t lower = CUSPARSE_FILL_MODE_LOWER;
    cusparseDiagType_t diagonal = CUSPARSE_DIAG_TYPE_NON_UNIT;
    SPARSE(cusparseSpMatSetAttribute(a, CUSPARSE_SPMAT_FILL_MODE, &lower, sizeof lower));
    SPARSE(cusparseSpMatSetAttribute(a, CUSPARSE_SPMAT_DIAG_TYPE, &diagonal, sizeof diagonal));
    cusparseSpSVDescr_t solve;
    SPARSE(cusparseSpSV_createDescr(&solve));
    SPARSE(cusparseSpSV_bufferSize(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, vx, vy, CUDA_R_64F, CUSPARSE_SPSV_ALG_DEFAULT, solve, &room));
    OnDevice<char> work_sv(room + 1);
    SPARSE(cusparseSpSV_analysis(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, vx, vy, CUDA_R_64F, CUSPARSE_SPSV_ALG_DEFAULT, solve, work_sv.at));
    SPARSE(cusparseSpSV_solve(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, a, vx, vy, CUDA_R_64F, CUSPARSE_SPSV_ALG_DEFAULT, solve));
    CHECK(cudaStreamSynchronize(s));
    std::vector<double> solution = dy.get(), again(N);
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) again[i] += dense[i * N + j] * solution[j];
    close_to(again, x, 1e-10);
    SPARSE(cusparseSpSV_destroyDescr(solve));
    SPARSE(cusparseDestroySpMat(a));
    SPARSE(cusparseDestroyDnVec(vx));
    SPARSE(cusparseDestroyDnVec(vy));
    SPARSE(cusparseDestroyDnMat(mb));
    SPARSE(cusparseDestroyDnMat(mc));
    SPARSE(cusparseDestroy(handle));
    CHECK(cudaStreamDestroy(s));
    return pass("cusparse");
}
