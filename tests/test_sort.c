/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/sort.h"

static int comparisons;

static int compare_ints(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    comparisons++;
    return (left > right) - (left < right);
}

/* Every sequence of up to 7 digits below 5: all orders, with equal ones among them. */
static void sorts_every_short_sequence(void **state)
{
    (void)state;
    static const int digits[] = {0, 1, 2, 3, 4};
    for (int length = 0, all = 1; length <= 7; length++, all *= 5)
        for (int code = 0; code < all; code++) {
            const void *items[7];
            int counts[5] = {0};
            for (int i = 0, rest = code; i < length; i++, rest /= 5) {
                items[i] = &digits[rest % 5];
                counts[rest % 5]++;
            }
            fac_sort_pointers(items, (size_t)length, compare_ints);
            for (int i = 0, digit = 0; i < length; i++) {
                while (counts[digit] == 0)
                    digit++;
                assert_ptr_equal(items[i], &digits[digit]);
                counts[digit]--;
            }
        }
}

/* No order of the input makes it slow. */
static void takes_n_log_n_comparisons(void **state)
{
    (void)state;
    enum { N = 4096, LOG = 12 };
    static int values[N];
    static const void *items[N];
    for (int kind = 0; kind < 4; kind++) {
        for (int i = 0; i < N; i++) {
            values[i] = kind == 0 ? i : kind == 1 ? N - i : kind == 2 ? 3 : (int)((unsigned)i * 2654435761u >> 16);
            items[i] = &values[i];
        }
        comparisons = 0;
        fac_sort_pointers(items, N, compare_ints);
        assert_true(comparisons <= 2 * N * LOG);
        for (int i = 1; i < N; i++)
            assert_true(*(const int *)items[i - 1] <= *(const int *)items[i]);
    }
}

static void finds_a_string_that_is_there_twice(void **state)
{
    (void)state;
    const void *once[] = {"b", "a", "", "aa", "\xc3\xb6"}, *twice[] = {"b", "a", "c", "a"};
    assert_null(fac_sort_strings(once, 5));
    assert_string_equal(once[0], "");
    assert_string_equal(once[4], "\xc3\xb6");
    assert_string_equal(fac_sort_strings(twice, 4), "a");
    assert_null(fac_sort_strings(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_every_short_sequence),
        cmocka_unit_test(takes_n_log_n_comparisons),
        cmocka_unit_test(finds_a_string_that_is_there_twice),
    };
    return cmocka_run_group_tests_name("sort", tests, NULL, NULL);
}
