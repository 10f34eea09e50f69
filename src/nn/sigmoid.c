/* SPDX-License-Identifier: MIT */
#include "facula/nn_modules.h"
#include "facula/ops.h"
#include "nn/module.h"

static fac_tensor *Sigmoid_forward(fac_module *self, fac_tensor *x)
{
    (void)self;
    return fac_sigmoid(x);
}

static const fac_class Sigmoid_class = FAC_CALLS_CLASS("Sigmoid", sizeof(fac_module), .forward = Sigmoid_forward);

fac_module *fac_Sigmoid(void)
{
    return fac_done(fac_new(&Sigmoid_class));
}
