/* SPDX-License-Identifier: MIT */
/* The life of optimisers and parameter groups. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "graph/recorder.h"
#include "optim/optimiser.h"

static void destroy_optim(void *handle);
const fac_handle_type fac_optim_type = {"optimiser", destroy_optim};

void fac_param_state_clear(fac_param_state *state)
{
    for (int i = 0; i < FAC_OPTIM_BUFFERS; i++)
        fac_tensor_free(state->buffers[i]);
    *state = (fac_param_state){0};
}

static size_t inputs_of(const fac_optim_class *cls, size_t n)
{
    return n * (size_t)(2 + cls->n_buffers);
}

static void free_group(const fac_optim_class *cls, fac_optim_group *group)
{
    size_t n = (size_t)group->params.count;
    for (size_t i = 0; i < n; i++) {
        if (group->params_)
            fac_tensor_free(group->params_[i]);
        if (group->own)
            fac_param_state_clear(&group->own[i]);
    }
    fac_dealloc(group->params_, n * sizeof *group->params_);
    fac_dealloc(group->states, n * sizeof *group->states);
    fac_dealloc(group->own, n * sizeof *group->own);
    fac_dealloc(group->done, n * sizeof *group->done);
    fac_dealloc(group->in, inputs_of(cls, n) * sizeof *group->in);
    fac_dealloc(group->list.segments, group->list.segments ? n * cls->segment_bytes : 0);
    fac_dealloc(group, sizeof *group);
}

static void destroy_optim(void *handle)
{
    fac_optim *opt = handle;
    for (size_t i = 0; i < opt->count; i++)
        free_group(opt->cls, opt->groups[i]);
    fac_dealloc(opt->groups, opt->capacity * sizeof *opt->groups);
    fac_handle_dealloc(opt);
}

void fac_optim_free(fac_optim *opt)
{
    fac_free_handle(opt);
}

/* torch.optim.Optimizer.add_param_group's checks of the tensors. */
static fac_status check_params(const char *who, const fac_tensors *params)
{
    if (!params)
        return fac_fail(FAC_ERR_VALUE, "%s: params is NULL", who);
    if ((const void *)params == fac_none)
        return fac_fail(FAC_ERR_TYPE, "%s: params is None", who);
    for (int64_t i = 0; i < params->count; i++) {
        char what[40];
        snprintf(what, sizeof what, "params[%lld]", (long long)i);
        const fac_tensor *param = params->items[i];
        FAC_TRY(fac_tensor_check(param, who, what));
        if (param->node && !param->retains_grad)
            return fac_fail(FAC_ERR_VALUE, "%s: can't optimize a non-leaf Tensor: %s", who, what);
    }
    return FAC_OK;
}

static bool contains(const fac_tensors *params, const fac_tensor *param)
{
    for (int64_t i = 0; i < params->count; i++)
        if (params->items[i] == param)
            return true;
    return false;
}

static fac_status check_other_groups(const fac_optim *opt, const fac_tensors *params)
{
    for (size_t g = 0; g < opt->count; g++)
        for (int64_t i = 0; i < params->count; i++)
            if (contains(&opt->groups[g]->params, params->items[i]))
                return fac_fail(FAC_ERR_VALUE,
                                "%s: some parameters appear in more than one parameter group: params[%lld] is in "
                                "group %zu",
                                opt->cls->name, (long long)i, g);
    return FAC_OK;
}

/* Room for n parameters; on failure what was had is freed. */
static fac_optim_group *new_group(const fac_optim_class *cls, size_t n)
{
    fac_optim_group *group = fac_alloc_zeroed(sizeof *group);
    if (!group)
        return NULL;
    group->ready_buffers = -1;
    group->params_ = fac_alloc_zeroed(n * sizeof *group->params_);
    group->states = fac_alloc_zeroed(n * sizeof *group->states);
    group->own = fac_alloc_zeroed(n * sizeof *group->own);
    group->done = fac_alloc_zeroed(n * sizeof *group->done);
    group->in = fac_alloc_zeroed(inputs_of(cls, n) * sizeof *group->in);
    group->params = (fac_tensors){(int64_t)n, group->params_};
    if (group->params_ && group->states && group->own && group->done && group->in)
        return group;
    free_group(cls, group);
    return NULL;
}

/* The same parameter twice shares its state and is stepped twice, as in PyTorch. */
static fac_param_state *state_for(fac_optim_group *group, int64_t i)
{
    for (int64_t j = 0; j < i; j++)
        if (group->params_[j] == group->params_[i]) {
            group->has_duplicates = true;
            return group->states[j];
        }
    return &group->own[i];
}

static void take_params(fac_optim_group *group, const fac_tensors *params)
{
    for (int64_t i = 0; i < params->count; i++) {
        fac_ref(params->items[i]);
        group->params_[i] = params->items[i];
        group->states[i] = state_for(group, i);
    }
    if (group->has_duplicates)
        FAC_WARN_ONCE("optimizer contains a parameter group with duplicate parameters; in future, this will cause an "
                      "error; see github.com/pytorch/pytorch/issues/40967 for more information");
}

static fac_status add_group(fac_optim *opt, const fac_tensors *params, const double *options)
{
    const fac_optim_class *cls = opt->cls;
    FAC_TRY(check_params(cls->name, params));
    FAC_TRY(check_other_groups(opt, params));
    FAC_TRY(fac_grow(&opt->groups, &opt->capacity, opt->count + 1, sizeof *opt->groups));
    fac_optim_group *group = new_group(cls, (size_t)params->count);
    if (!group)
        return fac_pending();
    memcpy(group->options, options, (size_t)cls->n_options * sizeof *options);
    take_params(group, params);
    opt->groups[opt->count++] = group;
    return FAC_OK;
}

fac_optim *fac_optim_new(const fac_optim_class *cls, const fac_tensors *params, const double *options)
{
    if (cls->check(cls->name, options) || check_params(cls->name, params))
        return NULL;
    if (params->count == 0) {
        fac_fail(FAC_ERR_VALUE, "%s: optimizer got an empty parameter list", cls->name);
        return NULL;
    }
    fac_optim *opt = fac_handle_new(&fac_optim_type, sizeof *opt);
    if (!opt)
        return NULL;
    opt->cls = cls;
    memcpy(opt->defaults, options, (size_t)cls->n_options * sizeof *options);
    if (!add_group(opt, params, options))
        return opt;
    fac_optim_free(opt);
    return NULL;
}

typedef struct given_option {
    const char *name;
    double value;
    bool given;
} given_option;

static fac_status give_option(const fac_optim_class *cls, double *options, const given_option *given)
{
    if (!given->given)
        return FAC_OK;
    for (int i = 0; i < cls->n_options; i++)
        if (!strcmp(cls->options[i].name, given->name)) {
            options[i] = given->value;
            return FAC_OK;
        }
    return fac_fail(FAC_ERR_KEY, "%s: no option '%s'", cls->name, given->name);
}

static given_option number(const char *name, double value)
{
    return (given_option){name, value, value == value};
}

static given_option truth(const char *name, int value)
{
    return (given_option){name, value != 0, value >= 0};
}

static fac_status give_options(const fac_optim_class *cls, double *options, const fac_optim_add_param_group_args *args)
{
    const given_option given[] = {number("lr", args->lr),
                                  number("beta1", args->betas ? args->betas->beta1 : FAC_NONE_REAL),
                                  number("beta2", args->betas ? args->betas->beta2 : FAC_NONE_REAL),
                                  number("eps", args->eps),
                                  number("weight_decay", args->weight_decay),
                                  number("momentum", args->momentum),
                                  number("dampening", args->dampening),
                                  truth("amsgrad", args->amsgrad),
                                  truth("nesterov", args->nesterov),
                                  truth("maximize", args->maximize),
                                  truth("decoupled_weight_decay", args->decoupled_weight_decay)};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        FAC_TRY(give_option(cls, options, given + i));
    return cls->check(cls->name, options);
}

fac_optim_add_param_group_args fac_optim_add_param_group_defaults(void)
{
    return (fac_optim_add_param_group_args){FAC_DEFAULTS_optim_add_param_group,
                                            .size_ = sizeof(fac_optim_add_param_group_args)};
}

fac_status fac_optim_add_param_group_with(fac_optim *opt, const fac_tensors *params,
                                          const fac_optim_add_param_group_args *args)
{
    if (fac_pending() || fac_handle_check(opt, &fac_optim_type, "add_param_group", "optimiser"))
        return fac_error_status();
    double options[FAC_OPTIM_OPTIONS];
    memcpy(options, opt->defaults, sizeof options);
    if (args && give_options(opt->cls, options, args))
        return fac_error_status();
    fac_refuse_plan("add_param_group: an optimiser gets more parameters");
    return fac_returned(fac_settle() ? fac_pending() : add_group(opt, params, options));
}
