/* SPDX-License-Identifier: MIT */
/* How the keyword macros work: fac_f(x, 3, .name = value).
 *
 * Every function with options is a plain function fac_f_with(operands, const fac_f_args *), where NULL means all
 * defaults; in C the macro fac_f fills the argument struct. The struct begins with size_, so that positional arguments
 * that follow it start at the first field, none at all is allowed, and the struct has a version. Operands are bound to
 * locals one after the other: they are evaluated from left to right, as in Python, whichever the compiler.
 * In C++ there are no macros: use fac_f_with and fac_f_defaults. */
#ifndef FACULA_CALL_H
#define FACULA_CALL_H

#include "facula/tensor.h"

enum { FAC_MAX_ITEMS = 8 };

/* A batch, or one sample: n items, such as input and target; x and y name the first two. */
typedef struct fac_batch {
    int64_t n; /* items; the number of samples is fac_len(b.x) */
    __extension__ union {
        fac_tensor *item[FAC_MAX_ITEMS];
        __extension__ struct {
            fac_tensor *x, *y;
        };
    };
} fac_batch;

/* A required argument that was not given, and None for an optional int; None for an optional float is NaN, a required
 * float a NaN that nobody computes. */
#define FAC_REQUIRED      INT64_MIN
#define FAC_REQUIRED_REAL __builtin_nan("0xfac")
#define FAC_NONE          (INT64_MIN + 1)
#define FAC_NONE_REAL     ((double)__builtin_nanf(""))

/* Up to three ints in one int64: dims, kernel sizes, strides. A plain number stands for itself. */
typedef int64_t fac_dims;
#define FAC_LANE_(x, at)                                                                                               \
    ((fac_dims)((uint64_t)((int64_t)(x)&0xFFFFF) << (at)) +                                                            \
     0 * (int64_t)sizeof(char[(!__builtin_constant_p(x) || ((x) >= -524288 && (x) <= 524287)) ? 1 : -1]))
#define FAC_2(a, b)    ((fac_dims)2 << 60 | FAC_LANE_(a, 0) | FAC_LANE_(b, 20))
#define FAC_3(a, b, c) ((fac_dims)3 << 60 | FAC_LANE_(a, 0) | FAC_LANE_(b, 20) | FAC_LANE_(c, 40))

/* Adam's betas: .betas = FAC_BETAS(0.9, 0.999). */
typedef struct fac_beta_pair {
    double beta1, beta2;
} fac_beta_pair;
typedef const fac_beta_pair *fac_betas;
#define FAC_BETAS(beta1, beta2) ((fac_betas) & (const fac_beta_pair){beta1, beta2})

#ifndef __cplusplus
#define FAC_COUNT_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, n, ...) n
/* 1, 2, or N for more arguments. */
#define FAC_COUNT(...) FAC_COUNT_(__VA_ARGS__, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, 2, 1, 0)

/* A later initialiser that takes a default's place is what these macros are for. */
#if defined(__clang__)
#define FAC_PUSH_ _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Winitializer-overrides\"")
#define FAC_POP_  _Pragma("clang diagnostic pop")
#else
#define FAC_PUSH_ _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Woverride-init\"")
#define FAC_POP_  _Pragma("GCC diagnostic pop")
#endif

/* The argument struct of fac_OP, filled. */
#define FAC_ARGS_(op, ...)                                                                                             \
    (&(const fac_##op##_args){FAC_DEFAULTS_##op, .size_ = sizeof(fac_##op##_args), __VA_ARGS__})

/* No operand, options only: fac_zeros(2, 3), fac_Linear(1, 10). */
#define FAC_KEYWORDS_(op, ...) FAC_KEYWORDS_AS_(op, FAC_CAT(r_, __COUNTER__), __VA_ARGS__)
#define FAC_KEYWORDS_AS_(op, r, ...)                                                                                   \
    __extension__({                                                                                                    \
        FAC_PUSH_                                                                                                      \
        __auto_type r = fac_##op##_with(FAC_ARGS_(op, __VA_ARGS__));                                                   \
        FAC_POP_                                                                                                       \
        r;                                                                                                             \
    })

/* One operand of a tensor, then options. conv is FAC_OPERAND where a number will do, FAC_TENSOR_ where not. */
#define FAC_TENSOR_(x) (x)
#define FAC_CALL1_(op, conv, ...) FAC_CAT(FAC_CALL1_, FAC_COUNT(__VA_ARGS__))(op, conv, __COUNTER__, __VA_ARGS__)
#define FAC_CALL1_1(op, conv, id, a) FAC_CALL1_BARE_(op, conv, FAC_CAT(a_, id), a)
#define FAC_CALL1_BARE_(op, conv, a1, a)                                                                               \
    __extension__({                                                                                                    \
        __auto_type a1 = (a);                                                                                          \
        fac_##op##_with(conv(a1), NULL);                                                                               \
    })
#define FAC_CALL1_2(op, conv, id, a, ...) FAC_CALL1_FULL_(op, conv, FAC_CAT(a_, id), FAC_CAT(r_, id), a, __VA_ARGS__)
#define FAC_CALL1_N(op, conv, id, a, ...) FAC_CALL1_FULL_(op, conv, FAC_CAT(a_, id), FAC_CAT(r_, id), a, __VA_ARGS__)
#define FAC_CALL1_FULL_(op, conv, a1, r, a, ...)                                                                       \
    __extension__({                                                                                                    \
        FAC_PUSH_                                                                                                      \
        __auto_type a1 = (a);                                                                                          \
        __auto_type r = fac_##op##_with(conv(a1), FAC_ARGS_(op, __VA_ARGS__));                                         \
        FAC_POP_                                                                                                       \
        r;                                                                                                             \
    })

/* Two operands, then options. */
#define FAC_CALL2_(op, conv, ...) FAC_CAT(FAC_CALL2_, FAC_COUNT(__VA_ARGS__))(op, conv, __COUNTER__, __VA_ARGS__)
#define FAC_CALL2_2(op, conv, id, a, b) FAC_CALL2_BARE_(op, conv, FAC_CAT(a_, id), FAC_CAT(b_, id), a, b)
#define FAC_CALL2_BARE_(op, conv, a1, b1, a, b)                                                                        \
    __extension__({                                                                                                    \
        __auto_type a1 = (a);                                                                                          \
        __auto_type b1 = (b);                                                                                          \
        fac_##op##_with(conv(a1), conv(b1), NULL);                                                                     \
    })
#define FAC_CALL2_N(op, conv, id, a, b, ...)                                                                           \
    FAC_CALL2_FULL_(op, conv, FAC_CAT(a_, id), FAC_CAT(b_, id), FAC_CAT(r_, id), a, b, __VA_ARGS__)
#define FAC_CALL2_FULL_(op, conv, a1, b1, r, a, b, ...)                                                                \
    __extension__({                                                                                                    \
        FAC_PUSH_                                                                                                      \
        __auto_type a1 = (a);                                                                                          \
        __auto_type b1 = (b);                                                                                          \
        __auto_type r = fac_##op##_with(conv(a1), conv(b1), FAC_ARGS_(op, __VA_ARGS__));                               \
        FAC_POP_                                                                                                       \
        r;                                                                                                             \
    })

/* Two and three operands without options. */
#define FAC_PLAIN2_(op, conv, a, b) FAC_PLAIN2_IN_(op, conv, FAC_CAT(a_, __COUNTER__), FAC_CAT(b_, __COUNTER__), a, b)
#define FAC_PLAIN2_IN_(op, conv, a1, b1, a, b)                                                                         \
    __extension__({                                                                                                    \
        __auto_type a1 = (a);                                                                                          \
        __auto_type b1 = (b);                                                                                          \
        fac_##op##_with(conv(a1), conv(b1));                                                                           \
    })
#define FAC_PLAIN3_(op, conv, a, b, c)                                                                                 \
    FAC_PLAIN3_IN_(op, conv, FAC_CAT(a_, __COUNTER__), FAC_CAT(b_, __COUNTER__), FAC_CAT(c_, __COUNTER__), a, b, c)
#define FAC_PLAIN3_IN_(op, conv, a1, b1, c1, a, b, c)                                                                  \
    __extension__({                                                                                                    \
        __auto_type a1 = (a);                                                                                          \
        __auto_type b1 = (b);                                                                                          \
        __auto_type c1 = (c);                                                                                          \
        fac_##op##_with(conv(a1), conv(b1), conv(c1));                                                                 \
    })
#endif

#endif
