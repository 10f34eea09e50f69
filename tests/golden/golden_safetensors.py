# SPDX-License-Identifier: MIT
"""Writes safetensors_*.safetensors beside itself with the Python package, for tests/test_safetensors.c.

    python golden_safetensors.py

The values are those that the test computes anew: element i of a tensor is i - 2 (bool: i odd; uint8: i)."""
import os

import numpy
import safetensors
import safetensors.torch
import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def values(dtype, *shape):
    n = int(numpy.prod(shape, dtype=int))
    if dtype == torch.bool:
        return (torch.arange(n) % 2 == 1).reshape(shape)
    return torch.arange(n).reshape(shape).to(dtype) if dtype == torch.uint8 else (torch.arange(n) - 2).to(dtype).reshape(shape)


def save(name, tensors, metadata):
    safetensors.torch.save_file(tensors, os.path.join(HERE, f"safetensors_{name}.safetensors"), metadata)


save("dtypes", {
    "a.u8": values(torch.uint8, 3),
    "b.bool": values(torch.bool, 5),
    "c.int32": values(torch.int32, 2, 3),
    "d.int64": values(torch.int64, 3, 1),
    "e.float32": values(torch.float32, 2, 2, 2),
    "f.float64": values(torch.float64, 4),
    "scalar": values(torch.float32),
    "none": values(torch.float32, 0),
    "none.of.many": values(torch.int64, 3, 0, 2),
    "eight": values(torch.float32, 1, 2, 1, 2, 1, 2, 1, 2),
    "layers.10.weight": values(torch.float32, 1, 2),
    "layers.2.weight": values(torch.float32, 2, 1),
}, {"format": "pt"})
save("names", {
    'quote " backslash \\ slash /': values(torch.float32, 1),
    "controls \x01\x08\t\n\x0b\x0c\r\x1f\x7f": values(torch.float32, 2),
    "Gr\u00f6\u00dfe \u4e2d\u6587 \U0001f525 \u2028": values(torch.float32, 3),
    "../../etc/passwd": values(torch.float32, 4),
    " ": values(torch.float32, 5),
}, {"key \"\n\u00e9": "value \\ \x02"})
save("empty", {}, None)
save("no_pairs", {"w": values(torch.float32, 1)}, {})

with open(os.path.join(HERE, "safetensors_versions.txt"), "w") as file:
    file.write(f"torch {torch.__version__}, safetensors {safetensors.__version__}\n")
