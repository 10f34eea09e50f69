/* SPDX-License-Identifier: MIT */
/* The loops worth a processor's vector units, in a portable and an AVX2 build that give the same bits. */
#ifndef FAC_RANDOM_RANDOM_KERNELS_H
#define FAC_RANDOM_RANDOM_KERNELS_H

#include <stdint.h>

/* A word of the state as the engine gives it out. */
static inline uint32_t fac_random_temper(uint32_t y)
{
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

typedef struct fac_random_kernels {
    /* Renews words [from, to) of the block and writes them tempered to out. */
    void (*renew)(uint32_t *state, uint32_t *out, uint32_t from, uint32_t to);
    /* fma(x, high - low, low), x the low 24 bits of a word, or the low 53 bits of a pair of words. */
    void (*uniform_f32)(float *out, const uint32_t *words, int64_t n, float low, float high);
    void (*uniform_f64)(double *out, const uint32_t *words, int64_t n, double low, double high);
    /* Blocks of 16 uniforms to normals, in place. */
    void (*normal_f32)(float *data, int64_t blocks, float mean, float std);
    /* out[k] = words[k] mod (size - k), k < n < size < 2^31. */
    void (*remainders)(uint32_t *out, const uint32_t *words, int64_t n, int64_t size);
    /* As fac_random_choices. */
    void (*choices)(uint32_t *out, const uint32_t *seeds, int64_t n);
} fac_random_kernels;

extern const fac_random_kernels fac_random_kernels_portable;
/* The fastest that this processor runs. */
const fac_random_kernels *fac_random_kernels_best(void);

#endif
