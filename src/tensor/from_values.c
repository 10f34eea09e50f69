/* SPDX-License-Identifier: MIT */
/* Tensors from values and from foreign memory. */
#include <string.h>

#include "base/error.h"
#include "tensor/storage.h"
#include "tensor/tensor.h"

static fac_status checked_meta(fac_meta *meta, const void *data, fac_list shape, fac_dtype dtype, const char *who)
{
    if (!fac_dtype_size(dtype))
        return fac_fail(FAC_ERR_TYPE, "%s: %d is no dtype", who, (int)dtype);
    if (!shape)
        return fac_fail(FAC_ERR_VALUE, "%s: shape is NULL", who);
    if (shape->count > FAC_MAX_DIMS)
        return fac_fail(FAC_ERR_VALUE, "%s: at most %d dimensions, got %lld", who, FAC_MAX_DIMS,
                        (long long)shape->count);
    FAC_TRY(fac_meta_init(meta, (int)dtype, (int)shape->count, shape->values, who));
    if (!data && meta->numel)
        return fac_fail(FAC_ERR_VALUE, "%s: data is NULL, shape is %s", who, fac_shape_text(meta));
    return FAC_OK;
}

fac_tensor *fac_from_data(const void *data, fac_list shape, fac_dtype dtype)
{
    fac_meta meta;
    if (checked_meta(&meta, data, shape, dtype, "from_data"))
        return NULL;
    fac_tensor *tensor = fac_tensor_new(&meta);
    if (tensor && meta.numel)
        memcpy(tensor->data, data, (size_t)meta.numel * fac_dtype_sizes[meta.dtype]);
    return fac_tensor_adopt(tensor);
}

static fac_storage *foreign_storage(void *data, fac_meta *meta, fac_list shape, fac_dtype dtype, fac_deleter *deleter,
                                    void *ctx)
{
    if (checked_meta(meta, data, shape, dtype, "from_blob"))
        return NULL;
    size_t size = fac_dtype_sizes[meta->dtype];
    if ((uintptr_t)data % size) {
        fac_fail(FAC_ERR_VALUE, "from_blob: data is not aligned to the %zu bytes of a %s", size,
                 fac_dtype_name(dtype));
        return NULL;
    }
    return fac_storage_foreign(data, (size_t)meta->numel * size, deleter, ctx);
}

fac_tensor *fac_from_blob(void *data, fac_list shape, fac_dtype dtype, fac_deleter *deleter, void *ctx)
{
    fac_meta meta;
    fac_storage *storage = foreign_storage(data, &meta, shape, dtype, deleter, ctx);
    if (!storage) {
        if (deleter)
            deleter(data, ctx);
        return NULL;
    }
    fac_tensor *tensor = fac_tensor_view(storage, &meta);
    fac_storage_release(storage);
    return fac_tensor_adopt(tensor);
}

static fac_tensor *scalar_of(fac_dtype dtype)
{
#define SCALAR(d) [d] = {.numel = 1, .dtype = d, .contiguous = true}
    static const fac_meta scalars[FAC_DTYPES] = {SCALAR(FAC_FLOAT32), SCALAR(FAC_FLOAT64), SCALAR(FAC_INT64),
                                                 SCALAR(FAC_INT32),   SCALAR(FAC_UINT8),   SCALAR(FAC_BOOL)};
#undef SCALAR
    return fac_tensor_new(scalars + dtype);
}

fac_tensor *fac_scalar(double value)
{
    fac_tensor *tensor = scalar_of(fac_get_default_dtype());
    if (tensor)
        fac_store_double(tensor->data, tensor->m.dtype, value);
    return fac_tensor_adopt(tensor);
}

static fac_tensor *int_scalar(fac_dtype dtype, int64_t value)
{
    fac_tensor *tensor = scalar_of(dtype);
    if (tensor)
        fac_store_int(tensor->data, tensor->m.dtype, value);
    return fac_tensor_adopt(tensor);
}

fac_tensor *fac_scalar_int(int64_t value)
{
    return int_scalar(FAC_INT64, value);
}

fac_tensor *fac_scalar_bool(bool value)
{
    return int_scalar(FAC_BOOL, value);
}

static fac_tensor *wrapped(fac_tensor *tensor)
{
    if (tensor)
        tensor->wrapped_number = true;
    return tensor;
}

fac_tensor *fac_number(double value)
{
    fac_tensor *tensor = scalar_of(FAC_FLOAT64); /* a Python float is a double until promotion rounds it */
    if (tensor)
        *(double *)tensor->data = value;
    return wrapped(fac_tensor_adopt(tensor));
}

fac_tensor *fac_number_int(int64_t value)
{
    return wrapped(int_scalar(FAC_INT64, value));
}

fac_tensor *fac_number_bool(bool value)
{
    return wrapped(int_scalar(FAC_BOOL, value));
}

fac_tensor *fac_as_operand(void *tensor)
{
    return tensor;
}

fac_tensor *fac_from_doubles(const double *values, int64_t count)
{
    fac_meta meta;
    if (fac_meta_init(&meta, (int)fac_get_default_dtype(), 1, &count, "from_doubles"))
        return NULL;
    fac_tensor *tensor = fac_tensor_new(&meta);
    for (int64_t i = 0; tensor && i < count; i++)
        fac_store_double((char *)tensor->data + i * fac_dtype_sizes[meta.dtype], meta.dtype, values[i]);
    return fac_tensor_adopt(tensor);
}
