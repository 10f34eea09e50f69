/* SPDX-License-Identifier: MIT */
/* A training that is running. */
#ifndef FAC_TRAIN_FIT_H
#define FAC_TRAIN_FIT_H

#include "facula/train.h"

/* A loss after each epoch. */
typedef struct fit_curve {
    double *values;
    size_t capacity;
} fit_curve;

typedef struct fit_run {
    fac_module *model, *loss;
    fac_optim *optimizer;
    fac_loader *data;
    fac_fit_args args;
    const fac_tensors *parameters;        /* of the model, to be clipped */
    fac_plan *train_plan, *validate_plan; /* NULL: eager */
    fac_fit_info info;
    double begin, shown; /* seconds: when it began, when progress was told last */
    bool stopped;
    int64_t epochs; /* finished */
    fit_curve loss_curve, val_curve;
} fit_run;

/* The step functions, for plans and eager runs alike: their contexts are the run. */
fac_tensor *fac_fit_train_step(void *ctx, const fac_batch *batch);
fac_tensor *fac_fit_validate_step(void *ctx, const fac_batch *batch);

/* One step of either; its loss. */
fac_status fac_fit_step(fit_run *run, fac_plan *plan, fac_step_fn *fn, const fac_batch *batch, double *loss);

/* run->info.epoch, with validation and callback; sets run->stopped where it was stopped. */
fac_status fac_fit_epoch(fit_run *run);

/* The error for a loss that is not finite. */
fac_status fac_fit_not_finite(const fit_run *run, const fac_batch *batch, double loss);

/* Tells the progress if that is wanted and `every` seconds have passed since the last time. */
void fac_fit_tell(fit_run *run, double every);

/* Makes an error pending again: that of an action, or of a user's function, which begins with its name unless it has a
 * message that began since errors_before. FAC_OK for FAC_OK, unless one is pending. */
fac_status fac_fit_failed(fac_status status, uint32_t errors_before, const char *who);

/* Brings a model and all within into one mode, then each back into its own. The list is the scope's. */
typedef struct fit_modes {
    const fac_module_list *modules;
    bool *before;
} fit_modes;
fac_status fac_fit_modes_begin(fit_modes *modes, fac_module *model, bool training);
void fac_fit_modes_end(fit_modes *modes);

double fac_fit_seconds(void);

#endif
