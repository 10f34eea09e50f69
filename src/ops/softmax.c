/* SPDX-License-Identifier: MIT */
/* softmax, log_softmax, logsumexp: the greatest element is taken off first, so that exp cannot overflow. */
#include <math.h>

#include "base/parallel.h"
#include "ops/reduce.h"
#include "tensor/elementwise.h"

enum { PLAIN, LOG }; /* kernel_index */
typedef fac_softmax_args softmax_args;
_Static_assert(sizeof(fac_log_softmax_args) == sizeof(softmax_args),
               "softmax and log_softmax differ in their arguments");

static const fac_sub_args once = {.size_ = sizeof once, .alpha = 1};

/* Slabs one after the other, each of m rows of n columns, contiguous. */
typedef struct {
    int64_t slabs, m, n;
    int dtype;
    int64_t size; /* of an element */
} block;

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

/* to = kernel(from), n elements. */
static void each(const block *b, int kernel, int64_t n, void *to, const void *from)
{
    char *p[] = {to, (char *)(uintptr_t)from};
    const int64_t steps[] = {b->size, b->size};
    fac_ew->forward[kernel][b->dtype](n, p, steps, NULL);
}

/* to = kernel(from, number of the column), for one slab. */
static void with_columns(const block *b, int kernel, void *to, const void *from, const void *numbers)
{
    const int64_t steps[] = {b->size, b->size, b->n == 1 ? 0 : b->size};
    const int64_t calls = b->n == 1 ? 1 : b->m, length = b->n == 1 ? b->m : b->n;
    for (int64_t i = 0; i < calls; i++) {
        const int64_t skip = i * b->n * b->size;
        char *p[] = {(char *)to + skip, (char *)(uintptr_t)from + skip, (char *)(uintptr_t)numbers};
        fac_ew->forward[kernel][b->dtype](length, p, steps, &once);
    }
}

/* The greatest of each column of a slab. */
static void greatest_of(const block *b, const void *x, void *out)
{
    if (b->dtype == FAC_FLOAT32 && b->n == 1)
        *(float *)out = fac_k->max_f32(b->m, x, 1, NULL);
    else if (b->dtype == FAC_FLOAT32)
        fac_k->max_rows_f32(b->m, b->n, x, b->n, out, NULL);
    else if (b->n == 1)
        *(double *)out = fac_k->max_f64(b->m, x, 1, NULL);
    else
        fac_k->max_rows_f64(b->m, b->n, x, b->n, out, NULL);
}

static void sums_of(const block *b, const void *x, void *out)
{
    if (b->dtype == FAC_FLOAT32 && b->n == 1)
        *(float *)out = fac_k->sum_f32(b->m, x, 1);
    else if (b->dtype == FAC_FLOAT32)
        fac_k->sum_rows_f32(b->m, b->n, x, b->n, out, false);
    else if (b->n == 1)
        *(double *)out = fac_k->sum_f64(b->m, x, 1);
    else
        fac_k->sum_rows_f64(b->m, b->n, x, b->n, out, false);
}

/* exp(x - max), of a slab whose columns have those numbers. */
static void exponentials(const block *b, void *to, const void *from, const void *greatest)
{
    if (b->n > 1) {
        with_columns(b, FAC_EW_sub, to, from, greatest);
        each(b, FAC_EW_exp, b->m * b->n, to, to);
    } else if (b->dtype == FAC_FLOAT32) {
        fac_k->exp_minus_f32(b->m, to, from, *(const float *)greatest);
    } else {
        fac_k->exp_minus_f64(b->m, to, from, *(const double *)greatest);
    }
}

/* A slab's exponentials by their sum. */
static void shares_of(const block *b, void *to, const void *sums)
{
    if (b->n > 1)
        with_columns(b, FAC_EW_div, to, to, sums);
    else if (b->dtype == FAC_FLOAT32)
        fac_k->share_f32(b->m, to, to, *(const float *)sums);
    else
        fac_k->share_f64(b->m, to, to, *(const double *)sums);
}

/* exp(x - max) / sum, or x - max - log(sum); numbers: room for two a column. */
static void softmax_block(const block *b, int kind, const char *x, char *y, char *numbers)
{
    const int64_t slab = b->m * b->n * b->size, row = b->n * b->size;
    char *greatest = numbers, *sums = numbers + b->slabs * row;
    for (int64_t i = 0; i < b->slabs; i++) {
        greatest_of(b, x + i * slab, greatest + i * row);
        exponentials(b, y + i * slab, x + i * slab, greatest + i * row);
        sums_of(b, y + i * slab, sums + i * row);
    }
    if (kind == LOG)
        each(b, FAC_EW_log, b->slabs * b->n, sums, sums);
    for (int64_t i = 0; i < b->slabs; i++) {
        char *to = y + i * slab;
        if (kind == PLAIN) {
            shares_of(b, to, sums + i * row);
            continue;
        }
        with_columns(b, FAC_EW_sub, to, x + i * slab, greatest + i * row);
        with_columns(b, FAC_EW_sub, to, to, sums + i * row);
    }
}

enum { FEW_COLUMNS = 128, BLOCK_ELEMENTS = 2048 };

/* As many slabs at once as stay in the cache and have room for their numbers. */
static int64_t slabs_at_once(const block *b, int64_t outer)
{
    int64_t slabs = BLOCK_ELEMENTS / (b->m * b->n), most = FEW_COLUMNS / b->n;
    slabs = slabs > most ? most : slabs;
    return slabs > outer ? outer : slabs < 1 ? 1 : slabs;
}

enum { STEPS_AN_ELEMENT = 16 /* as fac_parallel_width counts */ };

/* What threads share: `share` of `outer` slabs. */
typedef struct slabs {
    const block *b;
    int kind;
    int64_t outer, share;
    const char *x;
    char *y, *numbers; /* numbers: room, or NULL where it is small */
} slabs;

static void softmax_share(void *ctx, int64_t share)
{
    double few[2 * FEW_COLUMNS];
    const slabs *s = ctx;
    block b = *s->b;
    const int64_t slab = b.m * b.n * b.size, at_once = slabs_at_once(&b, s->outer), from = share * s->share;
    const int64_t to = from + s->share < s->outer ? from + s->share : s->outer;
    for (int64_t i = from; i < to; i += at_once) {
        b.slabs = to - i < at_once ? to - i : at_once;
        softmax_block(&b, s->kind, s->x + i * slab, s->y + i * slab, s->numbers ? s->numbers : (char *)few);
    }
}

static fac_status softmax_all(int kind, int dim, const fac_tensor *x, fac_tensor *y)
{
    const fac_meta *m = &x->m;
    block b = {.m = m->ndim ? m->shape[dim] : 1, .n = 1, .dtype = m->dtype, .size = fac_dtype_sizes[m->dtype]};
    for (int d = dim + 1; d < m->ndim; d++)
        b.n *= m->shape[d];
    const fac_meta room = {.ndim = 1, .shape = {2 * b.n}, .stride = {1}, .numel = 2 * b.n, .dtype = m->dtype};
    fac_tensor *many = b.n > FEW_COLUMNS ? fac_tensor_new(&room) : NULL;
    if (b.n > FEW_COLUMNS && !many)
        return fac_pending();
    slabs s = {&b, kind, m->numel / (b.m * b.n), 0, x->data, y->data, many ? many->data : NULL};
    const int width = many ? 1 : fac_parallel_width(m->numel * STEPS_AN_ELEMENT);
    s.share = (s.outer + width - 1) / width;
    fac_parallel((s.outer + s.share - 1) / s.share, softmax_share, &s);
    fac_tensor_drop(many);
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
    double number = 0; /* or a float */
    const block b = {.slabs = 1, .m = n, .n = 1, .dtype = dtype, .size = fac_dtype_sizes[dtype]};
    if (n)
        greatest_of(&b, x, &number);
    double greatest = fac_load_double(&number, dtype);
    if (isinf(greatest))
        fac_store_double(&number, dtype, greatest = 0);
    with_columns(&b, FAC_EW_sub, x, x, &number);
    each(&b, FAC_EW_exp, n, x, x);
    sums_of(&b, x, &number);
    fac_store_double(out, dtype, log(fac_load_double(&number, dtype)) + greatest);
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
