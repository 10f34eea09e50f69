/* SPDX-License-Identifier: MIT */
/* The sheet's plots. */
#ifndef SHEET_PICTURES_H
#define SHEET_PICTURES_H

#include <facula/facula.h>

/* The loss of up to SHEET_LOSSES epochs, evenly apart, whatever their number. */
enum { SHEET_LOSSES = 5000 };
typedef struct {
    int64_t every, count;
    float epoch[SHEET_LOSSES], loss[SHEET_LOSSES];
} sheet_losses;
void sheet_losses_begin(sheet_losses *losses, int64_t n_epochs);
void sheet_losses_add(sheet_losses *losses, int64_t epoch, double loss);

/* What the plots show; folder is where they go, NAME.png and NAME.svg each. It is made if it is not there. */
typedef struct {
    const char *folder;
    fac_tensor *(*goal_fun)(fac_tensor *x);
    fac_tensor *x_obs, *y_obs;
} sheet_pictures;

/* ground_truth, observations */
fac_status sheet_draw_data(const sheet_pictures *p);
/* initial_parameters: those of layers behind one node, and those of layers behind n_hidden */
fac_status sheet_draw_parameters(const sheet_pictures *p, fac_module *model);
/* loss_curve, fit */
fac_status sheet_draw_training(const sheet_pictures *p, const sheet_losses *losses, fac_module *model);
/* exercise_2_3_2: the fit of batches beside the fit of everything at once */
fac_status sheet_draw_both(const sheet_pictures *p, fac_module *batches, fac_module *whole);

/* The fit as text for a terminal of so many columns and rows; the scope's. */
const char *sheet_fit_text(const sheet_pictures *p, fac_module *model, int64_t columns, int64_t rows);

#endif
