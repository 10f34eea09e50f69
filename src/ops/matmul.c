/* SPDX-License-Identifier: MIT */
/* Products of matrices and vectors: mm, bmm, mv, dot, and matmul, which is one of them by PyTorch's rules. Transposed
 * and expanded operands are read where they are. */
#include "ops/op_list.h"
#include "ops/packed.h"
#include "tensor/iterate.h"

static fac_status check_dtypes(const fac_call *call, const char *a, const char *b)
{
    const fac_meta *x = &call->in[0]->m, *y = &call->in[1]->m;
    if (x->dtype != y->dtype)
        return fac_fail(FAC_ERR_TYPE, "%s: expected %s and %s to have the same dtype, but got: %s != %s",
                        call->op->name, a, b, fac_dtype_name((fac_dtype)x->dtype), fac_dtype_name((fac_dtype)y->dtype));
    return fac_can_multiply(x->dtype, call->op->name);
}

static fac_status check_ndim(const fac_call *call, int i, const char *name, int ndim, const char *what)
{
    if (call->in[i]->m.ndim == ndim)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE, "%s: %s must be a %s, got shape %s", call->op->name, name, what,
                    fac_shape_text(&call->in[i]->m));
}

static fac_status cannot_multiply(const char *who, int64_t n, int64_t k, int64_t k2, int64_t m)
{
    return fac_fail(FAC_ERR_VALUE, "%s: mat1 and mat2 shapes cannot be multiplied (%lldx%lld and %lldx%lld)", who,
                    (long long)n, (long long)k, (long long)k2, (long long)m);
}

static void shape_product(fac_meta *out, const fac_tensor *like, int ndim, const int64_t *shape)
{
    out->dtype = like->m.dtype;
    out->ndim = (uint8_t)ndim;
    out->offset = 0;
    for (int d = 0; d < ndim; d++)
        out->shape[d] = shape[d];
    fac_pack_few(out);
}

/* c (m, n) = a (m, k) b (k, n); strides in elements. */
typedef struct {
    int64_t row, col;
} steps;

static fac_status multiply(int dtype, int64_t m, int64_t n, int64_t k, const void *a, steps at_a, const void *b,
                           steps at_b, void *c)
{
    fac_gemm g = {.m = m, .n = n, .k = k, .accumulate = false, .bias = NULL};
    g.a = a, g.a_row = at_a.row, g.a_col = at_a.col;
    g.b = b, g.b_row = at_b.row, g.b_col = at_b.col;
    g.c = c, g.c_row = n;
    return fac_multiply(dtype, &g);
}

static fac_status infer_mm(const fac_call *call, fac_meta *out)
{
    FAC_TRY(check_ndim(call, 0, "input", 2, "matrix"));
    FAC_TRY(check_ndim(call, 1, "mat2", 2, "matrix"));
    const fac_meta *a = &call->in[0]->m, *b = &call->in[1]->m;
    if (a->shape[1] != b->shape[0])
        return cannot_multiply("mm", a->shape[0], a->shape[1], b->shape[0], b->shape[1]);
    FAC_TRY(check_dtypes(call, "mat1", "mat2"));
    shape_product(out, call->in[0], 2, (const int64_t[]){a->shape[0], b->shape[1]});
    return FAC_OK;
}

static fac_status run_mm(const fac_call *call, fac_tensor **out)
{
    const fac_tensor *a = call->in[0], *b = call->in[1];
    return multiply(a->m.dtype, a->m.shape[0], b->m.shape[1], a->m.shape[1], a->data,
                    (steps){a->m.stride[0], a->m.stride[1]}, b->data, (steps){b->m.stride[0], b->m.stride[1]},
                    out[0]->data);
}

static fac_status grad_mm(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    if (fac_node_needs(node, 0)) {
        fac_tensor *b = fac_node_in(node, 1), *turned = b ? fac_t(b) : NULL;
        if (!turned || !(gx[0] = fac_mm_with(g[0], turned)))
            return fac_pending();
    }
    if (fac_node_needs(node, 1)) {
        fac_tensor *a = fac_node_in(node, 0), *turned = a ? fac_t(a) : NULL;
        if (!turned || !(gx[1] = fac_mm_with(turned, g[0])))
            return fac_pending();
    }
    return FAC_OK;
}

const fac_op fac_op_mm = {FAC_HEAD_mm,
                          .n_out = 1,
                          .flags = FAC_FLAGS_mm | FAC_OP_SAVES_FOR_OTHERS,
                          .saves = FAC_SAVE_IN(0) | FAC_SAVE_IN(1),
                          .infer = infer_mm,
                          .run = run_mm,
                          .grad = grad_mm};

static fac_status infer_bmm(const fac_call *call, fac_meta *out)
{
    FAC_TRY(check_ndim(call, 0, "batch1", 3, "3D tensor"));
    FAC_TRY(check_ndim(call, 1, "batch2", 3, "3D tensor"));
    const fac_meta *a = &call->in[0]->m, *b = &call->in[1]->m;
    if (a->shape[0] != b->shape[0] || a->shape[2] != b->shape[1])
        return fac_fail(FAC_ERR_VALUE,
                        "bmm: Expected size for first two dimensions of batch2 tensor to be: [%lld, %lld] but got: "
                        "[%lld, %lld].",
                        (long long)a->shape[0], (long long)a->shape[2], (long long)b->shape[0], (long long)b->shape[1]);
    FAC_TRY(check_dtypes(call, "batch1", "batch2"));
    shape_product(out, call->in[0], 3, (const int64_t[]){a->shape[0], a->shape[1], b->shape[2]});
    return FAC_OK;
}

static fac_status run_bmm(const fac_call *call, fac_tensor **out)
{
    const fac_meta *a = &call->in[0]->m, *b = &call->in[1]->m;
    const int64_t size = fac_dtype_sizes[a->dtype], m = a->shape[1], n = b->shape[2];
    const char *x = call->in[0]->data, *y = call->in[1]->data;
    char *z = out[0]->data;
    for (int64_t i = 0; i < a->shape[0] && m && n; i++) {
        FAC_TRY(multiply(a->dtype, m, n, a->shape[2], x, (steps){a->stride[1], a->stride[2]}, y,
                         (steps){b->stride[1], b->stride[2]}, z));
        x += a->stride[0] * size;
        y += b->stride[0] * size;
        z += m * n * size;
    }
    return FAC_OK;
}

static fac_tensor *turned_batch(fac_tensor *t)
{
    return t ? fac_transpose(t, 1, 2) : NULL;
}

static fac_status grad_bmm(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    if (fac_node_needs(node, 0)) {
        fac_tensor *b = turned_batch(fac_node_in(node, 1));
        if (!b || !(gx[0] = fac_bmm_with(g[0], b)))
            return fac_pending();
    }
    if (fac_node_needs(node, 1)) {
        fac_tensor *a = turned_batch(fac_node_in(node, 0));
        if (!a || !(gx[1] = fac_bmm_with(a, g[0])))
            return fac_pending();
    }
    return FAC_OK;
}

const fac_op fac_op_bmm = {FAC_HEAD_bmm,
                           .n_out = 1,
                           .flags = FAC_FLAGS_bmm | FAC_OP_SAVES_FOR_OTHERS,
                           .saves = FAC_SAVE_IN(0) | FAC_SAVE_IN(1),
                           .infer = infer_bmm,
                           .run = run_bmm,
                           .grad = grad_bmm};

static fac_status infer_mv(const fac_call *call, fac_meta *out)
{
    FAC_TRY(check_ndim(call, 0, "input", 2, "matrix"));
    FAC_TRY(check_ndim(call, 1, "vec", 1, "vector"));
    const fac_meta *a = &call->in[0]->m, *v = &call->in[1]->m;
    if (a->shape[1] != v->shape[0])
        return fac_fail(FAC_ERR_VALUE, "mv: size mismatch, got input (%lld), mat (%lldx%lld), vec (%lld)",
                        (long long)a->shape[0], (long long)a->shape[0], (long long)a->shape[1], (long long)v->shape[0]);
    FAC_TRY(check_dtypes(call, "mat", "vec"));
    shape_product(out, call->in[0], 1, a->shape);
    return FAC_OK;
}

static fac_status run_mv(const fac_call *call, fac_tensor **out)
{
    const fac_tensor *a = call->in[0], *v = call->in[1];
    return multiply(a->m.dtype, a->m.shape[0], 1, a->m.shape[1], a->data, (steps){a->m.stride[0], a->m.stride[1]},
                    v->data, (steps){v->m.stride[0], 1}, out[0]->data);
}

/* g v^T and A^T g */
static fac_status grad_mv(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    if (fac_node_needs(node, 0)) {
        fac_tensor *v = fac_node_in(node, 1), *row = v ? fac_unsqueeze(v, 0) : NULL, *column = fac_unsqueeze(g[0], 1);
        if (!row || !column || !(gx[0] = fac_mm_with(column, row)))
            return fac_pending();
    }
    if (fac_node_needs(node, 1)) {
        fac_tensor *a = fac_node_in(node, 0), *turned = a ? fac_t(a) : NULL;
        if (!turned || !(gx[1] = fac_mv_with(turned, g[0])))
            return fac_pending();
    }
    return FAC_OK;
}

const fac_op fac_op_mv = {FAC_HEAD_mv,
                          .n_out = 1,
                          .flags = FAC_FLAGS_mv | FAC_OP_SAVES_FOR_OTHERS,
                          .saves = FAC_SAVE_IN(0) | FAC_SAVE_IN(1),
                          .infer = infer_mv,
                          .run = run_mv,
                          .grad = grad_mv};

static fac_status infer_dot(const fac_call *call, fac_meta *out)
{
    FAC_TRY(check_ndim(call, 0, "input", 1, "vector"));
    FAC_TRY(check_ndim(call, 1, "tensor", 1, "vector"));
    const int64_t n = call->in[0]->m.numel, other = call->in[1]->m.numel;
    if (n != other)
        return fac_fail(FAC_ERR_VALUE,
                        "dot: inconsistent tensor size, expected tensor [%lld] and src [%lld] to have the same number "
                        "of elements, but got %lld and %lld elements respectively",
                        (long long)n, (long long)other, (long long)n, (long long)other);
    FAC_TRY(check_dtypes(call, "input", "tensor"));
    shape_product(out, call->in[0], 0, NULL);
    return FAC_OK;
}

static fac_status run_dot(const fac_call *call, fac_tensor **out)
{
    const fac_tensor *a = call->in[0], *b = call->in[1];
    const int64_t n = a->m.numel, s = a->m.stride[0], t = b->m.stride[0];
    if (a->m.dtype == FAC_FLOAT32)
        *(float *)out[0]->data = fac_k->dot_f32(n, a->data, s, b->data, t);
    else if (a->m.dtype == FAC_FLOAT64)
        *(double *)out[0]->data = fac_k->dot_f64(n, a->data, s, b->data, t);
    else
        return multiply(a->m.dtype, 1, 1, n, a->data, (steps){0, s}, b->data, (steps){t, 1}, out[0]->data);
    return FAC_OK;
}

static fac_status grad_dot(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    for (uint32_t i = 0; i < 2; i++) {
        if (!fac_node_needs(node, i))
            continue;
        fac_tensor *other = fac_node_in(node, 1 - i);
        if (!other || !(gx[i] = fac_mul_with(g[0], other)))
            return fac_pending();
    }
    return FAC_OK;
}

const fac_op fac_op_dot = {FAC_HEAD_dot,
                           .n_out = 1,
                           .flags = FAC_FLAGS_dot | FAC_OP_SAVES_FOR_OTHERS,
                           .saves = FAC_SAVE_IN(0) | FAC_SAVE_IN(1),
                           .infer = infer_dot,
                           .run = run_dot,
                           .grad = grad_dot};

static fac_tensor *reshaped(fac_tensor *t, const fac_ints *shape)
{
    return t ? fac_reshape_with(t, &(fac_reshape_args){.size_ = sizeof(fac_reshape_args), .shape = shape}) : NULL;
}

static fac_tensor *expanded(fac_tensor *t, const fac_ints *shape)
{
    return t ? fac_expand_with(t, &(fac_expand_args){.size_ = sizeof(fac_expand_args), .size = shape}) : NULL;
}

static int64_t product_of(const int64_t *sizes, int64_t n)
{
    int64_t product = 1;
    for (int64_t i = 0; i < n; i++)
        product *= sizes[i];
    return product;
}

/* A batch times one matrix or vector: all of the batch's rows at once. */
static fac_tensor *fold(fac_tensor *a, fac_tensor *b)
{
    fac_ints shape = fac_meta_list(&a->m);
    const int64_t rows = product_of(shape.values, shape.count - 1), k = shape.values[shape.count - 1];
    fac_tensor *flat = reshaped(a, FAC_LIST(rows, k));
    if (!flat)
        return NULL;
    if (b->m.ndim == 1)
        shape.count--;
    else
        shape.values[shape.count - 1] = b->m.shape[1];
    return reshaped(b->m.ndim == 1 ? fac_mv_with(flat, b) : fac_mm_with(flat, b), &shape);
}

/* Its batch dims expanded to those of shape, then made one. */
static fac_tensor *as_batch(fac_tensor *t, fac_ints shape)
{
    const fac_meta *m = &t->m;
    const int64_t rows = m->shape[m->ndim - 2], cols = m->shape[m->ndim - 1];
    shape.values[shape.count - 2] = rows;
    shape.values[shape.count - 1] = cols;
    const int64_t count = product_of(shape.values, shape.count - 2);
    return reshaped(expanded(t, &shape), FAC_LIST(count, rows, cols));
}

/* The batch dims of a product of tensors of 2 dims and more. */
static fac_status batch_shape(const fac_meta *a, const fac_meta *b, fac_ints *shape)
{
    fac_meta x = *a, y = *b, both;
    x.ndim = (uint8_t)(a->ndim - 2);
    y.ndim = (uint8_t)(b->ndim - 2);
    FAC_TRY(fac_broadcast(&both, (const fac_meta *[]){&x, &y}, 2, "matmul"));
    *shape = fac_meta_list(&both);
    shape->values[shape->count++] = a->shape[a->ndim - 2];
    shape->values[shape->count++] = b->shape[b->ndim - 1];
    return FAC_OK;
}

static fac_tensor *multiply_batches(fac_tensor *a, fac_tensor *b)
{
    fac_ints shape;
    if (batch_shape(&a->m, &b->m, &shape))
        return NULL;
    fac_tensor *x = as_batch(a, shape), *y = x ? as_batch(b, shape) : NULL;
    return y ? reshaped(fac_bmm_with(x, y), &shape) : NULL;
}

static fac_tensor *multiply_any(fac_tensor *a, fac_tensor *b)
{
    const int m = a->m.ndim, n = b->m.ndim;
    if (m == 1 && n == 1)
        return fac_dot_with(a, b);
    if (m == 2 && n == 2)
        return fac_mm_with(a, b);
    if (m == 2 && n == 1)
        return fac_mv_with(a, b);
    if (m == 1) {
        fac_tensor *row = fac_unsqueeze(a, 0), *product = row ? multiply_any(row, b) : NULL;
        return product ? fac_squeeze(product, -2) : NULL;
    }
    if (n <= 2)
        return fold(a, b);
    return multiply_batches(a, b);
}

static fac_status check_matmul(const fac_call *call)
{
    const fac_meta *a = &call->in[0]->m, *b = &call->in[1]->m;
    if (!a->ndim || !b->ndim)
        return fac_fail(FAC_ERR_VALUE,
                        "matmul: both arguments to matmul need to be at least 1D, but they are %dD and %dD", a->ndim,
                        b->ndim);
    FAC_TRY(check_dtypes(call, "input", "other"));
    const int64_t k = a->shape[a->ndim - 1], k2 = b->shape[b->ndim > 1 ? b->ndim - 2 : 0];
    if (k == k2)
        return FAC_OK;
    if (a->ndim > 1 && b->ndim > 1)
        return cannot_multiply("matmul", a->shape[a->ndim - 2], k, k2, b->shape[b->ndim - 1]);
    return fac_fail(FAC_ERR_VALUE, "matmul: shapes %s and %s cannot be multiplied", fac_shape_text(a),
                    fac_shape_text(b));
}

static fac_status decompose_matmul(const fac_call *call, fac_tensor **out)
{
    FAC_TRY(check_matmul(call));
    out[0] = multiply_any(call->in[0], call->in[1]);
    return out[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_matmul = {FAC_HEAD_matmul, .n_out = 1, .flags = FAC_FLAGS_matmul, .decompose = decompose_matmul};
