/* SPDX-License-Identifier: MIT */
/* The same values in fresh memory: clone, contiguous, to. */
#include "ops/views.h"

static fac_status infer_as(const fac_meta *in, fac_dtype dtype, fac_meta *out)
{
    fac_view_begin(out, in);
    out->offset = 0;
    out->dtype = (uint8_t)dtype;
    out->numel = in->numel;
    if (in->contiguous)
        out->contiguous = true;
    else
        fac_meta_pack(out);
    return FAC_OK;
}

static fac_status run_copy(const fac_call *call, fac_tensor **out)
{
    return fac_copy_cast(out[0], call->in[0]);
}

static fac_status infer_clone(const fac_call *call, fac_meta *out)
{
    return infer_as(&call->in[0]->m, (fac_dtype)call->in[0]->m.dtype, out);
}

const fac_op fac_op_clone = {FAC_HEAD_clone,       .n_out = 1,      .flags = FAC_FLAGS_clone,
                             .infer = infer_clone, .run = run_copy, .grad = fac_grad_through};

static fac_status decompose_contiguous(const fac_call *call, fac_tensor **out)
{
    if (!call->in[0]->m.contiguous)
        return fac_redirect(call, &fac_op_clone, out);
    out[0] = call->in[0];
    return FAC_OK;
}

const fac_op fac_op_contiguous = {FAC_HEAD_contiguous, .n_out = 1, .flags = FAC_FLAGS_contiguous,
                                  .decompose = decompose_contiguous};

static fac_status infer_cast(const fac_call *call, fac_meta *out)
{
    fac_dtype dtype = ((const fac_to_args *)call->args)->dtype;
    if (!fac_dtype_size(dtype))
        return fac_fail(FAC_ERR_TYPE, "to: %d is no dtype", (int)dtype);
    return infer_as(&call->in[0]->m, dtype, out);
}

/* to, where the dtype differs. The engine casts g back. */
static const fac_op cast = {FAC_HEAD_to,
                            .n_out = 1,
                            .flags = FAC_FLAGS_to,
                            .infer = infer_cast,
                            .run = run_copy,
                            .grad = fac_grad_through,
                            .grad_name = "ToCopyBackward0"};

static fac_status decompose_to(const fac_call *call, fac_tensor **out)
{
    fac_dtype dtype = ((const fac_to_args *)call->args)->dtype;
    if (dtype != FAC_DEFAULT_DTYPE && dtype != call->in[0]->m.dtype)
        return fac_redirect(call, &cast, out);
    out[0] = call->in[0];
    return FAC_OK;
}

const fac_op fac_op_to = {FAC_HEAD_to, .n_out = 1, .flags = FAC_FLAGS_to, .decompose = decompose_to};
