/* SPDX-License-Identifier: MIT */
/* Some of the elements along one dim: select, narrow, slice; and their derivative. */
#include <string.h>

#include "ops/views.h"

static fac_status no_dims(const char *who)
{
    return fac_fail(FAC_ERR_INDEX, "%s: cannot be applied to a 0-dim tensor", who);
}

/* g in its place among zeros of input 0's shape: g's index i along dim is the input's start + i * step. */
static fac_status put_back(fac_node *node, fac_tensor *g, int dim, int64_t start, int64_t step, fac_tensor **gx)
{
    fac_shape shape;
    fac_node_in_shape(node, 0, &shape);
    const fac_ints sizes = fac_shape_list(&shape);
    const fac_as_strided_back_args args = {
        .size_ = sizeof args, .shape = &sizes, .dim = dim, .start = start, .step = step};
    gx[0] = fac_apply_one(&fac_op_as_strided_back, &g, 1, &args);
    return gx[0] ? FAC_OK : fac_pending();
}

static fac_status infer_select(const fac_call *call, fac_meta *out)
{
    const fac_select_args *args = call->args;
    const fac_meta *in = &call->in[0]->m;
    int dim;
    if (!in->ndim)
        return no_dims("select");
    FAC_TRY(fac_wrap_dim(args->dim, in->ndim, &dim, "select"));
    int64_t size = in->shape[dim], index = args->index;
    if (index < -size || index >= size)
        return fac_fail(FAC_ERR_INDEX, "select: index %lld out of range for tensor of size %s at dimension %d",
                        (long long)index, fac_shape_text(in), dim);
    fac_view_begin(out, in);
    out->offset += (index < 0 ? index + size : index) * in->stride[dim];
    out->ndim--;
    for (int d = dim; d < out->ndim; d++) {
        out->shape[d] = in->shape[d + 1];
        out->stride[d] = in->stride[d + 1];
    }
    fac_meta_view_done(out);
    return FAC_OK;
}

static fac_status grad_select(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    const fac_select_args *args = fac_node_args(node);
    fac_shape shape;
    int dim;
    fac_node_in_shape(node, 0, &shape);
    FAC_TRY(fac_wrap_dim(args->dim, shape.ndim, &dim, "select"));
    int64_t index = args->index < 0 ? args->index + shape.sizes[dim] : args->index;
    fac_tensor *wide = fac_unsqueeze_with(g[0], &(fac_unsqueeze_args){sizeof(fac_unsqueeze_args), dim});
    return wide ? put_back(node, wide, dim, index, 1, gx) : fac_pending();
}

const fac_op fac_op_select = {FAC_HEAD_select,       .n_out = 1,          .flags = FAC_FLAGS_select,
                              .infer = infer_select, .run = fac_view_run, .grad = grad_select};

/* As Python clips start and end of a slice. */
static int64_t clipped(int64_t at, int64_t size, int64_t none)
{
    if (at == FAC_NONE)
        return none;
    if (at < 0)
        at += size;
    return at < 0 ? 0 : at > size ? size : at;
}

typedef struct {
    int dim;
    int64_t start, length, step;
} range;

static fac_status slice_range(const fac_slice_args *args, int ndim, const int64_t *shape, range *r)
{
    if (!ndim)
        return no_dims("slice");
    FAC_TRY(fac_wrap_dim(args->dim, ndim, &r->dim, "slice"));
    if (args->step <= 0)
        return fac_fail(FAC_ERR_VALUE, "slice: step must be positive, got %lld", (long long)args->step);
    int64_t size = shape[r->dim], end = clipped(args->end, size, size);
    r->start = clipped(args->start, size, 0);
    r->step = args->step < size ? args->step : size ? size : 1; /* a longer one takes one element, too */
    r->length = end > r->start ? (end - r->start - 1) / r->step + 1 : 0;
    return FAC_OK;
}

static fac_status infer_slice(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    range r;
    FAC_TRY(slice_range(call->args, in->ndim, in->shape, &r));
    fac_view_begin(out, in);
    out->offset += r.start * in->stride[r.dim];
    out->shape[r.dim] = r.length;
    out->stride[r.dim] *= r.step;
    fac_meta_view_done(out);
    return FAC_OK;
}

static fac_status grad_slice(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_shape shape;
    range r;
    fac_node_in_shape(node, 0, &shape);
    FAC_TRY(slice_range(fac_node_args(node), shape.ndim, shape.sizes, &r));
    return put_back(node, g[0], r.dim, r.start, r.step, gx);
}

const fac_op fac_op_slice = {FAC_HEAD_slice,       .n_out = 1,          .flags = FAC_FLAGS_slice,
                             .infer = infer_slice, .run = fac_view_run, .grad = grad_slice};

/* A slice, but what is out of range is an error. */
static fac_status decompose_narrow(const fac_call *call, fac_tensor **out)
{
    const fac_narrow_args *args = call->args;
    const fac_meta *in = &call->in[0]->m;
    int dim;
    if (!in->ndim)
        return no_dims("narrow");
    FAC_TRY(fac_wrap_dim(args->dim, in->ndim, &dim, "narrow"));
    int64_t size = in->shape[dim], start = args->start, length = args->length;
    if (length < 0)
        return fac_fail(FAC_ERR_VALUE, "narrow: length must be non-negative, got %lld", (long long)length);
    if (start < -size || start > size)
        return fac_fail(FAC_ERR_INDEX,
                        "narrow: start out of range (expected to be in range of [%lld, %lld], but got %lld)",
                        (long long)-size, (long long)size, (long long)start);
    if (start < 0)
        start += size;
    if (length > size - start)
        return fac_fail(FAC_ERR_VALUE, "narrow: start (%lld) + length (%lld) exceeds dimension size (%lld)",
                        (long long)start, (long long)length, (long long)size);
    const fac_slice_args slice = {.size_ = sizeof slice, .dim = dim, .start = start, .end = start + length, .step = 1};
    out[0] = fac_slice_with(call->in[0], &slice);
    return out[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_narrow = {FAC_HEAD_narrow, .n_out = 1, .flags = FAC_FLAGS_narrow, .decompose = decompose_narrow};

static fac_status infer_back(const fac_call *call, fac_meta *out)
{
    const fac_as_strided_back_args *args = call->args;
    return fac_meta_init(out, call->in[0]->m.dtype, (int)args->shape->count, args->shape->values, "as_strided_back");
}

static fac_status run_back(const fac_call *call, fac_tensor **out)
{
    const fac_as_strided_back_args *args = call->args;
    const fac_tensor *g = call->in[0];
    fac_tensor place = {.data = out[0]->data, .m = out[0]->m};
    size_t size = fac_dtype_sizes[place.m.dtype];
    memset(place.data, 0, (size_t)place.m.numel * size);
    place.data = (char *)place.data + (size_t)(args->start * place.m.stride[args->dim]) * size;
    place.m.shape[args->dim] = g->m.shape[args->dim];
    place.m.stride[args->dim] *= args->step;
    fac_meta_view_done(&place.m);
    return fac_copy_cast(&place, g);
}

static fac_status grad_back(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    const fac_as_strided_back_args *args = fac_node_args(node);
    fac_shape shape;
    fac_node_in_shape(node, 0, &shape);
    int64_t length = shape.sizes[args->dim], end = length ? args->start + (length - 1) * args->step + 1 : args->start;
    const fac_slice_args slice = {
        .size_ = sizeof slice, .dim = args->dim, .start = args->start, .end = end, .step = args->step};
    gx[0] = fac_slice_with(g[0], &slice);
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_as_strided_back = {FAC_HEAD_as_strided_back, .n_out = 1,      .flags = FAC_FLAGS_as_strided_back,
                                       .infer = infer_back,      .run = run_back, .grad = grad_back};
