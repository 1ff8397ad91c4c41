// nvcc: -cudart shared
// Memory and events of one process in another, which this program starts from itself.
#include "check.h"
#include <sys/wait.h>
#include <unistd.h>
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
// The one is a part of what the driver has given, the other all of it.
static const size_t LARGE = 11 << 20;
static const int N = 50000, BLOCK = 128, GRID = (N + BLOCK - 1) / BLOCK;
struct Offer {
    cudaIpcMemHandle_t memory, more, large;
    cudaIpcEventHandle_t event;
    unsigned a, b;
};
static void transfer(int fd, void *data, size_t size, bool out) {
    for (size_t done = 0; done < size;) {
        ssize_t n = out ? write(fd, (char *)data + done, size - done) : read(fd, (char *)data + done, size - done);
        REQUIRE(n > 0);
        done += n;
    }
}
// Changes the parent's memory once the parent's event has come, and says so by an event of its own stream.
static int child(int in, int out) {
    Offer offer;
    transfer(in, &offer, sizeof offer, false);
    unsigned *v, *more, *again, *large;
    cudaEvent_t event;
    CHECK(cudaIpcOpenMemHandle((void **)&v, offer.memory, cudaIpcMemLazyEnablePeerAccess));
    CHECK(cudaIpcOpenMemHandle((void **)&more, offer.more, cudaIpcMemLazyEnablePeerAccess));
    CHECK(cudaIpcOpenMemHandle((void **)&large, offer.large, cudaIpcMemLazyEnablePeerAccess));
    // The same handle is the same memory, until it is closed as often as it was opened.
    CHECK(cudaIpcOpenMemHandle((void **)&again, offer.more, cudaIpcMemLazyEnablePeerAccess));
    REQUIRE(again == more && large != v && large != more);
    CHECK(cudaIpcCloseMemHandle(again));
    CHECK(cudaIpcOpenEventHandle(&event, offer.event));
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaStreamWaitEvent(s, event, 0));
    affine<<<GRID, BLOCK, 0, s>>>(v, N, offer.a, offer.b);
    affine<<<1, 64, 0, s>>>(more, 64, 5, 6);
    affine<<<1, 64, 0, s>>>(large + LARGE - 64, 64, 5, 6);
    CHECK(cudaGetLastError());
    // The same event, recorded here, is what the parent waits for.
    CHECK(cudaEventRecord(event, s));
    char byte = 1;
    transfer(out, &byte, 1, true);
    CHECK(cudaStreamSynchronize(s));
    transfer(in, &byte, 1, false);
    CHECK(cudaIpcCloseMemHandle(v));
    CHECK(cudaIpcCloseMemHandle(more));
    CHECK(cudaIpcCloseMemHandle(large));
    REQUIRE(cudaIpcCloseMemHandle(more) != cudaSuccess);
    cudaGetLastError();
    CHECK(cudaEventDestroy(event));
    CHECK(cudaStreamDestroy(s));
    return 0;
}
int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "--child")) return child(atoi(argv[2]), atoi(argv[3]));
    Random random(seed(argc, argv));
    int to[2], from[2];
    REQUIRE(pipe(to) == 0 && pipe(from) == 0);
    // Before this process uses CUDA, though the new program would not mind.
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        char in[16], out[16];
        snprintf(in, sizeof in, "%d", to[0]);
        snprintf(out, sizeof out, "%d", from[1]);
        close(to[1]);
        close(from[0]);
        execl("/proc/self/exe", argv[0], "--child", in, out, (char *)nullptr);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    std::vector<unsigned> model(N), small(64, 9);
    for (auto &v : model) v = random.u32();
    OnDevice<unsigned> x(model), y(small), z(LARGE);
    CHECK(cudaMemcpy(z + LARGE - 64, small.data(), 64 * 4, cudaMemcpyHostToDevice));
    CHECK(cudaStreamSynchronize(nullptr));
    cudaStream_t s;
    cudaEvent_t event;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventInterprocess));
    Offer offer;
    CHECK(cudaIpcGetMemHandle(&offer.memory, x));
    CHECK(cudaIpcGetMemHandle(&offer.more, y));
    CHECK(cudaIpcGetMemHandle(&offer.large, z));
    REQUIRE(memcmp(&offer.memory, &offer.more, sizeof offer.more) != 0);
    CHECK(cudaIpcGetEventHandle(&offer.event, event));
    offer.a = random.u32() | 1;
    offer.b = random.u32();
    affine<<<GRID, BLOCK, 0, s>>>(x, N, 3, 1);
    CHECK(cudaGetLastError());
    CHECK(cudaEventRecord(event, s));
    transfer(to[1], &offer, sizeof offer, true);
    char byte;
    transfer(from[0], &byte, 1, false);
    // The child has recorded the event after its kernels.
    CHECK(cudaStreamWaitEvent(s, event, 0));
    affine<<<GRID, BLOCK, 0, s>>>(x, N, 7, 2);
    CHECK(cudaStreamSynchronize(s));
    for (auto &v : model) v = ((v * 3 + 1) * offer.a + offer.b) * 7 + 2;
    same(x.get(), model);
    same(y.get(), std::vector<unsigned>(64, 9 * 5 + 6));
    std::vector<unsigned> last(64);
    CHECK(cudaMemcpy(last.data(), z + LARGE - 64, 64 * 4, cudaMemcpyDeviceToHost));
    same(last, std::vector<unsigned>(64, 9 * 5 + 6));
    transfer(to[1], &byte, 1, true);
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    same(x.get(), model);
    // Only events that are made for it can be shared.
    cudaEvent_t plain;
    CHECK(cudaEventCreateWithFlags(&plain, cudaEventDisableTiming));
    REQUIRE(cudaIpcGetEventHandle(&offer.event, plain) != cudaSuccess);
    cudaGetLastError();
    CHECK(cudaEventDestroy(plain));
    CHECK(cudaEventDestroy(event));
    CHECK(cudaStreamDestroy(s));
    return pass("ipc");
}
