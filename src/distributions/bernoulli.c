/* SPDX-License-Identifier: MIT */
/* Bernoulli(probs), Bernoulli(logits=...) */
#include "distributions/distribution.h"

enum { PROBS, LOGITS };

static bool is_probability(double value, double a, double b)
{
    (void)a, (void)b;
    return value >= 0 && value <= 1;
}

static bool is_boolean(double value, double a, double b)
{
    (void)a, (void)b;
    return value == 0 || value == 1;
}

static fac_status check(fac_distribution *d)
{
    double found;
    if (d->param[PROBS] && !fac_dist_all(d->param[PROBS], NULL, NULL, is_probability, &found))
        return fac_dist_bad_param(d, PROBS, "Interval(lower_bound=0.0, upper_bound=1.0)", found);
    if (d->param[LOGITS] && !fac_dist_all(d->param[LOGITS], NULL, NULL, fac_dist_is_real, &found))
        return fac_dist_bad_param(d, LOGITS, "Real()", found);
    return FAC_OK;
}

static fac_status check_value(fac_distribution *d, fac_tensor *value)
{
    double found;
    return fac_dist_all(value, NULL, NULL, is_boolean, &found) ? FAC_OK
                                                               : fac_dist_bad_value(d, value, "Boolean()", found);
}

static fac_tensor *other(fac_distribution *d)
{
    if (d->param[LOGITS])
        return fac_sigmoid(d->param[LOGITS]);
    fac_tensor *p = fac_dist_clamp_probs(d->param[PROBS]);
    return fac_sub(fac_log(p), fac_log1p(fac_neg(p)));
}

static fac_tensor *probs(fac_distribution *d)
{
    return fac_dist_either(d, PROBS);
}

static fac_tensor *sample(fac_distribution *d, fac_list shape)
{
    return fac_bernoulli(fac_expand(probs(d), shape));
}

/* -ln(p^target (1 - p)^(1 - target)) = (1 - target) logits + ln(1 + exp(-logits)). The threshold is where exp(-x) is
 * less than half an ulp of x in double. */
static fac_tensor *cross_entropy(fac_tensor *logits, fac_tensor *target)
{
    fac_tensor *log_1_exp = fac_softplus(fac_neg(logits), .threshold = 40);
    return fac_add(fac_mul(fac_sub(1, target), logits), log_1_exp);
}

static fac_tensor *log_prob(fac_distribution *d, fac_tensor *value)
{
    return fac_neg(cross_entropy(fac_dist_either(d, LOGITS), value));
}

static fac_tensor *variance(fac_distribution *d)
{
    fac_tensor *p = probs(d);
    return fac_mul(p, fac_sub(1, p));
}

static fac_tensor *entropy(fac_distribution *d)
{
    return cross_entropy(fac_dist_either(d, LOGITS), probs(d));
}

static const fac_dist_class class = {.name = "Bernoulli",
                                     .params = {"probs", "logits"},
                                     .sample = sample,
                                     .log_prob = log_prob,
                                     .mean = probs,
                                     .variance = variance,
                                     .entropy = entropy,
                                     .other = other,
                                     .check = check,
                                     .check_value = check_value};

fac_Bernoulli_args fac_Bernoulli_defaults(void)
{
    return (fac_Bernoulli_args){FAC_DEFAULTS_Bernoulli, .size_ = sizeof(fac_Bernoulli_args)};
}

fac_distribution *fac_Bernoulli_with(const fac_Bernoulli_args *args)
{
    FAC_SCOPE;
    const fac_Bernoulli_args given = args ? *args : fac_Bernoulli_defaults();
    fac_tensor *param = fac_dist_one_of(&class, given.probs, given.logits);
    if (!param)
        return NULL;
    bool logits = given.logits != fac_none;
    return fac_dist_new(&class, logits ? NULL : param, logits ? param : NULL, 0, given.validate_args);
}
