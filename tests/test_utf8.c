/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/utf8.h"

static void knows_utf8(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t length, size; /* of its first character; 0: it is not UTF-8 */
    } rows[] = {
        {"", 0, 0},
        {"a", 1, 1},
        {"\0", 1, 1},
        {"\x7f", 1, 1},
        {"\x80", 1, 0},
        {"\xc1\xbf", 2, 0}, /* overlong */
        {"\xc2\x80", 2, 2},
        {"\xc2", 1, 0},
        {"\xc2\xc0", 2, 0},
        {"\xdf\xbf", 2, 2},
        {"\xe0\x9f\xbf", 3, 0}, /* overlong */
        {"\xe0\xa0\x80", 3, 3},
        {"\xe0\xa0", 2, 0},
        {"\xed\x9f\xbf", 3, 3},
        {"\xed\xa0\x80", 3, 0}, /* surrogates */
        {"\xed\xbf\xbf", 3, 0},
        {"\xee\x80\x80", 3, 3},
        {"\xef\xbf\xbf", 3, 3},
        {"\xf0\x8f\xbf\xbf", 4, 0}, /* overlong */
        {"\xf0\x90\x80\x80", 4, 4},
        {"\xf4\x8f\xbf\xbf", 4, 4},
        {"\xf4\x90\x80\x80", 4, 0}, /* beyond U+10FFFF */
        {"\xf8\x88\x80\x80\x80", 5, 0},
        {"\xff", 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(fac_utf8_next(rows[i].text, rows[i].length), rows[i].size);
        assert_int_equal(fac_utf8_valid(rows[i].text, rows[i].length), rows[i].size || !rows[i].length);
    }
    assert_false(fac_utf8_valid("ab\xff", 3));
    assert_true(fac_utf8_valid("ab\xff", 2));
}

static void shows_text_harmlessly(void **state)
{
    (void)state;
    char out[FAC_SHOWN_MAX];
    assert_string_equal(fac_shown(out, "y_obs", 5), "y_obs");
    assert_string_equal(fac_shown(out, "", 0), "");
    assert_string_equal(fac_shown(out, "\x1b[2J\n\t\0\x7f", 8), "\\x1b[2J\\x0a\\x09\\x00\\x7f");
    assert_string_equal(fac_shown(out,
                                  "Gr\xc3\xb6\xc3\x9f"
                                  "e",
                                  7),
                        "Gr\xc3\xb6\xc3\x9f"
                        "e");
    assert_string_equal(fac_shown(out, "\xff\xc3", 2), "\\xff\\xc3");
    assert_string_equal(fac_shown(out,
                                  "\xc2\x9b"
                                  "2J\xc2\xa0",
                                  6),
                        "\\xc2\\x9b"
                        "2J\xc2\xa0");
}

/* Whatever the text and its length, what is shown fits, is UTF-8 and says when it is cut. */
static void cuts_long_text(void **state)
{
    (void)state;
    const char *const pieces[] = {"a", "\xc3\xb6", "\xe4\xb8\xad", "\xf0\x9f\x94\xa5", "\x1b", "\xc2\x9b", "\xff"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        for (size_t n = 0; n < 200; n++) {
            char text[900] = "", out[FAC_SHOWN_MAX];
            for (size_t j = 0; j < n; j++)
                memcpy(text + strlen(text), pieces[i], strlen(pieces[i]));
            fac_shown(out, text, strlen(text));
            size_t length = strlen(out);
            assert_true(length < FAC_SHOWN_MAX);
            assert_true(fac_utf8_valid(out, length));
            assert_int_equal(n > 95, n > 95 && !strcmp(out + length - 3, "..."));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_utf8),
        cmocka_unit_test(shows_text_harmlessly),
        cmocka_unit_test(cuts_long_text),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
