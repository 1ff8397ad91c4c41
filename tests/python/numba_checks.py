"""Numba on CUDA: kernels, shared and constant memory, streams, events, pinned, mapped and managed arrays."""

import math
import sys

try:
    import numpy as np

    # Numba before 0.63 asks for a name that NumPy 2.5 has dropped.
    if not hasattr(np, "row_stack"):
        np.row_stack = np.vstack
    from numba import cuda, float32, vectorize
    import numba.cuda
except ImportError as missing:
    print("skip numba", missing)
    sys.exit(0)

from harness import check, main, require

if getattr(numba.cuda, "implementation", "") != "NVIDIA" and not hasattr(numba.cuda, "__version__"):
    print("skip numba numba-cuda is not installed")
    sys.exit(0)


def seeded(n, seed=1):
    return np.random.default_rng(seed).standard_normal(n).astype(np.float32)


@cuda.jit
def axpy(a, x, y):
    i = cuda.grid(1)
    if i < x.size:
        y[i] += a * x[i]


@check
def kernel():
    x, y = seeded(1000), seeded(1000, 2)
    d = cuda.to_device(y)
    axpy[8, 128](np.float32(3), cuda.to_device(x), d)
    got = d.copy_to_host()
    require(np.allclose(got, y + 3 * x, atol=1e-5))
    z = y.copy()
    axpy[8, 128](np.float32(2), x, z)
    require(np.allclose(z, y + 2 * x, atol=1e-5))
    return {"sum": float(got.astype(np.float64).sum())}


@check
def vectorized():
    f = vectorize(["float32(float32, float32)"], target="cuda")(lambda a, b: math.sin(a) * b + 1)
    x, y = seeded(5000), seeded(5000, 2)
    require(np.allclose(f(x, y), np.sin(x) * y + 1, atol=1e-5))


@cuda.jit
def block_sums(x, out):
    s = cuda.shared.array(128, float32)
    t = cuda.threadIdx.x
    s[t] = x[cuda.grid(1)]
    cuda.syncthreads()
    step = 64
    while step:
        if t < step:
            s[t] += s[t + step]
        cuda.syncthreads()
        step //= 2
    if t == 0:
        out[cuda.blockIdx.x] = s[0]


@check
def shared_memory():
    x = seeded(128 * 20)
    out = np.zeros(20, np.float32)
    block_sums[20, 128](x, out)
    require(np.allclose(out, x.reshape(20, 128).sum(1), atol=1e-3))
    return {"sum": float(out.astype(np.float64).sum())}


@cuda.jit
def count(x, counts):
    i = cuda.grid(1)
    if i < x.size:
        cuda.atomic.add(counts, x[i], 1)


@check
def atomics():
    x = np.random.default_rng(5).integers(0, 30, 4000).astype(np.int32)
    counts = np.zeros(30, np.int32)
    count[40, 100](x, counts)
    require(np.array_equal(counts, np.bincount(x, minlength=30)))


@check
def streams():
    s, t = cuda.stream(), cuda.stream()
    x = cuda.pinned_array(2000, np.float32)
    x[:] = seeded(2000)
    ready = cuda.event(timing=False)
    a = cuda.to_device(x, stream=s)
    b = cuda.device_array(2000, np.float32, stream=s)
    b.copy_to_device(np.ones(2000, np.float32), stream=s)
    axpy[20, 100, s](np.float32(2), a, b)
    ready.record(s)
    ready.wait(t)
    axpy[20, 100, t](np.float32(1), a, b)
    back = b.copy_to_host(stream=t)
    t.synchronize()
    require(np.allclose(back, 1 + 3 * x, atol=1e-5))
    begin, end = cuda.event(), cuda.event()
    begin.record()
    axpy[20, 100](np.float32(2), a, b)
    end.record()
    end.synchronize()
    require(cuda.event_elapsed_time(begin, end) > 0)
    called = []
    s.add_callback(lambda stream, status, arg: called.append(arg), 7)
    s.synchronize()
    return {"called": called}


@check
def mapped_array():
    x = cuda.mapped_array(1000, np.float32)
    for round in range(3):
        x[:] = round
        axpy[8, 128](np.float32(1), cuda.to_device(np.arange(1000, dtype=np.float32)), x)
        cuda.synchronize()
        require(np.array_equal(x, np.arange(1000, dtype=np.float32) + round))


@check
def managed_array():
    x = cuda.managed_array(1000, np.float32)
    for round in range(3):
        x[:] = round
        axpy[8, 128](np.float32(1), cuda.to_device(np.arange(1000, dtype=np.float32)), x)
        cuda.synchronize()
        require(np.array_equal(x, np.arange(1000, dtype=np.float32) + round))


@check
def reduction():
    total = cuda.reduce(lambda a, b: a + b)
    x = np.arange(5000, dtype=np.float64)
    require(total(x) == x.sum())


@check
def properties():
    d = cuda.get_current_device()
    free, total = cuda.current_context().get_memory_info()
    require(free <= total)
    return {"name": d.name, "capability": d.compute_capability, "sms": d.MULTIPROCESSOR_COUNT}


if __name__ == "__main__":
    main()
