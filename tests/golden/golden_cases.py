# SPDX-License-Identifier: MIT
"""What the golden files of operations are made by: cases as tests/support_cases.h reads them, run in PyTorch."""
import os
import warnings

import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def fill(shape, dtype, a, b, m, scale):
    n = 1
    for size in shape:
        n *= size
    i = torch.arange(n, dtype=torch.int64)
    values = ((i * a + b) % m - m // 2).to(torch.float64) / scale
    return values.to(torch.int64).to(dtype).reshape(shape) if not dtype.is_floating_point else values.to(dtype).reshape(shape)


def base_of(layout, shape, dtype, i):
    base = list(shape)
    if layout == "t":
        base = base[::-1]
    if layout == "s":
        base[-1] *= 2
    if layout == "e":
        base[0] = 1
    return fill(base, dtype, 37, 11 + i, 101, 8 if dtype.is_floating_point else 1)


def view_of(layout, shape, base):
    if layout == "t":
        return base.permute(*reversed(range(base.ndim)))
    if layout == "s":
        return base[..., 1::2]
    if layout == "e":
        return base.expand(shape)
    return base


def parse(word):
    return word[0], [int(size) for size in word[1:].split("x")] if word[1:] else []


class Cases:
    def __init__(self):
        self.tensors, self.lines = {}, {"_torch": torch.__version__}

    def run(self, function, name, dtype, mode, inputs):
        """One case; inputs is a text like 't2x3 c3'."""
        key = f"{len(self.lines):03d}"
        self.lines[key] = f"{name} {dtype} {mode} {inputs}"
        dtype = getattr(torch, dtype)
        words = [parse(word) for word in inputs.split()]
        bases = [base_of(*word, dtype, i) for i, word in enumerate(words)]
        if mode == "grad":
            bases = [base.requires_grad_() for base in bases]
        y = function(*[view_of(*word, base) for word, base in zip(words, bases)])
        self.keep(key + ".out0", y)
        if mode == "grad":
            self.gradients(key, y, bases)

    def gradients(self, key, y, bases):
        g = fill(y.shape, y.dtype, 23, 5, 61, 4).requires_grad_()
        grads = torch.autograd.grad(y, bases, g, create_graph=True)
        for i, grad in enumerate(grads):
            self.keep(f"{key}.grad_in{i}", grad)
        moving = [(grad, fill(grad.shape, grad.dtype, 17, 3 + i, 53, 4)) for i, grad in enumerate(grads) if grad.requires_grad]
        if moving:
            self.keep(key + ".gg", torch.autograd.grad([grad for grad, _ in moving], g, [probe for _, probe in moving])[0])

    def keep(self, name, tensor):
        self.tensors[name] = tensor.detach().clone(memory_format=torch.contiguous_format)

    def save(self, name):
        save_file(self.tensors, os.path.join(HERE, name + ".safetensors"), self.lines)


warnings.simplefilter("ignore")
