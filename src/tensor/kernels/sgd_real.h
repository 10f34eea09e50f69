/* SPDX-License-Identifier: MIT */
/* SGD's step; included twice by sgd_kernel.c. Roundings as torch.optim.SGD's on a CPU with FMA:
 *     g = g + weight_decay*p; b = b*momentum + (1 - dampening)*g; g = g + momentum*b (Nesterov) or b; p = p - lr*g
 * where each "+ number*tensor" is one FMA. */
#include "tensor/kernels/kernel_real.h"

FAC_INLINE void NAME(sgd_lanes)(int64_t n, T *p, const T *g, T *buffer, const fac_sgd_step *step)
{
    VT param = V(load_n)(p, n), grad = V(load_n)(g, n);
    if (step->maximize)
        grad = V(all)((T)-0.0) - grad;
    if (step->weight_decay != 0)
        grad = V(fma)(param, V(all)((T)step->weight_decay), grad);
    if (buffer) {
        VT b = grad, momentum = V(all)((T)step->momentum);
        if (!step->first)
            b = V(fma)(grad, V(all)((T)(1 - step->dampening)), V(load_n)(buffer, n) * momentum);
        b = V(tiny_to_zero)(b);
        V(store_n)(buffer, n, b);
        grad = step->nesterov ? V(fma)(b, momentum, grad) : b;
    }
    V(store_n)(p, n, V(fma)(grad, V(all)((T)-step->lr), param));
}

void KERNEL(sgd)(int64_t n, T *p, const T *g, T *buffer, const fac_sgd_step *step)
{
    const fac_sgd_step s = *step; /* no store may seem to change it */
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        NAME(sgd_lanes)(LANES, p + i, g + i, buffer ? buffer + i : NULL, &s);
    if (i < n)
        NAME(sgd_lanes)(n - i, p + i, g + i, buffer ? buffer + i : NULL, &s);
}
