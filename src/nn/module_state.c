/* SPDX-License-Identifier: MIT */
/* state_dict and load_state_dict. */
#include <string.h>

#include "base/alloc.h"
#include "facula/autograd.h"
#include "facula/ops.h"
#include "nn/module.h"

static const fac_named_tensors *state_of(fac_module *module, bool detached)
{
    fac_gather gather = {.parameters = true,
                         .buffers = true,
                         .skip_fleeting = true,
                         .detached = detached,
                         .found = {.names = true, .each = true}};
    return fac_collected(&gather.found, fac_gather_tensors(&gather, module));
}

const fac_named_tensors *fac_state_dict(fac_module *module)
{
    return fac_module_check(module, "state_dict") ? NULL : state_of(module, true);
}

/* One loading: where the values go, where they come from, and what is wrong, in PyTorch's words. */
typedef struct {
    const fac_named_tensors *own, *state;
    fac_tensor **values; /* for each of own, NULL for a missing key */
    fac_text missing, unexpected, mismatched;
    bool strict;
} loading;

static void add_key(fac_text *keys, const char *key)
{
    fac_text_add(keys, keys->length ? ", \"%s\"" : "\"%s\"", key);
}

/* The keys are mostly in the same order on both sides: *hint is where the last one was found. */
static int64_t find_key(const fac_named_tensors *state, const char *key, int64_t *hint)
{
    for (int64_t n = 0; n < state->count; n++) {
        int64_t i = (*hint + n) % state->count;
        if (!strcmp(state->names[i], key)) {
            *hint = i + 1;
            return i;
        }
    }
    return -1;
}

static void add_size(fac_text *text, const fac_tensor *tensor)
{
    fac_text_add(text, "torch.Size([");
    for (int d = 0; d < tensor->m.ndim; d++)
        fac_text_add(text, d ? ", %lld" : "%lld", (long long)tensor->m.shape[d]);
    fac_text_add(text, "])");
}

static void add_mismatch(fac_text *text, const char *key, const fac_tensor *from, const fac_tensor *to)
{
    fac_text_add(text, "\n\tsize mismatch for %s: copying a param with shape ", key);
    add_size(text, from);
    fac_text_add(text, " from checkpoint, the shape in current model is ");
    add_size(text, to);
    fac_text_add(text, ".");
}

static fac_status match_own(loading *l)
{
    int64_t hint = 0;
    for (int64_t i = 0; i < l->own->count; i++) {
        int64_t at = l->state->count ? find_key(l->state, l->own->names[i], &hint) : -1;
        if (at < 0) {
            add_key(&l->missing, l->own->names[i]);
            continue;
        }
        fac_tensor *value = l->state->items[at];
        FAC_TRY(fac_tensor_check(value, "load_state_dict", l->own->names[i]));
        if (fac_same_shape(&value->m, &l->own->items[i]->m))
            l->values[i] = value;
        else
            add_mismatch(&l->mismatched, l->own->names[i], value, l->own->items[i]);
    }
    return FAC_OK;
}

/* Module._load_from_state_dict, its last loop: of the keys below this module's path, those that it has no place for. */
static fac_status visit_unexpected(fac_walk *walk, fac_module *module)
{
    loading *l = walk->ctx;
    const char *path = fac_walk_path(walk);
    size_t length = strlen(path);
    for (int64_t i = 0; i < l->state->count; i++) {
        const char *key = l->state->names[i], *rest = length ? key + length + 1 : key;
        if (length && (strncmp(key, path, length) || key[length] != '.'))
            continue;
        size_t word = strcspn(rest, ".");
        const fac_part *buffer = fac_part_find(module, FAC_PART_BUFFER, rest, word);
        const fac_part *part = fac_part_find(module, rest[word] ? FAC_PART_MODULE : FAC_PART_PARAMETER, rest, word);
        bool expected = part && (rest[word] || part->handle);
        if (!rest[word])
            expected |= buffer && buffer->handle && buffer->persistent;
        if (!expected)
            add_key(&l->unexpected, key);
    }
    return FAC_OK;
}

static fac_status find_unexpected(loading *l, fac_module *module)
{
    fac_walk walk = {.visit = visit_unexpected, .ctx = l, .names = true, .each = true};
    return fac_walk_module(&walk, module);
}

static fac_status complain(const loading *l, const char *model)
{
    bool missing = l->strict && l->missing.length, unexpected = l->strict && l->unexpected.length;
    if (l->missing.failed || l->unexpected.failed || l->mismatched.failed)
        return fac_pending();
    if (!missing && !unexpected && !l->mismatched.length)
        return FAC_OK;
    fac_text text = {0};
    fac_text_add(&text, "Error(s) in loading state_dict for %s:", model);
    if (missing)
        fac_text_add(&text, "\n\tMissing key(s) in state_dict: %s. ", l->missing.data);
    if (unexpected)
        fac_text_add(&text, "\n\tUnexpected key(s) in state_dict: %s. ", l->unexpected.data);
    fac_text_append(&text, l->mismatched.data ? l->mismatched.data : "", l->mismatched.length);
    fac_status status = text.failed ? fac_pending() : fac_fail(FAC_ERR_RUNTIME, "%s", text.data);
    fac_text_free(&text);
    return status;
}

static fac_status copy_values(const loading *l)
{
    FAC_NO_GRAD;
    for (int64_t i = 0; i < l->own->count; i++)
        if (l->values[i] && !fac_copy__with(l->own->items[i], l->values[i]))
            return fac_pending();
    return FAC_OK;
}

static fac_status load(loading *l, fac_module *module)
{
    FAC_TRY(match_own(l));
    if (l->strict)
        FAC_TRY(find_unexpected(l, module));
    FAC_TRY(complain(l, module->cls->name));
    return copy_values(l);
}

static fac_status load_state(fac_module *module, const fac_named_tensors *state, bool strict)
{
    FAC_SCOPE;
    loading l = {.own = state_of(module, false), .state = state, .strict = strict};
    if (!l.own)
        return fac_pending();
    size_t bytes = (size_t)l.own->count * sizeof *l.values;
    l.values = fac_alloc_zeroed(bytes);
    fac_status status = l.values ? load(&l, module) : fac_pending();
    fac_dealloc(l.values, bytes);
    fac_text_free(&l.missing);
    fac_text_free(&l.unexpected);
    fac_text_free(&l.mismatched);
    return status;
}

fac_load_state_dict_args fac_load_state_dict_defaults(void)
{
    return (fac_load_state_dict_args){FAC_DEFAULTS_load_state_dict, .size_ = sizeof(fac_load_state_dict_args)};
}

fac_status fac_load_state_dict_with(fac_module *module, const fac_named_tensors *state,
                                    const fac_load_state_dict_args *args)
{
    if (fac_pending() || fac_module_check(module, "load_state_dict"))
        return fac_error_status();
    if (!state || (state->count && (!state->items || !state->names)))
        return fac_returned(fac_fail(FAC_ERR_VALUE, "load_state_dict: state is NULL"));
    return fac_returned(load_state(module, state, !args || args->strict));
}
