/* SPDX-License-Identifier: MIT */
/* The loader: which samples come when. */
#include "data/loader.h"

#include <string.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "random/random.h"

static void destroy_loader(void *handle)
{
    fac_loader *loader = handle;
    for (int i = 0; i < 2; i++)
        for (int64_t k = 0; k < loader->batches[i].n; k++)
            fac_tensor_free(loader->batches[i].item[k]);
    fac_dealloc(loader->indices, loader->indices_capacity * sizeof *loader->indices);
    fac_dealloc(loader->samples, loader->samples_capacity * sizeof *loader->samples);
    fac_sampler_end(&loader->iter);
    fac_dataset_free(loader->dataset);
    fac_sampler_free(loader->sampler);
    fac_generator_free(loader->generator);
    fac_handle_dealloc(loader);
}

static const fac_handle_type loader_type = {"loader", destroy_loader};

fac_DataLoader_args fac_DataLoader_defaults(void)
{
    return (fac_DataLoader_args){FAC_DEFAULTS_DataLoader, .size_ = sizeof(fac_DataLoader_args)};
}

static fac_status check_args(fac_dataset *dataset, const fac_DataLoader_args *args)
{
    bool has_sampler = args->sampler != fac_none;
    FAC_TRY(fac_handle_check(dataset, &fac_dataset_type, "DataLoader", "dataset"));
    if (has_sampler)
        FAC_TRY(fac_handle_check(args->sampler, &fac_sampler_type, "DataLoader", "sampler"));
    FAC_TRY(fac_generator_check(args->generator, "DataLoader"));
    if (has_sampler && args->shuffle)
        return fac_fail(FAC_ERR_VALUE, "DataLoader: sampler option is mutually exclusive with shuffle");
    if (args->batch_size <= 0 && args->batch_size != FAC_NONE)
        return fac_fail(FAC_ERR_VALUE,
                        "DataLoader: batch_size should be a positive integer value, but got batch_size=%lld",
                        (long long)args->batch_size);
    if (args->batch_size == FAC_NONE)
        return fac_fail(FAC_ERR_UNSUPPORTED, "DataLoader: batch_size=None is not supported");
    return fac_dataset_check_fields(dataset);
}

/* The sampler given, or the one that shuffle stands for. */
static fac_sampler *choose_sampler(fac_dataset *dataset, const fac_DataLoader_args *args)
{
    if (args->sampler != fac_none)
        return fac_keep(args->sampler);
    int64_t n = fac_dataset_length(dataset);
    if (n < 0)
        return NULL;
    return args->shuffle ? fac_RandomSampler(n, .generator = fac_keep(args->generator)) : fac_SequentialSampler(n);
}

static fac_loader *new_loader(fac_dataset *dataset, const fac_DataLoader_args *args)
{
    fac_sampler *sampler = check_args(dataset, args) ? NULL : choose_sampler(dataset, args);
    if (!sampler)
        return NULL;
    fac_loader *loader = fac_handle_new(&loader_type, sizeof *loader);
    if (!loader) {
        fac_sampler_free(sampler);
        return NULL;
    }
    loader->dataset = fac_keep(dataset);
    loader->sampler = sampler;
    loader->generator = fac_keep(args->generator);
    loader->batch_size = args->batch_size;
    loader->drop_last = args->drop_last;
    loader->collate_fn = args->collate_fn;
    loader->collate_ctx = args->collate_ctx;
    return loader;
}

fac_loader *fac_DataLoader_with(fac_dataset *dataset, const fac_DataLoader_args *args)
{
    const fac_DataLoader_args defaults = fac_DataLoader_defaults();
    const fac_DataLoader_args *a = args ? args : &defaults;
    fac_loader *loader = new_loader(dataset, a);
    fac_dataset_free(dataset); /* the loader has references of its own */
    fac_sampler_free(a->sampler);
    fac_generator_free(a->generator);
    return loader;
}

/* iter(loader). The base seed is drawn, whether or not it is used, as PyTorch does: its workers would want it. */
static fac_status begin_epoch(fac_loader *loader)
{
    loader->status = FAC_OK;
    loader->iterating = false;
    fac_generator *g = fac_generator_lock(loader->generator, "DataLoader");
    if (!g)
        return fac_pending();
    fac_random_u64(g);
    fac_generator_unlock(g);
    loader->length = fac_dataset_length(loader->dataset);
    if (loader->length < 0)
        return fac_pending();
    fac_sampler_begin(&loader->iter);
    loader->iterating = true;
    return FAC_OK;
}

static fac_status next_piece(fac_loader *loader)
{
    loader->iter.at = loader->iter.count = 0;
    return loader->sampler->impl->piece(loader->sampler, &loader->iter);
}

/* A batch that does not lie in one piece; *n stays below batch_size only at the end. */
static fac_status take_pieces(fac_loader *loader, int64_t *n)
{
    fac_sampler_iter *iter = &loader->iter;
    for (*n = 0; *n < loader->batch_size && !iter->done;) {
        if (iter->at == iter->count) {
            FAC_TRY(next_piece(loader));
            continue;
        }
        int64_t want = loader->batch_size - *n, there = iter->count - iter->at, m = want < there ? want : there;
        FAC_TRY(fac_grow(&loader->indices, &loader->indices_capacity, (size_t)(*n + m), sizeof *loader->indices));
        memcpy(loader->indices + *n, iter->order + iter->at, (size_t)m * sizeof *loader->indices);
        iter->at += m;
        *n += m;
    }
    return FAC_OK;
}

/* The next batch's indices: *n of them, 0 at the end. */
static fac_status take_indices(fac_loader *loader, const int64_t **indices, int64_t *n)
{
    fac_sampler_iter *iter = &loader->iter;
    if (iter->at == iter->count && !iter->done)
        FAC_TRY(next_piece(loader));
    if (iter->count - iter->at >= loader->batch_size) {
        *indices = iter->order + iter->at;
        *n = loader->batch_size;
        iter->at += *n;
        return FAC_OK;
    }
    FAC_TRY(take_pieces(loader, n));
    *indices = loader->indices;
    if (loader->drop_last && *n < loader->batch_size)
        *n = 0;
    return FAC_OK;
}

static fac_status check_indices(const fac_loader *loader, const int64_t *indices, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (__builtin_expect((uint64_t)indices[i] >= (uint64_t)loader->length, 0))
            return fac_fail(FAC_ERR_INDEX, "%s: index %lld from %s is out of range for %lld samples",
                            loader->dataset->cls->name, (long long)indices[i], loader->sampler->cls->name,
                            (long long)loader->length);
    return FAC_OK;
}

/* batch->n stays 0 at the end of the epoch. */
static fac_status next_batch(fac_loader *loader, fac_batch *batch)
{
    const int64_t *indices;
    int64_t n;
    if (!loader->iterating)
        FAC_TRY(begin_epoch(loader));
    FAC_TRY(take_indices(loader, &indices, &n));
    if (loader->iter.bound > loader->length)
        FAC_TRY(check_indices(loader, indices, n));
    return n ? fac_loader_load(loader, indices, n, batch) : FAC_OK;
}

bool fac_loader_next(fac_loader *loader, fac_batch *batch)
{
    if (!batch) {
        fac_fail(FAC_ERR_VALUE, "loader_next: batch is NULL");
        return false;
    }
    batch->n = 0;
    batch->x = batch->y = NULL;
    if (fac_handle_check(loader, &loader_type, "loader_next", "loader"))
        return false;
    fac_status status = fac_pending(); /* an error in the loop's body ends the loop, too */
    if (!status)
        status = next_batch(loader, batch);
    if (!status && batch->n)
        return true;
    loader->status = status;
    loader->iterating = false;
    *batch = (fac_batch){0};
    return false;
}

fac_status fac_loader_status(fac_loader *loader)
{
    if (fac_pending() || fac_handle_check(loader, &loader_type, "loader_status", "loader"))
        return fac_error_status();
    return loader->status;
}

fac_status fac_loader_reset(fac_loader *loader)
{
    if (fac_pending() || fac_handle_check(loader, &loader_type, "loader_reset", "loader"))
        return fac_error_status();
    return fac_returned(begin_epoch(loader));
}

int64_t fac_loader_len(fac_loader *loader)
{
    if (fac_handle_check(loader, &loader_type, "loader_len", "loader"))
        return -1;
    int64_t n = fac_sampler_length(loader->sampler);
    if (n < 0)
        return -1;
    return n / loader->batch_size + (!loader->drop_last && n % loader->batch_size != 0);
}

fac_dataset *fac_loader_dataset(fac_loader *loader)
{
    return fac_handle_check(loader, &loader_type, "loader_dataset", "loader") ? NULL : loader->dataset;
}

void fac_loader_free(fac_loader *loader)
{
    fac_free_handle(loader);
}
