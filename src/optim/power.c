/* SPDX-License-Identifier: MIT */
/* Products of double-double numbers: Dekker, A floating-point technique for extending the available precision, 1971. */
#include "optim/power.h"

#include <stdbool.h>

typedef struct wide {
    double high, low;
} wide;

/* x in two halves of 26 bits. */
static wide halves(double x)
{
    const double c = 134217729.0 * x, high = c - (c - x);
    return (wide){high, x - high};
}

/* a b without rounding. */
static wide product(double a, double b)
{
    const wide x = halves(a), y = halves(b);
    const double p = a * b;
    return (wide){p, x.low * y.low - (((p - x.high * y.high) - x.low * y.high) - x.high * y.low)};
}

static wide times(wide a, wide b)
{
    const wide p = product(a.high, b.high);
    const double rest = p.low + (a.high * b.low + a.low * b.high), high = p.high + rest;
    return (wide){high, rest - (high - p.high)};
}

static wide power_from_start(double base, int64_t n)
{
    wide result = {1, 0}, square = {base, 0};
    for (; n; n >>= 1) {
        if (n & 1)
            result = times(result, square);
        square = times(square, square);
    }
    return result;
}

double fac_power_at(fac_power *power, double base, int64_t n)
{
    if (power->n == n && power->base == base && n)
        return power->high;
    const wide last = {power->high, power->low};
    const wide now =
        power->n && power->n == n - 1 && power->base == base ? times(last, (wide){base, 0}) : power_from_start(base, n);
    const bool tiny = now.high < 0x1p-100; /* subnormal numbers would come next, which are slow */
    *power = (fac_power){base, tiny ? 0 : now.high, tiny ? 0 : now.low, n};
    return power->high;
}
