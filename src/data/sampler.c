/* SPDX-License-Identifier: MIT */
/* The life of samplers; the user's own, and the sequential one. */
#include "data/sampler.h"

#include "base/alloc.h"
#include "base/thread.h"

static void destroy_sampler(void *handle)
{
    fac_sampler *sampler = handle;
    if (sampler->impl->cls.destroy)
        sampler->impl->cls.destroy(sampler);
    fac_dealloc(sampler->impl, sizeof *sampler->impl);
    fac_handle_dealloc(sampler);
}

const fac_handle_type fac_sampler_type = {"sampler", destroy_sampler};

fac_status fac_sampler_room(fac_sampler_iter *iter, int64_t n)
{
    return fac_grow(&iter->order, &iter->capacity, (size_t)n, sizeof *iter->order);
}

void fac_sampler_begin(fac_sampler_iter *iter)
{
    iter->count = iter->at = iter->stage = 0;
    iter->bound = INT64_MAX;
    iter->done = false;
}

void fac_sampler_end(fac_sampler_iter *iter)
{
    fac_dealloc(iter->order, iter->capacity * sizeof *iter->order);
    fac_dealloc(iter->ahead.choices, iter->ahead.capacity * sizeof *iter->ahead.choices);
    fac_generator_free(iter->own);
}

/* Of the user's own: the whole epoch. */
static fac_status whole_order(fac_sampler *sampler, fac_sampler_iter *iter)
{
    if (iter->stage++) {
        iter->done = true;
        return FAC_OK;
    }
    int64_t n = fac_sampler_length(sampler);
    if (n < 0)
        return fac_pending();
    FAC_TRY(fac_sampler_room(iter, n));
    fac_status status = sampler->cls->order(sampler, iter->order);
    if (status || fac_pending())
        return fac_fail(status, "%s: %s", sampler->cls->name, fac_status_name(status));
    iter->count = n;
    return FAC_OK;
}

void *fac_sampler_new(const fac_sampler_class *cls, fac_sampler_piece *piece)
{
    struct fac_sampler_parts *impl = fac_alloc_zeroed(sizeof *impl);
    fac_sampler *sampler = impl ? fac_handle_new(&fac_sampler_type, cls->size ? cls->size : sizeof *sampler) : NULL;
    if (!sampler) {
        fac_dealloc(impl, sizeof *impl);
        return NULL;
    }
    *impl = (struct fac_sampler_parts){*cls, piece};
    sampler->cls = &impl->cls;
    sampler->impl = impl;
    return sampler;
}

void *fac_Sampler(const fac_sampler_class *cls)
{
    if (cls && cls->name && cls->len && cls->order && (!cls->size || cls->size >= sizeof(fac_sampler)))
        return fac_sampler_new(cls, whole_order);
    fac_fail(FAC_ERR_VALUE, "Sampler: a class wants name, len, order and the size of its struct");
    return NULL;
}

int64_t fac_sampler_length(fac_sampler *sampler)
{
    int64_t n = sampler->cls->len(sampler);
    if (n >= 0 && !fac_pending())
        return n;
    fac_fail(FAC_ERR_VALUE, "%s: len gave %lld", sampler->cls->name, (long long)n);
    return -1;
}

int64_t fac_sampler_len(fac_sampler *sampler)
{
    if (fac_handle_check(sampler, &fac_sampler_type, "sampler_len", "sampler"))
        return -1;
    return fac_sampler_length(sampler);
}

void fac_sampler_free(fac_sampler *sampler)
{
    fac_free_handle(sampler);
}

typedef struct sequential {
    fac_sampler base;
    int64_t n;
} sequential;

static int64_t sequential_len(fac_sampler *sampler)
{
    return ((sequential *)sampler)->n;
}

/* stage: how many have been given. */
static fac_status sequential_piece(fac_sampler *sampler, fac_sampler_iter *iter)
{
    enum { PIECE = 1024 };
    int64_t left = ((sequential *)sampler)->n - iter->stage, n = left < PIECE ? left : PIECE;
    if (left == 0) {
        iter->done = true;
        return FAC_OK;
    }
    FAC_TRY(fac_sampler_room(iter, n));
    for (int64_t i = 0; i < n; i++)
        iter->order[i] = iter->stage + i;
    iter->stage += n;
    iter->count = n;
    iter->bound = ((sequential *)sampler)->n;
    return FAC_OK;
}

fac_sampler *fac_SequentialSampler(int64_t n)
{
    static const fac_sampler_class cls =
        FAC_SAMPLER_CLASS("SequentialSampler", sizeof(sequential), .len = sequential_len);
    if (n < 0) {
        fac_fail(FAC_ERR_VALUE, "SequentialSampler: the data has %lld samples", (long long)n);
        return NULL;
    }
    sequential *self = fac_sampler_new(&cls, sequential_piece);
    if (!self)
        return NULL;
    self->n = n;
    return &self->base;
}
