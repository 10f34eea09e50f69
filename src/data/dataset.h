/* SPDX-License-Identifier: MIT */
/* Datasets from inside: the class as it was copied, what a sample looks like, what is held. */
#ifndef FAC_DATA_DATASET_H
#define FAC_DATA_DATASET_H

#include "base/error.h"
#include "facula/data.h"
#include "tensor/tensor.h"

struct fac_dataset_parts {
    fac_dataset_class cls;
    bool wraps; /* another dataset, whose errors name it already */
    int n_fields;
    fac_meta fields[FAC_MAX_ITEMS]; /* of one sample */
    size_t bytes[FAC_MAX_ITEMS];
    fac_tensor **held;
    size_t held_count, held_capacity;
};

extern const fac_handle_type fac_dataset_type;

/* The error of a get, with the dataset's name and the index (unless negative) in front. */
fac_status fac_dataset_failed(fac_dataset *dataset, int64_t idx, fac_status status, uint32_t errors_before);

/* True if samples come as tensors, false if as rows. */
static inline bool fac_dataset_gives_tensors(const fac_dataset *dataset)
{
    return !dataset->cls->get && !dataset->cls->getitems;
}

/* The length, or -1 with the error set. */
int64_t fac_dataset_length(fac_dataset *dataset);
/* FAC_OK or the error that no item of a sample was declared. */
fac_status fac_dataset_check_fields(fac_dataset *dataset);
/* Of a dataset that gives rows: n samples, one after the other, to where rows->item says. Indices are in range. */
fac_status fac_dataset_fill(fac_dataset *dataset, const int64_t *indices, int64_t n, const fac_row *rows);
/* Of one that gives tensors: sample idx, lent or the scope's; n is set. */
fac_status fac_dataset_tensors(fac_dataset *dataset, int64_t idx, fac_batch *sample);
/* Either way: tensors of the scope, or lent. */
fac_status fac_dataset_sample(fac_dataset *dataset, int64_t idx, fac_batch *sample);
/* Items in a row that are not NULL where n is 0; then every item a live tensor. */
fac_status fac_batch_check(const char *who, fac_batch *batch);

#endif
