/* SPDX-License-Identifier: MIT */
/* The modules of torch.nn: nn.X is fac_X. Made by tools/gen_api.c from the tables: change those. */
#ifndef FACULA_NN_MODULES_H
#define FACULA_NN_MODULES_H

#include "facula/call.h"
#include "facula/random.h"
#include "facula/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* nn.Linear(in_features, out_features, bias=True, dtype=None): input @ weight.T + bias; input (*, in_features)
 * gives (*, out_features). Parameters weight (out_features, in_features) and bias (out_features), both drawn
 * uniformly from +-1/sqrt(in_features). Errors: FAC_ERR_VALUE `Linear: expected input (*, 10), got (25, 1)`,
 * FAC_ERR_TYPE for another dtype than weight's. */
typedef struct fac_Linear_args {
    size_t size_;
    int64_t in_features;
    int64_t out_features;
    bool bias;
    fac_dtype dtype;
} fac_Linear_args;
#define FAC_DEFAULTS_Linear .in_features = FAC_REQUIRED, .out_features = FAC_REQUIRED, .bias = true, \
    .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_Linear_args fac_Linear_defaults(void);
FAC_API fac_module *fac_Linear_with(const fac_Linear_args *args);
#ifndef __cplusplus
#define fac_Linear(...) FAC_KEYWORDS_(Linear, __VA_ARGS__)
#endif

/* nn.ReLU(inplace=False): max(0, input), of input's shape; inplace writes into the input. See fac_relu. */
typedef struct fac_ReLU_args {
    size_t size_;
    bool inplace;
} fac_ReLU_args;
#define FAC_DEFAULTS_ReLU .inplace = false
FAC_API fac_ReLU_args fac_ReLU_defaults(void);
FAC_API fac_module *fac_ReLU_with(const fac_ReLU_args *args);
#ifndef __cplusplus
#define fac_ReLU(...) FAC_KEYWORDS_(ReLU, __VA_ARGS__)
#endif

/* nn.Tanh(): tanh(input), of input's shape. */
FAC_API fac_module *fac_Tanh(void);

/* nn.Sigmoid(): 1 / (1 + exp(-input)), of input's shape. */
FAC_API fac_module *fac_Sigmoid(void);

/* nn.Identity(): the input itself. */
FAC_API fac_module *fac_Identity(void);

/* nn.Flatten(start_dim=1, end_dim=-1): the dims start_dim .. end_dim as one: (N, C, H, W) gives (N, C * H * W).
 * See fac_flatten. */
typedef struct fac_Flatten_args {
    size_t size_;
    int64_t start_dim;
    int64_t end_dim;
} fac_Flatten_args;
#define FAC_DEFAULTS_Flatten .start_dim = 1, .end_dim = -1
FAC_API fac_Flatten_args fac_Flatten_defaults(void);
FAC_API fac_module *fac_Flatten_with(const fac_Flatten_args *args);
#ifndef __cplusplus
#define fac_Flatten(...) FAC_KEYWORDS_(Flatten, __VA_ARGS__)
#endif

/* nn.MSELoss(reduction='mean'): the mean of (input - target)^2; called on two tensors of one shape,
 * fac_forward(loss, input, target), gives a 0-d one. reduction is "mean", "sum" or "none": see fac_mse_loss.
 * Errors: FAC_ERR_VALUE for another reduction. */
typedef struct fac_MSELoss_args {
    size_t size_;
    const char *reduction;
} fac_MSELoss_args;
#define FAC_DEFAULTS_MSELoss .reduction = "mean"
FAC_API fac_MSELoss_args fac_MSELoss_defaults(void);
FAC_API fac_module *fac_MSELoss_with(const fac_MSELoss_args *args);
#ifndef __cplusplus
#define fac_MSELoss(...) FAC_KEYWORDS_(MSELoss, __VA_ARGS__)
#endif

/* nn.L1Loss(reduction='mean'): the mean of |input - target|; called on two tensors of one shape,
 * fac_forward(loss, input, target), gives a 0-d one. reduction is "mean", "sum" or "none": see fac_l1_loss.
 * Errors: FAC_ERR_VALUE for another reduction. */
typedef struct fac_L1Loss_args {
    size_t size_;
    const char *reduction;
} fac_L1Loss_args;
#define FAC_DEFAULTS_L1Loss .reduction = "mean"
FAC_API fac_L1Loss_args fac_L1Loss_defaults(void);
FAC_API fac_module *fac_L1Loss_with(const fac_L1Loss_args *args);
#ifndef __cplusplus
#define fac_L1Loss(...) FAC_KEYWORDS_(L1Loss, __VA_ARGS__)
#endif

/* nn.CrossEntropyLoss(weight=None, ignore_index=-100, reduction='mean', label_smoothing=0.0):
 * -log(softmax(input)) at the target's class; fac_forward(loss, input, target) with input (N, C) and target (N)
 * of class indices, or (N, C) of class probabilities, gives a 0-d tensor: see fac_cross_entropy. weight (C)
 * becomes a buffer. Errors: FAC_ERR_VALUE for another reduction. */
typedef struct fac_CrossEntropyLoss_args {
    size_t size_;
    fac_tensor *weight;
    int64_t ignore_index;
    const char *reduction;
    double label_smoothing;
} fac_CrossEntropyLoss_args;
#define FAC_DEFAULTS_CrossEntropyLoss .weight = (fac_tensor *)fac_none, .ignore_index = -100, \
    .reduction = "mean", .label_smoothing = 0.0
FAC_API fac_CrossEntropyLoss_args fac_CrossEntropyLoss_defaults(void);
FAC_API fac_module *fac_CrossEntropyLoss_with(const fac_CrossEntropyLoss_args *args);
#ifndef __cplusplus
#define fac_CrossEntropyLoss(...) FAC_KEYWORDS_(CrossEntropyLoss, __VA_ARGS__)
#endif

/* nn.Dropout(p=0.5, inplace=False): in training each element 0 with probability p, else input / (1 - p); the
 * input itself in evaluation. See fac_dropout. Errors: FAC_ERR_VALUE for p outside [0, 1]. */
typedef struct fac_Dropout_args {
    size_t size_;
    double p;
    bool inplace;
} fac_Dropout_args;
#define FAC_DEFAULTS_Dropout .p = 0.5, .inplace = false
FAC_API fac_Dropout_args fac_Dropout_defaults(void);
FAC_API fac_module *fac_Dropout_with(const fac_Dropout_args *args);
#ifndef __cplusplus
#define fac_Dropout(...) FAC_KEYWORDS_(Dropout, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
