/* SPDX-License-Identifier: MIT */
/* The smallest work, eagerly: one tiny operation with and without gradients. Prints ns an operation, name and number a
 * line; bench/compare.sh puts the yardstick and PyTorch beside them. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>

#include <facula/facula.h>

#include "bench_time.h"

enum { ROUNDS = 15, TIMES = 100000 };

static fac_tensor *random_leaf(int64_t rows, int64_t cols, bool grad)
{
    fac_tensor *t = rows ? fac_rand(rows, cols) : fac_rand(cols);
    return grad ? fac_requires_grad_(t, true) : t;
}

static void time_add(const char *name, bool grad)
{
    FAC_SCOPE;
    fac_tensor *a = random_leaf(0, 10, grad), *b = random_leaf(0, 10, grad);
    double ns;
    BENCH(ns, ROUNDS, TIMES, FAC_SCOPE; fac_add(a, b));
    printf("%s %.1f\n", name, ns);
}

static void time_relu(void)
{
    FAC_SCOPE;
    fac_tensor *a = random_leaf(0, 10, false);
    double ns;
    BENCH(ns, ROUNDS, TIMES, FAC_SCOPE; fac_relu(a));
    printf("relu %.1f\n", ns);
}

static void time_linear(void)
{
    FAC_SCOPE;
    fac_tensor *x = random_leaf(25, 10, false), *w = random_leaf(10, 10, true), *b = random_leaf(0, 10, true);
    double ns;
    BENCH(ns, ROUNDS, TIMES / 4, FAC_SCOPE; (void)fac_linear(x, w, b));
    printf("linear %.1f\n", ns);
    fac_tensor *g = fac_ones(25, 10);
    int failed = 0;
    BENCH(ns, ROUNDS, TIMES / 4, FAC_SCOPE; failed += fac_backward(fac_linear(x, w, b), .gradient = g) != FAC_OK;
          failed += fac_set_grad(w, NULL) != FAC_OK; failed += fac_set_grad(b, NULL) != FAC_OK);
    printf("linear_backward %.1f\n", ns);
    if (failed)
        fprintf(stderr, "oneop: %s\n", fac_last_error());
}

int main(void)
{
    time_add("add", false);
    time_add("add_grad", true);
    time_relu();
    time_linear();
    return 0;
}
