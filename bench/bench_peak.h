/* SPDX-License-Identifier: MIT */
/* What a core can do: GFLOP/s in float32 of a chain-free loop of multiply-adds, by instruction set. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "bench_time.h"

/* Sums of x*y in twelve registers. */
#define BENCH_TWELVE(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define BENCH_SET(i)     s##i = x,
#define BENCH_STEP(i)    s##i = BENCH_MULTIPLY_ADD(x, x, s##i);
#define BENCH_HOLD(i)    __asm__ volatile("" : "+v"(s##i));
#define BENCH_DEFINE_PEAK(name, isa, V, set, flops)               \
    __attribute__((target(isa))) static inline double name(void)  \
    {                                                             \
        enum { STEPS = 20000 };                                   \
        double best = 1e30;                                       \
        for (int round = 0; round < 30; round++) {                \
            V x = set(1.0001F), BENCH_TWELVE(BENCH_SET) last = x; \
            double start = bench_now();                           \
            for (int i = 0; i < STEPS; i++) {                     \
                BENCH_TWELVE(BENCH_STEP) BENCH_TWELVE(BENCH_HOLD) \
            }                                                     \
            double ns = bench_now() - start;                      \
            __asm__ volatile("" ::"v"(last));                     \
            best = ns < best ? ns : best;                         \
        }                                                         \
        return STEPS * 12.0 * flops / best;                       \
    }
#if defined(__x86_64__)
#define BENCH_MULTIPLY_ADD(a, b, c) _mm_add_ps(_mm_mul_ps(a, b), c)
BENCH_DEFINE_PEAK(bench_peak_base, "sse2", __m128, _mm_set1_ps, 8)
#undef BENCH_MULTIPLY_ADD
#define BENCH_MULTIPLY_ADD _mm256_fmadd_ps
BENCH_DEFINE_PEAK(bench_peak_v3, "avx2,fma", __m256, _mm256_set1_ps, 16)
#undef BENCH_MULTIPLY_ADD
#define BENCH_MULTIPLY_ADD _mm512_fmadd_ps
BENCH_DEFINE_PEAK(bench_peak_v4, "avx512f", __m512, _mm512_set1_ps, 32)
static inline double bench_peak(const char *isa)
{
    return !strcmp(isa, "v4") ? bench_peak_v4() : !strcmp(isa, "v3") ? bench_peak_v3() : bench_peak_base();
}
#else
static inline double bench_peak(const char *isa)
{
    (void)isa;
    return 1;
}
#endif

#endif
