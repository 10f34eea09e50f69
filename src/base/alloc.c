/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static void *system_malloc(size_t size, void *ctx)
{
    (void)ctx;
    return malloc(size);
}

static void *system_realloc(void *block, size_t old_size, size_t new_size, void *ctx)
{
    (void)old_size;
    (void)ctx;
    return realloc(block, new_size);
}

static void system_free(void *block, size_t size, void *ctx)
{
    (void)size;
    (void)ctx;
    free(block);
}

static fac_allocator allocator = {system_malloc, system_realloc, system_free, NULL};
static bool used; /* set at the first allocation: from then on the allocator is fixed */

fac_status fac_set_allocator(const fac_allocator *chosen)
{
    if (!chosen || !chosen->malloc || !chosen->realloc || !chosen->free)
        return fac_returned(fac_fail(FAC_ERR_VALUE, "set_allocator: malloc, realloc and free must all be given"));
    if (__atomic_load_n(&used, __ATOMIC_ACQUIRE))
        return fac_returned(
            fac_fail(FAC_ERR_RUNTIME, "set_allocator: must come before the first use of the library"));
    allocator = *chosen;
    return FAC_OK;
}

void *fac_alloc_quiet(size_t size)
{
    if (!__atomic_load_n(&used, __ATOMIC_RELAXED))
        __atomic_store_n(&used, true, __ATOMIC_RELEASE);
    if (size > PTRDIFF_MAX)
        return NULL;
    return allocator.malloc(size ? size : 1, allocator.ctx);
}

void *fac_alloc(size_t size)
{
    void *block = fac_alloc_quiet(size);
    if (!block)
        fac_fail_memory(size);
    return block;
}

void *fac_alloc_zeroed(size_t size)
{
    void *block = fac_alloc(size);
    if (block)
        memset(block, 0, size);
    return block;
}

void *fac_realloc(void *block, size_t old_size, size_t new_size)
{
    if (!block)
        return fac_alloc(new_size);
    void *moved =
        new_size > PTRDIFF_MAX ? NULL : allocator.realloc(block, old_size, new_size ? new_size : 1, allocator.ctx);
    if (!moved)
        fac_fail_memory(new_size);
    return moved;
}

void fac_dealloc(void *block, size_t size)
{
    if (block)
        allocator.free(block, size ? size : 1, allocator.ctx);
}

char *fac_string_copy_n(const char *text, size_t length)
{
    char *copy = fac_alloc(length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *fac_string_copy(const char *text)
{
    return fac_string_copy_n(text, strlen(text));
}

void fac_string_free(char *text)
{
    if (text)
        fac_dealloc(text, strlen(text) + 1);
}

fac_status fac_grow(void *items, size_t *capacity, size_t needed, size_t item_size)
{
    if (needed <= *capacity)
        return FAC_OK;
    size_t grown = *capacity ? *capacity * 2 : 8;
    if (grown < needed)
        grown = needed;
    void *old, *moved;
    memcpy(&old, items, sizeof old);
    if (grown > PTRDIFF_MAX / item_size)
        return fac_fail_memory(SIZE_MAX);
    moved = fac_realloc(old, *capacity * item_size, grown * item_size);
    if (!moved)
        return FAC_ERR_MEMORY;
    memcpy(items, &moved, sizeof moved);
    *capacity = grown;
    return FAC_OK;
}
