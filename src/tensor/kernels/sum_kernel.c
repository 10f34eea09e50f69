/* SPDX-License-Identifier: MIT */
#include "tensor/kernels/isa.h"

enum {
    CHUNK_STEPS = 32,
    CHUNK_ROWS = 128,
    TREE_LEVELS = 56,
    ROW_VECTORS = FAC_REGISTERS / 8,
};

#define FAC_REAL 32
#include "tensor/kernels/sum_real.h"
#undef FAC_REAL
#define FAC_REAL 64
#include "tensor/kernels/sum_real.h"

#if FAC_IS_BASE
#define DEFINE_SUM(T, t)                                                                                              \
    int64_t FAC_ISA_NAME(fac_sum_##t)(int64_t n, const T *x, int64_t stride)                                          \
    {                                                                                                                 \
        uint64_t sum = 0;                                                                                             \
        if (stride == 1)                                                                                              \
            for (int64_t i = 0; i < n; i++)                                                                           \
                sum += (uint64_t)x[i];                                                                                \
        else                                                                                                          \
            for (int64_t i = 0; i < n; i++)                                                                           \
                sum += (uint64_t)x[i * stride];                                                                       \
        return (int64_t)sum;                                                                                          \
    }                                                                                                                 \
    void FAC_ISA_NAME(fac_sum_rows_##t)(int64_t m, int64_t n, const T *x, int64_t row, int64_t *out, bool accumulate) \
    {                                                                                                                 \
        for (int64_t j = 0; j < n && !accumulate; j++)                                                                \
            out[j] = 0;                                                                                               \
        for (int64_t i = 0; i < m; i++, x += row)                                                                     \
            for (int64_t j = 0; j < n; j++)                                                                           \
                out[j] = (int64_t)((uint64_t)out[j] + (uint64_t)x[j]);                                                \
    }
DEFINE_SUM(int64_t, i64)
DEFINE_SUM(int32_t, i32)
DEFINE_SUM(uint8_t, u8)
#endif
