# SPDX-License-Identifier: MIT
"""Writes print.txt, which tests/test_print_format.c replays: arrays as PyTorch and NumPy print them.

    golden_print.py [OUT [BYTES [SEED]]]

Each case is a line `= torch|numpy DTYPE SHAPE STRIDES DEFAULT_DTYPE REQUIRES_GRAD GRAD_FN` (sizes parted by commas; `-`
for none), a line `: BITS ...` (the values in memory, repeated as often as needed) and lines `> PRINTED TEXT`.
"""
import random
import struct
import sys

import numpy as np
import torch

OUT = sys.argv[1] if len(sys.argv) > 1 else __file__.replace("golden_print.py", "print.txt")
BYTES = int(sys.argv[2]) if len(sys.argv) > 2 else 150_000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
LONGEST = (1200, 4000) if BYTES < 1_000_000 else (100_000, 100_000)  # most cases, every 20th
random.seed(SEED)

CODES = {"float32": "<fI", "float64": "<dQ", "int64": "<qQ", "int32": "<iI", "uint8": "<BB", "bool": "<?B"}
SHAPES = [(), (), (1,), (2,), (3,), (5,), (7,), (10,), (23,), (40,), (100,), (1, 1), (4, 1), (25, 1), (1, 9), (3, 4), (10, 10),
          (5, 30), (2, 3, 4), (3, 1, 2), (2, 2, 2, 2), (1, 1, 1, 1), (2, 1, 3, 1, 2), (1, 1, 1, 1, 1, 1, 2, 2), (2, 12, 11),
          (1000,), (1001,), (2000,), (100, 11), (1024, 1), (3, 500), (7, 150), (20, 60), (6, 6, 30), (8, 8, 20), (40, 30, 2),
          (1, 7, 7, 7, 3), (7, 1, 2, 100), (0,), (0, 3), (2, 0), (3, 0, 2), (2, 2, 2, 2, 2, 2, 2, 2), (1001, 1, 1)]


def magnitude():
    return 10.0 ** random.randrange(-7, 12)


def special(value):
    return random.choice([float("nan"), float("inf"), float("-inf"), 0.0, -0.0, value, value])


def any_bits():
    return struct.unpack("<d", struct.pack("<Q", random.getrandbits(64)))[0]


def floats(count):
    kind, scale = random.randrange(14), magnitude()
    values = {
        0: lambda: random.gauss(0, 1),
        1: lambda: random.gauss(0, scale),
        2: lambda: round(random.gauss(0, 1), random.choice([1, 2, 4])),
        3: lambda: float(random.randrange(-20, 21)),
        4: lambda: float(random.randrange(-(10**9), 10**9) // random.choice([1, 1000, 10**6])),
        5: lambda: random.gauss(0, 1) * magnitude(),
        6: lambda: random.choice([1, -1]) * 2.0 ** random.randrange(-140, 120),
        7: lambda: random.choice([1.0, 1000.0, 999.9999, 1000.0001, 1001.0, 0.0001, 9.9999e-5, 1.00001e-4, 1.0]),
        8: lambda: random.choice([1e8, 99999999.0, 1e6, 999999.94, 1e5, 123456.7, 1e8 + 8]),
        9: lambda: random.uniform(0, 1),
        10: any_bits,
        11: lambda: scale,
        12: lambda: random.choice([0.5, 0.25, 1 / 3, 2.0, 0.99999999, 0.999999999, 9.99996, 0.00005, 1e-3]),
        13: lambda: 2.0 ** random.randrange(-13, 19),
    }[kind]
    values = [values() for _ in range(count)]
    if random.random() < 0.3:
        share = random.choice([0.05, 0.3, 1.0])
        values = [special(v) if random.random() < share else v for v in values]
    return values


def integers(count, low, high):
    top = min(high, 10 ** random.randrange(1, 20))
    bottom = max(low, random.choice([0, -1, -top]))
    return [random.choice([low, high]) if random.random() < 0.003 else random.randint(bottom, top) for _ in range(count)]


def values(dtype, count):
    if dtype == "bool":
        return [random.random() < 0.5 for _ in range(count)]
    if not dtype.startswith("float"):
        info = np.iinfo(dtype)
        return integers(count, int(info.min), int(info.max))
    with np.errstate(over="ignore"):
        return [float(np.dtype(dtype).type(v)) for v in floats(count)]


def bits(dtype, value):
    code = CODES[dtype]
    whole = struct.unpack("<" + code[2], struct.pack("<" + code[1], value))[0]
    return format(whole, "x")


def strides_of(shape):
    """Row-major, or permuted, with gaps, or expanded."""
    order = list(range(len(shape)))
    if random.random() < 0.3:
        random.shuffle(order)
    strides, step = [0] * len(shape), random.choice([1, 1, 1, 2])
    for d in reversed(order):
        strides[d] = step
        step *= max(shape[d], 1)
    if shape and random.random() < 0.1:
        strides[random.randrange(len(shape))] = 0
    return strides


def memory(dtype, shape, strides, pattern):
    size = 1 + sum((n - 1) * s for n, s in zip(shape, strides)) if 0 not in shape else 0
    return np.resize(np.array(pattern, dtype=dtype), max(size, 1))


def numpy_case(dtype, shape, strides, data):
    array = np.lib.stride_tricks.as_strided(data, shape, [s * data.itemsize for s in strides])
    return "- 0 -", str(array)


def torch_case(dtype, shape, strides, data):
    default = random.choice(["float32"] * 5 + ["float64"])
    torch.set_default_dtype(getattr(torch, default))
    tensor = torch.from_numpy(data.copy()).as_strided(shape, strides)
    wants = random.random() < 0.3 and tensor.is_floating_point()
    name = "-"
    if wants:
        tensor = tensor.detach().requires_grad_()
        grow = random.choice([None, lambda t: t.mul(1), lambda t: t.clone(), lambda t: torch.where(t == t, t, t)])
        tensor = grow(tensor) if grow else tensor
        name = tensor.grad_fn.name() if tensor.grad_fn else "-"
    return f"{default} {int(wants)} {name}", str(tensor)


def numbers(sizes):
    return ",".join(map(str, sizes)) or "-"


def case(kind, dtype, shape, strides, pattern):
    data = memory(dtype, shape, strides, pattern)
    notes, text = (torch_case if kind == "torch" else numpy_case)(dtype, shape, strides, data)
    lines = [f"= {kind} {dtype} {numbers(shape)} {numbers(strides)} {notes}"]
    lines.append(": " + " ".join(bits(dtype, v) for v in pattern))
    lines += ["> " + line for line in text.split("\n")]
    return "\n".join(lines) + "\n"


def random_case():
    dtype = random.choice(["float32"] * 5 + ["float64"] * 3 + ["int64"] * 2 + ["int32", "uint8", "bool"])
    shape = random.choice(SHAPES)
    count = min(int(np.prod(shape)), random.randrange(1, 60)) or 1
    return case(random.choice(["torch", "numpy"]), dtype, shape, strides_of(shape), values(dtype, count))


def nearly_thousandfold():
    """Two floats whose ratio is over 1000 in double and 1000 in float."""
    while True:
        low = np.float32(random.uniform(0.001, 1))
        high = np.float32(float(low) * 1000)
        if float(high) / float(low) > 1000 and high / low == np.float32(1000):
            return [float(low), float(high)]


def odd_powers():
    """Powers of two whose shortest digits are not the nearest of that number."""
    for exponent in range(-149, 128):
        value = np.float32(2.0**exponent)
        text = np.format_float_scientific(value, trim="-")
        digits = len(text.split("e")[0].replace(".", ""))
        if float("%.*e" % (digits - 1, value)) != float(text):
            yield float(value)


def directed():
    """The edges of each rule, of which random values come near too seldom."""
    for kind in ("torch", "numpy"):
        yield kind, "uint8", [1000], [1, 2, 3]
        yield kind, "uint8", [1001], [1, 2, 3]
        yield kind, "int64", [3], [-(2**63), 2**63 - 1, 0]
        for dtype in ("float32", "float64"):
            for edge in (0.0001, 1e6, 1e8, 1e16):
                single = float(np.dtype(dtype).type(edge))
                for value in (single, float(np.nextafter(single, 0, dtype=dtype)), float(np.nextafter(single, 1e30, dtype=dtype))):
                    yield kind, dtype, [1], [value]
                    yield kind, dtype, [], [value]
            yield kind, dtype, [2], [1.0, 1000.0]
            yield kind, dtype, [2], nearly_thousandfold()
            yield kind, dtype, [2], [0.5, float(np.nextafter(np.float32(500), np.float32(501)))]
        for value in odd_powers():
            yield kind, "float32", [1], [value]
            yield kind, "float32", [2], [value, 1e-10]


with open(OUT, "w") as out:
    written = out.write(f"# PyTorch {torch.__version__}, NumPy {np.__version__}\n")
    for kind, dtype, shape, pattern in directed():
        written += out.write(case(kind, dtype, shape, [1] * len(shape), [np.dtype(dtype).type(v).item() for v in pattern]))
    while written < BYTES:
        text = random_case()
        if len(text) <= LONGEST[random.random() < 0.05]:
            written += out.write(text)
