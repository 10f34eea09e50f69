/* SPDX-License-Identifier: MIT */
/* Timing in the benchmarks: medians of rounds. */
#ifndef BENCH_TIME_H
#define BENCH_TIME_H

#include <stdlib.h>
#include <time.h>

static inline double bench_now(void) /* ns */
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static inline double bench_median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, bench_compare);
    return values[n / 2];
}

/* The median ns of one execution of the statement, over rounds of `times` each. */
#define BENCH(result, rounds, times, ...)                                     \
    do {                                                                      \
        double bench_rounds_[rounds];                                         \
        for (int bench_r_ = 0; bench_r_ < (rounds); bench_r_++) {             \
            double bench_start_ = bench_now();                                \
            for (int bench_i_ = 0; bench_i_ < (times); bench_i_++) {          \
                __VA_ARGS__;                                                  \
            }                                                                 \
            bench_rounds_[bench_r_] = (bench_now() - bench_start_) / (times); \
        }                                                                     \
        (result) = bench_median(bench_rounds_, rounds);                       \
    } while (0)

/* The same over chunks of `times`, as many as the seconds allow. Short chunks (under a millisecond) are rarely cut by
 * another process, and the median then leaves those out that were. */
enum { BENCH_MAX_CHUNKS = 8192 };
#define BENCH_FOR(result, seconds, times, ...)                                               \
    do {                                                                                     \
        static double bench_chunks_[BENCH_MAX_CHUNKS];                                       \
        double bench_end_ = bench_now() + (seconds)*1e9;                                     \
        int bench_n_ = 0;                                                                    \
        do {                                                                                 \
            double bench_start_ = bench_now();                                               \
            for (int bench_i_ = 0; bench_i_ < (times); bench_i_++) {                         \
                __VA_ARGS__;                                                                 \
            }                                                                                \
            bench_chunks_[bench_n_++] = (bench_now() - bench_start_) / (times);              \
        } while (bench_n_ < BENCH_MAX_CHUNKS && (bench_n_ < 3 || bench_now() < bench_end_)); \
        (result) = bench_median(bench_chunks_, bench_n_);                                    \
    } while (0)

#endif
