/* SPDX-License-Identifier: MIT */
/* Tensors and modules as text: what Python's print shows, to the letter.
 *
 *     printf("%s\n", fac_repr(x));
 *     printf("%s\n", fac_module_repr(model));
 *
 * The text belongs to the scope; fac_keep keeps it. NULL, with the error pending, on error. */
#ifndef FACULA_TEXT_H
#define FACULA_TEXT_H

#include "facula/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* repr(tensor), which print(tensor) shows: `tensor([1., 2.], grad_fn=<MulBackward0>)`; a parameter of a module is
 * introduced as one: `Parameter containing:`. With PyTorch's default print options. */
FAC_API const char *fac_repr(const fac_tensor *tensor);
/* print(tensor.detach().numpy()): `[1. 2.]`, with NumPy's default print options. */
FAC_API const char *fac_numpy_repr(const fac_tensor *tensor);

/* repr(module), which print(model) shows:
 *     Sequential(
 *       (0): Linear(in_features=1, out_features=10, bias=True)
 *       (1): ReLU()
 *     ) */
FAC_API const char *fac_module_repr(const fac_module *module);

#ifdef __cplusplus
}
#endif
#endif
