/* SPDX-License-Identifier: MIT */
#include "draw/thin.h"

#include <math.h>

enum { COLUMNS = 2048, SHORT = 4 * COLUMNS };

typedef struct {
    int64_t first, lowest, highest, last; /* rows of one column */
} run;

/* All columns left of the panel are one, and all right of it. */
static int column_of(const fac_span *x, double at)
{
    double share = x->log ? log10(at / x->low) / log10(x->high / x->low) : (at - x->low) / (x->high - x->low);
    return share >= 0 ? share < 1 ? (int)(share * COLUMNS) : COLUMNS : -1; /* NaN, not on a log axis: -1 */
}

static void extend(run *r, const double *points, int64_t i)
{
    r->last = i;
    if (points[2 * i + 1] < points[2 * r->lowest + 1])
        r->lowest = i;
    if (points[2 * i + 1] > points[2 * r->highest + 1])
        r->highest = i;
}

static int64_t end_run(const run *r, const double *points, void (*keep)(void *, const double *), void *ctx)
{
    bool falls = r->highest < r->lowest;
    int64_t order[] = {r->first, falls ? r->highest : r->lowest, falls ? r->lowest : r->highest, r->last}, kept = 0;
    for (int i = 0; i < 4; i++) {
        if (i && order[i] == order[i - 1])
            continue;
        kept++;
        if (keep)
            keep(ctx, points + 2 * order[i]);
    }
    return kept;
}

int64_t fac_thin_line(const fac_layer *layer, const fac_span *x, void (*keep)(void *ctx, const double *point),
                      void *ctx)
{
    const double *points = layer->values;
    bool whole = layer->count <= SHORT;
    run r = {0, 0, 0, 0};
    int64_t kept = 0;
    int column = 0;
    for (int64_t i = 0; i < layer->count; i++) {
        int at = whole ? 0 : column_of(x, points[2 * i]);
        if (i && !whole && at == column) {
            extend(&r, points, i);
            continue;
        }
        if (i)
            kept += end_run(&r, points, keep, ctx);
        r = (run){i, i, i, i};
        column = at;
    }
    return layer->count ? kept + end_run(&r, points, keep, ctx) : 0;
}
