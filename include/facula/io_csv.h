/* SPDX-License-Identifier: MIT */
/* Tables of numbers as CSV files. */
#ifndef FACULA_IO_CSV_H
#define FACULA_IO_CSV_H

#include "facula/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A table of numbers with named columns. A counted handle. */
typedef struct fac_table fac_table;

/* Reads a CSV file (RFC 4180, UTF-8), as pandas.read_csv(path) of a table of numbers. The first row is the header if any
 * of its fields is not a number. Returns a table that you own, or NULL: FAC_ERR_IO if the file can't be read,
 * FAC_ERR_VALUE where it is malformed: `data.csv:7: column 'y_obs': expected a number, got 'abc'`. */
FAC_API fac_table *fac_read_csv(const char *path);
FAC_API void fac_table_free(fac_table *table);

/* The number of rows, header not counted; -1 with an error pending if table is no live table. */
FAC_API int64_t fac_table_len(const fac_table *table);
/* A column by its name, of shape (rows,) and the default dtype: a new tensor. FAC_ERR_KEY if there is none of that name. */
FAC_API fac_tensor *fac_table_column(fac_table *table, const char *name);

/* Writes 1-d float32 or float64 tensors of one length as the columns of a CSV file with a header, each number in the
 * fewest digits that read back as the same. The file is written beside, synced and renamed: it is replaced whole or not
 * at all. names has columns->count entries. Errors: FAC_ERR_VALUE, FAC_ERR_TYPE, FAC_ERR_IO. */
FAC_API fac_status fac_write_csv(const char *path, const char *const *names, const fac_tensors *columns)
    FAC_WARN_UNUSED;

#ifdef __cplusplus
}
#endif
#endif
