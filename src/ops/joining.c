/* SPDX-License-Identifier: MIT */
/* Several tensors in one: cat along a dim, stack along a new one. */
#include <string.h>

#include "ops/views.h"

/* PyTorch's oldest rule: an empty tensor of one dim fits anywhere and adds nothing. */
static bool is_nothing(int ndim, int64_t size)
{
    return ndim == 1 && size == 0;
}

static bool adds_nothing(const fac_tensor *t)
{
    return is_nothing(t->m.ndim, t->m.shape[0]);
}

static fac_status check_pieces(const fac_call *call)
{
    if (!call->n_in)
        return fac_fail(FAC_ERR_VALUE, "cat: expected a non-empty list of Tensors");
    for (uint32_t i = 0; i < call->n_in; i++)
        if (!call->in[i]->m.ndim)
            return fac_fail(FAC_ERR_VALUE, "cat: zero-dimensional tensor (at position %u) cannot be concatenated", i);
    return FAC_OK;
}

/* The first piece that counts, or the first of all. */
static const fac_tensor *model_of(const fac_call *call)
{
    for (uint32_t i = 0; i < call->n_in; i++)
        if (!adds_nothing(call->in[i]))
            return call->in[i];
    return call->in[0];
}

static fac_status check_fit(const fac_meta *model, const fac_meta *piece, int dim, uint32_t i)
{
    if (model->ndim != piece->ndim)
        return fac_fail(FAC_ERR_VALUE, "cat: Tensors must have same number of dimensions: got %d and %d (shape %s)",
                        model->ndim, piece->ndim, fac_shape_text(piece));
    for (int d = 0; d < model->ndim; d++)
        if (d != dim && model->shape[d] != piece->shape[d])
            return fac_fail(FAC_ERR_VALUE,
                            "cat: Sizes of tensors must match except in dimension %d. Expected size %lld but got size "
                            "%lld for tensor number %u in the list (shape %s).",
                            dim, (long long)model->shape[d], (long long)piece->shape[d], i, fac_shape_text(piece));
    return FAC_OK;
}

static fac_status infer_cat(const fac_call *call, fac_meta *out)
{
    FAC_TRY(check_pieces(call));
    const fac_tensor *model = model_of(call);
    int dim = 0;
    int64_t shape[FAC_MAX_DIMS], whole = 0;
    if (!adds_nothing(model))
        FAC_TRY(fac_wrap_dim(((const fac_cat_args *)call->args)->dim, model->m.ndim, &dim, "cat"));
    for (uint32_t i = 0; i < call->n_in; i++) {
        const fac_meta *piece = &call->in[i]->m;
        if (adds_nothing(call->in[i]))
            continue;
        FAC_TRY(check_fit(&model->m, piece, dim, i));
        if (__builtin_add_overflow(whole, piece->shape[dim], &whole))
            return fac_fail(FAC_ERR_VALUE, "cat: the sizes in dimension %d add up to more than int64 holds", dim);
    }
    for (int d = 0; d < model->m.ndim; d++)
        shape[d] = d == dim ? whole : model->m.shape[d];
    fac_dtype dtype = fac_result_type(call->in, call->n_in);
    return fac_meta_init(out, (int)dtype, model->m.ndim, shape, "cat");
}

/* The place of a piece in the result: `length` along dim from `start` on. */
static void place_at(const fac_tensor *out, int dim, int64_t start, int64_t length, fac_tensor *place)
{
    fac_view_begin(&place->m, &out->m);
    place->m.shape[dim] = length;
    fac_meta_view_done(&place->m);
    place->data = (char *)out->data + start * out->m.stride[dim] * fac_dtype_sizes[out->m.dtype];
}

/* Whether pieces along dim lie in one stretch each. */
static bool is_outermost(const fac_meta *out, int dim)
{
    for (int d = 0; d < dim; d++)
        if (out->shape[d] != 1)
            return false;
    return true;
}

static fac_status put_piece(const fac_tensor *out, const fac_tensor *piece, int dim, int64_t start, bool outermost)
{
    fac_tensor place;
    if (outermost && piece->m.contiguous && piece->m.dtype == out->m.dtype) {
        size_t size = fac_dtype_sizes[out->m.dtype];
        memcpy((char *)out->data + (size_t)(start * out->m.stride[dim]) * size, piece->data,
               (size_t)piece->m.numel * size);
        return FAC_OK;
    }
    place_at(out, dim, start, piece->m.shape[dim], &place);
    return fac_copy_cast(&place, piece);
}

static fac_status run_cat(const fac_call *call, fac_tensor **out)
{
    int dim = 0;
    int64_t start = 0;
    if (!adds_nothing(out[0]))
        FAC_TRY(fac_wrap_dim(((const fac_cat_args *)call->args)->dim, out[0]->m.ndim, &dim, "cat"));
    bool outermost = is_outermost(&out[0]->m, dim);
    for (uint32_t i = 0; i < call->n_in; i++) {
        const fac_tensor *piece = call->in[i];
        if (piece->m.numel)
            FAC_TRY(put_piece(out[0], piece, dim, start, outermost));
        if (!adds_nothing(piece))
            start += piece->m.shape[dim];
    }
    return FAC_OK;
}

static fac_tensor *piece_of(fac_tensor *g, int dim, int64_t start, int64_t length)
{
    return fac_narrow_with(g, &(fac_narrow_args){sizeof(fac_narrow_args), dim, start, length});
}

static fac_status grad_cat(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    int dim = 0;
    int64_t start = 0;
    fac_shape whole, shape;
    fac_node_out_shape(node, 0, &whole);
    if (!is_nothing(whole.ndim, whole.sizes[0]))
        FAC_TRY(fac_wrap_dim(((const fac_cat_args *)fac_node_args(node))->dim, whole.ndim, &dim, "cat"));
    for (uint32_t i = 0; i < node->n_in; i++) {
        fac_node_in_shape(node, i, &shape);
        bool nothing = is_nothing(shape.ndim, shape.sizes[0]);
        int64_t length = nothing ? 0 : shape.sizes[dim];
        if (fac_node_needs(node, i)) {
            gx[i] = nothing ? fac_zeros(0, .dtype = (fac_dtype)shape.dtype) : piece_of(g[0], dim, start, length);
            if (!gx[i])
                return fac_pending();
        }
        start += length;
    }
    return FAC_OK;
}

const fac_op fac_op_cat = {FAC_HEAD_cat,       .n_out = 1,     .flags = FAC_FLAGS_cat,
                           .infer = infer_cat, .run = run_cat, .grad = grad_cat};

static fac_status infer_stack(const fac_call *call, fac_meta *out)
{
    int64_t shape[FAC_MAX_DIMS];
    int dim;
    if (!call->n_in)
        return fac_fail(FAC_ERR_VALUE, "stack: expects a non-empty list of Tensors");
    const fac_meta *first = &call->in[0]->m;
    for (uint32_t i = 1; i < call->n_in; i++)
        if (!fac_same_shape(first, &call->in[i]->m))
            return fac_fail(FAC_ERR_VALUE,
                            "stack: expects each tensor to be equal size, but got %s at entry 0 and %s at entry %u",
                            fac_shape_text(first), fac_shape_text(&call->in[i]->m), i);
    FAC_TRY(fac_wrap_dim(((const fac_stack_args *)call->args)->dim, first->ndim + 1, &dim, "stack"));
    for (int d = 0; d < first->ndim && d < FAC_MAX_DIMS - 1; d++)
        shape[d + (d >= dim)] = first->shape[d];
    if (dim < FAC_MAX_DIMS)
        shape[dim] = call->n_in;
    fac_dtype dtype = fac_result_type(call->in, call->n_in);
    return fac_meta_init(out, (int)dtype, first->ndim + 1, shape, "stack");
}

static fac_status run_stack(const fac_call *call, fac_tensor **out)
{
    int dim;
    fac_tensor place;
    FAC_TRY(fac_wrap_dim(((const fac_stack_args *)call->args)->dim, out[0]->m.ndim, &dim, "stack"));
    place_at(out[0], dim, 0, 1, &place);
    for (int d = dim; d + 1 < place.m.ndim; d++) {
        place.m.shape[d] = place.m.shape[d + 1];
        place.m.stride[d] = place.m.stride[d + 1];
    }
    place.m.ndim--;
    int64_t step = out[0]->m.stride[dim] * fac_dtype_sizes[out[0]->m.dtype];
    for (uint32_t i = 0; i < call->n_in; i++) {
        FAC_TRY(fac_copy_cast(&place, call->in[i]));
        place.data = (char *)place.data + step;
    }
    return FAC_OK;
}

static fac_status grad_stack(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    const fac_stack_args *args = fac_node_args(node);
    for (uint32_t i = 0; i < node->n_in; i++) {
        if (!fac_node_needs(node, i))
            continue;
        gx[i] = fac_select_with(g[0], &(fac_select_args){sizeof(fac_select_args), args->dim, i});
        if (!gx[i])
            return fac_pending();
    }
    return FAC_OK;
}

const fac_op fac_op_stack = {FAC_HEAD_stack,       .n_out = 1,       .flags = FAC_FLAGS_stack,
                             .infer = infer_stack, .run = run_stack, .grad = grad_stack};
