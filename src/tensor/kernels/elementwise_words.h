/* SPDX-License-Identifier: MIT */
/* The words of elementwise.def that are functions: M(f) is the C library's of the type at hand, V(f) vector_math.h's.
 * `any` and `far` are the loop's. */
#ifndef FAC_KERNELS_ELEMENTWISE_WORDS_H
#define FAC_KERNELS_ELEMENTWISE_WORDS_H

#define ABS(a)     M(fabs)(a)
#define SQRT(a)    M(sqrt)(a)
#define EXP(a)     V(exp)(a)
#define EXPM1(a)   V(expm1)(a)
#define LOG(a)     V(log)(a)
#define LOG1P(a)   V(log1p)(a)
#define SIN(a)     V(sin)(a, any, &far)
#define COS(a)     V(cos)(a, any, &far)
#define TANH(a)    V(tanh)(a)
#define SIGMOID(a) V(sigmoid)(a)
#define FLOOR(a)   M(floor)(a)
#define CEIL(a)    M(ceil)(a)
#define TRUNC(a)   M(trunc)(a)

#endif
