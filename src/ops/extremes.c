/* SPDX-License-Identifier: MIT */
/* max, min, amax, amin, argmax, argmin. A NaN is the greatest and the least; of equals the first counts. */
#include "ops/reduce.h"

enum { LEAST, GREATEST }; /* kernel_index */

static fac_status no_identity(const char *who)
{
    return fac_fail(FAC_ERR_VALUE,
                    "%s: Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
                    "the 'dim' argument.",
                    who);
}

/* Nothing to choose from is an error; nothing to choose for is not. */
static fac_status check_sizes(const char *who, const fac_meta *in, fac_dims dims, const fac_reduced *reduced)
{
    if (in->numel)
        return FAC_OK;
    if (dims == FAC_NONE)
        return no_identity(who);
    for (int d = 0; d < in->ndim; d++)
        if (reduced->dim[d] && in->shape[d] == 0)
            return fac_fail(FAC_ERR_INDEX, "%s: Expected reduction dim %d to have non-zero size.", who, d);
    return FAC_OK;
}

static fac_status infer_dims(const fac_call *call, fac_dims dims, bool keepdim, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    fac_reduced reduced;
    FAC_TRY(fac_reduced_from(&reduced, call->op->name, in->ndim, dims));
    FAC_TRY(check_sizes(call->op->name, in, dims, &reduced));
    fac_reduced_shape(out, in, &reduced, keepdim);
    return FAC_OK;
}

/* The extremes of a slab's columns into out, and where they are into index unless that is NULL. */
static void extreme_slab(int which, int dtype, const fac_slabs *s, void *out, int64_t *index)
{
    const int64_t m = s->count, n = s->inner, step = s->step;
    const void *x = s->at;
#define EXTREME(T, suffix)                                                                                            \
    if (n == 1)                                                                                                       \
        *(T *)out = (which == GREATEST ? fac_k->max_##suffix : fac_k->min_##suffix)(m, (const T *)x, step, index);    \
    else                                                                                                              \
        (which == GREATEST ? fac_k->max_rows_##suffix : fac_k->min_rows_##suffix)(m, n, (const T *)x, step, (T *)out, \
                                                                                  index);                             \
    break
    switch (dtype) {
    case FAC_FLOAT32:
        EXTREME(float, f32);
    case FAC_FLOAT64:
        EXTREME(double, f64);
    case FAC_INT64:
        EXTREME(int64_t, i64);
    case FAC_INT32:
        EXTREME(int32_t, i32);
    default:
        EXTREME(uint8_t, u8);
    }
#undef EXTREME
}

static fac_status run_values(const fac_call *call, fac_dims dims, fac_tensor *out)
{
    fac_tensor *x = call->in[0];
    fac_reduced reduced;
    fac_slabs s;
    if (out->m.numel == 0)
        return FAC_OK;
    FAC_TRY(fac_reduced_from(&reduced, call->op->name, x->m.ndim, dims));
    FAC_TRY(fac_slabs_open(&s, x, &reduced, (fac_dtype)x->m.dtype));
    const int64_t bytes = s.inner * fac_dtype_sizes[x->m.dtype];
    for (int64_t i = 0; i < s.outer; i++, fac_slabs_next(&s))
        extreme_slab(call->op->kernel_index, x->m.dtype, &s, (char *)out->data + i * bytes, NULL);
    fac_slabs_close(&s);
    return FAC_OK;
}

/* Where input is the extreme y, a NaN if that is one. */
static fac_tensor *is_extreme(fac_tensor *x, fac_tensor *y)
{
    fac_tensor *equal = fac_eq_with(x, y), *both_nan = fac_logical_and_with(fac_isnan(x), fac_isnan(y));
    return equal && both_nan ? fac_logical_or_with(equal, both_nan) : NULL;
}

static fac_status infer_all(const fac_call *call, fac_meta *out)
{
    out->dtype = call->in[0]->m.dtype;
    return infer_dims(call, FAC_NONE, false, out);
}

static fac_status run_all(const fac_call *call, fac_tensor **out)
{
    return run_values(call, FAC_NONE, out[0]);
}

/* g in equal parts to all that are the extreme: ATen's evenly_distribute_backward. */
static fac_status grad_all(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *x = fac_node_in(node, 0), *y = fac_node_out(node, 0);
    fac_tensor *mask = x && y ? is_extreme(x, y) : NULL;
    fac_tensor *count = mask ? fac_sum_with(mask, NULL) : NULL;
    fac_tensor *each = count ? fac_div_with(g[0], count) : NULL;
    gx[0] = each ? fac_where_with(mask, each, fac_number(0)) : NULL;
    return gx[0] ? FAC_OK : fac_pending();
}

static fac_status infer_values(const fac_call *call, fac_meta *out)
{
    const fac_amax_args *args = call->args;
    out->dtype = call->in[0]->m.dtype;
    return infer_dims(call, args->dim, args->keepdim, out);
}

static fac_status run_some(const fac_call *call, fac_tensor **out)
{
    return run_values(call, ((const fac_amax_args *)call->args)->dim, out[0]);
}

static fac_tensor *count_over(fac_tensor *mask, fac_dims dims)
{
    return fac_sum_with(mask, &(fac_sum_args){.size_ = sizeof(fac_sum_args), .dim = dims, .keepdim = true});
}

/* The same along dims: ATen's scale_grad_by_count. A column with a NaN has NaN derivatives. */
static fac_status grad_values(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    const fac_dims dims = ((const fac_amax_args *)fac_node_args(node))->dim;
    fac_shape input;
    fac_reduced reduced;
    FAC_TRY(fac_node_reduced(node, dims, &input, &reduced));
    fac_tensor *x = fac_node_in(node, 0), *y = fac_node_out(node, 0);
    if (!x || !y || !(y = fac_restore_dims(y, &input, &reduced)))
        return fac_pending();
    fac_tensor *mask = fac_eq_with(x, y), *grad = fac_restore_dims(g[0], &input, &reduced);
    fac_tensor *part = mask && grad ? fac_mul_with(grad, mask) : NULL, *count = part ? count_over(mask, dims) : NULL;
    gx[0] = count ? fac_div_with(part, count) : NULL;
    return gx[0] ? FAC_OK : fac_pending();
}

_Static_assert(sizeof(fac_amin_args) == sizeof(fac_amax_args), "amin and amax differ in their arguments");
#define EXTREMES(all, values, index, torch_name)                                                                   \
    const fac_op fac_op_##all = {                                                                                  \
        FAC_HEAD_##all,       .n_out = 1,     .flags = FAC_FLAGS_##all, .saves = FAC_SAVE_IN(0) | FAC_SAVE_OUT(0), \
        .infer = infer_all,   .run = run_all, .grad = grad_all,         .grad_name = torch_name,                   \
        .kernel_index = index};                                                                                    \
    const fac_op fac_op_##values = {FAC_HEAD_##values,           .n_out = 1,                                       \
                                    .flags = FAC_FLAGS_##values, .saves = FAC_SAVE_IN(0) | FAC_SAVE_OUT(0),        \
                                    .infer = infer_values,       .run = run_some,                                  \
                                    .grad = grad_values,         .kernel_index = index}
EXTREMES(max, amax, GREATEST, "MaxBackward1");
EXTREMES(min, amin, LEAST, "MinBackward1");

static fac_status infer_index(const fac_call *call, fac_meta *out)
{
    const fac_argmax_args *args = call->args;
    if (call->in[0]->m.dtype == FAC_BOOL)
        return fac_fail(FAC_ERR_TYPE, "%s: does not support bool input", call->op->name);
    out->dtype = FAC_INT64;
    return infer_dims(call, args->dim, args->keepdim, out);
}

static fac_status find_all(const fac_call *call, fac_slabs *s, int64_t *index)
{
    const int dtype = call->in[0]->m.dtype;
    const fac_meta shape = {
        .ndim = 1, .shape = {s->inner}, .stride = {1}, .numel = s->inner, .contiguous = true, .dtype = (uint8_t)dtype};
    fac_tensor *values = fac_tensor_new(&shape); /* of one slab: not asked for */
    if (!values)
        return fac_pending();
    for (int64_t i = 0; i < s->outer; i++, fac_slabs_next(s))
        extreme_slab(call->op->kernel_index, dtype, s, values->data, index + i * s->inner);
    fac_tensor_drop(values);
    return FAC_OK;
}

static fac_status run_index(const fac_call *call, fac_tensor **out)
{
    fac_tensor *x = call->in[0];
    fac_reduced reduced;
    fac_slabs s;
    if (out[0]->m.numel == 0)
        return FAC_OK;
    FAC_TRY(fac_reduced_from(&reduced, call->op->name, x->m.ndim, ((const fac_argmax_args *)call->args)->dim));
    FAC_TRY(fac_slabs_open(&s, x, &reduced, (fac_dtype)x->m.dtype));
    fac_status status = find_all(call, &s, out[0]->data);
    fac_slabs_close(&s);
    return status;
}

_Static_assert(sizeof(fac_argmin_args) == sizeof(fac_argmax_args), "argmin and argmax differ in their arguments");
const fac_op fac_op_argmax = {FAC_HEAD_argmax,      .n_out = 1,       .flags = FAC_FLAGS_argmax,
                              .infer = infer_index, .run = run_index, .kernel_index = GREATEST};
const fac_op fac_op_argmin = {FAC_HEAD_argmin,      .n_out = 1,       .flags = FAC_FLAGS_argmin,
                              .infer = infer_index, .run = run_index, .kernel_index = LEAST};
