/* SPDX-License-Identifier: MIT */
/* One of two values by a condition: where, masked_fill. */
#include <float.h>
#include <math.h>

#include "ops/views.h"
#include "tensor/iterate.h"

/* Operands: result, condition (a byte), a where it is not 0, b where it is. Only the size of an element matters. */
#define SELECT(type, name)                                                                       \
    static void name(int64_t n, char *const *p, const int64_t *s, const void *ctx)               \
    {                                                                                            \
        const int64_t w = (int64_t)sizeof(type);                                                 \
        const uint8_t *c = (const uint8_t *)p[1];                                                \
        type *r = (type *)(void *)p[0];                                                          \
        const type *a = (const type *)(const void *)p[2], *b = (const type *)(const void *)p[3]; \
        (void)ctx;                                                                               \
        if (s[0] == w && s[1] == 1 && s[2] == w && s[3] == w)                                    \
            for (int64_t i = 0; i < n; i++)                                                      \
                r[i] = c[i] ? a[i] : b[i];                                                       \
        else if (s[0] == w && s[1] == 1 && s[2] == w && s[3] == 0)                               \
            for (int64_t i = 0; i < n; i++)                                                      \
                r[i] = c[i] ? a[i] : *b;                                                         \
        else if (s[0] == w && s[1] == 1 && s[2] == 0 && s[3] == w)                               \
            for (int64_t i = 0; i < n; i++)                                                      \
                r[i] = c[i] ? *a : b[i];                                                         \
        else                                                                                     \
            for (int64_t i = 0; i < n; i++)                                                      \
                r[i * s[0] / w] = c[i * s[1]] ? a[i * s[2] / w] : b[i * s[3] / w];               \
    }
SELECT(uint8_t, select_1)
SELECT(uint32_t, select_4)
SELECT(uint64_t, select_8)

/* An operand of the result's dtype. One element is cast on the spot. */
typedef struct {
    void *data;
    const fac_meta *meta;
    fac_tensor *cast; /* to drop */
    union {
        double real;
        int64_t whole;
    } number;
} operand;

static fac_status take(operand *o, fac_tensor *t, fac_dtype dtype)
{
    o->cast = NULL;
    o->data = t->data;
    o->meta = &t->m;
    if (t->m.dtype == dtype)
        return FAC_OK;
    if (t->m.numel == 1) {
        o->data = &o->number;
        if (fac_is_float(t->m.dtype))
            fac_store_double(o->data, (int)dtype, fac_load_double(t->data, t->m.dtype));
        else
            fac_store_int(o->data, (int)dtype, fac_load_int(t->data, t->m.dtype));
        return FAC_OK;
    }
    o->cast = fac_kernel_cast(t, dtype);
    if (!o->cast)
        return fac_pending();
    o->data = o->cast->data;
    o->meta = &o->cast->m;
    return FAC_OK;
}

/* The bytes from one element to the next where the operand lies like the (contiguous) result or is one value; else -1.
 */
static int64_t step_of(const fac_meta *meta, const fac_meta *out, int64_t size)
{
    if (meta->numel == 1)
        return 0;
    return meta->contiguous && meta->numel == out->numel ? size : -1;
}

/* A cast operand of one element keeps its meta, whose dtype is another: strides of dims of size 1 never count. */
static void walk(fac_inner_fn *fn, fac_tensor *out, const fac_tensor *c, const operand *a, const operand *b)
{
    int64_t size = fac_dtype_sizes[out->m.dtype];
    const int64_t s[] = {size, step_of(&c->m, &out->m, 1), step_of(a->meta, &out->m, size),
                         step_of(b->meta, &out->m, size)};
    if (s[1] >= 0 && s[2] >= 0 && s[3] >= 0) {
        char *p[] = {out->data, c->data, a->data, b->data};
        fn(out->m.numel, p, s, NULL);
        return;
    }
    fac_iter iter;
    fac_iter_begin(&iter, &out->m);
    fac_iter_add(&iter, out->data, &out->m);
    fac_iter_add(&iter, c->data, &c->m);
    fac_iter_add(&iter, a->data, a->meta);
    fac_iter_add(&iter, b->data, b->meta);
    fac_iter_run(&iter, fn, NULL);
}

static fac_status choose(fac_tensor *out, const fac_tensor *condition, fac_tensor *yes, fac_tensor *no)
{
    operand a, b;
    fac_dtype dtype = (fac_dtype)out->m.dtype;
    size_t size = fac_dtype_sizes[dtype];
    FAC_TRY(take(&a, yes, dtype));
    fac_status status = take(&b, no, dtype);
    if (!status)
        walk(size == 8 ? select_8 : size == 4 ? select_4 : select_1, out, condition, &a, &b);
    fac_tensor_drop(a.cast);
    fac_tensor_drop(b.cast);
    return status;
}

static fac_status infer_where(const fac_call *call, fac_meta *out)
{
    const fac_meta *c = &call->in[0]->m;
    if (c->dtype != FAC_BOOL && c->dtype != FAC_UINT8)
        return fac_fail(FAC_ERR_TYPE, "where: expected condition to be a bool tensor, but got a tensor with dtype %s",
                        fac_dtype_name((fac_dtype)c->dtype));
    out->dtype = (uint8_t)fac_result_type(call->in + 1, 2);
    return fac_broadcast(out, (const fac_meta *[]){c, &call->in[1]->m, &call->in[2]->m}, 3, "where");
}

static fac_status run_where(const fac_call *call, fac_tensor **out)
{
    return choose(out[0], call->in[0], call->in[1], call->in[2]);
}

static fac_status grad_where(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *condition = fac_node_in(node, 0);
    if (!condition)
        return fac_pending();
    fac_tensor *zero = fac_number_int(0);
    if (fac_node_needs(node, 1) && !(gx[1] = fac_where_with(condition, g[0], zero)))
        return fac_pending();
    if (fac_node_needs(node, 2) && !(gx[2] = fac_where_with(condition, zero, g[0])))
        return fac_pending();
    return FAC_OK;
}

const fac_op fac_op_where = {FAC_HEAD_where,       .n_out = 1,       .flags = FAC_FLAGS_where, .saves = FAC_SAVE_IN(0),
                             .infer = infer_where, .run = run_where, .grad = grad_where};

/* As c10's overflow check has it: what is below 0 wraps into uint8; infinities and NaN are floats. */
static bool number_fits(const fac_tensor *value, fac_dtype dtype)
{
    double x = fac_load_double(value->data, value->m.dtype);
    switch (dtype) {
    case FAC_FLOAT32:
        return !isfinite(x) || fabs(x) <= (double)FLT_MAX;
    case FAC_INT64:
        return value->m.dtype == FAC_INT64 || (x >= -0x1p63 && x < 0x1p63);
    case FAC_INT32:
        return x >= INT32_MIN && x <= INT32_MAX;
    case FAC_UINT8:
        return fabs(x) <= UINT8_MAX;
    default:
        return true;
    }
}

static fac_status infer_fill(const fac_call *call, fac_meta *out)
{
    const fac_tensor *in = call->in[0], *mask = call->in[1], *value = call->in[2];
    if (mask->m.dtype != FAC_BOOL)
        return fac_fail(FAC_ERR_TYPE, "masked_fill: only supports boolean masks, but got mask with dtype %s",
                        fac_dtype_name((fac_dtype)mask->m.dtype));
    if (value->m.ndim)
        return fac_fail(FAC_ERR_VALUE,
                        "masked_fill: only supports a 0-dimensional value tensor, but got tensor of shape %s",
                        fac_shape_text(&value->m));
    if (value->wrapped_number && !number_fits(value, (fac_dtype)in->m.dtype))
        return fac_fail(FAC_ERR_VALUE, "masked_fill: value cannot be converted to type %s without overflow",
                        fac_dtype_name((fac_dtype)in->m.dtype));
    out->dtype = in->m.dtype;
    return fac_broadcast(out, (const fac_meta *[]){&in->m, &mask->m}, 2, "masked_fill");
}

static fac_status run_fill(const fac_call *call, fac_tensor **out)
{
    return choose(out[0], call->in[1], call->in[2], call->in[0]);
}

static fac_status grad_fill(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *mask = fac_node_in(node, 1);
    if (!mask)
        return fac_pending();
    fac_tensor *zero = fac_number_int(0);
    if (fac_node_needs(node, 0) && !(gx[0] = fac_masked_fill_with(g[0], mask, zero)))
        return fac_pending();
    if (fac_node_needs(node, 2) && !(gx[2] = fac_where_with(mask, g[0], zero)))
        return fac_pending();
    return FAC_OK;
}

#define MASKED_FILL(name)                                                                                \
    {                                                                                                    \
        FAC_HEAD_masked_fill, .n_out = 1, .flags = FAC_FLAGS_masked_fill, .saves = FAC_SAVE_IN(1),       \
                              .infer = infer_fill, .run = run_fill, .grad = grad_fill, .grad_name = name \
    }
static const fac_op fill_number = MASKED_FILL("MaskedFillBackward0"), fill_tensor = MASKED_FILL("MaskedFillBackward1");

static fac_status decompose_fill(const fac_call *call, fac_tensor **out)
{
    return fac_redirect(call, call->in[2]->wrapped_number ? &fill_number : &fill_tensor, out);
}

const fac_op fac_op_masked_fill = {FAC_HEAD_masked_fill, .n_out = 1, .flags = FAC_FLAGS_masked_fill,
                                   .decompose = decompose_fill};
