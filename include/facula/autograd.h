/* SPDX-License-Identifier: MIT */
/* Automatic differentiation: torch.autograd, Tensor.backward, torch.no_grad. */
#ifndef FACULA_AUTOGRAD_H
#define FACULA_AUTOGRAD_H

#include "facula/call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Tensor.requires_grad, .is_leaf, ._version, .grad (lent; NULL, without an error, where there is none). */
FAC_API bool fac_requires_grad(const fac_tensor *tensor);
FAC_API bool fac_is_leaf(const fac_tensor *tensor);
FAC_API int64_t fac_version_of(const fac_tensor *tensor);
FAC_API fac_tensor *fac_grad_of(const fac_tensor *tensor);
/* tensor.grad = grad; fac_none or NULL for None. Shape and dtype must be the tensor's. */
FAC_API fac_status fac_set_grad(fac_tensor *tensor, fac_tensor *grad) FAC_WARN_UNUSED;
/* Tensor.requires_grad_(requires_grad): the tensor, or NULL: only leaves of a floating dtype can change it. */
FAC_API fac_tensor *fac_requires_grad_(fac_tensor *tensor, bool requires_grad);
/* The class of Tensor.grad_fn: "AddBackward0"; NULL, without an error, for a leaf. Valid until the thread's next call. */
FAC_API const char *fac_grad_fn_name(const fac_tensor *tensor);

/* Tensor.backward(gradient=None, retain_graph=create_graph, create_graph=False): the derivatives of tensor for all
 * leaves it was made from are added to their .grad. tensor must have one element unless gradient, of its shape, is given.
 * Errors: FAC_ERR_RUNTIME where it does not require grad, the graph was freed by an earlier backward, or a tensor that
 * the graph saved was changed in place since. */
typedef struct fac_backward_args {
    size_t size_;
    fac_tensor *gradient;
    bool retain_graph, create_graph;
} fac_backward_args;
#define FAC_DEFAULTS_backward .gradient = (fac_tensor *)fac_none, .retain_graph = false, .create_graph = false
FAC_API fac_backward_args fac_backward_defaults(void);
FAC_API fac_status fac_backward_with(fac_tensor *tensor, const fac_backward_args *args) FAC_WARN_UNUSED;

/* torch.autograd.grad(outputs, inputs, grad_outputs=None, retain_graph=create_graph, create_graph=False,
 * allow_unused=False): grads[i] becomes the derivative of the sum of outputs for inputs[i], owned by the scope; NULL for
 * an input that outputs do not depend on, with allow_unused. .grad is left alone. */
typedef struct fac_grad_args {
    size_t size_;
    const fac_tensors *grad_outputs;
    bool retain_graph, create_graph, allow_unused;
} fac_grad_args;
#define FAC_DEFAULTS_grad .grad_outputs = NULL, .retain_graph = false, .create_graph = false, .allow_unused = false
FAC_API fac_grad_args fac_grad_defaults(void);
FAC_API fac_status fac_grad_with(const fac_tensors *outputs, const fac_tensors *inputs, fac_tensor **grads,
                                 const fac_grad_args *args) FAC_WARN_UNUSED;
#ifndef __cplusplus
#define fac_backward(...) FAC_CALL1_(backward, FAC_TENSOR_, __VA_ARGS__)
#define fac_grad(outputs, inputs, ...) FAC_CAT(FAC_GRAD_, FAC_COUNT(__VA_ARGS__))(outputs, inputs, __VA_ARGS__)
#define FAC_GRAD_1(outputs, inputs, grads) fac_grad_with(outputs, inputs, grads, NULL)
#define FAC_GRAD_2(outputs, inputs, grads, ...) FAC_GRAD_N(outputs, inputs, grads, __VA_ARGS__)
#define FAC_GRAD_N(outputs, inputs, grads, ...)                                                                        \
    __extension__({                                                                                                    \
        FAC_PUSH_                                                                                                      \
        fac_status st_ = fac_grad_with(outputs, inputs, grads, FAC_ARGS_(grad, __VA_ARGS__));                          \
        FAC_POP_                                                                                                       \
        st_;                                                                                                           \
    })
#endif

/* torch.is_grad_enabled(), torch.set_grad_enabled(mode): the thread's; true at first. Returns what it was. */
FAC_API bool fac_is_grad_enabled(void);
FAC_API bool fac_set_grad_enabled(bool enabled);

/* with torch.no_grad(): as a declaration that lasts to the end of its block. */
typedef struct fac_grad_mode_guard {
    bool before;
} fac_grad_mode_guard;
FAC_API void fac_grad_mode_restore(fac_grad_mode_guard *guard);
#define FAC_NO_GRAD FAC_NO_GRAD_AS_(FAC_CAT(fac_no_grad_at_line_, __LINE__))
#define FAC_NO_GRAD_AS_(n)                                                                                             \
    __attribute__((cleanup(fac_grad_mode_restore), unused)) fac_grad_mode_guard n = {fac_set_grad_enabled(false)}

#ifdef __cplusplus
}
#endif
#endif
