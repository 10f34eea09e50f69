/* SPDX-License-Identifier: MIT */
/* Elementwise operations, sum, softmax, the copy of a transpose and a chain of six, float32, out of place. Prints ns a
 * call, name and number a line; bench/elementwise_torch.py prints PyTorch's under the same names. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>

#include <facula/facula.h>
#include <facula/plan.h>

#include "bench_time.h"

enum { ROUNDS = 15 };

#define TIME(name, n, ...)                                                            \
    do {                                                                              \
        double ns_;                                                                   \
        BENCH(ns_, ROUNDS, (n) > 100000 ? 12 : 2000, FAC_SCOPE; (void)(__VA_ARGS__)); \
        printf("%s_%d %.1f\n", name, n, ns_);                                         \
        fflush(stdout);                                                               \
    } while (0)

static void time_rows(int n)
{
    FAC_SCOPE;
    fac_tensor *x = fac_randn(n), *o = fac_randn(n), *positive = fac_add(fac_abs(x), 0.1);
    TIME("add", n, fac_add(x, o));
    TIME("mul", n, fac_mul(x, o));
    TIME("mul_number", n, fac_mul(x, 1.5));
    TIME("exp", n, fac_exp(x));
    TIME("tanh", n, fac_tanh(x));
    TIME("sigmoid", n, fac_sigmoid(x));
    TIME("log", n, fac_log(positive));
    TIME("sin", n, fac_sin(x));
    TIME("sum", n, fac_sum(x));
}

static void time_matrix(int rows, int columns)
{
    FAC_SCOPE;
    fac_tensor *x = fac_randn(rows, columns), *turned = fac_t(x);
    TIME("softmax", rows * columns, fac_softmax(x, 1));
    TIME("transpose", rows * columns, fac_contiguous(turned));
}

/* Six operations, each of which reads what the one before wrote: as a plan five of the results stay in the cache. */
static fac_tensor *chain(void *ctx, const fac_batch *b)
{
    (void)ctx;
    fac_tensor *h = fac_add(fac_mul(b->x, 1.5), b->y);
    return fac_mul(fac_tanh(h), fac_sigmoid(fac_neg(h)));
}

static void time_chain(int n)
{
    FAC_SCOPE;
    const fac_batch b = {.n = 2, .x = fac_randn(n), .y = fac_randn(n)};
    fac_plan *plan = fac_compile(chain, NULL);
    TIME("chain", n, chain(NULL, &b));
    TIME("chain_plan", n, fac_run(plan, &b));
    fac_plan_free(plan);
}

int main(void)
{
    time_rows(1000);
    time_rows(1000000);
    time_matrix(1000, 1000);
    time_chain(1000);
    time_chain(1000000);
    if (fac_error_status()) {
        fprintf(stderr, "elementwise: %s\n", fac_last_error());
        return 1;
    }
    return 0;
}
