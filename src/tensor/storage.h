/* SPDX-License-Identifier: MIT */
/* Storage: the counted memory behind tensors and their views. */
#ifndef FAC_TENSOR_STORAGE_H
#define FAC_TENSOR_STORAGE_H

#include "tensor/tensor.h"

/* Uninitialised memory of `bytes`, aligned to FAC_ALIGN, one reference. */
fac_storage *fac_storage_new(size_t bytes);
/* Over foreign memory; the deleter runs with the last reference. On failure it has not run. */
fac_storage *fac_storage_foreign(void *data, size_t bytes, fac_deleter *deleter, void *ctx);
void fac_storage_release(fac_storage *storage);

static inline void fac_storage_ref(fac_storage *storage)
{
    fac_count_up(&storage->refs);
}

#endif
