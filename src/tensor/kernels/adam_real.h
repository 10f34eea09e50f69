/* SPDX-License-Identifier: MIT */
/* Adam's step; included twice by adam_kernel.c. The roundings are those of torch.optim.Adam on a CPU with FMA:
 *     m = m.lerp(g, 1 - beta1)           fma(w, g - m, m) for w < 0.5, else fma(m - g, 1 - w, g)
 *     v = v*beta2, addcmul(g, g)         fma((1 - beta2)*g, g, v*beta2)
 *     p = addcdiv(p, m, sqrt(v)/denom_scale + eps, -step_size)   p + (-step_size*m)/denom
 * With FMA the division by denom_scale is one by its reciprocal in two parts: rounded as the division is, but for
 * quotients within 2^-22 (float64: 2^-51) of a last place from the middle between two numbers. */
#include "tensor/kernels/kernel_real.h"

typedef struct NAME(adam) {
    VT m_weight, m_keep, beta2, v_weight, scale, scale_rest, eps, step, weight_decay, decay;
    bool lerps_from_start;
} NAME(adam);

FAC_INLINE VT NAME(first_moment)(const NAME(adam) * s, VT m, VT g)
{
    VT x = s->lerps_from_start ? V(fma)(s->m_weight, g - m, m) : V(fma)(m - g, s->m_keep, g);
    return V(tiny_to_zero)(x);
}

FAC_INLINE VT NAME(second_moment)(const NAME(adam) * s, VT v, VT g)
{
    return V(tiny_to_zero)(V(fma)(s->v_weight * g, g, v * s->beta2));
}

/* scale: 1 / denom_scale towards zero; scale_rest: what is missing, so not negative, and infinities stay. */
FAC_INLINE VT NAME(scaled)(const NAME(adam) * s, VT root)
{
#ifdef __FMA__
    return V(fma)(root, s->scale, root * s->scale_rest);
#else
    return root / s->scale;
#endif
}

FAC_INLINE void NAME(set_scale)(NAME(adam) * s, T denom_scale)
{
#ifdef __FMA__
    T whole = 1 / denom_scale, error = scalar_fma(-whole, denom_scale, 1);
    if (error < 0) {
        whole *= FAC_REAL == 32 ? (T)0x1.fffffep-1f : (T)0x1.fffffffffffffp-1; /* the number before it */
        error = scalar_fma(-whole, denom_scale, 1);
    }
    const bool finite = whole - whole == 0;
    s->scale = V(all)(whole);
    s->scale_rest = V(all)(finite ? error / denom_scale : 0);
#else
    s->scale = V(all)(denom_scale);
    s->scale_rest = V(all)(0);
#endif
}

FAC_INLINE VT NAME(moved)(const NAME(adam) * s, VT p, VT m, VT v)
{
    return p + s->step * m / (NAME(scaled)(s, V(sqrt)(v)) + s->eps);
}

/* A vector of each operand. */
typedef struct NAME(adam_lanes) {
    VT p, g, m, v, max_v;
} NAME(adam_lanes);

FAC_INLINE NAME(adam_lanes) NAME(adam_load)(const fac_adam_segment *a, int64_t i, int64_t n)
{
    NAME(adam_lanes)
    x = {V(load_n)((const T *)a->p + i, n), V(load_n)((const T *)a->g + i, n), V(load_n)((const T *)a->m + i, n),
         V(load_n)((const T *)a->v + i, n), V(all)(0)};
    if (a->max_v)
        x.max_v = V(load_n)((const T *)a->max_v + i, n);
    return x;
}

FAC_INLINE void NAME(adam_update)(const bool plain, NAME(adam_lanes) x, const fac_adam_segment *a, int64_t i, int64_t n,
                                  const NAME(adam) * s, const fac_adam_step *step)
{
    VT grad = x.g, param = x.p;
    if (!plain) {
        if (step->maximize)
            grad = V(all)((T)-0.0) - grad;
        if (step->decay != 1)
            param = param * s->decay;
        if (step->weight_decay != 0)
            grad = V(fma)(param, s->weight_decay, grad);
    }
    VT first = NAME(first_moment)(s, x.m, grad);
    VT second = NAME(second_moment)(s, x.v, grad);
    V(store_n)((T *)a->m + i, n, first);
    V(store_n)((T *)a->v + i, n, second);
    if (a->max_v) {
        second = V(nan_max)(x.max_v, second);
        V(store_n)((T *)a->max_v + i, n, second);
    }
    V(store_n)((T *)a->p + i, n, NAME(moved)(s, param, first, second));
}

/* `plain`: no weight decay, not maximizing, no AMSGrad, beta1 > 0.5. The last vector overlaps the one before, but is
 * loaded before that one is stored. */
FAC_INLINE void NAME(adam_segment)(const bool plain, fac_adam_segment a, const NAME(adam) * s,
                                   const fac_adam_step *step)
{
    int64_t i = 0, last = a.n - LANES;
    if (plain)
        a.max_v = NULL;
    for (; i + LANES <= last; i += LANES)
        NAME(adam_update)(plain, NAME(adam_load)(&a, i, LANES), &a, i, LANES, s, step);
    if (last < 0) {
        NAME(adam_update)(plain, NAME(adam_load)(&a, 0, a.n), &a, 0, a.n, s, step);
        return;
    }
    NAME(adam_lanes) x = NAME(adam_load)(&a, i, LANES), y = NAME(adam_load)(&a, last, LANES);
    NAME(adam_update)(plain, x, &a, i, LANES, s, step);
    if (i < last)
        NAME(adam_update)(plain, y, &a, last, LANES, s, step);
}

void KERNEL(adam_list)(int64_t count, const fac_adam_segment *segment, const fac_adam_step *step)
{
    T weight = (T)(1 - step->beta1);
    NAME(adam)
    s = {.m_weight = V(all)(weight),
         .m_keep = V(all)(1 - weight),
         .beta2 = V(all)((T)step->beta2),
         .v_weight = V(all)((T)(1 - step->beta2)),
         .eps = V(all)((T)step->eps),
         .step = V(all)((T)-step->step_size),
         .weight_decay = V(all)((T)step->weight_decay),
         .decay = V(all)((T)step->decay),
         .lerps_from_start = weight < (T)0.5 && weight > (T)-0.5};
    NAME(set_scale)(&s, (T)step->denom_scale);
    bool plain = s.lerps_from_start && !step->maximize && step->decay == 1 && step->weight_decay == 0;
    for (; count > 0; count--, segment++) {
        if (segment->n <= 0)
            continue;
        if (plain && !segment->max_v)
            NAME(adam_segment)(true, *segment, &s, step);
        else
            NAME(adam_segment)(false, *segment, &s, step);
    }
}

void KERNEL(adam)(int64_t n, T *p, const T *g, T *m, T *v, T *max_v, const fac_adam_step *step)
{
    KERNEL(adam_list)(1, &(fac_adam_segment){n, p, g, m, v, max_v}, step);
}
