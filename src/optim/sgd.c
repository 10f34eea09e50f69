/* SPDX-License-Identifier: MIT */
/* Stochastic gradient descent, with momentum (Sutskever et al., ICML 2013). */
#include <math.h>

#include "base/error.h"
#include "facula/optimisers.h"
#include "ops/optimiser_steps.h"
#include "optim/optimiser.h"

enum { LR, MOMENTUM, DAMPENING, WEIGHT_DECAY, NESTEROV, MAXIMIZE, OPTIONS };

static const fac_optim_option options_of[] = {
    [LR] = {"lr", "lr", false},
    [MOMENTUM] = {"momentum", "momentum", false},
    [DAMPENING] = {"dampening", "dampening", false},
    [WEIGHT_DECAY] = {"weight_decay", "weight_decay", false},
    [NESTEROV] = {"nesterov", "nesterov", true},
    [MAXIMIZE] = {"maximize", "maximize", true},
};
static const char *const buffers_of[] = {"momentum_buffer"};

static fac_status check(const char *who, const double *o)
{
    FAC_TRY(fac_optim_check_not_negative(who, "learning rate", o[LR]));
    FAC_TRY(fac_optim_check_not_negative(who, "momentum value", o[MOMENTUM]));
    FAC_TRY(fac_optim_check_not_negative(who, "weight_decay value", o[WEIGHT_DECAY]));
    if (o[NESTEROV] != 0 && !(o[MOMENTUM] > 0 && o[DAMPENING] == 0))
        return fac_fail(FAC_ERR_VALUE, "%s: Nesterov momentum requires a momentum and zero dampening", who);
    return FAC_OK;
}

static int buffers_wanted(const double *o)
{
    return o[MOMENTUM] != 0;
}

static fac_sgd_step_args args_of(const double *o, int64_t step)
{
    return (fac_sgd_step_args){.size_ = sizeof(fac_sgd_step_args),
                               .lr = o[LR],
                               .momentum = o[MOMENTUM],
                               .dampening = o[DAMPENING],
                               .weight_decay = o[WEIGHT_DECAY],
                               .nesterov = o[NESTEROV] != 0,
                               .maximize = o[MAXIMIZE] != 0,
                               .first = step == 0}; /* the buffer becomes the gradient */
}

static fac_status apply(const double *o, fac_tensor **in, uint32_t n_in, int64_t step)
{
    const fac_sgd_step_args args = args_of(o, step);
    return fac_apply_action(&fac_op_sgd_step, in, n_in, &args);
}

static void apply_list(const double *o, const fac_step_list *list, int64_t step, fac_power *powers)
{
    (void)powers;
    const fac_sgd_step_args args = args_of(o, step);
    fac_sgd_list(list, &args);
}

static double plain_rate(const double *o)
{
    return o[MOMENTUM] == 0 && o[WEIGHT_DECAY] == 0 && o[MAXIMIZE] == 0 ? o[LR] : (double)NAN;
}

static const fac_optim_class sgd_class = {.name = "SGD",
                                          .n_options = OPTIONS,
                                          .n_buffers = 1,
                                          .options = options_of,
                                          .buffers = buffers_of,
                                          .required_buffers = 1,
                                          .check = check,
                                          .buffers_wanted = buffers_wanted,
                                          .apply = apply,
                                          .apply_list = apply_list,
                                          .segment_bytes = sizeof(fac_sgd_segment),
                                          .plain_rate = plain_rate};

fac_optim *fac_SGD_with(const fac_tensors *params, const fac_SGD_args *args)
{
    static const fac_SGD_args defaults = {FAC_DEFAULTS_SGD, .size_ = sizeof defaults};
    const fac_SGD_args *a = args ? args : &defaults;
    const double options[] = {a->lr, a->momentum, a->dampening, a->weight_decay, a->nesterov, a->maximize};
    return fac_optim_new(&sgd_class, params, options);
}
