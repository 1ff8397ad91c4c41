// What every test program shares: seeds, checks, comparison.
#pragma once
#include "older.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#define CHECK(call)                                                                                                  \
    do {                                                                                                             \
        cudaError_t check_error = (call);                                                                            \
        if (check_error != cudaSuccess) {                                                                            \
            printf("%s:%d: %s: %s (%d)\n", __FILE__, __LINE__, #call, cudaGetErrorString(check_error), check_error); \
            exit(1);                                                                                                 \
        }                                                                                                            \
    } while (0)

#define REQUIRE(condition)                                                        \
    do {                                                                          \
        if (!(condition)) {                                                       \
            printf("%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

// The call must fail with this error.
#define FAILS(call, expected)                                                                                              \
    do {                                                                                                                   \
        cudaError_t check_error = (call);                                                                                  \
        if (check_error != (expected)) {                                                                                   \
            printf("%s:%d: %s: %s (%d), not %d\n", __FILE__, __LINE__, #call, cudaGetErrorString(check_error), check_error, \
                   int(expected));                                                                                         \
            exit(1);                                                                                                       \
        }                                                                                                                  \
    } while (0)

struct Random {
    uint64_t state;
    explicit Random(uint64_t seed) : state(seed * 0x9E3779B97F4A7C15ull + 88172645463325252ull) {
        for (int i = 0; i < 4; i++) next();
    }
    uint64_t next() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    }
    uint32_t u32() { return uint32_t(next() >> 16); }
    uint32_t below(uint32_t n) { return u32() % n; }
    // Uniform in [-1, 1).
    float real() { return float(int32_t(u32())) * (1.0f / 2147483648.0f); }
    double real64() { return double(int64_t(next())) * (1.0 / 9223372036854775808.0); }
};

inline uint64_t seed(int argc, char **argv) {
    uint64_t value = 0;
    if (argc > 1) value = strtoull(argv[1], nullptr, 0);
    else if (const char *given = getenv("PILLION_SEED")) value = strtoull(given, nullptr, 0);
    if (!value) value = uint64_t(time(nullptr)) * 1000003u + uint64_t(clock());
    printf("seed %llu\n", (unsigned long long)value);
    fflush(stdout);
    return value;
}

inline int pass(const char *name) {
    printf("PASS %s\n", name);
    return 0;
}

template <class T> void same(const std::vector<T> &got, const std::vector<T> &expected) {
    REQUIRE(got.size() == expected.size());
    for (size_t i = 0; i < got.size(); i++)
        if (memcmp(&got[i], &expected[i], sizeof(T)) != 0) {
            printf("element %zu is %g, not %g\n", i, double(got[i]), double(expected[i]));
            exit(1);
        }
}

// Differences up to `tolerance` of the larger magnitude, and up to `tolerance` itself near zero.
template <class T, class R> void close_to(const std::vector<T> &got, const std::vector<R> &expected, double tolerance) {
    REQUIRE(got.size() == expected.size());
    for (size_t i = 0; i < got.size(); i++) {
        double a = double(got[i]), b = double(expected[i]);
        if (!(std::fabs(a - b) <= tolerance * std::fmax(1.0, std::fabs(b)))) {
            printf("element %zu is %.9g, not %.9g\n", i, a, b);
            exit(1);
        }
    }
}

// Device memory that holds a vector.
template <class T> struct OnDevice {
    T *at = nullptr;
    size_t n = 0;
    explicit OnDevice(size_t count) : n(count) { CHECK(cudaMalloc(&at, count * sizeof(T))); }
    explicit OnDevice(const std::vector<T> &from) : OnDevice(from.size()) { put(from); }
    OnDevice(const OnDevice &) = delete;
    ~OnDevice() { cudaFree(at); }
    // There when it returns: a copy from pageable memory may end later, and streams that do not block would not wait for it.
    void put(const std::vector<T> &from) {
        CHECK(cudaMemcpy(at, from.data(), from.size() * sizeof(T), cudaMemcpyHostToDevice));
        CHECK(cudaStreamSynchronize(nullptr));
    }
    std::vector<T> get() const {
        std::vector<T> to(n);
        CHECK(cudaMemcpy(to.data(), at, n * sizeof(T), cudaMemcpyDeviceToHost));
        return to;
    }
    operator T *() const { return at; }
};
