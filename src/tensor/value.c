/* SPDX-License-Identifier: MIT */
/* Reading and writing single elements. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "tensor/tensor.h"

double fac_load_double(const void *data, int dtype)
{
    switch (dtype) {
    case FAC_FLOAT32:
        return (double)*(const float *)data;
    case FAC_FLOAT64:
        return *(const double *)data;
    default:
        return (double)fac_load_int(data, dtype);
    }
}

int64_t fac_load_int(const void *data, int dtype)
{
    switch (dtype) {
    case FAC_INT64:
        return *(const int64_t *)data;
    case FAC_INT32:
        return *(const int32_t *)data;
    case FAC_UINT8:
    case FAC_BOOL:
        return *(const uint8_t *)data;
    default: {
        double value = fac_load_double(data, dtype);
        return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN; /* x86's answer for the rest */
    }
    }
}

void fac_store_int(void *data, int dtype, int64_t value)
{
    switch (dtype) {
    case FAC_INT64:
        *(int64_t *)data = value;
        break;
    case FAC_INT32:
        *(int32_t *)data = (int32_t)value;
        break;
    case FAC_UINT8:
        *(uint8_t *)data = (uint8_t)value;
        break;
    case FAC_BOOL:
        *(uint8_t *)data = value != 0;
        break;
    case FAC_FLOAT32:
        *(float *)data = (float)value;
        break;
    default:
        *(double *)data = (double)value;
    }
}

void fac_store_double(void *data, int dtype, double value)
{
    if (dtype == FAC_FLOAT32)
        *(float *)data = (float)value;
    else if (dtype == FAC_FLOAT64)
        *(double *)data = value;
    else if (dtype == FAC_BOOL)
        *(uint8_t *)data = value != 0;
    else
        fac_store_int(data, dtype, value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN);
}

void *fac_element(const fac_tensor *tensor, int64_t i)
{
    int64_t at = 0;
    if (tensor->m.contiguous)
        at = i;
    else
        for (int d = tensor->m.ndim; d-- > 0; i /= tensor->m.shape[d])
            at += i % tensor->m.shape[d] * tensor->m.stride[d];
    return (char *)tensor->data + at * fac_dtype_sizes[tensor->m.dtype];
}

static bool single_element(const fac_tensor *tensor, const char *who)
{
    if (fac_tensor_check(tensor, who, "input"))
        return false;
    if (tensor->m.numel == 1)
        return true;
    fac_fail(FAC_ERR_RUNTIME, "%s: a Tensor with %lld elements cannot be converted to Scalar", who,
             (long long)tensor->m.numel);
    return false;
}

double fac_item(fac_tensor *tensor)
{
    return single_element(tensor, "item") ? fac_load_double(tensor->data, tensor->m.dtype) : (double)NAN;
}

int64_t fac_item_int(fac_tensor *tensor)
{
    return single_element(tensor, "item") ? fac_load_int(tensor->data, tensor->m.dtype) : -1;
}

double fac_at(fac_tensor *tensor, fac_list indices)
{
    if (fac_tensor_check(tensor, "at", "input"))
        return (double)NAN;
    int64_t at = 0, count = indices ? indices->count : -1;
    if (count != tensor->m.ndim) {
        fac_fail(FAC_ERR_INDEX, "at: expected %d indices, got %lld", tensor->m.ndim, (long long)count);
        return (double)NAN;
    }
    for (int d = 0; d < tensor->m.ndim; d++) {
        int64_t size = tensor->m.shape[d], i = indices->values[d];
        if (i < -size || i >= size) {
            fac_fail(FAC_ERR_INDEX, "at: index %lld is out of bounds for dimension %d with size %lld", (long long)i, d,
                     (long long)size);
            return (double)NAN;
        }
        at += (i < 0 ? i + size : i) * tensor->m.stride[d];
    }
    return fac_load_double((char *)tensor->data + at * fac_dtype_sizes[tensor->m.dtype], tensor->m.dtype);
}

fac_status fac_copy_out(fac_tensor *tensor, void *out, int64_t count)
{
    if (fac_pending())
        return fac_error_status();
    if (fac_tensor_check(tensor, "copy_out", "input"))
        return fac_error_status();
    if (count != tensor->m.numel)
        return fac_returned(fac_fail(FAC_ERR_VALUE, "copy_out: expected room for %lld elements, got %lld",
                                     (long long)tensor->m.numel, (long long)count));
    size_t size = fac_dtype_sizes[tensor->m.dtype];
    if (tensor->m.contiguous) {
        memcpy(out, tensor->data, (size_t)count * size);
        return FAC_OK;
    }
    for (int64_t i = 0; i < count; i++)
        memcpy((char *)out + (size_t)i * size, fac_element(tensor, i), size);
    return FAC_OK;
}
