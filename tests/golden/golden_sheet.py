# SPDX-License-Identifier: MIT
"""Golden numbers of the sheet, from PyTorch: golden_sheet.py OUTDIR SEED [EPOCHS]
Runs the sheet's code in its order after torch.manual_seed(SEED): data, explicit model, condensed model,
one pass over the loader (printed), training of the condensed model, exercise 2.3.2 (one batch of 100, no
shuffle). Writes sheet_seed<N>.safetensors (tensors; the losses of the first 400 steps; the curve every 2 500 epochs) and
sheet_seed<N>.txt (standard output)."""
import sys, io, contextlib
import numpy as np, torch, torch.nn as nn
from torch.utils.data import DataLoader, Dataset
from safetensors.torch import save_file

out, seed = sys.argv[1], int(sys.argv[2])
epochs = int(sys.argv[3]) if len(sys.argv) > 3 else 50000
torch.set_num_threads(1)
T = {}; text = io.StringIO()

def goal_fun(x):
    return x**3 - x**2 + 25 * np.sin(2 * x)

class MLPexplicit(nn.Module):
    def __init__(self, n_input, n_hidden, n_output):
        super().__init__()
        self.n_input, self.n_hidden, self.n_output = n_input, n_hidden, n_output
        self.linear1 = nn.Linear(n_input, n_hidden)
        self.linear2 = nn.Linear(n_hidden, n_hidden)
        self.linear3 = nn.Linear(n_hidden, n_hidden)
        self.linear4 = nn.Linear(n_hidden, n_output)
        self.relu = nn.ReLU()
    def forward(self, x):
        h = self.relu(self.linear1(x)); h = self.relu(self.linear2(h)); h = self.relu(self.linear3(h))
        return self.linear4(h)

class MLPcondensed(nn.Module):
    def __init__(self, n_input, n_hidden, n_output):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_input, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_hidden), nn.ReLU(),
            nn.Linear(n_hidden, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_output))
    def forward(self, x): return self.layers(x)

class NonLinearRegressionData(Dataset):
    def __init__(self, x, y): self.x, self.y = x, y
    def __len__(self): return len(self.x)
    def __getitem__(self, i): return self.x[i], self.y[i]

def train(tag, model, loader):
    lossf = nn.MSELoss(); opt = torch.optim.Adam(model.parameters(), lr=1e-4)
    steps, curve, n = [], [], 0
    for epoch in range(epochs):
        cur = 0.0
        for inputs, targets in loader:
            opt.zero_grad()
            o = model(torch.reshape(inputs, (len(inputs), 1))).squeeze()
            loss = lossf(o, targets); loss.backward()
            if n == 0:
                for k, p in model.named_parameters(): T[f"{tag}.grad_step1.{k}"] = p.grad.clone()
            opt.step(); cur += loss.item(); n += 1
            if n <= 400: steps.append(loss.item())
            if n in (1, 4, 40, 400):
                for k, p in model.named_parameters(): T[f"{tag}.after{n}.{k}"] = p.detach().clone()
        if (epoch + 1) % 2500 == 0:
            print(f"Loss after epoch {epoch + 1:5d}: {cur:.3f}"); curve.append(cur)
    print("Training process has finished.")
    T[f"{tag}.losses"] = torch.tensor(steps, dtype=torch.float64)
    T[f"{tag}.curve"] = torch.tensor(curve, dtype=torch.float64)

with contextlib.redirect_stdout(text):
    torch.manual_seed(seed)
    y_noise = torch.distributions.Normal(loc=0.0, scale=10).sample([100])
    x_obs = 10 * torch.rand([100]) - 5
    y_obs = goal_fun(x_obs) + y_noise
    T |= {"y_noise": y_noise, "x_obs": x_obs, "y_obs": y_obs}
    explicit = MLPexplicit(1, 10, 1)
    for k, p in explicit.named_parameters(): T["explicit." + k] = p.detach().clone()
    for param in explicit.parameters():
        print("---------------------------------------------------------------------------")
        print(param.detach().numpy().round(4))
    print(explicit)
    condensed = MLPcondensed(1, 10, 1)
    for k, p in condensed.named_parameters(): T["condensed." + k] = p.detach().clone()
    print(condensed)
    loader = DataLoader(NonLinearRegressionData(x_obs, y_obs), batch_size=25, shuffle=True)
    for i, (a, b) in enumerate(loader):
        print(f"In: {a}"); print(f"Out:{b}\n"); T[f"batch{i}.x"], T[f"batch{i}.y"] = a, b
    train("sheet", condensed, loader)
    with torch.no_grad(): T["sheet.y_pred"] = condensed(x_obs.reshape(-1, 1)).flatten()
    condensed2 = MLPcondensed(1, 10, 1)
    for k, p in condensed2.named_parameters(): T["condensed2." + k] = p.detach().clone()
    train("ex232", condensed2, DataLoader(NonLinearRegressionData(x_obs, y_obs), batch_size=100, shuffle=False))
save_file({k: v.contiguous() for k, v in T.items()}, f"{out}/sheet_seed{seed}.safetensors", {"torch": torch.__version__, "numpy": np.__version__})
open(f"{out}/sheet_seed{seed}.txt", "w").write(text.getvalue())
