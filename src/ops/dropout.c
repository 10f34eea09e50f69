/* SPDX-License-Identifier: MIT */
/* dropout as PyTorch has it on the CPU: noise is drawn, 0 or 1 / (1 - p), and input multiplied by it
 * (ATen/native/Dropout.cpp). So the node is that of a product, and a dropped negative element becomes -0. */
#include "ops/draws.h"

#include <math.h>

#include "base/text.h"
#include "ops/packed.h"
#include "ops/views.h"
#include "tensor/elementwise.h"

static fac_status infer_dropout(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    if (!fac_is_float(in->dtype))
        return fac_fail(FAC_ERR_TYPE, "dropout: result type %s can't be cast to the desired output type %s",
                        fac_dtype_name(FAC_FLOAT32), fac_dtype_name((fac_dtype)in->dtype));
    for (int i = 0; i < call->op->n_out + call->op->n_hidden; i++) {
        fac_view_begin(out + i, in);
        out[i].offset = 0;
        fac_pack_few(out + i);
    }
    return FAC_OK;
}

/* d->a is p. The quotient is rounded in the dtype, as PyTorch's division of the drawn ones is. */
static void fill_noise(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    const double keep = 1 - d->a;
    (void)whole;
    FAC_DRAW_REAL(fac_random_bernoulli, n, keep);
    double number; /* or a float */
    fac_store_double(&number, d->dtype, d->dtype == FAC_FLOAT32 ? (double)(1 / (float)keep) : 1 / keep);
    char *p[] = {out, out, (char *)&number};
    const int64_t size = fac_dtype_sizes[d->dtype], steps[] = {size, size, 0};
    fac_ew->forward[FAC_EW_mul][d->dtype](n, p, steps, NULL);
}

static fac_status run_noise(const fac_call *call, fac_tensor **out)
{
    const fac_dropout_args *args = call->args;
    const fac_draw d = {
        .who = "dropout", .fill = fill_noise, .generator = fac_none, .dtype = out[0]->m.dtype, .a = args->p};
    return fac_draw_into(&d, out[0], &call->in[0]->m);
}

static fac_status run_dropout(const fac_call *call, fac_tensor **out)
{
    FAC_TRY(run_noise(call, out + 1));
    const int dtype = out[0]->m.dtype;
    fac_tensor *x = fac_packed(call->in[0], NULL, (fac_dtype)dtype);
    if (!x)
        return fac_pending();
    char *p[] = {out[0]->data, x->data, out[1]->data};
    const int64_t size = fac_dtype_sizes[dtype], steps[] = {size, size, size};
    fac_ew->forward[FAC_EW_mul][dtype](x->m.numel, p, steps, NULL);
    fac_tensor_drop(x);
    return FAC_OK;
}

static fac_status grad_dropout(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *noise = fac_node_out(node, 1);
    gx[0] = noise ? fac_mul_with(g[0], noise) : NULL;
    return gx[0] ? FAC_OK : fac_pending();
}

/* 0 < p < 1 in training: the result, and the noise for the derivative. */
static const fac_op train = {FAC_HEAD_dropout,
                             .n_out = 1,
                             .n_hidden = 1,
                             .flags = FAC_FLAGS_dropout,
                             .saves = FAC_SAVE_OUT(1),
                             .infer = infer_dropout,
                             .run = run_dropout,
                             .grad = grad_dropout,
                             .grad_name = "MulBackward0"};
/* The noise alone: what input is multiplied by in place. */
static const fac_op noise_only = {FAC_HEAD_dropout,       .n_out = 1,       .flags = FAC_FLAGS_dropout | FAC_OP_NO_GRAD,
                                  .infer = infer_dropout, .run = run_noise, .grad_name = "MulBackward0"};

static fac_status times(const fac_call *call, fac_tensor *noise, fac_tensor **out)
{
    const fac_dropout_args *args = call->args;
    fac_tensor *in[] = {call->in[0], noise};
    if (noise)
        out[0] = args->inplace ? fac_apply_inplace(&fac_op_mul, in, 2, NULL) : fac_apply_one(&fac_op_mul, in, 2, NULL);
    return noise && out[0] ? FAC_OK : fac_pending();
}

static fac_status drop_all(const fac_call *call, fac_tensor **out)
{
    const fac_ints none = {0};
    return times(call, fac_zeros(.size = &none, .dtype = (fac_dtype)call->in[0]->m.dtype), out);
}

static fac_status wrong_probability(double p)
{
    char text[FAC_NUMBER_MAX];
    fac_repr_double(text, p);
    return fac_fail(FAC_ERR_VALUE, "dropout probability has to be between 0 and 1, but got %s", text);
}

static fac_status decompose_dropout(const fac_call *call, fac_tensor **out)
{
    const fac_dropout_args *args = call->args;
    if (!(args->p >= 0 && args->p <= 1))
        return wrong_probability(args->p);
    if (!args->training || args->p == 0 || call->in[0]->m.numel == 0) {
        out[0] = call->in[0];
        return FAC_OK;
    }
    if (args->p == 1)
        return drop_all(call, out);
    if (!args->inplace)
        return fac_redirect(call, &train, out);
    fac_tensor *noise = NULL;
    FAC_TRY(fac_redirect(call, &noise_only, &noise));
    return times(call, noise, out);
}

const fac_op fac_op_dropout = {FAC_HEAD_dropout, .n_out = 1, .flags = FAC_FLAGS_dropout,
                               .decompose = decompose_dropout};
