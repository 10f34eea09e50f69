/* SPDX-License-Identifier: MIT */
/* Filling tensors with random numbers. */
#ifndef FAC_OPS_DRAWS_H
#define FAC_OPS_DRAWS_H

#include "random/random.h"
#include "tensor/tensor.h"

/* What to fill a run of n elements with; whole: they are all of a contiguous tensor, which normals ask for. */
typedef struct fac_draw fac_draw;
typedef void fac_draw_fn(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole);
struct fac_draw {
    const char *who;
    fac_draw_fn *fill;
    fac_generator *generator;
    uint8_t dtype;
    double a, b; /* of distributions of real numbers */
    int64_t low; /* of whole ones: [low, low + range) */
    uint64_t range;
    const void *weights; /* a number per element, of the dtype */
};

/* n elements at out, under the generator's lock. */
fac_status fac_draw_flat(const fac_draw *d, void *out, int64_t n, bool whole);
/* All of `to`, in the order of addresses that the strides of `layout`, a tensor of its shape, give. An empty tensor
 * draws nothing. */
fac_status fac_draw_into(const fac_draw *d, fac_tensor *to, const fac_meta *layout);

/* One call of fn_f32, fn_f64 ... by d's dtype, for a function of the generator g and of out. */
#define FAC_DRAW_REAL(fn, ...) (d->dtype == FAC_FLOAT32 ? fn##_f32(g, out, __VA_ARGS__) : fn##_f64(g, out, __VA_ARGS__))
#define FAC_DRAW_ANY(fn, ...)          \
    switch (d->dtype) {                \
    case FAC_FLOAT32:                  \
        fn##_f32(g, out, __VA_ARGS__); \
        break;                         \
    case FAC_FLOAT64:                  \
        fn##_f64(g, out, __VA_ARGS__); \
        break;                         \
    case FAC_INT64:                    \
        fn##_i64(g, out, __VA_ARGS__); \
        break;                         \
    case FAC_INT32:                    \
        fn##_i32(g, out, __VA_ARGS__); \
        break;                         \
    case FAC_UINT8:                    \
        fn##_u8(g, out, __VA_ARGS__);  \
        break;                         \
    default:                           \
        fn##_b8(g, out, __VA_ARGS__);  \
    }

#endif
