/* SPDX-License-Identifier: MIT */
/* What a tensor knows of gradients, and whether they are recorded. */
#include "facula/autograd.h"
#include "graph/node.h"
#include "graph/recorder.h"

bool fac_is_grad_enabled(void)
{
    return fac_grad_mode();
}

bool fac_set_grad_enabled(bool enabled)
{
    bool before = fac_grad_mode();
    fac_self.no_grad = !enabled;
    return before;
}

void fac_grad_mode_restore(fac_grad_mode_guard *guard)
{
    fac_self.no_grad = !guard->before;
}

static bool alive(const fac_tensor *tensor, const char *who)
{
    return fac_tensor_check_alive(tensor, who, "input") == FAC_OK;
}

bool fac_requires_grad(const fac_tensor *tensor)
{
    return alive(tensor, "requires_grad") && tensor->requires_grad;
}

bool fac_is_leaf(const fac_tensor *tensor)
{
    return alive(tensor, "is_leaf") && !tensor->node;
}

int64_t fac_version_of(const fac_tensor *tensor)
{
    return alive(tensor, "version") ? (int64_t)tensor->storage->version : -1;
}

fac_tensor *fac_grad_of(const fac_tensor *tensor)
{
    return alive(tensor, "grad") ? tensor->grad : NULL;
}

const char *fac_grad_fn_name(const fac_tensor *tensor)
{
    if (!alive(tensor, "grad_fn") || !tensor->node)
        return NULL;
    char *name = fac_thread_text();
    if (name)
        fac_node_name(tensor->node, name, FAC_TEXT_MAX);
    else
        fac_fail(FAC_ERR_MEMORY, "grad_fn: out of memory");
    return name;
}

fac_status fac_set_grad(fac_tensor *tensor, fac_tensor *grad)
{
    if (fac_pending())
        return fac_error_status();
    if (!alive(tensor, "grad"))
        return fac_error_status();
    if ((void *)grad == fac_none)
        grad = NULL;
    if (grad && fac_tensor_check_alive(grad, "grad", "the new grad"))
        return fac_error_status();
    if (grad && (!fac_same_shape(&grad->m, &tensor->m) || grad->m.dtype != tensor->m.dtype))
        return fac_returned(fac_fail(FAC_ERR_RUNTIME,
                                     "grad: assigned grad has shape %s and dtype %s, expected %s and %s",
                                     fac_shape_text(&grad->m), fac_dtype_name((fac_dtype)grad->m.dtype),
                                     fac_shape_text(&tensor->m), fac_dtype_name((fac_dtype)tensor->m.dtype)));
    fac_keep_handle(grad);
    fac_free_handle(tensor->grad);
    tensor->grad = grad;
    return FAC_OK;
}

fac_tensor *fac_requires_grad_(fac_tensor *tensor, bool requires_grad)
{
    if (!alive(tensor, "requires_grad_"))
        return NULL;
    if (tensor->node && !requires_grad) {
        fac_fail(FAC_ERR_RUNTIME, "requires_grad_: you can only change requires_grad flags of leaf variables. If you "
                                  "want to use a computed variable in a subgraph that doesn't require differentiation "
                                  "use var_no_grad = var.detach().");
        return NULL;
    }
    if (requires_grad && !fac_is_float(tensor->m.dtype)) {
        fac_fail(FAC_ERR_RUNTIME, "requires_grad_: only Tensors of floating point dtype can require gradients, got %s",
                 fac_dtype_name((fac_dtype)tensor->m.dtype));
        return NULL;
    }
    if (tensor->requires_grad == (requires_grad || tensor->node))
        return tensor;
    fac_refuse_plan("requires_grad_: a tensor comes to require a gradient, or no longer does");
    if (fac_settle())
        return NULL;
    tensor->requires_grad = requires_grad || tensor->node;
    fac_structure_changed();
    return tensor;
}
