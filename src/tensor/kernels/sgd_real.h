/* SPDX-License-Identifier: MIT */
/* SGD's step; included twice by sgd_kernel.c. Roundings as torch.optim.SGD's on a CPU with FMA:
 *     g = g + weight_decay*p; b = b*momentum + (1 - dampening)*g; g = g + momentum*b (Nesterov) or b; p = p - lr*g
 * where each "+ number*tensor" is one FMA. */
#include "tensor/kernels/kernel_real.h"

/* A vector of each operand. */
typedef struct NAME(sgd_lanes) {
    VT p, g, buffer;
} NAME(sgd_lanes);

FAC_INLINE NAME(sgd_lanes) NAME(sgd_load)(const fac_sgd_segment *a, int64_t i, int64_t n)
{
    NAME(sgd_lanes) x = {V(load_n)((const T *)a->p + i, n), V(load_n)((const T *)a->g + i, n), V(all)(0)};
    if (a->buffer)
        x.buffer = V(load_n)((const T *)a->buffer + i, n);
    return x;
}

FAC_INLINE void NAME(sgd_update)(NAME(sgd_lanes) x, const fac_sgd_segment *a, int64_t i, int64_t n,
                                 const fac_sgd_step *step)
{
    VT grad = x.g;
    if (step->maximize)
        grad = V(all)((T)-0.0) - grad;
    if (step->weight_decay != 0)
        grad = V(fma)(x.p, V(all)((T)step->weight_decay), grad);
    if (a->buffer) {
        VT b = grad, momentum = V(all)((T)step->momentum);
        if (!step->first)
            b = V(fma)(grad, V(all)((T)(1 - step->dampening)), x.buffer * momentum);
        b = V(tiny_to_zero)(b);
        V(store_n)((T *)a->buffer + i, n, b);
        grad = step->nesterov ? V(fma)(b, momentum, grad) : b;
    }
    V(store_n)((T *)a->p + i, n, V(fma)(grad, V(all)((T)-step->lr), x.p));
}

/* The last vector overlaps the one before, but is loaded before that one is stored. */
FAC_INLINE void NAME(sgd_segment)(const fac_sgd_segment a, const fac_sgd_step *step)
{
    int64_t i = 0, last = a.n - LANES;
    if (last < 0) {
        NAME(sgd_update)(NAME(sgd_load)(&a, 0, a.n), &a, 0, a.n, step);
        return;
    }
    for (; i + LANES <= last; i += LANES)
        NAME(sgd_update)(NAME(sgd_load)(&a, i, LANES), &a, i, LANES, step);
    NAME(sgd_lanes) x = NAME(sgd_load)(&a, i, LANES), y = NAME(sgd_load)(&a, last, LANES);
    NAME(sgd_update)(x, &a, i, LANES, step);
    if (i < last)
        NAME(sgd_update)(y, &a, last, LANES, step);
}

/* The same without momentum, weight decay or maximizing. */
FAC_INLINE void NAME(sgd_plain)(int64_t n, T *p, const T *g, VT step)
{
    if (n < LANES) {
        V(store_n)(p, n, V(fma)(V(load_n)(g, n), step, V(load_n)(p, n)));
        return;
    }
    const int64_t last = n - LANES;
    const VT end = V(fma)(V(load)(g + last), step, V(load)(p + last));
    for (int64_t i = 0; i < last; i += LANES)
        V(store)(p + i, V(fma)(V(load)(g + i), step, V(load)(p + i)));
    V(store)(p + last, end);
}

void KERNEL(sgd_list)(int64_t count, const fac_sgd_segment *segment, const fac_sgd_step *step)
{
    const fac_sgd_step s = *step; /* no store may seem to change it */
    const bool plain = !s.maximize && s.weight_decay == 0;
    const VT plain_step = V(all)((T)-s.lr);
    for (; count > 0; count--, segment++) {
        if (segment->n > 0 && plain && !segment->buffer)
            NAME(sgd_plain)(segment->n, segment->p, segment->g, plain_step);
        else if (segment->n > 0)
            NAME(sgd_segment)(*segment, &s);
    }
}

void KERNEL(sgd)(int64_t n, T *p, const T *g, T *buffer, const fac_sgd_step *step)
{
    KERNEL(sgd_list)(1, &(fac_sgd_segment){n, p, g, buffer}, step);
}
