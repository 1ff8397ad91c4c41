"""JAX: compilation, transformations, collectives over the devices that there are, libraries, and a training loop."""

import os

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import jax.numpy as jnp
import numpy as np
from harness import check, main, require

jax.config.update("jax_default_matmul_precision", "highest")


def seeded(*shape, seed=1):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def near(a, b, tolerance=1e-4):
    a, b = np.asarray(a, np.complex128), np.asarray(b, np.complex128)
    require(a.shape == b.shape, f"{a.shape} against {b.shape}")
    worst = float(np.max(np.abs(a - b) / (1 + np.abs(b)), initial=0))
    require(worst <= tolerance, f"off by {worst:.3g}")


@check
def devices():
    d = jax.devices()[0]
    require(d.platform == "gpu")
    return {"count": jax.device_count(), "kind": d.device_kind, "capability": getattr(d, "compute_capability", "")}


@check
def jit():
    a = seeded(300, 300)
    f = jax.jit(lambda x: jnp.tanh(x @ x.T / 300).sum(0))
    near(f(a), np.tanh(a @ a.T / 300).sum(0), 1e-3)
    return {"sum": float(f(a).sum())}


@check
def grad():
    a = seeded(50)
    g = jax.jit(jax.grad(lambda x: jnp.sum(jnp.sin(x) ** 2)))(a)
    near(g, 2 * np.sin(a) * np.cos(a))
    h = jax.jit(jax.hessian(lambda x: jnp.sum(x**3)))(a)
    near(h, np.diag(6 * a))
    return {"sum": float(jnp.abs(g).sum())}


@check
def vmap():
    a, b = seeded(20, 30, 40), seeded(20, 40, seed=2)
    near(jax.jit(jax.vmap(jnp.dot))(a, b), np.einsum("bij,bj->bi", a, b))


@check
def over_devices():
    n = jax.device_count()
    x = seeded(n, 100)
    total = jax.pmap(lambda v: jax.lax.psum(v, "d"), axis_name="d")(x)
    near(total[0], x.sum(0))
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("d",))
    y = jax.device_put(seeded(8 * n, 16), jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("d", None)))
    near(jax.jit(lambda v: v.T @ v)(y), seeded(8 * n, 16).T @ seeded(8 * n, 16))
    return {"devices": n}


@check
def control_flow():
    x = seeded(64)
    carry, each = jax.jit(lambda v: jax.lax.scan(lambda c, t: (jnp.tanh(c * 0.9 + t), c.sum()), v, jnp.arange(50.0)))(x)
    model = x.copy()
    for t in range(50):
        model = np.tanh(model * np.float32(0.9) + t)
    near(carry, model)
    collatz = jax.jit(lambda n: jax.lax.while_loop(lambda s: s[0] != 1, lambda s: (jnp.where(s[0] % 2, s[0] * 3 + 1, s[0] // 2), s[1] + 1), (n, 0))[1])
    pick = jax.jit(lambda i, v: jax.lax.switch(i, [jnp.sin, jnp.cos, lambda u: u * 2], v))
    either = jax.jit(lambda p, v: jax.lax.cond(p, lambda u: u + 1, lambda u: u - 1, v))
    near(pick(2, x), x * 2)
    near(either(True, x), x + 1)
    near(either(False, x), x - 1)
    return {"collatz": [int(collatz(n)) for n in (7, 27, 97)], "scan": float(each.sum())}


@check
def fft():
    x = seeded(60, 128)
    near(jnp.fft.fft2(x), np.fft.fft2(x), 1e-3)
    near(jnp.fft.irfft(jnp.fft.rfft(x)), x)
    return {"sum": float(jnp.abs(jnp.fft.fft2(x)).sum())}


@check
def linalg():
    a = seeded(80, 80)
    spd = a @ a.T + 80 * np.eye(80, dtype=np.float32)
    near(jnp.linalg.svd(a, compute_uv=False), np.linalg.svd(a, compute_uv=False), 1e-3)
    near(jnp.linalg.solve(spd, np.ones(80, np.float32)), np.linalg.solve(spd, np.ones(80)), 1e-3)
    near(jnp.linalg.cholesky(spd), np.linalg.cholesky(spd), 1e-3)
    near(jnp.linalg.eigvalsh(spd), np.linalg.eigvalsh(spd), 1e-3)
    q, r = jnp.linalg.qr(a)
    near(q @ r, a, 1e-3)
    return {"logdet": float(jnp.linalg.slogdet(spd)[1])}


@check
def random_numbers():
    key = jax.random.key(42)
    a, b = jax.random.split(key)
    return {"uniform": float(jax.random.uniform(a, (1000,)).sum()), "normal": float(jax.random.normal(b, (1000,)).sum()),
            "permutation": [int(v) for v in jax.random.permutation(a, 100)[:5]]}


@check
def sorting():
    x = seeded(5000)
    near(jnp.sort(x), np.sort(x), 0)
    require(np.array_equal(jnp.argsort(x), np.argsort(x, kind="stable")))
    keys = np.random.default_rng(3).integers(0, 40, 5000)
    near(jax.ops.segment_sum(jnp.asarray(x), jnp.asarray(keys), 40), np.bincount(keys, x, 40))
    near(jnp.cumsum(x), np.cumsum(x.astype(np.float64)), 1e-3)


@check
def convolution():
    x, w = seeded(2, 16, 16, 3), seeded(3, 3, 3, 8, seed=2)
    y = jax.jit(lambda a, b: jax.lax.conv_general_dilated(a, b, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")))(x, w)
    model = np.zeros((2, 16, 16, 8), np.float32)
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for i in range(3):
        for j in range(3):
            model += padded[:, i : i + 16, j : j + 16] @ w[i, j]
    near(y, model, 1e-3)
    half = jnp.asarray(seeded(256, 256), jnp.bfloat16)
    near((half @ half).astype(jnp.float32), np.asarray(half, np.float32) @ np.asarray(half, np.float32), 0.02)
    return {"sum": float(jnp.abs(y).sum())}


@check
def memory():
    x = jax.device_put(seeded(1000, 1000))
    double = jax.jit(lambda v: v * 2, donate_argnums=0)
    y = double(x)
    require(x.is_deleted())
    near(y, seeded(1000, 1000) * 2, 0)
    z = [jax.device_put(np.full(1 << 20, i, np.float32)) for i in range(10)]
    total = float(sum(v[0] for v in z))
    return {"total": total}


@check
def host_callback():
    seen = []

    def host(v):
        seen.append(float(v.sum()))
        return np.asarray(v) * 2

    f = jax.jit(lambda v: jax.pure_callback(host, jax.ShapeDtypeStruct(v.shape, v.dtype), v + 1) - 1)
    near(f(np.arange(10, dtype=np.float32)), np.arange(10) * 2 + 1)
    return {"seen": seen[-1]}


@check
def training():
    rng = np.random.default_rng(0)
    params = [(jnp.asarray(rng.standard_normal(s) * 0.1, jnp.float32), jnp.zeros(s[1])) for s in ((16, 64), (64, 64), (64, 1))]
    x, y = seeded(256, 16), np.sin(seeded(256, 16).sum(1, keepdims=True))

    def loss_of(params):
        h = x
        for w, b in params[:-1]:
            h = jnp.tanh(h @ w + b)
        w, b = params[-1]
        return jnp.mean((h @ w + b - y) ** 2)

    @jax.jit
    def step(params):
        loss, grads = jax.value_and_grad(loss_of)(params)
        return loss, jax.tree.map(lambda p, g: p - 0.1 * g, params, grads)

    losses = []
    for _ in range(60):
        loss, params = step(params)
        losses.append(float(loss))
    require(losses[-1] < losses[0])
    return {"losses": [round(l, 4) for l in losses[::15]]}


if __name__ == "__main__":
    main()
