// libs: cudnn
// needs: cudnn.h
// cuDNN: a convolution there and back, pooling, softmax and an activation.
#include "../cuda/check.h"
#include <cudnn.h>
#define DNN(call) REQUIRE((call) == CUDNN_STATUS_SUCCESS)
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    const int N = 2, C = 3, H = 12, W = 10, K = 4;
    auto numbers = [&](size_t n) {
        std::vector<float> v(n);
        for (auto &x : v) x = random.real();
        return v;
    };
    std::vector<float> in = numbers(N * C * H * W), weights = numbers(K * C * 9), expected(N * K * H * W);
    for (int n = 0; n < N; n++)
        for (int k = 0; k < K; k++)
            for (int y = 0; y < H; y++)
                for (int x = 0; x < W; x++) {
                    double sum = 0;
                    for (int c = 0; c < C; c++)
                        for (int i = -1; i <= 1; i++)
                            for (int j = -1; j <= 1; j++)
                                if (y + i >= 0 && y + i < H && x + j >= 0 && x + j < W)
                                    sum += double(in[((n * C + c) * H + y + i) * W + x + j]) * weights[((k * C + c) * 3 + i + 1) * 3 + j + 1];
                    expected[((n * K + k) * H + y) * W + x] = float(sum);
                }
    cudnnHandle_t dnn;
    DNN(cudnnCreate(&dnn));
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    DNN(cudnnSetStream(dnn, s));
    cudnnTensorDescriptor_t from, to, pooled;
    cudnnFilterDescriptor_t filter;
    cudnnConvolutionDescriptor_t convolution;
    DNN(cudnnCreateTensorDescriptor(&from));
    DNN(cudnnCreateTensorDescriptor(&to));
    DNN(cudnnCreateTensorDescriptor(&pooled));
    DNN(cudnnCreateFilterDescriptor(&filter));
    DNN(cudnnCreateConvolutionDescriptor(&convolution));
    DNN(cudnnSetTensor4dDescriptor(from, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, N, C, H, W));
    DNN(cudnnSetTensor4dDescriptor(to, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, N, K, H, W));
    DNN(cudnnSetTensor4dDescriptor(pooled, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, N, K, H / 2, W / 2));
    DNN(cudnnSetFilter4dDescriptor(filter, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NCHW, K, C, 3, 3));
    DNN(cudnnSetConvolution2dDescriptor(convolution, 1, 1, 1, 1, 1, 1, CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT));
    DNN(cudnnSetConvolutionMathType(convolution, CUDNN_FMA_MATH));
    OnDevice<float> x(in), w(weights), y(expected.size()), dx(in.size()), small(expected.size() / 4);
    cudnnConvolutionFwdAlgoPerf_t forward[8];
    int found = 0;
    DNN(cudnnGetConvolutionForwardAlgorithm_v7(dnn, from, filter, convolution, to, 8, &found, forward));
    REQUIRE(found > 0 && forward[0].status == CUDNN_STATUS_SUCCESS);
    OnDevice<char> work(forward[0].memory + 1);
    float one = 1, zero = 0;
    DNN(cudnnConvolutionForward(dnn, &one, from, x, filter, w, convolution, forward[0].algo, work, forward[0].memory, &zero, to, y));
    CHECK(cudaStreamSynchronize(s));
    close_to(y.get(), expected, 1e-4);
    // The gradient: <conv(x), g> is <x, conv'(g)>.
    cudnnConvolutionBwdDataAlgoPerf_t backward[8];
    DNN(cudnnGetConvolutionBackwardDataAlgorithm_v7(dnn, filter, to, convolution, from, 8, &found, backward));
    OnDevice<char> more(backward[0].memory + 1);
    std::vector<float> g = numbers(expected.size());
    OnDevice<float> dg(g);
    DNN(cudnnConvolutionBackwardData(dnn, &one, filter, w, to, dg, convolution, backward[0].algo, more, backward[0].memory, &zero, from, dx));
    CHECK(cudaStreamSynchronize(s));
    double a = 0, b = 0;
    std::vector<float> back = dx.get();
    for (size_t i = 0; i < g.size(); i++) a += double(expected[i]) * g[i];
    for (size_t i = 0; i < in.size(); i++) b += double(in[i]) * back[i];
    REQUIRE(std::fabs(a - b) < 1e-3 * (1 + std::fabs(a)));
    cudnnPoolingDescriptor_t pooling;
    DNN(cudnnCreatePoolingDescriptor(&pooling));
    DNN(cudnnSetPooling2dDescriptor(pooling, CUDNN_POOLING_MAX, CUDNN_NOT_PROPAGATE_NAN, 2, 2, 0, 0, 2, 2));
    DNN(cudnnPoolingForward(dnn, pooling, &one, to, y, &zero, pooled, small));
    DNN(cudnnSoftmaxForward(dnn, CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_CHANNEL, &one, to, y, &zero, to, dg));
    CHECK(cudaStreamSynchronize(s));
    std::vector<float> maxima(expected.size() / 4), softmax(expected.size());
    for (int p = 0; p < N * K; p++)
        for (int i = 0; i < H / 2; i++)
            for (int j = 0; j < W / 2; j++) {
                const float *at = &expected[(p * H + 2 * i) * W + 2 * j];
                maxima[(p * (H / 2) + i) * (W / 2) + j] = std::fmax(std::fmax(at[0], at[1]), std::fmax(at[W], at[W + 1]));
            }
    for (int n = 0; n < N; n++)
        for (int i = 0; i < H * W; i++) {
            double sum = 0;
            for (int k = 0; k < K; k++) sum += std::exp(double(expected[(n * K + k) * H * W + i]));
            for (int k = 0; k < K; k++) softmax[(n * K + k) * H * W + i] = float(std::exp(double(expected[(n * K + k) * H * W + i])) / sum);
        }
    close_to(small.get(), maxima, 1e-4);
    close_to(dg.get(), softmax, 1e-4);
    DNN(cudnnDestroyPoolingDescriptor(pooling));
    DNN(cudnnDestroyConvolutionDescriptor(convolution));
    DNN(cudnnDestroyFilterDescriptor(filter));
    for (auto tensor : {from, to, pooled}) DNN(cudnnDestroyTensorDescriptor(tensor));
    DNN(cudnnDestroy(dnn));
    CHECK(cudaStreamDestroy(s));
    return pass("cudnn");
}
