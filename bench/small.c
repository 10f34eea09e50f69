/* SPDX-License-Identifier: MIT */
/* The smallest work: online (8-16-16-1 tanh, one sample a step, MSE, SGD 1e-2: one sample in, one update), infer1 and
 * infer1000 (1-10-10-10-1 ReLU forward without gradients, 1 and 1000 samples), each eager, planned and frozen, and
 * infer1000_peak, infer1000's multiply-adds at the core's measured peak. small [SECONDS [NAME...]]: ns a step. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "bench_peak.h"
#include "bench_step.h"
#include "tensor/kernels.h"

static int online(double seconds)
{
    FAC_SCOPE;
    fac_module *model =
        fac_Sequential(fac_Linear(8, 16), fac_Tanh(), fac_Linear(16, 16), fac_Tanh(), fac_Linear(16, 1));
    bench_trainer t = {model, fac_SGD(fac_parameters(model), .lr = 1e-2)};
    bench_step s = {.name = "online", .fn = bench_mse_step, .ctx = &t, .suffix = "", .times = 100};
    s.batch = (fac_batch){.n = 2, .x = fac_rand(1, 8), .y = fac_full(FAC_LIST(1, 1), 0.5)};
    s.mask = 7, s.scale = 0.01F, s.shift = 0.3F;
    int failed = bench_step_all(&s, seconds);
    bench_trainer_free(&t);
    return failed;
}

static fac_tensor *infer_step(void *ctx, const fac_batch *b)
{
    return fac_forward((fac_module *)ctx, b->x);
}

static int infer(const char *name, int64_t samples, int times, double seconds)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    fac_module *model = fac_Sequential(fac_Linear(1, 10), fac_ReLU(), fac_Linear(10, 10), fac_ReLU(),
                                       fac_Linear(10, 10), fac_ReLU(), fac_Linear(10, 1));
    bench_step s = {.name = name, .fn = infer_step, .ctx = fac_eval(model), .suffix = "", .times = times};
    s.batch = (fac_batch){.n = 1, .x = fac_rand(samples, 1)};
    s.mask = samples > 1 ? 511 : 0, s.scale = 0.1F, s.shift = 0.3F;
    int failed = bench_step_all(&s, seconds);
    fac_module_free(model);
    return failed;
}

static int infer1000(double seconds)
{
    enum { SAMPLES = 1000, MULTIPLY_ADDS = 1 * 10 + 10 * 10 + 10 * 10 + 10 * 1 };
    fac_kernels_init();
    printf("infer1000_peak %.1f\n", 2.0 * SAMPLES * MULTIPLY_ADDS / bench_peak(fac_k->isa));
    return infer("infer1000", SAMPLES, 10, seconds);
}

static bool wanted(int argc, char **argv, const char *name)
{
    bool found = argc < 3;
    for (int i = 2; i < argc; i++)
        found = found || !strcmp(argv[i], name);
    return found;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    fac_manual_seed(0);
    int failed = wanted(argc, argv, "online") && online(seconds);
    failed |= wanted(argc, argv, "infer1") && infer("infer1", 1, 1000, seconds);
    failed |= wanted(argc, argv, "infer1000") && infer1000(seconds);
    return failed;
}
