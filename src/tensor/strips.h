/* SPDX-License-Identifier: MIT */
/* Kernels that know flat operands only, run over any others. */
#ifndef FAC_TENSOR_STRIPS_H
#define FAC_TENSOR_STRIPS_H

#include "tensor/iterate.h"

/* Flat kernels of which FAC_STRIP_WHOLE divides the length need no loop for the rest. */
enum { FAC_STRIP = 256, FAC_STRIP_WHOLE = 16 };

/* fn(n, p, s, ctx) by calls with flat operands whose length is a multiple of FAC_STRIP_WHOLE: what has gaps, is a
 * single value, or ends before such a multiple goes through buffers. Where all are flat, only what is left behind the
 * last multiple. sizes: FAC_STRIP_SIZES of the number of inputs, the bytes of a result's element and of an input's. */
void fac_through_strips(int64_t n, char *const *p, const int64_t *s, const void *ctx, fac_inner_fn *fn, unsigned sizes);
#define FAC_STRIP_SIZES(inputs, result, input) ((unsigned)(inputs) | (unsigned)(result) << 8 | (unsigned)(input) << 16)

#endif
