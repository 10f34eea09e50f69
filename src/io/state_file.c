/* SPDX-License-Identifier: MIT */
/* A module's state, or any named tensors, as a safetensors file. */
#include <string.h>

#include "base/alloc.h"
#include "facula/io.h"
#include "io/safetensors.h"
#include "nn/module.h"

/* The entry of a tensor; *packed, to be dropped, is the tensor itself or its values made contiguous. */
static fac_status make_entry(fac_tensor *tensor, const char *name, fac_st_entry *entry, fac_tensor **packed)
{
    FAC_TRY(fac_tensor_check(tensor, "save", name ? name : "a tensor"));
    if (tensor->m.contiguous) {
        fac_ref(tensor);
        *packed = tensor;
    } else {
        fac_meta meta = tensor->m;
        fac_meta_pack(&meta);
        *packed = fac_tensor_new(&meta);
        if (!*packed)
            return fac_pending();
        FAC_TRY(fac_copy_cast(*packed, tensor));
    }
    *entry = (fac_st_entry){.name = name,
                            .dtype = (fac_dtype)tensor->m.dtype,
                            .ndim = tensor->m.ndim,
                            .data = (*packed)->data,
                            .bytes = (size_t)tensor->m.numel * fac_dtype_sizes[tensor->m.dtype]};
    memcpy(entry->shape, tensor->m.shape, tensor->m.ndim * sizeof *entry->shape);
    return FAC_OK;
}

static fac_status write_entries(const fac_named_tensors *tensors, const char *path, fac_st_entry *entries,
                                fac_tensor **packed)
{
    static const char *const metadata[] = {"format", "pt", NULL}; /* what other readers of PyTorch's models ask for */
    for (int64_t i = 0; i < tensors->count; i++)
        FAC_TRY(make_entry(tensors->items[i], tensors->names[i], &entries[i], &packed[i]));
    return fac_st_write(path, entries, (size_t)tensors->count, metadata);
}

static fac_status save_tensors(const fac_named_tensors *tensors, const char *path)
{
    int64_t bytes;
    if (!tensors || !path)
        return fac_fail(FAC_ERR_VALUE, "save: %s is NULL", path ? "the list of tensors" : "the path");
    if (!fac_size_mul(tensors->count, sizeof(fac_st_entry) + sizeof(fac_tensor *), &bytes))
        return fac_fail(FAC_ERR_VALUE, "save: %lld tensors", (long long)tensors->count);
    fac_st_entry *entries = fac_alloc_zeroed((size_t)bytes);
    if (!entries)
        return fac_pending();
    fac_tensor **packed = (fac_tensor **)(entries + tensors->count);
    fac_status status = write_entries(tensors, path, entries, packed);
    for (int64_t i = 0; i < tensors->count; i++)
        fac_tensor_drop(packed[i]);
    fac_dealloc(entries, (size_t)bytes);
    return status;
}

fac_status fac_save_tensors(const fac_named_tensors *tensors, const char *path)
{
    if (fac_pending())
        return fac_error_status();
    return fac_returned(save_tensors(tensors, path));
}

fac_status fac_save(fac_module *module, const char *path)
{
    FAC_SCOPE;
    if (fac_pending() || fac_module_check(module, "save"))
        return fac_error_status();
    const fac_named_tensors *state = fac_state_dict(module);
    return state ? fac_save_tensors(state, path) : fac_error_status();
}

/* A tensor with the entry's values. */
static fac_tensor *read_entry(const fac_st_entry *entry)
{
    fac_meta meta;
    if (fac_meta_init(&meta, (int)entry->dtype, entry->ndim, entry->shape, "load"))
        return NULL;
    fac_tensor *tensor = fac_tensor_new(&meta);
    if (tensor && entry->bytes)
        memcpy(tensor->data, entry->data, entry->bytes);
    return tensor;
}

static fac_status collect_entry(fac_collector *into, const fac_st_entry *entry, const char *name)
{
    fac_tensor *tensor = read_entry(entry);
    if (!tensor)
        return fac_pending();
    fac_status status = fac_collect(into, tensor, "", name);
    fac_tensor_drop(tensor);
    return status;
}

/* safetensors.torch.save_model leaves tied tensors out but for one, and says in the metadata: {"left out": "kept"}. */
static fac_status collect_tied(fac_collector *into, const fac_st_file *file)
{
    for (size_t i = 0; i < file->metadata_count; i++) {
        const char *name = file->metadata[2 * i];
        const fac_st_entry *kept = fac_st_find(file, file->metadata[2 * i + 1]);
        if (*name && strcmp(name, "format") != 0 && kept && !fac_st_find(file, name))
            FAC_TRY(collect_entry(into, kept, name));
    }
    return FAC_OK;
}

static const fac_named_tensors *read_tensors(const char *path, bool tied)
{
    fac_st_file *file;
    if (!path) {
        fac_fail(FAC_ERR_VALUE, "load: the path is NULL");
        return NULL;
    }
    if (fac_st_read(path, &file))
        return NULL;
    fac_collector found = {.names = true, .each = true};
    fac_status status = FAC_OK;
    for (size_t i = 0; !status && i < file->count; i++)
        status = collect_entry(&found, &file->entries[i], file->entries[i].name);
    if (!status && tied)
        status = collect_tied(&found, file);
    fac_st_free(file);
    return fac_collected(&found, status);
}

const fac_named_tensors *fac_load_tensors(const char *path)
{
    return read_tensors(path, false);
}

fac_status fac_load(fac_module *module, const char *path)
{
    FAC_SCOPE;
    if (fac_pending() || fac_module_check(module, "load"))
        return fac_error_status();
    const fac_named_tensors *state = read_tensors(path, true);
    return state ? fac_load_state_dict(module, state) : fac_error_status();
}
