/* SPDX-License-Identifier: MIT */
/* Copying between tensors of one shape, any strides and dtypes. */
#include <string.h>

#include "tensor/iterate.h"
#include "tensor/kernels.h"
#include "tensor/transpose.h"

static void cast_run(int64_t n, char *const *p, const int64_t *s, const void *ctx)
{
    fac_cast_fn *const *cast = ctx;
    (*cast)(n, p[0], s[0], p[1], s[1]);
}

/* The last two dims of a transposed copy. */
typedef struct {
    int size;
    int64_t m, n, in_row;
} matrices;

static void turn(int64_t n, char *const *p, const int64_t *s, const void *ctx)
{
    const matrices *each = ctx;
    for (int64_t i = 0; i < n; i++)
        fac_transpose(each->size, each->m, each->n, p[0] + i * s[0], each->n, p[1] + i * s[1], each->in_row);
}

/* Whether the last two dims of `from` lie the other way round than `to`'s, and nothing else is to be done. */
static bool is_turned(const fac_meta *to, const fac_meta *from)
{
    const int last = from->ndim - 1;
    return last > 0 && to->ndim == from->ndim && to->contiguous && to->dtype == from->dtype &&
           from->stride[last - 1] == 1 && from->stride[last] >= from->shape[last - 1] && from->shape[last - 1] > 1 &&
           from->shape[last] > 1;
}

static void copy_turned(fac_tensor *to, const fac_tensor *from)
{
    const int rest = from->m.ndim - 2;
    const matrices each = {fac_dtype_sizes[from->m.dtype], from->m.shape[rest], from->m.shape[rest + 1],
                           from->m.stride[rest + 1]};
    fac_iter iter;
    fac_meta outer_to = to->m, outer_from = from->m;
    outer_to.ndim = outer_from.ndim = (uint8_t)rest;
    fac_iter_begin(&iter, &outer_to);
    fac_iter_add(&iter, to->data, &outer_to);
    fac_iter_add(&iter, from->data, &outer_from);
    fac_iter_run(&iter, turn, &each);
}

fac_status fac_copy_cast(fac_tensor *to, const fac_tensor *from)
{
    if (to->m.contiguous && from->m.contiguous && to->m.dtype == from->m.dtype && to->m.numel == from->m.numel) {
        if (to->m.numel)
            memmove(to->data, from->data, (size_t)to->m.numel * fac_dtype_sizes[to->m.dtype]);
        return FAC_OK;
    }
    if (is_turned(&to->m, &from->m)) {
        copy_turned(to, from);
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
