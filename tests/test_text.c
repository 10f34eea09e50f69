/* SPDX-License-Identifier: MIT */
/* Numbers as text: golden/text.txt replayed in the "C" locale and in ones whose decimal point is "," or two bytes. */
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "support_alloc.h"
#include "support_locale.h"

enum { LINE_MAX_BYTES = 8192 };

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return value;
}

static void check_repr(char kind, const char *bits, const char *expected)
{
    char text[FAC_NUMBER_MAX];
    uint64_t pattern = strtoull(bits, NULL, 16);
    size_t length = kind == 'd' ? fac_repr_double(text, double_of(pattern)) : fac_repr_float(text, float_of(pattern));
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void check_format(char kind, const char *bits, const char *precision, const char *expected)
{
    char text[LINE_MAX_BYTES];
    double value = double_of(strtoull(bits, NULL, 16));
    size_t (*format)(char *, size_t, double, int) = kind == 'f' ? fac_format_fixed : fac_format_scientific;
    size_t length = format(text, sizeof text, value, atoi(precision));
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void check_parse(const char *text, const char *expected)
{
    double value = 12345, wanted;
    bool good = fac_parse_double(text, text + strlen(text), &value);
    if (!strcmp(expected, "bad")) {
        if (good || value != 12345)
            fail_msg("'%s' was read", text);
        return;
    }
    wanted = double_of(strtoull(expected, NULL, 16));
    if (!good || (isnan(wanted) ? !isnan(value) : value != wanted) || !signbit(value) != !signbit(wanted))
        fail_msg("'%s' was read wrong", text);
}

static void check_parse_int(const char *text, const char *expected)
{
    int64_t value = 12345;
    bool good = fac_parse_int(text, text + strlen(text), &value);
    if (good != (strcmp(expected, "bad") != 0) || value != (good ? strtoll(expected, NULL, 10) : 12345))
        fail_msg("'%s' was read wrong", text);
}

static bool check_line(char *line)
{
    char *field[4] = {0}, *rest = NULL;
    int count = 0;
    if (line[0] == '#')
        return false;
    for (char *at = strtok_r(line, " \n", &rest); at && count < 4; at = strtok_r(NULL, " \n", &rest))
        field[count++] = at;
    char kind = field[0][0];
    assert_int_equal(count, kind == 'f' || kind == 'e' ? 4 : 3);
    if (kind == 'd' || kind == 's')
        check_repr(kind, field[1], field[2]);
    else if (kind == 'f' || kind == 'e')
        check_format(kind, field[1], field[2], field[3]);
    else if (kind == 'p')
        check_parse(field[1], field[2]);
    else
        check_parse_int(field[1], field[2]);
    return true;
}

static void replay(void)
{
    static char line[LINE_MAX_BYTES];
    const char *path = getenv("FAC_GOLDEN_TEXT") ? getenv("FAC_GOLDEN_TEXT") : FAC_GOLDEN_DIR "/text.txt";
    FILE *file = fopen(path, "r");
    int checked = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        checked += check_line(line);
    fclose(file);
    assert_true(checked > 500);
}

static void test_golden(void **state)
{
    (void)state;
    replay();
}

static void replay_with_point(const char *point)
{
    if (!support_locale_set(point))
        skip(); /* not glibc */
    replay();
    assert_string_equal(localeconv()->decimal_point, point);
    setlocale(LC_ALL, "C");
}

static void test_comma_locale(void **state)
{
    (void)state;
    replay_with_point(",");
}

static void test_two_byte_locale(void **state)
{
    (void)state;
    replay_with_point("\xd9\xab");
}

static void test_format_fills_what_there_is(void **state)
{
    (void)state;
    char text[4] = "xyz";
    assert_int_equal(fac_format_fixed(NULL, 0, 1234.5, 2), 7);
    assert_int_equal(fac_format_fixed(text, 0, 1234.5, 2), 7);
    assert_string_equal(text, "xyz");
    assert_int_equal(fac_format_fixed(text, sizeof text, 1234.5, 2), 7);
    assert_string_equal(text, "123");
    assert_int_equal(fac_format_scientific(text, sizeof text, -INFINITY, 2), 4);
    assert_string_equal(text, "-in");
    assert_int_equal(fac_format_fixed(NULL, 0, 0.1, 2000000), 2000002);
}

static void test_negative_precision_is_six(void **state)
{
    (void)state;
    char text[32];
    fac_format_fixed(text, sizeof text, 0.5, -1);
    assert_string_equal(text, "0.500000");
}

static void check_digits(double value, bool single, const char *expected, int expected_exponent)
{
    char digits[FAC_NUMBER_MAX];
    int exponent;
    assert_int_equal(fac_shortest_digits(digits, &exponent, value, single), strlen(expected));
    assert_string_equal(digits, expected);
    assert_int_equal(exponent, expected_exponent);
}

static void test_shortest_digits(void **state)
{
    (void)state;
    check_digits(0.0, false, "0", 1);
    check_digits(-0.1, false, "1", 0);
    check_digits((double)0.1f, true, "1", 0);
    check_digits((double)0.1f, false, "10000000149011612", 0);
    check_digits(123.25, false, "12325", 3);
    check_digits(5e-324, false, "5", -323);
    check_digits(0x1p-44, false, "5684341886080802", -13); /* the nearest 16 digits, ...801, do not read back */
}

static void test_round_digits(void **state)
{
    (void)state;
    char digits[FAC_NUMBER_MAX];
    int exponent;
    assert_false(fac_round_digits(digits, &exponent, 1.0 / 3, 5, false));
    assert_string_equal(digits, "33333");
    assert_true(fac_round_digits(digits, &exponent, 0.5, 3, false));
    assert_string_equal(digits, "500");
    assert_false(fac_round_digits(digits, &exponent, 9.996, 3, false));
    assert_string_equal(digits, "100");
    assert_int_equal(exponent, 2);
}

static void test_parse_stops_at_end(void **state)
{
    (void)state;
    const char *text = "12.5,7";
    double value;
    int64_t whole;
    assert_true(fac_parse_double(text, text + 4, &value));
    assert_true(value == 12.5);
    assert_false(fac_parse_double(text, text + 5, &value));
    assert_false(fac_parse_double(text, text, &value));
    assert_true(fac_parse_int(text, text + 2, &whole));
    assert_int_equal(whole, 12);
    assert_false(fac_parse_int(text, text, &whole));
}

static void test_text_grows(void **state)
{
    (void)state;
    fac_text text = {0};
    fac_text_append(&text, "", 0);
    fac_text_add(&text, "%s", "");
    assert_string_equal(text.data, "");
    for (int i = 0; i < 1000; i++)
        fac_text_add(&text, "%d,", i % 10);
    fac_text_pad(&text, ' ', 3);
    fac_text_append(&text, "end\0mark", 8);
    assert_false(text.failed);
    assert_int_equal(text.length, 2011);
    assert_memory_equal(text.data, "0,1,2,3,4,5,6,7,8,9,0,", 22);
    assert_memory_equal(text.data + 1998, "9,   end\0mark", 14);
    assert_true(text.capacity > text.length);
    fac_text_free(&text);
    assert_null(text.data);
}

static fac_status write_some(void *ctx)
{
    (void)ctx;
    fac_text text = {0};
    fac_text_add(&text, "%s (%d)", "Linear", 10);
    fac_text_pad(&text, '-', 100);
    fac_text_append(&text, "abc", 3);
    bool failed = text.failed;
    fac_text_free(&text);
    return failed ? FAC_ERR_MEMORY : FAC_OK;
}

static void test_text_fails_cleanly(void **state)
{
    (void)state;
    assert_true(support_alloc_fail_each(write_some, NULL) >= 2);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_comma_locale),
        cmocka_unit_test(test_two_byte_locale),
        cmocka_unit_test(test_format_fills_what_there_is),
        cmocka_unit_test(test_negative_precision_is_six),
        cmocka_unit_test(test_shortest_digits),
        cmocka_unit_test(test_round_digits),
        cmocka_unit_test(test_parse_stops_at_end),
        cmocka_unit_test(test_text_grows),
        cmocka_unit_test(test_text_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
