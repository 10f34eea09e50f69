# SPDX-License-Identifier: MIT
"""Which samples PyTorch's loaders give when, and where that leaves the generators: golden_data.py > data_golden.txt
A line a scenario: its name, a colon, what test_data.c prints for the same."""
import torch
from torch.utils.data import DataLoader, RandomSampler, Sampler, SubsetRandomSampler, TensorDataset, random_split

out = []


def word():
    return torch.empty((), dtype=torch.int64).random_().item()


def word_of(g):
    return torch.empty((), dtype=torch.int64).random_(generator=g).item()


def show(batch):
    out.append(" ".join(str(int(v)) for v in batch[0]) + " |")


def epochs(loader, n):
    for _ in range(n):
        for batch in loader:
            show(batch)
        out.append("/")


def numbers(n):
    return TensorDataset(torch.arange(n))


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def finish(name, g=None):
    out.append(f"default {word()}")
    if g is not None:
        out.append(f"own {word_of(g)}")
    print(f"{name}: {' '.join(out)}")
    out.clear()


def plain(name, n, count=2, g=None, **options):
    torch.manual_seed(0)
    loader = DataLoader(numbers(n), generator=g, **options)
    epochs(loader, count)
    out.append(f"len {len(loader)}")
    finish(name, g)


print(f"# torch {torch.__version__}")
plain("shuffle_25", 100, 3, batch_size=25, shuffle=True)
plain("shuffle_30", 100, batch_size=30, shuffle=True)
plain("shuffle_30_drop", 100, batch_size=30, shuffle=True, drop_last=True)
plain("plain_30", 100, batch_size=30)
plain("plain_30_drop", 100, batch_size=30, drop_last=True)
plain("plain_one", 3)
plain("plain_large_batch", 7, batch_size=1000)
plain("drop_all", 7, batch_size=10, drop_last=True)
plain("shuffle_single", 1, batch_size=4, shuffle=True)
plain("empty", 0, batch_size=4)
plain("generator_25", 100, g=seeded(5), batch_size=25, shuffle=True)
plain("generator_30", 100, g=seeded(5), batch_size=30, shuffle=True)
plain("generator_30_drop", 100, g=seeded(5), batch_size=30, shuffle=True, drop_last=True)
plain("generator_plain", 10, g=seeded(5), batch_size=4)


def sampled(name, n, sampler, g=None, loader_g=None, **options):
    torch.manual_seed(1)
    loader = DataLoader(numbers(n), sampler=sampler, generator=loader_g, **options)
    epochs(loader, 2)
    out.append(f"len {len(loader)}")
    finish(name, g if g is not None else loader_g)


sampled("random", 20, RandomSampler(range(20)), batch_size=6)
sampled("random_replacement", 20, RandomSampler(range(20), replacement=True), batch_size=6)
sampled("random_replacement_70", 20, RandomSampler(range(20), replacement=True, num_samples=70), batch_size=50)
g = seeded(7)
sampled("random_replacement_64", 20, RandomSampler(range(20), replacement=True, num_samples=64, generator=g), g, batch_size=16)
sampled("random_50_of_20", 20, RandomSampler(range(20), num_samples=50), batch_size=8)
sampled("random_40_of_20", 20, RandomSampler(range(20), num_samples=40), batch_size=8)
sampled("random_5_of_20", 20, RandomSampler(range(20), num_samples=5), batch_size=2)
g = seeded(8)
sampled("random_50_own", 20, RandomSampler(range(20), num_samples=50, generator=g), g, batch_size=8)
g = seeded(8)
sampled("random_40_own", 20, RandomSampler(range(20), num_samples=40, generator=g), g, batch_size=8)
g = seeded(8)
sampled("random_5_own", 20, RandomSampler(range(20), num_samples=5, generator=g), g, batch_size=2)
sampled("random_loader_generator", 20, RandomSampler(range(20)), None, seeded(9), batch_size=8)
sampled("subset_random", 20, SubsetRandomSampler([3, 1, 4, 15, 9, 2, 6]), batch_size=3)
g = seeded(10)
sampled("subset_random_own", 20, SubsetRandomSampler([3, 1, 4, 15, 9, 2, 6], generator=g), g, batch_size=3)


class Backwards(Sampler):
    def __iter__(self):
        return iter(range(19, -1, -2))

    def __len__(self):
        return 10


sampled("own_sampler", 20, Backwards(), batch_size=4)

torch.manual_seed(2)
a, b = (DataLoader(numbers(n), batch_size=3, shuffle=True) for n in (8, 10))
for _ in range(2):
    for x, y in zip(b, a):  # asks b first, which has more batches: both are met at their end
        show(x)
        show(y)
    out.append("/")
finish("interleaved")

torch.manual_seed(3)
loader = DataLoader(numbers(12), batch_size=3, shuffle=True)
for _ in range(2):
    for i, batch in enumerate(loader):
        show(batch)
        if i == 1:
            break
epochs(loader, 1)
finish("left_early")

torch.manual_seed(4)
g = seeded(11)
for loader in (DataLoader(numbers(6), batch_size=3, shuffle=True), DataLoader(numbers(6), batch_size=3, shuffle=True, generator=g)):
    it = iter(loader)
    out.append(f"draw {word()} {word_of(g)}")
    for batch in it:
        show(batch)
        out.append(f"draw {word_of(g)}")
finish("draws_between", g)


def split(name, n, lengths, g=None):
    torch.manual_seed(5)
    for part in random_split(numbers(n), lengths, **({"generator": g} if g else {})):
        for i in range(len(part)):
            out.append(str(part[i][0].item()))
        out.append("/")
        if len(part) > 3:
            epochs(DataLoader(part, batch_size=4, shuffle=True), 1)
    finish(name, g)


split("split", 20, [12, 6, 2])
split("split_none", 7, [7, 0])
split("split_own", 20, [15, 5], seeded(12))
split("split_fractions", 21, [0.5, 0.3, 0.2])
split("split_fractions_own", 33, [0.25, 0.25, 0.25, 0.25], seeded(12))
split("split_fractions_small", 3, [0.4, 0.6])
