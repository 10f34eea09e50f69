/* SPDX-License-Identifier: MIT */
/* torch/_tensor_str.py */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tensor/tensor.h"
#include "text/print_layout.h"

enum { PRECISION = 4, LINE_WIDTH = 80, ELEMENT_MAX = 64 };
static const char prefix[] = "tensor(";
enum { INDENT = sizeof prefix - 1 };

typedef struct torch_print {
    fac_layout layout;      /* first: rows are called with it */
    bool whole, scientific; /* of floating dtypes */
    int64_t width;
} torch_print;

static size_t format_real(const torch_print *print, char out[ELEMENT_MAX], double value)
{
    if (print->scientific)
        return fac_format_scientific(out, ELEMENT_MAX, value, PRECISION);
    size_t length = fac_format_fixed(out, ELEMENT_MAX, value, print->whole ? 0 : PRECISION);
    if (print->whole && isfinite(value)) {
        strcpy(out + length, ".");
        length++;
    }
    return length;
}

static size_t format_element(const torch_print *print, char out[ELEMENT_MAX], fac_cell cell)
{
    if (fac_is_float(print->layout.view->dtype))
        return format_real(print, out, cell.real);
    if (print->layout.view->dtype == FAC_BOOL)
        return (size_t)snprintf(out, ELEMENT_MAX, "%s", cell.whole ? "True" : "False");
    return (size_t)snprintf(out, ELEMENT_MAX, "%" PRId64, cell.whole);
}

/* Zeros, infinities and NaN have no say in the form and the width. */
static bool counts(const torch_print *print, fac_cell cell)
{
    return !fac_is_float(print->layout.view->dtype) || (isfinite(cell.real) && cell.real != 0);
}

static void choose_form(torch_print *print)
{
    double least = INFINITY, most = 0;
    print->whole = true;
    print->scientific = false;
    if (!fac_is_float(print->layout.view->dtype))
        return;
    for (int64_t i = 0; i < print->layout.count; i++) {
        fac_cell cell = print->layout.cells[i];
        if (!counts(print, cell))
            continue;
        least = fmin(least, fabs(cell.real));
        most = fmax(most, fabs(cell.real));
        print->whole = print->whole && cell.real == ceil(cell.real);
    }
    print->scientific = most / least > 1000.0 || most > 1.0e8 || least < 1.0e-4;
}

static void choose_width(torch_print *print)
{
    char element[ELEMENT_MAX];
    print->width = 1;
    for (int64_t i = 0; i < print->layout.count; i++) {
        if (!counts(print, print->layout.cells[i]))
            continue;
        int64_t length = (int64_t)format_element(print, element, print->layout.cells[i]);
        if (length > print->width)
            print->width = length;
    }
}

static void print_element(torch_print *print)
{
    char element[ELEMENT_MAX];
    size_t length = format_element(print, element, print->layout.cells[print->layout.next++]);
    if ((int64_t)length < print->width)
        fac_text_pad(print->layout.text, ' ', (size_t)print->width - length);
    fac_text_append(print->layout.text, element, length);
}

static void print_row(fac_layout *layout, int64_t size)
{
    torch_print *print = (torch_print *)layout;
    size_t indent = layout->indent + (size_t)layout->view->ndim;
    int64_t gap = fac_layout_gap(layout, size), items = fac_layout_items(layout, size);
    int64_t per_line = (LINE_WIDTH + 1 - (int64_t)indent) / (print->width + 2); /* the bracket does not count */
    for (int64_t i = 0; i < items; i++) {
        if (i > 0 && i % (per_line > 1 ? per_line : 1) == 0)
            fac_text_add(layout->text, ",\n%*s", (int)indent, "");
        else if (i > 0)
            fac_text_append(layout->text, ", ", 2);
        if (i == gap)
            fac_text_append(layout->text, " ...", 4);
        else
            print_element(print);
    }
}

static void print_values(fac_text *text, const fac_array_view *view)
{
    torch_print print = {.layout = {.text = text, .view = view, .comma = ",", .indent = INDENT, .row = print_row}};
    if (fac_layout_numel(view) == 0) {
        fac_text_append(text, "[]", 2);
        return;
    }
    if (!fac_layout_begin(&print.layout))
        return;
    choose_form(&print);
    choose_width(&print);
    fac_layout_print(&print.layout);
    fac_layout_end(&print.layout);
}

/* The text behind the values, whose last line counts `line` columns. */
typedef struct suffixes {
    fac_text *text;
    size_t line;
} suffixes;

static void add_suffix(suffixes *notes, const char *suffix)
{
    size_t length = strlen(suffix);
    if (notes->line + length + 2 > LINE_WIDTH) {
        fac_text_add(notes->text, ",\n%*s%s", INDENT, "", suffix);
        notes->line = INDENT + length;
    } else {
        fac_text_add(notes->text, ", %s", suffix);
        notes->line += length + 2;
    }
}

static void add_size(suffixes *notes, const fac_array_view *view)
{
    char size[16 + 21 * FAC_MAX_DIMS];
    int length = snprintf(size, sizeof size, "size=(");
    for (int d = 0; d < view->ndim; d++)
        length += snprintf(size + length, sizeof size - (size_t)length, "%s%" PRId64, d ? ", " : "", view->shape[d]);
    strcpy(size + length, ")");
    add_suffix(notes, size);
}

/* The dtype is named where the values as they stand would give another one. */
static void add_dtype(suffixes *notes, int dtype, int default_dtype, bool empty)
{
    char text[32];
    if (dtype == default_dtype || (!empty && (dtype == FAC_INT64 || dtype == FAC_BOOL)))
        return;
    snprintf(text, sizeof text, "dtype=torch.%s", fac_dtype_name((fac_dtype)dtype));
    add_suffix(notes, text);
}

static void add_gradient(suffixes *notes, const fac_print_notes *says)
{
    char text[128];
    if (says->grad_fn) {
        snprintf(text, sizeof text, "grad_fn=<%s>", says->grad_fn);
        add_suffix(notes, text);
    } else if (says->requires_grad) {
        add_suffix(notes, "requires_grad=True");
    }
}

/* PyTorch's last_line_len: the columns of the last line, and two. */
static size_t last_line(const fac_text *text, size_t start)
{
    size_t at = text->length;
    while (at > start && text->data[at - 1] != '\n')
        at--;
    return text->length - at + 2;
}

void fac_print_torch(fac_text *text, const fac_array_view *view, const fac_print_notes *notes)
{
    size_t start = text->length;
    bool empty = fac_layout_numel(view) == 0;
    fac_text_append(text, prefix, INDENT);
    print_values(text, view);
    if (text->failed)
        return;
    suffixes behind = {text, last_line(text, start)};
    if (empty && view->ndim != 1)
        add_size(&behind, view);
    add_dtype(&behind, view->dtype, notes->default_dtype, empty);
    add_gradient(&behind, notes);
    fac_text_append(text, ")", 1);
}
