/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "tensor/kernels/isa.h"

#define UP_TO_4(M, v)  M(1, v) M(2, v) M(3, v) M(4, v)
#define UP_TO_6(M, v)  UP_TO_4(M, v) M(5, v) M(6, v)
#define UP_TO_10(M, v) UP_TO_6(M, v) M(7, v) M(8, v) M(9, v) M(10, v)
#define UP_TO_12(M, v) UP_TO_10(M, v) M(11, v) M(12, v)
enum {
    MOST_ROWS = 12,   /* of a tile */
    FEW_SAMPLES = 64, /* so many are turned for the weight gradient */
    DOT_STEPS = 256   /* vectors of samples whose products are summed one by one */
};

static inline int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How many rows come next, in strips of at most so many, as equal as can be. */
static inline int strip_of(int rows, int most)
{
    const int strips = rows > most ? (rows + most - 1) / most : 1;
    return rows > most ? (rows + strips - 1) / strips : rows;
}

/* As a statement of its own, or a compiler makes an address a row of it. */
#define one_row_on(p, row)     \
    __extension__({            \
        (p) += (row);          \
        __asm__("" : "+r"(p)); \
    })

#define FAC_REAL 32
#include "tensor/kernels/dense_real.h"
#include "tensor/kernels/vec_real.h"
#undef FAC_REAL
#define FAC_REAL 64
#include "tensor/kernels/dense_real.h"
#include "tensor/kernels/vec_real.h"
