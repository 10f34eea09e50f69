/* SPDX-License-Identifier: MIT */
/* The loader: samples stacked to batches. */
#include <string.h>

#include "base/alloc.h"
#include "data/loader.h"
#include "graph/op.h"
#include "tensor/storage.h"

static uint32_t count_of(const uint32_t *refs)
{
    return __atomic_load_n(refs, __ATOMIC_ACQUIRE);
}

/* Nobody but the loader holds it, nothing hangs on it: it may be written over. */
static bool is_free(const fac_tensor *tensor)
{
    return count_of(&fac_header_of(tensor)->refs) == 1 && count_of(&tensor->storage->refs) == 1 &&
           !tensor->requires_grad && !tensor->node && !tensor->grad;
}

static bool is_stack_of(const fac_meta *batch, int64_t n, const fac_meta *sample)
{
    if (batch->dtype != sample->dtype || batch->ndim != sample->ndim + 1 || batch->shape[0] != n)
        return false;
    for (int d = 0; d < sample->ndim; d++)
        if (batch->shape[d + 1] != sample->shape[d])
            return false;
    return batch->contiguous;
}

/* A tensor of shape (n, *sample) in *slot: the one there, or a new one. */
static fac_tensor *stack_tensor(fac_tensor **slot, int64_t n, const fac_meta *sample)
{
    fac_tensor *old = *slot;
    if (old && is_free(old) && is_stack_of(&old->m, n, sample)) {
        old->storage->version++;
        return old;
    }
    fac_meta meta;
    int64_t shape[FAC_MAX_DIMS] = {n};
    if (sample->ndim == FAC_MAX_DIMS) {
        fac_fail(FAC_ERR_VALUE, "DataLoader: a batch of samples of %d dims would have more than that", FAC_MAX_DIMS);
        return NULL;
    }
    memcpy(shape + 1, sample->shape, sample->ndim * sizeof *shape);
    fac_tensor *fresh =
        fac_meta_init(&meta, sample->dtype, sample->ndim + 1, shape, "DataLoader") ? NULL : fac_tensor_new(&meta);
    if (!fresh)
        return NULL;
    *slot = fresh;
    fac_tensor_free(old);
    return fresh;
}

/* Where a batch of n samples is kept. */
static fac_batch *batch_for(fac_loader *loader, int64_t n, int64_t items)
{
    fac_batch *batch = &loader->batches[n != loader->batch_size];
    for (int64_t k = items; k < batch->n; k++) {
        fac_tensor_free(batch->item[k]);
        batch->item[k] = NULL;
    }
    batch->n = items; /* those not made yet are NULL */
    return batch;
}

static fac_status load_rows(fac_loader *loader, const int64_t *indices, int64_t n, fac_batch *batch)
{
    const struct fac_dataset_parts *impl = loader->dataset->impl;
    fac_batch *kept = batch_for(loader, n, impl->n_fields);
    fac_row rows;
    for (int k = 0; k < impl->n_fields; k++) {
        fac_tensor *tensor = stack_tensor(&kept->item[k], n, &impl->fields[k]);
        if (!tensor)
            return fac_pending();
        rows.item[k] = tensor->data;
        batch->item[k] = tensor;
    }
    batch->n = impl->n_fields;
    return fac_dataset_fill(loader->dataset, indices, n, &rows);
}

/* All samples of the batch, as tensors of the scope. */
static fac_status fetch(fac_loader *loader, const int64_t *indices, int64_t n)
{
    FAC_TRY(fac_grow(&loader->samples, &loader->samples_capacity, (size_t)n, sizeof *loader->samples));
    for (int64_t i = 0; i < n; i++)
        FAC_TRY(fac_dataset_sample(loader->dataset, indices[i], &loader->samples[i]));
    return FAC_OK;
}

/* What item k of the batch looks like: the shape all samples have, a dtype that holds all. */
static fac_status common_meta(const fac_loader *loader, int64_t n, int64_t k, fac_meta *meta)
{
    const fac_meta *first = &loader->samples[0].item[k]->m;
    *meta = (fac_meta){.dtype = first->dtype, .ndim = first->ndim};
    memcpy(meta->shape, first->shape, first->ndim * sizeof *meta->shape);
    for (int64_t i = 1; i < n; i++) {
        const fac_batch *sample = &loader->samples[i];
        if (sample->n != loader->samples[0].n)
            return fac_fail(FAC_ERR_RUNTIME, "%s: each element in list of batch should be of equal size",
                            loader->dataset->cls->name);
        if (!fac_same_shape(&sample->item[k]->m, first))
            return fac_fail(
                FAC_ERR_RUNTIME,
                "%s: stack expects each tensor to be equal size, but got %s at entry 0 and %s at entry %lld",
                loader->dataset->cls->name, fac_shape_text(first), fac_shape_text(&sample->item[k]->m), (long long)i);
        meta->dtype = (uint8_t)fac_promote_types((fac_dtype)meta->dtype, (fac_dtype)sample->item[k]->m.dtype);
    }
    return FAC_OK;
}

/* Sample i's values into row i. */
static fac_status copy_row(fac_tensor *stack, int64_t i, const fac_tensor *sample)
{
    fac_meta row = {.dtype = stack->m.dtype, .ndim = sample->m.ndim};
    memcpy(row.shape, stack->m.shape + 1, row.ndim * sizeof *row.shape);
    fac_meta_pack(&row);
    row.offset = i * row.numel;
    fac_tensor *view = fac_tensor_view(stack->storage, &row);
    if (!view)
        return fac_pending();
    fac_status status = fac_copy_cast(view, sample);
    fac_tensor_drop(view);
    return status;
}

static fac_status stack_samples(fac_loader *loader, int64_t n, fac_batch *batch)
{
    fac_batch *kept = batch_for(loader, n, loader->samples[0].n);
    for (int64_t k = 0; k < kept->n; k++) {
        fac_meta meta;
        FAC_TRY(common_meta(loader, n, k, &meta));
        fac_tensor *tensor = stack_tensor(&kept->item[k], n, &meta);
        if (!tensor)
            return fac_pending();
        for (int64_t i = 0; i < n; i++)
            FAC_TRY(copy_row(tensor, i, loader->samples[i].item[k]));
        batch->item[k] = tensor;
    }
    batch->n = kept->n;
    return FAC_OK;
}

/* The user's own way from samples to a batch. */
static fac_status collate(fac_loader *loader, int64_t n, fac_batch *batch)
{
    fac_batch made = {0};
    fac_status status = loader->collate_fn(loader->collate_ctx, loader->samples, n, &made);
    if (status || fac_pending())
        return fac_fail(status, "collate_fn: %s", fac_status_name(status));
    FAC_TRY(fac_batch_check("collate_fn", &made));
    fac_batch *kept = batch_for(loader, n, made.n);
    for (int64_t k = 0; k < made.n; k++) {
        fac_tensor *before = kept->item[k];
        kept->item[k] = batch->item[k] = fac_keep(made.item[k]);
        fac_tensor_free(before);
    }
    batch->n = made.n;
    return FAC_OK;
}

fac_status fac_loader_load(fac_loader *loader, const int64_t *indices, int64_t n, fac_batch *batch)
{
    if (!loader->collate_fn && !fac_dataset_gives_tensors(loader->dataset))
        return load_rows(loader, indices, n, batch);
    fac_scope scope = fac_scope_open();
    fac_status status = fetch(loader, indices, n);
    if (!status)
        status = loader->collate_fn ? collate(loader, n, batch) : stack_samples(loader, n, batch);
    fac_scope_close(&scope);
    return status;
}
