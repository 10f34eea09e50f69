/* SPDX-License-Identifier: MIT */
/* A figure as it is kept until it is drawn: panels, each with layers of numbers and the legend's entries. */
#ifndef FAC_DRAW_FIGURE_H
#define FAC_DRAW_FIGURE_H

#include "base/handle.h"
#include "base/text.h"
#include "facula/draw.h"

typedef enum { FAC_MARK_LINE, FAC_MARK_POINTS, FAC_MARK_BARS, FAC_MARK_CELLS } fac_mark;
typedef enum { FAC_DASH_SOLID, FAC_DASH_DASHED, FAC_DASH_DOTTED, FAC_DASH_DASHDOT } fac_dash;

typedef struct fac_look {
    fac_mark mark;
    uint32_t color; /* 0xrrggbb */
    uint32_t alpha; /* 0 to 255, opaque */
    fac_dash dash;
    double size; /* line width, or a marker's diameter, in points */
} fac_look;

/* count rows of `width` numbers each, all finite: a line's x, y; a point's x, y, colour; a bar's centre, height, width.
 * Cells: count is rows x width; a blank one is NaN. */
typedef struct fac_layer {
    struct fac_layer *next;
    fac_look look;
    double *values;
    int64_t count, capacity, width;
    double vmin, vmax; /* of cells */
    const char *cmap;  /* gnuplot's words for a palette */
    bool cbar;
} fac_layer;

typedef struct fac_entry { /* of the legend */
    struct fac_entry *next;
    fac_look look;
    char *label;
} fac_entry;

typedef enum { FAC_TITLE, FAC_XLABEL, FAC_YLABEL, FAC_LEGEND_TITLE, FAC_TEXTS } fac_axes_text;

struct fac_axes {
    fac_figure *figure;
    char *text[FAC_TEXTS];
    bool log[2];        /* of x, y */
    double limit[2][2]; /* of x, y: its ends, NaN where the data tell */
    int loc;            /* of the legend: one of fac_locs, 0: best, -1: none */
    int used_colors;
    fac_layer *layers, **last_layer;
    fac_entry *entries, **last_entry;
};

struct fac_figure {
    double width, height, dpi;
    int rows, cols;
    const uint32_t *palette;
    fac_axes *axes; /* rows x cols */
    fac_axes *current;
    const void *thread; /* that made it */
    struct fac_figure *older;
};

enum { FAC_PALETTE = 10, FAC_LOCS = 11 };
extern const fac_handle_type fac_figure_type;
extern const char *const fac_locs[FAC_LOCS]; /* by matplotlib's numbers */

/* The palette of that name, or NULL. */
const uint32_t *fac_palette_named(const char *name);
/* "g", "C1", "tab:blue", "#1f77b4", "orange"; false if it is none. */
bool fac_color_parse(const char *text, const uint32_t palette[FAC_PALETTE], uint32_t *color);
/* gnuplot's words for the colour map, or NULL. */
const char *fac_cmap_named(const char *name);

/* The axes meant by .ax = given: NULL with the error started. */
fac_axes *fac_axes_meant(fac_axes *given, const char *who);
/* A layer with room for `capacity` rows of width numbers, part of its axes; NULL with the error set. */
fac_layer *fac_layer_new(fac_axes *ax, const fac_look *look, int64_t capacity, int64_t width);
/* An entry in the legend, label copied; none for NULL. */
fac_status fac_entry_add(fac_axes *ax, const fac_look *look, const char *label);
/* *slot = a copy of text; nothing for NULL. */
fac_status fac_axes_put(fac_axes *ax, fac_axes_text slot, const char *text);

/* The edges of count bins over values, all finite: count + 1 of them, to be freed with fac_dealloc. count 0: as NumPy's
 * histogram_bin_edges(values, "auto"); whole: they are integers, and no bin is narrower than 1. Sorts the values. */
double *fac_bin_edges(double *values, int64_t n, bool whole, int64_t *count);

#endif
