# SPDX-License-Identifier: MIT
"""What bench/products.c times, in PyTorch: name and ns a line. products_torch.py [THREADS]."""
import sys
import time
import torch

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
torch.set_grad_enabled(False)


def product(name, rows, k, columns, turn_x, turn_y, rounds=15):
    x = torch.rand(k, rows).t() if turn_x else torch.rand(rows, k)
    y = torch.rand(columns, k).t() if turn_y else torch.rand(k, columns)
    times = int(1 + 2e7 / (rows * k * columns))
    samples = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            torch.mm(x, y)
        samples.append((time.perf_counter() - start) / times * 1e9)
    print(f"{name} {sorted(samples)[rounds // 2]:.0f}", flush=True)


product("matmul_64", 64, 64, 64, False, False)
product("matmul_256", 256, 256, 256, False, False)
product("matmul_1024", 1024, 1024, 1024, False, False)
product("forward_784_512", 128, 784, 512, False, True)
product("forward_512_512", 128, 512, 512, False, True)
product("forward_512_10", 128, 512, 10, False, True)
product("weight_784_512", 512, 128, 784, True, False)
product("weight_512_512", 512, 128, 512, True, False)
product("weight_512_10", 10, 128, 512, True, False)
product("input_512_512", 128, 512, 512, False, False)
product("input_512_10", 128, 10, 512, False, False)
