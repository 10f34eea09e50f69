/* SPDX-License-Identifier: MIT */
/* Parameters: from numbers and tensors to tensors of one shape, and what is said of bad ones. */
#include <float.h>
#include <math.h>

#include "distributions/distribution.h"
#include "tensor/iterate.h"

static fac_tensor *number_to_tensor(const fac_tensor *number, fac_dtype dtype)
{
    return fac_full(FAC_EMPTY_LIST, fac_load_double(number->data, number->m.dtype), dtype);
}

static fac_list shape_list(const fac_meta *meta, fac_ints *list)
{
    list->count = meta->ndim;
    __builtin_memcpy(list->values, meta->shape, meta->ndim * sizeof *list->values);
    return list;
}

static fac_tensor *expanded(fac_tensor *tensor, const fac_meta *shape)
{
    fac_ints list;
    return !tensor || fac_same_shape(&tensor->m, shape) ? tensor : fac_expand(tensor, shape_list(shape, &list));
}

fac_status fac_dist_operands(const fac_dist_class *class, fac_tensor **first, fac_tensor **second)
{
    FAC_TRY(fac_tensor_check(*first, class->name, class->params[0]));
    FAC_TRY(fac_tensor_check(*second, class->name, class->params[1]));
    const fac_tensor *model = !(*first)->wrapped_number ? *first : !(*second)->wrapped_number ? *second : NULL;
    fac_dtype dtype = model ? (fac_dtype)model->m.dtype : fac_get_default_dtype();
    fac_tensor **params[] = {first, second};
    for (int i = 0; i < 2; i++)
        if ((*params[i])->wrapped_number && !(*params[i] = number_to_tensor(*params[i], dtype)))
            return fac_pending();
    fac_meta shape;
    FAC_TRY(fac_broadcast(&shape, (const fac_meta *[]){&(*first)->m, &(*second)->m}, 2, class->name));
    *first = expanded(*first, &shape);
    *second = expanded(*second, &shape);
    return *first && *second ? FAC_OK : fac_pending();
}

fac_tensor *fac_dist_one_of(const fac_dist_class *class, fac_tensor *probs, fac_tensor *logits)
{
    if (((void *)probs == fac_none) == ((void *)logits == fac_none)) {
        fac_fail(FAC_ERR_VALUE, "%s: Either `probs` or `logits` must be specified, but not both.", class->name);
        return NULL;
    }
    int which = (void *)probs == fac_none;
    fac_tensor *given = which ? logits : probs;
    if (fac_tensor_check(given, class->name, class->params[which]))
        return NULL;
    return given->wrapped_number ? number_to_tensor(given, FAC_DEFAULT_DTYPE) : given;
}

fac_tensor *fac_dist_clamp_probs(fac_tensor *probs)
{
    double eps = probs && probs->m.dtype == FAC_FLOAT32 ? (double)FLT_EPSILON : DBL_EPSILON;
    return fac_clamp(probs, eps, 1 - eps);
}

typedef struct search {
    fac_dist_test *test;
    int dtype[3];
    bool failed;
    double found;
} search;

static void search_run(int64_t n, char *const *p, const int64_t *s, const void *ctx)
{
    search *look = (search *)(uintptr_t)ctx;
    for (int64_t i = 0; i < n && !look->failed; i++) {
        double v[3];
        for (int k = 0; k < 3; k++)
            v[k] = fac_load_double(p[k] + i * s[k], look->dtype[k]);
        look->failed = !look->test(v[0], v[1], v[2]);
        look->found = v[0];
    }
}

bool fac_dist_all(const fac_tensor *tensor, const fac_tensor *a, const fac_tensor *b, fac_dist_test *test,
                  double *found)
{
    const fac_tensor *operands[] = {tensor, a ? a : tensor, b ? b : tensor};
    search look = {.test = test};
    fac_meta shape;
    fac_iter iter;
    if (fac_broadcast(&shape, (const fac_meta *[]){&operands[0]->m, &operands[1]->m, &operands[2]->m}, 3, "check"))
        return false;
    fac_iter_begin(&iter, &shape);
    for (int k = 0; k < 3; k++) {
        look.dtype[k] = operands[k]->m.dtype;
        fac_iter_add(&iter, operands[k]->data, &operands[k]->m);
    }
    fac_iter_run(&iter, search_run, &look);
    *found = look.found;
    return !look.failed;
}

bool fac_dist_is_real(double value, double a, double b)
{
    (void)a, (void)b;
    return !isnan(value);
}

fac_status fac_dist_bad_param(const fac_distribution *d, int which, const char *constraint, double found)
{
    fac_text description = {0};
    char number[FAC_NUMBER_MAX];
    fac_repr_double(number, found);
    fac_dist_describe(&description, d, NULL);
    if (!description.failed)
        fac_fail(
            FAC_ERR_VALUE,
            "Expected parameter %s (Tensor of shape %s) of distribution %s to satisfy the constraint %s, but found "
            "%s",
            d->class->params[which], fac_shape_text(&d->param[which]->m), description.data, constraint, number);
    fac_text_free(&description);
    return fac_pending();
}

fac_status fac_dist_bad_value(const fac_distribution *d, const fac_tensor *value, const char *support, double found)
{
    fac_text description = {0};
    char number[FAC_NUMBER_MAX];
    fac_repr_double(number, found);
    fac_dist_describe(&description, d, NULL);
    if (!description.failed)
        fac_fail(
            FAC_ERR_VALUE,
            "Expected value argument (Tensor of shape %s) to be within the support (%s) of the distribution %s, but "
            "found %s",
            fac_shape_text(&value->m), support, description.data, number);
    fac_text_free(&description);
    return fac_pending();
}

static void describe_value(fac_text *text, const fac_tensor *param)
{
    char number[FAC_NUMBER_MAX];
    if (param->m.dtype == FAC_BOOL) {
        fac_text_add(text, fac_load_int(param->data, FAC_BOOL) ? "True" : "False");
    } else if (fac_is_float(param->m.dtype)) {
        fac_repr_double(number, fac_load_double(param->data, param->m.dtype));
        fac_text_add(text, "%s", number);
    } else {
        fac_text_add(text, "%lld", (long long)fac_load_int(param->data, param->m.dtype));
    }
}

void fac_dist_describe_param(fac_text *text, const fac_tensor *param, fac_dist_print *one)
{
    if (param->m.ndim == 0) {
        describe_value(text, param);
    } else if (param->m.numel == 1 && one) {
        const char *printed = one(param);
        if (printed)
            fac_text_add(text, "%s", printed);
    } else {
        fac_text_add(text, "torch.Size([");
        for (int d = 0; d < param->m.ndim; d++)
            fac_text_add(text, "%s%lld", d ? ", " : "", (long long)param->m.shape[d]);
        fac_text_add(text, "])");
    }
}

void fac_dist_describe(fac_text *text, const fac_distribution *d, fac_dist_print *one)
{
    const char *between = "";
    fac_text_add(text, "%s(", d->class->name);
    for (int i = 0; i < 2; i++) {
        if (!d->param[i])
            continue;
        fac_text_add(text, "%s%s: ", between, d->class->params[i]);
        fac_dist_describe_param(text, d->param[i], one);
        between = ", ";
    }
    fac_text_add(text, ")");
}
