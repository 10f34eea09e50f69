# SPDX-License-Identifier: MIT
"""Writes optimiser_steps.safetensors beside itself, for tests/test_optimiser_steps.c: python golden_optimiser_steps.py

A case's metadata is "adam dtype steps lr beta1 beta2 eps weight_decay amsgrad maximize decoupled" or "sgd dtype steps lr
momentum dampening weight_decay nesterov maximize". Parameters and gradients are computed (golden_cases.fill, as in the
test); stored are the parameters and the state at the end: case.p0, case.s0_0 (state 0 of parameter 0), ..."""
import os

import torch
from golden_cases import HERE, fill
from safetensors.torch import save_file

SHAPES = [(3, 7), (17,), ()]
STEPS = 6

ADAM = [
    (1e-3, 0.9, 0.999, 1e-8, 0, 0, 0, 0),
    (1e-2, 0.9, 0.999, 1e-8, 0.1, 0, 0, 0),
    (1e-2, 0.9, 0.999, 1e-8, 0.1, 0, 0, 1),
    (1e-2, 0.9, 0.99, 1e-8, 0, 1, 0, 0),
    (1e-2, 0.8, 0.9, 1e-4, 0.2, 1, 1, 1),
    (1e-2, 0.3, 0.5, 1e-3, 0.2, 1, 1, 0),
    (1e-2, 0.0, 0.0, 1e-8, 0, 0, 0, 0),
    (0.0, 0.9, 0.999, 1e-8, 0, 0, 0, 0),
    (1e-1, 0.9, 0.999, 0.0, 0, 0, 1, 0),
]
SGD = [
    (1e-2, 0, 0, 0, 0, 0),
    (1e-2, 0, 0, 0.1, 0, 1),
    (1e-2, 0.9, 0, 0, 0, 0),
    (1e-2, 0.9, 0.5, 0.1, 0, 0),
    (1e-2, 0.9, 0, 0.1, 1, 0),
    (1e-2, 0.5, 0, 0.1, 1, 1),
]


def adam(params, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize, decoupled):
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    return kind(params, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay, amsgrad=bool(amsgrad), maximize=bool(maximize))


def sgd(params, lr, momentum, dampening, weight_decay, nesterov, maximize):
    return torch.optim.SGD(
        params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=bool(nesterov), maximize=bool(maximize)
    )


tensors, lines = {}, {"_torch": torch.__version__}
for make, options in [(adam, row) for row in ADAM] + [(sgd, row) for row in SGD]:
    for dtype in ("float32", "float64"):
        key = f"{len(lines):03d}"
        lines[key] = " ".join([make.__name__, dtype, str(STEPS)] + [repr(value) for value in options])
        params = [fill(shape, getattr(torch, dtype), 37, 11 + i, 101, 8).requires_grad_() for i, shape in enumerate(SHAPES)]
        optimiser = make(params, *options)
        for step in range(STEPS):
            for i, p in enumerate(params):
                p.grad = fill(p.shape, p.dtype, 23, 5 + i + 7 * step, 61, 4)
            optimiser.step()
        for i, p in enumerate(params):
            tensors[f"{key}.p{i}"] = p.detach().clone()
            state = optimiser.state[p]
            names = [name for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer") if state.get(name) is not None]
            for s, name in enumerate(names):
                tensors[f"{key}.s{s}_{i}"] = state[name].clone()
save_file(tensors, os.path.join(HERE, "optimiser_steps.safetensors"), lines)
