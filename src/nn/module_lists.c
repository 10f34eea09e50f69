/* SPDX-License-Identifier: MIT */
/* Lists of what is in a module: parameters, buffers, modules; and the one of a given path. */
#include <string.h>

#include "base/alloc.h"
#include "nn/module.h"

/* What the scope owns: one block, the arrays and the names behind the struct. */
typedef union {
    fac_tensors tensors;
    fac_named_tensors named;
    fac_module_list modules;
    struct {
        int64_t count;
        void **items;
        const char **names;
    } any;
} list_handle;

static void destroy_list(void *handle)
{
    list_handle *list = handle;
    for (int64_t i = 0; i < list->any.count; i++)
        fac_free_handle(list->any.items[i]);
    fac_handle_dealloc(list);
}

static const fac_handle_type list_type = {"list", destroy_list};

static void add_name(fac_text *text, const char *path, const char *name)
{
    fac_text_append(text, path, strlen(path));
    fac_text_append(text, ".", *path && *name);
    fac_text_append(text, name, strlen(name) + 1);
}

fac_status fac_collect(fac_collector *into, void *handle, const char *path, const char *name)
{
    bool fresh = true;
    if (!into->each)
        FAC_TRY(fac_handle_set_add(&into->seen, handle, &fresh));
    if (!fresh)
        return FAC_OK;
    if (into->names)
        add_name(&into->text, path, name);
    if (into->text.failed)
        return fac_pending();
    FAC_TRY(fac_grow(&into->items, &into->capacity, into->count + 1, sizeof *into->items));
    fac_ref(handle);
    into->items[into->count++] = handle;
    return FAC_OK;
}

static list_handle *make_list(const fac_collector *from)
{
    size_t row = sizeof(void *) + (from->names ? sizeof(char *) : 0);
    list_handle *list = fac_handle_new(&list_type, sizeof *list + from->count * row + from->text.length);
    if (!list)
        return NULL;
    list->any.count = (int64_t)from->count;
    list->any.items = (void **)(list + 1);
    if (from->count)
        memcpy(list->any.items, from->items, from->count * sizeof *from->items);
    if (!from->names)
        return list;
    list->any.names = (const char **)(list->any.items + from->count);
    char *text = (char *)(list->any.names + from->count);
    if (from->count)
        memcpy(text, from->text.data, from->text.length);
    for (size_t i = 0; i < from->count; i++, text += strlen(text) + 1)
        list->any.names[i] = text;
    return list;
}

const void *fac_collected(fac_collector *from, fac_status status)
{
    list_handle *list = status ? NULL : make_list(from);
    for (size_t i = 0; !list && i < from->count; i++)
        fac_free_handle(from->items[i]);
    fac_dealloc(from->items, from->capacity * sizeof *from->items);
    fac_text_free(&from->text);
    fac_handle_set_free(&from->seen);
    return list && fac_scope_adopt(list) ? list : NULL;
}

static fac_status gather_one(fac_gather *gather, const fac_walk *walk, const fac_part *part)
{
    fac_tensor *tensor = part->handle;
    if (!tensor || (gather->skip_fleeting && !part->persistent))
        return FAC_OK;
    if (!gather->detached)
        return fac_collect(&gather->found, tensor, fac_walk_path(walk), part->name);
    fac_tensor *alias = fac_tensor_alias(tensor);
    if (!alias)
        return fac_pending();
    fac_status status = fac_collect(&gather->found, alias, fac_walk_path(walk), part->name);
    fac_tensor_drop(alias);
    return status;
}

static fac_status visit_tensors(fac_walk *walk, fac_module *module)
{
    fac_gather *gather = walk->ctx;
    const fac_part_list *parameters = fac_parts_of(module, FAC_PART_PARAMETER);
    const fac_part_list *buffers = fac_parts_of(module, FAC_PART_BUFFER);
    for (size_t i = 0; gather->parameters && i < parameters->count; i++)
        FAC_TRY(gather_one(gather, walk, &parameters->items[i]));
    for (size_t i = 0; gather->buffers && i < buffers->count; i++)
        FAC_TRY(gather_one(gather, walk, &buffers->items[i]));
    return FAC_OK;
}

fac_status fac_gather_tensors(fac_gather *gather, fac_module *module)
{
    fac_walk walk = {.visit = visit_tensors, .ctx = gather, .each = gather->found.each, .names = gather->found.names};
    return fac_walk_module(&walk, module);
}

static const void *tensors_of(fac_module *module, const char *who, fac_gather *gather)
{
    if (fac_module_check(module, who))
        return NULL;
    return fac_collected(&gather->found, fac_gather_tensors(gather, module));
}

const fac_tensors *fac_parameters(fac_module *module)
{
    return tensors_of(module, "parameters", &(fac_gather){.parameters = true});
}

const fac_named_tensors *fac_named_parameters(fac_module *module)
{
    return tensors_of(module, "named_parameters", &(fac_gather){.parameters = true, .found.names = true});
}

const fac_tensors *fac_buffers(fac_module *module)
{
    return tensors_of(module, "buffers", &(fac_gather){.buffers = true});
}

const fac_named_tensors *fac_named_buffers(fac_module *module)
{
    return tensors_of(module, "named_buffers", &(fac_gather){.buffers = true, .found.names = true});
}

static fac_status visit_module(fac_walk *walk, fac_module *module)
{
    return fac_collect(walk->ctx, module, fac_walk_path(walk), "");
}

const fac_module_list *fac_named_modules(fac_module *module)
{
    if (fac_module_check(module, "modules"))
        return NULL;
    fac_collector found = {.names = true};
    fac_walk walk = {.visit = visit_module, .ctx = &found, .names = true};
    return fac_collected(&found, fac_walk_module(&walk, module));
}

const fac_module_list *fac_modules(fac_module *module)
{
    return fac_named_modules(module);
}

const fac_module_list *fac_named_children(fac_module *module)
{
    if (fac_module_check(module, "children"))
        return NULL;
    fac_collector found = {.names = true};
    fac_status status = FAC_OK;
    const fac_part_list *children = fac_parts_of(module, FAC_PART_MODULE);
    for (size_t i = 0; !status && i < children->count; i++)
        if (children->items[i].handle)
            status = fac_collect(&found, children->items[i].handle, "", children->items[i].name);
    return fac_collected(&found, status);
}

const fac_module_list *fac_children(fac_module *module)
{
    return fac_named_children(module);
}

/* The module that holds the path's last word, which *last becomes; NULL with the error set. */
static fac_module *find_owner(fac_module *module, const char *path, const char **last)
{
    const char *at = path, *dot;
    for (; (dot = strchr(at, '.')); at = dot + 1) {
        const fac_part *part = fac_part_find(module, FAC_PART_MODULE, at, (size_t)(dot - at));
        if (!part || !part->handle) {
            fac_fail(FAC_ERR_KEY, "%s has no attribute `%.*s`", module->cls->name, (int)(dot - at), at);
            return NULL;
        }
        module = part->handle;
    }
    *last = at;
    return module;
}

static void *get_part(fac_module *module, const char *path, fac_part_kind kind, const char *who)
{
    const char *last;
    if (fac_module_check(module, who))
        return NULL;
    if (!path) {
        fac_fail(FAC_ERR_VALUE, "%s: the path is NULL", who);
        return NULL;
    }
    module = find_owner(module, path, &last);
    if (!module)
        return NULL;
    const fac_part *part = fac_part_find(module, kind, last, strlen(last));
    if (part && part->handle)
        return part->handle;
    fac_fail(FAC_ERR_KEY, "%s has no attribute `%s`", module->cls->name, last);
    return NULL;
}

fac_tensor *fac_get_parameter(fac_module *module, const char *path)
{
    return get_part(module, path, FAC_PART_PARAMETER, "get_parameter");
}

fac_tensor *fac_get_buffer(fac_module *module, const char *path)
{
    return get_part(module, path, FAC_PART_BUFFER, "get_buffer");
}

fac_module *fac_get_submodule(fac_module *module, const char *path)
{
    if (path && !*path)
        return fac_module_check(module, "get_submodule") ? NULL : module;
    return get_part(module, path, FAC_PART_MODULE, "get_submodule");
}
