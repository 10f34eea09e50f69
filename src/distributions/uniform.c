/* SPDX-License-Identifier: MIT */
/* Uniform(low, high) */
#include <math.h>

#include "distributions/distribution.h"

enum { LOW, HIGH };

static bool is_less(double value, double bound, double b)
{
    (void)b;
    return value < bound;
}

static bool is_greater(double value, double bound, double b)
{
    (void)b;
    return value > bound;
}

static bool is_between(double value, double low, double high)
{
    return low <= value && value <= high;
}

/* `LessThan(upper_bound=1.0)`, of the param that bounds. */
static fac_status bad_bound(fac_distribution *d, int which, const char *constraint, double found)
{
    fac_text text = {0};
    fac_text_add(&text, "%s=", constraint);
    fac_dist_describe_param(&text, d->param[!which], NULL);
    fac_text_add(&text, ")");
    fac_status status = text.failed ? fac_pending() : fac_dist_bad_param(d, which, text.data, found);
    fac_text_free(&text);
    return status;
}

static fac_status check(fac_distribution *d)
{
    double found;
    if (!fac_dist_all(d->param[LOW], d->param[HIGH], NULL, is_less, &found))
        return bad_bound(d, LOW, "LessThan(upper_bound", found);
    if (!fac_dist_all(d->param[HIGH], d->param[LOW], NULL, is_greater, &found))
        return bad_bound(d, HIGH, "GreaterThan(lower_bound", found);
    return FAC_OK;
}

static fac_status check_value(fac_distribution *d, fac_tensor *value)
{
    double found;
    if (fac_dist_all(value, d->param[LOW], d->param[HIGH], is_between, &found))
        return FAC_OK;
    fac_text text = {0};
    fac_text_add(&text, "Interval(lower_bound=");
    fac_dist_describe_param(&text, d->param[LOW], NULL);
    fac_text_add(&text, ", upper_bound=");
    fac_dist_describe_param(&text, d->param[HIGH], NULL);
    fac_text_add(&text, ")");
    fac_status status = text.failed ? fac_pending() : fac_dist_bad_value(d, value, text.data, found);
    fac_text_free(&text);
    return status;
}

static fac_tensor *width(fac_distribution *d)
{
    return fac_sub(d->param[HIGH], d->param[LOW]);
}

/* low + x (high - low) */
static fac_tensor *rsample(fac_distribution *d, fac_list shape)
{
    fac_tensor *x = fac_rand(.size = shape, .dtype = fac_dtype_of(d->param[LOW]));
    return fac_add(d->param[LOW], fac_mul(x, width(d)));
}

/* ln [low <= value < high] - ln(high - low) */
static fac_tensor *log_prob(fac_distribution *d, fac_tensor *value)
{
    fac_dtype dtype = fac_dtype_of(d->param[LOW]);
    fac_tensor *above = fac_to(fac_le(d->param[LOW], value), dtype);
    fac_tensor *below = fac_to(fac_gt(d->param[HIGH], value), dtype);
    return fac_sub(fac_log(fac_mul(above, below)), fac_log(width(d)));
}

static fac_tensor *mean(fac_distribution *d)
{
    return fac_div(fac_add(d->param[HIGH], d->param[LOW]), 2);
}

static fac_tensor *variance(fac_distribution *d)
{
    return fac_div(fac_pow(width(d), 2), 12);
}

static fac_tensor *stddev(fac_distribution *d)
{
    return fac_div(width(d), sqrt(12));
}

static fac_tensor *entropy(fac_distribution *d)
{
    return fac_log(width(d));
}

static const fac_dist_class class = {.name = "Uniform",
                                     .params = {"low", "high"},
                                     .sample = rsample,
                                     .rsample = rsample,
                                     .log_prob = log_prob,
                                     .mean = mean,
                                     .variance = variance,
                                     .stddev = stddev,
                                     .entropy = entropy,
                                     .check = check,
                                     .check_value = check_value};

fac_Uniform_args fac_Uniform_defaults(void)
{
    return (fac_Uniform_args){FAC_DEFAULTS_Uniform, .size_ = sizeof(fac_Uniform_args)};
}

fac_distribution *fac_Uniform_with(fac_tensor *low, fac_tensor *high, const fac_Uniform_args *args)
{
    FAC_SCOPE;
    if (fac_dist_operands(&class, &low, &high))
        return NULL;
    return fac_dist_new(&class, low, high, 0, !args || args->validate_args);
}
