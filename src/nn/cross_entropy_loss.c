/* SPDX-License-Identifier: MIT */
#include "facula/nn_modules.h"
#include "nn/loss.h"

typedef struct {
    fac_loss base;
    fac_tensor *weight; /* (C), or fac_none */
    int64_t ignore_index;
    double label_smoothing;
} CrossEntropyLoss;

static fac_status CrossEntropyLoss_call(fac_module *module, const fac_values *in, fac_values *out)
{
    const CrossEntropyLoss *self = (const CrossEntropyLoss *)module;
    FAC_TRY(fac_values_expect(module, in, 2));
    const fac_cross_entropy_args args = {.size_ = sizeof args,
                                         .weight = self->weight,
                                         .ignore_index = self->ignore_index,
                                         .reduction = fac_loss_reduction(module),
                                         .label_smoothing = self->label_smoothing};
    return fac_values_give(out, fac_cross_entropy_with(fac_values_tensor(in, 0), fac_values_tensor(in, 1), &args));
}

static const fac_class CrossEntropyLoss_class =
    FAC_CALLS_CLASS("CrossEntropyLoss", sizeof(CrossEntropyLoss), .call = CrossEntropyLoss_call);

fac_module *fac_CrossEntropyLoss_with(const fac_CrossEntropyLoss_args *args)
{
    static const fac_CrossEntropyLoss_args defaults = {FAC_DEFAULTS_CrossEntropyLoss};
    if (!args)
        args = &defaults;
    CrossEntropyLoss *self = (CrossEntropyLoss *)(void *)fac_loss_new(&CrossEntropyLoss_class, args->reduction);
    if (!self)
        return NULL;
    self->ignore_index = args->ignore_index;
    self->label_smoothing = args->label_smoothing;
    FAC_BUFFER(self, weight, args->weight);
    return fac_done(self);
}
