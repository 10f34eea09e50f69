/* SPDX-License-Identifier: MIT */
#ifndef FAC_KERNELS_ELEMENTWISE_POWER_H
#define FAC_KERNELS_ELEMENTWISE_POWER_H

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

#endif
