/* SPDX-License-Identifier: MIT */
/* Modules from inside: their parts, walks over all modules within, lists of what they find. */
#ifndef FAC_NN_MODULE_H
#define FAC_NN_MODULE_H

#include "base/error.h"
#include "base/text.h"
#include "facula/nn.h"
#include "tensor/tensor.h"

typedef enum fac_part_kind { FAC_PART_MODULE, FAC_PART_PARAMETER, FAC_PART_BUFFER, FAC_PART_KINDS } fac_part_kind;

/* One entry of Module._modules, _parameters or _buffers. */
typedef struct fac_part {
    char *name;
    void *handle; /* fac_module or fac_tensor, one reference; NULL for None */
    void *slot;   /* the address of the field that follows it, or NULL */
    bool persistent;
} fac_part;

typedef struct fac_part_list {
    fac_part *items;
    size_t count, capacity;
} fac_part_list;

struct fac_module_parts {
    fac_part_list lists[FAC_PART_KINDS];
    bool training;
    bool complete;          /* past fac_done: what changes from now on is a change of structure */
    fac_status failed;      /* the first part that could not be had: fac_done gives NULL */
    fac_module *next_dying; /* in the list of modules to free */
};

extern const fac_handle_type fac_module_type;

/* FAC_CLASS for modules that do nothing but call operations and modules of this kind, and the same ones with the same
 * numbers as long as fac_structure_changes and the inputs' shapes and dtypes stay: a plan takes their call as a whole.
 */
extern const char fac_only_calls;
#define FAC_CALLS_CLASS(...)                                                            \
    {                                                                                   \
        sizeof(fac_class), __VA_ARGS__, .reserved_ = (void *)(uintptr_t)&fac_only_calls \
    }
/* Whether a module and all those within are of that kind. */
bool fac_module_only_calls(const fac_module *module);

static inline bool fac_module_alive(const fac_module *module)
{
    return module && (const void *)module != fac_none && fac_header_of(module)->type == &fac_module_type;
}
/* FAC_OK, or the error `who: module is NULL`. */
static inline fac_status fac_module_check(const fac_module *module, const char *who)
{
    if (__builtin_expect(fac_module_alive(module), 1))
        return FAC_OK;
    return fac_handle_check(module, &fac_module_type, who, "module");
}
static inline const fac_part_list *fac_parts_of(const fac_module *module, fac_part_kind kind)
{
    return &module->impl->lists[kind];
}
/* The part of that name (length bytes of it), or NULL. */
fac_part *fac_part_find(const fac_module *module, fac_part_kind kind, const char *name, size_t length);
/* module.name = child, which is taken over; the error stays pending. */
fac_status fac_module_add(fac_module *module, const char *name, fac_module *child);
/* fac_call without being an action: the error stays pending. */
fac_status fac_module_call(fac_module *module, const fac_values *in, fac_values *out);
/* Makes an error pending again that a user's function returned as status, or (FAC_OK) kept to itself, when an action
 * had cleared the mark: its message is still the last. */
fac_status fac_module_raise(fac_status status, const fac_module *module);
/* For calls: FAC_OK if there are `count` arguments; else `Linear: expected 1 argument, got 2`. */
fac_status fac_values_expect(const fac_module *module, const fac_values *in, int64_t count);
/* The only result. FAC_OK, or what is pending if it is NULL. */
fac_status fac_values_give(fac_values *out, fac_tensor *result);

/* A set of handles. */
typedef struct fac_handle_set {
    const void **slots;
    size_t count, capacity;
    const void *few[32];
} fac_handle_set;
/* *fresh: it was not in the set before. */
fac_status fac_handle_set_add(fac_handle_set *set, const void *handle, bool *fresh);
void fac_handle_set_free(fac_handle_set *set);

enum { FAC_MODULE_DEPTH = 1000 }; /* nesting that walks follow; PyTorch ends at Python's recursion limit */

/* A walk over a module and all modules within, parents first. */
typedef struct fac_walk {
    fac_status (*visit)(struct fac_walk *walk, fac_module *module);
    void *ctx;
    bool each;  /* a module that is met again is visited again */
    bool names; /* keep `path` */
    fac_text path;
    fac_handle_set seen;
    int depth;
} fac_walk;
fac_status fac_walk_module(fac_walk *walk, fac_module *module);
static inline const char *fac_walk_path(const fac_walk *walk)
{
    return walk->path.data ? walk->path.data : "";
}

/* Collects handles, and their names if wanted, for a list. */
typedef struct fac_collector {
    void **items;
    size_t count, capacity;
    bool names, each;
    fac_text text; /* names, each with its NUL */
    fac_handle_set seen;
} fac_collector;
/* Adds a handle under `path.name` (without the point if one is empty), takes a reference; once only, unless `each`. */
fac_status fac_collect(fac_collector *into, void *handle, const char *path, const char *name);
/* The list as a handle that the scope owns: fac_named_tensors or fac_module_list; NULL if status is an error. Frees the
 * collector. */
const void *fac_collected(fac_collector *from, fac_status status);

/* A module's parameters, buffers or both, and those of all modules within. */
typedef struct fac_gather {
    fac_collector found;
    bool parameters, buffers;
    bool skip_fleeting; /* buffers that are not persistent */
    bool detached;      /* not the tensors themselves but detached ones over their memory */
} fac_gather;
fac_status fac_gather_tensors(fac_gather *gather, fac_module *module);

#endif
