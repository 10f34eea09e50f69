/* SPDX-License-Identifier: MIT */
/* What tests of operations share beyond their golden cases: errors, second derivatives, failing allocations. */
#ifndef TESTS_SUPPORT_OPS_H
#define TESTS_SUPPORT_OPS_H

#include "support_alloc.h"
#include "support_cases.h"

static inline void check_error(const void *result, fac_status status, const char *message, const char *file, int line)
{
    fac_status got = fac_error_status();
    if (!result && got == status && !strcmp(fac_last_error(), message))
        return;
    print_error("status %d: %s\nexpected %d: %s\n", (int)got, fac_last_error(), (int)status, message);
    _fail(file, line);
}
/* A call that gave NULL, with that status and message. */
#define assert_error(result, status, message) check_error(result, status, message, __FILE__, __LINE__)

/* The squared length of the gradients of y squared: their gradients are second derivatives. */
static inline fac_tensor *bent(fac_tensor *y, fac_tensor **x, int64_t n)
{
    fac_tensor *grads[CASE_INPUTS], *sum = NULL;
    fac_tensor *length = y ? fac_sum(fac_square(y)) : NULL;
    const fac_tensors ys = {1, &length}, xs = {n, x};
    if (!length || fac_grad(&ys, &xs, grads, .create_graph = true))
        return NULL;
    for (int64_t i = 0; i < n; i++) {
        fac_tensor *part = fac_sum(fac_square(grads[i]));
        sum = sum ? fac_add(sum, part) : part;
    }
    return sum;
}

/* The n-th allocation of program fails, for every n until it succeeds: each time it returns false, nothing leaks, and
 * the error is that of memory. */
static inline void assert_survives(bool (*program)(void))
{
    for (int64_t n = 1;; n++) {
        fac_scope_reset();
        fac_trim();
        const int64_t live = fac_live_tensors();
        support_memory.count = 0;
        support_memory.fail_at = n;
        bool done;
        {
            FAC_SCOPE;
            done = program();
        }
        const bool failed = support_memory.count >= n;
        support_memory.fail_at = 0;
        assert_int_equal(fac_live_tensors(), live);
        if (!failed) {
            assert_true(done);
            assert_true(n > 1);
            return;
        }
        if (!done && !strstr(fac_last_error(), "out of memory"))
            fail_msg("allocation %d of the program failed: %s", (int)n, fac_last_error());
        const fac_status left = fac_error_status();
        assert_true(left == FAC_OK || left == FAC_ERR_MEMORY);
    }
}

#endif
