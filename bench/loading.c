/* SPDX-License-Identifier: MIT */
/* What the loader costs around the sheet's training step: 100 observations in batches of 25, shuffled by PyTorch's
 * rules. Prints "loader_tensor NS" a batch of a TensorDataset and "loader_get NS" of a dataset that gives sample by
 * sample, the epoch's order included: medians of chunks of epochs over about the given seconds each (default 1). */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>

#include <facula/facula.h>

#include "bench_time.h"

enum { N = 100, BATCH = 25, STEPS = N / BATCH, CHUNK = 1000, MAX_CHUNKS = 4000 };

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

static int64_t epochs(fac_loader *loader, int n)
{
    int64_t batches = 0;
    for (int e = 0; e < n; e++)
        for (fac_batch b; fac_loader_next(loader, &b);)
            batches++;
    return batches;
}

/* Takes the dataset over. */
static int measure(const char *name, fac_dataset *data, double seconds)
{
    static double ns[MAX_CHUNKS];
    fac_loader *loader = fac_DataLoader(data, .batch_size = BATCH, .shuffle = true);
    int64_t batches = epochs(loader, 1);
    int n = 0;
    for (double begin = bench_now(); n < MAX_CHUNKS && bench_now() - begin < seconds * 1e9; n++) {
        double start = bench_now();
        batches = epochs(loader, CHUNK);
        ns[n] = (bench_now() - start) / (CHUNK * STEPS);
    }
    if (batches != CHUNK * STEPS || fac_loader_status(loader)) {
        fprintf(stderr, "loading: %s\n", fac_last_error());
        return 1;
    }
    printf("%s %.1f\n", name, bench_median(ns, n));
    fac_loader_free(loader);
    return 0;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    fac_manual_seed(0);
    fac_tensor *x = fac_rand(N, 1), *y = fac_rand(N);
    return measure("loader_tensor", fac_TensorDataset(x, y), seconds) ||
           measure("loader_get", points_new(x, y), seconds);
}
