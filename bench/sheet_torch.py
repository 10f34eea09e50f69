# SPDX-License-Identifier: MIT
"""The sheet's training step as the sheet writes it, in PyTorch: "sheet_eager NS" a step."""
import sys
import time
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

torch.set_num_threads(1)
torch.manual_seed(0)


class Points(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


x = 10 * torch.rand([100]) - 5
y = x**3 - x**2 + 25 * torch.sin(2 * x)
model = nn.Sequential(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 1))
loader = DataLoader(Points(x, y), batch_size=25, shuffle=True)
mse, adam = nn.MSELoss(), torch.optim.Adam(model.parameters(), lr=1e-4)


def epochs(n):
    for _ in range(n):
        for inputs, targets in loader:
            adam.zero_grad()
            outputs = model(torch.reshape(inputs, (len(inputs), 1))).squeeze()
            loss = mse(outputs, targets)
            loss.backward()
            adam.step()
            loss.item()


epochs(20)
seconds, samples, begin = float(sys.argv[1]) if len(sys.argv) > 1 else 3, [], time.perf_counter()
while time.perf_counter() - begin < seconds:
    start = time.perf_counter()
    epochs(1)
    samples.append((time.perf_counter() - start) / 4 * 1e9)
print(f"sheet_eager {sorted(samples)[len(samples) // 2]:.1f}")
