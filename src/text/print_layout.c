/* SPDX-License-Identifier: MIT */
#include "text/print_layout.h"

#include <string.h>

#include "base/alloc.h"
#include "tensor/tensor.h"

int64_t fac_layout_numel(const fac_array_view *view)
{
    int64_t numel = 1;
    for (int d = 0; d < view->ndim; d++)
        if (view->shape[d] == 0)
            return 0;
    for (int d = 0; d < view->ndim; d++)
        if (!fac_size_mul(numel, view->shape[d], &numel))
            return INT64_MAX; /* a view without memory of its own can be that large; it is summarized all the same */
    return numel;
}

int64_t fac_layout_gap(const fac_layout *layout, int64_t size)
{
    return layout->summarize && size > 2 * FAC_PRINT_EDGE ? FAC_PRINT_EDGE : -1;
}

int64_t fac_layout_items(const fac_layout *layout, int64_t size)
{
    return fac_layout_gap(layout, size) < 0 ? size : 2 * FAC_PRINT_EDGE + 1;
}

static int64_t shown_count(const fac_layout *layout)
{
    int64_t count = 1;
    for (int d = 0; d < layout->view->ndim; d++) {
        int64_t size = layout->view->shape[d];
        if (!fac_size_mul(count, fac_layout_gap(layout, size) < 0 ? size : 2 * FAC_PRINT_EDGE, &count))
            return INT64_MAX;
    }
    return count;
}

static fac_cell load(const fac_array_view *view, int64_t offset)
{
    const char *at = (const char *)view->data + offset * (int64_t)fac_dtype_size((fac_dtype)view->dtype);
    if (fac_is_float(view->dtype))
        return (fac_cell){.real = fac_load_double(at, view->dtype)};
    return (fac_cell){.whole = fac_load_int(at, view->dtype)};
}

static void gather(fac_layout *layout, int dim, int64_t offset)
{
    const fac_array_view *view = layout->view;
    if (dim == view->ndim) {
        layout->cells[layout->count++] = load(view, offset);
        return;
    }
    int64_t size = view->shape[dim], gap = fac_layout_gap(layout, size);
    for (int64_t i = 0; i < size; i++) {
        if (i == gap)
            i = size - FAC_PRINT_EDGE;
        gather(layout, dim + 1, offset + i * view->strides[dim]);
    }
}

bool fac_layout_begin(fac_layout *layout)
{
    int64_t bytes;
    layout->summarize = fac_layout_numel(layout->view) > FAC_PRINT_THRESHOLD;
    if (!fac_size_mul(shown_count(layout), (int64_t)sizeof *layout->cells, &bytes))
        bytes = INT64_MAX;
    layout->cells = fac_alloc((size_t)bytes);
    if (!layout->cells) {
        layout->text->failed = true;
        return false;
    }
    layout->count = layout->next = 0;
    gather(layout, 0, 0);
    return true;
}

void fac_layout_end(fac_layout *layout)
{
    fac_dealloc(layout->cells, (size_t)layout->count * sizeof *layout->cells);
}

/* Blank lines part what has more than two dims. */
static void separate(fac_layout *layout, int dim)
{
    fac_text_append(layout->text, layout->comma, strlen(layout->comma));
    fac_text_pad(layout->text, '\n', (size_t)(layout->view->ndim - dim - 1));
    fac_text_pad(layout->text, ' ', layout->indent + (size_t)dim + 1);
}

static void print_dim(fac_layout *layout, int dim)
{
    int64_t size = layout->view->shape[dim], gap = fac_layout_gap(layout, size);
    int64_t items = fac_layout_items(layout, size);
    fac_text_pad(layout->text, '[', 1);
    if (dim == layout->view->ndim - 1)
        layout->row(layout, size);
    else
        for (int64_t i = 0; i < items; i++) {
            if (i > 0)
                separate(layout, dim);
            if (i == gap)
                fac_text_append(layout->text, "...", 3);
            else
                print_dim(layout, dim + 1);
        }
    fac_text_pad(layout->text, ']', 1);
}

void fac_layout_print(fac_layout *layout)
{
    if (layout->view->ndim == 0)
        layout->row(layout, 1);
    else
        print_dim(layout, 0);
}
