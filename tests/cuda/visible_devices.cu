// devices: 3
// CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER: this program starts itself with each of many lists, and compares what it sees then.
#include "check.h"
#include <algorithm>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
static std::string uuid(int device) {
    cudaDeviceProp prop;
    CHECK(cudaGetDeviceProperties(&prop, device));
    std::string text = "GPU-";
    for (int i = 0; i < 16; i++) {
        char hex[3];
        snprintf(hex, sizeof hex, "%02x", (unsigned char)prop.uuid.bytes[i]);
        text += hex;
        if (i == 3 || i == 5 || i == 7 || i == 9) text += "-";
    }
    return text;
}
// What is seen, in words; and it works.
static int show(uint64_t start) {
    Random random(start);
    int count = -1;
    cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaErrorNoDevice) {
        printf("none\n");
        return 0;
    }
    CHECK(status);
    for (int d = 0; d < count; d++) {
        CHECK(cudaSetDevice(d));
        const int n = 1000;
        std::vector<unsigned> v(n), got(n);
        for (auto &x : v) x = random.u32();
        unsigned *p, a = random.u32(), b = random.u32();
        CHECK(cudaMalloc(&p, n * 4));
        CHECK(cudaMemcpy(p, v.data(), n * 4, cudaMemcpyHostToDevice));
        affine<<<(n + 127) / 128, 128>>>(p, n, a, b);
        CHECK(cudaGetLastError());
        CHECK(cudaMemcpy(got.data(), p, n * 4, cudaMemcpyDeviceToHost));
        for (int i = 0; i < n; i++) REQUIRE(got[i] == v[i] * a + b);
        printf("%s ", uuid(d).c_str());
    }
    printf("\n");
    return 0;
}
static std::string with(const char *program, const char *list, const char *order) {
    int out[2];
    REQUIRE(pipe(out) == 0);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        dup2(out[1], 1);
        close(out[0]);
        list ? setenv("CUDA_VISIBLE_DEVICES", list, 1) : unsetenv("CUDA_VISIBLE_DEVICES");
        order ? setenv("CUDA_DEVICE_ORDER", order, 1) : unsetenv("CUDA_DEVICE_ORDER");
        execl(program, program, "--show", (char *)nullptr);
        _exit(127);
    }
    close(out[1]);
    std::string text;
    char buffer[256];
    for (ssize_t n; (n = read(out[0], buffer, sizeof buffer)) > 0;) text.append(buffer, n);
    close(out[0]);
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        printf("with CUDA_VISIBLE_DEVICES=%s: status %d: %s\n", list ? list : "(unset)", status, text.c_str());
        exit(1);
    }
    return text;
}
int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "--show")) return show(uint64_t(getpid()));
    Random random(seed(argc, argv));
    // All that there is, whatever this program itself was started with.
    std::vector<std::string> all;
    std::string seen = with("/proc/self/exe", nullptr, nullptr);
    for (size_t at = 0, end; (end = seen.find(' ', at)) != std::string::npos; at = end + 1) all.push_back(seen.substr(at, end - at));
    int count = all.size();
    if (count < 2) {
        printf("this needs two devices, and there is %d: nothing was tested\n", count);
        return 0;
    }
    auto words = [&](std::vector<int> devices) {
        std::string text;
        for (int d : devices) text += all[d] + " ";
        return devices.empty() ? std::string("none\n") : text + "\n";
    };
    auto expect = [&](std::string list, std::vector<int> devices) {
        std::string got = with("/proc/self/exe", list.c_str(), nullptr);
        if (got != words(devices)) {
            printf("with CUDA_VISIBLE_DEVICES=%s: %s, not %s", list.c_str(), got.c_str(), words(devices).c_str());
            exit(1);
        }
    };
    std::string beyond = std::to_string(count);
    expect("1,0", {1, 0});
    expect("1", {1});
    expect("0", {0});
    expect("", {});
    expect("-1", {});
    expect("0," + beyond, {0});
    expect("1," + beyond + ",0", {1});
    expect(beyond, {});
    expect(all[1], {1});
    expect(all[1] + "," + all[0], {1, 0});
    expect(all[1].substr(0, all[1].size() - 2), {1});
    expect(all[0] + ",GPU-00000000-0000-0000-0000-000000000000," + all[1], {0});
    // Any order of all of them.
    std::vector<int> order(count);
    for (int i = 0; i < count; i++) order[i] = i;
    for (int round = 0; round < 3; round++) {
        for (int i = count - 1; i > 0; i--) std::swap(order[i], order[random.below(i + 1)]);
        std::string list;
        for (int d : order) list += (list.empty() ? "" : ",") + std::to_string(d);
        expect(list, order);
    }
    // In the order of their places on the bus, each is found again.
    std::string by_bus = with("/proc/self/exe", nullptr, "PCI_BUS_ID");
    for (auto &device : all) REQUIRE(by_bus.find(device) != std::string::npos);
    REQUIRE(by_bus.size() == words(order).size());
    return pass("visible_devices");
}
