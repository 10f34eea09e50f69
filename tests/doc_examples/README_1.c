/* SPDX-License-Identifier: MIT */
/* The training loop: it ends well, and what it has learned is what it was shown. */
#include <stdio.h>

#include "facula/facula.h"

int main(void)
{
    FAC_SCOPE;
    bool failed = false;
    fac_manual_seed(0);
    fac_tensor *x = fac_reshape(fac_linspace(-1, 1, 50), FAC_LIST(50, 1)), *y = fac_pow(x, 2);
#include "block.inc"
    double error = fac_item(fac_mse_loss(fac_forward(model, x), y)), before = fac_item(fac_mean(fac_mul(y, y)));
    printf("%s: mean squared error %d millionths, %d of no model\n", failed ? "failed" : "trained", (int)(1e6 * error),
           (int)(1e6 * before));
    fac_loader_free(data), fac_optim_free(optimizer), fac_module_free(model);
    return failed || !(error < 0.02 * before);
}
