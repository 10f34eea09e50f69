/* SPDX-License-Identifier: MIT */
/* What the loader costs around the sheet's training step: 100 observations in batches of 25, shuffled by PyTorch's
 * rules. Prints "loader_tensor NS" a batch of a TensorDataset and "loader_get NS" of a dataset that gives sample by
 * sample, the epoch's order included: medians of chunks of epochs over about the given seconds each (default 1). */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>

#include "bench_sheet.h"
#include "bench_time.h"

enum { CHUNK = 1000, MAX_CHUNKS = 4000 };

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
    fac_loader *loader = fac_DataLoader(data, .batch_size = POINTS_BATCH, .shuffle = true);
    int64_t batches = epochs(loader, 1);
    int n = 0;
    for (double begin = bench_now(); n < MAX_CHUNKS && bench_now() - begin < seconds * 1e9; n++) {
        double start = bench_now();
        batches = epochs(loader, CHUNK);
        ns[n] = (bench_now() - start) / (CHUNK * POINTS_STEPS);
    }
    if (batches != CHUNK * POINTS_STEPS || fac_loader_status(loader)) {
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
    fac_tensor *x = fac_rand(POINTS, 1), *y = fac_rand(POINTS);
    return measure("loader_tensor", fac_TensorDataset(x, y), seconds) ||
           measure("loader_get", bench_points_new(x, y), seconds);
}
