/* SPDX-License-Identifier: MIT */
/* What part of the plane a panel shows, where its ticks are and where its legend goes, by matplotlib's rules. */
#ifndef FAC_DRAW_VIEW_H
#define FAC_DRAW_VIEW_H

#include "draw/figure.h"

enum { FAC_TICKS_MAX = 128 };

typedef struct fac_span {
    double low, high; /* high < low: downwards */
    bool log;
} fac_span;

/* Of x (0) or y (1). */
fac_span fac_view_span(const fac_axes *ax, int axis);

typedef struct fac_tick {
    double at;
    char label[FAC_NUMBER_MAX]; /* with ASCII's minus; "" for a minor one */
} fac_tick;
typedef struct fac_ticks {
    fac_tick tick[FAC_TICKS_MAX];
    int count;
    int exponent; /* the labels are to be multiplied by 10^exponent */
    bool powers;  /* the labels are m*10^n, written 10^n or m 10^n */
} fac_ticks;
/* length: of the axis, in points; glyph: points that a label takes along it. */
void fac_view_ticks(fac_ticks *ticks, const fac_span *span, double length, double glyph);
/* The centres of count cells, as many as fit. */
void fac_view_cell_ticks(fac_ticks *ticks, int64_t count, double length, double glyph);

/* One of fac_locs, not "best": where the legend, a share (width, height) of the panel, hides least. */
int fac_view_legend(const fac_axes *ax, const fac_span span[2], double width, double height);

#endif
