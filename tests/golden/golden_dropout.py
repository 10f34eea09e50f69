# SPDX-License-Identifier: MIT
"""Writes dropout.safetensors beside itself, for tests/test_dropout.c: python golden_dropout.py"""
import os

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 11
f64 = torch.float64


def ramp(*shape, dtype=torch.float32):
    """both signs"""
    n = torch.Size(shape).numel()
    return (torch.arange(n, dtype=dtype) - n // 3 + 0.5).reshape(shape)


def slope(x, *args, **kwargs):
    """the gradient, for a gradient that differs everywhere"""
    x.requires_grad_()
    y = F.dropout(x, *args, **kwargs)
    y.backward(ramp(*y.shape, dtype=y.dtype))
    return x.grad


def view_slope(x, view, *args):
    x.requires_grad_()
    y = F.dropout(view(x), *args)
    y.backward(ramp(*y.shape, dtype=y.dtype))
    return x.grad


def inplace(x, *args):
    y = F.dropout(x, *args, inplace=True)
    assert y is x
    return x


def inplace_slope(x, p):
    x.requires_grad_()
    y = F.dropout(x * 2, p, inplace=True)
    y.backward(ramp(*y.shape, dtype=y.dtype))
    return x.grad


def twice(x):
    return torch.cat([F.dropout(x, 0.2), torch.rand(3), F.dropout(x, 0.7)])


def layers(training):
    model = torch.nn.Sequential(torch.nn.Dropout(0.3), torch.nn.ReLU(), torch.nn.Dropout(0.4)).train(training)
    return model(ramp(5, 7))


def curved(x):
    """a second derivative"""
    x.requires_grad_()
    y = F.dropout(x, 0.4)
    grad, = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    (grad * grad).sum().backward()
    return x.grad


CASES = """
n_1           F.dropout(ramp(1))
n_15          F.dropout(ramp(15))
n_16          F.dropout(ramp(16))
n_17          F.dropout(ramp(17))
n_31          F.dropout(ramp(31), 0.1)
n_32          F.dropout(ramp(32), 0.9)
n_313         F.dropout(ramp(313))
n_2000        F.dropout(ramp(2000), 1 / 3)
scalar        F.dropout(ramp(1).reshape(()))
shape         F.dropout(ramp(3, 5, 7), 0.25)
rare          F.dropout(ramp(40), 1e-8)
frequent      F.dropout(ramp(40), 1 - 1e-9)
p_0           F.dropout(ramp(20), 0.0)
p_1           F.dropout(ramp(20), 1.0)
p_1_whole     F.dropout(torch.arange(6), 1.0)
p_0_whole     F.dropout(torch.arange(6), 0.0)
eval          F.dropout(ramp(20), 0.5, False)
eval_whole    F.dropout(torch.arange(6), training=False)
empty         F.dropout(torch.zeros(0, 3))
f64           F.dropout(ramp(33, dtype=f64), 0.3)
f64_third     F.dropout(ramp(2, 400, dtype=f64), 2 / 3)
odd           F.dropout(torch.tensor([1., -2, float("inf"), float("nan"), -5, float("-inf"), float("nan")]))
odd_1         F.dropout(torch.tensor([1., -2, float("inf"), float("nan")]), 1.0)
t             F.dropout(ramp(5, 4).t())
t_f64         F.dropout(ramp(5, 4, dtype=f64).t(), 0.3)
permuted      F.dropout(ramp(2, 3, 4).permute(1, 2, 0))
sliced        F.dropout(ramp(4, 10)[:, ::2])
sliced_t      F.dropout(ramp(6, 8).t()[::2])
column        F.dropout(ramp(20, 1).t())
expanded      F.dropout(ramp(4, 1).expand(4, 5))
expanded_row  F.dropout(ramp(1, 5).expand(4, 5))
expanded_t    F.dropout(ramp(3, 4).t().expand(2, 4, 3))
inplace       inplace(ramp(20))
inplace_p     inplace(ramp(20, dtype=f64), 0.3)
inplace_1     inplace(ramp(20), 1.0)
inplace_0     inplace(ramp(20), 0.0)
inplace_eval  inplace(ramp(20), 0.5, False)
inplace_t     inplace(ramp(5, 4).t())
inplace_s     inplace(ramp(4, 10)[:, ::2])
grad          slope(ramp(3, 17), 0.3)
grad_f64      slope(ramp(40, dtype=f64))
grad_0        slope(ramp(5), 0.0)
grad_1        slope(ramp(5), 1.0)
grad_eval     slope(ramp(5), 0.5, False)
grad_t        view_slope(ramp(5, 4), lambda x: x.t(), 0.3)
grad_s        view_slope(ramp(4, 10), lambda x: x[:, ::2], 0.3)
grad_e        view_slope(ramp(4, 1), lambda x: x.expand(4, 5), 0.3)
grad_inplace  inplace_slope(ramp(20), 0.3)
second        curved(ramp(20))
twice         twice(ramp(20))
module        layers(True)
module_eval   layers(False)
"""

tensors, metadata = {}, {"torch.__version__": torch.__version__}
for line in CASES.strip().splitlines():
    case, expression = line.split(None, 1)
    torch.manual_seed(SEED)
    tensors[f"{case}.out0"] = eval(expression).detach().contiguous().clone()
    tensors[f"{case}.next"] = torch.rand(3)
    metadata[case] = expression
save_file(tensors, os.path.join(HERE, "dropout.safetensors"), metadata)
