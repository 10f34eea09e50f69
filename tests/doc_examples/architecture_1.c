/* SPDX-License-Identifier: MIT */
/* One training step. */
#include "facula/facula.h"

int main(void)
{
    FAC_SCOPE;
    fac_tensor *inputs = fac_ones(5, 2), *targets = fac_ones(5);
    fac_module *model = fac_Linear(2, 1);
    fac_optim *optimizer = fac_SGD(fac_parameters(model), .lr = 0.1);
    fac_tensor *weight = fac_get_parameter(model, "weight");
    double before = fac_at(weight, FAC_LIST(0, 0));
    bool failed;
#include "block.inc"
    bool moved = fac_at(weight, FAC_LIST(0, 0)) != before;
    fac_optim_free(optimizer), fac_module_free(model);
    return failed || !moved;
}
