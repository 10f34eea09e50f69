/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "facula/nn_modules.h"
#include "facula/ops.h"
#include "nn/module.h"

typedef struct {
    fac_module base;
    double p;
    bool inplace;
} Dropout;

static fac_tensor *Dropout_forward(fac_module *module, fac_tensor *x)
{
    const Dropout *self = (const Dropout *)module;
    const fac_dropout_args args = {
        .size_ = sizeof args, .p = self->p, .training = module->impl->training, .inplace = self->inplace};
    return fac_dropout_with(x, &args);
}

static int Dropout_extra_repr(const fac_module *module, char *out, size_t size)
{
    const Dropout *self = (const Dropout *)module;
    char p[FAC_NUMBER_MAX];
    fac_repr_double(p, self->p);
    return snprintf(out, size, "p=%s, inplace=%s", p, self->inplace ? "True" : "False");
}

static const fac_class Dropout_class =
    FAC_CALLS_CLASS("Dropout", sizeof(Dropout), .forward = Dropout_forward, .extra_repr = Dropout_extra_repr);

fac_module *fac_Dropout_with(const fac_Dropout_args *args)
{
    const double p = args ? args->p : 0.5;
    if (!(p >= 0 && p <= 1)) {
        char text[FAC_NUMBER_MAX];
        fac_repr_double(text, p);
        fac_fail(FAC_ERR_VALUE, "dropout probability has to be between 0 and 1, but got %s", text);
        return NULL;
    }
    Dropout *self = fac_new(&Dropout_class);
    if (!self)
        return NULL;
    self->p = p;
    self->inplace = args && args->inplace;
    return fac_done(self);
}
