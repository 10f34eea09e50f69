# SPDX-License-Identifier: MIT
"""Writes cross_entropy.safetensors beside itself, for tests/test_cross_entropy.c: python golden_cross_entropy.py"""
import torch
import torch.nn.functional as F
from golden_cases import Cases, fill
from golden_reductions import bent

RANKS = "c5x3 t5x3 s5x3 e5x3 c1x1 c3 s3 c1 c2x3x4 t2x3x4 s2x3x4 c2x3x2x2 t2x3x2x2 c2x3x1x2x2 c0x3 c2x3x0 c4x17 c70x2 c3x40"
FEW = "c5x3 t5x3 c3 t2x3x4 c2x3x2x2 c3x40"


def classes(x):
    return x.shape[1] if x.ndim > 1 else x.shape[0]


def indices(x, holes=False):
    shape = x.shape[:1] + x.shape[2:] if x.ndim > 1 else ()
    i = torch.arange(torch.Size(shape).numel())
    t = (i * 7 + 3) % classes(x)
    if holes:
        t[i % 3 == 1] = -100
    return t.reshape(shape)


def probabilities(x):
    return fill(x.shape, x.dtype, 5, 2, 11, 10)


def weight(x):
    return ((torch.arange(classes(x)) % 3 + 1) / 4).to(x.dtype)


def index(reduction, **more):
    return lambda x: F.cross_entropy(x, indices(x), reduction=reduction, **more)


def holes(reduction, weighted=False, **more):
    return lambda x: F.cross_entropy(x, indices(x, True), weight(x) if weighted else None, reduction=reduction, **more)


def probs(reduction, weighted=False, **more):
    return lambda x: F.cross_entropy(x, probabilities(x), weight(x) if weighted else None, reduction=reduction, **more)


FUNCTIONS = {
    "ignored_class": (lambda x: F.cross_entropy(x, indices(x), ignore_index=1), FEW),
    "byte": (lambda x: F.cross_entropy(x, indices(x).to(torch.uint8), reduction="sum"), "c5x3"),
    "smooth_whole": (holes("mean", label_smoothing=1.0), FEW),
    "steep": (lambda x: F.cross_entropy(x * 100, indices(x), reduction="none"), "c5x3 t2x3x4"),
    "steep_probs": (lambda x: F.cross_entropy(x * 100, probabilities(x)), "c5x3 t2x3x4"),
    "both": (lambda x, t: F.cross_entropy(x, t), "c5x3_t5x3 c3_c3 t2x3x4_c2x3x4"),
    "both_none": (lambda x, t: F.cross_entropy(x, t, reduction="none", label_smoothing=0.1), "c5x3_t5x3 c2x3x4_t2x3x4"),
    "all": (lambda x, t, w: F.cross_entropy(x, t, w, label_smoothing=0.2), "c5x3_t5x3_s3 t2x3x4_c2x3x4_c3"),
    "bent_mean": (bent(index("mean")), "c4x3 t2x3x2"),
    "bent_sum": (bent(holes("sum")), "c4x3 t2x3x2"),
    "bent_none": (bent(holes("none", True)), "c4x3 t2x3x2 c3"),
    "bent_weight": (bent(holes("mean", True)), "c4x3 t2x3x2"),
    "bent_smooth": (bent(holes("mean", label_smoothing=0.1)), "c4x3 t2x3x2"),
    "bent_smooth_weight": (bent(holes("mean", True, label_smoothing=0.1)), "c4x3 t2x3x2"),
    "bent_probs": (bent(probs("mean", True)), "c4x3 t2x3x2"),
    "bent_probs_none": (bent(probs("none", label_smoothing=0.1)), "c4x3 t2x3x2 c3"),
}
for reduction in ("mean", "sum", "none"):
    FUNCTIONS["index_" + reduction] = index(reduction), RANKS
    FUNCTIONS["holes_" + reduction] = holes(reduction), RANKS
    FUNCTIONS["weight_" + reduction] = holes(reduction, True), RANKS
    FUNCTIONS["smooth_" + reduction] = holes(reduction, label_smoothing=0.1), FEW
    FUNCTIONS["smooth_weight_" + reduction] = holes(reduction, True, label_smoothing=0.3), FEW
    FUNCTIONS["probs_" + reduction] = probs(reduction), RANKS
    FUNCTIONS["probs_weight_" + reduction] = probs(reduction, True), FEW
    FUNCTIONS["probs_smooth_" + reduction] = probs(reduction, label_smoothing=0.1), FEW
    FUNCTIONS["probs_smooth_weight_" + reduction] = probs(reduction, True, label_smoothing=0.3), FEW

cases = Cases()
for name, (function, layouts) in FUNCTIONS.items():
    for words in layouts.split():
        mode = "forward" if name == "probs_mean" and words in ("c0x3", "c2x3x0") else "grad"  # NaN without history
        cases.run(function, name, "float64", mode, words.replace("_", " "))
        if words in ("c5x3", "t5x3", "c3", "t2x3x4", "c3x40", "c5x3_t5x3") and not name.startswith("bent"):
            cases.run(function, name, "float32", mode, words.replace("_", " "))
for name in ("index_mean", "smooth_weight_mean", "probs_none"):
    cases.run(FUNCTIONS[name][0], name, "float32", "forward", "c100x40")
    cases.run(FUNCTIONS[name][0], name, "float64", "grad", "c2x1000")
cases.run(lambda x, t: F.cross_entropy(x, t.double()), "mixed", "float32", "forward", "c5x3 t5x3")
cases.run(lambda x, t: F.cross_entropy(x.double(), t), "mixed_input", "float32", "forward", "c5x3 t5x3")
cases.save("cross_entropy")
