/* SPDX-License-Identifier: MIT */
/* The sheet's training: 100 observations in a dataset of the user's own that gives sample by sample, 1-10-10-10-1 with
 * ReLU, batches of 25 shuffled by PyTorch's rules, MSE, Adam 1e-4. */
#ifndef BENCH_SHEET_H
#define BENCH_SHEET_H

#include <facula/facula.h>

enum { POINTS = 100, POINTS_BATCH = 25, POINTS_STEPS = POINTS / POINTS_BATCH };

typedef struct bench_points {
    fac_dataset base;
    fac_tensor *x, *y;
} bench_points;

static int64_t bench_points_len(fac_dataset *d)
{
    return fac_len(((bench_points *)d)->x);
}

static fac_status bench_points_get(fac_dataset *d, int64_t i, fac_row *row)
{
    bench_points *self = (bench_points *)d;
    row->x[0] = ((float *)fac_data(self->x))[i];
    row->y[0] = ((float *)fac_data(self->y))[i];
    return FAC_OK;
}

static inline fac_dataset *bench_points_new(fac_tensor *x, fac_tensor *y)
{
    static const fac_dataset_class points =
        FAC_DATASET_CLASS("points", sizeof(bench_points), .len = bench_points_len, .get = bench_points_get);
    bench_points *self = fac_Dataset(&points);
    FAC_FIELD(self, x, x);
    FAC_FIELD(self, y, y);
    return fac_dataset_done(self);
}

typedef struct bench_sheet {
    fac_module *model, *mse;
    fac_optim *adam;
    fac_loader *loader;
    fac_plan *plan; /* NULL: the step is called */
} bench_sheet;

static inline fac_tensor *bench_sheet_step(void *ctx, const fac_batch *b)
{
    bench_sheet *t = ctx;
    if (fac_optim_zero_grad(t->adam))
        return NULL;
    fac_tensor *outputs = fac_squeeze(fac_forward(t->model, fac_reshape(b->x, FAC_LIST(fac_len(b->x), 1))));
    fac_tensor *loss = fac_forward(t->mse, outputs, b->y);
    return fac_backward(loss) || fac_optim_step(t->adam) ? NULL : loss;
}

static inline double bench_sheet_once(bench_sheet *t, const fac_batch *b)
{
    FAC_SCOPE;
    return fac_item(t->plan ? fac_run(t->plan, b) : bench_sheet_step(t, b));
}

static inline double bench_sheet_epochs(bench_sheet *t, int n)
{
    double loss = 0;
    for (int e = 0; e < n; e++) {
        loss = 0;
        for (fac_batch b; fac_loader_next(t->loader, &b);)
            loss += bench_sheet_once(t, &b);
    }
    return loss;
}

static inline bench_sheet bench_sheet_new(void)
{
    FAC_SCOPE;
    fac_tensor *x = fac_sub(fac_mul(10, fac_rand(POINTS)), 5);
    fac_tensor *y = fac_add(fac_sub(fac_pow(x, 3), fac_pow(x, 2)), fac_mul(25, fac_sin(fac_mul(2, x))));
    bench_sheet t = {0};
    t.model = fac_Sequential(fac_Linear(1, 10), fac_ReLU(), fac_Linear(10, 10), fac_ReLU(), fac_Linear(10, 10),
                             fac_ReLU(), fac_Linear(10, 1));
    t.mse = fac_MSELoss();
    t.adam = fac_Adam(fac_parameters(t.model), .lr = 1e-4);
    t.loader = fac_DataLoader(bench_points_new(x, y), .batch_size = POINTS_BATCH, .shuffle = true);
    return t;
}

static inline void bench_sheet_free(bench_sheet *t)
{
    fac_plan_free(t->plan), fac_loader_free(t->loader), fac_optim_free(t->adam);
    fac_module_free(t->mse), fac_module_free(t->model);
}

#endif
