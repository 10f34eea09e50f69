/* SPDX-License-Identifier: MIT */
/* Every allocation failed in turn, once and from then on, in programs over the whole core: each time the status of
 * missing memory, and nothing lost. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "facula/autograd.h"
#include "facula/ops.h"
#include "support_alloc.h"

#define RUN(program)                                         \
    do {                                                     \
        fac_scope_reset();                                   \
        fac_trim();                                          \
        int64_t tensors_ = fac_live_tensors();               \
        int64_t n_ = support_alloc_fail_each(program, NULL); \
        assert_true(n_ > 0);                                 \
        assert_int_equal(fac_live_tensors(), tensors_);      \
    } while (0)

/* A chain is checked once, at its end: an error left pending is its error. */
static fac_status made(const fac_tensor *t)
{
    (void)t;
    return fac_error_status();
}

static fac_tensor *leaf(void)
{
    return fac_requires_grad_(fac_from_data((const float[]){1, 2, 3, 4}, FAC_LIST(2, 2), FAC_FLOAT32), true);
}

static void delete_nothing(void *data, void *ctx)
{
    (void)data;
    ++*(int *)ctx;
}

static fac_status tensors(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    static float foreign[4] = {1, 2, 3, 4};
    int deleted = 0;
    fac_tensor *kept = NULL;
    {
        FAC_SCOPE;
        fac_tensor *blob = fac_from_blob(foreign, FAC_LIST(4), FAC_FLOAT32, delete_nothing, &deleted);
        fac_tensor *t = fac_add(fac_vector(1, 2, 3, 4), blob);
        t = fac_transpose(fac_view(t, FAC_LIST(2, 2)), 0, 1);
        t = fac_add(fac_to(t, FAC_FLOAT64), fac_scalar_int(3)); /* casts inside, not contiguous */
        t = fac_mul_(t, fac_arange(2));
        t = fac_cat(FAC_TENSORS(t, fac_zeros(2, 2, .dtype = FAC_FLOAT64)));
        if (t)
            kept = fac_keep(t);
    }
    assert_int_equal(deleted, 1); /* once, whatever failed */
    fac_status status = made(kept);
    fac_tensor_free(kept);
    return status;
}

/* 300 results in one scope: its list grows. */
static fac_status many_results(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    fac_tensor *t = fac_ones(1);
    for (int i = 0; i < 300; i++)
        t = fac_add(t, 1);
    return made(t);
}

static fac_status forward_and_backward(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    fac_tensor *x = leaf(), *w = leaf(), *b = fac_requires_grad_(fac_zeros(2), true);
    fac_tensor *h = fac_tanh(fac_linear(x, w, b));
    fac_tensor *y = fac_mse_loss(fac_mul(h, fac_pow(h, 2)), fac_softmax(x, 1));
    return fac_backward(fac_add(y, fac_sum(fac_square(w))));
}

static fac_status second_derivatives(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    fac_tensor *x = leaf(), *g = NULL, *y = fac_sum(fac_mul(fac_sigmoid(x), fac_narrow(x, 0, 1, 1)));
    if (!y)
        return fac_error_status();
    fac_status status = fac_grad(FAC_TENSORS(y), FAC_TENSORS(x), &g, .create_graph = true);
    if (status)
        return status;
    status = fac_backward(fac_sum(fac_mul(g, g)), .create_graph = true);
    return fac_set_grad(x, fac_none) ? FAC_ERR_RUNTIME : status;
}

static fac_status changes_in_place(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    fac_tensor *x = leaf(), *w = leaf(), *y = fac_mul(x, 2);
    y = fac_exp_(fac_mul_(fac_mul_(y, w), 0.1));
    y = fac_square_(fac_sub_(fac_mul(y, 1), fac_zeros(2, 2, .dtype = FAC_FLOAT64)));
    return fac_backward(fac_sum(y));
}

/* Many paths: the queue of a backward and the list of fac_grad grow. */
static fac_status wide_graph(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    fac_tensor *x = leaf(), *parts[20], *g = NULL;
    for (int i = 0; i < 20; i++)
        parts[i] = fac_exp(fac_mul(x, i));
    const fac_tensors list = {20, parts};
    fac_tensor *y = fac_sum(fac_stack(&list));
    if (!y)
        return fac_error_status();
    fac_status status = fac_grad(FAC_TENSORS(y), FAC_TENSORS(x), &g, .retain_graph = true);
    return status ? status : fac_backward(y);
}

static void without_tensors(void **state)
{
    (void)state;
    RUN(tensors);
    RUN(many_results);
}

static void without_graphs(void **state)
{
    (void)state;
    RUN(forward_and_backward);
    RUN(second_derivatives);
    RUN(changes_in_place);
    RUN(wide_graph);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_tensors),
        cmocka_unit_test(without_graphs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
