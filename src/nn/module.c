/* SPDX-License-Identifier: MIT */
/* The life of a module: how it is made of parts, and how it ends. */
#include "nn/module.h"

#include <string.h>

#include "base/alloc.h"

static _Thread_local fac_module *dying; /* modules to free, while one is being freed: no recursion */
static _Thread_local bool draining;

static void free_list(fac_part_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fac_free_handle(list->items[i].handle);
        fac_string_free(list->items[i].name);
    }
    fac_dealloc(list->items, list->capacity * sizeof *list->items);
}

static void release(fac_module *module)
{
    if (module->cls->destroy)
        module->cls->destroy(module);
    for (int kind = 0; kind < FAC_PART_KINDS; kind++)
        free_list(&module->impl->lists[kind]);
    fac_dealloc(module->impl, sizeof *module->impl);
    fac_handle_dealloc(module);
}

static void destroy_module(void *handle)
{
    fac_module *module = handle;
    fac_structure_changed();
    module->impl->next_dying = dying;
    dying = module;
    if (draining)
        return;
    draining = true;
    while (dying) {
        module = dying;
        dying = module->impl->next_dying;
        release(module);
    }
    draining = false;
}

const fac_handle_type fac_module_type = {"module", destroy_module};

static fac_status check_class(const fac_class *cls)
{
    if (!cls || !cls->name || !*cls->name)
        return fac_fail(FAC_ERR_VALUE, "new: the class has no name");
    if (cls->size_ != sizeof(fac_class))
        return fac_fail(FAC_ERR_VALUE, "new: the class of %s was not made by FAC_CLASS", cls->name);
    if (cls->size < sizeof(fac_module))
        return fac_fail(FAC_ERR_VALUE, "new: the struct of %s must begin with a fac_module; its size is %zu", cls->name,
                        cls->size);
    return FAC_OK;
}

void *fac_new(const fac_class *cls)
{
    if (check_class(cls))
        return NULL;
    fac_module *module = fac_handle_new(&fac_module_type, cls->size);
    if (!module)
        return NULL;
    module->cls = cls;
    module->impl = fac_alloc_zeroed(sizeof *module->impl);
    if (!module->impl) {
        fac_handle_dealloc(module);
        return NULL;
    }
    module->impl->training = true;
    return module;
}

fac_module *fac_done(void *self)
{
    fac_module *module = self;
    if (fac_module_check(module, "done"))
        return NULL;
    if (module->impl->failed) /* an action since may have cleared the mark: this is an error all the same */
        fac_fail(module->impl->failed, "%s: a part of it could not be made", module->cls->name);
    if (!fac_pending()) {
        module->impl->complete = true;
        return module;
    }
    fac_module_free(module);
    return NULL;
}

void fac_module_free(fac_module *module)
{
    fac_free_handle(module);
}

fac_part *fac_part_find(const fac_module *module, fac_part_kind kind, const char *name, size_t length)
{
    const fac_part_list *list = fac_parts_of(module, kind);
    for (size_t i = 0; i < list->count; i++)
        if (!strncmp(list->items[i].name, name, length) && !list->items[i].name[length])
            return &list->items[i];
    return NULL;
}

static const char *const kind_names[FAC_PART_KINDS] = {"module", "parameter", "buffer"};

static fac_status check_name(const fac_module *module, fac_part_kind kind, const char *name)
{
    const char *owner = module->cls->name;
    if (!name || !*name)
        return fac_fail(FAC_ERR_KEY, "%s: %s name can't be empty string \"\"", owner, kind_names[kind]);
    if (strchr(name, '.'))
        return fac_fail(FAC_ERR_KEY, "%s: %s name can't contain \".\", got: %s", owner, kind_names[kind], name);
    for (fac_part_kind other = 0; other < FAC_PART_KINDS; other++)
        if (other != kind && fac_part_find(module, other, name, strlen(name)))
            return fac_fail(FAC_ERR_KEY, "%s: attribute '%s' already exists: it is a %s", owner, name,
                            kind_names[other]);
    return FAC_OK;
}

static fac_part *add_part(fac_part_list *list, const char *name)
{
    if (fac_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items))
        return NULL;
    char *copy = fac_string_copy(name);
    if (!copy)
        return NULL;
    fac_part *part = &list->items[list->count++];
    *part = (fac_part){.name = copy};
    return part;
}

/* module.name = handle, of which a reference is taken over (also on failure); NULL for None. */
static fac_status set_part(fac_module *module, fac_part_kind kind, const fac_part *value)
{
    fac_status status = check_name(module, kind, value->name);
    fac_part *part = status ? NULL : fac_part_find(module, kind, value->name, strlen(value->name));
    if (!status && !part)
        part = add_part(&module->impl->lists[kind], value->name);
    if (!part) {
        fac_free_handle(value->handle);
        return fac_pending();
    }
    void *old = part->handle, *field = value->handle ? value->handle : fac_none;
    if (module->impl->complete)
        fac_structure_changed();
    part->handle = value->handle;
    part->persistent = value->persistent;
    if (value->slot)
        part->slot = value->slot;
    if (part->slot)
        memcpy(part->slot, &field, sizeof field);
    fac_free_handle(old);
    return FAC_OK;
}

typedef struct {
    const fac_module *wanted;
    bool found;
} search;

static fac_status visit_search(fac_walk *walk, fac_module *module)
{
    search *s = walk->ctx;
    s->found |= module == s->wanted;
    return FAC_OK;
}

/* A module that holds itself could never be printed, saved or freed. */
static fac_status check_acyclic(fac_module *module, const char *name, fac_module *child)
{
    search s = {.wanted = module};
    fac_walk walk = {.visit = visit_search, .ctx = &s};
    FAC_TRY(fac_walk_module(&walk, child));
    if (s.found)
        return fac_fail(FAC_ERR_VALUE, "%s: its part '%s' contains it", module->cls->name, name);
    return FAC_OK;
}

static fac_status check_child(fac_module *module, const char *name, fac_module *child)
{
    if (child == fac_none)
        return FAC_OK;
    if (!child)
        return fac_fail(FAC_ERR_VALUE, "%s: %s is NULL", module->cls->name, name);
    FAC_TRY(fac_handle_check(child, &fac_module_type, module->cls->name, name));
    return check_acyclic(module, name, child);
}

static fac_status attach_child(fac_module *module, const char *name, fac_module *child, void *slot)
{
    fac_status status = check_child(module, name ? name : "", child);
    if (status) {
        fac_free_handle(child);
        return status;
    }
    return set_part(
        module, FAC_PART_MODULE,
        &(fac_part){.name = (char *)(uintptr_t)name, .handle = child == fac_none ? NULL : child, .slot = slot});
}

fac_status fac_module_add(fac_module *module, const char *name, fac_module *child)
{
    return attach_child(module, name, child, NULL);
}

/* nn.Parameter(tensor): a leaf that asks for a gradient; what was computed is detached. One new reference, or NULL. */
static fac_tensor *as_parameter(fac_tensor *tensor, const char *owner, const char *name)
{
    if (fac_tensor_check(tensor, owner, name))
        return NULL;
    if (!fac_is_float(tensor->m.dtype)) {
        fac_fail(FAC_ERR_TYPE, "%s: %s: only Tensors of floating point dtype can require gradients, got %s", owner,
                 name, fac_dtype_name((fac_dtype)tensor->m.dtype));
        return NULL;
    }
    if (tensor->is_parameter) {
        fac_ref(tensor);
        return tensor;
    }
    if (tensor->node || tensor->is_view || tensor->wrapped_number) {
        tensor = fac_tensor_alias(tensor);
        if (!tensor)
            return NULL;
        tensor->wrapped_number = false;
    } else {
        fac_ref(tensor);
    }
    tensor->requires_grad = tensor->is_parameter = true;
    fac_structure_changed();
    return tensor;
}

static fac_status attach_tensor(fac_module *module, fac_part_kind kind, const fac_part *value)
{
    fac_part part = *value;
    if (part.handle == fac_none) {
        part.handle = NULL;
    } else if (kind == FAC_PART_PARAMETER) {
        part.handle = as_parameter(value->handle, module->cls->name, value->name ? value->name : "");
        if (!part.handle)
            return fac_pending();
    } else {
        FAC_TRY(fac_tensor_check(value->handle, module->cls->name, value->name ? value->name : ""));
        fac_ref(value->handle);
    }
    return set_part(module, kind, &part);
}

void fac_attach_module(void *self, const char *name, fac_module *child, fac_module **slot)
{
    fac_module *module = self;
    if (fac_module_check(module, "FAC_CHILD")) {
        fac_free_handle(child);
        return;
    }
    fac_status status = attach_child(module, name, child, slot);
    if (status)
        module->impl->failed = status;
}

static void attach_or_fail(fac_module *module, const char *who, fac_part_kind kind, const fac_part *value)
{
    if (fac_module_check(module, who))
        return;
    fac_status status = attach_tensor(module, kind, value);
    if (status)
        module->impl->failed = status;
}

void fac_attach_parameter(void *self, const char *name, fac_tensor *tensor, fac_tensor **slot)
{
    attach_or_fail(self, "FAC_PARAM", FAC_PART_PARAMETER,
                   &(fac_part){.name = (char *)(uintptr_t)name, .handle = tensor, .slot = slot, .persistent = true});
}

void fac_attach_buffer(void *self, const char *name, fac_tensor *tensor, fac_tensor **slot, bool persistent)
{
    attach_or_fail(
        self, "FAC_BUFFER", FAC_PART_BUFFER,
        &(fac_part){.name = (char *)(uintptr_t)name, .handle = tensor, .slot = slot, .persistent = persistent});
}

fac_status fac_register_module(fac_module *module, const char *name, fac_module *child)
{
    if (fac_pending() || fac_module_check(module, "register_module")) {
        fac_free_handle(child);
        return fac_error_status();
    }
    return fac_returned(attach_child(module, name, child, NULL));
}

static fac_status register_tensor(fac_module *module, const char *who, fac_part_kind kind, const fac_part *value)
{
    if (fac_pending() || fac_module_check(module, who))
        return fac_error_status();
    return fac_returned(attach_tensor(module, kind, value));
}

fac_status fac_register_parameter(fac_module *module, const char *name, fac_tensor *tensor)
{
    return register_tensor(module, "register_parameter", FAC_PART_PARAMETER,
                           &(fac_part){.name = (char *)(uintptr_t)name, .handle = tensor, .persistent = true});
}

fac_status fac_register_buffer(fac_module *module, const char *name, fac_tensor *tensor, bool persistent)
{
    return register_tensor(module, "register_buffer", FAC_PART_BUFFER,
                           &(fac_part){.name = (char *)(uintptr_t)name, .handle = tensor, .persistent = persistent});
}
