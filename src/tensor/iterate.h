/* SPDX-License-Identifier: MIT */
/* Walking several tensors of one broadcast shape together, in as few and as long inner runs as their strides allow. */
#ifndef FAC_TENSOR_ITERATE_H
#define FAC_TENSOR_ITERATE_H

#include "tensor/tensor.h"

enum { FAC_ITER_MAX = 6 };

/* n elements of each operand, p[k] the first, s[k] the bytes from one to the next. */
typedef void fac_inner_fn(int64_t n, char *const *p, const int64_t *s, const void *ctx);

typedef struct fac_iter {
    int operands, ndim;
    int64_t shape[FAC_MAX_DIMS];
    int64_t stride[FAC_ITER_MAX][FAC_MAX_DIMS]; /* bytes; 0 where broadcast */
    char *data[FAC_ITER_MAX];
} fac_iter;

/* The broadcast shape of n metas into *out (shape, ndim, packed; dtype untouched); FAC_ERR_VALUE names both shapes. */
fac_status fac_broadcast(fac_meta *out, const fac_meta *const *metas, int n, const char *who);

/* Starts with the result's shape; operands are added, then walked. Operands broadcast to the shape. */
void fac_iter_begin(fac_iter *iter, const fac_meta *shape);
void fac_iter_add(fac_iter *iter, void *data, const fac_meta *meta);
void fac_iter_run(fac_iter *iter, fac_inner_fn *fn, const void *ctx);

#endif
