// Random programs against a serial model: allocations, frees, copies of every kind, memsets, kernels, events and waits over
// several streams and host threads. Every operation also happens at once on a copy in host memory; all memory is compared
// where CUDA says that it is settled, and at the end.
//
//   random_program [--programs N] [--seed S] [--ops K] [--trace]
//
// A failure prints the seed of its program: `random_program --programs 1 --seed S --trace` plays it again.
#include <cuda_runtime.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <time.h>
#include <vector>

using Bytes = std::vector<uint8_t>;

static bool tracing = false;

struct Random {
    uint64_t state;
    explicit Random(uint64_t seed) : state(seed * 0x9E3779B97F4A7C15ull + 0x1234567) { next(); }
    uint64_t next() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state * 0x2545F4914F6CDD1Dull;
    }
    size_t below(size_t n) { return n ? (next() >> 11) % n : 0; }
    bool chance(int percent) { return below(100) < size_t(percent); }
    void fill(uint8_t *at, size_t n) {
        for (size_t i = 0; i < n; i++) at[i] = uint8_t(next() >> 32);
    }
};

__global__ void mix(uint8_t *p, size_t n, uint8_t a) {
    for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < n; i += size_t(gridDim.x) * blockDim.x)
        p[i] = uint8_t(p[i] * 5 + a + i);
}

__global__ void swap_halves(uint8_t *p, size_t half) {
    for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < half; i += size_t(gridDim.x) * blockDim.x) {
        uint8_t t = p[i];
        p[i] = p[i + half];
        p[i + half] = t;
    }
}

// Memory that operations of several streams use one after another: whoever uses it waits for the stream that did last.
struct Buffer {
    uint8_t *at = nullptr;
    Bytes model;
    cudaStream_t last = nullptr;
    bool used = false;
    bool device = true;
};

struct Failure {
    std::string what;
};

struct Program {
    uint64_t seed;
    int ops;
    std::mutex shared_lock;
    Buffer shared;
    std::vector<cudaStream_t> streams;
};

struct Thread {
    Program &program;
    int number;
    Random random;
    std::vector<cudaStream_t> streams;
    std::vector<cudaEvent_t> events;
    std::vector<std::unique_ptr<Buffer>> device, pinned;
    Bytes pageable;

    Thread(Program &p, int n) : program(p), number(n), random(p.seed * 31 + n), pageable(1 << 18) {}

    void trace(const char *format, ...) {
        if (!tracing) return;
        va_list list;
        va_start(list, format);
        printf("[%d] ", number);
        vprintf(format, list);
        printf("\n");
        fflush(stdout);
        va_end(list);
    }

    void check(cudaError_t error, const char *what) {
        if (error != cudaSuccess) throw Failure{std::string(what) + ": " + cudaGetErrorString(error)};
    }
#define DO(call) check((call), #call)

    void same(const uint8_t *got, const Bytes &model, size_t offset, size_t n, const char *what) {
        for (size_t i = 0; i < n; i++)
            if (got[i] != model[offset + i])
                throw Failure{std::string(what) + ": byte " + std::to_string(offset + i) + " of " + std::to_string(model.size()) +
                              " is " + std::to_string(got[i]) + ", not " + std::to_string(model[offset + i])};
    }

    size_t size() { return random.chance(70) ? 1 + random.below(4096) : 1 + random.below(random.chance(10) ? 1 << 18 : 1 << 15); }

    cudaStream_t any_stream() { return streams[random.below(streams.size())]; }

    // Orders what comes next in `stream` behind the last use of the buffer.
    void claim(Buffer &buffer, cudaStream_t stream) {
        if (buffer.used && buffer.last != stream) {
            cudaEvent_t event = events[random.below(events.size())];
            DO(cudaEventRecord(event, buffer.last));
            DO(cudaStreamWaitEvent(stream, event, 0));
        }
        buffer.used = true;
        buffer.last = stream;
    }

    void settle(Buffer &buffer) {
        if (!buffer.used) return;
        switch (random.below(3)) {
        case 0: DO(cudaStreamSynchronize(buffer.last)); break;
        case 1: {
            cudaEvent_t event = events[random.below(events.size())];
            DO(cudaEventRecord(event, buffer.last));
            if (random.chance(50)) {
                cudaError_t state;
                while ((state = cudaEventQuery(event)) == cudaErrorNotReady) std::this_thread::yield();
                check(state, "cudaEventQuery");
            } else {
                DO(cudaEventSynchronize(event));
            }
            break;
        }
        default: DO(cudaDeviceSynchronize());
        }
        buffer.used = false;
    }

    void range(size_t whole, size_t &offset, size_t &n) {
        offset = random.chance(50) ? 0 : random.below(whole);
        n = random.chance(30) ? whole - offset : 1 + random.below(whole - offset);
    }

    void operate(Buffer &buffer) {
        cudaStream_t stream = any_stream();
        size_t offset, n;
        range(buffer.model.size(), offset, n);
        uint8_t *at = buffer.at + offset;
        uint8_t *model = buffer.model.data() + offset;
        switch (random.below(13)) {
        case 0: { // pageable to device; the memory is the program's again at once
            random.fill(pageable.data(), n);
            memcpy(model, pageable.data(), n);
            if (random.chance(50)) {
                trace("H2D pageable sync %zu at %zu", n, offset);
                settle(buffer);
                DO(cudaMemcpy(at, pageable.data(), n, cudaMemcpyHostToDevice));
            } else {
                trace("H2D pageable async %zu at %zu", n, offset);
                claim(buffer, stream);
                DO(cudaMemcpyAsync(at, pageable.data(), n, cudaMemcpyHostToDevice, stream));
            }
            memset(pageable.data(), 0xA5, n);
            break;
        }
        case 1: { // device to pageable: there when the call returns
            Bytes got(n, 0x5A);
            claim(buffer, stream);
            if (random.chance(50)) {
                trace("D2H pageable async %zu at %zu", n, offset);
                DO(cudaMemcpyAsync(got.data(), at, n, cudaMemcpyDeviceToHost, stream));
                DO(cudaStreamSynchronize(stream));
            } else {
                trace("D2H pageable sync %zu at %zu", n, offset);
                DO(cudaStreamSynchronize(stream));
                DO(cudaMemcpy(got.data(), at, n, cudaMemcpyDeviceToHost));
            }
            same(got.data(), buffer.model, offset, n, "device to pageable memory");
            break;
        }
        case 2:
        case 3: { // pinned to device, in stream order: an earlier copy into the pinned memory may still be under way
            Buffer &host = *pinned[random.below(pinned.size())];
            n = std::min(n, host.model.size());
            trace("H2D pinned %zu at %zu", n, offset);
            claim(host, stream);
            claim(buffer, stream);
            DO(cudaMemcpyAsync(at, host.at, n, cudaMemcpyHostToDevice, stream));
            memcpy(model, host.model.data(), n);
            break;
        }
        case 4:
        case 5: { // device to pinned
            Buffer &host = *pinned[random.below(pinned.size())];
            n = std::min(n, host.model.size());
            trace("D2H pinned %zu at %zu", n, offset);
            claim(host, stream);
            claim(buffer, stream);
            DO(cudaMemcpyAsync(host.at, at, n, cudaMemcpyDeviceToHost, stream));
            memcpy(host.model.data(), model, n);
            break;
        }
        case 6: { // device to device
            Buffer &other = *device[random.below(device.size())];
            if (&other == &buffer) break;
            n = std::min(n, other.model.size());
            trace("D2D %zu at %zu", n, offset);
            claim(other, stream);
            claim(buffer, stream);
            DO(cudaMemcpyAsync(other.at, at, n, cudaMemcpyDeviceToDevice, stream));
            memcpy(other.model.data(), model, n);
            break;
        }
        case 7: {
            uint8_t value = uint8_t(random.next());
            trace("memset %zu at %zu", n, offset);
            claim(buffer, stream);
            DO(cudaMemsetAsync(at, value, n, stream));
            memset(model, value, n);
            break;
        }
        case 8: { // rows with gaps
            size_t pitch = 1 + random.below(200), width = 1 + random.below(pitch);
            if (n < pitch) break;
            size_t height = n / pitch;
            uint8_t value = uint8_t(random.next());
            trace("memset2D %zux%zu pitch %zu at %zu", width, height, pitch, offset);
            claim(buffer, stream);
            DO(cudaMemset2DAsync(at, pitch, value, width, height, stream));
            for (size_t y = 0; y < height; y++) memset(model + y * pitch, value, width);
            break;
        }
        case 9: { // a box to or from pageable memory
            size_t pitch = 1 + random.below(300), width = 1 + random.below(pitch), host_pitch = width + random.below(50);
            if (n < pitch) break;
            size_t height = std::min<size_t>(n / pitch, 1 + random.below(40));
            Bytes host(host_pitch * height);
            random.fill(host.data(), host.size());
            claim(buffer, stream);
            if (random.chance(50)) {
                trace("2D H2D %zux%zu at %zu", width, height, offset);
                DO(cudaMemcpy2DAsync(at, pitch, host.data(), host_pitch, width, height, cudaMemcpyHostToDevice, stream));
                for (size_t y = 0; y < height; y++) memcpy(model + y * pitch, &host[y * host_pitch], width);
                memset(host.data(), 0x77, host.size());
            } else {
                trace("2D D2H %zux%zu at %zu", width, height, offset);
                Bytes expected = host;
                for (size_t y = 0; y < height; y++) memcpy(&expected[y * host_pitch], model + y * pitch, width);
                DO(cudaMemcpy2DAsync(host.data(), host_pitch, at, pitch, width, height, cudaMemcpyDeviceToHost, stream));
                DO(cudaStreamSynchronize(stream));
                same(host.data(), expected, 0, expected.size(), "box to pageable memory");
            }
            break;
        }
        case 10: {
            uint8_t a = uint8_t(random.next());
            trace("mix %zu at %zu", n, offset);
            claim(buffer, stream);
            mix<<<1 + random.below(4), 32 + random.below(200), 0, stream>>>(at, n, a);
            DO(cudaGetLastError());
            for (size_t i = 0; i < n; i++) model[i] = uint8_t(model[i] * 5 + a + i);
            break;
        }
        case 11: {
            trace("swap %zu at %zu", n, offset);
            claim(buffer, stream);
            swap_halves<<<2, 64, 0, stream>>>(at, n / 2);
            DO(cudaGetLastError());
            for (size_t i = 0; i < n / 2; i++) std::swap(model[i], model[i + n / 2]);
            break;
        }
        default: { // everything of this buffer, now
            trace("look at %zu bytes", buffer.model.size());
            settle(buffer);
            Bytes got(buffer.model.size());
            DO(cudaMemcpy(got.data(), buffer.at, got.size(), cudaMemcpyDeviceToHost));
            same(got.data(), buffer.model, 0, got.size(), "device memory");
        }
        }
    }

    void allocate() {
        auto buffer = std::make_unique<Buffer>();
        size_t n = size();
        trace("malloc %zu", n);
        DO(cudaMalloc(&buffer->at, n));
        buffer->model.assign(n, 0);
        uint8_t value = uint8_t(random.next());
        cudaStream_t stream = any_stream();
        claim(*buffer, stream);
        DO(cudaMemsetAsync(buffer->at, value, n, stream));
        memset(buffer->model.data(), value, n);
        device.push_back(std::move(buffer));
    }

    void release(size_t index) {
        trace("free %zu bytes", device[index]->model.size());
        // What is under way in it is waited for by the free itself.
        DO(cudaFree(device[index]->at));
        device.erase(device.begin() + long(index));
    }

    void look_at_pinned() {
        Buffer &host = *pinned[random.below(pinned.size())];
        settle(host);
        same(host.at, host.model, 0, host.model.size(), "pinned memory");
        // Settled, so the host may write it.
        size_t offset, n;
        range(host.model.size(), offset, n);
        random.fill(host.at + offset, n);
        memcpy(host.model.data() + offset, host.at + offset, n);
    }

    void run() {
        int count = 1 + int(random.below(3));
        for (int i = 0; i < count; i++) {
            cudaStream_t stream;
            DO(cudaStreamCreateWithFlags(&stream, random.chance(50) ? cudaStreamNonBlocking : cudaStreamDefault));
            streams.push_back(stream);
        }
        {
            std::lock_guard<std::mutex> lock(program.shared_lock);
            program.streams.insert(program.streams.end(), streams.begin(), streams.end());
        }
        if (random.chance(40)) streams.push_back(cudaStreamLegacy);
        for (int i = 0; i < 3; i++) {
            cudaEvent_t event;
            DO(cudaEventCreateWithFlags(&event, random.chance(70) ? cudaEventDisableTiming : cudaEventDefault));
            events.push_back(event);
        }
        for (int i = 0; i < 2; i++) {
            auto buffer = std::make_unique<Buffer>();
            size_t n = size();
            DO(cudaMallocHost(&buffer->at, n));
            random.fill(buffer->at, n);
            buffer->model.assign(buffer->at, buffer->at + n);
            pinned.push_back(std::move(buffer));
        }
        allocate();
        for (int i = 0; i < program.ops; i++) {
            if (device.empty() || (device.size() < 6 && random.chance(8))) allocate();
            else if (device.size() > 1 && random.chance(4)) release(random.below(device.size()));
            else if (random.chance(6)) look_at_pinned();
            else if (random.chance(8)) {
                std::lock_guard<std::mutex> lock(program.shared_lock);
                trace("shared:");
                operate(program.shared);
            } else operate(*device[random.below(device.size())]);
        }
        DO(cudaDeviceSynchronize());
        for (auto &buffer : pinned) same(buffer->at, buffer->model, 0, buffer->model.size(), "pinned memory at the end");
        for (auto &buffer : device) {
            Bytes got(buffer->model.size());
            DO(cudaMemcpy(got.data(), buffer->at, got.size(), cudaMemcpyDeviceToHost));
            same(got.data(), buffer->model, 0, got.size(), "device memory at the end");
            DO(cudaFree(buffer->at));
        }
        for (auto &buffer : pinned) DO(cudaFreeHost(buffer->at));
        for (auto event : events) DO(cudaEventDestroy(event));
    }
};

static std::string run_program(uint64_t seed, int ops) {
    Program program{seed, ops, {}, {}, {}};
    Random random(seed);
    std::string failure;
    std::mutex lock;
    auto guarded = [&](auto body) {
        try {
            body();
        } catch (Failure &f) {
            std::lock_guard<std::mutex> held(lock);
            if (failure.empty()) failure = f.what;
        }
    };
    Thread first(program, 0);
    guarded([&] {
        size_t n = 1 + random.below(5000);
        first.check(cudaMalloc(&program.shared.at, n), "cudaMalloc");
        first.check(cudaMemset(program.shared.at, 3, n), "cudaMemset");
        first.check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
        program.shared.model.assign(n, 3);
    });
    if (!failure.empty()) return failure;
    int threads = random.chance(60) ? 1 : 2 + int(random.below(3));
    std::vector<std::thread> others;
    std::vector<std::unique_ptr<Thread>> owners;
    for (int i = 1; i < threads; i++) {
        owners.push_back(std::make_unique<Thread>(program, i));
        Thread *thread = owners.back().get();
        others.emplace_back([&, thread] { guarded([&] { thread->run(); }); });
    }
    guarded([&] { first.run(); });
    for (auto &thread : others) thread.join();
    guarded([&] {
        if (!failure.empty()) return;
        first.check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
        Bytes got(program.shared.model.size());
        first.check(cudaMemcpy(got.data(), program.shared.at, got.size(), cudaMemcpyDeviceToHost), "cudaMemcpy");
        first.same(got.data(), program.shared.model, 0, got.size(), "shared memory at the end");
        first.check(cudaFree(program.shared.at), "cudaFree");
        for (auto stream : program.streams) first.check(cudaStreamDestroy(stream), "cudaStreamDestroy");
    });
    return failure;
}

int main(int argc, char **argv) {
    uint64_t seed = 0;
    int programs = 100, ops = 60;
    if (const char *given = getenv("PILLION_SEED")) seed = strtoull(given, nullptr, 0);
    for (int i = 1; i < argc; i++) {
        auto value = [&] { return ++i < argc ? strtoull(argv[i], nullptr, 0) : 0ull; };
        if (!strcmp(argv[i], "--programs")) programs = int(value());
        else if (!strcmp(argv[i], "--seed")) seed = value();
        else if (!strcmp(argv[i], "--ops")) ops = int(value());
        else if (!strcmp(argv[i], "--trace")) tracing = true;
    }
    if (!seed) {
        timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        seed = uint64_t(now.tv_sec) * 1000003 + uint64_t(now.tv_nsec) % 1000003;
    }
    printf("seed %llu, %d programs of %d operations a thread\n", (unsigned long long)seed, programs, ops);
    for (int i = 0; i < programs; i++) {
        std::string failure = run_program(seed + uint64_t(i), ops);
        if (!failure.empty()) {
            printf("FAILED seed %llu: %s\nagain: random_program --programs 1 --ops %d --seed %llu --trace\n",
                   (unsigned long long)(seed + uint64_t(i)), failure.c_str(), ops, (unsigned long long)(seed + uint64_t(i)));
            return 1;
        }
    }
    printf("PASS random_program\n");
    return 0;
}
