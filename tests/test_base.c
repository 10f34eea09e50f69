/* SPDX-License-Identifier: MIT */
/* Errors, warnings, memory, handles, scopes. */
#define _POSIX_C_SOURCE 200809L
#include "facula/base.h"

#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/pool.h"
#include "facula/autograd.h"
#include "facula/ops.h"
#include "support_alloc.h"

#define one() fac_ones(2)

static void statuses(void **state)
{
    (void)state;
    assert_string_equal(fac_status_name(FAC_OK), "ok");
    assert_string_equal(fac_status_name(FAC_ERR_VALUE), "value error");
    assert_string_equal(fac_status_name(FAC_ERR_STOPPED), "stopped");
    for (int a = 0; a <= FAC_ERR_STOPPED; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(fac_status_name((fac_status)a), fac_status_name((fac_status)b));
    assert_string_equal(fac_status_name((fac_status)1000), "unknown status");
    assert_string_equal(fac_status_name((fac_status)-1), "unknown status");
    assert_int_equal(FAC_OK, 0);
}

static void errors_stay_pending(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_int_equal(fac_error_status(), FAC_OK);
    assert_null(fac_add(one(), fac_ones(3)));
    assert_int_equal(fac_pending(), FAC_ERR_VALUE);
    assert_non_null(one()); /* an unrelated call works, and does not hide the error */
    assert_int_equal(fac_pending(), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_OK);
    assert_non_null(strstr(fac_last_error(), "add: shapes (2,) and (3,)")); /* the text stays */
}

/* A chain of calls needs one check: the first error is the one reported. */
static void the_root_cause_stays(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *y = fac_relu(fac_mul(fac_add(one(), fac_ones(3)), fac_zeros(-1)));
    assert_null(y);
    assert_non_null(strstr(fac_last_error(), "add: shapes"));
    assert_int_equal(fac_backward(y), FAC_ERR_VALUE); /* an action returns it ... */
    assert_non_null(strstr(fac_last_error(), "add: shapes"));
    assert_int_equal(fac_pending(), FAC_OK); /* ... and clears the mark */
    assert_null(fac_relu(y));                /* NULL with nothing pending starts the error itself */
    assert_string_equal(fac_last_error(), "relu: input is NULL");
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
}

static void actions_clear_the_mark(void **state)
{
    (void)state;
    FAC_SCOPE;
    double out[2];
    fac_tensor *x = one(), *slot = NULL;
    const fac_status got[] = {
        (fac_zeros(-1), fac_touched(x)),
        (fac_zeros(-1), fac_copy_out(x, out, 2)),
        (fac_zeros(-1), fac_set(&slot, x)),
        (fac_zeros(-1), fac_backward(x)),
        (fac_zeros(-1), fac_set_grad(x, fac_none)),
        (fac_zeros(-1), fac_set_default_dtype(FAC_FLOAT32)),
        (fac_zeros(-1), fac_grad(FAC_TENSORS(x), FAC_TENSORS(x), &slot)),
    };
    for (size_t i = 0; i < sizeof got / sizeof *got; i++)
        assert_int_equal(got[i], FAC_ERR_VALUE);
    assert_null(slot);
    assert_int_equal(fac_pending(), FAC_OK);
    assert_int_equal(fac_touched(NULL), FAC_ERR_VALUE);
    assert_int_equal(fac_pending(), FAC_OK);
}

static void messages(void **state)
{
    (void)state;
    assert_int_equal(fac_fail(FAC_ERR_KEY, "no '%s' of %d", "x", 3), FAC_ERR_KEY);
    assert_string_equal(fac_last_error(), "no 'x' of 3");
    assert_int_equal(fac_fail(FAC_ERR_VALUE, "another"), FAC_ERR_KEY);
    assert_string_equal(fac_last_error(), "no 'x' of 3");
    assert_int_equal(fac_raise(FAC_ERR_IO, "a user's"), FAC_ERR_KEY);
    assert_int_equal(fac_returned(FAC_ERR_KEY), FAC_ERR_KEY);
    assert_int_equal(fac_raise(FAC_ERR_IO, "no file %s", "a.csv"), FAC_ERR_IO);
    assert_string_equal(fac_last_error(), "no file a.csv");
    assert_int_equal(fac_error_status(), FAC_ERR_IO);
    assert_int_equal(fac_raise(FAC_OK, "an error all the same"), FAC_ERR_RUNTIME);
    fac_clear_pending();
    assert_int_equal(fac_pending(), FAC_OK);
    static char text[5000];
    memset(text, 'a', sizeof text - 1);
    fac_fail(FAC_ERR_VALUE, "%s", text); /* cut, not overrun */
    assert_in_range(strlen(fac_last_error()), 500, 2000);
    fac_clear_pending();
    fac_fail_memory(12345);
    assert_string_equal(fac_last_error(), "out of memory: could not allocate 12345 bytes");
    assert_int_equal(fac_error_status(), FAC_ERR_MEMORY);
}

static void errors_without_memory(void **state)
{
    (void)state;
    fac_trim(); /* the message's buffer, too */
    assert_string_equal(fac_last_error(), "");
    support_alloc_fail_at(1, true);
    assert_int_equal(fac_fail(FAC_ERR_VALUE, "text"), FAC_ERR_MEMORY);
    support_alloc_fail_at(0, false);
    assert_string_equal(fac_last_error(), "out of memory");
    assert_int_equal(fac_error_status(), FAC_ERR_MEMORY);
    fac_fail(FAC_ERR_VALUE, "text");
    assert_string_equal(fac_last_error(), "text");
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
}

static int warnings;
static char warned[200];
static void note_warning(const char *message, void *ctx)
{
    warnings++;
    assert_ptr_equal(ctx, &warnings);
    snprintf(warned, sizeof warned, "%s", message);
}

static void warnings_go_to_the_caller(void **state)
{
    (void)state;
    fac_warn("nobody hears %d", 1);
    assert_string_equal(fac_last_warning(), "nobody hears 1");
    fac_on_warning(note_warning, &warnings);
    for (int i = 0; i < 3; i++)
        FAC_WARN_ONCE("site %d", i);
    assert_int_equal(warnings, 1);
    assert_string_equal(warned, "site 0");
    FAC_WARN_ONCE("another site");
    assert_int_equal(warnings, 2);
    assert_string_equal(fac_last_warning(), "another site");
    fac_on_warning(NULL, NULL);
    fac_warn("nobody");
    assert_int_equal(warnings, 2);
    assert_int_equal(fac_pending(), FAC_OK);
}

static void the_allocator(void **state)
{
    (void)state;
    const fac_allocator half = {.malloc = support_malloc},
                        whole = {support_malloc, support_realloc, support_free, NULL};
    assert_int_equal(fac_set_allocator(&half), FAC_ERR_VALUE);
    assert_int_equal(fac_set_allocator(NULL), FAC_ERR_VALUE);
    FAC_SCOPE;
    one();
    assert_int_equal(fac_set_allocator(&whole), FAC_ERR_RUNTIME);
    assert_non_null(strstr(fac_last_error(), "before the first use"));
    assert_int_equal(fac_pending(), FAC_OK);
}

static void memory(void **state)
{
    (void)state;
    fac_trim();
    int64_t bytes = support_memory.live_bytes;
    void *empty = fac_alloc(0);
    assert_non_null(empty);
    fac_dealloc(empty, 0);
    fac_dealloc(NULL, 5);
    unsigned char *zeroed = fac_alloc_zeroed(100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zeroed[i], 0);
    zeroed[99] = 7;
    zeroed = fac_realloc(zeroed, 100, 1000);
    assert_int_equal(zeroed[99], 7);
    support_alloc_fail_at(1, false);
    assert_null(fac_realloc(zeroed, 1000, 2000));
    support_alloc_fail_at(0, false);
    assert_int_equal(fac_error_status(), FAC_ERR_MEMORY);
    assert_int_equal(zeroed[99], 7); /* kept */
    fac_dealloc(zeroed, 1000);
    assert_null(fac_alloc(SIZE_MAX));
    assert_null(fac_alloc((size_t)PTRDIFF_MAX + 1));
    assert_int_equal(fac_error_status(), FAC_ERR_MEMORY);
    int64_t product;
    assert_true(fac_size_mul(1LL << 31, 1LL << 31, &product));
    assert_int_equal(product, 1LL << 62);
    assert_false(fac_size_mul(1LL << 32, 1LL << 31, &product));
    int *items = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(fac_grow(&items, &capacity, i + 1, sizeof *items), FAC_OK);
        items[i] = (int)i;
    }
    assert_in_range(capacity, 1000, 2000);
    assert_int_equal(fac_grow(&items, &capacity, SIZE_MAX / 2, sizeof *items), FAC_ERR_MEMORY);
    assert_int_equal(fac_error_status(), FAC_ERR_MEMORY);
    assert_int_equal(items[999], 999);
    fac_dealloc(items, capacity * sizeof *items);
    fac_trim();
    assert_int_equal(support_memory.live_bytes, bytes);
}

/* Blocks of every class: aligned, apart, and back with the allocator after fac_trim. */
static void blocks(void **state)
{
    (void)state;
    fac_trim();
    int64_t bytes = support_memory.live_bytes;
    for (size_t size = 1; size < 1 << 18; size = size * 3 / 2 + 1) {
        unsigned char *at[8];
        for (int i = 0; i < 8; i++) {
            at[i] = fac_block_new(size);
            assert_non_null(at[i]);
            assert_int_equal((uintptr_t)at[i] % FAC_ALIGN, 0);
            memset(at[i], i, size);
        }
        for (int i = 0; i < 8; i++) {
            assert_int_equal(at[i][0], i);
            assert_int_equal(at[i][size - 1], i);
            fac_block_free(at[i], size);
        }
    }
    assert_null(fac_block_new(SIZE_MAX - 10));
    assert_int_equal(fac_error_status(), FAC_ERR_MEMORY);
    fac_trim();
    assert_int_equal(support_memory.live_bytes, bytes);
}

static int destroyed;
static void destroy_thing(void *thing)
{
    destroyed++;
    fac_handle_dealloc(thing);
}
static const fac_handle_type thing_type = {"thing", destroy_thing}, other_type = {"other", destroy_thing};

static void handles(void **state)
{
    (void)state;
    int *thing = fac_handle_new(&thing_type, sizeof *thing);
    assert_non_null(thing);
    assert_int_equal(*thing, 0);
    assert_int_equal((uintptr_t)thing % 16, 0);
    assert_int_equal(fac_handle_check(thing, &thing_type, "f", "model"), FAC_OK);
    assert_int_equal(fac_handle_check(thing, &other_type, "f", "model"), FAC_ERR_TYPE);
    assert_string_equal(fac_last_error(), "f: model is not a live other");
    fac_clear_pending();
    assert_int_equal(fac_handle_check(NULL, &thing_type, "f", "model"), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "f: model is NULL");
    fac_clear_pending();
    assert_int_equal(fac_handle_check(fac_none, &thing_type, "f", "model"), FAC_ERR_TYPE);
    assert_string_equal(fac_last_error(), "f: model is None");
    fac_clear_pending();
    assert_ptr_equal(fac_keep(thing), thing);
    fac_free_handle(thing);
    assert_int_equal(destroyed, 0);
    fac_free_handle(thing);
    assert_int_equal(destroyed, 1);
    fac_free_handle(NULL);
    fac_free_handle(fac_none);
    assert_null(fac_keep_handle(NULL));
    assert_ptr_equal(fac_keep_handle(fac_none), fac_none);
}

static void scopes_nest(void **state)
{
    (void)state;
    int64_t before = fac_live_tensors();
    fac_tensor *kept = NULL;
    {
        FAC_SCOPE;
        fac_tensor *a = one();
        {
            FAC_SCOPE;
            fac_tensor *b = fac_add(a, 1);
            kept = fac_keep(fac_add(b, 1));
            assert_true(fac_live_tensors() >= before + 3);
        }
        assert_int_equal(fac_live_tensors(), before + 2);
        assert_int_equal(fac_numel(a), 2); /* the outer one's lives on */
        FAC_SCOPE;                         /* a second one in the same block */
        assert_non_null(one());
    }
    assert_int_equal(fac_live_tensors(), before + 1);
    assert_true(fac_item(fac_sum(kept)) == 6);
    fac_tensor_free(kept);
    fac_scope_reset();
    assert_int_equal(fac_live_tensors(), before);
}

static int leaves_early(int how)
{
    FAC_SCOPE;
    for (int i = 0; i < 3; i++) {
        FAC_SCOPE;
        one();
        if (how == 0)
            return 1;
        if (how == 1)
            break;
        if (how == 2)
            continue;
        if (how == 3)
            goto out;
        one();
    }
    one();
out:
    return 2;
}

static void scopes_end_however_left(void **state)
{
    (void)state;
    int64_t before = fac_live_tensors();
    for (int how = 0; how < 5; how++) {
        assert_int_equal(leaves_early(how), how ? 2 : 1);
        assert_int_equal(fac_live_tensors(), before);
    }
    for (int i = 0; i < 100000; i++) { /* a loop's scope holds one round's */
        FAC_SCOPE;
        one();
        if (i % 1000 == 0)
            assert_int_equal(fac_live_tensors(), before + 1);
    }
    fac_scope scope = fac_scope_open();
    one();
    fac_scope_close(&scope);
    assert_int_equal(fac_live_tensors(), before);
}

static void the_root_scope(void **state)
{
    (void)state;
    fac_scope_reset();
    int64_t before = fac_live_tensors();
    fac_tensor *a = one();
    {
        FAC_SCOPE;
        one();
    }
    assert_int_equal(fac_live_tensors(), before + 1);
    assert_int_equal(fac_numel(a), 2);
    fac_scope_reset();
    assert_int_equal(fac_live_tensors(), before);
    fac_scope_reset();
}

static void use_after_the_scope(void **state)
{
    (void)state;
    fac_tensor *dead;
    {
        FAC_SCOPE;
        dead = one();
    }
    assert_null(fac_relu(dead));
    assert_string_equal(fac_last_error(), "relu: input's scope has ended");
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    assert_int_equal(fac_numel(dead), -1);
    assert_string_equal(fac_last_error(), "numel: input's scope has ended");
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    assert_true(fac_item(dead) != fac_item(dead)); /* NaN */
    assert_int_equal(fac_backward(dead), FAC_ERR_RUNTIME);
    assert_null(fac_data(dead));
    assert_int_equal(fac_touched(dead), FAC_ERR_RUNTIME);
    fac_tensor_free(dead); /* harmless */
    FAC_SCOPE;
    fac_tensor *x = one(), *freed = fac_keep(one());
    assert_null(fac_add(x, dead == x ? NULL : dead));
    assert_int_not_equal(fac_error_status(), FAC_OK);
    fac_tensor_free(freed); /* still the scope's */
    assert_int_equal(fac_numel(freed), 2);
}

static void *thread_program(void *before)
{
    FAC_SCOPE;
    fac_tensor *a = one();
    fac_relu(fac_add(a, fac_ones(3))); /* this thread's error */
    *(int64_t *)before = fac_live_tensors();
    return fac_pending() == FAC_ERR_VALUE && fac_last_error() ? before : NULL;
}

static void *thread_without_scope(void *unused)
{
    for (int i = 0; i < 100; i++)
        one();
    return unused;
}

static void threads_end(void **state)
{
    (void)state;
    int64_t before = fac_live_tensors(), within = 0;
    fac_fail(FAC_ERR_KEY, "mine");
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, thread_program, &within), 0);
    pthread_join(thread, &result);
    assert_ptr_equal(result, &within);
    assert_int_equal(within, before + 2);
    assert_string_equal(fac_last_error(), "mine");
    assert_int_equal(fac_error_status(), FAC_ERR_KEY);
    assert_int_equal(pthread_create(&thread, NULL, thread_without_scope, NULL), 0); /* its root scope ends with it */
    pthread_join(thread, NULL);
    assert_int_equal(fac_live_tensors(), before);
}

static void trim_leaves_nothing(void **state)
{
    (void)state;
    fac_scope_reset();
    fac_trim();
    assert_int_equal(support_memory.live_bytes, 0);
    assert_int_equal(support_memory.live_blocks, 0);
    {
        FAC_SCOPE;
        fac_tensor *x = fac_requires_grad_(fac_ones(100, 100), true);
        assert_int_equal(fac_backward(fac_sum(fac_exp(fac_mul(x, x)))), FAC_OK);
        fac_add(x, fac_ones(3));
        assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
        fac_warn("a warning");
        fac_trim(); /* in a scope what is alive stays so */
        assert_true(fac_item(fac_max(x)) == 1);
    }
    fac_trim();
    assert_int_equal(support_memory.live_bytes, 0);
    assert_int_equal(fac_live_tensors(), 0);
    fac_tensor *kept = fac_keep(one());
    fac_scope_reset();
    fac_trim();
    assert_true(fac_item(fac_sum(kept)) == 2);
    assert_true(support_memory.live_bytes > 0);
    fac_tensor_free(kept);
    fac_scope_reset();
    fac_trim();
    assert_int_equal(support_memory.live_bytes, 0);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses),
        cmocka_unit_test(errors_stay_pending),
        cmocka_unit_test(the_root_cause_stays),
        cmocka_unit_test(actions_clear_the_mark),
        cmocka_unit_test(messages),
        cmocka_unit_test(errors_without_memory),
        cmocka_unit_test(warnings_go_to_the_caller),
        cmocka_unit_test(the_allocator),
        cmocka_unit_test(memory),
        cmocka_unit_test(blocks),
        cmocka_unit_test(handles),
        cmocka_unit_test(scopes_nest),
        cmocka_unit_test(scopes_end_however_left),
        cmocka_unit_test(the_root_scope),
        cmocka_unit_test(use_after_the_scope),
        cmocka_unit_test(threads_end),
        cmocka_unit_test(trim_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
