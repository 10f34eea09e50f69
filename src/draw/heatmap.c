/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "draw/plot_data.h"
#include "tensor/tensor.h"

fac_heatmap_args fac_heatmap_defaults(void)
{
    return (fac_heatmap_args){FAC_DEFAULTS_heatmap, .size_ = sizeof(fac_heatmap_args)};
}

static void find_range(const fac_plot_data *data, double *low, double *high)
{
    bool any = false;
    for (int64_t i = 0; i < data->count; i++) {
        double value = data->values[i];
        if (!isfinite(value))
            continue;
        *low = any ? fmin(*low, value) : value;
        *high = any ? fmax(*high, value) : value;
        any = true;
    }
    if (!any) {
        *low = 0;
        *high = 1;
    }
}

static fac_status add_cells(fac_axes *ax, const fac_plot_data *data, int64_t cols, const fac_heatmap_args *a)
{
    fac_look look = {.mark = FAC_MARK_CELLS};
    const char *cmap = a->cmap ? fac_cmap_named(a->cmap) : NULL;
    if (!cmap)
        return fac_fail(
            FAC_ERR_VALUE,
            "heatmap: expected cmap \"rocket\", \"mako\", \"viridis\", \"gray\" or \"coolwarm\", got \"%s\"",
            a->cmap ? a->cmap : "NULL");
    if (isinf(a->vmin) || isinf(a->vmax) || a->vmin > a->vmax)
        return fac_fail(FAC_ERR_VALUE, "heatmap: vmin and vmax must be finite, vmin not above vmax");
    fac_layer *layer = fac_layer_new(ax, &look, cols ? data->count / cols : 0, cols);
    if (!layer)
        return fac_pending();
    layer->count = layer->capacity;
    for (int64_t i = 0; i < data->count; i++)
        layer->values[i] = isfinite(data->values[i]) ? data->values[i] : (double)NAN;
    find_range(data, &layer->vmin, &layer->vmax);
    layer->vmin = isnan(a->vmin) ? layer->vmin : a->vmin;
    layer->vmax = isnan(a->vmax) ? layer->vmax : a->vmax;
    layer->cmap = cmap;
    layer->cbar = a->cbar;
    return FAC_OK;
}

static fac_status read_and_add(fac_axes *ax, fac_tensor *tensor, fac_plot_data *data, const fac_heatmap_args *a)
{
    FAC_TRY(fac_tensor_check(tensor, "heatmap", "data"));
    if (tensor->m.ndim != 2)
        return fac_fail(FAC_ERR_VALUE, "heatmap: expected data of shape (rows, cols), got %s",
                        fac_shape_text(&tensor->m));
    if (ax->layers)
        return fac_fail(FAC_ERR_VALUE, "heatmap: its axes must hold nothing else");
    FAC_TRY(fac_plot_read(tensor, "heatmap", "data", data));
    return add_cells(ax, data, tensor->m.shape[1], a);
}

fac_axes *fac_heatmap_with(fac_tensor *tensor, const fac_heatmap_args *args)
{
    const fac_heatmap_args defaults = fac_heatmap_defaults(), *a = args ? args : &defaults;
    fac_plot_data data = {0};
    fac_axes *ax = fac_axes_meant(a->ax, "heatmap");
    bool failed = !ax || read_and_add(ax, tensor, &data, a);
    fac_plot_data_free(&data);
    return failed ? NULL : ax;
}
