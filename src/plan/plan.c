/* SPDX-License-Identifier: MIT */
/* Plans: not planned yet, each run calls the function. */
#include "facula/plan.h"

#include "base/error.h"
#include "base/handle.h"

struct fac_plan {
    fac_step_fn *fn;
    void *ctx;
};

static void destroy_plan(void *handle)
{
    fac_handle_dealloc(handle);
}

static const fac_handle_type plan_type = {"plan", destroy_plan};

fac_plan *fac_compile(fac_step_fn *fn, void *ctx)
{
    if (!fn) {
        fac_fail(FAC_ERR_VALUE, "compile: fn is NULL");
        return NULL;
    }
    fac_plan *plan = fac_handle_new(&plan_type, sizeof *plan);
    if (!plan)
        return NULL;
    plan->fn = fn;
    plan->ctx = ctx;
    return plan;
}

fac_tensor *fac_run(fac_plan *plan, const fac_batch *batch)
{
    if (fac_handle_check(plan, &plan_type, "run", "plan"))
        return NULL;
    return plan->fn(plan->ctx, batch);
}

fac_status fac_plan_freeze(fac_plan *plan)
{
    if (fac_pending() || fac_handle_check(plan, &plan_type, "plan_freeze", "plan"))
        return fac_error_status();
    return FAC_OK;
}

const char *fac_plan_explain(fac_plan *plan)
{
    return fac_handle_check(plan, &plan_type, "plan_explain", "plan") ? NULL : "";
}

void fac_plan_free(fac_plan *plan)
{
    fac_free_handle(plan);
}
