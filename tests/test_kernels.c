/* SPDX-License-Identifier: MIT */
/* Each kernel of each instruction set this CPU has, against plain loops that take the documented order and roundings:
 * where kernels.h says what is rounded when, the bits must agree. All arrays have exactly their size, for sanitizers
 * and valgrind to see what lies outside. */
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
#include "support_kernel_tests.h"

#define REAL 32
#include "support_kernels.h"
#undef REAL
#define REAL 64
#include "support_kernels.h"

static void init_picks_a_table(void **state)
{
    (void)state;
    fac_kernels_init();
    const fac_kernels *first = fac_k;
    assert_ptr_equal(first, fac_kernels_for(first->isa));
    fac_kernels_init();
    assert_ptr_equal(fac_k, first);
    assert_null(fac_kernels_for("v5"));
    assert_string_equal(fac_kernels_for("base")->isa, "base");
}

#define DEFINE_INTEGER_TEST(T, t)                                                                  \
    static void check_gemm_##t(const fac_kernels *k, int64_t b_row, int64_t b_col, bool add)       \
    {                                                                                              \
        enum { M = 5, N = 7, K = 6 };                                                              \
        T a[M * K], b[128], bias[N], c[M * N], want[M * N];                                        \
        for (int i = 0; i < M * K; i++)                                                            \
            a[i] = (T)random_bits();                                                               \
        for (int i = 0; i < 128; i++)                                                              \
            b[i] = (T)random_bits();                                                               \
        for (int i = 0; i < M * N; i++) {                                                          \
            bias[i % N] = (T)random_bits();                                                        \
            c[i] = (T)random_bits();                                                               \
        }                                                                                          \
        for (int i = 0; i < M; i++)                                                                \
            for (int j = 0; j < N; j++) {                                                          \
                uint64_t sum = (uint64_t)bias[j] + (add ? (uint64_t)c[i * N + j] : 0);             \
                for (int p = 0; p < K; p++)                                                        \
                    sum += (uint64_t)a[i * K + p] * (uint64_t)b[p * b_row + j * b_col];            \
                want[i * N + j] = (T)sum;                                                          \
            }                                                                                      \
        fac_gemm g = {M, N, K, a, K, 1, b, b_row, b_col, c, N, bias, add, NULL, NULL, NULL, 0, 0}; \
        k->gemm_##t(&g);                                                                           \
        assert_memory_equal(c, want, sizeof c);                                                    \
    }                                                                                              \
    static void gemm_##t##_wraps(void **state)                                                     \
    {                                                                                              \
        (void)state;                                                                               \
        FOR_EACH_ISA(k)                                                                            \
        {                                                                                          \
            check_gemm_##t(k, 7, 1, false);                                                        \
            check_gemm_##t(k, 1, 6, true);                                                         \
            check_gemm_##t(k, 2, 16, false);                                                       \
        }                                                                                          \
    }                                                                                              \
    static void sum_##t##_wraps(void **state)                                                      \
    {                                                                                              \
        (void)state;                                                                               \
        T x[101];                                                                                  \
        uint64_t want = 0, want_rows[4] = {0};                                                     \
        for (int i = 0; i < 101; i++)                                                              \
            x[i] = (T)random_bits();                                                               \
        for (int i = 0; i < 34; i++)                                                               \
            want += (uint64_t)x[i * 3];                                                            \
        for (int i = 0; i < 100; i++)                                                              \
            want_rows[i % 4] += (uint64_t)x[i];                                                    \
        FOR_EACH_ISA(k)                                                                            \
        {                                                                                          \
            assert_true(k->sum_##t(34, x, 3) == (int64_t)want);                                    \
            int64_t rows[4] = {1, 2, 3, 4}, again[4] = {0};                                        \
            k->sum_rows_##t(25, 4, x, 4, rows, false);                                             \
            assert_memory_equal(rows, want_rows, sizeof rows);                                     \
            k->sum_rows_##t(10, 4, x, 4, again, true);                                             \
            k->sum_rows_##t(15, 4, x + 40, 4, again, true);                                        \
            assert_memory_equal(again, want_rows, sizeof rows);                                    \
            uint64_t all = want_rows[0] + want_rows[1] + want_rows[2] + want_rows[3];              \
            assert_true(k->sum_##t(100, x, 1) == (int64_t)all);                                    \
        }                                                                                          \
    }
DEFINE_INTEGER_TEST(int64_t, i64)
DEFINE_INTEGER_TEST(int32_t, i32)
DEFINE_INTEGER_TEST(uint8_t, u8)

/* max and min of n numbers of which many are alike; NAN_OF is what counts as NaN. */
#define DEFINE_EXTREME_TEST(T, t, is_nan, number)                                                        \
    static bool before_##t(bool max, T a, T b)                                                           \
    {                                                                                                    \
        if (is_nan(a) || is_nan(b))                                                                      \
            return is_nan(a) && !is_nan(b);                                                              \
        return max ? a > b : a < b;                                                                      \
    }                                                                                                    \
    static void check_extreme_##t(const fac_kernels *k, bool max, int64_t n, int64_t stride)             \
    {                                                                                                    \
        T *x = NEW_BLOCK(T, (n - 1) * stride + 1, 0);                                                    \
        for (int64_t i = 0; i < (n - 1) * stride + 1; i++)                                               \
            x[i] = number;                                                                               \
        int64_t want = 0, index = -1;                                                                    \
        for (int64_t i = 1; i < n; i++)                                                                  \
            want = before_##t(max, x[i * stride], x[want * stride]) ? i : want;                          \
        T y = (max ? k->max_##t : k->min_##t)(n, x, stride, &index),                                     \
          z = (max ? k->max_##t : k->min_##t)(n, x, stride, NULL);                                       \
        assert_int_equal(index, want);                                                                   \
        assert_memory_equal(&y, &x[want * stride], sizeof y);                                            \
        assert_true(is_nan(y) ? is_nan(z) : memcmp(&y, &z, sizeof y) == 0);                              \
        free(x);                                                                                         \
    }                                                                                                    \
    static void check_extreme_rows_##t(const fac_kernels *k, bool max, int64_t m, int64_t n)             \
    {                                                                                                    \
        T *x = NEW_BLOCK(T, m * n, 0), *out = NEW_BLOCK(T, n, 0), *alone = NEW_BLOCK(T, n, 0);           \
        int64_t *index = NEW_BLOCK(int64_t, n, 0);                                                       \
        for (int64_t i = 0; i < m * n; i++)                                                              \
            x[i] = number;                                                                               \
        (max ? k->max_rows_##t : k->min_rows_##t)(m, n, x, n, out, index);                               \
        (max ? k->max_rows_##t : k->min_rows_##t)(m, n, x, n, alone, NULL);                              \
        assert_memory_equal(out, alone, (size_t)n * sizeof *out);                                        \
        for (int64_t j = 0; j < n; j++) {                                                                \
            int64_t at;                                                                                  \
            T want = (max ? k->max_##t : k->min_##t)(m, x + j, n, &at);                                  \
            assert_int_equal(index[j], at);                                                              \
            assert_memory_equal(&out[j], &want, sizeof want);                                            \
        }                                                                                                \
        free(x), free(out), free(alone), free(index);                                                    \
    }                                                                                                    \
    static void extremes_##t(void **state)                                                               \
    {                                                                                                    \
        (void)state;                                                                                     \
        FOR_EACH_ISA(k)                                                                                  \
        for (int round = 0; round < 400; round++) {                                                      \
            check_extreme_##t(k, round & 1, 1 + random_below(300), round % 3 ? 1 : 1 + random_below(3)); \
            if (round % 8 == 0)                                                                          \
                check_extreme_rows_##t(k, round & 8, 1 + random_below(9), 1 + random_below(70));         \
        }                                                                                                \
    }
#define NEVER(x)  false
#define IS_NAN(x) ((x) != (x))
static double coarse(void)
{
    double x = random_number(true);
    return random_below(3) ? x : nearbyint(x * 4);
}
DEFINE_EXTREME_TEST(float, f32, IS_NAN, (float)coarse())
DEFINE_EXTREME_TEST(double, f64, IS_NAN, coarse())
DEFINE_EXTREME_TEST(int64_t, i64, NEVER, (int64_t)random_below(200) - 100)
DEFINE_EXTREME_TEST(int32_t, i32, NEVER, (int32_t)random_below(200) - 100)
DEFINE_EXTREME_TEST(uint8_t, u8, NEVER, (uint8_t)random_below(60))

/* Of a zero and a minus zero the first, asked for its place or not. */
static void extreme_zeros(void **state)
{
    (void)state;
    float x[301];
    for (int i = 0; i < 301; i++)
        x[i] = random_below(2) ? 0.0F : -0.0F;
    FOR_EACH_ISA(k)
    for (int64_t i = 0; i < 100; i++) {
        float max = k->max_f32(301 - i, x + i, 1, NULL), min = k->min_f32(301 - i, x + i, 1, NULL);
        assert_int_equal(!signbit(max), !signbit(x[i]));
        assert_int_equal(!signbit(min), !signbit(x[i]));
    }
}

/* What PyTorch 2.13 gives on x86-64 for torch.tensor(from, dtype=float64).to(...). */
static const struct {
    double from;
    int64_t i64;
    int32_t i32;
    uint8_t u8;
} from_real[] = {
    {(double)NAN, INT64_MIN, INT32_MIN, 0},
    {(double)INFINITY, INT64_MIN, INT32_MIN, 0},
    {-(double)INFINITY, INT64_MIN, INT32_MIN, 0},
    {3e9, 3000000000, INT32_MIN, 0},
    {-3e9, -3000000000, INT32_MIN, 0},
    {1e20, INT64_MIN, INT32_MIN, 0},
    {300.75, 300, 300, 44},
    {-1.5, -1, -1, 255},
    {-300.25, -300, -300, 212},
    {2147483648.0, 2147483648, INT32_MIN, 0},
    {-2147483648.0, -2147483648, INT32_MIN, 0},
    {255.875, 255, 255, 255},
    {256.5, 256, 256, 0},
    {0.5, 0, 0, 0},
    {-0.5, 0, 0, 0},
    {9.3e18, INT64_MIN, INT32_MIN, 0},
    {-9223372036854775808.0, INT64_MIN, INT32_MIN, 0},
};
enum { REALS = sizeof from_real / sizeof *from_real };

static void casts_from_real(void **state)
{
    (void)state;
    double x[REALS];
    float y[REALS * 2];
    for (int i = 0; i < REALS; i++)
        x[i] = from_real[i].from, y[2 * i] = (float)x[i], y[2 * i + 1] = 5;
    FOR_EACH_ISA(k)
    {
        int64_t i64[2][REALS];
        int32_t i32[2][REALS];
        uint8_t u8[2][REALS], b8[2][REALS];
        for (int f = 0; f < 2; f++) {
            const void *in = f ? (const void *)y : x;
            fac_dtype from = f ? FAC_FLOAT32 : FAC_FLOAT64;
            k->casts->to[from][FAC_INT64](REALS, i64[f], 8, in, 8);
            k->casts->to[from][FAC_INT32](REALS, i32[f], 4, in, 8);
            k->casts->to[from][FAC_UINT8](REALS, u8[f], 1, in, 8);
            k->casts->to[from][FAC_BOOL](REALS, b8[f], 1, in, 8);
            for (int i = 0; i < REALS; i++) {
                assert_true(i64[f][i] == from_real[i].i64);
                assert_true(i32[f][i] == from_real[i].i32);
                assert_int_equal(u8[f][i], from_real[i].u8);
                assert_int_equal(b8[f][i], 1);
            }
        }
    }
}

/* Integers in all dtypes hold what they can; strides and contiguous runs give the same. */
static void casts_between_all(void **state)
{
    (void)state;
    enum { N = 67 };
    static const size_t size[FAC_DTYPES] = {0, 4, 8, 8, 4, 1, 1};
    FOR_EACH_ISA(k)
    for (int from = FAC_FLOAT32; from < FAC_DTYPES; from++)
        for (int to = FAC_FLOAT32; to < FAC_DTYPES; to++) {
            int64_t values[N];
            char in[N * 8], spread[N * 24], out[N * 8], spread_out[N * 16];
            int64_t back[N];
            for (int i = 0; i < N; i++)
                values[i] = from == FAC_BOOL ? i % 2 : i * 3;
            int64_t in_size = (int64_t)size[from], out_size = (int64_t)size[to];
            k->casts->to[FAC_INT64][from](N, in, in_size, values, 8);
            k->casts->to[from][from](N, spread, 3 * in_size, in, in_size);
            k->casts->to[from][to](N, out, out_size, in, in_size);
            k->casts->to[from][to](N, spread_out, 2 * out_size, spread, 3 * in_size);
            k->casts->to[to][FAC_INT64](N, back, 8, out, out_size);
            for (int i = 0; i < N; i++) {
                assert_true(back[i] == (to == FAC_BOOL ? values[i] != 0 : values[i]));
                assert_memory_equal(spread_out + 2 * out_size * i, out + out_size * i, size[to]);
            }
        }
    assert_null(fac_kernels_for("base")->casts->to[FAC_DEFAULT_DTYPE][FAC_FLOAT32]);
}

static void casts_of_integers_wrap(void **state)
{
    (void)state;
    const int64_t x[] = {INT64_MIN, -1, 4294967297, 300, 16777217};
    FOR_EACH_ISA(k)
    {
        int32_t i32[5];
        uint8_t u8[5];
        float f32[5];
        k->casts->to[FAC_INT64][FAC_INT32](5, i32, 4, x, 8);
        k->casts->to[FAC_INT64][FAC_UINT8](5, u8, 1, x, 8);
        k->casts->to[FAC_INT64][FAC_FLOAT32](5, f32, 4, x, 8);
        assert_memory_equal(i32, ((int32_t[]){0, -1, 1, 300, 16777217}), sizeof i32);
        assert_memory_equal(u8, ((uint8_t[]){0, 255, 1, 44, 1}), sizeof u8);
        assert_memory_equal(f32, ((float[]){-0x1p63F, -1, 4294967296.0F, 300, 16777216}), sizeof f32);
    }
}

int main(void)
{
#define REAL_TESTS(t)                                                                                              \
    cmocka_unit_test(gemm_bits_##t), cmocka_unit_test(gemm_cut_in_pieces_##t), cmocka_unit_test(gemm_large_##t),   \
        cmocka_unit_test(gemm_without_k_##t), cmocka_unit_test(adam_bits_##t), cmocka_unit_test(sgd_bits_##t),     \
        cmocka_unit_test(tiny_moments_##t), cmocka_unit_test(sum_is_accurate_##t), cmocka_unit_test(sum_bits_##t), \
        cmocka_unit_test(sum_rows_bits_##t)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_picks_a_table),
        REAL_TESTS(f32),
        REAL_TESTS(f64),
        cmocka_unit_test(gemm_i64_wraps),
        cmocka_unit_test(gemm_i32_wraps),
        cmocka_unit_test(gemm_u8_wraps),
        cmocka_unit_test(sum_i64_wraps),
        cmocka_unit_test(sum_i32_wraps),
        cmocka_unit_test(sum_u8_wraps),
        cmocka_unit_test(extremes_f32),
        cmocka_unit_test(extremes_f64),
        cmocka_unit_test(extremes_i64),
        cmocka_unit_test(extremes_i32),
        cmocka_unit_test(extremes_u8),
        cmocka_unit_test(extreme_zeros),
        cmocka_unit_test(casts_from_real),
        cmocka_unit_test(casts_between_all),
        cmocka_unit_test(casts_of_integers_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
