/* SPDX-License-Identifier: MIT */
/* Shapes and strides. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/error.h"
#include "tensor/tensor.h"

const uint8_t fac_dtype_sizes[FAC_DTYPES] = {
    [FAC_FLOAT32] = 4, [FAC_FLOAT64] = 8, [FAC_INT64] = 8, [FAC_INT32] = 4, [FAC_UINT8] = 1, [FAC_BOOL] = 1};

size_t fac_dtype_size(fac_dtype dtype)
{
    return (unsigned)dtype < FAC_DTYPES ? fac_dtype_sizes[dtype] : 0;
}

const char *fac_dtype_name(fac_dtype dtype)
{
    static const char *const names[FAC_DTYPES] = {NULL, "float32", "float64", "int64", "int32", "uint8", "bool"};
    return (unsigned)dtype < FAC_DTYPES ? names[dtype] : NULL;
}

void fac_meta_pack(fac_meta *meta)
{
    int64_t stride = 1;
    meta->numel = 1;
    for (int d = meta->ndim; d-- > 0;) {
        meta->stride[d] = stride;
        meta->numel *= meta->shape[d];
        stride *= meta->shape[d] > 1 ? meta->shape[d] : 1;
    }
    meta->contiguous = true;
}

void fac_meta_view_done(fac_meta *meta)
{
    int64_t expected = 1;
    meta->numel = 1;
    meta->contiguous = true;
    for (int d = meta->ndim; d-- > 0;) {
        meta->numel *= meta->shape[d];
        if (meta->shape[d] != 1) {
            meta->contiguous &= meta->stride[d] == expected;
            expected *= meta->shape[d];
        }
    }
    meta->contiguous |= meta->numel == 0;
}

fac_status fac_meta_init(fac_meta *meta, int dtype, int ndim, const int64_t *shape, const char *who)
{
    if (ndim < 0 || ndim > FAC_MAX_DIMS)
        return fac_fail(FAC_ERR_VALUE, "%s: at most %d dimensions, got %d", who, FAC_MAX_DIMS, ndim);
    int64_t bytes = fac_dtype_sizes[dtype];
    for (int d = 0; d < ndim; d++) {
        if (shape[d] < 0)
            return fac_fail(FAC_ERR_VALUE, "%s: negative size in shape %s", who, fac_list_text(ndim, shape));
        if (!fac_size_mul(bytes, shape[d] ? shape[d] : 1, &bytes))
            return fac_fail(FAC_ERR_VALUE, "%s: shape %s is too large", who, fac_list_text(ndim, shape));
        meta->shape[d] = shape[d];
    }
    meta->dtype = (uint8_t)dtype;
    meta->ndim = (uint8_t)ndim;
    meta->offset = 0;
    fac_meta_pack(meta);
    return FAC_OK;
}

bool fac_same_shape(const fac_meta *a, const fac_meta *b)
{
    if (a->ndim != b->ndim)
        return false;
    for (int d = 0; d < a->ndim; d++)
        if (a->shape[d] != b->shape[d])
            return false;
    return true;
}

const char *fac_list_text(int64_t count, const int64_t *values)
{
    enum { SIZE = FAC_TEXT_MAX };
    char *text = fac_thread_text();
    if (!text)
        return "(...)";
    size_t length = (size_t)snprintf(text, SIZE, "(");
    for (int64_t i = 0; i < count && length < SIZE - 40; i++)
        length += (size_t)snprintf(text + length, SIZE - length, "%s%lld", i ? ", " : "", (long long)values[i]);
    snprintf(text + length, SIZE - length, count == 1 ? ",)" : ")");
    return text;
}

const char *fac_shape_text(const fac_meta *meta)
{
    return fac_list_text(meta->ndim, meta->shape);
}

fac_status fac_wrap_dim(int64_t dim, int ndim, int *wrapped, const char *who)
{
    int n = ndim ? ndim : 1;
    if (dim < -n || dim >= n)
        return fac_fail(FAC_ERR_INDEX, "%s: Dimension out of range (expected to be in range of [%d, %d], but got %lld)",
                        who, -n, n - 1, (long long)dim);
    *wrapped = (int)(dim < 0 ? dim + n : dim);
    return FAC_OK;
}
