/* SPDX-License-Identifier: MIT */
/* Copying between tensors of one shape, any strides and dtypes. */
#include <string.h>

#include "tensor/iterate.h"
#include "tensor/kernels.h"

static void cast_run(int64_t n, char *const *p, const int64_t *s, const void *ctx)
{
    fac_cast_fn *const *cast = ctx;
    (*cast)(n, p[0], s[0], p[1], s[1]);
}

fac_status fac_copy_cast(fac_tensor *to, const fac_tensor *from)
{
    if (to->m.contiguous && from->m.contiguous && to->m.dtype == from->m.dtype && to->m.numel == from->m.numel) {
        if (to->m.numel)
            memmove(to->data, from->data, (size_t)to->m.numel * fac_dtype_sizes[to->m.dtype]);
        return FAC_OK;
    }
    fac_iter iter;
    fac_cast_fn *cast = fac_k->casts->to[from->m.dtype][to->m.dtype];
    fac_iter_begin(&iter, &to->m);
    fac_iter_add(&iter, to->data, &to->m);
    fac_iter_add(&iter, from->data, &from->m);
    fac_iter_run(&iter, cast_run, &cast);
    return FAC_OK;
}
