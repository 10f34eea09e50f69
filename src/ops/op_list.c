/* SPDX-License-Identifier: MIT */
#include "ops/op_list.h"

#include <string.h>

#include "base/alloc.h"

fac_tensor *fac_apply_one_list(const fac_op *op, const fac_tensors *list, const void *args)
{
    enum { FEW = 16 };
    fac_tensor *few[FEW], **in = few;
    if (list->count < 0 || list->count > UINT32_MAX / 2) {
        fac_fail(FAC_ERR_VALUE, "%s: %lld tensors", op->name, (long long)list->count);
        return NULL;
    }
    size_t bytes = (size_t)list->count * sizeof *in;
    if (list->count > FEW && !(in = fac_alloc(bytes)))
        return NULL;
    if (bytes)
        memcpy(in, list->items, bytes);
    fac_tensor *result = fac_apply_one(op, in, (uint32_t)list->count, args);
    if (in != few)
        fac_dealloc(in, bytes);
    return result;
}

fac_ints fac_shape_list(const fac_shape *shape)
{
    fac_ints list = {.count = shape->ndim};
    memcpy(list.values, shape->sizes, shape->ndim * sizeof *list.values);
    return list;
}

fac_ints fac_meta_list(const fac_meta *meta)
{
    fac_ints list = {.count = meta->ndim};
    memcpy(list.values, meta->shape, meta->ndim * sizeof *list.values);
    return list;
}

fac_status fac_reduction_of(const char *text, fac_reduction *reduction)
{
    static const char *const names[] = {"none", "mean", "sum"};
    for (int i = 0; text && i < 3; i++)
        if (!strcmp(text, names[i])) {
            *reduction = (fac_reduction)i;
            return FAC_OK;
        }
    return fac_fail(FAC_ERR_VALUE, "%s is not a valid value for reduction", text ? text : "None");
}

fac_tensor *fac_kernel_cast(fac_tensor *tensor, fac_dtype dtype)
{
    if (tensor->m.dtype == dtype) {
        fac_ref(tensor);
        return tensor;
    }
    fac_meta meta = tensor->m;
    meta.dtype = (uint8_t)dtype;
    fac_meta_pack(&meta);
    fac_tensor *cast = fac_tensor_new(&meta);
    if (cast && fac_copy_cast(cast, tensor)) {
        fac_tensor_drop(cast);
        return NULL;
    }
    return cast;
}
