// devices: 2
// nvcc: -cudart shared
// Memory of one device in another process, which sees the devices in another order and uses the memory with both of them: what
// libraries for several processes do on one machine.
#include "driver.h"
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
struct Offer {
    unsigned long long bytes;
    unsigned a, b;
};
// Gives a descriptor away with what belongs to it, or takes one.
static int exchange(int socket, Offer *offer, int descriptor) {
    char space[CMSG_SPACE(sizeof(int))] = {};
    iovec part = {offer, sizeof *offer};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    if (descriptor >= 0) {
        cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
        REQUIRE(sendmsg(socket, &message, 0) == sizeof *offer);
    } else {
        REQUIRE(recvmsg(socket, &message, MSG_WAITALL) == sizeof *offer);
        cmsghdr *head = CMSG_FIRSTHDR(&message);
        REQUIRE(head && head->cmsg_type == SCM_RIGHTS);
        memcpy(&descriptor, CMSG_DATA(head), sizeof(int));
    }
    return descriptor;
}
// Maps memory where all of `devices` devices reach it.
static CUdeviceptr reached_by(int devices, CUmemGenericAllocationHandle handle, size_t bytes) {
    CUdeviceptr at;
    OK(DRIVER(cuMemAddressReserve)(&at, bytes, 0, 0, 0));
    OK(DRIVER(cuMemMap)(at, bytes, 0, handle, 0));
    std::vector<CUmemAccessDesc> access(devices);
    for (int d = 0; d < devices; d++) {
        access[d].location.type = CU_MEM_LOCATION_TYPE_DEVICE;
        access[d].location.id = d;
        access[d].flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
    }
    OK(DRIVER(cuMemSetAccess)(at, bytes, access.data(), devices));
    return at;
}
static void change(int device, CUdeviceptr at, size_t n, unsigned a, unsigned b) {
    CHECK(cudaSetDevice(device));
    affine<<<(n + 127) / 128, 128>>>((unsigned *)at, int(n), a, b);
    CHECK(cudaGetLastError());
    CHECK(cudaDeviceSynchronize());
}
static int child(int socket) {
    int count = 0;
    CHECK(cudaGetDeviceCount(&count));
    REQUIRE(count == 2);
    CHECK(cudaFree(nullptr));
    Offer offer;
    int descriptor = exchange(socket, &offer, -1);
    CUmemGenericAllocationHandle handle;
    OK(DRIVER(cuMemImportFromShareableHandle)(&handle, (void *)(uintptr_t)descriptor, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR));
    close(descriptor);
    // The second device over there is the first one here.
    CUmemAllocationProp prop;
    OK(DRIVER(cuMemGetAllocationPropertiesFromHandle)(&prop, handle));
    REQUIRE(prop.location.type == CU_MEM_LOCATION_TYPE_DEVICE && prop.location.id == 0);
    CUdeviceptr at = reached_by(2, handle, offer.bytes);
    for (int d = 0; d < 2; d++) change(d, at, offer.bytes / 4, offer.a, offer.b);
    OK(DRIVER(cuMemUnmap)(at, offer.bytes));
    OK(DRIVER(cuMemAddressFree)(at, offer.bytes));
    OK(DRIVER(cuMemRelease)(handle));
    char done = 1;
    REQUIRE(write(socket, &done, 1) == 1);
    return 0;
}
int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "--child")) return child(atoi(argv[2]));
    Random random(seed(argc, argv));
    int count = 0, reach[2] = {};
    CHECK(cudaGetDeviceCount(&count));
    for (int d = 0; d < 2 && count >= 2; d++) CHECK(cudaDeviceCanAccessPeer(&reach[d], d, 1 - d));
    if (!reach[0] || !reach[1]) {
        printf("this needs two devices that reach each other: nothing was tested\n");
        return 0;
    }
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        char number[16];
        snprintf(number, sizeof number, "%d", ends[1]);
        close(ends[0]);
        // Whatever this process itself was started with, the other one counts the first two the other way round.
        std::string given = getenv("CUDA_VISIBLE_DEVICES") ? getenv("CUDA_VISIBLE_DEVICES") : "0,1";
        size_t comma = given.find(',');
        std::string first = given.substr(0, comma), second = given.substr(comma + 1);
        second = second.substr(0, second.find(','));
        setenv("CUDA_VISIBLE_DEVICES", (second + "," + first).c_str(), 1);
        execl("/proc/self/exe", argv[0], "--child", number, (char *)nullptr);
        _exit(127);
    }
    close(ends[1]);
    CHECK(cudaFree(nullptr));
    CUmemAllocationProp prop = {};
    prop.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    prop.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    prop.location.id = 1;
    prop.requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
    size_t bytes;
    OK(DRIVER(cuMemGetAllocationGranularity)(&bytes, &prop, CU_MEM_ALLOC_GRANULARITY_RECOMMENDED));
    CUmemGenericAllocationHandle handle;
    OK(DRIVER(cuMemCreate)(&handle, bytes, &prop, 0));
    CUdeviceptr at = reached_by(2, handle, bytes);
    std::vector<unsigned> v(bytes / 4), got(bytes / 4);
    for (auto &x : v) x = random.u32();
    CHECK(cudaMemcpy((void *)at, v.data(), bytes, cudaMemcpyHostToDevice));
    CHECK(cudaDeviceSynchronize());
    Offer offer = {bytes, random.u32() | 1, random.u32()};
    int descriptor = -1;
    OK(DRIVER(cuMemExportToShareableHandle)(&descriptor, handle, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0));
    exchange(ends[0], &offer, descriptor);
    close(descriptor);
    char done;
    REQUIRE(read(ends[0], &done, 1) == 1);
    unsigned a = random.u32() | 1;
    change(0, at, v.size(), a, 3);
    CHECK(cudaMemcpy(got.data(), (void *)at, bytes, cudaMemcpyDeviceToHost));
    for (auto &x : v) x = ((x * offer.a + offer.b) * offer.a + offer.b) * a + 3;
    same(got, v);
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    OK(DRIVER(cuMemUnmap)(at, bytes));
    OK(DRIVER(cuMemAddressFree)(at, bytes));
    OK(DRIVER(cuMemRelease)(handle));
    return pass("handed_over");
}
