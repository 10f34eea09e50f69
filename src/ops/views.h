/* SPDX-License-Identifier: MIT */
/* What the operations that give views share. */
#ifndef FAC_OPS_VIEWS_H
#define FAC_OPS_VIEWS_H

#include "ops/op_list.h"

/* The input's place, dtype, shape and strides, to be changed from there. numel and contiguous are left to the caller:
 * fac_meta_view_done, or the input's where the same elements come in the same order. */
static inline void fac_view_begin(fac_meta *out, const fac_meta *in)
{
    out->offset = in->offset;
    out->dtype = in->dtype;
    out->ndim = in->ndim;
    for (int d = 0; d < in->ndim; d++) {
        out->shape[d] = in->shape[d];
        out->stride[d] = in->stride[d];
    }
}

/* `run` of a view: the engine has done it all. */
fac_status fac_view_run(const fac_call *call, fac_tensor **out);

/* The same call of another record: for an operation whose nodes have several names in PyTorch. */
static inline fac_status fac_redirect(const fac_call *call, const fac_op *op, fac_tensor **out)
{
    fac_call other = *call;
    other.op = op;
    return fac_apply(&other, out);
}

/* torch.reshape to the shape of a node's input. */
fac_tensor *fac_reshape_to(fac_tensor *tensor, const fac_shape *shape);

/* A derivative that is g in the shape of input 0. */
fac_status fac_grad_reshaped(fac_node *node, fac_tensor **g, fac_tensor **gx);
/* A derivative that is g as it is: the engine sums and casts it. */
fac_status fac_grad_through(fac_node *node, fac_tensor **g, fac_tensor **gx);

#endif
