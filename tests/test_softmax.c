/* SPDX-License-Identifier: MIT */
#include "support_ops.h"

#define FUNCTION(name, expression)               \
    static fac_tensor *do_##name(fac_tensor **x) \
    {                                            \
        return expression;                       \
    }
#define FUNCTIONS(F)                                             \
    F(softmax_0, fac_softmax(x[0], 0))                           \
    F(softmax_1, fac_softmax(x[0], 1))                           \
    F(softmax_back, fac_softmax(x[0], -1))                       \
    F(softmax_steep, fac_softmax(fac_mul(x[0], 100), -1))        \
    F(softmax_real, fac_softmax(x[0], 1, FAC_FLOAT64))           \
    F(log_softmax_0, fac_log_softmax(x[0], 0))                   \
    F(log_softmax_1, fac_log_softmax(x[0], 1))                   \
    F(log_softmax_back, fac_log_softmax(x[0], -1))               \
    F(log_softmax_steep, fac_log_softmax(fac_mul(x[0], 100), 0)) \
    F(log_softmax_real, fac_log_softmax(x[0], 0, FAC_FLOAT32))   \
    F(logsumexp_0, fac_logsumexp(x[0], 0))                       \
    F(logsumexp_pair, fac_logsumexp(x[0], FAC_2(0, 2)))          \
    F(logsumexp_keep, fac_logsumexp(x[0], -1, true))             \
    F(logsumexp_steep, fac_logsumexp(fac_mul(x[0], 100), -1))    \
    F(softmax_bent, bent(fac_softmax(x[0], -1), x, 1))           \
    F(log_softmax_bent, bent(fac_log_softmax(x[0], 0), x, 1))    \
    F(logsumexp_bent, bent(fac_logsumexp(x[0], 1), x, 1))
FUNCTIONS(FUNCTION)

static void as_pytorch(void **state)
{
    (void)state;
#define ROW(name, expression) {#name, do_##name},
    static const case_function functions[] = {FUNCTIONS(ROW)};
    cases_run("softmax", functions, sizeof functions / sizeof *functions);
}

/* Infinite and missing values, as PyTorch has them. */
static void odd_values(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *low = fac_vector(-INFINITY, -INFINITY), *mixed = fac_vector(INFINITY, -INFINITY),
               *one = fac_vector(0, -INFINITY);
    assert_true(fac_item(fac_logsumexp(low, 0)) == -INFINITY && fac_item(fac_logsumexp(mixed, 0)) == INFINITY);
    assert_true(isnan(fac_item(fac_logsumexp(fac_vector(1, NAN), 0))));
    assert_true(isnan(fac_at(fac_softmax(low, 0), FAC_LIST(0))) && isnan(fac_at(fac_softmax(mixed, 0), FAC_LIST(0))));
    assert_same(fac_softmax(one, 0), fac_vector(1, 0));
    assert_same(fac_log_softmax(one, 0), one);
    assert_same(fac_logsumexp(fac_zeros(2, 0), 1), low);
    assert_same(fac_softmax(fac_vector(1e30, 1e30), 0), fac_vector(0.5, 0.5));
}

/* Rows add up to 1, however they lie, and the bits are the same. */
static void rows_and_columns(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_randn(50, 70), *turned = fac_t(fac_contiguous(fac_t(x)));
    assert_same(fac_softmax(turned, 0), fac_softmax(x, 0));
    assert_same(fac_log_softmax(turned, 1), fac_log_softmax(x, 1));
    assert_close(fac_sum(fac_softmax(x, 0), 0), fac_ones(70), 50);
    assert_close(fac_exp(fac_log_softmax(x, 1)), fac_softmax(x, 1), 70);
}

static void errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(2, 3), *whole = fac_zeros(2, .dtype = FAC_INT64);
    assert_error(fac_softmax(x, 2), FAC_ERR_INDEX,
                 "softmax: Dimension out of range (expected to be in range of [-2, 1], but got 2)");
    assert_error(fac_softmax(whole, 0), FAC_ERR_TYPE, "softmax: not implemented for int64");
    assert_error(fac_log_softmax(x, 0, FAC_INT32), FAC_ERR_TYPE, "log_softmax: not implemented for int32");
    assert_error(fac_softmax(x, .dtype = FAC_FLOAT32), FAC_ERR_TYPE, "softmax: missing required argument 'dim'");
    assert_error(fac_logsumexp(x, FAC_2(1, 1)), FAC_ERR_VALUE,
                 "logsumexp: dim 1 appears multiple times in the list of dims");
}

static void names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_ones(2, 3), true);
    assert_string_equal(fac_grad_fn_name(fac_softmax(x, 0)), "SoftmaxBackward0");
    assert_string_equal(fac_grad_fn_name(fac_log_softmax(x, 0)), "LogSoftmaxBackward0");
    assert_string_equal(fac_grad_fn_name(fac_logsumexp(x, 0)), "LogsumexpBackward0");
}

static bool everything(void)
{
    fac_tensor *x = fac_ones(40, 3), *turned = x ? fac_t(x) : NULL;
    if (!turned || !fac_requires_grad_(turned, true))
        return false;
    fac_tensor *parts[] = {fac_softmax(turned, 0), fac_log_softmax(turned, 1), fac_log_softmax(turned, 0),
                           fac_logsumexp(turned, 0)};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!parts[i] || fac_backward(fac_sum(parts[i])))
            return false;
    return true;
}

static void memory(void **state)
{
    (void)state;
    assert_survives(everything);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_pytorch), cmocka_unit_test(odd_values), cmocka_unit_test(rows_and_columns),
        cmocka_unit_test(errors),     cmocka_unit_test(names),      cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
