/* SPDX-License-Identifier: MIT */
/* Where gradients end: in the leaves. */
#include "autograd/accumulate.h"

#include "graph/recorder.h"
#include "ops/op_table.h"
#include "tensor/storage.h"

/* A gradient nobody else holds (one reference, the scope's) becomes .grad itself; any other is copied. */
static bool is_ours_alone(const fac_tensor *grad)
{
    return fac_header_of(grad)->refs == 1 && grad->storage->refs == 1 && grad->m.contiguous && !grad->is_view &&
           !grad->wrapped_number;
}

static fac_status first_grad(fac_tensor *leaf, fac_tensor *grad)
{
    if (!is_ours_alone(grad))
        grad = fac_clone(grad);
    if (!grad)
        return fac_pending();
    fac_ref(grad);
    leaf->grad = grad;
    return FAC_OK;
}

static fac_status add_grad(fac_tensor *leaf, fac_tensor *grad)
{
    if (!fac_grad_mode())
        return fac_add__with(leaf->grad, grad, NULL) ? FAC_OK : fac_pending();
    fac_tensor *sum = fac_add_with(leaf->grad, grad, NULL);
    if (!sum)
        return fac_pending();
    fac_ref(sum);
    fac_free_handle(leaf->grad);
    leaf->grad = sum;
    return FAC_OK;
}

fac_status fac_accumulate_grad(fac_tensor *leaf, fac_tensor *grad)
{
    const fac_tensor *before = leaf->grad;
    FAC_TRY(before ? add_grad(leaf, grad) : first_grad(leaf, grad));
    fac_recorder *recorder = fac_self.recorder;
    if (__builtin_expect(recorder != NULL, 0))
        recorder->cls->gave_grad(recorder, leaf, before);
    return FAC_OK;
}
