# SPDX-License-Identifier: MIT
"""What bench/oneop.c times, in PyTorch: name and ns a line."""
import time
import torch

torch.set_num_threads(1)


def clock(name, fn, times=20000, rounds=7):
    samples = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            fn()
        samples.append((time.perf_counter() - start) / times * 1e9)
    print(f"{name} {sorted(samples)[rounds // 2]:.1f}", flush=True)


a, b = torch.rand(10), torch.rand(10)
clock("add", lambda: a + b)
ag, bg = torch.rand(10, requires_grad=True), torch.rand(10, requires_grad=True)
clock("add_grad", lambda: ag + bg)
clock("relu", lambda: torch.relu(a))
x, w, c = torch.rand(25, 10), torch.rand(10, 10, requires_grad=True), torch.rand(10, requires_grad=True)
clock("linear", lambda: torch.nn.functional.linear(x, w, c), 5000)
g = torch.ones(25, 10)


def both():
    torch.nn.functional.linear(x, w, c).backward(g)
    w.grad = c.grad = None


clock("linear_backward", both, 2000)
