"""Several GPUs of one server: copies between them, and NCCL in one process and in one for each GPU. Skipped with fewer than two."""

import os
import sys
import tempfile

try:
    import torch
    import torch.distributed as dist
    import torch.multiprocessing as processes
except ImportError as missing:
    print("skip nccl", missing)
    sys.exit(0)

from harness import check, main, require

COUNT = torch.cuda.device_count()
N = 1 << 20


def seeded(n):
    return torch.rand(N, generator=torch.Generator().manual_seed(n))


def same(got, want, what):
    if not torch.allclose(got.cpu(), want, rtol=1e-5, atol=1e-6):
        raise AssertionError(f"{what} differs")


@check
def copies():
    for a in range(COUNT):
        for b in range(COUNT):
            if a != b:
                x = seeded(a * COUNT + b)
                same(x.to(f"cuda:{a}").to(f"cuda:{b}"), x, f"a copy from {a} to {b}")
    return {"peers": sum(torch.cuda.can_device_access_peer(0, d) for d in range(1, COUNT))}


@check
def one_process():
    parts = [seeded(d).to(f"cuda:{d}") for d in range(COUNT)]
    torch.cuda.nccl.all_reduce(parts)
    want = sum(seeded(d) for d in range(COUNT))
    for part in parts:
        same(part, want, "a sum")
    return {"sum": parts[0].double().sum()}


def member(rank, store, result):
    torch.cuda.set_device(rank)
    dist.init_process_group(
        "nccl", init_method=f"file://{store}", rank=rank, world_size=COUNT, device_id=torch.device("cuda", rank)
    )
    x, want = seeded(rank).cuda(), sum(seeded(d) for d in range(COUNT))
    for _ in range(5):
        y = x.clone()
        dist.all_reduce(y)
        same(y, want, "all_reduce")
    y = x.clone()
    dist.broadcast(y, 0)
    same(y, seeded(0), "broadcast")
    part = torch.empty(N // COUNT, device="cuda")
    dist.reduce_scatter_tensor(part, x[: N // COUNT * COUNT])
    same(part, want[: N // COUNT * COUNT].chunk(COUNT)[rank], "reduce_scatter")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 8)).cuda()
    parallel = torch.nn.parallel.DistributedDataParallel(model, device_ids=[rank])
    optimizer = torch.optim.SGD(parallel.parameters(), 0.1)
    for step in range(5):
        batch = torch.rand(32, 64, generator=torch.Generator().manual_seed(100 * rank + step)).cuda()
        loss = parallel(batch).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    mine = torch.cat([p.detach().flatten() for p in model.parameters()])
    first = mine.clone()
    dist.broadcast(first, 0)
    if not torch.equal(mine, first):
        raise AssertionError("the replicas of the model differ")
    if rank == 0:
        with open(result, "w") as file:
            file.write(repr(float(mine.double().sum())))
    dist.destroy_process_group()


@check
def one_process_for_each():
    with tempfile.TemporaryDirectory() as folder:
        result = os.path.join(folder, "result")
        processes.spawn(member, (os.path.join(folder, "store"), result), nprocs=COUNT)
        return {"parameters": float(open(result).read())}


@check
def jax_pmap():
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    try:
        import jax
        import numpy as np
    except ImportError:
        return {}
    count = jax.local_device_count()
    require(count == COUNT, "JAX sees another number of devices")
    x = np.random.RandomState(1).rand(count, 1000).astype("f")
    y = np.asarray(jax.pmap(lambda v: jax.lax.psum(v, "i"), axis_name="i")(x))
    require(np.allclose(y, x.sum(0)), "psum differs")
    return {"sum": float(y[0].sum())}


if __name__ == "__main__":
    if COUNT < 2:
        print("skip nccl there are fewer than two GPUs")
        sys.exit(0)
    main()
