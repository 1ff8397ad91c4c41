// Linked lists made by device-side malloc, walked and freed by another kernel.
#include "check.h"
struct Node {
    int value;
    Node *next;
};
__global__ void build(Node **lists, const int *lengths) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    Node *head = nullptr;
    for (int k = 0; k < lengths[i]; k++) {
        Node *node = (Node *)malloc(sizeof(Node));
        if (!node) break;
        node->value = i * 100 + k;
        node->next = head;
        head = node;
    }
    lists[i] = head;
}
__global__ void consume(Node **lists, long long *sums) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    long long sum = 0;
    for (Node *node = lists[i]; node;) {
        sum += node->value;
        Node *next = node->next;
        free(node);
        node = next;
    }
    sums[i] = sum;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 128;
    std::vector<int> lengths(n);
    std::vector<long long> expected(n);
    for (int i = 0; i < n; i++) {
        lengths[i] = int(random.below(30));
        for (int k = 0; k < lengths[i]; k++) expected[i] += i * 100 + k;
    }
    OnDevice<Node *> lists(n);
    OnDevice<int> x(lengths);
    OnDevice<long long> sums(n);
    for (int round = 0; round < 3; round++) {
        build<<<n / 64, 64>>>(lists, x);
        consume<<<n / 32, 32>>>(lists, sums);
        CHECK(cudaGetLastError());
        same(sums.get(), expected);
    }
    return pass("device_malloc");
}
