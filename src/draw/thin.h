/* SPDX-License-Identifier: MIT */
#ifndef FAC_DRAW_THIN_H
#define FAC_DRAW_THIN_H

#include "draw/view.h"

/* The points of a long line that can be seen: of consecutive ones in one of 2048 columns of the panel the first, the
 * lowest, the highest and the last (M4: Jugel et al., VLDB 2014). Hands them to keep, which may be NULL; returns how
 * many. Short lines are kept whole. */
int64_t fac_thin_line(const fac_layer *layer, const fac_span *x, void (*keep)(void *ctx, const double *point),
                      void *ctx);

#endif
