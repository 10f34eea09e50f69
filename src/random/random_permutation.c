/* SPDX-License-Identifier: MIT */
#include "random/random.h"

/* Fisher and Yates: position i changes places with one of i .. n-1, chosen by one word. */
static void shuffle(fac_generator *g, int64_t *out, int64_t n)
{
    for (int64_t i = 0, got; i < n - 1; i += got) {
        const uint32_t *words = fac_random_words(g, n - 1 - i, &got);
        int64_t *rest = out + i;
        uint32_t size = (uint32_t)(n - i);
        for (int64_t k = 0; k < got; k++) {
            int64_t *chosen = rest + k + words[k] % (size - (uint32_t)k);
            int64_t value = *chosen;
            *chosen = rest[k];
            rest[k] = value;
        }
    }
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
    for (int64_t i = 0; i < n; i++)
        out[i] = i;
    shuffle(g, out, n);
}
