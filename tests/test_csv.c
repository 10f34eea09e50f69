/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <locale.h>
#include <math.h>

#include "base/error.h"
#include "io/csv.h"
#include "support_alloc.h"
#include "support_files.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A copy that ends where its memory ends, so that the sanitizer sees a step too far. */
static fac_status parse(const char *text, size_t size, fac_csv **out)
{
    char *copy = malloc(size ? size : 1);
    memcpy(copy, text, size);
    fac_status status = fac_csv_parse(copy, size, "t.csv", out);
    free(copy);
    return status;
}

typedef struct table {
    const char *text;
    size_t rows, cols;
    const char *names[3]; /* NULL: there is no header */
    double values[6];
} table;

static void assert_table(const table *right)
{
    fac_csv *csv;
    if (parse(right->text, strlen(right->text), &csv))
        fail_msg("%s", fac_last_error());
    assert_int_equal(csv->rows, right->rows);
    assert_int_equal(csv->cols, right->cols);
    assert_int_equal(!csv->names, !right->names[0]);
    for (size_t i = 0; csv->names && i < csv->cols; i++)
        assert_string_equal(csv->names[i], right->names[i]);
    for (size_t i = 0; i < csv->rows * csv->cols; i++)
        assert_true(csv->values[i] == right->values[i]);
    fac_csv_free(csv);
}

static void reads_tables(void **state)
{
    (void)state;
    static const table tables[] = {
        {"x_obs,y_obs\n1,2\n3.5,-4e2\n", 2, 2, {"x_obs", "y_obs"}, {1, 2, 3.5, -400}},
        {"1,2\n3,4\n", 2, 2, {NULL}, {1, 2, 3, 4}},
        {"1,2\n3,4", 2, 2, {NULL}, {1, 2, 3, 4}},
        {"1,2\r\n3,4\r\n", 2, 2, {NULL}, {1, 2, 3, 4}},
        {"1,2\r\n3,4\n\n\r\n \t\n", 2, 2, {NULL}, {1, 2, 3, 4}},
        {"\xef\xbb\xbfx,y\n1,2\n", 1, 2, {"x", "y"}, {1, 2}},
        {"\xef\xbb\xbf"
         "1,2\n",
         1,
         2,
         {NULL},
         {1, 2}},
        {"x\n1\n2\n3\n", 3, 1, {"x"}, {1, 2, 3}},
        {"x", 0, 1, {"x"}, {0}},
        {"x,y\r\n", 0, 2, {"x", "y"}, {0}},
        {"5", 1, 1, {NULL}, {5}},
        {" 1 ,\t2\t\n3 , 4", 2, 2, {NULL}, {1, 2, 3, 4}},
        {" x , y y \n1,2", 1, 2, {"x", "y y"}, {1, 2}},
        {"\"x\",\"y\"\n\"1\",\"2\"\n", 1, 2, {"x", "y"}, {1, 2}},
        {" \"a,b\" ,\"c\"\"d\"\n1,2", 1, 2, {"a,b", "c\"d"}, {1, 2}},
        {"\"a\nb\r\nc\",\"\"\n1,2", 1, 2, {"a\nb\r\nc", ""}, {1, 2}},
        {"\"\"\"\",\"\"\"\"\"\"\n1,2", 1, 2, {"\"", "\"\""}, {1, 2}},
        {",x\n0,1\n1,2\n", 2, 2, {"", "x"}, {0, 1, 1, 2}}, /* pandas writes its index so */
        {",,\n1,2,3\n", 1, 3, {"", "", ""}, {1, 2, 3}},
        {"1,x\n2,3\n", 1, 2, {"1", "x"}, {2, 3}},
        {"inf,-Infinity\n1e999,-0\n", 2, 2, {NULL}, {INFINITY, -INFINITY, INFINITY, 0}},
        {"Gr\xc3\xb6\xc3\x9f"
         "e\n1",
         1,
         1,
         {"Gr\xc3\xb6\xc3\x9f"
          "e"},
         {1}},
    };
    for (size_t i = 0; i < COUNT(tables); i++)
        assert_table(&tables[i]);
}

static void reads_not_a_number(void **state)
{
    (void)state;
    fac_csv *csv;
    assert_int_equal(parse("x\nnan\n-NaN\n", 11, &csv), FAC_OK);
    assert_true(csv->rows == 2 && isnan(csv->values[0]) && isnan(csv->values[1]));
    fac_csv_free(csv);
}

static void finds_columns(void **state)
{
    (void)state;
    fac_csv *csv;
    assert_int_equal(parse("x,y\n1,2\n", 8, &csv), FAC_OK);
    assert_int_equal(fac_csv_find(csv, "x"), 0);
    assert_int_equal(fac_csv_find(csv, "y"), 1);
    assert_int_equal(fac_csv_find(csv, "z"), -1);
    fac_csv_free(csv);
    assert_int_equal(parse("1,2\n", 4, &csv), FAC_OK);
    assert_int_equal(fac_csv_find(csv, "1"), -1);
    fac_csv_free(csv);
    fac_csv_free(NULL);
}

static void refuses_malformed_tables(void **state)
{
    (void)state;
#define ROW(text, message)             \
    {                                  \
        text, sizeof text - 1, message \
    }
    static const struct {
        const char *text;
        size_t size;
        const char *message;
    } rows[] = {
        ROW("", "t.csv: the file is empty"),
        ROW("\n \r\n\t", "t.csv: the file is empty"),
        ROW("\xef\xbb\xbf", "t.csv: the file is empty"),
        ROW("\xff\xfex\0,\0", "t.csv: this is UTF-16; save it as UTF-8"),
        ROW("\xfe\xff\0x", "t.csv: this is UTF-16; save it as UTF-8"),
        ROW("x_obs,y_obs\n1,abc\n", "t.csv:2: column 'y_obs': expected a number, got 'abc'"),
        ROW("x_obs,y_obs\n1,2\n3,\n", "t.csv:3: column 'y_obs': expected a number, got nothing"),
        ROW("x_obs,y_obs\n1,2\n3,\"\"\n", "t.csv:3: column 'y_obs': expected a number, got nothing"),
        ROW("1,2\n3,4.5.6\n", "t.csv:2: column 2: expected a number, got '4.5.6'"),
        ROW("1,2\n3,0x10\n", "t.csv:2: column 2: expected a number, got '0x10'"),
        ROW("1,2\n3,4 5\n", "t.csv:2: column 2: expected a number, got '4 5'"),
        ROW("1,2\n3,\"1\"\"2\"\n", "t.csv:2: column 2: expected a number, got '1\"\"2'"),
        ROW(",y\nz,1\n", "t.csv:2: column 1: expected a number, got 'z'"),
        ROW("x;y\n1;2\n", "t.csv:2: column 'x;y': expected a number, got '1;2' (fields are parted by commas)"),
        ROW("x\ty\n1\t2\n",
            "t.csv:2: column 'x\\x09y': expected a number, got '1\\x092' (fields are parted by commas)"),
        ROW("x,y\n1,2\n3\n", "t.csv:3: expected 2 fields, got 1"),
        ROW("x,y\n1,2\n3,4,5,6\n", "t.csv:3: expected 2 fields, got 4"),
        ROW("x,y\n1,2,\n", "t.csv:2: expected 2 fields, got 3"),
        ROW("1,2\n3,4,5", "t.csv:2: expected 2 fields, got 3"),
        ROW("x,y\n\n1,2\n", "t.csv:2: an empty line"),
        ROW("x\n1\n \n2\n", "t.csv:3: an empty line"),
        ROW("\nx\n1\n", "t.csv:1: an empty line"),
        ROW("x,y\n1,2\0\n", "t.csv:2: column 'y': a NUL byte: this is not text"),
        ROW("x\0,y\n", "t.csv:1: column 1: a NUL byte: this is not text"),
        ROW("\"x\0\",y\n", "t.csv:1: column 1: a NUL byte: this is not text"),
        ROW("\0", "t.csv:1: column 1: a NUL byte: this is not text"),
        ROW("1,2\n3,4\n\0", "t.csv:3: column 1: a NUL byte: this is not text"),
        ROW("1,2\r3,4\r", "t.csv:1: column 2: a carriage return without a line feed"),
        ROW("1\r", "t.csv:1: column 1: a carriage return without a line feed"),
        ROW("x,\"y\n1,2\n3,4\n", "t.csv:1: column 2: the quotes that begin here are not closed"),
        ROW("x,\"", "t.csv:1: column 2: the quotes that begin here are not closed"),
        ROW("x,\"\"\"", "t.csv:1: column 2: the quotes that begin here are not closed"),
        ROW("x,\"y\"z\n1,2", "t.csv:1: column 2: text behind the closing quotes"),
        ROW("x,y\"z\"\n1,2", "t.csv:1: column 2: quotes within a field that does not begin with them"),
        ROW("\"a\nb\",y\n1,2\n3,q\n", "t.csv:4: column 'y': expected a number, got 'q'"),
        ROW("\"a\nb\",y\nq,2\n", "t.csv:3: column 'a\\x0ab': expected a number, got 'q'"),
        ROW("x,y,x\n1,2,3\n", "t.csv:1: column 'x' is there twice"),
        ROW("x,\xe9\n1,2\n", "t.csv:1: column 2: its name is not UTF-8"),
        ROW("x\n\x1b[31m\n", "t.csv:2: column 'x': expected a number, got '\\x1b[31m'"),
        ROW("x\n1\nPK\3\4\n", "t.csv:3: column 'x': expected a number, got 'PK\\x03\\x04'"),
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        fac_csv *csv;
        int64_t bytes = support_memory.live_bytes;
        assert_int_equal(parse(rows[i].text, rows[i].size, &csv), FAC_ERR_VALUE);
        assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
        assert_string_equal(fac_last_error(), rows[i].message);
        assert_true(support_memory.live_bytes - bytes <= 1024); /* the message's buffer, once */
    }
}

static void cuts_long_fields_in_messages(void **state)
{
    (void)state;
    char text[5003] = "x\n";
    memset(text + 2, 'a', 5000);
    fac_csv *csv;
    assert_int_equal(parse(text, 5002, &csv), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_true(strlen(fac_last_error()) < 200);
    assert_non_null(strstr(fac_last_error(), "aaa...'"));
}

static void tells_what_the_file_lacks(void **state)
{
    (void)state;
    fac_csv *csv;
    assert_int_equal(fac_csv_read("none.csv", &csv), FAC_ERR_IO);
    assert_int_equal(fac_error_status(), FAC_ERR_IO);
    assert_string_equal(fac_last_error(), "cannot open 'none.csv': No such file or directory");
    support_put("bad.csv", "x\nq\n", 4);
    assert_int_equal(fac_csv_read("bad.csv", &csv), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "bad.csv:2: column 'x': expected a number, got 'q'");
}

static void writes_a_table(void **state)
{
    (void)state;
    const float x[] = {1, 0.1f, -2.5e-8f};
    const double y[] = {NAN, -INFINITY, 0.1};
    const fac_csv_column columns[] = {{"x_obs", FAC_FLOAT32, x}, {"y,\"obs\"", FAC_FLOAT64, y}};
    size_t size;
    assert_int_equal(fac_csv_write("t.csv", columns, 2, 3), FAC_OK);
    char *text = support_get("t.csv", &size);
    assert_string_equal(text, "x_obs,\"y,\"\"obs\"\"\"\n1.0,nan\n0.1,-inf\n-2.5e-08,0.1\n");
    free(text);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    enum { ROWS = 2000 };
    static float x[ROWS];
    static double y[ROWS], z[ROWS];
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < ROWS; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        memcpy(&y[i], &bits, 8);
        uint32_t half = (uint32_t)(bits >> 17);
        memcpy(&x[i], &half, 4);
        z[i] = i < 4 ? (double[]){DBL_MAX, DBL_TRUE_MIN, -0.0, DBL_EPSILON}[i] : (double)i / 7;
    }
    static const char *const name_sets[][3] = {
        {"x", "y", "z"},
        {"", "\"", ","},
        {" a", "b\t", "\n"},
        {"\xef\xbb\xbf", "\r", "\r\n"},
        {"1", "2", "a"},
        {"", "", "a"},
        {"\"a\"", "a", "a "},
        {"nan", " inf ", "1"},
        {"\xf0\x9f\x94\xa5", "x\x1by", "''"},
    };
    for (size_t set = 0; set < COUNT(name_sets); set++) {
        const char *const *names = name_sets[set];
        const fac_csv_column columns[] = {
            {names[0], FAC_FLOAT32, x}, {names[1], FAC_FLOAT64, y}, {names[2], FAC_FLOAT64, z}};
        fac_csv *csv = NULL;
        if (fac_csv_write("t.csv", columns, 3, ROWS) || fac_csv_read("t.csv", &csv))
            fail_msg("%s", fac_last_error());
        assert_int_equal(csv->rows, ROWS);
        for (int i = 0; i < 3; i++)
            assert_string_equal(csv->names[i], names[i]);
        for (int i = 0; i < ROWS; i++) {
            const double *row = csv->values + 3 * i;
            assert_true(isnan(x[i]) ? isnan(row[0]) : (float)row[0] == x[i]);
            assert_true(isnan(y[i]) ? isnan(row[1]) : !memcmp(&row[1], &y[i], 8));
            assert_memory_equal(&row[2], &z[i], 8);
        }
        fac_csv_free(csv);
    }
}

static void writes_a_single_nameless_column(void **state)
{
    (void)state;
    const double y[] = {1, 2};
    fac_csv *csv;
    for (size_t rows = 0; rows <= 2; rows++) {
        assert_int_equal(fac_csv_write("t.csv", &(fac_csv_column){"", FAC_FLOAT64, y}, 1, rows), FAC_OK);
        assert_int_equal(fac_csv_read("t.csv", &csv), FAC_OK);
        assert_int_equal(csv->rows, rows);
        assert_int_equal(csv->cols, 1);
        assert_string_equal(csv->names[0], "");
        fac_csv_free(csv);
    }
}

static void what_could_not_be_read_is_not_written(void **state)
{
    (void)state;
    static const double y[] = {1};
    static const struct {
        fac_csv_column columns[2];
        size_t cols;
        fac_status status;
        const char *message;
    } rows[] = {
        {{{"x", FAC_FLOAT64, y}}, 0, FAC_ERR_VALUE, "cannot write 'r.csv': there are no columns"},
        {{{NULL, FAC_FLOAT64, y}}, 1, FAC_ERR_VALUE, "cannot write 'r.csv': a column without a name"},
        {{{"x", FAC_FLOAT64, NULL}}, 1, FAC_ERR_VALUE, "cannot write 'r.csv': column 'x' has no data"},
        {{{"x", FAC_INT64, y}}, 1, FAC_ERR_TYPE, "cannot write 'r.csv': column 'x' is neither float32 nor float64"},
        {{{"\xe9", FAC_FLOAT64, y}},
         1,
         FAC_ERR_VALUE,
         "cannot write 'r.csv': column '\\xe9' has a name that is not UTF-8"},
        {{{"x", FAC_FLOAT64, y}, {"x", FAC_FLOAT64, y}},
         2,
         FAC_ERR_VALUE,
         "cannot write 'r.csv': column 'x' is there twice"},
        {{{"1", FAC_FLOAT64, y}, {"inf", FAC_FLOAT64, y}},
         2,
         FAC_ERR_VALUE,
         "cannot write 'r.csv': column '1' and all others have numbers for names"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(fac_csv_write("r.csv", rows[i].columns, rows[i].cols, 1), rows[i].status);
        assert_int_equal(fac_error_status(), rows[i].status);
        assert_string_equal(fac_last_error(), rows[i].message);
        assert_int_equal(access("r.csv", F_OK), -1);
    }
}

/* Under a locale with decimal commas, if the system has one, files are the same. */
static void the_locale_changes_nothing(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "pt_BR.UTF-8"};
    bool found = false;
    for (size_t i = 0; i < COUNT(locales) && !found; i++)
        found = setlocale(LC_ALL, locales[i]) != NULL;
    if (!found)
        skip();
    writes_a_table(state);
    reads_tables(state);
    setlocale(LC_ALL, "C");
}

/* Memory in proportion to the file, and no more. */
static void bombs_are_harmless(void **state)
{
    (void)state;
    enum { SIZE = 1000000 };
    static const char *const pieces[] = {",",  "1,",   "\n", "1\n",  "a,",  "\"\",",
                                         "\"", "\"\"", " ",  "\r\n", "a\n", ",\n"};
    char *text = malloc(SIZE);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        size_t length = strlen(pieces[i]);
        for (size_t at = 0; at + length <= SIZE; at += length)
            memcpy(text + at, pieces[i], length);
        fac_csv *csv;
        int64_t before = support_memory.peak_bytes = support_memory.live_bytes;
        if (!fac_csv_parse(text, SIZE - SIZE % length, "t.csv", &csv))
            fac_csv_free(csv);
        assert_true((int)fac_error_status() >= 0);
        assert_true(support_memory.peak_bytes - before <= 4096 + 20 * (int64_t)SIZE);
    }
    free(text);
}

static const char program_table[] = "x,y\n1,2\n3,4\n";

static fac_status read_program(void *ctx)
{
    fac_csv *csv;
    FAC_TRY(fac_csv_read(ctx, &csv));
    fac_csv_free(csv);
    return FAC_OK;
}

static fac_status write_program(void *ctx)
{
    static const double y[] = {1, 3, 2, 4};
    const fac_csv_column columns[] = {{"x", FAC_FLOAT64, y}, {"y", FAC_FLOAT64, y + 2}};
    return fac_csv_write(ctx, columns, 2, 2);
}

static void every_allocation_fails_in_turn(void **state)
{
    (void)state;
    char path[] = "t.csv";
    support_put(path, program_table, sizeof program_table - 1);
    assert_int_equal(support_alloc_fail_each(read_program, path), 6);
    assert_int_equal(support_alloc_fail_each(write_program, path), 2);
    assert_int_equal(support_folder_empty(), 1);
}

static void every_call_fails_in_turn(void **state)
{
    (void)state;
    char path[] = "t.csv";
    bool reached = true;
    for (int n = 1; reached; n++)
        for (int forever = 0; forever < 2; forever++) {
            support_put(path, "old", 3);
            support_files_fail_at(n, forever, ENOSPC, NULL);
            fac_status status = write_program(path);
            reached = support_files.count >= n;
            bool renamed = support_files.renamed;
            support_files_fail_at(n, forever, EIO, NULL);
            fac_status read_status = read_program(path);
            support_files_fail_at(0, false, 0, NULL);
            assert_int_equal(fac_error_status() != FAC_OK, status || read_status);
            assert_true(status == FAC_ERR_IO || (status == FAC_OK && renamed));
            size_t size;
            char *text = support_get(path, &size);
            assert_true(!strcmp(text, renamed ? "x,y\n1.0,2.0\n3.0,4.0\n" : "old"));
            free(text);
            assert_int_equal(support_files.open_files, 0);
        }
}

static int setup(void **state)
{
    (void)state;
    support_folder_make();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    support_files_fail_at(0, false, 0, NULL);
    support_folder_remove();
    assert_int_equal(support_files.open_files, 0);
    return (int)fac_error_status();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    support_alloc_install();
    support_files_install();
    const struct CMUnitTest tests[] = {
        CASE(reads_tables),
        CASE(reads_not_a_number),
        CASE(finds_columns),
        CASE(refuses_malformed_tables),
        CASE(cuts_long_fields_in_messages),
        CASE(tells_what_the_file_lacks),
        CASE(writes_a_table),
        CASE(what_is_written_is_read),
        CASE(writes_a_single_nameless_column),
        CASE(what_could_not_be_read_is_not_written),
        CASE(the_locale_changes_nothing),
        CASE(bombs_are_harmless),
        CASE(every_allocation_fails_in_turn),
        CASE(every_call_fails_in_turn),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
