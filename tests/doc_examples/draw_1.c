/* SPDX-License-Identifier: MIT */
/* A figure; gnuplot may be missing, which is then said. */
#include <stdio.h>

#include "facula/draw.h"
#include "facula/facula.h"

int main(void)
{
    FAC_SCOPE;
    fac_tensor *x = fac_linspace(-1, 1, 10), *y = fac_sin(x), *kind = fac_gt(x, 0);
    fac_tensor *x_true = fac_linspace(-1, 1, 50), *y_true = fac_sin(x_true);
#include "block.inc"
    return 0;
}
