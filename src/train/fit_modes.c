/* SPDX-License-Identifier: MIT */
/* Train and eval mode for a while. */
#include "base/alloc.h"
#include "nn/module.h"
#include "train/fit.h"

fac_status fac_fit_modes_begin(fit_modes *modes, fac_module *model, bool training)
{
    modes->modules = fac_modules(model);
    modes->before = modes->modules ? fac_alloc((size_t)modes->modules->count) : NULL;
    if (!modes->before)
        return fac_pending();
    for (int64_t i = 0; i < modes->modules->count; i++) {
        struct fac_module_parts *impl = modes->modules->items[i]->impl;
        modes->before[i] = impl->training;
        impl->training = training;
    }
    return FAC_OK;
}

void fac_fit_modes_end(fit_modes *modes)
{
    for (int64_t i = 0; i < modes->modules->count; i++)
        modes->modules->items[i]->impl->training = modes->before[i];
    fac_dealloc(modes->before, (size_t)modes->modules->count);
}
