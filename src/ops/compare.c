/* SPDX-License-Identifier: MIT */
#include "facula/compare.h"

#include <math.h>

#include "base/error.h"
#include "graph/op.h"
#include "tensor/iterate.h"

static fac_status check_both(const fac_tensor *a, const fac_tensor *b, const char *who)
{
    FAC_TRY(fac_tensor_check(a, who, "input"));
    return fac_tensor_check(b, who, "other");
}

/* What the walks know: operands a, b of `dtypes`; the answer is true until an element speaks against it. */
typedef struct {
    int dtype_a, dtype_b;
    double rtol, atol;
    bool equal_nan;
    bool *answer;
} comparison;

static bool same(const comparison *c, const void *a, const void *b)
{
    if (fac_is_float(c->dtype_a) || fac_is_float(c->dtype_b))
        return fac_load_double(a, c->dtype_a) == fac_load_double(b, c->dtype_b);
    return fac_load_int(a, c->dtype_a) == fac_load_int(b, c->dtype_b);
}

static void compare_run(int64_t n, char *const *p, const int64_t *s, const void *ctx)
{
    const comparison *c = ctx;
    for (int64_t i = 0; i < n && *c->answer; i++)
        *c->answer = same(c, p[0] + i * s[0], p[1] + i * s[1]);
}

static void walk(const fac_meta *shape, const fac_tensor *a, const fac_tensor *b, fac_inner_fn *fn, comparison *c)
{
    fac_iter iter;
    c->dtype_a = a->m.dtype;
    c->dtype_b = b->m.dtype;
    fac_iter_begin(&iter, shape);
    fac_iter_add(&iter, a->data, &a->m);
    fac_iter_add(&iter, b->data, &b->m);
    fac_iter_run(&iter, fn, c);
}

bool fac_equal(fac_tensor *a, fac_tensor *b)
{
    if (check_both(a, b, "equal") || !fac_same_shape(&a->m, &b->m))
        return false;
    bool answer = true;
    walk(&a->m, a, b, compare_run, &(comparison){.answer = &answer});
    return answer;
}

/* torch.isclose, rounded as the dtype rounds; infinities are close to themselves only. */
static bool reals_close(const comparison *c, double a, double b)
{
    if (a == b || (c->equal_nan && isnan(a) && isnan(b)))
        return true;
    double distance = fabs(a - b), allowed = c->atol + fabs(c->rtol * b);
    if (c->dtype_a == FAC_FLOAT32) {
        distance = (double)fabsf((float)a - (float)b);
        allowed = (double)((float)c->atol + fabsf((float)c->rtol * (float)b));
    }
    return isfinite(distance) && distance <= allowed;
}

static bool integers_close(const comparison *c, int64_t a, int64_t b)
{
    uint64_t distance = a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
    return distance == 0 || (double)distance <= c->atol + fabs(c->rtol * (double)b);
}

static void close_run(int64_t n, char *const *p, const int64_t *s, const void *ctx)
{
    const comparison *c = ctx;
    for (int64_t i = 0; i < n && *c->answer; i++) {
        const void *a = p[0] + i * s[0], *b = p[1] + i * s[1];
        *c->answer = fac_is_float(c->dtype_a)
                         ? reals_close(c, fac_load_double(a, c->dtype_a), fac_load_double(b, c->dtype_b))
                         : integers_close(c, fac_load_int(a, c->dtype_a), fac_load_int(b, c->dtype_b));
    }
}

fac_allclose_args fac_allclose_defaults(void)
{
    return (fac_allclose_args){FAC_DEFAULTS_allclose, .size_ = sizeof(fac_allclose_args)};
}

static fac_status check_close(const fac_tensor *a, const fac_tensor *b, const fac_allclose_args *args)
{
    FAC_TRY(check_both(a, b, "allclose"));
    if (a->m.dtype != b->m.dtype)
        return fac_fail(FAC_ERR_TYPE, "allclose: %s did not match %s", fac_dtype_name((fac_dtype)a->m.dtype),
                        fac_dtype_name((fac_dtype)b->m.dtype));
    if (!(args->rtol >= 0) || !(args->atol >= 0))
        return fac_fail(FAC_ERR_VALUE, "allclose: %s must be greater than or equal to zero",
                        args->rtol >= 0 ? "atol" : "rtol");
    return FAC_OK;
}

bool fac_allclose_with(fac_tensor *a, fac_tensor *b, const fac_allclose_args *args)
{
    const fac_allclose_args defaults = fac_allclose_defaults();
    fac_meta shape;
    bool answer = true;
    if (!args)
        args = &defaults;
    if (check_close(a, b, args) || fac_broadcast(&shape, (const fac_meta *[]){&a->m, &b->m}, 2, "allclose"))
        return false;
    walk(&shape, a, b, close_run,
         &(comparison){.rtol = args->rtol, .atol = args->atol, .equal_nan = args->equal_nan, .answer = &answer});
    return answer;
}
