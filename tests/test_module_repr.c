/* SPDX-License-Identifier: MIT */
/* Modules and tensors as PyTorch and NumPy print them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "support_alloc.h"
#include "support_net.h"
#include "support_sections.h"

static void assert_text(const char *text, const char *title)
{
    if (!text)
        fail_msg("%s: %s", title, fac_last_error());
    assert_string_equal(text, section(title));
}

typedef struct {
    fac_module base;
    const char *text;
} lines;

static int lines_extra_repr(const fac_module *self, char *out, size_t size)
{
    return snprintf(out, size, "%s", ((const lines *)self)->text);
}

static const fac_class lines_class = FAC_CLASS("Lines", sizeof(lines), .extra_repr = lines_extra_repr);

/* With up to one child; NULL for none. */
static fac_module *lines_new(const char *text, fac_module *child)
{
    lines *self = fac_new(&lines_class);
    if (self)
        self->text = text;
    if (child)
        fac_attach_module(self, "part0", child, NULL);
    return fac_done(self);
}

static void modules_that_hold_modules(void **state)
{
    (void)state;
    fac_module *whole = net_new();
    assert_text(fac_module_repr(whole), "repr net");
    fac_module *repeated = fac_Sequential(fac_Linear(2, 2), fac_ReLU(), fac_Linear(2, 2), fac_ReLU(), fac_Linear(2, 2));
    fac_module *nested = fac_Sequential(repeated, fac_Sequential(), fac_Sequential(fac_Sequential(fac_Tanh())));
    assert_text(fac_module_repr(nested), "repr nested");
    fac_module_free(whole), fac_module_free(nested);
}

static void the_sheets_model(void **state)
{
    (void)state;
    static const fac_class MLP_class = FAC_CLASS("MLPexplicit", sizeof(fac_module));
    static const char *const names[] = {"linear1", "linear2", "linear3", "linear4"};
    fac_module *m = fac_new(&MLP_class);
    for (int i = 0; i < 4; i++)
        fac_attach_module(m, names[i], fac_Linear(i ? 10 : 1, i < 3 ? 10 : 1), NULL);
    fac_attach_module(m, "relu", fac_ReLU(), NULL);
    m = fac_done(m);
    assert_text(fac_module_repr(m), "repr explicit");
    fac_module_free(m);
}

static void plain_modules(void **state)
{
    (void)state;
    fac_module *m[] = {fac_ReLU(),    fac_ReLU(true),    fac_Tanh(),    fac_Sigmoid(),     fac_Identity(),
                       fac_Flatten(), fac_Flatten(0, 2), fac_MSELoss(), fac_L1Loss("sum"), fac_Sequential()};
    char text[1024] = "";
    for (size_t i = 0; i < sizeof m / sizeof *m; i++) {
        strcat(text, i ? "\n" : "");
        strcat(text, fac_module_repr(m[i]));
        fac_module_free(m[i]);
    }
    assert_text(text, "repr plain");
    fac_module *linear = fac_Linear(3, 4, .bias = false);
    assert_text(fac_module_repr(linear), "repr linear");
    fac_module_free(linear);
}

static void extra_lines(void **state)
{
    (void)state;
    fac_module *m = fac_Sequential(lines_new("a=1\nb=2", NULL), lines_new("one", fac_ReLU()),
                                   lines_new("x\n\ny\n", lines_new("p\nq", fac_none)), lines_new("", NULL));
    assert_text(fac_module_repr(m), "repr lines");
    fac_module *blank = lines_new("a\n \n\nb", NULL);
    assert_text(fac_module_repr(blank), "repr blank");
    fac_module_free(blank);
    char text[301] = "";
    memset(text, 'x', 300);
    fac_module *wide = lines_new(text, NULL);
    assert_text(fac_module_repr(wide), "repr long");
    fac_module_free(m), fac_module_free(wide);
}

static void tensors(void **state)
{
    (void)state;
    fac_module *m = net_new();
    assert_int_equal(fac_register_parameter(m, "p", fac_vector(1, 2.5)), FAC_OK);
    fac_tensor *p = fac_get_parameter(m, "p");
    assert_text(fac_repr(p), "repr parameter");
    assert_text(fac_repr(fac_mul(p, 2)), "repr result");
    assert_text(fac_repr(fac_detach(p)), "repr detached");
    assert_int_equal(fac_register_parameter(m, "p", fac_reshape(fac_vector(1, 2), FAC_LIST(2, 1))), FAC_OK);
    assert_text(fac_repr(fac_requires_grad_(fac_get_parameter(m, "p"), false)), "repr frozen");
    assert_text(fac_repr(fac_from_data((const double[]){0.1, -2}, FAC_LIST(1, 2), FAC_FLOAT64)), "repr double");
    assert_text(fac_repr(fac_from_data((const int64_t[]){3, -4}, FAC_LIST(2), FAC_INT64)), "repr int");
    assert_text(fac_repr(fac_requires_grad_(fac_scalar(2), true)), "repr scalar");
    assert_text(fac_numpy_repr(fac_reshape(fac_vector(1, 2.5, -1e-3, 4), FAC_LIST(2, 2))), "numpy parameter");
    assert_text(fac_numpy_repr(fac_t(fac_reshape(fac_vector(0, 1, 2, 3, 4, 5), FAC_LIST(2, 3)))), "numpy transposed");
    fac_module_free(m);
}

static void errors(void **state)
{
    (void)state;
    assert_null(fac_repr(NULL));
    assert_string_equal(fac_last_error(), "repr: input is NULL");
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_null(fac_numpy_repr(fac_none));
    assert_int_equal(fac_error_status(), FAC_ERR_TYPE);
    assert_null(fac_module_repr(NULL));
    assert_string_equal(fac_last_error(), "repr: module is NULL");
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
}

static void texts_may_be_kept(void **state)
{
    (void)state;
    fac_scope scope = fac_scope_open();
    const char *text = fac_keep(fac_repr(fac_scalar(1)));
    fac_scope_close(&scope);
    assert_string_equal(text, "tensor(1.)");
    fac_free_handle((void *)(uintptr_t)text);
}

static fac_status print_all(void *ctx)
{
    (void)ctx;
    char long_text[1000];
    memset(long_text, 'y', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    fac_module *m = fac_Sequential(fac_Linear(1, 2), lines_new(long_text, fac_Tanh()));
    fac_tensor *x = fac_vector(1, 2, 3);
    bool fine = m && fac_module_repr(m) && fac_repr(x) && fac_numpy_repr(x);
    fac_status status = fine ? FAC_OK : fac_error_status();
    fac_module_free(m);
    fac_scope_reset();
    return status;
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    fac_manual_seed(0);
    assert_true(support_alloc_fail_each(print_all, NULL) > 10);
}

static int tear_down(void **state)
{
    (void)state;
    fac_scope_reset();
    return fac_error_status() || fac_live_tensors() != 0;
}

int main(void)
{
    support_alloc_install();
    sections_read("nn");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(modules_that_hold_modules, tear_down),
        cmocka_unit_test_teardown(the_sheets_model, tear_down),
        cmocka_unit_test_teardown(plain_modules, tear_down),
        cmocka_unit_test_teardown(extra_lines, tear_down),
        cmocka_unit_test_teardown(tensors, tear_down),
        cmocka_unit_test_teardown(errors, tear_down),
        cmocka_unit_test_teardown(texts_may_be_kept, tear_down),
        cmocka_unit_test_teardown(memory_may_fail_anywhere, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
