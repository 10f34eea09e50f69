/* SPDX-License-Identifier: MIT */
/* The same elements with their dims in another order, or repeated: transpose, t, permute, expand. */
#include "ops/views.h"

static fac_status swapped(const fac_meta *in, int a, int b, fac_meta *out)
{
    fac_view_begin(out, in);
    if (a == b || !in->ndim) {
        out->numel = in->numel;
        out->contiguous = in->contiguous;
        return FAC_OK;
    }
    out->shape[a] = in->shape[b];
    out->stride[a] = in->stride[b];
    out->shape[b] = in->shape[a];
    out->stride[b] = in->stride[a];
    fac_meta_view_done(out);
    return FAC_OK;
}

static fac_status infer_transpose(const fac_call *call, fac_meta *out)
{
    const fac_transpose_args *args = call->args;
    const fac_meta *in = &call->in[0]->m;
    int a, b;
    FAC_TRY(fac_wrap_dim(args->dim0, in->ndim, &a, "transpose"));
    FAC_TRY(fac_wrap_dim(args->dim1, in->ndim, &b, "transpose"));
    return swapped(in, a, b, out);
}

static fac_status grad_transpose(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    gx[0] = fac_transpose_with(g[0], fac_node_args(node));
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_transpose = {FAC_HEAD_transpose,       .n_out = 1,          .flags = FAC_FLAGS_transpose,
                                 .infer = infer_transpose, .run = fac_view_run, .grad = grad_transpose};

static fac_status infer_t(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    if (in->ndim > 2)
        return fac_fail(FAC_ERR_VALUE, "t: expects a tensor with <= 2 dimensions, but input has shape %s",
                        fac_shape_text(in));
    return swapped(in, 0, in->ndim == 2, out);
}

static fac_status grad_t(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    (void)node;
    gx[0] = fac_t(g[0]);
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_t = {FAC_HEAD_t,       .n_out = 1,          .flags = FAC_FLAGS_t,
                         .infer = infer_t, .run = fac_view_run, .grad = grad_t};

static fac_status infer_permute(const fac_call *call, fac_meta *out)
{
    fac_list dims = ((const fac_permute_args *)call->args)->dims;
    const fac_meta *in = &call->in[0]->m;
    unsigned seen = 0;
    if (dims->count != in->ndim)
        return fac_fail(FAC_ERR_VALUE, "permute: dims %s must name each dimension of an input of shape %s",
                        fac_list_text(dims->count, dims->values), fac_shape_text(in));
    fac_view_begin(out, in);
    for (int i = 0, d; i < in->ndim; i++) {
        FAC_TRY(fac_wrap_dim(dims->values[i], in->ndim, &d, "permute"));
        if (seen >> d & 1)
            return fac_fail(FAC_ERR_VALUE, "permute: duplicate dims are not allowed, got %s",
                            fac_list_text(dims->count, dims->values));
        seen |= 1u << d;
        out->shape[i] = in->shape[d];
        out->stride[i] = in->stride[d];
    }
    fac_meta_view_done(out);
    return FAC_OK;
}

/* The permutation that undoes it. */
static fac_status grad_permute(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_list dims = ((const fac_permute_args *)fac_node_args(node))->dims;
    fac_ints back = {.count = dims->count};
    for (int i = 0, d; i < dims->count; i++) {
        FAC_TRY(fac_wrap_dim(dims->values[i], (int)dims->count, &d, "permute"));
        back.values[d] = i;
    }
    gx[0] = fac_permute_with(g[0], &(fac_permute_args){.size_ = sizeof(fac_permute_args), .dims = &back});
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_permute = {FAC_HEAD_permute,       .n_out = 1,          .flags = FAC_FLAGS_permute,
                               .infer = infer_permute, .run = fac_view_run, .grad = grad_permute};

static fac_status cannot_expand(const fac_meta *in, fac_list sizes, int i, int own)
{
    const char *target = fac_list_text(sizes->count, sizes->values);
    if (own < 0)
        return fac_fail(FAC_ERR_VALUE,
                        "expand: The expanded size of the tensor (%lld) isn't allowed in a leading, non-existing "
                        "dimension %d. Target sizes: %s. Tensor sizes: %s",
                        (long long)sizes->values[i], i, target, fac_shape_text(in));
    return fac_fail(FAC_ERR_VALUE,
                    "expand: The expanded size of the tensor (%lld) must match the existing size (%lld) at "
                    "non-singleton dimension %d. Target sizes: %s. Tensor sizes: %s",
                    (long long)sizes->values[i], (long long)in->shape[own], i, target, fac_shape_text(in));
}

/* The sizes with -1 made out, checked against the input's. */
static fac_status expanded_sizes(const fac_meta *in, fac_list sizes, int64_t *shape)
{
    if (sizes->count < in->ndim || sizes->count > FAC_MAX_DIMS)
        return fac_fail(FAC_ERR_VALUE,
                        "expand: the number of sizes provided (%lld) must be at least the number of dimensions in the "
                        "tensor (%d) and at most %d",
                        (long long)sizes->count, in->ndim, FAC_MAX_DIMS);
    int lead = (int)sizes->count - in->ndim;
    for (int i = 0; i < sizes->count; i++) {
        int own = i - lead;
        int64_t size = sizes->values[i];
        if (own >= 0 && size == -1)
            size = in->shape[own];
        if (size < 0 || (own >= 0 && in->shape[own] != 1 && size != in->shape[own]))
            return cannot_expand(in, sizes, i, own);
        shape[i] = size;
    }
    return FAC_OK;
}

static fac_status infer_expand(const fac_call *call, fac_meta *out)
{
    fac_list sizes = ((const fac_expand_args *)call->args)->size;
    const fac_meta *in = &call->in[0]->m;
    int64_t shape[FAC_MAX_DIMS];
    FAC_TRY(expanded_sizes(in, sizes, shape));
    FAC_TRY(fac_meta_init(out, in->dtype, (int)sizes->count, shape, "expand"));
    out->offset = in->offset;
    int lead = out->ndim - in->ndim;
    for (int i = 0; i < out->ndim; i++) {
        bool kept = i >= lead && in->shape[i - lead] == out->shape[i];
        out->stride[i] = kept ? in->stride[i - lead] : 0;
    }
    fac_meta_view_done(out);
    return FAC_OK;
}

/* The engine sums g to the input's shape. */
const fac_op fac_op_expand = {FAC_HEAD_expand,       .n_out = 1,          .flags = FAC_FLAGS_expand,
                              .infer = infer_expand, .run = fac_view_run, .grad = fac_grad_through};
