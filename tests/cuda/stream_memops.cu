// nvcc: -cudart shared
// Streams that wait for values in device memory and write them: two streams that hand a buffer back and forth.
#include "driver.h"
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
static const int N = 3000, BLOCK = 128, GRID = (N + BLOCK - 1) / BLOCK;
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    CHECK(cudaFree(nullptr));
    int has_nor = 0, has_64 = 0;
    OK(DRIVER(cuDeviceGetAttribute)(&has_nor, CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR, 0));
    OK(DRIVER(cuDeviceGetAttribute)(&has_64, CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS, 0));
    cudaStream_t s, t;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking));
    std::vector<unsigned> model(N);
    for (auto &v : model) v = random.u32();
    OnDevice<unsigned> x(model);
    OnDevice<uint64_t> flags(4);
    CHECK(cudaMemset(flags, 0, 32));
    CHECK(cudaDeviceSynchronize());
    CUdeviceptr ball = (CUdeviceptr)flags.at, wide = ball + 8, third = ball + 16;
    auto wait32 = DRIVER(cuStreamWaitValue32);
    auto write32 = DRIVER(cuStreamWriteValue32);
    auto check = [&] {
        CHECK(cudaStreamSynchronize(s));
        CHECK(cudaStreamSynchronize(t));
        same(x.get(), model);
    };
    auto step = [&](cudaStream_t stream) {
        unsigned a = random.u32() | 1, b = random.u32();
        affine<<<GRID, BLOCK, 0, stream>>>(x, N, a, b);
        CHECK(cudaGetLastError());
        for (auto &v : model) v = v * a + b;
    };
    // The memory holds the number of steps done: s makes the even ones, t the odd ones.
    for (unsigned i = 0; i < 20; i++) {
        cudaStream_t stream = i % 2 ? t : s;
        OK(wait32(stream, ball, i, i % 3 ? CU_STREAM_WAIT_VALUE_EQ : CU_STREAM_WAIT_VALUE_GEQ));
        step(stream);
        OK(write32(stream, ball, i + 1, 0));
    }
    check();
    unsigned now = 0;
    CHECK(cudaMemcpy(&now, (void *)ball, 4, cudaMemcpyDeviceToHost));
    REQUIRE(now == 20);
    // A wait that is queued before what ends it.
    OK(wait32(s, ball, 0x40, CU_STREAM_WAIT_VALUE_AND));
    REQUIRE(cudaStreamQuery(s) == cudaErrorNotReady);
    step(t);
    OK(write32(t, ball, 0xc1, 0));
    step(s);
    check();
    if (has_nor) {
        // Ends when some bit is clear in both: not while memory holds all ones.
        OK(write32(t, ball, 0xffffffff, 0));
        CHECK(cudaStreamSynchronize(t));
        OK(wait32(s, ball, 0x0000ffff, CU_STREAM_WAIT_VALUE_NOR));
        step(t);
        OK(write32(t, ball, 0x7fffffff, 0));
        step(s);
        check();
    }
    if (has_64) {
        OK(DRIVER(cuStreamWaitValue64)(s, wide, 0x1234567800000001ull, CU_STREAM_WAIT_VALUE_EQ));
        step(t);
        OK(DRIVER(cuStreamWriteValue64)(t, wide, 0x1234567800000001ull, 0));
        step(s);
        check();
        uint64_t got = 0;
        CHECK(cudaMemcpy(&got, (void *)wide, 8, cudaMemcpyDeviceToHost));
        REQUIRE(got == 0x1234567800000001ull);
    }
    // Several at once.
    OK(write32(t, third, 0, 0));
    OK(write32(t, third + 4, 0, 0));
    CHECK(cudaStreamSynchronize(t));
    CUstreamBatchMemOpParams waits[3] = {}, writes[2] = {};
    for (int i = 0; i < 2; i++) {
        waits[i].operation = CU_STREAM_MEM_OP_WAIT_VALUE_32;
        waits[i].waitValue.address = third + 4 * i;
        waits[i].waitValue.value = 5 + i;
        waits[i].waitValue.flags = CU_STREAM_WAIT_VALUE_EQ;
        writes[i].operation = CU_STREAM_MEM_OP_WRITE_VALUE_32;
        writes[i].writeValue.address = third + 4 * i;
        writes[i].writeValue.value = 5 + i;
    }
    waits[2].operation = CU_STREAM_MEM_OP_WRITE_VALUE_32;
    waits[2].writeValue.address = ball;
    waits[2].writeValue.value = 77;
    OK(DRIVER(cuStreamBatchMemOp)(s, 3, waits, 0));
    step(t);
    OK(DRIVER(cuStreamBatchMemOp)(t, 2, writes, 0));
    OK(wait32(t, ball, 77, CU_STREAM_WAIT_VALUE_EQ));
    step(t);
    check();
    // Memory that a copy or a kernel writes counts as well.
    unsigned *pinned;
    CHECK(cudaMallocHost(&pinned, 4));
    *pinned = 99;
    OK(wait32(s, ball, 99, CU_STREAM_WAIT_VALUE_EQ));
    step(t);
    CHECK(cudaMemcpyAsync((void *)ball, pinned, 4, cudaMemcpyHostToDevice, t));
    step(s);
    check();
    CHECK(cudaFreeHost(pinned));
    CHECK(cudaStreamDestroy(s));
    CHECK(cudaStreamDestroy(t));
    return pass("stream_memops");
}
