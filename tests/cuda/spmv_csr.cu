// A sparse matrix in compressed rows times a vector, a warp a row.
#include "check.h"
__global__ void multiply(const int *rows, const int *columns, const double *values, const double *x, double *y, int n) {
    int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
    if (row >= n) return;
    double sum = 0;
    for (int i = rows[row] + lane; i < rows[row + 1]; i += 32) sum += values[i] * x[columns[i]];
    for (int d = 16; d; d /= 2) sum += __shfl_xor_sync(~0u, sum, d);
    if (lane == 0) y[row] = sum;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 500;
    std::vector<int> rows(1), columns;
    std::vector<double> values, x(n), y(n);
    for (auto &v : x) v = random.real64();
    for (int r = 0; r < n; r++) {
        for (int k = random.below(90); k > 0; k--) {
            columns.push_back(int(random.below(n)));
            values.push_back(random.real64());
            y[r] += values.back() * x[columns.back()];
        }
        rows.push_back(int(columns.size()));
    }
    OnDevice<int> a(rows), b(columns);
    OnDevice<double> c(values), d(x), e(n);
    multiply<<<(n * 32 + 127) / 128, 128>>>(a, b, c, d, e, n);
    CHECK(cudaGetLastError());
    close_to(e.get(), y, 1e-12);
    return pass("spmv_csr");
}
