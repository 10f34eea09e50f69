/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "random/random.h"

/* Fills out with `value`, an expression of `word`, one draw an element. */
#define FOR_WORDS(type, value)                                \
    for (int64_t got; n > 0; out += got, n -= got) {          \
        const uint32_t *words = fac_random_words(g, n, &got); \
        for (int64_t i = 0; i < got; i++) {                   \
            uint32_t word = words[i];                         \
            out[i] = (type)(value);                           \
        }                                                     \
    }

/* The same with two draws an element, as one u64. */
#define FOR_PAIRS(type, value)                                               \
    uint32_t pair[2];                                                        \
    for (int64_t got; n > 0; out += got, n -= got) {                         \
        const uint32_t *words = fac_random_pairs(g, n, &got, pair);          \
        for (int64_t i = 0; i < got; i++) {                                  \
            uint64_t word = (uint64_t)words[2 * i] << 32 | words[2 * i + 1]; \
            out[i] = (type)(value);                                          \
        }                                                                    \
    }

static inline float unit_f32(uint32_t word)
{
    return (float)(word & 0xffffff) * 0x1p-24f;
}

static inline double unit_f64(uint64_t word)
{
    return (double)(int64_t)(word & ((1ull << 53) - 1)) * 0x1p-53;
}

/* u < p as 1 or 0: the sign of the difference. Of (float)(u < p) gcc makes a branch, which half the time is
 * mispredicted. */
static inline int32_t less(double u, double p)
{
    double difference = u - p;
    uint64_t bits;
    memcpy(&bits, &difference, sizeof bits);
    return (int32_t)(bits >> 63);
}

#define BERNOULLI(suffix, type)                                                                     \
    void fac_random_bernoulli_##suffix(fac_generator *g, type *out, int64_t n, double p)            \
    {                                                                                               \
        FOR_PAIRS(type, less(unit_f64(word), p))                                                    \
    }                                                                                               \
    void fac_random_bernoulli_p32_##suffix(fac_generator *g, type *out, int64_t n, const float *p)  \
    {                                                                                               \
        FOR_WORDS(type, less((double)unit_f32(word), (double)*p++))                                 \
    }                                                                                               \
    void fac_random_bernoulli_p64_##suffix(fac_generator *g, type *out, int64_t n, const double *p) \
    {                                                                                               \
        FOR_PAIRS(type, less(unit_f64(word), *p++))                                                 \
    }
FAC_RANDOM_TYPES(BERNOULLI)

/* random_(): all values of an integer type that are not negative, the integers that a float type holds exactly. */
#define ANY(suffix, type, loop, value)                                   \
    void fac_random_any_##suffix(fac_generator *g, type *out, int64_t n) \
    {                                                                    \
        loop(type, value)                                                \
    }
ANY(f32, float, FOR_WORDS, word % ((1u << 24) + 1))
ANY(f64, double, FOR_PAIRS, word % ((1ull << 53) + 1))
ANY(i64, int64_t, FOR_PAIRS, word &INT64_MAX)
ANY(i32, int32_t, FOR_WORDS, word &INT32_MAX)
ANY(u8, uint8_t, FOR_WORDS, word)
ANY(b8, bool, FOR_WORDS, word & 1)

/* Two words where the remainder of one would be too uneven; sums wrap around. All 2^64: the bits as they are. */
#define RANGE(suffix, type)                                                                             \
    void fac_random_range_##suffix(fac_generator *g, type *out, int64_t n, int64_t low, uint64_t range) \
    {                                                                                                   \
        const uint64_t base = (uint64_t)low;                                                            \
        if (range == 0) {                                                                               \
            FOR_PAIRS(type, (int64_t)word)                                                              \
        } else if (range >= 1u << 28) {                                                                 \
            FOR_PAIRS(type, (int64_t)(word % range + base))                                             \
        } else {                                                                                        \
            FOR_WORDS(type, (int64_t)(word % (uint32_t)range + base))                                   \
        }                                                                                               \
    }
FAC_RANDOM_TYPES(RANGE)
