/* SPDX-License-Identifier: MIT */
/* softmax, log_softmax, logsumexp: the greatest element is taken off first, so that exp cannot overflow. */
#include <math.h>

#include "ops/reduce.h"
#include "tensor/elementwise.h"

enum { PLAIN, LOG }; /* kernel_index */
typedef fac_softmax_args softmax_args;
_Static_assert(sizeof(fac_log_softmax_args) == sizeof(softmax_args),
               "softmax and log_softmax differ in their arguments");

static const fac_sub_args once = {.size_ = sizeof once, .alpha = 1};

/* What the steps over a slab share: m rows of n columns, contiguous. */
typedef struct {
    int64_t m, n;
    int dtype;
    int64_t size; /* of an element */
    void *row;    /* n numbers, one a column */
} slab;

static fac_status infer(const fac_call *call, fac_meta *out)
{
    const softmax_args *args = call->args;
    const fac_meta *in = &call->in[0]->m;
    const int dtype = args->dtype ? (int)args->dtype : in->dtype;
    int dim;
    FAC_TRY(fac_wrap_dim(args->dim, in->ndim, &dim, call->op->name));
    if (!fac_is_float(dtype))
        return fac_fail(FAC_ERR_TYPE, "%s: not implemented for %s", call->op->name, fac_dtype_name((fac_dtype)dtype));
    out->ndim = in->ndim;
    fac_copy_dims(out->shape, in->shape, in->ndim);
    out->dtype = (uint8_t)dtype;
    out->offset = 0;
    fac_meta_pack(out);
    return FAC_OK;
}

/* to = row(from), elementwise over the slab. */
static void each(const slab *s, int kernel, void *to, const void *from)
{
    char *p[] = {to, (char *)(uintptr_t)from};
    const int64_t steps[] = {s->size, s->size};
    fac_ew->forward[kernel][s->dtype](s->m * s->n, p, steps, NULL);
}

/* to = kernel(from, number of the column). */
static void with_columns(const slab *s, int kernel, void *to, const void *from)
{
    const int64_t steps[] = {s->size, s->size, s->n == 1 ? 0 : s->size};
    const int64_t calls = s->n == 1 ? 1 : s->m, length = s->n == 1 ? s->m : s->n;
    for (int64_t i = 0; i < calls; i++) {
        const int64_t skip = i * s->n * s->size;
        char *p[] = {(char *)to + skip, (char *)(uintptr_t)from + skip, s->row};
        fac_ew->forward[kernel][s->dtype](length, p, steps, &once);
    }
}

static void greatest_to_row(const slab *s, const void *x)
{
    if (s->dtype == FAC_FLOAT32 && s->n == 1)
        *(float *)s->row = fac_k->max_f32(s->m, x, 1, NULL);
    else if (s->dtype == FAC_FLOAT32)
        fac_k->max_rows_f32(s->m, s->n, x, s->n, s->row, NULL);
    else if (s->n == 1)
        *(double *)s->row = fac_k->max_f64(s->m, x, 1, NULL);
    else
        fac_k->max_rows_f64(s->m, s->n, x, s->n, s->row, NULL);
}

static void sums_to_row(const slab *s, const void *x)
{
    if (s->dtype == FAC_FLOAT32 && s->n == 1)
        *(float *)s->row = fac_k->sum_f32(s->m, x, 1);
    else if (s->dtype == FAC_FLOAT32)
        fac_k->sum_rows_f32(s->m, s->n, x, s->n, s->row, false);
    else if (s->n == 1)
        *(double *)s->row = fac_k->sum_f64(s->m, x, 1);
    else
        fac_k->sum_rows_f64(s->m, s->n, x, s->n, s->row, false);
}

/* exp(x - max) / sum, or x - max - log(sum) */
static void softmax_slab(const slab *s, int kind, const void *x, void *y)
{
    greatest_to_row(s, x);
    with_columns(s, FAC_EW_sub, y, x);
    if (kind == PLAIN) {
        each(s, FAC_EW_exp, y, y);
        sums_to_row(s, y);
        with_columns(s, FAC_EW_div, y, y);
        return;
    }
    slab columns = {.m = 1, .n = s->n, .dtype = s->dtype, .size = s->size};
    char *greatest = (char *)s->row + s->n * s->size;
    __builtin_memcpy(greatest, s->row, (size_t)(s->n * s->size));
    each(s, FAC_EW_exp, y, y);
    sums_to_row(s, y);
    each(&columns, FAC_EW_log, s->row, s->row);
    slab first = *s;
    first.row = greatest;
    with_columns(&first, FAC_EW_sub, y, x);
    with_columns(s, FAC_EW_sub, y, y);
}

static fac_status softmax_all(int kind, int dim, const fac_tensor *x, fac_tensor *y)
{
    double few[64];
    const fac_meta *m = &x->m;
    slab s = {.m = m->ndim ? m->shape[dim] : 1, .n = 1, .dtype = m->dtype, .size = fac_dtype_sizes[m->dtype]};
    for (int d = dim + 1; d < m->ndim; d++)
        s.n *= m->shape[d];
    fac_tensor *row = NULL;
    s.row = few;
    if (s.n > 32) {
        const fac_meta shape = {
            .ndim = 1, .shape = {2 * s.n}, .stride = {1}, .numel = 2 * s.n, .contiguous = true, .dtype = m->dtype};
        row = fac_tensor_new(&shape);
        if (!row)
            return fac_pending();
        s.row = row->data;
    }
    const int64_t slab_size = s.m * s.n, bytes = slab_size * s.size;
    for (int64_t i = 0; i < m->numel / slab_size; i++)
        softmax_slab(&s, kind, (const char *)x->data + i * bytes, (char *)y->data + i * bytes);
    fac_tensor_drop(row);
    return FAC_OK;
}

static fac_status run(const fac_call *call, fac_tensor **out)
{
    int dim;
    if (out[0]->m.numel == 0)
        return FAC_OK;
    FAC_TRY(fac_wrap_dim(((const softmax_args *)call->args)->dim, out[0]->m.ndim, &dim, call->op->name));
    fac_tensor *x = fac_packed(call->in[0], NULL, (fac_dtype)out[0]->m.dtype);
    if (!x)
        return fac_pending();
    fac_status status = softmax_all(call->op->kernel_index, dim, x, out[0]);
    fac_tensor_drop(x);
    return status;
}

static fac_tensor *sum_along(fac_tensor *x, int64_t dim)
{
    return x ? fac_sum_with(x, &(fac_sum_args){.size_ = sizeof(fac_sum_args), .dim = dim, .keepdim = true}) : NULL;
}

/* y (g - sum(g y)) */
static fac_status grad_softmax(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *y = fac_node_out(node, 0), *part = y ? fac_mul_with(g[0], y) : NULL;
    fac_tensor *sum = sum_along(part, ((const softmax_args *)fac_node_args(node))->dim);
    fac_tensor *left = sum ? fac_sub_with(g[0], sum, NULL) : NULL;
    gx[0] = left ? fac_mul_with(left, y) : NULL;
    return gx[0] ? FAC_OK : fac_pending();
}

/* g - exp(y) sum(g) */
static fac_status grad_log_softmax(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *y = fac_node_out(node, 0), *p = y ? fac_exp(y) : NULL;
    fac_tensor *sum = p ? sum_along(g[0], ((const softmax_args *)fac_node_args(node))->dim) : NULL;
    fac_tensor *part = sum ? fac_mul_with(p, sum) : NULL;
    gx[0] = part ? fac_sub_with(g[0], part, NULL) : NULL;
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_softmax = {FAC_HEAD_softmax, .n_out = 1, .flags = FAC_FLAGS_softmax, .saves = FAC_SAVE_OUT(0),
                               .infer = infer,   .run = run, .grad = grad_softmax,       .kernel_index = PLAIN};
const fac_op fac_op_log_softmax = {FAC_HEAD_log_softmax,     .n_out = 1,         .flags = FAC_FLAGS_log_softmax,
                                   .saves = FAC_SAVE_OUT(0), .infer = infer,     .run = run,
                                   .grad = grad_log_softmax, .kernel_index = LOG};

static fac_status infer_logsumexp(const fac_call *call, fac_meta *out)
{
    const fac_logsumexp_args *args = call->args;
    const fac_meta *in = &call->in[0]->m;
    fac_reduced reduced;
    FAC_TRY(fac_reduced_from(&reduced, "logsumexp", in->ndim, args->dim));
    fac_reduced_shape(out, in, &reduced, args->keepdim);
    out->dtype = (uint8_t)(fac_is_float(in->dtype) ? in->dtype : (int)fac_get_default_dtype());
    return FAC_OK;
}

/* log(sum(exp(x - max))) + max; an infinite max is not taken off. x is changed. */
static void logsumexp_row(int64_t n, void *x, int dtype, void *out)
{
    double most = 0; /* or a float */
    slab s = {.m = n, .n = 1, .dtype = dtype, .size = fac_dtype_sizes[dtype], .row = &most};
    if (n)
        greatest_to_row(&s, x);
    double greatest = n ? fac_load_double(&most, dtype) : 0;
    if (isinf(greatest))
        fac_store_double(&most, dtype, greatest = 0);
    with_columns(&s, FAC_EW_sub, x, x);
    each(&s, FAC_EW_exp, x, x);
    sums_to_row(&s, x);
    fac_store_double(out, dtype, log(fac_load_double(&most, dtype)) + greatest);
}

static fac_status run_logsumexp(const fac_call *call, fac_tensor **out)
{
    const fac_tensor *x = call->in[0];
    const int dtype = out[0]->m.dtype;
    const int64_t size = fac_dtype_sizes[dtype];
    fac_reduced reduced;
    FAC_TRY(fac_reduced_from(&reduced, "logsumexp", x->m.ndim, ((const fac_logsumexp_args *)call->args)->dim));
    const int64_t n = fac_reduced_count(x->m.ndim, x->m.shape, &reduced);
    fac_tensor *rows = fac_rows_copy(x, &reduced, (fac_dtype)dtype);
    if (!rows)
        return fac_pending();
    for (int64_t i = 0; i < out[0]->m.numel; i++)
        logsumexp_row(n, (char *)rows->data + i * n * size, dtype, (char *)out[0]->data + i * size);
    fac_tensor_drop(rows);
    return FAC_OK;
}

/* g exp(x - y) */
static fac_status grad_logsumexp(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_shape input;
    fac_reduced reduced;
    FAC_TRY(fac_node_reduced(node, ((const fac_logsumexp_args *)fac_node_args(node))->dim, &input, &reduced));
    fac_tensor *x = fac_node_in(node, 0), *y = fac_node_out(node, 0);
    if (!x || !y || !(y = fac_restore_dims(y, &input, &reduced)))
        return fac_pending();
    fac_tensor *left = fac_sub_with(x, y, NULL), *p = left ? fac_exp(left) : NULL;
    fac_tensor *grad = fac_restore_dims(g[0], &input, &reduced);
    gx[0] = p && grad ? fac_mul_with(grad, p) : NULL;
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_logsumexp = {FAC_HEAD_logsumexp,           .n_out = 1,
                                 .flags = FAC_FLAGS_logsumexp, .saves = FAC_SAVE_IN(0) | FAC_SAVE_OUT(0),
                                 .infer = infer_logsumexp,     .run = run_logsumexp,
                                 .grad = grad_logsumexp};
