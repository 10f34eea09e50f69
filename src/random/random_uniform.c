/* SPDX-License-Identifier: MIT */
#include "random/random.h"
#include "random/random_kernels.h"

void fac_random_uniform_f32(fac_generator *g, float *out, int64_t n, double low, double high)
{
    const fac_random_kernels *kernels = fac_random_kernels_best();
    for (int64_t got; n > 0; out += got, n -= got) {
        const uint32_t *words = fac_random_words(g, n, &got);
        kernels->uniform_f32(out, words, got, (float)low, (float)high);
    }
}

void fac_random_uniform_f64(fac_generator *g, double *out, int64_t n, double low, double high)
{
    const fac_random_kernels *kernels = fac_random_kernels_best();
    uint32_t pair[2];
    for (int64_t got; n > 0; out += got, n -= got) {
        const uint32_t *words = fac_random_pairs(g, n, &got, pair);
        kernels->uniform_f64(out, words, got, low, high);
    }
}
