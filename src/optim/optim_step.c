/* SPDX-License-Identifier: MIT */
/* Optimizer.step and zero_grad. A step is one call of the optimiser's operation for all parameters of a group that have
 * the same dtype and have taken as many steps as each other: usually all of them, whose inputs then lie ready but for
 * the gradients. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "facula/autograd.h"
#include "graph/recorder.h"
#include "optim/optimiser.h"
#include "tensor/storage.h"

fac_status fac_param_state_fill(fac_param_state *state, const fac_tensor *param, int n)
{
    fac_meta meta = param->m;
    fac_meta_pack(&meta);
    for (int i = 0; i < n; i++) {
        if (state->buffers[i])
            continue;
        fac_tensor *zeros = fac_tensor_new(&meta);
        if (!zeros)
            return fac_pending();
        memset(zeros->data, 0, zeros->storage->bytes);
        state->buffers[i] = zeros;
    }
    return FAC_OK;
}

static void note_steps(const fac_optim_class *cls, fac_param_state *state, int buffers)
{
    if (cls->counts_steps)
        state->step++;
    else if (buffers > 0)
        state->step = 1;
}

/* Whether parameter i goes into the pass that parameter `first` leads. */
static bool joins(const fac_optim_group *group, int64_t i, int64_t first, uint64_t pass)
{
    const fac_tensor *param = group->params_[i];
    return !group->done[i] && param->grad && param->m.dtype == group->params_[first]->m.dtype &&
           group->states[i]->step == group->states[first]->step && group->states[i]->pass != pass;
}

/* Fills in[] with the parameters of a pass and marks them: their number, or -1 with the error set. Columns are n apart.
 */
static int64_t gather(fac_optim_group *group, int64_t first, uint64_t pass, int buffers, int64_t n)
{
    int64_t k = 0;
    for (int64_t i = first; i < group->params.count; i++) {
        if (!joins(group, i, first, pass))
            continue;
        fac_param_state *state = group->states[i];
        if (fac_param_state_fill(state, group->params_[i], buffers))
            return -1;
        group->in[k] = group->params_[i];
        group->in[n + k] = group->params_[i]->grad;
        for (int b = 0; b < buffers; b++)
            group->in[(2 + b) * n + k] = state->buffers[b];
        state->pass = pass;
        group->done[i] = true;
        k++;
    }
    return k;
}

/* Moves the columns together from n apart to k. */
static void close_up(fac_tensor **in, int columns, int64_t n, int64_t k)
{
    for (int c = 1; c < columns && k < n; c++)
        memmove(in + c * k, in + c * n, (size_t)k * sizeof *in);
}

static fac_status step_pass(fac_optim *opt, fac_optim_group *group, int64_t first, int buffers)
{
    uint64_t pass = ++opt->pass;
    int64_t step = group->states[first]->step, n = group->params.count;
    int64_t k = gather(group, first, pass, buffers, n);
    if (k < 0)
        return fac_pending();
    close_up(group->in, 2 + buffers, n, k);
    FAC_TRY(opt->cls->apply(group->options, group->in, (uint32_t)((2 + buffers) * k), step));
    for (int64_t i = first; i < n; i++)
        if (group->states[i]->pass == pass && group->done[i]) {
            note_steps(opt->cls, group->states[i], buffers);
            group->states[i]->pass = 0; /* a second mention of the parameter may have its turn */
        }
    return FAC_OK;
}

/* In[] as the quick way wants it, if the parameters go together. */
static void make_ready(fac_optim_group *group, int buffers)
{
    int64_t n = group->params.count;
    group->ready_buffers = -1;
    if (n == 0 || group->has_duplicates)
        return;
    for (int64_t i = 0; i < n; i++) {
        const fac_param_state *state = group->states[i];
        if (state->step != group->states[0]->step || group->params_[i]->m.dtype != group->params_[0]->m.dtype)
            return;
        group->in[i] = group->params_[i];
        for (int b = 0; b < buffers; b++)
            if (!(group->in[(2 + b) * n + i] = state->buffers[b]))
                return;
    }
    group->ready_buffers = buffers;
}

static bool is_bare(const fac_tensor *t, const fac_tensor *like)
{
    return t->m.contiguous && t->m.numel == like->m.numel && t->m.dtype == like->m.dtype;
}

static inline fac_optim_segment *segment_at(const fac_optim_class *cls, const fac_optim_group *group, int64_t i)
{
    return (fac_optim_segment *)(void *)((char *)group->list.segments + (size_t)i * cls->segment_bytes);
}

/* False if it is no bare memory. */
static bool make_segment(const fac_optim_class *cls, const fac_optim_group *group, int buffers, int64_t i)
{
    const fac_tensor *param = group->params_[i];
    fac_optim_segment *segment = segment_at(cls, group, i);
    bool bare = is_bare(param, param) && fac_is_float(param->m.dtype);
    segment->n = param->m.numel;
    segment->p = param->data;
    for (int b = 0; b < buffers; b++) {
        const fac_tensor *buffer = group->in[(2 + b) * group->params.count + i];
        bare = bare && is_bare(buffer, param);
        segment->buffers[b] = buffer->data;
    }
    return bare;
}

/* The same as bare memory. Without memory for that the other way stays. */
static void make_segments(const fac_optim_class *cls, fac_optim_group *group, int buffers)
{
    const int64_t n = group->params.count;
    const size_t bytes = (size_t)n * cls->segment_bytes;
    fac_dealloc(group->list.segments, group->list.segments ? bytes : 0);
    group->filled = false;
    group->list = (fac_step_list){.segments = group->ready_buffers >= 0 ? fac_alloc_zeroed(bytes) : NULL, .count = n};
    if (!group->list.segments) {
        fac_clear_pending();
        return;
    }
    group->list.dtype = group->params_[0]->m.dtype;
    bool bare = true;
    for (int64_t i = 0; i < n; i++) {
        bare = make_segment(cls, group, buffers, i) && bare;
        group->list.total += group->params_[i]->m.numel;
    }
    if (!bare) {
        fac_dealloc(group->list.segments, bytes);
        group->list.segments = NULL;
    }
}

/* Gradients into the segments; false if one is missing or does not fit, or a parameter is elsewhere now. */
static inline bool fill_segments(const fac_optim_class *cls, fac_optim_group *group)
{
    for (int64_t i = 0; i < group->params.count; i++) {
        fac_optim_segment *segment = segment_at(cls, group, i);
        const fac_tensor *param = group->params_[i], *grad = param->grad;
        if (!grad || !is_bare(grad, param) || param->data != segment->p || param->m.numel != segment->n)
            return false;
        segment->g = grad->data;
    }
    return true;
}

/* The parameters and their state have changed, and have taken a step more. */
static inline void note_step(const fac_optim_class *cls, fac_optim_group *group, int buffers)
{
    const int64_t n = group->params.count;
    for (int64_t i = 0; i < n; i++)
        group->params_[i]->storage->version++;
    for (int64_t i = 2 * n; i < (2 + buffers) * n; i++)
        group->in[i]->storage->version++;
    if (cls->counts_steps || buffers > 0)
        for (int64_t i = 0; i < n; i++)
            note_steps(cls, &group->own[i], buffers);
}

static inline void run_segments(const fac_optim_class *cls, fac_optim_group *group, int buffers)
{
    cls->apply_list(group->options, &group->list, group->states[0]->step, group->powers);
    note_step(cls, group, buffers);
}

/* A step without the engine, where everything lies as it did at the last one. */
static inline bool step_segments(const fac_optim_class *cls, fac_optim_group *group, int buffers)
{
    group->filled = group->list.segments && fill_segments(cls, group);
    if (!group->filled)
        return false;
    run_segments(cls, group, buffers);
    return true;
}

static fac_status step_in_passes(fac_optim *opt, fac_optim_group *group, int buffers)
{
    memset(group->done, 0, (size_t)group->params.count * sizeof *group->done);
    group->ready_buffers = -1;
    for (int64_t i = 0; i < group->params.count; i++)
        while (!group->done[i] && group->params_[i]->grad)
            FAC_TRY(step_pass(opt, group, i, buffers));
    make_ready(group, buffers);
    make_segments(opt->cls, group, buffers);
    return FAC_OK;
}

static bool take_gradients(fac_optim_group *group)
{
    int64_t n = group->params.count;
    for (int64_t i = 0; i < n; i++)
        if (__builtin_expect(!(group->in[n + i] = group->params_[i]->grad), 0))
            return false;
    return true;
}

static inline fac_status step_group(fac_optim *opt, fac_optim_group *group)
{
    const int64_t n = group->params.count;
    const int buffers = opt->cls->buffers_wanted(group->options);
    const bool ready = group->ready_buffers == buffers;
    if (ready && step_segments(opt->cls, group, buffers))
        return FAC_OK;
    if (!ready || !take_gradients(group))
        return step_in_passes(opt, group, buffers);
    FAC_TRY(opt->cls->apply(group->options, group->in, (uint32_t)((2 + buffers) * n), group->states[0]->step));
    for (int64_t i = 0; i < n; i++)
        note_steps(opt->cls, &group->own[i], buffers);
    return FAC_OK;
}

static inline bool can_repeat(const fac_optim_class *cls, const fac_optim_group *group)
{
    return group->filled && group->list.segments && group->ready_buffers == cls->buffers_wanted(group->options);
}

static bool step_repeat(void *object)
{
    fac_optim *opt = object;
    for (size_t g = 0; g < opt->count; g++)
        if (__builtin_expect(!can_repeat(opt->cls, opt->groups[g]), 0))
            return false;
    for (size_t g = 0; g < opt->count; g++)
        run_segments(opt->cls, opt->groups[g], opt->groups[g]->ready_buffers);
    opt->stamp++;
    return true;
}

static bool step_rates(void *object, double *rates, size_t n)
{
    const fac_optim *opt = object;
    size_t k = 0;
    for (size_t g = 0; g < opt->count; g++) {
        const fac_optim_group *group = opt->groups[g];
        const double rate =
            opt->cls->plain_rate && can_repeat(opt->cls, group) ? opt->cls->plain_rate(group->options) : (double)NAN;
        if (isnan(rate) || k + (size_t)group->params.count > n)
            return false;
        for (int64_t i = 0; i < group->params.count; i++)
            rates[k++] = rate;
    }
    return k == n;
}

static void step_taken(void *object)
{
    fac_optim *opt = object;
    for (size_t g = 0; g < opt->count; g++)
        note_step(opt->cls, opt->groups[g], opt->groups[g]->ready_buffers);
    opt->stamp++;
}

static fac_status step_again(const fac_action *action)
{
    return fac_optim_step(action->object);
}

static void hand_params(void *object, void (*each)(void *ctx, fac_tensor *param), void *ctx)
{
    const fac_optim *opt = object;
    for (size_t g = 0; g < opt->count; g++)
        for (int64_t i = 0; i < opt->groups[g]->params.count; i++)
            each(ctx, opt->groups[g]->params_[i]);
}

fac_status fac_optim_step(fac_optim *opt)
{
    if (fac_pending() || fac_handle_check(opt, &fac_optim_type, "step", "optimiser"))
        return fac_error_status();
    const fac_action action = {.name = "step",
                               .object = opt,
                               .redo = step_again,
                               .params = hand_params,
                               .params_version = (uint32_t)opt->count,
                               .repeat = step_repeat,
                               .stamp = &opt->stamp,
                               .rates = step_rates,
                               .options = &opt->changes,
                               .taken = step_taken};
    fac_status taken;
    if (fac_action_taken(&action, &taken))
        return fac_returned(taken);
    bool recorded = fac_set_grad_enabled(false);
    fac_status status = FAC_OK;
    opt->stamp++;
    for (size_t i = 0; i < opt->count && !status; i++)
        status = step_group(opt, opt->groups[i]);
    fac_set_grad_enabled(recorded);
    fac_action_end(&action);
    return fac_returned(status);
}

static void fill_zero(fac_tensor *grad)
{
    size_t size = fac_dtype_sizes[grad->m.dtype];
    if (grad->m.contiguous)
        memset(grad->data, 0, (size_t)grad->m.numel * size);
    else
        for (int64_t i = 0; i < grad->m.numel; i++)
            memset(fac_element(grad, i), 0, size);
    grad->storage->version++;
}

/* A gradient with a history (create_graph) is replaced by one without, as PyTorch detaches it. */
static fac_status zero_gradient(fac_tensor *param)
{
    fac_tensor *grad = param->grad;
    if (!grad)
        return FAC_OK;
    FAC_TRY(fac_settle());
    if (!grad->node) {
        fill_zero(grad);
        return FAC_OK;
    }
    fac_tensor *plain = fac_tensor_alias(grad);
    if (!plain)
        return fac_pending();
    fill_zero(plain);
    param->grad = plain;
    fac_tensor_free(grad);
    return FAC_OK;
}

static fac_status zero_group(const fac_optim_group *group, bool set_to_none)
{
    for (int64_t i = 0; i < group->params.count; i++) {
        fac_tensor *param = group->params_[i], *grad = param->grad;
        if (!set_to_none)
            FAC_TRY(zero_gradient(param));
        else if (grad)
            param->grad = NULL, fac_drop(grad);
    }
    return FAC_OK;
}

fac_optim_zero_grad_args fac_optim_zero_grad_defaults(void)
{
    return (fac_optim_zero_grad_args){FAC_DEFAULTS_optim_zero_grad, .size_ = sizeof(fac_optim_zero_grad_args)};
}

fac_status fac_optim_zero_grad_with(fac_optim *opt, const fac_optim_zero_grad_args *args)
{
    if (fac_pending() || fac_handle_check(opt, &fac_optim_type, "zero_grad", "optimiser"))
        return fac_error_status();
    bool set_to_none = !args || args->set_to_none;
    for (size_t g = 0; g < opt->count; g++)
        if (zero_group(opt->groups[g], set_to_none))
            return fac_error_status();
    return FAC_OK;
}
