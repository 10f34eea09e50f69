/* SPDX-License-Identifier: MIT */
/* zeros, ones, empty, full, arange, linspace, eye and kin; fill_, zero_, copy_: against PyTorch, to the last bit. */
#include "support_alloc.h"
#include "support_table.h"

#include "facula/autograd.h"

static fac_tensor *row_major(fac_tensor *tensor, fac_list shape)
{
    return fac_reshape(tensor, shape);
}

/* The whole tensor after a part of it, a view of base, was written. */
static fac_tensor *base;
#define WRITTEN(whole, written) ((base = (whole)) && (written) ? base : NULL)

#define CASES(X)                                                                                                      \
    X(zeros_2_3, fac_zeros(2, 3))                                                                                     \
    X(zeros_of_list, fac_zeros(.size = FAC_LIST(3, 1)))                                                               \
    X(zeros_0d, fac_zeros(.size = FAC_EMPTY_LIST))                                                                    \
    X(zeros_empty, fac_zeros(0, 3))                                                                                   \
    X(zeros_i64, fac_zeros(4, .dtype = FAC_INT64))                                                                    \
    X(zeros_bool, fac_zeros(5, .dtype = FAC_BOOL))                                                                    \
    X(ones_8_dims, fac_ones(1, 2, 1, 2, 1, 2, 1, 2))                                                                  \
    X(ones_f64, fac_ones(3, .dtype = FAC_FLOAT64))                                                                    \
    X(ones_u8, fac_ones(9, .dtype = FAC_UINT8))                                                                       \
    X(ones_i32, fac_ones(2, 2, .dtype = FAC_INT32))                                                                   \
    X(full_f32, fac_full(FAC_LIST(2, 2), 2.1))                                                                        \
    X(full_f64, fac_full(FAC_LIST(2, 2), 2.1, .dtype = FAC_FLOAT64))                                                  \
    X(full_i64, fac_full(FAC_LIST(3), 7, .dtype = FAC_INT64))                                                         \
    X(full_nan, fac_full(FAC_LIST(2), (double)NAN))                                                                   \
    X(full_inf, fac_full(FAC_LIST(2), -(double)INFINITY, .dtype = FAC_FLOAT64))                                       \
    X(full_u8_wraps, fac_full(FAC_LIST(2), -1, .dtype = FAC_UINT8))                                                   \
    X(full_i32_cut, fac_full(FAC_LIST(2), -3.7, .dtype = FAC_INT32))                                                  \
    X(full_bool, fac_full(FAC_LIST(2), 0.5, .dtype = FAC_BOOL))                                                       \
    X(zeros_like_t, fac_zeros_like(fac_t(fac_ones(2, 3))))                                                            \
    X(ones_like_dtype, fac_ones_like(fac_zeros(2, 3), .dtype = FAC_INT64))                                            \
    X(full_like_nan, fac_full_like(fac_zeros(2, 3), (double)NAN))                                                     \
    X(eye_3, fac_eye(3))                                                                                              \
    X(eye_2_4, fac_eye(2, 4))                                                                                         \
    X(eye_4_2, fac_eye(4, 2, .dtype = FAC_INT64))                                                                     \
    X(eye_bool, fac_eye(2, .dtype = FAC_BOOL))                                                                        \
    X(eye_0, fac_eye(0))                                                                                              \
    X(arange_5, fac_arange(5))                                                                                        \
    X(arange_2_7, fac_arange(2, 7))                                                                                   \
    X(arange_down, fac_arange(5, -4, -2))                                                                             \
    X(arange_0, fac_arange(0))                                                                                        \
    X(arange_empty, fac_arange(2, 2))                                                                                 \
    X(arange_tenths, fac_arange(0, 10, 0.1))                                                                          \
    X(arange_from, fac_arange(-5, 5, 0.1))                                                                            \
    X(arange_back, fac_arange(5, -3, -0.3))                                                                           \
    X(arange_large, fac_arange(1000.3, 1100, 0.77))                                                                   \
    X(arange_f64, fac_arange(-5, 5, 0.1, .dtype = FAC_FLOAT64))                                                       \
    X(arange_large_f64, fac_arange(1000.3, 1100, 0.77, .dtype = FAC_FLOAT64))                                         \
    X(arange_short_f64, fac_arange(0.1, 0.4, 0.037, .dtype = FAC_FLOAT64))                                            \
    X(arange_f32, fac_arange(3, .dtype = FAC_FLOAT32))                                                                \
    X(arange_i64_cut, fac_arange(0.5, 3.7, .dtype = FAC_INT64))                                                       \
    X(arange_i32_cut, fac_arange(0.5, 5.2, 1.6, .dtype = FAC_INT32))                                                  \
    X(arange_u8_wraps, fac_arange(-3, 3, .dtype = FAC_UINT8))                                                         \
    X(linspace_sheet, fac_linspace(-5, 5, 100))                                                                       \
    X(linspace_odd, fac_linspace(-5, 5, 201))                                                                         \
    X(linspace_thirds, fac_linspace(0.1, 0.7, 10))                                                                    \
    X(linspace_long, fac_linspace(3, 10, 1000))                                                                       \
    X(linspace_f64, fac_linspace(-5, 5, 100, .dtype = FAC_FLOAT64))                                                   \
    X(linspace_back_f64, fac_linspace(3, -10, 77, .dtype = FAC_FLOAT64))                                              \
    X(linspace_0, fac_linspace(0, 1, 0))                                                                              \
    X(linspace_1, fac_linspace(2, 1, 1))                                                                              \
    X(linspace_2, fac_linspace(2, 1, 2))                                                                              \
    X(linspace_i64, fac_linspace(-3, 7, 5, .dtype = FAC_INT64))                                                       \
    X(linspace_i64_far, fac_linspace(-0x1p40, 0x1p40 + 7, 9, .dtype = FAC_INT64))                                     \
    X(linspace_i64_cut, fac_linspace(0.7, 10.9, 4, .dtype = FAC_INT64))                                               \
    X(linspace_i64_1, fac_linspace(7, 10, 1, .dtype = FAC_INT64))                                                     \
    X(linspace_i32, fac_linspace(-0x1p31, 0x1p31 - 1, 6, .dtype = FAC_INT32))                                         \
    X(linspace_u8, fac_linspace(-5, 250, 7, .dtype = FAC_UINT8))                                                      \
    X(fill_sliced, WRITTEN(fac_zeros(4, 6), fac_fill_(fac_slice(base, 1, 1, 6, 2), 3)))                               \
    X(fill_columns_f64, WRITTEN(fac_zeros(4, 6, .dtype = FAC_FLOAT64), fac_fill_(fac_slice(base, 1, 1, 3), -1.5)))    \
    X(fill_columns_u8, WRITTEN(fac_zeros(4, 6, .dtype = FAC_UINT8), fac_fill_(fac_slice(fac_t(base), 0, 2, 4), 200))) \
    X(fill_bool, fac_fill_(fac_zeros(3, .dtype = FAC_BOOL), 1))                                                       \
    X(fill_0d, fac_fill_(fac_zeros(.size = FAC_EMPTY_LIST), 4))                                                       \
    X(zero_sliced, WRITTEN(fac_ones(4, 6), fac_zero_(fac_slice(base, 1, 1, 6, 2))))                                   \
    X(copy_broadcast, fac_copy_(fac_zeros(2, 3), fac_arange(3, .dtype = FAC_FLOAT32)))                                \
    X(copy_cast, fac_copy_(fac_zeros(4, .dtype = FAC_INT64), fac_vector(1.5, -2.5, 3e30, (double)NAN)))               \
    X(copy_transposed, fac_copy_(fac_zeros(3, 2), fac_t(row_major(fac_vector(0, 1, 2, 3, 4, 5), FAC_LIST(2, 3)))))    \
    X(copy_sliced, WRITTEN(fac_zeros(2, 6), fac_copy_(fac_slice(base, 1, .step = 3),                                  \
                                                      row_major(fac_vector(0, 1, 2, 3), FAC_LIST(2, 2)))))
TABLE(table, CASES)

static void test_values(void **state)
{
    (void)state;
    table_run("creation", table, false, 0);
}

static void test_empty_has_its_shape(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = fac_empty(2, 3, .dtype = FAC_FLOAT64), *b = fac_empty_like(a, .dtype = FAC_UINT8);
    assert_int_equal(fac_dtype_of(a), FAC_FLOAT64);
    assert_int_equal(fac_numel(a), 6);
    assert_int_equal(fac_dtype_of(b), FAC_UINT8);
    assert_int_equal(fac_size(b, 1), 3);
    assert_true(fac_data(a) != fac_data(b));
}

static void test_requires_grad(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *made[] = {fac_zeros(2, .requires_grad = true), fac_ones(2, .requires_grad = true),
                          fac_empty(2, .requires_grad = true), fac_full(FAC_LIST(2), 3, .requires_grad = true),
                          fac_rand(2, .requires_grad = true),  fac_randn(2, .requires_grad = true)};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        assert_true(fac_requires_grad(made[i]));
        assert_true(fac_is_leaf(made[i]));
    }
    assert_false(fac_requires_grad(fac_zeros(2)));
    assert_false(fac_requires_grad(fac_zeros_like(made[0])));
    assert_fails(fac_zeros(2, .dtype = FAC_INT64, .requires_grad = true), FAC_ERR_RUNTIME, "can require gradients");
    assert_fails(fac_full(FAC_LIST(2), 1, .dtype = FAC_BOOL, .requires_grad = true), FAC_ERR_RUNTIME,
                 "can require gradients");
}

static void test_default_dtype(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_int_equal(fac_set_default_dtype(FAC_FLOAT64), FAC_OK);
    int dtypes[] = {(int)fac_dtype_of(fac_zeros(1)),
                    (int)fac_dtype_of(fac_linspace(0, 1, 3)),
                    (int)fac_dtype_of(fac_arange(0.5)),
                    (int)fac_dtype_of(fac_arange(5)),
                    (int)fac_dtype_of(fac_full(FAC_LIST(1), 2)),
                    (int)fac_dtype_of(fac_rand(1))};
    assert_int_equal(fac_set_default_dtype(FAC_FLOAT32), FAC_OK);
    const int expected[] = {FAC_FLOAT64, FAC_FLOAT64, FAC_FLOAT64, FAC_INT64, FAC_FLOAT64, FAC_FLOAT64};
    assert_memory_equal(dtypes, expected, sizeof dtypes);
}

static void test_wrong_sizes(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_fails(fac_zeros(), FAC_ERR_TYPE, "zeros: missing required argument 'size'");
    assert_fails(fac_zeros(-1), FAC_ERR_VALUE, "negative size");
    assert_fails(fac_zeros(2, -3), FAC_ERR_VALUE, "(2, -3)");
    assert_fails(fac_zeros(.d1 = 2), FAC_ERR_TYPE, "size 1 is given, but not size 0");
    assert_fails(fac_zeros(2, .size = FAC_LIST(2)), FAC_ERR_TYPE, "twice");
    assert_fails(fac_zeros(INT64_MAX, 3), FAC_ERR_VALUE, "too large");
    assert_fails(fac_zeros(.size = FAC_LIST(1, 1, 1, 1, 1, 1, 1, 1, 1)), FAC_ERR_VALUE, "at most 8");
    assert_fails(fac_zeros(2, .dtype = (fac_dtype)99), FAC_ERR_TYPE, "99 is no dtype");
    assert_fails(fac_zeros_like(fac_zeros(2), .dtype = (fac_dtype)99), FAC_ERR_TYPE, "99 is no dtype");
    assert_fails(fac_zeros_like(NULL), FAC_ERR_VALUE, "input is NULL");
    assert_fails(fac_full(FAC_LIST(2)), FAC_ERR_TYPE, "missing required argument 'fill_value'");
    assert_fails(fac_eye(-1), FAC_ERR_RUNTIME, "n must be greater or equal to 0, got -1");
    assert_fails(fac_eye(2, -3), FAC_ERR_RUNTIME, "m must be greater or equal to 0, got -3");
}

static void test_values_that_do_not_fit(void **state)
{
    (void)state;
    FAC_SCOPE;
    const char *text = "cannot be converted to type";
    assert_fails(fac_full(FAC_LIST(2), 300, .dtype = FAC_UINT8), FAC_ERR_RUNTIME, "value 300.0 cannot be converted");
    assert_fails(fac_full(FAC_LIST(2), -1.5, .dtype = FAC_UINT8), FAC_ERR_RUNTIME, text);
    assert_fails(fac_full(FAC_LIST(2), 1e300), FAC_ERR_RUNTIME, text);
    assert_fails(fac_full(FAC_LIST(2), (double)NAN, .dtype = FAC_INT64), FAC_ERR_RUNTIME, text);
    assert_fails(fac_full(FAC_LIST(2), 0x1p63, .dtype = FAC_INT64), FAC_ERR_RUNTIME, text);
    assert_fails(fac_full_like(fac_zeros(1), 3e9, .dtype = FAC_INT32), FAC_ERR_RUNTIME, text);
    assert_fails(fac_fill_(fac_zeros(2, .dtype = FAC_UINT8), -300), FAC_ERR_RUNTIME, text);
    assert_fails(fac_linspace(0, 300, 4, .dtype = FAC_UINT8), FAC_ERR_RUNTIME, text);
    assert_non_null(fac_full(FAC_LIST(2), (double)INFINITY));
}

static void test_wrong_ranges(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_fails(fac_arange(), FAC_ERR_TYPE, "missing required argument 'start'");
    assert_fails(fac_arange(0, 5, 0), FAC_ERR_RUNTIME, "step must be nonzero");
    assert_fails(fac_arange(0, 5, 0.5, .dtype = FAC_INT64), FAC_ERR_VALUE, "step must be nonzero");
    assert_fails(fac_arange(0, 5, -1), FAC_ERR_RUNTIME, "inconsistent with step sign");
    assert_fails(fac_arange(-1), FAC_ERR_RUNTIME, "inconsistent with step sign");
    assert_fails(fac_arange(0, (double)INFINITY), FAC_ERR_RUNTIME, "unsupported range: 0.0 -> inf");
    assert_fails(fac_arange(0, 1e300, 1e-300), FAC_ERR_RUNTIME, "invalid size");
    assert_fails(fac_arange(3, .dtype = FAC_BOOL), FAC_ERR_TYPE, "bool");
    assert_fails(fac_linspace(0, 1), FAC_ERR_TYPE, "missing required argument 'steps'");
    assert_fails(fac_linspace(0, 1, -1), FAC_ERR_RUNTIME, "must be non-negative, got -1");
    assert_fails(fac_linspace(0, 1, 3, .dtype = FAC_BOOL), FAC_ERR_TYPE, "bool");
}

static void test_wrong_writing(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *expanded = fac_expand(fac_zeros(1), FAC_LIST(3)), *leaf = fac_zeros(3, .requires_grad = true);
    assert_fails(fac_fill_(expanded, 1), FAC_ERR_RUNTIME, "single memory location");
    assert_fails(fac_zero_(expanded), FAC_ERR_RUNTIME, "single memory location");
    assert_fails(fac_copy_(expanded, fac_ones(3)), FAC_ERR_RUNTIME, "single memory location");
    assert_fails(fac_copy_(fac_zeros(3), fac_zeros(2)), FAC_ERR_VALUE, "(3,) and (2,)");
    assert_fails(fac_copy_(fac_zeros(1, 3), fac_zeros(2, 3)), FAC_ERR_VALUE,
                 "output with shape (1, 3) doesn't match the broadcast shape (2, 3)");
    assert_fails(fac_zero_(leaf), FAC_ERR_RUNTIME, "a leaf Variable that requires grad");
    FAC_NO_GRAD;
    assert_non_null(fac_fill_(leaf, 2));
    assert_true(fac_item(fac_select(leaf, 0, 1)) == 2);
}

/* PyTorch refuses; here the values are those from before. */
static void test_copy_within_a_tensor(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = row_major(fac_vector(1, 2, 3, 4), FAC_LIST(2, 2)), *y = fac_vector(0, 1, 2, 3, 4);
    int64_t before = fac_version_of(x);
    assert_ptr_equal(fac_copy_(x, fac_t(x)), x);
    assert_same(x, row_major(fac_vector(1, 3, 2, 4), FAC_LIST(2, 2)));
    assert_int_equal(fac_version_of(x), before + 1);
    assert_non_null(fac_copy_(fac_narrow(y, 0, 1, 4), fac_narrow(y, 0, 0, 4)));
    assert_same(y, fac_vector(0, 0, 1, 2, 3));
}

/* Gradients of fill_, zero_, copy_ are 0 for what was there. */
static void test_derivatives(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_ones(3, .requires_grad = true), *target = fac_zeros(2, 3);
    fac_tensor *g = row_major(fac_vector(1, 2, 3, 4, 5, 6), FAC_LIST(2, 3));
    assert_non_null(fac_copy_(target, x));
    assert_string_equal(fac_grad_fn_name(target), "CopyBackwards");
    assert_int_equal(fac_backward(target, g), FAC_OK);
    assert_same(fac_grad_of(x), fac_vector(5, 7, 9));

    fac_tensor *y = fac_fill_(fac_mul(x, 2), 3), *z = fac_copy_(fac_zero_(fac_mul(x, 2)), fac_mul(x, 5));
    assert_string_equal(fac_grad_fn_name(y), "FillBackward2");
    assert_int_equal(fac_set_grad(x, fac_none), FAC_OK);
    assert_int_equal(fac_backward(y, fac_ones(3)), FAC_OK);
    assert_same(fac_grad_of(x), fac_zeros(3));
    assert_int_equal(fac_backward(z, fac_ones(3)), FAC_OK);
    assert_same(fac_grad_of(x), fac_full(FAC_LIST(3), 5));
}

/* A copy to another dtype takes its gradient back. */
static void test_derivative_of_a_cast(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_ones(2, .requires_grad = true);
    fac_tensor *wide = fac_copy_(fac_zeros(2, .dtype = FAC_FLOAT64), x);
    assert_int_equal(fac_backward(wide, fac_ones(2, .dtype = FAC_FLOAT64)), FAC_OK);
    assert_same(fac_grad_of(x), fac_ones(2));
}

static void test_memory(void **state)
{
    (void)state;
    assert_true(support_alloc_fail_each(table_program, table) > 4);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_empty_has_its_shape),
        cmocka_unit_test(test_requires_grad),
        cmocka_unit_test(test_default_dtype),
        cmocka_unit_test(test_wrong_sizes),
        cmocka_unit_test(test_values_that_do_not_fit),
        cmocka_unit_test(test_wrong_ranges),
        cmocka_unit_test(test_wrong_writing),
        cmocka_unit_test(test_copy_within_a_tensor),
        cmocka_unit_test(test_derivatives),
        cmocka_unit_test(test_derivative_of_a_cast),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
