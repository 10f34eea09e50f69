/* SPDX-License-Identifier: MIT */
/* fac_fit: the arguments, what holds for the whole of a training, the history. */
#include "train/fit.h"

#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "facula/autograd.h"
#include "facula/ops.h"
#include "nn/module.h"
#include "optim/optimiser.h"

fac_fit_args fac_fit_defaults(void)
{
    return (fac_fit_args){FAC_DEFAULTS_fit, .size_ = sizeof(fac_fit_args)};
}

static fac_status check_loader(fac_loader *loader, const char *what)
{
    if (!loader || loader == fac_none)
        return fac_fail(FAC_ERR_VALUE, "fit: %s is %s", what, loader ? "None" : "NULL");
    return fac_loader_dataset(loader) ? FAC_OK : fac_pending();
}

static fac_status check(const fit_run *run)
{
    const fac_fit_args *args = &run->args;
    FAC_TRY(fac_module_check(run->model, "fit"));
    FAC_TRY(fac_handle_check(run->loss, &fac_module_type, "fit", "loss"));
    FAC_TRY(fac_handle_check(run->optimizer, &fac_optim_type, "fit", "optimizer"));
    FAC_TRY(check_loader(run->data, "data"));
    if (args->validation != fac_none)
        FAC_TRY(check_loader(args->validation, "validation"));
    if (run->info.epochs < 0)
        return fac_fail(FAC_ERR_VALUE, "fit: epochs is %lld", (long long)run->info.epochs);
    if (args->clip_grad_norm < 0)
        return fac_fail(FAC_ERR_VALUE, "fit: clip_grad_norm is below 0");
    return FAC_OK;
}

/* What the whole training shares; in the scope of the caller. */
static fac_status prepare(fit_run *run)
{
    run->begin = run->shown = fac_fit_seconds();
    run->info.batches = fac_loader_len(run->data);
    run->info.val_loss = (double)NAN;
    if (!isnan(run->args.clip_grad_norm))
        run->parameters = fac_parameters(run->model);
    if (!run->args.eager) {
        run->train_plan = fac_compile(fac_fit_train_step, run);
        run->validate_plan = fac_compile(fac_fit_validate_step, run);
    }
    return fac_pending();
}

static fac_status train(fit_run *run)
{
    FAC_TRY(prepare(run));
    for (int64_t epoch = 1; epoch <= run->info.epochs && !run->stopped; epoch++) {
        run->info.epoch = epoch;
        FAC_TRY(fac_fit_epoch(run));
    }
    if (run->info.steps > 0)
        fac_fit_tell(run, 0);
    return fac_pending();
}

/* A model in eval mode is brought into training mode meanwhile. */
static fac_status train_in_mode(fit_run *run)
{
    FAC_SCOPE;
    fit_modes modes;
    bool is_training = fac_is_training(run->model);
    if (!is_training)
        FAC_TRY(fac_fit_modes_begin(&modes, run->model, true));
    fac_status status = train(run);
    if (!is_training)
        fac_fit_modes_end(&modes);
    return status;
}

static fac_tensor *curve_tensor(const fit_curve *curve, int64_t count)
{
    if (count == 0)
        return fac_zeros(0, .dtype = FAC_FLOAT64);
    return fac_from_data(curve->values, FAC_LIST(count), FAC_FLOAT64);
}

static fac_status tell_history(const fit_run *run, fac_status status)
{
    fac_fit_history *history = run->args.history;
    if (!history)
        return status;
    *history = (fac_fit_history){.stopped = run->stopped,
                                 .epochs = run->epochs,
                                 .steps = run->info.steps,
                                 .seconds = run->begin > 0 ? fac_fit_seconds() - run->begin : 0};
    if (status)
        return status;
    fac_tensor *loss = curve_tensor(&run->loss_curve, run->epochs), *val_loss = NULL;
    if (run->args.validation != fac_none)
        val_loss = curve_tensor(&run->val_curve, run->epochs);
    if (fac_pending())
        return fac_pending();
    history->loss = loss;
    history->val_loss = val_loss;
    return FAC_OK;
}

static void end(fit_run *run)
{
    fac_plan_free(run->train_plan), fac_plan_free(run->validate_plan);
    fac_dealloc(run->loss_curve.values, run->loss_curve.capacity * sizeof(double));
    fac_dealloc(run->val_curve.values, run->val_curve.capacity * sizeof(double));
}

fac_status fac_fit_with(fac_module *model, fac_module *loss, fac_optim *optimizer, fac_loader *data, int64_t epochs,
                        const fac_fit_args *args)
{
    if (fac_pending())
        return fac_error_status();
    fit_run run = {.model = model, .loss = loss, .optimizer = optimizer, .data = data};
    run.args = args ? *args : fac_fit_defaults();
    run.info.epochs = epochs;
    fac_status status = check(&run);
    if (!status)
        status = train_in_mode(&run);
    status = tell_history(&run, status);
    end(&run);
    return fac_returned(status);
}
