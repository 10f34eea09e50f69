/* SPDX-License-Identifier: MIT */
/* A step three ways: called, run by a plan, run by a frozen plan. Prints "NAME_eager NS", "NAME_plan NS" and
 * "NAME_frozen NS" a step. The input changes from step to step: one of its numbers is made of the step's result. */
#ifndef BENCH_STEP_H
#define BENCH_STEP_H

#include <math.h>
#include <stdio.h>

#include <facula/facula.h>

#include "bench_time.h"

typedef struct bench_step {
    const char *name;
    fac_step_fn *fn; /* its result's first number must stay finite */
    void *ctx;
    fac_batch batch;
    int64_t mask;       /* the numbers of batch.x that change are 0 .. mask */
    float scale, shift; /* input = result * scale + shift */
    int times;          /* steps a chunk */
    const char *suffix; /* of the printed names: "", "_2t" */
} bench_step;

/* The step's first number; NaN on error. */
static inline float bench_step_once(const bench_step *s, fac_plan *plan, float *input, float last, int64_t i)
{
    FAC_SCOPE;
    input[i & s->mask] = last * s->scale + s->shift;
    fac_tensor *result = plan ? fac_run(plan, &s->batch) : s->fn(s->ctx, &s->batch);
    const float *value = result ? fac_data(result) : NULL;
    return value ? *value : (float)NAN;
}

/* 0, or 1 and a message. */
static inline int bench_step_time(const bench_step *s, const char *way, fac_plan *plan, double seconds)
{
    float *input = fac_data(s->batch.x), last = 0;
    int64_t i = 0;
    double ns;
    for (; i < 3; i++)
        last = bench_step_once(s, plan, input, last, i);
    BENCH_FOR(ns, seconds, s->times, last = bench_step_once(s, plan, input, last, i++));
    if (!isfinite(last)) {
        fprintf(stderr, "%s_%s: %s\n", s->name, way, fac_last_error());
        return 1;
    }
    printf("%s_%s%s %.1f\n", s->name, way, s->suffix, ns);
    return 0;
}

static inline int bench_step_all(const bench_step *s, double seconds)
{
    fac_plan *plan = fac_compile(s->fn, s->ctx);
    int failed = !plan || bench_step_time(s, "eager", NULL, seconds) || bench_step_time(s, "plan", plan, seconds);
    if (!failed && fac_plan_freeze(plan))
        fprintf(stderr, "%s_frozen: %s\n", s->name, fac_last_error());
    else if (!failed)
        failed = bench_step_time(s, "frozen", plan, seconds);
    fac_plan_free(plan);
    return failed;
}

/* What a training step works on, and the step itself with the mean squared error. */
typedef struct bench_trainer {
    fac_module *model;
    fac_optim *optimiser;
} bench_trainer;

static inline fac_tensor *bench_mse_step(void *ctx, const fac_batch *b)
{
    bench_trainer *t = ctx;
    if (fac_optim_zero_grad(t->optimiser))
        return NULL;
    fac_tensor *loss = fac_mse_loss(fac_forward(t->model, b->x), b->y);
    return fac_backward(loss) || fac_optim_step(t->optimiser) ? NULL : loss;
}

static inline void bench_trainer_free(bench_trainer *t)
{
    fac_optim_free(t->optimiser);
    fac_module_free(t->model);
}

#endif
