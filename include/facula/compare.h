/* SPDX-License-Identifier: MIT */
/* Two tensors as a whole: are they the same? */
#ifndef FACULA_COMPARE_H
#define FACULA_COMPARE_H

#include "facula/call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* torch.equal(a, b): the same shape and equal elements, whatever the dtypes; NaN equals nothing. false with the error
 * pending if one is NULL or dead. */
FAC_API bool fac_equal(fac_tensor *a, fac_tensor *b);

/* torch.allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False): |a - b| <= atol + rtol * |b| for all elements, a and b
 * broadcast to one shape. false with the error pending if one is NULL or dead, the dtypes differ, the shapes do not fit
 * or a tolerance is negative. */
typedef struct fac_allclose_args {
    size_t size_;
    double rtol, atol;
    bool equal_nan;
} fac_allclose_args;
#define FAC_DEFAULTS_allclose .rtol = 1e-5, .atol = 1e-8, .equal_nan = false
FAC_API fac_allclose_args fac_allclose_defaults(void);
FAC_API bool fac_allclose_with(fac_tensor *a, fac_tensor *b, const fac_allclose_args *args);
#ifndef __cplusplus
#define fac_allclose(...) FAC_CALL2_(allclose, FAC_TENSOR_, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
