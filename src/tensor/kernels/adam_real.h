/* SPDX-License-Identifier: MIT */
/* Adam's step; included twice by adam_kernel.c. The roundings are those of torch.optim.Adam on a CPU with FMA:
 *     m = m.lerp(g, 1 - beta1)           fma(w, g - m, m) for w < 0.5, else fma(m - g, 1 - w, g)
 *     v = v*beta2, addcmul(g, g)         fma((1 - beta2)*g, g, v*beta2)
 *     p = addcdiv(p, m, sqrt(v)/denom_scale + eps, -step_size)   p + (-step_size*m)/denom */
#include "tensor/kernels/kernel_real.h"

typedef struct NAME(adam) {
    VT m_weight, m_keep, beta2, v_weight, denom_scale, eps, step, weight_decay, decay;
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

FAC_INLINE VT NAME(moved)(const NAME(adam) * s, VT p, VT m, VT v)
{
    return p + s->step * m / (V(sqrt)(v) / s->denom_scale + s->eps);
}

/* n lanes at once. `plain`: no weight decay, not maximizing, no AMSGrad, beta1 > 0.5. */
FAC_INLINE void NAME(adam_lanes)(const bool plain, int64_t n, T *p, const T *g, T *m, T *v, T *max_v,
                                 const NAME(adam) * s, const fac_adam_step *step)
{
    VT grad = V(load_n)(g, n), param = V(load_n)(p, n);
    if (!plain) {
        if (step->maximize)
            grad = V(all)((T)-0.0) - grad;
        if (step->decay != 1)
            param = param * s->decay;
        if (step->weight_decay != 0)
            grad = V(fma)(param, s->weight_decay, grad);
    }
    VT first = NAME(first_moment)(s, V(load_n)(m, n), grad);
    VT second = NAME(second_moment)(s, V(load_n)(v, n), grad);
    V(store_n)(m, n, first);
    V(store_n)(v, n, second);
    if (!plain && max_v) {
        second = V(nan_max)(V(load_n)(max_v, n), second);
        V(store_n)(max_v, n, second);
    }
    V(store_n)(p, n, NAME(moved)(s, param, first, second));
}

FAC_INLINE void NAME(adam_loop)(const bool plain, int64_t n, T *p, const T *g, T *m, T *v, T *max_v,
                                const NAME(adam) * s, const fac_adam_step *step)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        NAME(adam_lanes)(plain, LANES, p + i, g + i, m + i, v + i, max_v ? max_v + i : NULL, s, step);
    if (i < n)
        NAME(adam_lanes)(plain, n - i, p + i, g + i, m + i, v + i, max_v ? max_v + i : NULL, s, step);
}

void KERNEL(adam)(int64_t n, T *p, const T *g, T *m, T *v, T *max_v, const fac_adam_step *step)
{
    T weight = (T)(1 - step->beta1);
    NAME(adam)
    s = {.m_weight = V(all)(weight),
         .m_keep = V(all)(1 - weight),
         .beta2 = V(all)((T)step->beta2),
         .v_weight = V(all)((T)(1 - step->beta2)),
         .denom_scale = V(all)((T)step->denom_scale),
         .eps = V(all)((T)step->eps),
         .step = V(all)((T)-step->step_size),
         .lerps_from_start = weight < (T)0.5 && weight > (T)-0.5};
    if (s.lerps_from_start && !step->maximize && step->decay == 1 && step->weight_decay == 0 && !max_v) {
        NAME(adam_loop)(true, n, p, g, m, v, NULL, &s, step);
        return;
    }
    s.weight_decay = V(all)((T)step->weight_decay);
    s.decay = V(all)((T)step->decay);
    NAME(adam_loop)(false, n, p, g, m, v, max_v, &s, step);
}
