/* SPDX-License-Identifier: MIT */
/* What the losses share: their reduction. */
#ifndef FAC_NN_LOSS_H
#define FAC_NN_LOSS_H

#include "facula/ops.h"
#include "nn/module.h"

typedef struct fac_loss {
    fac_module base;
    const char *reduction; /* "mean", "sum" or "none": static */
} fac_loss;

/* NULL, with the error pending, for an unknown reduction. */
fac_module *fac_loss_new(const fac_class *cls, const char *reduction);
static inline const char *fac_loss_reduction(const fac_module *loss)
{
    return ((const fac_loss *)loss)->reduction;
}

#endif
