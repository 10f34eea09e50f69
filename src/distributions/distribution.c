/* SPDX-License-Identifier: MIT */
/* The life and the methods of distributions. */
#include "distributions/distribution.h"

#include <string.h>

#include "facula/autograd.h"

static void destroy(void *handle)
{
    fac_distribution *d = handle;
    for (int i = 0; i < 2; i++)
        fac_tensor_free(d->param[i]);
    fac_handle_dealloc(d);
}

static const fac_handle_type distribution_type = {"distribution", destroy};

fac_status fac_dist_alive(const fac_distribution *d, const char *who)
{
    return fac_handle_check(d, &distribution_type, who, "distribution");
}

void fac_dist_free(fac_distribution *distribution)
{
    fac_free_handle(distribution);
}

fac_distribution *fac_dist_new(const fac_dist_class *class, fac_tensor *first, fac_tensor *second, int event_dims,
                               bool validate)
{
    if (!first && !second)
        return NULL;
    fac_distribution *d = fac_handle_new(&distribution_type, sizeof *d);
    if (!d)
        return NULL;
    const fac_meta *shape = first ? &first->m : &second->m;
    d->class = class;
    d->validate = validate;
    d->param[0] = fac_keep_handle(first);
    d->param[1] = fac_keep_handle(second);
    d->batch_shape.count = shape->ndim - event_dims;
    memcpy(d->batch_shape.values, shape->shape, (size_t)d->batch_shape.count * sizeof *shape->shape);
    if (validate && class->check(d)) {
        fac_dist_free(d);
        return NULL;
    }
    return d;
}

/* A method's result moves from the scope of its temporaries to the caller's. */
static fac_tensor *out_of(fac_scope *scope, fac_tensor *result)
{
    if (result)
        fac_ref(result);
    fac_scope_close(scope);
    return fac_tensor_adopt(result);
}

static fac_status extended_shape(const fac_distribution *d, fac_list sample_shape, fac_ints *shape)
{
    *shape = sample_shape ? *sample_shape : (fac_ints){0};
    if (shape->count < 0 || shape->count + d->batch_shape.count > FAC_MAX_DIMS)
        return fac_fail(FAC_ERR_VALUE, "%s: at most %d dimensions, got %lld", d->class->name, FAC_MAX_DIMS,
                        (long long)(shape->count + d->batch_shape.count));
    for (int64_t i = 0; i < shape->count; i++)
        if (shape->values[i] < 0)
            return fac_fail(FAC_ERR_VALUE, "%s: negative size in sample_shape %s", d->class->name,
                            fac_list_text(shape->count, shape->values));
    memcpy(shape->values + shape->count, d->batch_shape.values, (size_t)d->batch_shape.count * sizeof *shape->values);
    shape->count += d->batch_shape.count;
    return FAC_OK;
}

static fac_tensor *draw(fac_distribution *d, const fac_dist_sample_args *args,
                        fac_tensor *(*method)(fac_distribution *, fac_list))
{
    fac_ints shape;
    if (extended_shape(d, args ? args->sample_shape : NULL, &shape))
        return NULL;
    fac_scope scope = fac_scope_open();
    return out_of(&scope, method(d, &shape));
}

fac_dist_sample_args fac_dist_sample_defaults(void)
{
    return (fac_dist_sample_args){FAC_DEFAULTS_dist_sample, .size_ = sizeof(fac_dist_sample_args)};
}

fac_tensor *fac_dist_sample_with(fac_distribution *distribution, const fac_dist_sample_args *args)
{
    if (fac_dist_alive(distribution, "dist_sample"))
        return NULL;
    FAC_NO_GRAD;
    return draw(distribution, args, distribution->class->sample);
}

fac_tensor *fac_dist_rsample_with(fac_distribution *distribution, const fac_dist_rsample_args *args)
{
    if (fac_dist_alive(distribution, "dist_rsample"))
        return NULL;
    if (!distribution->class->rsample) {
        fac_fail(FAC_ERR_UNSUPPORTED, "%s: rsample is not implemented: its samples have no derivative",
                 distribution->class->name);
        return NULL;
    }
    return draw(distribution, args, distribution->class->rsample);
}

static fac_status check_shape(const fac_distribution *d, const fac_tensor *value)
{
    const fac_ints *batch = &d->batch_shape;
    for (int i = 1; i <= value->m.ndim && i <= batch->count; i++) {
        int64_t size = value->m.shape[value->m.ndim - i], expected = batch->values[batch->count - i];
        if (size != 1 && expected != 1 && size != expected)
            return fac_fail(FAC_ERR_VALUE, "%s: Value is not broadcastable with batch_shape+event_shape: %s vs %s",
                            d->class->name, fac_shape_text(&value->m), fac_list_text(batch->count, batch->values));
    }
    return FAC_OK;
}

fac_tensor *fac_dist_log_prob(fac_distribution *distribution, fac_tensor *value)
{
    fac_distribution *d = distribution;
    if (fac_dist_alive(d, "dist_log_prob") || fac_tensor_check_alive(value, "dist_log_prob", "value"))
        return NULL;
    if (d->validate && (check_shape(d, value) || d->class->check_value(d, value)))
        return NULL;
    fac_scope scope = fac_scope_open();
    return out_of(&scope, d->class->log_prob(d, value));
}

static fac_tensor *root_of_variance(fac_distribution *d)
{
    return fac_sqrt(d->class->variance(d));
}

static fac_tensor *property(fac_distribution *d, fac_tensor *(*method)(fac_distribution *))
{
    fac_scope scope = fac_scope_open();
    return out_of(&scope, method(d));
}

fac_tensor *fac_dist_mean(fac_distribution *distribution)
{
    return fac_dist_alive(distribution, "dist_mean") ? NULL : property(distribution, distribution->class->mean);
}

fac_tensor *fac_dist_variance(fac_distribution *distribution)
{
    return fac_dist_alive(distribution, "dist_variance") ? NULL : property(distribution, distribution->class->variance);
}

fac_tensor *fac_dist_stddev(fac_distribution *distribution)
{
    if (fac_dist_alive(distribution, "dist_stddev"))
        return NULL;
    return property(distribution, distribution->class->stddev ? distribution->class->stddev : root_of_variance);
}

fac_tensor *fac_dist_entropy(fac_distribution *distribution)
{
    return fac_dist_alive(distribution, "dist_entropy") ? NULL : property(distribution, distribution->class->entropy);
}

fac_tensor *fac_dist_either(fac_distribution *d, int which)
{
    return d->param[which] ? d->param[which] : d->class->other(d);
}

fac_tensor *fac_dist_param(fac_distribution *distribution, const char *name)
{
    if (fac_dist_alive(distribution, "dist_param"))
        return NULL;
    for (int i = 0; name && i < 2; i++)
        if (!strcmp(name, distribution->class->params[i])) {
            fac_scope scope = fac_scope_open();
            return out_of(&scope, fac_dist_either(distribution, i));
        }
    fac_fail(FAC_ERR_KEY, "%s: has no parameter '%s'", distribution->class->name, name ? name : "NULL");
    return NULL;
}

fac_list fac_dist_batch_shape(const fac_distribution *distribution)
{
    return fac_dist_alive(distribution, "dist_batch_shape") ? NULL : &distribution->batch_shape;
}

fac_list fac_dist_event_shape(const fac_distribution *distribution)
{
    static const fac_ints none;
    return fac_dist_alive(distribution, "dist_event_shape") ? NULL : &none;
}
