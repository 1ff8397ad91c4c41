// The child of a process that uses CUDA gets errors, and the parent does not notice.
#include "check.h"
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    std::vector<int> in(1000);
    for (auto &v : in) v = int(random.u32());
    OnDevice<int> x(in);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int *p;
        std::vector<int> out(1000);
        _exit(cudaMalloc(&p, 100) != cudaSuccess && cudaMemcpy(out.data(), x.at, 4000, cudaMemcpyDeviceToHost) != cudaSuccess ? 0 : 1);
    }
    int status;
    REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    same(x.get(), in);
    return pass("fork_after_init");
}
