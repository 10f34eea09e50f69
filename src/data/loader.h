/* SPDX-License-Identifier: MIT */
#ifndef FAC_DATA_LOADER_H
#define FAC_DATA_LOADER_H

#include "data/dataset.h"
#include "data/sampler.h"

struct fac_loader {
    fac_dataset *dataset;
    fac_sampler *sampler;
    fac_generator *generator; /* of the base seed; fac_none: the default one */
    int64_t batch_size;
    bool drop_last;
    fac_collate_fn *collate_fn;
    void *collate_ctx;
    fac_status status; /* of the last loop */
    bool iterating;
    fac_sampler_iter iter;
    int64_t length;   /* of the dataset, when the epoch began */
    int64_t *indices; /* of a batch that is made of several pieces */
    size_t indices_capacity;
    fac_batch *samples; /* where they come as tensors */
    size_t samples_capacity;
    fac_batch
        batches[2]; /* the last whole batch, the last short one: their tensors are used again if nobody holds them */
};

/* The samples at indices[0 .. n), stacked: lent. */
fac_status fac_loader_load(fac_loader *loader, const int64_t *indices, int64_t n, fac_batch *batch);

#endif
