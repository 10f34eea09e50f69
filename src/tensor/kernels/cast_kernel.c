/* SPDX-License-Identifier: MIT */
#include "tensor/kernels/isa.h"

#if FAC_IS_BASE

/* What C leaves undefined is what x86-64's conversions, and so PyTorch's, give: the least value of the type. */
FAC_INLINE int64_t fac_i64_of(double x)
{
    return x > -0x1p63 && x < 0x1p63 ? (int64_t)x : INT64_MIN;
}
FAC_INLINE int32_t fac_i32_of(double x)
{
    return x > -0x1p31 && x < 0x1p31 ? (int32_t)x : INT32_MIN;
}

/* Conversions to each dtype from a real (R) and from an integer (N). A bool is a byte of 0 or 1. */
#define TO_f32_R(x) (float)(x)
#define TO_f64_R(x) (double)(x)
#define TO_i64_R(x) fac_i64_of(x)
#define TO_i32_R(x) fac_i32_of(x)
#define TO_u8_R(x)  (uint8_t) fac_i64_of(x)
#define TO_b8_R(x)  (uint8_t)((x) != 0)
#define TO_f32_N(x) (float)(x)
#define TO_f64_N(x) (double)(x)
#define TO_i64_N(x) (int64_t)(x)
#define TO_i32_N(x) (int32_t)(x)
#define TO_u8_N(x)  (uint8_t)(x)
#define TO_b8_N(x)  (uint8_t)((x) != 0)

#define TYPE_f32 float
#define TYPE_f64 double
#define TYPE_i64 int64_t
#define TYPE_i32 int32_t
#define TYPE_u8  uint8_t
#define TYPE_b8  uint8_t

#define DEFINE_CAST(from, to, kind)                                                                             \
    static void cast_##from##_##to(int64_t n, void *out, int64_t out_stride, const void *in, int64_t in_stride) \
    {                                                                                                           \
        const TYPE_##from *x = in;                                                                              \
        TYPE_##to *y = out;                                                                                     \
        const int64_t sx = in_stride / (int64_t)sizeof *x, sy = out_stride / (int64_t)sizeof *y;                \
        if (sx == 1 && sy == 1)                                                                                 \
            for (int64_t i = 0; i < n; i++)                                                                     \
                y[i] = TO_##to##_##kind(x[i]);                                                                  \
        else                                                                                                    \
            for (int64_t i = 0; i < n; i++)                                                                     \
                y[i * sy] = TO_##to##_##kind(x[i * sx]);                                                        \
    }
#define DEFINE_CASTS(from, kind) \
    DEFINE_CAST(from, f32, kind) \
    DEFINE_CAST(from, f64, kind) \
    DEFINE_CAST(from, i64, kind) \
    DEFINE_CAST(from, i32, kind) \
    DEFINE_CAST(from, u8, kind)  \
    DEFINE_CAST(from, b8, kind)
DEFINE_CASTS(f32, R)
DEFINE_CASTS(f64, R)
DEFINE_CASTS(i64, N)
DEFINE_CASTS(i32, N)
DEFINE_CASTS(u8, N)
DEFINE_CASTS(b8, N)

#define CASTS_FROM(from)                                                                                       \
    {                                                                                                          \
        [FAC_FLOAT32] = cast_##from##_f32, [FAC_FLOAT64] = cast_##from##_f64, [FAC_INT64] = cast_##from##_i64, \
        [FAC_INT32] = cast_##from##_i32, [FAC_UINT8] = cast_##from##_u8, [FAC_BOOL] = cast_##from##_b8         \
    }
const fac_casts fac_cast_table_base = {{
    [FAC_FLOAT32] = CASTS_FROM(f32),
    [FAC_FLOAT64] = CASTS_FROM(f64),
    [FAC_INT64] = CASTS_FROM(i64),
    [FAC_INT32] = CASTS_FROM(i32),
    [FAC_UINT8] = CASTS_FROM(u8),
    [FAC_BOOL] = CASTS_FROM(b8),
}};
#endif
