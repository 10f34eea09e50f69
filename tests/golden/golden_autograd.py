# SPDX-License-Identifier: MIT
"""Writes autograd.safetensors: derivatives of programs that tests/test_autograd.c writes again with Facula."""
import os

import torch
from safetensors.torch import save_file

OUT = {}


def leaf(n, a, b):
    return (torch.tensor([((i * a + b) % 17 - 8) / 4 for i in range(n)], dtype=torch.float64)).requires_grad_()


def put(case, **tensors):
    for name, t in tensors.items():
        OUT[f"{case}.{name}"] = t.detach().clone()


def diamond():
    """One value used along three ways that meet again, first order and second."""
    x = leaf(6, 5, 3)
    a = x.tanh()
    b = a * a + x.sigmoid()
    c = (a / (b + 2)).exp() * b
    y = (c * a + b).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    h = (g * g * x).sum()
    h.backward()
    put("diamond", y=y, g=g, gg=x.grad)


def broadcast():
    """Operands of many shapes and two dtypes."""
    a = leaf(12, 7, 1).detach().view(3, 1, 4).requires_grad_()
    b = leaf(2, 3, 2).detach().float().view(2, 1).requires_grad_()
    c = leaf(1, 1, 13).detach().view(()).requires_grad_()
    d = torch.tensor([1, -2, 3, 4])
    y = ((a * b - c * d) / (d + c * c)).square() * 0.5
    y.backward(torch.arange(24, dtype=torch.float64).view(3, 2, 4))
    put("broadcast", y=y, a=a.grad, b=b.grad, c=c.grad)


def in_place():
    """Changes of results, as a graph records them."""
    x, w = leaf(5, 3, 4), leaf(5, 2, 9)
    y = x * 2
    y.mul_(w)
    z = y.sin()
    y = z.add_(w, alpha=3)
    y.square_()
    y.tanh_()
    y = y.sub(x).div_(w.detach() + 5)
    y.backward(torch.arange(5, dtype=torch.float64))
    put("in_place", y=y, x=x.grad, w=w.grad)


def third():
    """Derivatives of derivatives of derivatives."""
    x = leaf(4, 5, 6)
    y = (x.pow(4) * (x / 3).cos()).sum()
    for name in ("g1", "g2", "g3"):
        (g,) = torch.autograd.grad(y, x, create_graph=True)
        put("third", **{name: g})
        y = g.sum()


for case in (diamond, broadcast, in_place, third):
    case()
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "autograd.safetensors")
save_file(OUT, path, metadata={"_torch": torch.__version__})
