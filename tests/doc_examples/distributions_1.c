/* SPDX-License-Identifier: MIT */
/* Noise. */
#include "facula/facula.h"

int main(void)
{
    FAC_SCOPE;
    fac_manual_seed(0);
#include "block.inc"
    double scale = fac_item(fac_std(y_noise));
    return !(fac_len(y_noise) == 100 && scale > 8 && scale < 12);
}
