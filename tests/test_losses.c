/* SPDX-License-Identifier: MIT */
#include "ops/op_table.h"
#include "support_ops.h"

#define FUNCTION(name, expression)               \
    static fac_tensor *do_##name(fac_tensor **x) \
    {                                            \
        return expression;                       \
    }
#define FUNCTIONS(F)                                               \
    F(mse_mean, fac_mse_loss(x[0], x[1]))                          \
    F(mse_sum, fac_mse_loss(x[0], x[1], "sum"))                    \
    F(mse_none, fac_mse_loss(x[0], x[1], .reduction = "none"))     \
    F(l1_mean, fac_l1_loss(x[0], x[1], "mean"))                    \
    F(l1_sum, fac_l1_loss(x[0], x[1], "sum"))                      \
    F(l1_none, fac_l1_loss(x[0], x[1], "none"))                    \
    F(mse_bent_mean, bent(fac_mse_loss(x[0], x[1]), x, 2))         \
    F(mse_bent_sum, bent(fac_mse_loss(x[0], x[1], "sum"), x, 2))   \
    F(mse_bent_none, bent(fac_mse_loss(x[0], x[1], "none"), x, 2)) \
    F(l1_bent_mean, bent(fac_l1_loss(x[0], x[1]), x, 2))           \
    F(l1_bent_sum, bent(fac_l1_loss(x[0], x[1], "sum"), x, 2))     \
    F(l1_bent_none, bent(fac_l1_loss(x[0], x[1], "none"), x, 2))   \
    F(mse_mixed, fac_mse_loss(x[0], fac_to(x[1], FAC_FLOAT64)))    \
    F(l1_mixed, fac_l1_loss(fac_to(x[0], FAC_FLOAT64), x[1], "none"))
FUNCTIONS(FUNCTION)

static void as_pytorch(void **state)
{
    (void)state;
#define ROW(name, expression) {#name, do_##name},
    static const case_function functions[] = {FUNCTIONS(ROW)};
    cases_run("losses", functions, sizeof functions / sizeof *functions);
}

/* Once a call site, with PyTorch's words; not for equal sizes. First of the tests. */
static void warnings(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(25, 1), *t = fac_zeros(25);
    assert_non_null(fac_mse_loss(x, x));
    assert_string_equal(fac_last_warning(), "");
    assert_non_null(fac_mse_loss(x, t));
    assert_string_equal(fac_last_warning(),
                        "Using a target size (torch.Size([25])) that is different to the input size (torch.Size([25, "
                        "1])). This will likely lead to incorrect results due to broadcasting. Please ensure they have "
                        "the same size.");
    assert_non_null(fac_l1_loss(fac_scalar(1), x));
    assert_string_equal(fac_last_warning(),
                        "Using a target size (torch.Size([25, 1])) that is different to the input size (torch.Size([]))"
                        ". This will likely lead to incorrect results due to broadcasting. Please ensure they have the "
                        "same size.");
}

static void decomposed(void **state)
{
    (void)state;
    const fac_op *ops[] = {&fac_op_mse_loss, &fac_op_l1_loss},
                 *backs[] = {&fac_op_mse_loss_backward, &fac_op_l1_loss_backward};
    const char *reductions[] = {"mean", "sum", "none"};
    for (int i = 0; i < 6; i++) {
        FAC_SCOPE;
        const fac_mse_loss_args args = {sizeof args, reductions[i / 2]};
        fac_tensor *in[] = {fac_randn(5, 3), fac_randn(3)}, *whole, *parts;
        const fac_call call = {.op = ops[i % 2], .in = in, .n_in = 2, .args = &args};
        assert_int_equal(fac_apply(&call, &whole), FAC_OK);
        assert_int_equal(call.op->decompose(&call, &parts), FAC_OK);
        assert_close(whole, parts, 15);
        fac_tensor *back_in[] = {fac_randn_like(whole), in[0], in[1]};
        const fac_call back = {.op = backs[i % 2], .in = back_in, .n_in = 3, .args = &args};
        assert_int_equal(fac_apply(&back, &whole), FAC_OK);
        assert_int_equal(back.op->decompose(&back, &parts), FAC_OK);
        assert_close(whole, parts, 1);
    }
}

static void odd_values(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *none = fac_zeros(0), *nan = fac_vector(1, NAN), *one = fac_vector(1, 1);
    assert_true(isnan(fac_item(fac_mse_loss(none, none))) && fac_item(fac_mse_loss(none, none, "sum")) == 0);
    assert_true(isnan(fac_item(fac_mse_loss(nan, one))) && isnan(fac_item(fac_l1_loss(one, nan, "sum"))));
    assert_true(fac_item(fac_l1_loss(fac_vector(INFINITY), fac_vector(1))) == INFINITY);
    fac_tensor *x = fac_requires_grad_(fac_vector(2, 2, 2), true);
    assert_int_equal(fac_backward(fac_l1_loss(x, fac_vector(2, 1, 3), "sum")), FAC_OK);
    assert_same(fac_grad_of(x), fac_vector(0, 1, -1));
}

static void errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(3), *whole = fac_zeros(3, .dtype = FAC_INT64), *truth = fac_zeros(3, .dtype = FAC_BOOL);
    assert_error(fac_mse_loss(x, x, "most"), FAC_ERR_VALUE, "most is not a valid value for reduction");
    assert_error(fac_mse_loss(x, x, .reduction = NULL), FAC_ERR_VALUE, "None is not a valid value for reduction");
    assert_error(fac_mse_loss(whole, whole), FAC_ERR_TYPE, "mse_loss: not implemented for int64");
    assert_error(fac_l1_loss(truth, truth, "sum"), FAC_ERR_TYPE, "l1_loss: not implemented for bool");
    assert_error(fac_l1_loss(whole, whole), FAC_ERR_TYPE,
                 "l1_loss: could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
                 "Got: int64");
    assert_error(fac_mse_loss(x, fac_zeros(4)), FAC_ERR_VALUE,
                 "mse_loss: shapes (3,) and (4,) cannot be broadcast together: the sizes must match at dimension 0");
    assert_error(fac_mse_loss(x, NULL), FAC_ERR_VALUE, "mse_loss: target is NULL");
}

static void names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_ones(3), true), *t = fac_zeros(3);
    assert_string_equal(fac_grad_fn_name(fac_mse_loss(x, t)), "MseLossBackward0");
    assert_string_equal(fac_grad_fn_name(fac_l1_loss(x, t)), "MeanBackward0");
    assert_string_equal(fac_grad_fn_name(fac_l1_loss(x, t, "sum")), "SumBackward0");
    assert_string_equal(fac_grad_fn_name(fac_l1_loss(x, t, "none")), "AbsBackward0");
}

static bool everything(void)
{
    fac_tensor *x = fac_ones(40, 3), *t = fac_ones(3);
    if (!x || !t || !fac_requires_grad_(x, true) || !fac_requires_grad_(t, true))
        return false;
    fac_tensor *parts[] = {fac_mse_loss(x, t), fac_mse_loss(x, x, "none"), fac_l1_loss(x, t, "sum"),
                           fac_l1_loss(x, t, "none")};
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(warnings),   cmocka_unit_test(as_pytorch),
                                       cmocka_unit_test(decomposed), cmocka_unit_test(odd_values),
                                       cmocka_unit_test(errors),     cmocka_unit_test(names),
                                       cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
