"""Triton kernels: element by element, reductions, products of matrices with and without autotuning."""

import torch
import triton
import triton.language as tl
from harness import check, main, require

dev = torch.device("cuda")


def seeded(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dev)


@triton.jit
def add_kernel(x, y, out, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = at < n
    tl.store(out + at, tl.load(x + at, mask=mask) + tl.load(y + at, mask=mask), mask=mask)


@check
def vector_add():
    x, y = seeded(10001), seeded(10001, seed=2)
    out = torch.empty_like(x)
    add_kernel[(triton.cdiv(10001, 256),)](x, y, out, 10001, BLOCK=256)
    require(torch.equal(out, x + y))
    return {"sum": out.double().sum()}


@triton.jit
def softmax_kernel(x, out, columns, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    at = tl.arange(0, BLOCK)
    v = tl.load(x + row * columns + at, mask=at < columns, other=-float("inf"))
    e = tl.exp(v - tl.max(v, 0))
    tl.store(out + row * columns + at, e / tl.sum(e, 0), mask=at < columns)


@check
def softmax():
    x = seeded(100, 777)
    out = torch.empty_like(x)
    softmax_kernel[(100,)](x, out, 777, BLOCK=1024, num_warps=4)
    require(torch.allclose(out, torch.softmax(x, 1), atol=1e-6))
    return {"max": out.max()}


@triton.jit
def matmul_body(a, b, c, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    m = tl.program_id(0) * BM + tl.arange(0, BM)
    n = tl.program_id(1) * BN + tl.arange(0, BN)
    k = tl.arange(0, BK)
    total = tl.zeros((BM, BN), tl.float32)
    for start in range(0, K, BK):
        x = tl.load(a + m[:, None] * K + (start + k)[None, :], mask=(m[:, None] < M) & ((start + k)[None, :] < K), other=0.0)
        y = tl.load(b + (start + k)[:, None] * N + n[None, :], mask=((start + k)[:, None] < K) & (n[None, :] < N), other=0.0)
        total += tl.dot(x, y)
    tl.store(c + m[:, None] * N + n[None, :], total.to(tl.float16), mask=(m[:, None] < M) & (n[None, :] < N))


@triton.jit
def matmul_kernel(a, b, c, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    matmul_body(a, b, c, M, N, K, BM, BN, BK)


@triton.autotune(configs=[triton.Config({"BM": 64, "BN": 64, "BK": 32}, num_warps=4), triton.Config({"BM": 32, "BN": 64, "BK": 32}, num_warps=4, num_stages=2)],
                 key=["M", "N", "K"])
@triton.jit
def tuned_kernel(a, b, c, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    matmul_body(a, b, c, M, N, K, BM, BN, BK)


def product(launch):
    a, b = seeded(200, 160).half(), seeded(160, 120, seed=2).half()
    c = torch.empty(200, 120, device=dev, dtype=torch.float16)
    launch(a, b, c)
    require(torch.allclose(c.float(), a.float() @ b.float(), atol=0.1, rtol=1e-2))
    return {"sum": round(c.float().abs().sum().item(), -2)}


@check
def matmul():
    return product(lambda a, b, c: matmul_kernel[(triton.cdiv(200, 64), triton.cdiv(120, 64))](a, b, c, 200, 120, 160, BM=64, BN=64, BK=32))


@check
def autotuned():
    grid = lambda meta: (triton.cdiv(200, meta["BM"]), triton.cdiv(120, meta["BN"]))
    return product(lambda a, b, c: tuned_kernel[grid](a, b, c, 200, 120, 160))


@triton.jit
def histogram_kernel(x, counts, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.atomic_add(counts + tl.load(x + at, mask=at < n, other=0), 1, mask=at < n)


@check
def atomics():
    x = torch.randint(0, 40, (5000,), generator=torch.Generator().manual_seed(1)).to(dev)
    counts = torch.zeros(40, dtype=torch.int32, device=dev)
    histogram_kernel[(triton.cdiv(5000, 128),)](x, counts, 5000, BLOCK=128)
    require(torch.equal(counts.long(), torch.bincount(x, minlength=40)))
    return {"counts": counts[:5].tolist()}


@check
def in_graph():
    x, y = seeded(5000), seeded(5000, seed=2)
    out = torch.empty_like(x)
    add_kernel[(triton.cdiv(5000, 256),)](x, y, out, 5000, BLOCK=256)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        add_kernel[(triton.cdiv(5000, 256),)](x, y, out, 5000, BLOCK=256)
        add_kernel[(triton.cdiv(5000, 256),)](out, y, out, 5000, BLOCK=256)
    for seed in range(3):
        x.copy_(seeded(5000, seed=seed))
        graph.replay()
        require(torch.equal(out, x + y + y))
    return {"sum": out.double().sum()}


@check
def timed():
    x = seeded(1 << 20)
    out = torch.empty_like(x)
    ms = triton.testing.do_bench(lambda: add_kernel[(triton.cdiv(1 << 20, 1024),)](x, x, out, 1 << 20, BLOCK=1024), warmup=5, rep=20)
    require(0 < ms < 1000)
    require(torch.equal(out, x + x))


if __name__ == "__main__":
    main()
