/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "data/dataset.h"

typedef struct tensor_dataset {
    fac_dataset base;
    fac_tensor *tensors[FAC_MAX_ITEMS];
    bool rows_contiguous[FAC_MAX_ITEMS];
} tensor_dataset;

static int64_t len(fac_dataset *dataset)
{
    return ((tensor_dataset *)dataset)->tensors[0]->m.shape[0];
}

static inline void gather(size_t bytes, char *out, const char *data, ptrdiff_t stride, const int64_t *indices,
                          int64_t n)
{
#ifndef __clang__ /* which unrolls by itself, and may not know the pragma */
#pragma GCC unroll 4
#endif
    for (int64_t i = 0; i < n; i++)
        memcpy(out + (size_t)i * bytes, data + indices[i] * stride, bytes);
}

/* The rows have gaps inside. */
static void gather_elements(char *out, const fac_tensor *tensor, int64_t numel, const int64_t *indices, int64_t n)
{
    size_t size = fac_dtype_sizes[tensor->m.dtype];
    for (int64_t i = 0; i < n; i++)
        for (int64_t e = 0; e < numel; e++, out += size)
            memcpy(out, fac_element(tensor, indices[i] * numel + e), size);
}

static fac_status getitems(fac_dataset *dataset, const int64_t *indices, int64_t n, fac_row *rows)
{
    const tensor_dataset *self = (tensor_dataset *)dataset;
    for (int k = 0; k < dataset->impl->n_fields; k++) {
        const fac_tensor *tensor = self->tensors[k];
        const char *data = tensor->data;
        size_t bytes = dataset->impl->bytes[k];
        ptrdiff_t stride = tensor->m.stride[0] * fac_dtype_sizes[tensor->m.dtype];
        if (!self->rows_contiguous[k])
            gather_elements(rows->item[k], tensor, dataset->impl->fields[k].numel, indices, n);
        else if (bytes == 4 && stride == 4) /* known lengths need no call, known strides no product */
            gather(4, rows->item[k], data, 4, indices, n);
        else if (bytes == 8 && stride == 8)
            gather(8, rows->item[k], data, 8, indices, n);
        else
            gather(bytes, rows->item[k], data, stride, indices, n);
    }
    return FAC_OK;
}

/* tensor[0] is contiguous. */
static bool has_contiguous_rows(const fac_tensor *tensor)
{
    fac_meta row = {.dtype = tensor->m.dtype, .ndim = (uint8_t)(tensor->m.ndim - 1)};
    memcpy(row.shape, tensor->m.shape + 1, row.ndim * sizeof *row.shape);
    memcpy(row.stride, tensor->m.stride + 1, row.ndim * sizeof *row.stride);
    fac_meta_view_done(&row);
    return row.contiguous;
}

fac_dataset *fac_TensorDataset_with(const fac_tensors *tensors)
{
    static const fac_dataset_class cls =
        FAC_DATASET_CLASS("TensorDataset", sizeof(tensor_dataset), .len = len, .getitems = getitems);
    if (!tensors || tensors->count < 1) {
        fac_fail(FAC_ERR_VALUE, "TensorDataset: no tensors");
        return NULL;
    }
    tensor_dataset *self = fac_Dataset(&cls);
    for (int64_t k = 0; self && k < tensors->count && !fac_pending(); k++) {
        fac_tensor *tensor = tensors->items[k], *held = NULL;
        fac_dataset_hold(self, &held, tensor, true);
        if (fac_pending())
            break;
        if (tensor->m.shape[0] != tensors->items[0]->m.shape[0])
            fac_fail(FAC_ERR_VALUE, "TensorDataset: Size mismatch between tensors: %s and %s",
                     fac_shape_text(&tensors->items[0]->m), fac_shape_text(&tensor->m));
        self->tensors[k] = tensor;
        self->rows_contiguous[k] = has_contiguous_rows(tensor);
    }
    return fac_dataset_done(self);
}
