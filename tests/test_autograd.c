/* SPDX-License-Identifier: MIT */
/* Backward and grad: which derivatives arrive where, when a graph may be walked, what may be changed meanwhile. */
#define _POSIX_C_SOURCE 200809L
#include "facula/autograd.h"

#include <pthread.h>

#include "facula/ops.h"
#include "support_alloc.h"
#include "support_golden.h"

#define DOUBLES(...)                             \
    fac_from_data((const double[]){__VA_ARGS__}, \
                  FAC_LIST((int64_t)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double))), FAC_FLOAT64)
#define LEAF(...) fac_requires_grad_(DOUBLES(__VA_ARGS__), true)

static void check_values(fac_tensor *t, size_t n, const double *want, const char *file, int line)
{
    if (!t)
        print_error("%s:%d: no tensor: %s\n", file, line, fac_last_error());
    assert_non_null(t);
    assert_int_equal(fac_numel(t), n);
    for (size_t i = 0; i < n; i++) {
        double got = fac_load_double(fac_element(t, (int64_t)i), t->m.dtype);
        if (!golden_near(got, want[i], 1e-14, 0)) {
            print_error("%s:%d: element %d is %.17g, expected %.17g\n", file, line, (int)i, got, want[i]);
            fail();
        }
    }
}
#define assert_values(t, ...)                                                                                        \
    check_values(t, sizeof((const double[]){__VA_ARGS__}) / sizeof(double), (const double[]){__VA_ARGS__}, __FILE__, \
                 __LINE__)

static void check_refused(fac_status status, fac_status want, const char *words, const char *file, int line)
{
    if (status != want || !strstr(fac_last_error(), words)) {
        print_error("%s:%d: %s: %s; expected %s: %s\n", file, line, fac_status_name(status), fac_last_error(),
                    fac_status_name(want), words);
        fail();
    }
    assert_int_equal(fac_error_status(), FAC_OK);
}
#define assert_refused(status, want, words) check_refused(status, want, words, __FILE__, __LINE__)
#define assert_no_tensor(tensor, want, words)                               \
    do {                                                                    \
        assert_null(tensor);                                                \
        check_refused(fac_error_status(), want, words, __FILE__, __LINE__); \
    } while (0)
#define done(status) assert_int_equal(status, FAC_OK)

static fac_status grad_of_one(fac_tensor *y, fac_tensor *x, fac_tensor **g, bool create)
{
    return fac_grad(FAC_TENSORS(y), FAC_TENSORS(x), g, .create_graph = create);
}

static void accumulation(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2, 3);
    assert_null(fac_grad_of(x));
    done(fac_backward(fac_sum(fac_mul(x, 2))));
    assert_values(fac_grad_of(x), 2, 2, 2);
    fac_tensor *before = fac_grad_of(x);
    done(fac_backward(fac_sum(fac_mul(x, x))));
    assert_values(fac_grad_of(x), 4, 6, 8);
    assert_ptr_equal(fac_grad_of(x), before); /* in place, as PyTorch */
    done(fac_set_grad(x, fac_none));
    assert_null(fac_grad_of(x));
    done(fac_backward(fac_sum(x)));
    assert_values(fac_grad_of(x), 1, 1, 1);
    done(fac_set_grad(x, DOUBLES(5, 6, 7)));
    assert_values(fac_grad_of(x), 5, 6, 7);
    assert_refused(fac_set_grad(x, DOUBLES(1, 2)), FAC_ERR_RUNTIME, "(2,)");
    assert_refused(fac_set_grad(x, fac_zeros(3)), FAC_ERR_RUNTIME, "float32");
}

/* A gradient that others hold is copied: .grad is the leaf's own. */
static void gradients_are_not_shared(void **state)
{
    (void)state;
    for (int create = 0; create < 2; create++) {
        FAC_SCOPE;
        fac_tensor *x = LEAF(1, 2), *y = LEAF(3, 4), *g = DOUBLES(1, 1);
        done(fac_backward(fac_add(x, y), g, .create_graph = create));
        assert_ptr_not_equal(fac_grad_of(x), fac_grad_of(y));
        assert_non_null(fac_mul_(fac_grad_of(x), 5));
        assert_values(fac_grad_of(y), 1, 1);
        assert_values(g, 1, 1);
        fac_tensor *z = LEAF(1, 2);
        done(fac_backward(z, g, .create_graph = create)); /* a leaf itself */
        assert_ptr_not_equal(fac_grad_of(z), g);
        assert_non_null(fac_zero_(fac_grad_of(z)));
        assert_values(g, 1, 1);
    }
}

static void scalar_losses(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2);
    assert_refused(fac_backward(fac_mul(x, 2)), FAC_ERR_RUNTIME,
                   "grad can be implicitly created only for scalar outputs, got shape (2,)");
    assert_refused(fac_backward(fac_mul(x, 2), DOUBLES(1)), FAC_ERR_RUNTIME, "gradient has a shape of (1,)");
    assert_refused(fac_backward(fac_mul(x, 2), NULL), FAC_ERR_VALUE, "gradient is NULL");
    done(fac_backward(fac_mul(x, 2), DOUBLES(10, 100)));
    assert_values(fac_grad_of(x), 20, 200);
    fac_tensor *one = LEAF(3);
    done(fac_backward(fac_reshape(fac_mul(one, one), FAC_LIST(1, 1, 1)))); /* one element will do */
    assert_values(fac_grad_of(one), 6);
    done(fac_backward(one));
    assert_values(fac_grad_of(one), 7);
    assert_refused(fac_backward(DOUBLES(1)), FAC_ERR_RUNTIME, "does not require grad");
    assert_refused(fac_backward(NULL), FAC_ERR_VALUE, "tensor is NULL");
    /* The gradient is cast to the result's dtype. */
    fac_tensor *f = fac_requires_grad_(fac_ones(2), true);
    done(fac_backward(fac_mul(f, 3), DOUBLES(1, 2)));
    assert_int_equal(fac_dtype_of(fac_grad_of(f)), FAC_FLOAT32);
    assert_values(fac_grad_of(f), 3, 6);
    done(fac_backward(f, DOUBLES(1, 2)));
    assert_values(fac_grad_of(f), 4, 8);
}

static void retain_graph(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(2, 3), *y = fac_sum(fac_mul(x, x));
    done(fac_backward(y, .retain_graph = true));
    done(fac_backward(y));
    assert_values(fac_grad_of(x), 8, 12);
    assert_refused(fac_backward(y), FAC_ERR_RUNTIME, "Trying to backward through the graph a second time");
    assert_values(fac_grad_of(x), 8, 12);
    /* Where nothing was saved, nothing was freed. */
    fac_tensor *z = fac_add(x, 1);
    done(fac_backward(z, DOUBLES(1, 1)));
    done(fac_backward(z, DOUBLES(1, 1)));
    /* create_graph retains. */
    y = fac_sum(fac_mul(x, x));
    fac_tensor *g;
    done(grad_of_one(y, x, &g, true));
    done(grad_of_one(y, x, &g, false));
}

static void leaves_in_place(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2);
    assert_no_tensor(fac_add_(x, 1), FAC_ERR_RUNTIME,
                     "add_: a leaf Variable that requires grad is being used in an in-place operation.");
    assert_no_tensor(fac_zero_(x), FAC_ERR_RUNTIME, "zero_: a leaf Variable");
    assert_values(x, 1, 2);
    {
        FAC_NO_GRAD;
        assert_ptr_equal(fac_add_(x, 1), x);
    }
    assert_values(x, 2, 3);
    assert_true(fac_is_leaf(x) && fac_requires_grad(x));
    fac_tensor *view = fac_select(x, 0, 0);
    assert_no_tensor(fac_mul_(view, 2), FAC_ERR_UNSUPPORTED, "in place on a view");
    assert_values(x, 2, 3);
    assert_no_tensor(fac_add_(fac_number(2), 1), FAC_ERR_TYPE, "a number");
}

static void changed_saved_tensors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2), *w = DOUBLES(3, 4);
    int64_t version = fac_version_of(w);
    fac_tensor *y = fac_mul(x, w);
    assert_non_null(fac_add_(w, 1));
    assert_int_equal(fac_version_of(w), version + 1);
    assert_refused(fac_backward(y, DOUBLES(1, 1)), FAC_ERR_RUNTIME,
                   "one of the variables needed for gradient computation has been modified by an inplace operation: "
                   "[float64 (2,)], which is input 1 of mul, is at version 1; expected version 0 instead.");
    /* The user's own writing, announced. */
    y = fac_mul(x, w);
    ((double *)fac_data(w))[0] = 9;
    done(fac_touched(w));
    assert_refused(fac_backward(y, DOUBLES(1, 1)), FAC_ERR_RUNTIME, "modified by an inplace operation");
    /* Through a view, and through detach. */
    y = fac_mul(x, w);
    assert_non_null(fac_mul_(fac_narrow(w, 0, 0, 1), 2));
    assert_refused(fac_backward(y, DOUBLES(1, 1)), FAC_ERR_RUNTIME, "modified by an inplace operation");
    y = fac_exp(x);
    assert_non_null(fac_mul_(fac_detach(y), 2));
    assert_refused(fac_backward(y, DOUBLES(1, 1)), FAC_ERR_RUNTIME, "which is output 0 of exp");
    /* A leaf stepped under no_grad between forward and backward. */
    fac_tensor *p = LEAF(1, 1);
    y = fac_mul(p, p);
    {
        FAC_NO_GRAD;
        assert_non_null(fac_sub_(p, 1));
    }
    assert_refused(fac_backward(y, DOUBLES(1, 1)), FAC_ERR_RUNTIME, "modified by an inplace operation");
}

/* What no derivative reads may change. */
static void unread_tensors_may_change(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2), *y = fac_mul(x, 1), *z = fac_mul(y, DOUBLES(3, 4));
    assert_non_null(fac_add_(y, 1)); /* y was a factor, but of one that needs no gradient */
    done(fac_backward(z, DOUBLES(1, 1)));
    assert_values(fac_grad_of(x), 3, 4);
    y = fac_add(x, 1);
    z = fac_mul(fac_add(y, y), 2);
    assert_non_null(fac_mul_(y, 0));
    done(fac_backward(z, DOUBLES(1, 1)));
    assert_values(fac_grad_of(x), 7, 8);
}

static void in_place_is_recorded(void **state)
{
    (void)state;
    int64_t alive = fac_live_tensors();
    {
        FAC_SCOPE;
        golden *file = golden_open("autograd");
        double xs[5], ws[5];
        for (int i = 0; i < 5; i++)
            xs[i] = ((i * 3 + 4) % 17 - 8) / 4.0, ws[i] = ((i * 2 + 9) % 17 - 8) / 4.0;
        fac_tensor *x = fac_requires_grad_(fac_from_data(xs, FAC_LIST(5), FAC_FLOAT64), true);
        fac_tensor *w = fac_requires_grad_(fac_from_data(ws, FAC_LIST(5), FAC_FLOAT64), true);
        fac_tensor *y = fac_mul(x, 2);
        assert_ptr_equal(fac_mul_(y, w), y);
        assert_string_equal(fac_grad_fn_name(y), "MulBackward0");
        y = fac_add_(fac_sin(y), w, .alpha = 3);
        fac_square_(y);
        fac_tanh_(y);
        assert_string_equal(fac_grad_fn_name(y), "TanhBackward0");
        y = fac_div_(fac_sub(y, x), fac_add(fac_detach(w), 5));
        done(fac_backward(y, DOUBLES(0, 1, 2, 3, 4)));
        assert_close(y, golden_tensor(file, "in_place.y"), 1);
        assert_close(fac_grad_of(x), golden_tensor(file, "in_place.x"), 1);
        assert_close(fac_grad_of(w), golden_tensor(file, "in_place.w"), 1);
        /* Graphs of changes that are never walked are freed: nothing owns itself. */
        y = fac_add(x, 1);
        fac_square_(y), fac_exp_(y), fac_mul_(y, y), fac_mul_(y, w), fac_div_(y, y), fac_relu_(y);
        assert_non_null(y);
        golden_close(file);
    }
    assert_int_equal(fac_live_tensors(), alive);
}

/* A tensor that needed no gradient does after a change with one that does; in float32 from float64, too. */
static void in_place_begins_a_graph(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_from_data((const float[]){1, 2}, FAC_LIST(2), FAC_FLOAT32), *w = LEAF(3, 4);
    assert_true(fac_is_leaf(x));
    assert_ptr_equal(fac_mul_(x, w), x);
    assert_true(fac_requires_grad(x) && !fac_is_leaf(x));
    assert_int_equal(fac_dtype_of(x), FAC_FLOAT32);
    done(fac_backward(x, fac_ones(2)));
    assert_values(fac_grad_of(w), 1, 2);
    assert_int_equal(fac_dtype_of(fac_grad_of(w)), FAC_FLOAT64);
    x = DOUBLES(2, 3);
    fac_tensor *g;
    x = DOUBLES(2, 3);
    assert_non_null(fac_square_(fac_mul_(x, w)));
    done(fac_grad(FAC_TENSORS(fac_sum(x)), FAC_TENSORS(w), &g, .create_graph = true)); /* 2 x^2 w */
    assert_values(g, 24, 72);
    done(grad_of_one(fac_sum(g), w, &g, false));
    assert_values(g, 8, 18);
}

static void views_changed_in_place(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2, 3, 4), *y = fac_mul(x, 2), *v = fac_view(y, FAC_LIST(2, 2)), *w = LEAF(1, 1, 1, 1);
    assert_no_tensor(fac_mul_(v, 2), FAC_ERR_UNSUPPORTED, "in place on a view");
    assert_values(y, 2, 4, 6, 8);
    assert_non_null(fac_mul_(y, 3));
    assert_no_tensor(fac_sum(v), FAC_ERR_RUNTIME, "take the view again");
    done(fac_backward(fac_sum(fac_view(y, FAC_LIST(2, 2)))));
    assert_values(fac_grad_of(x), 6, 6, 6, 6);
    {
        FAC_NO_GRAD; /* the values are right */
        assert_values(fac_mul(v, 1), 6, 12, 18, 24);
    }
    /* The base begins to need a gradient: an older view must not go on without. */
    fac_tensor *base = DOUBLES(1, 2, 3, 4);
    v = fac_select(base, 0, 1);
    assert_non_null(fac_mul_(base, w));
    assert_no_tensor(fac_mul(v, 2), FAC_ERR_RUNTIME, "take the view again");
    done(fac_backward(fac_mul(fac_select(base, 0, 1), 2)));
    assert_values(fac_grad_of(w), 0, 4, 0, 0);
    /* No gradient anywhere: views and bases change together. */
    base = DOUBLES(1, 2, 3);
    v = fac_narrow(base, 0, 1, 2);
    assert_non_null(fac_add_(v, 10));
    assert_values(base, 1, 12, 13);
    assert_non_null(fac_add_(base, 1));
    assert_values(v, 13, 14);
}

static void overlaps(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *y = DOUBLES(1, 2, 3, 4), *m = fac_view(y, FAC_LIST(2, 2));
    const char *words = "to a single memory location";
    assert_no_tensor(fac_add_(y, fac_select(y, 0, 0)), FAC_ERR_RUNTIME, words);
    assert_no_tensor(fac_add_(fac_narrow(y, 0, 1, 3), fac_narrow(y, 0, 0, 3)), FAC_ERR_RUNTIME, words);
    assert_no_tensor(fac_add_(m, fac_t(m)), FAC_ERR_RUNTIME, words);
    assert_no_tensor(fac_add_(m, fac_narrow(m, 1, 0, 1)), FAC_ERR_RUNTIME, words);
    assert_no_tensor(fac_add_(fac_expand(DOUBLES(1), FAC_LIST(3)), 1), FAC_ERR_RUNTIME, words);
    assert_values(y, 1, 2, 3, 4);
    assert_non_null(fac_add_(fac_narrow(y, 0, 0, 2), fac_narrow(y, 0, 2, 2)));
    assert_values(y, 4, 6, 3, 4);
    assert_non_null(fac_add_(m, fac_view(y, FAC_LIST(2, 2))));
    assert_values(y, 8, 12, 6, 8);
    assert_non_null(fac_sub_(fac_slice(y, 0, 0, .step = 2), fac_slice(y, 0, 1, .step = 2)));
    assert_values(y, -4, 12, -2, 8);
}

static void grad_modes(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2), *y;
    assert_true(fac_is_grad_enabled());
    {
        FAC_NO_GRAD;
        assert_false(fac_is_grad_enabled());
        y = fac_mul(x, x);
        assert_false(fac_requires_grad(y));
        assert_true(fac_is_leaf(y));
        {
            FAC_NO_GRAD;
        }
        assert_false(fac_is_grad_enabled());
        assert_false(fac_set_grad_enabled(true));
        assert_true(fac_requires_grad(fac_mul(x, x)));
        fac_set_grad_enabled(false);
        fac_tensor *z;
        fac_set_grad_enabled(true);
        z = fac_sum(fac_mul(x, x));
        fac_set_grad_enabled(false);
        done(fac_backward(z)); /* walks all the same, and leaves the mode as it was */
        assert_false(fac_is_grad_enabled());
    }
    assert_values(fac_grad_of(x), 2, 4);
    assert_false(fac_requires_grad(fac_grad_of(x)));
    assert_true(fac_is_grad_enabled());
    assert_refused(fac_backward(y, DOUBLES(1, 1)), FAC_ERR_RUNTIME, "does not require grad");
    fac_tensor *g;
    done(grad_of_one(fac_sum(fac_mul(x, x)), x, &g, false));
    assert_false(fac_requires_grad(g));
    assert_true(fac_is_grad_enabled());
}

static void detach(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2), *y = fac_mul(x, 3), *d = fac_detach(y);
    assert_true(fac_is_leaf(d) && !fac_requires_grad(d));
    assert_ptr_equal(fac_data(d), fac_data(y));
    done(fac_backward(fac_sum(fac_mul(d, y))));
    assert_values(fac_grad_of(x), 9, 18);
    fac_requires_grad_(d, true);
    done(fac_backward(fac_sum(fac_mul(d, 5))));
    assert_values(fac_grad_of(d), 5, 5);
    assert_values(fac_grad_of(x), 9, 18);
}

static void requires_grad_rules(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = DOUBLES(1, 2);
    assert_false(fac_requires_grad(x));
    assert_ptr_equal(fac_requires_grad_(x, true), x);
    fac_tensor *y = fac_mul(x, 2);
    assert_true(fac_requires_grad(y) && !fac_is_leaf(y) && fac_is_leaf(x));
    assert_null(fac_grad_fn_name(x));
    assert_string_equal(fac_grad_fn_name(y), "MulBackward0");
    assert_no_tensor(fac_requires_grad_(y, false), FAC_ERR_RUNTIME, "only change requires_grad flags of leaf");
    assert_ptr_equal(fac_requires_grad_(y, true), y);
    fac_requires_grad_(x, false);
    assert_false(fac_requires_grad(fac_mul(x, 2)));
    for (fac_dtype dtype = FAC_INT64; dtype <= FAC_BOOL; dtype++) {
        fac_tensor *whole = fac_zeros(2, .dtype = dtype);
        assert_no_tensor(fac_requires_grad_(whole, true), FAC_ERR_RUNTIME, "only Tensors of floating point dtype");
        assert_ptr_equal(fac_requires_grad_(whole, false), whole);
    }
    fac_requires_grad_(x, true);
    assert_false(fac_requires_grad(fac_gt(x, 1)));
    assert_false(fac_requires_grad(fac_to(x, FAC_INT64)));
    assert_true(fac_requires_grad(fac_to(x, FAC_FLOAT32)));
    assert_no_tensor(fac_requires_grad_(NULL, true), FAC_ERR_VALUE, "requires_grad_: input is NULL");
    assert_false(fac_requires_grad(NULL));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
}

static void casts(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_from_data((const float[]){1, 2}, FAC_LIST(2), FAC_FLOAT32), true);
    fac_tensor *y = fac_mul(fac_to(x, FAC_FLOAT64), DOUBLES(3, 4));
    assert_int_equal(fac_dtype_of(y), FAC_FLOAT64);
    done(fac_backward(fac_sum(y)));
    assert_int_equal(fac_dtype_of(fac_grad_of(x)), FAC_FLOAT32);
    assert_values(fac_grad_of(x), 3, 4);
    done(fac_backward(fac_sum(fac_mul(x, fac_scalar_int(2))))); /* an integer factor */
    assert_values(fac_grad_of(x), 5, 6);
    done(fac_backward(fac_sum(fac_mul(DOUBLES(1, 1), x)))); /* promoted inside */
    assert_int_equal(fac_dtype_of(fac_grad_of(x)), FAC_FLOAT32);
    assert_values(fac_grad_of(x), 6, 7);
}

static fac_tensor *computed_leaf(int n, int a, int b, fac_list shape, fac_dtype dtype)
{
    double values[16];
    for (int i = 0; i < n; i++)
        values[i] = ((i * a + b) % 17 - 8) / 4.0;
    fac_tensor *t = fac_to(fac_from_data(values, shape, FAC_FLOAT64), dtype);
    return fac_requires_grad_(t, true);
}

static void broadcasting(void **state)
{
    (void)state;
    FAC_SCOPE;
    golden *file = golden_open("autograd");
    fac_tensor *a = computed_leaf(12, 7, 1, FAC_LIST(3, 1, 4), FAC_FLOAT64);
    fac_tensor *b = computed_leaf(2, 3, 2, FAC_LIST(2, 1), FAC_FLOAT32);
    fac_tensor *c = computed_leaf(1, 1, 13, FAC_EMPTY_LIST, FAC_FLOAT64);
    fac_tensor *d = fac_from_data((const int64_t[]){1, -2, 3, 4}, FAC_LIST(4), FAC_INT64);
    fac_tensor *y = fac_mul(fac_square(fac_div(fac_sub(fac_mul(a, b), fac_mul(c, d)), fac_add(d, fac_mul(c, c)))), 0.5);
    done(fac_backward(y, fac_view(fac_arange(24, .dtype = FAC_FLOAT64), FAC_LIST(3, 2, 4))));
    assert_close(y, golden_tensor(file, "broadcast.y"), 1);
    assert_close(fac_grad_of(a), golden_tensor(file, "broadcast.a"), 12);
    assert_close(fac_grad_of(b), golden_tensor(file, "broadcast.b"), 12);
    assert_close(fac_grad_of(c), golden_tensor(file, "broadcast.c"), 24);
    golden_close(file);
}

static void diamonds(void **state)
{
    (void)state;
    FAC_SCOPE;
    golden *file = golden_open("autograd");
    fac_tensor *x = computed_leaf(6, 5, 3, FAC_LIST(6), FAC_FLOAT64), *g;
    fac_tensor *a = fac_tanh(x), *b = fac_add(fac_mul(a, a), fac_sigmoid(x));
    fac_tensor *c = fac_mul(fac_exp(fac_div(a, fac_add(b, 2))), b);
    fac_tensor *y = fac_sum(fac_add(fac_mul(c, a), b));
    done(grad_of_one(y, x, &g, true));
    assert_null(fac_grad_of(x));
    assert_close(y, golden_tensor(file, "diamond.y"), 6);
    assert_close(g, golden_tensor(file, "diamond.g"), 6);
    done(fac_backward(fac_sum(fac_mul(fac_mul(g, g), x))));
    assert_close(fac_grad_of(x), golden_tensor(file, "diamond.gg"), 36);
    golden_close(file);
    /* Twice as many paths a level: each node is visited once. */
    fac_tensor *p = LEAF(1);
    y = p;
    for (int i = 0; i < 50; i++)
        y = fac_add(y, y);
    done(fac_backward(y));
    assert_values(fac_grad_of(p), 0x1p50);
    /* A long way and a short one. */
    fac_tensor *q = LEAF(2), *far = fac_mul(q, 3), *near = fac_mul(q, 1);
    for (int i = 0; i < 20; i++)
        far = fac_add(far, 0);
    done(fac_backward(fac_mul(far, near))); /* 3 q^2 */
    assert_values(fac_grad_of(q), 12);
}

static void leaf_used_many_times(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2), *y = DOUBLES(0, 0);
    for (int i = 1; i <= 100; i++)
        y = fac_add(y, fac_mul(x, i));
    done(fac_backward(y, DOUBLES(1, 1)));
    assert_values(fac_grad_of(x), 5050, 5050);
    y = fac_cat(FAC_TENSORS(x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x));
    done(fac_backward(fac_sum(y)));
    assert_values(fac_grad_of(x), 5070, 5070);
}

static void grad_function(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2), *w = LEAF(3, 4), *other = LEAF(5), *g[3];
    fac_tensor *h = fac_mul(x, w), *y = fac_sum(fac_mul(h, h));
    done(fac_grad(FAC_TENSORS(y), FAC_TENSORS(x, h, w), g, .retain_graph = true)); /* a result in the middle, too */
    assert_values(g[0], 18, 64);
    assert_values(g[1], 6, 16);
    assert_values(g[2], 6, 32);
    assert_true(!fac_grad_of(x) && !fac_grad_of(w));
    done(fac_grad(FAC_TENSORS(y), FAC_TENSORS(x, x, y), g, .retain_graph = true)); /* one twice; y itself */
    assert_values(g[0], 18, 64);
    assert_values(g[1], 18, 64);
    assert_values(g[2], 1);
    assert_refused(fac_grad(FAC_TENSORS(y), FAC_TENSORS(x, other), g, .retain_graph = true), FAC_ERR_RUNTIME,
                   "allow_unused=True");
    assert_true(!g[0] && !g[1]);
    done(fac_grad(FAC_TENSORS(y), FAC_TENSORS(x, other), g, .retain_graph = true, .allow_unused = true));
    assert_values(g[0], 18, 64);
    assert_null(g[1]);
    /* Several outputs with their gradients; one of them a leaf. */
    fac_tensor *v = DOUBLES(1, 10);
    done(fac_grad(FAC_TENSORS(h, x), FAC_TENSORS(x), g, .grad_outputs = FAC_TENSORS(v, v)));
    assert_values(g[0], 4, 50);
    assert_refused(fac_grad(FAC_TENSORS(h, x), FAC_TENSORS(x), g, .grad_outputs = FAC_TENSORS(v)), FAC_ERR_VALUE,
                   "2 outputs, but 1 grad_outputs");
    assert_refused(fac_grad(FAC_TENSORS(y), FAC_TENSORS(v), g), FAC_ERR_RUNTIME, "does not require grad");
    assert_refused(fac_grad(FAC_TENSORS(v), FAC_TENSORS(x), g), FAC_ERR_RUNTIME, "does not require grad");
    assert_refused(fac_grad(FAC_TENSORS(h), FAC_TENSORS(x), g), FAC_ERR_RUNTIME, "only for scalar outputs");
    assert_refused(fac_grad(NULL, FAC_TENSORS(x), g), FAC_ERR_VALUE, "NULL");
    assert_refused(fac_grad((&(fac_tensors){1, &(fac_tensor *){NULL}}), FAC_TENSORS(x), g), FAC_ERR_VALUE, "NULL");
    assert_true(!fac_grad_of(x) && !fac_grad_of(w));
}

/* What does not lead to the inputs is neither derived nor freed. */
static void grad_leaves_the_rest(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = LEAF(1, 2), *w = LEAF(3, 4), *g;
    fac_tensor *h = fac_mul(x, x), *y = fac_sum(fac_mul(h, w));
    done(grad_of_one(y, h, &g, false)); /* frees y's graph down to h */
    assert_values(g, 3, 4);
    done(fac_backward(h, g));
    assert_values(fac_grad_of(x), 6, 16);
    assert_refused(fac_backward(y), FAC_ERR_RUNTIME, "a second time");
    /* A saved tensor that changed matters only on the way. */
    fac_tensor *data = DOUBLES(1, 1);
    y = fac_add(fac_sum(fac_mul(x, data)), fac_sum(fac_mul(w, 2)));
    fac_add_(data, 1);
    done(grad_of_one(y, w, &g, false));
    assert_values(g, 2, 2);
    assert_refused(grad_of_one(y, x, &g, false), FAC_ERR_RUNTIME, "modified by an inplace operation");
    assert_null(g);
    /* After grad a plain backward goes everywhere again. */
    y = fac_sum(fac_mul(fac_mul(x, w), w));
    done(fac_grad(FAC_TENSORS(y), FAC_TENSORS(x), &g, .retain_graph = true));
    assert_values(g, 9, 16);
    done(fac_set_grad(x, NULL));
    done(fac_backward(y));
    assert_values(fac_grad_of(x), 9, 16);
    assert_values(fac_grad_of(w), 6, 16);
}

static void derivatives_of_derivatives(void **state)
{
    (void)state;
    FAC_SCOPE;
    golden *file = golden_open("autograd");
    fac_tensor *x = computed_leaf(4, 5, 6, FAC_LIST(4), FAC_FLOAT64), *g;
    fac_tensor *y = fac_sum(fac_mul(fac_pow(x, 4), fac_cos(fac_div(x, 3))));
    static const char *const names[] = {"third.g1", "third.g2", "third.g3"};
    for (int i = 0; i < 3; i++) {
        done(grad_of_one(y, x, &g, true));
        assert_close_as(g, golden_tensor(file, names[i]), 16, names[i]);
        y = fac_sum(g);
    }
    golden_close(file);
    /* backward with create_graph: .grad has a graph, and adding to it makes another. */
    fac_tensor *p = LEAF(2);
    done(fac_backward(fac_mul(fac_mul(p, p), p), .create_graph = true));
    assert_non_null(strstr(fac_last_warning(), "create_graph=True will create a reference cycle"));
    assert_true(fac_requires_grad(fac_grad_of(p)));
    done(grad_of_one(fac_grad_of(p), p, &g, false));
    assert_values(g, 12);
    done(fac_set_grad(p, NULL)); /* or p and its gradient keep each other */
    /* A gradient that does not depend on the input any more. */
    fac_tensor *q = LEAF(1, 2);
    done(grad_of_one(fac_sum(fac_mul(q, 3)), q, &g, true));
    assert_false(fac_requires_grad(g));
}

static void ends(void **state)
{
    (void)state;
    fac_tensor *x, *y, *z;
    int64_t alive = fac_live_tensors();
    {
        FAC_SCOPE;
        x = fac_keep(LEAF(1, 2));
        y = fac_keep(fac_mul(fac_exp(x), 2));
        z = fac_mul(x, x);
    }
    (void)z;
    done(fac_backward(y, fac_ones(2, .dtype = FAC_FLOAT64))); /* what a graph needs outlives its scope */
    assert_non_null(fac_grad_of(x));
    fac_tensor_free(x);
    fac_tensor_free(y);
    fac_scope_reset();
    assert_int_equal(fac_live_tensors(), alive);
}

enum { DEEP = 1000000 };
static double deep_result;

/* Built, walked and freed without recursion: on a stack that no recursion of that depth fits. */
static void *deep_program(void *unused)
{
    (void)unused;
    fac_tensor *x = fac_keep(LEAF(1)), *y = fac_keep(x);
    for (int i = 0; i < DEEP; i++) {
        FAC_SCOPE;
        if (fac_set(&y, fac_mul(y, 1)))
            return NULL;
    }
    if (fac_backward(y))
        return NULL;
    deep_result = fac_item(fac_grad_of(x));
    fac_tensor_free(y);
    y = fac_keep(x);
    for (int i = 0; i < DEEP; i++) { /* a graph that is freed unwalked, its results changed in place */
        FAC_SCOPE;
        if (fac_set(&y, fac_square_(fac_mul(y, 1))))
            return NULL;
    }
    fac_tensor *g; /* and marked for grad */
    if (fac_grad(FAC_TENSORS(y), FAC_TENSORS(x), &g, .retain_graph = true))
        return NULL;
    fac_tensor_free(y);
    fac_tensor_free(x);
    fac_scope_reset();
    return &deep_result;
}

static void deep_graphs(void **state)
{
    (void)state;
    int64_t alive = fac_live_tensors();
    pthread_attr_t attributes;
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 256 << 10), 0);
    assert_int_equal(pthread_create(&thread, &attributes, deep_program, NULL), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    pthread_attr_destroy(&attributes);
    assert_ptr_equal(result, &deep_result);
    assert_true(deep_result == 1);
    assert_int_equal(fac_live_tensors(), alive);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accumulation),
        cmocka_unit_test(gradients_are_not_shared),
        cmocka_unit_test(scalar_losses),
        cmocka_unit_test(retain_graph),
        cmocka_unit_test(leaves_in_place),
        cmocka_unit_test(changed_saved_tensors),
        cmocka_unit_test(unread_tensors_may_change),
        cmocka_unit_test(in_place_is_recorded),
        cmocka_unit_test(in_place_begins_a_graph),
        cmocka_unit_test(views_changed_in_place),
        cmocka_unit_test(overlaps),
        cmocka_unit_test(grad_modes),
        cmocka_unit_test(detach),
        cmocka_unit_test(requires_grad_rules),
        cmocka_unit_test(casts),
        cmocka_unit_test(broadcasting),
        cmocka_unit_test(diamonds),
        cmocka_unit_test(leaf_used_many_times),
        cmocka_unit_test(grad_function),
        cmocka_unit_test(grad_leaves_the_rest),
        cmocka_unit_test(derivatives_of_derivatives),
        cmocka_unit_test(ends),
        cmocka_unit_test(deep_graphs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
