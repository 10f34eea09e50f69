# SPDX-License-Identifier: MIT
"""Writes optim.safetensors beside itself: torch.optim over some steps, for tests/test_optim.c.

    python golden_optim.py

Parameters "f32.p0", ... and gradients of each step "f32.g<step>.<i>" are the same for all cases of a dtype. A case's
metadata is its line for the test: optimiser, dtype, options, and what happens at which step:
    skip:S:I      parameter I has no gradient at step S
    set:S:OPT=V   an option of group 0 is changed before step S
    group:I:OPT=V parameters from I on are a second group, with that option
"case.after<step>" are the parameters, one after the other; "case.state..." the state_dict's tensors at the end."""
import os

import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 6
SHAPES = [(3, 5), (7,), (2, 2, 3), ()]
torch.manual_seed(0)

tensors, metadata = {}, {"torch": torch.__version__}
for dtype in (torch.float32, torch.float64):
    name = str(dtype)[6] + str(dtype)[-2:]
    for i, shape in enumerate(SHAPES):
        tensors[f"{name}.p{i}"] = torch.randn(shape, dtype=dtype)
        for s in range(STEPS):
            tensors[f"{name}.g{s}.{i}"] = torch.randn(shape, dtype=dtype) * 10.0 ** (i - 2)
DTYPES = {"f32": torch.float32, "f64": torch.float64}


def number(text):
    return {"True": True, "False": False}[text] if text in ("True", "False") else float(text)


def options_of(pairs):
    found = dict(pair.split("=") for pair in pairs)
    betas = [float(found.pop(f"beta{i}", default)) for i, default in ((1, 0.9), (2, 0.999))]
    options = {key: number(value) for key, value in found.items()}
    return options | {"betas": tuple(betas)} if any(p.startswith("beta") for p in pairs) else options


def set_option(group, pair):
    key, value = pair.split("=")
    if key.startswith("beta"):
        betas = list(group["betas"])
        betas[int(key[4]) - 1] = float(value)
        group["betas"] = tuple(betas)
    else:
        group[key] = number(value)


def run(case, line):
    words = line.split()
    dtype, plain = words[1], [w for w in words[2:] if ":" not in w]
    events = [w.split(":") for w in words[2:] if ":" in w]
    params = [torch.nn.Parameter(tensors[f"{dtype}.p{i}"].clone()) for i in range(len(SHAPES))]
    cut = next((int(e[1]) for e in events if e[0] == "group"), len(params))
    opt = getattr(torch.optim, words[0])(params[:cut], **options_of(plain))
    if cut < len(params):
        opt.add_param_group({"params": params[cut:], **options_of([e[2] for e in events if e[0] == "group"])})
    for s in range(STEPS):
        for e in events:
            if e[0] == "set" and int(e[1]) == s:
                set_option(opt.param_groups[0], e[2])
        for i, p in enumerate(params):
            skipped = any(e[0] == "skip" and (int(e[1]), int(e[2])) == (s, i) for e in events)
            p.grad = None if skipped else tensors[f"{dtype}.g{s}.{i}"].clone()
        opt.step()
        if s in (0, 1, STEPS - 1):
            tensors[f"{case}.after{s}"] = torch.cat([p.detach().flatten() for p in params])
    for i, state in opt.state_dict()["state"].items():
        for key, value in state.items():
            tensors[f"{case}.state.{i}.{key}"] = value.clone()
    metadata[case] = line


CASES = """
Adam
Adam lr=0.1
Adam lr=0.0
Adam lr=0.01 beta1=0.5 beta2=0.9
Adam lr=0.01 beta1=0.3 beta2=0.99
Adam lr=0.01 beta1=0.0 beta2=0.0
Adam lr=0.01 eps=0.001
Adam lr=0.01 eps=0.0
Adam lr=0.01 weight_decay=0.1
Adam lr=0.01 amsgrad=True
Adam lr=0.01 amsgrad=True weight_decay=0.01 maximize=True
Adam lr=0.01 maximize=True
Adam lr=0.01 weight_decay=0.1 decoupled_weight_decay=True
Adam lr=0.01 skip:0:1 skip:2:0 skip:3:1
Adam lr=0.01 set:3:lr=0.001 set:4:beta1=0.95 set:4:beta2=0.99
Adam lr=0.01 group:2:lr=0.001 skip:1:3
Adam lr=0.01 skip:0:3 skip:1:3 skip:2:3 skip:3:3 skip:4:3 skip:5:3
AdamW lr=0.01
AdamW lr=0.1 weight_decay=0.5
AdamW lr=0.01 amsgrad=True maximize=True
AdamW lr=0.01 group:1:weight_decay=0.0
SGD lr=0.1
SGD lr=0.1 weight_decay=0.1
SGD lr=0.1 momentum=0.9
SGD lr=0.1 momentum=0.9 dampening=0.5
SGD lr=0.1 momentum=0.9 weight_decay=0.01 nesterov=True
SGD lr=0.1 momentum=0.9 maximize=True
SGD lr=0.1 maximize=True weight_decay=0.1
SGD lr=0.1 momentum=0.9 skip:0:0 skip:3:2
SGD lr=0.1 momentum=0.9 set:2:momentum=0.0 set:4:momentum=0.5
SGD lr=0.1 set:3:momentum=0.9
SGD lr=0.1 momentum=0.9 group:3:momentum=0.0
""".strip().splitlines()

for n, line in enumerate(CASES):
    words = line.split()
    for dtype in DTYPES:
        run(f"{n}{dtype}", " ".join([words[0], dtype, *words[1:]]))

save_file(tensors, os.path.join(HERE, "optim.safetensors"), metadata)
