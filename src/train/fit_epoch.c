/* SPDX-License-Identifier: MIT */
/* An epoch: all batches, then validation and callback. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <time.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/thread.h"
#include "train/fit.h"

double fac_fit_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void fac_fit_tell(fit_run *run, double every)
{
    double now = run->args.progress ? fac_fit_seconds() : 0;
    if (!run->args.progress || now - run->shown < every)
        return;
    FAC_SCOPE;
    run->shown = now;
    run->info.seconds = now - run->begin;
    run->args.progress(&run->info, run->args.ctx);
}

static bool is_stopped(fit_run *run)
{
    if (run->args.stop && __atomic_load_n(run->args.stop, __ATOMIC_RELAXED))
        run->stopped = true;
    return run->stopped;
}

static fac_status count_step(fit_run *run, const fac_batch *batch, double loss)
{
    fac_fit_info *info = &run->info;
    info->batch++;
    info->steps++;
    info->loss_sum += loss;
    info->loss = info->loss_sum / (double)info->batch;
    if (!isfinite(loss) && !run->args.allow_nonfinite)
        return fac_fit_not_finite(run, batch, loss);
    fac_fit_tell(run, 0.1);
    return fac_pending();
}

static fac_status train(fit_run *run)
{
    double loss = 0;
    FAC_TRY(fac_loader_reset(run->data));
    for (fac_batch batch; !is_stopped(run) && fac_loader_next(run->data, &batch);) {
        FAC_TRY(fac_fit_step(run, run->train_plan, fac_fit_train_step, &batch, &loss));
        FAC_TRY(count_step(run, &batch, loss));
    }
    return run->stopped ? FAC_OK : fac_loader_status(run->data);
}

static fac_status mean_loss(fit_run *run)
{
    double loss = 0, sum = 0;
    int64_t count = 0;
    FAC_TRY(fac_loader_reset(run->args.validation));
    for (fac_batch batch; !is_stopped(run) && fac_loader_next(run->args.validation, &batch); count++) {
        FAC_TRY(fac_fit_step(run, run->validate_plan, fac_fit_validate_step, &batch, &loss));
        sum += loss;
    }
    if (run->stopped)
        return FAC_OK;
    run->info.val_loss = sum / (double)count;
    return fac_loader_status(run->args.validation);
}

static fac_status validate(fit_run *run)
{
    FAC_SCOPE;
    fit_modes modes;
    FAC_TRY(fac_fit_modes_begin(&modes, run->model, false));
    fac_status status = mean_loss(run);
    fac_fit_modes_end(&modes);
    return status;
}

static fac_status note(fit_curve *curve, int64_t count, double value)
{
    FAC_TRY(fac_grow(&curve->values, &curve->capacity, (size_t)count + 1, sizeof *curve->values));
    curve->values[count] = value;
    return FAC_OK;
}

static fac_status call_back(fit_run *run)
{
    FAC_SCOPE;
    uint32_t errors = fac_self.errors;
    fac_status status = run->args.callback(&run->info, run->args.ctx);
    if (status != FAC_ERR_STOPPED || fac_pending())
        return fac_fit_failed(status, errors, "the callback");
    run->stopped = true;
    return FAC_OK;
}

fac_status fac_fit_epoch(fit_run *run)
{
    fac_fit_info *info = &run->info;
    info->batch = 0;
    info->loss = info->loss_sum = 0;
    info->lr = fac_optim_get(run->optimizer, 0, "lr");
    FAC_TRY(train(run));
    if (!run->stopped && run->args.validation != fac_none)
        FAC_TRY(validate(run));
    if (run->stopped)
        return FAC_OK;
    FAC_TRY(note(&run->loss_curve, run->epochs, info->loss));
    FAC_TRY(note(&run->val_curve, run->epochs, info->val_loss));
    run->epochs++;
    info->seconds = fac_fit_seconds() - run->begin;
    return run->args.callback ? call_back(run) : fac_pending();
}
