# SPDX-License-Identifier: MIT
"""Writes views.safetensors beside itself, for tests/test_views.c: python golden_views.py"""
from golden_cases import Cases

CASES = {
    "view_split": (lambda x: x.view(2, 3, 2, 2), "c2x3x4 t2x3x4 s2x3x4 e2x3x4"),
    "view_guess": (lambda x: x.view(-1, 4), "c2x3x4 s2x3x4 c0x4"),
    "view_ones": (lambda x: x.view(1, 2, 1, 3, 1), "c2x3 t2x3 s2x3 e2x3 c2x1x3"),
    "view_scalar": (lambda x: x.view([]), "c1 c1x1 s1"),
    "reshape_flat": (lambda x: x.reshape(-1), "c2x3x4 t2x3x4 s2x3x4 e2x3x4 c t2x3 c0x3"),
    "reshape_pairs": (lambda x: x.reshape(6, -1), "c2x3x4 t2x3x4 s2x3x4 e2x3x4"),
    "reshape_column": (lambda x: x.reshape(25, 1), "c25 s25 c5x5 t5x5"),
    "reshape_none": (lambda x: x.reshape(3, 0), "c0x3 t0x3 c0"),
    "flatten_all": (lambda x: x.flatten(), "c2x3x4 t2x3x4 c c5"),
    "flatten_tail": (lambda x: x.flatten(1), "c2x3x4 t2x3x4 s2x3x4 e2x3x4"),
    "flatten_head": (lambda x: x.flatten(0, -2), "c2x3x4 t2x3x4 c2x0x4"),
    "squeeze_all": (lambda x: x.squeeze(), "c1x2x1x3 t1x2x1x3 c1 c c2x3"),
    "squeeze_first": (lambda x: x.squeeze(0), "c1x2x1x3 t1x2x1x3 c2x1 c1 c"),
    "squeeze_back": (lambda x: x.squeeze(-2), "c1x2x1x3 s1x2x1x3 c2x2"),
    "squeeze_two": (lambda x: x.squeeze((0, 2)), "c1x2x1x3 t1x2x1x3 c2x2x1"),
    "unsqueeze_first": (lambda x: x.unsqueeze(0), "c2x3 t2x3 c s3"),
    "unsqueeze_mid": (lambda x: x.unsqueeze(1), "c2x3 t2x3 e2x3"),
    "unsqueeze_last": (lambda x: x.unsqueeze(-1), "c2x3 t2x3 c s3"),
    "transpose": (lambda x: x.transpose(0, -1), "c2x3x4 t2x3x4 s2x3 e2x3 c5 c"),
    "t": (lambda x: x.t(), "c2x3 t2x3 s2x3 e2x3 c3 c"),
    "permute": (lambda x: x.permute(2, 0, 1), "c2x3x4 t2x3x4 e2x3x4 c2x0x4"),
    "permute_negative": (lambda x: x.permute(-1, 0, -2), "c2x3x4 s2x3x4"),
    "select_first": (lambda x: x.select(0, 1), "c2x3x4 t2x3x4 s2x3x4 e2x3x4 c3"),
    "select_last": (lambda x: x.select(-1, -2), "c2x3x4 t2x3x4 c3 c0x3"),
    "narrow": (lambda x: x.narrow(1, 1, 2), "c2x3x4 t2x3x4 e2x3"),
    "narrow_back": (lambda x: x.narrow(-1, -3, 2), "c2x3x4 s2x4"),
    "narrow_none": (lambda x: x.narrow(0, 2, 0), "c2x3"),
    "slice_step": (lambda x: x[:, ::2], "c2x5 t2x5 s2x5 e2x5 c2x0 c2x4x3"),
    "slice_tail": (lambda x: x[..., -3:], "c2x5 c2 t2x5"),
    "slice_range": (lambda x: x[1:-1:3], "c9 s9 c5x2 c2"),
    "slice_beyond": (lambda x: x[5:9], "c3x2 c7"),
    "slice_wide": (lambda x: x[-100:100:50], "c3x2 c60"),
    "slice_backward": (lambda x: x[3:1], "c5"),
    "expand_lead": (lambda x: x.expand(4, 2, 3), "c2x3 t2x3 c3 c c1x2x1 s1x3"),
    "expand_keep": (lambda x: x.expand(-1, 5), "c2x1 t2x1 c2x5"),
    "expand_none": (lambda x: x.expand(0, 3), "c3 c1x3 c1x1"),
    "detach": (lambda x: x.detach(), "c2x3 t2x3"),
    "chain": (lambda x: x.transpose(0, 1)[1:].reshape(2, -1).unsqueeze(1).select(2, 3), "c2x3x4 t2x3x4"),
}

cases = Cases()
for name, (function, layouts) in CASES.items():
    for word in layouts.split():
        cases.run(function, name, "float64", "forward" if name == "detach" else "grad", word)
    cases.run(function, name, "float32", "forward", layouts.split()[0])
for name, word in (("reshape_flat", "t2x3x4"), ("select_first", "c2x3x4"), ("slice_step", "s2x5"), ("expand_lead", "c2x3")):
    for dtype in ("int64", "int32", "uint8", "bool"):
        cases.run(CASES[name][0], name, dtype, "forward", word)
cases.save("views")
