# SPDX-License-Identifier: MIT
"""Writes rng_golden.txt, the random numbers that test_random.c expects: python3 golden_rng.py > rng_golden.txt

Needs PyTorch 2.13 or later (CPU, x86-64 with AVX2). One line a case and seed: id seed n values..., each value the bit
pattern of the result in hexadecimal (integers in two's complement). More than LIMIT values are written as '#' and
a 64-bit FNV-1a hash over the values (not the bytes).
"""
import struct
import sys

import torch
from torch.utils.data import DataLoader, RandomSampler, TensorDataset, random_split

LIMIT = 700
SEEDS = [0, 1, 42, 123, 2024, 2**32 + 7, 2**63, -1]
FEW = [0, 2**32 + 7]
f32, f64, i64, i32, u8, b8 = torch.float32, torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool


def bits(result):
    if isinstance(result, (list, tuple)):
        return [v for part in result for v in bits(part)]
    if isinstance(result, int):
        return [result % 2**64]
    flat = result.detach().contiguous().reshape(-1)
    if flat.dtype == f32:
        return [v % 2**32 for v in flat.view(i32).tolist()]
    if flat.dtype == f64:
        return [v % 2**64 for v in flat.view(i64).tolist()]
    return [int(v) % 2**64 for v in flat.tolist()]


def empty(n, dtype=f32):
    return torch.empty(n, dtype=dtype)


def column(n, dtype=f32):
    """n elements that are not contiguous"""
    return torch.empty(n, 2, dtype=dtype)[:, 0]


def raw(n):
    return empty(n, i64).random_(-2**63, None)


def by_dtype(name, function, dtypes=(f32, f64, i64, i32, u8, b8), n=12):
    names = {f32: "f32", f64: "f64", i64: "i64", i32: "i32", u8: "u8", b8: "b8"}
    return {f"{name}_{names[d]}": lambda d=d: function(empty(n, d)) for d in dtypes}


def weights(n=8, dtype=f32):
    return torch.arange(1., n + 1, dtype=dtype)


def probabilities(n, dtype):
    return torch.arange(n, dtype=dtype) / n


def state():
    return list(struct.unpack("<632Q", bytes(torch.get_rng_state().tolist())))


def state_after(draw):
    draw()
    return [state(), torch.randn(2), torch.rand(1)]


def cached_normals():
    return [torch.randn(3), torch.rand(2), torch.randn(16), torch.randn(2), torch.randn(1, dtype=f64), torch.rand(1)]


def cached_log_normal():
    return [torch.randn(1), empty(2).log_normal_(0.3, 1.7), torch.randn(17), column(20).normal_(), torch.randn(0),
            torch.randn(1)]


def odd_pairs():
    """an odd number of words first, so that pairs lie across the ends of blocks"""
    return [torch.rand(1), torch.rand(700, dtype=f64), torch.rand(623), raw(3), torch.rand(1)]


def nothing():
    for tensor in (empty(0), empty(0, f64)):
        tensor.uniform_(), tensor.normal_(), tensor.exponential_(), tensor.bernoulli_(0.5), tensor.random_()
    torch.randperm(0), torch.randperm(1), torch.randint(0, 9, (0,))
    return torch.rand(2)


def reseeded():
    torch.randn(1)
    torch.manual_seed(torch.initial_seed())
    return [torch.initial_seed(), torch.randn(1), torch.rand(3)]


def permutation_wide(n):
    """randperm's rule for n >= 214748364, on fewer elements"""
    a = [0] * n
    for i, word in enumerate(raw(n).tolist()):
        z = word % 2**64 % (i + 1)
        a[i] = a[z]
        a[z] = i
    return a


def loader(n, batch_size, epochs, generator=None):
    batches = DataLoader(TensorDataset(torch.arange(n)), batch_size, shuffle=True, generator=generator)
    return [[b[0] for b in batches] for _ in range(epochs)]


def acceptance():
    """y = sin(2 pi x) with noise, a network of four layers, three epochs of batches"""
    noise = torch.distributions.Normal(0, 10).sample([100])
    x = 10 * torch.rand([100]) - 5
    layers = [torch.nn.Linear(i, o) for i, o in ((1, 10), (10, 10), (10, 10), (10, 1))]
    return [noise, x, [list(layer.parameters()) for layer in layers], loader(100, 25, 3)]


CASES = {
    "raw_u64": lambda: raw(8),
    "raw_u64_many": lambda: raw(2000),
    "initial_seed": torch.initial_seed,
    "reseeded": reseeded,
    "nothing": nothing,
    "odd_pairs": odd_pairs,
    "rand_f32": lambda: torch.rand(8),
    "rand_f64": lambda: torch.rand(8, dtype=f64),
    "uniform_f32": lambda: empty(40).uniform_(-0.37, 0.91),
    "uniform_f64": lambda: empty(40, f64).uniform_(-0.37, 0.91),
    "uniform_column_f32": lambda: column(40).uniform_(-0.37, 0.91),
    "uniform_bound_f32": lambda: empty(100000).uniform_(1000, 1001),
    **{f"randn_f32_{n}": lambda n=n: torch.randn(n) for n in (1, 8, 15, 16, 20, 100, 10007)},
    **{f"randn_f64_{n}": lambda n=n: torch.randn(n, dtype=f64) for n in (8, 16, 20, 5003)},
    "normal_f32_8": lambda: empty(8).normal_(0.3, 1.7),
    "normal_f32_20": lambda: empty(20).normal_(0.3, 1.7),
    "normal_f64_20": lambda: empty(20, f64).normal_(0.3, 1.7),
    "normal_column_f32": lambda: column(41).normal_(0.3, 1.7),
    "normal_column_f64": lambda: column(41, f64).normal_(0.3, 1.7),
    "normal_transposed_f32": lambda: torch.empty(6, 7).t().normal_(0.3, 1.7).t(),
    "cached_normals": cached_normals,
    "cached_log_normal": cached_log_normal,
    **by_dtype("exponential", lambda t: t.exponential_(1.3), (f32, f64), 300),
    **by_dtype("log_normal", lambda t: t.log_normal_(0.3, 1.7), (f32, f64), 9),
    **by_dtype("cauchy", lambda t: t.cauchy_(0.3, 1.7), (f32, f64)),
    **by_dtype("geometric", lambda t: t.geometric_(0.3), (f32, f64, i64, i32, u8)),
    **by_dtype("bernoulli", lambda t: t.bernoulli_(0.3)),
    **by_dtype("bernoulli_p32", lambda t: t.bernoulli_(probabilities(12, f32))),
    **by_dtype("bernoulli_p64", lambda t: t.bernoulli_(probabilities(12, f64))),
    **by_dtype("random", lambda t: t.random_()),
    **by_dtype("range_7", lambda t: t.random_(0, 7), (f32, f64, i64, i32, u8)),
    "range_b8": lambda: torch.randint(0, 2, (12,), dtype=b8),
    "range_u8": lambda: torch.randint(0, 256, (12,), dtype=u8),
    "range_negative": lambda: torch.randint(-5, 5, (12,)),
    "range_below_2p28": lambda: torch.randint(0, 2**28 - 1, (8,)),
    "range_2p28": lambda: torch.randint(0, 2**28, (8,)),
    "range_2p40_i64": lambda: torch.randint(-2**39, 2**39, (8,)),
    "range_2p30_i32": lambda: torch.randint(0, 2**30, (8,), dtype=i32),
    "range_2p63": lambda: empty(8, i64).random_(-2**62, 2**63 - 1),
    **{f"randperm_{n}": lambda n=n: torch.randperm(n) for n in (2, 10, 100, 1000, 100000)},
    "randperm_wide_50": lambda: permutation_wide(50),
    "multinomial_replaced": lambda: torch.multinomial(weights(), 12, replacement=True),
    "multinomial_replaced_f64": lambda: torch.multinomial(weights(dtype=f64), 12, replacement=True),
    "multinomial_replaced_many": lambda: torch.multinomial(torch.arange(1000.).sqrt(), 500, replacement=True),
    "multinomial_all": lambda: torch.multinomial(weights(), 8),
    "multinomial_all_f64": lambda: torch.multinomial(weights(dtype=f64), 8),
    "multinomial_some": lambda: torch.multinomial(torch.arange(300.), 40),
    "multinomial_one": lambda: torch.multinomial(weights(), 1, replacement=True),
    "multinomial_rows": lambda: torch.multinomial(weights(12).reshape(3, 4), 3),
    "multinomial_rows_replaced": lambda: torch.multinomial(weights(12).reshape(3, 4), 3, replacement=True),
    "sampler_replaced": lambda: list(RandomSampler(range(20), replacement=True)),
    "split": lambda: [list(part) for part in random_split(range(10), [0.3, 0.7])],
    "loader": lambda: loader(11, 4, 3),
    "loader_own_generator": lambda: loader(11, 4, 3, torch.Generator().manual_seed(torch.initial_seed())),
    "acceptance": acceptance,
    "state_fresh": lambda: state_after(lambda: None),
    "state_one": lambda: state_after(lambda: torch.rand(1)),
    "state_normal": lambda: state_after(lambda: torch.randn(3)),
    "state_block_end": lambda: state_after(lambda: torch.rand(624)),
    "state_next_block": lambda: state_after(lambda: torch.rand(1000)),
}
WHOLE_STATE = ("state_fresh", "state_normal", "state_next_block")


def fnv1a(values):
    result = 0xcbf29ce484222325
    for value in values:
        result = (result ^ value) * 0x100000001b3 % 2**64
    return result


def main():
    print("# SPDX-License-Identifier: MIT")
    print(f"# golden_rng.py, torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}")
    for name, call in CASES.items():
        for seed in FEW if name.startswith("state") or name in ("uniform_bound_f32", "randperm_100000") else SEEDS:
            torch.manual_seed(seed)
            values = bits(call())
            whole = len(values) <= LIMIT and (not name.startswith("state") or name in WHOLE_STATE and seed == 0)
            if len(values) > 100 and seed not in (0, 1, 42):
                whole = False
            text = " ".join(f"{v:x}" for v in values) if whole else f"#{fnv1a(values):x}"
            print(name, seed, len(values), text)


if __name__ == "__main__":
    sys.exit(main())
