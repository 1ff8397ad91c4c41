// libs: cublasLt
// cuBLASLt: a product with bias and activation in one call, by the algorithm that the heuristics choose.
#include "../cuda/check.h"
#include <cublasLt.h>
#include <cuda_bf16.h>
#define BLAS(call) REQUIRE((call) == CUBLAS_STATUS_SUCCESS)
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    const int M = 96, N = 64, K = 128;
    std::vector<__nv_bfloat16> a(M * K), b(K * N);
    std::vector<float> bias(M), expected(M * N);
    for (auto &v : a) v = __float2bfloat16(random.real());
    for (auto &v : b) v = __float2bfloat16(random.real());
    for (auto &v : bias) v = random.real();
    for (int j = 0; j < N; j++)
        for (int i = 0; i < M; i++) {
            double sum = bias[i];
            for (int l = 0; l < K; l++) sum += double(__bfloat162float(a[l * M + i])) * __bfloat162float(b[j * K + l]);
            expected[j * M + i] = float(std::fmax(sum, 0));
        }
    OnDevice<__nv_bfloat16> da(a), db(b);
    OnDevice<float> dbias(bias), dc(M * N);
    OnDevice<char> work(8 << 20);
    cublasLtHandle_t lt;
    BLAS(cublasLtCreate(&lt));
    cublasLtMatmulDesc_t how;
    BLAS(cublasLtMatmulDescCreate(&how, CUBLAS_COMPUTE_32F, CUDA_R_32F));
    cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_RELU_BIAS;
    BLAS(cublasLtMatmulDescSetAttribute(how, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue, sizeof epilogue));
    float *bias_at = dbias;
    BLAS(cublasLtMatmulDescSetAttribute(how, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias_at, sizeof bias_at));
    cudaDataType_t bias_type = CUDA_R_32F;
    BLAS(cublasLtMatmulDescSetAttribute(how, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, &bias_type, sizeof bias_type));
    cublasLtMatrixLayout_t la, lb, lc;
    BLAS(cublasLtMatrixLayoutCreate(&la, CUDA_R_16BF, M, K, M));
    BLAS(cublasLtMatrixLayoutCreate(&lb, CUDA_R_16BF, K, N, K));
    BLAS(cublasLtMatrixLayoutCreate(&lc, CUDA_R_32F, M, N, M));
    cublasLtMatmulPreference_t preference;
    BLAS(cublasLtMatmulPreferenceCreate(&preference));
    size_t room = 8 << 20;
    BLAS(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &room, sizeof room));
    cublasLtMatmulHeuristicResult_t results[4] = {};
    int found = 0;
    BLAS(cublasLtMatmulAlgoGetHeuristic(lt, how, la, lb, lc, lc, preference, 4, results, &found));
    REQUIRE(found > 0);
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    float one = 1, zero = 0;
    for (int i = 0; i < found; i++) {
        CHECK(cudaMemset(dc, 0, M * N * 4));
        BLAS(cublasLtMatmul(lt, how, &one, da, la, db, lb, &zero, dc, lc, dc, lc, &results[i].algo, work, room, s));
        CHECK(cudaStreamSynchronize(s));
        close_to(dc.get(), expected, 2e-3);
    }
    BLAS(cublasLtMatmulPreferenceDestroy(preference));
    for (auto layout : {la, lb, lc}) BLAS(cublasLtMatrixLayoutDestroy(layout));
    BLAS(cublasLtMatmulDescDestroy(how));
    BLAS(cublasLtDestroy(lt));
    CHECK(cudaStreamDestroy(s));
    return pass("cublaslt");
}
