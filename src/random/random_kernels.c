/* SPDX-License-Identifier: MIT */
#include "random/random_kernels.h"

#include <string.h>

#include "base/processor.h"
#include "random/random.h"

/* Each loop is written once and compiled into both tables. Fused operations are written out (__builtin_fmaf), so the
 * portable build, where they are correctly rounded calls, has the same bits. */
#define LOOP static inline __attribute__((always_inline)) void
#define STEP static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

/* s[i] = s[i + distance] xor twist of the top bit of s[i] and the rest of s[i + 1] */
LOOP renew_part(uint32_t *s, uint32_t *restrict out, uint32_t from, uint32_t to, int distance)
{
    for (int i = (int)from; i < (int)to; i++) {
        uint32_t y = (s[i] & 0x80000000u) | (s[i + 1] & 0x7fffffffu);
        uint32_t word = s[i + distance] ^ y >> 1 ^ ((0u - (y & 1)) & 0x9908b0dfu);
        s[i] = word;
        out[i] = fac_random_temper(word);
    }
}

LOOP renew(uint32_t *s, uint32_t *out, uint32_t from, uint32_t to)
{
    const uint32_t turn = FAC_MT_WORDS - FAC_MT_SHIFT; /* from here on the partner is a word of the new block */
    if (from < turn)
        renew_part(s, out, from, to < turn ? to : turn, FAC_MT_SHIFT);
    if (to <= turn)
        return;
    s[FAC_MT_WORDS] = s[0];
    renew_part(s, out, from > turn ? from : turn, to, FAC_MT_SHIFT - FAC_MT_WORDS);
}

LOOP uniform_f32(float *restrict out, const uint32_t *restrict words, int64_t n, float low, float high)
{
    float width = high - low;
    for (int64_t i = 0; i < n; i++) {
        float x = (float)(int32_t)(words[i] & 0xffffff) * 0x1p-24f;
        float value = __builtin_fmaf(x, width, low);
        out[i] = value == high ? low : value;
    }
}

LOOP uniform_f64(double *restrict out, const uint32_t *restrict words, int64_t n, double low, double high)
{
    double width = high - low;
    for (int64_t i = 0; i < n; i++) {
        /* exact in every step, and all of it has vector instructions: int32 to double, not uint64 */
        double high_bits = (double)(int32_t)(words[2 * i] & 0x1fffff) * 0x1p32;
        double low_bits = (double)(int32_t)(words[2 * i + 1] ^ 0x80000000u) + 0x1p31;
        double x = (high_bits + low_bits) * 0x1p-53;
        double value = __builtin_fma(x, width, low);
        out[i] = value == high ? low : value;
    }
}

/* The logarithm, sine and cosine of the Cephes library (S. Moshier) as PyTorch's AVX2 kernel rounds them: which
 * operations are fused decides the last bit. */

STEP float bits_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

STEP uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* value where mask is all ones, 0 where it is 0: choices without branches, or the loops do not vectorise */
STEP float masked(float value, uint32_t mask)
{
    return bits_float(float_bits(value) & mask);
}

/* ln x, 0 < x <= 1, x normal: x = m 2^e, 1/sqrt 2 <= m < sqrt 2; t = m - 1; t - t^2/2 + t^3 P(t) + e ln 2 */
STEP float poly_ln(float x)
{
    uint32_t bits = float_bits(x);
    float m = bits_float((bits & 0x007fffffu) | 0x3f000000u);
    uint32_t small = 0u - (m < 0.707106781186547524f);
    float t = (m - 1.0f) + masked(m, small);
    float e = (float)((int32_t)(bits >> 23) - 126) - masked(1.0f, small);
    float z = t * t;
    float y = __builtin_fmaf(7.0376836292e-2f, t, -1.1514610310e-1f);
    y = __builtin_fmaf(y, t, 1.1676998740e-1f);
    y = __builtin_fmaf(y, t, -1.2420140846e-1f);
    y = __builtin_fmaf(y, t, 1.4249322787e-1f);
    y = __builtin_fmaf(y, t, -1.6668057665e-1f);
    y = __builtin_fmaf(y, t, 2.0000714765e-1f);
    y = __builtin_fmaf(y, t, -2.4999993993e-1f);
    y = __builtin_fmaf(y, t, 3.3333331174e-1f);
    y = __builtin_fmaf(y * t, z, e * -2.12194440e-4f);
    y = __builtin_fmaf(z, -0.5f, y);
    return __builtin_fmaf(e, 0.693359375f, t + y);
}

/* sin and cos of theta >= 0: the nearest even multiple j of pi/4 is subtracted in three parts; then polynomials. */
STEP void poly_sincos(float theta, float *sine, float *cosine)
{
    int32_t j = ((int32_t)(theta * 1.27323954473516f) + 1) & ~1;
    float q = (float)j;
    float x = __builtin_fmaf(q, -0.78515625f, theta);
    x = __builtin_fmaf(q, -2.4187564849853515625e-4f, x);
    x = __builtin_fmaf(q, -3.77489497744594108e-8f, x);
    float z = x * x;
    float c = __builtin_fmaf(2.443315711809948e-5f, z, -1.388731625493765e-3f);
    c = __builtin_fmaf(c, z, 4.166664568298827e-2f) * z;
    c = __builtin_fmaf(c, z, -(z * 0.5f)) + 1.0f;
    float s = __builtin_fmaf(-1.9515295891e-4f, z, 8.3321608736e-3f);
    s = __builtin_fmaf(s, z, -1.6666654611e-1f) * z;
    s = __builtin_fmaf(s, x, x);
    uint32_t octant = (uint32_t)j, exchange = 0u - (octant >> 1 & 1);
    uint32_t differing = (float_bits(s) ^ float_bits(c)) & exchange;
    *sine = bits_float(float_bits(s) ^ differing ^ (octant & 4) << 29);
    *cosine = bits_float(float_bits(c) ^ differing ^ (~(octant - 2) & 4) << 29);
}

LOOP normal_f32(float *data, int64_t blocks, float mean, float std)
{
    for (int64_t b = 0; b < blocks; b++, data += 16) {
        for (int i = 0; i < 8; i++) {
            float sine, cosine;
            float r = __builtin_sqrtf(-2.0f * poly_ln(1.0f - data[i]));
            poly_sincos(6.2831855f * data[i + 8], &sine, &cosine);
            data[i] = __builtin_fmaf(r * cosine, std, mean);
            data[i + 8] = __builtin_fmaf(r * sine, std, mean);
        }
    }
}

/* x mod d, 0 <= x < 2^32: the nearest whole number to x / d, found by adding 2^52, is the quotient or one more, and all
 * the rest is exact. Integer divisions have no vector instructions. */
LOOP remainders(uint32_t *restrict out, const uint32_t *restrict words, int64_t n, int64_t size)
{
    for (int64_t k = 0; k < n; k++) {
        double d = (double)((int32_t)size - (int32_t)k), x = (double)(int32_t)(words[k] ^ 0x80000000u) + 0x1p31;
        int32_t r = (int32_t)(x - ((x / d + 0x1p52) - 0x1p52) * d);
        out[k] = (uint32_t)(r + (r >> 31 & ((int32_t)size - (int32_t)k)));
    }
}

/* Lane l is a generator seeded with seeds[l]: that many chains of dependent steps take hardly longer than one. Word j
 * of all lanes is PARTS vectors, s[PARTS * j ...]. */
enum { PART_LANES = 8, PARTS = FAC_RANDOM_LANES / PART_LANES };
typedef uint32_t lanes __attribute__((vector_size(4 * PART_LANES), aligned(4), may_alias));
typedef int32_t whole4 __attribute__((vector_size(16)));
typedef double real4 __attribute__((vector_size(32)));

/* Words `from` to `to` of the seeding; only the last of them stays if they are not kept. */
LOOP seed_part(lanes **s, lanes *word, uint32_t from, uint32_t to, bool kept)
{
    for (uint32_t j = from; j < to; j++) {
        UNROLL
        for (int p = 0; p < PARTS; p++)
            word[p] = 1812433253u * (word[p] ^ word[p] >> 30) + j;
        UNROLL
        for (int p = 0; p < PARTS && kept; p++)
            *(*s)++ = word[p];
    }
}

/* Words 0 to `to` but for those from `head` to `tail`: the next ones lie where they would. */
LOOP seed_lanes(lanes *s, const uint32_t *seeds, uint32_t head, uint32_t tail, uint32_t to)
{
    lanes word[PARTS];
    UNROLL
    for (int p = 0; p < PARTS; p++)
        *s++ = word[p] = *(const lanes *)(seeds + PART_LANES * p);
    seed_part(&s, word, 1, head, true);
    seed_part(&s, word, head, tail, false);
    seed_part(&s, word, tail, to, true);
}

/* As renew_part. */
LOOP renew_lanes(lanes *s, int from, int to, int distance)
{
    for (int i = PARTS * from; i < PARTS * to; i++) {
        lanes y = (s[i] & 0x80000000u) | (s[i + PARTS] & 0x7fffffffu);
        s[i] = s[i + PARTS * distance] ^ y >> 1 ^ ((0u - (y & 1)) & 0x9908b0dfu);
    }
}

/* As remainders, of four words by the same d; it is 1 / d that is multiplied by. */
LOOP remainders_of_four(uint32_t *words, double d, double reciprocal)
{
    whole4 word;
    memcpy(&word, words, sizeof word);
    real4 x = __builtin_convertvector(word ^ INT32_MIN, real4) + 0x1p31;
    real4 r = x - ((x * reciprocal + 0x1p52) - 0x1p52) * d;
    whole4 rest = __builtin_convertvector(r, whole4);
    rest += rest >> 31 & (int32_t)d;
    memcpy(words, &rest, sizeof rest);
}

LOOP temper_lanes(lanes *s, int count)
{
    for (int i = 0; i < PARTS * count; i++) {
        lanes y = s[i];
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c5680u;
        y ^= y << 15 & 0xefc60000u;
        s[i] = y ^ y >> 18;
    }
}

LOOP choose(uint32_t *words, int64_t n)
{
    for (int64_t i = 0; i < n - 1; i++) {
        double d = (double)(int32_t)(n - i), reciprocal = 1 / d;
        for (int lane = 0; lane < FAC_RANDOM_LANES; lane += 4)
            remainders_of_four(words + FAC_RANDOM_LANES * i + lane, d, reciprocal);
    }
}

LOOP choices(uint32_t *out, const uint32_t *seeds, int64_t n)
{
    const int turn = FAC_MT_WORDS - FAC_MT_SHIFT, count = (int)n - 1;
    lanes *s = (lanes *)out;
    if (count < turn) { /* what is between the words wanted and those that they are made with is not kept */
        seed_lanes(s, seeds, (uint32_t)n, FAC_MT_SHIFT, (uint32_t)count + FAC_MT_SHIFT);
        renew_lanes(s, 0, count, (int)n);
    } else {
        seed_lanes(s, seeds, FAC_MT_WORDS, FAC_MT_WORDS, FAC_MT_WORDS);
        renew_lanes(s, 0, turn, FAC_MT_SHIFT);
    }
    if (count > turn) {
        memcpy(s + PARTS * FAC_MT_WORDS, s, PARTS * sizeof *s);
        renew_lanes(s, turn, count, -turn);
    }
    temper_lanes(s, count);
    choose(out, n);
}

#define BUILD(name, target)                                                                                          \
    target static void renew_##name(uint32_t *s, uint32_t *out, uint32_t from, uint32_t to)                          \
    {                                                                                                                \
        renew(s, out, from, to);                                                                                     \
    }                                                                                                                \
    target static void uniform_f32_##name(float *out, const uint32_t *words, int64_t n, float low, float high)       \
    {                                                                                                                \
        uniform_f32(out, words, n, low, high);                                                                       \
    }                                                                                                                \
    target static void uniform_f64_##name(double *out, const uint32_t *words, int64_t n, double low, double high)    \
    {                                                                                                                \
        uniform_f64(out, words, n, low, high);                                                                       \
    }                                                                                                                \
    target static void normal_f32_##name(float *data, int64_t blocks, float mean, float std)                         \
    {                                                                                                                \
        normal_f32(data, blocks, mean, std);                                                                         \
    }                                                                                                                \
    target static void remainders_##name(uint32_t *out, const uint32_t *words, int64_t n, int64_t size)              \
    {                                                                                                                \
        remainders(out, words, n, size);                                                                             \
    }                                                                                                                \
    target static void choices_##name(uint32_t *out, const uint32_t *seeds, int64_t n)                               \
    {                                                                                                                \
        choices(out, seeds, n);                                                                                      \
    }                                                                                                                \
    const fac_random_kernels fac_random_kernels_##name = {renew_##name,      uniform_f32_##name, uniform_f64_##name, \
                                                          normal_f32_##name, remainders_##name,  choices_##name};

BUILD(portable, )

#ifdef __x86_64__
BUILD(avx2, __attribute__((target("avx2,fma"))))
#endif

const fac_random_kernels *fac_random_kernels_best(void)
{
#ifdef __x86_64__
    if (fac_cpu.v3)
        return &fac_random_kernels_avx2;
#endif
    return &fac_random_kernels_portable;
}
