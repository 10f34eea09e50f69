/* SPDX-License-Identifier: MIT */
#include "tensor/iterate.h"

#include "base/alloc.h"
#include "base/error.h"

static int64_t size_from_end(const fac_meta *meta, int from_end)
{
    return from_end < meta->ndim ? meta->shape[meta->ndim - 1 - from_end] : 1;
}

static fac_status no_broadcast(const fac_meta *a, const fac_meta *b, const char *who, int dim)
{
    return fac_fail(FAC_ERR_VALUE,
                    "%s: shapes %s and %s cannot be broadcast together: the sizes must match at dimension %d", who,
                    fac_shape_text(a), fac_shape_text(b), dim);
}

fac_status fac_broadcast(fac_meta *out, const fac_meta *const *metas, int n, const char *who)
{
    int ndim = 0;
    for (int i = 0; i < n; i++)
        ndim = metas[i]->ndim > ndim ? metas[i]->ndim : ndim;
    out->ndim = (uint8_t)ndim;
    for (int e = 0; e < ndim; e++) {
        int64_t size = 1;
        const fac_meta *from = NULL;
        for (int i = 0; i < n; i++) {
            int64_t s = size_from_end(metas[i], e);
            if (s == 1)
                continue;
            if (size != 1 && s != size)
                return no_broadcast(from, metas[i], who, ndim - 1 - e);
            size = s;
            from = metas[i];
        }
        out->shape[ndim - 1 - e] = size;
    }
    out->offset = 0;
    for (int64_t d = 0, product = sizeof(double); d < ndim; d++)
        if (!fac_size_mul(product, out->shape[d] ? out->shape[d] : 1, &product))
            return fac_fail(FAC_ERR_VALUE, "%s: shape %s is too large", who, fac_list_text(ndim, out->shape));
    fac_meta_pack(out);
    return FAC_OK;
}

void fac_iter_begin(fac_iter *iter, const fac_meta *shape)
{
    iter->operands = 0;
    iter->ndim = shape->ndim;
    for (int d = 0; d < shape->ndim; d++)
        iter->shape[d] = shape->shape[d];
}

void fac_iter_add(fac_iter *iter, void *data, const fac_meta *meta)
{
    int k = iter->operands++, shift = iter->ndim - meta->ndim;
    int64_t size = fac_dtype_sizes[meta->dtype];
    iter->data[k] = data;
    for (int d = 0; d < iter->ndim; d++) {
        int own = d - shift;
        bool moves = own >= 0 && meta->shape[own] != 1;
        iter->stride[k][d] = moves ? meta->stride[own] * size : 0;
    }
}

static bool can_merge(const fac_iter *iter, int outer, int inner)
{
    for (int k = 0; k < iter->operands; k++)
        if (iter->stride[k][outer] != iter->stride[k][inner] * iter->shape[inner])
            return false;
    return true;
}

static void copy_dim(fac_iter *iter, int to, int from)
{
    iter->shape[to] = iter->shape[from];
    for (int k = 0; k < iter->operands; k++)
        iter->stride[k][to] = iter->stride[k][from];
}

/* Drops dims of size 1 and joins neighbours that every operand steps through evenly. */
static void coalesce(fac_iter *iter)
{
    int kept = 0;
    for (int d = 0; d < iter->ndim; d++) {
        if (iter->shape[d] == 1)
            continue;
        if (kept && can_merge(iter, kept - 1, d)) {
            int64_t size = iter->shape[kept - 1] * iter->shape[d];
            copy_dim(iter, kept - 1, d);
            iter->shape[kept - 1] = size;
        } else {
            copy_dim(iter, kept++, d);
        }
    }
    iter->ndim = kept;
}

static void run_outer(fac_iter *iter, fac_inner_fn *fn, const void *ctx)
{
    int inner = iter->ndim - 1;
    int64_t at[FAC_MAX_DIMS] = {0}, strides[FAC_ITER_MAX];
    for (int k = 0; k < iter->operands; k++)
        strides[k] = iter->stride[k][inner];
    for (;;) {
        fn(iter->shape[inner], iter->data, strides, ctx);
        int d = inner - 1;
        for (; d >= 0; d--) {
            bool wraps = ++at[d] == iter->shape[d];
            for (int k = 0; k < iter->operands; k++)
                iter->data[k] += wraps ? iter->stride[k][d] * (1 - iter->shape[d]) : iter->stride[k][d];
            if (!wraps)
                break;
            at[d] = 0;
        }
        if (d < 0)
            return;
    }
}

void fac_iter_run(fac_iter *iter, fac_inner_fn *fn, const void *ctx)
{
    for (int d = 0; d < iter->ndim; d++)
        if (iter->shape[d] == 0)
            return;
    coalesce(iter);
    if (iter->ndim == 0) {
        static const int64_t still[FAC_ITER_MAX];
        fn(1, iter->data, still, ctx);
        return;
    }
    run_outer(iter, fn, ctx);
}
