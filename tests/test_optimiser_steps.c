/* SPDX-License-Identifier: MIT */
#include "ops/op_table.h"
#include "support_ops.h"

enum { PARAMS = 3, KINDS = 5 };

static fac_tensor *computed(int i, fac_dtype dtype, int64_t a, int64_t b, int64_t m, double scale)
{
    const fac_ints shapes[PARAMS] = {{2, {3, 7}}, {1, {17}}, {0, {0}}};
    return case_fill(&shapes[i], dtype, a, b, m, scale);
}

/* Columns of parameters, gradients and state; in[kind * PARAMS + i]. */
static void start(fac_tensor **in, int kinds, fac_dtype dtype)
{
    for (int i = 0; i < PARAMS; i++) {
        in[i] = computed(i, dtype, 37, 11 + i, 101, 8);
        for (int k = 1; k < kinds; k++)
            in[k * PARAMS + i] = computed(i, dtype, 0, 0, 1, 1);
    }
}

static void next_gradients(fac_tensor **in, int step, fac_dtype dtype)
{
    for (int i = 0; i < PARAMS; i++)
        in[PARAMS + i] = computed(i, dtype, 23, 5 + i + 7 * step, 61, 4);
}

static int numbers_of(const char *text, double *out, int most)
{
    int n = 0;
    for (char *end; n < most; n++, text = end) {
        out[n] = strtod(text, &end);
        if (end == text)
            break;
    }
    return n;
}

static int kinds_of(bool adam, const double *o)
{
    return adam ? (o[5] != 0 ? 5 : 4) : o[1] != 0 ? 3 : 2;
}

static fac_status take_step(bool adam, const double *o, int step, fac_tensor **in, int kinds)
{
    const uint32_t n = (uint32_t)(kinds * PARAMS);
    if (adam) {
        const fac_adam_step_args args = {sizeof args, o[0],     o[1],      o[2],      o[3],
                                         o[4],        step + 1, o[5] != 0, o[6] != 0, o[7] != 0};
        return fac_apply_action(&fac_op_adam_step, in, n, &args);
    }
    const fac_sgd_step_args args = {sizeof args, o[0], o[1], o[2], o[3], o[4] != 0, o[5] != 0, step == 0};
    return fac_apply_action(&fac_op_sgd_step, in, n, &args);
}

static void check_case(const golden *file, const char *key, fac_tensor **in, int kinds)
{
    char part[32];
    for (int i = 0; i < PARAMS; i++) {
        assert_close_as(in[i], golden_part(file, key, "p", i), 1, key);
        for (int k = 2; k < kinds; k++) {
            snprintf(part, sizeof part, "s%d_", k - 2);
            assert_close_as(in[k * PARAMS + i], golden_part(file, key, part, i), 1, key);
        }
    }
}

static void run_case(const golden *file, const char *key)
{
    FAC_SCOPE;
    char name[16], type[16];
    int steps = 0, at = 0;
    double o[8];
    const char *text = golden_text(file, key);
    assert_int_equal(sscanf(text, "%15s %15s %d %n", name, type, &steps, &at), 3);
    const bool adam = !strcmp(name, "adam");
    assert_int_equal(numbers_of(text + at, o, 8), adam ? 8 : 6);
    const int kinds = kinds_of(adam, o);
    const fac_dtype dtype = case_dtype(type);
    fac_tensor *in[KINDS * PARAMS];
    start(in, kinds, dtype);
    for (int step = 0; step < steps; step++) {
        next_gradients(in, step, dtype);
        assert_int_equal(take_step(adam, o, step, in, kinds), FAC_OK);
    }
    check_case(file, key, in, kinds);
}

static void as_pytorch(void **state)
{
    (void)state;
    golden *file = golden_open("optimiser_steps");
    int cases = 0;
    const char *key;
    for (size_t i = 0; (key = golden_case(file, i)); i++)
        if (*key != '_') {
            run_case(file, key);
            cases++;
        }
    assert_int_equal(cases, 30);
    golden_close(file);
}

/* Parameters, gradients and state that lie with gaps or turned take the same step. */
static void any_strides(void **state)
{
    (void)state;
    const double adam[] = {1e-2, 0.9, 0.99, 1e-8, 0.1, 1, 0, 0}, sgd[] = {1e-2, 0.9, 0, 0.1, 1, 0};
    for (int turned = 0; turned < KINDS; turned++)
        for (int which = 0; which < 2; which++) {
            FAC_SCOPE;
            const int kinds = which ? 5 : 3;
            fac_tensor *in[KINDS * PARAMS], *other[KINDS * PARAMS];
            start(in, kinds, FAC_FLOAT32);
            start(other, kinds, FAC_FLOAT32);
            next_gradients(in, 0, FAC_FLOAT32);
            next_gradients(other, 0, FAC_FLOAT32);
            if (turned < kinds)
                other[turned * PARAMS] = fac_t(fac_contiguous(fac_t(other[turned * PARAMS])));
            assert_int_equal(take_step(which, which ? adam : sgd, 0, in, kinds), FAC_OK);
            assert_int_equal(take_step(which, which ? adam : sgd, 0, other, kinds), FAC_OK);
            for (int i = 0; i < kinds * PARAMS; i++)
                assert_same(other[i], in[i]);
        }
}

/* What is written has a new version; the gradients have not. */
static void versions(void **state)
{
    (void)state;
    FAC_SCOPE;
    const double o[] = {1e-2, 0.9, 0.99, 1e-8, 0.1, 0, 0, 0};
    fac_tensor *in[KINDS * PARAMS];
    int64_t before[KINDS * PARAMS];
    start(in, 4, FAC_FLOAT32);
    for (int i = 0; i < 4 * PARAMS; i++)
        before[i] = fac_version_of(in[i]);
    assert_int_equal(take_step(true, o, 0, in, 4), FAC_OK);
    for (int i = 0; i < 4 * PARAMS; i++)
        assert_int_equal(fac_version_of(in[i]) - before[i], i / PARAMS != 1);
}

static void clipping(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = fac_vector(1, -2, 0, NAN), *b = fac_mul(fac_ones(2, 3, .dtype = FAC_FLOAT64), 5),
               *in[] = {a, fac_t(b)};
    const fac_clip_values_args args = {sizeof args, 1.5};
    assert_int_equal(fac_apply_action(&fac_op_clip_values, in, 2, &args), FAC_OK);
    assert_same(a, fac_vector(1, -1.5, 0, NAN));
    assert_same(b, fac_full(FAC_LIST(2, 3), 1.5, .dtype = FAC_FLOAT64));
    assert_true(fac_version_of(a) > 0 && fac_version_of(b) > 0);
    fac_tensor *scaled[] = {b, fac_select(b, 0, 1), fac_scalar(2)};
    assert_int_equal(fac_apply_action(&fac_op_scale_all, scaled, 3, NULL), FAC_OK);
    assert_true(fac_at(b, FAC_LIST(0, 0)) == 3 && fac_at(b, FAC_LIST(1, 2)) == 6);
    fac_tensor *alone[] = {b};
    assert_int_equal(fac_apply_action(&fac_op_scale_all, alone, 1, NULL), FAC_ERR_VALUE);
    (void)!fac_error_status();
}

static double norm(double order, fac_tensor *a, fac_tensor *b)
{
    fac_tensor *in[] = {a, b};
    const fac_total_norm_args args = {sizeof args, order};
    fac_tensor *result = fac_apply_one(&fac_op_total_norm, in, 2, &args);
    return result ? fac_item(result) : (double)NAN;
}

/* Numbers of torch.nn.utils.get_total_norm, PyTorch 2.13. */
static void norms(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = fac_vector(1, 2, 0, -3), *b = fac_t(fac_reshape(fac_vector(0, 5), FAC_LIST(2, 1)));
    static const double rows[][2] = {{0, 2},  {1, 11},       {2, 6.2449979984}, {3, 5.4401221029}, {0.5, 40.7341566},
                                     {-1, 0}, {INFINITY, 5}, {-INFINITY, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(fabs(norm(rows[i][0], a, b) - rows[i][1]) <= 1e-6 * rows[i][1]);
    assert_true(isnan(norm(INFINITY, fac_vector(1, NAN), a)) && isnan(norm(2, a, fac_vector(NAN))));
    assert_true(norm(2, fac_zeros(0), fac_vector(3, 4)) == 5);
    fac_tensor *none = fac_zeros(0);
    assert_true(isnan(norm(INFINITY, none, a)));
    assert_error(NULL, FAC_ERR_VALUE,
                 "total_norm: cannot compute the infinity norm on an empty tensor because the operation does not have "
                 "an identity");
}

static void errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    const fac_sgd_step_args args = {sizeof args, 0.1, 0, 0, 0, false, false, true};
    fac_tensor *p = fac_zeros(3), *whole = fac_zeros(3, .dtype = FAC_INT64), *in[] = {p, fac_zeros(2)};
    assert_int_equal(fac_apply_action(&fac_op_sgd_step, in, 2, &args), FAC_ERR_VALUE);
    assert_error(NULL, FAC_ERR_VALUE, "sgd_step: a parameter is float32 (3,), but its gradient is float32 (2,)");
    in[1] = whole;
    assert_int_equal(fac_apply_action(&fac_op_sgd_step, in, 2, &args), FAC_ERR_VALUE);
    assert_error(NULL, FAC_ERR_VALUE, "sgd_step: a parameter is float32 (3,), but its gradient is int64 (3,)");
    in[0] = whole;
    assert_int_equal(fac_apply_action(&fac_op_sgd_step, in, 2, &args), FAC_ERR_TYPE);
    assert_error(NULL, FAC_ERR_TYPE, "sgd_step: not implemented for int64");
    assert_int_equal(fac_apply_action(&fac_op_sgd_step, in, 1, &args), FAC_ERR_VALUE);
    assert_error(NULL, FAC_ERR_VALUE, "sgd_step: 1 tensors are no multiple of 2");
    in[0] = fac_requires_grad_(p, true), in[1] = fac_zeros(3);
    assert_int_equal(fac_apply_action(&fac_op_sgd_step, in, 2, &args), FAC_ERR_UNSUPPORTED);
    assert_error(NULL, FAC_ERR_UNSUPPORTED, "sgd_step: the derivative is not implemented");
    FAC_NO_GRAD;
    assert_int_equal(fac_apply_action(&fac_op_sgd_step, in, 2, &args), FAC_OK);
}

/* All of them with the dims turned: each is copied for the kernel. */
static bool everything(void)
{
    const double o[] = {1e-2, 0.9, 0.99, 1e-8, 0.1, 1, 0, 0};
    const fac_total_norm_args order = {sizeof order, 2};
    fac_tensor *in[KINDS * PARAMS];
    for (int i = 0; i < KINDS * PARAMS; i++) {
        in[i] = fac_ones(3, 4);
        if (!in[i] || !(in[i] = fac_t(in[i])))
            return false;
    }
    return !take_step(true, o, 0, in, KINDS) && fac_apply_one(&fac_op_total_norm, in, PARAMS, &order);
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
        cmocka_unit_test(as_pytorch), cmocka_unit_test(any_strides), cmocka_unit_test(versions),
        cmocka_unit_test(clipping),   cmocka_unit_test(norms),       cmocka_unit_test(errors),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
