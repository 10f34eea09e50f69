/* SPDX-License-Identifier: MIT */
/* The life of a tensor. */
#include "tensor/tensor.h"

#include "base/error.h"
#include "tensor/storage.h"

void (*fac_release_node)(struct fac_node *node);

static void destroy_tensor(void *handle)
{
    fac_tensor *tensor = handle;
    fac_tensor *grad = tensor->grad;
    if (tensor->node)
        fac_release_node(tensor->node);
    if (tensor->storage)
        fac_storage_release(tensor->storage);
    fac_slot_free(&fac_pools[FAC_POOL_TENSOR], tensor);
    if (grad) /* a gradient's own gradient is as deep as the user nests derivatives: no long chain */
        fac_free_handle(grad);
}

const fac_handle_type fac_tensor_type = {"tensor", destroy_tensor};

__attribute__((constructor)) static void set_up_pool(void)
{
    fac_pools[FAC_POOL_TENSOR] =
        (fac_pool){.type = &fac_tensor_type, .slot_size = (sizeof(fac_tensor) + 15) & ~15ul, .cache = FAC_POOL_TENSOR};
}

static inline fac_tensor *new_slot(void)
{
    fac_header *slot = fac_self.slots[FAC_POOL_TENSOR];
    if (__builtin_expect(!slot, 0))
        return fac_slot_new_slow(&fac_pools[FAC_POOL_TENSOR]);
    fac_self.slots[FAC_POOL_TENSOR] = slot->next_free;
    fac_slot_mark(slot, &fac_tensor_type);
    slot->refs = 1;
    slot->serial++;
    return (fac_tensor *)(slot + 1);
}

static inline void copy_meta(fac_meta *to, const fac_meta *from)
{
    to->numel = from->numel;
    to->offset = from->offset;
    to->dtype = from->dtype;
    to->ndim = from->ndim;
    to->contiguous = from->contiguous;
    fac_copy_dims(to->shape, from->shape, from->ndim);
    fac_copy_dims(to->stride, from->stride, from->ndim);
}

static inline void clear(fac_tensor *tensor)
{
    tensor->requires_grad = tensor->wrapped_number = tensor->retains_grad = tensor->is_view = false;
    tensor->is_parameter = false;
    tensor->output_nr = 0;
    tensor->graph_version = 0;
    tensor->run_id = fac_self.run_id;
    tensor->run_value = (uint32_t)FAC_NO_VALUE;
    tensor->node = NULL;
    tensor->grad = NULL;
    tensor->hooks = NULL;
}

fac_tensor *fac_tensor_view(fac_storage *storage, const fac_meta *meta)
{
    fac_tensor *tensor = new_slot();
    if (!tensor)
        return NULL;
    clear(tensor);
    copy_meta(&tensor->m, meta);
    fac_storage_ref(storage);
    tensor->storage = storage;
    tensor->data = (char *)storage->data + meta->offset * fac_dtype_sizes[meta->dtype];
    return tensor;
}

fac_tensor *fac_tensor_new(const fac_meta *meta)
{
    fac_tensor *tensor = new_slot();
    if (!tensor)
        return NULL;
    clear(tensor);
    copy_meta(&tensor->m, meta);
    tensor->m.offset = 0;
    int64_t bytes;
    if (__builtin_expect(__builtin_mul_overflow(meta->numel, (int64_t)fac_dtype_sizes[meta->dtype], &bytes), 0))
        bytes = INT64_MAX; /* an expanded tensor may have more elements than memory has bytes */
    tensor->storage = fac_storage_new((size_t)bytes);
    if (!tensor->storage) {
        fac_slot_free(&fac_pools[FAC_POOL_TENSOR], tensor);
        return NULL;
    }
    tensor->data = tensor->storage->data;
    return tensor;
}

fac_tensor *fac_tensor_alias(const fac_tensor *tensor)
{
    fac_tensor *alias = fac_tensor_view(tensor->storage, &tensor->m);
    if (alias) {
        alias->wrapped_number = tensor->wrapped_number;
        alias->run_id = tensor->run_id;
        alias->run_value = tensor->run_value;
    }
    return alias;
}

void fac_tensor_drop(fac_tensor *tensor)
{
    if (tensor && fac_unref(tensor))
        destroy_tensor(tensor);
}

fac_tensor *fac_tensor_adopt(fac_tensor *tensor)
{
    return tensor && fac_scope_adopt(tensor) ? tensor : NULL;
}

void fac_tensor_free(fac_tensor *tensor)
{
    fac_free_handle(tensor);
}

uint32_t fac_structure_changes;

fac_status fac_tensor_check_alive(const fac_tensor *tensor, const char *who, const char *what)
{
    if (!tensor)
        return fac_fail(FAC_ERR_VALUE, "%s: %s is NULL", who, what);
    if ((const void *)tensor == fac_none)
        return fac_fail(FAC_ERR_TYPE, "%s: %s is None", who, what);
    if (!fac_tensor_alive(tensor))
        return fac_fail(FAC_ERR_RUNTIME, "%s: %s's scope has ended", who, what);
    return FAC_OK;
}

fac_status fac_tensor_check(const fac_tensor *tensor, const char *who, const char *what)
{
    FAC_TRY(fac_tensor_check_alive(tensor, who, what));
    return __builtin_expect(fac_self.recorder != NULL, 0) ? fac_settle_values(tensor) : FAC_OK;
}

fac_status fac_set(fac_tensor **slot, fac_tensor *value)
{
    if (fac_pending())
        return fac_error_status();
    if (fac_tensor_check_alive(value, "set", "value"))
        return fac_error_status();
    fac_tensor *old = *slot;
    fac_ref(value);
    *slot = value;
    fac_tensor_free(old);
    return FAC_OK;
}
