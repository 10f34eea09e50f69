/* SPDX-License-Identifier: MIT */
/* What can be asked of a tensor. */
#include "base/error.h"
#include "tensor/tensor.h"

/* Without a call where all is well: datasets ask for data sample by sample. */
static inline bool alive(const fac_tensor *tensor, const char *who)
{
    if (__builtin_expect(tensor && (const void *)tensor != fac_none && fac_tensor_alive(tensor), 1))
        return true;
    (void)fac_tensor_check_alive(tensor, who, "input");
    return false;
}

fac_dtype fac_dtype_of(const fac_tensor *tensor)
{
    return alive(tensor, "dtype") ? (fac_dtype)tensor->m.dtype : FAC_DEFAULT_DTYPE;
}

int fac_ndim(const fac_tensor *tensor)
{
    return alive(tensor, "ndim") ? tensor->m.ndim : -1;
}

/* An entry of shape or stride; -1 and the error where there is none. */
static int64_t entry(const fac_tensor *tensor, const int64_t *entries, int dim, const char *who)
{
    int d;
    if (!tensor->m.ndim) {
        fac_fail(FAC_ERR_INDEX, "%s: Dimension specified as %d but tensor has no dimensions", who, dim);
        return -1;
    }
    return fac_wrap_dim(dim, tensor->m.ndim, &d, who) ? -1 : entries[d];
}

int64_t fac_size(const fac_tensor *tensor, int dim)
{
    return alive(tensor, "size") ? entry(tensor, tensor->m.shape, dim, "size") : -1;
}

int64_t fac_stride(const fac_tensor *tensor, int dim)
{
    return alive(tensor, "stride") ? entry(tensor, tensor->m.stride, dim, "stride") : -1;
}

int64_t fac_numel(const fac_tensor *tensor)
{
    return alive(tensor, "numel") ? tensor->m.numel : -1;
}

int64_t fac_element_size(const fac_tensor *tensor)
{
    return alive(tensor, "element_size") ? fac_dtype_sizes[tensor->m.dtype] : -1;
}

int64_t fac_len(const fac_tensor *tensor)
{
    if (!alive(tensor, "len"))
        return -1;
    if (tensor->m.ndim)
        return tensor->m.shape[0];
    fac_fail(FAC_ERR_TYPE, "len: len() of a 0-d tensor");
    return -1;
}

bool fac_is_contiguous(const fac_tensor *tensor)
{
    return alive(tensor, "is_contiguous") && tensor->m.contiguous;
}

static __attribute__((noinline)) void *check_data(fac_tensor *tensor)
{
    return fac_tensor_check(tensor, "data", "input") ? NULL : tensor->data; /* what was put off is done first */
}

void *fac_data(fac_tensor *tensor)
{
    if (__builtin_expect(!fac_self.recorder && tensor && (void *)tensor != fac_none && fac_tensor_alive(tensor), 1))
        return tensor->data;
    return check_data(tensor);
}

fac_status fac_touched(fac_tensor *tensor)
{
    if (fac_pending())
        return fac_error_status();
    if (fac_tensor_check(tensor, "touched", "input"))
        return fac_error_status();
    tensor->storage->version++;
    return FAC_OK;
}

static fac_dtype default_dtype = FAC_FLOAT32;

fac_dtype fac_get_default_dtype(void)
{
    return __atomic_load_n(&default_dtype, __ATOMIC_RELAXED);
}

fac_status fac_set_default_dtype(fac_dtype dtype)
{
    if (fac_pending())
        return fac_error_status();
    if (!fac_is_float((int)dtype))
        return fac_returned(
            fac_fail(FAC_ERR_TYPE, "set_default_dtype: only floating-point types are supported as the default type"));
    __atomic_store_n(&default_dtype, dtype, __ATOMIC_RELAXED);
    return FAC_OK;
}
