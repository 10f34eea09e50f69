# SPDX-License-Identifier: MIT
"""Writes losses.safetensors beside itself, for tests/test_losses.c: python golden_losses.py"""
import torch
import torch.nn.functional as F
from golden_cases import Cases
from golden_reductions import bent

PAIRS = ["c5x3 c5x3", "t5x3 t5x3", "s5x3 e5x3", "e5x3 c5x3", "c25x1 c25", "c3 c2x3", "t2x1x3 c4x1", "c c", "c5x3 c", "c c3", "c0x3 c0x3"]
LOSSES = {"mse": F.mse_loss, "l1": F.l1_loss}


def with_reduction(loss, reduction):
    return lambda x, t: loss(x, t, reduction=reduction)


cases = Cases()
for name, loss in LOSSES.items():
    for reduction in ("mean", "sum", "none"):
        function = with_reduction(loss, reduction)
        for words in PAIRS:
            cases.run(function, f"{name}_{reduction}", "float64", "grad", words)
        cases.run(function, f"{name}_{reduction}", "float32", "grad", PAIRS[0])
        cases.run(function, f"{name}_{reduction}", "float32", "grad", PAIRS[4])
    cases.run(with_reduction(loss, "mean"), f"{name}_mean", "float32", "forward", "c60x40 s60x40")
    for reduction in ("mean", "sum", "none"):
        cases.run(bent(with_reduction(loss, reduction)), f"{name}_bent_{reduction}", "float64", "grad", "c4x3 t4x3")
    cases.run(bent(with_reduction(loss, "mean")), f"{name}_bent_mean", "float64", "grad", "c5x1 c5")
for dtype in ("int64", "int32", "uint8"):
    for reduction in ("sum", "none"):
        cases.run(with_reduction(F.l1_loss, reduction), f"l1_{reduction}", dtype, "forward", "c5x3 t5x3")
mixed = lambda x, t: F.mse_loss(x, t.double())
cases.run(mixed, "mse_mixed", "float32", "forward", "c5x3 t5x3")
cases.run(lambda x, t: F.l1_loss(x.double(), t, reduction="none"), "l1_mixed", "int64", "forward", "c5x3 e5x3")
cases.save("losses")
