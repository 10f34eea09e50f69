/* SPDX-License-Identifier: MIT */
/* Powers of one number with the exponents 1, 2, 3, ... in turn: each is the last times the number, in twice double's
 * precision, and so what pow gives (which is within a last place), for a fraction of its time. */
#ifndef FAC_OPTIM_POWER_H
#define FAC_OPTIM_POWER_H

#include <stdint.h>

typedef struct fac_power {
    double base, high, low; /* base^n = high + low */
    int64_t n;              /* 0: nothing is known */
} fac_power;

/* base^n, 0 <= base <= 1, n > 0, and 0 for less than 2^-100; any order of exponents and bases is right, in turn they are
 * quick. */
double fac_power_at(fac_power *power, double base, int64_t n);

#endif
