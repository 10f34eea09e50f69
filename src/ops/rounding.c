/* SPDX-License-Identifier: MIT */
/* torch.round: half to even, or to so many decimals. */
#include <math.h>

#include "ops/views.h"
#include "tensor/iterate.h"

/* The nearest integer, half to even: adding 2^23 (2^52) leaves no room for a fraction, so the sum is rounded there. */
static inline float round_f32(float x)
{
    const float big = copysignf(0x1p23f, x);
    return fabsf(x) < 0x1p23f ? copysignf((x + big) - big, x) : x;
}

static inline double round_f64(double x)
{
    const double big = copysign(0x1p52, x);
    return fabs(x) < 0x1p52 ? copysign((x + big) - big, x) : x;
}

/* ctx: 10^|decimals|, computed in the dtype as PyTorch does; negative decimals divide first. */
typedef struct {
    double scale;
    int64_t decimals;
} power;

#define ROUND(T, t)                                                                   \
    static void run_##t(int64_t n, char *const *p, const int64_t *s, const void *ctx) \
    {                                                                                 \
        const power *to = ctx;                                                        \
        const T scale = (T)to->scale;                                                 \
        const int64_t sy = s[0] / (int64_t)sizeof(T), sx = s[1] / (int64_t)sizeof(T); \
        T *y = (T *)(void *)p[0];                                                     \
        const T *x = (const T *)(const void *)p[1];                                   \
        if (to->decimals == 0)                                                        \
            for (int64_t i = 0; i < n; i++)                                           \
                y[i * sy] = round_##t(x[i * sx]);                                     \
        else if (to->decimals > 0)                                                    \
            for (int64_t i = 0; i < n; i++)                                           \
                y[i * sy] = round_##t(x[i * sx] * scale) / scale;                     \
        else                                                                          \
            for (int64_t i = 0; i < n; i++)                                           \
                y[i * sy] = round_##t(x[i * sx] / scale) * scale;                     \
    }
ROUND(float, f32)
ROUND(double, f64)

static fac_status infer(const fac_call *call, fac_meta *out)
{
    const fac_meta *in = &call->in[0]->m;
    bool whole = !fac_is_float(in->dtype);
    int64_t decimals = ((const fac_round_args *)call->args)->decimals;
    if (in->dtype == FAC_BOOL || (whole && decimals))
        return fac_fail(FAC_ERR_TYPE, "round: not implemented for %s%s", fac_dtype_name((fac_dtype)in->dtype),
                        whole && decimals ? " with decimals" : "");
    fac_view_begin(out, in);
    out->offset = 0;
    fac_meta_pack(out);
    return FAC_OK;
}

static fac_status run(const fac_call *call, fac_tensor **out)
{
    const fac_tensor *x = call->in[0];
    fac_tensor *y = out[0];
    int64_t decimals = ((const fac_round_args *)call->args)->decimals;
    if (!fac_is_float(x->m.dtype))
        return x == y ? FAC_OK : fac_copy_cast(y, x);
    const power to = {decimals ? pow(10, fabs((double)decimals)) : 1, decimals};
    fac_inner_fn *fn = x->m.dtype == FAC_FLOAT32 ? run_f32 : run_f64;
    if (x->m.contiguous && y->m.contiguous) {
        const int64_t size = fac_dtype_sizes[x->m.dtype], s[] = {size, size};
        fn(x->m.numel, (char *[]){y->data, x->data}, s, &to);
        return FAC_OK;
    }
    fac_iter iter;
    fac_iter_begin(&iter, &y->m);
    fac_iter_add(&iter, y->data, &y->m);
    fac_iter_add(&iter, x->data, &x->m);
    fac_iter_run(&iter, fn, &to);
    return FAC_OK;
}

/* Steps are flat. */
static fac_status grad(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    (void)node;
    gx[0] = fac_zeros_like_with(g[0], NULL);
    return gx[0] ? FAC_OK : fac_pending();
}

static const char *name_of(const fac_node *node)
{
    return ((const fac_round_args *)fac_node_args(node))->decimals ? "RoundBackward1" : "RoundBackward0";
}

const fac_op fac_op_round = {FAC_HEAD_round, .n_out = 1,   .flags = FAC_FLAGS_round, .infer = infer,
                             .run = run,     .grad = grad, .grad_name_of = name_of};
