/* SPDX-License-Identifier: MIT */
/* A dataset of one's own. */
#include "facula/facula.h"

fac_dataset *obs_new(fac_tensor *x_obs, fac_tensor *y_obs);
#include "block.inc"

int main(void)
{
    FAC_SCOPE;
    fac_dataset *d = obs_new(fac_vector(1, 2, 3), fac_vector(4, 5, 6));
    fac_batch sample;
    bool works = fac_dataset_len(d) == 3 && !fac_dataset_get(d, 1, &sample) && fac_item(sample.x) == 2 &&
                 fac_item(sample.y) == 5;
    fac_dataset_free(d);
    return !works;
}
