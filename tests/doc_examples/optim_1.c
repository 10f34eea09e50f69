/* SPDX-License-Identifier: MIT */
/* A step of an optimiser. */
#include "facula/facula.h"

int main(void)
{
    FAC_SCOPE;
    fac_module *model = fac_Linear(2, 1);
    fac_tensor *x = fac_ones(5, 2), *y = fac_ones(5, 1), *bias = fac_get_parameter(model, "bias");
    double before = fac_at(bias, FAC_LIST(0));
#include "block.inc"
    bool moved = fac_at(bias, FAC_LIST(0)) != before;
    fac_module_free(model);
    return failed || !moved;
}
