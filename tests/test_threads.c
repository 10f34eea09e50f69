/* SPDX-License-Identifier: MIT */
/* Several threads: distinct objects are independent, one model may be read by all, tensors may change hands. For the
 * thread sanitizer, mostly. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "facula/autograd.h"
#include "facula/ops.h"
#include "support_alloc.h"

enum { THREADS = 4, ROUNDS = 200 };

typedef struct {
    pthread_t thread;
    int number;
    bool good;
    void *ctx;
} worker;

/* Runs the program in several threads; each must say that it was good. */
static void run(void *(*program)(void *), void *ctx)
{
    worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.number = i, .ctx = ctx};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, program, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_true(workers[i].good);
    }
}

static fac_tensor *leaf(double value)
{
    return fac_requires_grad_(fac_mul(fac_ones(3, 4), value), true);
}

static void *train_alone(void *ctx)
{
    worker *w = ctx;
    fac_tensor *p = fac_keep(fac_detach(leaf(0)));
    fac_requires_grad_(p, true);
    bool good = true;
    for (int i = 0; i < ROUNDS && good; i++) {
        FAC_SCOPE;
        good = !fac_set_grad(p, fac_none) && !fac_backward(fac_mse_loss(fac_tanh(fac_mul(p, 2)), fac_zeros(3, 4)));
        FAC_NO_GRAD;
        good = good && fac_add_(p, w->number);
    }
    FAC_SCOPE;
    w->good = good && fac_item(fac_max(p)) == (double)ROUNDS * w->number;
    fac_tensor_free(p);
    return NULL;
}

static void distinct_objects(void **state)
{
    (void)state;
    fac_scope_reset();
    int64_t before = fac_live_tensors();
    run(train_alone, NULL);
    assert_int_equal(fac_live_tensors(), before);
}

typedef struct {
    fac_tensor *w1, *b1, *w2, *x;
    double want;
} model;

static double evaluate(const model *m)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    return fac_item(fac_sum(fac_linear(fac_relu(fac_linear(m->x, m->w1, m->b1)), m->w2)));
}

static void *read_a_model(void *ctx)
{
    worker *w = ctx;
    const model *m = w->ctx;
    w->good = true;
    for (int i = 0; i < ROUNDS; i++)
        w->good &= evaluate(m) == m->want;
    w->good &= fac_is_grad_enabled(); /* the mode is each thread's */
    return NULL;
}

static void one_model(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_manual_seed(0);
    model m = {.w1 = fac_requires_grad_(fac_randn(8, 4), true),
               .b1 = fac_requires_grad_(fac_randn(8), true),
               .w2 = fac_requires_grad_(fac_randn(2, 8), true),
               .x = fac_randn(5, 4)};
    m.want = evaluate(&m);
    run(read_a_model, &m);
}

/* A graph of its own over shared parameters is made and freed by each: their counts are shared. */
static void *differentiate_a_model(void *ctx)
{
    worker *w = ctx;
    const model *m = w->ctx;
    w->good = true;
    for (int i = 0; i < ROUNDS / 4; i++) {
        FAC_SCOPE;
        fac_tensor *g[3], *y = fac_sum(fac_linear(fac_relu(fac_linear(m->x, m->w1, m->b1)), m->w2));
        w->good &= y && !fac_grad(FAC_TENSORS(y), FAC_TENSORS(m->w1, m->b1, m->w2), g) && fac_size(g[0], 0) == 8;
    }
    return NULL;
}

static void gradients_of_one_model(void **state)
{
    (void)state;
    FAC_SCOPE;
    model m = {.w1 = fac_requires_grad_(fac_randn(8, 4), true),
               .b1 = fac_requires_grad_(fac_randn(8), true),
               .w2 = fac_requires_grad_(fac_randn(2, 8), true),
               .x = fac_randn(5, 4)};
    run(differentiate_a_model, &m);
    assert_null(fac_grad_of(m.w1));
}

/* A mailbox for one tensor. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    fac_tensor *item;
} mailbox = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL};

static void put(fac_tensor *item)
{
    pthread_mutex_lock(&mailbox.lock);
    while (mailbox.item)
        pthread_cond_wait(&mailbox.changed, &mailbox.lock);
    mailbox.item = item;
    pthread_cond_broadcast(&mailbox.changed);
    pthread_mutex_unlock(&mailbox.lock);
}

static fac_tensor *take(void)
{
    pthread_mutex_lock(&mailbox.lock);
    while (!mailbox.item)
        pthread_cond_wait(&mailbox.changed, &mailbox.lock);
    fac_tensor *item = mailbox.item;
    mailbox.item = NULL;
    pthread_cond_broadcast(&mailbox.changed);
    pthread_mutex_unlock(&mailbox.lock);
    return item;
}

/* Even threads make results with their graphs, odd ones walk and free them. */
static void *hand_over(void *ctx)
{
    worker *w = ctx;
    w->good = true;
    for (int i = 0; i < ROUNDS; i++) {
        FAC_SCOPE;
        if (w->number % 2 == 0) {
            fac_tensor *y = fac_mul(fac_exp(leaf(i)), 2);
            put(fac_keep(fac_sum(y)));
        } else {
            fac_tensor *y = take();
            w->good &= !fac_backward(y) && fac_item(y) > 0;
            fac_tensor_free(y);
        }
    }
    return NULL;
}

static void tensors_change_hands(void **state)
{
    (void)state;
    fac_scope_reset();
    int64_t before = fac_live_tensors();
    run(hand_over, NULL);
    assert_int_equal(fac_live_tensors(), before);
}

static void *fail_alone(void *ctx)
{
    worker *w = ctx;
    w->good = true;
    char words[64];
    snprintf(words, sizeof words, "(%d,)", w->number + 2);
    for (int i = 0; i < ROUNDS; i++) {
        FAC_SCOPE;
        w->good &= !fac_add(fac_ones(w->number + 2), fac_ones(50));
        if (w->number % 2)
            w->good &= fac_error_status() == FAC_ERR_VALUE;
        w->good &= strstr(fac_last_error(), words) != NULL;
    }
    w->good &= fac_error_status() == (w->number % 2 ? FAC_OK : FAC_ERR_VALUE);
    return NULL;
}

static void errors_are_the_threads(void **state)
{
    (void)state;
    run(fail_alone, NULL);
    assert_int_equal(fac_error_status(), FAC_OK);
}

static double drawn[THREADS];

static void *draw(void *ctx)
{
    worker *w = ctx;
    for (int i = 0; i < ROUNDS; i++) {
        FAC_SCOPE;
        drawn[w->number] += fac_item(fac_sum(fac_rand(100, .dtype = FAC_FLOAT64)));
    }
    w->good = true;
    return NULL;
}

/* The default generator gives each number once, whoever asks: all sums together are what one thread draws. */
static void the_default_generator(void **state)
{
    (void)state;
    fac_manual_seed(3);
    run(draw, NULL);
    double sum = 0, want = 0;
    for (int i = 0; i < THREADS; i++)
        sum += drawn[i];
    fac_manual_seed(3);
    for (int i = 0; i < THREADS * ROUNDS; i++) {
        FAC_SCOPE;
        want += fac_item(fac_sum(fac_rand(100, .dtype = FAC_FLOAT64)));
    }
    assert_true(sum > want * (1 - 1e-12) && sum < want * (1 + 1e-12));
}

static void *count(void *ctx)
{
    worker *w = ctx;
    w->good = true;
    for (int i = 0; i < ROUNDS; i++) {
        FAC_SCOPE;
        fac_ones(2);
        w->good &= fac_live_tensors() >= 1;
        if (i % 50 == 0)
            fac_trim();
    }
    return NULL;
}

/* fac_live_tensors and fac_trim beside threads that work. */
static void counting(void **state)
{
    (void)state;
    run(count, NULL);
    run(count, NULL); /* with slots that ended threads left */
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distinct_objects),
        cmocka_unit_test(one_model),
        cmocka_unit_test(gradients_of_one_model),
        cmocka_unit_test(tensors_change_hands),
        cmocka_unit_test(errors_are_the_threads),
        cmocka_unit_test(the_default_generator),
        cmocka_unit_test(counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
