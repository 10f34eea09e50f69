/* SPDX-License-Identifier: MIT */
/* Plans: a function of one step, recorded once and then replayed by a program made for it. torch.compile's place.
 *
 *     static fac_tensor *train_step(void *ctx, const fac_batch *b)
 *     {
 *         trainer *t = ctx;
 *         if (fac_optim_zero_grad(t->optimizer))
 *             return NULL;
 *         fac_tensor *loss = fac_mse_loss(fac_forward(t->model, b->x), b->y);
 *         return fac_backward(loss) || fac_optim_step(t->optimizer) ? NULL : loss;
 *     }
 *
 * With a plan the same numbers, to rounding, as train_step(&t, &batch) gives:
 *
 *     fac_plan *step = fac_compile(train_step, &t);
 *     fac_tensor *loss = fac_run(step, &batch);
 *
 * The first call with a shape of batch runs the function as it is and records what it does; then memory, layouts and
 * kernels are planned. Later the function runs again each time, but while it makes the same calls each of them costs a
 * comparison, and the plan does the work. It may branch, return early, draw random numbers, change the learning rate,
 * look at values: a way that it has not gone before runs as if there were no plan, and is recorded; the last eight ways
 * are kept, for all shapes together. Modules of your own are called each time; one of the library's whose parts are the
 * library's too, such as a Sequential of layers, counts as one call as long as nothing about it changes. */
#ifndef FACULA_PLAN_H
#define FACULA_PLAN_H

#include "facula/call.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fac_plan fac_plan;

/* One step: takes the context and the batch given to fac_run, gives its result, fac_none where there is none, or NULL
 * on error. */
typedef fac_tensor *fac_step_fn(void *ctx, const fac_batch *batch);

/* torch.compile(fn): a plan that you own, or NULL. Lends ctx, which must outlive the plan's last run. One thread at a
 * time may run a plan; any number of plans may share a model. */
FAC_API fac_plan *fac_compile(fac_step_fn *fn, void *ctx);

/* compiled(batch): runs the step. batch may be NULL where fn does not look at it. The result belongs to the innermost
 * scope, as an operation's does; what else fn makes ends with the call, unless it is kept (fac_keep, fac_set). NULL on
 * error, with fn's own error pending. */
FAC_API fac_tensor *fac_run(fac_plan *plan, const fac_batch *batch);

/* Drops the comparison: from the next run on fn is no longer called where the batch has the shapes and dtypes of a
 * recording, and the newest program for them runs as it stands. Frozen then are: which calls are made, on which
 * tensors, and every number among their arguments; parameters, gradients, optimiser state and options (the learning
 * rate), the batch's values and the random numbers are read anew each time. Errors: FAC_ERR_RUNTIME where nothing is
 * planned yet, or where a part of the step could not be planned; fac_plan_explain tells why. */
FAC_API fac_status fac_plan_freeze(fac_plan *plan) FAC_WARN_UNUSED;

/* What the plan does, a line a step of its programs, and why anything ran without it. A text of the scope, or NULL. */
FAC_API const char *fac_plan_explain(fac_plan *plan);

/* Drops one reference; NULL is accepted. */
FAC_API void fac_plan_free(fac_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
