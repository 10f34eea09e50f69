/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "draw/figure.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/thread.h"

/* All figures alive, the newest first: how axes whose figure is gone are told from others, and which figure is meant
 * where none is named. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static fac_figure *newest;

const char *const fac_locs[FAC_LOCS] = {"best",         "upper right",  "upper left",  "lower left",
                                        "lower right",  "right",        "center left", "center right",
                                        "lower center", "upper center", "center"};

static void axes_clear(fac_axes *ax)
{
    for (int i = 0; i < FAC_TEXTS; i++)
        fac_string_free(ax->text[i]);
    for (fac_layer *layer = ax->layers, *next; layer; layer = next) {
        next = layer->next;
        fac_dealloc(layer->values, (size_t)(layer->capacity * layer->width) * sizeof(double));
        fac_dealloc(layer, sizeof *layer);
    }
    for (fac_entry *entry = ax->entries, *next; entry; entry = next) {
        next = entry->next;
        fac_string_free(entry->label);
        fac_dealloc(entry, sizeof *entry);
    }
}

static size_t axes_bytes(const fac_figure *figure)
{
    return (size_t)(figure->rows * figure->cols) * sizeof(fac_axes);
}

static void figure_destroy(void *handle)
{
    fac_figure *figure = handle;
    pthread_mutex_lock(&lock);
    fac_figure **link = &newest;
    while (*link && *link != figure)
        link = &(*link)->older;
    if (*link)
        *link = figure->older;
    pthread_mutex_unlock(&lock);
    for (int i = 0; figure->axes && i < figure->rows * figure->cols; i++)
        axes_clear(&figure->axes[i]);
    if (figure->axes)
        fac_dealloc(figure->axes, axes_bytes(figure));
    fac_handle_dealloc(figure);
}

const fac_handle_type fac_figure_type = {"figure", figure_destroy};

static void axes_init(fac_axes *ax, fac_figure *figure)
{
    ax->figure = figure;
    ax->last_layer = &ax->layers;
    ax->last_entry = &ax->entries;
    for (int i = 0; i < 4; i++)
        ax->limit[i / 2][i % 2] = (double)NAN;
}

static fac_status check_figure(const fac_Figure_args *a)
{
    if (!(a->width > 0 && a->width <= 100 && a->height > 0 && a->height <= 100))
        return fac_fail(FAC_ERR_VALUE, "Figure: width and height must be over 0 and up to 100 inches");
    if (!(a->dpi >= 10 && a->dpi <= 2400))
        return fac_fail(FAC_ERR_VALUE, "Figure: dpi must be between 10 and 2400");
    if (a->rows < 1 || a->rows > 16 || a->cols < 1 || a->cols > 16)
        return fac_fail(FAC_ERR_VALUE, "Figure: expected 1 to 16 rows and cols, got %lld and %lld", (long long)a->rows,
                        (long long)a->cols);
    double least = fmin(a->width, a->height) * a->dpi, most = fmax(a->width, a->height) * a->dpi;
    if (least < 10 || most > 16384)
        return fac_fail(FAC_ERR_VALUE, "Figure: expected 10 to 16384 pixels a side, got %lld and %lld",
                        (long long)(a->width * a->dpi), (long long)(a->height * a->dpi));
    if (!a->palette || !fac_palette_named(a->palette))
        return fac_fail(FAC_ERR_VALUE, "Figure: expected palette \"tab10\" or \"deep\", got %s",
                        a->palette ? a->palette : "NULL");
    return FAC_OK;
}

fac_Figure_args fac_Figure_defaults(void)
{
    return (fac_Figure_args){FAC_DEFAULTS_Figure, .size_ = sizeof(fac_Figure_args)};
}

static void enlist(fac_figure *figure)
{
    figure->thread = &fac_self;
    pthread_mutex_lock(&lock);
    figure->older = newest;
    newest = figure;
    pthread_mutex_unlock(&lock);
}

fac_figure *fac_Figure_with(const fac_Figure_args *args)
{
    const fac_Figure_args defaults = fac_Figure_defaults(), *a = args ? args : &defaults;
    if (fac_pending() || check_figure(a))
        return NULL;
    fac_figure *figure = fac_handle_new(&fac_figure_type, sizeof *figure);
    if (!figure)
        return NULL;
    figure->width = a->width;
    figure->height = a->height;
    figure->dpi = a->dpi;
    figure->rows = (int)a->rows;
    figure->cols = (int)a->cols;
    figure->palette = fac_palette_named(a->palette);
    if (!(figure->axes = fac_alloc_zeroed(axes_bytes(figure)))) {
        fac_drop(figure);
        return NULL;
    }
    for (int i = 0; i < figure->rows * figure->cols; i++)
        axes_init(&figure->axes[i], figure);
    figure->current = figure->axes;
    enlist(figure);
    return figure;
}

void fac_figure_free(fac_figure *figure)
{
    fac_free_handle(figure);
}

fac_axes *fac_figure_axes(fac_figure *figure, int64_t row, int64_t col)
{
    if (fac_pending() || fac_handle_check(figure, &fac_figure_type, "figure_axes", "figure"))
        return NULL;
    if (row < 0 || row >= figure->rows || col < 0 || col >= figure->cols) {
        fac_fail(FAC_ERR_INDEX, "figure_axes: (%lld, %lld) is outside of %d rows and %d cols", (long long)row,
                 (long long)col, figure->rows, figure->cols);
        return NULL;
    }
    return figure->current = &figure->axes[row * figure->cols + col];
}

static bool has_axes(const fac_figure *figure, const fac_axes *ax)
{
    uintptr_t at = (uintptr_t)ax, first = (uintptr_t)figure->axes;
    return at >= first && at < first + axes_bytes(figure) && (at - first) % sizeof *ax == 0;
}

fac_axes *fac_axes_meant(fac_axes *given, const char *who)
{
    if (fac_pending())
        return NULL;
    bool named = (void *)given != fac_none;
    pthread_mutex_lock(&lock);
    fac_figure *figure = newest;
    while (figure && (named ? !has_axes(figure, given) : figure->thread != (void *)&fac_self))
        figure = figure->older;
    fac_axes *meant = !figure ? NULL : named ? given : figure->current;
    pthread_mutex_unlock(&lock);
    if (!meant)
        fac_fail(FAC_ERR_RUNTIME,
                 named ? "%s: the axes are no figure's, or their figure has been freed"
                       : "%s: there is no figure to draw on: make one with fac_Figure()",
                 who);
    return meant;
}

fac_layer *fac_layer_new(fac_axes *ax, const fac_look *look, int64_t capacity, int64_t width)
{
    int64_t cells, bytes;
    if (!fac_size_mul(capacity, width, &cells) || !fac_size_mul(cells, sizeof(double), &bytes)) {
        fac_fail_memory(SIZE_MAX);
        return NULL;
    }
    double *values = fac_alloc((size_t)bytes);
    fac_layer *layer = values ? fac_alloc_zeroed(sizeof *layer) : NULL;
    if (!layer) {
        if (values)
            fac_dealloc(values, (size_t)bytes);
        return NULL;
    }
    *layer = (fac_layer){.look = *look, .values = values, .capacity = capacity, .width = width};
    *ax->last_layer = layer;
    ax->last_layer = &layer->next;
    return layer;
}

fac_status fac_entry_add(fac_axes *ax, const fac_look *look, const char *label)
{
    if (!label)
        return FAC_OK;
    fac_entry *entry = fac_alloc_zeroed(sizeof *entry);
    if (!entry)
        return fac_pending();
    entry->look = *look;
    if (!(entry->label = fac_string_copy(label))) {
        fac_dealloc(entry, sizeof *entry);
        return fac_pending();
    }
    *ax->last_entry = entry;
    ax->last_entry = &entry->next;
    return FAC_OK;
}

fac_status fac_axes_put(fac_axes *ax, fac_axes_text slot, const char *text)
{
    char *copy = text ? fac_string_copy(text) : NULL;
    if (!copy)
        return text ? fac_pending() : FAC_OK;
    fac_string_free(ax->text[slot]);
    ax->text[slot] = copy;
    return FAC_OK;
}

fac_axes_set_args fac_axes_set_defaults(void)
{
    return (fac_axes_set_args){FAC_DEFAULTS_axes_set, .size_ = sizeof(fac_axes_set_args)};
}

static fac_status set_scale(bool *log, const char *what, const char *scale)
{
    if (!scale)
        return FAC_OK;
    *log = !strcmp(scale, "log");
    if (!*log && strcmp(scale, "linear"))
        return fac_fail(FAC_ERR_VALUE, "axes_set: expected %s \"linear\" or \"log\", got \"%s\"", what, scale);
    return FAC_OK;
}

static fac_status set_limit(double *limit, const char *what, double value)
{
    if (isinf(value))
        return fac_fail(FAC_ERR_VALUE, "axes_set: %s must be finite", what);
    if (!isnan(value))
        *limit = value;
    return FAC_OK;
}

static fac_status set_loc(int *loc, const char *name)
{
    if (!name)
        return FAC_OK;
    for (*loc = strcmp(name, "none") ? 0 : -1; *loc >= 0 && *loc < FAC_LOCS; ++*loc)
        if (!strcmp(fac_locs[*loc], name))
            return FAC_OK;
    if (*loc == -1)
        return FAC_OK;
    *loc = 0;
    return fac_fail(FAC_ERR_VALUE,
                    "axes_set: expected legend_loc \"best\", \"upper right\", ... or \"none\", got \"%s\"", name);
}

static fac_status axes_set(fac_axes *ax, const fac_axes_set_args *a)
{
    FAC_TRY(fac_axes_put(ax, FAC_TITLE, a->title));
    FAC_TRY(fac_axes_put(ax, FAC_XLABEL, a->xlabel));
    FAC_TRY(fac_axes_put(ax, FAC_YLABEL, a->ylabel));
    FAC_TRY(fac_axes_put(ax, FAC_LEGEND_TITLE, a->legend_title));
    FAC_TRY(set_scale(&ax->log[0], "xscale", a->xscale));
    FAC_TRY(set_scale(&ax->log[1], "yscale", a->yscale));
    FAC_TRY(set_limit(&ax->limit[0][0], "xmin", a->xmin));
    FAC_TRY(set_limit(&ax->limit[0][1], "xmax", a->xmax));
    FAC_TRY(set_limit(&ax->limit[1][0], "ymin", a->ymin));
    FAC_TRY(set_limit(&ax->limit[1][1], "ymax", a->ymax));
    return set_loc(&ax->loc, a->legend_loc);
}

fac_axes *fac_axes_set_with(fac_axes *ax, const fac_axes_set_args *args)
{
    const fac_axes_set_args defaults = fac_axes_set_defaults();
    ax = fac_axes_meant(ax, "axes_set");
    return ax && !axes_set(ax, args ? args : &defaults) ? ax : NULL;
}
