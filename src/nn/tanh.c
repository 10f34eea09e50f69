/* SPDX-License-Identifier: MIT */
#include "facula/nn_modules.h"
#include "facula/ops.h"
#include "nn/module.h"

static fac_tensor *Tanh_forward(fac_module *self, fac_tensor *x)
{
    (void)self;
    return fac_tanh(x);
}

static const fac_class Tanh_class = FAC_CALLS_CLASS("Tanh", sizeof(fac_module), .forward = Tanh_forward);

fac_module *fac_Tanh(void)
{
    return fac_done(fac_new(&Tanh_class));
}
