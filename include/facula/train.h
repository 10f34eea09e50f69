/* SPDX-License-Identifier: MIT */
/* The training loop as one call: what a script around PyTorch writes by hand, what Keras calls fit.
 *
 *     fac_module *loss = fac_MSELoss();
 *     fac_optim *opt = fac_Adam(fac_parameters(model), .lr = 1e-4);
 *     fac_loader *data = fac_DataLoader(fac_TensorDataset(x, y), .batch_size = 25, .shuffle = true);
 *     fac_status status = fac_fit(model, loss, opt, data, 500);
 *
 * It is this loop, with the same numbers from the same seed:
 *     for epoch in range(epochs):
 *         for x, y in data:
 *             opt.zero_grad()
 *             l = loss(model(x), y)
 *             l.backward()
 *             opt.step()
 *
 * The step runs as a plan (plan.h) unless .eager is set. */
#ifndef FACULA_TRAIN_H
#define FACULA_TRAIN_H

#include "facula/data.h"
#include "facula/nn.h"
#include "facula/optim.h"
#include "facula/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the training is. */
typedef struct fac_fit_info {
    int64_t epoch, epochs;  /* of this call; counted from 1 */
    int64_t batch, batches; /* of this epoch: taken so far, and all */
    int64_t steps;          /* of this call, so far */
    double loss, loss_sum;  /* mean and sum of the losses of this epoch's batches so far */
    double val_loss;        /* mean of the losses of validation's batches; NaN: not (yet) known */
    double lr;              /* of the optimiser's first group */
    double seconds;         /* since the call began */
} fac_fit_info;

/* After each epoch. FAC_OK: go on. FAC_ERR_STOPPED: stop here, which is no error (early stopping). Another status, or
 * an error left pending, is an error and ends the training with it. What it makes dies with the call. It may change the
 * learning rate, save the model, draw. */
typedef fac_status fac_fit_callback(const fac_fit_info *info, void *ctx);

/* The outputs for a batch, where fac_forward(model, batch->x) is not it: return fac_squeeze(fac_forward(model, ...)).
 */
typedef fac_tensor *fac_fit_forward(fac_module *model, const fac_batch *batch, void *ctx);

/* Now and then, at most ten times a second, and after the last step: for a line on a terminal (fac_fit_text). The
 * library itself prints nothing. */
typedef void fac_progress_fn(const fac_fit_info *info, void *ctx);

/* What happened. Filled also after an error, but for the tensors, which are NULL then. */
typedef struct fac_fit_history {
    bool stopped;          /* by the stop flag or by the callback */
    int64_t epochs, steps; /* finished */
    double seconds;
    fac_tensor *loss,
        *val_loss; /* (epochs) float64: fac_fit_info's after each; owned by the scope. val_loss may be NULL */
} fac_fit_history;

/* fit: trains model with loss(outputs, targets), the targets being the last item of a batch, for so many epochs over
 * data. All operands are lent.
 *
 * validation: after each epoch the mean loss over it, in eval mode and without gradients.
 * callback, forward, progress: see there; each gets ctx. forward should give the same calls each time, or NULL on
 * error. stop: polled after each step; anything but 0 stops the training, as Ctrl-C does in Python. The flag may be set
 * by a signal handler (a volatile sig_atomic_t) or by another thread. clip_grad_norm: nn.utils.clip_grad_norm_ of the
 * model's parameters before each step; None: not. eager: the step runs without a plan. allow_nonfinite: a loss that is
 * NaN or infinite is no error. history: filled.
 *
 * Modes: the modules train in the modes they are in, so that frozen ones stay frozen; but a model that is in eval mode
 * itself trains as after fac_train(model, true). Afterwards every module has the mode it had before.
 * Each epoch begins as Python's `for` does: with iter(data), also where data was left in the middle.
 * Stopped (by flag or callback) it returns FAC_OK, with history->stopped: the step that was running is finished, the
 * parameters, the optimiser and the generator are as they are after it, and another fac_fit goes on from there; the
 * epoch is not finished, and has no entry in the history.
 *
 * Errors: FAC_ERR_VALUE for a NULL operand, epochs below 0, a batch with one item; FAC_ERR_RUNTIME for a loss that is
 * not finite, `fit: epoch 3, batch 2: the loss is nan: ...`, telling whether the batch or which parameter was the first
 * not to be finite; and those of model, loss, optimiser, data, callback. */
typedef struct fac_fit_args {
    size_t size_;
    fac_loader *validation;
    fac_fit_callback *callback;
    fac_fit_forward *forward;
    fac_progress_fn *progress;
    void *ctx;
    const volatile int *stop;
    double clip_grad_norm;
    bool eager, allow_nonfinite;
    fac_fit_history *history;
} fac_fit_args;
#define FAC_DEFAULTS_fit                                                                                    \
    .validation = (fac_loader *)fac_none, .callback = NULL, .forward = NULL, .progress = NULL, .ctx = NULL, \
    .stop = NULL, .clip_grad_norm = FAC_NONE_REAL, .eager = false, .allow_nonfinite = false, .history = NULL
FAC_API fac_fit_args fac_fit_defaults(void);
FAC_API fac_status fac_fit_with(fac_module *model, fac_module *loss, fac_optim *optimizer, fac_loader *data,
                                int64_t epochs, const fac_fit_args *args) FAC_WARN_UNUSED;
#ifndef __cplusplus
#define fac_fit(model, loss, optimizer, data, ...) \
    FAC_CAT(FAC_FIT_, FAC_COUNT(__VA_ARGS__))(model, loss, optimizer, data, __VA_ARGS__)
#define FAC_FIT_1(model, loss, optimizer, data, epochs) fac_fit_with(model, loss, optimizer, data, epochs, NULL)
#define FAC_FIT_2(model, loss, optimizer, data, epochs, ...) \
    FAC_FIT_N(model, loss, optimizer, data, epochs, __VA_ARGS__)
#define FAC_FIT_N(model, loss, optimizer, data, epochs, ...)                                              \
    __extension__({                                                                                       \
        FAC_PUSH_                                                                                         \
        fac_status st_ = fac_fit_with(model, loss, optimizer, data, epochs, FAC_ARGS_(fit, __VA_ARGS__)); \
        FAC_POP_                                                                                          \
        st_;                                                                                              \
    })
#endif

/* One line about it: `[######........] epoch 12/50, loss 3.107, val_loss 2.915, 4.2 s`. A text of the scope; NULL on
 * error. */
FAC_API const char *fac_fit_text(const fac_fit_info *info);

#ifdef __cplusplus
}
#endif
#endif
