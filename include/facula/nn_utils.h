/* SPDX-License-Identifier: MIT */
/* torch.nn.utils: clipping of gradients. */
#ifndef FACULA_NN_UTILS_H
#define FACULA_NN_UTILS_H

#include "facula/call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* nn.utils.clip_grad_value_(parameters, clip_value): every element of every gradient is held within [-clip_value,
 * clip_value]; NaN stays NaN. Parameters without a gradient are passed over. Errors: FAC_ERR_VALUE for a NULL list. */
FAC_API fac_status fac_clip_grad_value_(const fac_tensors *parameters, double clip_value) FAC_WARN_UNUSED;

/* nn.utils.clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False): all gradients are multiplied
 * by max_norm / (total_norm + 1e-6) if that is below 1. norm_type may be infinity: the largest |element|.
 * fac_clip_grad_norm_(fac_parameters(model), 1.0). Returns total_norm, the norm of all gradients taken as one vector,
 * as it was before: 0-d, owned by the scope; NULL on error: FAC_ERR_RUNTIME, with error_if_nonfinite, if it is no
 * finite number; nothing is changed then. */
typedef struct fac_clip_grad_norm__args {
    size_t size_;
    double max_norm, norm_type;
    bool error_if_nonfinite;
} fac_clip_grad_norm__args;
#define FAC_DEFAULTS_clip_grad_norm_ .max_norm = FAC_NONE_REAL, .norm_type = 2, .error_if_nonfinite = false
FAC_API fac_clip_grad_norm__args fac_clip_grad_norm__defaults(void);
FAC_API fac_tensor *fac_clip_grad_norm__with(const fac_tensors *parameters, const fac_clip_grad_norm__args *args);
#ifndef __cplusplus
#define fac_clip_grad_norm_(...) FAC_CALL1_(clip_grad_norm_, FAC_TENSOR_, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
