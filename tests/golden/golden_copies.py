# SPDX-License-Identifier: MIT
"""Writes copies.safetensors beside itself, for tests/test_copies.c: python golden_copies.py"""
import torch
from golden_cases import Cases, fill

f64 = torch.float64


def index(*values):
    return torch.tensor(values)


def mask(*shape):
    return fill(shape, f64, 29, 7, 31, 1) > 0


CASES = {
    "clone": (lambda x: x.clone(), ["c2x3", "t2x3", "s2x3", "e2x3", "c", "c0x3"]),
    "contiguous": (lambda x: x.contiguous(), ["c2x3", "t2x3", "e2x3"]),
    "to_float32": (lambda x: x.to(torch.float32), ["c2x3", "t2x3", "s2x3", "e2x3", "c"]),
    "to_itself": (lambda x: x.to(x.dtype), ["c2x3", "t2x3"]),
    "cat": (lambda x, y, z: torch.cat([x, y, z]), ["c2x3 c1x3 c4x3", "t2x3 s1x3 e4x3", "c2 c0 c1", "c0x3 c1x3 c2x3", "c0x4 c0x4 c0x4"]),
    "cat_last": (lambda x, y: torch.cat([x, y], -1), ["c2x3 c2x1", "t2x3 s2x4", "c2x1x3 e2x1x2", "c1x3 c1x2"]),
    "cat_middle": (lambda x, y: torch.cat([x, y], 1), ["c2x3x2 t2x1x2", "c2x0x2 c2x3x2"]),
    "cat_nothing": (lambda x, y: torch.cat([x, y], 1), ["c0 c2x3", "c2x3 c0", "c0 c0"]),
    "cat_promoted": (lambda x, y: torch.cat([x.to(torch.float32), y]), ["c2x3 c1x3", "t2x3 t1x3"]),
    "cat_promoted_int": (lambda x: torch.cat([x, index(1, 2, 3).to(torch.int32)]), ["c4"]),
    "cat_one": (lambda x: torch.cat([x]), ["c2x3", "t2x3"]),
    "stack": (lambda x, y: torch.stack([x, y]), ["c2x3 c2x3", "t2x3 s2x3", "c c", "c0x3 c0x3"]),
    "stack_last": (lambda x, y: torch.stack([x, y], -1), ["c2x3 c2x3", "t2x3 e2x3", "c c"]),
    "stack_middle": (lambda x, y, z: torch.stack([x, y, z], 1), ["c2x3 c2x3 t2x3", "c5 s5 c5"]),
    "stack_promoted": (lambda x, y: torch.stack([x.to(torch.float32), y], 1), ["c2x3 c2x3"]),
    "where": (lambda x, y: torch.where(mask(2, 3), x, y), ["c2x3 c2x3", "t2x3 s2x3", "c2x1 c3", "c c2x3", "e2x3 c1"]),
    "where_wide": (lambda x, y: torch.where(mask(4, 1, 1), x, y), ["c2x3 c2x3", "c2x3 c"]),
    "where_turned": (lambda x, y: torch.where(mask(3, 2).t(), x, y), ["c2x3 c2x3"]),
    "where_scalar": (lambda x, y: torch.where(mask(), x, y), ["c2x3 c3", "c c"]),
    "where_number": (lambda x: torch.where(mask(2, 3), x, 0.5), ["c2x3", "t2x3", "c3"]),
    "where_number_first": (lambda x: torch.where(mask(2, 3), 1, x), ["c2x3", "s2x3"]),
    "where_promoted": (lambda x, y: torch.where(mask(2, 3), x.to(torch.float32), y), ["c2x3 c2x3", "c2x3 c"]),
    "where_byte": (lambda x, y: torch.where(mask(2, 3).to(torch.uint8) * 2, x, y), ["c2x3 c2x3"]),
    "masked_fill": (lambda x: x.masked_fill(mask(2, 3), -2.5), ["c2x3", "t2x3", "s2x3", "e2x3", "c3", "c1"]),
    "masked_fill_wide": (lambda x: x.masked_fill(mask(4, 2, 1), 1), ["c2x3"]),
    "masked_fill_tensor": (lambda x, y: x.masked_fill(mask(2, 3), y), ["c2x3 c", "t2x3 c"]),
    "gather": (lambda x: x.gather(0, index([0, 1, 1], [1, 1, 0])), ["c2x3", "t2x3", "s2x4", "e2x3", "c5x3"]),
    "gather_last": (lambda x: x.gather(-1, index([2, 0, 2, 1])), ["c2x3", "t2x3", "s1x4"]),
    "gather_int32": (lambda x: x.gather(1, index([2, 0], [1, 1]).to(torch.int32)), ["c2x3"]),
    "gather_turned": (lambda x: x.gather(1, index([2, 0], [1, 1]).t()), ["c2x3", "t2x3"]),
    "gather_none": (lambda x: x.gather(0, torch.empty(0, 3, dtype=torch.int64)), ["c2x3"]),
    "gather_deep": (lambda x: x.gather(1, index([[1, 0]], [[0, 0]])), ["c2x3x4", "t2x3x4"]),
    "gather_scalar": (lambda x: x.gather(0, torch.tensor(0)), ["c", "c1"]),
    "index_select": (lambda x: x.index_select(0, index(1, 1, 0)), ["c2x3", "t2x3", "s2x3", "e2x3", "c4", "c2x0"]),
    "index_select_last": (lambda x: x.index_select(-1, index(2, 0, 0, 1)), ["c2x3", "t2x3", "s2x3", "c2x3x4"]),
    "index_select_int32": (lambda x: x.index_select(1, index(2, 0).to(torch.int32)), ["c2x3x4", "t2x3x4"]),
    "index_select_one": (lambda x: x.index_select(0, torch.tensor(0)), ["c2x3", "c", "c3"]),
    "index_select_none": (lambda x: x.index_select(0, torch.empty(0, dtype=torch.int64)), ["c2x3", "c0x3"]),
    "scatter_add": (lambda x, y: x.scatter_add(0, index([0, 1, 1], [1, 1, 1]), y), ["c2x3 c2x3", "t2x3 s2x3", "c3x4 e2x3"]),
    "scatter_add_last": (lambda x, y: x.scatter_add(-1, index([2, 0], [2, 2], [0, 0]).t(), y), ["c2x3 t2x3"]),
    "scatter_add_scalar": (lambda x, y: x.scatter_add(0, torch.tensor(0), y), ["c c", "c2 c"]),
    "scatter_add_none": (lambda x, y: x.scatter_add(0, torch.empty(0, 3, dtype=torch.int64), y), ["c2x3 c0x3"]),
    "index_add": (lambda x, y: x.index_add(0, index(1, 1, 0), y), ["c2x3 c3x3", "t2x3 s3x3", "e2x3 e3x3", "c4 c3"]),
    "index_add_last": (lambda x, y: x.index_add(-1, index(2, 0).to(torch.int32), y), ["c2x3 c2x2", "t2x1x3 t2x1x2"]),
    "index_add_scalar": (lambda x, y: x.index_add(0, torch.tensor(0), y), ["c c", "c3 c1"]),
    "round": (lambda x: x.round(), ["c3x4", "t3x4", "c"]),
    "round_decimals": (lambda x: x.round(decimals=2), ["c3x4", "s3x4"]),
}
FORWARD_ONLY = ("cat_promoted_int",)
INTEGERS = ("clone", "cat", "stack", "where", "where_number_first", "gather", "index_select", "scatter_add", "index_add", "round")

cases = Cases()
for name, (function, inputs) in CASES.items():
    if name in INTEGERS:
        for dtype in ("int64", "int32", "uint8"):
            cases.run(function, name, dtype, "forward", inputs[1])
        if name != "round":
            cases.run(function, name, "bool", "forward", inputs[0])
    cases.run(function, name, "float32", "forward", inputs[0])
    if name in FORWARD_ONLY:
        continue
    for text in inputs:
        cases.run(function, name, "float64", "grad", text)
for dtype in ("float32", "float64", "int64", "int32", "uint8", "bool"):
    for to in ("float32", "float64", "int64", "int32", "uint8", "bool"):
        if dtype != to:
            cases.run(lambda x: x.to(getattr(torch, to)), "to_" + to, dtype, "forward", "t2x9")

generator = torch.Generator().manual_seed(3)
for dtype in (torch.float32, f64):
    values = torch.randn(60, dtype=f64, generator=generator) * 10 ** torch.linspace(-3, 9, 60, dtype=f64)
    halves = torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, 0.0, -0.0, 0.25, 0.125, 1.005, 2.675, 0.285, 1e-30, -1e-9, 8388607.5,
                           4503599627370495.5, 1e30, float("inf"), -float("inf"), float("nan")], dtype=f64)
    x = torch.cat([halves, values]).to(dtype)
    name = "rounds_" + str(dtype)[6:]
    cases.tensors[name + ".in0"] = x
    for i, decimals in enumerate((0, 1, 2, 4, 10, -1, -3, 400)):
        cases.tensors[f"{name}.out{i}"] = torch.round(x, decimals=decimals)
cases.save("copies")
