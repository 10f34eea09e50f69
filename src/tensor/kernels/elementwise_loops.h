/* SPDX-License-Identifier: MIT */
/* The formulas of elementwise.def as loops: what its rows become, for a file that says which T, SUFFIX, M(f), V(f) and
 * POW they are of, and includes them. */
#ifndef FAC_KERNELS_ELEMENTWISE_LOOPS_H
#define FAC_KERNELS_ELEMENTWISE_LOOPS_H

#include <math.h>

#include "tensor/elementwise.h"
#include "tensor/kernels/elementwise_power.h"
#include "tensor/kernels/vector_math.h"
#include "tensor/strips.h"

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
/* Of the argument struct a kernel knows that doubles follow the size; elementwise_ops.c checks that. */
#define A(op, i, name) ((T)((const double *)ctx)[1 + (i)])

/* Operands may be the same memory, but never overlap otherwise: iterations are independent. */
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#pragma clang diagnostic ignored "-Wpass-failed" /* it is told of loops with a call, too */
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

/* A kernel's name tells the row, the direction, the dtype and the instruction set it is compiled for. */
#define NAME_(name, way, suffix, isa)   fac_ew_##name##_##way##_##suffix##_##isa
#define NAME_2(name, way, suffix, isa)  NAME_(name, way, suffix, isa)
#define NAME(name, way)                 NAME_2(name, way, SUFFIX, FAC_ISA)
#define PARAMETERS                      (int64_t n, char *const *p, const int64_t *s, const void *ctx)
#define DECLARE(name, way, suffix, isa) void NAME_2(name, way, suffix, isa) PARAMETERS;

#define STRIPS(name, way, inputs, R) \
    fac_through_strips(n, p, s, ctx, NAME(name, way), FAC_STRIP_SIZES(inputs, sizeof(R), sizeof(T)))
#define OPERANDS1(R)                            \
    R *const r = (R *)(void *)p[0];             \
    const T *const a = (const T *)(void *)p[1]; \
    const bool flat = s[0] == (int64_t)sizeof(R) && s[1] == (int64_t)sizeof(T);
#define OPERANDS2(R)                                                                \
    R *const r = (R *)(void *)p[0];                                                 \
    const T *const a = (const T *)(void *)p[1], *const b = (const T *)(void *)p[2]; \
    const bool flat = s[0] == (int64_t)sizeof(R) && s[1] == (int64_t)sizeof(T) && s[2] == (int64_t)sizeof(T);
#define VALUES1(v1, i)     const T v1 = a[i];
#define VALUES2(v1, v2, i) const T v1 = a[i], v2 = b[i];

/* Formulas of few instructions: a loop over flat operands of any length. */
#define PLAIN_KERNEL(name, way, inputs, R, OPERANDS, VALUES, F, ...) \
    DECLARE(name, way, SUFFIX, FAC_ISA)                              \
    void NAME(name, way) PARAMETERS                                  \
    {                                                                \
        (void)ctx;                                                   \
        OPERANDS                                                     \
        if (flat || n == 1) {                                        \
            INDEPENDENT for (int64_t i = 0; i < n; i++)              \
            {                                                        \
                VALUES                                               \
                r[i] = (R)(F);                                       \
            }                                                        \
            return;                                                  \
        }                                                            \
        __VA_ARGS__                                                  \
        STRIPS(name, way, inputs, R);                                \
    }
/* The second operand a single value: so common beside float32 that it has its loop. */
#define SINGLE2(v1, v2, R, F)                                                    \
    if (s[0] == (int64_t)sizeof(R) && s[1] == (int64_t)sizeof(T) && s[2] == 0) { \
        const T v2 = *b;                                                         \
        INDEPENDENT for (int64_t i = 0; i < n; i++)                              \
        {                                                                        \
            const T v1 = a[i];                                                   \
            r[i] = (R)(F);                                                       \
        }                                                                        \
        return;                                                                  \
    }
#define PLAIN1(name, way, R, v1, F) PLAIN_KERNEL(name, way, 1, R, OPERANDS1(R), VALUES1(v1, i), F, )
#define PLAIN2(name, way, R, v1, v2, F) \
    PLAIN_KERNEL(name, way, 2, R, OPERANDS2(R), VALUES2(v1, v2, i), F, IF_SINGLE(v1, v2, R, F))

/* Formulas of many: whole vectors only, the rest is filled up. The first loop finds whether an argument is beyond what
 * vector_math.h does (of most formulas nothing is left of it); then the second does one element at a time. */
#define WHOLE_KERNEL(name, way, inputs, R, OPERANDS, VALUES, F)                     \
    DECLARE(name, way, SUFFIX, FAC_ISA)                                             \
    void NAME(name, way) PARAMETERS                                                 \
    {                                                                               \
        (void)ctx;                                                                  \
        OPERANDS                                                                    \
        const int64_t whole = flat ? n & -(int64_t)FAC_STRIP_WHOLE : 0;             \
        for (int64_t begin = 0; begin < whole; begin += CHECKED) {                  \
            const int64_t left = whole - begin < CHECKED ? whole - begin : CHECKED; \
            const int64_t end = begin + (left & -(int64_t)FAC_STRIP_WHOLE);         \
            int far = 0;                                                            \
            (void)far;                                                              \
            INDEPENDENT for (int64_t i = begin; i < end; i++)                       \
            {                                                                       \
                const bool any = false;                                             \
                VALUES(void) any, (void)(F);                                        \
            }                                                                       \
            for (int64_t i = begin; far && i < end; i++) {                          \
                const bool any = true;                                              \
                VALUES(void) any, r[i] = (R)(F);                                    \
            }                                                                       \
            if (far)                                                                \
                continue;                                                           \
            INDEPENDENT for (int64_t i = begin; i < end; i++)                       \
            {                                                                       \
                const bool any = false;                                             \
                VALUES(void) any, r[i] = (R)(F);                                    \
            }                                                                       \
        }                                                                           \
        if (whole < n)                                                              \
            STRIPS(name, way, inputs, R);                                           \
    }
enum { CHECKED = 1024 };
#define WHOLE1(name, way, R, v1, F)     WHOLE_KERNEL(name, way, 1, R, OPERANDS1(R), VALUES1(v1, i), F)
#define WHOLE2(name, way, R, v1, v2, F) WHOLE_KERNEL(name, way, 2, R, OPERANDS2(R), VALUES2(v1, v2, i), F)

/* The third operand of a derivative is x or y, by what the row saves; of a row that saves nothing it is g again. */
#define BACKWARD_IN(name, B, LOOP)   LOOP(name, backward, T, g, x, ((void)g, (void)x, B))
#define BACKWARD_OUT(name, B, LOOP)  LOOP(name, backward, T, g, y, ((void)g, (void)y, B))
#define BACKWARD_NONE(name, B, LOOP) LOOP(name, backward, T, g, unused, ((void)g, (void)unused, B))

/* Which kernels a row has. */
#define FAC_EW1(name, types, args, F, B, saves, doc)      ROW1_##types(name, F, B, saves)
#define FAC_EW2(name, types, args, F, B1, B2, saves, doc) ROW2_##types(name, F)

/* Floating dtypes have every row, with its derivative, but comparisons (elementwise_whole_kernel.c). */
#define ROW1_ARITH(name, F, B, saves) PLAIN1(name, forward, T, x, F) BACKWARD_##saves(name, B, PLAIN2)
#define ROW1_NUMBER                   ROW1_ARITH
#define ROW1_ANY                      ROW1_ARITH
#define ROW1_FLOAT(name, F, B, saves) WHOLE1(name, forward, T, x, F) BACKWARD_##saves(name, B, WHOLE2)
#define ROW1_REAL                     ROW1_FLOAT
#define ROW2_ARITH(name, F)           PLAIN2(name, forward, T, x, o, F)
#define ROW2_FLOAT                    ROW2_ARITH
#define ROW2_ANY                      ROW2_ARITH

#define ROW1_COMPARE(name, F, B, saves)
#define ROW2_COMPARE(name, F)
#define ROW1_LOGIC ROW1_COMPARE
#define ROW2_LOGIC ROW2_COMPARE

#include "tensor/kernels/elementwise_words.h"

#endif
