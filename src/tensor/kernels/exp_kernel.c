/* SPDX-License-Identifier: MIT */
#include "tensor/kernels/vector_math.h"

enum { WHOLE = 16 };
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Whole vectors, the rest filled up: each element's bits depend on it and c alone. */
#define DEFINE_EXP_MINUS(T, t)                                                        \
    static void whole_##t(int64_t n, T *y, const T *x, T c)                           \
    {                                                                                 \
        const int64_t whole = n & -(int64_t)WHOLE;                                    \
        INDEPENDENT for (int64_t i = 0; i < whole; i++) y[i] = fac_exp_##t(x[i] - c); \
    }                                                                                 \
    void FAC_ISA_NAME(fac_exp_minus_##t)(int64_t n, T * y, const T *x, T c)           \
    {                                                                                 \
        T rest[WHOLE];                                                                \
        const int64_t whole = n & -(int64_t)WHOLE;                                    \
        whole_##t(whole, y, x, c);                                                    \
        if (whole == n)                                                               \
            return;                                                                   \
        for (int64_t i = 0; i < WHOLE; i++)                                           \
            rest[i] = whole + i < n ? x[whole + i] : c;                               \
        whole_##t(WHOLE, rest, rest, c);                                              \
        for (int64_t i = whole; i < n; i++)                                           \
            y[i] = rest[i - whole];                                                   \
    }
DEFINE_EXP_MINUS(float, f32)
DEFINE_EXP_MINUS(double, f64)
