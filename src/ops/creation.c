/* SPDX-License-Identifier: MIT */
/* Tensors from nothing: zeros, ones, empty, full, their _like forms, eye. */
#include "ops/creation.h"

static fac_status check_dtype(const fac_call *call, fac_dtype dtype)
{
    return fac_dtype_size(dtype) ? FAC_OK : fac_fail(FAC_ERR_TYPE, "%s: %d is no dtype", call->op->name, (int)dtype);
}

fac_status fac_meta_listed(const fac_call *call, fac_list size, fac_dtype dtype, fac_meta *out)
{
    if (dtype == FAC_DEFAULT_DTYPE)
        dtype = fac_get_default_dtype();
    FAC_TRY(check_dtype(call, dtype));
    if (!size)
        return fac_fail(FAC_ERR_TYPE, "%s: missing required argument 'size'", call->op->name);
    if (size->count < 0 || size->count > FAC_MAX_DIMS)
        return fac_fail(FAC_ERR_VALUE, "%s: at most %d dimensions, got %lld", call->op->name, FAC_MAX_DIMS,
                        (long long)size->count);
    return fac_meta_init(out, (int)dtype, (int)size->count, size->values, call->op->name);
}

static int count_given(const int64_t *dims)
{
    int n = 0;
    while (n < FAC_MAX_DIMS && dims[n] != FAC_NONE)
        n++;
    return n;
}

fac_status fac_meta_sized(const fac_call *call, const int64_t *dims, fac_list size, fac_dtype dtype, fac_meta *out)
{
    int n = count_given(dims);
    for (int d = n; d < FAC_MAX_DIMS; d++)
        if (dims[d] != FAC_NONE)
            return fac_fail(FAC_ERR_TYPE, "%s: size %d is given, but not size %d", call->op->name, d, n);
    if (size && n)
        return fac_fail(FAC_ERR_TYPE, "%s: sizes are given twice, one by one and as .size", call->op->name);
    if (size || !n)
        return fac_meta_listed(call, size, dtype, out);
    if (dtype == FAC_DEFAULT_DTYPE)
        dtype = fac_get_default_dtype();
    FAC_TRY(check_dtype(call, dtype));
    return fac_meta_init(out, (int)dtype, n, dims, call->op->name);
}

fac_status fac_meta_like(const fac_call *call, fac_dtype dtype, fac_meta *out)
{
    const fac_meta *like = &call->in[0]->m;
    if (dtype == FAC_DEFAULT_DTYPE)
        dtype = (fac_dtype)like->dtype;
    FAC_TRY(check_dtype(call, dtype));
    if (dtype != (fac_dtype)like->dtype) /* a wider one may be too large */
        return fac_meta_init(out, (int)dtype, like->ndim, like->shape, call->op->name);
    out->dtype = like->dtype;
    out->ndim = like->ndim;
    out->offset = 0;
    fac_copy_dims(out->shape, like->shape, like->ndim);
    fac_meta_pack(out);
    return FAC_OK;
}

fac_status fac_check_can_require_grad(const fac_call *call, bool requires_grad, const fac_meta *meta)
{
    if (!requires_grad || fac_is_float(meta->dtype))
        return FAC_OK;
    return fac_fail(FAC_ERR_RUNTIME, "%s: Only Tensors of floating point dtype can require gradients, not %s",
                    call->op->name, fac_dtype_name((fac_dtype)meta->dtype));
}

fac_status fac_check_floating(const fac_call *call, int dtype)
{
    if (fac_is_float(dtype))
        return FAC_OK;
    return fac_fail(FAC_ERR_TYPE, "%s: not implemented for %s", call->op->name, fac_dtype_name((fac_dtype)dtype));
}

static fac_status leave(const fac_call *call, fac_tensor **out)
{
    (void)call, (void)out;
    return FAC_OK;
}

static fac_status fill_zero(const fac_call *call, fac_tensor **out)
{
    (void)call;
    fac_fill(out[0], 0);
    return FAC_OK;
}

static fac_status fill_one(const fac_call *call, fac_tensor **out)
{
    (void)call;
    fac_fill(out[0], 1);
    return FAC_OK;
}

/* name(*size, dtype, requires_grad) and name_like(input, dtype) */
#define CREATION(name, write)                                                                                    \
    static fac_status name##_infer(const fac_call *call, fac_meta *out)                                          \
    {                                                                                                            \
        const fac_##name##_args *args = call->args;                                                              \
        FAC_TRY(fac_meta_sized(call, FAC_SIZE_ARGS(args), args->size, args->dtype, out));                        \
        return fac_check_can_require_grad(call, args->requires_grad, out);                                       \
    }                                                                                                            \
    static fac_status name##_run(const fac_call *call, fac_tensor **out)                                         \
    {                                                                                                            \
        out[0]->requires_grad = ((const fac_##name##_args *)call->args)->requires_grad;                          \
        return write(call, out);                                                                                 \
    }                                                                                                            \
    const fac_op fac_op_##name = {FAC_HEAD_##name, .n_out = 1, .flags = FAC_FLAGS_##name, .infer = name##_infer, \
                                  .run = name##_run};                                                            \
    static fac_status name##_like_infer(const fac_call *call, fac_meta *out)                                     \
    {                                                                                                            \
        return fac_meta_like(call, ((const fac_##name##_like_args *)call->args)->dtype, out);                    \
    }                                                                                                            \
    const fac_op fac_op_##name##_like = {FAC_HEAD_##name##_like, .n_out = 1, .flags = FAC_FLAGS_##name##_like,   \
                                         .infer = name##_like_infer, .run = write};
CREATION(zeros, fill_zero)
CREATION(ones, fill_one)
CREATION(empty, leave)

static fac_status full_infer(const fac_call *call, fac_meta *out)
{
    const fac_full_args *args = call->args;
    FAC_TRY(fac_meta_listed(call, args->size, args->dtype, out));
    FAC_TRY(fac_check_can_require_grad(call, args->requires_grad, out));
    return fac_check_value(call, args->fill_value, out->dtype);
}

static fac_status full_run(const fac_call *call, fac_tensor **out)
{
    const fac_full_args *args = call->args;
    out[0]->requires_grad = args->requires_grad;
    fac_fill(out[0], args->fill_value);
    return FAC_OK;
}

const fac_op fac_op_full = {FAC_HEAD_full, .n_out = 1, .flags = FAC_FLAGS_full, .infer = full_infer, .run = full_run};

static fac_status full_like_infer(const fac_call *call, fac_meta *out)
{
    const fac_full_like_args *args = call->args;
    FAC_TRY(fac_meta_like(call, args->dtype, out));
    return fac_check_value(call, args->fill_value, out->dtype);
}

static fac_status full_like_run(const fac_call *call, fac_tensor **out)
{
    fac_fill(out[0], ((const fac_full_like_args *)call->args)->fill_value);
    return FAC_OK;
}

const fac_op fac_op_full_like = {FAC_HEAD_full_like, .n_out = 1, .flags = FAC_FLAGS_full_like, .infer = full_like_infer,
                                 .run = full_like_run};

static fac_status eye_infer(const fac_call *call, fac_meta *out)
{
    const fac_eye_args *args = call->args;
    const fac_ints size = {2, {args->n, args->m == FAC_NONE ? args->n : args->m}};
    for (int d = 0; d < 2; d++)
        if (size.values[d] < 0)
            return fac_fail(FAC_ERR_RUNTIME, "eye: %c must be greater or equal to 0, got %lld", d ? 'm' : 'n',
                            (long long)size.values[d]);
    return fac_meta_listed(call, &size, args->dtype, out);
}

static fac_status eye_run(const fac_call *call, fac_tensor **out)
{
    (void)call;
    fac_meta *m = &out[0]->m;
    int64_t ones = m->shape[0] < m->shape[1] ? m->shape[0] : m->shape[1];
    char *at = out[0]->data;
    fac_fill(out[0], 0);
    for (int64_t i = 0; i < ones; i++)
        fac_store_int(at + i * (m->shape[1] + 1) * fac_dtype_sizes[m->dtype], m->dtype, 1);
    return FAC_OK;
}

const fac_op fac_op_eye = {FAC_HEAD_eye, .n_out = 1, .flags = FAC_FLAGS_eye, .infer = eye_infer, .run = eye_run};
