/* SPDX-License-Identifier: MIT */
#include "nn/loss.h"

#include "ops/op_list.h"

fac_module *fac_loss_new(const fac_class *cls, const char *reduction)
{
    static const char *const names[] = {
        [FAC_REDUCTION_NONE] = "none", [FAC_REDUCTION_MEAN] = "mean", [FAC_REDUCTION_SUM] = "sum"};
    fac_reduction kind;
    if (fac_reduction_of(reduction, &kind))
        return NULL;
    fac_loss *self = fac_new(cls);
    if (self)
        self->reduction = names[kind];
    return fac_done(self);
}
