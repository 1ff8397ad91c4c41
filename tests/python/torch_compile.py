"""torch.compile in its modes, against eager execution."""

import os

os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "4")

import torch
import torch.nn as nn
import torch.nn.functional as F
from harness import check, main, require

dev = torch.device("cuda")


def train(wrap, steps=8, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 128), nn.GELU(), nn.LayerNorm(128), nn.Linear(128, 64)).to(dev)
    x, y = torch.randn(128, 64).to(dev), torch.randn(128, 64).to(dev)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    forward = wrap(model)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(forward(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def against_eager(**options):
    torch._dynamo.reset()
    eager = train(lambda m: m)
    compiled = train(lambda m: torch.compile(m, **options))
    for a, b in zip(eager, compiled):
        require(abs(a - b) < 2e-3 * (1 + abs(a)), f"{eager} against {compiled}")
    return {"losses": [round(l, 3) for l in compiled[::3]]}


@check
def default():
    return against_eager()


@check
def reduce_overhead():
    return against_eager(mode="reduce-overhead")


@check
def reduce_overhead_inference():
    """Graph trees: outputs of one graph are inputs of the next, and shapes change."""
    torch._dynamo.reset()
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32)).to(dev).eval()
    fast = torch.compile(model, mode="reduce-overhead", dynamic=False)
    sums = []
    with torch.no_grad():
        for n in (4, 4, 8, 4, 8, 4):
            x = torch.randn(n, 32, generator=torch.Generator().manual_seed(n)).to(dev)
            expected = model(model(x))
            torch.compiler.cudagraph_mark_step_begin()
            y = fast(fast(x).clone())
            require(torch.allclose(y, expected, atol=1e-3))
            sums.append(round(y.abs().sum().item(), 2))
    return {"sums": sums}


@check
def max_autotune():
    import torch._inductor.config as config

    torch._dynamo.reset()
    torch.manual_seed(2)
    a, b = torch.randn(256, 128).to(dev), torch.randn(128, 192).to(dev)
    with config.patch(max_autotune_gemm_backends="ATEN,TRITON", max_autotune_gemm_search_space="DEFAULT", autotune_in_subproc=False):
        multiply = torch.compile(lambda a, b: torch.relu(a @ b) + 1, mode="max-autotune")
        for _ in range(3):
            c = multiply(a, b)
    require(torch.allclose(c, torch.relu(a @ b) + 1, atol=0.1))
    return {"sum": round(c.sum().item(), -1)}


@check
def fused_softmax():
    torch._dynamo.reset()
    f = torch.compile(lambda x: torch.softmax(x * 2 + 1, -1).var(0))
    x = torch.randn(300, 500, generator=torch.Generator().manual_seed(1)).to(dev)
    require(torch.allclose(f(x), torch.softmax(x * 2 + 1, -1).var(0), atol=1e-6))
    return {"sum": f(x).sum()}


if __name__ == "__main__":
    main()
