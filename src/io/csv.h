/* SPDX-License-Identifier: MIT */
/* Tables of numbers as comma-separated text (RFC 4180, UTF-8, lines ended by LF or CRLF). */
#ifndef FAC_IO_CSV_H
#define FAC_IO_CSV_H

#include "facula/tensor.h"

typedef struct fac_csv {
    size_t rows, cols;
    double *values;     /* (rows, cols) */
    const char **names; /* of the columns; NULL if the first row is numbers alone */
    size_t capacity;    /* of values */
    char *name_text;    /* where names lie */
    size_t name_size;
} fac_csv;

/* Reads a table. The first row is the header if any of its fields is not a number. Numbers are read as Python's float()
 * reads them, nan and inf among them, blanks around them and quotes left out. Errors (FAC_ERR_VALUE) say where:
 *     data.csv:7: column 'y_obs': expected a number, got 'abc'
 * for rows of unequal length, empty fields, empty lines (but at the end), an empty file, bytes that are no text, column
 * names that are there twice. A header with no rows below is a table of no rows. Takes a few times the file's size. */
fac_status fac_csv_read(const char *path, fac_csv **out);
/* The same from memory; messages call it `name`. */
fac_status fac_csv_parse(const char *text, size_t size, const char *name, fac_csv **out);
/* The column of that name; -1 if there is none. */
ptrdiff_t fac_csv_find(const fac_csv *csv, const char *name);
/* NULL is accepted. */
void fac_csv_free(fac_csv *csv);

typedef struct fac_csv_column {
    const char *name;
    fac_dtype dtype;  /* FAC_FLOAT32 or FAC_FLOAT64 */
    const void *data; /* (rows) */
} fac_csv_column;

/* Writes a header and the rows, each number in the fewest digits that read back as the same; replaces the file whole or
 * not at all. What would not be read back as it was is refused: names that are there twice or not UTF-8, and a header
 * that is numbers alone. */
fac_status fac_csv_write(const char *path, const fac_csv_column *columns, size_t cols, size_t rows);

#endif
