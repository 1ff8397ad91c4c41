// A hash table filled by compare-and-swap from many threads.
#include "check.h"
#include <map>
const unsigned SLOTS = 8192, EMPTY = 0xffffffff;
__device__ unsigned place(unsigned key) { return (key * 2654435761u) >> 19; }
__global__ void insert(const unsigned *keys, int n, unsigned *table, unsigned *counts) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    for (unsigned slot = place(keys[i]);; slot = (slot + 1) % SLOTS) {
        unsigned old = atomicCAS(&table[slot], EMPTY, keys[i]);
        if (old == EMPTY || old == keys[i]) {
            atomicInc(&counts[slot], 0x7fffffff);
            return;
        }
    }
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 9000;
    std::vector<unsigned> keys(n);
    std::map<unsigned, unsigned> expected;
    for (auto &k : keys) k = random.below(5000) * 77777u % 1000003u, expected[k]++;
    OnDevice<unsigned> x(keys), table(SLOTS), counts(SLOTS);
    CHECK(cudaMemset(table, 0xff, SLOTS * 4));
    CHECK(cudaMemset(counts, 0, SLOTS * 4));
    insert<<<(n + 255) / 256, 256>>>(x, n, table, counts);
    CHECK(cudaGetLastError());
    auto t = table.get(), c = counts.get();
    size_t found = 0;
    for (unsigned s = 0; s < SLOTS; s++)
        if (t[s] != EMPTY) {
            REQUIRE(expected.count(t[s]) && expected[t[s]] == c[s]);
            found++;
        }
    REQUIRE(found == expected.size());
    return pass("hash_table");
}
