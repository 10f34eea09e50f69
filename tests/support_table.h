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
/* static const table_case table[] = the rows of CASES(X) */
#define TABLE(CASES) CASES(TABLE_FUNCTION) static const table_case table[] = {CASES(TABLE_ROW)};

static inline void table_check(const golden *file, const table_case *row, bool draws)
{
    FAC_SCOPE;
    fac_manual_seed(TABLE_SEED);
    fac_tensor *made = row->make();
    if (!made)
        fail_msg("%s: %s", row->name, fac_last_error());
    assert_close_as(made, golden_part(file, row->name, "out", 0), 0, row->name);
    assert_true(fac_is_contiguous(made) || made->is_view);
    if (draws)
        assert_close_as(fac_rand(3), golden_part(file, row->name, "next", -1), 0, row->name);
}

/* Every row, and every case that the file has. */
static inline void table_run(const char *name, const table_case *table, size_t rows, bool draws)
{
    golden *file = golden_open(name);
    for (size_t i = 0; i < rows; i++)
        table_check(file, table + i, draws);
    assert_int_equal(rows + 1, file->metadata_count); /* the other one is torch.__version__ */
    golden_close(file);
    fac_scope_reset();
    assert_int_equal(fac_live_tensors(), 0);
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
