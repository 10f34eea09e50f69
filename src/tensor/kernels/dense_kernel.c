/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tensor/kernels/isa.h"

/* Sums of a tile of `vectors` vectors of samples stay in registers, with room for what they are made of. */
#define FOR_ROWS_1(M) M(1, 1) M(2, 1) M(3, 1) M(4, 1)
#if FAC_REGISTERS == 32
#define FOR_ROWS_2(M) M(1, 2) M(2, 2) M(3, 2) M(4, 2) M(5, 2) M(6, 2)
#define FOR_ROWS_4(M) M(1, 4) M(2, 4) M(3, 4) M(4, 4) M(5, 4)
enum { ROWS_1 = 4, ROWS_2 = 6, ROWS_4 = 5, MOST_ROWS = 6, DOTS = 16 };
#else
#define FOR_ROWS_2(M) M(1, 2) M(2, 2) M(3, 2) M(4, 2) M(5, 2)
#define FOR_ROWS_4(M) M(1, 4) M(2, 4) M(3, 4)
enum { ROWS_1 = 4, ROWS_2 = 5, ROWS_4 = 3, MOST_ROWS = 5, DOTS = 8 };
#endif
enum { MOST_VECTORS = 4, DOT_STEPS = 256 /* vectors of samples whose products are summed one by one */ };

static inline int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#define FAC_REAL 32
#include "tensor/kernels/dense_real.h"
#include "tensor/kernels/vec_real.h"
#undef FAC_REAL
#define FAC_REAL 64
#include "tensor/kernels/dense_real.h"
#include "tensor/kernels/vec_real.h"
