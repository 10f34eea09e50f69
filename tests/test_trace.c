/* SPDX-License-Identifier: MIT */
/* Traces: what is recorded, and what a later run may change without notice. */
#include "graph/trace.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "facula/autograd.h"
#include "ops/op_table.h"
#include "support_alloc.h"

typedef struct {
    fac_tensor *x, *w, *other;
    double number;
    int how;
} things;

enum {
    SAME,
    OTHER_NUMBER,
    OTHER_OPERATION,
    OTHER_INPUT,
    OTHER_RESULT,
    OTHER_ARGUMENT,
    OTHER_LIST,
    OTHER_STRING,
    OTHER_MODE,
    IN_PLACE,
    NUMBER_FOR_TENSOR,
    OTHER_KIND,
    FEWER,
    MORE
};

/* Seven calls: mul, add, view, sum, mul, mul, mse_loss. */
static void program(const things *t)
{
    FAC_SCOPE;
    int how = t->how;
    fac_tensor *a = fac_mul(how == OTHER_INPUT ? t->other : t->x, t->w);
    fac_tensor *b = how == OTHER_OPERATION     ? fac_sub(a, t->number)
                    : how == NUMBER_FOR_TENSOR ? fac_add(a, t->w)
                    : how == OTHER_KIND        ? fac_add(a, 2)
                                               : fac_add(a, t->number);
    fac_tensor *c = fac_view(b, how == OTHER_LIST ? FAC_LIST(4, 1) : FAC_LIST(1, 4));
    fac_tensor *d = fac_sum(c, how == OTHER_ARGUMENT ? 0 : 1);
    if (how == OTHER_MODE) {
        FAC_NO_GRAD;
        fac_mul(a, b);
    } else if (how == IN_PLACE) {
        fac_mul_(a, b);
    } else {
        fac_mul(a, b);
    }
    fac_tensor *e = fac_mul(how == OTHER_RESULT ? b : a, b);
    if (how != FEWER)
        fac_mse_loss(e, b, how == OTHER_STRING ? "sum" : "mean");
    if (how == MORE)
        fac_relu(d);
}

static fac_tensor *floats(void)
{
    return fac_from_data((const float[]){1, 2, 3, 4}, FAC_LIST(4), FAC_FLOAT32);
}

static things some_things(void)
{
    return (things){floats(), fac_requires_grad_(floats(), true), floats(), 2, SAME};
}

static void run(fac_trace *trace, const things *t)
{
    assert_int_equal(fac_trace_start(trace), FAC_OK);
    program(t);
    fac_trace_stop(trace);
    assert_int_equal(fac_pending(), FAC_OK);
}

static void what_is_recorded(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_trace *trace = fac_trace_new();
    things t = some_things();
    run(trace, &t);
    static const fac_op *const ops[] = {&fac_op_mul, &fac_op_add, &fac_op_view,    &fac_op_sum,
                                        &fac_op_mul, &fac_op_mul, &fac_op_mse_loss};
    assert_int_equal(fac_trace_count(trace), 7);
    for (size_t i = 0; i < 7; i++) {
        assert_ptr_equal(fac_trace_entry_at(trace, i)->op, ops[i]);
        assert_true(fac_trace_entry_at(trace, i)->grad_mode);
        assert_false(fac_trace_entry_at(trace, i)->inplace);
    }
    assert_null(fac_trace_entry_at(trace, 7));
    const fac_trace_entry *mul = fac_trace_entry_at(trace, 0), *add = fac_trace_entry_at(trace, 1);
    assert_int_equal(mul->n_in, 2);
    assert_int_equal(mul->in[0].call, UINT32_MAX);
    assert_ptr_equal(mul->in[0].tensor, t.x);
    assert_ptr_equal(mul->in[1].tensor, t.w);
    assert_int_equal(add->in[0].call, 0);
    assert_int_equal(add->in[0].output, 0);
    assert_true(add->in[1].number);
    assert_true(((const fac_add_args *)add->args)->alpha == 1);
    const fac_view_args *view = fac_trace_entry_at(trace, 2)->args;
    assert_int_equal(view->shape->count, 2); /* a copy: the list was on the stack */
    assert_int_equal(view->shape->values[1], 4);
    const fac_mse_loss_args *loss = fac_trace_entry_at(trace, 6)->args;
    assert_string_equal(loss->reduction, "mean");
    size_t at;
    const char *why;
    assert_false(fac_trace_matched(trace, &at, &why)); /* nothing was compared yet */
    fac_trace_free(trace);
    fac_trace_free(NULL);
}

static void differences(void **state)
{
    (void)state;
    static const struct {
        int how;
        size_t at;
        const char *why;
    } cases[] = {
        {OTHER_OPERATION, 1, "another operation"},
        {OTHER_INPUT, 0, "another input"},
        {OTHER_RESULT, 5, "another input"},
        {OTHER_ARGUMENT, 3, "another argument"},
        {OTHER_LIST, 2, "another argument"},
        {OTHER_STRING, 6, "another argument"},
        {OTHER_MODE, 4, "another grad mode"},
        {IN_PLACE, 4, "another operation"},
        {NUMBER_FOR_TENSOR, 1, "another input"},
        {OTHER_KIND, 1, "another input"},
        {FEWER, 6, "fewer calls"},
        {MORE, 7, "more calls"},
    };
    FAC_SCOPE;
    fac_trace *trace = fac_trace_new();
    things t = some_things();
    run(trace, &t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t at = 99;
        const char *why = NULL;
        t.how = cases[i].how;
        run(trace, &t);
        assert_false(fac_trace_matched(trace, &at, &why));
        assert_string_equal(why, cases[i].why);
        assert_int_equal(at, cases[i].at);
        t.how = i % 2 ? SAME : OTHER_NUMBER; /* what was recorded is still there, and matches again */
        t.number = (double)i;
        run(trace, &t);
        assert_true(fac_trace_matched(trace, &at, &why));
        assert_null(why);
        assert_int_equal(fac_trace_count(trace), 7);
    }
    fac_trace_free(trace);
}

/* A tensor in the place of another: the same address is not the same tensor. */
static void a_slot_taken_again(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_trace *trace = fac_trace_new();
    things t = some_things();
    t.x = NULL;
    for (int round = 0; round < 2; round++) {
        FAC_SCOPE;
        t.x = floats();
        run(trace, &t);
    }
    size_t at;
    const char *why;
    assert_false(fac_trace_matched(trace, &at, &why));
    assert_string_equal(why, "another input");
    fac_trace_free(trace);
}

static void training(const things *t)
{
    FAC_SCOPE;
    fac_tensor *loss = fac_mse_loss(fac_mul(t->x, t->w), t->other);
    assert_int_equal(fac_set_grad(t->w, fac_none), FAC_OK);
    assert_int_equal(fac_backward(loss), FAC_OK);
    FAC_NO_GRAD;
    assert_non_null(fac_sub_(t->w, fac_mul(fac_grad_of(t->w), t->number)));
}

/* The derivatives, .grad and the step are calls as well. */
static void whole_steps(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_trace *trace = fac_trace_new();
    things t = some_things();
    size_t at, count = 0;
    const char *why;
    for (int i = 0; i < 5; i++) {
        t.number = 0.1 / (i + 1);
        assert_int_equal(fac_trace_start(trace), FAC_OK);
        training(&t);
        fac_trace_stop(trace);
        if (i == 0)
            count = fac_trace_count(trace);
        else if (!fac_trace_matched(trace, &at, &why))
            fail_msg("call %d: %s", (int)at, why);
    }
    assert_int_equal(fac_trace_count(trace), count);
    bool accumulates = false;
    for (size_t i = 0; i < count; i++)
        accumulates |= fac_trace_entry_at(trace, i)->op == &fac_op_accumulate_grad;
    assert_true(accumulates);
    fac_trace_free(trace);
}

static void one_at_a_time(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_trace *trace = fac_trace_new(), *another = fac_trace_new();
    assert_int_equal(fac_trace_start(trace), FAC_OK);
    assert_int_equal(fac_trace_start(another), FAC_ERR_RUNTIME);
    assert_string_equal(fac_last_error(), "trace: one is on already on this thread");
    fac_clear_pending();
    assert_int_equal(fac_trace_start(trace), FAC_ERR_RUNTIME);
    fac_clear_pending();
    fac_relu(floats());
    fac_trace_stop(trace);
    assert_int_equal(fac_trace_count(trace), 1);
    fac_relu(floats()); /* not recorded any more */
    assert_int_equal(fac_trace_count(trace), 1);
    assert_int_equal(fac_trace_start(another), FAC_OK);
    fac_trace_stop(another);
    fac_trace_free(trace);
    fac_trace_free(another);
}

/* A call that fails is no part of the record. */
static void failed_calls(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_trace *trace = fac_trace_new();
    fac_tensor *x = floats();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fac_trace_start(trace), FAC_OK);
        fac_relu(x);
        assert_null(fac_add(x, fac_ones_like(fac_narrow(x, 0, 0, 3))));
        assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
        fac_exp(x);
        fac_trace_stop(trace);
        assert_ptr_equal(fac_trace_entry_at(trace, fac_trace_count(trace) - 1)->op, &fac_op_exp);
        assert_int_equal(fac_trace_count(trace), 4);
    }
    fac_trace_free(trace);
}

static void arguments(void **state)
{
    (void)state;
    const fac_ints a = {3, {1, 2, 3}}, b = {3, {1, 2, 4}}, c = {2, {1, 2}}, same = {3, {1, 2, 3, 99}};
    fac_view_args x = {.size_ = sizeof x, .shape = &a}, y = {.size_ = sizeof y, .shape = &same};
    assert_true(fac_args_equal(&fac_op_view, &x, &y)); /* what lies behind the count does not matter */
    y.shape = &b;
    assert_false(fac_args_equal(&fac_op_view, &x, &y));
    y.shape = &c;
    assert_false(fac_args_equal(&fac_op_view, &x, &y));
    y.shape = NULL;
    assert_false(fac_args_equal(&fac_op_view, &x, &y));
    x.shape = NULL;
    assert_true(fac_args_equal(&fac_op_view, &x, &y));
    x.shape = &a;
    assert_true(fac_args_equal(&fac_op_relu, NULL, NULL));
    char copy[1024];
    assert_in_range(fac_args_bytes(&fac_op_view, &x), sizeof x + sizeof a, sizeof copy);
    fac_args_copy(&fac_op_view, &x, copy);
    assert_true(fac_args_equal(&fac_op_view, &x, copy));
    assert_ptr_not_equal(((const fac_view_args *)(void *)copy)->shape, &a);
    fac_clamp_args limits = {.size_ = sizeof limits, .min = 0, .max = FAC_NONE_REAL}, others = limits;
    assert_true(fac_args_equal(&fac_op_clamp, &limits, &others)); /* None is None */
    others.max = 1;
    assert_false(fac_args_equal(&fac_op_clamp, &limits, &others));
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_recorded), cmocka_unit_test(differences),   cmocka_unit_test(a_slot_taken_again),
        cmocka_unit_test(whole_steps),      cmocka_unit_test(one_at_a_time), cmocka_unit_test(failed_calls),
        cmocka_unit_test(arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
