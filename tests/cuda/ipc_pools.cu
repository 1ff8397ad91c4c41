// nvcc: -cudart shared
// A pool of one process in another, which this program starts from itself.
#include "check.h"
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
static const int N = 30000, BLOCK = 128, GRID = (N + BLOCK - 1) / BLOCK;
static const cudaMemAllocationHandleType AS_FILE = cudaMemHandleTypePosixFileDescriptor;
struct Offer {
    cudaMemPoolPtrExportData first, second, foreign;
    unsigned a, b;
};
static void transfer(int fd, void *data, size_t size, bool out) {
    for (size_t done = 0; done < size;) {
        ssize_t n = out ? write(fd, (char *)data + done, size - done) : read(fd, (char *)data + done, size - done);
        REQUIRE(n > 0);
        done += n;
    }
}
// Sends a descriptor or, where it is -1, receives one.
static int descriptor(int fd, int sent) {
    char byte = 0, control[CMSG_SPACE(sizeof(int))] = {};
    iovec data = {&byte, 1};
    msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr *head = (cmsghdr *)control;
    if (sent >= 0) {
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &sent, sizeof(int));
        REQUIRE(sendmsg(fd, &message, 0) == 1);
        return sent;
    }
    REQUIRE(recvmsg(fd, &message, 0) == 1 && head->cmsg_type == SCM_RIGHTS);
    int got;
    memcpy(&got, CMSG_DATA(head), sizeof(int));
    return got;
}
static int child(int fd) {
    int file = descriptor(fd, -1);
    Offer offer;
    transfer(fd, &offer, sizeof offer, false);
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    cudaMemPool_t pool;
    CHECK(cudaMemPoolImportFromShareableHandle(&pool, (void *)(intptr_t)file, AS_FILE, 0));
    close(file);
    cudaMemLocation here = {cudaMemLocationTypeDevice, 0};
    cudaMemAccessFlags access;
    CHECK(cudaMemPoolGetAccess(&access, pool, &here));
    REQUIRE(access == cudaMemAccessFlagsProtReadWrite);
    unsigned *first, *second, *none = nullptr;
    CHECK(cudaMemPoolImportPointer((void **)&first, pool, &offer.first));
    CHECK(cudaMemPoolImportPointer((void **)&second, pool, &offer.second));
    // What is of another pool, or nothing.
    REQUIRE(cudaMemPoolImportPointer((void **)&none, pool, &offer.foreign) != cudaSuccess);
    cudaMemPoolPtrExportData nothing = {};
    REQUIRE(cudaMemPoolImportPointer((void **)&none, pool, &nothing) != cudaSuccess);
    cudaGetLastError();
    affine<<<GRID, BLOCK, 0, s>>>(first, N, offer.a, offer.b);
    affine<<<1, 64, 0, s>>>(second, 64, 5, 6);
    CHECK(cudaGetLastError());
    CHECK(cudaStreamSynchronize(s));
    // Memory of the other process is given back here before it is there.
    CHECK(cudaFreeAsync(first, s));
    CHECK(cudaFreeAsync(second, s));
    CHECK(cudaStreamSynchronize(s));
    CHECK(cudaMemPoolDestroy(pool));
    CHECK(cudaStreamDestroy(s));
    char byte = 1;
    transfer(fd, &byte, 1, true);
    return 0;
}
int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "--child")) return child(atoi(argv[2]));
    Random random(seed(argc, argv));
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    // Before this process uses CUDA, though the new program would not mind.
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        char fd[16];
        snprintf(fd, sizeof fd, "%d", pair[1]);
        close(pair[0]);
        execl("/proc/self/exe", argv[0], "--child", fd, (char *)nullptr);
        _exit(127);
    }
    close(pair[1]);
    cudaMemPoolProps props = {};
    props.allocType = cudaMemAllocationTypePinned;
    props.handleTypes = AS_FILE;
    props.location.type = cudaMemLocationTypeDevice;
    cudaMemPool_t pool, other;
    CHECK(cudaMemPoolCreate(&pool, &props));
    CHECK(cudaMemPoolCreate(&other, &props));
    cudaStream_t s;
    CHECK(cudaStreamCreate(&s));
    unsigned *first, *second, *foreign;
    CHECK(cudaMallocFromPoolAsync((void **)&first, N * sizeof(unsigned), pool, s));
    CHECK(cudaMallocFromPoolAsync((void **)&second, 64 * sizeof(unsigned), pool, s));
    CHECK(cudaMallocFromPoolAsync((void **)&foreign, 64 * sizeof(unsigned), other, s));
    std::vector<unsigned> model(N), small(64, 9), got(N);
    for (auto &v : model) v = random.u32();
    CHECK(cudaMemcpyAsync(first, model.data(), N * sizeof(unsigned), cudaMemcpyHostToDevice, s));
    CHECK(cudaMemcpyAsync(second, small.data(), 64 * sizeof(unsigned), cudaMemcpyHostToDevice, s));
    CHECK(cudaStreamSynchronize(s));
    Offer offer;
    offer.a = random.u32() | 1;
    offer.b = random.u32();
    // A pool is exported before what it gave.
    REQUIRE(cudaMemPoolExportPointer(&offer.first, first) == cudaErrorInvalidValue);
    cudaGetLastError();
    int file = -1, other_file = -1;
    CHECK(cudaMemPoolExportToShareableHandle(&file, pool, AS_FILE, 0));
    CHECK(cudaMemPoolExportToShareableHandle(&other_file, other, AS_FILE, 0));
    CHECK(cudaMemPoolExportPointer(&offer.first, first));
    CHECK(cudaMemPoolExportPointer(&offer.second, second));
    CHECK(cudaMemPoolExportPointer(&offer.foreign, foreign));
    descriptor(pair[0], file);
    close(file);
    close(other_file);
    transfer(pair[0], &offer, sizeof offer, true);
    char byte;
    transfer(pair[0], &byte, 1, false);
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (auto &v : model) v = v * offer.a + offer.b;
    CHECK(cudaMemcpyAsync(got.data(), first, N * sizeof(unsigned), cudaMemcpyDeviceToHost, s));
    CHECK(cudaStreamSynchronize(s));
    same(got, model);
    got.resize(64);
    CHECK(cudaMemcpyAsync(got.data(), second, 64 * sizeof(unsigned), cudaMemcpyDeviceToHost, s));
    CHECK(cudaStreamSynchronize(s));
    same(got, std::vector<unsigned>(64, 9 * 5 + 6));
    for (unsigned *memory : {first, second, foreign}) CHECK(cudaFreeAsync(memory, s));
    CHECK(cudaStreamSynchronize(s));
    CHECK(cudaMemPoolDestroy(pool));
    CHECK(cudaMemPoolDestroy(other));
    CHECK(cudaStreamDestroy(s));
    return pass("ipc_pools");
}
