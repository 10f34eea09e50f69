/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "sheet_pictures.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void sheet_losses_begin(sheet_losses *losses, int64_t n_epochs)
{
    losses->count = 0;
    losses->every = n_epochs / SHEET_LOSSES + 1;
}

void sheet_losses_add(sheet_losses *losses, int64_t epoch, double loss)
{
    if (epoch % losses->every || losses->count == SHEET_LOSSES)
        return;
    losses->epoch[losses->count] = (float)epoch;
    losses->loss[losses->count++] = (float)loss;
}

static fac_status make_folder(const char *folder)
{
    if (mkdir(folder, 0777) && errno != EEXIST)
        return fac_raise(FAC_ERR_IO, "cannot make the folder '%s': %s", folder, strerror(errno));
    return FAC_OK;
}

/* Takes the figure over. */
static fac_status save(fac_figure *figure, const char *folder, const char *name)
{
    static const char *const kinds[] = {"png", "svg"};
    fac_status failed = figure ? FAC_OK : fac_error_status();
    for (int i = 0; i < 2 && !failed; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%s.%s", folder, name, kinds[i]);
        if (length < 0 || (size_t)length >= sizeof path)
            failed = fac_raise(FAC_ERR_VALUE, "%s: the folder's name is too long", folder);
        else
            failed = fac_savefig(figure, path);
    }
    fac_figure_free(figure);
    return failed;
}

/* ---- the true function, the observations ---- */

static fac_status draw_truth(const sheet_pictures *p)
{
    fac_tensor *x = fac_linspace(-5, 5, 1000);
    fac_figure *figure = fac_Figure();
    fac_axes *ax = fac_lineplot(x, p->goal_fun(x));
    fac_axes_set(ax, .xlabel = "x (input)", .ylabel = "y (output)");
    return save(figure, p->folder, "ground_truth");
}

static fac_status draw_observations(const sheet_pictures *p)
{
    fac_figure *figure = fac_Figure();
    fac_axes *ax = fac_scatterplot(p->x_obs, p->y_obs);
    fac_axes_set(ax, .xlabel = "x_obs", .ylabel = "y_obs");
    return save(figure, p->folder, "observations");
}

fac_status sheet_draw_data(const sheet_pictures *p)
{
    FAC_SCOPE;
    fac_status failed = make_folder(p->folder);
    failed = failed ? failed : draw_truth(p);
    return failed ? failed : draw_observations(p);
}

/* ---- exercise 2.3.1 ---- */

fac_status sheet_draw_parameters(const sheet_pictures *p, fac_module *model)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    enum { MOST = 16 };
    fac_tensor *values[MOST], *groups[MOST];
    const fac_tensors *parameters = fac_parameters(model);
    int64_t n = parameters && parameters->count < MOST ? parameters->count : 0;
    for (int64_t i = 0; i < n; i++) { /* weight and bias of a layer: the weight is (nodes, nodes before) */
        values[i] = fac_flatten(parameters->items[i]);
        int hidden = fac_size(parameters->items[i & ~INT64_C(1)], 1) > 1;
        groups[i] = fac_full(FAC_LIST(fac_numel(values[i])), hidden, .dtype = FAC_INT64);
    }
    fac_status failed = make_folder(p->folder);
    if (failed)
        return failed;
    const fac_tensors value_list = {n, values}, group_list = {n, groups};
    fac_figure *figure = fac_Figure();
    fac_axes *ax = fac_histplot(fac_cat(&value_list), .hue = fac_cat(&group_list),
                                .hue_names = FAC_NAMES("1 (input)", "10 (hidden)"), .hue_title = "nodes before");
    fac_axes_set(ax, .title = "Initial parameters", .xlabel = "value");
    return save(figure, p->folder, "initial_parameters");
}

/* ---- training ---- */

static fac_status draw_losses(const sheet_pictures *p, const sheet_losses *losses)
{
    fac_tensor *epoch = fac_from_data(losses->epoch, FAC_LIST(losses->count), FAC_FLOAT32);
    fac_tensor *loss = fac_from_data(losses->loss, FAC_LIST(losses->count), FAC_FLOAT32);
    fac_figure *figure = fac_Figure();
    fac_axes *ax = fac_lineplot(epoch, loss);
    fac_axes_set(ax, .xlabel = "epoch", .ylabel = "loss", .yscale = "log");
    return save(figure, p->folder, "loss_curve");
}

/* The sheet's last plot: sns.scatterplot of observations and predictions, plt.plot of the true function. */
static void plot_fit(const sheet_pictures *p, fac_module *model, fac_axes *ax)
{
    FAC_NO_GRAD;
    fac_tensor *y_pred = fac_flatten(fac_forward(model, fac_reshape(p->x_obs, FAC_LIST(-1, 1))));
    int64_t n = fac_len(p->x_obs);
    fac_tensor *variable = fac_cat(
        FAC_TENSORS(fac_full(FAC_LIST(n), 0, .dtype = FAC_INT64), fac_full(FAC_LIST(n), 1, .dtype = FAC_INT64)));
    fac_scatterplot(fac_cat(FAC_TENSORS(p->x_obs, p->x_obs)), fac_cat(FAC_TENSORS(p->y_obs, y_pred)), .hue = variable,
                    .hue_names = FAC_NAMES("y_obs", "y_pred"), .hue_title = "variable", .alpha = 0.7, .ax = ax);
    fac_tensor *x = fac_linspace(-5, 5, 1000);
    fac_lineplot(x, p->goal_fun(x), .color = "g", .alpha = 0.5, .ax = ax);
    fac_axes_set(ax, .xlabel = "x_obs", .ylabel = "value");
}

static fac_figure *fit_figure(const sheet_pictures *p, fac_module *model)
{
    fac_figure *figure = fac_Figure();
    if (figure)
        plot_fit(p, model, fac_figure_axes(figure, 0, 0));
    return figure;
}

fac_status sheet_draw_training(const sheet_pictures *p, const sheet_losses *losses, fac_module *model)
{
    FAC_SCOPE;
    fac_status failed = draw_losses(p, losses);
    return failed ? failed : save(fit_figure(p, model), p->folder, "fit");
}

const char *sheet_fit_text(const sheet_pictures *p, fac_module *model, int64_t columns, int64_t rows)
{
    fac_figure *figure = fit_figure(p, model);
    const char *text = figure ? fac_figure_text(figure, columns, rows) : NULL;
    fac_figure_free(figure);
    return text;
}

/* ---- exercise 2.3.2 ---- */

fac_status sheet_draw_both(const sheet_pictures *p, fac_module *batches, fac_module *whole)
{
    FAC_SCOPE;
    fac_figure *figure = fac_Figure(.width = 12.8, .rows = 1, .cols = 2);
    for (int i = 0; figure && i < 2; i++) {
        fac_axes *ax = fac_figure_axes(figure, 0, i);
        plot_fit(p, i ? whole : batches, ax);
        fac_axes_set(ax, .title = i ? "one batch of everything, not shuffled" : "batches of 25, shuffled");
    }
    return save(figure, p->folder, "exercise_2_3_2");
}
