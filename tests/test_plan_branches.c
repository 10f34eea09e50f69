/* SPDX-License-Identifier: MIT */
/* Plans of steps that do not always do the same: branches, early returns, values that are looked at, modules that
 * change. Beside each plan stands an eager run of the same step; both must give the same numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "facula/facula.h"
#include "facula/plan.h"
#include "support_alloc.h"

typedef struct world {
    fac_module *model, *second;
    fac_optim *opt;
    fac_plan *plan; /* NULL: the step is called */
    fac_tensor *x, *y, *kept;
    int n; /* runs so far */
} world;

static fac_status open_world(world *w, fac_step_fn *fn)
{
    FAC_SCOPE;
    *w = (world){0};
    fac_manual_seed(5);
    w->model = fac_Sequential(fac_Linear(3, 8), fac_ReLU(), fac_Linear(8, 2));
    w->second = fac_Sequential(fac_Linear(2, 4), fac_Dropout(0.5), fac_Linear(4, 2));
    w->opt = fac_Adam(fac_parameters(w->model), .lr = 1e-2);
    fac_tensor *x = fac_randn(10, 3), *y = fac_randn(10, 2);
    if (!w->opt || !w->second || !y)
        return fac_error_status();
    w->x = fac_keep(x), w->y = fac_keep(y);
    w->plan = fn ? fac_compile(fn, w) : NULL;
    return fn && !w->plan ? fac_error_status() : FAC_OK;
}

static void close_world(world *w)
{
    fac_plan_free(w->plan), fac_optim_free(w->opt), fac_module_free(w->model), fac_module_free(w->second);
    fac_tensor_free(w->x), fac_tensor_free(w->y), fac_tensor_free(w->kept);
}

static void start(world *w, fac_step_fn *fn)
{
    assert_int_equal(open_world(w, fn), FAC_OK);
}

static void finish(world *w)
{
    close_world(w);
    fac_scope_reset();
    assert_int_equal(fac_error_status(), FAC_OK);
}

static double run(world *w, fac_step_fn *fn)
{
    FAC_SCOPE;
    const fac_batch b = {.n = 2, .x = w->x, .y = w->y};
    w->n++;
    fac_tensor *result = w->plan ? fac_run(w->plan, &b) : fn(w, &b);
    return result && result != fac_none ? fac_item(result) : NAN;
}

static double sum_of(fac_module *model)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    double sum = 0;
    const fac_tensors *params = fac_parameters(model);
    for (int64_t i = 0; i < params->count; i++)
        sum += fac_item(fac_sum(fac_mul(params->items[i], params->items[i])));
    return sum;
}

static void assert_close(double got, double expected)
{
    if (isnan(expected) ? !isnan(got) : !(fabs(got - expected) <= 2e-4 * (1 + fabs(expected))))
        fail_msg("%.9g instead of %.9g", got, expected);
}

static int replays_of(fac_plan *plan)
{
    FAC_SCOPE;
    int runs = 0, replayed = 0;
    const char *text = fac_plan_explain(plan);
    assert_non_null(text);
    assert_int_equal(sscanf(text, "%d runs: %d replayed", &runs, &replayed), 2);
    return replayed;
}

/* n steps both ways, of which at least `replayed` by a program. */
static void beside(fac_step_fn *fn, int n, int replayed)
{
    world planned, eager;
    start(&planned, fn);
    start(&eager, NULL);
    for (int i = 0; i < n; i++) {
        fac_manual_seed(i);
        const double expected = run(&eager, fn);
        fac_manual_seed(i);
        assert_close(run(&planned, fn), expected);
        assert_close(sum_of(planned.model), sum_of(eager.model));
        if (eager.kept)
            assert_close(fac_item(planned.kept), fac_item(eager.kept));
    }
    if (replays_of(planned.plan) < replayed)
        fail_msg("%d runs of %d were replayed", replays_of(planned.plan), n);
    finish(&planned);
    finish(&eager);
    assert_int_equal(fac_live_tensors(), 0);
}

static fac_tensor *step_on(world *w, fac_tensor *loss)
{
    return fac_backward(loss) || fac_optim_step(w->opt) ? NULL : loss;
}

static fac_tensor *loss_of(world *w, const fac_batch *b)
{
    return fac_optim_zero_grad(w->opt) ? NULL : fac_mse_loss(fac_forward(w->model, b->x), b->y);
}

static fac_tensor *in_turn(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    fac_tensor *loss = loss_of(w, b);
    return step_on(w, w->n % 2 ? fac_mul(loss, loss) : fac_exp(loss));
}

static void branches_in_turn_replay(void **state)
{
    (void)state;
    beside(in_turn, 60, 56);
}

/* The branches part early, late, and at the end. */
static fac_tensor *many_ways(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    const int way = w->n * 7 % 13 % 5;
    if (way == 0)
        return fac_none;
    fac_tensor *loss = loss_of(w, b), *noise = fac_randn(2);
    if (way == 1)
        return fac_add(fac_sum(noise), 1);
    if (way == 2)
        loss = fac_add(loss, fac_l1_loss(fac_forward(w->model, b->x), b->y));
    if (fac_backward(loss))
        return NULL;
    if (way == 3)
        return fac_mul(fac_detach(loss), 2);
    return fac_optim_step(w->opt) ? NULL : loss;
}

static void branches_without_order_replay(void **state)
{
    (void)state;
    beside(many_ways, 200, 150);
}

static fac_tensor *by_value(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    fac_tensor *loss = loss_of(w, b);
    if (w->n % 3 && fac_item(loss) > 0)
        loss = fac_mul(loss, 0.5);
    return step_on(w, loss);
}

static void branches_on_values_replay(void **state)
{
    (void)state;
    beside(by_value, 60, 50);
}

/* What was made before the branch, and stays. */
static fac_tensor *keeps(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    fac_tensor *loss = loss_of(w, b);
    fac_tensor_free(w->kept);
    w->kept = fac_keep(fac_detach(loss));
    return step_on(w, w->n % 2 ? fac_mul(loss, 3) : fac_sqrt(loss));
}

static void what_is_kept_is_right_on_either_way(void **state)
{
    (void)state;
    beside(keeps, 40, 30);
}

static fac_tensor *numbers_before(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    fac_tensor *loss = fac_mul(loss_of(w, b), 1 + 0.01 * w->n);
    loss = fac_add(loss, fac_sum(fac_full(FAC_LIST(2), w->n)));
    return step_on(w, w->n % 2 ? fac_mul(loss, 0.5) : fac_exp(fac_mul(loss, 0.1)));
}

static void numbers_before_a_branch_are_todays(void **state)
{
    (void)state;
    beside(numbers_before, 40, 30);
}

static fac_tensor *fails_at_times(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    fac_tensor *loss = loss_of(w, b);
    if (w->n % 4 == 3)
        loss = fac_add(loss, fac_sum(fac_add(fac_zeros(2, 3), fac_zeros(4))));
    return loss ? step_on(w, fac_sum(loss)) : NULL;
}

static void an_error_costs_no_program(void **state)
{
    world w;
    (void)state;
    start(&w, fails_at_times);
    for (int i = 0; i < 40; i++) {
        const bool fails = (w.n + 1) % 4 == 3;
        const double loss = run(&w, NULL);
        assert_true(fails ? isnan(loss) && fac_error_status() == FAC_ERR_VALUE : isfinite(loss));
    }
    assert_true(replays_of(w.plan) >= 25);
    finish(&w);
}

/* Gradients in other ways than .grad of a loss. */

static fac_status descend(world *w, fac_tensor *loss, bool keep)
{
    FAC_NO_GRAD;
    const fac_tensors *params = fac_parameters(w->model);
    fac_tensor *unused = fac_get_parameter(w->second, "0.bias"), *grads[5];
    const fac_tensors inputs = {
        5, (fac_tensor *[]){params->items[0], params->items[1], params->items[2], params->items[3], unused}};
    if (fac_grad(FAC_TENSORS(loss), &inputs, grads, .allow_unused = true))
        return fac_error_status();
    assert_null(grads[4]);
    for (int i = 0; i < 4; i++)
        if (!fac_sub_(params->items[i], fac_mul(grads[i], 0.05)))
            return FAC_ERR_RUNTIME;
    if (keep) {
        fac_tensor_free(w->kept);
        w->kept = fac_keep(fac_sum(grads[1]));
    }
    return FAC_OK;
}

static fac_tensor *by_hand(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    fac_tensor *loss = fac_mse_loss(fac_forward(w->model, b->x), b->y);
    return descend(w, loss, w->n > 20) ? NULL : fac_detach(loss);
}

static void loss_and_gradients_replay(void **state)
{
    (void)state;
    beside(by_hand, 40, 36);
}

static fac_tensor *by_hand_in_turn(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    fac_tensor *loss = fac_mse_loss(fac_forward(w->model, b->x), b->y);
    if (descend(w, loss, false))
        return NULL;
    return w->n % 2 ? fac_exp(fac_detach(loss)) : fac_detach(loss);
}

static void gradients_before_a_branch_replay(void **state)
{
    (void)state;
    beside(by_hand_in_turn, 40, 36);
}

static fac_tensor *pulls_back(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    if (fac_optim_zero_grad(w->opt))
        return NULL;
    fac_tensor *out = fac_forward(w->model, b->x), *pull = fac_sub(fac_detach(out), b->y);
    if (fac_backward(out, .gradient = w->n % 3 ? pull : fac_randn(10, 2)))
        return NULL;
    return fac_optim_step(w->opt) ? NULL : fac_sum(pull);
}

static void given_gradients_replay(void **state)
{
    (void)state;
    beside(pulls_back, 40, 34);
}

/* Modules. */

typedef struct counter {
    fac_module base;
    int *calls;
} counter;

static fac_tensor *counter_forward(fac_module *self, fac_tensor *x)
{
    ++*((counter *)self)->calls;
    return x;
}

static const fac_class counter_class = FAC_CLASS("counter", sizeof(counter), .forward = counter_forward);

static fac_module *counter_new(int *calls)
{
    counter *self = fac_new(&counter_class);
    if (self)
        self->calls = calls;
    return fac_done(self);
}

static fac_tensor *predict(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    FAC_NO_GRAD;
    return fac_sum(fac_forward(w->second, fac_forward(w->model, b->x)));
}

static void a_module_of_the_users_is_called(void **state)
{
    world w;
    int calls = 0;
    (void)state;
    start(&w, predict);
    for (int i = 0; i < 4; i++)
        run(&w, NULL);
    assert_int_equal(fac_sequential_append(w.model, counter_new(&calls)), FAC_OK);
    for (int i = 1; i < 6; i++) {
        run(&w, NULL);
        assert_int_equal(calls, i);
    }
    assert_true(replays_of(w.plan) >= 7);
    finish(&w);
}

/* Training mode, a weight of another tensor, another model in the place of one that is freed. */
static void change_module(world *w, int i)
{
    FAC_SCOPE;
    if (i % 5 == 1)
        assert_non_null(fac_eval(w->second));
    if (i % 5 == 3)
        assert_non_null(fac_train(w->second, true));
    fac_manual_seed(i);
    if (i % 11 == 6)
        assert_int_equal(fac_register_parameter(fac_sequential_get(w->model, 2), "weight", fac_randn(2, 8)), FAC_OK);
    if (i % 11 == 9) {
        fac_module_free(w->second);
        w->second = fac_Sequential(fac_Linear(2, 4), fac_Dropout(0.5), fac_Linear(4, 2));
    }
}

static void modules_that_change_are_seen(void **state)
{
    world planned, eager;
    (void)state;
    start(&planned, predict);
    start(&eager, NULL);
    for (int i = 0; i < 66; i++) {
        change_module(&planned, i), change_module(&eager, i);
        fac_manual_seed(i);
        const double expected = run(&eager, predict);
        fac_manual_seed(i);
        assert_close(run(&planned, predict), expected);
    }
    assert_true(replays_of(planned.plan) > 20);
    finish(&planned), finish(&eager);
}

static fac_tensor *weighs(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    fac_tensor *loss = loss_of(w, b);
    return step_on(w, w->kept ? fac_add(loss, fac_sum(w->kept)) : loss);
}

/* The same tensors, but one comes to require a gradient. */
static void a_batch_that_changes_is_seen(void **state)
{
    world planned, eager;
    (void)state;
    start(&planned, weighs);
    start(&eager, NULL);
    for (int i = 0; i < 12; i++) {
        FAC_SCOPE;
        if (i == 6)
            for (int k = 0; k < 2; k++) {
                world *w = k ? &planned : &eager;
                assert_non_null(fac_add_(w->x, fac_sum(fac_parameters(w->model)->items[0])));
                assert_true(fac_requires_grad(w->x));
            }
        if (i == 9)
            for (int k = 0; k < 2; k++) {
                world *w = k ? &planned : &eager;
                fac_tensor *plain = fac_keep(fac_detach(w->x));
                fac_tensor_free(w->x);
                w->x = plain;
            }
        const bool derivable = i < 7 || i >= 9; /* the graph behind x is derived once */
        if (derivable)
            assert_close(run(&planned, weighs), run(&eager, weighs));
        assert_close(sum_of(planned.model), sum_of(eager.model));
    }
    finish(&planned), finish(&eager);
    assert_int_equal(fac_live_tensors(), 0);
}

/* Eight steps, also in new programs, with an allocation that fails: right numbers, or an error. */
static double expected_loss;

static fac_status train_some(void *ctx)
{
    world w;
    (void)ctx;
    fac_status status = open_world(&w, in_turn);
    double last = 0;
    for (int i = 0; i < 8 && !status; i++)
        if (isnan(last = run(&w, NULL)))
            status = fac_error_status();
    if (!status)
        assert_close(last, expected_loss);
    close_world(&w);
    return status;
}

static void every_allocation_fails(void **state)
{
    world w;
    (void)state;
    start(&w, NULL);
    for (int i = 0; i < 8; i++)
        expected_loss = run(&w, in_turn);
    finish(&w);
    fac_trim();
    assert_true(support_alloc_fail_each(train_some, NULL) > 50);
    assert_int_equal(fac_live_tensors(), 0);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branches_in_turn_replay),
        cmocka_unit_test(branches_without_order_replay),
        cmocka_unit_test(branches_on_values_replay),
        cmocka_unit_test(what_is_kept_is_right_on_either_way),
        cmocka_unit_test(numbers_before_a_branch_are_todays),
        cmocka_unit_test(an_error_costs_no_program),
        cmocka_unit_test(loss_and_gradients_replay),
        cmocka_unit_test(gradients_before_a_branch_replay),
        cmocka_unit_test(given_gradients_replay),
        cmocka_unit_test(a_module_of_the_users_is_called),
        cmocka_unit_test(modules_that_change_are_seen),
        cmocka_unit_test(a_batch_that_changes_is_seen),
        cmocka_unit_test(every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
