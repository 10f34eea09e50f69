/* SPDX-License-Identifier: MIT */
/* Elements by a tensor of indices along one dim: gather, index_select, scatter_add, index_add. Each pair is the other's
 * derivative. Every index is checked before anything is written. */
#include <string.h>

#include "ops/views.h"
#include "tensor/iterate.h"

/* A 0-d tensor counts as a vector of one element. */
static void as_vector(fac_meta *meta)
{
    if (meta->ndim)
        return;
    meta->ndim = 1;
    meta->shape[0] = meta->stride[0] = 1;
}

static fac_meta vector_meta(const fac_tensor *t)
{
    fac_meta meta = t->m;
    as_vector(&meta);
    return meta;
}

static fac_status check_index(const fac_call *call, const char *what)
{
    const fac_tensor *index = call->in[1];
    if (!index)
        return fac_fail(FAC_ERR_TYPE, "%s: index is None", call->op->name);
    if (index->m.dtype != FAC_INT64 && index->m.dtype != FAC_INT32)
        return fac_fail(FAC_ERR_TYPE, "%s: expected dtype int32 or int64 for index, got %s", call->op->name,
                        fac_dtype_name((fac_dtype)index->m.dtype));
    if (call->n_in > 2 && !call->in[2])
        return fac_fail(FAC_ERR_TYPE, "%s: %s is None", call->op->name, what);
    if (call->n_in > 2 && call->in[2]->m.dtype != call->in[0]->m.dtype)
        return fac_fail(FAC_ERR_TYPE, "%s: expected input and %s to have the same dtype, got %s and %s", call->op->name,
                        what, fac_dtype_name((fac_dtype)call->in[0]->m.dtype),
                        fac_dtype_name((fac_dtype)call->in[2]->m.dtype));
    return FAC_OK;
}

static void same_as(const fac_meta *in, fac_meta *out)
{
    fac_view_begin(out, in);
    out->offset = 0;
    fac_meta_pack(out);
}

/* The first index out of range. */
typedef struct {
    int64_t size, *bad;
} range_check;

static void check_run(int64_t n, char *const *p, const int64_t *s, const void *ctx)
{
    const range_check *check = ctx;
    for (int64_t i = 0; i < n; i++) {
        int64_t at = *(const int64_t *)(const void *)(p[0] + i * s[0]);
        if (__builtin_expect((uint64_t)at >= (uint64_t)check->size, 0) && (uint64_t)*check->bad < (uint64_t)check->size)
            *check->bad = at;
    }
}

/* The index as int64, checked, with a reference. */
static fac_tensor *take_index(const fac_call *call, int dim, int64_t size)
{
    fac_tensor *index = fac_kernel_cast(call->in[1], FAC_INT64);
    if (!index || !index->m.numel)
        return index;
    int64_t bad = size ? 0 : *(const int64_t *)index->data;
    fac_iter iter;
    fac_iter_begin(&iter, &index->m);
    fac_iter_add(&iter, index->data, &index->m);
    if (size)
        fac_iter_run(&iter, check_run, &(range_check){size, &bad});
    if ((uint64_t)bad < (uint64_t)size)
        return index;
    fac_fail(FAC_ERR_INDEX, "%s: index %lld is out of bounds for dimension %d with size %lld", call->op->name,
             (long long)bad, dim, (long long)size);
    fac_free_handle(index);
    return NULL;
}

/* Operands: the elements, their indices, the tensor the indices step through (`step` bytes each). */
#define GATHER(type, name)                                                                                   \
    static void name(int64_t n, char *const *p, const int64_t *s, const void *ctx)                           \
    {                                                                                                        \
        const int64_t step = *(const int64_t *)ctx;                                                          \
        for (int64_t i = 0; i < n; i++) {                                                                    \
            int64_t at = *(const int64_t *)(const void *)(p[1] + i * s[1]);                                  \
            *(type *)(void *)(p[0] + i * s[0]) = *(const type *)(const void *)(p[2] + i * s[2] + at * step); \
        }                                                                                                    \
    }
GATHER(uint8_t, gather_1)
GATHER(uint32_t, gather_4)
GATHER(uint64_t, gather_8)

#define SCATTER(type, name, sum)                                                   \
    static void name(int64_t n, char *const *p, const int64_t *s, const void *ctx) \
    {                                                                              \
        const int64_t step = *(const int64_t *)ctx;                                \
        for (int64_t i = 0; i < n; i++) {                                          \
            int64_t at = *(const int64_t *)(const void *)(p[1] + i * s[1]);        \
            type *to = (type *)(void *)(p[2] + i * s[2] + at * step),              \
                 x = *(const type *)(const void *)(p[0] + i * s[0]);               \
            *to = sum;                                                             \
        }                                                                          \
    }
SCATTER(float, scatter_f32, *to + x)
SCATTER(double, scatter_f64, *to + x)
SCATTER(int64_t, scatter_i64, (int64_t)((uint64_t)*to + (uint64_t)x))
SCATTER(int32_t, scatter_i32, (int32_t)((uint32_t)*to + (uint32_t)x))
SCATTER(uint8_t, scatter_u8, (uint8_t)(*to + x))
SCATTER(uint8_t, scatter_bool, (uint8_t)(*to | x))

static fac_inner_fn *const gathers[] = {[1] = gather_1, [4] = gather_4, [8] = gather_8};
static fac_inner_fn *const scatters[FAC_DTYPES] = {
    [FAC_FLOAT32] = scatter_f32, [FAC_FLOAT64] = scatter_f64, [FAC_INT64] = scatter_i64,
    [FAC_INT32] = scatter_i32,   [FAC_UINT8] = scatter_u8,    [FAC_BOOL] = scatter_bool};

/* Walks the positions of `shape`: `flat` at each of them, and `deep` where the index says along dim. */
typedef struct {
    const fac_meta *shape;
    const fac_tensor *flat, *index, *deep;
    int dim;
} index_walk;

static void run_walk(const index_walk *w, const fac_meta *index, fac_inner_fn *fn)
{
    const fac_meta shape = *w->shape;
    fac_meta flat = vector_meta(w->flat), deep = vector_meta(w->deep), at = *index;
    int64_t step = deep.stride[w->dim] * fac_dtype_sizes[deep.dtype];
    deep.stride[w->dim] = 0;
    for (int d = 0; d < shape.ndim; d++)
        flat.shape[d] = deep.shape[d] = at.shape[d] = shape.shape[d];
    fac_iter iter;
    fac_iter_begin(&iter, &shape);
    fac_iter_add(&iter, w->flat->data, &flat);
    fac_iter_add(&iter, w->index->data, &at);
    fac_iter_add(&iter, w->deep->data, &deep);
    fac_iter_run(&iter, fn, &step);
}

/* An index of the walk's shape. */
static void walk_full(index_walk w, fac_inner_fn *fn)
{
    const fac_meta index = vector_meta(w.index);
    w.shape = &index;
    run_walk(&w, &index, fn);
}

/* A vector of indices along dim, the same at all other positions. */
static void walk_vector(index_walk w, fac_inner_fn *fn)
{
    const fac_meta shape = vector_meta(w.flat), vector = vector_meta(w.index);
    fac_meta index = {.dtype = FAC_INT64, .ndim = shape.ndim};
    index.stride[w.dim] = vector.stride[0];
    w.shape = &shape;
    run_walk(&w, &index, fn);
}

/* gather and scatter_add: index (and src) have as many dims as input, and reach over none of its sizes but dim's. */
static fac_status check_reach(const fac_call *call, int dim, const fac_tensor *over, const char *what, bool all)
{
    const fac_meta index = vector_meta(call->in[1]), meta = vector_meta(over);
    bool fits = index.ndim == meta.ndim;
    for (int d = 0; fits && d < index.ndim; d++)
        fits = index.shape[d] <= meta.shape[d] || (d == dim && !all);
    if (fits)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE,
                    "%s: expected index of shape %s to have the dimensions of %s of shape %s and to be no larger%s",
                    call->op->name, fac_shape_text(&call->in[1]->m), what, fac_shape_text(&over->m),
                    all ? "" : " apart from the dimension gathered");
}

static fac_status infer_gather(const fac_call *call, fac_meta *out)
{
    int dim;
    FAC_TRY(check_index(call, ""));
    FAC_TRY(fac_wrap_dim(((const fac_gather_args *)call->args)->dim, call->in[0]->m.ndim, &dim, "gather"));
    if (call->in[1]->m.numel) /* an empty index fits anywhere */
        FAC_TRY(check_reach(call, dim, call->in[0], "input", false));
    same_as(&call->in[1]->m, out);
    out->dtype = call->in[0]->m.dtype;
    return FAC_OK;
}

static fac_status run_gather(const fac_call *call, fac_tensor **out)
{
    int dim;
    fac_tensor *x = call->in[0];
    FAC_TRY(fac_wrap_dim(((const fac_gather_args *)call->args)->dim, x->m.ndim, &dim, "gather"));
    fac_tensor *index = take_index(call, dim, vector_meta(x).shape[dim]);
    if (!index)
        return fac_pending();
    if (index->m.numel)
        walk_full((index_walk){.flat = out[0], .index = index, .deep = x, .dim = dim},
                  gathers[fac_dtype_sizes[x->m.dtype]]);
    fac_free_handle(index);
    return FAC_OK;
}

static fac_tensor *zeros_of(const fac_node *node, uint32_t i)
{
    fac_shape shape;
    fac_node_in_shape(node, i, &shape);
    const fac_ints sizes = fac_shape_list(&shape);
    return fac_zeros(.size = &sizes, .dtype = (fac_dtype)shape.dtype);
}

static fac_status grad_gather(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    int64_t dim = ((const fac_gather_args *)fac_node_args(node))->dim;
    fac_tensor *index = fac_node_in(node, 1), *zeros = zeros_of(node, 0);
    if (!index || !zeros)
        return fac_pending();
    gx[0] = fac_scatter_add_with(zeros, &(fac_scatter_add_args){sizeof(fac_scatter_add_args), dim, index, g[0]});
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_gather = {
    FAC_HEAD_gather,       .n_out = 1,        .flags = FAC_FLAGS_gather, .saves = FAC_SAVE_IN(1),
    .infer = infer_gather, .run = run_gather, .grad = grad_gather};

static fac_status check_vector(const fac_call *call)
{
    const fac_tensor *index = call->in[1];
    if (index->m.ndim > 1)
        return fac_fail(FAC_ERR_INDEX, "%s: index is supposed to be a vector, got shape %s", call->op->name,
                        fac_shape_text(&index->m));
    if (!call->in[0]->m.ndim && index->m.numel != 1)
        return fac_fail(FAC_ERR_VALUE, "%s: index to a 0-d tensor can have only 1 value, got %lld", call->op->name,
                        (long long)index->m.numel);
    return FAC_OK;
}

static fac_status infer_index_select(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    int64_t shape[FAC_MAX_DIMS];
    int dim;
    FAC_TRY(check_index(call, ""));
    FAC_TRY(fac_wrap_dim(((const fac_index_select_args *)call->args)->dim, in->ndim, &dim, "index_select"));
    FAC_TRY(check_vector(call));
    for (int d = 0; d < in->ndim; d++)
        shape[d] = d == dim ? call->in[1]->m.numel : in->shape[d];
    return fac_meta_init(out, in->dtype, in->ndim, shape, "index_select");
}

/* x is (outer, size, rows of so many bytes), to is (outer, n, rows). */
typedef struct {
    int64_t outer, size, n, step;
    const int64_t *indices;
} row_copy;

static inline void copy_rows_of(const row_copy *c, char *to, const char *x, size_t row)
{
    for (int64_t o = 0; o < c->outer; o++, x += (size_t)c->size * row)
        for (int64_t i = 0; i < c->n; i++, to += row)
            memcpy(to, x + (size_t)c->indices[i * c->step] * row, row);
}

/* Of row-major tensors. A row of one number is copied without a call. */
static void copy_rows(fac_tensor *out, const fac_tensor *x, const fac_tensor *index, int dim)
{
    const fac_meta meta = vector_meta(x), at = vector_meta(index);
    size_t row = fac_dtype_sizes[meta.dtype];
    row_copy c = {1, meta.shape[dim], index->m.numel, at.stride[0], index->data};
    for (int d = 0; d < dim; d++)
        c.outer *= meta.shape[d];
    for (int d = dim + 1; d < meta.ndim; d++)
        row *= (size_t)meta.shape[d];
    if (row == 4)
        copy_rows_of(&c, out->data, x->data, 4);
    else if (row == 8)
        copy_rows_of(&c, out->data, x->data, 8);
    else
        copy_rows_of(&c, out->data, x->data, row);
}

static fac_status run_index_select(const fac_call *call, fac_tensor **out)
{
    int dim;
    fac_tensor *x = call->in[0];
    FAC_TRY(fac_wrap_dim(((const fac_index_select_args *)call->args)->dim, x->m.ndim, &dim, "index_select"));
    fac_tensor *index = take_index(call, dim, vector_meta(x).shape[dim]);
    if (!index)
        return fac_pending();
    if (x->m.contiguous && out[0]->m.numel)
        copy_rows(out[0], x, index, dim);
    else if (out[0]->m.numel)
        walk_vector((index_walk){.flat = out[0], .index = index, .deep = x, .dim = dim},
                    gathers[fac_dtype_sizes[x->m.dtype]]);
    fac_free_handle(index);
    return FAC_OK;
}

static fac_status grad_index_select(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    int64_t dim = ((const fac_index_select_args *)fac_node_args(node))->dim;
    fac_tensor *index = fac_node_in(node, 1), *zeros = zeros_of(node, 0);
    if (!index || !zeros)
        return fac_pending();
    gx[0] = fac_index_add_with(zeros, &(fac_index_add_args){sizeof(fac_index_add_args), dim, index, g[0]});
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_index_select = {FAC_HEAD_index_select,           .n_out = 1,
                                    .flags = FAC_FLAGS_index_select, .saves = FAC_SAVE_IN(1),
                                    .infer = infer_index_select,     .run = run_index_select,
                                    .grad = grad_index_select};

static fac_status infer_scatter_add(const fac_call *call, fac_meta *out)
{
    int dim;
    FAC_TRY(check_index(call, "src"));
    FAC_TRY(fac_wrap_dim(((const fac_scatter_add_args *)call->args)->dim, call->in[0]->m.ndim, &dim, "scatter_add"));
    if (call->in[1]->m.numel) {
        FAC_TRY(check_reach(call, dim, call->in[0], "input", false));
        FAC_TRY(check_reach(call, dim, call->in[2], "src", true));
    }
    same_as(&call->in[0]->m, out);
    return FAC_OK;
}

static fac_status run_scatter_add(const fac_call *call, fac_tensor **out)
{
    int dim;
    FAC_TRY(fac_wrap_dim(((const fac_scatter_add_args *)call->args)->dim, out[0]->m.ndim, &dim, "scatter_add"));
    fac_tensor *index = take_index(call, dim, vector_meta(out[0]).shape[dim]);
    if (!index)
        return fac_pending();
    fac_status status = fac_copy_cast(out[0], call->in[0]);
    if (!status && index->m.numel)
        walk_full((index_walk){.flat = call->in[2], .index = index, .deep = out[0], .dim = dim},
                  scatters[out[0]->m.dtype]);
    fac_free_handle(index);
    return status;
}

/* g of the elements of src that were used, zeros of the rest: src may be larger than index. */
static fac_tensor *grad_of_src(const fac_node *node, fac_tensor *used)
{
    fac_shape shape;
    fac_node_in_shape(node, 2, &shape);
    for (int d = 0; used && d < used->m.ndim; d++) {
        if (used->m.shape[d] == shape.sizes[d])
            continue;
        fac_ints wider = fac_meta_list(&used->m);
        wider.values[d] = shape.sizes[d];
        const fac_as_strided_back_args args = {.size_ = sizeof args, .shape = &wider, .dim = d, .start = 0, .step = 1};
        used = fac_apply_one(&fac_op_as_strided_back, &used, 1, &args);
    }
    return used;
}

static fac_status grad_scatter_add(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    int64_t dim = ((const fac_scatter_add_args *)fac_node_args(node))->dim;
    gx[0] = g[0];
    if (!fac_node_needs(node, 2))
        return FAC_OK;
    fac_tensor *index = fac_node_in(node, 1);
    if (!index)
        return fac_pending();
    if (index->m.numel)
        gx[2] = grad_of_src(node, fac_gather_with(g[0], &(fac_gather_args){sizeof(fac_gather_args), dim, index}));
    else
        gx[2] = zeros_of(node, 2);
    return gx[2] ? FAC_OK : fac_pending();
}

const fac_op fac_op_scatter_add = {FAC_HEAD_scatter_add,           .n_out = 1,
                                   .flags = FAC_FLAGS_scatter_add, .saves = FAC_SAVE_IN(1),
                                   .infer = infer_scatter_add,     .run = run_scatter_add,
                                   .grad = grad_scatter_add};

static fac_status check_source(const fac_call *call, int dim)
{
    const fac_meta in = vector_meta(call->in[0]), source = vector_meta(call->in[2]);
    bool fits = in.ndim == source.ndim && source.shape[dim] == call->in[1]->m.numel;
    for (int d = 0; fits && d < in.ndim; d++)
        fits = d == dim || in.shape[d] == source.shape[d];
    if (fits)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE,
                    "index_add: expected source to have the input's shape %s, but the number of indices (%lld) at "
                    "dimension %d, got %s",
                    fac_shape_text(&call->in[0]->m), (long long)call->in[1]->m.numel, dim,
                    fac_shape_text(&call->in[2]->m));
}

static fac_status infer_index_add(const fac_call *call, fac_meta *out)
{
    int dim;
    FAC_TRY(check_index(call, "source"));
    FAC_TRY(fac_wrap_dim(((const fac_index_add_args *)call->args)->dim, call->in[0]->m.ndim, &dim, "index_add"));
    FAC_TRY(check_vector(call));
    FAC_TRY(check_source(call, dim));
    same_as(&call->in[0]->m, out);
    return FAC_OK;
}

static fac_status run_index_add(const fac_call *call, fac_tensor **out)
{
    int dim;
    FAC_TRY(fac_wrap_dim(((const fac_index_add_args *)call->args)->dim, out[0]->m.ndim, &dim, "index_add"));
    fac_tensor *index = take_index(call, dim, vector_meta(out[0]).shape[dim]);
    if (!index)
        return fac_pending();
    fac_status status = fac_copy_cast(out[0], call->in[0]);
    if (!status && call->in[2]->m.numel)
        walk_vector((index_walk){.flat = call->in[2], .index = index, .deep = out[0], .dim = dim},
                    scatters[out[0]->m.dtype]);
    fac_free_handle(index);
    return status;
}

static fac_status grad_index_add(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    int64_t dim = ((const fac_index_add_args *)fac_node_args(node))->dim;
    gx[0] = g[0];
    if (!fac_node_needs(node, 2))
        return FAC_OK;
    fac_tensor *index = fac_node_in(node, 1);
    if (!index)
        return fac_pending();
    gx[2] = fac_index_select_with(g[0], &(fac_index_select_args){sizeof(fac_index_select_args), dim, index});
    return gx[2] ? FAC_OK : fac_pending();
}

const fac_op fac_op_index_add = {
    FAC_HEAD_index_add,       .n_out = 1,           .flags = FAC_FLAGS_index_add, .saves = FAC_SAVE_IN(1),
    .infer = infer_index_add, .run = run_index_add, .grad = grad_index_add};
