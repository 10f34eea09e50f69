/* SPDX-License-Identifier: MIT */
/* sum, mean, sum_to_shape, all, any. */
#include <string.h>

#include "base/parallel.h"
#include "ops/reduce.h"
#include "tensor/elementwise.h"

#define EACH_DTYPE(dtype, DO)      \
    switch (dtype) {               \
    case FAC_FLOAT32:              \
        DO(float, float, f32);     \
    case FAC_FLOAT64:              \
        DO(double, double, f64);   \
    case FAC_INT64:                \
        DO(int64_t, int64_t, i64); \
    case FAC_INT32:                \
        DO(int32_t, int64_t, i32); \
    default:                       \
        DO(uint8_t, int64_t, u8);  \
    }

/* What threads share: a row's parts, a slab's columns, or slabs. A sum's order depends on the shape alone. */
typedef struct sums {
    const fac_slabs *s;
    int dtype;
    int64_t size, out_size; /* of an element and of a sum: floats as they are, integers as int64 */
    int64_t share;
    char *out;
    double *lanes;
} sums;
enum { STEPS_AN_ELEMENT = 8 /* as fac_parallel_width counts */, MAX_PARTS = 64, SOME_COLUMNS = 64, LONG = 32768 };

static int64_t end_of(const sums *w, int64_t piece, int64_t n)
{
    return (piece + 1) * w->share < n ? (piece + 1) * w->share : n;
}

static void sum_part(void *ctx, int64_t piece)
{
    const sums *w = ctx;
    const fac_slabs *s = w->s;
    const int64_t from = piece * w->share, n = end_of(w, piece, s->count) - from;
    const void *x = s->at + from * s->step * w->size;
    if (w->dtype == FAC_FLOAT32)
        fac_k->sum_part_f32(n, x, s->step, (float *)w->lanes + piece * FAC_SUM_LANES);
    else
        fac_k->sum_part_f64(n, x, s->step, w->lanes + piece * FAC_SUM_LANES);
}

/* A long row of floats, part by part. */
static void sum_parts(sums *w)
{
    double lanes[MAX_PARTS * FAC_SUM_LANES];
    w->lanes = lanes;
    w->share = FAC_SUM_PART;
    while (w->share * MAX_PARTS < w->s->count)
        w->share *= 2;
    const int64_t parts = (w->s->count + w->share - 1) / w->share;
    fac_parallel(parts, sum_part, w);
    if (w->dtype == FAC_FLOAT32)
        *(float *)(void *)w->out = fac_k->sum_of_parts_f32(parts, (const float *)lanes);
    else
        *(double *)(void *)w->out = fac_k->sum_of_parts_f64(parts, lanes);
}

static void sum_row(int dtype, const fac_slabs *s, void *out)
{
#define ROW(T, A, suffix)                                                               \
    *(A *)out = fac_k->sum_##suffix(s->count, (const T *)(const void *)s->at, s->step); \
    break
    EACH_DTYPE(dtype, ROW)
}

static void sum_columns(void *ctx, int64_t piece)
{
    const sums *w = ctx;
    const fac_slabs *s = w->s;
    const int64_t from = piece * w->share, n = end_of(w, piece, s->inner) - from;
#define COLUMNS(T, A, suffix)                                                                                         \
    fac_k->sum_rows_##suffix(s->count, n, (const T *)(const void *)s->at + from, s->step, (A *)(void *)w->out + from, \
                             false);                                                                                  \
    break
    EACH_DTYPE(w->dtype, COLUMNS)
}

/* One slab's columns summed into `out`. */
static void sum_slab(const sums *of, const fac_slabs *s, char *out)
{
    const int64_t n = s->count * s->inner;
    const int width = n < LONG ? 1 : fac_parallel_width(n * STEPS_AN_ELEMENT);
    if (s->inner == 1 && (width == 1 || !fac_is_float(of->dtype))) {
        sum_row(of->dtype, s, out);
        return;
    }
    sums w = *of;
    w.s = s, w.out = out;
    w.share = width == 1 ? s->inner : (s->inner / width / SOME_COLUMNS + 1) * SOME_COLUMNS;
    if (s->inner == 1)
        sum_parts(&w);
    else if (width == 1)
        sum_columns(&w, 0);
    else
        fac_parallel((s->inner + w.share - 1) / w.share, sum_columns, &w);
}

static void sum_slabs(void *ctx, int64_t piece)
{
    const sums *w = ctx;
    fac_slabs s = *w->s;
    const int64_t end = end_of(w, piece, s.outer);
    int64_t i = piece * w->share;
    s.at += i * s.stride[0];
    for (; i < end; i++, s.at += s.stride[0])
        sum_slab(w, &s, w->out + i * s.inner * w->out_size);
}

/* All slabs; s is walked to their end. */
static void sum_all(sums *w, fac_slabs *s)
{
    const int64_t n = s->outer * s->count * s->inner;
    const int width = n < LONG || s->ndim != 1 || s->outer == 1 ? 1 : fac_parallel_width(n * STEPS_AN_ELEMENT);
    if (width == 1) {
        for (int64_t i = 0; i < s->outer; i++, fac_slabs_next(s))
            sum_slab(w, s, w->out + i * s->inner * w->out_size);
        return;
    }
    w->share = (s->outer + width - 1) / width;
    fac_parallel((s->outer + w->share - 1) / w->share, sum_slabs, w);
}

static sums sums_of(const fac_slabs *s, int dtype, void *out)
{
    const int64_t size = fac_dtype_sizes[dtype];
    return (sums){.s = s,
                  .dtype = dtype,
                  .size = size,
                  .out_size = fac_is_float(dtype) ? size : (int64_t)sizeof(int64_t),
                  .out = out};
}

static fac_status sum_into(fac_tensor *input, const fac_reduced *reduced, fac_dtype dtype, void *out)
{
    fac_slabs s;
    FAC_TRY(fac_slabs_open(&s, input, reduced, dtype));
    sums w = sums_of(&s, (int)dtype, out);
    sum_all(&w, &s);
    fac_slabs_close(&s);
    return FAC_OK;
}

/* A sum of elements that were cast to an integer type other than int64 first: in int64, wrapped at the end. */
static fac_status sum_narrow(fac_tensor *input, const fac_reduced *reduced, fac_tensor *out)
{
    fac_meta wide = out->m;
    wide.dtype = FAC_INT64;
    fac_tensor *sum = fac_tensor_new(&wide);
    if (!sum)
        return fac_pending();
    fac_status status = sum_into(input, reduced, (fac_dtype)out->m.dtype, sum->data);
    if (!status)
        status = fac_copy_cast(out, sum);
    fac_tensor_drop(sum);
    return status;
}

static fac_status sum_to_tensor(fac_tensor *input, const fac_reduced *reduced, fac_tensor *out)
{
    const int from = input->m.dtype, to = out->m.dtype;
    if (from == to && (from == FAC_FLOAT32 || from == FAC_FLOAT64) && input->m.contiguous && out->m.numel == 1) {
        fac_slabs whole = {.count = input->m.numel, .inner = 1, .step = 1, .at = input->data};
        const sums w = sums_of(&whole, to, out->data);
        sum_slab(&w, &whole, out->data);
        return FAC_OK;
    }
    if (!fac_is_float(to) && to != FAC_INT64)
        return sum_narrow(input, reduced, out);
    const bool in_own_type = to == FAC_INT64 && !fac_is_float(from);
    return sum_into(input, reduced, (fac_dtype)(in_own_type ? from : to), out->data);
}

typedef fac_sum_args sum_args; /* mean's too */
_Static_assert(sizeof(fac_mean_args) == sizeof(sum_args) &&
                   offsetof(fac_mean_args, dtype) == offsetof(sum_args, dtype) &&
                   offsetof(fac_mean_args, dim) == offsetof(sum_args, dim),
               "sum and mean differ in their arguments");

static fac_status infer_shape(const fac_call *call, fac_dims dims, bool keepdim, fac_meta *out)
{
    fac_reduced reduced;
    const fac_meta *in = &call->in[0]->m;
    FAC_TRY(fac_reduced_from(&reduced, call->op->name, in->ndim, dims));
    fac_reduced_shape(out, in, &reduced, keepdim);
    return FAC_OK;
}

static fac_status infer_sum(const fac_call *call, fac_meta *out)
{
    const sum_args *args = call->args;
    const int in = call->in[0]->m.dtype;
    out->dtype = (uint8_t)(args->dtype ? (int)args->dtype : fac_is_float(in) ? in : FAC_INT64);
    return infer_shape(call, args->dim, args->keepdim, out);
}

static fac_status run_sum(const fac_call *call, fac_tensor **out)
{
    fac_reduced reduced;
    FAC_TRY(fac_reduced_from(&reduced, "sum", call->in[0]->m.ndim, ((const sum_args *)call->args)->dim));
    return sum_to_tensor(call->in[0], &reduced, out[0]);
}

static fac_status grad_sum(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_shape input;
    fac_reduced reduced;
    FAC_TRY(fac_node_reduced(node, ((const sum_args *)fac_node_args(node))->dim, &input, &reduced));
    gx[0] = fac_expand_over(g[0], &input, &reduced);
    return gx[0] ? FAC_OK : fac_pending();
}

static const char *sum_grad_name(const fac_node *node)
{
    return ((const sum_args *)fac_node_args(node))->dim == FAC_NONE ? "SumBackward0" : "SumBackward1";
}

const fac_op fac_op_sum = {FAC_HEAD_sum,   .n_out = 1,       .flags = FAC_FLAGS_sum,       .infer = infer_sum,
                           .run = run_sum, .grad = grad_sum, .grad_name_of = sum_grad_name};

static fac_status infer_mean(const fac_call *call, fac_meta *out)
{
    const sum_args *args = call->args;
    const int dtype = args->dtype ? (int)args->dtype : call->in[0]->m.dtype;
    if (!fac_is_float(dtype))
        return fac_fail(FAC_ERR_TYPE,
                        "mean: could not infer output dtype. %s dtype must be either a floating point or complex "
                        "dtype. Got: %s",
                        args->dtype ? "Optional" : "Input", fac_dtype_name((fac_dtype)dtype));
    out->dtype = (uint8_t)dtype;
    return infer_shape(call, args->dim, args->keepdim, out);
}

static fac_status run_mean(const fac_call *call, fac_tensor **out)
{
    const fac_meta *in = &call->in[0]->m;
    const int dtype = out[0]->m.dtype;
    fac_reduced reduced;
    FAC_TRY(fac_reduced_from(&reduced, "mean", in->ndim, ((const sum_args *)call->args)->dim));
    FAC_TRY(sum_to_tensor(call->in[0], &reduced, out[0]));
    double count; /* or a float */
    fac_store_double(&count, dtype, (double)fac_reduced_count(in->ndim, in->shape, &reduced));
    char *p[] = {out[0]->data, out[0]->data, (char *)&count};
    const int64_t s[] = {fac_dtype_sizes[dtype], fac_dtype_sizes[dtype], 0};
    fac_ew->forward[FAC_EW_div][dtype](out[0]->m.numel, p, s, NULL);
    return FAC_OK;
}

static fac_status grad_mean(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_shape input;
    fac_reduced reduced;
    FAC_TRY(fac_node_reduced(node, ((const sum_args *)fac_node_args(node))->dim, &input, &reduced));
    const int64_t count = fac_reduced_count(input.ndim, input.sizes, &reduced);
    fac_tensor *each = fac_div_with(g[0], fac_number(count ? (double)count : 1));
    gx[0] = each ? fac_expand_over(each, &input, &reduced) : NULL;
    return gx[0] ? FAC_OK : fac_pending();
}

static const char *mean_grad_name(const fac_node *node)
{
    return ((const sum_args *)fac_node_args(node))->dim == FAC_NONE ? "MeanBackward0" : "MeanBackward1";
}

const fac_op fac_op_mean = {FAC_HEAD_mean,   .n_out = 1,        .flags = FAC_FLAGS_mean,       .infer = infer_mean,
                            .run = run_mean, .grad = grad_mean, .grad_name_of = mean_grad_name};

/* The dims of in that were broadcast from shape: those in front of it, and its dims of size 1. */
static void broadcast_dims(const fac_meta *in, fac_list shape, fac_reduced *reduced)
{
    const int64_t lead = in->ndim - shape->count;
    for (int d = 0; d < FAC_MAX_DIMS; d++)
        reduced->dim[d] = d < in->ndim && (d < lead || (shape->values[d - lead] == 1 && in->shape[d] != 1));
}

static fac_status infer_sum_to(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    fac_list shape = ((const fac_sum_to_shape_args *)call->args)->shape;
    fac_reduced reduced;
    bool fits = shape->count <= in->ndim;
    if (fits)
        broadcast_dims(in, shape, &reduced);
    for (int64_t d = 0; fits && d < shape->count; d++)
        fits = shape->values[d] == 1 || shape->values[d] == in->shape[in->ndim - shape->count + d];
    if (!fits)
        return fac_fail(FAC_ERR_VALUE, "sum_to_shape: %s was not broadcast from %s", fac_shape_text(in),
                        fac_list_text(shape->count, shape->values));
    return fac_meta_init(out, in->dtype, (int)shape->count, shape->values, "sum_to_shape");
}

static fac_status run_sum_to(const fac_call *call, fac_tensor **out)
{
    fac_reduced reduced;
    broadcast_dims(&call->in[0]->m, ((const fac_sum_to_shape_args *)call->args)->shape, &reduced);
    return sum_to_tensor(call->in[0], &reduced, out[0]);
}

static fac_status grad_sum_to(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_shape input;
    fac_node_in_shape(node, 0, &input);
    gx[0] = fac_expand_to(g[0], &input);
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_sum_to_shape = {FAC_HEAD_sum_to_shape, .n_out = 1,        .flags = FAC_FLAGS_sum_to_shape,
                                    .infer = infer_sum_to, .run = run_sum_to, .grad = grad_sum_to};

enum { ALL, ANY }; /* kernel_index */

/* uint8 stays uint8, as in PyTorch. */
static fac_status infer_test(const fac_call *call, fac_meta *out)
{
    const fac_all_args *args = call->args;
    out->dtype = call->in[0]->m.dtype == FAC_UINT8 ? FAC_UINT8 : FAC_BOOL;
    return infer_shape(call, args->dim, args->keepdim, out);
}

static void test_slab(int kind, const fac_slabs *s, uint8_t *out)
{
    const uint8_t *x = (const uint8_t *)s->at;
    if (s->count == 0)
        memset(out, kind == ALL, (size_t)s->inner);
    else if (s->inner == 1)
        *out = (kind == ALL ? fac_k->min_u8 : fac_k->max_u8)(s->count, x, s->step, NULL);
    else
        (kind == ALL ? fac_k->min_rows_u8 : fac_k->max_rows_u8)(s->count, s->inner, x, s->step, out, NULL);
}

static fac_status run_test(const fac_call *call, fac_tensor **out)
{
    fac_reduced reduced;
    fac_slabs s;
    fac_tensor *x = call->in[0];
    FAC_TRY(fac_reduced_from(&reduced, call->op->name, x->m.ndim, ((const fac_all_args *)call->args)->dim));
    FAC_TRY(fac_slabs_open(&s, x, &reduced, FAC_BOOL));
    for (int64_t i = 0; i < s.outer; i++, fac_slabs_next(&s))
        test_slab(call->op->kernel_index, &s, (uint8_t *)out[0]->data + i * s.inner);
    fac_slabs_close(&s);
    return FAC_OK;
}

_Static_assert(sizeof(fac_any_args) == sizeof(fac_all_args), "all and any differ in their arguments");
const fac_op fac_op_all = {FAC_HEAD_all,        .n_out = 1,      .flags = FAC_FLAGS_all,
                           .infer = infer_test, .run = run_test, .kernel_index = ALL};
const fac_op fac_op_any = {FAC_HEAD_any,        .n_out = 1,      .flags = FAC_FLAGS_any,
                           .infer = infer_test, .run = run_test, .kernel_index = ANY};
