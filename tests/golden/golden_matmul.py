# SPDX-License-Identifier: MIT
"""Writes matmul.safetensors beside itself, for tests/test_matmul.c: python golden_matmul.py"""
import torch
import torch.nn.functional as F
from golden_cases import Cases
from golden_reductions import bent


def pairs(*words):
    return [word.replace("*", " ") for word in words]


CASES = {
    "mm": (torch.mm, pairs("c3x4*c4x5", "t3x4*t4x5", "s3x4*e4x5", "e3x4*s4x5", "c1x1*c1x1", "c0x4*c4x5", "c3x0*c0x2", "c9x7*t7x1")),
    "bmm": (torch.bmm, pairs("c2x3x4*c2x4x5", "t2x3x4*t2x4x5", "e2x3x4*s2x4x5", "c0x3x4*c0x4x5", "c2x3x0*c2x0x4")),
    "mv": (torch.mv, pairs("c3x4*c4", "t3x4*s4", "e3x4*e4", "c0x4*c4", "c3x0*c0")),
    "dot": (torch.dot, pairs("c5*c5", "s5*e5", "c0*c0", "c40*s40")),
    "matmul": (
        torch.matmul,
        pairs(
            "c4*c4", "c3x4*c4x2", "c3x4*c4", "c4*c4x3", "s4*t4x3",
            "c2x3x4*c4x5", "t2x3x4*t4x5", "s2x3x4*c4", "c4*c2x4x3", "c3x4*c2x4x5", "t3x4*t2x4x5",
            "c2x3x4*c2x4x5", "c1x3x4*c5x4x2", "c5x3x4*e1x4x2", "c2x1x3x4*c5x4x2", "t2x3x2x3*t2x3x3x2",
            "c2x1x2x3*c3x3x2", "c0x3x4*c4x5", "c2x3x0*c0x5",
        ),
    ),
    "linear": (
        F.linear,
        pairs(
            "c5x3*c2x3*c2", "t5x3*t2x3*s2", "s5x3*s2x3*e2", "e5x3*e2x3*c2", "c3*c2x3*c2", "c2x5x3*c4x3*c4",
            "t2x5x3*c4x3*c4", "c2x2x2x3*c4x3*c4", "c0x3*c2x3*c2", "c5x0*c2x0*c2", "c5x3*c0x3*c0", "c25x10*c10x10*c10",
            "c25x1*c10x1*c10", "c25x10*c1x10*c1", "c5x3*c4x3*c1",
        ),
    ),
    "linear_plain": (F.linear, pairs("c5x3*c2x3", "c3*t2x3", "s2x5x3*t4x3", "t5x1*c2x1")),
    "linear_bent": (bent(lambda x, w, b: F.linear(x, w, b).tanh()), pairs("c4x3*c2x3*c2", "t4x3*t2x3*c2", "c3*c2x3*c2", "c2x2x3*c2x3*c2")),
    "matmul_bent": (bent(torch.matmul), pairs("c3x4*c4x2", "c4*c4", "c3x4*c4", "c2x3x4*c4x2", "c2x3x4*c2x4x2", "c4*c4x2")),
}

if __name__ == "__main__":
    cases = Cases()
    for name, (function, inputs) in CASES.items():
        for words in inputs:
            cases.run(function, name, "float64", "grad", words)
        cases.run(function, name, "float32", "grad", inputs[0])
    for dtype in ("int64", "int32", "uint8"):
        for name in ("mm", "bmm", "mv", "dot", "linear"):
            cases.run(CASES[name][0], name, dtype, "forward", CASES[name][1][1])
    cases.save("matmul")
