/* SPDX-License-Identifier: MIT */
/* The loop over a loader. */
#include "facula/facula.h"

static int64_t seen;
static void use(fac_tensor *x, fac_tensor *y)
{
    seen += fac_len(x) == fac_len(y) ? fac_len(x) : 0;
}

int main(void)
{
    FAC_SCOPE;
    const int n_epochs = 2;
    fac_tensor *x = fac_ones(100, 1), *y = fac_zeros(100, 1);
#include "block.inc"
    return status || seen != 200;
}
