/* SPDX-License-Identifier: MIT */
/* Each kernel of small dense networks of each instruction set this CPU has: against plain loops where the same bits are
 * promised, else against exact sums. User arrays have guards, padding holds NaN. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/kernels.h"
#include "support_kernel_tests.h"

#pragma GCC diagnostic ignored "-Wunused-function" /* support_kernels.h has tests of other kernels, too */
#define REAL 32
#include "support_kernels.h"
#include "support_dense_kernels.h"
#undef REAL
#define REAL 64
#include "support_kernels.h"
#include "support_dense_kernels.h"

int main(void)
{
#define DENSE_TESTS(t)                                                                                              \
    cmocka_unit_test(dense_products_##t), cmocka_unit_test(dense_weight_grads_##t),                                 \
        cmocka_unit_test(dense_packing_##t), cmocka_unit_test(vec_products_##t), cmocka_unit_test(vec_awkward_##t), \
        cmocka_unit_test(vec_outer_bits_##t), cmocka_unit_test(vec_packed_##t),                                     \
        cmocka_unit_test(mse_and_gradient_##t), cmocka_unit_test(optimiser_lists_##t)
    const struct CMUnitTest tests[] = {DENSE_TESTS(f32), DENSE_TESTS(f64)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
