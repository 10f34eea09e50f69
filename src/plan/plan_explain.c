/* SPDX-License-Identifier: MIT */
/* What a plan does, in words. */
#include "base/scope_text.h"
#include "plan/plan.h"

const char *fac_program_name(const fac_program *program, uint32_t at)
{
    if (at >= program->n_calls)
        return "the end";
    const fac_pcall *call = program->calls + at;
    return call->op ? call->op->name : call->action.name;
}

static void tell_program(fac_text *text, const fac_program *p)
{
    fac_text_add(text, "program for%s", p->n_batch ? "" : " no batch");
    for (int64_t i = 0; i < p->n_batch; i++)
        fac_text_add(text, " %s %s", fac_dtype_name((fac_dtype)p->batch_meta[i].dtype),
                     fac_shape_text(&p->batch_meta[i]));
    if (p->refused) {
        fac_text_add(text, ": runs without a plan: %s\n", p->refused);
        return;
    }
    fac_text_add(text, ": %zu calls, %zu steps, %zu bytes, replayed %llu times\n", p->n_calls, p->n_steps,
                 p->arena->bytes, (unsigned long long)p->replays);
    for (size_t s = 0; s < p->n_steps; s++) {
        fac_text_add(text, "  %s\n", p->steps[s].what);
        if (p->steps[s].tell)
            p->steps[s].tell(text, p->steps + s);
    }
}

const char *fac_plan_explain(fac_plan *plan)
{
    fac_text text = {0};
    if (fac_handle_check(plan, &fac_plan_type, "plan_explain", "plan"))
        return NULL;
    fac_text_add(&text, "%llu runs: %llu replayed, %llu recorded\n", (unsigned long long)plan->runs,
                 (unsigned long long)plan->replays, (unsigned long long)plan->recordings);
    if (plan->why)
        fac_text_add(&text, "last left at call %zu, %s: %s\n", plan->why_call, plan->why_name, plan->why);
    for (size_t i = plan->n_programs; i-- > 0;)
        tell_program(&text, plan->programs[i]);
    return fac_scope_text(&text);
}
