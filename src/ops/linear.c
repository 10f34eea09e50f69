/* SPDX-License-Identifier: MIT */
/* linear: y = x W^T + b as one product, and its three derivatives as one operation. With x of m rows of k features and
 * n features out: W is (n, k), b is (n). */
#include <string.h>

#include "base/pool.h"
#include "ops/op_list.h"
#include "ops/packed.h"

static __attribute__((noinline)) fac_status wrong_shape(const fac_meta *x, const fac_meta *w, const fac_meta *b)
{
    if (w->ndim != 2)
        return fac_fail(FAC_ERR_VALUE, "linear: expected weight (out_features, in_features), got %s",
                        fac_shape_text(w));
    if (!x->ndim || x->shape[x->ndim - 1] != w->shape[1])
        return fac_fail(FAC_ERR_VALUE, "linear: expected input (*, %lld), got %s", (long long)w->shape[1],
                        fac_shape_text(x));
    return fac_fail(FAC_ERR_VALUE, "linear: expected bias (%lld,), got %s", (long long)w->shape[0], fac_shape_text(b));
}

static __attribute__((noinline)) fac_status wrong_dtype(const fac_meta *x, const fac_meta *o, const char *name)
{
    return fac_fail(FAC_ERR_TYPE, "linear: expected input and %s to have the same dtype, but got: %s != %s", name,
                    fac_dtype_name((fac_dtype)x->dtype), fac_dtype_name((fac_dtype)o->dtype));
}

static fac_status infer_linear(const fac_call *call, fac_meta *out)
{
    const fac_meta *x = &call->in[0]->m, *w = &call->in[1]->m, *b = call->in[2] ? &call->in[2]->m : NULL;
    bool fits = x->ndim && w->ndim == 2 && x->shape[x->ndim - 1] == w->shape[1];
    if (fits && b)
        fits = b->ndim <= 1 && (b->numel == w->shape[0] || b->numel == 1);
    if (__builtin_expect(!fits, 0))
        return wrong_shape(x, w, b);
    if (__builtin_expect(x->dtype != w->dtype, 0))
        return wrong_dtype(x, w, "weight");
    if (b && __builtin_expect(x->dtype != b->dtype, 0))
        return wrong_dtype(x, b, "bias");
    FAC_TRY(fac_can_multiply(x->dtype, "linear"));
    fac_copy_dims(out->shape, x->shape, x->ndim);
    out->shape[x->ndim - 1] = w->shape[0];
    out->ndim = x->ndim;
    out->dtype = x->dtype;
    out->offset = 0;
    fac_pack_few(out);
    return FAC_OK;
}

/* A bias that is no row of n values in memory: (1), or strided. */
static fac_tensor *spread_bias(fac_tensor *b, int64_t n)
{
    fac_meta shape = {.ndim = 1, .shape = {n}, .dtype = b->m.dtype};
    fac_meta_pack(&shape);
    return fac_packed(b, &shape, (fac_dtype)b->m.dtype);
}

static fac_status multiply_then(int dtype, fac_gemm *g, const fac_epilogue *then)
{
    g->epilogue = then ? then->run : NULL;
    g->epilogue_ctx = then ? then->ctx : NULL;
    return fac_multiply(dtype, g);
}

static fac_status multiply_linear(const fac_matrix *x, const fac_tensor *w, const fac_tensor *b, fac_tensor *y,
                                  const fac_epilogue *then)
{
    fac_gemm g = {.m = x->rows, .n = w->m.shape[0], .k = x->cols, .accumulate = false};
    g.a = x->data, g.a_row = x->row, g.a_col = x->col;
    g.b = w->data, g.b_row = w->m.stride[1], g.b_col = w->m.stride[0];
    g.c = y->data, g.c_row = g.n;
    g.bias = b ? b->data : NULL;
    return multiply_then(y->m.dtype, &g, then);
}

static fac_status linear_then(const fac_call *call, fac_tensor **out, const fac_epilogue *then)
{
    fac_tensor *w = call->in[1], *b = call->in[2], *own_b = NULL;
    fac_matrix x;
    if (b && __builtin_expect(!b->m.contiguous || b->m.numel != w->m.shape[0], 0)) {
        b = own_b = spread_bias(b, w->m.shape[0]);
        if (!b)
            return fac_pending();
    }
    fac_status status = fac_matrix_open(&x, call->in[0]);
    if (!status) {
        status = multiply_linear(&x, w, b, out[0], then);
        fac_matrix_close(&x);
    }
    if (own_b)
        fac_tensor_drop(own_b);
    return status;
}

static fac_status run_linear(const fac_call *call, fac_tensor **out)
{
    return linear_then(call, out, NULL);
}

static fac_status grad_linear(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    const fac_linear_backward_args args = {.size_ = sizeof args,
                                           .wants_input = fac_node_needs(node, 0),
                                           .wants_weight = fac_node_needs(node, 1),
                                           .wants_bias = fac_node_needs(node, 2)};
    /* g stands in for what is not looked at. */
    fac_tensor *x = args.wants_weight ? fac_node_in(node, 0) : g[0];
    fac_tensor *w = args.wants_input ? fac_node_in(node, 1) : g[0];
    if (!x || !w)
        return fac_pending();
    fac_tensor *in[] = {g[0], x, w}, *out[3];
    const fac_call call = {.op = &fac_op_linear_backward, .in = in, .n_in = 3, .args = &args};
    FAC_TRY(fac_apply(&call, out));
    if (args.wants_input)
        gx[0] = out[0];
    if (args.wants_weight)
        gx[1] = out[1];
    if (args.wants_bias)
        gx[2] = out[2];
    return FAC_OK;
}

/* F.linear is other operations in PyTorch, by the input's dims. */
static const char *linear_grad_name(const fac_node *node)
{
    fac_shape x, b;
    fac_node_in_shape(node, 0, &x);
    fac_node_in_shape(node, 2, &b);
    if (b.dtype)
        return x.ndim == 2 ? "AddmmBackward0" : "ViewBackward0";
    return x.ndim == 2 ? "MmBackward0" : x.ndim == 1 ? "SqueezeBackward4" : "UnsafeViewBackward0";
}

static fac_status decompose_linear(const fac_call *call, fac_tensor **out)
{
    fac_tensor *b = call->in[2], *w = fac_t(call->in[1]);
    out[0] = w ? fac_matmul_with(call->in[0], w) : NULL;
    if (out[0] && b && (void *)b != fac_none)
        out[0] = fac_add_with(out[0], b, NULL);
    return out[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_linear = {FAC_HEAD_linear,
                              .n_out = 1,
                              .flags = FAC_FLAGS_linear | FAC_OP_SAVES_FOR_OTHERS,
                              .saves = FAC_SAVE_IN(0) | FAC_SAVE_IN(1),
                              .infer = infer_linear,
                              .run = run_linear,
                              .grad = grad_linear,
                              .decompose = decompose_linear,
                              .grad_name_of = linear_grad_name};

/* The derivatives: inputs are g (*, n), x (*, k), w (n, k); results gx (*, k), gw (n, k), gb (n), those not wanted (0).
 */

static void shape_result(fac_meta *out, bool wanted, int dtype, int ndim, const int64_t *shape, int64_t last)
{
    out->dtype = (uint8_t)dtype;
    out->offset = 0;
    out->ndim = wanted ? (uint8_t)ndim : 1;
    out->shape[0] = 0;
    if (wanted) {
        fac_copy_dims(out->shape, shape, ndim);
        out->shape[ndim - 1] = last;
    }
    fac_pack_few(out);
}

static fac_status infer_backward(const fac_call *call, fac_meta *out)
{
    const fac_linear_backward_args *args = call->args;
    const fac_meta *g = &call->in[0]->m, *x = &call->in[1]->m, *w = &call->in[2]->m;
    const int64_t n = g->shape[g->ndim - 1], weight_shape[FAC_MAX_DIMS] = {n};
    shape_result(out + 0, args->wants_input, g->dtype, g->ndim, g->shape, w->shape[1]);
    shape_result(out + 1, args->wants_weight, g->dtype, 2, weight_shape, x->shape[x->ndim - 1]);
    shape_result(out + 2, args->wants_bias, g->dtype, 1, weight_shape, n);
    return FAC_OK;
}

/* gx = g W */
static fac_status input_derivative(const fac_matrix *g, const fac_tensor *w, fac_tensor *gx, const fac_epilogue *then)
{
    fac_gemm p = {.m = g->rows, .n = w->m.shape[1], .k = g->cols, .accumulate = false};
    p.a = g->data, p.a_row = g->row, p.a_col = g->col;
    p.b = w->data, p.b_row = w->m.stride[0], p.b_col = w->m.stride[1];
    p.c = gx->data, p.c_row = p.n;
    return multiply_then(gx->m.dtype, &p, then);
}

/* gW = g^T x */
static fac_status weight_derivative(const fac_matrix *g, fac_tensor *input, fac_tensor *gw)
{
    fac_matrix x;
    FAC_TRY(fac_matrix_open(&x, input));
    fac_gemm p = {.m = g->cols, .n = x.cols, .k = g->rows, .accumulate = false};
    p.a = g->data, p.a_row = g->col, p.a_col = g->row;
    p.b = x.data, p.b_row = x.row, p.b_col = x.col;
    p.c = gw->data, p.c_row = p.n;
    fac_status status = fac_multiply(gw->m.dtype, &p);
    fac_matrix_close(&x);
    return status;
}

/* gb: the sum of g's rows, which lie as sum_rows wants them. */
static void bias_derivative(const fac_matrix *g, fac_tensor *gb)
{
    if (g->rows == 0)
        memset(gb->data, 0, (size_t)gb->m.numel * fac_dtype_sizes[gb->m.dtype]);
    else if (gb->m.dtype == FAC_FLOAT32)
        fac_k->sum_rows_f32(g->rows, g->cols, g->data, g->row, gb->data, false);
    else
        fac_k->sum_rows_f64(g->rows, g->cols, g->data, g->row, gb->data, false);
}

static fac_status run_wanted(const fac_call *call, const fac_matrix *g, fac_tensor **out, const fac_epilogue *then)
{
    const fac_linear_backward_args *args = call->args;
    if (args->wants_input)
        FAC_TRY(input_derivative(g, call->in[2], out[0], then));
    if (args->wants_weight)
        FAC_TRY(weight_derivative(g, call->in[1], out[1]));
    if (args->wants_bias)
        bias_derivative(g, out[2]);
    return FAC_OK;
}

static fac_status backward_then(const fac_call *call, fac_tensor **out, const fac_epilogue *then)
{
    fac_tensor *grad = call->in[0], *packed = NULL;
    int64_t cols = grad->m.shape[grad->m.ndim - 1];
    if (__builtin_expect(cols > 1 && grad->m.stride[grad->m.ndim - 1] != 1, 0)) {
        grad = packed = fac_packed(grad, NULL, (fac_dtype)grad->m.dtype);
        if (!grad)
            return fac_pending();
    }
    fac_matrix g;
    fac_status status = fac_matrix_open(&g, grad);
    if (!status) {
        status = run_wanted(call, &g, out, then);
        fac_matrix_close(&g);
    }
    if (packed)
        fac_tensor_drop(packed);
    return status;
}

static fac_status run_backward(const fac_call *call, fac_tensor **out)
{
    return backward_then(call, out, NULL);
}

static fac_tensor *as_matrix(fac_tensor *t)
{
    int64_t rows = 1, last = t->m.ndim - 1;
    for (int64_t d = 0; d < last; d++)
        rows *= t->m.shape[d];
    const fac_reshape_args args = {.size_ = sizeof args, .shape = FAC_LIST(rows, t->m.shape[last])};
    return last == 1 ? t : fac_reshape_with(t, &args);
}

static fac_tensor *weight_in_ops(fac_tensor *g, fac_tensor *x)
{
    fac_tensor *rows = as_matrix(g), *inputs = as_matrix(x);
    fac_tensor *columns = rows ? fac_t(rows) : NULL;
    return columns && inputs ? fac_mm_with(columns, inputs) : NULL;
}

/* What is not wanted is NULL here. */
static fac_status decompose_backward(const fac_call *call, fac_tensor **out)
{
    const fac_linear_backward_args *args = call->args;
    fac_tensor *g = call->in[0];
    out[0] = out[1] = out[2] = NULL;
    if (args->wants_input && !(out[0] = fac_matmul_with(g, call->in[2])))
        return fac_pending();
    if (args->wants_weight && !(out[1] = weight_in_ops(g, call->in[1])))
        return fac_pending();
    if (!args->wants_bias)
        return FAC_OK;
    fac_tensor *rows = as_matrix(g);
    out[2] = rows ? fac_sum(rows, 0) : NULL;
    return out[2] ? FAC_OK : fac_pending();
}

const fac_op fac_op_linear_backward = {
    FAC_HEAD_linear_backward, .n_out = 3,          .flags = FAC_FLAGS_linear_backward,
    .infer = infer_backward,  .run = run_backward, .decompose = decompose_backward};

fac_status fac_linear_then(const fac_call *call, fac_tensor **out, const fac_epilogue *then)
{
    return (call->op == &fac_op_linear ? linear_then : backward_then)(call, out, then);
}
