/* SPDX-License-Identifier: MIT */
/* The sheet's training: 100 observations, 1-10-10-10-1 with ReLU, batches of 25 shuffled by PyTorch's rules, MSE, Adam
 * 1e-4, with a dataset of the user's own. Prints "sheet_eager NS" a training step, start-up excluded: the median of chunks
 * of epochs over about the given seconds (default 3). */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>

#include <facula/facula.h>

#include "bench_time.h"

enum { N = 100, BATCH = 25, STEPS = N / BATCH, CHUNK = 100, MAX_CHUNKS = 4000 };

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
} training;

static double step(training *t, const fac_batch *b)
{
    FAC_SCOPE;
    if (fac_optim_zero_grad(t->adam))
        return (double)NAN;
    fac_tensor *outputs = fac_squeeze(fac_forward(t->model, fac_reshape(b->x, FAC_LIST(fac_len(b->x), 1))));
    fac_tensor *loss = fac_forward(t->mse, outputs, b->y);
    if (fac_backward(loss) || fac_optim_step(t->adam))
        return (double)NAN;
    return fac_item(loss);
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
    training t;
    t.model = fac_Sequential(fac_Linear(1, 10), fac_ReLU(), fac_Linear(10, 10), fac_ReLU(), fac_Linear(10, 10), fac_ReLU(),
                             fac_Linear(10, 1));
    t.mse = fac_MSELoss();
    t.adam = fac_Adam(fac_parameters(t.model), .lr = 1e-4);
    t.loader = fac_DataLoader(points_new(x, y), .batch_size = BATCH, .shuffle = true);
    return t;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 3, ns[MAX_CHUNKS];
    training t = set_up();
    double loss = epochs(&t, CHUNK), begin = bench_now();
    int n = 0;
    while (n < MAX_CHUNKS && bench_now() - begin < seconds * 1e9) {
        double start = bench_now();
        loss = epochs(&t, CHUNK);
        ns[n++] = (bench_now() - start) / (CHUNK * STEPS);
    }
    if (!isfinite(loss)) {
        fprintf(stderr, "sheet_step: %s\n", fac_last_error());
        return 1;
    }
    printf("sheet_eager %.1f\n", bench_median(ns, n));
    fac_loader_free(t.loader), fac_optim_free(t.adam), fac_module_free(t.mse), fac_module_free(t.model);
    return 0;
}
