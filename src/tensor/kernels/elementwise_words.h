/* SPDX-License-Identifier: MIT */
/* The words of elementwise.def that are C library functions: M(f) is f of the type at hand. */
#ifndef FAC_KERNELS_ELEMENTWISE_WORDS_H
#define FAC_KERNELS_ELEMENTWISE_WORDS_H

#define ABS(a)   M(fabs)(a)
#define SQRT(a)  M(sqrt)(a)
#define EXP(a)   M(exp)(a)
#define EXPM1(a) M(expm1)(a)
#define LOG(a)   M(log)(a)
#define LOG1P(a) M(log1p)(a)
#define SIN(a)   M(sin)(a)
#define COS(a)   M(cos)(a)
#define TANH(a)  M(tanh)(a)
#define FLOOR(a) M(floor)(a)
#define CEIL(a)  M(ceil)(a)
#define TRUNC(a) M(trunc)(a)

#endif
