/* SPDX-License-Identifier: MIT */
#include "base/handle.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

void *fac_handle_new(const fac_handle_type *type, size_t size)
{
    fac_header *header = fac_alloc_zeroed(sizeof *header + size);
    if (!header)
        return NULL;
    header->type = type;
    header->refs = 1;
    header->size = size;
    return header + 1;
}

void fac_handle_dealloc(void *handle)
{
    fac_header *header = fac_header_of(handle);
    header->type = NULL;
    fac_dealloc(header, sizeof *header + header->size);
}

fac_status fac_handle_check(const void *handle, const fac_handle_type *type, const char *who, const char *what)
{
    if (!handle)
        return fac_fail(FAC_ERR_VALUE, "%s: %s is NULL", who, what);
    if (handle == fac_none)
        return fac_fail(FAC_ERR_TYPE, "%s: %s is None", who, what);
    if (fac_header_of(handle)->type != type)
        return fac_fail(FAC_ERR_TYPE, "%s: %s is not a live %s", who, what, type->name);
    return FAC_OK;
}

void *fac_keep_handle(void *handle)
{
    if (handle && handle != fac_none)
        fac_ref(handle);
    return handle;
}

void fac_free_handle(void *handle)
{
    if (!handle || handle == fac_none || !fac_header_of(handle)->type)
        return;
    const fac_handle_type *type = fac_header_of(handle)->type;
    if (fac_unref(handle))
        type->destroy(handle);
}
