// Managed memory in a program that handles SIGSEGV itself: handlers from before and after the memory was made, one that jumps out,
// threads with little stack for signals.
#include "check.h"
#include <csetjmp>
#include <csignal>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
__global__ void affine(unsigned *v, int n, unsigned a, unsigned b) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) v[i] = v[i] * a + b;
}
static volatile char *own;
static volatile int opened, jumped;
static sigjmp_buf back;
// Opens the program's page.
static void open_page(int, siginfo_t *info, void *) {
    if ((char *)info->si_addr < own || (char *)info->si_addr >= own + 4096) _exit(40);
    opened++;
    mprotect((void *)own, 4096, PROT_READ | PROT_WRITE);
}
static void jump(int) {
    jumped++;
    siglongjmp(back, 1);
}
static void handle(void (*handler)(int, siginfo_t *, void *), void (*plain)(int), int flags) {
    struct sigaction action = {};
    if (handler) action.sa_sigaction = handler, action.sa_flags = SA_SIGINFO | flags;
    else action.sa_handler = plain, action.sa_flags = flags;
    REQUIRE(sigaction(SIGSEGV, &action, nullptr) == 0);
}
static void close_page() { REQUIRE(mprotect((void *)own, 4096, PROT_NONE) == 0); }
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    own = (volatile char *)mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE((void *)own != MAP_FAILED);
    handle(open_page, nullptr, 0);
    int n = 600000 + int(random.below(100000));
    unsigned *v;
    CHECK(cudaMallocManaged(&v, n * 4));
    std::vector<unsigned> model(n);
    for (int i = 0; i < n; i++) v[i] = model[i] = random.u32();
    auto turn = [&] {
        unsigned a = random.u32() | 1, b = random.u32();
        affine<<<(n + 255) / 256, 256>>>(v, n, a, b);
        CHECK(cudaDeviceSynchronize());
        for (auto &m : model) m = m * a + b;
        int i = int(random.below(n));
        v[i] = model[i] = random.u32();
        same(std::vector<unsigned>(v, v + n), model);
    };
    turn();
    close_page();
    own[5] = 1;
    turn();
    REQUIRE(opened == 1);
    // A handler that came later, and jumps.
    handle(nullptr, jump, SA_NODEFER);
    for (int round = 1; round <= 5; round++) {
        turn();
        close_page();
        if (sigsetjmp(back, 1) == 0) {
            own[6] = 2;
            REQUIRE(!"the page was closed");
        }
        REQUIRE(jumped == round && opened == 1);
    }
    // Back to the first, and onto small stacks.
    handle(open_page, nullptr, SA_ONSTACK);
    turn();
    affine<<<(n + 255) / 256, 256>>>(v, n, 3, 1);
    CHECK(cudaDeviceSynchronize());
    for (auto &m : model) m = m * 3 + 1;
    std::vector<std::thread> threads;
    std::vector<int> wrong(4);
    for (int k = 0; k < 4; k++)
        threads.emplace_back([&, k] {
            std::vector<char> room(16384);
            stack_t stack = {}, none = {};
            stack.ss_sp = room.data();
            stack.ss_size = room.size();
            sigaltstack(&stack, nullptr);
            for (int i = k; i < n; i += 4) {
                wrong[k] += v[i] != model[i];
                v[i] += k;
            }
            none.ss_flags = SS_DISABLE;
            sigaltstack(&none, nullptr);
        });
    for (auto &thread : threads) thread.join();
    for (int k = 0; k < 4; k++) REQUIRE(wrong[k] == 0);
    for (int i = 0; i < n; i++) model[i] += unsigned(i % 4);
    close_page();
    own[7] = 3;
    REQUIRE(opened == 2);
    turn();
    CHECK(cudaFree(v));
    return pass("fault_handlers");
}
