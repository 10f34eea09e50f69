# SPDX-License-Identifier: MIT
"""Writes what tests/test_nn.c, test_module_repr.c, test_init.c and test_state_file.c compare with:

    golden_nn.py [OUTDIR]

nn.txt holds texts, each behind a line `= name`: lists of names, printed modules, messages. nn_init.safetensors holds
initial values by case (nn.init and Linear after manual_seed), nn_state.safetensors and nn_tied.safetensors saved models.
"""
import os
import sys

import torch
from safetensors.torch import save_file, save_model
from torch import nn

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
sections = [("torch", torch.__version__)]


def section(name, text):
    sections.append((name, text if isinstance(text, str) else "\n".join(text)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.arange(6.0).reshape(2, 3))
        self.register_parameter("bias", None)
        self.register_buffer("running", torch.zeros(2))
        self.register_buffer("mask", torch.ones(2), persistent=False)
        self.act = nn.ReLU()


class Net(nn.Module):
    """Nested, tied, with None among its parts."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.encoder = nn.Sequential(nn.Linear(3, 2), Block())
        self.missing = None
        self.register_module("absent", None)
        self.again = self.encoder[0]
        self.decoder = nn.Linear(3, 2, bias=False)
        self.decoder.weight = self.encoder[0].weight
        self.register_buffer("count", torch.tensor(3))


net = Net()
section("named_parameters", (n for n, _ in net.named_parameters()))
section("named_buffers", (n for n, _ in net.named_buffers()))
section("named_children", (n for n, _ in net.named_children()))
section("named_modules", (n for n, _ in net.named_modules()))
section("state_dict", net.state_dict())


def message(model, state, strict=True):
    try:
        model.load_state_dict(state, strict=strict)
        return "ok"
    except RuntimeError as error:
        return str(error)


def small():
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Sequential(nn.Linear(3, 1)))


good = small().state_dict()
section("load missing", message(small(), {k: v for k, v in good.items() if k not in ("0.bias", "2.0.weight")}))
section("load unexpected", message(small(), {**good, "1.weight": torch.ones(1), "extra": torch.ones(1), "2.0.z": torch.ones(1), "2.7.x": torch.ones(1), "2": torch.ones(1)}))
section("load mismatch", message(small(), {**good, "0.weight": torch.ones(2, 3), "2.0.bias": torch.ones(())}))
section("load all", message(small(), {"0.weight": torch.ones(2, 3, 1), "0.bias": torch.ones(3), "nope.weight": torch.ones(1)}))
section("load not strict", message(small(), {"0.weight": torch.ones(3, 3), "nope": torch.ones(1)}, strict=False))
section("load net", message(net, {**{k: v for k, v in net.state_dict().items() if k != "decoder.weight"}, "encoder.1.mask": torch.ones(2), "encoder.1.bias": torch.ones(2), "absent.x": torch.ones(1)}))


class Lines(nn.Module):
    def __init__(self, text, *children):
        super().__init__()
        self.text = text
        for i, child in enumerate(children):
            self.register_module(f"part{i}", child)

    def extra_repr(self):
        return self.text


class MLPexplicit(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(1, 10)
        self.linear2 = nn.Linear(10, 10)
        self.linear3 = nn.Linear(10, 10)
        self.linear4 = nn.Linear(10, 1)
        self.relu = nn.ReLU()


section("repr net", repr(net))
section("repr explicit", repr(MLPexplicit()))
section("repr linear", repr(nn.Linear(3, 4, bias=False)))
section("repr plain", [repr(m) for m in (nn.ReLU(), nn.ReLU(inplace=True), nn.Tanh(), nn.Sigmoid(), nn.Identity(), nn.Flatten(), nn.Flatten(0, 2), nn.MSELoss(), nn.L1Loss(reduction="sum"), nn.Sequential())])
repeated = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
section("repr nested", repr(nn.Sequential(repeated, nn.Sequential(), nn.Sequential(nn.Sequential(nn.Tanh())))))
section("repr lines", repr(nn.Sequential(Lines("a=1\nb=2"), Lines("one", nn.ReLU()), Lines("x\n\ny\n", Lines("p\nq", None)), Lines(""))))
section("repr blank", repr(Lines("a\n \n\nb")))
section("repr long", repr(Lines("x" * 300)))
section("repr parameter", repr(nn.Parameter(torch.tensor([1.0, 2.5]))))
section("repr frozen", repr(nn.Parameter(torch.tensor([[1.0], [2.0]]), requires_grad=False)))
section("repr result", repr(nn.Parameter(torch.tensor([1.0, 2.5])) * 2))
section("repr detached", repr(nn.Parameter(torch.tensor([1.0, 2.5])).detach()))
section("repr double", repr(torch.tensor([[0.1, -2.0]], dtype=torch.float64)))
section("repr int", repr(torch.tensor([3, -4])))
section("repr scalar", repr(torch.tensor(2.0, requires_grad=True)))
section("numpy parameter", str(nn.Parameter(torch.tensor([[1.0, 2.5], [-1e-3, 4.0]])).detach().numpy()))
section("numpy transposed", str(torch.arange(6.0).reshape(2, 3).t().numpy()))

# Initial values: each case seeds with its number in the list.
init = {}


def case(name, shape, fill, dtype=torch.float32):
    torch.manual_seed(len(init))
    init[name] = fill(torch.empty(shape, dtype=dtype)).detach().clone()


case("uniform", (3, 5), nn.init.uniform_)
case("uniform range", (4, 5), lambda t: nn.init.uniform_(t, -0.3, 0.7))
case("uniform double", (7,), lambda t: nn.init.uniform_(t, -0.3, 0.7), torch.float64)
case("normal", (3, 5), nn.init.normal_)
case("normal block", (4, 5), lambda t: nn.init.normal_(t, 1.5, 0.2))
case("normal double", (4, 5), lambda t: nn.init.normal_(t, 1.5, 0.2), torch.float64)
case("xavier uniform", (6, 4), nn.init.xavier_uniform_)
case("xavier uniform gain", (6, 4), lambda t: nn.init.xavier_uniform_(t, nn.init.calculate_gain("relu")))
case("xavier uniform kernel", (3, 2, 2, 3), nn.init.xavier_uniform_)
case("xavier normal", (6, 4), lambda t: nn.init.xavier_normal_(t, gain=0.7))
case("xavier normal double", (6, 4), nn.init.xavier_normal_, torch.float64)
case("kaiming uniform", (6, 7), nn.init.kaiming_uniform_)
case("kaiming uniform out", (6, 7), lambda t: nn.init.kaiming_uniform_(t, a=0.2, mode="fan_out"))
case("kaiming uniform tanh", (3, 2, 5), lambda t: nn.init.kaiming_uniform_(t, nonlinearity="tanh"))
case("kaiming uniform double", (6, 7), lambda t: nn.init.kaiming_uniform_(t, a=5**0.5), torch.float64)
case("kaiming normal", (6, 7), nn.init.kaiming_normal_)
case("kaiming normal relu", (6, 7), lambda t: nn.init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"))
case("constant", (2, 3), lambda t: nn.init.constant_(t, 0.3))
case("eye", (2, 3), nn.init.eye_)
case("ones", (2, 3), nn.init.ones_)
case("zeros", (2, 3), nn.init.zeros_)
for inputs, outputs, dtype in ((1, 10, torch.float32), (10, 10, torch.float32), (7, 3, torch.float32), (7, 3, torch.float64), (333, 2, torch.float32)):
    torch.manual_seed(len(init))
    linear = nn.Linear(inputs, outputs, dtype=dtype)
    name = f"linear {inputs} {outputs} {str(dtype)[6:]}"
    init[name + " weight"], init[name + " bias"] = linear.weight.detach(), linear.bias.detach()
torch.manual_seed(99)
both = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 2, bias=False), nn.Tanh()), nn.Linear(2, 1))
for key, value in both.state_dict().items():
    init["sequential " + key] = value
for kind in ("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
    init["gain " + kind] = torch.tensor(nn.init.calculate_gain(kind), dtype=torch.float64)
init["gain leaky_relu 0.3"] = torch.tensor(nn.init.calculate_gain("leaky_relu", 0.3), dtype=torch.float64)
save_file(init, f"{OUT}/nn_init.safetensors", {"torch": torch.__version__})

# Clipping: gradients before and after.
clip = {}
torch.manual_seed(5)
for name, kwargs in (("2", {}), ("1", {"norm_type": 1.0}), ("inf", {"norm_type": float("inf")}), ("loose", {"max_norm": 1e3})):
    params = [nn.Parameter(torch.zeros(3, 2)), nn.Parameter(torch.zeros(5))]
    for i, p in enumerate(params):
        p.grad = torch.randn_like(p)
        clip[f"{name}.before{i}"] = p.grad.clone()
    kwargs = {"max_norm": 0.5, **kwargs}
    clip[f"{name}.norm"] = nn.utils.clip_grad_norm_(params, **kwargs)
    for i, p in enumerate(params):
        clip[f"{name}.after{i}"] = p.grad
params = [nn.Parameter(torch.zeros(6)), nn.Parameter(torch.zeros(1))]
params[0].grad = torch.tensor([-3.0, -0.5, 0.0, 0.5, 2.0, float("nan")])
clip["value.before0"] = params[0].grad.clone()
nn.utils.clip_grad_value_(params, 0.5)
clip["value.after0"] = params[0].grad
save_file(clip, f"{OUT}/nn_clip.safetensors", {"torch": torch.__version__})

# Saved models: plain values, so that the same can be built without drawing.
model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1, bias=False))
with torch.no_grad():
    for p in model.parameters():
        p.copy_(torch.arange(p.numel()).reshape(p.shape) * 0.5 - 1)
save_file(model.state_dict(), f"{OUT}/nn_state.safetensors", {"format": "pt"})


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.second = nn.Linear(2, 2)
        self.second.weight = self.first.weight


tied = Tied()
with torch.no_grad():
    for p in tied.parameters():
        p.copy_(torch.arange(p.numel()).reshape(p.shape) + 0.25)
save_model(tied, f"{OUT}/nn_tied.safetensors")

with open(f"{OUT}/nn.txt", "w") as f:
    for name, text in sections:
        f.write(f"= {name}\n{text}\n")
