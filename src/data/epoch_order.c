/* SPDX-License-Identifier: MIT */
/* An epoch's order. PyTorch seeds a fresh generator for it with a number drawn from the default one; for small data
 * that seeding costs more than all else in the loader. Where two epochs in a row drew their seeds equally far apart,
 * the next ones are likely to be found at the same distances: these words are looked at without being drawn, and the
 * orders that they would give are made side by side. When an epoch comes, its seed is drawn as ever, and only if it is
 * the one foreseen is its order taken. */
#include "base/alloc.h"
#include "data/sampler.h"
#include "random/random.h"

/* Notes where the seed that was just drawn lay; true if that is as far behind the one before as that was. */
static bool is_steady(fac_epochs_ahead *ahead, uint32_t at)
{
    uint32_t stride = (at + FAC_MT_WORDS - ahead->at) % FAC_MT_WORDS;
    bool steady = stride == ahead->stride && stride > 0;
    ahead->at = at;
    ahead->stride = stride;
    return steady;
}

/* The seed drawn is seeds[0]; those foreseen follow it. */
static int foresee(fac_epochs_ahead *ahead, fac_generator *g, uint32_t seed)
{
    int count = 1;
    ahead->seeds[0] = seed;
    while (count < FAC_RANDOM_LANES && fac_random_peek(g, ahead->stride * (uint32_t)count - 1, &ahead->seeds[count]))
        count++;
    return count;
}

/* Draws an epoch's seed. *foreseen: seeds known from now on, this one's included, where it was not foreseen itself. */
static fac_status draw_seed(fac_epochs_ahead *ahead, uint64_t *seed, int *foreseen)
{
    fac_generator *g = fac_generator_lock(fac_none, "RandomSampler");
    if (!g)
        return fac_pending();
    *seed = fac_random_sampler_seed(g);
    bool steady = is_steady(ahead, g->at);
    if (ahead->next == ahead->count || ahead->seeds[ahead->next] != (uint32_t)*seed)
        *foreseen = steady ? foresee(ahead, g, (uint32_t)*seed) : 1;
    fac_generator_unlock(g);
    return FAC_OK;
}

static fac_status seed_own(fac_sampler_iter *iter, uint64_t seed)
{
    if (!iter->own && !(iter->own = fac_Generator()))
        return fac_pending();
    fac_random_seed(iter->own, seed);
    return FAC_OK;
}

fac_status fac_epoch_generator(fac_sampler_iter *iter)
{
    fac_generator *g = fac_generator_lock(fac_none, "RandomSampler");
    if (!g)
        return fac_pending();
    uint64_t seed = fac_random_sampler_seed(g);
    fac_generator_unlock(g);
    return seed_own(iter, seed);
}

static fac_status make_ahead(fac_epochs_ahead *ahead, int count, int64_t n)
{
    ahead->next = ahead->count = 0;
    FAC_TRY(fac_grow(&ahead->choices, &ahead->capacity, (size_t)fac_random_choices_room(n), sizeof *ahead->choices));
    fac_random_choices(ahead->choices, ahead->seeds, n);
    ahead->count = count;
    return FAC_OK;
}

fac_status fac_epoch_order(fac_sampler_iter *iter, int64_t n)
{
    fac_epochs_ahead *ahead = &iter->ahead;
    uint64_t seed = 0;
    int foreseen = 0;
    FAC_TRY(draw_seed(ahead, &seed, &foreseen));
    if (foreseen == 1 || n < 2 || n > FAC_RANDOM_CHOICES_MAX) {
        ahead->next = ahead->count = 0;
        FAC_TRY(seed_own(iter, seed));
        fac_random_permutation(iter->own, iter->order, n);
        return FAC_OK;
    }
    if (foreseen)
        FAC_TRY(make_ahead(ahead, foreseen, n));
    fac_random_permute(ahead->choices + ahead->next++, iter->order, n);
    return FAC_OK;
}
