/* SPDX-License-Identifier: MIT */
/* Normal(loc, scale) */
#include <math.h>

#include "distributions/distribution.h"

enum { LOC, SCALE };
#define PI 3.14159265358979323846

static bool is_positive(double value, double a, double b)
{
    (void)a, (void)b;
    return value > 0;
}

static fac_status check(fac_distribution *d)
{
    double found;
    if (!fac_dist_all(d->param[LOC], NULL, NULL, fac_dist_is_real, &found))
        return fac_dist_bad_param(d, LOC, "Real()", found);
    if (!fac_dist_all(d->param[SCALE], NULL, NULL, is_positive, &found))
        return fac_dist_bad_param(d, SCALE, "GreaterThan(lower_bound=0.0)", found);
    return FAC_OK;
}

static fac_status check_value(fac_distribution *d, fac_tensor *value)
{
    double found;
    return fac_dist_all(value, NULL, NULL, fac_dist_is_real, &found) ? FAC_OK
                                                                     : fac_dist_bad_value(d, value, "Real()", found);
}

static fac_tensor *sample(fac_distribution *d, fac_list shape)
{
    return fac_normal(fac_expand(d->param[LOC], shape), fac_expand(d->param[SCALE], shape));
}

/* loc + z scale */
static fac_tensor *rsample(fac_distribution *d, fac_list shape)
{
    fac_tensor *z = fac_randn(.size = shape, .dtype = fac_dtype_of(d->param[LOC]));
    return fac_add(d->param[LOC], fac_mul(z, d->param[SCALE]));
}

/* -(value - loc)^2 / (2 scale^2) - ln scale - ln sqrt(2 pi) */
static fac_tensor *log_prob(fac_distribution *d, fac_tensor *value)
{
    fac_tensor *variance = fac_pow(d->param[SCALE], 2), *log_scale = fac_log(d->param[SCALE]);
    fac_tensor *square = fac_pow(fac_sub(value, d->param[LOC]), 2);
    fac_tensor *exponent = fac_div(fac_neg(square), fac_mul(2, variance));
    return fac_sub(fac_sub(exponent, log_scale), log(sqrt(2 * PI)));
}

static fac_tensor *mean(fac_distribution *d)
{
    return d->param[LOC];
}

static fac_tensor *stddev(fac_distribution *d)
{
    return d->param[SCALE];
}

static fac_tensor *variance(fac_distribution *d)
{
    return fac_pow(d->param[SCALE], 2);
}

/* 1/2 + ln(2 pi) / 2 + ln scale */
static fac_tensor *entropy(fac_distribution *d)
{
    return fac_add(0.5 + 0.5 * log(2 * PI), fac_log(d->param[SCALE]));
}

static const fac_dist_class class = {.name = "Normal",
                                     .params = {"loc", "scale"},
                                     .sample = sample,
                                     .rsample = rsample,
                                     .log_prob = log_prob,
                                     .mean = mean,
                                     .variance = variance,
                                     .stddev = stddev,
                                     .entropy = entropy,
                                     .check = check,
                                     .check_value = check_value};

fac_Normal_args fac_Normal_defaults(void)
{
    return (fac_Normal_args){FAC_DEFAULTS_Normal, .size_ = sizeof(fac_Normal_args)};
}

fac_distribution *fac_Normal_with(fac_tensor *loc, fac_tensor *scale, const fac_Normal_args *args)
{
    FAC_SCOPE;
    if (fac_dist_operands(&class, &loc, &scale))
        return NULL;
    return fac_dist_new(&class, loc, scale, 0, !args || args->validate_args);
}
