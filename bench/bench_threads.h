/* SPDX-License-Identifier: MIT */
/* The number of threads a benchmark was asked for. */
#ifndef BENCH_THREADS_H
#define BENCH_THREADS_H

#include <stdio.h>

#include <facula/facula.h>

/* Puts what the printed names end in into suffix: "" or "_2t". 0, or 1 and a message. */
static inline int bench_threads(int threads, char *suffix, size_t size)
{
    suffix[0] = 0;
    if (threads > 1)
        snprintf(suffix, size, "_%dt", threads);
    if (fac_set_num_threads(threads)) {
        fprintf(stderr, "%s\n", fac_last_error());
        return 1;
    }
    return 0;
}

#endif
