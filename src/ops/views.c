/* SPDX-License-Identifier: MIT */
/* The same elements in the same order under another shape: view, reshape, flatten, squeeze, unsqueeze; detach. */
#include "ops/views.h"

#include <stddef.h>

#include "base/alloc.h"

fac_status fac_view_run(const fac_call *call, fac_tensor **out)
{
    (void)call, (void)out;
    return FAC_OK;
}

fac_tensor *fac_reshape_to(fac_tensor *tensor, const fac_shape *shape)
{
    const fac_ints sizes = fac_shape_list(shape);
    return fac_reshape_with(tensor, &(fac_reshape_args){.size_ = sizeof(fac_reshape_args), .shape = &sizes});
}

fac_status fac_grad_reshaped(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_shape shape;
    fac_node_in_shape(node, 0, &shape);
    gx[0] = fac_reshape_to(g[0], &shape);
    return gx[0] ? FAC_OK : fac_pending();
}

fac_status fac_grad_through(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    (void)node;
    gx[0] = g[0];
    return FAC_OK;
}

static const char *text_of(fac_list sizes)
{
    return fac_list_text(sizes->count, sizes->values);
}

static fac_status wrong_count(const char *who, fac_list sizes, const fac_meta *in)
{
    return fac_fail(FAC_ERR_VALUE, "%s: shape %s is invalid for input of shape %s (%lld elements)", who, text_of(sizes),
                    fac_shape_text(in), (long long)in->numel);
}

/* The size that -1 stands for. */
static fac_status guess_size(const char *who, fac_list sizes, const fac_meta *in, int64_t known, int64_t *size)
{
    if (known == 0 && in->numel == 0)
        return fac_fail(FAC_ERR_VALUE,
                        "%s: cannot reshape tensor of 0 elements into shape %s because the unspecified dimension size "
                        "-1 can be any value and is ambiguous",
                        who, text_of(sizes));
    if (known == 0 || in->numel % known)
        return wrong_count(who, sizes, in);
    *size = in->numel / known;
    return FAC_OK;
}

static fac_status bad_size(const char *who, fac_list sizes, int i)
{
    if (sizes->values[i] == -1)
        return fac_fail(FAC_ERR_VALUE, "%s: only one dimension can be inferred, got shape %s", who, text_of(sizes));
    return fac_fail(FAC_ERR_VALUE, "%s: invalid shape dimension %lld at index %d of shape %s", who,
                    (long long)sizes->values[i], i, text_of(sizes));
}

/* sizes, with -1 made out, into out's shape: as many elements as in has. */
static fac_status resolve(const char *who, fac_list sizes, const fac_meta *in, fac_meta *out)
{
    int64_t known = 1;
    int guess = -1;
    if (sizes->count < 0 || sizes->count > FAC_MAX_DIMS)
        return fac_fail(FAC_ERR_VALUE, "%s: at most %d dimensions, got %lld", who, FAC_MAX_DIMS,
                        (long long)sizes->count);
    for (int i = 0; i < sizes->count; i++) {
        int64_t size = sizes->values[i];
        out->shape[i] = size;
        if (size == -1 && guess < 0)
            guess = i;
        else if (size < 0)
            return bad_size(who, sizes, i);
        else if (!fac_size_mul(known, size, &known))
            return wrong_count(who, sizes, in);
    }
    if (guess >= 0)
        FAC_TRY(guess_size(who, sizes, in, known, out->shape + guess));
    else if (known != in->numel)
        return wrong_count(who, sizes, in);
    out->ndim = (uint8_t)sizes->count;
    out->dtype = in->dtype;
    if (in->numel == 0) /* beside a 0 the other sizes may be anything */
        return fac_meta_init(out, in->dtype, out->ndim, out->shape, who);
    return FAC_OK;
}

/* Strides for out's shape over the elements of in, as ATen's computeStride finds them: dims of in that lie in one
 * stretch of memory can be cut anew. False if some new dim would span two stretches. */
static bool restride(const fac_meta *in, fac_meta *out)
{
    int v = out->ndim - 1;
    int64_t base = in->stride[in->ndim - 1], stretch = 1, covered = 1;
    for (int d = in->ndim - 1; d >= 0; d--) {
        stretch *= in->shape[d];
        if (d > 0 && (in->shape[d - 1] == 1 || in->stride[d - 1] == stretch * base))
            continue;
        for (; v >= 0 && (covered < stretch || out->shape[v] == 1); v--) {
            out->stride[v] = covered * base;
            covered *= out->shape[v];
        }
        if (covered != stretch)
            return false;
        if (d > 0)
            base = in->stride[d - 1];
        stretch = covered = 1;
    }
    return v == -1;
}

static fac_status infer_view(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    FAC_TRY(resolve(call->op->name, ((const fac_view_args *)call->args)->shape, in, out));
    out->offset = in->offset;
    if (in->contiguous) {
        fac_meta_pack(out);
        return FAC_OK;
    }
    if (!restride(in, out))
        return fac_fail(FAC_ERR_VALUE,
                        "%s: view size %s is not compatible with input tensor's size %s and stride %s (at least one "
                        "dimension spans across two contiguous subspaces). Use reshape instead.",
                        call->op->name, fac_shape_text(out), fac_shape_text(in), fac_list_text(in->ndim, in->stride));
    fac_meta_view_done(out);
    return FAC_OK;
}

const fac_op fac_op_view = {FAC_HEAD_view,       .n_out = 1,          .flags = FAC_FLAGS_view,
                            .infer = infer_view, .run = fac_view_run, .grad = fac_grad_reshaped};

/* reshape is one of these two, which read its arguments as view's. */
_Static_assert(offsetof(fac_reshape_args, shape) == offsetof(fac_view_args, shape), "one layout");

static const fac_op reshape_view = {FAC_HEAD_reshape,
                                    .n_out = 1,
                                    .flags = FAC_FLAGS_reshape | FAC_OP_VIEW,
                                    .infer = infer_view,
                                    .run = fac_view_run,
                                    .grad = fac_grad_reshaped,
                                    .grad_name = "ViewBackward0"};

static fac_status infer_reshape_copy(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    FAC_TRY(resolve(call->op->name, ((const fac_reshape_args *)call->args)->shape, in, out));
    out->offset = 0;
    fac_meta_pack(out);
    return FAC_OK;
}

static fac_status run_reshape_copy(const fac_call *call, fac_tensor **out)
{
    fac_tensor unshaped = {.data = out[0]->data, .m = call->in[0]->m};
    fac_meta_pack(&unshaped.m);
    return fac_copy_cast(&unshaped, call->in[0]);
}

static const fac_op reshape_copy = {FAC_HEAD_reshape,
                                    .n_out = 1,
                                    .flags = FAC_FLAGS_reshape,
                                    .infer = infer_reshape_copy,
                                    .run = run_reshape_copy,
                                    .grad = fac_grad_reshaped,
                                    .grad_name = "UnsafeViewBackward0"};

static fac_status decompose_reshape(const fac_call *call, fac_tensor **out)
{
    const fac_meta *in = &call->in[0]->m;
    fac_meta wanted;
    if (in->contiguous)
        return fac_redirect(call, &reshape_view, out);
    FAC_TRY(resolve("reshape", ((const fac_reshape_args *)call->args)->shape, in, &wanted));
    return fac_redirect(call, restride(in, &wanted) ? &reshape_view : &reshape_copy, out);
}

const fac_op fac_op_reshape = {FAC_HEAD_reshape, .n_out = 1, .flags = FAC_FLAGS_reshape,
                               .decompose = decompose_reshape};

static fac_status decompose_flatten(const fac_call *call, fac_tensor **out)
{
    const fac_flatten_args *args = call->args;
    const fac_meta *in = &call->in[0]->m;
    fac_ints sizes = {.count = 0};
    int start, end;
    FAC_TRY(fac_wrap_dim(args->start_dim, in->ndim, &start, "flatten"));
    FAC_TRY(fac_wrap_dim(args->end_dim, in->ndim, &end, "flatten"));
    if (start > end)
        return fac_fail(FAC_ERR_VALUE, "flatten: start_dim cannot come after end_dim, got %d and %d", start, end);
    if (start == end && in->ndim) {
        out[0] = call->in[0];
        return FAC_OK;
    }
    int64_t flat = 1;
    for (int d = start; d <= end && d < in->ndim; d++)
        if (!fac_size_mul(flat, in->shape[d], &flat))
            return fac_fail(FAC_ERR_VALUE, "flatten: shape %s is too large", fac_shape_text(in));
    for (int d = 0; d < start; d++)
        sizes.values[sizes.count++] = in->shape[d];
    sizes.values[sizes.count++] = flat;
    for (int d = end + 1; d < in->ndim; d++)
        sizes.values[sizes.count++] = in->shape[d];
    out[0] = fac_reshape_with(call->in[0], &(fac_reshape_args){.size_ = sizeof(fac_reshape_args), .shape = &sizes});
    return out[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_flatten = {FAC_HEAD_flatten, .n_out = 1, .flags = FAC_FLAGS_flatten,
                               .decompose = decompose_flatten};

/* The dims that squeeze may take out, a bit each. */
static fac_status squeezable(fac_dims dims, int ndim, unsigned *mask)
{
    int64_t list[3];
    int n = fac_dims_unpack(dims, list), d;
    *mask = 0;
    for (int i = 0; i < n; i++) {
        FAC_TRY(fac_wrap_dim(list[i], ndim, &d, "squeeze"));
        if (*mask >> d & 1)
            return fac_fail(FAC_ERR_VALUE, "squeeze: dim %d appears multiple times in the list of dims", d);
        *mask |= 1u << d;
    }
    return FAC_OK;
}

static fac_status infer_squeeze(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    fac_dims dims = ((const fac_squeeze_args *)call->args)->dim;
    unsigned mask = ~0u;
    int n = 0;
    if (dims != FAC_NONE)
        FAC_TRY(squeezable(dims, in->ndim, &mask));
    for (int d = 0; d < in->ndim; d++) {
        if (in->shape[d] == 1 && (mask >> d & 1))
            continue;
        out->shape[n] = in->shape[d];
        out->stride[n++] = in->stride[d];
    }
    out->ndim = (uint8_t)n;
    out->dtype = in->dtype;
    out->offset = in->offset;
    out->numel = in->numel;
    out->contiguous = in->contiguous;
    return FAC_OK;
}

static const char *name_squeeze(const fac_node *node)
{
    fac_dims dims = ((const fac_squeeze_args *)fac_node_args(node))->dim;
    int64_t list[3];
    if (dims == FAC_NONE)
        return "SqueezeBackward0";
    return fac_dims_unpack(dims, list) == 1 ? "SqueezeBackward1" : "SqueezeBackward2";
}

const fac_op fac_op_squeeze = {FAC_HEAD_squeeze,
                               .n_out = 1,
                               .flags = FAC_FLAGS_squeeze,
                               .infer = infer_squeeze,
                               .run = fac_view_run,
                               .grad = fac_grad_reshaped,
                               .grad_name_of = name_squeeze};

static fac_status infer_unsqueeze(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    int dim;
    if (in->ndim == FAC_MAX_DIMS)
        return fac_fail(FAC_ERR_VALUE, "unsqueeze: at most %d dimensions, input has shape %s", FAC_MAX_DIMS,
                        fac_shape_text(in));
    FAC_TRY(fac_wrap_dim(((const fac_unsqueeze_args *)call->args)->dim, in->ndim + 1, &dim, "unsqueeze"));
    fac_view_begin(out, in);
    for (int d = in->ndim; d > dim; d--) {
        out->shape[d] = in->shape[d - 1];
        out->stride[d] = in->stride[d - 1];
    }
    out->ndim++;
    out->shape[dim] = 1;
    out->stride[dim] = dim < in->ndim ? in->shape[dim] * in->stride[dim] : 1;
    out->numel = in->numel;
    out->contiguous = in->contiguous;
    return FAC_OK;
}

const fac_op fac_op_unsqueeze = {FAC_HEAD_unsqueeze,       .n_out = 1,          .flags = FAC_FLAGS_unsqueeze,
                                 .infer = infer_unsqueeze, .run = fac_view_run, .grad = fac_grad_reshaped};

static fac_status infer_detach(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    fac_view_begin(out, in);
    out->numel = in->numel;
    out->contiguous = in->contiguous;
    return FAC_OK;
}

const fac_op fac_op_detach = {FAC_HEAD_detach, .n_out = 1, .flags = FAC_FLAGS_detach | FAC_OP_NO_GRAD,
                              .infer = infer_detach, .run = fac_view_run};
