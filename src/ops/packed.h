/* SPDX-License-Identifier: MIT */
/* Tensors as kernels want them. What is made here is fresh memory that no scope and no graph sees: give it back with
 * fac_tensor_drop. */
#ifndef FAC_OPS_PACKED_H
#define FAC_OPS_PACKED_H

#include "graph/op.h"
#include "tensor/kernels.h"
#include "tensor/tensor.h"

/* The values of tensor in dtype, broadcast to shape (NULL: its own), row-major: tensor itself with one more reference
 * where it is that already. NULL with the error set. */
fac_tensor *fac_packed(fac_tensor *tensor, const fac_meta *shape, fac_dtype dtype);

/* A fresh row-major copy of tensor's values, seen through the view (its shape and strides, from tensor's start). */
fac_tensor *fac_packed_view(const fac_tensor *tensor, const fac_meta *view, fac_dtype dtype);

/* fac_meta_pack, without a call for up to two dims. */
static inline void fac_pack_few(fac_meta *meta)
{
    if (meta->ndim != 1 && meta->ndim != 2) {
        fac_meta_pack(meta);
        return;
    }
    const int last = meta->ndim - 1;
    const int64_t size = meta->shape[last], rows = last ? meta->shape[0] : 1;
    meta->stride[0] = size > 1 ? size : 1;
    meta->stride[last] = 1;
    meta->numel = size * rows;
    meta->contiguous = true;
}

/* What is done with blocks of a product as they are finished: see fac_gemm. */
typedef struct fac_epilogue {
    void (*run)(void *ctx, int64_t i, int64_t j, int64_t rows, int64_t columns, void *c, int64_t c_row);
    void *ctx;
} fac_epilogue;

/* linear, or linear_backward with its input's gradient wanted, and then the epilogue on result 0. */
fac_status fac_linear_then(const fac_call *call, fac_tensor **out, const fac_epilogue *then);

/* A product of matrices of that dtype, with a workspace where one helps and there is memory for it, on several threads
 * if it is long: its epilogue may run on any of them. */
fac_status fac_multiply(int dtype, fac_gemm *gemm);
/* FAC_OK, or the error that there is no product of that dtype: `mm: not implemented for bool`. */
fac_status fac_can_multiply(int dtype, const char *who);

/* All dims but the last as one dim of rows: element (i, j) is at data[i*row + j*col]. */
typedef struct fac_matrix {
    const void *data;
    int64_t rows, cols, row, col;
    fac_tensor *copy; /* where the strides would not do */
} fac_matrix;

/* Opens a tensor of at least one dim; fac_matrix_close gives back what it took. */
fac_status fac_matrix_open(fac_matrix *matrix, fac_tensor *tensor);
static inline void fac_matrix_close(fac_matrix *matrix)
{
    if (__builtin_expect(matrix->copy != NULL, 0))
        fac_tensor_drop(matrix->copy);
}

#endif
