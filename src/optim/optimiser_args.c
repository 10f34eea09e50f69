/* SPDX-License-Identifier: MIT */
/* Defaults and argument descriptors of the constructors. Made by tools/gen_api.c from the tables: change those. */
#include <stddef.h>

#include "facula/optimisers.h"
#include "graph/op.h"

extern const fac_arg fac_args_Adam[];
const fac_arg fac_args_Adam[7] = {
    {"lr", "1e-3", FAC_KIND_REAL, offsetof(fac_Adam_args, lr)},
    {"betas", "None", FAC_KIND_BETAS, offsetof(fac_Adam_args, betas)},
    {"eps", "1e-8", FAC_KIND_REAL, offsetof(fac_Adam_args, eps)},
    {"weight_decay", "0", FAC_KIND_REAL, offsetof(fac_Adam_args, weight_decay)},
    {"amsgrad", "False", FAC_KIND_BOOL, offsetof(fac_Adam_args, amsgrad)},
    {"maximize", "False", FAC_KIND_BOOL, offsetof(fac_Adam_args, maximize)},
    {"decoupled_weight_decay", "False", FAC_KIND_BOOL, offsetof(fac_Adam_args, decoupled_weight_decay)},
};

fac_Adam_args fac_Adam_defaults(void)
{
    return (fac_Adam_args){FAC_DEFAULTS_Adam, .size_ = sizeof(fac_Adam_args)};
}

extern const fac_arg fac_args_AdamW[];
const fac_arg fac_args_AdamW[6] = {
    {"lr", "1e-3", FAC_KIND_REAL, offsetof(fac_AdamW_args, lr)},
    {"betas", "None", FAC_KIND_BETAS, offsetof(fac_AdamW_args, betas)},
    {"eps", "1e-8", FAC_KIND_REAL, offsetof(fac_AdamW_args, eps)},
    {"weight_decay", "1e-2", FAC_KIND_REAL, offsetof(fac_AdamW_args, weight_decay)},
    {"amsgrad", "False", FAC_KIND_BOOL, offsetof(fac_AdamW_args, amsgrad)},
    {"maximize", "False", FAC_KIND_BOOL, offsetof(fac_AdamW_args, maximize)},
};

fac_AdamW_args fac_AdamW_defaults(void)
{
    return (fac_AdamW_args){FAC_DEFAULTS_AdamW, .size_ = sizeof(fac_AdamW_args)};
}

extern const fac_arg fac_args_SGD[];
const fac_arg fac_args_SGD[6] = {
    {"lr", "1e-3", FAC_KIND_REAL, offsetof(fac_SGD_args, lr)},
    {"momentum", "0", FAC_KIND_REAL, offsetof(fac_SGD_args, momentum)},
    {"dampening", "0", FAC_KIND_REAL, offsetof(fac_SGD_args, dampening)},
    {"weight_decay", "0", FAC_KIND_REAL, offsetof(fac_SGD_args, weight_decay)},
    {"nesterov", "False", FAC_KIND_BOOL, offsetof(fac_SGD_args, nesterov)},
    {"maximize", "False", FAC_KIND_BOOL, offsetof(fac_SGD_args, maximize)},
};

fac_SGD_args fac_SGD_defaults(void)
{
    return (fac_SGD_args){FAC_DEFAULTS_SGD, .size_ = sizeof(fac_SGD_args)};
}
