/* SPDX-License-Identifier: MIT */
/* PyTorch's CPU random numbers over plain buffers: the same bits as PyTorch 2.13 on x86-64 with AVX2.
 *
 * Words: u32 is one output of the engine; u64 is two, the first the high half; "draw" means one u32.
 * Every function below the engine wants a generator that the caller holds by fac_generator_lock. Buffers are filled in
 * memory order; PyTorch fills strided tensors in the order of addresses, so a strided fill is a contiguous one that is
 * then spread (normals: by the _each form, which PyTorch takes there). n = 0 draws nothing. */
#ifndef FAC_RANDOM_RANDOM_H
#define FAC_RANDOM_RANDOM_H

#include "facula/random.h"

enum { FAC_MT_WORDS = 624, FAC_MT_SHIFT = 397 };

/* MT19937 (Matsumoto and Nishimura 1998, the seeding of 2002), made lazily: seeding sets one word, and a block of 624
 * words is renewed only as far as words are asked for, so that a generator used for one small permutation costs about
 * that. Words [0, ready) of the block are renewed and tempered, words [0, at) of them drawn. */
struct fac_generator {
    uint64_t seed;
    double normal; /* r sin(theta) of the last scalar pair, if has_normal */
    bool has_normal;
    bool shared;     /* the process's default generator: locked */
    uint32_t seeded; /* words of state made from the seed: all but just after seeding; 0 if never seeded */
    uint32_t ready;
    uint32_t at;                      /* 0 only before the first draw */
    uint32_t state[FAC_MT_WORDS + 1]; /* one more for the word that the last one looks at */
    uint32_t out[FAC_MT_WORDS];
};

/* generator, or the calling thread's default one for fac_none, ready for draws; NULL with the error set if it is no
 * live generator. Unlock it on every path. Only the process's default generator is really locked. */
fac_generator *fac_generator_lock(fac_generator *generator, const char *who);
void fac_generator_unlock(fac_generator *generator);

void fac_random_seed(fac_generator *g, uint64_t seed);
/* 53 bits of the system's entropy. */
uint64_t fac_random_entropy(void);
/* Makes at least one more word, of the `want` that are going to be drawn. For when at == ready. */
void fac_random_refill(fac_generator *g, int64_t want);
/* The word that will be drawn after `skip` others, if it belongs to the block that is being drawn: nothing is drawn. */
bool fac_random_peek(fac_generator *g, uint32_t skip, uint32_t *word);
/* Makes the rest of the state that laziness has left out, as the state bytes show it. */
void fac_random_complete(fac_generator *g);

static inline uint32_t fac_random_u32(fac_generator *g)
{
    if (g->at == g->ready)
        fac_random_refill(g, 1);
    return g->out[g->at++];
}

static inline uint64_t fac_random_u64(fac_generator *g)
{
    uint64_t high = fac_random_u32(g);
    return high << 32 | fac_random_u32(g);
}

/* Draws between 1 and want words at once: *got of them lie at the result until the next draw. want > 0. */
const uint32_t *fac_random_words(fac_generator *g, int64_t want, int64_t *got);
/* The same for u64s: *got pairs of words; `pair` holds one that lies across the end of a block. */
const uint32_t *fac_random_pairs(fac_generator *g, int64_t want, int64_t *got, uint32_t pair[2]);

/* The seed that a sampler without its own generator draws for the one it makes: random_() of int64. */
static inline uint64_t fac_random_sampler_seed(fac_generator *g)
{
    return fac_random_u64(g) & INT64_MAX;
}

/* uniform_(low, high), low <= high: fma(x, high - low, low), a result equal to high replaced by low; n draws, 2 n for
 * f64. With 0, 1 this is rand. low and high are rounded to the type first. */
void fac_random_uniform_f32(fac_generator *g, float *out, int64_t n, double low, double high);
void fac_random_uniform_f64(fac_generator *g, double *out, int64_t n, double low, double high);

/* normal_(mean, std), std >= 0, on a contiguous tensor: by blocks of 16 from n = 16 on, else as the _each forms. */
void fac_random_normal_f32(fac_generator *g, float *out, int64_t n, double mean, double std);
void fac_random_normal_f64(fac_generator *g, double *out, int64_t n, double mean, double std);
/* normal_(mean, std) on a tensor that is not contiguous, n its number of elements: pairs, the second value kept. */
void fac_random_normal_each_f32(fac_generator *g, float *out, int64_t n, double mean, double std);
void fac_random_normal_each_f64(fac_generator *g, double *out, int64_t n, double mean, double std);
/* One value of that, before it is rounded to the tensor's type. */
double fac_random_normal_one(fac_generator *g, double mean, double std);

/* Two draws an element; log_normal four a pair, sharing the kept value with the normals. */
#define FAC_RANDOM_FLOATS(X) X(f32, float) X(f64, double)
#define FAC_RANDOM_DECLARE_FLOATS(suffix, type)                                                           \
    void fac_random_exponential_##suffix(fac_generator *g, type *out, int64_t n, double lambda);          \
    void fac_random_log_normal_##suffix(fac_generator *g, type *out, int64_t n, double mean, double std); \
    void fac_random_cauchy_##suffix(fac_generator *g, type *out, int64_t n, double median, double sigma);
FAC_RANDOM_FLOATS(FAC_RANDOM_DECLARE_FLOATS)

/* geometric_(p), 0 < p < 1, for every dtype but bool: two draws an element. Infinity (once in 2^53 draws) becomes the
 * least int64, cut to the type. */
#define FAC_RANDOM_NUMBERS(X) X(f32, float) X(f64, double) X(i64, int64_t) X(i32, int32_t) X(u8, uint8_t)
#define FAC_RANDOM_DECLARE_NUMBERS(suffix, type) \
    void fac_random_geometric_##suffix(fac_generator *g, type *out, int64_t n, double p);
FAC_RANDOM_NUMBERS(FAC_RANDOM_DECLARE_NUMBERS)

/* For every dtype:
 * bernoulli_(p), p a number in [0, 1]: two draws an element;
 * bernoulli_(P) and torch.bernoulli(P), P float32: one draw an element, P float64: two;
 * random_() without bounds: two draws for i64 and f64, one for others;
 * random_(low, low + range) and randint: one draw an element if range < 2^28, else two;
 * range 0 stands for 2^64, low then for -2^63. */
#define FAC_RANDOM_TYPES(X) FAC_RANDOM_NUMBERS(X) X(b8, bool)
#define FAC_RANDOM_DECLARE(suffix, type)                                                             \
    void fac_random_bernoulli_##suffix(fac_generator *g, type *out, int64_t n, double p);            \
    void fac_random_bernoulli_p32_##suffix(fac_generator *g, type *out, int64_t n, const float *p);  \
    void fac_random_bernoulli_p64_##suffix(fac_generator *g, type *out, int64_t n, const double *p); \
    void fac_random_any_##suffix(fac_generator *g, type *out, int64_t n);                            \
    void fac_random_range_##suffix(fac_generator *g, type *out, int64_t n, int64_t low, uint64_t range);
FAC_RANDOM_TYPES(FAC_RANDOM_DECLARE)

/* randperm(n): a permutation of 0 .. n-1; n - 1 draws (twice n from 214748364 on: the wide form). */
void fac_random_permutation(fac_generator *g, int64_t *out, int64_t n);
void fac_random_permutation_wide(fac_generator *g, int64_t *out, int64_t n);

/* The same for several fresh generators at once, which takes as long as for one: seeding is a chain of dependent steps.
 * Only the low half of a seed matters. fac_random_choices leaves the choices of seeds[l] at out[l + k
 * FAC_RANDOM_LANES], k < n - 1; out has room for fac_random_choices_room(n) words. fac_random_permute makes one of the
 * permutations of them. 2 <= n <= FAC_RANDOM_CHOICES_MAX. */
enum { FAC_RANDOM_LANES = 32, FAC_RANDOM_CHOICES_MAX = FAC_MT_WORDS + 1 };
static inline int64_t fac_random_choices_room(int64_t n)
{
    return FAC_RANDOM_LANES * (n + FAC_MT_SHIFT <= FAC_MT_WORDS ? 2 * n : FAC_MT_WORDS + 1);
}
void fac_random_choices(uint32_t *out, const uint32_t seeds[FAC_RANDOM_LANES], int64_t n);
void fac_random_permute(const uint32_t *choices, int64_t *out, int64_t n);

/* multinomial(weights, k, replacement): weights (rows, n), not negative, finite, not all 0 in a row; out (rows, k).
 * Among equal weights of 0, taken last without replacement, the lower index comes first (PyTorch: no rule). */
fac_status fac_random_multinomial_f32(fac_generator *g, const float *weights, int64_t rows, int64_t n, int64_t k,
                                      bool replacement, int64_t *out);
fac_status fac_random_multinomial_f64(fac_generator *g, const double *weights, int64_t rows, int64_t n, int64_t k,
                                      bool replacement, int64_t *out);

#endif
