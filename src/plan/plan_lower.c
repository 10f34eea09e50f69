/* SPDX-License-Identifier: MIT */
/* How calls become steps: the rules, tried in this order on each call that no rule has taken yet. */
#include "base/alloc.h"
#include "plan/plan.h"

bool fac_program_cut_at(const fac_program *program, uint32_t at)
{
    for (size_t i = 0; i < program->n_cuts; i++)
        if (program->cuts[i] == at)
            return true;
    return false;
}

/* A view: nothing to do, its address is known. */
static bool lower_view(fac_builder *builder, uint32_t at, fac_status *status)
{
    const fac_op *op = builder->program->calls[at].op;
    (void)status;
    if (!op || !(op->flags & FAC_OP_VIEW))
        return false;
    builder->done[at] = true;
    return true;
}

static fac_status act_as_called(const fac_program *program, const fac_pcall *call)
{
    fac_tensor *few[64], **now = few;
    const size_t bytes = call->n_grads * sizeof *now;
    if (call->n_grads > 64 && !(now = fac_alloc(bytes)))
        return fac_pending();
    for (size_t i = 0; i < call->n_grads; i++) { /* gradients as they were when the action was called */
        const fac_pgrad *grad = call->grads + i;
        fac_tensor *leaf = program->values[grad->leaf].tensor;
        now[i] = leaf->grad;
        leaf->grad = fac_grad_before(program, grad);
    }
    fac_status status = call->action.redo(&call->action);
    for (size_t i = call->n_grads; i-- > 0;)
        program->values[call->grads[i].leaf].tensor->grad = now[i];
    if (now != few)
        fac_dealloc(now, bytes);
    return status;
}

static inline bool grads_as_called(const fac_program *program, const fac_pcall *call)
{
    bool same = true;
    for (size_t i = 0; i < call->n_grads; i++)
        same &= program->handles[call->grads[i].leaf]->grad == fac_grad_before(program, call->grads + i);
    return same;
}

fac_status fac_program_act(const fac_program *program, const fac_pcall *call)
{
    fac_status status =
        grads_as_called(program, call) ? call->action.redo(&call->action) : act_as_called(program, call);
    return __builtin_expect(status != FAC_OK, 0) ? fac_fail(status, "%s", fac_last_error()) : FAC_OK;
}

/* As an action left things when the program did it the last time. */
typedef struct {
    uint64_t stamp;
    uint32_t renewals, structure;
    bool done;
} last_time;

static fac_status run_action(fac_program *program, const fac_pstep *step)
{
    const fac_pcall *call = program->calls + step->call;
    const fac_action *action = &call->action;
    last_time *last = step->ctx;
    const uint32_t structure = fac_structure_now();
    const bool same = last->done && last->stamp == *action->stamp && last->renewals == program->renewals &&
                      last->structure == structure &&
                      ((program->placed && call->grads_given) || grads_as_called(program, call));
    fac_status status = same && action->repeat(action->object) ? FAC_OK : fac_program_act(program, call);
    *last = (last_time){*action->stamp, program->renewals, structure, !status};
    return status;
}

/* An action that is done as a whole, such as the optimiser's step, by the function itself. */
static bool lower_action(fac_builder *builder, uint32_t at, fac_status *status)
{
    const fac_program *program = builder->program;
    const fac_pcall *call = program->calls + at;
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
    last_time *last = fac_alloc_zeroed(sizeof *last);
    const fac_pstep step = {
        .run = run_action, .what = call->action.name, .call = at, .ctx = last, .ctx_bytes = sizeof *last};
    *status = last ? fac_program_add_step(builder->program, &step, touched, n) : fac_pending();
    if (*status)
        fac_dealloc(last, last ? sizeof *last : 0);
    fac_dealloc(touched, (2 * call->n_grads + 1) * sizeof *touched);
    return true;
}

static fac_status run_kernel(fac_program *program, const fac_pstep *step)
{
    const fac_pcall *entry = program->calls + step->call;
    fac_tensor *out[FAC_MAX_OUT];
    for (uint32_t i = 0; i < entry->n_out; i++)
        out[i] = program->values[entry->out + i].tensor;
    const fac_call call = {.op = entry->op, .in = entry->in, .n_in = entry->n_in, .args = entry->args};
    return entry->op->run(&call, out);
}

static fac_status run_in_place(fac_program *program, const fac_pstep *step)
{
    const fac_pcall *entry = program->calls + step->call;
    fac_tensor *out[FAC_MAX_OUT];
    const fac_call call = {
        .op = entry->op, .in = entry->in, .n_in = entry->n_in, .inplace = entry->inplace, .args = entry->args};
    return fac_apply(&call, out);
}

/* Any call: its kernel, into memory that is there already. */
static bool lower_call(fac_builder *builder, uint32_t at, fac_status *status)
{
    const fac_pcall *call = builder->program->calls + at;
    const bool over = call->inplace || call->op->flags & FAC_OP_MUTATES;
    const size_t n = call->n_in + call->n_out, bytes = (n + 1) * sizeof(uint32_t);
    uint32_t *touched = fac_alloc(bytes);
    size_t k = 0;
    builder->done[at] = true;
    if (!touched) {
        *status = fac_pending();
        return true;
    }
    for (uint32_t i = 0; i < call->n_in; i++)
        if (call->in_id[i] != FAC_NONE_ID)
            touched[k++] = call->in_id[i];
    for (uint32_t i = 0; i < call->n_out; i++)
        touched[k++] = call->out + i;
    const fac_pstep step = {.run = over ? run_in_place : run_kernel, .what = call->op->name, .call = at};
    *status = fac_program_add_step(builder->program, &step, touched, k);
    fac_dealloc(touched, bytes);
    return true;
}

const fac_prule fac_prules[] = {{"dense", fac_lower_dense},     {"strips", fac_lower_strips},
                                {"product", fac_lower_product}, {"view", lower_view},
                                {"action", lower_action},       {"call", lower_call}};
