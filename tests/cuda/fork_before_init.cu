// Processes that fork before they use CUDA each have it for themselves.
#include "check.h"
#include <sys/wait.h>
#include <unistd.h>
__global__ void add(int *v, int a) { v[threadIdx.x] += a; }
static void use(uint64_t start) {
    Random random(start);
    std::vector<int> in(256), e(256);
    for (int i = 0; i < 256; i++) in[i] = int(random.below(1000)), e[i] = in[i] + 5;
    OnDevice<int> x(in);
    add<<<1, 256>>>(x, 5);
    CHECK(cudaGetLastError());
    same(x.get(), e);
}
int main(int argc, char **argv) {
    uint64_t start = seed(argc, argv);
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            use(start + i + 1);
            exit(0);
        }
    }
    use(start);
    for (pid_t child : children) {
        int status;
        REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    return pass("fork_before_init");
}
