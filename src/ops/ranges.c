/* SPDX-License-Identifier: MIT */
/* arange and linspace, with the roundings of PyTorch 2.13 on x86-64 with AVX2
 * (ATen/native/cpu/RangeFactoriesKernel.cpp): its compiler fuses every product with the sum that follows. */
#include <math.h>

#include "base/processor.h"
#include "base/text.h"
#include "ops/creation.h"

/* Each loop is built twice: for processors with a fused multiply-add, and with the C library's. */
#ifdef __x86_64__
#define FUSED_TARGET __attribute__((target("fma")))
#define HAS_FUSED    fac_cpu.fma
#else
#define FUSED_TARGET
#define HAS_FUSED 0
#endif
#define LOOP(name, ...) ((HAS_FUSED ? name##_fused : name##_plain)(__VA_ARGS__))

static bool is_whole(double value)
{
    return value == trunc(value);
}

/* fac_arange(5) counts from 0. */
typedef struct range {
    double start, end, step;
} range;

static range range_of(const fac_arange_args *args)
{
    bool one = isnan(args->end);
    return (range){one ? 0 : args->start, one ? args->start : args->end, args->step};
}

static fac_status check_range(const range *r)
{
    if (r->step == 0)
        return fac_fail(FAC_ERR_RUNTIME, "arange: step must be nonzero");
    if (!isfinite(r->start) || !isfinite(r->end) || !isfinite(r->step)) {
        char start[FAC_NUMBER_MAX], end[FAC_NUMBER_MAX], step[FAC_NUMBER_MAX];
        fac_repr_double(start, r->start);
        fac_repr_double(end, r->end);
        fac_repr_double(step, r->step);
        return fac_fail(FAC_ERR_RUNTIME, "arange: unsupported range: %s -> %s, step %s", start, end, step);
    }
    if (r->step > 0 ? r->start > r->end : r->start < r->end)
        return fac_fail(FAC_ERR_RUNTIME, "arange: upper bound and lower bound inconsistent with step sign");
    return FAC_OK;
}

/* Integers are cut first where the result is int64. */
static fac_status arange_size(const fac_call *call, const range *r, fac_dtype dtype, int64_t *size)
{
    range cut = *r;
    if (dtype == FAC_INT64) {
        FAC_TRY(fac_check_value(call, r->start, FAC_INT64));
        FAC_TRY(fac_check_value(call, r->end, FAC_INT64));
        FAC_TRY(fac_check_value(call, r->step, FAC_INT64));
        cut = (range){trunc(r->start), trunc(r->end), trunc(r->step)};
        if (cut.step == 0)
            return fac_fail(FAC_ERR_VALUE, "arange: step must be nonzero");
    }
    double count = ceil((cut.end - cut.start) / cut.step);
    if (!(count >= 0 && count < 0x1p63))
        return fac_fail(FAC_ERR_RUNTIME, "arange: invalid size, possible overflow?");
    *size = (int64_t)count;
    return FAC_OK;
}

static fac_status arange_infer(const fac_call *call, fac_meta *out)
{
    const fac_arange_args *args = call->args;
    const range r = range_of(args);
    FAC_TRY(check_range(&r));
    fac_dtype dtype = args->dtype;
    if (dtype == FAC_DEFAULT_DTYPE)
        dtype = is_whole(r.start) && is_whole(r.end) && is_whole(r.step) ? FAC_INT64 : fac_get_default_dtype();
    if (dtype == FAC_BOOL)
        return fac_fail(FAC_ERR_TYPE, "arange: not implemented for bool");
    fac_ints size = {1, {0}};
    FAC_TRY(arange_size(call, &r, dtype, size.values));
    return fac_meta_listed(call, &size, dtype, out);
}

/* start + i step, computed in double. Runs of `width` elements count from their first element, rounded to the type, as
 * PyTorch's vectors do; they come in pairs, and what is left at the end counts from start. */
#define ARANGE(suffix, target, type, width)                                             \
    target static void arange_##suffix(type *out, int64_t n, double start, double step) \
    {                                                                                   \
        int64_t i = 0;                                                                  \
        for (; i < n - n % (2 * (width)); i += (width)) {                               \
            double base = (double)(type)fma(step, (double)i, start);                    \
            for (int k = 0; k < (width); k++)                                           \
                out[i + k] = (type)fma(step, (double)k, base);                          \
        }                                                                               \
        for (; i < n; i++)                                                              \
            out[i] = (type)fma(step, (double)i, start);                                 \
    }
ARANGE(f32_plain, , float, 8)
ARANGE(f64_plain, , double, 4)
ARANGE(f32_fused, FUSED_TARGET, float, 8)
ARANGE(f64_fused, FUSED_TARGET, double, 4)

static int64_t to_int(double value)
{
    return fac_load_int(&value, FAC_FLOAT64);
}

static fac_status arange_run(const fac_call *call, fac_tensor **out)
{
    const range r = range_of(call->args);
    const fac_meta *m = &out[0]->m;
    if (m->dtype == FAC_FLOAT32) {
        LOOP(arange_f32, out[0]->data, m->numel, r.start, r.step);
    } else if (m->dtype == FAC_FLOAT64) {
        LOOP(arange_f64, out[0]->data, m->numel, r.start, r.step);
    } else {
        uint64_t value = (uint64_t)to_int(r.start), step = (uint64_t)to_int(r.step);
        for (int64_t i = 0; i < m->numel; i++, value += step)
            fac_store_int((char *)out[0]->data + i * fac_dtype_sizes[m->dtype], m->dtype, (int64_t)value);
    }
    return FAC_OK;
}

const fac_op fac_op_arange = {FAC_HEAD_arange, .n_out = 1, .flags = FAC_FLAGS_arange, .infer = arange_infer,
                              .run = arange_run};

static fac_status linspace_infer(const fac_call *call, fac_meta *out)
{
    const fac_linspace_args *args = call->args;
    const fac_ints size = {1, {args->steps}};
    if (args->steps < 0)
        return fac_fail(FAC_ERR_RUNTIME, "linspace: number of steps must be non-negative, got %lld",
                        (long long)args->steps);
    if (args->dtype == FAC_BOOL)
        return fac_fail(FAC_ERR_TYPE, "linspace: not implemented for bool");
    FAC_TRY(fac_meta_listed(call, &size, args->dtype, out));
    FAC_TRY(fac_check_value(call, args->start, out->dtype));
    return fac_check_value(call, args->end, out->dtype);
}

/* The first half counts up from start, the second down from end, so that both are exact. */
#define LINSPACE(suffix, target, type, fma)                                                      \
    target static void linspace_##suffix(type *out, int64_t n, type start, type end)             \
    {                                                                                            \
        const type step = n > 1 ? (end - start) / (type)(n - 1) : 0;                             \
        for (int64_t i = 0; i < n; i++)                                                          \
            out[i] = i < n / 2 ? fma(step, (type)i, start) : fma(-step, (type)(n - 1 - i), end); \
    }
LINSPACE(f32_plain, , float, fmaf)
LINSPACE(f64_plain, , double, fma)
LINSPACE(f32_fused, FUSED_TARGET, float, fmaf)
LINSPACE(f64_fused, FUSED_TARGET, double, fma)

/* In double between ends that are whole numbers of the type; cut. */
static void linspace_whole(const fac_tensor *out, int64_t start, int64_t end)
{
    const int dtype = out->m.dtype;
    const int64_t n = out->m.numel;
    if (dtype == FAC_UINT8)
        start &= UINT8_MAX, end &= UINT8_MAX;
    const double step = ((double)end - (double)start) / (double)(n - 1);
    for (int64_t i = 0; i < n; i++) {
        double value = i < n / 2 ? fma(step, (double)i, (double)start) : fma(-step, (double)(n - 1 - i), (double)end);
        fac_store_double((char *)out->data + i * fac_dtype_sizes[dtype], dtype, value);
    }
}

static fac_status linspace_run(const fac_call *call, fac_tensor **out)
{
    const fac_linspace_args *args = call->args;
    const int64_t n = out[0]->m.numel;
    if (n == 1)
        fac_fill(out[0], args->start);
    else if (out[0]->m.dtype == FAC_FLOAT32)
        LOOP(linspace_f32, out[0]->data, n, (float)args->start, (float)args->end);
    else if (out[0]->m.dtype == FAC_FLOAT64)
        LOOP(linspace_f64, out[0]->data, n, args->start, args->end);
    else
        linspace_whole(out[0], to_int(args->start), to_int(args->end));
    return FAC_OK;
}

const fac_op fac_op_linspace = {FAC_HEAD_linspace, .n_out = 1, .flags = FAC_FLAGS_linspace, .infer = linspace_infer,
                                .run = linspace_run};
