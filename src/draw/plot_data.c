/* SPDX-License-Identifier: MIT */
#include "draw/plot_data.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "tensor/tensor.h"

fac_status fac_plot_read(fac_tensor *tensor, const char *who, const char *what, fac_plot_data *out)
{
    fac_meta meta;
    FAC_TRY(fac_tensor_check(tensor, who, what));
    FAC_TRY(fac_meta_init(&meta, FAC_FLOAT64, tensor->m.ndim, tensor->m.shape, who));
    fac_tensor *copy = fac_tensor_new(&meta);
    if (!copy)
        return fac_pending();
    size_t bytes = (size_t)meta.numel * sizeof(double);
    out->count = meta.numel;
    out->values = fac_alloc(bytes);
    fac_status status = out->values ? fac_copy_cast(copy, tensor) : fac_pending();
    if (!status && bytes)
        memcpy(out->values, copy->data, bytes);
    fac_tensor_drop(copy);
    return status;
}

fac_status fac_plot_read_vector(fac_tensor *tensor, const char *who, const char *what, fac_plot_data *out)
{
    FAC_TRY(fac_tensor_check(tensor, who, what));
    int long_dims = 0;
    for (int i = 0; i < tensor->m.ndim; i++)
        long_dims += tensor->m.shape[i] != 1;
    if (long_dims > 1)
        return fac_fail(FAC_ERR_VALUE, "%s: expected %s of shape (N), got %s", who, what, fac_shape_text(&tensor->m));
    return fac_plot_read(tensor, who, what, out);
}

void fac_plot_data_free(fac_plot_data *data)
{
    if (data->values)
        fac_dealloc(data->values, (size_t)data->count * sizeof(double));
    *data = (fac_plot_data){0};
}

static fac_status count_hues(const fac_plot_data *data, const char *who, int *hues)
{
    for (int64_t i = 0; i < data->count; i++) {
        if (!(data->values[i] >= 0 && data->values[i] < FAC_HUES))
            return fac_fail(FAC_ERR_VALUE, "%s: expected hue from 0 to %d, got %lld", who, FAC_HUES - 1,
                            (long long)data->values[i]);
        if (data->values[i] >= *hues)
            *hues = (int)data->values[i] + 1;
    }
    return FAC_OK;
}

fac_status fac_plot_read_hue(fac_tensor *hue, int64_t count, const char *const *names, const char *who,
                             fac_plot_data *out, int *hues)
{
    *hues = 0;
    if ((void *)hue == fac_none)
        return FAC_OK;
    FAC_TRY(fac_tensor_check(hue, who, "hue"));
    if (fac_is_float(hue->m.dtype))
        return fac_fail(FAC_ERR_TYPE, "%s: expected hue of integers (categories 0, 1, ...), got %s", who,
                        fac_dtype_name(hue->m.dtype));
    if (hue->m.numel != count)
        return fac_fail(FAC_ERR_VALUE, "%s: expected hue of %lld elements, got %s", who, (long long)count,
                        fac_shape_text(&hue->m));
    while (names && *hues < FAC_HUES && names[*hues])
        ++*hues;
    int n_names = *hues;
    FAC_TRY(fac_plot_read(hue, who, "hue", out));
    FAC_TRY(count_hues(out, who, hues));
    if (names && *hues > n_names)
        return fac_fail(FAC_ERR_VALUE, "%s: there are %d hue_names for the hue %d", who, n_names, *hues - 1);
    return FAC_OK;
}

fac_status fac_hue_entries(fac_axes *ax, const fac_look *look, int hues, const char *const *names, const char *title)
{
    for (int hue = 0; hue < hues; hue++) {
        char number[FAC_NUMBER_MAX];
        fac_look own = *look;
        own.color = ax->figure->palette[hue % FAC_PALETTE];
        fac_format_fixed(number, sizeof number, hue, 0);
        FAC_TRY(fac_entry_add(ax, &own, names ? names[hue] : number));
    }
    return fac_axes_put(ax, FAC_LEGEND_TITLE, title);
}

fac_status fac_look_of(fac_axes *ax, const char *color, double alpha, const char *who, fac_look *look)
{
    if (!(alpha >= 0 && alpha <= 1))
        return fac_fail(FAC_ERR_VALUE, "%s: alpha must be between 0 and 1", who);
    look->alpha = (uint32_t)lround(255 * alpha);
    if (!color)
        look->color = ax->figure->palette[ax->used_colors++ % FAC_PALETTE];
    else if (!fac_color_parse(color, ax->figure->palette, &look->color))
        return fac_fail(FAC_ERR_VALUE,
                        "%s: expected a color such as \"g\", \"C0\", \"tab:blue\" or \"#1f77b4\", got \"%s\"", who,
                        color);
    return FAC_OK;
}
