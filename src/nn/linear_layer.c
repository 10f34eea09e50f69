/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>

#include "facula/nn_init.h"
#include "facula/nn_modules.h"
#include "facula/ops.h"
#include "graph/op.h"
#include "nn/module.h"

typedef struct {
    fac_module base;
    int64_t in_features, out_features;
    fac_tensor *weight; /* (out_features, in_features) */
    fac_tensor *bias;   /* (out_features), or fac_none */
} Linear;

static bool has_width(const fac_tensor *x, int64_t width)
{
    return x->m.ndim && x->m.shape[x->m.ndim - 1] == width;
}

/* A weight that was set to None is fac_linear's to complain of. */
static bool has_dtype(const fac_tensor *x, const fac_tensor *weight)
{
    return (const void *)weight == fac_none || x->m.dtype == weight->m.dtype;
}

static __attribute__((noinline)) fac_tensor *wrong_input(const Linear *self, const fac_tensor *x)
{
    if (fac_tensor_check(x, "Linear", "input"))
        return NULL;
    if (!has_width(x, self->in_features))
        fac_fail(FAC_ERR_VALUE, "Linear: expected input (*, %lld), got %s", (long long)self->in_features,
                 fac_shape_text(&x->m));
    else
        fac_fail(FAC_ERR_TYPE, "Linear: expected input and weight to have the same dtype, but got: %s != %s",
                 fac_dtype_name((fac_dtype)x->m.dtype), fac_dtype_name((fac_dtype)self->weight->m.dtype));
    return NULL;
}

static fac_tensor *Linear_forward(fac_module *module, fac_tensor *x)
{
    Linear *self = (Linear *)module;
    bool fits = x && (void *)x != fac_none && fac_tensor_alive(x) && has_width(x, self->in_features) &&
                has_dtype(x, self->weight);
    if (__builtin_expect(!fits, 0))
        return wrong_input(self, x);
    return fac_linear_with(x, self->weight, &(fac_linear_args){.size_ = sizeof(fac_linear_args), .bias = self->bias});
}

static int Linear_extra_repr(const fac_module *module, char *out, size_t size)
{
    const Linear *self = (const Linear *)module;
    return snprintf(out, size, "in_features=%lld, out_features=%lld, bias=%s", (long long)self->in_features,
                    (long long)self->out_features, self->bias == fac_none ? "False" : "True");
}

static const fac_class Linear_class =
    FAC_CALLS_CLASS("Linear", sizeof(Linear), .forward = Linear_forward, .extra_repr = Linear_extra_repr);

static fac_status check_args(const fac_Linear_args *args)
{
    if (args->in_features == FAC_REQUIRED)
        fac_missing("Linear", "in_features");
    else if (args->out_features == FAC_REQUIRED)
        fac_missing("Linear", "out_features");
    else if (args->in_features < 0 || args->out_features < 0)
        fac_fail(FAC_ERR_VALUE, "Linear: in_features and out_features must not be negative, got %lld and %lld",
                 (long long)args->in_features, (long long)args->out_features);
    return fac_pending();
}

/* Both from U(-1/sqrt(in), 1/sqrt(in)): the weight by way of kaiming_uniform_ with a = sqrt(5), as PyTorch has it,
 * which in double is another rounding. */
static bool reset_parameters(const Linear *self, fac_tensor *weight, fac_tensor *bias)
{
    double bound = self->in_features > 0 ? 1 / sqrt((double)self->in_features) : 0;
    if (!fac_init_kaiming_uniform_(weight, sqrt(5)))
        return false;
    return bias == fac_none || fac_init_uniform_(bias, -bound, bound);
}

fac_module *fac_Linear_with(const fac_Linear_args *args)
{
    FAC_SCOPE;
    static const fac_Linear_args none = {FAC_DEFAULTS_Linear};
    if (!args)
        args = &none;
    if (check_args(args))
        return NULL;
    Linear *self = fac_new(&Linear_class);
    if (!self)
        return NULL;
    self->in_features = args->in_features;
    self->out_features = args->out_features;
    fac_tensor *weight = fac_empty(self->out_features, self->in_features, .dtype = args->dtype);
    fac_tensor *bias = args->bias ? fac_empty(self->out_features, .dtype = args->dtype) : fac_none;
    if (weight && bias && !reset_parameters(self, weight, bias))
        weight = NULL;
    FAC_PARAM(self, weight, weight);
    FAC_PARAM(self, bias, bias);
    return fac_done(self);
}
