/* SPDX-License-Identifier: MIT */
/* Lines and points. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/sort.h"
#include "draw/plot_data.h"

static fac_status read_both(fac_tensor *x, fac_tensor *y, const char *who, fac_plot_data *px, fac_plot_data *py)
{
    FAC_TRY(fac_plot_read_vector(x, who, "x", px));
    FAC_TRY(fac_plot_read_vector(y, who, "y", py));
    if (px->count != py->count)
        return fac_fail(FAC_ERR_VALUE, "%s: expected x and y of one length, got %lld and %lld", who,
                        (long long)px->count, (long long)py->count);
    return FAC_OK;
}

/* ---- lineplot ---- */

fac_lineplot_args fac_lineplot_defaults(void)
{
    return (fac_lineplot_args){FAC_DEFAULTS_lineplot, .size_ = sizeof(fac_lineplot_args)};
}

static fac_status parse_linestyle(const char *text, fac_dash *dash)
{
    static const char *const names[][2] = {{"-", "solid"}, {"--", "dashed"}, {":", "dotted"}, {"-.", "dashdot"}};
    for (int i = 0; text && i < 4; i++)
        if (!strcmp(text, names[i][0]) || !strcmp(text, names[i][1])) {
            *dash = (fac_dash)i;
            return FAC_OK;
        }
    return fac_fail(FAC_ERR_VALUE, "lineplot: expected linestyle \"-\", \"--\", \":\" or \"-.\", got \"%s\"",
                    text ? text : "NULL");
}

/* By x, then y, as seaborn sorts. */
static int compare_points(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return p[0] != q[0] ? (p[0] > q[0]) - (p[0] < q[0]) : (p[1] > q[1]) - (p[1] < q[1]);
}

static bool is_sorted(const double *rows, int64_t count)
{
    for (int64_t i = 1; i < count; i++)
        if (compare_points(rows + 2 * (i - 1), rows + 2 * i) > 0)
            return false;
    return true;
}

static fac_status sort_points(double *rows, int64_t count)
{
    if (is_sorted(rows, count))
        return FAC_OK;
    size_t bytes = (size_t)count * 2 * sizeof(double), pointers_bytes = (size_t)count * sizeof(void *);
    double *copy = fac_alloc(bytes);
    const void **pointers = copy ? fac_alloc(pointers_bytes) : NULL;
    if (pointers) {
        memcpy(copy, rows, bytes);
        for (int64_t i = 0; i < count; i++)
            pointers[i] = copy + 2 * i;
        fac_sort_pointers(pointers, (size_t)count, compare_points);
        for (int64_t i = 0; i < count; i++)
            memcpy(rows + 2 * i, pointers[i], 2 * sizeof(double));
        fac_dealloc(pointers, pointers_bytes);
    }
    if (copy)
        fac_dealloc(copy, bytes);
    return pointers ? FAC_OK : fac_pending();
}

static void put_line(fac_layer *layer, const fac_plot_data *px, const fac_plot_data *py)
{
    for (int64_t i = 0; i < px->count; i++) {
        if (!isfinite(px->values[i]) || !isfinite(py->values[i]))
            continue;
        double *row = layer->values + 2 * layer->count++;
        row[0] = px->values[i];
        row[1] = py->values[i];
    }
}

static fac_status add_line(fac_axes *ax, const fac_plot_data *px, const fac_plot_data *py, const fac_lineplot_args *a)
{
    fac_look look = {.mark = FAC_MARK_LINE, .size = a->linewidth};
    if (!(a->linewidth >= 0 && a->linewidth <= 1000))
        return fac_fail(FAC_ERR_VALUE, "lineplot: linewidth must be between 0 and 1000 points");
    FAC_TRY(parse_linestyle(a->linestyle, &look.dash));
    FAC_TRY(fac_look_of(ax, a->color, a->alpha, "lineplot", &look));
    fac_layer *layer = fac_layer_new(ax, &look, px->count, 2);
    if (!layer)
        return fac_pending();
    put_line(layer, px, py);
    if (a->sort)
        FAC_TRY(sort_points(layer->values, layer->count));
    return fac_entry_add(ax, &look, a->label);
}

fac_axes *fac_lineplot_with(fac_tensor *x, fac_tensor *y, const fac_lineplot_args *args)
{
    const fac_lineplot_args defaults = fac_lineplot_defaults(), *a = args ? args : &defaults;
    fac_plot_data px = {0}, py = {0};
    fac_axes *ax = fac_axes_meant(a->ax, "lineplot");
    bool failed = !ax || read_both(x, y, "lineplot", &px, &py) || add_line(ax, &px, &py, a);
    fac_plot_data_free(&px), fac_plot_data_free(&py);
    return failed ? NULL : ax;
}

/* ---- scatterplot ---- */

fac_scatterplot_args fac_scatterplot_defaults(void)
{
    return (fac_scatterplot_args){FAC_DEFAULTS_scatterplot, .size_ = sizeof(fac_scatterplot_args)};
}

typedef struct {
    fac_plot_data x, y, hue;
    int hues; /* 0: no hue */
} points;

static void put_points(fac_layer *layer, const points *p, const uint32_t *palette)
{
    for (int64_t i = 0; i < p->x.count; i++) {
        if (!isfinite(p->x.values[i]) || !isfinite(p->y.values[i]))
            continue;
        double *row = layer->values + 3 * layer->count++;
        row[0] = p->x.values[i];
        row[1] = p->y.values[i];
        row[2] = p->hues ? palette[(int)p->hue.values[i] % FAC_PALETTE] : layer->look.color;
    }
}

static fac_status add_points(fac_axes *ax, const points *p, const fac_scatterplot_args *a)
{
    fac_look look = {.mark = FAC_MARK_POINTS, .size = sqrt(a->s)};
    if (!(a->s >= 0 && a->s <= 1e6))
        return fac_fail(FAC_ERR_VALUE, "scatterplot: s must be between 0 and 1000000 square points");
    FAC_TRY(fac_look_of(ax, p->hues ? "k" : a->color, a->alpha, "scatterplot", &look));
    fac_layer *layer = fac_layer_new(ax, &look, p->x.count, 3);
    if (!layer)
        return fac_pending();
    put_points(layer, p, ax->figure->palette);
    if (!p->hues)
        return fac_entry_add(ax, &look, a->label);
    return fac_hue_entries(ax, &look, p->hues, a->hue_names, a->hue_title);
}

fac_axes *fac_scatterplot_with(fac_tensor *x, fac_tensor *y, const fac_scatterplot_args *args)
{
    const fac_scatterplot_args defaults = fac_scatterplot_defaults(), *a = args ? args : &defaults;
    points p = {.hues = 0};
    fac_axes *ax = fac_axes_meant(a->ax, "scatterplot");
    bool failed = !ax || read_both(x, y, "scatterplot", &p.x, &p.y) ||
                  fac_plot_read_hue(a->hue, p.x.count, a->hue_names, "scatterplot", &p.hue, &p.hues) ||
                  add_points(ax, &p, a);
    fac_plot_data_free(&p.x), fac_plot_data_free(&p.y), fac_plot_data_free(&p.hue);
    return failed ? NULL : ax;
}
