/* SPDX-License-Identifier: MIT */
/* Frozen plans: a program runs without the function. */
#include "plan/plan.h"
#include "tensor/storage.h"

static const char *why_not(const fac_plan *plan)
{
    if (!plan->n_programs)
        return "nothing is planned yet: run it first";
    const fac_program *newest = plan->programs[plan->n_programs - 1];
    if (newest->refused)
        return newest->refused;
    return newest->n_cuts ? "the step looks at values" : NULL;
}

fac_status fac_plan_freeze(fac_plan *plan)
{
    if (fac_pending() || fac_handle_check(plan, &fac_plan_type, "plan_freeze", "plan"))
        return fac_error_status();
    const char *why = why_not(plan);
    if (why)
        return fac_returned(fac_fail(FAC_ERR_RUNTIME, "plan_freeze: %s", why));
    plan->frozen = true;
    return FAC_OK;
}

bool fac_frozen_runs(const fac_program *program)
{
    return !program->refused && !program->n_cuts;
}

static void wake(fac_program *program)
{
    for (size_t i = 0; i < program->n_values; i++)
        if (program->values[i].kind == FAC_PVALUE_RESULT && program->values[i].tensor)
            fac_slot_mark(fac_header_of(program->values[i].tensor), &fac_tensor_type);
    program->awake = true;
}

/* The leaf's gradient is the program's tensor: it stays from the last run, unless somebody took it or put another. */
static fac_status place_grad(fac_program *program, const fac_pgrad *grad)
{
    const fac_pvalue *after = program->values + grad->after;
    const fac_pvalue *root = program->values + after->root;
    fac_tensor *leaf = program->values[grad->leaf].tensor, *had = leaf->grad;
    if (__builtin_expect(had == after->tensor && fac_header_of(had)->refs == after->own_refs + 1 &&
                             had->storage->refs == root->own_storage,
                         1))
        return FAC_OK;
    if (had) {
        leaf->grad = NULL;
        fac_free_handle(had);
    }
    if (!fac_program_holds_alone(program, grad->after))
        FAC_TRY(fac_program_renew(program, grad->after));
    fac_ref(after->tensor);
    leaf->grad = after->tensor;
    return FAC_OK;
}

static fac_status place_grads(fac_program *program)
{
    for (size_t c = 0; c < program->n_calls; c = program->calls[c].next) {
        const fac_pcall *call = program->calls + c;
        for (size_t i = 0; i < call->n_grads && !call->action.params; i++)
            if (call->grads[i].before == FAC_NONE_ID)
                FAC_TRY(place_grad(program, call->grads + i));
    }
    return FAC_OK;
}

fac_tensor *fac_frozen_run(fac_plan *plan, fac_program *program, const fac_batch *batch)
{
    if (!program->awake)
        wake(program);
    if (fac_program_bind(program, batch) || place_grads(program) || fac_program_run(program, 0, program->n_steps))
        return NULL;
    program->replays++;
    plan->replays++;
    return fac_program_hand_out(program);
}
