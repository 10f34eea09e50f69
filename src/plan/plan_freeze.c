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

static void wake(fac_program *program)
{
    for (size_t i = 0; i < program->n_values; i++)
        if (program->values[i].kind == FAC_PVALUE_RESULT && program->values[i].tensor)
            fac_slot_mark(fac_header_of(program->values[i].tensor), &fac_tensor_type);
    program->awake = true;
}

static __attribute__((noinline)) fac_status place_anew(fac_program *program, const fac_pgrad *grad)
{
    fac_tensor *leaf = grad->now.leaf, *had = leaf->grad;
    if (had) {
        leaf->grad = NULL;
        fac_free_handle(had);
    }
    if (!fac_holds_grad(grad, 0))
        FAC_TRY(fac_program_renew(program, grad->after));
    leaf->grad = grad->now.after;
    fac_ref(leaf->grad);
    return FAC_OK;
}

/* The leaf's gradient is the program's tensor: it stays from the last run, unless somebody took it or put another. */
static fac_status place_grads(fac_program *program)
{
    for (const fac_pgrad *grad = program->given, *end = grad + program->n_given; grad < end; grad++)
        if (__builtin_expect(grad->now.leaf->grad != grad->now.after || !fac_holds_grad(grad, 1), 0))
            FAC_TRY(place_anew(program, grad));
    return FAC_OK;
}

fac_tensor *fac_frozen_run(fac_plan *plan, fac_program *program, const fac_batch *batch)
{
    if (!program->awake)
        wake(program);
    if (fac_program_bind(program, batch) || place_grads(program))
        return NULL;
    program->placed = true;
    const fac_status status = fac_program_run(program, 0, program->n_steps);
    program->placed = false;
    if (status)
        return NULL;
    program->replays++;
    plan->replays++;
    return fac_program_hand_out(program);
}
