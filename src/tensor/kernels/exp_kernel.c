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
