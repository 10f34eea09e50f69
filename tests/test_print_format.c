/* SPDX-License-Identifier: MIT */
/* Printed arrays: golden/print.txt replayed to the letter. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "support_alloc.h"
#include "text/print_format.h"

enum { LINE_BYTES = 16384, TEXT_BYTES = 1 << 17, VALUES = 64, ELEMENTS = 1 << 16 };

typedef struct golden {
    char header[LINE_BYTES], expected[TEXT_BYTES];
    char printer[8], dtype[16], default_dtype[16], grad_fn[64];
    int requires_grad, ndim;
    int64_t shape[FAC_MAX_DIMS], strides[FAC_MAX_DIMS];
    uint64_t bits[VALUES];
    size_t count;
    uint64_t memory[ELEMENTS];
} golden;

static int dtype_named(const char *name)
{
    for (int dtype = FAC_FLOAT32; dtype < FAC_DTYPES; dtype++)
        if (!strcmp(fac_dtype_name((fac_dtype)dtype), name))
            return dtype;
    return FAC_DEFAULT_DTYPE;
}

static int read_sizes(const char *text, int64_t *sizes)
{
    int count = 0;
    if (!strcmp(text, "-"))
        return 0;
    for (char *end; *text; text = *end ? end + 1 : end) {
        assert_true(count < FAC_MAX_DIMS);
        sizes[count++] = strtoll(text, &end, 10);
    }
    return count;
}

static void read_header(golden *test, const char *line)
{
    char shape[64], strides[64];
    snprintf(test->header, sizeof test->header, "%s", line);
    int fields = sscanf(line, "= %7s %15s %63s %63s %15s %d %63s", test->printer, test->dtype, shape, strides,
                        test->default_dtype, &test->requires_grad, test->grad_fn);
    assert_int_equal(fields, 7);
    test->ndim = read_sizes(shape, test->shape);
    assert_int_equal(read_sizes(strides, test->strides), test->ndim);
    test->count = 0;
    test->expected[0] = '\0';
}

static void read_values(golden *test, const char *text)
{
    for (char *end; *text && *text != '\n'; text = end) {
        assert_true(test->count < VALUES);
        test->bits[test->count++] = strtoull(text, &end, 16);
    }
}

/* Little-endian, as every machine the library runs on. */
static void fill_memory(golden *test, size_t item)
{
    int64_t last = 0;
    for (int d = 0; d < test->ndim; d++)
        last += (test->shape[d] - 1) * test->strides[d];
    for (int64_t i = 0; i <= last; i++)
        memcpy((char *)test->memory + i * (int64_t)item, &test->bits[(size_t)i % test->count], item);
}

static void print_golden(const golden *test, fac_text *text)
{
    fac_array_view view = {test->memory, dtype_named(test->dtype), test->ndim, test->shape, test->strides};
    fac_print_notes notes = {dtype_named(test->default_dtype), test->requires_grad != 0,
                             strcmp(test->grad_fn, "-") != 0 ? test->grad_fn : NULL};
    if (!strcmp(test->printer, "torch"))
        fac_print_torch(text, &view, &notes);
    else
        fac_print_numpy(text, &view);
}

static void check(golden *test)
{
    fac_text text = {0};
    fill_memory(test, fac_dtype_size((fac_dtype)dtype_named(test->dtype)));
    fac_text_add(&text, "before\n"); /* what is there already must not matter */
    print_golden(test, &text);
    assert_false(text.failed);
    fac_text_append(&text, "\n", 1);
    if (strcmp(text.data + strlen("before\n"), test->expected) != 0)
        fail_msg("%sexpected:\n%sgot:\n%s", test->header, test->expected, text.data);
    fac_text_free(&text);
}

static void test_golden(void **state)
{
    (void)state;
    static golden test;
    static char line[LINE_BYTES];
    size_t length = 0, checked = 0;
    const char *path = getenv("FAC_GOLDEN_PRINT") ? getenv("FAC_GOLDEN_PRINT") : FAC_GOLDEN_DIR "/print.txt";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '=' && length) {
            check(&test);
            checked++;
        }
        if (line[0] == '=') {
            read_header(&test, line);
            length = 0;
        } else if (line[0] == ':') {
            read_values(&test, line + 1);
        } else if (line[0] == '>') {
            assert_true(length + strlen(line) < TEXT_BYTES);
            length += (size_t)snprintf(test.expected + length, TEXT_BYTES - length, "%s", line + 2);
        }
    }
    check(&test);
    fclose(file);
    assert_true(checked > 200);
}

static fac_status print_both(void *ctx)
{
    static float values[1200] = {0.5F, 0.25F};
    const int64_t shape[] = {1200}, strides[] = {1};
    fac_array_view view = {values, FAC_FLOAT32, 1, shape, strides};
    fac_print_notes notes = {FAC_FLOAT32, false, "AddBackward0"};
    fac_text text = {0};
    (void)ctx;
    fac_print_torch(&text, &view, &notes);
    fac_print_numpy(&text, &view);
    bool failed = text.failed;
    fac_text_free(&text);
    return failed ? FAC_ERR_MEMORY : FAC_OK;
}

static void test_fails_cleanly(void **state)
{
    (void)state;
    assert_true(support_alloc_fail_each(print_both, NULL) >= 3);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_fails_cleanly)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
