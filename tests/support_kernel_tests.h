/* SPDX-License-Identifier: MIT */
/* What the tests of the kernels share: the instruction sets, numbers, exact sums. */
#ifndef FAC_SUPPORT_KERNEL_TESTS_H
#define FAC_SUPPORT_KERNEL_TESTS_H

static const char *const isas[] = {"base", "v3", "v4"};

#define FOR_EACH_ISA(k)                  \
    for (int isa_ = 0; isa_ < 3; isa_++) \
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
/* In [-1, 1); now and then something awkward, if `odd`. */
static double random_number(bool odd)
{
    static const double awkward[] = {0.0, -0.0, (double)INFINITY, -(double)INFINITY, (double)NAN, 1e-40, 3e38};
    if (odd && random_below(40) == 0)
        return awkward[random_below(7)];
    return (double)(random_bits() >> 11) * 0x1p-52 - 1;
}

static void *must(void *p)
{
    assert_non_null(p);
    return p;
}
/* `count` numbers that end where the block ends; with shift 1 it's not aligned to more than its element. */
#define NEW_BLOCK(T, count, shift) ((T *)must(malloc((size_t)((count) + (shift)) * sizeof(T) + 1)))

/* A sum kept to about twice the digits of a double (TwoSum; long double is no more than a double under valgrind). */
typedef struct exact {
    double high, low;
} exact;
static void exact_add(exact *sum, double x)
{
    double total = sum->high + x, part = total - sum->high;
    sum->low += (sum->high - (total - part)) + (x - part);
    sum->high = total;
}
static void exact_add_product(exact *sum, double x, double y)
{
    exact_add(sum, x * y);
    exact_add(sum, fma(x, y, -(x * y)));
}
/* |got - sum| */
static double exact_error(const exact *sum, double got)
{
    return fabs(got - sum->high - sum->low);
}

#endif
