/* SPDX-License-Identifier: MIT */
#include "io/csv.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/utf8.h"

static fac_status refuse(const char *path, const char *name, const char *problem)
{
    char shown[FAC_SHOWN_MAX];
    return fac_fail(FAC_ERR_VALUE, "cannot write '%s': column '%s' %s", path, fac_shown(shown, name, strlen(name)),
                    problem);
}

static fac_status check_column(const char *path, const fac_csv_column *column, size_t rows)
{
    if (!column->name)
        return fac_fail(FAC_ERR_VALUE, "cannot write '%s': a column without a name", path);
    if (!fac_utf8_valid(column->name, strlen(column->name)))
        return refuse(path, column->name, "has a name that is not UTF-8");
    if (column->dtype != FAC_FLOAT32 && column->dtype != FAC_FLOAT64)
        return fac_fail(FAC_ERR_TYPE, "cannot write '%s': column '%s' is neither float32 nor float64", path,
                        column->name);
    return rows && !column->data ? refuse(path, column->name, "has no data") : FAC_OK;
}

static bool is_number(const char *name)
{
    double number;
    return fac_parse_double(name, name + strlen(name), &number);
}

/* named: room for every name. */
static fac_status check_names(const char *path, const fac_csv_column *columns, size_t cols, const void **named)
{
    size_t count = 0;
    bool all_numbers = true;
    for (size_t i = 0; i < cols; i++) {
        all_numbers = all_numbers && is_number(columns[i].name);
        if (*columns[i].name)
            named[count++] = columns[i].name;
    }
    const char *twice = fac_sort_strings(named, count);
    if (twice)
        return refuse(path, twice, "is there twice");
    return all_numbers ? refuse(path, columns[0].name, "and all others have numbers for names") : FAC_OK;
}

static fac_status check(const char *path, const fac_csv_column *columns, size_t cols, size_t rows)
{
    if (!cols)
        return fac_fail(FAC_ERR_VALUE, "cannot write '%s': there are no columns", path);
    for (size_t i = 0; i < cols; i++)
        FAC_TRY(check_column(path, &columns[i], rows));
    const void **named = fac_alloc(cols * sizeof *named);
    if (!named)
        return fac_pending();
    fac_status status = check_names(path, columns, cols, named);
    fac_dealloc(named, cols * sizeof *named);
    return status;
}

/* Quoted if the reader would otherwise see something else: separators, blanks at an end, an empty line, a byte order
 * mark. */
static bool needs_quotes(const char *name)
{
    size_t length = strlen(name);
    return !length || strpbrk(name, ",\"\r\n") || strchr(" \t", name[0]) || strchr(" \t", name[length - 1]) ||
           !strncmp(name, "\xef\xbb\xbf", 3);
}

static fac_status write_name(fac_atomic_file *file, const char *name)
{
    if (!needs_quotes(name))
        return fac_atomic_write(file, name, strlen(name));
    FAC_TRY(fac_atomic_write(file, "\"", 1));
    for (; *name; name++)
        FAC_TRY(fac_atomic_write(file, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1));
    return fac_atomic_write(file, "\"", 1);
}

static fac_status write_value(fac_atomic_file *file, const fac_csv_column *column, size_t row)
{
    char number[FAC_NUMBER_MAX];
    size_t length = column->dtype == FAC_FLOAT32 ? fac_repr_float(number, ((const float *)column->data)[row])
                                                 : fac_repr_double(number, ((const double *)column->data)[row]);
    return fac_atomic_write(file, number, length);
}

static fac_status write_table(fac_atomic_file *file, const fac_csv_column *columns, size_t cols, size_t rows)
{
    for (size_t i = 0; i < cols; i++) {
        FAC_TRY(write_name(file, columns[i].name));
        FAC_TRY(fac_atomic_write(file, i + 1 < cols ? "," : "\n", 1));
    }
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < cols; i++) {
            FAC_TRY(write_value(file, &columns[i], row));
            FAC_TRY(fac_atomic_write(file, i + 1 < cols ? "," : "\n", 1));
        }
    return FAC_OK;
}

fac_status fac_csv_write(const char *path, const fac_csv_column *columns, size_t cols, size_t rows)
{
    fac_atomic_file *file;
    FAC_TRY(check(path, columns, cols, rows));
    FAC_TRY(fac_atomic_begin(path, &file));
    fac_status status = write_table(file, columns, cols, rows);
    if (!status)
        return fac_atomic_commit(file);
    fac_atomic_abandon(file);
    return status;
}
