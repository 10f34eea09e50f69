# SPDX-License-Identifier: MIT
"""Writes distribution_samples.safetensors (compared to the last bit) and distributions.safetensors (compared within
tolerances), PyTorch's results of the cases in test_distributions.c, which have the same names:
python3 golden_distributions.py

Needs PyTorch 2.13 or later (CPU, x86-64 with AVX2). The metadata has the expression of each case and
torch.__version__. Every draw follows manual_seed(11); case.next are three numbers drawn after it.
"""
import torch
from safetensors.torch import save_file
from torch.distributions import Bernoulli, Categorical, Normal, Uniform

f32, f64, i64 = torch.float32, torch.float64, torch.int64
inf = float("inf")


def vector(*values, dtype=f32):
    return torch.tensor(values, dtype=dtype)


def ramp(rows, columns, divisor, dtype=f32):
    return (torch.arange(rows * columns, dtype=dtype) / divisor).reshape(rows, columns)


def grad(x, function):
    x = x.clone().requires_grad_()
    function(x).sum().backward()
    return x.grad


SAMPLES = """
normal_noise          Normal(0.0, 10).sample([100])
normal_one            Normal(0.0, 10).sample()
normal_15             Normal(1.0, 2.0).sample([3, 5])
normal_16             Normal(1.0, 2.0).sample([16])
normal_batch          Normal(vector(0, 1, -2), vector(1, .5, 3)).sample([7])
normal_broadcast      Normal(vector(0, 1, -2), ramp(4, 1, 1) + 1).sample()
normal_f64            Normal(vector(0, 1, dtype=f64), 0.1).sample([9])
normal_number_first   Normal(0.5, vector(1, 2, dtype=f64)).sample([2])
normal_rsample        Normal(0.3, 0.7).rsample([20])
normal_rsample_batch  Normal(vector(0, 1, -2), vector(1, .5, 3)).rsample([7])
uniform_sample        Uniform(-1.0, 3.0).sample([20])
uniform_batch         Uniform(vector(0, 1, -2), 3.3).sample([4, 2])
uniform_f64           Uniform(vector(0, dtype=f64), vector(0.1, dtype=f64)).rsample([5])
bernoulli_number      Bernoulli(0.3).sample([20])
bernoulli_batch       Bernoulli(vector(0, .2, .5, 1)).sample([9])
bernoulli_logits      Bernoulli(logits=vector(-1, 0, 2)).sample([9])
bernoulli_f64         Bernoulli(vector(.2, .7, dtype=f64)).sample([9])
bernoulli_transposed  Bernoulli(ramp(3, 4, 11).t()).sample()
categorical_one       Categorical(vector(1, 2, 3)).sample()
categorical_many      Categorical(vector(1, 2, 3)).sample([20])
categorical_batch     Categorical(ramp(3, 4, 1)).sample([5])
categorical_batch_2   Categorical(ramp(6, 4, 1).reshape(2, 3, 4)).sample([2, 5])
categorical_logits    Categorical(logits=ramp(3, 4, 7)).sample([5])
categorical_f64       Categorical(vector(1, 2, 3, dtype=f64)).sample([9])
"""

VALUES = """
normal_log_prob       Normal(vector(0, 1, -2), vector(1, .5, 3)).log_prob(vector(.3, 1, -7).reshape(3, 1))
normal_log_prob_f64   Normal(vector(0, 1, -2, dtype=f64), 0.7).log_prob(vector(.3, 1, -7, dtype=f64))
normal_log_prob_mixed Normal(0.0, 10).log_prob(vector(-1, 2, dtype=f64))
normal_log_prob_inf   Normal(0.0, 10).log_prob(vector(inf, 1e20))
normal_mean           Normal(vector(0, 1, -2), 2.0).mean
normal_variance       Normal(vector(0, 1, -2), 0.7).variance
normal_stddev         Normal(vector(0, 1, -2), 0.7).stddev
normal_entropy        Normal(vector(0, 1), vector(.3, 20)).entropy()
uniform_log_prob      Uniform(vector(0, 1), 3.0).log_prob(vector(1, 3, 2.5).reshape(3, 1))
uniform_log_prob_out  Uniform(0.0, 1.0, validate_args=False).log_prob(vector(-1, 0, 1, 2))
uniform_mean          Uniform(vector(0, 1), 3.3).mean
uniform_variance      Uniform(vector(0, 1), 3.3).variance
uniform_stddev        Uniform(vector(0, 1, dtype=f64), 3.3).stddev
uniform_entropy       Uniform(vector(0, 1), 3.3).entropy()
bernoulli_log_prob    Bernoulli(vector(0, .2, 1)).log_prob(vector(0, 1).reshape(2, 1))
bernoulli_log_prob_64 Bernoulli(logits=vector(-50, -1, 0, 21, 39, 41, 800, dtype=f64)).log_prob(vector(0, 1, dtype=f64).reshape(2, 1))
bernoulli_mean        Bernoulli(vector(0, .2, 1)).mean
bernoulli_mean_logits Bernoulli(logits=vector(-1, .2, 1)).mean
bernoulli_variance    Bernoulli(vector(0, .2, 1)).variance
bernoulli_stddev      Bernoulli(vector(0, .2, 1)).stddev
bernoulli_entropy     Bernoulli(vector(0, .2, 1)).entropy()
bernoulli_entropy_64  Bernoulli(logits=vector(-30, .2, 3, dtype=f64)).entropy()
bernoulli_logits_of   Bernoulli(vector(0, .2, 1)).logits
bernoulli_probs_of    Bernoulli(logits=vector(-30, .2, 3)).probs
categorical_log_prob  Categorical(ramp(3, 4, 1)).log_prob(vector(1, 0, 3))
categorical_broadcast Categorical(vector(1, 2, 3)).log_prob(vector(1, 0, 2, 2, dtype=i64).reshape(2, 2))
categorical_values    Categorical(logits=ramp(3, 4, 7)).log_prob(vector(1, 2, dtype=i64).reshape(2, 1))
categorical_mean      Categorical(ramp(3, 4, 1)).mean
categorical_variance  Categorical(vector(1, 2, 3, dtype=f64)).variance
categorical_entropy   Categorical(ramp(3, 4, 1)).entropy()
categorical_entropy_l Categorical(logits=vector(-inf, 1, 2)).entropy()
categorical_probs_of  Categorical(logits=ramp(3, 4, 7, f64)).probs
categorical_logits_of Categorical(ramp(3, 4, 7, f64)).logits
categorical_normed    Categorical(vector(1, 2, 3)).probs
grad_normal_loc       grad(vector(0, 1), lambda x: Normal(x, 0.7).log_prob(vector(.3, -1).reshape(2, 1)))
grad_normal_scale     grad(vector(.6, 2), lambda x: Normal(0.1, x).log_prob(vector(.3, -1).reshape(2, 1)))
grad_normal_value     grad(vector(.6, 2), lambda x: Normal(0.1, 3.0).log_prob(x))
grad_normal_entropy   grad(vector(.6, 2), lambda x: Normal(0.1, x).entropy())
grad_normal_rsample   grad(vector(.6, 2, dtype=f64), lambda x: Normal(x, x).rsample([20]))
grad_uniform_low      grad(vector(.6, 2), lambda x: Uniform(x, 3.0).log_prob(vector(2.5)))
grad_uniform_rsample  grad(vector(3.6, 4), lambda x: Uniform(x / 2, x).rsample([5]))
grad_bernoulli_probs  grad(vector(.2, .7), lambda x: Bernoulli(x).log_prob(vector(0, 1).reshape(2, 1)))
grad_bernoulli_logits grad(vector(0, -.7, dtype=f64), lambda x: Bernoulli(logits=x).log_prob(vector(0, 1, dtype=f64).reshape(2, 1)))
grad_bernoulli_entropy grad(vector(.2, .7), lambda x: Bernoulli(x).entropy())
grad_categorical      grad(ramp(3, 4, 7) + 1, lambda x: Categorical(x).log_prob(vector(1, 0, 3)))
grad_categorical_many grad(vector(1, 2, 3), lambda x: Categorical(x).log_prob(vector(1, 0, 2, 2).reshape(2, 2)))
grad_categorical_l    grad(ramp(3, 4, 7), lambda x: Categorical(logits=x).log_prob(vector(1, 0, 3)))
grad_categorical_e    grad(ramp(3, 4, 7) + 1, lambda x: Categorical(x).entropy())
grad_categorical_e_l  grad(ramp(3, 4, 7, f64), lambda x: Categorical(logits=x).entropy())
"""


def write(name, cases, draws):
    tensors, metadata = {}, {"torch.__version__": torch.__version__}
    for line in cases.strip().splitlines():
        case, expression = line.split(None, 1)
        torch.manual_seed(11)
        tensors[f"{case}.out0"] = eval(expression).detach().contiguous().clone()
        if draws:
            tensors[f"{case}.next"] = torch.rand(3)
        metadata[case] = expression
    save_file(tensors, f"{name}.safetensors", metadata)


write("distribution_samples", SAMPLES, True)
write("distributions", VALUES, False)
