/* SPDX-License-Identifier: MIT */
/* Tensors as PyTorch and NumPy print them. */
#include "base/error.h"
#include "facula/autograd.h"
#include "facula/text.h"
#include "tensor/tensor.h"
#include "text/print_format.h"
#include "base/scope_text.h"

static fac_array_view view_of(const fac_tensor *tensor)
{
    return (fac_array_view){.data = tensor->data,
                            .dtype = tensor->m.dtype,
                            .ndim = tensor->m.ndim,
                            .shape = tensor->m.shape,
                            .strides = tensor->m.stride};
}

const char *fac_repr(const fac_tensor *tensor)
{
    fac_text text = {0};
    if (fac_tensor_check(tensor, "repr", "input"))
        return NULL;
    const fac_array_view view = view_of(tensor);
    const fac_print_notes notes = {.default_dtype = (int)fac_get_default_dtype(),
                                   .requires_grad = tensor->requires_grad,
                                   .grad_fn = fac_grad_fn_name(tensor)};
    if (tensor->is_parameter)
        fac_text_add(&text, "Parameter containing:\n");
    fac_print_torch(&text, &view, &notes);
    return fac_scope_text(&text);
}

const char *fac_numpy_repr(const fac_tensor *tensor)
{
    fac_text text = {0};
    if (fac_tensor_check(tensor, "numpy_repr", "input"))
        return NULL;
    const fac_array_view view = view_of(tensor);
    fac_print_numpy(&text, &view);
    return fac_scope_text(&text);
}
