/* SPDX-License-Identifier: MIT */
/* The optimisers of torch.optim: optim.X is fac_X. Made by tools/gen_api.c from the tables: change those. */
#ifndef FACULA_OPTIMISERS_H
#define FACULA_OPTIMISERS_H

#include "facula/call.h"
#include "facula/random.h"
#include "facula/optim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* optim.Adam(params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, amsgrad=False, *, maximize=False,
 * decoupled_weight_decay=False). With g the gradient + weight_decay * p and t the count of steps: m = beta1 m +
 * (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, p = p - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps);
 * with amsgrad the largest v so far. Kingma and Ba, arXiv:1412.6980; AMSGrad: Reddi et al., ICLR 2018. */
typedef struct fac_Adam_args {
    size_t size_;
    double lr;
    fac_betas betas;
    double eps;
    double weight_decay;
    bool amsgrad;
    bool maximize;
    bool decoupled_weight_decay;
} fac_Adam_args;
#define FAC_DEFAULTS_Adam .lr = 1e-3, .betas = NULL, .eps = 1e-8, .weight_decay = 0, .amsgrad = false, \
    .maximize = false, .decoupled_weight_decay = false
FAC_API fac_Adam_args fac_Adam_defaults(void);
FAC_API fac_optim *fac_Adam_with(const fac_tensors *params, const fac_Adam_args *args);
#ifndef __cplusplus
#define fac_Adam(...) FAC_CALL1_(Adam, FAC_TENSOR_, __VA_ARGS__)
#endif

/* optim.AdamW(params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01, amsgrad=False, *,
 * maximize=False). Adam whose decay is apart from the gradient: first p = p - lr * weight_decay * p, then
 * Adam's step with weight_decay 0. Loshchilov and Hutter, arXiv:1711.05101. */
typedef struct fac_AdamW_args {
    size_t size_;
    double lr;
    fac_betas betas;
    double eps;
    double weight_decay;
    bool amsgrad;
    bool maximize;
} fac_AdamW_args;
#define FAC_DEFAULTS_AdamW .lr = 1e-3, .betas = NULL, .eps = 1e-8, .weight_decay = 1e-2, .amsgrad = false, \
    .maximize = false
FAC_API fac_AdamW_args fac_AdamW_defaults(void);
FAC_API fac_optim *fac_AdamW_with(const fac_tensors *params, const fac_AdamW_args *args);
#ifndef __cplusplus
#define fac_AdamW(...) FAC_CALL1_(AdamW, FAC_TENSOR_, __VA_ARGS__)
#endif

/* optim.SGD(params, lr=0.001, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False). With
 * g the gradient + weight_decay * p: b = momentum b + (1 - dampening) g, at first b = g; p = p - lr b, with
 * nesterov p = p - lr (g + momentum b), without momentum p = p - lr g. Sutskever et al., ICML 2013. Errors:
 * FAC_ERR_VALUE for nesterov without momentum or with dampening. */
typedef struct fac_SGD_args {
    size_t size_;
    double lr;
    double momentum;
    double dampening;
    double weight_decay;
    bool nesterov;
    bool maximize;
} fac_SGD_args;
#define FAC_DEFAULTS_SGD .lr = 1e-3, .momentum = 0, .dampening = 0, .weight_decay = 0, .nesterov = false, \
    .maximize = false
FAC_API fac_SGD_args fac_SGD_defaults(void);
FAC_API fac_optim *fac_SGD_with(const fac_tensors *params, const fac_SGD_args *args);
#ifndef __cplusplus
#define fac_SGD(...) FAC_CALL1_(SGD, FAC_TENSOR_, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
