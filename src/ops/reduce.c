/* SPDX-License-Identifier: MIT */
#include "ops/reduce.h"

#include "base/error.h"

fac_status fac_reduced_from(fac_reduced *reduced, const char *who, int ndim, fac_dims dims)
{
    int64_t list[3];
    for (int d = 0; d < FAC_MAX_DIMS; d++)
        reduced->dim[d] = dims == FAC_NONE && d < ndim;
    if (dims == FAC_NONE)
        return FAC_OK;
    const int n = fac_dims_unpack(dims, list);
    for (int i = 0; i < n; i++) {
        int d;
        FAC_TRY(fac_wrap_dim(list[i], ndim, &d, who));
        if (reduced->dim[d])
            return fac_fail(FAC_ERR_VALUE, "%s: dim %d appears multiple times in the list of dims", who, d);
        reduced->dim[d] = true;
    }
    if (ndim == 0)
        reduced->dim[0] = false; /* dim 0 of a 0-d tensor is none */
    return FAC_OK;
}

void fac_reduced_shape(fac_meta *out, const fac_meta *in, const fac_reduced *reduced, bool keepdim)
{
    int ndim = 0;
    for (int d = 0; d < in->ndim; d++)
        if (!reduced->dim[d] || keepdim)
            out->shape[ndim++] = reduced->dim[d] ? 1 : in->shape[d];
    out->ndim = (uint8_t)ndim;
    out->offset = 0;
    fac_meta_pack(out);
}

int64_t fac_reduced_count(int ndim, const int64_t *shape, const fac_reduced *reduced)
{
    int64_t count = 1;
    for (int d = 0; d < ndim; d++)
        count *= reduced->dim[d] ? shape[d] : 1;
    return count;
}

/* Dims of size other than 1, in order; true where the reduced ones stand together. */
static bool stand_together(const fac_meta *in, const fac_reduced *reduced, int dims[FAC_MAX_DIMS], int *n, int *first,
                           int *end)
{
    int changes = 0;
    bool before = false;
    *n = *first = *end = 0;
    for (int d = 0; d < in->ndim; d++) {
        if (in->shape[d] == 1)
            continue;
        if (reduced->dim[d] != before) {
            changes++;
            before = !before;
            *(before ? first : end) = *n;
        }
        dims[(*n)++] = d;
    }
    if (before)
        *end = *n;
    return changes <= 2;
}

/* dims[from .. to) as one dim: its size, and its stride unless they cannot be walked as one. */
static bool merge(const fac_meta *in, const int *dims, int from, int to, int64_t *size, int64_t *stride)
{
    bool even = true;
    *size = 1;
    *stride = 1;
    for (int i = to - 1; i >= from; i--) {
        if (i == to - 1)
            *stride = in->stride[dims[i]];
        else
            even &= in->stride[dims[i]] == in->stride[dims[i + 1]] * in->shape[dims[i + 1]];
        *size *= in->shape[dims[i]];
    }
    return even;
}

static void walk_over(fac_slabs *s, const fac_meta *in, const int *dims, int n)
{
    const int64_t size = fac_dtype_sizes[in->dtype];
    s->ndim = 0;
    for (int i = 0; i < n; i++) {
        const int64_t stride = in->stride[dims[i]] * size, length = in->shape[dims[i]];
        const int last = s->ndim - 1;
        if (s->ndim && s->stride[last] == stride * length) {
            s->shape[last] *= length;
            s->stride[last] = stride;
            continue;
        }
        s->index[s->ndim] = 0;
        s->shape[s->ndim] = length;
        s->stride[s->ndim++] = stride;
    }
}

/* The slabs of a row-major outer x count x inner. */
static void walk_packed(fac_slabs *s, int64_t size)
{
    s->step = s->inner;
    s->ndim = 1;
    s->index[0] = 0;
    s->shape[0] = s->outer;
    s->stride[0] = s->count * s->inner * size;
}

fac_tensor *fac_rows_copy(const fac_tensor *input, const fac_reduced *reduced, fac_dtype dtype)
{
    const fac_meta *in = &input->m;
    fac_meta view = {.ndim = in->ndim};
    int n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int d = 0; d < in->ndim; d++)
            if (reduced->dim[d] == (pass == 1)) {
                view.shape[n] = in->shape[d];
                view.stride[n++] = in->stride[d];
            }
    return fac_packed_view(input, &view, dtype);
}

/* The reduced dims stand apart: rows, by way of a copy. */
static fac_status open_rows(fac_slabs *s, fac_tensor *input, const fac_reduced *reduced, fac_dtype dtype)
{
    const fac_meta *in = &input->m;
    s->count = fac_reduced_count(in->ndim, in->shape, reduced);
    s->outer = 1;
    for (int d = 0; d < in->ndim; d++)
        s->outer *= reduced->dim[d] ? 1 : in->shape[d];
    s->inner = 1;
    s->copy = fac_rows_copy(input, reduced, dtype);
    if (!s->copy)
        return fac_pending();
    s->at = s->copy->data;
    walk_packed(s, fac_dtype_sizes[dtype]);
    return FAC_OK;
}

static fac_status open_copy(fac_slabs *s, fac_tensor *input, fac_dtype dtype)
{
    s->copy = fac_packed(input, NULL, dtype);
    if (!s->copy)
        return fac_pending();
    s->at = s->copy->data;
    walk_packed(s, fac_dtype_sizes[dtype]);
    return FAC_OK;
}

fac_status fac_slabs_open(fac_slabs *s, fac_tensor *input, const fac_reduced *reduced, fac_dtype dtype)
{
    const fac_meta *in = &input->m;
    int dims[FAC_MAX_DIMS], n, first, end;
    int64_t stride;
    s->copy = NULL;
    if (!stand_together(in, reduced, dims, &n, &first, &end))
        return open_rows(s, input, reduced, dtype);
    if (first == end) /* nothing to reduce: one row of all columns */
        first = end = 0;
    merge(in, dims, 0, first, &s->outer, &stride);
    bool fits = merge(in, dims, end, n, &s->inner, &stride) && (s->inner == 1 || stride == 1);
    fits &= merge(in, dims, first, end, &s->count, &s->step);
    if (!fits || in->dtype != dtype)
        return open_copy(s, input, dtype);
    s->at = input->data;
    walk_over(s, in, dims, first);
    return FAC_OK;
}

void fac_slabs_next(fac_slabs *s)
{
    for (int d = s->ndim - 1; d >= 0; d--) {
        s->at += s->stride[d];
        if (++s->index[d] < s->shape[d])
            return;
        s->at -= s->stride[d] * s->shape[d];
        s->index[d] = 0;
    }
}

void fac_slabs_close(fac_slabs *s)
{
    fac_tensor_drop(s->copy);
}

fac_status fac_node_reduced(const fac_node *node, fac_dims dims, fac_shape *input, fac_reduced *reduced)
{
    fac_node_in_shape(node, 0, input);
    return fac_reduced_from(reduced, node->op->name, input->ndim, dims);
}

fac_tensor *fac_restore_dims(fac_tensor *g, const fac_shape *input, const fac_reduced *reduced)
{
    if (g->m.ndim == input->ndim || g->m.ndim == 0)
        return g;
    fac_shape kept = *input;
    for (int d = 0; d < input->ndim; d++)
        if (reduced->dim[d])
            kept.sizes[d] = 1;
    const fac_ints sizes = fac_shape_list(&kept);
    return fac_reshape_with(g, &(fac_reshape_args){.size_ = sizeof(fac_reshape_args), .shape = &sizes});
}

fac_tensor *fac_expand_to(fac_tensor *g, const fac_shape *shape)
{
    const fac_ints sizes = fac_shape_list(shape);
    return g ? fac_expand_with(g, &(fac_expand_args){.size_ = sizeof(fac_expand_args), .size = &sizes}) : NULL;
}

fac_tensor *fac_expand_over(fac_tensor *g, const fac_shape *input, const fac_reduced *reduced)
{
    return fac_expand_to(fac_restore_dims(g, input, reduced), input);
}
