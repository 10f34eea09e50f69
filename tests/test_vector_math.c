/* SPDX-License-Identifier: MIT */
/* exp, log and kin of every instruction set that runs here: how far from the true value, what happens at special
 * points, and that an element's bits depend on the element alone, wherever it stands. */
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

#include "tensor/elementwise.h"
#include "tensor/kernels.h"

static const char *const isas[] = {"base", "v3", "v4"};
#define FOR_EACH_ISA(isa)                \
    for (int isa_ = 0; isa_ < 3; isa_++) \
        for (const char *isa = fac_kernels_for(isas[isa_]) ? isas[isa_] : NULL; isa; isa = NULL)

static double true_sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}
static long double true_sigmoid_long(long double x)
{
    return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

/* ulp32, ulp64: the bounds, with fma; without it an ulp more. */
typedef struct {
    const char *name;
    int row;
    double (*f)(double);
    long double (*f_long)(long double);
    double ulp32, ulp64;
} function;
static const function functions[] = {
    {"exp", FAC_EW_exp, exp, expl, 1.1, 1.1},
    {"expm1", FAC_EW_expm1, expm1, expm1l, 1.6, 2},
    {"log", FAC_EW_log, log, logl, 1, 1.1},
    {"log1p", FAC_EW_log1p, log1p, log1pl, 1.6, 1.6},
    {"tanh", FAC_EW_tanh, tanh, tanhl, 1.5, 2.8},
    {"sigmoid", FAC_EW_sigmoid, true_sigmoid, true_sigmoid_long, 2.4, 2.4},
    {"sin", FAC_EW_sin, sin, sinl, 1.7, 1.1},
    {"cos", FAC_EW_cos, cos, cosl, 1.7, 1.1},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static uint64_t seed = 1;
static uint64_t random_bits(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}

/* The error in units of the last place of the true value; those of subnormal numbers are all alike. */
static double error32(float got, double want)
{
    int exponent;
    if (isnan(want) || isinf(want))
        return (isnan(want) && isnan(got)) || (double)got == want ? 0 : 1e9;
    if (isinf(got))
        return isinf((float)want) ? 0 : 1e9;
    frexp(want, &exponent);
    return fabs((double)got - want) / ldexp(1, (exponent > -125 ? exponent : -125) - 24);
}
static double error64(double got, long double want)
{
    int exponent;
    if (isnan(want) || isinf((double)want) || isinf(got))
        return (isnan(want) && isnan(got)) || got == (double)want ? 0 : 1e9;
    frexpl(want, &exponent);
    return (double)fabsl(((long double)got - want) / ldexpl(1, (exponent > -1021 ? exponent : -1021) - 53));
}

static void run32(const char *isa, int row, int64_t n, const float *x, float *y)
{
    char *const p[] = {(char *)y, (char *)(uintptr_t)x};
    fac_ew_for(isa)->forward[row][FAC_FLOAT32](n, p, (const int64_t[]){4, 4}, NULL);
}
static void run64(const char *isa, int row, int64_t n, const double *x, double *y)
{
    char *const p[] = {(char *)y, (char *)(uintptr_t)x};
    fac_ew_for(isa)->forward[row][FAC_FLOAT64](n, p, (const int64_t[]){8, 8}, NULL);
}

enum { STEP = 4096 };
static float x32[STEP], y32[STEP];
static double x64[STEP], y64[STEP];

/* Numbers from the whole range of bits, or around 1 in magnitude where rounding shows. */
static float sample32(int64_t i)
{
    uint32_t bits = (uint32_t)random_bits();
    if (i % 2)
        bits = (bits & 0x80ffffffu) + 0x3c000000u + (uint32_t)(i % 16) / 2 * 0x01000000u;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
static double sample64(int64_t i)
{
    uint64_t bits = random_bits() ^ random_bits() << 7;
    if (i % 2)
        bits = (bits & 0x801fffffffffffffu) + 0x3f80000000000000u + (uint64_t)(i % 16) / 2 * 0x0020000000000000u;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static int rounds(void)
{
    const char *wish = getenv("FAC_ROUNDS");
    return wish ? atoi(wish) : 24;
}

static void check32(const char *isa, const function *f)
{
    double worst = 0;
    float at = 0;
    for (int round = 0; round < rounds(); round++) {
        for (int i = 0; i < STEP; i++)
            x32[i] = sample32(i);
        run32(isa, f->row, STEP, x32, y32);
        for (int i = 0; i < STEP; i++) {
            double error = error32(y32[i], f->f((double)x32[i]));
            if (error > worst)
                worst = error, at = x32[i];
        }
    }
    double bound = f->ulp32 + (strcmp(isa, "base") ? 0 : 1);
    if (worst > bound || getenv("FAC_ROUNDS"))
        print_error("%s %s float32: %.3f ulp at %a\n", isa, f->name, worst, (double)at);
    assert_true(worst <= bound);
}

static void check64(const char *isa, const function *f)
{
    double worst = 0, at = 0;
    for (int round = 0; round < rounds(); round++) {
        for (int i = 0; i < STEP; i++)
            x64[i] = sample64(i);
        run64(isa, f->row, STEP, x64, y64);
        for (int i = 0; i < STEP; i++) {
            double error = error64(y64[i], f->f_long((long double)x64[i]));
            if (error > worst)
                worst = error, at = x64[i];
        }
    }
    double bound = f->ulp64 + (strcmp(isa, "base") ? 0 : 1);
    if (worst > bound || getenv("FAC_ROUNDS"))
        print_error("%s %s float64: %.3f ulp at %a\n", isa, f->name, worst, at);
    assert_true(worst <= bound);
}

static void accuracy(void **state)
{
    (void)state;
    FOR_EACH_ISA(isa)
    for (int i = 0; i < FUNCTIONS; i++)
        check32(isa, functions + i);
}

static void accuracy_of_doubles(void **state)
{
    (void)state;
    if (LDBL_MANT_DIG <= DBL_MANT_DIG || (volatile long double)1 + LDBL_EPSILON == 1)
        skip(); /* nothing to compare with, or valgrind, whose long double is a double */
    FOR_EACH_ISA(isa)
    for (int i = 0; i < FUNCTIONS; i++)
        check64(isa, functions + i);
}

/* Where the result is known to the bit; the sign of a zero counts. */
static void special_points(void **state)
{
    (void)state;
    static const float inf = INFINITY, pi = 3.14159265f;
    const struct {
        int row;
        float x, y;
    } points[] = {
        {FAC_EW_exp, 0, 1},
        {FAC_EW_exp, -0.0f, 1},
        {FAC_EW_exp, inf, inf},
        {FAC_EW_exp, -inf, 0},
        {FAC_EW_exp, 89, inf},
        {FAC_EW_exp, 3e38f, inf},
        {FAC_EW_exp, -3e38f, 0},
        {FAC_EW_exp, -104, 0},
        {FAC_EW_exp, -103, 1.40129846e-45f},
        {FAC_EW_expm1, 0, 0},
        {FAC_EW_expm1, -0.0f, -0.0f},
        {FAC_EW_expm1, inf, inf},
        {FAC_EW_expm1, -inf, -1},
        {FAC_EW_expm1, -30, -1},
        {FAC_EW_expm1, 1e-40f, 1e-40f},
        {FAC_EW_expm1, 89, inf},
        {FAC_EW_log, 1, 0},
        {FAC_EW_log, 0, -inf},
        {FAC_EW_log, -0.0f, -inf},
        {FAC_EW_log, inf, inf},
        {FAC_EW_log1p, 0, 0},
        {FAC_EW_log1p, -0.0f, -0.0f},
        {FAC_EW_log1p, -1, -inf},
        {FAC_EW_log1p, inf, inf},
        {FAC_EW_log1p, 1e-40f, 1e-40f},
        {FAC_EW_tanh, 0, 0},
        {FAC_EW_tanh, -0.0f, -0.0f},
        {FAC_EW_tanh, inf, 1},
        {FAC_EW_tanh, -inf, -1},
        {FAC_EW_tanh, 20, 1},
        {FAC_EW_tanh, -3e38f, -1},
        {FAC_EW_tanh, 1e-40f, 1e-40f},
        {FAC_EW_sigmoid, 0, 0.5f},
        {FAC_EW_sigmoid, -0.0f, 0.5f},
        {FAC_EW_sigmoid, inf, 1},
        {FAC_EW_sigmoid, -inf, 0},
        {FAC_EW_sigmoid, 40, 1},
        {FAC_EW_sin, 0, 0},
        {FAC_EW_sin, -0.0f, -0.0f},
        {FAC_EW_sin, 1e-40f, 1e-40f},
        {FAC_EW_cos, 0, 1},
        {FAC_EW_cos, -0.0f, 1},
        {FAC_EW_cos, pi, -1},
    };
    FOR_EACH_ISA(isa)
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        float y;
        run32(isa, points[i].row, 1, &points[i].x, &y);
        if (memcmp(&y, &points[i].y, sizeof y) != 0)
            fail_msg("%s row %d: %a gives %a", isa, points[i].row, (double)points[i].x, (double)y);
        double x = (double)points[i].x, z, want = (double)points[i].y;
        run64(isa, points[i].row, 1, &x, &z);
        if (want == 0 || isinf(x) || want == 1 || want == -1 || want == 0.5)
            if ((points[i].row != FAC_EW_exp || x == 0 || isinf(x)) && fabs(z - want) > 1e-12)
                fail_msg("%s row %d: %a gives %a", isa, points[i].row, x, z);
        if (x == 0 || isinf(x))
            assert_true(z == want && signbit(z) == signbit(want));
    }
}

/* What has no value. */
static void not_a_number(void **state)
{
    (void)state;
    const struct {
        int row;
        float x;
    } points[] = {{FAC_EW_log, -1},          {FAC_EW_log, -1e-40f},  {FAC_EW_log, -INFINITY}, {FAC_EW_log1p, -1.5f},
                  {FAC_EW_log1p, -INFINITY}, {FAC_EW_sin, INFINITY}, {FAC_EW_cos, -INFINITY}};
    FOR_EACH_ISA(isa)
    {
        for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
            float y;
            double x = (double)points[i].x, z;
            run32(isa, points[i].row, 1, &points[i].x, &y);
            run64(isa, points[i].row, 1, &x, &z);
            assert_true(isnan(y) && isnan(z));
        }
        for (int i = 0; i < FUNCTIONS; i++) {
            float y;
            double z;
            run32(isa, functions[i].row, 1, (const float[]){NAN}, &y);
            run64(isa, functions[i].row, 1, (const double[]){(double)NAN}, &z);
            assert_true(isnan(y) && isnan(z));
        }
    }
}

/* Larger x, larger or equal result, all the way. */
static void monotone_ends(void **state)
{
    (void)state;
    const struct {
        int row;
        float from, to;
    } ends[] = {{FAC_EW_exp, -104, -80},  {FAC_EW_exp, 80, 89},        {FAC_EW_tanh, 7, 10},
                {FAC_EW_sigmoid, 14, 20}, {FAC_EW_sigmoid, -104, -85}, {FAC_EW_expm1, -20, -15}};
    FOR_EACH_ISA(isa)
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        for (int j = 0; j < STEP; j++)
            x32[j] = ends[i].from + (ends[i].to - ends[i].from) * (float)j / STEP;
        run32(isa, ends[i].row, STEP, x32, y32);
        for (int j = 1; j < STEP; j++)
            assert_true(y32[j] >= y32[j - 1]);
    }
}

/* A row's result for n operands, in all places and layouts: pieces of any length at any place, strides, in place. */
enum { SOME = 150, WIDEST = 3 };
static const struct {
    size_t size_;
    double values[2];
} arguments = {sizeof arguments, {0.5, 0.75}};

static void fill(int dtype, char *x)
{
    static const double awkward[] = {0.0, -0.0, (double)INFINITY, -(double)INFINITY, (double)NAN, 1e-40, 3e38, 1e6, 2};
    for (int i = 0; i < SOME; i++) {
        double value = random_bits() % 8 ? (double)(random_bits() >> 11) * 0x1p-50 - 4 : awkward[random_bits() % 9];
        if (dtype == FAC_FLOAT32)
            ((float *)(void *)x)[i] = (float)value;
        else if (dtype == FAC_FLOAT64)
            ((double *)(void *)x)[i] = value;
        else
            x[i] = (char)(random_bits() & 1 ? random_bits() : 0);
    }
}

/* The same bits; any NaN is as any other, since the processor takes its sign from either operand. */
static void assert_same(const char *x, const char *y, int64_t n, int size, bool real)
{
    for (int64_t i = 0; i < n; i++, x += size, y += size) {
        double a = 0, b = 0;
        if (real && size == 8)
            memcpy(&a, x, 8), memcpy(&b, y, 8);
        else if (real)
            a = (double)*(const float *)(const void *)x, b = (double)*(const float *)(const void *)y;
        if (!(isnan(a) && isnan(b)))
            assert_memory_equal(x, y, (size_t)size);
    }
}

static void check_pieces(fac_inner_fn *fn, int result, int size, bool real, char *const *p)
{
    static char moved[3][SOME * WIDEST * 8 + 8];
    for (int64_t from = 0, n; from < SOME; from += n) {
        n = 1 + (int64_t)(random_bits() % 40);
        n = n > SOME - from ? SOME - from : n;
        int64_t s[3] = {result * (1 + (int)(random_bits() % WIDEST)), size * (1 + (int)(random_bits() % WIDEST)),
                        size * (1 + (int)(random_bits() % WIDEST))};
        if (random_bits() % 2)
            s[0] = result, s[1] = s[2] = size;
        const int64_t steps[3] = {result, size, size};
        for (int k = 1; k < 3; k++)
            for (int64_t i = 0; i < n; i++)
                memcpy(moved[k] + i * s[k], p[k] + (from + i) * steps[k], (size_t)size);
        char *q[3] = {moved[0], moved[1], moved[2]};
        if (result == size && s[0] == s[1] && random_bits() % 2)
            q[0] = q[1]; /* in place */
        fn(n, q, s, &arguments);
        for (int64_t i = 0; i < n; i++)
            assert_same(q[0] + i * s[0], p[0] + (from + i) * result, 1, result, real);
    }
}

/* One operand a single value: as where it is repeated. */
static void check_single(fac_inner_fn *fn, int result, int size, bool real, char *const *p)
{
    static char repeated[SOME * 8], want[SOME * 8], got[SOME * 8];
    for (int k = 1; k < 3; k++) {
        for (int i = 0; i < SOME; i++)
            memcpy(repeated + i * size, p[k] + 7 * size, (size_t)size);
        char *q[3] = {want, k == 1 ? repeated : p[1], k == 2 ? repeated : p[2]};
        fn(SOME, q, (const int64_t[]){result, size, size}, &arguments);
        q[0] = got, q[k] = p[k] + 7 * size;
        fn(SOME, q, (const int64_t[]){result, k == 1 ? 0 : size, k == 2 ? 0 : size}, &arguments);
        assert_same(got, want, SOME, result, real);
    }
}

static void check_places(fac_inner_fn *fn, int dtype, bool to_bool)
{
    static char x[SOME * 8], o[SOME * 8], want[SOME * 8];
    const int size = dtype == FAC_FLOAT32 || dtype == FAC_INT32 ? 4 : dtype == FAC_UINT8 || dtype == FAC_BOOL ? 1 : 8;
    const int result = to_bool ? 1 : size;
    char *const p[3] = {want, x, o};
    fill(dtype, x), fill(dtype, o);
    fn(SOME, p, (const int64_t[]){result, size, size}, &arguments);
    const bool real = !to_bool && dtype <= FAC_FLOAT64;
    check_pieces(fn, result, size, real, p);
    check_single(fn, result, size, real, p);
}

static void places(void **state)
{
    (void)state;
    FOR_EACH_ISA(isa)
    for (int row = 0; row < FAC_EW_COUNT; row++) {
        const fac_ew_kernels *k = fac_ew_for(isa);
        bool to_bool = row >= FAC_EW_isnan && row <= FAC_EW_logical_not;
        to_bool |= row >= FAC_EW_eq && row <= FAC_EW_logical_or;
        for (int dtype = 0; dtype < FAC_DTYPES; dtype++)
            for (int round = 0; round < 5; round++) {
                if (k->forward[row][dtype])
                    check_places(k->forward[row][dtype], dtype, to_bool);
                if (row < FAC_EW_ONE_OPERAND && dtype <= FAC_FLOAT64 && k->backward[row][dtype])
                    check_places(k->backward[row][dtype], dtype, false);
            }
    }
}

/* Integers, bools and comparisons: the same bits on all instruction sets. */
static void whole_numbers(void **state)
{
    (void)state;
    static char x[SOME * 8], o[SOME * 8], want[SOME * 8], got[SOME * 8];
    FOR_EACH_ISA(isa)
    for (int row = 0; row < FAC_EW_COUNT; row++)
        for (int dtype = 0; dtype < FAC_DTYPES; dtype++) {
            fac_inner_fn *base = fac_ew_for("base")->forward[row][dtype], *fn = fac_ew_for(isa)->forward[row][dtype];
            bool compares = (row >= FAC_EW_isnan && row <= FAC_EW_logical_not) || row >= FAC_EW_eq;
            if (!fn || ((dtype == FAC_FLOAT32 || dtype == FAC_FLOAT64) && !compares))
                continue;
            const int size = dtype == FAC_FLOAT32 || dtype == FAC_INT32 ? 4 : dtype >= FAC_UINT8 ? 1 : 8;
            const int64_t s[3] = {compares ? 1 : size, size, size};
            fill(dtype, x), fill(dtype, o);
            base(SOME, (char *const[]){want, x, o}, s, &arguments);
            fn(SOME, (char *const[]){got, x, o}, s, &arguments);
            assert_memory_equal(got, want, (size_t)(SOME * s[0]));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(accuracy),       cmocka_unit_test(accuracy_of_doubles),
                                       cmocka_unit_test(special_points), cmocka_unit_test(not_a_number),
                                       cmocka_unit_test(monotone_ends),  cmocka_unit_test(places),
                                       cmocka_unit_test(whole_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
