/* SPDX-License-Identifier: MIT */
/* Printing. */
#include <stdio.h>

#include "facula/facula.h"

int main(void)
{
    FAC_SCOPE;
    fac_tensor *x = fac_vector(1, 2);
    fac_module *model = fac_Sequential(fac_Linear(1, 10), fac_ReLU());
#include "block.inc"
    fac_module_free(model);
    return 0;
}
