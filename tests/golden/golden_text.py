# SPDX-License-Identifier: MIT
"""Writes text.txt, which tests/test_text.c replays: numbers as Python and NumPy write and read them.

    golden_text.py [OUT [RANDOM_VALUES_PER_KIND [SEED]]]

A number is given by its bits. Lines:  d BITS REPR  (double),  s BITS REPR  (float),
f BITS PRECISION TEXT  and  e BITS PRECISION TEXT  (printf),  p TEXT BITS|bad  (read),  i TEXT VALUE|bad.
"""
import random
import struct
import sys

import numpy as np

OUT = sys.argv[1] if len(sys.argv) > 1 else __file__.replace("golden_text.py", "text.txt")
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 60
random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)


def bits(value):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", value))


def double(pattern):
    return struct.unpack("<d", struct.pack("<Q", pattern))[0]


def single(pattern):
    return np.uint32(pattern).view(np.float32)


def form(value):
    """NumPy's digits of a float32 in the form of Python's repr."""
    if not np.isfinite(value):
        return repr(float(value))
    head, exponent = np.format_float_scientific(value, trim="-").split("e")
    digits, point = head.replace("-", "").replace(".", "").rstrip("0") or "0", int(exponent) + 1
    sign = "-" if np.signbit(value) else ""
    if point > 16 or point <= -4:
        return f"{sign}{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{point - 1:+03d}"
    if point <= 0:
        return sign + "0." + "0" * -point + digits
    return sign + digits[:point].ljust(point, "0") + "." + (digits[point:] or "0")


def random_double():
    kind = random.randrange(6)
    if kind == 0:
        return double(random.getrandbits(64))
    if kind == 1:
        return double(random.getrandbits(63) & ~(0x7FF << 52) | random.getrandbits(1) << 63)  # denormal
    if kind == 2:
        return round(random.uniform(-1, 1) * 10 ** random.randrange(-8, 12), random.randrange(0, 12))
    if kind == 3:
        return random.choice([1, -1]) * 2.0 ** random.randrange(-1074, 1024)
    if kind == 4:
        return random.uniform(1, 10) * 10 ** random.randrange(-6, 20)
    return float(random.randrange(-(10 ** random.randrange(1, 20)), 10**18))


def random_single():
    kind = random.randrange(5)
    if kind == 0:
        return single(random.getrandbits(32))
    if kind == 1:
        return single(random.getrandbits(23) | random.getrandbits(1) << 31)
    if kind == 2:
        return np.float32(round(random.uniform(-1, 1) * 10 ** random.randrange(-6, 9), random.randrange(0, 8)))
    if kind == 3:
        return np.float32(2.0 ** random.randrange(-149, 128))
    return np.float32(random.uniform(1, 10) * 10 ** random.randrange(-6, 20))


DOUBLES = [0.0, -0.0, 1.0, -1.0, 0.1, 1 / 3, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 9.999e-5, 123456789012345680.0,
           1e22, 1e23, 9007199254740993.0, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308,
           1.7976931348623157e308, 0.5, 2.5, 3.5, 2.0**-44, 2.0**-1017, 2.0**-1022, 2.0**-1021, 100.0, 1234.5678,
           float("inf"), float("-inf"), float("nan"), 299792458.0, 6.62607015e-34, 0.30000000000000004]
SINGLES = [0.0, -0.0, 1.0, 0.1, 1e-4, 1e-5, 1e16, 1e15, 3.4028235e38, 1e-45, 1.1754944e-38, 1.1754942e-38, 16777216.0,
           33554432.0, 0.3, 2.0**-44, 8.589973e9, 7.038531e-26, float("inf"), float("nan")]
TEXTS = """1 -1.5 .5 5. 1e-4 inf -inf +inf Infinity -INFINITY iNf nan -nan NaN 1E5 +1 -0 0 -0.0 00012 0e0 0e999999999999999999999
1e999 -1e999 1e-999 1e308 1.8e308 1.7976931348623158e308 1.7976931348623159e308 4.9e-324 2.4703282292062327e-324
2.4703282292062328e-324 2.2250738585072011e-308 9007199254740993 9007199254740992.9999999999 1e23 8.5e22
0.1e1 1e+05 1e00000000000000000005 179769313486231580793e289 100000000000000016777215 100000000000000016777216
1e99999999999999999999999 1e-99999999999999999999999 . +. e5 1e 1e+ 1e- .e1 +-1 --1 1.2.3 1,5 0x10 1f 1e5.0 nanx in infinit
infinityx 1_0 1d5 ١ 0x inf1 n + - 1e5e5 1..""".split()
TEXTS += ["0." + "0" * 400 + "1e400", "1" + "0" * 400 + "e-400", "0." + "0" * 30 + "e5", "1" * 900, "0.1" + "0" * 900 + "1"]
INTEGERS = """0 -0 +5 007 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 12a 1.0
+ - 1_0 99999999999999999999 --1 0x1 123456789""".split()


def half_way(value):
    """The exact decimal half way from value up to the next double, and one just below and above it."""
    upper = np.nextafter(value, np.inf)
    a, b = value.as_integer_ratio(), float(upper).as_integer_ratio()
    shift = max(a[1], b[1]).bit_length()  # denominators are powers of two: the sum is over 2^shift
    number = a[0] * (1 << shift) // a[1] + b[0] * (1 << shift) // b[1]
    digits = number * 5 ** (shift + 1)
    return [f"{n}e-{shift + 2}" for n in (digits * 10 - 1, digits * 10, digits * 10 + 1)]


def read(text):
    try:
        return "bad" if "_" in text or not text.isascii() else bits(float(text))
    except ValueError:
        return "bad"


def read_integer(text):
    try:
        return "bad" if "_" in text or not -(2**63) <= int(text) < 2**63 else int(text)
    except ValueError:
        return "bad"


with open(OUT, "w") as out:
    print(f"# Python {sys.version.split()[0]}, NumPy {np.__version__}", file=out)
    doubles = DOUBLES + [random_double() for _ in range(3 * COUNT)]
    for value in doubles:
        print("d", bits(value), repr(value), file=out)
    for value in [np.float32(v) for v in SINGLES] + [random_single() for _ in range(3 * COUNT)]:
        print("s", "%08x" % value.view(np.uint32), form(value), file=out)
    for value in [v for v in DOUBLES if abs(v) < 1e30 or v != v] + [random_double() for _ in range(COUNT // 2)]:
        precision = random.choice([0, 1, 2, 4, 4, 8, 17])
        print("f", bits(value), precision, "%.*f" % (precision, value), file=out)
        print("e", bits(value), precision, "%.*e" % (precision, value), file=out)
    for value, precision in [(5e-324, 1074), (5e-324, 1100), (2.225073858507201e-308, 1200), (-0.1, 60)]:
        print("f", bits(value), precision, "%.*f" % (precision, value), file=out)
        print("e", bits(value), precision, "%.*e" % (precision, value), file=out)
    print("f", bits(-1.7976931348623157e308), 3, "%.3f" % -1.7976931348623157e308, file=out)
    texts = TEXTS + [repr(random_double()) for _ in range(COUNT // 2)]
    for _ in range(COUNT // 2):
        texts.append("%d%s%de%d" % (random.getrandbits(70), random.choice([".", "", ".00"]), random.getrandbits(70),
                                    random.randrange(-340, 300)))
    texts += half_way(2.225073858507201e-308) + half_way(9007199254740992.0)
    for _ in range(COUNT // 20):
        value = abs(random_double())
        texts += half_way(value if value < 1e300 and COUNT > 100 else random.uniform(0, 1))
    for text in texts:
        print("p", text, read(text), file=out)
    for text in INTEGERS:
        print("i", text, read_integer(text), file=out)
