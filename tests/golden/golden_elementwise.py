# SPDX-License-Identifier: MIT
"""Writes elementwise.safetensors: every operation of src/tensor/elementwise.def, in every dtype, as PyTorch has it.

A case's line of metadata: "op arguments dtypes refused": refused is PyTorch's word where it raises. Inputs "x.<dtype>"
and "o.<dtype>" are shared; stored are case.out0, and for floats case.grad_in<i> for the gradient 1, -0.5, 1, ...; for
float64 case.gg<i>, the derivatives of sum(grad_in0 * (1, 2, 1, 2, ...) [+ grad_in1]) for the inputs. "promote" is the
table of torch.result_type over kinds of operands."""
import math
import os

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

OUT, META = {}, {"_torch": torch.__version__}
DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
    "int64": torch.int64,
    "int32": torch.int32,
    "uint8": torch.uint8,
    "bool": torch.bool,
}
nan, inf = math.nan, math.inf

# (x, o): specials first, then points where derivatives are smooth.
FLOATS = [
    (nan, 1.0), (1.0, nan), (nan, nan), (inf, 1.0), (-inf, 2.0), (inf, -inf), (0.0, 0.0), (-0.0, 0.0), (0.0, -0.0),
    (-0.0, -1.0), (2.0, 0.0), (-3.0, 0.0), (1.0, inf), (0.5, -inf), (-1.0, 2.0), (-2.0, 3.0), (-1.5, 0.5), (4.0, 0.5),
    (2.0, -1.0), (2.0, 2.0), (-0.5, -0.5), (0.5, -0.5), (2.5, 1.0), (-2.5, 1.5), (88.0, 1.0), (-104.0, 1.0),
    (1e-8, 1.25), (30.0, 0.25), (-30.0, 0.75), (0.3, 1.7), (1.7, 0.3), (3.25, -2.0), (0.9, 3.0), (21.0, 4.0),
]  # fmt: skip
WHOLES = [(0, 0), (1, 0), (0, 1), (2, 3), (3, 2), (-1, 3), (-1, 4), (-7, 2), (7, 7), (100, 2), (-5, -5), (13, 1),
          (-128, 1), (5, 0)]  # fmt: skip
EXTREMES = {"int64": [(-(2**63), 1), (2**63 - 1, 2), (2**62, 2)], "int32": [(-(2**31), 1), (2**31 - 1, 2)],
            "uint8": [(255, 2), (254, 255)], "bool": []}  # fmt: skip


def values(dtype, i):
    if DTYPES[dtype].is_floating_point:
        return [p[i] for p in FLOATS]
    pairs = WHOLES + EXTREMES[dtype]
    if dtype == "bool":
        return [bool(p[i] % 2) for p in pairs]
    return [p[i] % 256 for p in pairs] if dtype == "uint8" else [p[i] for p in pairs]


for name, dtype in DTYPES.items():
    OUT[f"x.{name}"] = torch.tensor(values(name, 0), dtype=dtype)
    OUT[f"o.{name}"] = torch.tensor(values(name, 1), dtype=dtype)


def limit(v):
    return None if math.isnan(v) else v if v != int(v) else int(v)


UNARY = {name: [((), getattr(torch, name))] for name in
         "neg abs sign square sqrt rsqrt reciprocal exp expm1 log log1p sin cos tanh sigmoid relu floor ceil trunc "
         "isnan isfinite logical_not".split()}  # fmt: skip
UNARY["leaky_relu"] = [((s,), lambda x, s=s: F.leaky_relu(x, s)) for s in (0.01, 0.3)]
UNARY["softplus"] = [((b, t), lambda x, b=b, t=t: F.softplus(x, b, t)) for b, t in ((1, 20), (2, 1.5))]
UNARY["clamp"] = [((a, b), lambda x, a=a, b=b: torch.clamp(x, limit(a), limit(b)))
                  for a, b in ((-1, 2), (nan, 2), (0, nan), (2, -1), (0.5, nan), (nan, nan))]  # fmt: skip
BINARY = {name: [((), getattr(torch, name))] for name in
          "mul div pow maximum minimum eq ne lt le gt ge logical_and logical_or".split()}  # fmt: skip
for name in "add", "sub":
    f = getattr(torch, name)
    BINARY[name] = [((a,), lambda x, o, a=a, f=f: f(x, o, alpha=a)) for a in (1, 3, -0.5)]


def probe(t, a, b):
    return torch.tensor([(a, b)[i % 2] for i in range(t.numel())], dtype=t.dtype)


def gradients(case, f, inputs):
    leaves = [t.clone().requires_grad_() for t in inputs]
    y = f(*leaves)
    if not y.requires_grad:
        return
    grads = torch.autograd.grad(y, leaves, probe(y, 1, -0.5), create_graph=True)
    total = 0
    for i, g in enumerate(grads):
        OUT[f"{case}.grad_in{i}"] = g.detach()
        total = total + (g * probe(g, 1, 2)).sum()
    if inputs[0].dtype == torch.float64 and total.requires_grad:
        for i, g in enumerate(torch.autograd.grad(total, leaves, allow_unused=True)):
            OUT[f"{case}.gg{i}"] = torch.zeros_like(leaves[i]) if g is None else g


def sample(name, i, arguments, f, operands):
    for dtype in DTYPES:
        if name == "clamp" and dtype == "uint8" and min(arguments) < 0:
            continue  # PyTorch takes -1 for 255 there
        case = f"{name}.{i}.{dtype}"
        inputs = [OUT[f"{k}.{dtype}"] for k in operands]
        line = f"{name} {len(operands)} {' '.join(map(str, arguments + (nan, nan)[len(arguments):]))} {dtype}"
        try:
            OUT[f"{case}.out0"] = f(*inputs)
            META[case] = line + " -"
        except (RuntimeError, NotImplementedError):
            META[case] = line + " refused"
            continue
        if DTYPES[dtype].is_floating_point:
            gradients(case, f, inputs)


for name, cases in UNARY.items():
    for i, (arguments, f) in enumerate(cases):
        sample(name, i, arguments, f, "x")
for name, cases in BINARY.items():
    for i, (arguments, f) in enumerate(cases):
        sample(name, i, arguments, f, "xo")


def operand(kind, dtype):
    """A tensor of one dim, of none, or a number (of Python's three types)."""
    if kind == 2:
        return None if dtype not in ("float64", "int64", "bool") else {"float64": 1.0, "int64": 1, "bool": True}[dtype]
    return torch.ones((2,) if kind == 0 else (), dtype=DTYPES[dtype])


codes = []
for default in torch.float32, torch.float64:
    torch.set_default_dtype(default)
    for ka in range(3):
        for a in DTYPES:
            for kb in range(3):
                for b in DTYPES:
                    x, o = operand(ka, a), operand(kb, b)
                    known = x is not None and o is not None
                    codes.append(1 + list(DTYPES.values()).index(torch.result_type(x, o)) if known else 0)
OUT["promote"] = torch.tensor(codes, dtype=torch.uint8)
torch.set_default_dtype(torch.float32)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "elementwise.safetensors")
save_file({k: v.contiguous().clone() for k, v in OUT.items()}, path, metadata=META)
os.chmod(path, 0o644)
