/* SPDX-License-Identifier: MIT */
/* Random whole numbers: randint, random_, randperm. */
#include <float.h>

#include "ops/creation.h"
#include "ops/draws.h"

static void fill_range(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    (void)whole;
    FAC_DRAW_ANY(fac_random_range, n, d->low, d->range)
}

static void fill_any(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    (void)whole;
    FAC_DRAW_ANY(fac_random_any, n)
}

/* Bits of a float type's mantissa, and a whole number rounded to the type. */
static int mantissa(int dtype)
{
    return dtype == FAC_FLOAT32 ? FLT_MANT_DIG : DBL_MANT_DIG;
}

static int64_t rounded(int dtype, int64_t value)
{
    double real = dtype == FAC_FLOAT32 ? (double)(float)value : (double)value;
    return fac_load_int(&real, FAC_FLOAT64);
}

/* The step between neighbours of the type near value. */
static int64_t spacing(int dtype, int64_t value)
{
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    int n = 63 - __builtin_clzll(size | 1);
    return (int64_t)1 << (n - mantissa(dtype) + 1);
}

/* low and high as what a float type can hold, so that no value rounds out of [low, high): update_from and update_to of
 * ATen/native/DistributionTemplates.h. */
static void narrow_to_float(int dtype, int64_t *low, int64_t *high)
{
    int64_t above = rounded(dtype, *low + 1), below = rounded(dtype, *high - 1);
    if (above < *low)
        *low = above + spacing(dtype, *low + 1);
    if (below >= *high)
        *high = below - spacing(dtype, *high - 1);
}

static void range_limits(int dtype, int64_t *least, int64_t *most)
{
    *least = dtype == FAC_INT32 ? INT32_MIN : dtype == FAC_UINT8 || dtype == FAC_BOOL ? 0 : INT64_MIN;
    *most = dtype == FAC_INT32 ? INT32_MAX : dtype == FAC_UINT8 ? UINT8_MAX : dtype == FAC_BOOL ? 1 : INT64_MAX;
}

static void warn_of_precision(int dtype, int64_t low, int64_t high)
{
    const int64_t limit = (int64_t)1 << mantissa(dtype);
    if (low < -limit || low > limit || high - 1 < -limit || high - 1 > limit)
        FAC_WARN_ONCE("random_: bounds out of [-(2^%d), 2^%d]: %s can hold a discrete uniform distribution only within "
                      "this range",
                      mantissa(dtype), mantissa(dtype), fac_dtype_name((fac_dtype)dtype));
}

/* Checks [*low, *high) and makes it what is drawn from. */
static fac_status check_range(const fac_call *call, int dtype, int64_t *low, int64_t *high)
{
    int64_t least, most;
    if (*low >= *high)
        return fac_fail(FAC_ERR_RUNTIME, "%s: expects 'from' to be less than 'to', but got from=%lld >= to=%lld",
                        call->op->name, (long long)*low, (long long)*high);
    if (fac_is_float(dtype)) {
        narrow_to_float(dtype, low, high);
        if (*low >= *high)
            return fac_fail(FAC_ERR_RUNTIME, "%s: [from, to) holds no %s", call->op->name,
                            fac_dtype_name((fac_dtype)dtype));
        warn_of_precision(dtype, *low, *high);
        return FAC_OK;
    }
    range_limits(dtype, &least, &most);
    if (*low < least || *low > most || *high - 1 > most)
        return fac_fail(FAC_ERR_RUNTIME, "%s: %s is out of bounds for %s", call->op->name,
                        *low < least || *low > most ? "from" : "to - 1", fac_dtype_name((fac_dtype)dtype));
    return FAC_OK;
}

static fac_status randint_infer(const fac_call *call, fac_meta *out)
{
    const fac_randint_args *args = call->args;
    fac_dtype dtype = args->dtype == FAC_DEFAULT_DTYPE ? FAC_INT64 : args->dtype;
    int64_t low = args->low, high = args->high;
    FAC_TRY(fac_meta_listed(call, args->size, dtype, out));
    return check_range(call, out->dtype, &low, &high);
}

static fac_status randint_run(const fac_call *call, fac_tensor **out)
{
    const fac_randint_args *args = call->args;
    int64_t low = args->low, high = args->high;
    FAC_TRY(check_range(call, out[0]->m.dtype, &low, &high));
    const fac_draw d = {.who = "randint",
                        .fill = fill_range,
                        .generator = args->generator,
                        .dtype = out[0]->m.dtype,
                        .low = low,
                        .range = (uint64_t)high - (uint64_t)low};
    return fac_draw_into(&d, out[0], &out[0]->m);
}

const fac_op fac_op_randint = {FAC_HEAD_randint, .n_out = 1, .flags = FAC_FLAGS_randint, .infer = randint_infer,
                               .run = randint_run};

/* random_(to) is random_(0, to), as in PyTorch; random_() takes all that the type holds evenly. */
static bool random_bounds(const fac_random__args *args, int64_t *low, int64_t *high)
{
    bool one = args->to == FAC_NONE;
    *low = one ? 0 : args->from;
    *high = one ? args->from : args->to;
    return !one || args->from != 0;
}

static fac_status random_infer(const fac_call *call, fac_meta *unused)
{
    int64_t low, high;
    FAC_TRY(fac_check_written(call, unused));
    if (!random_bounds(call->args, &low, &high))
        return FAC_OK;
    return check_range(call, call->in[0]->m.dtype, &low, &high);
}

static fac_status random_run(const fac_call *call, fac_tensor **out)
{
    int64_t low, high;
    fac_draw d = {.who = "random_",
                  .fill = fill_any,
                  .generator = ((const fac_random__args *)call->args)->generator,
                  .dtype = out[0]->m.dtype};
    if (random_bounds(call->args, &low, &high)) {
        FAC_TRY(check_range(call, d.dtype, &low, &high));
        d.fill = fill_range;
        d.low = low;
        d.range = (uint64_t)high - (uint64_t)low;
    }
    return fac_draw_into(&d, out[0], &out[0]->m);
}

const fac_op fac_op_random_ = {FAC_HEAD_random_,      .n_out = 1,        .flags = FAC_FLAGS_random_,
                               .infer = random_infer, .run = random_run, .grad = fac_overwritten_grad};

static fac_status randperm_infer(const fac_call *call, fac_meta *out)
{
    const fac_randperm_args *args = call->args;
    const fac_ints size = {1, {args->n}};
    fac_dtype dtype = args->dtype == FAC_DEFAULT_DTYPE ? FAC_INT64 : args->dtype;
    if (args->n < 0)
        return fac_fail(FAC_ERR_RUNTIME, "randperm: n must be non-negative, got %lld", (long long)args->n);
    if (dtype == FAC_BOOL)
        return fac_fail(FAC_ERR_TYPE, "randperm: not implemented for bool");
    FAC_TRY(fac_meta_listed(call, &size, dtype, out));
    const int64_t most = dtype == FAC_FLOAT32 ? (int64_t)1 << FLT_MANT_DIG : INT64_MAX;
    if (args->n > most)
        return fac_fail(FAC_ERR_RUNTIME, "randperm: n is too large for %s: %lld", fac_dtype_name(dtype),
                        (long long)args->n);
    return fac_check_value(call, (double)(args->n - 1), (int)dtype);
}

static void fill_permutation(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    (void)d, (void)whole;
    fac_random_permutation(g, out, n);
}

static fac_status randperm_run(const fac_call *call, fac_tensor **out)
{
    const fac_draw d = {
        .who = "randperm", .fill = fill_permutation, .generator = ((const fac_randperm_args *)call->args)->generator};
    fac_meta meta = out[0]->m;
    if (meta.dtype == FAC_INT64)
        return fac_draw_flat(&d, out[0]->data, meta.numel, true);
    meta.dtype = FAC_INT64;
    fac_tensor *whole = fac_tensor_new(&meta);
    if (!whole)
        return fac_pending();
    fac_status status = fac_draw_flat(&d, whole->data, meta.numel, true);
    if (!status)
        status = fac_copy_cast(out[0], whole);
    fac_tensor_drop(whole);
    return status;
}

const fac_op fac_op_randperm = {FAC_HEAD_randperm, .n_out = 1, .flags = FAC_FLAGS_randperm, .infer = randperm_infer,
                                .run = randperm_run};
