/* SPDX-License-Identifier: MIT */
/* The sheet's training: 100 observations, 1-10-10-10-1 with ReLU, batches of 25 shuffled by PyTorch's rules, MSE, Adam
 * 1e-4, with a dataset of the user's own. sheet_step [SECONDS]: "sheet_eager NS", "sheet_plan NS", "sheet_frozen NS" a
 * training step, loader included, start-up excluded; and "sheet_plan_make NS", making a plan: from fac_compile to the
 * end of its second run, less one planned step. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <facula/facula.h>

#include "bench_time.h"

enum { N = 100, BATCH = 25, STEPS = N / BATCH, CHUNK = 20 };

typedef struct {
    fac_dataset base;
    fac_tensor *x, *y;
} points;

static int64_t points_len(fac_dataset *d)
{
    return fac_len(((points *)d)->x);
}

static fac_status points_get(fac_dataset *d, int64_t i, fac_row *row)
{
    points *self = (points *)d;
    row->x[0] = ((float *)fac_data(self->x))[i];
    row->y[0] = ((float *)fac_data(self->y))[i];
    return FAC_OK;
}

static const fac_dataset_class points_class =
    FAC_DATASET_CLASS("points", sizeof(points), .len = points_len, .get = points_get);

static fac_dataset *points_new(fac_tensor *x, fac_tensor *y)
{
    points *self = fac_Dataset(&points_class);
    FAC_FIELD(self, x, x);
    FAC_FIELD(self, y, y);
    return fac_dataset_done(self);
}

typedef struct {
    fac_module *model, *mse;
    fac_optim *adam;
    fac_loader *loader;
    fac_plan *plan; /* NULL: the step is called */
} training;

static fac_tensor *train_step(void *ctx, const fac_batch *b)
{
    training *t = ctx;
    if (fac_optim_zero_grad(t->adam))
        return NULL;
    fac_tensor *outputs = fac_squeeze(fac_forward(t->model, fac_reshape(b->x, FAC_LIST(fac_len(b->x), 1))));
    fac_tensor *loss = fac_forward(t->mse, outputs, b->y);
    return fac_backward(loss) || fac_optim_step(t->adam) ? NULL : loss;
}

static double step(training *t, const fac_batch *b)
{
    FAC_SCOPE;
    return fac_item(t->plan ? fac_run(t->plan, b) : train_step(t, b));
}

static double epochs(training *t, int n)
{
    double loss = 0;
    for (int e = 0; e < n; e++) {
        loss = 0;
        for (fac_batch b; fac_loader_next(t->loader, &b);)
            loss += step(t, &b);
    }
    return loss;
}

static training set_up(void)
{
    fac_manual_seed(0);
    fac_tensor *x = fac_sub(fac_mul(10, fac_rand(N)), 5);
    fac_tensor *y = fac_add(fac_sub(fac_pow(x, 3), fac_pow(x, 2)), fac_mul(25, fac_sin(fac_mul(2, x))));
    training t = {0};
    t.model = fac_Sequential(fac_Linear(1, 10), fac_ReLU(), fac_Linear(10, 10), fac_ReLU(), fac_Linear(10, 10),
                             fac_ReLU(), fac_Linear(10, 1));
    t.mse = fac_MSELoss();
    t.adam = fac_Adam(fac_parameters(t.model), .lr = 1e-4);
    t.loader = fac_DataLoader(points_new(x, y), .batch_size = BATCH, .shuffle = true);
    return t;
}

static int report(const char *name, double ns, bool failed)
{
    if (failed)
        fprintf(stderr, "%s: %s\n", name, fac_last_error());
    else
        printf("%s %.1f\n", name, ns);
    return failed;
}

static int time_steps(training *t, const char *name, double seconds, double *step_ns)
{
    double loss = epochs(t, 1);
    BENCH_FOR(*step_ns, seconds, 1, loss = epochs(t, CHUNK));
    *step_ns /= CHUNK * STEPS;
    return report(name, *step_ns, !isfinite(loss));
}

static int time_making(training *t, double step_ns, double seconds)
{
    double loss = 0, ns;
    fac_batch b = {.n = 2, .x = fac_rand(BATCH), .y = fac_rand(BATCH)};
    BENCH_FOR(ns, seconds, 1, t->plan = fac_compile(train_step, t); loss += step(t, &b) + step(t, &b);
              fac_plan_free(t->plan));
    t->plan = NULL;
    return report("sheet_plan_make", ns - step_ns, !isfinite(loss));
}

static int time_plan(training *t, double seconds)
{
    double ns;
    fac_plan *plan = t->plan = fac_compile(train_step, t);
    int failed = time_steps(t, "sheet_plan", seconds, &ns);
    if (!failed) {
        failed = time_making(t, ns, seconds / 4);
        t->plan = plan;
    }
    if (fac_plan_freeze(plan))
        report("sheet_frozen", 0, true);
    else
        failed |= time_steps(t, "sheet_frozen", seconds, &ns);
    fac_plan_free(plan);
    return failed;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1, ns;
    training t = set_up();
    int failed = time_steps(&t, "sheet_eager", seconds, &ns) || time_plan(&t, seconds);
    fac_loader_free(t.loader), fac_optim_free(t.adam), fac_module_free(t.mse), fac_module_free(t.model);
    return failed;
}
