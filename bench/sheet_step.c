/* SPDX-License-Identifier: MIT */
/* The sheet's training: 100 observations, 1-10-10-10-1 with ReLU, batches of 25 shuffled by PyTorch's rules, MSE, Adam
 * 1e-4, with a dataset of the user's own. Prints "sheet_eager NS" a training step, start-up excluded: the median of
 * chunks of epochs over about the given seconds (default 3). */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>

#include <facula/facula.h>

#include "bench_time.h"

enum { N = 100, BATCH = 25, CHUNK = 250, MAX_CHUNKS = 4000 };

typedef struct {
    fac_dataset base;
    float x[N], y[N];
} points;

static int64_t points_len(fac_dataset *d)
{
    (void)d;
    return N;
}

static fac_status points_get(fac_dataset *d, int64_t i, void *const *row)
{
    const points *self = (const points *)d;
    *(float *)row[0] = self->x[i];
    *(float *)row[1] = self->y[i];
    return FAC_OK;
}
