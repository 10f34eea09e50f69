/* SPDX-License-Identifier: MIT */
/* Cases that are an expression each, the golden file having PyTorch's result under the same name, case.out0. Compared
 * to the last bit. With draws each starts from the same seed, and what is drawn next must agree, too: case.next. */
#ifndef TESTS_SUPPORT_TABLE_H
#define TESTS_SUPPORT_TABLE_H

#include "facula/ops.h"
#include "support_golden.h"

enum { TABLE_SEED = 11 };

typedef struct table_case {
    const char *name;
    fac_tensor *(*make)(void);
} table_case;

#define TABLE_FUNCTION(name, expression) \
    static fac_tensor *make_##name(void) \
    {                                    \
        return expression;               \
    }
#define TABLE_ROW(name, expression) {#name, make_##name},
/* table_case table[]: the rows of CASES(X) and one without a name */
#define TABLE(table, CASES) CASES(TABLE_FUNCTION) static table_case table[] = {CASES(TABLE_ROW){NULL, NULL}};

static inline void table_check(const golden *file, const table_case *row, bool draws, int64_t k)
{
    FAC_SCOPE;
    fac_manual_seed(TABLE_SEED);
    fac_tensor *made = row->make();
    if (!made)
        fail_msg("%s: %s", row->name, fac_last_error());
    assert_close_as(made, golden_part(file, row->name, "out", 0), k, row->name);
    if (draws)
        assert_close_as(fac_rand(3), golden_part(file, row->name, "next", -1), 0, row->name);
}

/* Every row, and every case that the file has; k as in support_golden.h: 0 is to the last bit. */
static inline void table_run(const char *name, const table_case *table, bool draws, int64_t k)
{
    golden *file = golden_open(name);
    size_t rows = 0;
    for (; table[rows].name; rows++)
        table_check(file, table + rows, draws, k);
    assert_int_equal(rows + 1, file->metadata_count); /* the other one is torch.__version__ */
    golden_close(file);
    fac_scope_reset();
    assert_int_equal(fac_live_tensors(), 0);
}

/* All rows as a program of support_alloc_fail_each: ctx is the table, up to a row without a name. */
static inline fac_status table_program(void *ctx)
{
    for (const table_case *row = ctx; row->name; row++) {
        FAC_SCOPE;
        if (!row->make())
            return fac_error_status();
    }
    return FAC_OK;
}

/* The expression gives NULL and an error of that status whose message has the text in it. */
static inline void assert_fails_(bool failed, fac_status status, const char *text, const char *expression,
                                 const char *file, int line)
{
    fac_status got = fac_error_status();
    if (failed && got == status && strstr(fac_last_error(), text))
        return;
    print_error("%s: status %d, expected %d with \"%s\", got \"%s\"\n", expression, (int)got, (int)status, text,
                fac_last_error());
    _fail(file, line);
}
#define assert_fails(expression, status, text) \
    assert_fails_(!(expression), status, text, #expression, __FILE__, __LINE__)

#endif
