"""CuPy: arrays, kernels compiled at run time, libraries, streams, graphs, textures, kinds of memory."""

import cupy as cp
import numpy as np
from harness import check, main, require


def seeded(*shape, seed=1):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def near(a, b, tolerance=1e-4):
    a, b = np.asarray(cp.asnumpy(a), np.complex128), np.asarray(b, np.complex128)
    require(a.shape == b.shape, f"{a.shape} against {b.shape}")
    worst = float(np.max(np.abs(a - b) / (1 + np.abs(b)), initial=0))
    require(worst <= tolerance, f"off by {worst:.3g}")


@check
def elementwise():
    x, y = seeded(1000), seeded(1000, seed=2)
    near(cp.sin(cp.asarray(x)) * cp.asarray(y) + 2, np.sin(x) * y + 2)
    f = cp.ElementwiseKernel("float32 a, float32 b", "float32 c", "c = (a - b) * (a - b)", "squared_difference")
    near(f(cp.asarray(x), cp.asarray(y)), (x - y) ** 2)
    # A lambda's name would be the kernel's.
    def difference(a, b):
        return cp.sqrt(a * a + b * b) - a
    near(cp.fuse(difference)(cp.asarray(x), cp.asarray(y)), np.sqrt(x * x + y * y) - x)


@check
def reduction():
    x = seeded(300, 400)
    g = cp.asarray(x)
    near(g.sum(0), x.sum(0), 1e-3)
    near(g.max(1), x.max(1), 0)
    near(g.var(), x.var(), 1e-3)
    f = cp.ReductionKernel("T x", "T y", "x * x", "a + b", "y = sqrt(a)", "0", "root_of_squares")
    near(f(g), np.linalg.norm(x), 1e-3)
    near(cp.cumsum(g.ravel()[:1000]), np.cumsum(x.ravel()[:1000].astype(np.float64)), 1e-3)
    require(np.array_equal(cp.argsort(g[0]).get(), np.argsort(x[0])))
    return {"sum": float(g.astype(cp.float64).sum())}


@check
def raw_kernel():
    f = cp.RawKernel(r"""extern "C" __global__ void f(const float *x, float *y, int n, float a) {
        extern __shared__ float s[];
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        s[threadIdx.x] = i < n ? x[i] : 0;
        __syncthreads();
        if (i < n) y[i] = s[blockDim.x - 1 - threadIdx.x] * a;
    }""", "f")
    x = seeded(1024)
    y = cp.zeros(1024, cp.float32)
    f((8,), (128,), (cp.asarray(x), y, np.int32(1024), np.float32(3)), shared_mem=512)
    near(y, x.reshape(8, 128)[:, ::-1].ravel() * 3, 1e-6)
    return {"registers": f.num_regs > 0, "threads": f.max_threads_per_block}


@check
def raw_module():
    module = cp.RawModule(code=r"""
        __constant__ float scale;
        __device__ int counter;
        template <typename T> __global__ void twice(T *v, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) v[i] *= T(2); }
        extern "C" __global__ void scaled(float *v, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) v[i] *= scale; }
        extern "C" __global__ void count(int n) { if (blockIdx.x * blockDim.x + threadIdx.x < n) atomicAdd(&counter, 1); }
    """, options=("-std=c++17",), name_expressions=("twice<float>", "twice<int>"))
    x = cp.arange(1000, dtype=cp.float32)
    k = cp.arange(1000, dtype=cp.int32)
    module.get_function("twice<float>")((8,), (128,), (x, np.int32(1000)))
    module.get_function("twice<int>")((8,), (128,), (k, np.int32(1000)))
    cp.ndarray((1,), cp.float32, module.get_global("scale"))[:] = 5
    module.get_function("scaled")((8,), (128,), (x, np.int32(1000)))
    module.get_function("count")((8,), (128,), (np.int32(777),))
    near(x, np.arange(1000) * 10.0, 1e-6)
    require(int(k.sum()) == 999000)
    return {"counter": int(cp.ndarray((1,), cp.int32, module.get_global("counter"))[0])}


@check
def fft():
    x = seeded(40, 96)
    near(cp.fft.fft2(cp.asarray(x)), np.fft.fft2(x), 1e-3)
    near(cp.fft.irfft(cp.fft.rfft(cp.asarray(x))), x)
    plan_cache = cp.fft.config.get_plan_cache()
    for n in (8, 15, 64, 101, 1000):
        near(cp.fft.fft(cp.asarray(x.ravel()[:n])), np.fft.fft(x.ravel()[:n]), 1e-3)
    return {"plans": plan_cache.get_curr_size() > 0}


@check
def linalg():
    a = seeded(60, 60).astype(np.float64)
    g = cp.asarray(a)
    near(cp.linalg.svd(g, compute_uv=False), np.linalg.svd(a, compute_uv=False), 1e-8)
    near(cp.linalg.solve(g, cp.ones(60)), np.linalg.solve(a, np.ones(60)), 1e-8)
    near(cp.linalg.eigvalsh(g @ g.T), np.linalg.eigvalsh(a @ a.T), 1e-8)
    near(g @ g, a @ a, 1e-9)
    q, r = cp.linalg.qr(g)
    near(q @ r, a, 1e-9)
    return {"det": float(cp.linalg.slogdet(g)[1])}


@check
def sparse():
    import cupyx.scipy.sparse as sp

    dense = seeded(200, 200) * (seeded(200, 200, seed=2) > 1)
    m = sp.csr_matrix(cp.asarray(dense))
    near(m @ cp.asarray(seeded(200)), dense @ seeded(200))
    near((m @ m).toarray(), dense @ dense, 1e-3)
    near(m.T.toarray(), dense.T, 0)
    return {"nnz": m.nnz}


@check
def random_numbers():
    cp.random.seed(7)
    a = cp.random.rand(1000)
    g = cp.random.default_rng(3)
    return {"uniform": float(a.sum()), "normal": float(cp.random.randn(1000).sum()), "generator": float(g.standard_normal(1000).sum()),
            "integers": g.integers(0, 100, 5).tolist()}


@check
def streams():
    a = cp.asarray(seeded(400, 400))
    s, t = cp.cuda.Stream(non_blocking=True), cp.cuda.Stream(non_blocking=True)
    cp.cuda.Device().synchronize()
    with s:
        b = a @ a
        ready = s.record()
    t.wait_event(ready)
    with t:
        c = b + 1
    t.synchronize()
    near(c, seeded(400, 400) @ seeded(400, 400) + 1, 1e-3)
    called = []
    s.launch_host_func(lambda _: called.append(1), None)
    s.synchronize()
    begin, end = cp.cuda.Event(), cp.cuda.Event()
    begin.record()
    a @ a
    end.record()
    end.synchronize()
    require(cp.cuda.get_elapsed_time(begin, end) > 0)
    return {"called": len(called), "sum": float(c.sum())}


@check
def graph():
    x = cp.zeros(1000, cp.float32)
    y = cp.zeros(1000, cp.float32)
    cp.add(x, 1, out=y)
    cp.multiply(y, 3, out=y)
    s = cp.cuda.Stream(non_blocking=True)
    cp.cuda.Device().synchronize()
    with s:
        s.begin_capture()
        require(s.is_capturing())
        cp.add(x, 1, out=y)
        for _ in range(5):
            cp.multiply(y, 3, out=y)
        g = s.end_capture()
    for k in range(4):
        x.fill(k)
        cp.cuda.Device().synchronize()
        g.launch(s)
        s.synchronize()
        near(y, np.full(1000, (k + 1) * 243.0), 0)
    return {"sum": float(y.sum())}


@check
def kinds_of_memory():
    import cupyx

    pinned = cupyx.empty_pinned((1000,), np.float32)
    pinned[:] = seeded(1000)
    s = cp.cuda.Stream(non_blocking=True)
    x = cp.empty(1000, cp.float32)
    x.set(pinned, stream=s)
    with s:
        x *= 2
    back = cupyx.empty_pinned((1000,), np.float32)
    x.get(stream=s, out=back)
    s.synchronize()
    near(back, seeded(1000) * 2, 0)
    pool = cp.get_default_memory_pool()
    used = pool.used_bytes()
    z = cp.empty(1 << 20, cp.uint8)
    grown = pool.used_bytes() - used
    del z
    pool.free_all_blocks()
    with cp.cuda.using_allocator(cp.cuda.MemoryAsyncPool().malloc):
        near(cp.arange(1000).sum(), 499500, 0)
    return {"grown": grown, "sum": float(back.sum())}


@check
def managed_memory():
    with cp.cuda.using_allocator(cp.cuda.MemoryPool(cp.cuda.malloc_managed).malloc):
        x = cp.arange(10000, dtype=cp.float32)
        x *= 2
        near(x, np.arange(10000) * 2.0, 0)
        cp.cuda.Device().synchronize()
    return {"sum": float(x.astype(cp.float64).sum())}


@check
def textures():
    from cupy.cuda import runtime, texture

    w, h = 32, 16
    image = seeded(h, w)
    channel = texture.ChannelFormatDescriptor(32, 0, 0, 0, runtime.cudaChannelFormatKindFloat)
    array = texture.CUDAarray(channel, w, h)
    array.copy_from(cp.asarray(image))
    resource = texture.ResourceDescriptor(runtime.cudaResourceTypeArray, cuArr=array)
    description = texture.TextureDescriptor((runtime.cudaAddressModeClamp,) * 2, runtime.cudaFilterModePoint, runtime.cudaReadModeElementType)
    read = cp.RawKernel(r"""extern "C" __global__ void f(cudaTextureObject_t t, float *out, int w, int h) {
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < w * h) out[i] = tex2D<float>(t, i % w + 0.5f, i / w + 0.5f);
    }""", "f")
    out = cp.zeros((h, w), cp.float32)
    read((4,), (128,), (texture.TextureObject(resource, description), out, np.int32(w), np.int32(h)))
    near(out, image, 0)


@check
def interpolation():
    from cupyx.scipy import ndimage, signal

    x = seeded(40, 50)
    import scipy.ndimage

    near(ndimage.gaussian_filter(cp.asarray(x), 2), scipy.ndimage.gaussian_filter(x, 2), 1e-3)
    near(signal.fftconvolve(cp.asarray(x[0]), cp.asarray(x[1])), np.convolve(x[0], x[1]), 1e-3)


@check
def properties():
    p = cp.cuda.runtime.getDeviceProperties(0)
    return {"name": p["name"].decode(), "sms": p["multiProcessorCount"], "memory": p["totalGlobalMem"], "driver": cp.cuda.runtime.driverGetVersion()}


if __name__ == "__main__":
    main()
