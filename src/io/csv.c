/* SPDX-License-Identifier: MIT */
/* The reader. */
#include "io/csv.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/utf8.h"

typedef struct reader {
    const char *at, *end; /* what is still to be read */
    const char *file;     /* its name, for messages */
    size_t line, column;  /* of the field at `at`: the line from 1, the column from 0 */
    fac_csv *csv;
} reader;

/* What lies between the quotes, doubled ones still doubled; or a plain field without the blanks around it. */
typedef struct field {
    const char *start, *end;
    bool quoted;
} field;

static fac_status wrong(const reader *r, const char *problem)
{
    return fac_fail(FAC_ERR_VALUE, "%s:%zu: %s", r->file, r->line, problem);
}

static fac_status wrong_field(const reader *r, const char *problem)
{
    const char *name = r->csv->names && r->column < r->csv->cols ? r->csv->names[r->column] : NULL;
    char shown[FAC_SHOWN_MAX];
    if (!name || !*name)
        return fac_fail(FAC_ERR_VALUE, "%s:%zu: column %zu: %s", r->file, r->line, r->column + 1, problem);
    return fac_fail(FAC_ERR_VALUE, "%s:%zu: column '%s': %s", r->file, r->line, fac_shown(shown, name, strlen(name)),
                    problem);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(reader *r)
{
    while (r->at < r->end && is_blank(*r->at))
        r->at++;
}

static bool at_line_end(const reader *r)
{
    return r->at == r->end || *r->at == '\n' || (*r->at == '\r' && r->end - r->at > 1 && r->at[1] == '\n');
}

static fac_status read_quoted(reader *r, field *found)
{
    size_t line = r->line;
    *found = (field){.start = ++r->at, .quoted = true};
    for (;; r->at++) {
        if (r->at == r->end) {
            r->line = line;
            return wrong_field(r, "the quotes that begin here are not closed");
        }
        if (*r->at == '\0')
            return wrong_field(r, "a NUL byte: this is not text");
        r->line += *r->at == '\n';
        if (*r->at != '"')
            continue;
        if (r->end - r->at < 2 || r->at[1] != '"')
            break;
        r->at++;
    }
    found->end = r->at++;
    skip_blanks(r);
    return at_line_end(r) || *r->at == ',' ? FAC_OK : wrong_field(r, "text behind the closing quotes");
}

static fac_status read_plain(reader *r, field *found)
{
    *found = (field){.start = r->at};
    for (; !at_line_end(r) && *r->at != ','; r->at++) {
        if (*r->at == '\0')
            return wrong_field(r, "a NUL byte: this is not text");
        if (*r->at == '\r')
            return wrong_field(r, "a carriage return without a line feed");
        if (*r->at == '"')
            return wrong_field(r, "quotes within a field that does not begin with them");
    }
    found->end = r->at;
    while (found->end > found->start && is_blank(found->end[-1]))
        found->end--;
    return FAC_OK;
}

/* Up to the comma or the line's end behind it. */
static fac_status read_field(reader *r, field *found)
{
    skip_blanks(r);
    return r->at < r->end && *r->at == '"' ? read_quoted(r, found) : read_plain(r, found);
}

/* To the next field of the record; false, and to the next record, if there is none. */
static bool next_field(reader *r)
{
    r->column++;
    if (r->at < r->end && *r->at == ',') {
        r->at++;
        return true;
    }
    r->column = 0;
    r->line++;
    while (r->at < r->end && *r->at++ != '\n')
        ;
    return false;
}

/* Counts the fields of the first record. It is a header if one of them is no number. */
static fac_status survey(reader *r, size_t *fields, bool *is_header)
{
    field found;
    double number;
    *fields = 0;
    *is_header = false;
    do {
        FAC_TRY(read_field(r, &found));
        *is_header = *is_header || !fac_parse_double(found.start, found.end, &number);
        ++*fields;
    } while (next_field(r));
    return FAC_OK;
}

static char *copy_name(char *out, const field *from)
{
    for (const char *at = from->start; at < from->end; at++) {
        *out++ = *at;
        at += from->quoted && *at == '"';
    }
    *out++ = '\0';
    return out;
}

static fac_status read_name(reader *r, char **out)
{
    field found;
    char *name = *out;
    FAC_TRY(read_field(r, &found));
    if (!fac_utf8_valid(found.start, (size_t)(found.end - found.start)))
        return wrong_field(r, "its name is not UTF-8");
    *out = copy_name(name, &found);
    r->csv->names[r->column] = name;
    return FAC_OK;
}

/* Columns may lack a name, but no two have the same. */
static fac_status check_names(const reader *r, const fac_csv *csv)
{
    size_t count = 0, size = csv->cols * sizeof(void *);
    const void **named = fac_alloc(size);
    if (!named)
        return fac_pending();
    for (size_t i = 0; i < csv->cols; i++)
        if (*csv->names[i])
            named[count++] = csv->names[i];
    const char *twice = fac_sort_strings(named, count);
    fac_dealloc(named, size);
    char shown[FAC_SHOWN_MAX];
    if (!twice)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE, "%s:1: column '%s' is there twice", r->file, fac_shown(shown, twice, strlen(twice)));
}

/* The first record, `length` bytes. */
static fac_status read_header(reader *r, fac_csv *csv, size_t length)
{
    csv->name_size = length + csv->cols; /* a NUL each */
    csv->name_text = fac_alloc(csv->name_size);
    csv->names = fac_alloc_zeroed(csv->cols * sizeof *csv->names);
    if (!csv->name_text || !csv->names)
        return fac_pending();
    char *out = csv->name_text;
    do
        FAC_TRY(read_name(r, &out));
    while (next_field(r));
    return check_names(r, csv);
}

static fac_status not_a_number(const reader *r, const field *found)
{
    char shown[FAC_SHOWN_MAX], problem[FAC_SHOWN_MAX + 96];
    size_t length = (size_t)(found->end - found->start);
    if (!length)
        return wrong_field(r, "expected a number, got nothing");
    bool parted = memchr(found->start, ';', length) || memchr(found->start, '\t', length);
    snprintf(problem, sizeof problem, "expected a number, got '%s'%s", fac_shown(shown, found->start, length),
             parted ? " (fields are parted by commas)" : "");
    return wrong_field(r, problem);
}

/* A row at *next, which moves on. */
static fac_status read_row(reader *r, double **next)
{
    size_t cols = r->csv->cols, fields = 0, line = r->line;
    do {
        field found;
        FAC_TRY(read_field(r, &found));
        if (fields++ >= cols)
            continue;
        if (!fac_parse_double(found.start, found.end, *next))
            return not_a_number(r, &found);
        ++*next;
    } while (next_field(r));
    if (fields == cols)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE, "%s:%zu: expected %zu fields, got %zu", r->file, line, cols, fields);
}

/* Nothing but blanks and line ends is left. */
static bool at_end(reader r)
{
    while (r.at < r.end && (is_blank(*r.at) || at_line_end(&r)))
        r.at++;
    return r.at == r.end;
}

static bool at_empty_line(reader r)
{
    skip_blanks(&r);
    return at_line_end(&r);
}

/* As many as there are separators, and one: every field has one behind it. */
static size_t most_fields(const reader *r)
{
    size_t count = 1;
    for (const char *at = r->at; at < r->end; at++)
        count += *at == ',' || *at == '\n';
    return count;
}

static fac_status read_rows(reader *r, fac_csv *csv)
{
    int64_t size;
    size_t capacity = most_fields(r);
    if (!fac_size_mul((int64_t)capacity, sizeof(double), &size))
        return fac_fail_memory(SIZE_MAX);
    csv->values = fac_alloc((size_t)size);
    if (!csv->values)
        return fac_pending();
    csv->capacity = capacity;
    for (double *next = csv->values; !at_end(*r); csv->rows++) {
        if (at_empty_line(*r))
            return wrong(r, "an empty line");
        FAC_TRY(read_row(r, &next));
    }
    return FAC_OK;
}

static fac_status skip_mark(reader *r)
{
    size_t size = (size_t)(r->end - r->at);
    if (size >= 2 && (!memcmp(r->at, "\xff\xfe", 2) || !memcmp(r->at, "\xfe\xff", 2)))
        return fac_fail(FAC_ERR_VALUE, "%s: this is UTF-16; save it as UTF-8", r->file);
    if (size >= 3 && !memcmp(r->at, "\xef\xbb\xbf", 3))
        r->at += 3;
    return FAC_OK;
}

static fac_status read_table(reader *r, fac_csv *csv)
{
    bool has_header;
    FAC_TRY(skip_mark(r));
    if (at_end(*r))
        return fac_fail(FAC_ERR_VALUE, "%s: the file is empty", r->file);
    if (at_empty_line(*r))
        return wrong(r, "an empty line");
    reader behind = *r;
    FAC_TRY(survey(&behind, &csv->cols, &has_header));
    if (has_header)
        FAC_TRY(read_header(r, csv, (size_t)(behind.at - r->at)));
    return read_rows(r, csv);
}

fac_status fac_csv_parse(const char *text, size_t size, const char *name, fac_csv **out)
{
    fac_csv *csv = fac_alloc_zeroed(sizeof *csv);
    if (!csv)
        return fac_pending();
    const char *start = size ? text : "";
    reader r = {.at = start, .end = start + size, .file = name, .line = 1, .csv = csv};
    fac_status status = read_table(&r, csv);
    if (status)
        fac_csv_free(csv);
    else
        *out = csv;
    return status;
}

fac_status fac_csv_read(const char *path, fac_csv **out)
{
    char *text;
    size_t size;
    FAC_TRY(fac_read_file(path, INT64_MAX, &text, &size));
    fac_status status = fac_csv_parse(text, size, path, out);
    fac_dealloc(text, size + 1);
    return status;
}

ptrdiff_t fac_csv_find(const fac_csv *csv, const char *name)
{
    for (size_t i = 0; csv->names && i < csv->cols; i++)
        if (!strcmp(csv->names[i], name))
            return (ptrdiff_t)i;
    return -1;
}

void fac_csv_free(fac_csv *csv)
{
    if (!csv)
        return;
    fac_dealloc(csv->values, csv->capacity * sizeof *csv->values);
    fac_dealloc(csv->names, csv->cols * sizeof *csv->names);
    fac_dealloc(csv->name_text, csv->name_size);
    fac_dealloc(csv, sizeof *csv);
}
