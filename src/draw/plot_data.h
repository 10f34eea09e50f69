/* SPDX-License-Identifier: MIT */
/* What plots take from tensors. */
#ifndef FAC_DRAW_PLOT_DATA_H
#define FAC_DRAW_PLOT_DATA_H

#include "draw/figure.h"

/* The values of a tensor as doubles, in row-major order. */
typedef struct fac_plot_data {
    double *values;
    int64_t count;
} fac_plot_data;
fac_status fac_plot_read(fac_tensor *tensor, const char *who, const char *what, fac_plot_data *out);
/* The same of (N), (N, 1), (1, N) or a number. */
fac_status fac_plot_read_vector(fac_tensor *tensor, const char *who, const char *what, fac_plot_data *out);
void fac_plot_data_free(fac_plot_data *data);

enum { FAC_HUES = 256 };
/* The categories of `count` points: 0 to *hues - 1, as doubles. Nothing, and *hues 0, for fac_none. */
fac_status fac_plot_read_hue(fac_tensor *hue, int64_t count, const char *const *names, const char *who,
                             fac_plot_data *out, int *hues);
/* An entry in the legend for each hue, look in its colour; names NULL: their numbers. title: the legend's, or NULL. */
fac_status fac_hue_entries(fac_axes *ax, const fac_look *look, int hues, const char *const *names, const char *title);

/* color as the user writes it, or the axes' next one if NULL; alpha from 0 to 1. */
fac_status fac_look_of(fac_axes *ax, const char *color, double alpha, const char *who, fac_look *look);

#endif
