/* SPDX-License-Identifier: MIT */
/* Elementwise operations, sum, softmax and the copy of a transpose, float32, out of place. Prints ns a call, name and
 * number a line; bench/elementwise_torch.py prints PyTorch's under the same names. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>

#include <facula/facula.h>

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

int main(void)
{
    time_rows(1000);
    time_rows(1000000);
    time_matrix(1000, 1000);
    if (fac_error_status()) {
        fprintf(stderr, "elementwise: %s\n", fac_last_error());
        return 1;
    }
    return 0;
}
