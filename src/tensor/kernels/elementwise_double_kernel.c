/* SPDX-License-Identifier: MIT */
/* Elementwise operations on float64, but for v4, which takes those of v3. */
#include "tensor/kernels/elementwise_loops.h"

#define IS_V4_base 0
#define IS_V4_v3   0
#define IS_V4_v4   1
#if !FAC_ISA_NAME(IS_V4)
#define LIMIT A
#define IF_SINGLE(v1, v2, R, F)
#define T      double
#define SUFFIX f64
#define M(w)   w
#define V(w)   fac_##w##_f64
#define POW    pow_double
#include "tensor/elementwise.def"
#endif
