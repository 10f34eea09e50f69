/* SPDX-License-Identifier: MIT */
/* Learning from one sample at a time: the gradients' pass takes SGD's plain step with it. A step that looks at its loss
 * before the optimiser's step runs the same kernels with the two apart: both must give the same bits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "facula/facula.h"
#include "facula/plan.h"

typedef struct world {
    fac_module *model;
    fac_optim *opt;
    fac_plan *plan;
    fac_tensor *x, *y;
    bool looks;
} world;

static fac_tensor *train(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    if (fac_optim_zero_grad(w->opt))
        return NULL;
    fac_tensor *loss = fac_mse_loss(fac_forward(w->model, b->x), b->y);
    if (fac_backward(loss) || (w->looks && !(fac_item(loss) >= 0)))
        return NULL;
    return fac_optim_step(w->opt) ? NULL : loss;
}

typedef struct shape {
    int64_t in, hidden, out;
    fac_dtype dtype;
    bool bias;
} shape;

/* The last layer in a group of its own, with another learning rate. */
static fac_optim *optimiser_of(fac_module *model)
{
    fac_module *first = fac_get_submodule(model, "0"), *last = fac_get_submodule(model, "2");
    fac_optim *opt = fac_SGD(fac_parameters(first), .lr = 0.05);
    return opt && fac_optim_add_param_group(opt, fac_parameters(last), .lr = 0.02) == FAC_OK ? opt : NULL;
}

static void open_world(world *w, const shape *s, bool looks)
{
    FAC_SCOPE;
    *w = (world){.looks = looks};
    fac_manual_seed(5);
    w->model = fac_Sequential(fac_Linear(s->in, s->hidden, .bias = s->bias, .dtype = s->dtype), fac_Tanh(),
                              fac_Linear(s->hidden, s->out, .bias = s->bias, .dtype = s->dtype));
    w->opt = optimiser_of(w->model);
    w->plan = fac_compile(train, w);
    w->x = fac_keep(fac_zeros(1, s->in, .dtype = s->dtype)), w->y = fac_keep(fac_zeros(1, s->out, .dtype = s->dtype));
    assert_true(w->opt && w->plan && w->x && w->y);
}

static void close_world(world *w)
{
    fac_plan_free(w->plan), fac_optim_free(w->opt), fac_module_free(w->model);
    fac_tensor_free(w->x), fac_tensor_free(w->y);
}

static void assert_same(fac_tensor *a, fac_tensor *b)
{
    assert_true(a && b && fac_numel(a) == fac_numel(b));
    const size_t size = fac_dtype_of(a) == FAC_FLOAT32 ? sizeof(float) : sizeof(double);
    assert_memory_equal(fac_data(a), fac_data(b), (size_t)fac_numel(a) * size);
}

static void close_both(world *w, world *apart)
{
    close_world(apart), close_world(w);
    assert_int_equal(fac_live_tensors(), 0);
}

/* A gradient that the user takes, and what it was then. */
typedef struct taken {
    fac_tensor *grad, *was;
} taken;

static taken take_gradient(world *w)
{
    FAC_SCOPE;
    fac_tensor *grad = fac_keep(fac_grad_of(fac_parameters(w->model)->items[0]));
    return (taken){grad, fac_keep(fac_clone(grad))};
}

/* It is theirs: later runs have left it alone. */
static void give_back(taken *t)
{
    assert_same(t->grad, t->was);
    fac_tensor_free(t->grad), fac_tensor_free(t->was);
}

/* The same sample for both, then everything that a run leaves. */
static void step_both(world *w, world *apart, int i)
{
    FAC_SCOPE;
    fac_manual_seed(100 + i);
    fac_copy_(w->x, fac_randn_like(w->x)), fac_copy_(w->y, fac_randn_like(w->y));
    fac_copy_(apart->x, w->x), fac_copy_(apart->y, w->y);
    const fac_batch b = {.n = 2, .x = w->x, .y = w->y}, c = {.n = 2, .x = apart->x, .y = apart->y};
    assert_same(fac_run(w->plan, &b), fac_run(apart->plan, &c));
    const fac_tensors *ours = fac_parameters(w->model), *theirs = fac_parameters(apart->model);
    for (int64_t p = 0; p < ours->count; p++) {
        assert_same(ours->items[p], theirs->items[p]);
        assert_same(fac_grad_of(ours->items[p]), fac_grad_of(theirs->items[p]));
    }
}

static void set_both(world *w, world *apart, int64_t group, const char *option, double value)
{
    assert_int_equal(fac_optim_set(w->opt, group, option, value), FAC_OK);
    assert_int_equal(fac_optim_set(apart->opt, group, option, value), FAC_OK);
}

static bool tells_of_it(fac_plan *plan)
{
    FAC_SCOPE;
    const char *text = fac_plan_explain(plan);
    return text && strstr(text, "weight gradients take the step with them");
}

/* A learning rate that changes, momentum for a while, weight decay from then on. */
static void go_on_together(world *w, world *apart)
{
    for (int i = 0; i < 60; i++) {
        if (i % 7 == 3)
            set_both(w, apart, i % 2, "lr", 0.05 / (i + 1));
        if (i == 20 || i == 26)
            set_both(w, apart, 1, "momentum", i == 20 ? 0.5 : 0);
        if (i == 50)
            set_both(w, apart, 0, "weight_decay", 0.01);
        step_both(w, apart, i);
    }
}

static void bits_are_the_same(void **state)
{
    (void)state;
    static const shape shapes[] = {
        {1, 1, 1, FAC_FLOAT32, true},   {8, 16, 1, FAC_FLOAT32, true},   {3, 5, 2, FAC_FLOAT32, false},
        {10, 10, 7, FAC_FLOAT32, true}, {17, 33, 20, FAC_FLOAT32, true}, {8, 16, 1, FAC_FLOAT64, true},
        {1, 9, 3, FAC_FLOAT64, false},  {64, 7, 1, FAC_FLOAT32, true},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        world w, apart;
        open_world(&w, shapes + i, false), open_world(&apart, shapes + i, true);
        go_on_together(&w, &apart);
        assert_true(tells_of_it(w.plan));
        assert_false(tells_of_it(apart.plan));
        close_world(&apart), close_world(&w);
    }
    assert_int_equal(fac_live_tensors(), 0);
}

static void frozen_too(void **state)
{
    (void)state;
    const shape s = {8, 16, 1, FAC_FLOAT32, true};
    world w, apart;
    open_world(&w, &s, false), open_world(&apart, &s, true);
    for (int i = 0; i < 3; i++)
        step_both(&w, &apart, i);
    assert_int_equal(fac_plan_freeze(w.plan), FAC_OK);
    go_on_together(&w, &apart);
    close_both(&w, &apart);
}

/* Weights that the user writes, a state that is loaded, a gradient that somebody has taken. */
static void what_moves_is_seen(void **state)
{
    (void)state;
    const shape s = {8, 16, 1, FAC_FLOAT32, true};
    world w, apart;
    open_world(&w, &s, false), open_world(&apart, &s, true);
    taken gradient = {NULL, NULL};
    for (int i = 0; i < 20; i++) {
        world *both[] = {&w, &apart};
        for (int k = 0; k < 2; k++) {
            FAC_SCOPE;
            fac_tensor *weight = fac_parameters(both[k]->model)->items[0];
            if (i == 5)
                ((float *)fac_data(weight))[3] = 0.25F;
            if (i == 8)
                assert_non_null(fac_mul_(fac_detach(weight), 0.5));
            if (i == 11)
                assert_int_equal(fac_optim_load_state_dict(both[k]->opt, fac_optim_state_dict(both[k]->opt)), FAC_OK);
        }
        if (i == 14)
            gradient = take_gradient(&w);
        step_both(&w, &apart, i);
    }
    give_back(&gradient);
    close_both(&w, &apart);
}

/* Held, dropped, or put there by the user. */
static void gradients_of_frozen_runs_are_the_users(void **state)
{
    (void)state;
    const shape s = {8, 16, 1, FAC_FLOAT32, true};
    world w, apart;
    open_world(&w, &s, false), open_world(&apart, &s, true);
    for (int i = 0; i < 3; i++)
        step_both(&w, &apart, i);
    assert_int_equal(fac_plan_freeze(w.plan), FAC_OK);
    taken gradient = {NULL, NULL};
    for (int i = 3; i < 20; i++) {
        world *both[] = {&w, &apart};
        for (int k = 0; k < 2; k++) {
            FAC_SCOPE;
            fac_tensor *weight = fac_parameters(both[k]->model)->items[i % 4];
            if (i == 6)
                assert_int_equal(fac_set_grad(weight, fac_none), FAC_OK);
            if (i == 9)
                assert_int_equal(fac_set_grad(weight, fac_ones_like(weight)), FAC_OK);
        }
        if (i == 12)
            gradient = take_gradient(&w);
        step_both(&w, &apart, i);
    }
    give_back(&gradient);
    close_both(&w, &apart);
}

/* A row of a matrix that lies turned, and a number for a target. */
static void samples_lie_as_they_like(void **state)
{
    (void)state;
    const shape s = {5, 7, 1, FAC_FLOAT64, true};
    world w, apart;
    open_world(&w, &s, false), open_world(&apart, &s, true);
    for (int k = 0; k < 2; k++) {
        FAC_SCOPE;
        world *one = k ? &apart : &w;
        fac_tensor_free(one->x);
        one->x = fac_keep(fac_t(fac_narrow(fac_zeros(5, 3, .dtype = FAC_FLOAT64), 1, 1, 1)));
        assert_non_null(one->x);
    }
    for (int i = 0; i < 10; i++)
        step_both(&w, &apart, i);
    close_both(&w, &apart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_the_same),        cmocka_unit_test(frozen_too),
        cmocka_unit_test(what_moves_is_seen),       cmocka_unit_test(gradients_of_frozen_runs_are_the_users),
        cmocka_unit_test(samples_lie_as_they_like),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
