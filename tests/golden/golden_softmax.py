# SPDX-License-Identifier: MIT
"""Writes softmax.safetensors beside itself, for tests/test_softmax.c: python golden_softmax.py"""
import torch
from golden_cases import Cases
from golden_reductions import bent

ANY = "c2x3x4 t2x3x4 s2x3x4 e2x3x4"
CASES = {
    "softmax_0": (lambda x: x.softmax(0), ANY + " t5x7 c c1x3 c0x3 c3x50"),
    "softmax_1": (lambda x: x.softmax(1), ANY + " c3x0"),
    "softmax_back": (lambda x: x.softmax(-1), ANY + " t5x7 c17 c1 c5x1"),
    "softmax_steep": (lambda x: (x * 100).softmax(-1), "c3x5 t3x5"),
    "log_softmax_0": (lambda x: x.log_softmax(0), ANY + " t5x7 c c1x3 c3x50"),
    "log_softmax_1": (lambda x: x.log_softmax(1), ANY),
    "log_softmax_back": (lambda x: x.log_softmax(-1), ANY + " t5x7 c17 c1 c0x3"),
    "log_softmax_steep": (lambda x: (x * 100).log_softmax(0), "c3x5 t3x5"),
    "logsumexp_0": (lambda x: x.logsumexp(0), ANY + " t5x7 c"),
    "logsumexp_pair": (lambda x: x.logsumexp((0, 2)), ANY),
    "logsumexp_keep": (lambda x: x.logsumexp(-1, keepdim=True), ANY + " c17 c1"),
    "logsumexp_steep": (lambda x: (x * 100).logsumexp(-1), "c3x5 t3x5"),
    "softmax_bent": (bent(lambda x: x.softmax(-1)), "c3x4 t3x4"),
    "log_softmax_bent": (bent(lambda x: x.log_softmax(0)), "c3x4 t3x4"),
    "logsumexp_bent": (bent(lambda x: x.logsumexp(1)), "c3x4 t3x4"),
}

if __name__ == "__main__":
    cases = Cases()
    for name, (function, layouts) in CASES.items():
        for word in layouts.split():
            cases.run(function, name, "float64", "grad", word)
        cases.run(function, name, "float32", "grad", layouts.split()[0])
    for dtype in ("int64", "uint8", "bool", "float32", "float64"):
        cases.run(lambda x: x.softmax(1, dtype=torch.float64), "softmax_real", dtype, "forward", "t2x3")
        cases.run(lambda x: x.log_softmax(0, dtype=torch.float32), "log_softmax_real", dtype, "forward", "t2x3")
    for dtype in ("int64", "bool"):
        cases.run(CASES["logsumexp_0"][0], "logsumexp_0", dtype, "forward", "t2x3x4")
    cases.save("softmax")
