"""PyTorch: streams, events, the caching allocator, pinned memory, graphs, libraries, training, workers, other processes."""

import os
import subprocess
import sys
import tempfile
import threading

import torch
import torch.nn as nn
import torch.nn.functional as F
from harness import Skip, check, main, require

dev = torch.device("cuda")
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = False


def seeded(*shape, seed=1, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def near(a, b, tolerance=1e-4):
    a, b = a.detach().double().cpu(), b.detach().double().cpu()
    require(a.shape == b.shape, f"{tuple(a.shape)} against {tuple(b.shape)}")
    worst = ((a - b).abs() / (1 + b.abs())).max().item()
    require(worst <= tolerance, f"off by {worst:.3g}")


def mlp(seed=0, width=64):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(32, width), nn.GELU(), nn.LayerNorm(width), nn.Linear(width, 8)).to(dev)


@check
def properties():
    p = torch.cuda.get_device_properties(0)
    free, total = torch.cuda.mem_get_info()
    require(0 < free <= total)
    return {
        "count": torch.cuda.device_count(), "name": p.name, "capability": (p.major, p.minor), "sms": p.multi_processor_count,
        "total": p.total_memory, "mem_get_info_total": total, "l2": p.L2_cache_size, "warp": p.warp_size,
        "threads_per_sm": p.max_threads_per_multi_processor, "shared_optin": p.shared_memory_per_block_optin,
        "uuid": str(getattr(p, "uuid", "")), "pci": getattr(p, "pci_bus_id", ""), "bf16": torch.cuda.is_bf16_supported(),
        "runtime": torch.version.cuda, "cudnn": torch.backends.cudnn.version(), "arch": torch.cuda.get_arch_list()[-1],
    }


@check
def streams():
    a = seeded(500, 500).to(dev)
    s, t = torch.cuda.Stream(), torch.cuda.Stream(priority=-1)
    s.wait_stream(torch.cuda.current_stream())
    t.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(s):
        x = a @ a
        ready = s.record_event()
    with torch.cuda.stream(t):
        y = a + 1
        t.wait_event(ready)
        x.record_stream(t)
        z = x * y
    t.synchronize()
    require(t.query())
    near(z, (a.cpu() @ a.cpu()) * (a.cpu() + 1))
    return {"sum": z.sum(), "priorities": torch.cuda.Stream.priority_range()}


@check
def events():
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    a = seeded(1000, 1000).to(dev)
    start.record()
    for _ in range(10):
        a = (a @ a).clamp(-1, 1)
    end.record()
    end.synchronize()
    ms = start.elapsed_time(end)
    require(0 < ms < 5000, f"{ms} ms")
    torch.cuda._sleep(1000)
    torch.cuda.synchronize()
    return {"done": end.query()}


@check
def allocator():
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    blocks = [torch.empty(n << 20, dtype=torch.uint8, device=dev) for n in (1, 3, 21, 40)]
    held = torch.cuda.memory_allocated() - before
    peak = torch.cuda.max_memory_allocated() - before
    del blocks
    after = torch.cuda.memory_allocated() - before
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    caught = 0
    for size in (total * 2, total + (1 << 30)):
        try:
            torch.empty(size, dtype=torch.uint8, device=dev)
        except torch.cuda.OutOfMemoryError:
            caught += 1
    x = torch.ones(1000, device=dev).sum()
    # As much as there is, bit by bit, until there is no more; then all of it again.
    stats = torch.cuda.memory_stats()
    snapshot = torch.cuda.memory_snapshot()
    return {"held": held, "peak": peak, "after": after, "caught": caught, "sum": x, "ooms": stats["num_ooms"],
            "active_after": stats["active_bytes.all.current"] - before < 1 << 22, "snapshot": len(snapshot) >= 0}


@check
def pinned():
    source = seeded(1 << 20).pin_memory()
    require(source.is_pinned() and not seeded(4).is_pinned())
    back = torch.empty(1 << 20, pin_memory=True)
    s = torch.cuda.Stream()
    results = []
    with torch.cuda.stream(s):
        for round in range(5):
            source.mul_(1.01)
            x = source.to(dev, non_blocking=True)
            x = x * 2 + round
            back.copy_(x, non_blocking=True)
            s.synchronize()
            near(back, source * 2 + round, 1e-6)
            results.append(back.double().sum())
    return {"sums": results}


@check
def graphs():
    a = torch.zeros(300, 300, device=dev)
    weight = seeded(300, 300, seed=3).to(dev)
    s = torch.cuda.Stream()
    s.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(s):
        for _ in range(3):
            F.relu(a @ weight).sum(0)
    torch.cuda.current_stream().wait_stream(s)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        b = F.relu(a @ weight)
        for _ in range(10):
            b = F.relu(b @ weight) / 20
        c = b.sum(0)
    sums = []
    for seed in range(4):
        a.copy_(seeded(300, 300, seed=seed))
        graph.replay()
        model = F.relu(a @ weight)
        for _ in range(10):
            model = F.relu(model @ weight) / 20
        near(c, model.sum(0), 1e-3)
        sums.append(c.sum())
    # Random numbers go on from one replay to the next.
    torch.manual_seed(5)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        r = torch.rand(1000, device=dev)
    torch.manual_seed(5)
    graph.replay()
    first = r.clone()
    graph.replay()
    require(not torch.equal(first, r))
    return {"sums": sums, "random": (first.sum(), r.sum())}


@check
def graphed_training():
    losses = []
    for graphed in (False, True):
        model = mlp(7)
        x, y = seeded(64, 32, seed=1).to(dev), seeded(64, 8, seed=2).to(dev)
        sample = torch.randn(64, 32, device=dev)
        forward = torch.cuda.make_graphed_callables(model, (sample,)) if graphed else model
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(10):
            optimizer.zero_grad(set_to_none=True)
            loss = F.mse_loss(forward(x), y)
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    require(abs(losses[0] - losses[1]) < 1e-4, f"{losses}")
    return {"loss": losses[1]}


@check
def whole_step_graph():
    model = mlp(8)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, capturable=True)
    x, y = seeded(64, 32, seed=1).to(dev), seeded(64, 8, seed=2).to(dev)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    s = torch.cuda.Stream()
    s.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(s):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(s)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()
    losses = []
    for _ in range(30):
        graph.replay()
        losses.append(loss.item())
    require(losses[-1] < losses[0])
    return {"losses": losses[::10]}


@check
def threads():
    inputs = [seeded(200, 200, seed=i) for i in range(8)]
    results, errors = [None] * 8, []

    def work(i):
        try:
            with torch.cuda.stream(torch.cuda.Stream()):
                x = inputs[i].to(dev)
                for _ in range(20):
                    x = torch.tanh(x @ x.T / 200)
                results[i] = x.cpu()
        except Exception as error:
            errors.append(repr(error))

    group = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    [t.start() for t in group]
    [t.join() for t in group]
    require(not errors, str(errors))
    for i in range(8):
        x = inputs[i].to(dev)
        for _ in range(20):
            x = torch.tanh(x @ x.T / 200)
        near(results[i], x)
    return {"sums": [r.sum() for r in results]}


@check
def autograd_side_stream():
    a = seeded(200, 200).to(dev).requires_grad_()
    b = seeded(200, 200, seed=2).to(dev).requires_grad_()
    s = torch.cuda.Stream()
    s.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(s):
        c = torch.tanh(a @ b)
    torch.cuda.current_stream().wait_stream(s)
    (c * c).sum().backward()
    x, y = a.detach().cpu().requires_grad_(), b.detach().cpu().requires_grad_()
    (torch.tanh(x @ y) ** 2).sum().backward()
    near(a.grad, x.grad, 1e-3)
    near(b.grad, y.grad, 1e-3)
    return {"grad": a.grad.abs().sum()}


@check
def fft():
    sums = []
    for shape in ((128, 128), (3, 97, 60), (5000,)):
        x = seeded(*shape)
        y = torch.fft.fftn(x.to(dev))
        near(torch.view_as_real(y), torch.view_as_real(torch.fft.fftn(x)), 1e-3)
        near(torch.fft.irfftn(torch.fft.rfftn(x.to(dev)), s=shape), x)
        sums.append(y.abs().sum())
    return {"sums": sums}


@check
def sparse():
    dense = seeded(300, 300) * (seeded(300, 300, seed=2) > 1)
    b = seeded(300, 40, seed=3)
    coo, csr = dense.to_sparse().to(dev), dense.to_sparse_csr().to(dev)
    near(torch.sparse.mm(coo, b.to(dev)), dense @ b)
    near(csr @ b.to(dev), dense @ b)
    near((csr @ csr).to_dense(), dense @ dense)
    return {"sum": (csr @ b.to(dev)).abs().sum(), "nnz": csr.values().numel()}


@check
def linalg():
    a = seeded(120, 120).double()
    spd = a @ a.T + 120 * torch.eye(120)
    g = a.to(dev)
    near(torch.linalg.svdvals(g), torch.linalg.svdvals(a), 1e-9)
    near(torch.linalg.solve(g, torch.ones(120, 3, device=dev).double()), torch.linalg.solve(a, torch.ones(120, 3).double()), 1e-8)
    near(torch.linalg.cholesky(spd.to(dev)), torch.linalg.cholesky(spd), 1e-9)
    near(torch.linalg.eigvalsh(spd.to(dev)), torch.linalg.eigvalsh(spd), 1e-9)
    q, r = torch.linalg.qr(g)
    near(q @ r, a, 1e-9)
    near(torch.linalg.inv(g) @ g, torch.eye(120).double(), 1e-8)
    batch = seeded(50, 6, 6).double()
    near(torch.linalg.det(batch.to(dev)), torch.linalg.det(batch), 1e-9)
    return {"logdet": torch.linalg.slogdet(spd.to(dev))[1]}


@check
def indexing():
    x = seeded(5000)
    g = x.to(dev)
    values, order = g.sort()
    require(torch.equal(values.cpu(), x.sort()[0]))
    keys = torch.randint(0, 50, (5000,), generator=torch.Generator().manual_seed(2))
    counts = torch.bincount(keys.to(dev), minlength=50)
    require(torch.equal(counts.cpu(), torch.bincount(keys, minlength=50)))
    sums = torch.zeros(50, device=dev).index_add_(0, keys.to(dev), g)
    near(sums, torch.zeros(50).index_add_(0, keys, x), 1e-4)
    require(torch.equal(g[g > 0].cpu(), x[x > 0]))
    require(torch.equal(torch.unique(keys.to(dev)).cpu(), torch.unique(keys)))
    near(g.cumsum(0), x.double().cumsum(0), 1e-3)
    require(torch.equal(g.topk(10)[0].cpu(), x.topk(10)[0]))
    return {"order": order[:5].tolist(), "nonzero": g.gt(1).nonzero().numel()}


@check
def attention():
    from torch.nn.attention import SDPBackend, sdpa_kernel

    q, k, v = (seeded(2, 4, 128, 64, seed=i, dtype=torch.float16).to(dev) for i in range(3))
    model = F.scaled_dot_product_attention(q.float(), k.float(), v.float(), is_causal=True)
    sums = {}
    for backend in (SDPBackend.MATH, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION):
        with sdpa_kernel(backend):
            out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        near(out, model, 5e-3)
        sums[backend.name.lower()] = round(out.float().abs().sum().item())
    layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True).to(dev)
    x = seeded(2, 10, 64).to(dev).requires_grad_()
    layer(x).sum().backward()
    require(torch.isfinite(x.grad).all())
    return sums


@check
def libraries():
    """cuDNN's convolutions and recurrent networks, cuBLAS and cuBLASLt in several types."""
    torch.manual_seed(0)
    lstm = nn.LSTM(20, 30, 2, batch_first=True)
    x = seeded(4, 15, 20)
    near(lstm.to(dev)(x.to(dev))[0], lstm.cpu()(x)[0], 1e-4)
    conv = nn.Conv3d(3, 6, 3, padding=1)
    y = seeded(2, 3, 8, 8, 8)
    near(conv.to(dev)(y.to(dev)), conv.cpu()(y), 1e-4)
    turned = nn.ConvTranspose2d(4, 5, 4, stride=2)
    z = seeded(2, 4, 9, 9)
    near(turned.to(dev)(z.to(dev)), turned.cpu()(z), 1e-4)
    a, b = seeded(200, 160), seeded(160, 120, seed=2)
    out = {}
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 1e-4), (torch.bfloat16, 0.1), (torch.float16, 0.02)):
        c = a.to(dev, dtype) @ b.to(dev, dtype)
        near(c, a.to(dtype).double() @ b.to(dtype).double(), tolerance)
        out[str(dtype)[6:]] = round(c.double().abs().sum().item(), -1)
    i, j = (torch.randint(-9, 9, (64, 64), generator=torch.Generator().manual_seed(s), dtype=torch.int8) for s in (1, 2))
    require(torch.equal(torch._int_mm(i.to(dev), j.to(dev)).cpu(), i.int() @ j.int()))
    near(torch.baddbmm(torch.ones(1, device=dev), seeded(7, 5, 6).to(dev), seeded(7, 6, 4, seed=2).to(dev)), 1 + seeded(7, 5, 6) @ seeded(7, 6, 4, seed=2))
    near(F.linear(a.to(dev), b.T.contiguous().to(dev), torch.ones(120, device=dev)), a @ b + 1)
    return out


@check
def amp_training():
    model = mlp(3, 128)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    scaler = torch.amp.GradScaler("cuda")
    x, y = seeded(256, 32, seed=1).to(dev), seeded(256, 8, seed=2).to(dev)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        with torch.autocast("cuda", torch.float16):
            loss = F.mse_loss(model(x).float(), y)
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        losses.append(loss.item())
    require(losses[-1] < losses[0])
    return {"losses": [round(l, 3) for l in losses[::6]], "scale": scaler.get_scale()}


class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.n1, self.c1 = nn.GroupNorm(8, a), nn.Conv2d(a, b, 3, padding=1)
        self.n2, self.c2 = nn.GroupNorm(8, b), nn.Conv2d(b, b, 3, padding=1)
        self.time = nn.Linear(32, b)
        self.skip = nn.Conv2d(a, b, 1) if a != b else nn.Identity()

    def forward(self, x, t):
        h = self.c1(F.silu(self.n1(x))) + self.time(t)[:, :, None, None]
        return self.skip(x) + self.c2(F.silu(self.n2(h)))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Conv2d(4, 32, 3, padding=1), nn.Conv2d(32, 4, 3, padding=1)
        self.down, self.middle, self.up = Block(32, 64), Block(64, 64), Block(96, 32)
        self.qkv, self.out = nn.Linear(64, 192), nn.Linear(64, 64)

    def forward(self, x, t):
        t = torch.cat([torch.sin(t[:, None] * 2.0 ** torch.arange(16, device=t.device) / 100),
                       torch.cos(t[:, None] * 2.0 ** torch.arange(16, device=t.device) / 100)], 1).to(x.dtype)
        a = self.first(x)
        b = self.down(F.avg_pool2d(a, 2), t)
        n, c, h, w = b.shape
        q, k, v = self.qkv(b.flatten(2).transpose(1, 2)).reshape(n, h * w, 3, 4, 16).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, h * w, c)
        b = self.middle(b + self.out(attended).transpose(1, 2).reshape(n, c, h, w), t)
        return self.last(self.up(torch.cat([a, F.interpolate(b, scale_factor=2.0)], 1), t))


@check
def diffusion_step():
    torch.manual_seed(0)
    model = UNet().to(dev, memory_format=torch.channels_last)
    half = UNet().to(dev).half().to(memory_format=torch.channels_last)
    half.load_state_dict(model.state_dict())
    x = seeded(2, 4, 32, 32).to(dev, memory_format=torch.channels_last)
    t = torch.tensor([10.0, 500.0], device=dev)
    with torch.no_grad():
        noise, exact = half(x.half(), t), model(x, t)
    near(noise, exact, 0.05)
    # Denoising, as a sampler does.
    with torch.no_grad():
        z = x.half()
        for step in range(5):
            z = z - 0.1 * half(z, torch.full((2,), 100.0 * (5 - step), device=dev))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for step in range(4):
        with torch.autocast("cuda", torch.float16):
            loss = F.mse_loss(model(x, t).float(), seeded(2, 4, 32, 32, seed=9).to(dev))
        optimizer.zero_grad()
        (loss * 128).backward()
        optimizer.step()
        losses.append(loss.item())
    require(all(l < 10 for l in losses), f"{losses}")
    return {"noise": round(exact.abs().sum().item(), 1), "sampled": round(z.float().abs().mean().item(), 2), "losses": [round(l, 2) for l in losses]}


class Squares(torch.utils.data.Dataset):
    def __len__(self):
        return 200

    def __getitem__(self, i):
        return torch.full((50,), float(i)), i * i


@check
def data_loader():
    loader = torch.utils.data.DataLoader(Squares(), batch_size=16, num_workers=2, pin_memory=True, shuffle=False)
    total, squares, all_pinned = torch.zeros((), device=dev, dtype=torch.float64), 0, True
    for x, y in loader:
        all_pinned &= x.is_pinned()
        total += x.to(dev, non_blocking=True).double().sum()
        squares += int(y.to(dev, non_blocking=True).sum())
    require(all_pinned and squares == sum(i * i for i in range(200)))
    return {"total": total, "squares": squares}


@check
def profiler():
    a = seeded(200, 200).to(dev)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as p:
        for _ in range(5):
            a = torch.relu(a @ a / 200)
        torch.cuda.synchronize()
    seen = {e.key: e.count for e in p.key_averages()}
    return {"mm": seen.get("aten::mm"), "relu": seen.get("aten::relu")}


@check
def random_numbers():
    torch.manual_seed(123)
    a = torch.rand(1000, device=dev)
    state = torch.cuda.get_rng_state()
    b = torch.randn(1000, device=dev)
    torch.cuda.set_rng_state(state)
    require(torch.equal(b, torch.randn(1000, device=dev)))
    g = torch.Generator(dev).manual_seed(4)
    return {"uniform": a.double().sum(), "normal": b.double().sum(), "permutation": torch.randperm(1000, generator=g, device=dev)[:5].tolist(),
            "dropout": F.dropout(torch.ones(1000, device=dev), 0.3).count_nonzero()}


@check
def memory_pool():
    if not hasattr(torch.cuda, "MemPool"):
        raise Skip("no torch.cuda.MemPool")
    pool = torch.cuda.MemPool()
    with torch.cuda.use_mem_pool(pool):
        x = torch.arange(1000, device=dev)
    return {"sum": (x * 2).sum()}


@check
def runtime_compiled():
    """A kernel compiled by NVRTC, and one that PyTorch compiles when it is first used."""
    out = {}
    x = seeded(1000).to(dev).abs()
    out["jiterator"] = torch.cuda.jiterator._create_jit_fn("template <typename T> T f(T x, T y) { return x * y + T(2); }")(x, x).sum()
    near(torch.special.zeta(x + 2, x + 1), torch.special.zeta(x.cpu() + 2, x.cpu() + 1), 1e-3)
    if hasattr(torch.cuda, "_compile_kernel"):
        kernel = torch.cuda._compile_kernel('extern "C" __global__ void f(float *v, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) v[i] = v[i] * 3 + i; }', "f")
        y = x.clone()
        kernel((8, 1, 1), (128, 1, 1), (y, 1000))
        near(y, x * 3 + torch.arange(1000, device=dev))
        out["compiled"] = y.sum()
    return out


def in_child(code, **environment):
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, timeout=100)
    require(done.returncode == 0, (done.stderr or done.stdout)[-250:])
    return done.stdout.strip().replace("\n", "|")


@check
def expandable_segments():
    code = """
import torch
kept = []
for n in (1, 5, 30, 2, 60):
    kept.append(torch.full((n << 18,), float(n), device="cuda"))
    if len(kept) > 3: del kept[1]
grown = torch.arange(50 << 20, device="cuda", dtype=torch.int32)
segments = torch.cuda.memory_snapshot()
print(sum(int(k.double().sum()) for k in kept), int(grown[-1]), any(s.get("is_expandable") for s in segments))
del kept, grown
torch.cuda.empty_cache()
print(torch.ones(10, device="cuda").sum().item(), torch.cuda.memory_allocated())
"""
    return {"printed": in_child(code, PYTORCH_CUDA_ALLOC_CONF="expandable_segments:True", PYTORCH_ALLOC_CONF="expandable_segments:True")}


@check
def async_allocator():
    code = """
import torch
x = [torch.full((n << 18,), float(n), device="cuda") for n in (1, 5, 30)]
print(sum(int(k.double().sum()) for k in x), torch.cuda.get_allocator_backend())
"""
    return {"printed": in_child(code, PYTORCH_CUDA_ALLOC_CONF="backend:cudaMallocAsync", PYTORCH_ALLOC_CONF="backend:cudaMallocAsync")}


@check
def shared_with_process():
    """A tensor of this process in another one."""
    code = """
import torch, torch.multiprocessing as mp
def add(q, done):
    x = q.get()
    x += 5
    torch.cuda.synchronize()
    del x
    done.set()
if __name__ == "__main__":
    context = mp.get_context("spawn")
    q, done = context.Queue(), context.Event()
    child = context.Process(target=add, args=(q, done))
    child.start()
    x = torch.arange(1000, device="cuda")
    q.put(x)
    assert done.wait(60)
    child.join()
    print(int(x.sum()), child.exitcode)
"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "shared.py")
        with open(path, "w") as file:
            file.write(code)
        done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=100)
        require(done.returncode == 0, (done.stderr or done.stdout)[-250:])
    return {"printed": done.stdout.strip()}


@check
def nccl_alone():
    """Collectives of a group of one."""
    import torch.distributed as dist

    with tempfile.TemporaryDirectory() as folder:
        dist.init_process_group("nccl", init_method=f"file://{folder}/store", rank=0, world_size=1, device_id=torch.device("cuda", 0))
        try:
            x = seeded(1000).to(dev)
            y = x.clone()
            dist.all_reduce(y)
            near(y, x, 0)
            gathered = [torch.empty_like(x)]
            dist.all_gather(gathered, x)
            near(gathered[0], x, 0)
            dist.barrier()
        finally:
            dist.destroy_process_group()
    return {"sum": y.sum()}


if __name__ == "__main__":
    main()
