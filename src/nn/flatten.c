/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "facula/nn_modules.h"
#include "facula/ops.h"
#include "nn/module.h"

typedef struct {
    fac_module base;
    int64_t start_dim, end_dim;
} Flatten;

static fac_tensor *Flatten_forward(fac_module *module, fac_tensor *x)
{
    const Flatten *self = (const Flatten *)module;
    return fac_flatten(x, self->start_dim, self->end_dim);
}

static int Flatten_extra_repr(const fac_module *module, char *out, size_t size)
{
    const Flatten *self = (const Flatten *)module;
    return snprintf(out, size, "start_dim=%lld, end_dim=%lld", (long long)self->start_dim, (long long)self->end_dim);
}

static const fac_class Flatten_class =
    FAC_CALLS_CLASS("Flatten", sizeof(Flatten), .forward = Flatten_forward, .extra_repr = Flatten_extra_repr);

fac_module *fac_Flatten_with(const fac_Flatten_args *args)
{
    Flatten *self = fac_new(&Flatten_class);
    if (!self)
        return NULL;
    self->start_dim = args ? args->start_dim : 1;
    self->end_dim = args ? args->end_dim : -1;
    return fac_done(self);
}
