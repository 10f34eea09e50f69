/* SPDX-License-Identifier: MIT */
/* Plots, as seaborn and matplotlib draw them; gnuplot does the drawing, as a child process, where it is installed.
 *
 *     fac_figure *fig = fac_Figure();
 *     fac_scatterplot(x, y, .hue = kind, .hue_names = FAC_NAMES("y_obs", "y_pred"), .hue_title = "variable", .alpha = 0.7);
 *     fac_lineplot(x_true, y_true, .color = "g", .alpha = 0.5);
 *     fac_axes_set(fac_figure_axes(fig, 0, 0), .xlabel = "x_obs", .ylabel = "value");
 *     if (fac_savefig(fig, "fit.png"))
 *         fprintf(stderr, "%s\n", fac_last_error());
 *     fac_figure_free(fig);
 *
 * A plot goes into .ax, else into the axes chosen last (fac_figure_axes), or the first ones, of the thread's newest
 * figure; it copies what it draws. Each plot returns its axes, as seaborn's do; NULL after an error, which stays pending
 * for fac_savefig or the next action, so that one check at the end will do. Values that are not finite are left out.
 * Tensors of any dtype; x and y are vectors: (N), (N, 1) or (1, N).
 *
 * Colours: "g" and the other letters, "C0" to "C9" (of the figure's palette), "tab:blue", "#1f77b4", the common names of
 * CSS. Text is UTF-8 and is shown as it is, whatever it holds; what is not UTF-8 or a control character is shown as a
 * replacement character, but a line feed breaks the line. */
#ifndef FACULA_DRAW_H
#define FACULA_DRAW_H

#include "facula/call.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fac_figure fac_figure;
typedef struct fac_axes fac_axes; /* one panel of a figure, lent: it lives as long as its figure */

/* matplotlib.pyplot.figure and subplots: rows x cols panels on width x height inches; dpi pixels an inch, of PNG alone.
 * palette: "tab10", matplotlib's colours and so seaborn's, until set_theme; "deep", those of seaborn's theme. A counted
 * handle that you own. FAC_ERR_VALUE for sizes out of (0, 100] inches, [10, 2400] dpi, [1, 16] rows or cols, or more
 * than 16384 pixels a side. */
typedef struct fac_Figure_args {
    size_t size_;
    double width, height, dpi;
    int64_t rows, cols;
    const char *palette;
} fac_Figure_args;
#define FAC_DEFAULTS_Figure .width = 6.4, .height = 4.8, .dpi = 100, .rows = 1, .cols = 1, .palette = "tab10"
FAC_API fac_Figure_args fac_Figure_defaults(void);
FAC_API fac_figure *fac_Figure_with(const fac_Figure_args *args);
FAC_API void fac_figure_free(fac_figure *figure);

/* axs[row, col], and makes it the one that plots go to. FAC_ERR_INDEX. */
FAC_API fac_axes *fac_figure_axes(fac_figure *figure, int64_t row, int64_t col);

/* sns.lineplot(x=x, y=y, estimator=None); with sort = false plt.plot(x, y). linestyle: "-", "--", ":", "-.", or their
 * names solid, dashed, dotted, dashdot. linewidth in points (1/72 inch). color NULL: the next one of the palette.
 * FAC_ERR_VALUE: x and y of different lengths, no vectors, an unknown color or linestyle. */
typedef struct fac_lineplot_args {
    size_t size_;
    const char *label, *color;
    double alpha;
    const char *linestyle;
    double linewidth;
    bool sort;
    fac_axes *ax;
} fac_lineplot_args;
#define FAC_DEFAULTS_lineplot                                                                                       \
    .label = NULL, .color = NULL, .alpha = 1, .linestyle = "-", .linewidth = 1.5, .sort = true,                     \
    .ax = (fac_axes *)fac_none
FAC_API fac_lineplot_args fac_lineplot_defaults(void);
FAC_API fac_axes *fac_lineplot_with(fac_tensor *x, fac_tensor *y, const fac_lineplot_args *args);

/* sns.scatterplot(x=x, y=y, hue=hue). hue: an integer tensor of N categories 0, 1, ... (at most 256), each in a colour of
 * its own; hue_names: their names in the legend, FAC_NAMES("cat", "dog"); without it their numbers. s: a marker's area in square
 * points. FAC_ERR_TYPE for a hue that is not of integers. */
#define FAC_NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
typedef struct fac_scatterplot_args {
    size_t size_;
    fac_tensor *hue;
    const char *const *hue_names; /* ends with NULL */
    const char *hue_title;
    const char *label, *color;
    double alpha, s;
    fac_axes *ax;
} fac_scatterplot_args;
#define FAC_DEFAULTS_scatterplot                                                                                     \
    .hue = (fac_tensor *)fac_none, .hue_names = NULL, .hue_title = NULL, .label = NULL, .color = NULL, .alpha = 1,   \
    .s = 36, .ax = (fac_axes *)fac_none
FAC_API fac_scatterplot_args fac_scatterplot_defaults(void);
FAC_API fac_axes *fac_scatterplot_with(fac_tensor *x, fac_tensor *y, const fac_scatterplot_args *args);

/* sns.histplot(x, bins=bins, stat=stat, hue=hue): x of any shape. bins: their number, or 0 for NumPy's "auto" (the
 * narrower of Sturges' bins and Freedman's and Diaconis'). stat: "count", "density", "probability", "percent",
 * "frequency". hue as for scatterplot, in bins common to all. alpha NaN: 0.75, with a hue 0.5. */
typedef struct fac_histplot_args {
    size_t size_;
    int64_t bins;
    const char *stat;
    fac_tensor *hue;
    const char *const *hue_names; /* ends with NULL */
    const char *hue_title;
    const char *label, *color;
    double alpha;
    fac_axes *ax;
} fac_histplot_args;
#define FAC_DEFAULTS_histplot                                                                                         \
    .bins = 0, .stat = "count", .hue = (fac_tensor *)fac_none, .hue_names = NULL, .hue_title = NULL, .label = NULL,   \
    .color = NULL, .alpha = FAC_NONE_REAL, .ax = (fac_axes *)fac_none
FAC_API fac_histplot_args fac_histplot_defaults(void);
FAC_API fac_axes *fac_histplot_with(fac_tensor *x, const fac_histplot_args *args);

/* sns.heatmap(data, vmin=vmin, vmax=vmax, cmap=cmap, cbar=cbar): data (rows, cols). vmin, vmax NaN: the data's. cmap:
 * "rocket", "mako", "viridis", "gray", "coolwarm". Cells that are not finite stay blank. */
typedef struct fac_heatmap_args {
    size_t size_;
    double vmin, vmax;
    const char *cmap;
    bool cbar;
    fac_axes *ax;
} fac_heatmap_args;
#define FAC_DEFAULTS_heatmap                                                                                          \
    .vmin = FAC_NONE_REAL, .vmax = FAC_NONE_REAL, .cmap = "rocket", .cbar = true, .ax = (fac_axes *)fac_none
FAC_API fac_heatmap_args fac_heatmap_defaults(void);
FAC_API fac_axes *fac_heatmap_with(fac_tensor *data, const fac_heatmap_args *args);

/* ax.set(title=..., xlabel=..., ...); what is not given stays as it was. xscale, yscale: "linear" or "log". xmin ... ymax:
 * the ends of xlim and ylim, NaN for those that follow the data. legend_loc: "best", "upper left" and so on, "none". */
typedef struct fac_axes_set_args {
    size_t size_;
    const char *title, *xlabel, *ylabel, *xscale, *yscale;
    double xmin, xmax, ymin, ymax;
    const char *legend_title, *legend_loc;
} fac_axes_set_args;
#define FAC_DEFAULTS_axes_set                                                                                         \
    .title = NULL, .xlabel = NULL, .ylabel = NULL, .xscale = NULL, .yscale = NULL, .xmin = FAC_NONE_REAL,             \
    .xmax = FAC_NONE_REAL, .ymin = FAC_NONE_REAL, .ymax = FAC_NONE_REAL, .legend_title = NULL, .legend_loc = NULL
FAC_API fac_axes_set_args fac_axes_set_defaults(void);
FAC_API fac_axes *fac_axes_set_with(fac_axes *ax, const fac_axes_set_args *args);

/* fig.savefig(path): PNG, SVG or PDF by the name's suffix; the file is replaced as a whole or not at all. timeout:
 * seconds that gnuplot may take; a million points took it half a minute for a PNG, a whole one for a PDF. FAC_ERR_VALUE
 * for another suffix; FAC_ERR_IO where gnuplot is not installed, fails or is not done in time, or the file cannot be
 * written. */
typedef struct fac_savefig_args {
    size_t size_;
    double timeout;
} fac_savefig_args;
#define FAC_DEFAULTS_savefig .timeout = 300
FAC_API fac_savefig_args fac_savefig_defaults(void);
FAC_API fac_status fac_savefig_with(fac_figure *figure, const char *path, const fac_savefig_args *args) FAC_WARN_UNUSED;
/* The figure for a terminal of columns x rows characters, a line feed behind each row; the text belongs to the scope.
 * NULL with the error pending; FAC_ERR_VALUE for fewer than 20 x 8 or more than 1000 x 1000. */
FAC_API const char *fac_figure_text(fac_figure *figure, int64_t columns, int64_t rows);

#ifndef __cplusplus
#define fac_Figure(...)      FAC_KEYWORDS_(Figure, __VA_ARGS__)
#define fac_lineplot(...)    FAC_CALL2_(lineplot, FAC_TENSOR_, __VA_ARGS__)
#define fac_scatterplot(...) FAC_CALL2_(scatterplot, FAC_TENSOR_, __VA_ARGS__)
#define fac_histplot(...)    FAC_CALL1_(histplot, FAC_TENSOR_, __VA_ARGS__)
#define fac_heatmap(...)     FAC_CALL1_(heatmap, FAC_TENSOR_, __VA_ARGS__)
#define fac_axes_set(...)    FAC_CALL1_(axes_set, FAC_TENSOR_, __VA_ARGS__)
#define fac_savefig(...)     FAC_CALL2_(savefig, FAC_TENSOR_, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
