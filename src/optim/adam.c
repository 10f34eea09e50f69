/* SPDX-License-Identifier: MIT */
/* Adam (Kingma and Ba, arXiv:1412.6980), AdamW (Loshchilov and Hutter, arXiv:1711.05101), AMSGrad. */
#include "base/error.h"
#include "base/text.h"
#include "facula/optimisers.h"
#include "ops/optimiser_steps.h"
#include "optim/optimiser.h"

enum { LR, BETA1, BETA2, EPS, WEIGHT_DECAY, AMSGRAD, MAXIMIZE, DECOUPLED, OPTIONS };

static const fac_optim_option options_of[] = {
    [LR] = {"lr", "lr", false},
    [BETA1] = {"beta1", "betas.0", false},
    [BETA2] = {"beta2", "betas.1", false},
    [EPS] = {"eps", "eps", false},
    [WEIGHT_DECAY] = {"weight_decay", "weight_decay", false},
    [AMSGRAD] = {"amsgrad", "amsgrad", true},
    [MAXIMIZE] = {"maximize", "maximize", true},
    [DECOUPLED] = {"decoupled_weight_decay", "decoupled_weight_decay", true},
};
static const char *const buffers_of[] = {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"};

static fac_status check_beta(const char *who, int i, double beta)
{
    char text[FAC_NUMBER_MAX];
    if (beta >= 0 && beta < 1)
        return FAC_OK;
    fac_repr_double(text, beta);
    return fac_fail(FAC_ERR_VALUE, "%s: Invalid beta parameter at index %d: %s", who, i, text);
}

static fac_status check(const char *who, const double *o)
{
    FAC_TRY(fac_optim_check_not_negative(who, "learning rate", o[LR]));
    FAC_TRY(fac_optim_check_not_negative(who, "epsilon value", o[EPS]));
    FAC_TRY(check_beta(who, 0, o[BETA1]));
    FAC_TRY(check_beta(who, 1, o[BETA2]));
    return fac_optim_check_not_negative(who, "weight_decay value", o[WEIGHT_DECAY]);
}

static int buffers_wanted(const double *o)
{
    return o[AMSGRAD] != 0 ? 3 : 2;
}

static fac_adam_step_args args_of(const double *o, int64_t step)
{
    return (fac_adam_step_args){.size_ = sizeof(fac_adam_step_args),
                                .lr = o[LR],
                                .beta1 = o[BETA1],
                                .beta2 = o[BETA2],
                                .eps = o[EPS],
                                .weight_decay = o[WEIGHT_DECAY],
                                .step = step + 1,
                                .amsgrad = o[AMSGRAD] != 0,
                                .maximize = o[MAXIMIZE] != 0,
                                .decoupled = o[DECOUPLED] != 0};
}

static fac_status apply(const double *o, fac_tensor **in, uint32_t n_in, int64_t step)
{
    const fac_adam_step_args args = args_of(o, step);
    return fac_apply_action(&fac_op_adam_step, in, n_in, &args);
}

static void apply_list(const double *o, const fac_step_list *list, int64_t step, fac_power *powers)
{
    const fac_adam_step_args args = args_of(o, step);
    const double beta_powers[] = {fac_power_at(powers, o[BETA1], step + 1),
                                  fac_power_at(powers + 1, o[BETA2], step + 1)};
    fac_adam_list(list, &args, beta_powers);
}

static const fac_optim_class adam_class = {.name = "Adam",
                                           .n_options = OPTIONS,
                                           .n_buffers = 3,
                                           .options = options_of,
                                           .buffers = buffers_of,
                                           .required_buffers = 2,
                                           .counts_steps = true,
                                           .check = check,
                                           .buffers_wanted = buffers_wanted,
                                           .apply = apply,
                                           .apply_list = apply_list,
                                           .segment_bytes = sizeof(fac_adam_segment)};
static const fac_optim_class adamw_class = {.name = "AdamW",
                                            .n_options = OPTIONS,
                                            .n_buffers = 3,
                                            .options = options_of,
                                            .buffers = buffers_of,
                                            .required_buffers = 2,
                                            .counts_steps = true,
                                            .check = check,
                                            .buffers_wanted = buffers_wanted,
                                            .apply = apply,
                                            .apply_list = apply_list,
                                            .segment_bytes = sizeof(fac_adam_segment)};

static const fac_beta_pair default_betas = {0.9, 0.999};

fac_optim *fac_Adam_with(const fac_tensors *params, const fac_Adam_args *args)
{
    static const fac_Adam_args defaults = {FAC_DEFAULTS_Adam, .size_ = sizeof defaults};
    const fac_Adam_args *a = args ? args : &defaults;
    const fac_beta_pair *betas = a->betas ? a->betas : &default_betas;
    const double options[] = {a->lr,           betas->beta1, betas->beta2, a->eps,
                              a->weight_decay, a->amsgrad,   a->maximize,  a->decoupled_weight_decay};
    return fac_optim_new(&adam_class, params, options);
}

fac_optim *fac_AdamW_with(const fac_tensors *params, const fac_AdamW_args *args)
{
    static const fac_AdamW_args defaults = {FAC_DEFAULTS_AdamW, .size_ = sizeof defaults};
    const fac_AdamW_args *a = args ? args : &defaults;
    const fac_beta_pair *betas = a->betas ? a->betas : &default_betas;
    const double options[] = {a->lr,           betas->beta1, betas->beta2, a->eps,
                              a->weight_decay, a->amsgrad,   a->maximize,  true};
    return fac_optim_new(&adamw_class, params, options);
}
