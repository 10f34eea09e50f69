/* SPDX-License-Identifier: MIT */
/* A training step, called. */
#include "facula/facula.h"

typedef struct {
    fac_module *model;
    fac_optim *optimizer;
} trainer;

#include "block.inc"

int main(void)
{
    FAC_SCOPE;
    fac_module *model = fac_Linear(2, 1);
    trainer t = {model, fac_SGD(fac_parameters(model), .lr = 0.1)};
    fac_batch batch = {.n = 2, .item = {fac_ones(5, 2), fac_zeros(5, 1)}};
    fac_tensor *loss = train_step(&t, &batch);
    bool fine = loss && fac_item(loss) >= 0;
    fac_optim_free(t.optimizer), fac_module_free(model);
    return !fine;
}
