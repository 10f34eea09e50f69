/* SPDX-License-Identifier: MIT */
/* The formulas of elementwise.def as loops, for every dtype. */
#include "tensor/elementwise.h"

#include <math.h>

#include "tensor/kernels/isa.h"

/* Exponents that people write are products, as PyTorch computes them. */
#define DEFINE_POW(T, name, power, root) \
    FAC_INLINE T name(T x, T e)          \
    {                                    \
        if (e == 2)                      \
            return x * x;                \
        if (e == 1)                      \
            return x;                    \
        if (e == 3)                      \
            return x * x * x;            \
        if (e == (T)0.5)                 \
            return root(x);              \
        if (e == -1)                     \
            return 1 / x;                \
        return power(x, e);              \
    }
DEFINE_POW(float, pow_float, powf, sqrtf)
DEFINE_POW(double, pow_double, pow, sqrt)

/* Wraps around; a negative exponent gives 0 but for bases 1 and -1 (the op refuses negative exponent numbers). */
FAC_INLINE int64_t pow_int(int64_t x, int64_t e)
{
    uint64_t result = 1, base = (uint64_t)x;
    if (e < 0)
        return x == 1 ? 1 : x == -1 ? (e % 2 ? -1 : 1) : 0;
    for (; e; e >>= 1, base *= base)
        if (e & 1)
            result *= base;
    return (int64_t)result;
}

#define NEG(a)       (-(a))
#define ADD(a, b)    ((a) + (b))
#define SUB(a, b)    ((a) - (b))
#define MUL(a, b)    ((a) * (b))
#define DIV(a, b)    ((a) / (b))
#define LT(a, b)     ((a) < (b))
#define LE(a, b)     ((a) <= (b))
#define GT(a, b)     ((a) > (b))
#define GE(a, b)     ((a) >= (b))
#define EQ(a, b)     ((a) == (b))
#define NE(a, b)     ((a) != (b))
#define AND(a, b)    ((a) & (b))
#define OR(a, b)     ((a) | (b))
#define SEL(c, a, b) ((c) ? (T)(a) : (T)(b))
#define SIGN(a)      ((T)((T)((a) > 0) - (T)((a) < 0)))
#define ZERO(a)      ((T)0)
#define K(c)         ((T)(c))
#define SIGMOID(a)   (1 / (1 + EXP(-(a))))
/* Of the argument struct a kernel knows that doubles follow the size; elementwise_ops.c checks that. */
#define A(op, i, name) ((T)((const double *)ctx)[1 + (i)])

/* Loops for the cases: all operands contiguous, which the compiler vectorises; one of two a single value; any strides.
 * Operands may be the same memory, but never overlap otherwise: iterations are independent. */
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#pragma clang diagnostic ignored "-Wpass-failed" /* it is told of loops with a call, too */
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

#define FLAT1(R, F)                             \
    INDEPENDENT for (int64_t i = 0; i < n; i++) \
    {                                           \
        const T x = a[i];                       \
        r[i] = (R)(F);                          \
    }
#define LOOP1(R, F)                                        \
    R *r = (R *)(void *)p[0];                              \
    const T *a = (const T *)(void *)p[1];                  \
    if (s[0] == sizeof(R) && s[1] == sizeof(T)) {          \
        FLAT1(R, F)                                        \
        return;                                            \
    }                                                      \
    for (int64_t i = 0; i < n; i++) {                      \
        const T x = *(const T *)(void *)(p[1] + i * s[1]); \
        *(R *)(void *)(p[0] + i * s[0]) = (R)(F);          \
    }

#define FLAT2(R, v1, get1, v2, get2, F)         \
    INDEPENDENT for (int64_t i = 0; i < n; i++) \
    {                                           \
        const T v1 = get1, v2 = get2;           \
        r[i] = (R)(F);                          \
    }
#define LOOP2(R, v1, v2, F)                                                                             \
    R *r = (R *)(void *)p[0];                                                                           \
    const T *a = (const T *)(void *)p[1], *b = (const T *)(void *)p[2];                                 \
    const bool flat1 = s[1] == sizeof(T), flat2 = s[2] == sizeof(T);                                    \
    if (s[0] == sizeof(R) && flat1 && flat2) {                                                          \
        FLAT2(R, v1, a[i], v2, b[i], F)                                                                 \
        return;                                                                                         \
    }                                                                                                   \
    if (s[0] == sizeof(R) && flat1 && s[2] == 0) {                                                      \
        const T single = *b;                                                                            \
        FLAT2(R, v1, a[i], v2, single, F)                                                               \
        return;                                                                                         \
    }                                                                                                   \
    if (s[0] == sizeof(R) && s[1] == 0 && flat2) {                                                      \
        const T single = *a;                                                                            \
        FLAT2(R, v1, single, v2, b[i], F)                                                               \
        return;                                                                                         \
    }                                                                                                   \
    for (int64_t i = 0; i < n; i++) {                                                                   \
        const T v1 = *(const T *)(void *)(p[1] + i * s[1]), v2 = *(const T *)(void *)(p[2] + i * s[2]); \
        *(R *)(void *)(p[0] + i * s[0]) = (R)(F);                                                       \
    }

/* A kernel's name tells the row, the direction and the dtype. */
#define NAME_(name, way, suffix)  name##_##way##_##suffix
#define NAME_2(name, way, suffix) NAME_(name, way, suffix)
#define NAME(name, way)           NAME_2(name, way, SUFFIX)
#define SIGNATURE(name, way)      static void NAME(name, way)(int64_t n, char *const *p, const int64_t *s, const void *ctx)

#define FORWARD1(name, R, F) \
    SIGNATURE(name, forward) \
    {                        \
        (void)ctx;           \
        LOOP1(R, F)          \
    }
#define FORWARD2(name, R, F) \
    SIGNATURE(name, forward) \
    {                        \
        (void)ctx;           \
        LOOP2(R, x, o, F)    \
    }
/* The third operand is x or y, by what the row saves; of a row that saves nothing it is g again. */
#define BACKWARD_IN(name, B)                  \
    SIGNATURE(name, backward)                 \
    {                                         \
        (void)ctx;                            \
        LOOP2(T, g, x, ((void)g, (void)x, B)) \
    }
#define BACKWARD_OUT(name, B)                 \
    SIGNATURE(name, backward)                 \
    {                                         \
        (void)ctx;                            \
        LOOP2(T, g, y, ((void)g, (void)y, B)) \
    }
#define BACKWARD_NONE(name, B)                          \
    SIGNATURE(name, backward)                           \
    {                                                   \
        (void)ctx;                                      \
        LOOP2(T, g, unused, ((void)g, (void)unused, B)) \
    }
#define BACKWARD_NO_GRAD(name, B)

#define FAC_EW1(name, types, args, F, B, saves, doc)      ROW1_##types(name, F, B, saves)
#define FAC_EW2(name, types, args, F, B1, B2, saves, doc) ROW2_##types(name, F)
#define ROW1_COMPARE(name, F, B, saves)                   FORWARD1(name, uint8_t, F)
#define ROW1_LOGIC                                        ROW1_COMPARE
#define ROW2_COMPARE(name, F)                             FORWARD2(name, uint8_t, F)
#define ROW2_LOGIC                                        ROW2_COMPARE

/* Floating dtypes have every row, with its derivative. */
#define ROW1_ARITH(name, F, B, saves) FORWARD1(name, T, F) BACKWARD_##saves(name, B)
#define ROW1_FLOAT                    ROW1_ARITH
#define ROW1_REAL                     ROW1_ARITH
#define ROW1_NUMBER                   ROW1_ARITH
#define ROW1_ANY                      ROW1_ARITH
#define ROW2_ARITH(name, F)           FORWARD2(name, T, F)
#define ROW2_FLOAT                    ROW2_ARITH
#define ROW2_ANY                      ROW2_ARITH

#define LIMIT  A
#define T      float
#define SUFFIX f32
#define M(w)   w##f
#define POW    pow_float
#include "tensor/kernels/elementwise_words.h"
#include "tensor/elementwise.def"
#undef T
#undef SUFFIX
#undef M
#undef POW
#define T      double
#define SUFFIX f64
#define M(w)   w
#define POW    pow_double
#include "tensor/elementwise.def"
#undef T
#undef SUFFIX
#undef M
#undef POW
#undef LIMIT

/* Integers have the arithmetic rows, no derivatives. Negative numbers wrap around as in PyTorch: unsigned inside. */
#undef ROW1_ARITH
#undef ROW1_FLOAT
#undef ROW2_ARITH
#undef ROW2_FLOAT
#define ROW1_ARITH(name, F, B, saves) FORWARD1(name, T, F)
#define ROW1_FLOAT(name, F, B, saves)
#undef ROW1_REAL
#define ROW1_REAL(name, F, B, saves)
#define ROW2_ARITH(name, F) FORWARD2(name, T, F)
#define ROW2_FLOAT(name, F)
#undef ABS
#undef NEG
#undef ADD
#undef SUB
#undef MUL
#undef SIGN
#undef FLOOR
#undef CEIL
#undef TRUNC
#define FLOOR(a)           (a)
#define CEIL(a)            (a)
#define TRUNC(a)           (a)
#define SIGN(a)            ((a) > 0 ? (T)1 : NEG((a) != 0))
#define ABS(a)             ((a) > 0 ? (T)(a) : NEG(a))
#define NEG(a)             ((T)(0 - (U)(a)))
#define ADD(a, b)          ((T)((U)(a) + (U)(b)))
#define SUB(a, b)          ((T)((U)(a) - (U)(b)))
#define MUL(a, b)          ((T)((U)(a) * (U)(b)))
#define POW(a, b)          ((T)pow_int((int64_t)(a), (int64_t)(b)))
#define LIMIT(op, i, name) (((const double *)ctx)[1 + (i)])
#if defined(__clang__) /* clamp compares integers with limits that are doubles */
#pragma clang diagnostic ignored "-Wimplicit-int-float-conversion"
#endif

#define T      int64_t
#define U      uint64_t
#define SUFFIX i64
#include "tensor/elementwise.def"
#undef T
#undef U
#undef SUFFIX
#define T      int32_t
#define U      uint32_t
#define SUFFIX i32
#include "tensor/elementwise.def"
#undef T
#undef U
#undef SUFFIX
#define T      uint8_t
#define U      uint32_t
#define SUFFIX u8
#include "tensor/elementwise.def"
#undef SUFFIX

/* Bools that stay bools: as bytes, what is not 0 is true. */
#undef ROW1_ARITH
#undef ROW1_NUMBER
#undef ROW1_ANY
#undef ROW2_ARITH
#undef ROW2_ANY
#undef ROW1_COMPARE
#undef ROW2_COMPARE
#define ROW1_ARITH(name, F, B, saves)
#define ROW1_NUMBER  ROW1_ARITH
#define ROW1_COMPARE ROW1_ARITH
#define ROW2_ARITH(name, F)
#define ROW2_COMPARE                ROW2_ARITH
#define ROW1_ANY(name, F, B, saves) FORWARD1(name, uint8_t, (F) != 0)
#define ROW2_ANY(name, F)           FORWARD2(name, uint8_t, (F) != 0)
#define SUFFIX                      b8
#include "tensor/elementwise.def"
#undef FAC_EW1
#undef FAC_EW2
#undef ROW1_ARITH
#undef ROW1_FLOAT
#undef ROW1_COMPARE
#undef ROW1_LOGIC
#undef ROW2_ARITH
#undef ROW2_FLOAT
#undef ROW2_COMPARE
#undef ROW2_LOGIC
#undef ROW1_REAL
#undef ROW1_NUMBER
#undef ROW1_ANY
#undef ROW2_ANY

#define FLOATS(name, way) [FAC_EW_##name] = {[FAC_FLOAT32] = name##_##way##_f32, [FAC_FLOAT64] = name##_##way##_f64},
#define ARITHS(name, way)                                  \
    [FAC_EW_##name] = {[FAC_FLOAT32] = name##_##way##_f32, \
                       [FAC_FLOAT64] = name##_##way##_f64, \
                       [FAC_INT64] = name##_##way##_i64,   \
                       [FAC_INT32] = name##_##way##_i32,   \
                       [FAC_UINT8] = name##_##way##_u8},
#define ALL(name, way)                                                                                            \
    [FAC_EW_##name] = {                                                                                           \
        [FAC_FLOAT32] = name##_##way##_f32, [FAC_FLOAT64] = name##_##way##_f64, [FAC_INT64] = name##_##way##_i64, \
        [FAC_INT32] = name##_##way##_i32,   [FAC_UINT8] = name##_##way##_u8,    [FAC_BOOL] = name##_##way##_u8},
#define FORWARD_ARITH(name)   ARITHS(name, forward)
#define FORWARD_FLOAT(name)   FLOATS(name, forward)
#define FORWARD_REAL(name)    FLOATS(name, forward)
#define FORWARD_NUMBER(name)  ARITHS(name, forward)
#define FORWARD_ANY(name)     ARITHS(name, forward)[FAC_EW_##name][FAC_BOOL] = name##_forward_b8,
#define FORWARD_COMPARE(name) ALL(name, forward)
#define FORWARD_LOGIC(name)   ALL(name, forward)
#define BACK_IN(name)         FLOATS(name, backward)
#define BACK_OUT(name)        FLOATS(name, backward)
#define BACK_NONE(name)       FLOATS(name, backward)
#define BACK_NO_GRAD(name)

extern const fac_ew_kernels FAC_ISA_NAME(fac_ew_table);
const fac_ew_kernels FAC_ISA_NAME(fac_ew_table) = {
    .forward =
        {
#define FAC_EW1(name, types, ...) FORWARD_##types(name)
#define FAC_EW2(name, types, ...) FORWARD_##types(name)
#include "tensor/elementwise.def"
#undef FAC_EW1
#undef FAC_EW2
        },
    .backward =
        {
#define FAC_EW1(name, types, args, F, B, saves, doc) BACK_##saves(name)
#define FAC_EW2(name, ...)
#include "tensor/elementwise.def"
        },
};
