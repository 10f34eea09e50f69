/* SPDX-License-Identifier: MIT */
/* nn.init. The order of operations is PyTorch's: the bounds must agree to the last bit of a double. */
#include "facula/nn_init.h"

#include <math.h>
#include <string.h>

#include "facula/autograd.h"
#include "facula/ops.h"
#include "nn/module.h"

static fac_tensor *draw_uniform(fac_tensor *tensor, double a, double b, fac_generator *generator)
{
    FAC_NO_GRAD;
    return fac_uniform__with(tensor, &(fac_uniform__args){sizeof(fac_uniform__args), a, b, generator});
}

static fac_tensor *draw_normal(fac_tensor *tensor, double mean, double std, fac_generator *generator)
{
    FAC_NO_GRAD;
    return fac_normal__with(tensor, &(fac_normal__args){sizeof(fac_normal__args), mean, std, generator});
}

#define DEFAULTS_OF(name)                                                                                   \
    fac_init_##name##_args fac_init_##name##_defaults(void)                                                 \
    {                                                                                                       \
        return (fac_init_##name##_args){FAC_DEFAULTS_init_##name, .size_ = sizeof(fac_init_##name##_args)}; \
    }
DEFAULTS_OF(uniform_)
DEFAULTS_OF(normal_)
DEFAULTS_OF(xavier_uniform_)
DEFAULTS_OF(xavier_normal_)
DEFAULTS_OF(kaiming_uniform_)
DEFAULTS_OF(kaiming_normal_)
DEFAULTS_OF(calculate_gain)

fac_tensor *fac_init_uniform__with(fac_tensor *tensor, const fac_init_uniform__args *args)
{
    fac_init_uniform__args all = args ? *args : fac_init_uniform__defaults();
    return draw_uniform(tensor, all.a, all.b, all.generator);
}

fac_tensor *fac_init_normal__with(fac_tensor *tensor, const fac_init_normal__args *args)
{
    fac_init_normal__args all = args ? *args : fac_init_normal__defaults();
    return draw_normal(tensor, all.mean, all.std, all.generator);
}

typedef struct {
    double in, out;
} fans;

/* fan_in and fan_out of a weight (out, in, kernel...); 1 and 1 with the error set. */
static fans fans_of(const fac_tensor *tensor, const char *who)
{
    if (fac_tensor_check(tensor, who, "tensor"))
        return (fans){1, 1};
    if (tensor->m.ndim < 2) {
        fac_fail(FAC_ERR_VALUE,
                 "%s: Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, got %s", who,
                 fac_shape_text(&tensor->m));
        return (fans){1, 1};
    }
    double kernel = 1;
    for (int d = 2; d < tensor->m.ndim; d++)
        kernel *= (double)tensor->m.shape[d];
    return (fans){(double)tensor->m.shape[1] * kernel, (double)tensor->m.shape[0] * kernel};
}

static double xavier_std(const fac_tensor *tensor, double gain, const char *who)
{
    fans f = fans_of(tensor, who);
    return gain * sqrt(2.0 / (f.in + f.out));
}

fac_tensor *fac_init_xavier_uniform__with(fac_tensor *tensor, const fac_init_xavier_uniform__args *args)
{
    fac_init_xavier_uniform__args all = args ? *args : fac_init_xavier_uniform__defaults();
    double bound = sqrt(3.0) * xavier_std(tensor, all.gain, "xavier_uniform_");
    return fac_pending() ? NULL : draw_uniform(tensor, -bound, bound, all.generator);
}

fac_tensor *fac_init_xavier_normal__with(fac_tensor *tensor, const fac_init_xavier_normal__args *args)
{
    fac_init_xavier_normal__args all = args ? *args : fac_init_xavier_normal__defaults();
    double std = xavier_std(tensor, all.gain, "xavier_normal_");
    return fac_pending() ? NULL : draw_normal(tensor, 0, std, all.generator);
}

static double leaky_gain(double slope)
{
    return sqrt(2.0 / (1 + slope * slope));
}

double fac_init_calculate_gain_with(const char *nonlinearity, const fac_init_calculate_gain_args *args)
{
    static const struct {
        const char *name;
        double gain; /* negative: its square is -gain */
    } gains[] = {
        {"linear", 1},           {"conv1d", 1},           {"conv2d", 1},  {"conv3d", 1},     {"conv_transpose1d", 1},
        {"conv_transpose2d", 1}, {"conv_transpose3d", 1}, {"sigmoid", 1}, {"tanh", 5.0 / 3}, {"relu", -2},
        {"selu", 3.0 / 4}};
    for (size_t i = 0; nonlinearity && i < sizeof gains / sizeof *gains; i++)
        if (!strcmp(nonlinearity, gains[i].name))
            return gains[i].gain < 0 ? sqrt(-gains[i].gain) : gains[i].gain;
    if (nonlinearity && !strcmp(nonlinearity, "leaky_relu"))
        return leaky_gain(args && !isnan(args->param) ? args->param : 0.01);
    fac_fail(FAC_ERR_VALUE, "calculate_gain: Unsupported nonlinearity %s", nonlinearity ? nonlinearity : "None");
    return (double)NAN;
}

static double kaiming_fan(const fac_tensor *tensor, const char *mode, const char *who)
{
    fans f = fans_of(tensor, who);
    if (mode && !strcmp(mode, "fan_in"))
        return f.in;
    if (!mode || strcmp(mode, "fan_out") != 0)
        fac_fail(FAC_ERR_VALUE, "%s: Mode %s not supported, please use one of ['fan_in', 'fan_out']", who,
                 mode ? mode : "None");
    return f.out;
}

/* A tensor without elements is left as it is, with PyTorch's warning. */
static bool is_empty(const fac_tensor *tensor)
{
    if (fac_tensor_check(tensor, "kaiming", "tensor") || tensor->m.numel)
        return false;
    FAC_WARN_ONCE("Initializing zero-element tensors is a no-op");
    return true;
}

static double kaiming_std(const fac_tensor *tensor, const fac_init_kaiming_uniform__args *args, const char *who)
{
    double fan = kaiming_fan(tensor, args->mode, who);
    const fac_init_calculate_gain_args slope = {sizeof slope, args->a};
    return fac_init_calculate_gain_with(args->nonlinearity, &slope) / sqrt(fan);
}

fac_tensor *fac_init_kaiming_uniform__with(fac_tensor *tensor, const fac_init_kaiming_uniform__args *args)
{
    fac_init_kaiming_uniform__args all = args ? *args : fac_init_kaiming_uniform__defaults();
    if (is_empty(tensor))
        return tensor;
    double bound = sqrt(3.0) * kaiming_std(tensor, &all, "kaiming_uniform_");
    return fac_pending() ? NULL : draw_uniform(tensor, -bound, bound, all.generator);
}

fac_tensor *fac_init_kaiming_normal__with(fac_tensor *tensor, const fac_init_kaiming_normal__args *args)
{
    fac_init_kaiming_normal__args all = args ? *args : fac_init_kaiming_normal__defaults();
    if (is_empty(tensor))
        return tensor;
    double std = kaiming_std(tensor, &all, "kaiming_normal_");
    return fac_pending() ? NULL : draw_normal(tensor, 0, std, all.generator);
}

fac_tensor *fac_init_constant_(fac_tensor *tensor, double val)
{
    FAC_NO_GRAD;
    return fac_fill_(tensor, val);
}

fac_tensor *fac_init_ones_(fac_tensor *tensor)
{
    return fac_init_constant_(tensor, 1);
}

fac_tensor *fac_init_zeros_(fac_tensor *tensor)
{
    return fac_init_constant_(tensor, 0);
}

fac_tensor *fac_init_eye_(fac_tensor *tensor)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    if (fac_tensor_check(tensor, "eye_", "tensor"))
        return NULL;
    if (tensor->m.ndim != 2) {
        fac_fail(FAC_ERR_VALUE, "eye_: Only tensors with 2 dimensions are supported, got %s",
                 fac_shape_text(&tensor->m));
        return NULL;
    }
    fac_tensor *eye = fac_eye(tensor->m.shape[0], tensor->m.shape[1], .dtype = (fac_dtype)tensor->m.dtype);
    return fac_copy__with(tensor, eye);
}
