/* SPDX-License-Identifier: MIT */
/* One step of a training, one of a validation, and what is said of a loss that is not finite. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/thread.h"
#include "facula/autograd.h"
#include "facula/nn_utils.h"
#include "facula/ops.h"
#include "train/fit.h"

fac_status fac_fit_failed(fac_status status, uint32_t errors_before, const char *who)
{
    char message[FAC_MESSAGE_MAX] = "";
    if (!status || fac_pending())
        return fac_pending();
    if (fac_self.errors == errors_before || fac_self.last != status)
        return fac_fail(status, "fit: %s: %s", who, fac_status_name(status));
    strncat(message, fac_last_error(), sizeof message - 1);
    return fac_fail(status, "%s", message);
}

static fac_tensor *loss_of(const fit_run *run, const fac_batch *batch)
{
    if (batch->n < 2) {
        fac_fail(FAC_ERR_VALUE, "fit: a batch wants inputs and targets, but has %lld item", (long long)batch->n);
        return NULL;
    }
    fac_tensor *outputs =
        run->args.forward ? run->args.forward(run->model, batch, run->args.ctx) : fac_forward(run->model, batch->x);
    return fac_forward(run->loss, outputs, batch->item[batch->n - 1]);
}

fac_tensor *fac_fit_train_step(void *ctx, const fac_batch *batch)
{
    fit_run *run = ctx;
    uint32_t errors = fac_self.errors;
    fac_tensor *loss = NULL;
    fac_status status = fac_optim_zero_grad(run->optimizer);
    if (!status) {
        loss = loss_of(run, batch);
        status = fac_backward(loss);
    }
    if (!status && run->parameters && !fac_clip_grad_norm_(run->parameters, run->args.clip_grad_norm))
        return NULL;
    if (!status)
        status = fac_optim_step(run->optimizer);
    return fac_fit_failed(status, errors, "the step") ? NULL : loss;
}

fac_tensor *fac_fit_validate_step(void *ctx, const fac_batch *batch)
{
    FAC_NO_GRAD;
    return loss_of(ctx, batch);
}

fac_status fac_fit_step(fit_run *run, fac_plan *plan, fac_step_fn *fn, const fac_batch *batch, double *loss)
{
    FAC_SCOPE;
    fac_tensor *result = plan ? fac_run(plan, batch) : fn(run, batch);
    if (result)
        *loss = fac_item(result);
    else if (!fac_pending())
        fac_fail(FAC_ERR_RUNTIME, "fit: the step failed without an error");
    return fac_pending();
}

static bool is_finite(fac_tensor *tensor)
{
    return fac_item_int(fac_all(fac_isfinite(tensor))) != 0;
}

/* The first parameter that is not finite, or whose gradient is not; "" where all are. */
static const char *find_parameter(fac_module *model, const char **what)
{
    const fac_named_tensors *p = fac_named_parameters(model);
    for (int64_t i = 0; p && i < p->count; i++) {
        fac_tensor *grad = fac_grad_of(p->items[i]);
        bool fine = is_finite(p->items[i]);
        *what = fine ? "the gradient of parameter" : "parameter";
        if (!fine || (grad && !is_finite(grad)))
            return p->names[i];
    }
    return "";
}

fac_status fac_fit_not_finite(const fit_run *run, const fac_batch *batch, double loss)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    char number[FAC_NUMBER_MAX], lr[FAC_NUMBER_MAX], where[128];
    const char *what = "";
    fac_repr_double(number, loss);
    fac_repr_double(lr, run->info.lr);
    snprintf(where, sizeof where, "fit: epoch %lld, batch %lld: the loss is %s", (long long)run->info.epoch,
             (long long)run->info.batch, number);
    for (int64_t k = 0; k < batch->n; k++)
        if (!is_finite(batch->item[k]))
            return fac_fail(FAC_ERR_RUNTIME, "%s: there is a NaN or infinity in the batch's %s", where,
                            k < batch->n - 1 ? "inputs" : "targets");
    const char *name = find_parameter(run->model, &what);
    if (fac_pending())
        return fac_pending();
    if (!*name)
        return fac_fail(FAC_ERR_RUNTIME,
                        "%s, though batch and parameters are finite: smaller data or a lower lr than %s may help",
                        where, lr);
    return fac_fail(FAC_ERR_RUNTIME, "%s: %s '%s' is no longer finite: a lower lr than %s may help", where, what, name,
                    lr);
}
