/* SPDX-License-Identifier: MIT */
/* Optimisers: torch.optim.Optimizer. Adam, AdamW and SGD themselves are in optimisers.h:
 *
 *     fac_optim *opt = fac_Adam(fac_parameters(model), .lr = 1e-4);
 *     fac_tensor *loss = fac_mse_loss(fac_forward(model, x), y);
 *     bool failed = fac_optim_zero_grad(opt) || fac_backward(loss) || fac_optim_step(opt);
 *     fac_optim_free(opt);
 *
 * They take PyTorch's arguments in its order, with its defaults, but for foreach, fused, capturable and differentiable:
 * those choose between implementations in Python, of which there is one here. A constructor shares the parameters,
 * which it keeps alive, and copies the list. It returns an optimiser that you own, or NULL. Errors, worded as
 * PyTorch's: FAC_ERR_VALUE for an option out of range (`Adam: Invalid learning rate: -1.0`), an empty list, a tensor
 * that is no leaf; FAC_ERR_RUNTIME for a parameter whose scope has ended.
 *
 * Unlike PyTorch a moment or momentum below the smallest normal number of its dtype in magnitude is stored as 0. */
#ifndef FACULA_OPTIM_H
#define FACULA_OPTIM_H

#include "facula/call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A counted handle. */
typedef struct fac_optim fac_optim;

/* Drops one reference; NULL and fac_none are accepted. */
FAC_API void fac_optim_free(fac_optim *opt);

/* Optimizer.step(): moves every parameter that has a gradient; one whose .grad is None is left out and its count of
 * steps stays. Nothing of it is recorded for autograd. Errors: FAC_ERR_VALUE if opt is NULL. */
FAC_API fac_status fac_optim_step(fac_optim *opt) FAC_WARN_UNUSED;

/* Optimizer.zero_grad(set_to_none=True): drops the gradients of all parameters, or fills them with 0. */
typedef struct fac_optim_zero_grad_args {
    size_t size_;
    bool set_to_none;
} fac_optim_zero_grad_args;
#define FAC_DEFAULTS_optim_zero_grad .set_to_none = true
FAC_API fac_optim_zero_grad_args fac_optim_zero_grad_defaults(void);
FAC_API fac_status fac_optim_zero_grad_with(fac_optim *opt, const fac_optim_zero_grad_args *args) FAC_WARN_UNUSED;
#ifndef __cplusplus
#define fac_optim_zero_grad(...) FAC_CALL1_(optim_zero_grad, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Optimizer.add_param_group({"params": params, "lr": lr, ...}): further parameters with options of their own; those not
 * given are the constructor's. fac_optim_add_param_group(opt, params, .lr = 1e-5). Errors: FAC_ERR_VALUE as for the
 * constructors and for a parameter that is in a group already, FAC_ERR_KEY for an option the optimiser does not have.
 */
typedef struct fac_optim_add_param_group_args {
    size_t size_;
    double lr;
    fac_betas betas;
    double eps, weight_decay, momentum, dampening;
    int amsgrad, nesterov, maximize, decoupled_weight_decay; /* true, false or -1: the constructor's */
} fac_optim_add_param_group_args;
#define FAC_DEFAULTS_optim_add_param_group                                                                \
    .lr = FAC_NONE_REAL, .betas = NULL, .eps = FAC_NONE_REAL, .weight_decay = FAC_NONE_REAL,              \
    .momentum = FAC_NONE_REAL, .dampening = FAC_NONE_REAL, .amsgrad = -1, .nesterov = -1, .maximize = -1, \
    .decoupled_weight_decay = -1
FAC_API fac_optim_add_param_group_args fac_optim_add_param_group_defaults(void);
FAC_API fac_status fac_optim_add_param_group_with(fac_optim *opt, const fac_tensors *params,
                                                  const fac_optim_add_param_group_args *args) FAC_WARN_UNUSED;
#ifndef __cplusplus
#define fac_optim_add_param_group(...) FAC_CALL2_(optim_add_param_group, FAC_TENSOR_, __VA_ARGS__)
#endif

/* len(opt.param_groups); -1 with an error pending if opt is no live optimiser. */
FAC_API int64_t fac_optim_groups(const fac_optim *opt);
/* opt.param_groups[group]["params"]: lent, as long as the group is not changed. group may be negative. NULL with an
 * error pending: FAC_ERR_INDEX. */
FAC_API const fac_tensors *fac_optim_params(const fac_optim *opt, int64_t group);
/* opt.param_groups[group][option], and its assignment: lr, beta1, beta2, eps, weight_decay, amsgrad, maximize,
 * decoupled_weight_decay of Adam and AdamW; lr, momentum, dampening, weight_decay, nesterov, maximize of SGD; true and
 * false are 1 and 0. NaN with an error pending: FAC_ERR_INDEX, FAC_ERR_KEY. Setting checks the value as the constructor
 * does (FAC_ERR_VALUE; PyTorch does not look). */
FAC_API double fac_optim_get(const fac_optim *opt, int64_t group, const char *option);
FAC_API fac_status fac_optim_set(fac_optim *opt, int64_t group, const char *option, double value) FAC_WARN_UNUSED;

/* Optimizer.state_dict(), each leaf of PyTorch's nested dictionary an entry under its path: tensors "state.0.step",
 * "state.0.exp_avg", "state.0.exp_avg_sq", "state.0.max_exp_avg_sq", "state.0.momentum_buffer"; numbers
 * "param_groups.0.lr", "param_groups.0.betas.0", ..., and "param_groups.0.params.0", the position of a parameter among
 * all. step is a 0-d float32 tensor, as in PyTorch. */
typedef struct fac_optim_entry {
    const char *name;
    fac_tensor *tensor; /* NULL: a number */
    double number;
} fac_optim_entry;
typedef struct fac_optim_state {
    int64_t count;
    const fac_optim_entry *entries;
} fac_optim_state;
/* The tensors are the optimiser's own, as in PyTorch: later steps change them. Belongs to the scope (fac_keep and
 * fac_free_handle work on it). NULL with an error pending. */
FAC_API fac_optim_state *fac_optim_state_dict(fac_optim *opt);
/* Optimizer.load_state_dict(state): options, counts and copies of the tensors, cast to the dtypes of the parameters
 * (PyTorch does not copy where the dtypes agree). Options that state does not have stay as they are; those that the
 * optimiser does not know are left out. All or nothing. Errors, FAC_ERR_VALUE: another number of groups or of
 * parameters in a group, a shape that is not the parameter's; FAC_ERR_KEY: a kind of state the optimiser does not have,
 * or a part that is missing. */
FAC_API fac_status fac_optim_load_state_dict(fac_optim *opt, const fac_optim_state *state) FAC_WARN_UNUSED;

#ifdef __cplusplus
}
#endif
#endif
