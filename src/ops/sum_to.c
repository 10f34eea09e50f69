/* SPDX-License-Identifier: MIT */
#include "ops/op_list.h"

static bool has_shape(const fac_meta *meta, const fac_shape *shape)
{
    if (meta->ndim != shape->ndim)
        return false;
    for (int d = 0; d < meta->ndim; d++)
        if (meta->shape[d] != shape->sizes[d])
            return false;
    return true;
}

fac_tensor *fac_sum_to(fac_tensor *g, const fac_shape *shape)
{
    if (!has_shape(&g->m, shape)) {
        const fac_ints sizes = fac_shape_list(shape);
        const fac_sum_to_shape_args args = {.size_ = sizeof args, .shape = &sizes};
        g = fac_apply_one(&fac_op_sum_to_shape, &g, 1, &args);
    }
    if (!g || g->m.dtype == shape->dtype)
        return g;
    return fac_to_with(g, &(fac_to_args){.size_ = sizeof(fac_to_args), .dtype = (fac_dtype)shape->dtype});
}
