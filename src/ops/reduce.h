/* SPDX-License-Identifier: MIT */
/* What reductions share: which dims go, the result's shape, and the input cut up so that kernels can take it. */
#ifndef FAC_OPS_REDUCE_H
#define FAC_OPS_REDUCE_H

#include "ops/op_list.h"
#include "ops/packed.h"

/* Which of the dims are reduced. */
typedef struct fac_reduced {
    bool dim[FAC_MAX_DIMS];
} fac_reduced;

/* From an argument: one dim, several, or FAC_NONE for all; errors as PyTorch's. */
fac_status fac_reduced_from(fac_reduced *reduced, const char *who, int ndim, fac_dims dims);
/* Shape, of size 1 or without the reduced dims, and strides; the dtype is left alone. */
void fac_reduced_shape(fac_meta *out, const fac_meta *in, const fac_reduced *reduced, bool keepdim);
/* How many elements become one. */
int64_t fac_reduced_count(int ndim, const int64_t *shape, const fac_reduced *reduced);

/* The input as `outer` slabs of count x inner elements, of which each column is reduced. Element (i, j) of a slab is at
 * i*step + j. Which form it is depends on the shape alone, so that a sum's order does; where strides do not fit, the
 * input is copied. */
typedef struct fac_slabs {
    int64_t outer, count, inner, step;
    const char *at; /* the current slab */
    int ndim;       /* of the walk over the slabs; strides in bytes */
    int64_t index[FAC_MAX_DIMS], shape[FAC_MAX_DIMS], stride[FAC_MAX_DIMS];
    fac_tensor *copy;
} fac_slabs;

fac_status fac_slabs_open(fac_slabs *slabs, fac_tensor *input, const fac_reduced *reduced, fac_dtype dtype);
void fac_slabs_next(fac_slabs *slabs);
void fac_slabs_close(fac_slabs *slabs);

/* A fresh copy of the input as outer rows of count contiguous elements. NULL with the error set. */
fac_tensor *fac_rows_copy(const fac_tensor *input, const fac_reduced *reduced, fac_dtype dtype);

/* For derivatives: g expanded to a shape; g, a reduction's, with the reduced dims put back in as size 1; and both. NULL
 * gives NULL. */
fac_tensor *fac_expand_to(fac_tensor *g, const fac_shape *shape);
fac_tensor *fac_restore_dims(fac_tensor *g, const fac_shape *input, const fac_reduced *reduced);
fac_tensor *fac_expand_over(fac_tensor *g, const fac_shape *input, const fac_reduced *reduced);
/* The reduced dims of a node's input 0, by its argument. */
fac_status fac_node_reduced(const fac_node *node, fac_dims dims, fac_shape *input, fac_reduced *reduced);

#endif
