/* SPDX-License-Identifier: MIT */
/* A model saved, and loaded into another. */
#include "facula/facula.h"

int main(void)
{
    FAC_SCOPE;
    fac_module *model = fac_Linear(2, 3), *another = fac_Linear(2, 3);
#include "block.inc"
    bool same = fac_equal(fac_get_parameter(model, "weight"), fac_get_parameter(another, "weight"));
    fac_module_free(model), fac_module_free(another);
    return status || !same;
}
