/* SPDX-License-Identifier: MIT */
#include <facula/facula.h>

int main(void)
{
    fac_manual_seed(0);
    fac_module *model = fac_Sequential(fac_Linear(1, 10), fac_ReLU(), fac_Linear(10, 1));
    fac_tensor *x = fac_rand(100, 1), *y = fac_mul(x, x);
#include "block.inc"
    fac_loader_free(data);
    fac_optim_free(opt);
    fac_module_free(loss), fac_module_free(model);
    return status != FAC_OK;
}
