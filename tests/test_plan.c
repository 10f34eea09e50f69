/* SPDX-License-Identifier: MIT */
/* What plan.h promises, each by itself. That planned numbers are the eager ones test_lockstep shows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "facula/facula.h"
#include "facula/plan.h"
#include "support_alloc.h"

typedef struct world {
    fac_module *model;
    fac_optim *opt;
    fac_plan *plan;
    fac_tensor *x, *y, *kept;
    double factor;
    int calls, mode;
} world;

static fac_tensor *train(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    w->calls++;
    if (fac_optim_zero_grad(w->opt))
        return NULL;
    fac_tensor *loss = fac_mul(fac_mse_loss(fac_forward(w->model, b->x), b->y), w->factor);
    return fac_backward(loss) || fac_optim_step(w->opt) ? NULL : loss;
}

static bool with_tanh; /* the models' activation; ReLU is part of a product, tanh a pass over its rows */

static fac_status open_world(world *w, fac_step_fn *fn)
{
    FAC_SCOPE;
    *w = (world){.factor = 1};
    fac_manual_seed(3);
    w->model = fac_Sequential(fac_Linear(3, 8), with_tanh ? fac_Tanh() : fac_ReLU(), fac_Linear(8, 2));
    w->opt = fac_Adam(fac_parameters(w->model), .lr = 1e-2);
    fac_tensor *x = fac_randn(10, 3), *y = fac_randn(10, 2);
    if (!y || !w->opt)
        return fac_error_status();
    w->x = fac_keep(x), w->y = fac_keep(y);
    w->plan = fn ? fac_compile(fn, w) : NULL;
    return fn && !w->plan ? fac_error_status() : FAC_OK;
}

static void close_world(world *w)
{
    fac_plan_free(w->plan), fac_optim_free(w->opt), fac_module_free(w->model);
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
    assert_int_equal(fac_live_tensors(), 0);
}

static fac_batch batch_of(world *w)
{
    return (fac_batch){.n = 2, .x = w->x, .y = w->y};
}

/* The loss, or NaN. */
static double run(world *w)
{
    FAC_SCOPE;
    const fac_batch b = batch_of(w);
    fac_tensor *loss = w->plan ? fac_run(w->plan, &b) : train(w, &b);
    return loss ? fac_item(loss) : (double)NAN;
}

static void assert_counts(fac_plan *plan, int runs, int replayed, int recorded)
{
    FAC_SCOPE;
    char expected[80];
    snprintf(expected, sizeof expected, "%d runs: %d replayed, %d recorded\n", runs, replayed, recorded);
    const char *text = fac_plan_explain(plan);
    assert_non_null(text);
    if (strncmp(text, expected, strlen(expected)))
        fail_msg("expected %s got %s", expected, text);
}

static void check_close(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-6 + 1e-4 * fabs(expected)))
        fail_msg("got %.9g, expected %.9g", got, expected);
}

/* Runs both n times. */
static void run_beside(world *planned, world *eager, int n)
{
    for (int i = 0; i < n; i++)
        check_close(run(planned), run(eager));
}

static void replays_are_told(void **state)
{
    (void)state;
    world w, eager;
    start(&w, train), start(&eager, NULL);
    run_beside(&w, &eager, 10);
    assert_counts(w.plan, 10, 9, 1);
    assert_int_equal(w.calls, 10); /* the function runs each time */
    close_world(&eager), finish(&w);
}

static void changed_numbers_replay(void **state)
{
    (void)state;
    world w, eager;
    start(&w, train), start(&eager, NULL);
    run_beside(&w, &eager, 2);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(fac_optim_set(w.opt, 0, "lr", 1e-2 / (i + 1)), FAC_OK);
        assert_int_equal(fac_optim_set(eager.opt, 0, "lr", 1e-2 / (i + 1)), FAC_OK);
        run_beside(&w, &eager, 1);
    }
    assert_counts(w.plan, 7, 6, 1);
    close_world(&eager), finish(&w);
}

static fac_tensor *predict(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    w->calls++;
    FAC_NO_GRAD;
    return fac_mul(fac_forward(w->model, b->x), w->factor);
}

static void annealing_replays(void **state)
{
    (void)state;
    world w;
    start(&w, predict);
    const double first = run(&w);
    (void)first;
    (void)!fac_error_status(); /* a result of many elements has no item */
    const fac_batch b = batch_of(&w);
    for (int i = 1; i < 6; i++) {
        FAC_SCOPE;
        w.factor = i;
        check_close(fac_at(fac_run(w.plan, &b), FAC_LIST(0, 0)), fac_at(predict(&w, &b), FAC_LIST(0, 0)));
    }
    assert_counts(w.plan, 6, 5, 1);
    finish(&w);
}

static void results_stay(void **state)
{
    (void)state;
    world w;
    start(&w, predict);
    const fac_batch b = batch_of(&w);
    for (int i = 1; i < 5; i++) {
        FAC_SCOPE;
        w.factor = i;
        fac_tensor *held = fac_run(w.plan, &b);
        const double before = fac_at(held, FAC_LIST(3, 1));
        w.factor = 10 * i;
        fac_tensor *next = fac_run(w.plan, &b);
        assert_true(held != next && fac_at(held, FAC_LIST(3, 1)) == before);
        check_close(fac_at(next, FAC_LIST(3, 1)), 10 * before);
    }
    fac_tensor *kept;
    {
        FAC_SCOPE;
        kept = fac_keep(fac_run(w.plan, &b));
    }
    const double value = fac_at(kept, FAC_LIST(0, 0));
    fac_plan_free(w.plan), w.plan = NULL; /* the result outlives the plan */
    assert_true(fac_at(kept, FAC_LIST(0, 0)) == value);
    fac_tensor_free(kept);
    finish(&w);
}

static fac_tensor *leaks(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    FAC_NO_GRAD;
    w->kept = fac_forward(w->model, b->x); /* not kept */
    return fac_mean(w->kept);
}

static void what_is_not_kept_ends(void **state)
{
    (void)state;
    world w;
    start(&w, leaks);
    for (int i = 0; i < 4; i++) {
        assert_true(isfinite(run(&w)));
        FAC_SCOPE;
        assert_null(fac_relu(w.kept));
        assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
        assert_non_null(strstr(fac_last_error(), "scope has ended"));
    }
    w.kept = NULL;
    finish(&w);
}

static void shapes_have_their_programs(void **state)
{
    (void)state;
    world w, eager;
    start(&w, train), start(&eager, NULL);
    for (int i = 0; i < 12; i++) {
        FAC_SCOPE;
        const int64_t n = i % 3 == 2 ? 4 : i % 3 == 1 ? 7 : 10;
        const fac_batch b = {.n = 2, .x = fac_narrow(w.x, 0, 0, n), .y = fac_narrow(w.y, 0, 0, n)};
        check_close(fac_item(fac_run(w.plan, &b)), fac_item(train(&eager, &b)));
    }
    assert_counts(w.plan, 12, 9, 3);
    close_world(&eager), finish(&w);
}

static void grad_modes_have_their_programs(void **state)
{
    (void)state;
    world w;
    start(&w, predict);
    const fac_batch b = batch_of(&w);
    for (int i = 0; i < 6; i++) {
        FAC_SCOPE;
        const bool before = fac_set_grad_enabled(i % 2);
        assert_non_null(fac_run(w.plan, &b));
        fac_set_grad_enabled(before);
    }
    assert_counts(w.plan, 6, 4, 2);
    finish(&w);
}

static fac_tensor *nested(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    return fac_run(w->plan, b);
}

static void plans_nest(void **state)
{
    (void)state;
    world w, eager;
    start(&w, train), start(&eager, NULL);
    fac_plan *outer = fac_compile(nested, &w);
    for (int i = 0; i < 4; i++) {
        FAC_SCOPE;
        const fac_batch b = batch_of(&w);
        check_close(fac_item(fac_run(outer, &b)), run(&eager));
    }
    assert_counts(outer, 4, 3, 1);
    fac_plan_free(outer);
    close_world(&eager), finish(&w);
}

static void plans_share_a_model(void **state)
{
    (void)state;
    world w, eager;
    start(&w, train), start(&eager, NULL);
    fac_plan *other = fac_compile(predict, &w);
    const fac_batch b = batch_of(&w);
    for (int i = 0; i < 5; i++) {
        FAC_SCOPE;
        run_beside(&w, &eager, 1);
        check_close(fac_at(fac_run(other, &b), FAC_LIST(1, 1)), fac_at(predict(&eager, &b), FAC_LIST(1, 1)));
    }
    assert_counts(w.plan, 5, 4, 1);
    assert_counts(other, 5, 4, 1);
    fac_plan_free(other), close_world(&eager), finish(&w);
}

static void *train_alone(void *result)
{
    world w;
    fac_generator *own = fac_Generator();
    if (!fac_use_generator(own) && !open_world(&w, train))
        for (int i = 0; i < 20; i++)
            *(double *)result = run(&w);
    close_world(&w);
    (void)!fac_use_generator(fac_none);
    fac_generator_free(own);
    return NULL;
}

static void threads_have_their_plans(void **state)
{
    (void)state;
    pthread_t threads[2];
    double losses[2] = {NAN, NAN}, alone = NAN;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(threads + i, NULL, train_alone, losses + i), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    train_alone(&alone);
    assert_true(losses[0] == alone && losses[1] == alone);
    fac_scope_reset();
    assert_int_equal(fac_live_tensors(), 0);
}

static fac_tensor *gives(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    w->calls++;
    (void)b;
    if (w->mode == 0)
        return fac_relu(w->x) ? fac_none : NULL;
    if (w->mode == 1)
        return NULL;
    if (w->mode == 2)
        return fac_mse_loss(fac_relu(w->x), fac_randn(3, 3, 3)); /* shapes that do not fit */
    (void)fac_raise(FAC_ERR_KEY, "no such thing");
    return NULL;
}

static void none_and_errors(void **state)
{
    (void)state;
    world w;
    start(&w, gives);
    for (int before = 0; before < 3; before++) { /* at the first run, then at later ones */
        for (w.mode = 1; w.mode < 4; w.mode++) {
            FAC_SCOPE;
            static const fac_status expected[] = {FAC_OK, FAC_ERR_RUNTIME, FAC_ERR_VALUE, FAC_ERR_KEY};
            assert_null(fac_run(w.plan, NULL));
            assert_int_equal(fac_error_status(), expected[w.mode]);
        }
        w.mode = 0;
        for (int i = 0; i < 3; i++)
            assert_ptr_equal(fac_run(w.plan, NULL), fac_none);
    }
    finish(&w);
}

static void wrong_batches(void **state)
{
    (void)state;
    world w, eager;
    start(&w, train), start(&eager, NULL);
    run_beside(&w, &eager, 2);
    fac_tensor *dead;
    {
        FAC_SCOPE;
        dead = fac_randn(10, 3);
    }
    const fac_batch bad[] = {{.n = 2, .x = dead, .y = w.y}, {.n = 2, .x = w.x, .y = NULL}, {.n = 9}, {.n = -1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(fac_run(w.plan, bad + i));
        assert_int_not_equal(fac_error_status(), FAC_OK);
    }
    assert_null(fac_run(NULL, NULL));
    assert_int_not_equal(fac_error_status(), FAC_OK);
    assert_null(fac_compile(NULL, NULL));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    run_beside(&w, &eager, 2);
    close_world(&eager), finish(&w);
}

static fac_tensor *noisy(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    if (w->mode)
        fac_manual_seed(11);
    return fac_mean(fac_square(fac_add(b->x, fac_randn_like(b->x))));
}

static void the_random_stream_is_the_eager_one(void **state)
{
    (void)state;
    world w;
    start(&w, noisy);
    double planned[8], eager[8];
    const fac_batch b = batch_of(&w);
    for (int pass = 0; pass < 2; pass++) {
        fac_manual_seed(9);
        for (int i = 0; i < 8; i++) {
            FAC_SCOPE;
            w.mode = i > 5;
            (pass ? eager : planned)[i] = fac_item(pass ? noisy(&w, &b) : fac_run(w.plan, &b));
        }
    }
    for (int i = 0; i < 8; i++)
        check_close(planned[i], eager[i]);
    assert_true(planned[6] == planned[7] && planned[0] != planned[1]);
    finish(&w);
}

static fac_tensor *fails_late(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    FAC_NO_GRAD;
    fac_tensor *noise = fac_randn_like(b->x);
    fac_tensor *p = fac_get_parameter(w->model, "0.weight");
    return fac_mul_(p, 0.5) ? fac_mean(fac_add(noise, w->mode ? NULL : b->x)) : NULL;
}

/* What the step did before its error is done, planned or not. */
static void errors_come_after_what_was_before(void **state)
{
    (void)state;
    world w, eager;
    start(&w, fails_late), start(&eager, NULL);
    char states[2][FAC_RNG_STATE_SIZE];
    for (int k = 0; k < 2; k++) {
        world *one = k ? &eager : &w;
        const fac_batch b = batch_of(&w);
        fac_manual_seed(2);
        for (int i = 0; i < 8; i++) {
            FAC_SCOPE;
            one->mode = i % 4 == 3;
            fac_tensor *result = k ? fails_late(one, &b) : fac_run(one->plan, &b);
            assert_true((result == NULL) == (one->mode == 1));
            assert_int_equal(fac_error_status(), one->mode ? FAC_ERR_VALUE : FAC_OK);
        }
        assert_int_equal(fac_get_rng_state(states[k]), FAC_OK);
    }
    assert_memory_equal(states[0], states[1], sizeof states[0]);
    assert_true(fac_at(fac_get_parameter(w.model, "0.weight"), FAC_LIST(0, 0)) ==
                fac_at(fac_get_parameter(eager.model, "0.weight"), FAC_LIST(0, 0)));
    close_world(&eager), finish(&w);
}

/* Three thousand samples, so that threads share them. */
static void losses_on_threads(int threads, double losses[6])
{
    world w;
    assert_int_equal(fac_set_num_threads(threads), FAC_OK);
    start(&w, train);
    {
        FAC_SCOPE;
        assert_int_equal(fac_set(&w.x, fac_randn(3000, 3)), FAC_OK);
        assert_int_equal(fac_set(&w.y, fac_randn(3000, 2)), FAC_OK);
    }
    for (int i = 0; i < 6; i++)
        losses[i] = run(&w);
    assert_counts(w.plan, 6, 5, 1);
    finish(&w);
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    (void)state;
    double losses[5][6];
    const int before = fac_get_num_threads();
    for (int kind = 0; kind < 2; kind++) {
        with_tanh = kind == 1;
        for (int threads = 1; threads <= 4; threads++)
            losses_on_threads(threads, losses[threads]);
        for (int threads = 2; threads <= 4; threads++)
            assert_memory_equal(losses[1], losses[threads], sizeof losses[1]);
    }
    with_tanh = false;
    assert_int_equal(fac_set_num_threads(before), FAC_OK);
}

/* Elementwise operations only: seven results, of which the middle one may be looked at or kept. */
enum { CHAIN_PLAIN, CHAIN_LOOKS, CHAIN_KEEPS };
static fac_tensor *chain(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    FAC_NO_GRAD;
    fac_tensor *h = fac_mul(b->x, w->factor), *middle = fac_tanh(fac_add(h, b->y));
    if (w->mode == CHAIN_LOOKS && !fac_data(middle))
        return NULL;
    if (w->mode == CHAIN_KEEPS && fac_set(&w->kept, middle))
        return NULL;
    fac_tensor *flat = fac_reshape(fac_mul(middle, h), FAC_LIST(-1)); /* a view of a result */
    return fac_div(fac_sub(1, fac_sigmoid(flat)), 3);
}

static void feed_chain(world *w, int64_t n, fac_dtype dtype)
{
    FAC_SCOPE;
    assert_int_equal(fac_set(&w->x, fac_randn(1, n, .dtype = dtype)), FAC_OK);
    assert_int_equal(fac_set(&w->y, fac_randn(1, n, .dtype = dtype)), FAC_OK);
}

/* Through the plan and eagerly, with another number each time. */
static void run_chain(world *w, int times)
{
    const fac_batch b = batch_of(w);
    for (int i = 0; i < times; i++) {
        FAC_SCOPE;
        w->factor = 1 + 0.25 * i;
        fac_tensor *planned = fac_run(w->plan, &b), *eager = planned ? chain(w, &b) : NULL;
        assert_non_null(eager);
        assert_memory_equal(fac_data(planned), fac_data(eager),
                            (size_t)fac_numel(eager) * fac_dtype_size(fac_dtype_of(eager)));
    }
}

static void assert_told(fac_plan *plan, const char *line)
{
    FAC_SCOPE;
    const char *text = fac_plan_explain(plan);
    assert_non_null(text);
    if (!strstr(text, line))
        fail_msg("expected %s got %s", line, text);
}

static void elementwise_operations_share_strips(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 2, 15, 16, 17, 100, 1023, 1024, 1025, 5000, 40001};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (fac_dtype dtype = FAC_FLOAT32; dtype <= FAC_FLOAT64; dtype++) {
            char line[80];
            world w;
            start(&w, chain);
            feed_chain(&w, sizes[i], dtype);
            run_chain(&w, 4);
            assert_counts(w.plan, 4, 3, 1);
            assert_told(w.plan, "8 calls, 1 steps");
            snprintf(line, sizeof line, "elements: %lld, 1 of 7 results go to memory", (long long)sizes[i]);
            assert_told(w.plan, line);
            finish(&w);
        }
}

static void what_is_seen_is_not_left_in_strips(void **state)
{
    (void)state;
    world w;
    for (int mode = CHAIN_LOOKS; mode <= CHAIN_KEEPS; mode++) {
        start(&w, chain);
        w.mode = mode;
        feed_chain(&w, 1030, FAC_FLOAT32);
        run_chain(&w, 4);
        assert_told(w.plan, mode == CHAIN_LOOKS ? "8 calls, 2 steps" : "8 calls, 1 steps");
        assert_told(w.plan, mode == CHAIN_LOOKS ? "3 of 3 results" : "2 of 7 results");
        finish(&w);
    }
}

/* The sum's gradient is one expanded element, which the first of the three derivatives takes as a number. */
static fac_tensor *chain_grad(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    if (fac_set_grad(w->kept, fac_none))
        return NULL;
    fac_tensor *loss = fac_sum(fac_square(fac_tanh(fac_mul(w->kept, b->x))));
    return fac_backward(loss) ? NULL : loss;
}

static void derivatives_share_strips(void **state)
{
    (void)state;
    world w;
    start(&w, chain_grad);
    feed_chain(&w, 1000, FAC_FLOAT32);
    {
        FAC_SCOPE;
        assert_int_equal(fac_set(&w.kept, fac_requires_grad_(fac_randn(1, 1000), true)), FAC_OK);
    }
    const fac_batch b = batch_of(&w);
    float first[1000];
    for (int i = 0; i < 4; i++) {
        FAC_SCOPE;
        assert_non_null(fac_run(w.plan, &b));
        const float *grad = fac_data(fac_grad_of(w.kept));
        if (i == 0)
            memcpy(first, grad, sizeof first); /* recorded: done by the calls */
        assert_memory_equal(grad, first, sizeof first);
    }
    assert_told(w.plan, "2 of 3 results go to memory\n    mul tanh square");
    assert_told(w.plan, "1 of 3 results go to memory\n    square tanh mul");
    finish(&w);
}

static fac_tensor *shrinks(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    FAC_NO_GRAD;
    fac_tensor *p = fac_get_parameter(w->model, "0.weight");
    return fac_mul_(p, 0.5) ? fac_mean(fac_narrow(b->x, 0, 2, 3)) : NULL;
}

/* Layers too large for a segment, with what follows them: relu and tanh, derived from their results; leaky_relu,
 * derived from the product, which has to stay; a sum with another value of the same shape. */
static fac_tensor *train_large(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    if (fac_optim_zero_grad(w->opt))
        return NULL;
    fac_tensor *x = b->x, *weight = fac_parameters(w->model)->items[0];
    fac_tensor *h = fac_relu(fac_linear(x, weight));
    h = fac_tanh(fac_linear(h, weight));
    h = fac_leaky_relu(fac_linear(h, weight));
    h = fac_add(fac_linear(h, weight), h);
    fac_tensor *loss = fac_mean(fac_mul(h, h));
    return fac_backward(loss) || fac_optim_step(w->opt) ? NULL : loss;
}

static fac_tensor *large_run(bool planned, int threads)
{
    FAC_SCOPE;
    assert_int_equal(fac_set_num_threads(threads), FAC_OK);
    fac_manual_seed(5);
    world w = {.model = fac_Linear(300, 300, .bias = false)};
    w.opt = fac_SGD(fac_parameters(w.model), .lr = 1e-2);
    w.plan = planned ? fac_compile(train_large, &w) : NULL;
    const fac_batch b = {.n = 1, .x = fac_randn(70, 300)};
    fac_tensor *loss = NULL;
    for (int i = 0; i < 4; i++) {
        loss = planned ? fac_run(w.plan, &b) : train_large(&w, &b);
        assert_non_null(loss);
    }
    if (planned)
        assert_non_null(strstr(fac_plan_explain(w.plan), "  linear\n    then tanh\n"));
    fac_tensor *all = fac_cat(FAC_TENSORS(fac_flatten(fac_detach(fac_parameters(w.model)->items[0])),
                                          fac_reshape(fac_detach(loss), FAC_LIST(1))));
    fac_keep(all);
    fac_plan_free(w.plan), fac_optim_free(w.opt), fac_module_free(w.model);
    return all;
}

static void what_follows_a_large_layer_goes_with_it(void **state)
{
    (void)state;
    fac_tensor *eager = large_run(false, 1);
    assert_non_null(eager);
    for (int threads = 1; threads <= 3; threads++) {
        fac_tensor *planned = large_run(true, threads);
        assert_true(fac_equal(planned, eager));
        fac_tensor_free(planned);
    }
    fac_tensor_free(eager);
    assert_int_equal(fac_set_num_threads(1), FAC_OK);
}

static void changes_in_place_happen_once(void **state)
{
    (void)state;
    world w;
    start(&w, shrinks);
    fac_tensor *p = fac_get_parameter(w.model, "0.weight");
    double value = fac_at(p, FAC_LIST(0, 0));
    for (int i = 0; i < 5; i++) {
        assert_true(isfinite(run(&w)));
        value /= 2;
        assert_true(fac_at(p, FAC_LIST(0, 0)) == value);
    }
    assert_counts(w.plan, 5, 4, 1);
    finish(&w);
}

static void frozen_runs_are_the_same(void **state)
{
    (void)state;
    world w, free_one;
    start(&w, train), start(&free_one, train);
    assert_int_equal(fac_plan_freeze(w.plan), FAC_ERR_RUNTIME); /* nothing is planned yet */
    for (int i = 0; i < 3; i++)
        assert_true(run(&w) == run(&free_one));
    assert_int_equal(fac_plan_freeze(w.plan), FAC_OK);
    const int calls = w.calls;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(fac_optim_set(w.opt, 0, "lr", 1e-2 / (i + 1)), FAC_OK);
        assert_int_equal(fac_optim_set(free_one.opt, 0, "lr", 1e-2 / (i + 1)), FAC_OK);
        assert_true(run(&w) == run(&free_one));
        FAC_SCOPE;
        const fac_tensors *p = fac_parameters(w.model), *q = fac_parameters(free_one.model);
        for (int64_t k = 0; k < p->count; k++) {
            const size_t bytes = (size_t)fac_numel(p->items[k]) * sizeof(float);
            assert_memory_equal(fac_data(p->items[k]), fac_data(q->items[k]), bytes);
            assert_memory_equal(fac_data(fac_grad_of(p->items[k])), fac_data(fac_grad_of(q->items[k])), bytes);
        }
    }
    assert_int_equal(w.calls, calls);
    close_world(&free_one), finish(&w);
}

static fac_tensor *looks(void *ctx, const fac_batch *b)
{
    world *w = ctx;
    w->factor = fac_item(fac_mean(fac_square(b->x)));
    return fac_mean(b->x);
}

static void a_step_that_looks_is_not_frozen(void **state)
{
    (void)state;
    world w;
    start(&w, looks);
    run(&w), run(&w);
    assert_int_equal(fac_plan_freeze(w.plan), FAC_ERR_RUNTIME);
    assert_non_null(strstr(fac_last_error(), "looks at values"));
    finish(&w);
}

static void a_freed_optimiser_is_held_or_an_error(void **state)
{
    (void)state;
    world w, eager;
    start(&w, train), start(&eager, NULL);
    run_beside(&w, &eager, 3);
    fac_optim_free(w.opt), fac_optim_free(eager.opt);
    {
        FAC_SCOPE;
        w.opt = fac_SGD(fac_parameters(w.model), .lr = 0.1);
        eager.opt = fac_SGD(fac_parameters(eager.model), .lr = 0.1);
    }
    run_beside(&w, &eager, 3);
    fac_module_free(w.model), fac_module_free(eager.model);
    fac_optim_free(w.opt), fac_optim_free(eager.opt);
    w.model = eager.model = NULL, w.opt = eager.opt = NULL;
    assert_true(isnan(run(&w)));
    assert_int_not_equal(fac_error_status(), FAC_OK);
    close_world(&eager), finish(&w);
}

static void steady(fac_step_fn *fn, int scopes_ahead)
{
    world w;
    start(&w, fn);
    const fac_batch b = batch_of(&w);
    for (int i = 0; i < scopes_ahead; i++) {
        FAC_SCOPE;
        assert_non_null(fac_run(w.plan, &b));
    }
    const int64_t before = support_memory.count;
    for (int i = 0; i < 50; i++) {
        FAC_SCOPE;
        if (!fac_run(w.plan, &b))
            fail();
    }
    assert_int_equal(support_memory.count, before);
    finish(&w);
}

static void steady_runs_allocate_nothing(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || \
    !defined(NDEBUG) /* there every block is the allocator's, and none is used again at once */
    skip();
#endif
    steady(train, 5);
    steady(predict, 5);
}

/* Training of a few steps: planned, then eagerly from there. It must be right, or end for want of memory. */
static double expected_loss;

static fac_status train_some(void *ctx)
{
    (void)ctx;
    world w = {0};
    fac_status status = open_world(&w, train);
    double last = 0;
    for (int i = 0; i < 4 && !status; i++)
        if (isnan(last = run(&w)))
            status = fac_error_status();
    if (!status) {
        const fac_batch b = batch_of(&w);
        FAC_SCOPE;
        fac_tensor *loss = train(&w, &b);
        if (!loss)
            status = fac_error_status();
        else
            check_close(fac_item(loss), expected_loss);
    }
    close_world(&w);
    return status;
}

/* Inference, frozen in the middle; the same number each time. */
static fac_status predict_some(void *ctx)
{
    (void)ctx;
    world w = {0};
    fac_status status = open_world(&w, predict);
    for (int i = 0; i < 5 && !status; i++) {
        FAC_SCOPE;
        const fac_batch b = batch_of(&w);
        fac_tensor *out = fac_run(w.plan, &b);
        if (!out)
            status = fac_error_status();
        else
            check_close(((const float *)fac_data(out))[7], expected_loss);
        if (i == 2 && !status) /* without memory for a program there is nothing to freeze */
            (void)(fac_plan_freeze(w.plan) == FAC_OK);
    }
    close_world(&w);
    return status;
}

static void every_allocation_of_inference_fails(void **state)
{
    (void)state;
    world w;
    start(&w, NULL);
    {
        FAC_SCOPE;
        const fac_batch b = batch_of(&w);
        expected_loss = ((const float *)fac_data(predict(&w, &b)))[7];
    }
    finish(&w);
    fac_trim();
    assert_true(support_alloc_fail_each(predict_some, NULL) > 30);
    assert_int_equal(fac_live_tensors(), 0);
}

static void every_allocation_fails(void **state)
{
    (void)state;
    world w;
    start(&w, NULL);
    for (int i = 0; i < 5; i++)
        expected_loss = run(&w);
    finish(&w);
    fac_trim();
    assert_true(support_alloc_fail_each(train_some, NULL) > 50);
    assert_int_equal(fac_live_tensors(), 0);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replays_are_told),
        cmocka_unit_test(changed_numbers_replay),
        cmocka_unit_test(annealing_replays),
        cmocka_unit_test(results_stay),
        cmocka_unit_test(what_is_not_kept_ends),
        cmocka_unit_test(shapes_have_their_programs),
        cmocka_unit_test(grad_modes_have_their_programs),
        cmocka_unit_test(plans_nest),
        cmocka_unit_test(plans_share_a_model),
        cmocka_unit_test(threads_have_their_plans),
        cmocka_unit_test(none_and_errors),
        cmocka_unit_test(wrong_batches),
        cmocka_unit_test(the_random_stream_is_the_eager_one),
        cmocka_unit_test(errors_come_after_what_was_before),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(elementwise_operations_share_strips),
        cmocka_unit_test(what_is_seen_is_not_left_in_strips),
        cmocka_unit_test(derivatives_share_strips),
        cmocka_unit_test(what_follows_a_large_layer_goes_with_it),
        cmocka_unit_test(changes_in_place_happen_once),
        cmocka_unit_test(frozen_runs_are_the_same),
        cmocka_unit_test(a_step_that_looks_is_not_frozen),
        cmocka_unit_test(a_freed_optimiser_is_held_or_an_error),
        cmocka_unit_test(steady_runs_allocate_nothing),
        cmocka_unit_test(every_allocation_fails),
        cmocka_unit_test(every_allocation_of_inference_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
