# SPDX-License-Identifier: MIT
"""What bench/elementwise.c times, in PyTorch: name and ns a line."""
import time
import torch

torch.set_num_threads(1)


def clock(name, n, fn, rounds=15):
    samples = []
    times = 12 if n > 100000 else 2000
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            fn()
        samples.append((time.perf_counter() - start) / times * 1e9)
    print(f"{name}_{n} {sorted(samples)[rounds // 2]:.1f}", flush=True)


for n in 1000, 1000000:
    x, o = torch.randn(n), torch.randn(n)
    positive = x.abs() + 0.1
    clock("add", n, lambda: torch.add(x, o))
    clock("mul", n, lambda: torch.mul(x, o))
    clock("mul_number", n, lambda: torch.mul(x, 1.5))
    clock("exp", n, lambda: torch.exp(x))
    clock("tanh", n, lambda: torch.tanh(x))
    clock("sigmoid", n, lambda: torch.sigmoid(x))
    clock("log", n, lambda: torch.log(positive))
    clock("sin", n, lambda: torch.sin(x))
    clock("sum", n, lambda: torch.sum(x))


def chain(x, y):
    h = x * 1.5 + y
    return torch.tanh(h) * torch.sigmoid(-h)


compiled = torch.compile(chain)
x, o = torch.randn(1000), torch.randn(1000)
try:
    compiled(x, o)
except Exception:  # no C++ compiler
    compiled = chain
for n in 1000, 1000000:
    x, o = torch.randn(n), torch.randn(n)
    clock("chain", n, lambda: chain(x, o))
    clock("chain_plan", n, lambda: compiled(x, o))
x = torch.randn(1000, 1000)
turned = x.t()
clock("softmax", 1000000, lambda: torch.softmax(x, 1))
clock("transpose", 1000000, lambda: turned.contiguous())
