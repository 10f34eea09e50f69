/* SPDX-License-Identifier: MIT */
/* Clipping of gradients, with the operations over lists that optimisers use. */
#include <math.h>

#include "base/alloc.h"
#include "base/text.h"
#include "facula/autograd.h"
#include "facula/nn_utils.h"
#include "facula/ops.h"
#include "ops/op_list.h"

/* The gradients of those parameters that have one, with room for one more tensor behind them. */
typedef struct {
    fac_tensor **items;
    uint32_t count;
    size_t bytes;
} gradients;

static fac_status take_gradients(const fac_tensors *parameters, const char *who, gradients *g)
{
    if (!parameters)
        return fac_fail(FAC_ERR_VALUE, "%s: parameters is NULL", who);
    if (parameters->count < 0 || parameters->count > INT32_MAX)
        return fac_fail(FAC_ERR_VALUE, "%s: %lld tensors", who, (long long)parameters->count);
    *g = (gradients){.bytes = ((size_t)parameters->count + 1) * sizeof *g->items};
    for (int64_t i = 0; i < parameters->count; i++)
        FAC_TRY(fac_tensor_check_alive(parameters->items[i], who, "a parameter"));
    g->items = fac_alloc(g->bytes);
    if (!g->items)
        return fac_pending();
    for (int64_t i = 0; i < parameters->count; i++)
        if (parameters->items[i]->grad)
            g->items[g->count++] = parameters->items[i]->grad;
    return FAC_OK;
}

static void leave_gradients(gradients *g)
{
    fac_dealloc(g->items, g->bytes);
}

fac_status fac_clip_grad_value_(const fac_tensors *parameters, double clip_value)
{
    FAC_NO_GRAD;
    gradients g;
    if (fac_pending() || take_gradients(parameters, "clip_grad_value_", &g))
        return fac_error_status();
    const fac_clip_values_args args = {.size_ = sizeof args, .clip_value = clip_value};
    fac_status status = g.count ? fac_apply_action(&fac_op_clip_values, g.items, g.count, &args) : FAC_OK;
    leave_gradients(&g);
    return fac_returned(status);
}

static fac_status check_finite(fac_tensor *norm, double norm_type)
{
    double value = fac_item(norm);
    if (isfinite(value))
        return FAC_OK;
    char text[FAC_NUMBER_MAX];
    fac_repr_double(text, norm_type);
    return fac_fail(
        FAC_ERR_RUNTIME,
        "clip_grad_norm_: The total norm of order %s for gradients from `parameters` is non-finite, so it "
        "cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
        "`error_if_nonfinite=False`",
        text);
}

/* max_norm / (total_norm + 1e-6), at most 1: as a tensor, so that no value need be asked for. */
static fac_tensor *coefficient(fac_tensor *norm, double max_norm)
{
    fac_tensor *ratio = fac_div_with(fac_number(max_norm), fac_add(norm, 1e-6));
    return fac_clamp(ratio, .max = 1.0);
}

static fac_tensor *clip_norm(gradients *g, const fac_clip_grad_norm__args *args)
{
    const fac_total_norm_args norm_args = {.size_ = sizeof norm_args, .norm_type = args->norm_type};
    if (!g->count)
        return fac_scalar(0);
    fac_tensor *norm = fac_apply_one(&fac_op_total_norm, g->items, g->count, &norm_args);
    if (!norm || (args->error_if_nonfinite && check_finite(norm, args->norm_type)))
        return NULL;
    fac_tensor *scale = coefficient(norm, args->max_norm);
    if (!scale)
        return NULL;
    g->items[g->count] = scale;
    return fac_apply_action(&fac_op_scale_all, g->items, g->count + 1, NULL) ? NULL : norm;
}

fac_clip_grad_norm__args fac_clip_grad_norm__defaults(void)
{
    return (fac_clip_grad_norm__args){FAC_DEFAULTS_clip_grad_norm_, .size_ = sizeof(fac_clip_grad_norm__args)};
}

fac_tensor *fac_clip_grad_norm__with(const fac_tensors *parameters, const fac_clip_grad_norm__args *args)
{
    FAC_NO_GRAD;
    gradients g;
    if (!args || isnan(args->max_norm)) {
        fac_missing("clip_grad_norm_", "max_norm");
        return NULL;
    }
    if (take_gradients(parameters, "clip_grad_norm_", &g))
        return NULL;
    fac_tensor *norm = clip_norm(&g, args);
    leave_gradients(&g);
    return norm;
}
