/* SPDX-License-Identifier: MIT */
#include "ops/op_table.h"
#include "support_ops.h"

static fac_tensor *linear(fac_tensor **x)
{
    return fac_linear(x[0], x[1], x[2]);
}

static fac_tensor *linear_plain(fac_tensor **x)
{
    return fac_linear(x[0], x[1]);
}

static fac_tensor *mm(fac_tensor **x)
{
    return fac_mm(x[0], x[1]);
}

static fac_tensor *bmm(fac_tensor **x)
{
    return fac_bmm(x[0], x[1]);
}

static fac_tensor *mv(fac_tensor **x)
{
    return fac_mv(x[0], x[1]);
}

static fac_tensor *dot(fac_tensor **x)
{
    return fac_dot(x[0], x[1]);
}

static fac_tensor *matmul(fac_tensor **x)
{
    return fac_matmul(x[0], x[1]);
}

static fac_tensor *linear_bent(fac_tensor **x)
{
    return bent(fac_tanh(linear(x)), x, 3);
}

static fac_tensor *matmul_bent(fac_tensor **x)
{
    return bent(matmul(x), x, 2);
}

static void as_pytorch(void **state)
{
    (void)state;
    static const case_function functions[] = {{"mm", mm},
                                              {"bmm", bmm},
                                              {"mv", mv},
                                              {"dot", dot},
                                              {"matmul", matmul},
                                              {"linear", linear},
                                              {"linear_plain", linear_plain},
                                              {"linear_bent", linear_bent},
                                              {"matmul_bent", matmul_bent}};
    cases_run("matmul", functions, sizeof functions / sizeof *functions);
}

/* Large ones, with the kernels' workspace, against sums of products in double. */
static void large(void **state)
{
    (void)state;
    FAC_SCOPE;
    enum { M = 70, K = 300, N = 90 };
    fac_tensor *a = fac_randn(M, K), *b = fac_randn(N, K), *bias = fac_randn(N);
    fac_tensor *y = fac_linear(a, b, bias), *turned = fac_matmul(a, fac_t(b));
    fac_tensor *a64 = fac_to(a, FAC_FLOAT64), *b64 = fac_to(b, FAC_FLOAT64);
    for (int i = 0; i < M; i += 23)
        for (int j = 0; j < N; j += 11) {
            double want = fac_item(fac_sum(fac_mul(fac_select(a64, 0, i), fac_select(b64, 0, j))));
            assert_true(fabs(fac_at(turned, FAC_LIST(i, j)) - want) < 1e-6 * sqrt(K) + 1e-5 * fabs(want));
            want += fac_at(bias, FAC_LIST(j));
            assert_true(fabs(fac_at(y, FAC_LIST(i, j)) - want) < 1e-6 * sqrt(K) + 1e-5 * fabs(want));
        }
}

/* The same bits however the operands lie, and whether a row is alone or one of many. */
static void order_is_the_shapes(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_randn(25, 40), *w = fac_randn(30, 40), *b = fac_randn(30), *y = fac_linear(x, w, b);
    fac_tensor *turned = fac_t(fac_contiguous(fac_t(x))), *w_turned = fac_t(fac_contiguous(fac_t(w)));
    assert_same(fac_linear(turned, w_turned, b), y);
    assert_same(fac_linear(fac_select(x, 0, 7), w, b), fac_select(y, 0, 7));
    assert_same(fac_linear(fac_reshape(x, FAC_LIST(5, 5, 40)), w, b), fac_reshape(y, FAC_LIST(5, 5, 30)));
    assert_same(fac_mm(turned, fac_t(w)), fac_mm(x, fac_t(w)));
}

/* The fused derivatives are those of the decomposition; what is not asked for is empty. */
static void linear_in_parts(void **state)
{
    (void)state;
    for (int wanted = 1; wanted < 8; wanted++) {
        FAC_SCOPE;
        fac_tensor *in[] = {fac_randn(4, 3, 2, .dtype = FAC_FLOAT64), fac_randn(4, 3, 5, .dtype = FAC_FLOAT64),
                            fac_randn(2, 5, .dtype = FAC_FLOAT64)};
        const fac_linear_backward_args args = {sizeof args, wanted & 1, wanted & 2, wanted & 4};
        const fac_call call = {.op = &fac_op_linear_backward, .in = in, .n_in = 3, .args = &args};
        fac_tensor *fused[3], *parts[3];
        assert_int_equal(fac_apply(&call, fused), FAC_OK);
        assert_int_equal(fac_op_linear_backward.decompose(&call, parts), FAC_OK);
        for (int i = 0; i < 3; i++)
            if (wanted >> i & 1)
                assert_close(fused[i], parts[i], 12);
            else
                assert_int_equal(fused[i]->m.numel, 0);
    }
}

static void linear_decomposed(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *in[] = {fac_randn(4, 3, 5), fac_randn(2, 5), fac_randn(2)}, *parts;
    const fac_linear_args args = {sizeof args, in[2]};
    const fac_call call = {.op = &fac_op_linear, .in = in, .n_in = 3, .args = &args};
    assert_int_equal(fac_op_linear.decompose(&call, &parts), FAC_OK);
    assert_close(fac_linear(in[0], in[1], in[2]), parts, 5);
}

/* A first layer: its input asks for nothing. A frozen layer: its weight may change before backward. */
static void what_is_not_needed(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_randn(4, 3), *w = fac_requires_grad_(fac_randn(2, 3), true);
    fac_tensor *y = fac_linear(x, w);
    assert_int_equal(fac_backward(fac_sum(y)), FAC_OK);
    assert_null(fac_grad_of(x));
    assert_non_null(fac_grad_of(w));
    fac_tensor *frozen = fac_randn(2, 3), *bias = fac_requires_grad_(fac_zeros(2), true);
    y = fac_linear(x, frozen, bias);
    assert_non_null(fac_mul_(frozen, 2));
    assert_int_equal(fac_backward(fac_sum(y)), FAC_OK);
    assert_same(fac_grad_of(bias), fac_full(FAC_LIST(2), 4));
}

static void errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = fac_zeros(2, 3), *v = fac_zeros(2), *wide = fac_zeros(3, 2, .dtype = FAC_FLOAT64);
    fac_tensor *batch = fac_zeros(2, 2, 3), *truth = fac_zeros(2, 2, .dtype = FAC_BOOL);
    assert_error(fac_mm(a, a), FAC_ERR_VALUE, "mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
    assert_error(fac_mm(a, v), FAC_ERR_VALUE, "mm: mat2 must be a matrix, got shape (2,)");
    assert_error(fac_mm(a, wide), FAC_ERR_TYPE,
                 "mm: expected mat1 and mat2 to have the same dtype, but got: float32 != float64");
    assert_error(fac_mm(truth, truth), FAC_ERR_TYPE, "mm: not implemented for bool");
    assert_error(fac_bmm(batch, batch), FAC_ERR_VALUE,
                 "bmm: Expected size for first two dimensions of batch2 tensor to be: [2, 3] but got: [2, 2].");
    assert_error(fac_bmm(batch, a), FAC_ERR_VALUE, "bmm: batch2 must be a 3D tensor, got shape (2, 3)");
    assert_error(fac_mv(a, v), FAC_ERR_VALUE, "mv: size mismatch, got input (2), mat (2x3), vec (2)");
    assert_error(fac_dot(v, fac_zeros(3)), FAC_ERR_VALUE,
                 "dot: inconsistent tensor size, expected tensor [2] and src [3] to have the same number of elements, "
                 "but got 2 and 3 elements respectively");
    assert_error(fac_matmul(a, a), FAC_ERR_VALUE, "matmul: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
    assert_error(fac_matmul(a, v), FAC_ERR_VALUE, "matmul: shapes (2, 3) and (2,) cannot be multiplied");
    assert_error(fac_matmul(fac_scalar(2), a), FAC_ERR_VALUE,
                 "matmul: both arguments to matmul need to be at least 1D, but they are 0D and 2D");
    assert_error(fac_matmul(batch, fac_zeros(3, 3, 2)), FAC_ERR_VALUE,
                 "matmul: shapes (2,) and (3,) cannot be broadcast together: the sizes must match at dimension 0");
    assert_error(fac_linear(fac_zeros(25, 1), fac_zeros(4, 10)), FAC_ERR_VALUE,
                 "linear: expected input (*, 10), got (25, 1)");
    assert_error(fac_linear(fac_scalar(1), fac_zeros(4, 10)), FAC_ERR_VALUE, "linear: expected input (*, 10), got ()");
    assert_error(fac_linear(fac_zeros(25, 10), fac_zeros(4, 10), fac_zeros(5)), FAC_ERR_VALUE,
                 "linear: expected bias (4,), got (5,)");
    assert_error(fac_linear(fac_zeros(25, 10), fac_zeros(10)), FAC_ERR_VALUE,
                 "linear: expected weight (out_features, in_features), got (10,)");
    assert_error(fac_linear(fac_zeros(1, 2, .dtype = FAC_FLOAT64), a), FAC_ERR_VALUE,
                 "linear: expected input (*, 3), got (1, 2)");
    assert_error(fac_linear(fac_zeros(1, 3, .dtype = FAC_FLOAT64), a), FAC_ERR_TYPE,
                 "linear: expected input and weight to have the same dtype, but got: float64 != float32");
}

static void names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_ones(3), true), *w = fac_ones(2, 3), *b = fac_ones(2);
    fac_tensor *flat = fac_unsqueeze(x, 0), *deep = fac_unsqueeze(flat, 0);
    assert_string_equal(fac_grad_fn_name(fac_linear(flat, w, b)), "AddmmBackward0");
    assert_string_equal(fac_grad_fn_name(fac_linear(flat, w)), "MmBackward0");
    assert_string_equal(fac_grad_fn_name(fac_linear(deep, w, b)), "ViewBackward0");
    assert_string_equal(fac_grad_fn_name(fac_linear(deep, w)), "UnsafeViewBackward0");
    assert_string_equal(fac_grad_fn_name(fac_linear(x, w)), "SqueezeBackward4");
    assert_string_equal(fac_grad_fn_name(fac_matmul(x, x)), "DotBackward0");
    assert_string_equal(fac_grad_fn_name(fac_matmul(w, x)), "MvBackward0");
    assert_string_equal(fac_grad_fn_name(fac_matmul(flat, fac_t(w))), "MmBackward0");
}

static bool everything(void)
{
    fac_tensor *x = fac_ones(2, 3, 40), *w = x ? fac_ones(40, 40) : NULL, *b = w ? fac_ones(2, 40) : NULL;
    if (!b || !fac_requires_grad_(x, true) || !fac_requires_grad_(w, true))
        return false;
    fac_tensor *bias = fac_select(fac_t(b), 1, 1), *turned = fac_permute(x, FAC_LIST(1, 0, 2));
    fac_tensor *y = fac_linear(turned, w, bias);
    fac_tensor *z = y ? fac_matmul(fac_transpose(y, 0, 1), fac_transpose(x, 1, 2)) : NULL;
    fac_tensor *gx[2];
    return z && fac_grad(FAC_TENSORS(fac_sum(z)), FAC_TENSORS(x, w), gx, .create_graph = true) == FAC_OK &&
           fac_backward(fac_sum(fac_square(gx[1]))) == FAC_OK;
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
        cmocka_unit_test(as_pytorch),
        cmocka_unit_test(large),
        cmocka_unit_test(order_is_the_shapes),
        cmocka_unit_test(linear_in_parts),
        cmocka_unit_test(linear_decomposed),
        cmocka_unit_test(what_is_not_needed),
        cmocka_unit_test(errors),
        cmocka_unit_test(names),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
