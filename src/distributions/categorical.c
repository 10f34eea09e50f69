/* SPDX-License-Identifier: MIT */
/* Categorical(probs), Categorical(logits=...) */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "distributions/distribution.h"
#include "tensor/iterate.h"

enum { PROBS, LOGITS };

static int64_t num_events(const fac_distribution *d)
{
    return fac_size(d->param[d->param[PROBS] ? PROBS : LOGITS], -1);
}

/* Every row of probs is at least 0 and sums to 1: that was made so, unless there was something wrong with it. */
static bool is_simplex(const fac_tensor *probs, double *found)
{
    const int64_t n = probs->m.shape[probs->m.ndim - 1];
    double sum = 0;
    for (int64_t i = 0; i < probs->m.numel; i++) {
        *found = fac_load_double(fac_element(probs, i), probs->m.dtype);
        sum = (i % n ? sum : 0) + *found;
        if (!(*found >= 0) || (i % n == n - 1 && !(fabs(sum - 1) < 1e-6 * (double)(n > 16 ? n : 16))))
            return false;
    }
    return true;
}

static fac_status check(fac_distribution *d)
{
    double found;
    if (d->param[PROBS] && !is_simplex(d->param[PROBS], &found))
        return fac_dist_bad_param(d, PROBS, "Simplex()", found);
    if (d->param[LOGITS] && !fac_dist_all(d->param[LOGITS], NULL, NULL, fac_dist_is_real, &found))
        return fac_dist_bad_param(d, LOGITS, "IndependentConstraint(Real(), 1)", found);
    return FAC_OK;
}

static bool is_index(double value, double a, double b)
{
    (void)a, (void)b;
    return value == trunc(value) && value >= 0;
}

static bool is_below(double value, double limit, double b)
{
    (void)b;
    return value < limit;
}

static fac_status check_value(fac_distribution *d, fac_tensor *value)
{
    double found;
    FAC_SCOPE;
    fac_tensor *limit = fac_scalar_int(num_events(d));
    if (!limit)
        return fac_pending();
    if (fac_dist_all(value, NULL, NULL, is_index, &found) && fac_dist_all(value, limit, NULL, is_below, &found))
        return FAC_OK;
    fac_text text = {0};
    fac_text_add(&text, "IntegerInterval(lower_bound=0, upper_bound=%lld)", (long long)num_events(d) - 1);
    fac_status status = text.failed ? fac_pending() : fac_dist_bad_value(d, value, text.data, found);
    fac_text_free(&text);
    return status;
}

static fac_tensor *other(fac_distribution *d)
{
    return d->param[LOGITS] ? fac_softmax(d->param[LOGITS], -1) : fac_log(fac_dist_clamp_probs(d->param[PROBS]));
}

static fac_tensor *probs(fac_distribution *d)
{
    return fac_dist_either(d, PROBS);
}

static fac_tensor *logits(fac_distribution *d)
{
    return fac_dist_either(d, LOGITS);
}

/* (batch, n) -> (batch, samples) -> (samples, batch) -> sample_shape + batch_shape */
static fac_tensor *sample(fac_distribution *d, fac_list shape)
{
    int64_t samples = 1;
    for (int64_t i = 0; i < shape->count - d->batch_shape.count; i++)
        if (!fac_size_mul(samples, shape->values[i], &samples)) {
            fac_fail(FAC_ERR_VALUE, "Categorical: sample_shape is too large");
            return NULL;
        }
    fac_tensor *rows = fac_reshape(probs(d), FAC_LIST(-1, num_events(d)));
    return fac_reshape(fac_t(fac_multinomial(rows, samples, true)), shape);
}

/* log_pmf (.., n) at the index value (..): both are broadcast to one batch. */
static fac_tensor *log_prob(fac_distribution *d, fac_tensor *value)
{
    fac_tensor *index = fac_unsqueeze(fac_to(value, FAC_INT64), -1), *log_pmf = logits(d);
    if (!index || !log_pmf)
        return NULL;
    fac_meta shape;
    if (fac_broadcast(&shape, (const fac_meta *[]){&index->m, &log_pmf->m}, 2, "Categorical"))
        return NULL;
    fac_ints list = {.count = shape.ndim};
    memcpy(list.values, shape.shape, shape.ndim * sizeof *list.values);
    log_pmf = fac_expand(log_pmf, &list);
    list.values[list.count - 1] = 1;
    return fac_squeeze(fac_gather(log_pmf, -1, fac_expand(index, &list)), -1);
}

/* There is none. */
static fac_tensor *no_number(fac_distribution *d)
{
    return fac_full(&d->batch_shape, (double)NAN, fac_dtype_of(probs(d)));
}

/* -sum p ln p, with p ln p = 0 for p = 0 */
static fac_tensor *entropy(fac_distribution *d)
{
    fac_tensor *log_p = logits(d);
    double least = fac_dtype_of(log_p) == FAC_FLOAT32 ? -(double)FLT_MAX : -DBL_MAX;
    return fac_neg(fac_sum(fac_mul(fac_clamp(log_p, least), probs(d)), -1));
}

static const fac_dist_class class = {.name = "Categorical",
                                     .params = {"probs", "logits"},
                                     .sample = sample,
                                     .log_prob = log_prob,
                                     .mean = no_number,
                                     .variance = no_number,
                                     .entropy = entropy,
                                     .other = other,
                                     .check = check,
                                     .check_value = check_value};

fac_Categorical_args fac_Categorical_defaults(void)
{
    return (fac_Categorical_args){FAC_DEFAULTS_Categorical, .size_ = sizeof(fac_Categorical_args)};
}

fac_distribution *fac_Categorical_with(const fac_Categorical_args *args)
{
    FAC_SCOPE;
    const fac_Categorical_args given = args ? *args : fac_Categorical_defaults();
    fac_tensor *param = fac_dist_one_of(&class, given.probs, given.logits);
    bool is_logits = given.logits != fac_none;
    if (!param)
        return NULL;
    if (param->m.ndim < 1) {
        fac_fail(FAC_ERR_VALUE, "Categorical: `%s` parameter must be at least one-dimensional.",
                 class.params[is_logits]);
        return NULL;
    }
    if (is_logits)
        param = fac_sub(param, fac_logsumexp(param, -1, .keepdim = true));
    else
        param = fac_div(param, fac_sum(param, -1, .keepdim = true));
    return fac_dist_new(&class, is_logits ? NULL : param, is_logits ? param : NULL, 1, given.validate_args);
}
