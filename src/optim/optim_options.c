/* SPDX-License-Identifier: MIT */
/* What a group's options are, and its gradients dropped. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "graph/recorder.h"
#include "optim/optimiser.h"

fac_status fac_optim_check_not_negative(const char *who, const char *what, double value)
{
    char text[FAC_NUMBER_MAX];
    if (value >= 0)
        return FAC_OK;
    fac_repr_double(text, value);
    return fac_fail(FAC_ERR_VALUE, "%s: Invalid %s: %s", who, what, text);
}

int64_t fac_optim_groups(const fac_optim *opt)
{
    return fac_handle_check(opt, &fac_optim_type, "optim_groups", "optimiser") ? -1 : (int64_t)opt->count;
}

fac_optim_group *fac_optim_group_at(const fac_optim *opt, int64_t group)
{
    int64_t count = (int64_t)opt->count, at = group < 0 ? group + count : group;
    if (at >= 0 && at < count)
        return opt->groups[at];
    fac_fail(FAC_ERR_INDEX, "%s: group %lld is out of range for %lld groups", opt->cls->name, (long long)group,
             (long long)count);
    return NULL;
}

const fac_tensors *fac_optim_params(const fac_optim *opt, int64_t group)
{
    if (fac_handle_check(opt, &fac_optim_type, "optim_params", "optimiser"))
        return NULL;
    fac_optim_group *found = fac_optim_group_at(opt, group);
    return found ? &found->params : NULL;
}

/* The option's place; -1 with the error set. */
static int option_at(const fac_optim_class *cls, const char *option)
{
    for (int i = 0; option && i < cls->n_options; i++)
        if (!strcmp(cls->options[i].name, option))
            return i;
    fac_fail(FAC_ERR_KEY, "%s: no option '%s'", cls->name, option ? option : "NULL");
    return -1;
}

double fac_optim_get(const fac_optim *opt, int64_t group, const char *option)
{
    if (fac_handle_check(opt, &fac_optim_type, "optim_get", "optimiser"))
        return FAC_NONE_REAL;
    fac_optim_group *found = fac_optim_group_at(opt, group);
    int at = found ? option_at(opt->cls, option) : -1;
    return at >= 0 ? found->options[at] : FAC_NONE_REAL;
}

static fac_status set_option(fac_optim *opt, int64_t group, const char *option, double value)
{
    FAC_TRY(fac_handle_check(opt, &fac_optim_type, "optim_set", "optimiser"));
    FAC_TRY(fac_settle());
    fac_optim_group *found = fac_optim_group_at(opt, group);
    int at = found ? option_at(opt->cls, option) : -1;
    if (at < 0)
        return fac_pending();
    double options[FAC_OPTIM_OPTIONS];
    memcpy(options, found->options, sizeof options);
    options[at] = opt->cls->options[at].is_bool ? value != 0 : value;
    FAC_TRY(opt->cls->check(opt->cls->name, options));
    memcpy(found->options, options, sizeof options);
    opt->changes++;
    return FAC_OK;
}

fac_status fac_optim_set(fac_optim *opt, int64_t group, const char *option, double value)
{
    if (fac_pending())
        return fac_error_status();
    return fac_returned(set_option(opt, group, option, value));
}
