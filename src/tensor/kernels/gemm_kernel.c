/* SPDX-License-Identifier: MIT */
#include "tensor/kernels/isa.h"

/* A tile's sums fill most of the vector registers; the rest holds a row of B and an element of A. */
#if FAC_REGISTERS == 32
#define FOR_TILE_ROWS(M) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11) M(12) M(13) M(14)
enum { TILE_ROWS = 14, PACKED_A_COLUMN = 16 };
#else
#define FOR_TILE_ROWS(M) M(1) M(2) M(3) M(4) M(5) M(6)
enum { TILE_ROWS = 6, PACKED_A_COLUMN = 8 };
#endif
enum {
    TILE_VECTORS = 2,
    BLOCK_B_BYTES = 1 << 20, /* half of a large second-level cache */
    MOST_PANELS = 64,
    STRIP = FAC_GEMM_BLOCK * PACKED_A_COLUMN, /* of A, packed */
    BLOCK_STRIPS = TILE_ROWS > 6 ? 8 : 16,    /* packed at a time */
    LARGE_C = 1 << 15,
};

#define FAC_REAL 32
#include "tensor/kernels/gemm_real.h"
#undef FAC_REAL
#define FAC_REAL 64
#include "tensor/kernels/gemm_real.h"
