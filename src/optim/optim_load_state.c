/* SPDX-License-Identifier: MIT */
/* Optimizer.load_state_dict: everything is read beside what there is, then takes its place. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "graph/recorder.h"
#include "optim/optimiser.h"

/* What a state_dict says, as it is read. */
typedef struct loading {
    fac_optim *opt;
    const fac_optim_state *state;
    size_t n_params;                      /* of all groups */
    fac_param_state *states;              /* [n_params] */
    double (*options)[FAC_OPTIM_OPTIONS]; /* [groups] */
    int64_t *ids;                         /* [n_params]: by which number the state_dict calls a parameter */
    size_t *read;                         /* [groups]: parameters that the state_dict has there */
} loading;

/* "12.exp_avg" to 12 and "exp_avg", "12" to 12 and "": false if it begins with no number. */
static bool split_number(const char *path, int64_t *value, const char **rest)
{
    const char *dot = strchr(path, '.'), *end = dot ? dot : path + strlen(path);
    *rest = dot ? dot + 1 : end;
    return fac_parse_int(path, end, value) && *value >= 0;
}

static bool skip_word(const char **path, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(*path, word, n) != 0 || (*path)[n] != '.')
        return false;
    *path += n + 1;
    return true;
}

static fac_status bad_entry(const loading *l, const fac_optim_entry *entry, const char *what)
{
    return fac_fail(FAC_ERR_VALUE, "%s: load_state_dict: %s %s", l->opt->cls->name, entry->name, what);
}

/* A number, or a tensor of one element. */
static fac_status entry_number(const loading *l, const fac_optim_entry *entry, double *value)
{
    *value = entry->number;
    if (!entry->tensor)
        return FAC_OK;
    FAC_TRY(fac_tensor_check(entry->tensor, "load_state_dict", entry->name));
    if (entry->tensor->m.numel != 1)
        return bad_entry(l, entry, "is not one number");
    *value = fac_load_double(entry->tensor->data, entry->tensor->m.dtype);
    return FAC_OK;
}

static fac_status read_param_id(loading *l, const fac_optim_entry *entry, size_t g, const char *path)
{
    int64_t k;
    double id;
    const char *rest;
    size_t first = 0, count = (size_t)l->opt->groups[g]->params.count;
    FAC_TRY(entry_number(l, entry, &id));
    if (!split_number(path, &k, &rest) || *rest || !(id >= 0 && id < 1e15))
        return bad_entry(l, entry, "is not the number of a parameter");
    if ((uint64_t)k >= count)
        return fac_fail(FAC_ERR_VALUE,
                        "%s: loaded state dict contains a parameter group that doesn't match the size of "
                        "optimizer's group",
                        l->opt->cls->name);
    for (size_t i = 0; i < g; i++)
        first += (size_t)l->opt->groups[i]->params.count;
    l->ids[first + (size_t)k] = (int64_t)id;
    l->read[g]++;
    return FAC_OK;
}

static fac_status read_group_entry(loading *l, const fac_optim_entry *entry, const char *path)
{
    int64_t g;
    const fac_optim_class *cls = l->opt->cls;
    if (!split_number(path, &g, &path))
        return bad_entry(l, entry, "names no parameter group");
    if ((uint64_t)g >= l->opt->count)
        return fac_fail(FAC_ERR_VALUE, "%s: loaded state dict has a different number of parameter groups", cls->name);
    if (skip_word(&path, "params"))
        return read_param_id(l, entry, (size_t)g, path);
    for (int i = 0; i < cls->n_options; i++)
        if (!strcmp(cls->options[i].path, path)) {
            double value;
            FAC_TRY(entry_number(l, entry, &value));
            l->options[g][i] = cls->options[i].is_bool ? value != 0 : value;
        }
    return FAC_OK;
}

static fac_status check_groups(const loading *l)
{
    const fac_optim_class *cls = l->opt->cls;
    for (size_t g = 0; g < l->opt->count; g++) {
        size_t want = (size_t)l->opt->groups[g]->params.count;
        if (l->read[g] != want)
            return fac_fail(FAC_ERR_VALUE,
                            "%s: loaded state dict contains a parameter group that doesn't match the size of "
                            "optimizer's group: group %zu has %zu parameters, expected %zu",
                            cls->name, g, l->read[g], want);
        FAC_TRY(cls->check(cls->name, l->options[g]));
    }
    return FAC_OK;
}

static const fac_tensor *param_at(const fac_optim *opt, size_t index)
{
    size_t g = 0;
    for (; index >= (size_t)opt->groups[g]->params.count; g++)
        index -= (size_t)opt->groups[g]->params.count;
    return opt->groups[g]->params_[index];
}

static fac_status read_step(loading *l, const fac_optim_entry *entry, size_t index)
{
    double step;
    FAC_TRY(entry_number(l, entry, &step));
    if (!(step >= 0 && step < 9e15) || floor(step) < step)
        return bad_entry(l, entry, "is no count of steps");
    l->states[index].step = (int64_t)step;
    return FAC_OK;
}

static fac_status read_buffer(loading *l, const fac_optim_entry *entry, size_t index, int b)
{
    fac_param_state *state = &l->states[index];
    const fac_tensor *param = param_at(l->opt, index);
    FAC_TRY(fac_tensor_check(entry->tensor, "load_state_dict", entry->name));
    if (!fac_same_shape(&entry->tensor->m, &param->m))
        return fac_fail(FAC_ERR_VALUE, "%s: load_state_dict: %s has shape %s, its parameter %s", l->opt->cls->name,
                        entry->name, fac_shape_text(&entry->tensor->m), fac_shape_text(&param->m));
    fac_meta meta = param->m;
    fac_meta_pack(&meta);
    fac_tensor_free(state->buffers[b]);
    state->buffers[b] = fac_tensor_new(&meta);
    if (!state->buffers[b])
        return fac_pending();
    if (!l->opt->cls->counts_steps)
        state->step = 1;
    return fac_copy_cast(state->buffers[b], entry->tensor);
}

/* The parameter that the state_dict calls by that number; n_params if none. */
static size_t index_of_id(const loading *l, int64_t id)
{
    if ((uint64_t)id < l->n_params && l->ids[id] == id)
        return (size_t)id;
    size_t i = 0;
    while (i < l->n_params && l->ids[i] != id)
        i++;
    return i;
}

static fac_status read_state_entry(loading *l, const fac_optim_entry *entry, const char *path)
{
    int64_t id;
    const fac_optim_class *cls = l->opt->cls;
    if (!split_number(path, &id, &path))
        return bad_entry(l, entry, "names no parameter");
    size_t index = index_of_id(l, id);
    if (index == l->n_params)
        return bad_entry(l, entry, "is of a parameter that is in no group");
    if (cls->counts_steps && !strcmp(path, "step"))
        return read_step(l, entry, index);
    for (int b = 0; b < cls->n_buffers; b++)
        if (!strcmp(cls->buffers[b], path))
            return read_buffer(l, entry, index, b);
    return fac_fail(FAC_ERR_KEY, "%s: load_state_dict: unexpected %s", cls->name, entry->name);
}

/* Step and buffers: all that are needed, or none. */
static fac_status check_states(const loading *l)
{
    const fac_optim_class *cls = l->opt->cls;
    for (size_t i = 0; i < l->n_params; i++) {
        const fac_param_state *state = &l->states[i];
        bool any = state->step > 0;
        for (int b = 0; b < cls->n_buffers; b++)
            any |= state->buffers[b] != NULL;
        if (any && state->step == 0 && cls->counts_steps)
            return fac_fail(FAC_ERR_KEY, "%s: load_state_dict: state.%lld.step is missing or 0", cls->name,
                            (long long)l->ids[i]);
        for (int b = 0; any && b < cls->required_buffers; b++)
            if (!state->buffers[b])
                return fac_fail(FAC_ERR_KEY, "%s: load_state_dict: state.%lld.%s is missing", cls->name,
                                (long long)l->ids[i], cls->buffers[b]);
    }
    return FAC_OK;
}

typedef fac_status read_entry(loading *l, const fac_optim_entry *entry, const char *path);

static fac_status read_all(loading *l, const char *word, read_entry *read)
{
    for (int64_t i = 0; i < l->state->count; i++) {
        const fac_optim_entry *entry = &l->state->entries[i];
        const char *path = entry->name;
        if (path && skip_word(&path, word))
            FAC_TRY(read(l, entry, path));
    }
    return FAC_OK;
}

static fac_status read_whole(loading *l)
{
    for (size_t i = 0; i < l->n_params; i++)
        l->ids[i] = -1;
    for (size_t g = 0; g < l->opt->count; g++)
        memcpy(l->options[g], l->opt->groups[g]->options, sizeof l->options[g]);
    FAC_TRY(read_all(l, "param_groups", read_group_entry));
    FAC_TRY(check_groups(l));
    FAC_TRY(read_all(l, "state", read_state_entry));
    return check_states(l);
}

/* What was there is left in l to be freed. */
static void take_over(loading *l)
{
    size_t index = 0;
    l->opt->stamp++;
    l->opt->changes++;
    for (size_t g = 0; g < l->opt->count; g++) {
        fac_optim_group *group = l->opt->groups[g];
        memcpy(group->options, l->options[g], sizeof group->options);
        group->ready_buffers = -1;
        for (int64_t i = 0; i < group->params.count; i++, index++) {
            fac_param_state before = group->own[i];
            group->own[i] = l->states[index];
            l->states[index] = before;
        }
    }
}

static void free_loading(loading *l)
{
    for (size_t i = 0; l->states && i < l->n_params; i++)
        fac_param_state_clear(&l->states[i]);
    fac_dealloc(l->states, l->n_params * sizeof *l->states);
    fac_dealloc(l->options, l->opt->count * sizeof *l->options);
    fac_dealloc(l->ids, l->n_params * sizeof *l->ids);
    fac_dealloc(l->read, l->opt->count * sizeof *l->read);
}

static fac_status load(fac_optim *opt, const fac_optim_state *state)
{
    FAC_TRY(fac_handle_check(opt, &fac_optim_type, "optim_load_state_dict", "optimiser"));
    if (!state)
        return fac_fail(FAC_ERR_VALUE, "%s: load_state_dict: state is NULL", opt->cls->name);
    loading l = {.opt = opt, .state = state};
    for (size_t g = 0; g < opt->count; g++)
        l.n_params += (size_t)opt->groups[g]->params.count;
    l.states = fac_alloc_zeroed(l.n_params * sizeof *l.states);
    l.options = fac_alloc_zeroed(opt->count * sizeof *l.options);
    l.ids = fac_alloc_zeroed(l.n_params * sizeof *l.ids);
    l.read = fac_alloc_zeroed(opt->count * sizeof *l.read);
    fac_status status = l.states && l.options && l.ids && l.read ? read_whole(&l) : fac_pending();
    if (!status)
        take_over(&l);
    free_loading(&l);
    return status;
}

fac_status fac_optim_load_state_dict(fac_optim *opt, const fac_optim_state *state)
{
    if (fac_pending())
        return fac_error_status();
    return fac_returned(fac_settle() ? fac_pending() : load(opt, state));
}
