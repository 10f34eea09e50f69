/* SPDX-License-Identifier: MIT */
/* RandomSampler and SubsetRandomSampler, as torch/utils/data/sampler.py writes them: also which numbers are drawn when,
 * and which of them are not used. */
#include <string.h>

#include "base/alloc.h"
#include "data/sampler.h"
#include "random/random.h"

typedef struct random_sampler {
    fac_sampler base;
    int64_t n, num_samples;
    fac_generator *generator; /* fac_none: a new one each epoch */
} random_sampler;

static int64_t random_len(fac_sampler *sampler)
{
    return ((random_sampler *)sampler)->num_samples;
}

static void random_destroy(fac_sampler *sampler)
{
    fac_generator_free(((random_sampler *)sampler)->generator);
}

static fac_generator *lock_generator(const random_sampler *self, fac_sampler_iter *iter)
{
    bool has_own = self->generator == fac_none;
    if (has_own && iter->stage == 0 && fac_epoch_generator(iter))
        return NULL;
    return fac_generator_lock(has_own ? iter->own : self->generator, "RandomSampler");
}

/* num_samples div 32 times randint of 32, then one of the rest: stage counts these. */
static fac_status replacement_piece(fac_sampler *sampler, fac_sampler_iter *iter)
{
    enum { PIECE = 32 };
    const random_sampler *self = (random_sampler *)sampler;
    int64_t whole = self->num_samples / PIECE, n = iter->stage < whole ? PIECE : self->num_samples % PIECE;
    if (iter->stage > whole) {
        iter->done = true;
        return FAC_OK;
    }
    FAC_TRY(fac_sampler_room(iter, PIECE));
    fac_generator *g = lock_generator(self, iter);
    if (!g)
        return fac_pending();
    fac_random_range_i64(g, iter->order, n, 0, (uint64_t)self->n);
    fac_generator_unlock(g);
    iter->stage++;
    iter->count = n;
    iter->bound = self->n;
    return FAC_OK;
}

static fac_status permute(const random_sampler *self, fac_sampler_iter *iter, bool is_all)
{
    if (is_all && self->generator == fac_none)
        return fac_epoch_order(iter, self->n);
    fac_generator *g = lock_generator(self, iter);
    if (!g)
        return fac_pending();
    fac_random_permutation(g, iter->order, self->n);
    fac_generator_unlock(g);
    return FAC_OK;
}

/* num_samples div n times randperm(n), then another one for the rest. That is drawn even if there is no rest, which can
 * only be seen in a generator of the user's. */
static fac_status permutation_piece(fac_sampler *sampler, fac_sampler_iter *iter)
{
    const random_sampler *self = (random_sampler *)sampler;
    int64_t whole = self->num_samples / self->n, rest = self->num_samples % self->n;
    if (iter->stage > whole || (iter->stage == whole && rest == 0 && self->generator == fac_none)) {
        iter->done = true;
        return FAC_OK;
    }
    FAC_TRY(fac_sampler_room(iter, self->n));
    FAC_TRY(permute(self, iter, whole == 1 && rest == 0));
    iter->count = iter->stage < whole ? self->n : rest;
    iter->bound = self->n;
    iter->stage++;
    return FAC_OK;
}

fac_RandomSampler_args fac_RandomSampler_defaults(void)
{
    return (fac_RandomSampler_args){FAC_DEFAULTS_RandomSampler, .size_ = sizeof(fac_RandomSampler_args)};
}

static fac_status check_random(int64_t n, int64_t num_samples)
{
    if (num_samples <= 0)
        return fac_fail(FAC_ERR_VALUE,
                        "RandomSampler: num_samples should be a positive integer value, but got num_samples=%lld",
                        (long long)num_samples);
    return n > 0 ? FAC_OK : fac_fail(FAC_ERR_VALUE, "RandomSampler: there is no data to sample from");
}

fac_status fac_generator_check(fac_generator *generator, const char *who)
{
    if (generator == fac_none)
        return FAC_OK;
    fac_generator *g = fac_generator_lock(generator, who);
    if (!g)
        return fac_pending();
    fac_generator_unlock(g);
    return FAC_OK;
}

fac_sampler *fac_RandomSampler_with(int64_t n, const fac_RandomSampler_args *args)
{
    static const fac_sampler_class cls =
        FAC_SAMPLER_CLASS("RandomSampler", sizeof(random_sampler), .len = random_len, .destroy = random_destroy);
    const fac_RandomSampler_args defaults = fac_RandomSampler_defaults();
    const fac_RandomSampler_args *a = args ? args : &defaults;
    int64_t num_samples = a->num_samples == FAC_NONE ? n : a->num_samples;
    random_sampler *self = NULL;
    if (!fac_generator_check(a->generator, "RandomSampler") && !check_random(n, num_samples))
        self = fac_sampler_new(&cls, a->replacement ? replacement_piece : permutation_piece);
    if (!self) {
        fac_generator_free(a->generator);
        return NULL;
    }
    self->n = n;
    self->num_samples = num_samples;
    self->generator = a->generator;
    return &self->base;
}

typedef struct subset_sampler {
    fac_sampler base;
    int64_t *indices, count;
    fac_generator *generator;
} subset_sampler;

static int64_t subset_len(fac_sampler *sampler)
{
    return ((subset_sampler *)sampler)->count;
}

static void subset_destroy(fac_sampler *sampler)
{
    subset_sampler *self = (subset_sampler *)sampler;
    fac_dealloc(self->indices, (size_t)self->count * sizeof *self->indices);
    fac_generator_free(self->generator);
}

/* One permutation, drawn from the default generator itself where none is given. */
static fac_status subset_piece(fac_sampler *sampler, fac_sampler_iter *iter)
{
    const subset_sampler *self = (subset_sampler *)sampler;
    if (iter->stage) {
        iter->done = true;
        return FAC_OK;
    }
    FAC_TRY(fac_sampler_room(iter, self->count));
    fac_generator *g = fac_generator_lock(self->generator, "SubsetRandomSampler");
    if (!g)
        return fac_pending();
    fac_random_permutation(g, iter->order, self->count);
    fac_generator_unlock(g);
    for (int64_t i = 0; i < self->count; i++)
        iter->order[i] = self->indices[iter->order[i]];
    iter->stage++;
    iter->count = self->count;
    return FAC_OK;
}

fac_SubsetRandomSampler_args fac_SubsetRandomSampler_defaults(void)
{
    return (fac_SubsetRandomSampler_args){FAC_DEFAULTS_SubsetRandomSampler,
                                          .size_ = sizeof(fac_SubsetRandomSampler_args)};
}

static int64_t *copy_indices(const int64_t *indices, int64_t count)
{
    if (count < 0 || (count > 0 && !indices)) {
        fac_fail(FAC_ERR_VALUE, "SubsetRandomSampler: no indices");
        return NULL;
    }
    int64_t *copy = fac_alloc((size_t)count * sizeof *copy);
    if (copy && count)
        memcpy(copy, indices, (size_t)count * sizeof *copy);
    return copy;
}

fac_sampler *fac_SubsetRandomSampler_with(const int64_t *indices, int64_t count,
                                          const fac_SubsetRandomSampler_args *args)
{
    static const fac_sampler_class cls =
        FAC_SAMPLER_CLASS("SubsetRandomSampler", sizeof(subset_sampler), .len = subset_len, .destroy = subset_destroy);
    fac_generator *generator = args ? args->generator : fac_none;
    int64_t *copy = fac_generator_check(generator, "SubsetRandomSampler") ? NULL : copy_indices(indices, count);
    subset_sampler *self = copy ? fac_sampler_new(&cls, subset_piece) : NULL;
    if (!self) {
        if (copy)
            fac_dealloc(copy, (size_t)count * sizeof *copy);
        fac_generator_free(generator);
        return NULL;
    }
    self->indices = copy;
    self->count = count;
    self->generator = generator;
    return &self->base;
}
