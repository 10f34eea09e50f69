/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "draw/plot_data.h"
#include "tensor/tensor.h"

typedef struct {
    fac_plot_data x, hue;
    int hues;       /* 0: no hue */
    int64_t finite; /* how many x are */
    double *edges;  /* bins + 1 */
    int64_t bins;
    double *counts; /* of one hue */
} histogram;

fac_histplot_args fac_histplot_defaults(void)
{
    return (fac_histplot_args){FAC_DEFAULTS_histplot, .size_ = sizeof(fac_histplot_args)};
}

/* What a bar's count is multiplied by; width: of its bin. */
static double scale_of(const char *stat, double total, double width)
{
    if (!strcmp(stat, "density"))
        return 1 / (total * width);
    if (!strcmp(stat, "probability"))
        return 1 / total;
    if (!strcmp(stat, "percent"))
        return 100 / total;
    return strcmp(stat, "frequency") ? 1 : 1 / width;
}

static const char *label_of(const char *stat)
{
    static const char *const names[][2] = {{"count", "Count"},
                                           {"density", "Density"},
                                           {"probability", "Probability"},
                                           {"percent", "Percent"},
                                           {"frequency", "Frequency"}};
    for (size_t i = 0; stat && i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i][0], stat))
            return names[i][1];
    fac_fail(
        FAC_ERR_VALUE,
        "histplot: expected stat \"count\", \"density\", \"probability\", \"percent\" or \"frequency\", got \"%s\"",
        stat ? stat : "NULL");
    return NULL;
}

static fac_status find_edges(histogram *h, bool whole)
{
    size_t bytes = (size_t)h->x.count * sizeof(double);
    double *finite = fac_alloc(bytes);
    if (!finite)
        return fac_pending();
    for (int64_t i = 0; i < h->x.count; i++)
        if (isfinite(h->x.values[i]))
            finite[h->finite++] = h->x.values[i];
    h->edges = fac_bin_edges(finite, h->finite, whole, &h->bins);
    fac_dealloc(finite, bytes);
    if (h->edges)
        h->counts = fac_alloc((size_t)h->bins * sizeof(double));
    return h->counts ? FAC_OK : fac_pending();
}

/* Bins are half open, the last one closed. */
static int64_t bin_of(const histogram *h, double x)
{
    double low = h->edges[0], high = h->edges[h->bins];
    int64_t bin = (int64_t)((x - low) / (high - low) * (double)h->bins);
    bin = bin < 0 ? 0 : bin >= h->bins ? h->bins - 1 : bin;
    bin -= bin > 0 && x < h->edges[bin];
    bin += bin + 1 < h->bins && x >= h->edges[bin + 1];
    return bin;
}

static void count_hue(histogram *h, int hue)
{
    memset(h->counts, 0, (size_t)h->bins * sizeof(double));
    for (int64_t i = 0; i < h->x.count; i++)
        if (isfinite(h->x.values[i]) && (!h->hues || (int)h->hue.values[i] == hue))
            h->counts[bin_of(h, h->x.values[i])]++;
}

static fac_status add_bars(fac_axes *ax, const histogram *h, const fac_look *look, const char *stat)
{
    fac_layer *layer = fac_layer_new(ax, look, h->bins, 3);
    if (!layer)
        return fac_pending();
    for (int64_t i = 0; i < h->bins; i++) {
        double width = h->edges[i + 1] - h->edges[i];
        if (h->counts[i] == 0)
            continue;
        double *row = layer->values + 3 * layer->count++;
        row[0] = h->edges[i] + width / 2;
        row[1] = h->counts[i] * scale_of(stat, (double)h->finite, width);
        row[2] = width;
    }
    return FAC_OK;
}

static fac_status add_histogram(fac_axes *ax, histogram *h, const fac_histplot_args *a)
{
    fac_look look = {.mark = FAC_MARK_BARS};
    const char *label = label_of(a->stat);
    if (!label)
        return fac_pending();
    double alpha = isnan(a->alpha) ? (h->hues ? 0.5 : 0.75) : a->alpha;
    FAC_TRY(fac_look_of(ax, h->hues ? "k" : a->color, alpha, "histplot", &look));
    for (int hue = h->hues ? h->hues - 1 : 0; hue >= 0; hue--) { /* seaborn draws the first one on top */
        fac_look own = look;
        if (h->hues)
            own.color = ax->figure->palette[hue % FAC_PALETTE];
        count_hue(h, hue);
        FAC_TRY(add_bars(ax, h, &own, a->stat));
    }
    if (!ax->text[FAC_YLABEL])
        FAC_TRY(fac_axes_put(ax, FAC_YLABEL, label));
    if (!h->hues)
        return fac_entry_add(ax, &look, a->label);
    return fac_hue_entries(ax, &look, h->hues, a->hue_names, a->hue_title);
}

static fac_status read_and_add(fac_axes *ax, fac_tensor *x, histogram *h, const fac_histplot_args *a)
{
    FAC_TRY(fac_plot_read(x, "histplot", "x", &h->x));
    FAC_TRY(fac_plot_read_hue(a->hue, h->x.count, a->hue_names, "histplot", &h->hue, &h->hues));
    h->bins = a->bins;
    FAC_TRY(find_edges(h, !fac_is_float(x->m.dtype)));
    return add_histogram(ax, h, a);
}

fac_axes *fac_histplot_with(fac_tensor *x, const fac_histplot_args *args)
{
    const fac_histplot_args defaults = fac_histplot_defaults(), *a = args ? args : &defaults;
    histogram h = {.hues = 0};
    fac_axes *ax = fac_axes_meant(a->ax, "histplot");
    bool failed = !ax || read_and_add(ax, x, &h, a);
    if (h.edges)
        fac_dealloc(h.edges, (size_t)(h.bins + 1) * sizeof(double));
    if (h.counts)
        fac_dealloc(h.counts, (size_t)h.bins * sizeof(double));
    fac_plot_data_free(&h.x), fac_plot_data_free(&h.hue);
    return failed ? NULL : ax;
}
