/* SPDX-License-Identifier: MIT */
#include "support_ops.h"

#define FUNCTION(name, expression)               \
    static fac_tensor *do_##name(fac_tensor **x) \
    {                                            \
        return expression;                       \
    }
#define FUNCTIONS(F)                                                               \
    F(sum, fac_sum(x[0]))                                                          \
    F(sum_0, fac_sum(x[0], 0))                                                     \
    F(sum_1, fac_sum(x[0], 1))                                                     \
    F(sum_back, fac_sum(x[0], -1))                                                 \
    F(sum_ends, fac_sum(x[0], FAC_2(0, 2)))                                        \
    F(sum_three, fac_sum(x[0], FAC_3(0, 2, -1)))                                   \
    F(sum_pair_keep, fac_sum(x[0], FAC_2(1, 0), true))                             \
    F(sum_keep, fac_sum(x[0], -1, .keepdim = true))                                \
    F(mean, fac_mean(x[0]))                                                        \
    F(mean_0, fac_mean(x[0], 0))                                                   \
    F(mean_keep, fac_mean(x[0], FAC_2(0, -1), true))                               \
    F(mean_none, fac_mean(x[0], 1))                                                \
    F(var, fac_var(x[0]))                                                          \
    F(var_1, fac_var(x[0], 1))                                                     \
    F(var_biased, fac_var(x[0], FAC_2(0, 2), .correction = 0))                     \
    F(var_keep, fac_var(x[0], -1, 2, true))                                        \
    F(std, fac_std(x[0]))                                                          \
    F(std_keep, fac_std(x[0], FAC_2(0, 1), .keepdim = true))                       \
    F(var_bent, bent(fac_var(x[0], 0), x, 1))                                      \
    F(std_bent, bent(fac_std(x[0], -1), x, 1))                                     \
    F(mean_bent, bent(fac_mul(fac_mean(x[0], 0), fac_sum(x[0], 0, true)), x, 1))   \
    F(max, fac_max(x[0]))                                                          \
    F(min, fac_min(x[0]))                                                          \
    F(max_ties, fac_max(fac_clamp(fac_mul(fac_sign(x[0]), fac_abs(x[0])), -2, 2))) \
    F(amax, fac_amax(x[0]))                                                        \
    F(amax_0, fac_amax(x[0], 0))                                                   \
    F(amax_ties, fac_amax(fac_clamp(x[0], -2, 2), FAC_2(0, 2)))                    \
    F(amax_keep, fac_amax(x[0], -1, true))                                         \
    F(amin_1, fac_amin(x[0], 1))                                                   \
    F(amin_ties, fac_amin(fac_clamp(x[0], -2, 2), -1, true))                       \
    F(amin_bent, bent(fac_amin(fac_mul(x[0], x[0]), 0), x, 1))                     \
    F(max_bent, bent(fac_max(fac_mul(x[0], x[0])), x, 1))                          \
    F(argmax, fac_argmax(x[0]))                                                    \
    F(argmax_0, fac_argmax(x[0], 0))                                               \
    F(argmax_keep, fac_argmax(x[0], -1, true))                                     \
    F(argmin, fac_argmin(x[0]))                                                    \
    F(argmin_1, fac_argmin(x[0], 1))                                               \
    F(argmax_ties, fac_argmax(fac_clamp(x[0], 0, 2), 1))                           \
    F(all, fac_all(x[0]))                                                          \
    F(all_0, fac_all(x[0], 0))                                                     \
    F(any, fac_any(x[0]))                                                          \
    F(any_pair, fac_any(x[0], FAC_2(0, 2), true))                                  \
    F(any_above, fac_any(fac_gt(x[0], 3), -1))                                     \
    F(all_below, fac_all(fac_lt(x[0], 3), 1))                                      \
    F(sum_real, fac_sum(x[0], .dtype = FAC_FLOAT64))                               \
    F(sum_byte, fac_sum(x[0], 0, .dtype = FAC_UINT8))                              \
    F(sum_truth, fac_sum(x[0], 1, .dtype = FAC_BOOL))                              \
    F(sum_whole, fac_sum(x[0], .dtype = FAC_INT32))                                \
    F(mean_real, fac_mean(x[0], 0, .dtype = FAC_FLOAT32))
FUNCTIONS(FUNCTION)

static void as_pytorch(void **state)
{
    (void)state;
#define ROW(name, expression) {#name, do_##name},
    static const case_function functions[] = {FUNCTIONS(ROW)};
    cases_run("reductions", functions, sizeof functions / sizeof *functions);
}

static fac_tensor *values(fac_dtype dtype, int64_t n, const double *from)
{
    fac_tensor *t = fac_zeros(n, .dtype = dtype);
    for (int64_t i = 0; i < n; i++)
        fac_store_double(fac_element(t, i), (int)dtype, from[i]);
    return t;
}
#define VALUES(dtype, ...) \
    values(dtype, (int64_t)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)), (double[]){__VA_ARGS__})

static void odd_values(void **state)
{
    (void)state;
    for (fac_dtype dtype = FAC_FLOAT32; dtype <= FAC_FLOAT64; dtype++) {
        FAC_SCOPE;
        fac_tensor *x = VALUES(dtype, 1, NAN, 3, NAN), *inf = VALUES(dtype, 1, -INFINITY, 3, INFINITY);
        assert_true(isnan(fac_item(fac_max(x))) && isnan(fac_item(fac_min(x))));
        assert_true(isnan(fac_item(fac_amax(x))) && isnan(fac_item(fac_sum(x))) && isnan(fac_item(fac_var(x))));
        assert_int_equal(fac_item_int(fac_argmax(x)), 1);
        assert_int_equal(fac_item_int(fac_argmin(x)), 1);
        assert_true(fac_item(fac_max(inf)) == INFINITY && fac_item(fac_min(inf)) == -INFINITY);
        assert_int_equal(fac_item_int(fac_argmax(inf)), 3);
        assert_true(isnan(fac_item(fac_sum(inf))) && isnan(fac_item(fac_var(inf))));
        assert_true(fac_item(fac_any(x)) == 1 && fac_item(fac_all(x)) == 1);
        assert_true(isnan(fac_item(fac_mean(fac_zeros(0, .dtype = dtype)))));
        assert_true(fac_item(fac_sum(fac_zeros(0, .dtype = dtype))) == 0);
        assert_true(isnan(fac_item(fac_var(VALUES(dtype, 5)))) &&
                    fac_item(fac_var(VALUES(dtype, 5), .correction = 0)) == 0);
        assert_true(fac_item(fac_var(VALUES(dtype, 1, 2, 3), .correction = 5)) == INFINITY);
        assert_true(isnan(fac_item(fac_std(fac_zeros(0, .dtype = dtype)))));
    }
}

/* A NaN takes the whole gradient of max(), and makes that of amax NaN. */
static void derivatives_at_nan(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(VALUES(FAC_FLOAT32, 1, NAN, 3, NAN), true),
               *want = VALUES(FAC_FLOAT32, 0, 0.5, 0, 0.5);
    assert_int_equal(fac_backward(fac_max(x)), FAC_OK);
    assert_same(fac_grad_of(x), want);
    assert_int_equal(fac_set_grad(x, NULL), FAC_OK);
    assert_int_equal(fac_backward(fac_amin(x)), FAC_OK);
    for (int i = 0; i < 4; i++)
        assert_true(isnan(fac_at(fac_grad_of(x), FAC_LIST(i))));
}

/* Equal values: no rounding makes a deviation, and the derivative of std is 0. */
static void all_alike(void **state)
{
    (void)state;
    for (fac_dtype dtype = FAC_FLOAT32; dtype <= FAC_FLOAT64; dtype++) {
        FAC_SCOPE;
        fac_tensor *x = fac_requires_grad_(fac_full(FAC_LIST(3), 0.1, .dtype = dtype), true), *y = fac_std(x);
        assert_true(fac_item(y) == 0);
        assert_int_equal(fac_backward(y), FAC_OK);
        assert_same(fac_grad_of(x), fac_zeros(3, .dtype = dtype));
    }
}

static void without_degrees_of_freedom(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(VALUES(FAC_FLOAT32, 1, 2, 3), true);
    assert_int_equal(fac_backward(fac_var(x, .correction = 3)), FAC_OK);
    assert_true(fac_at(fac_grad_of(x), FAC_LIST(0)) == INFINITY && isnan(fac_at(fac_grad_of(x), FAC_LIST(1))));
    assert_string_equal(fac_last_warning(),
                        "var(): degrees of freedom is <= 0. Correction should be strictly less than the reduction "
                        "factor (input numel divided by output numel).");
}

static void errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(2, 3), *none = fac_zeros(0, 3), *whole = fac_zeros(2, .dtype = FAC_INT64);
    assert_error(fac_sum(x, 2), FAC_ERR_INDEX,
                 "sum: Dimension out of range (expected to be in range of [-2, 1], but got 2)");
    assert_error(fac_sum(x, FAC_2(0, -2)), FAC_ERR_VALUE, "sum: dim 0 appears multiple times in the list of dims");
    assert_error(fac_mean(whole), FAC_ERR_TYPE,
                 "mean: could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
                 "Got: int64");
    assert_error(fac_mean(x, .dtype = FAC_INT32), FAC_ERR_TYPE,
                 "mean: could not infer output dtype. Optional dtype must be either a floating point or complex dtype. "
                 "Got: int32");
    assert_error(fac_var(whole), FAC_ERR_TYPE,
                 "var: std and var only support floating point and complex dtypes, got int64");
    assert_error(fac_max(none), FAC_ERR_VALUE,
                 "max: Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
                 "the 'dim' argument.");
    assert_error(fac_amin(none, 0), FAC_ERR_INDEX, "amin: Expected reduction dim 0 to have non-zero size.");
    assert_error(fac_argmax(none, 0), FAC_ERR_INDEX, "argmax: Expected reduction dim 0 to have non-zero size.");
    assert_error(fac_argmin(fac_ones(2, .dtype = FAC_BOOL)), FAC_ERR_TYPE, "argmin: does not support bool input");
    assert_error(fac_sum(NULL), FAC_ERR_VALUE, "sum: input is NULL");
}

/* The same bits however the values lie in memory. */
static void order_is_the_shapes(void **state)
{
    (void)state;
    enum { A = 37, B = 53, C = 11 };
    static float data[A * B * C];
    for (int i = 0; i < A * B * C; i++)
        data[i] = (float)((i * 7919) % 10007) / 991;
    const fac_dims dims[] = {FAC_NONE, 0, 1, 2, FAC_2(0, 1), FAC_2(1, 2), FAC_2(0, 2), FAC_3(0, 1, 2)};
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
        FAC_SCOPE;
        fac_tensor *x = fac_from_data(data, FAC_LIST(A, B, C), FAC_FLOAT32);
        fac_tensor *turned = fac_permute(fac_contiguous(fac_permute(x, FAC_LIST(2, 0, 1))), FAC_LIST(1, 2, 0));
        fac_tensor *spread = fac_select(fac_stack(FAC_TENSORS(x, x), 3), 3, 1);
        assert_false(fac_is_contiguous(turned) || fac_is_contiguous(spread));
        fac_tensor *want = fac_sum(x, dims[i]);
        assert_same(fac_sum(turned, dims[i]), want);
        assert_same(fac_sum(spread, dims[i]), want);
        assert_same(fac_var(turned, dims[i]), fac_var(x, dims[i]));
    }
}

/* Sums as near to the truth as PyTorch's: a float sum of a million parts, and a variance far from 0. */
static void accuracy(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *tenths = fac_full(FAC_LIST(1000, 1000), 0.1, .dtype = FAC_FLOAT32);
    double want = (double)0.1f * 1e6;
    assert_true(fabs(fac_item(fac_sum(tenths)) - want) < 1e-6 * want);
    assert_true(fabs(fac_item(fac_mean(tenths)) - (double)0.1f) < 1e-7);
    assert_true(fabs(fac_at(fac_sum(tenths, 0), FAC_LIST(3)) - want / 1000) < 1e-6 * want / 1000);
    fac_tensor *far = VALUES(FAC_FLOAT64, 1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16);
    assert_true(fac_item(fac_var(far)) == 30);
}

static void names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_ones(2, 3), true);
    assert_string_equal(fac_grad_fn_name(fac_sum(x)), "SumBackward0");
    assert_string_equal(fac_grad_fn_name(fac_sum(x, 0)), "SumBackward1");
    assert_string_equal(fac_grad_fn_name(fac_mean(x)), "MeanBackward0");
    assert_string_equal(fac_grad_fn_name(fac_mean(x, 1)), "MeanBackward1");
    assert_string_equal(fac_grad_fn_name(fac_max(x)), "MaxBackward1");
    assert_string_equal(fac_grad_fn_name(fac_amin(x)), "AminBackward0");
    assert_string_equal(fac_grad_fn_name(fac_var(x)), "VarBackward0");
    assert_null(fac_grad_fn_name(fac_argmax(x)));
}

/* Gradients of broadcast operands are summed to their shapes, and so are theirs. */
static void broadcasting(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = fac_requires_grad_(fac_full(FAC_LIST(2, 1, 3), 2), true),
               *b = fac_requires_grad_(fac_full(FAC_LIST(4, 1), 3), true);
    fac_tensor *grads[2], *second[2];
    fac_tensor *y = fac_sum(fac_mul(fac_mul(a, b), fac_mul(a, b)));
    assert_int_equal(fac_grad(FAC_TENSORS(y), FAC_TENSORS(a, b), grads, .create_graph = true), FAC_OK);
    assert_same(grads[0], fac_full(FAC_LIST(2, 1, 3), 2 * 2 * 9 * 4));
    assert_same(grads[1], fac_full(FAC_LIST(4, 1), 2 * 3 * 4 * 6));
    assert_int_equal(fac_grad(FAC_TENSORS(fac_sum(grads[0])), FAC_TENSORS(a, b), second), FAC_OK);
    assert_same(second[0], fac_full(FAC_LIST(2, 1, 3), 2 * 9 * 4));
    assert_same(second[1], fac_full(FAC_LIST(4, 1), 4 * 2 * 3 * 6));
}

static bool everything(void)
{
    fac_tensor *x = fac_ones(3, 4, 2), *turned = x ? fac_permute(x, FAC_LIST(2, 0, 1)) : NULL;
    if (!turned || !fac_requires_grad_(turned, true))
        return false;
    fac_tensor *parts[] = {fac_sum(turned), fac_sum(turned, FAC_2(0, 2)),  fac_mean(turned, 1), fac_var(turned, 0),
                           fac_std(turned), fac_amax(turned, FAC_2(0, 2)), fac_max(turned)};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!parts[i] || fac_backward(fac_sum(parts[i]), .retain_graph = true))
            return false;
    return fac_argmax(turned, 1) && fac_all(turned) && fac_any(turned, 0) && fac_sum(turned, .dtype = FAC_INT32);
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
        cmocka_unit_test(without_degrees_of_freedom),
        cmocka_unit_test(as_pytorch),
        cmocka_unit_test(odd_values),
        cmocka_unit_test(all_alike),
        cmocka_unit_test(derivatives_at_nan),
        cmocka_unit_test(errors),
        cmocka_unit_test(order_is_the_shapes),
        cmocka_unit_test(accuracy),
        cmocka_unit_test(names),
        cmocka_unit_test(broadcasting),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
