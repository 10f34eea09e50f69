/* SPDX-License-Identifier: MIT */
/* CSV files as tensors. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/handle.h"
#include "facula/io_csv.h"
#include "io/csv.h"
#include "tensor/tensor.h"

struct fac_table {
    fac_csv *csv;
    char *path; /* for messages */
};

static void destroy_table(void *handle)
{
    fac_table *table = handle;
    fac_csv_free(table->csv);
    fac_string_free(table->path);
    fac_handle_dealloc(table);
}

static const fac_handle_type table_type = {"table", destroy_table};

fac_table *fac_read_csv(const char *path)
{
    if (!path) {
        fac_fail(FAC_ERR_VALUE, "read_csv: path is NULL");
        return NULL;
    }
    fac_table *table = fac_handle_new(&table_type, sizeof *table);
    if (!table)
        return NULL;
    table->path = fac_string_copy(path);
    if (table->path && !fac_csv_read(path, &table->csv))
        return table;
    fac_table_free(table);
    return NULL;
}

void fac_table_free(fac_table *table)
{
    fac_free_handle(table);
}

int64_t fac_table_len(const fac_table *table)
{
    return fac_handle_check(table, &table_type, "table_len", "table") ? -1 : (int64_t)table->csv->rows;
}

fac_tensor *fac_table_column(fac_table *table, const char *name)
{
    if (fac_handle_check(table, &table_type, "table_column", "table"))
        return NULL;
    const fac_csv *csv = table->csv;
    ptrdiff_t column = name ? fac_csv_find(csv, name) : -1;
    if (column < 0) {
        fac_fail(FAC_ERR_KEY, "%s: no column '%s'", table->path, name ? name : "");
        return NULL;
    }
    const fac_dtype dtype = fac_get_default_dtype();
    const int64_t rows = (int64_t)csv->rows;
    fac_meta meta;
    if (fac_meta_init(&meta, (int)dtype, 1, &rows, "table_column"))
        return NULL;
    fac_tensor *tensor = fac_tensor_new(&meta);
    for (size_t i = 0; tensor && i < csv->rows; i++)
        fac_store_double(fac_element(tensor, (int64_t)i), (int)dtype, csv->values[i * csv->cols + (size_t)column]);
    return fac_tensor_adopt(tensor);
}

/* A column's data, in one piece: *copy is a tensor to drop where the given one was not. */
static fac_status as_column(fac_csv_column *column, const char *name, fac_tensor *tensor, fac_tensor **copy)
{
    FAC_TRY(fac_tensor_check(tensor, "write_csv", name));
    if (tensor->m.ndim != 1 || !fac_is_float(tensor->m.dtype))
        return fac_fail(FAC_ERR_TYPE, "write_csv: column '%s': expected a 1-d float tensor, got %s of shape %s", name,
                        fac_dtype_name((fac_dtype)tensor->m.dtype), fac_shape_text(&tensor->m));
    if (!tensor->m.contiguous) {
        fac_meta meta = tensor->m;
        fac_meta_pack(&meta);
        if (!(*copy = fac_tensor_new(&meta)) || fac_copy_cast(*copy, tensor))
            return fac_pending();
        tensor = *copy;
    }
    *column = (fac_csv_column){name, (fac_dtype)tensor->m.dtype, tensor->data};
    return FAC_OK;
}

static fac_status write_columns(const char *path, const char *const *names, const fac_tensors *columns,
                                fac_csv_column *out, fac_tensor **copies)
{
    const int64_t rows = columns->count ? fac_numel(columns->items[0]) : 0;
    for (int64_t i = 0; i < columns->count; i++) {
        FAC_TRY(as_column(out + i, names[i], columns->items[i], copies + i));
        if (columns->items[i]->m.numel != rows)
            return fac_fail(FAC_ERR_VALUE, "write_csv: column '%s' has %lld rows, '%s' has %lld", names[i],
                            (long long)columns->items[i]->m.numel, names[0], (long long)rows);
    }
    return fac_csv_write(path, out, (size_t)columns->count, (size_t)rows);
}

fac_status fac_write_csv(const char *path, const char *const *names, const fac_tensors *columns)
{
    if (fac_pending())
        return fac_error_status();
    if (!path || !names || !columns || columns->count < 1)
        return fac_returned(fac_fail(FAC_ERR_VALUE, "write_csv: path, names and at least one column are needed"));
    const size_t n = (size_t)columns->count;
    fac_csv_column *out = fac_alloc(n * sizeof *out);
    fac_tensor **copies = fac_alloc_zeroed(n * sizeof *copies);
    fac_status status = out && copies ? write_columns(path, names, columns, out, copies) : fac_pending();
    for (size_t i = 0; copies && i < n; i++)
        fac_tensor_drop(copies[i]);
    fac_dealloc(out, n * sizeof *out);
    fac_dealloc(copies, n * sizeof *copies);
    return fac_returned(status);
}
