/* SPDX-License-Identifier: MIT */
#include "random/random.h"
#include "random/random_kernels.h"

/* Fisher and Yates: position i changes places with one of i .. n-1, chosen by one word. */
static inline void swap_chosen(int64_t *out, int64_t count, const uint32_t *choices, int64_t step)
{
#ifndef __clang__ /* which unrolls by itself, and may not know the pragma */
#pragma GCC unroll 2
#endif
    for (const int64_t *end = out + count; out < end; out++, choices += step) {
        int64_t *chosen = out + *choices, value = *chosen;
        *chosen = *out;
        *out = value;
    }
}

static void identity(int64_t *out, int64_t n)
{
    typedef int64_t four __attribute__((vector_size(32)));
    four next = {0, 1, 2, 3};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4, next += 4)
        __builtin_memcpy(out + i, &next, sizeof next);
    for (; i < n; i++)
        out[i] = i;
}

static void shuffle(fac_generator *g, int64_t *out, int64_t n)
{
    uint32_t choices[FAC_MT_WORDS];
    for (int64_t i = 0, got; i < n - 1; i += got) {
        const uint32_t *words = fac_random_words(g, n - 1 - i, &got);
        fac_random_kernels_best()->remainders(choices, words, got, n - i);
        swap_chosen(out + i, got, choices, 1);
    }
}

void fac_random_choices(uint32_t *out, const uint32_t seeds[FAC_RANDOM_LANES], int64_t n)
{
    fac_random_kernels_best()->choices(out, seeds, n);
}

void fac_random_permute(const uint32_t *choices, int64_t *out, int64_t n)
{
    identity(out, n);
    swap_chosen(out, n - 1, choices, FAC_RANDOM_LANES);
}

void fac_random_permutation_wide(fac_generator *g, int64_t *out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        uint64_t z = fac_random_u64(g) % ((uint64_t)i + 1);
        out[i] = i; /* for z = i */
        out[i] = out[z];
        out[z] = i;
    }
}

void fac_random_permutation(fac_generator *g, int64_t *out, int64_t n)
{
    if (n >= UINT32_MAX / 20) { /* from here on the remainder of 32 bits would be uneven by 5 % */
        fac_random_permutation_wide(g, out, n);
        return;
    }
    identity(out, n);
    shuffle(g, out, n);
}
