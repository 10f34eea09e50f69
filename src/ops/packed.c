/* SPDX-License-Identifier: MIT */
#include "ops/packed.h"

#include "base/error.h"
#include "base/pool.h"

fac_tensor *fac_packed_view(const fac_tensor *tensor, const fac_meta *view, fac_dtype dtype)
{
    fac_meta meta = *view;
    meta.dtype = tensor->m.dtype;
    meta.offset = tensor->m.offset;
    fac_meta_view_done(&meta);
    fac_tensor *seen = fac_tensor_view(tensor->storage, &meta);
    if (!seen)
        return NULL;
    meta.dtype = (uint8_t)dtype;
    fac_meta_pack(&meta);
    fac_tensor *copy = fac_tensor_new(&meta);
    if (copy && fac_copy_cast(copy, seen)) {
        fac_tensor_drop(copy);
        copy = NULL;
    }
    fac_tensor_drop(seen);
    return copy;
}

fac_tensor *fac_packed(fac_tensor *tensor, const fac_meta *shape, fac_dtype dtype)
{
    const fac_meta *own = &tensor->m;
    if (!shape)
        shape = own;
    if (own->contiguous && own->dtype == dtype && own->numel == shape->numel) {
        fac_ref(tensor);
        return tensor;
    }
    fac_meta view = {.ndim = shape->ndim};
    for (int d = 0; d < shape->ndim; d++) {
        int from = d - (shape->ndim - own->ndim);
        view.shape[d] = shape->shape[d];
        view.stride[d] = from >= 0 && own->shape[from] != 1 ? own->stride[from] : 0;
    }
    return fac_packed_view(tensor, &view, dtype);
}

fac_status fac_can_multiply(int dtype, const char *who)
{
    if (dtype != FAC_BOOL)
        return FAC_OK;
    return fac_fail(FAC_ERR_TYPE, "%s: not implemented for bool", who);
}

fac_status fac_multiply(int dtype, fac_gemm *gemm)
{
    void (*multiply)(const fac_gemm *) = fac_k->gemm_u8;
    size_t size = 0;
    if (dtype == FAC_FLOAT32) {
        multiply = fac_k->gemm_f32;
        size = fac_k->gemm_workspace_f32(gemm->m, gemm->n, gemm->k);
    } else if (dtype == FAC_FLOAT64) {
        multiply = fac_k->gemm_f64;
        size = fac_k->gemm_workspace_f64(gemm->m, gemm->n, gemm->k);
    } else if (dtype == FAC_INT64) {
        multiply = fac_k->gemm_i64;
    } else if (dtype == FAC_INT32) {
        multiply = fac_k->gemm_i32;
    }
    gemm->workspace = NULL;
    if (size && !(gemm->workspace = fac_block_new(size)))
        return fac_pending();
    multiply(gemm);
    if (size)
        fac_block_free(gemm->workspace, size);
    return FAC_OK;
}

/* One step between rows for all dims but the last, if there is one: those of size 1 do not count. */
static bool rows_are_even(const fac_meta *m, int64_t *row)
{
    int64_t expected = -1;
    *row = 0;
    for (int d = m->ndim - 2; d >= 0; d--) {
        if (m->shape[d] == 1)
            continue;
        if (expected < 0)
            *row = m->stride[d];
        else if (m->stride[d] != expected)
            return false;
        expected = m->stride[d] * m->shape[d];
    }
    return true;
}

fac_status fac_matrix_open(fac_matrix *matrix, fac_tensor *tensor)
{
    const fac_meta *m = &tensor->m;
    matrix->copy = NULL;
    matrix->cols = m->shape[m->ndim - 1];
    matrix->rows = 1;
    for (int d = 0; d < m->ndim - 1; d++)
        matrix->rows *= m->shape[d];
    if (!rows_are_even(m, &matrix->row)) {
        tensor = matrix->copy = fac_packed(tensor, NULL, (fac_dtype)m->dtype);
        if (!tensor)
            return fac_pending();
        matrix->row = matrix->cols;
    }
    matrix->col = tensor->m.stride[m->ndim - 1];
    matrix->data = tensor->data;
    return FAC_OK;
}
