/* SPDX-License-Identifier: MIT */
/* Frozen plans: a program runs without the function. */
#include "plan/plan.h"

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
