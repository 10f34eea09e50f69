/* SPDX-License-Identifier: MIT */
/* The sheet's training: 100 observations, 1-10-10-10-1 with ReLU, batches of 25 shuffled by PyTorch's rules, MSE, Adam
 * 1e-4, with a dataset of the user's own. sheet_step [SECONDS]: "sheet_eager NS", "sheet_plan NS", "sheet_frozen NS" a
 * training step, loader included, start-up excluded; and "sheet_plan_make NS", making a plan: from fac_compile to the
 * end of its second run, less one planned step. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench_sheet.h"
#include "bench_time.h"

enum { CHUNK = 20 };

static int report(const char *name, double ns, bool failed)
{
    if (failed)
        fprintf(stderr, "%s: %s\n", name, fac_last_error());
    else
        printf("%s %.1f\n", name, ns);
    return failed;
}

static int time_steps(bench_sheet *t, const char *name, double seconds, double *step_ns)
{
    double loss = bench_sheet_epochs(t, 1);
    BENCH_FOR(*step_ns, seconds, 1, loss = bench_sheet_epochs(t, CHUNK));
    *step_ns /= CHUNK * POINTS_STEPS;
    return report(name, *step_ns, !isfinite(loss));
}

static int time_making(bench_sheet *t, double step_ns, double seconds)
{
    double loss = 0, ns;
    fac_batch b = {.n = 2, .x = fac_rand(POINTS_BATCH), .y = fac_rand(POINTS_BATCH)};
    BENCH_FOR(ns, seconds, 1, t->plan = fac_compile(bench_sheet_step, t);
              loss += bench_sheet_once(t, &b) + bench_sheet_once(t, &b); fac_plan_free(t->plan));
    t->plan = NULL;
    return report("sheet_plan_make", ns - step_ns, !isfinite(loss));
}

static int time_plan(bench_sheet *t, double seconds)
{
    double ns;
    fac_plan *plan = t->plan = fac_compile(bench_sheet_step, t);
    int failed = time_steps(t, "sheet_plan", seconds, &ns);
    if (!failed) {
        failed = time_making(t, ns, seconds / 4);
        t->plan = plan;
    }
    if (fac_plan_freeze(plan))
        report("sheet_frozen", 0, true);
    else
        failed |= time_steps(t, "sheet_frozen", seconds, &ns);
    t->plan = NULL;
    fac_plan_free(plan);
    return failed;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1, ns;
    fac_manual_seed(0);
    bench_sheet t = bench_sheet_new();
    int failed = time_steps(&t, "sheet_eager", seconds, &ns) || time_plan(&t, seconds);
    bench_sheet_free(&t);
    return failed;
}
