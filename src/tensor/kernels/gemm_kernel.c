/* SPDX-License-Identifier: MIT */
#include <string.h>

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
    PACKED_A_ROW = FAC_GEMM_BLOCK + 16, /* rows start in different sets of the cache */
    PACKED_A = (TILE_ROWS + 2) * PACKED_A_ROW,
    WORKSPACE_BYTES = 1 << 19, /* of packed B: half of a usual second-level cache */
};

#define FAC_REAL         32
#define WORKSPACE_PANELS (WORKSPACE_BYTES / (FAC_GEMM_BLOCK * 2 * VF_LANES * 4))
#include "tensor/kernels/gemm_real.h"
#undef FAC_REAL
#define FAC_REAL 64
#include "tensor/kernels/gemm_real.h"
