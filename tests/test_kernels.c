/* SPDX-License-Identifier: MIT */
/* Each kernel of each instruction set this CPU has, against plain loops that take the documented order and roundings:
 * where kernels.h says what is rounded when, the bits must agree. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/kernels.h"

static const char *const isas[] = {"base", "v3", "v4"};

#define FOR_EACH_ISA(k)                                                                                                \
    for (int isa_ = 0; isa_ < 3; isa_++)                                                                               \
        for (const fac_kernels *k = fac_kernels_for(isas[isa_]); k; k = NULL)

static uint64_t seed = 1;
static uint64_t random_bits(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}
static int64_t random_below(int64_t n)
{
    return (int64_t)(random_bits() >> 11) % n;
}
static double random_unit(void)
{
    return (double)(random_bits() >> 11) * 0x1p-53;
}
/* In (-1, 1); now and then something awkward, if `odd`. */
static double random_number(bool odd)
{
    static const double awkward[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 1e-40, 3e38};
    if (odd && random_below(20) == 0)
        return awkward[random_below(7)];
    return 2 * random_unit() - 1;
}

/* A block of exactly that size, so that sanitizers and valgrind see what lies outside, at an odd address if wished. */
typedef struct block {
    char *base;
    void *data;
} block;
static block block_new(int64_t count, size_t element, bool unaligned)
{
    size_t shift = unaligned ? element : 0;
    block b = {malloc((size_t)count * element + shift + 1), NULL};
    assert_non_null(b.base);
    b.data = b.base + shift;
    return b;
}
/* memory for `count` numbers at the end of a block */
#define NEW(T, count) ((T *)must(malloc((size_t)((count) > 0 ? (count) : 1) * sizeof(T))))
static void *must(void *p)
{
    assert_non_null(p);
    return p;
}

static bool same_f32(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}
static bool same_f64(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}
