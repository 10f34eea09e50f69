/* SPDX-License-Identifier: MIT */
/* What PyTorch's and NumPy's printing have in common: which values are shown, and how dims nest. */
#ifndef FAC_TEXT_PRINT_LAYOUT_H
#define FAC_TEXT_PRINT_LAYOUT_H

#include "text/print_format.h"

enum { FAC_PRINT_THRESHOLD = 1000, FAC_PRINT_EDGE = 3 }; /* the default options of both */

typedef union fac_cell {
    double real;   /* of floating dtypes */
    int64_t whole; /* of the others */
} fac_cell;

typedef struct fac_layout {
    fac_text *text;
    const fac_array_view *view;
    const char *comma;                                    /* behind all but the last of a dim's items */
    size_t indent;                                        /* columns in front of the outermost bracket */
    void (*row)(struct fac_layout *layout, int64_t size); /* prints the next `size` elements, without the brackets */
    fac_cell *cells;                                      /* the values that are shown, in the order of printing */
    int64_t count, next;
    bool summarize; /* of a dim with more than 6 only the first and last 3 are shown */
} fac_layout;

/* The number of elements. */
int64_t fac_layout_numel(const fac_array_view *view);
/* Gathers the cells; the rest is set before. False, with text->failed, if memory is short. */
bool fac_layout_begin(fac_layout *layout);
void fac_layout_print(fac_layout *layout);
void fac_layout_end(fac_layout *layout);

/* How many items a dim of that size shows, "..." among them; which of them is "...", -1 if none. */
int64_t fac_layout_items(const fac_layout *layout, int64_t size);
int64_t fac_layout_gap(const fac_layout *layout, int64_t size);

#endif
