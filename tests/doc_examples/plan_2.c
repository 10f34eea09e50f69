/* SPDX-License-Identifier: MIT */
/* The step through a plan. */
#include "facula/facula.h"

static fac_tensor *train_step(void *ctx, const fac_batch *b)
{
    return fac_mul(b->x, *(const double *)ctx);
}

int main(void)
{
    FAC_SCOPE;
    double t = 3;
    fac_batch batch = {.n = 1, .item = {fac_full(FAC_EMPTY_LIST, 2)}};
#include "block.inc"
    bool fine = loss && fac_item(loss) == 6;
    fac_plan_free(step);
    return !fine;
}
