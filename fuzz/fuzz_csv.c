/* SPDX-License-Identifier: MIT */
/* The first byte says which allocation fails; the text follows. */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include "io/csv.h"

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    fuzz_install();
    return 0;
}

static void check_same(const fac_csv *read, const fac_csv *again)
{
    FUZZ_CHECK(again->names && read->rows == again->rows && read->cols == again->cols);
    for (size_t i = 0; i < read->cols; i++)
        FUZZ_CHECK(!strcmp(read->names[i], again->names[i]));
    for (size_t i = 0; i < read->rows * read->cols; i++) {
        const double *left = &read->values[i], *right = &again->values[i];
        FUZZ_CHECK(*left == *left ? !memcmp(left, right, sizeof *left) : *right != *right);
    }
}

/* What was read can be written and read again. */
static void check_round_trip(const fac_csv *read)
{
    size_t count = read->rows * read->cols;
    double *turned = malloc((count + 1) * sizeof *turned); /* (cols, rows) */
    fac_csv_column *columns = malloc(read->cols * sizeof *columns);
    FUZZ_CHECK(turned && columns);
    for (size_t i = 0; i < count; i++)
        turned[i % read->cols * read->rows + i / read->cols] = read->values[i];
    for (size_t i = 0; i < read->cols; i++)
        columns[i] = (fac_csv_column){read->names[i], FAC_FLOAT64, turned + i * read->rows};
    fac_csv *again;
    FUZZ_CHECK(fac_csv_write("out", columns, read->cols, read->rows) == FAC_OK);
    FUZZ_CHECK(fac_csv_parse(fuzz_file.data, fuzz_file.size, "out", &again) == FAC_OK);
    check_same(read, again);
    fac_csv_free(again);
    free(turned);
    free(columns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    fac_csv *read;
    support_alloc_fail_at(data[0], false);
    fac_status status = fac_csv_parse((const char *)data + 1, size - 1, "in", &read);
    support_alloc_fail_at(0, false);
    if (!status) {
        if (read->names)
            check_round_trip(read);
        fac_csv_free(read);
    }
    fuzz_end(status);
    return 0;
}
