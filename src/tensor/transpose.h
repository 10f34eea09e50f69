/* SPDX-License-Identifier: MIT */
#ifndef FAC_TENSOR_TRANSPOSE_H
#define FAC_TENSOR_TRANSPOSE_H

#include "tensor/iterate.h"

/* out[i * out_row + j] = in[j * in_row + i] for i < m, j < n: elements of `size` bytes (1, 4 or 8), rows in elements.
 * The arrays do not overlap. */
void fac_transpose(int size, int64_t m, int64_t n, void *out, int64_t out_row, const void *in, int64_t in_row);

#endif
