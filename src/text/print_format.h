/* SPDX-License-Identifier: MIT */
/* Arrays as PyTorch and NumPy print them with their default options, to the letter. */
#ifndef FAC_TEXT_PRINT_FORMAT_H
#define FAC_TEXT_PRINT_FORMAT_H

#include "base/text.h"
#include "facula/tensor.h"

/* What is printed: at most FAC_MAX_DIMS dims, strides in elements. */
typedef struct fac_array_view {
    const void *data;
    int dtype; /* fac_dtype */
    int ndim;
    const int64_t *shape, *strides;
} fac_array_view;

/* What PyTorch says of a tensor behind its values. */
typedef struct fac_print_notes {
    int default_dtype;   /* not named behind the values: torch.get_default_dtype() */
    bool requires_grad;  /* of a leaf */
    const char *grad_fn; /* "AddBackward0", or NULL */
} fac_print_notes;

/* Appends `tensor([1., 2.], dtype=torch.float64, grad_fn=<AddBackward0>)`. PyTorch 2.13. */
void fac_print_torch(fac_text *text, const fac_array_view *view, const fac_print_notes *notes);
/* Appends `[1. 2.]`: print(array). NumPy 2.4. */
void fac_print_numpy(fac_text *text, const fac_array_view *view);

#endif
