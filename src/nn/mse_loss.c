/* SPDX-License-Identifier: MIT */
#include "facula/nn_modules.h"
#include "nn/loss.h"

static fac_status MSELoss_call(fac_module *self, const fac_values *in, fac_values *out)
{
    FAC_TRY(fac_values_expect(self, in, 2));
    const fac_mse_loss_args args = {.size_ = sizeof args, .reduction = fac_loss_reduction(self)};
    return fac_values_give(out, fac_mse_loss_with(fac_values_tensor(in, 0), fac_values_tensor(in, 1), &args));
}

static const fac_class MSELoss_class = FAC_CALLS_CLASS("MSELoss", sizeof(fac_loss), .call = MSELoss_call);

fac_module *fac_MSELoss_with(const fac_MSELoss_args *args)
{
    return fac_loss_new(&MSELoss_class, args ? args->reduction : "mean");
}
