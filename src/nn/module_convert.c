/* SPDX-License-Identifier: MIT */
/* Module.to(dtype): other values in the same handles. */
#include "base/alloc.h"
#include "graph/recorder.h"
#include "nn/module.h"
#include "ops/op_list.h"
#include "tensor/storage.h"

/* Every tensor of the module with its values in the new dtype: first all are made, then all are put in place. */
typedef struct {
    fac_tensor **tensors, **cast;
    int64_t count;
} conversion;

static fac_status cast_all(conversion *c, fac_dtype dtype)
{
    for (int64_t i = 0; i < c->count; i++) {
        c->cast[i] = fac_kernel_cast(c->tensors[i], dtype);
        if (!c->cast[i])
            return fac_pending();
    }
    return FAC_OK;
}

/* The handle takes the values; what a graph has saved of it counts as changed in place. */
static void put_in_place(fac_tensor *tensor, fac_tensor *cast)
{
    if (tensor->storage == cast->storage)
        return;
    fac_storage *old = tensor->storage;
    cast->storage->version = old->version + 1;
    tensor->storage = cast->storage;
    tensor->data = cast->data;
    tensor->m = cast->m;
    tensor->is_view = false;
    cast->storage = old;
}

static void take_floating(conversion *c, fac_tensor *tensor)
{
    if (tensor && fac_is_float(tensor->m.dtype))
        c->tensors[c->count++] = tensor;
}

static fac_status convert(const fac_named_tensors *all, conversion *c, fac_dtype dtype)
{
    for (int64_t i = 0; i < all->count; i++) {
        take_floating(c, all->items[i]);
        take_floating(c, all->items[i]->grad);
    }
    fac_status status = cast_all(c, dtype);
    for (int64_t i = 0; i < c->count && c->cast[i]; i++) {
        if (!status)
            put_in_place(c->tensors[i], c->cast[i]);
        fac_tensor_drop(c->cast[i]);
    }
    return status;
}

static fac_status to_dtype(fac_module *module, fac_dtype dtype)
{
    FAC_SCOPE;
    fac_gather gather = {.parameters = true, .buffers = true};
    const fac_named_tensors *all = fac_collected(&gather.found, fac_gather_tensors(&gather, module));
    if (!all)
        return fac_pending();
    fac_refuse_plan("to: a module changes its dtype");
    FAC_TRY(fac_settle());
    fac_structure_changed();
    size_t bytes = (size_t)all->count * 4 * sizeof(fac_tensor *);
    fac_tensor **room = fac_alloc_zeroed(bytes);
    if (!room)
        return fac_pending();
    fac_status status = convert(all, &(conversion){.tensors = room, .cast = room + 2 * all->count}, dtype);
    fac_dealloc(room, bytes);
    return status;
}

fac_module *fac_module_to(fac_module *module, fac_dtype dtype)
{
    if (fac_module_check(module, "to"))
        return NULL;
    if (!fac_is_float((int)dtype)) {
        fac_fail(FAC_ERR_TYPE, "to: a module's dtype must be float32 or float64, got %s",
                 fac_dtype_name(dtype) ? fac_dtype_name(dtype) : "none");
        return NULL;
    }
    return to_dtype(module, dtype) ? NULL : module;
}
