/* SPDX-License-Identifier: MIT */
#ifdef __AVX512DQ__
#include "tensor/kernels/vector_math_v4.h"
#else
#include "tensor/kernels/vector_math.h"
#endif

enum { WHOLE = 16 };
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

#define DEFINE_WHOLE(T, t)                                                        \
    static void whole_##t(int64_t n, T *y, const T *x, T c)                       \
    {                                                                             \
        INDEPENDENT for (int64_t i = 0; i < n; i++) y[i] = fac_exp_##t(x[i] - c); \
    }
DEFINE_WHOLE(double, f64)
#ifdef __AVX512DQ__
static void whole_f32(int64_t n, float *y, const float *x, float c)
{
    for (int64_t i = 0; i < n; i += VF_LANES)
        vf_store(y + i, vf_exp(vf_load(x + i) - vf_all(c)));
}
#else
DEFINE_WHOLE(float, f32)
#endif

/* Whole vectors, the rest filled up: each element's bits depend on it and c alone. */
#define DEFINE_EXP_MINUS(T, t)                                              \
    void FAC_ISA_NAME(fac_exp_minus_##t)(int64_t n, T * y, const T *x, T c) \
    {                                                                       \
        T rest[WHOLE];                                                      \
        const int64_t whole = n & -(int64_t)WHOLE;                          \
        whole_##t(whole, y, x, c);                                          \
        if (whole == n)                                                     \
            return;                                                         \
        for (int64_t i = 0; i < WHOLE; i++)                                 \
            rest[i] = whole + i < n ? x[whole + i] : c;                     \
        whole_##t(WHOLE, rest, rest, c);                                    \
        for (int64_t i = whole; i < n; i++)                                 \
            y[i] = rest[i - whole];                                         \
    }
DEFINE_EXP_MINUS(float, f32)
DEFINE_EXP_MINUS(double, f64)

/* With a fused multiply-add the quotient from the rounded reciprocal and one correction is the rounded one (Markstein,
 * 1990), in a fifth of the time of a division. */
#define DEFINE_SHARE(T, t, fma)                                             \
    void FAC_ISA_NAME(fac_share_##t)(int64_t n, T * y, const T *x, T c)     \
    {                                                                       \
        const T reciprocal = 1 / c;                                         \
        INDEPENDENT for (int64_t i = 0; i < n; i++)                         \
        {                                                                   \
            const T q = x[i] * reciprocal;                                  \
            y[i] = FUSED ? fma(fma(-q, c, x[i]), reciprocal, q) : x[i] / c; \
        }                                                                   \
    }
#ifdef __FMA__
#define FUSED 1
#else
#define FUSED 0
#endif
DEFINE_SHARE(float, f32, fac_fmaf)
DEFINE_SHARE(double, f64, fac_fma)
