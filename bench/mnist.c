/* SPDX-License-Identifier: MIT */
/* 784-512-512-10 ReLU, batch 128, cross-entropy, Adam: ns a step, eager, planned and frozen. mnist [SECONDS [THREADS]];
 * with more threads than one the names end in _2t, _3t, ... */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

#include "bench_step.h"
#include "bench_threads.h"

static fac_tensor *train_step(void *ctx, const fac_batch *b)
{
    bench_trainer *t = ctx;
    if (fac_optim_zero_grad(t->optimiser))
        return NULL;
    fac_tensor *loss = fac_cross_entropy(fac_forward(t->model, b->x), b->y);
    return fac_backward(loss) || fac_optim_step(t->optimiser) ? NULL : loss;
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
        fac_Sequential(fac_Linear(784, 512), fac_ReLU(), fac_Linear(512, 512), fac_ReLU(), fac_Linear(512, 10));
    bench_trainer t = {model, fac_Adam(fac_parameters(model))};
    bench_step s = {.name = "mnist", .fn = train_step, .ctx = &t, .suffix = suffix, .times = 1};
    s.batch = (fac_batch){.n = 2, .x = fac_rand(128, 784), .y = fac_randint(0, 10, FAC_LIST(128))};
    s.mask = 1023, s.scale = 0.1F;
    int failed = bench_step_all(&s, seconds);
    bench_trainer_free(&t);
    return failed;
}
