# SPDX-License-Identifier: MIT
"""What bench/small.c, bench/simplechains.c and bench/mnist.c time, in PyTorch: workloads_torch.py [--compile] [--threads N]
[--seconds S] NAME..., with the names online, infer1, infer1000, simplechains, mnist. Prints "NAME_eager NS" a step, or
"NAME_compile NS" of the whole step as one compiled graph; with more threads than one the names end in _2t, _3t, ..."""
import argparse
import time
import torch
import torch.nn as nn
import torch.nn.functional as F


def mlp(activation, *sizes):
    layers = []
    for i, o in zip(sizes, sizes[1:]):
        layers += [nn.Linear(i, o), activation()]
    return nn.Sequential(*layers[:-1])


def sgd(p, g, state, t, lr=1e-2):
    p.sub_(lr * g)


def adam(p, g, state, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = state
    m.lerp_(g, 1 - beta1)
    v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    p.sub_(lr / (1 - beta1**t) * m / (v.sqrt() / (1 - beta2**t).sqrt() + eps))


class Training:
    """A step of training; compiled: forward, backward and the optimiser's formula in one graph."""

    grad = True

    def __init__(self, model, loss, x, y, optimiser, formula):
        self.model, self.loss, self.x, self.y, self.formula = model, loss, x, y, formula
        self.optimiser = optimiser(list(model.parameters()))
        self.params = dict(model.named_parameters())
        self.state = {n: (torch.zeros_like(p), torch.zeros_like(p)) for n, p in self.params.items()}
        self.t = torch.zeros(())

    def eager(self):
        self.optimiser.zero_grad()
        loss = self.loss(self.model(self.x), self.y)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def compiled(self):
        def objective(params, x, y):
            return self.loss(torch.func.functional_call(self.model, params, (x,)), y)

        @torch.compile(fullgraph=True)
        def whole(params, state, t, x, y):
            t.add_(1)
            grads, loss = torch.func.grad_and_value(objective)(params, x, y)
            for n, p in params.items():
                self.formula(p, grads[n], state[n], t)
            return loss

        params = {n: p.detach().clone() for n, p in self.params.items()}

        self.grad = False
        return lambda: whole(params, self.state, self.t, self.x, self.y).item()


class Inference:
    """Forward without gradients; compiled: with the parameters frozen into the graph."""

    grad = False

    def __init__(self, samples):
        self.forward, self.x = mlp(nn.ReLU, 1, 10, 10, 10, 1).eval(), torch.rand(samples, 1)

    def eager(self):
        return self.forward(self.x).numpy().item(0)

    def compiled(self):
        self.forward = torch.compile(self.forward, fullgraph=True, options={"freezing": True})
        return self.eager


WORKLOADS = {
    "online": lambda: Training(mlp(nn.Tanh, 8, 16, 16, 1), F.mse_loss, torch.rand(1, 8), torch.full((1, 1), 0.5),
                               lambda p: torch.optim.SGD(p, lr=1e-2, fused=True), sgd),
    "infer1": lambda: Inference(1),
    "infer1000": lambda: Inference(1000),
    "simplechains": lambda: Training(mlp(nn.Tanh, 4, 32, 16, 4), F.mse_loss, torch.randn(10000, 4),
                                     torch.randn(10000, 4), lambda p: torch.optim.Adam(p, fused=True), adam),
    "mnist": lambda: Training(mlp(nn.ReLU, 784, 512, 512, 10), F.cross_entropy, torch.rand(128, 784),
                              torch.randint(0, 10, (128,)), lambda p: torch.optim.Adam(p, fused=True), adam),
}


def clock(step, x, seconds):
    """The median ns of a step, in chunks below about a millisecond; one number of the input comes from the last result."""
    numbers = x.numpy().reshape(-1)  # of the tensor itself, written at a fraction of what x[i] = value takes

    def run(n):
        start = time.perf_counter()
        for i in range(n):
            numbers[i % numbers.size] = 0.1 * step()
        return (time.perf_counter() - start) / n

    run(3)
    times, samples, begin = max(1, int(5e-4 / run(3))), [], time.perf_counter()
    while len(samples) < 3 or time.perf_counter() - begin < seconds:
        samples.append(run(times))
    return sorted(samples)[len(samples) // 2] * 1e9


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--compile", action="store_true")
    args.add_argument("--threads", type=int, default=1)
    args.add_argument("--seconds", type=float, default=1)
    args.add_argument("names", nargs="+", choices=WORKLOADS)
    args = args.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    suffix = f"_{args.threads}t" if args.threads > 1 else ""
    for name in args.names:
        work = WORKLOADS[name]()
        step = work.compiled() if args.compile else work.eager
        with torch.set_grad_enabled(work.grad):
            ns = clock(step, work.x, args.seconds)
        print(f"{name}_{'compile' if args.compile else 'eager'}{suffix} {ns:.1f}", flush=True)


main()
