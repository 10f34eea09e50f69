/* SPDX-License-Identifier: MIT */
/* Walks over a module and the modules within. */
#include "nn/module.h"

#include <string.h>

#include "base/alloc.h"

static size_t first_slot(const void *handle, size_t capacity)
{
    return (size_t)(((uintptr_t)handle >> 4) * 0x9e3779b97f4a7c15u >> 32) & (capacity - 1);
}

static bool insert(const void **slots, size_t capacity, const void *handle)
{
    size_t i = first_slot(handle, capacity);
    for (; slots[i]; i = (i + 1) & (capacity - 1))
        if (slots[i] == handle)
            return false;
    slots[i] = handle;
    return true;
}

static fac_status grow_set(fac_handle_set *set)
{
    size_t capacity = set->capacity * 4;
    const void **slots = fac_alloc_zeroed(capacity * sizeof *slots);
    if (!slots)
        return fac_pending();
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i])
            insert(slots, capacity, set->slots[i]);
    fac_handle_set_free(set);
    set->slots = slots;
    set->capacity = capacity;
    return FAC_OK;
}

fac_status fac_handle_set_add(fac_handle_set *set, const void *handle, bool *fresh)
{
    if (!set->slots) {
        set->slots = set->few;
        set->capacity = sizeof set->few / sizeof *set->few;
    }
    if (set->count * 2 >= set->capacity)
        FAC_TRY(grow_set(set));
    *fresh = insert(set->slots, set->capacity, handle);
    set->count += *fresh;
    return FAC_OK;
}

void fac_handle_set_free(fac_handle_set *set)
{
    if (set->slots != set->few)
        fac_dealloc(set->slots, set->capacity * sizeof *set->slots);
    set->slots = NULL;
}

static void cut(fac_text *text, size_t length)
{
    text->length = length;
    if (text->data)
        text->data[length] = '\0';
}

static fac_status walk_into(fac_walk *walk, fac_module *module);

static fac_status walk_child(fac_walk *walk, const fac_part *part)
{
    size_t length = walk->path.length;
    if (walk->names) {
        fac_text_append(&walk->path, ".", length > 0);
        fac_text_append(&walk->path, part->name, strlen(part->name));
        if (walk->path.failed)
            return fac_pending();
    }
    FAC_TRY(walk_into(walk, part->handle));
    if (walk->names)
        cut(&walk->path, length);
    return FAC_OK;
}

static fac_status walk_into(fac_walk *walk, fac_module *module)
{
    bool fresh = true;
    if (!walk->each)
        FAC_TRY(fac_handle_set_add(&walk->seen, module, &fresh));
    if (!fresh)
        return FAC_OK;
    if (walk->depth == FAC_MODULE_DEPTH)
        return fac_fail(FAC_ERR_VALUE, "%s: modules are nested more than %d deep", module->cls->name, FAC_MODULE_DEPTH);
    FAC_TRY(walk->visit(walk, module));
    walk->depth++;
    const fac_part_list *children = fac_parts_of(module, FAC_PART_MODULE);
    for (size_t i = 0; i < children->count; i++)
        if (children->items[i].handle)
            FAC_TRY(walk_child(walk, &children->items[i]));
    walk->depth--;
    return FAC_OK;
}

fac_status fac_walk_module(fac_walk *walk, fac_module *module)
{
    fac_status status = walk_into(walk, module);
    fac_text_free(&walk->path);
    fac_handle_set_free(&walk->seen);
    return status;
}
