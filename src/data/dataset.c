/* SPDX-License-Identifier: MIT */
/* The life of datasets. */
#include "data/dataset.h"

#include <string.h>

#include "base/alloc.h"

static void destroy_dataset(void *handle)
{
    fac_dataset *dataset = handle;
    struct fac_dataset_parts *impl = dataset->impl;
    if (impl->cls.destroy)
        impl->cls.destroy(dataset);
    for (size_t i = 0; i < impl->held_count; i++)
        fac_tensor_free(impl->held[i]);
    fac_dealloc(impl->held, impl->held_capacity * sizeof *impl->held);
    fac_dealloc(impl, sizeof *impl);
    fac_handle_dealloc(dataset);
}

const fac_handle_type fac_dataset_type = {"dataset", destroy_dataset};

static fac_status check_class(const fac_dataset_class *cls)
{
    if (!cls)
        return fac_fail(FAC_ERR_VALUE, "Dataset: the class is NULL");
    if (!cls->name || !cls->len || !(cls->get || cls->getitems || cls->get_tensors))
        return fac_fail(FAC_ERR_VALUE, "Dataset: class %s has no %s", cls->name ? cls->name : "without a name",
                        !cls->name  ? "name"
                        : !cls->len ? "len"
                                    : "get, getitems or get_tensors");
    if (cls->size && cls->size < sizeof(fac_dataset))
        return fac_fail(FAC_ERR_VALUE, "Dataset: class %s has size %zu: its struct begins with fac_dataset", cls->name,
                        cls->size);
    return FAC_OK;
}

void *fac_Dataset(const fac_dataset_class *cls)
{
    if (check_class(cls))
        return NULL;
    struct fac_dataset_parts *impl = fac_alloc_zeroed(sizeof *impl);
    fac_dataset *dataset = impl ? fac_handle_new(&fac_dataset_type, cls->size ? cls->size : sizeof *dataset) : NULL;
    if (!dataset) {
        fac_dealloc(impl, sizeof *impl);
        return NULL;
    }
    impl->cls = *cls;
    dataset->cls = &impl->cls;
    dataset->impl = impl;
    return dataset;
}

fac_dataset *fac_dataset_done(void *self)
{
    if (!fac_pending() && !fac_handle_check(self, &fac_dataset_type, "dataset_done", "dataset"))
        return self;
    fac_free_handle(self);
    return NULL;
}

static void add_field(fac_dataset *self, int dtype, int ndim, const int64_t *shape)
{
    struct fac_dataset_parts *impl = self->impl;
    if (impl->n_fields == FAC_MAX_ITEMS) {
        fac_fail(FAC_ERR_VALUE, "%s: more than %d items in a sample", self->cls->name, FAC_MAX_ITEMS);
        return;
    }
    fac_meta *field = &impl->fields[impl->n_fields];
    if (fac_meta_init(field, dtype, ndim, shape, self->cls->name))
        return;
    impl->bytes[impl->n_fields++] = (size_t)field->numel * fac_dtype_sizes[field->dtype];
}

void fac_dataset_field(void *self, fac_dtype dtype, fac_list shape)
{
    if (!self || fac_handle_check(self, &fac_dataset_type, "dataset_field", "dataset"))
        return;
    fac_dtype type = dtype == FAC_DEFAULT_DTYPE ? fac_get_default_dtype() : dtype;
    if (!fac_dtype_size(type) || !shape || shape->count >= FAC_MAX_DIMS)
        fac_fail(FAC_ERR_VALUE, "%s: an item of a sample wants a dtype and a shape of less than %d dims",
                 ((fac_dataset *)self)->cls->name, FAC_MAX_DIMS);
    else
        add_field(self, (int)type, (int)shape->count, shape->values);
}

void fac_dataset_hold(void *self, fac_tensor **member, fac_tensor *tensor, bool field)
{
    fac_dataset *dataset = self;
    if (!self || fac_handle_check(self, &fac_dataset_type, "dataset_hold", "dataset"))
        return;
    struct fac_dataset_parts *impl = dataset->impl;
    if (fac_tensor_check(tensor, dataset->cls->name, "a tensor to hold") ||
        fac_grow(&impl->held, &impl->held_capacity, impl->held_count + 1, sizeof *impl->held))
        return;
    impl->held[impl->held_count++] = fac_keep(tensor);
    if (member)
        *member = tensor;
    if (!field)
        return;
    if (tensor->m.ndim == 0)
        fac_fail(FAC_ERR_VALUE, "%s: a 0-d tensor has no rows", dataset->cls->name);
    else
        add_field(dataset, tensor->m.dtype, tensor->m.ndim - 1, tensor->m.shape + 1);
}

void fac_dataset_free(fac_dataset *dataset)
{
    fac_free_handle(dataset);
}
