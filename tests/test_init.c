/* SPDX-License-Identifier: MIT */
/* nn.init, Linear's own initial values and clipping, against PyTorch's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "facula/autograd.h"
#include "facula/nn_init.h"
#include "facula/nn_modules.h"
#include "facula/nn_utils.h"
#include "facula/ops.h"
#include "support_golden.h"

#define assert_pending(status, words)                         \
    do {                                                      \
        assert_int_equal(fac_error_status(), status);         \
        if (!strstr(fac_last_error(), words))                 \
            fail_msg("the message is: %s", fac_last_error()); \
    } while (0)

static golden *init_golden, *clip_golden;

/* Equal in every bit: -0 is not 0. */
static void assert_bits(fac_tensor *got, const char *name)
{
    fac_tensor *want = golden_tensor(init_golden, name);
    if (!got)
        fail_msg("%s: %s", name, fac_last_error());
    assert_close_as(got, want, 0, name);
    assert_memory_equal(fac_data(got), fac_data(want), (size_t)(fac_numel(want) * fac_element_size(want)));
}

/* A case of golden_nn.py, by its number there. */
#define CASE(number, name, call, dtype_, ...)                    \
    do {                                                         \
        fac_manual_seed(number);                                 \
        fac_tensor *t = fac_empty(__VA_ARGS__, .dtype = dtype_); \
        assert_ptr_equal(call, t);                               \
        assert_bits(t, name);                                    \
    } while (0)

static void plain_draws(void **state)
{
    (void)state;
    CASE(0, "uniform", fac_init_uniform_(t), FAC_FLOAT32, 3, 5);
    CASE(1, "uniform range", fac_init_uniform_(t, -0.3, 0.7), FAC_FLOAT32, 4, 5);
    CASE(2, "uniform double", fac_init_uniform_(t, -0.3, .b = 0.7), FAC_FLOAT64, 7);
    CASE(3, "normal", fac_init_normal_(t), FAC_FLOAT32, 3, 5);
    CASE(4, "normal block", fac_init_normal_(t, 1.5, 0.2), FAC_FLOAT32, 4, 5);
    CASE(5, "normal double", fac_init_normal_(t, .std = 0.2, .mean = 1.5), FAC_FLOAT64, 4, 5);
}

static void xavier(void **state)
{
    (void)state;
    CASE(6, "xavier uniform", fac_init_xavier_uniform_(t), FAC_FLOAT32, 6, 4);
    CASE(7, "xavier uniform gain", fac_init_xavier_uniform_(t, fac_init_calculate_gain("relu")), FAC_FLOAT32, 6, 4);
    CASE(8, "xavier uniform kernel", fac_init_xavier_uniform_(t), FAC_FLOAT32, 3, 2, 2, 3);
    CASE(9, "xavier normal", fac_init_xavier_normal_(t, .gain = 0.7), FAC_FLOAT32, 6, 4);
    CASE(10, "xavier normal double", fac_init_xavier_normal_(t), FAC_FLOAT64, 6, 4);
}

static void kaiming(void **state)
{
    (void)state;
    CASE(11, "kaiming uniform", fac_init_kaiming_uniform_(t), FAC_FLOAT32, 6, 7);
    CASE(12, "kaiming uniform out", fac_init_kaiming_uniform_(t, .a = 0.2, .mode = "fan_out"), FAC_FLOAT32, 6, 7);
    CASE(13, "kaiming uniform tanh", fac_init_kaiming_uniform_(t, .nonlinearity = "tanh"), FAC_FLOAT32, 3, 2, 5);
    CASE(14, "kaiming uniform double", fac_init_kaiming_uniform_(t, sqrt(5)), FAC_FLOAT64, 6, 7);
    CASE(15, "kaiming normal", fac_init_kaiming_normal_(t), FAC_FLOAT32, 6, 7);
    CASE(16, "kaiming normal relu", fac_init_kaiming_normal_(t, .mode = "fan_out", .nonlinearity = "relu"), FAC_FLOAT32,
         6, 7);
}

static void fixed_values(void **state)
{
    (void)state;
    CASE(17, "constant", fac_init_constant_(t, 0.3), FAC_FLOAT32, 2, 3);
    CASE(18, "eye", fac_init_eye_(t), FAC_FLOAT32, 2, 3);
    CASE(19, "ones", fac_init_ones_(t), FAC_FLOAT32, 2, 3);
    CASE(20, "zeros", fac_init_zeros_(t), FAC_FLOAT32, 2, 3);
}

static void linear_draws_its_own(void **state)
{
    (void)state;
    static const struct {
        int64_t in, out;
        fac_dtype dtype;
        const char *name;
    } cases[] = {{1, 10, FAC_FLOAT32, "linear 1 10 float32"},
                 {10, 10, FAC_FLOAT32, "linear 10 10 float32"},
                 {7, 3, FAC_FLOAT32, "linear 7 3 float32"},
                 {7, 3, FAC_FLOAT64, "linear 7 3 float64"},
                 {333, 2, FAC_FLOAT32, "linear 333 2 float32"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char weight[64], bias[64];
        snprintf(weight, sizeof weight, "%s weight", cases[i].name);
        snprintf(bias, sizeof bias, "%s bias", cases[i].name);
        fac_manual_seed((int64_t)(21 + 2 * i));
        fac_module *m = fac_Linear(cases[i].in, cases[i].out, .dtype = cases[i].dtype);
        assert_bits(fac_get_parameter(m, "weight"), weight);
        assert_bits(fac_get_parameter(m, "bias"), bias);
        fac_module_free(m);
    }
}

static void parts_are_made_from_left_to_right(void **state)
{
    (void)state;
    fac_manual_seed(99);
    fac_module *m =
        fac_Sequential(fac_Linear(2, 3), fac_Sequential(fac_Linear(3, 2, .bias = false), fac_Tanh()), fac_Linear(2, 1));
    const fac_named_tensors *p = fac_named_parameters(m);
    assert_int_equal(p->count, 5);
    for (int64_t i = 0; i < p->count; i++) {
        char name[64];
        snprintf(name, sizeof name, "sequential %s", p->names[i]);
        assert_bits(p->items[i], name);
    }
    fac_module_free(m);
}

static void gains(void **state)
{
    (void)state;
    static const char *const kinds[] = {"linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char name[64];
        snprintf(name, sizeof name, "gain %s", kinds[i]);
        assert_true(fac_init_calculate_gain(kinds[i]) == fac_item(golden_tensor(init_golden, name)));
    }
    assert_true(fac_init_calculate_gain("leaky_relu", 0.3) ==
                fac_item(golden_tensor(init_golden, "gain leaky_relu 0.3")));
    assert_true(isnan(fac_init_calculate_gain("swish")));
    assert_pending(FAC_ERR_VALUE, "Unsupported nonlinearity swish");
    assert_true(isnan(fac_init_calculate_gain(NULL)));
    assert_pending(FAC_ERR_VALUE, "Unsupported nonlinearity None");
}

static void parameters_may_be_filled(void **state)
{
    (void)state;
    fac_module *m = fac_Linear(3, 3);
    fac_tensor *weight = fac_get_parameter(m, "weight");
    assert_ptr_equal(fac_init_kaiming_normal_(weight), weight);
    assert_ptr_equal(fac_init_eye_(weight), weight);
    assert_ptr_equal(fac_init_zeros_(weight), weight);
    assert_true(fac_requires_grad(weight) && fac_is_leaf(weight));
    assert_true(fac_is_grad_enabled());
    fac_module_free(m);
}

static void a_generator_of_ones_own(void **state)
{
    (void)state;
    fac_generator *g = fac_generator_manual_seed(fac_Generator(), 11);
    fac_manual_seed(0);
    fac_tensor *t = fac_empty(6, 7);
    assert_ptr_equal(fac_init_kaiming_uniform_(t, .generator = g), t);
    assert_bits(t, "kaiming uniform");
    fac_generator_free(g);
}

static void what_cannot_be_filled(void **state)
{
    (void)state;
    assert_null(fac_init_kaiming_uniform_(fac_empty(3)));
    assert_pending(FAC_ERR_VALUE,
                   "kaiming_uniform_: Fan in and fan out can not be computed for tensor with fewer than 2 "
                   "dimensions, got (3,)");
    assert_null(fac_init_xavier_normal_(fac_empty(3)));
    assert_pending(FAC_ERR_VALUE, "xavier_normal_: Fan in");
    assert_null(fac_init_kaiming_normal_(fac_empty(3, 3), .mode = "fan_both"));
    assert_pending(FAC_ERR_VALUE, "Mode fan_both not supported");
    assert_null(fac_init_kaiming_normal_(fac_empty(3, 3), .nonlinearity = "gelu"));
    assert_pending(FAC_ERR_VALUE, "Unsupported nonlinearity gelu");
    assert_null(fac_init_eye_(fac_empty(3)));
    assert_pending(FAC_ERR_VALUE, "Only tensors with 2 dimensions");
    assert_null(fac_init_xavier_uniform_(NULL));
    assert_pending(FAC_ERR_VALUE, "xavier_uniform_: tensor is NULL");
    assert_null(fac_init_ones_(NULL));
    assert_pending(FAC_ERR_VALUE, "NULL");
    fac_tensor *empty = fac_empty(0, 3);
    assert_ptr_equal(fac_init_kaiming_uniform_(empty), empty);
    assert_string_equal(fac_last_warning(), "Initializing zero-element tensors is a no-op");
}

/* Two parameters with the golden gradients of a case. */
static const fac_tensors *with_gradients(const char *name, fac_tensor **items)
{
    static fac_tensors list;
    list = (fac_tensors){2, items};
    for (int i = 0; i < 2; i++) {
        fac_tensor *grad = golden_part(clip_golden, name, "before", i);
        items[i] = grad ? fac_zeros_like(grad) : fac_zeros(1);
        assert_true(!grad || !fac_set_grad(items[i], grad));
    }
    return &list;
}

static void assert_clipped(const char *name, double max_norm, double norm_type)
{
    fac_tensor *items[2];
    fac_tensor *norm = fac_clip_grad_norm_(with_gradients(name, items), max_norm, .norm_type = norm_type);
    assert_close_as(norm, golden_part(clip_golden, name, "norm", -1), 11, name);
    for (int i = 0; i < 2; i++)
        assert_close_as(fac_grad_of(items[i]), golden_part(clip_golden, name, "after", i), 11, name);
}

static void norms_are_clipped(void **state)
{
    (void)state;
    assert_clipped("2", 0.5, 2);
    assert_clipped("1", 0.5, 1);
    assert_clipped("inf", 0.5, (double)INFINITY);
    assert_clipped("loose", 1e3, 2);
    fac_tensor *none = fac_zeros(3), *items[2];
    assert_true(fac_item(fac_clip_grad_norm_(FAC_TENSORS(none), 1.0)) == 0);
    with_gradients("value", items);
    assert_true(isnan(fac_item(fac_clip_grad_norm_(FAC_TENSORS(items[0], items[1]), 1.0))));
    with_gradients("value", items);
    assert_null(fac_clip_grad_norm_(FAC_TENSORS(items[0]), 1.0, .error_if_nonfinite = true));
    assert_pending(FAC_ERR_RUNTIME, "The total norm of order 2.0 for gradients from `parameters` is non-finite");
    assert_true(fac_at(fac_grad_of(items[0]), FAC_LIST(0)) == -3);
    assert_null(fac_clip_grad_norm__with(FAC_TENSORS(items[0]), NULL));
    assert_pending(FAC_ERR_TYPE, "missing required argument 'max_norm'");
    assert_null(fac_clip_grad_norm_((fac_tensors *)NULL, 1.0));
    assert_pending(FAC_ERR_VALUE, "parameters is NULL");
}

static void values_are_clipped(void **state)
{
    (void)state;
    fac_tensor *items[2];
    assert_int_equal(fac_clip_grad_value_(with_gradients("value", items), 0.5), FAC_OK);
    assert_same(fac_grad_of(items[0]), golden_part(clip_golden, "value", "after", 0));
    assert_null(fac_grad_of(items[1]));
    assert_int_equal(fac_clip_grad_value_(NULL, 0.5), FAC_ERR_VALUE);
}

static int tear_down(void **state)
{
    (void)state;
    fac_scope_reset();
    return fac_error_status() || fac_live_tensors() != 0;
}

int main(void)
{
    init_golden = golden_open("nn_init");
    clip_golden = golden_open("nn_clip");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(plain_draws, tear_down),
        cmocka_unit_test_teardown(xavier, tear_down),
        cmocka_unit_test_teardown(kaiming, tear_down),
        cmocka_unit_test_teardown(fixed_values, tear_down),
        cmocka_unit_test_teardown(linear_draws_its_own, tear_down),
        cmocka_unit_test_teardown(parts_are_made_from_left_to_right, tear_down),
        cmocka_unit_test_teardown(gains, tear_down),
        cmocka_unit_test_teardown(parameters_may_be_filled, tear_down),
        cmocka_unit_test_teardown(a_generator_of_ones_own, tear_down),
        cmocka_unit_test_teardown(what_cannot_be_filled, tear_down),
        cmocka_unit_test_teardown(norms_are_clipped, tear_down),
        cmocka_unit_test_teardown(values_are_clipped, tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    golden_close(init_golden), golden_close(clip_golden);
    return failed;
}
