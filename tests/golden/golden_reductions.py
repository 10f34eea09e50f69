# SPDX-License-Identifier: MIT
"""Writes reductions.safetensors beside itself, for tests/test_reductions.c: python golden_reductions.py"""
import torch
from golden_cases import Cases


def bent(function):
    """The squared length of the gradient of function squared: its gradients are second derivatives."""

    def run(*x):
        grads = torch.autograd.grad(function(*x).square().sum(), x, create_graph=True)
        return sum(grad.square().sum() for grad in grads)

    return run


ANY = "c2x3x4 t2x3x4 s2x3x4 e2x3x4"
REAL = {
    "sum": (lambda x: x.sum(), ANY + " c7 s7 c c1 c0 c3x0"),
    "sum_0": (lambda x: x.sum(0), ANY + " t5x7 c c0x3 c1x4"),
    "sum_1": (lambda x: x.sum(1), ANY + " c3x0 c2x1x3"),
    "sum_back": (lambda x: x.sum(-1), ANY + " t5x7 c17 c3x0 c0x3"),
    "sum_ends": (lambda x: x.sum((0, 2)), ANY + " t2x1x3"),
    "sum_three": (lambda x: x.sum((0, 2, -1)), "c2x3x4x2 t2x3x4x2"),
    "sum_pair_keep": (lambda x: x.sum((1, 0), keepdim=True), ANY),
    "sum_keep": (lambda x: x.sum(-1, keepdim=True), ANY + " c"),
    "mean": (lambda x: x.mean(), ANY + " c7 c c1"),
    "mean_0": (lambda x: x.mean(0), ANY + " t5x7"),
    "mean_keep": (lambda x: x.mean((0, -1), keepdim=True), ANY),
    "mean_none": (lambda x: x.mean(1), "c3x0 c0x3"),
    "var": (lambda x: x.var(), ANY + " c7 s7"),
    "var_1": (lambda x: x.var(1), ANY),
    "var_biased": (lambda x: x.var((0, 2), correction=0), ANY + " c1x3x1"),
    "var_keep": (lambda x: x.var(-1, keepdim=True, correction=2), ANY),
    "std": (lambda x: x.std(), ANY + " c7"),
    "std_keep": (lambda x: x.std((0, 1), keepdim=True), ANY),
    "var_bent": (bent(lambda x: x.var(0)), "c3x4 t3x4"),
    "std_bent": (bent(lambda x: x.std(-1)), "c3x4 s3x4"),
    "mean_bent": (bent(lambda x: x.mean(0) * x.sum(0, keepdim=True)), "c3x4 t3x4"),
    "max": (lambda x: x.max(), ANY + " c7 s7 c c40"),
    "min": (lambda x: x.min(), ANY + " c7 s7 c c40"),
    "max_ties": (lambda x: x.sign().mul(x.abs()).clamp(-2, 2).max(), "c2x3x4 t2x3x4 s40"),
    "amax": (lambda x: x.amax(), ANY),
    "amax_0": (lambda x: x.amax(0), ANY + " t5x7 c3x0 c"),
    "amax_ties": (lambda x: x.clamp(-2, 2).amax((0, 2)), ANY),
    "amax_keep": (lambda x: x.amax(-1, keepdim=True), ANY),
    "amin_1": (lambda x: x.amin(1), ANY),
    "amin_ties": (lambda x: x.clamp(-2, 2).amin(-1, keepdim=True), ANY),
    "amin_bent": (bent(lambda x: (x * x).amin(0)), "c3x4 t3x4"),
    "max_bent": (bent(lambda x: (x * x).max()), "c3x4"),
}
COUNT = {
    "argmax": (lambda x: x.argmax(), ANY + " c c40 s40"),
    "argmax_0": (lambda x: x.argmax(0), ANY + " t5x7 c3x0 c s3x40"),
    "argmax_keep": (lambda x: x.argmax(-1, keepdim=True), ANY),
    "argmin": (lambda x: x.argmin(), ANY),
    "argmin_1": (lambda x: x.argmin(1), ANY),
    "argmax_ties": (lambda x: x.clamp(0, 2).argmax(1), ANY),
}
TRUTH = {
    "all": (lambda x: x.all(), ANY + " c c0"),
    "all_0": (lambda x: x.all(0), ANY + " t5x7 c0x3"),
    "any": (lambda x: x.any(), ANY + " c c0"),
    "any_pair": (lambda x: x.any((0, 2), keepdim=True), ANY + " c0x3x2"),
    "any_above": (lambda x: (x > 3).any(-1), ANY),
    "all_below": (lambda x: (x < 3).all(1), ANY),
}
WHOLE = {
    "sum_real": (lambda x: x.sum(dtype=torch.float64), "c2x3 t2x3"),
    "sum_byte": (lambda x: x.sum(0, dtype=torch.uint8), "c5x7 t5x7"),
    "sum_truth": (lambda x: x.sum(1, dtype=torch.bool), "c5x7"),
    "sum_whole": (lambda x: x.sum(dtype=torch.int32), "c5x7"),
    "mean_real": (lambda x: x.mean(0, dtype=torch.float32), "c2x3 t2x3"),
}
DTYPES = ["float64", "float32", "int64", "int32", "uint8", "bool"]

if __name__ == "__main__":
    cases = Cases()
    for name, (function, layouts) in REAL.items():
        for word in layouts.split():
            cases.run(function, name, "float64", "grad", word)
        cases.run(function, name, "float32", "grad", layouts.split()[0])
    for name, (function, layouts) in COUNT.items():
        for word in layouts.split():
            cases.run(function, name, "float32", "forward", word)
        for dtype in ("float64", "int64", "int32", "uint8"):
            cases.run(function, name, dtype, "forward", "t2x3x4")
    for name, (function, layouts) in TRUTH.items():
        for word in layouts.split():
            cases.run(function, name, "float32", "forward", word)
        for dtype in ("float64", "int64", "int32", "uint8"):
            cases.run(function, name, dtype, "forward", "c2x3x4")
    for name in ("all", "all_0", "any"):
        cases.run(TRUTH[name][0], name, "bool", "forward", "t2x3x4")
    for name, (function, layouts) in WHOLE.items():
        for word in layouts.split():
            for dtype in DTYPES:
                cases.run(function, name, dtype, "forward", word)
    for name in ("sum", "sum_0", "sum_ends"):
        for dtype in DTYPES[2:]:
            cases.run(REAL[name][0], name, dtype, "forward", "t3x5x4")
    for name in ("max", "min", "amax_0", "amin_1"):
        for dtype in DTYPES[2:]:
            cases.run(REAL[name][0], name, dtype, "forward", "s3x5x4")
    cases.save("reductions")
