/* SPDX-License-Identifier: MIT */
/* The number of threads a benchmark was asked for. */
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H

#include <stdio.h>

#include <facula/facula.h>

/* Weak: libraries without threads can be measured, too. */
extern fac_status fac_set_num_threads(int threads) __attribute__((weak));

/* 0, with what the printed names end in; or 1 and a message. */
static inline int bench_threads(int threads, char *suffix, size_t size)
{
    suffix[0] = 0;
    if (threads > 1)
        snprintf(suffix, size, "_%dt", threads);
    if (fac_set_num_threads ? fac_set_num_threads(threads) : threads != 1) {
        fprintf(stderr, "this library can't work with %d threads\n", threads);
        return 1;
    }
    return 0;
}

#endif
