/* SPDX-License-Identifier: MIT */
/* Kernels that know flat operands only, run over any others. */
#ifndef FAC_TENSOR_STRIPS_H
#define FAC_TENSOR_STRIPS_H

#include "tensor/iterate.h"

/* Flat kernels of which FAC_STRIP_WHOLE divides the length need no loop for the rest. */
enum { FAC_STRIP = 256, FAC_STRIP_WHOLE = 16 };

/* fn(n, p, s, ctx) for a kernel of `inputs` operands of one size, by calls with flat operands whose length is a
 * multiple of FAC_STRIP_WHOLE: what has gaps, is a single value, or ends before such a multiple goes through buffers.
 */
void fac_through_strips(fac_inner_fn *fn, int inputs, int result_size, int input_size, int64_t n, char *const *p,
                        const int64_t *s, const void *ctx);

#endif
