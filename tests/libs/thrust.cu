// nvcc: --extended-lambda
// Thrust: sorting, scans, reductions, searches, compaction and transformations, on a stream of our own as well.
#include "../cuda/check.h"
#include <algorithm>
#include <numeric>
#include <thrust/binary_search.h>
#include <thrust/copy.h>
#include <thrust/device_vector.h>
#include <thrust/execution_policy.h>
#include <thrust/extrema.h>
#include <thrust/functional.h>
#include <thrust/iterator/constant_iterator.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
#include <thrust/transform_reduce.h>
#include <thrust/unique.h>
template <class T> static std::vector<T> host(const thrust::device_vector<T> &v) {
    std::vector<T> out(v.size());
    thrust::copy(v.begin(), v.end(), out.begin());
    return out;
}
int main(int argc, char **argv) {
    Random random(seed(argc, argv));
    int n = 50000 + int(random.below(10000));
    std::vector<int> keys(n), values(n);
    for (int i = 0; i < n; i++) keys[i] = int(random.below(5000)), values[i] = int(random.u32() >> 8);
    thrust::device_vector<int> k(keys.begin(), keys.end()), v(values.begin(), values.end());
    cudaStream_t s;
    CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    CHECK(cudaDeviceSynchronize());
    thrust::device_vector<int> sorted = v, by = v, order = k;
    CHECK(cudaDeviceSynchronize());
    thrust::sort(thrust::cuda::par.on(s), sorted.begin(), sorted.end());
    thrust::stable_sort_by_key(thrust::cuda::par.on(s), order.begin(), order.end(), by.begin());
    CHECK(cudaStreamSynchronize(s));
    std::vector<int> model = values, permutation(n), model_by(n);
    std::sort(model.begin(), model.end());
    same(host(sorted), model);
    std::iota(permutation.begin(), permutation.end(), 0);
    std::stable_sort(permutation.begin(), permutation.end(), [&](int a, int b) { return keys[a] < keys[b]; });
    for (int i = 0; i < n; i++) model_by[i] = values[permutation[i]];
    same(host(by), model_by);
    thrust::sort(v.begin(), v.end(), thrust::greater<int>());
    std::reverse(model.begin(), model.end());
    same(host(v), model);
    thrust::device_vector<long long> sums(n);
    thrust::inclusive_scan(k.begin(), k.end(), sums.begin(), thrust::plus<long long>());
    REQUIRE(sums[n - 1] == std::accumulate(keys.begin(), keys.end(), 0ll));
    REQUIRE(thrust::reduce(k.begin(), k.end(), 0ll) == std::accumulate(keys.begin(), keys.end(), 0ll));
    REQUIRE(*thrust::max_element(k.begin(), k.end()) == *std::max_element(keys.begin(), keys.end()));
    long long squares = thrust::transform_reduce(
        k.begin(), k.end(), [] __device__(int x) -> long long { return (long long)x * x; }, 0ll, thrust::plus<long long>());
    long long model_squares = 0;
    for (int x : keys) model_squares += (long long)x * x;
    REQUIRE(squares == model_squares);
    // How often each key occurs.
    thrust::device_vector<int> found(n), counts(n);
    auto ends = thrust::reduce_by_key(order.begin(), order.end(), thrust::make_constant_iterator(1), found.begin(), counts.begin());
    std::vector<int> histogram(5000), model_counts, got(counts.begin(), ends.second);
    for (int x : keys) histogram[x]++;
    for (int c : histogram)
        if (c) model_counts.push_back(c);
    same(got, model_counts);
    thrust::device_vector<int> odd(n);
    auto end = thrust::copy_if(k.begin(), k.end(), odd.begin(), [] __device__(int x) -> bool { return x % 2 == 1; });
    odd.resize(end - odd.begin());
    std::vector<int> model_odd;
    for (int x : keys)
        if (x % 2) model_odd.push_back(x);
    same(host(odd), model_odd);
    order.erase(thrust::unique(order.begin(), order.end()), order.end());
    REQUIRE(order.size() == model_counts.size());
    thrust::device_vector<bool> present(5000);
    thrust::binary_search(order.begin(), order.end(), thrust::counting_iterator<int>(0), thrust::counting_iterator<int>(5000), present.begin());
    for (int i = 0; i < 5000; i += 50) REQUIRE(bool(present[i]) == (histogram[i] > 0));
    CHECK(cudaStreamDestroy(s));
    return pass("thrust");
}
