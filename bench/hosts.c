/* SPDX-License-Identifier: MIT */
/* Threads of the host, each with its own model, plan, loader and generator, train the sheet's network at the same time.
 * hosts [SECONDS [THREADS]]: "hosts NS", with more threads than one "hosts_2t NS": a training step of the slowest
 * thread. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench_sheet.h"
#include "bench_time.h"

enum { CHUNK = 100, CHUNKS = 4096, HOSTS = 64 };

typedef struct host {
    pthread_t thread;
    double seconds, ns, chunks[CHUNKS];
} host;

static void *train(void *p)
{
    host *self = p;
    fac_generator *own = fac_Generator(); /* the default one is the process's, and locked */
    self->ns = NAN;
    if (!own || fac_use_generator(own))
        return NULL;
    bench_sheet t = bench_sheet_new();
    t.plan = fac_compile(bench_sheet_step, &t);
    double loss = bench_sheet_epochs(&t, CHUNK);
    int n = 0;
    for (double end = bench_now() + self->seconds * 1e9; n < CHUNKS && bench_now() < end; n++) {
        const double start = bench_now();
        loss = bench_sheet_epochs(&t, CHUNK);
        self->chunks[n] = (bench_now() - start) / (CHUNK * POINTS_STEPS);
    }
    if (isfinite(loss) && n)
        self->ns = bench_median(self->chunks, n);
    bench_sheet_free(&t);
    fac_generator_free(own);
    return NULL;
}

int main(int argc, char **argv)
{
    static host hosts[HOSTS];
    const double seconds = argc > 1 ? atof(argv[1]) : 1;
    const int n = argc > 2 ? atoi(argv[2]) : 1;
    double slowest = 0;
    int started = 0;
    for (; started < n && started < HOSTS; started++) {
        hosts[started].seconds = seconds;
        if (pthread_create(&hosts[started].thread, NULL, train, hosts + started))
            break;
    }
    for (int i = 0; i < started; i++) {
        pthread_join(hosts[i].thread, NULL);
        slowest = isnan(hosts[i].ns) || hosts[i].ns > slowest ? hosts[i].ns : slowest;
    }
    if (started < n || !(slowest > 0)) {
        fprintf(stderr, "hosts: %d of %d threads trained\n", started, n);
        return 1;
    }
    if (n > 1)
        printf("hosts_%dt %.1f\n", n, slowest);
    else
        printf("hosts %.1f\n", slowest);
    return 0;
}
