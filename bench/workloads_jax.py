# SPDX-License-Identifier: MIT
"""In JAX, one thread: the sheet's training, all epochs in one compiled scan, shuffled, its products as fused sums
("sheet NS" a step, compiling excluded), and simplechains, one compiled step a call ("simplechains NS").
workloads_jax.py [--epochs N] [--seconds S] NAME..."""
import argparse
import os
import time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
import jax
import jax.numpy as jnp


def fused(x, w):
    """x @ w.T as a sum that XLA fuses with what follows: quicker than dot for layers this small."""
    return jnp.sum(x[:, None, :] * w[None, :, :], axis=-1)


def dot(x, w):
    return x @ w.T


def init(key, *sizes):
    params = []
    for i, o in zip(sizes, sizes[1:]):
        key, a, b = jax.random.split(key, 3)
        bound = i**-0.5
        params.append((jax.random.uniform(a, (o, i), minval=-bound, maxval=bound),
                       jax.random.uniform(b, (o,), minval=-bound, maxval=bound)))
    return params


def mse(params, x, y, activation, product):
    for i, (w, b) in enumerate(params):
        x = product(x, w) + b
        x = activation(x) if i + 1 < len(params) else x
    return jnp.mean((x - y) ** 2)


def adam(params, state, grads, lr):
    m, v, t = state
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
    a, b = lr / (1 - 0.9**t), 1 / jnp.sqrt(1 - 0.999**t)
    return jax.tree.map(lambda p, m, v: p - a * m / (jnp.sqrt(v) * b + 1e-8), params, m, v), (m, v, t)


def zeros(params):
    return jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params), jnp.float32(0)


def sheet(seconds, epochs):
    x = 10 * jax.random.uniform(jax.random.key(0), (100, 1)) - 5
    y = x**3 - x**2 + 25 * jnp.sin(2 * x)

    def step(carry, batch):
        params, state = carry
        loss, grads = jax.value_and_grad(mse)(params, *batch, jax.nn.relu, fused)
        return adam(params, state, grads, 1e-4), loss

    def epoch(carry, key):
        order = jax.random.permutation(key, 100)
        return jax.lax.scan(step, carry, (x[order].reshape(4, 25, 1), y[order].reshape(4, 25, 1)))

    @jax.jit
    def train(params, key):
        return jax.lax.scan(epoch, (params, zeros(params)), jax.random.split(key, epochs))[1]

    params = init(jax.random.key(1), 1, 10, 10, 10, 1)
    return clock(lambda i: train(params, jax.random.key(i)), seconds) / (4 * epochs)


def simplechains(seconds, epochs):
    del epochs
    x, y = jax.random.normal(jax.random.key(0), (10000, 4)), jax.random.normal(jax.random.key(1), (10000, 4))

    @jax.jit
    def step(params, state, x, y):
        loss, grads = jax.value_and_grad(mse)(params, x, y, jnp.tanh, dot)
        return *adam(params, state, grads, 1e-3), loss

    carry = [init(jax.random.key(2), 4, 32, 16, 4)]
    carry.append(zeros(carry[0]))

    def run(i):
        del i
        carry[0], carry[1], loss = step(*carry, x, y)
        return loss

    return clock(run, seconds)


def clock(run, seconds):
    """The median ns of a run, the first (compiling) left out."""
    jax.block_until_ready(run(0))
    samples, begin = [], time.perf_counter()
    while len(samples) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        jax.block_until_ready(run(len(samples) + 1))
        samples.append(time.perf_counter() - start)
    return sorted(samples)[len(samples) // 2] * 1e9


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--epochs", type=int, default=50000)
    args.add_argument("--seconds", type=float, default=1)
    args.add_argument("names", nargs="+", choices=["sheet", "simplechains"])
    args = args.parse_args()
    for name in args.names:
        print(f"{name} {globals()[name](args.seconds, args.epochs):.1f}", flush=True)


main()
