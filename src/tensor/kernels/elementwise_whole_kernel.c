/* SPDX-License-Identifier: MIT */
/* Elementwise operations on integers and bools, and those that give bools, from floats as well. They wait for memory:
 * the baseline's kernels serve every instruction set. */
#include "tensor/kernels/elementwise_loops.h"

#if FAC_IS_BASE
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
#define IF_SINGLE(v1, v2, R, F)

#undef ROW1_ARITH
#undef ROW1_NUMBER
#undef ROW1_ANY
#undef ROW1_FLOAT
#undef ROW2_ARITH
#undef ROW2_ANY
#undef ROW2_FLOAT
#undef ROW1_COMPARE
#undef ROW2_COMPARE
#define ROW1_FLOAT(name, F, B, saves)
#define ROW2_FLOAT(name, F)
#define ROW1_NUMBER                     ROW1_ARITH
#define ROW1_COMPARE(name, F, B, saves) PLAIN1(name, forward, uint8_t, x, F)
#define ROW2_COMPARE(name, F)           PLAIN2(name, forward, uint8_t, x, o, F)

/* Floats have but the comparisons here. */
#define ROW1_ARITH ROW1_FLOAT
#define ROW1_ANY   ROW1_FLOAT
#define ROW2_ARITH ROW2_FLOAT
#define ROW2_ANY   ROW2_FLOAT
#define T          float
#define SUFFIX     f32
#include "tensor/elementwise.def"
#undef T
#undef SUFFIX
#define T      double
#define SUFFIX f64
#include "tensor/elementwise.def"
#undef T
#undef SUFFIX

/* Integers have the arithmetic rows, no derivatives. Negative numbers wrap around as in PyTorch: unsigned inside. */
#undef ROW1_ARITH
#undef ROW1_ANY
#undef ROW2_ARITH
#undef ROW2_ANY
#define ROW1_ARITH(name, F, B, saves) PLAIN1(name, forward, T, x, F)
#define ROW1_ANY                      ROW1_ARITH
#define ROW2_ARITH(name, F)           PLAIN2(name, forward, T, x, o, F)
#define ROW2_ANY                      ROW2_ARITH
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
#undef ROW1_ANY
#undef ROW2_ARITH
#undef ROW2_ANY
#undef ROW1_COMPARE
#undef ROW2_COMPARE
#define ROW1_ARITH                  ROW1_FLOAT
#define ROW1_COMPARE                ROW1_FLOAT
#define ROW2_ARITH                  ROW2_FLOAT
#define ROW2_COMPARE                ROW2_FLOAT
#define ROW1_ANY(name, F, B, saves) PLAIN1(name, forward, uint8_t, x, (F) != 0)
#define ROW2_ANY(name, F)           PLAIN2(name, forward, uint8_t, x, o, (F) != 0)
#define SUFFIX                      b8
#include "tensor/elementwise.def"
#endif
