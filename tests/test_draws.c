/* SPDX-License-Identifier: MIT */
/* Random tensors against PyTorch, to the last bit: the values, and what is drawn next. */
#include "support_alloc.h"
#include "support_table.h"

#include "facula/autograd.h"

static fac_tensor *ramp(double count, double divisor, fac_dtype dtype)
{
    return fac_div(fac_arange(count, .dtype = dtype), divisor);
}

static fac_tensor *as(fac_tensor *tensor, int64_t rows, int64_t columns)
{
    return fac_reshape(tensor, FAC_LIST(rows, columns));
}

static fac_tensor *transposed(int64_t rows, int64_t columns)
{
    return fac_t(fac_zeros(columns, rows));
}

/* Every second column of (4, 10), from `start` on. */
static fac_tensor *sliced(int64_t start)
{
    return fac_slice(fac_zeros(4, 10), 1, start, .step = 2);
}

static fac_tensor *permuted(void)
{
    return fac_permute(fac_zeros(2, 3, 4), FAC_LIST(1, 2, 0));
}

static fac_tensor *cached_normals(void)
{
    fac_tensor *three = fac_randn(3), *two = fac_rand(2), *block = fac_randn(16), *last = fac_randn(2);
    return fac_cat(FAC_TENSORS(three, two, block, last));
}

static fac_tensor *by_generator(void)
{
    fac_generator *g = fac_generator_manual_seed(fac_Generator(), 5);
    fac_tensor *made = fac_rand(20, .generator = g);
    fac_generator_free(g);
    return made;
}

#define F64 .dtype = FAC_FLOAT64
#define I64 .dtype = FAC_INT64
#define I32 .dtype = FAC_INT32
#define U8  .dtype = FAC_UINT8
#define B8  .dtype = FAC_BOOL

#define CASES(X)                                                                                                  \
    X(rand_0, fac_rand(0))                                                                                        \
    X(rand_0d, fac_rand(.size = FAC_EMPTY_LIST))                                                                  \
    X(rand_5, fac_rand(5))                                                                                        \
    X(rand_3_40, fac_rand(3, 40))                                                                                 \
    X(rand_f64, fac_slice(fac_rand(700, F64), 0, -9))                                                             \
    X(randn_1, fac_randn(1))                                                                                      \
    X(randn_15, fac_randn(15))                                                                                    \
    X(randn_16, fac_randn(16))                                                                                    \
    X(randn_100, fac_randn(100))                                                                                  \
    X(randn_3_7, fac_randn(3, 7))                                                                                 \
    X(randn_f64, fac_randn(21, F64))                                                                              \
    X(randn_cached, cached_normals())                                                                             \
    X(rand_like_c, fac_rand_like(fac_zeros(4, 5)))                                                                \
    X(rand_like_dtype, fac_rand_like(fac_zeros(4, I64), F64))                                                     \
    X(rand_like_t, fac_rand_like(transposed(4, 5)))                                                               \
    X(rand_like_p, fac_rand_like(permuted()))                                                                     \
    X(rand_like_s, fac_rand_like(sliced(0)))                                                                      \
    X(rand_like_ts, fac_rand_like(fac_slice(transposed(8, 6), 0, .step = 2)))                                     \
    X(rand_like_e, fac_rand_like(fac_expand(fac_zeros(4, 1), FAC_LIST(4, 5))))                                    \
    X(rand_like_te, fac_rand_like(fac_expand(transposed(4, 3), FAC_LIST(2, 4, 3))))                               \
    X(randn_like_c, fac_randn_like(fac_zeros(4, 5)))                                                              \
    X(randn_like_t, fac_randn_like(transposed(4, 5)))                                                             \
    X(randn_like_s, fac_randn_like(sliced(0)))                                                                    \
    X(uniform_t, fac_uniform_(transposed(4, 5), -2, 3))                                                           \
    X(uniform_s, fac_uniform_(sliced(0), 0.3, 0.7))                                                               \
    X(uniform_p, fac_uniform_(permuted()))                                                                        \
    X(uniform_bounds, fac_uniform_(fac_zeros(40), -0.316, 0.316))                                                 \
    X(uniform_one, fac_uniform_(fac_zeros(5), 2, 2))                                                              \
    X(normal_t, fac_normal_(transposed(4, 5), 1, 2))                                                              \
    X(normal_s, fac_normal_(sliced(1)))                                                                           \
    X(normal_c, fac_normal_(fac_zeros(4, 5), 1, 2))                                                               \
    X(normal_column, fac_normal_(transposed(1, 20)))                                                              \
    X(normal_f64, fac_normal_(fac_zeros(20, F64), -1, .std = 0.5))                                                \
    X(normal_std_0, fac_normal_(fac_zeros(20), 3, 0))                                                             \
    X(exponential, fac_exponential_(fac_zeros(9), 0.5))                                                           \
    X(exponential_t, fac_exponential_(fac_t(fac_zeros(3, 2, F64))))                                               \
    X(bernoulli_default, fac_bernoulli_(fac_zeros(20)))                                                           \
    X(bernoulli_f64, fac_bernoulli_(fac_zeros(20, F64), 0.3))                                                     \
    X(bernoulli_i64, fac_bernoulli_(fac_zeros(20, I64), 0.3))                                                     \
    X(bernoulli_i32, fac_bernoulli_(fac_zeros(20, I32), 0.3))                                                     \
    X(bernoulli_u8, fac_bernoulli_(fac_zeros(20, U8), 0.3))                                                       \
    X(bernoulli_bool, fac_bernoulli_(fac_zeros(20, B8), 0.3))                                                     \
    X(bernoulli_t, fac_bernoulli_(transposed(4, 5), 0.5))                                                         \
    X(random_f32, fac_random_(fac_zeros(5)))                                                                      \
    X(random_f64, fac_random_(fac_zeros(5, F64)))                                                                 \
    X(random_i64, fac_random_(fac_zeros(5, I64)))                                                                 \
    X(random_i32, fac_random_(fac_zeros(5, I32)))                                                                 \
    X(random_u8, fac_random_(fac_zeros(5, U8)))                                                                   \
    X(random_bool, fac_random_(fac_zeros(9, B8)))                                                                 \
    X(random_to, fac_random_(fac_zeros(9), 10))                                                                   \
    X(random_from_to, fac_random_(fac_zeros(9, I32), -4, 5))                                                      \
    X(random_t, fac_random_(transposed(4, 5), 100))                                                               \
    X(randint_7, fac_randint(0, 7, FAC_LIST(9)))                                                                  \
    X(randint_range, fac_randint(-3, 4, FAC_LIST(3, 3)))                                                          \
    X(randint_wide, fac_randint(0, 1 << 28, FAC_LIST(5)))                                                         \
    X(randint_far, fac_randint(INT64_MIN + 2, INT64_MAX, FAC_LIST(5)))                                            \
    X(randint_i32, fac_randint(INT32_MIN, (int64_t)INT32_MAX + 1, FAC_LIST(5), I32))                              \
    X(randint_u8, fac_randint(250, 256, FAC_LIST(9), U8))                                                         \
    X(randint_bool, fac_randint(0, 2, FAC_LIST(9), B8))                                                           \
    X(randint_f32, fac_randint(0, 9, FAC_LIST(9), .dtype = FAC_FLOAT32))                                          \
    X(randint_f32_wide, fac_randint(0, (1 << 24) + 5, FAC_LIST(9), .dtype = FAC_FLOAT32))                         \
    X(randint_f32_far, fac_randint(1ll << 40, (1ll << 40) + 400000, FAC_LIST(9), .dtype = FAC_FLOAT32))           \
    X(randint_f32_below, fac_randint(-(1ll << 40) - 400000, -(1ll << 40) + 3, FAC_LIST(9), .dtype = FAC_FLOAT32)) \
    X(randint_f64, fac_randint(-5, (1ll << 53) + 5, FAC_LIST(9), F64))                                            \
    X(randperm_9, fac_randperm(9))                                                                                \
    X(randperm_0, fac_randperm(0))                                                                                \
    X(randperm_1, fac_randperm(1))                                                                                \
    X(randperm_u8, fac_slice(fac_randperm(256, U8), 0, 0, 9))                                                     \
    X(randperm_f32, fac_randperm(9, .dtype = FAC_FLOAT32))                                                        \
    X(normal_numbers, fac_normal(1.0, 2, FAC_LIST(20)))                                                           \
    X(normal_few, fac_normal(1.0, 2.0, FAC_LIST(3)))                                                              \
    X(normal_tensors, fac_normal(ramp(20, 1, FAC_FLOAT32), ramp(20, 7, FAC_FLOAT32)))                             \
    X(normal_broadcast, fac_normal(ramp(3, 1, FAC_FLOAT32), as(ramp(7, 1, FAC_FLOAT32), 7, 1)))                   \
    X(normal_mean, fac_normal(ramp(20, 1, FAC_FLOAT32), 0.3))                                                     \
    X(normal_std, fac_normal(0.7, ramp(20, 1, FAC_FLOAT32)))                                                      \
    X(normal_dtypes, fac_normal(ramp(20, 1, FAC_FLOAT32), fac_full(FAC_LIST(20), 0.1, FAC_FLOAT64)))              \
    X(normal_of_t, fac_normal(fac_t(as(ramp(20, 1, FAC_FLOAT32), 4, 5)), fac_ones(5, 4)))                         \
    X(bernoulli_p, fac_bernoulli(ramp(20, 19, FAC_FLOAT32)))                                                      \
    X(bernoulli_p_f64, fac_bernoulli(ramp(20, 19, FAC_FLOAT64)))                                                  \
    X(bernoulli_p_t, fac_bernoulli(fac_t(as(ramp(20, 19, FAC_FLOAT32), 4, 5))))                                   \
    X(bernoulli_p_e, fac_bernoulli(fac_expand(ramp(5, 4, FAC_FLOAT32), FAC_LIST(4, 5))))                          \
    X(multinomial_one, fac_multinomial(ramp(9, 1, FAC_FLOAT32), 1))                                               \
    X(multinomial_k, fac_multinomial(ramp(9, 1, FAC_FLOAT32), 5))                                                 \
    X(multinomial_r, fac_multinomial(ramp(9, 1, FAC_FLOAT32), 12, true))                                          \
    X(multinomial_rows, fac_multinomial(as(ramp(12, 1, FAC_FLOAT32), 3, 4), 3))                                   \
    X(multinomial_f64, fac_multinomial(as(ramp(12, 1, FAC_FLOAT64), 3, 4), 7, .replacement = true))               \
    X(generator, by_generator())                                                                                  \
    X(nested, fac_sub(fac_rand(3), fac_mul(fac_rand(3), fac_rand(3))))                                            \
    X(nested_deep,                                                                                                \
      fac_div(fac_sub(fac_rand(2), fac_rand(2)), fac_add(fac_randn(2), fac_mul(fac_rand(2), fac_rand(2)))))       \
    X(nested_normal, fac_normal(fac_rand(4), fac_rand(4)))
TABLE(table, CASES)

static void test_values(void **state)
{
    (void)state;
    table_run("draws", table, true, 0);
}

/* The generator's next number, which no failed call may have changed. */
static double next_number(void)
{
    FAC_SCOPE;
    return fac_item(fac_rand(1));
}

static void fail_in_every_way(void)
{
    fac_tensor *whole = fac_zeros(2, .dtype = FAC_INT64), *real = fac_zeros(2);
    assert_fails(fac_rand(2, .dtype = FAC_INT64), FAC_ERR_TYPE, "rand: not implemented for int64");
    assert_fails(fac_randn_like(whole), FAC_ERR_TYPE, "randn_like: not implemented for int64");
    assert_fails(fac_uniform_(whole), FAC_ERR_TYPE, "int64");
    assert_fails(fac_normal_(whole), FAC_ERR_TYPE, "int64");
    assert_fails(fac_exponential_(whole), FAC_ERR_TYPE, "int64");
    assert_fails(fac_uniform_(real, 2, 1), FAC_ERR_RUNTIME, "[from, to) range, but found from=2.0, to=1.0");
    assert_fails(fac_uniform_(real, 0, 1e39), FAC_ERR_RUNTIME, "in the range of the dtype");
    assert_fails(fac_uniform_(real, -3e38, 3e38), FAC_ERR_RUNTIME, "to - from");
    assert_fails(fac_uniform_(real, (double)NAN, 1), FAC_ERR_RUNTIME, "nan");
    assert_fails(fac_normal_(real, 0, -1), FAC_ERR_RUNTIME, "normal_: expects std >= 0.0, but found std=-1.0");
    assert_fails(fac_bernoulli_(real, 1.5), FAC_ERR_RUNTIME, "expects p to be in [0, 1], but found p=1.5");
    assert_fails(fac_exponential_(real, 0), FAC_ERR_RUNTIME, "expects lambda > 0.0, but found lambda=0.0");
    assert_fails(fac_uniform_(fac_expand(fac_zeros(1), FAC_LIST(3))), FAC_ERR_RUNTIME, "single memory location");
    assert_fails(fac_uniform_(fac_zeros(2, .requires_grad = true)), FAC_ERR_RUNTIME, "a leaf Variable");
    assert_fails(fac_rand(2, .generator = (fac_generator *)(void *)real), FAC_ERR_TYPE, "generator");
}

static void fail_with_whole_numbers(void)
{
    fac_tensor *bytes = fac_zeros(2, .dtype = FAC_UINT8);
    assert_fails(fac_randint(5, 5, FAC_LIST(2)), FAC_ERR_RUNTIME, "got from=5 >= to=5");
    assert_fails(fac_randint(0, 300, FAC_LIST(2), .dtype = FAC_UINT8), FAC_ERR_RUNTIME,
                 "to - 1 is out of bounds for uint8");
    assert_fails(fac_randint(-1, 3, FAC_LIST(2), .dtype = FAC_UINT8), FAC_ERR_RUNTIME,
                 "from is out of bounds for uint8");
    assert_fails(fac_randint(0, 3, FAC_LIST(2), .dtype = FAC_BOOL), FAC_ERR_RUNTIME,
                 "to - 1 is out of bounds for bool");
    assert_fails(fac_randint(0, 5), FAC_ERR_TYPE, "missing required argument 'size'");
    assert_fails(fac_random_(bytes, -5), FAC_ERR_RUNTIME, "got from=0 >= to=-5");
    assert_fails(fac_random_(bytes, 0, 257), FAC_ERR_RUNTIME, "to - 1 is out of bounds for uint8");
    assert_fails(fac_randperm(-1), FAC_ERR_RUNTIME, "n must be non-negative, got -1");
    assert_fails(fac_randperm(257, .dtype = FAC_UINT8), FAC_ERR_RUNTIME, "cannot be converted to type uint8");
    assert_fails(fac_randperm(3, .dtype = FAC_BOOL), FAC_ERR_TYPE, "bool");
}

static void fail_with_weights(void)
{
    fac_tensor *ones = fac_ones(3), *whole = fac_ones(3, .dtype = FAC_INT64);
    assert_fails(fac_normal(0.0, -1.0, FAC_LIST(2)), FAC_ERR_RUNTIME, "expects std >= 0.0, but found std -1.0");
    assert_fails(fac_normal(fac_zeros(2), fac_vector(1, -1)), FAC_ERR_RUNTIME, "all elements of std >= 0.0");
    assert_fails(fac_normal(fac_zeros(2), fac_vector(1, (double)NAN)), FAC_ERR_RUNTIME, "all elements of std >= 0.0");
    assert_fails(fac_normal(0.0, 1.0), FAC_ERR_TYPE, "missing argument 'size'");
    assert_fails(fac_normal(ones, 1.0, FAC_LIST(3)), FAC_ERR_TYPE, "size is for");
    assert_fails(fac_normal(ones, fac_ones(2)), FAC_ERR_VALUE, "(3,) and (2,)");
    assert_fails(fac_normal(whole, 1.0), FAC_ERR_TYPE, "int64");
    assert_fails(fac_bernoulli(fac_vector(0.5, 1.5)), FAC_ERR_RUNTIME, "expected probabilities in [0, 1], got 1.5");
    assert_fails(fac_bernoulli(fac_vector((double)NAN)), FAC_ERR_RUNTIME, "nan");
    assert_fails(fac_bernoulli(whole), FAC_ERR_TYPE, "int64");
    assert_fails(fac_multinomial(ones, 0), FAC_ERR_RUNTIME, "n_sample <= 0");
    assert_fails(fac_multinomial(ones, 4), FAC_ERR_RUNTIME, "without replacement");
    assert_fails(fac_multinomial(fac_vector(1, -1), 1), FAC_ERR_RUNTIME, "inf, nan or below 0");
    assert_fails(fac_multinomial(fac_zeros(3), 1), FAC_ERR_RUNTIME, "sum to 0");
    assert_fails(fac_multinomial(fac_ones(2, 2, 2), 1), FAC_ERR_RUNTIME, "1 or 2 dims, got shape (2, 2, 2)");
    assert_fails(fac_multinomial(whole, 1), FAC_ERR_TYPE, "int64");
}

static void test_errors_draw_nothing(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_manual_seed(3);
    double expected = next_number();
    fac_manual_seed(3);
    fail_in_every_way();
    fail_with_whole_numbers();
    fail_with_weights();
    assert_true(next_number() == expected);
}

/* Writing random numbers over a result stops its gradient; the results of draws have none. */
static void test_derivatives(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_full(FAC_LIST(20), 0.5, .requires_grad = true);
    assert_false(fac_requires_grad(fac_bernoulli(x)));
    assert_false(fac_requires_grad(fac_normal(x, x)));
    assert_false(fac_requires_grad(fac_rand_like(x)));
    fac_tensor *drawn[] = {fac_uniform_(fac_mul(x, 2)), fac_normal_(fac_mul(x, 2)), fac_bernoulli_(fac_mul(x, 2)),
                           fac_exponential_(fac_mul(x, 2)), fac_random_(fac_mul(x, 2))};
    static const char *const names[] = {"UniformBackward0", "NormalBackward0", "BernoulliBackward2",
                                        "ExponentialBackward0", "RandomBackward0"};
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++) {
        assert_string_equal(fac_grad_fn_name(drawn[i]), names[i]);
        assert_int_equal(fac_backward(drawn[i], fac_ones(20)), FAC_OK);
        assert_same(fac_grad_of(x), fac_zeros(20));
    }
    assert_true(fac_is_grad_enabled());
}

/* A generator of one's own, and a thread's own as its default. */
static void test_generators(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_generator *g = fac_generator_manual_seed(fac_Generator(), 7),
                  *own = fac_generator_manual_seed(fac_Generator(), 7);
    fac_manual_seed(7);
    fac_tensor *shared = fac_randn(5), *given = fac_randn(5, .generator = g);
    assert_int_equal(fac_use_generator(own), FAC_OK);
    fac_tensor *used = fac_randn(5);
    assert_int_equal(fac_use_generator(fac_none), FAC_OK);
    assert_same(given, shared);
    assert_same(used, shared);
    assert_same(fac_randperm(9, .generator = g), fac_randperm(9, .generator = own));
    fac_generator_free(g);
    fac_generator_free(own);
}

static void test_memory(void **state)
{
    (void)state;
    assert_true(support_alloc_fail_each(table_program, table) > 10);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),      cmocka_unit_test(test_errors_draw_nothing),
        cmocka_unit_test(test_derivatives), cmocka_unit_test(test_generators),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
