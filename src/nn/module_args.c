/* SPDX-License-Identifier: MIT */
/* Defaults and argument descriptors of the constructors. Made by tools/gen_api.c from the tables: change those. */
#include <stddef.h>

#include "facula/nn_modules.h"
#include "graph/op.h"

extern const fac_arg fac_args_Linear[];
const fac_arg fac_args_Linear[4] = {
    {"in_features", NULL, FAC_KIND_INT, offsetof(fac_Linear_args, in_features)},
    {"out_features", NULL, FAC_KIND_INT, offsetof(fac_Linear_args, out_features)},
    {"bias", "True", FAC_KIND_BOOL, offsetof(fac_Linear_args, bias)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_Linear_args, dtype)},
};

fac_Linear_args fac_Linear_defaults(void)
{
    return (fac_Linear_args){FAC_DEFAULTS_Linear, .size_ = sizeof(fac_Linear_args)};
}

extern const fac_arg fac_args_ReLU[];
const fac_arg fac_args_ReLU[1] = {
    {"inplace", "False", FAC_KIND_BOOL, offsetof(fac_ReLU_args, inplace)},
};

fac_ReLU_args fac_ReLU_defaults(void)
{
    return (fac_ReLU_args){FAC_DEFAULTS_ReLU, .size_ = sizeof(fac_ReLU_args)};
}

extern const fac_arg fac_args_Flatten[];
const fac_arg fac_args_Flatten[2] = {
    {"start_dim", "1", FAC_KIND_INT, offsetof(fac_Flatten_args, start_dim)},
    {"end_dim", "-1", FAC_KIND_INT, offsetof(fac_Flatten_args, end_dim)},
};

fac_Flatten_args fac_Flatten_defaults(void)
{
    return (fac_Flatten_args){FAC_DEFAULTS_Flatten, .size_ = sizeof(fac_Flatten_args)};
}

extern const fac_arg fac_args_MSELoss[];
const fac_arg fac_args_MSELoss[1] = {
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_MSELoss_args, reduction)},
};

fac_MSELoss_args fac_MSELoss_defaults(void)
{
    return (fac_MSELoss_args){FAC_DEFAULTS_MSELoss, .size_ = sizeof(fac_MSELoss_args)};
}

extern const fac_arg fac_args_L1Loss[];
const fac_arg fac_args_L1Loss[1] = {
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_L1Loss_args, reduction)},
};

fac_L1Loss_args fac_L1Loss_defaults(void)
{
    return (fac_L1Loss_args){FAC_DEFAULTS_L1Loss, .size_ = sizeof(fac_L1Loss_args)};
}

extern const fac_arg fac_args_CrossEntropyLoss[];
const fac_arg fac_args_CrossEntropyLoss[4] = {
    {"weight", "None", FAC_KIND_TOPT, offsetof(fac_CrossEntropyLoss_args, weight)},
    {"ignore_index", "-100", FAC_KIND_INT, offsetof(fac_CrossEntropyLoss_args, ignore_index)},
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_CrossEntropyLoss_args, reduction)},
    {"label_smoothing", "0.0", FAC_KIND_REAL, offsetof(fac_CrossEntropyLoss_args, label_smoothing)},
};

fac_CrossEntropyLoss_args fac_CrossEntropyLoss_defaults(void)
{
    return (fac_CrossEntropyLoss_args){FAC_DEFAULTS_CrossEntropyLoss, .size_ = sizeof(fac_CrossEntropyLoss_args)};
}

extern const fac_arg fac_args_Dropout[];
const fac_arg fac_args_Dropout[2] = {
    {"p", "0.5", FAC_KIND_REAL, offsetof(fac_Dropout_args, p)},
    {"inplace", "False", FAC_KIND_BOOL, offsetof(fac_Dropout_args, inplace)},
};

fac_Dropout_args fac_Dropout_defaults(void)
{
    return (fac_Dropout_args){FAC_DEFAULTS_Dropout, .size_ = sizeof(fac_Dropout_args)};
}
