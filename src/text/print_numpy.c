/* SPDX-License-Identifier: MIT */
/* numpy/_core/arrayprint.py, with floatmode 'maxprec'. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/tensor.h"
#include "text/print_layout.h"

enum { PRECISION = 8, LINE_WIDTH = 75, ELEMENT_MAX = 64 };

typedef struct numpy_print {
    fac_layout layout; /* first: rows are called with it */
    bool exponential;  /* of floating dtypes */
    int decimals, exponent_digits;
    size_t left, right; /* columns on either side of the decimal point; integers have only a left side */
} numpy_print;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool is_single(const numpy_print *print)
{
    return print->layout.view->dtype == FAC_FLOAT32;
}

/* The shortest digits that read back, but at most PRECISION behind the point of 1.2e+03. */
static int exponential_digits(char digits[FAC_NUMBER_MAX], int *exponent, double value, bool single)
{
    int count = (int)fac_shortest_digits(digits, exponent, value, single);
    if (count <= PRECISION + 1)
        return count;
    fac_round_digits(digits, exponent, value, PRECISION + 1, single);
    for (count = PRECISION + 1; count > 1 && digits[count - 1] == '0'; count--)
        ;
    return count;
}

/* The same for 1.25, whose zeros behind the point are dropped: "100.". Values here are 0 or from 0.0001 to 1e8. */
static size_t format_positional(char out[ELEMENT_MAX], double value, bool single)
{
    char shortest[FAC_NUMBER_MAX];
    size_t length = single ? fac_repr_float(shortest, (float)value) : fac_repr_double(shortest, value);
    if (length - (size_t)(strchr(shortest, '.') - shortest) - 1 > PRECISION)
        length = fac_format_fixed(out, ELEMENT_MAX, value, PRECISION);
    else
        strcpy(out, shortest);
    while (out[length - 1] == '0')
        length--;
    out[length] = '\0';
    return length;
}

/* NumPy compares in the array's own dtype. */
static bool wants_exponent(bool single, double least, double most)
{
    if (single)
        return most >= 1e6 || (float)least < 0.0001F || (float)most / (float)least > 1000.0F;
    return most >= 1e8 || least < 0.0001 || most / least > 1000.0;
}

static void choose_form(numpy_print *print)
{
    double least = INFINITY, most = 0;
    for (int64_t i = 0; i < print->layout.count; i++) {
        double value = fabs(print->layout.cells[i].real);
        if (!isfinite(value) || value == 0)
            continue;
        least = fmin(least, value);
        most = fmax(most, value);
    }
    print->exponential = most > 0 && wants_exponent(is_single(print), least, most);
}

static void widen_exponential(numpy_print *print, double value)
{
    char digits[FAC_NUMBER_MAX];
    int exponent, decimals = exponential_digits(digits, &exponent, value, is_single(print)) - 1;
    if (decimals > print->decimals)
        print->decimals = decimals;
    if (abs(exponent - 1) >= 100)
        print->exponent_digits = 3;
    print->left = larger(print->left, signbit(value) ? 2 : 1);
    print->right = (size_t)(print->decimals + 2 + print->exponent_digits);
}

static void widen_positional(numpy_print *print, double value)
{
    char text[ELEMENT_MAX];
    size_t length = format_positional(text, value, is_single(print));
    size_t left = (size_t)(strchr(text, '.') - text);
    print->left = larger(print->left, left);
    print->right = larger(print->right, length - left - 1);
}

static void choose_real_width(numpy_print *print)
{
    bool negative = false, finite = true;
    print->exponent_digits = 2;
    for (int64_t i = 0; i < print->layout.count; i++) {
        double value = print->layout.cells[i].real;
        if (!isfinite(value)) {
            finite = false;
            negative = negative || (isinf(value) && value < 0);
        } else if (print->exponential) {
            widen_exponential(print, value);
        } else {
            widen_positional(print, value);
        }
    }
    size_t word = negative ? 4 : 3; /* -inf, nan */
    if (!finite && print->left + print->right + 1 < word)
        print->left = word - print->right - 1;
}

static size_t format_whole(const numpy_print *print, char out[ELEMENT_MAX], int64_t value)
{
    if (print->layout.view->dtype == FAC_BOOL)
        return (size_t)snprintf(out, ELEMENT_MAX, "%s", value ? "True" : "False");
    return (size_t)snprintf(out, ELEMENT_MAX, "%" PRId64, value);
}

static void choose_whole_width(numpy_print *print)
{
    char text[ELEMENT_MAX];
    if (print->layout.view->dtype == FAC_BOOL)
        print->left = strlen("False");
    for (int64_t i = 0; i < print->layout.count; i++)
        print->left = larger(print->left, format_whole(print, text, print->layout.cells[i].whole));
}

/* The digits 1234 of 1234 * 10^-3 as `1.234e+00`. */
static void add_exponential(fac_text *text, const char *digits, int exponent, int exponent_digits)
{
    fac_text_add(text, "%c.%se%c%0*d", digits[0], digits + 1, exponent > 0 ? '+' : '-', exponent_digits,
                 abs(exponent - 1));
}

static void print_exponential(numpy_print *print, double value)
{
    char digits[FAC_NUMBER_MAX];
    int exponent;
    fac_text *text = print->layout.text;
    fac_round_digits(digits, &exponent, value, print->decimals + 1, is_single(print));
    fac_text_pad(text, ' ', print->left - (signbit(value) ? 2 : 1));
    fac_text_append(text, "-", signbit(value) ? 1 : 0);
    add_exponential(text, digits, exponent, print->exponent_digits);
}

static void print_positional(numpy_print *print, double value)
{
    char number[ELEMENT_MAX];
    size_t length = format_positional(number, value, is_single(print));
    size_t left = (size_t)(strchr(number, '.') - number);
    fac_text_pad(print->layout.text, ' ', print->left - left);
    fac_text_append(print->layout.text, number, length);
    fac_text_pad(print->layout.text, ' ', print->right - (length - left - 1));
}

static void print_right(numpy_print *print, const char *word, size_t length, size_t width)
{
    fac_text_pad(print->layout.text, ' ', width - length);
    fac_text_append(print->layout.text, word, length);
}

static size_t element_width(const numpy_print *print)
{
    return print->left + (fac_is_float(print->layout.view->dtype) ? 1 + print->right : 0);
}

static void print_element(numpy_print *print)
{
    char word[ELEMENT_MAX];
    fac_cell cell = print->layout.cells[print->layout.next++];
    if (!fac_is_float(print->layout.view->dtype))
        print_right(print, word, format_whole(print, word, cell.whole), print->left);
    else if (!isfinite(cell.real))
        print_right(print, word, fac_repr_double(word, cell.real), element_width(print));
    else if (print->exponential)
        print_exponential(print, cell.real);
    else
        print_positional(print, cell.real);
}

/* Without the spaces at the line's end. */
static void break_line(fac_text *text, size_t indent)
{
    if (text->failed)
        return;
    while (text->data[text->length - 1] == ' ')
        text->length--;
    fac_text_pad(text, '\n', 1);
    fac_text_pad(text, ' ', indent);
}

static void print_row(fac_layout *layout, int64_t size)
{
    numpy_print *print = (numpy_print *)layout;
    size_t indent = (size_t)layout->view->ndim, column = indent;
    int64_t gap = fac_layout_gap(layout, size), items = fac_layout_items(layout, size);
    for (int64_t i = 0; i < items; i++) {
        size_t width = i == gap ? 3 : element_width(print);
        if (column > indent &&
            column + width > LINE_WIDTH - indent) { /* as many closing brackets as columns indented */
            break_line(layout->text, indent);
            column = indent;
        }
        if (i == gap)
            fac_text_append(layout->text, "...", 3);
        else
            print_element(print);
        if (i < items - 1)
            fac_text_pad(layout->text, ' ', 1);
        column += width + 1;
    }
}

static void print_array(fac_text *text, const fac_array_view *view)
{
    numpy_print print = {.layout = {.text = text, .view = view, .comma = "", .row = print_row}};
    if (!fac_layout_begin(&print.layout))
        return;
    if (fac_is_float(view->dtype)) {
        choose_form(&print);
        choose_real_width(&print);
    } else {
        choose_whole_width(&print);
    }
    fac_layout_print(&print.layout);
    fac_layout_end(&print.layout);
}

/* str(np.float32(value)): the exponent's bounds are 1e-4 and 1e6, not Python's. */
static void print_single(fac_text *text, float value)
{
    char digits[FAC_NUMBER_MAX];
    int exponent;
    double magnitude = fabs((double)value);
    if (!isfinite(value) || magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e6)) {
        fac_text_append(text, digits, fac_repr_float(digits, value));
        return;
    }
    size_t count = fac_shortest_digits(digits, &exponent, magnitude, true);
    fac_text_add(text, "%s%c%s%se%c%02d", value < 0 ? "-" : "", digits[0], count > 1 ? "." : "", digits + 1,
                 exponent > 0 ? '+' : '-', abs(exponent - 1));
}

/* An array of no dims is printed as its element. */
static void print_scalar(fac_text *text, const fac_array_view *view)
{
    char number[FAC_NUMBER_MAX];
    if (view->dtype == FAC_FLOAT32)
        print_single(text, (float)fac_load_double(view->data, view->dtype));
    else if (view->dtype == FAC_FLOAT64)
        fac_text_append(text, number, fac_repr_double(number, fac_load_double(view->data, view->dtype)));
    else if (view->dtype == FAC_BOOL)
        fac_text_add(text, "%s", fac_load_int(view->data, view->dtype) ? "True" : "False");
    else
        fac_text_add(text, "%" PRId64, fac_load_int(view->data, view->dtype));
}

void fac_print_numpy(fac_text *text, const fac_array_view *view)
{
    if (view->ndim == 0)
        print_scalar(text, view);
    else if (fac_layout_numel(view) == 0)
        fac_text_append(text, "[]", 2);
    else
        print_array(text, view);
}
