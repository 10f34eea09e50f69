/* SPDX-License-Identifier: MIT */
#ifndef FAC_DRAW_PLOT_SCRIPT_H
#define FAC_DRAW_PLOT_SCRIPT_H

#include "draw/figure.h"

typedef enum { FAC_PICTURE_PNG, FAC_PICTURE_SVG, FAC_PICTURE_PDF, FAC_PICTURE_TEXT } fac_picture;

/* What gnuplot is to read: commands, and behind each plot its numbers. columns, rows: of a text. */
fac_status fac_plot_script(fac_text *script, const fac_figure *figure, fac_picture kind, int64_t columns, int64_t rows);

/* Text of unknown origin as a string of gnuplot's: the only way any comes into a script. */
void fac_plot_quote(fac_text *script, const char *text);

#endif
