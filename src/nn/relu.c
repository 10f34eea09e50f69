/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "facula/nn_modules.h"
#include "facula/ops.h"
#include "nn/module.h"

typedef struct {
    fac_module base;
    bool inplace;
} ReLU;

static fac_tensor *ReLU_forward(fac_module *module, fac_tensor *x)
{
    return ((ReLU *)module)->inplace ? fac_relu_(x) : fac_relu(x);
}

static int ReLU_extra_repr(const fac_module *module, char *out, size_t size)
{
    return snprintf(out, size, "%s", ((const ReLU *)module)->inplace ? "inplace=True" : "");
}

static const fac_class ReLU_class =
    FAC_CALLS_CLASS("ReLU", sizeof(ReLU), .forward = ReLU_forward, .extra_repr = ReLU_extra_repr);

fac_module *fac_ReLU_with(const fac_ReLU_args *args)
{
    ReLU *self = fac_new(&ReLU_class);
    if (self)
        self->inplace = args && args->inplace;
    return fac_done(self);
}
