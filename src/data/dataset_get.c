/* SPDX-License-Identifier: MIT */
/* Samples out of datasets, whichever way they give them. */
#include <string.h>

#include "base/thread.h"
#include "data/dataset.h"

/* An error that an action inside returned and the user handed on is pending no more: its message is still the cause. */
fac_status fac_dataset_failed(fac_dataset *dataset, int64_t idx, fac_status status, uint32_t errors_before)
{
    char message[FAC_MESSAGE_MAX];
    if (fac_pending() && dataset->impl->wraps)
        return fac_pending();
    bool told = fac_pending() || (fac_self.errors != errors_before && fac_self.last == status);
    strncpy(message, told ? fac_last_error() : fac_status_name(status), sizeof message - 1);
    message[sizeof message - 1] = '\0';
    if (fac_pending())
        status = fac_pending();
    fac_clear_pending();
    if (idx < 0)
        return fac_fail(status, "%s: %s", dataset->cls->name, message);
    return fac_fail(status, "%s: sample %lld: %s", dataset->cls->name, (long long)idx, message);
}

int64_t fac_dataset_length(fac_dataset *dataset)
{
    uint32_t errors = fac_self.errors;
    int64_t n = dataset->cls->len(dataset);
    if (n >= 0 && !fac_pending())
        return n;
    if (!fac_pending())
        fac_fail(FAC_ERR_VALUE, "len gave %lld", (long long)n);
    fac_dataset_failed(dataset, -1, FAC_ERR_VALUE, errors);
    return -1;
}

int64_t fac_dataset_len(fac_dataset *dataset)
{
    if (fac_handle_check(dataset, &fac_dataset_type, "dataset_len", "dataset"))
        return -1;
    return fac_dataset_length(dataset);
}

fac_status fac_dataset_check_fields(fac_dataset *dataset)
{
    if (fac_dataset_gives_tensors(dataset) || dataset->impl->n_fields > 0)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE, "%s: what a sample looks like is not declared: FAC_FIELD, fac_dataset_field",
                    dataset->cls->name);
}

/* One get after the other. The row given is a copy: the user may change it. */
static inline __attribute__((always_inline)) fac_status fill_each(fac_dataset *dataset, const int64_t *indices,
                                                                  int64_t n, const fac_row *rows, int n_fields)
{
    const size_t *bytes = dataset->impl->bytes;
    uint32_t errors = fac_self.errors;
    fac_status (*get)(fac_dataset *, int64_t, fac_row *) = dataset->impl->cls.get;
    fac_row next = *rows, row;
    for (const int64_t *end = indices + n; indices < end; indices++) {
        for (int k = 0; k < n_fields; k++) {
            row.item[k] = next.item[k];
            next.item[k] = (char *)next.item[k] + bytes[k];
        }
        fac_status status = get(dataset, *indices, &row);
        if (__builtin_expect(status || fac_self.pending, 0))
            return fac_dataset_failed(dataset, *indices, status, errors);
    }
    return FAC_OK;
}

fac_status fac_dataset_fill(fac_dataset *dataset, const int64_t *indices, int64_t n, const fac_row *rows)
{
    int n_fields = dataset->impl->n_fields;
    if (!dataset->cls->getitems) /* a known number needs no loop */
        return n_fields == 2 ? fill_each(dataset, indices, n, rows, 2) : fill_each(dataset, indices, n, rows, n_fields);
    fac_row given = *rows;
    uint32_t errors = fac_self.errors;
    fac_status status = dataset->cls->getitems(dataset, indices, n, &given);
    return status || fac_self.pending ? fac_dataset_failed(dataset, -1, status, errors) : FAC_OK;
}

fac_status fac_batch_check(const char *who, fac_batch *batch)
{
    if (batch->n < 0 || batch->n > FAC_MAX_ITEMS)
        return fac_fail(FAC_ERR_VALUE, "%s: %lld items in a sample, at most %d are possible", who, (long long)batch->n,
                        FAC_MAX_ITEMS);
    if (batch->n == 0)
        while (batch->n < FAC_MAX_ITEMS && batch->item[batch->n])
            batch->n++;
    if (batch->n == 0)
        return fac_fail(FAC_ERR_VALUE, "%s: no item", who);
    for (int64_t k = 0; k < batch->n; k++)
        FAC_TRY(fac_tensor_check(batch->item[k], who, "an item"));
    return FAC_OK;
}

fac_status fac_dataset_tensors(fac_dataset *dataset, int64_t idx, fac_batch *sample)
{
    *sample = (fac_batch){0};
    uint32_t errors = fac_self.errors;
    fac_status status = dataset->cls->get_tensors(dataset, idx, sample);
    if (!status && !fac_pending())
        status = fac_batch_check("get_tensors", sample);
    return status || fac_pending() ? fac_dataset_failed(dataset, idx, status, errors) : FAC_OK;
}

fac_status fac_dataset_sample(fac_dataset *dataset, int64_t idx, fac_batch *sample)
{
    if (fac_dataset_gives_tensors(dataset))
        return fac_dataset_tensors(dataset, idx, sample);
    FAC_TRY(fac_dataset_check_fields(dataset));
    *sample = (fac_batch){.n = dataset->impl->n_fields};
    fac_row row = {0};
    for (int64_t k = 0; k < sample->n; k++) {
        sample->item[k] = fac_tensor_adopt(fac_tensor_new(&dataset->impl->fields[k]));
        if (!sample->item[k])
            return fac_pending();
        row.item[k] = sample->item[k]->data;
    }
    return fac_dataset_fill(dataset, &idx, 1, &row);
}

static fac_status get(fac_dataset *dataset, int64_t idx, fac_batch *sample)
{
    FAC_TRY(fac_handle_check(dataset, &fac_dataset_type, "dataset_get", "dataset"));
    int64_t n = fac_dataset_length(dataset), at = idx < 0 ? idx + n : idx;
    if (n < 0)
        return fac_pending();
    if (at < 0 || at >= n)
        return fac_fail(FAC_ERR_INDEX, "%s: index %lld is out of range for %lld samples", dataset->cls->name,
                        (long long)idx, (long long)n);
    return fac_dataset_sample(dataset, at, sample);
}

fac_status fac_dataset_get(fac_dataset *dataset, int64_t idx, fac_batch *sample)
{
    if (fac_pending())
        return fac_error_status();
    if (!sample)
        return fac_returned(fac_fail(FAC_ERR_VALUE, "dataset_get: sample is NULL"));
    fac_status status = get(dataset, idx, sample);
    if (status)
        *sample = (fac_batch){0};
    return fac_returned(status);
}
