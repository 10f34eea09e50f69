/* SPDX-License-Identifier: MIT */
/* fill_, zero_, copy_. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "ops/creation.h"
#include "tensor/iterate.h"

/* Elements are moved as words: their type does not matter. */
typedef uint32_t __attribute__((may_alias)) word32;
typedef uint64_t __attribute__((may_alias)) word64;

#define FILL_WORDS(type)                                   \
    {                                                      \
        const type word = *(const type *)value;            \
        const int64_t step = s[0] / (int64_t)sizeof(type); \
        type *at = (type *)(void *)p[0];                   \
        if (step == 1)                                     \
            for (int64_t i = 0; i < n; i++)                \
                at[i] = word;                              \
        else                                               \
            for (int64_t i = 0; i < n; i++)                \
                at[i * step] = word;                       \
    }

static void fill_1(int64_t n, char *const *p, const int64_t *s, const void *value)
{
    const char byte = *(const char *)value;
    const int64_t step = s[0];
    char *at = p[0];
    if (step == 1)
        memset(at, byte, (size_t)n);
    else
        for (int64_t i = 0; i < n; i++)
            at[i * step] = byte;
}

static void fill_4(int64_t n, char *const *p, const int64_t *s, const void *value)
{
    FILL_WORDS(word32)
}

static void fill_8(int64_t n, char *const *p, const int64_t *s, const void *value)
{
    FILL_WORDS(word64)
}

void fac_fill(const fac_tensor *to, double value)
{
    const int64_t size = fac_dtype_sizes[to->m.dtype];
    word64 word = 0;
    fac_store_double(&word, to->m.dtype, value);
    fac_inner_fn *fill = size == 8 ? fill_8 : size == 4 ? fill_4 : fill_1;
    if (!to->m.contiguous) {
        fac_iter iter;
        fac_iter_begin(&iter, &to->m);
        fac_iter_add(&iter, to->data, &to->m);
        fac_iter_run(&iter, fill, &word);
    } else if (word == 0) {
        memset(to->data, 0, (size_t)(to->m.numel * size));
    } else {
        fill(to->m.numel, (char *const[]){to->data}, &size, &word);
    }
}

/* A whole number below 0 wraps around in uint8, as in PyTorch; anything else must lie in the type's range. */
static bool fits(double value, int dtype)
{
    switch (dtype) {
    case FAC_FLOAT32:
        return !isfinite(value) || fabs(value) <= (double)FLT_MAX;
    case FAC_INT64:
        return value >= -0x1p63 && value < 0x1p63;
    case FAC_INT32:
        return value >= -0x1p31 && value <= 0x1p31 - 1;
    case FAC_UINT8:
        return value <= 255 && (value >= 0 || (value >= -255 && value == trunc(value)));
    default:
        return true;
    }
}

fac_status fac_check_value(const fac_call *call, double value, int dtype)
{
    char text[FAC_NUMBER_MAX];
    if (fits(value, dtype))
        return FAC_OK;
    fac_repr_double(text, value);
    return fac_fail(FAC_ERR_RUNTIME, "%s: value %s cannot be converted to type %s without overflow", call->op->name,
                    text, fac_dtype_name((fac_dtype)dtype));
}

fac_status fac_check_written(const fac_call *call, fac_meta *unused)
{
    (void)unused;
    const fac_meta *m = &call->in[0]->m;
    for (int d = 0; d < m->ndim; d++)
        if (m->shape[d] > 1 && m->stride[d] == 0 && m->numel)
            return fac_fail(FAC_ERR_RUNTIME,
                            "%s: more than one element of the written-to tensor refers to a single memory location: "
                            "clone() the tensor of shape %s first",
                            call->op->name, fac_shape_text(m));
    return FAC_OK;
}

fac_status fac_overwritten_grad(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    if (fac_node_needs(node, 0) && !(gx[0] = fac_zeros_like_with(g[0], NULL)))
        return fac_pending();
    return FAC_OK;
}

static fac_status fill_infer(const fac_call *call, fac_meta *unused)
{
    const fac_fill__args *args = call->args;
    FAC_TRY(fac_check_written(call, unused));
    return fac_check_value(call, args->value, call->in[0]->m.dtype);
}

static fac_status fill_run(const fac_call *call, fac_tensor **out)
{
    fac_fill(out[0], ((const fac_fill__args *)call->args)->value);
    return FAC_OK;
}

const fac_op fac_op_fill_ = {FAC_HEAD_fill_,
                             .n_out = 1,
                             .flags = FAC_FLAGS_fill_,
                             .infer = fill_infer,
                             .run = fill_run,
                             .grad = fac_overwritten_grad,
                             .grad_name = "FillBackward2"};

static fac_status zero_run(const fac_call *call, fac_tensor **out)
{
    (void)call;
    fac_fill(out[0], 0);
    return FAC_OK;
}

const fac_op fac_op_zero_ = {FAC_HEAD_zero_,           .n_out = 1,
                             .flags = FAC_FLAGS_zero_, .infer = fac_check_written,
                             .run = zero_run,          .grad = fac_overwritten_grad};

static fac_status copy_infer(const fac_call *call, fac_meta *unused)
{
    const fac_meta *to = &call->in[0]->m, *from = &call->in[1]->m;
    fac_meta both;
    FAC_TRY(fac_check_written(call, unused));
    if (fac_same_shape(to, from))
        return FAC_OK;
    FAC_TRY(fac_broadcast(&both, (const fac_meta *[]){to, from}, 2, "copy_"));
    if (fac_same_shape(&both, to))
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE, "copy_: output with shape %s doesn't match the broadcast shape %s",
                    fac_shape_text(to), fac_shape_text(&both));
}

/* Source and target lie in the same memory: by way of a copy. */
static fac_status copy_within(fac_tensor *to, const fac_tensor *from)
{
    fac_meta meta = from->m;
    fac_meta_pack(&meta);
    fac_tensor *copy = fac_tensor_new(&meta);
    if (!copy)
        return fac_pending();
    fac_copy_cast(copy, from);
    fac_copy_cast(to, copy);
    fac_tensor_drop(copy);
    return FAC_OK;
}

static fac_status copy_run(const fac_call *call, fac_tensor **out)
{
    const fac_tensor *from = call->in[1];
    if (from == out[0])
        return FAC_OK;
    return from->storage == out[0]->storage ? copy_within(out[0], from) : fac_copy_cast(out[0], from);
}

static fac_status copy_grad(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    gx[1] = fac_node_needs(node, 1) ? g[0] : NULL;
    return fac_overwritten_grad(node, g, gx);
}

const fac_op fac_op_copy_ = {FAC_HEAD_copy_,  .n_out = 1,        .flags = FAC_FLAGS_copy_,    .infer = copy_infer,
                             .run = copy_run, .grad = copy_grad, .grad_name = "CopyBackwards"};
