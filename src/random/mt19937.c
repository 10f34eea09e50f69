/* SPDX-License-Identifier: MIT */
#include "random/random.h"
#include "random/random_kernels.h"

void fac_random_seed(fac_generator *g, uint64_t seed)
{
    g->seed = seed;
    g->has_normal = false;
    g->normal = 0;
    g->state[0] = (uint32_t)seed;
    g->seeded = 1;
    g->ready = g->at = 0;
}

/* Knuth's generator fills the state; each word needs the one before. */
static void extend_seed(fac_generator *g, uint32_t to)
{
    uint32_t word = g->state[g->seeded - 1];
    for (uint32_t j = g->seeded; j < to; j++) {
        word = 1812433253u * (word ^ word >> 30) + j;
        g->state[j] = word;
    }
    g->seeded = to;
}

static void renew_to(fac_generator *g, uint32_t to)
{
    uint32_t needed = to + FAC_MT_SHIFT < FAC_MT_WORDS ? to + FAC_MT_SHIFT : FAC_MT_WORDS;
    if (g->seeded < needed)
        extend_seed(g, needed);
    fac_random_kernels_best()->renew(g->state, g->out, g->ready, to);
    g->ready = to;
}

/* `want` more words than are ready, or all. */
static void renew_more(fac_generator *g, int64_t want)
{
    enum { STEP = 16 }; /* words made at least, a whole number of vectors */
    uint32_t room = FAC_MT_WORDS - g->ready;
    renew_to(g, want + STEP > room ? FAC_MT_WORDS : g->ready + ((uint32_t)want + STEP - 1) / STEP * STEP);
}

void fac_random_refill(fac_generator *g, int64_t want)
{
    if (g->at == FAC_MT_WORDS)
        g->at = g->ready = 0;
    renew_more(g, want);
}

bool fac_random_peek(fac_generator *g, uint32_t skip, uint32_t *word)
{
    if (g->at == 0 || skip >= FAC_MT_WORDS - g->at) /* a block not begun may not be made: the state would show it */
        return false;
    uint32_t index = g->at + skip;
    if (index >= g->ready)
        renew_more(g, index - g->ready + 1);
    *word = g->out[index];
    return true;
}

void fac_random_complete(fac_generator *g)
{
    if (g->seeded < FAC_MT_WORDS && g->at == 0)
        extend_seed(g, FAC_MT_WORDS);
    if (g->at > 0 && g->ready < FAC_MT_WORDS)
        renew_to(g, FAC_MT_WORDS);
}

const uint32_t *fac_random_words(fac_generator *g, int64_t want, int64_t *got)
{
    if (g->at == g->ready)
        fac_random_refill(g, want);
    const uint32_t *words = g->out + g->at;
    uint32_t there = g->ready - g->at;
    *got = want < there ? want : there;
    g->at += (uint32_t)*got;
    return words;
}

const uint32_t *fac_random_pairs(fac_generator *g, int64_t want, int64_t *got, uint32_t pair[2])
{
    if (g->at == g->ready)
        fac_random_refill(g, want > FAC_MT_WORDS ? FAC_MT_WORDS : 2 * want);
    uint32_t there = (g->ready - g->at) / 2;
    if (there == 0) {
        pair[0] = fac_random_u32(g);
        pair[1] = fac_random_u32(g);
        *got = 1;
        return pair;
    }
    const uint32_t *words = g->out + g->at;
    *got = want < there ? want : there;
    g->at += 2 * (uint32_t)*got;
    return words;
}
