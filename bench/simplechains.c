/* SPDX-License-Identifier: MIT */
/* 4-32-16-4 tanh, full batch of 10 000, MSE, Adam: ns a step, eager, planned and frozen; and on one thread what it is
 * measured against: simplechains_tanh, its 480 000 tanh through the library's own kernel; simplechains_fma, its
 * multiply-adds at the core's measured peak; simplechains_floor, the sum. simplechains [SECONDS [THREADS]]; with more
 * threads than one the names end in _2t, _3t, ... */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

#include "bench_peak.h"
#include "bench_step.h"
#include "bench_threads.h"
#include "tensor/kernels.h"

enum { SAMPLES = 10000, WEIGHTS1 = 4 * 32, WEIGHTS = WEIGHTS1 + 32 * 16 + 16 * 4, TANHS = SAMPLES * (32 + 16) };

/* Forward, gradients of weights, and of inputs but for the first layer's. */
static const double multiply_adds = (double)SAMPLES * (3 * WEIGHTS - WEIGHTS1);

/* In pieces that stay in the nearest caches, whose results take each other's place. */
static double time_tanh(double seconds)
{
    enum { PIECE = 4800 };
    FAC_SCOPE;
    FAC_NO_GRAD;
    fac_tensor *piece = fac_randn(PIECE);
    double ns;
    BENCH_FOR(ns, seconds, 10, FAC_SCOPE; (void)fac_tanh(piece));
    return ns * TANHS / PIECE;
}

static void print_floor(double seconds)
{
    fac_kernels_init();
    double fma = 2 * multiply_adds / bench_peak(fac_k->isa), tanhs = time_tanh(seconds);
    printf("simplechains_fma %.1f\nsimplechains_tanh %.1f\nsimplechains_floor %.1f\n", fma, tanhs, fma + tanhs);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    int threads = argc > 2 ? atoi(argv[2]) : 1;
    char suffix[16];
    if (bench_threads(threads, suffix, sizeof suffix))
        return 1;
    FAC_SCOPE;
    fac_manual_seed(0);
    fac_module *model =
        fac_Sequential(fac_Linear(4, 32), fac_Tanh(), fac_Linear(32, 16), fac_Tanh(), fac_Linear(16, 4));
    bench_trainer t = {model, fac_Adam(fac_parameters(model))};
    bench_step s = {.name = "simplechains", .fn = bench_mse_step, .ctx = &t, .suffix = suffix, .times = 1};
    s.batch = (fac_batch){.n = 2, .x = fac_randn(SAMPLES, 4), .y = fac_randn(SAMPLES, 4)};
    s.mask = 1023, s.scale = 0.1F;
    if (threads == 1)
        print_floor(seconds / 4);
    int failed = bench_step_all(&s, seconds);
    bench_trainer_free(&t);
    return failed;
}
