/* SPDX-License-Identifier: MIT */
#include "tensor/kernels/isa.h"

#if FAC_IS_BASE

/* U: an unsigned type at least as wide as T and int, whose arithmetic wraps. */
#define DEFINE_GEMM(T, U, name)                                                                      \
    FAC_INLINE void name##_row(const fac_gemm *g, const T *a, const T *b, const int64_t b_col, T *c) \
    {                                                                                                \
        for (int64_t p = 0; p < g->k; p++, b += g->b_row) {                                          \
            U x = (U)a[p * g->a_col];                                                                \
            for (int64_t j = 0; j < g->n; j++)                                                       \
                c[j] = (T)((U)c[j] + x * (U)b[j * b_col]);                                           \
        }                                                                                            \
    }                                                                                                \
    void FAC_ISA_NAME(fac_##name)(const fac_gemm *g)                                                 \
    {                                                                                                \
        const T *a = g->a, *b = g->b, *bias = g->bias;                                               \
        T *c = g->c;                                                                                 \
        for (int64_t i = 0; i < g->m; i++, a += g->a_row, c += g->c_row) {                           \
            for (int64_t j = 0; j < g->n; j++)                                                       \
                c[j] = (T)((g->accumulate ? (U)c[j] : 0) + (bias ? (U)bias[j] : 0));                 \
            if (g->b_col == 1)                                                                       \
                name##_row(g, a, b, 1, c);                                                           \
            else                                                                                     \
                name##_row(g, a, b, g->b_col, c);                                                    \
        }                                                                                            \
    }

DEFINE_GEMM(int64_t, uint64_t, gemm_i64)
DEFINE_GEMM(int32_t, uint32_t, gemm_i32)
DEFINE_GEMM(uint8_t, uint32_t, gemm_u8)
#endif
