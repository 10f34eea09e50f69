/* SPDX-License-Identifier: MIT */
/* What clipping does to a list of gradients: clip_values, total_norm, scale_all. */
#include <math.h>

#include "ops/op_list.h"
#include "ops/packed.h"
#include "tensor/elementwise.h"

static fac_status check_real(const fac_call *call)
{
    for (uint32_t i = 0; i < call->n_in; i++)
        if (!fac_is_float(call->in[i]->m.dtype))
            return fac_fail(FAC_ERR_TYPE, "%s: not implemented for %s", call->op->name,
                            fac_dtype_name((fac_dtype)call->in[i]->m.dtype));
    return FAC_OK;
}

static fac_status infer_in_place(const fac_call *call, fac_meta *out)
{
    (void)out;
    return check_real(call);
}

/* t = row(t), or row(t, number), in place. */
static void change(fac_tensor *t, int row, const void *number, const void *args)
{
    fac_inner_fn *fn = fac_ew->forward[row][t->m.dtype];
    const int64_t size = fac_dtype_sizes[t->m.dtype];
    if (t->m.contiguous) {
        char *p[] = {t->data, t->data, (char *)(uintptr_t)number};
        const int64_t s[] = {size, size, 0};
        fn(t->m.numel, p, s, args);
        return;
    }
    const fac_meta single = {.numel = 1, .contiguous = true, .dtype = t->m.dtype};
    fac_iter iter;
    fac_iter_begin(&iter, &t->m);
    fac_iter_add(&iter, t->data, &t->m);
    fac_iter_add(&iter, t->data, &t->m);
    if (number)
        fac_iter_add(&iter, (void *)(uintptr_t)number, &single);
    fac_iter_run(&iter, fn, args);
}

static fac_status run_clip(const fac_call *call, fac_tensor **out)
{
    (void)out;
    const double limit = ((const fac_clip_values_args *)call->args)->clip_value;
    const fac_clamp_args clamp = {.size_ = sizeof clamp, .min = -limit, .max = limit};
    for (uint32_t i = 0; i < call->n_in; i++) {
        change(call->in[i], FAC_EW_clamp, NULL, &clamp);
        if (i)
            call->in[i]->storage->version++;
    }
    return FAC_OK;
}

const fac_op fac_op_clip_values = {FAC_HEAD_clip_values, .n_out = 1, .flags = FAC_FLAGS_clip_values,
                                   .infer = infer_in_place, .run = run_clip};

static fac_status run_scale(const fac_call *call, fac_tensor **out)
{
    (void)out;
    const uint32_t n = call->n_in - 1;
    const fac_tensor *by = call->in[n];
    double factor[FAC_DTYPES] = {0}; /* each of its dtype */
    for (int dtype = FAC_FLOAT32; dtype <= FAC_FLOAT64; dtype++)
        fac_store_double(factor + dtype, dtype, fac_load_double(by->data, by->m.dtype));
    for (uint32_t i = 0; i < n; i++) {
        change(call->in[i], FAC_EW_mul, factor + call->in[i]->m.dtype, NULL);
        if (i)
            call->in[i]->storage->version++;
    }
    return FAC_OK;
}

static fac_status infer_scale(const fac_call *call, fac_meta *out)
{
    (void)out;
    if (call->n_in < 2 || call->in[call->n_in - 1]->m.numel != 1)
        return fac_fail(FAC_ERR_VALUE, "scale_all: expected tensors and, last, one number");
    return check_real(call);
}

const fac_op fac_op_scale_all = {FAC_HEAD_scale_all, .n_out = 1, .flags = FAC_FLAGS_scale_all, .infer = infer_scale,
                                 .run = run_scale};

/* The greatest or least of nothing: PyTorch's error. */
static fac_status check_identity(const fac_call *call)
{
    const double p = ((const fac_total_norm_args *)call->args)->norm_type;
    for (uint32_t i = 0; i < call->n_in; i++)
        if (call->in[i]->m.numel == 0 && (p < 0 || isinf(p)))
            return fac_fail(FAC_ERR_VALUE,
                            "total_norm: cannot compute the %s norm on an empty tensor because the operation does not "
                            "have an identity",
                            isinf(p) ? "infinity" : "negative");
    return FAC_OK;
}

static fac_status infer_norm(const fac_call *call, fac_meta *out)
{
    FAC_TRY(check_real(call));
    FAC_TRY(check_identity(call));
    *out = (fac_meta){.ndim = 0};
    out->dtype = (uint8_t)(call->n_in ? FAC_FLOAT32 : fac_get_default_dtype());
    for (uint32_t i = 0; i < call->n_in; i++)
        out->dtype = (uint8_t)fac_promote_types((fac_dtype)out->dtype, (fac_dtype)call->in[i]->m.dtype);
    fac_meta_pack(out);
    return FAC_OK;
}

/* One more magnitude for the norm of order p: the greatest, the least, or a sum of powers. */
static double add_magnitude(double p, double total, double x)
{
    if (isinf(p))
        return isnan(x) || (p < 0 ? x < total : x > total) ? x : total;
    return total + (p == 2 ? x * x : p == 1 ? x : p == 0 ? x != 0 : pow(x, p));
}

static double first_total(double p)
{
    return p == -INFINITY ? INFINITY : 0;
}

static double root(double p, double total)
{
    return isinf(p) || p == 0 || p == 1 ? total : p == 2 ? sqrt(total) : pow(total, 1 / p);
}

/* Of a contiguous tensor. */
static double norm_of(const fac_tensor *t, double p)
{
    const int64_t n = t->m.numel, size = fac_dtype_sizes[t->m.dtype];
    double total = first_total(p);
    if (p == 2)
        return sqrt(t->m.dtype == FAC_FLOAT32 ? (double)fac_k->dot_f32(n, t->data, 1, t->data, 1)
                                              : fac_k->dot_f64(n, t->data, 1, t->data, 1));
    for (int64_t i = 0; i < n && !isnan(total); i++)
        total = add_magnitude(p, total, fabs(fac_load_double((const char *)t->data + i * size, t->m.dtype)));
    return root(p, total);
}

/* As PyTorch does it, the norm of the tensors' norms: for p = 0 that is the number of tensors that are not all 0. */
static fac_status run_norm(const fac_call *call, fac_tensor **out)
{
    const double p = ((const fac_total_norm_args *)call->args)->norm_type;
    double total = first_total(p);
    for (uint32_t i = 0; i < call->n_in && !isnan(total); i++) {
        fac_tensor *t = fac_packed(call->in[i], NULL, (fac_dtype)call->in[i]->m.dtype);
        if (!t)
            return fac_pending();
        total = add_magnitude(p, total, norm_of(t, p));
        fac_tensor_drop(t);
    }
    fac_store_double(out[0]->data, out[0]->m.dtype, root(p, total));
    return FAC_OK;
}

const fac_op fac_op_total_norm = {FAC_HEAD_total_norm, .n_out = 1, .flags = FAC_FLAGS_total_norm, .infer = infer_norm,
                                  .run = run_norm};
