/* SPDX-License-Identifier: MIT */
/* Matrix products by themselves, square and as a 784-512-512-10 network of batch 128 has them: name and ns a line, as
 * bench/products_torch.py has them. products [THREADS]. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>

#include "bench_time.h"
#include "facula/facula.h"

enum { ROUNDS = 15 };

/* x (rows, k) or its transpose, times y (k, columns) or its transpose. */
static void product(const char *name, int64_t rows, int64_t k, int64_t columns, bool turn_x, bool turn_y)
{
    FAC_SCOPE;
    fac_tensor *x = turn_x ? fac_t(fac_rand(k, rows)) : fac_rand(rows, k);
    fac_tensor *y = turn_y ? fac_t(fac_rand(columns, k)) : fac_rand(k, columns);
    int times = (int)(1 + 2e7 / (double)(rows * k * columns));
    double ns;
    BENCH(ns, ROUNDS, times, FAC_SCOPE; (void)fac_mm(x, y));
    printf("%s %.0f\n", name, ns);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    FAC_NO_GRAD;
    if (fac_set_num_threads(argc > 1 ? atoi(argv[1]) : 1)) {
        fprintf(stderr, "%s\n", fac_last_error());
        return 1;
    }
    product("matmul_64", 64, 64, 64, false, false);
    product("matmul_256", 256, 256, 256, false, false);
    product("matmul_1024", 1024, 1024, 1024, false, false);
    product("forward_784_512", 128, 784, 512, false, true);
    product("forward_512_512", 128, 512, 512, false, true);
    product("forward_512_10", 128, 512, 10, false, true);
    product("weight_784_512", 512, 128, 784, true, false);
    product("weight_512_512", 512, 128, 512, true, false);
    product("weight_512_10", 10, 128, 512, true, false);
    product("input_512_512", 128, 512, 512, false, false);
    product("input_512_10", 128, 10, 512, false, false);
    if (fac_error_status()) {
        fprintf(stderr, "%s\n", fac_last_error());
        return 1;
    }
    return 0;
}
