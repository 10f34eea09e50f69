/* SPDX-License-Identifier: MIT */
/* Optimizer.state_dict. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/thread.h"
#include "graph/recorder.h"
#include "optim/optimiser.h"

typedef struct state_list {
    fac_optim_state public;
    fac_optim_entry *entries;
    size_t capacity;
} state_list;

static void destroy_list(void *handle)
{
    state_list *list = handle;
    for (int64_t i = 0; i < list->public.count; i++) {
        fac_string_free((char *)(uintptr_t)list->entries[i].name);
        fac_tensor_free(list->entries[i].tensor);
    }
    fac_dealloc(list->entries, list->capacity * sizeof *list->entries);
    fac_handle_dealloc(list);
}

static const fac_handle_type list_type = {"state_dict", destroy_list};

/* Takes the tensor over. */
static fac_status add(state_list *list, const char *name, fac_tensor *tensor, double value)
{
    size_t count = (size_t)list->public.count;
    char *copy = NULL;
    if (fac_grow(&list->entries, &list->capacity, count + 1, sizeof *list->entries) ||
        !(copy = fac_string_copy(name))) {
        fac_tensor_free(tensor);
        return fac_pending();
    }
    list->entries[count] = (fac_optim_entry){copy, tensor, value};
    list->public = (fac_optim_state){(int64_t)count + 1, list->entries};
    return FAC_OK;
}

static fac_tensor *step_tensor(int64_t step)
{
    fac_meta meta;
    if (fac_meta_init(&meta, FAC_FLOAT32, 0, NULL, "state_dict"))
        return NULL;
    fac_tensor *tensor = fac_tensor_new(&meta);
    if (tensor)
        *(float *)tensor->data = (float)step;
    return tensor;
}

/* The state of parameter `index` of all. PyTorch has none before the first step. */
static fac_status add_state(state_list *list, const fac_optim_class *cls, fac_param_state *state, int64_t index)
{
    char name[80];
    if (state->step == 0)
        return FAC_OK;
    if (cls->counts_steps) {
        fac_tensor *step = step_tensor(state->step);
        snprintf(name, sizeof name, "state.%lld.step", (long long)index);
        FAC_TRY(step ? add(list, name, step, 0) : fac_pending());
    }
    for (int b = 0; b < cls->n_buffers; b++) {
        if (!state->buffers[b])
            continue;
        snprintf(name, sizeof name, "state.%lld.%s", (long long)index, cls->buffers[b]);
        FAC_TRY(add(list, name, fac_keep_handle(state->buffers[b]), 0));
    }
    return FAC_OK;
}

static fac_status add_group(state_list *list, const fac_optim_class *cls, const fac_optim_group *group, size_t g,
                            int64_t first)
{
    char name[80];
    for (int i = 0; i < cls->n_options; i++) {
        snprintf(name, sizeof name, "param_groups.%zu.%s", g, cls->options[i].path);
        FAC_TRY(add(list, name, NULL, group->options[i]));
    }
    for (int64_t i = 0; i < group->params.count; i++) {
        snprintf(name, sizeof name, "param_groups.%zu.params.%lld", g, (long long)i);
        FAC_TRY(add(list, name, NULL, (double)(first + (group->states[i] - group->own))));
    }
    return FAC_OK;
}

static fac_status fill(state_list *list, fac_optim *opt)
{
    int64_t index = 0;
    for (size_t g = 0; g < opt->count; g++)
        for (int64_t i = 0; i < opt->groups[g]->params.count; i++)
            FAC_TRY(add_state(list, opt->cls, &opt->groups[g]->own[i], index++));
    index = 0;
    for (size_t g = 0; g < opt->count; g++) {
        FAC_TRY(add_group(list, opt->cls, opt->groups[g], g, index));
        index += opt->groups[g]->params.count;
    }
    return FAC_OK;
}

fac_optim_state *fac_optim_state_dict(fac_optim *opt)
{
    if (fac_handle_check(opt, &fac_optim_type, "optim_state_dict", "optimiser") || fac_settle())
        return NULL;
    state_list *list = fac_handle_new(&list_type, sizeof *list);
    if (!list)
        return NULL;
    if (fill(list, opt)) {
        fac_free_handle(list);
        return NULL;
    }
    return fac_scope_adopt(list) ? &list->public : NULL;
}
