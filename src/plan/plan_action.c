/* SPDX-License-Identifier: MIT */
/* Actions that are done as a whole, by the function itself: an optimiser's step. Where nothing has moved since the
 * last time it need not look at anything; and a plain one may be taken by the step before it. */
#include "base/alloc.h"
#include "plan/plan.h"

/* How the action left things when the program did it the last time. */
typedef struct {
    uint64_t stamp;
    uint32_t renewals, structure;
    bool done;
    bool taken;       /* in this run, by the step before it */
    bool is_asked;    /* whether its step is a plain one */
    bool is_plain;    /* it is, with the rates below */
    uint64_t options; /* it was asked for these */
    fac_prates rates;
} last_time;

static fac_status act_as_called(const fac_pcall *call)
{
    fac_tensor *few[64], **now = few;
    const size_t bytes = call->n_grads * sizeof *now;
    if (call->n_grads > 64 && !(now = fac_alloc(bytes)))
        return fac_pending();
    for (size_t i = 0; i < call->n_grads; i++) { /* gradients as they were when the action was called */
        const fac_pgrad *grad = call->grads + i;
        now[i] = grad->now.leaf->grad;
        grad->now.leaf->grad = grad->now.before;
    }
    fac_status status = call->action.redo(&call->action);
    for (size_t i = call->n_grads; i-- > 0;)
        call->grads[i].now.leaf->grad = now[i];
    if (now != few)
        fac_dealloc(now, bytes);
    return status;
}

static inline bool grads_as_called(const fac_pcall *call)
{
    bool same = true;
    for (size_t i = 0; i < call->n_grads; i++)
        same &= call->grads[i].now.leaf->grad == call->grads[i].now.before;
    return same;
}

fac_status fac_program_act(const fac_pcall *call)
{
    fac_status status = grads_as_called(call) ? call->action.redo(&call->action) : act_as_called(call);
    return __builtin_expect(status != FAC_OK, 0) ? fac_fail(status, "%s", fac_last_error()) : FAC_OK;
}

static inline bool nothing_moved(const fac_program *program, const fac_pcall *call, const last_time *last)
{
    return last->done && last->stamp == *call->action.stamp && last->renewals == program->renewals &&
           last->structure == fac_structure_now() && ((program->placed && call->grads_given) || grads_as_called(call));
}

static __attribute__((noinline)) void ask_rates(const fac_pcall *call, last_time *last)
{
    const fac_action *action = &call->action;
    last->is_plain = action->rates && action->rates(action->object, last->rates.of, call->n_grads);
    last->is_asked = true;
    last->options = action->options ? *action->options : 0;
    last->rates.since++;
}

const fac_prates *fac_act_rates(const fac_program *program, const fac_pstep *step)
{
    const fac_pcall *call = program->calls + step->call;
    last_time *last = step->ctx;
    last->taken = false;
    if (!nothing_moved(program, call, last))
        return NULL;
    if (__builtin_expect(!last->is_asked || (call->action.options && last->options != *call->action.options), 0))
        ask_rates(call, last);
    last->taken = last->is_plain;
    return last->is_plain ? &last->rates : NULL;
}

fac_status fac_act_run(fac_program *program, const fac_pstep *step)
{
    const fac_pcall *call = program->calls + step->call;
    const fac_action *action = &call->action;
    last_time *last = step->ctx;
    fac_status status = FAC_OK;
    if (last->taken) {
        action->taken(action->object);
    } else if (!nothing_moved(program, call, last) || !action->repeat(action->object)) {
        status = fac_program_act(call);
        last->is_asked = false;
    }
    last->taken = false;
    last->stamp = *action->stamp, last->renewals = program->renewals, last->structure = fac_structure_now();
    last->done = !status;
    return status;
}

static fac_status add_action(fac_program *program, uint32_t at, const uint32_t *touched, size_t n)
{
    const fac_pcall *call = program->calls + at;
    const size_t bytes = sizeof(last_time) + call->n_grads * sizeof(double);
    last_time *last = fac_alloc_zeroed(bytes);
    if (!last)
        return fac_pending();
    last->rates.of = (double *)(void *)(last + 1);
    const fac_pstep step = {.run = fac_act_run, .what = call->action.name, .call = at, .ctx = last, .ctx_bytes = bytes};
    const fac_status status = fac_program_add_step(program, &step, touched, n);
    if (status)
        fac_dealloc(last, bytes);
    return status;
}

bool fac_lower_action(fac_builder *builder, uint32_t at, fac_status *status)
{
    const fac_pcall *call = builder->program->calls + at;
    if (call->op)
        return false;
    builder->done[at] = true;
    if (!call->action.params)
        return true;
    uint32_t *touched = fac_alloc((2 * call->n_grads + 1) * sizeof *touched);
    size_t n = 0;
    if (!touched) {
        *status = fac_pending();
        return true;
    }
    for (size_t i = 0; i < call->n_grads; i++) {
        touched[n++] = call->grads[i].leaf;
        if (call->grads[i].before != FAC_NONE_ID)
            touched[n++] = call->grads[i].before;
    }
    *status = add_action(builder->program, at, touched, n);
    fac_dealloc(touched, (2 * call->n_grads + 1) * sizeof *touched);
    return true;
}
