/* SPDX-License-Identifier: MIT */
/* dropout against PyTorch: results and gradients to the last bit, and what is drawn next. */
#include "support_ops.h"
#include "support_table.h"

#include "facula/nn_modules.h"
#include "facula/text.h"

/* The rules of golden_dropout.py. */

static fac_tensor *ramp_of(fac_dtype dtype, fac_list shape)
{
    double n = 1;
    for (int64_t d = 0; d < shape->count; d++)
        n *= (double)shape->values[d];
    return fac_reshape(fac_add(fac_arange(n, .dtype = dtype), 0.5 - floor(n / 3)), shape);
}
#define RAMP(...)    ramp_of(FAC_FLOAT32, FAC_LIST(__VA_ARGS__))
#define RAMP_64(...) ramp_of(FAC_FLOAT64, FAC_LIST(__VA_ARGS__))
#define WHOLE        fac_arange(6, .dtype = FAC_INT64)

static fac_tensor *ramp_like(fac_tensor *y)
{
    fac_ints shape = {.count = y->m.ndim};
    memcpy(shape.values, y->m.shape, y->m.ndim * sizeof *shape.values);
    return ramp_of((fac_dtype)y->m.dtype, &shape);
}

static fac_tensor *leaf;
static fac_tensor *gradient(fac_tensor *y)
{
    return y && !fac_backward(y, ramp_like(y)) ? fac_grad_of(leaf) : NULL;
}
/* The gradient of a leaf x for y, an expression of x. */
#define SLOPE(x, y) ((leaf = fac_requires_grad_(x, true)) ? gradient(y) : NULL)

static fac_tensor *is_same(fac_tensor *x, fac_tensor *y)
{
    assert_ptr_equal(x, y);
    return y;
}
#define INPLACE(x, ...) ((leaf = (x)) ? is_same(leaf, fac_dropout(leaf, __VA_ARGS__, .inplace = true)) : NULL)

static fac_tensor *curved(fac_tensor *x)
{
    fac_tensor *y = fac_dropout(fac_requires_grad_(x, true), 0.4), *whole = fac_sum(fac_mul(y, y)), *grad;
    const fac_tensors ys = {1, &whole}, xs = {1, &x};
    if (fac_grad(&ys, &xs, &grad, .create_graph = true) || fac_backward(fac_sum(fac_mul(grad, grad))))
        return NULL;
    return fac_grad_of(x);
}

static fac_tensor *twice(fac_tensor *x)
{
    fac_tensor *first = fac_dropout(x, 0.2), *between = fac_rand(3), *second = fac_dropout(x, 0.7);
    return fac_cat(FAC_TENSORS(first, between, second));
}

static fac_tensor *layers(bool training)
{
    fac_module *model = fac_Sequential(fac_Dropout(0.3), fac_ReLU(), fac_Dropout(.p = 0.4));
    fac_tensor *y = model ? fac_forward(fac_train(model, training), RAMP(5, 7)) : NULL;
    fac_module_free(model);
    return y;
}

#define INF        ((double)INFINITY)
#define MISSING    ((double)NAN)
#define ROW_OF(x)  fac_reshape(x, FAC_EMPTY_LIST)
#define ODD_COLUMN fac_slice(RAMP(4, 10), 1, 0, .step = 2)

#define CASES(X)                                                                          \
    X(n_1, fac_dropout(RAMP(1)))                                                          \
    X(n_15, fac_dropout(RAMP(15)))                                                        \
    X(n_16, fac_dropout(RAMP(16)))                                                        \
    X(n_17, fac_dropout(RAMP(17)))                                                        \
    X(n_31, fac_dropout(RAMP(31), 0.1))                                                   \
    X(n_32, fac_dropout(RAMP(32), 0.9))                                                   \
    X(n_313, fac_dropout(RAMP(313)))                                                      \
    X(n_2000, fac_dropout(RAMP(2000), 1.0 / 3))                                           \
    X(scalar, fac_dropout(ROW_OF(RAMP(1))))                                               \
    X(shape, fac_dropout(RAMP(3, 5, 7), 0.25))                                            \
    X(rare, fac_dropout(RAMP(40), 1e-8))                                                  \
    X(frequent, fac_dropout(RAMP(40), 1 - 1e-9))                                          \
    X(p_0, fac_dropout(RAMP(20), 0))                                                      \
    X(p_1, fac_dropout(RAMP(20), 1))                                                      \
    X(p_1_whole, fac_dropout(WHOLE, 1))                                                   \
    X(p_0_whole, fac_dropout(WHOLE, 0))                                                   \
    X(eval, fac_dropout(RAMP(20), 0.5, false))                                            \
    X(eval_whole, fac_dropout(WHOLE, .training = false))                                  \
    X(empty, fac_dropout(fac_zeros(0, 3)))                                                \
    X(f64, fac_dropout(RAMP_64(33), 0.3))                                                 \
    X(f64_third, fac_dropout(RAMP_64(2, 400), 2.0 / 3))                                   \
    X(odd, fac_dropout(fac_vector(1, -2, INF, MISSING, -5, -INF, MISSING)))               \
    X(odd_1, fac_dropout(fac_vector(1, -2, INF, MISSING), 1))                             \
    X(t, fac_dropout(fac_t(RAMP(5, 4))))                                                  \
    X(t_f64, fac_dropout(fac_t(RAMP_64(5, 4)), 0.3))                                      \
    X(permuted, fac_dropout(fac_permute(RAMP(2, 3, 4), FAC_LIST(1, 2, 0))))               \
    X(sliced, fac_dropout(ODD_COLUMN))                                                    \
    X(sliced_t, fac_dropout(fac_slice(fac_t(RAMP(6, 8)), 0, 0, .step = 2)))               \
    X(column, fac_dropout(fac_t(RAMP(20, 1))))                                            \
    X(expanded, fac_dropout(fac_expand(RAMP(4, 1), FAC_LIST(4, 5))))                      \
    X(expanded_row, fac_dropout(fac_expand(RAMP(1, 5), FAC_LIST(4, 5))))                  \
    X(expanded_t, fac_dropout(fac_expand(fac_t(RAMP(3, 4)), FAC_LIST(2, 4, 3))))          \
    X(inplace, INPLACE(RAMP(20), 0.5))                                                    \
    X(inplace_p, INPLACE(RAMP_64(20), 0.3))                                               \
    X(inplace_1, INPLACE(RAMP(20), 1))                                                    \
    X(inplace_0, INPLACE(RAMP(20), 0))                                                    \
    X(inplace_eval, INPLACE(RAMP(20), 0.5, false))                                        \
    X(inplace_t, INPLACE(fac_t(RAMP(5, 4)), 0.5))                                         \
    X(inplace_s, INPLACE(ODD_COLUMN, 0.5))                                                \
    X(grad, SLOPE(RAMP(3, 17), fac_dropout(leaf, 0.3)))                                   \
    X(grad_f64, SLOPE(RAMP_64(40), fac_dropout(leaf)))                                    \
    X(grad_0, SLOPE(RAMP(5), fac_dropout(leaf, 0)))                                       \
    X(grad_1, SLOPE(RAMP(5), fac_dropout(leaf, 1)))                                       \
    X(grad_eval, SLOPE(RAMP(5), fac_dropout(leaf, 0.5, false)))                           \
    X(grad_t, SLOPE(RAMP(5, 4), fac_dropout(fac_t(leaf), 0.3)))                           \
    X(grad_s, SLOPE(RAMP(4, 10), fac_dropout(fac_slice(leaf, 1, 0, .step = 2), 0.3)))     \
    X(grad_e, SLOPE(RAMP(4, 1), fac_dropout(fac_expand(leaf, FAC_LIST(4, 5)), 0.3)))      \
    X(grad_inplace, SLOPE(RAMP(20), fac_dropout(fac_mul(leaf, 2), 0.3, .inplace = true))) \
    X(second, curved(RAMP(20)))                                                           \
    X(twice, twice(RAMP(20)))                                                             \
    X(module, layers(true))                                                               \
    X(module_eval, layers(false))
TABLE(cases, CASES)

static void as_pytorch(void **state)
{
    (void)state;
    table_run("dropout", cases, true, 0);
}

/* -0 where a negative element is dropped, as a product has it. */
static void signs(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *y = fac_dropout(fac_neg(fac_ones(50)), 0.5);
    for (int64_t i = 0; i < 50; i++)
        assert_true(signbit(*(float *)fac_element(y, i)));
}

static void itself(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_ones(3), *none = fac_zeros(0);
    assert_ptr_equal(fac_dropout(x, 0), x);
    assert_ptr_equal(fac_dropout(x, .training = false), x);
    assert_ptr_equal(fac_dropout(none), none);
    assert_ptr_not_equal(fac_dropout(x, 1), x);
}

static void errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_ones(3), *asking = fac_requires_grad_(fac_ones(3), true);
    assert_error(fac_dropout(x, 1.5), FAC_ERR_VALUE, "dropout probability has to be between 0 and 1, but got 1.5");
    assert_error(fac_dropout(x, -0.1, false), FAC_ERR_VALUE,
                 "dropout probability has to be between 0 and 1, but got -0.1");
    assert_error(fac_dropout(x, MISSING), FAC_ERR_VALUE, "dropout probability has to be between 0 and 1, but got nan");
    assert_error(fac_dropout(WHOLE), FAC_ERR_TYPE,
                 "dropout: result type float32 can't be cast to the desired output type int64");
    assert_error(fac_dropout(fac_ones(3, .dtype = FAC_BOOL), .inplace = true), FAC_ERR_TYPE,
                 "dropout: result type float32 can't be cast to the desired output type bool");
    assert_error(fac_dropout(asking, .inplace = true), FAC_ERR_RUNTIME,
                 "mul_: a leaf Variable that requires grad is being used in an in-place operation.");
    assert_error(fac_dropout(NULL), FAC_ERR_VALUE, "dropout: input is NULL");
    assert_error(fac_Dropout(1.5), FAC_ERR_VALUE, "dropout probability has to be between 0 and 1, but got 1.5");
    assert_error(fac_Dropout(-1), FAC_ERR_VALUE, "dropout probability has to be between 0 and 1, but got -1.0");
}

static void names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_ones(3), true);
    assert_string_equal(fac_grad_fn_name(fac_dropout(x)), "MulBackward0");
    assert_string_equal(fac_grad_fn_name(fac_dropout(x, 1)), "MulBackward0");
    assert_string_equal(fac_grad_fn_name(fac_dropout(fac_mul(x, 2), .inplace = true)), "MulBackward0");
    FAC_NO_GRAD;
    assert_false(fac_requires_grad(fac_dropout(x)));
}

static void check_repr(fac_module *module, const char *text)
{
    assert_string_equal(fac_module_repr(module), text);
    fac_module_free(module);
}

static void module(void **state)
{
    (void)state;
    FAC_SCOPE;
    check_repr(fac_Dropout(), "Dropout(p=0.5, inplace=False)");
    check_repr(fac_Dropout(0.3, true), "Dropout(p=0.3, inplace=True)");
    fac_module *drop = fac_Dropout(0.9, .inplace = true);
    fac_tensor *x = fac_ones(100);
    assert_ptr_equal(fac_forward(fac_eval(drop), x), x);
    assert_same(x, fac_ones(100));
    assert_ptr_equal(fac_forward(fac_train(drop, true), x), x);
    assert_true(fac_item(fac_amin(x)) == 0);
    fac_module_free(drop);
}

static bool everything(void)
{
    fac_tensor *x = fac_ones(4, 3), *asking = x ? fac_requires_grad_(fac_ones(4, 3), true) : NULL;
    fac_tensor *turned = asking ? fac_t(asking) : NULL;
    if (!turned || !fac_dropout(x, .inplace = true) || !fac_dropout(x, 1))
        return false;
    fac_tensor *y = fac_dropout(turned, 0.3);
    return y && !fac_backward(fac_sum(y)) && layers(true);
}

static void memory(void **state)
{
    (void)state;
    assert_survives(everything);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch), cmocka_unit_test(signs), cmocka_unit_test(itself),
                                       cmocka_unit_test(errors),     cmocka_unit_test(names), cmocka_unit_test(module),
                                       cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
