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
                                {"action", fac_lower_action},   {"call", lower_call}};
