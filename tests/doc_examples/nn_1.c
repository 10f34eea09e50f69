/* SPDX-License-Identifier: MIT */
/* A module of one's own. */
#include "facula/facula.h"

fac_module *net_new(int n);
#include "block.inc"

int main(void)
{
    FAC_SCOPE;
    fac_module *m = net_new(4);
    bool works = fac_size(fac_forward(m, fac_ones(3, 1)), 0) == 3 && fac_parameters(m)->count == 5;
    fac_module_free(m);
    return !works;
}
