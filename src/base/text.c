/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* A double has at most 1074 decimals and 767 significant digits: printf is never asked for more, zeros follow. */
enum { MAX_DECIMALS = 1074, MAX_SIGNIFICANT = 767, FORMAT_MAX = 1 + DBL_MAX_10_EXP + 1 + 16 + MAX_DECIMALS + 1 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *non_finite(double value)
{
    return isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
}

/* Where the host's locale put its decimal point, of one byte or several, puts '.'. Returns the length. */
static size_t set_point(char *number)
{
    char *at = number + (number[0] == '-');
    while (is_digit(*at))
        at++;
    if (*at == '\0' || *at == 'e')
        return strlen(number);
    char *decimals = at;
    while (!is_digit(*decimals))
        decimals++;
    *at++ = '.';
    memmove(at, decimals, strlen(decimals) + 1);
    return strlen(number);
}

/* What snprintf writes to: keeps what fits, counts all. */
typedef struct sink {
    char *out;
    size_t size, length;
} sink;

static void put(sink *to, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++, to->length++)
        if (to->length + 1 < to->size)
            to->out[to->length] = data[i];
}

static size_t put_end(sink *to)
{
    if (to->size)
        to->out[to->length < to->size ? to->length : to->size - 1] = '\0';
    return to->length;
}

static size_t format_double(char *out, size_t size, double value, int precision, bool scientific)
{
    char body[FORMAT_MAX];
    sink to = {out, size, 0};
    int most = scientific ? MAX_SIGNIFICANT - 1 : MAX_DECIMALS;
    if (!isfinite(value)) {
        put(&to, non_finite(value), strlen(non_finite(value)));
        return put_end(&to);
    }
    if (precision < 0)
        precision = 6; /* as if not given: C's rule */
    snprintf(body, sizeof body, scientific ? "%.*e" : "%.*f", precision < most ? precision : most, value);
    size_t length = set_point(body);
    const char *tail = scientific ? strchr(body, 'e') : body + length;
    put(&to, body, (size_t)(tail - body));
    for (int i = most; i < precision; i++)
        put(&to, "0", 1);
    put(&to, tail, strlen(tail));
    return put_end(&to);
}

size_t fac_format_fixed(char *out, size_t size, double value, int precision)
{
    return format_double(out, size, value, precision, false);
}

size_t fac_format_scientific(char *out, size_t size, double value, int precision)
{
    return format_double(out, size, value, precision, true);
}

/* The `count` digits nearest to |value|. */
static void nearest_digits(char *digits, int *exponent, double value, int count)
{
    char text[FAC_NUMBER_MAX];
    fac_format_scientific(text, sizeof text, fabs(value), count - 1);
    char *tail = strchr(text, 'e');
    int n = 0;
    for (const char *at = text; at < tail; at++)
        if (is_digit(*at))
            digits[n++] = *at;
    digits[n] = '\0';
    *exponent = (int)strtol(tail + 1, NULL, 10) + 1;
}

/* strtod is asked without a decimal point, which is the locale's: 0.1 is 1e-1. */
static bool reads_back(const char *digits, int exponent, double value, bool single)
{
    char text[FAC_NUMBER_MAX + 16];
    snprintf(text, sizeof text, "%se%d", digits, exponent - (int)strlen(digits));
    if (single)
        return strtof(text, NULL) == (float)fabs(value);
    return strtod(text, NULL) == fabs(value);
}

/* The next number of as many digits. */
static void increment(char *digits, int *exponent)
{
    size_t i = strlen(digits);
    while (i > 0 && digits[i - 1] == '9')
        digits[--i] = '0';
    if (i > 0) {
        digits[i - 1]++;
        return;
    }
    digits[0] = '1'; /* 99 became 00, is 100 */
    ++*exponent;
}

/* Below a power of two the numbers lie twice as dense as above it, so that the digits just above it can read back where
 * the nearest ones, just below it, do not. */
bool fac_round_digits(char out[FAC_NUMBER_MAX], int *exponent, double value, int count, bool single)
{
    int unused;
    nearest_digits(out, exponent, value, count);
    if (reads_back(out, *exponent, value, single))
        return true;
    if (frexp(fabs(value), &unused) != 0.5)
        return false;
    increment(out, exponent);
    if (reads_back(out, *exponent, value, single))
        return true;
    nearest_digits(out, exponent, value, count);
    return false;
}

/* As many digits (DBL_DIG, FLT_DIG) as survive text -> number -> text hold any shorter ones, followed by zeros. That is
 * so for normal numbers only. */
static int fewest_digits(double value, bool single)
{
    if (fabs(value) < (single ? (double)FLT_MIN : DBL_MIN))
        return 1;
    return single ? FLT_DIG : DBL_DIG;
}

size_t fac_shortest_digits(char out[FAC_NUMBER_MAX], int *exponent, double value, bool single)
{
    if (single)
        value = (double)(float)value;
    if (value == 0) {
        strcpy(out, "0");
        *exponent = 1;
        return 1;
    }
    int count = fewest_digits(value, single);
    while (!fac_round_digits(out, exponent, value, count, single) && count < DBL_DECIMAL_DIG)
        count++;
    while (count > 1 && out[count - 1] == '0')
        count--;
    out[count] = '\0';
    return (size_t)count;
}

static void put_zeros(sink *to, int count)
{
    for (; count > 0; count--)
        put(to, "0", 1);
}

/* 0.DIGITS * 10^exponent as 123.0, 1.5, 0.00015 */
static void put_positional(sink *to, const char *digits, int count, int exponent)
{
    int whole = exponent < 0 ? 0 : exponent < count ? exponent : count;
    put(to, digits, (size_t)whole);
    put_zeros(to, exponent > 0 ? exponent - count : 1);
    put(to, ".", 1);
    put_zeros(to, exponent < count ? -exponent : 1);
    put(to, digits + whole, (size_t)(count - whole));
}

/* The same as 1e-05, 1.5e+16 */
static void put_exponential(sink *to, const char *digits, int count, int exponent)
{
    char tail[FAC_NUMBER_MAX];
    put(to, digits, 1);
    if (count > 1)
        put(to, ".", 1);
    put(to, digits + 1, (size_t)(count - 1));
    put(to, tail, (size_t)snprintf(tail, sizeof tail, "e%c%02d", exponent > 0 ? '+' : '-', abs(exponent - 1)));
}

static size_t repr(char out[FAC_NUMBER_MAX], double value, bool single)
{
    char digits[FAC_NUMBER_MAX];
    int exponent;
    sink to = {out, FAC_NUMBER_MAX, 0};
    if (!isfinite(value)) {
        strcpy(out, non_finite(value));
        return strlen(out);
    }
    int count = (int)fac_shortest_digits(digits, &exponent, value, single);
    if (signbit(value))
        put(&to, "-", 1);
    if (exponent > -4 && exponent <= 16) /* Python's bounds: 0.0001 and 1e16 */
        put_positional(&to, digits, count, exponent);
    else
        put_exponential(&to, digits, count, exponent);
    return put_end(&to);
}

size_t fac_repr_double(char out[FAC_NUMBER_MAX], double value)
{
    return repr(out, value, false);
}

size_t fac_repr_float(char out[FAC_NUMBER_MAX], float value)
{
    return repr(out, (double)value, true);
}

/* A decimal as it is read: digits * 10^exponent. Half way between two doubles there is no decimal of more digits than
 * KEPT, so that of the rest only whether it is zero matters. */
enum { KEPT = MAX_SIGNIFICANT + 1 };
typedef struct decimal {
    char digits[KEPT + 1 + FAC_NUMBER_MAX]; /* room for a digit for the rest, and for "e-99999" */
    size_t count;
    int64_t exponent;
    bool any, rest;
} decimal;

static const char *take_digits(decimal *number, const char *at, const char *end, bool fraction)
{
    for (; at < end && is_digit(*at); at++) {
        number->any = true;
        if (number->count < KEPT) {
            number->exponent -= fraction;
            if (number->count || *at != '0')
                number->digits[number->count++] = *at;
        } else {
            number->exponent += !fraction;
            number->rest |= *at != '0';
        }
    }
    return at;
}

static bool take_sign(const char **at, const char *end)
{
    bool negative = *at < end && **at == '-';
    if (*at < end && (**at == '-' || **at == '+'))
        ++*at;
    return negative;
}

/* The digits of [at, end), all of it, as an exponent; stops counting where any double is 0 or infinite. */
static bool take_exponent(decimal *number, const char *at, const char *end)
{
    const int64_t enough = 100000000000000000;
    int64_t exponent = 0;
    bool negative = take_sign(&at, end);
    if (at == end)
        return false;
    for (; at < end && is_digit(*at); at++)
        if (exponent < enough)
            exponent = exponent * 10 + (*at - '0');
    number->exponent += negative ? -exponent : exponent;
    return at == end;
}

static double decimal_value(decimal *number)
{
    const int64_t enough = 99999;
    if (number->count == 0)
        return 0;
    if (number->rest) {
        number->digits[number->count++] = '1';
        number->exponent--;
    }
    int64_t exponent = number->exponent;
    exponent = exponent > enough ? enough : exponent < -enough ? -enough : exponent;
    snprintf(number->digits + number->count, FAC_NUMBER_MAX, "e%d", (int)exponent);
    return strtod(number->digits, NULL);
}

static bool parse_decimal(const char *at, const char *end, double *value)
{
    decimal number;
    number.count = 0;
    number.exponent = 0;
    number.any = number.rest = false;
    at = take_digits(&number, at, end, false);
    if (at < end && *at == '.')
        at = take_digits(&number, at + 1, end, true);
    if (!number.any)
        return false;
    if (at < end && ((*at != 'e' && *at != 'E') || !take_exponent(&number, at + 1, end)))
        return false;
    *value = decimal_value(&number);
    return true;
}

static bool is_word(const char *at, const char *end, const char *word)
{
    for (; at < end && *word; at++, word++)
        if (*at != *word && *at != *word - 'a' + 'A')
            return false;
    return at == end && !*word;
}

bool fac_parse_double(const char *text, const char *end, double *value)
{
    bool negative = take_sign(&text, end);
    double magnitude;
    if (is_word(text, end, "nan"))
        magnitude = NAN;
    else if (is_word(text, end, "inf") || is_word(text, end, "infinity"))
        magnitude = INFINITY;
    else if (!parse_decimal(text, end, &magnitude))
        return false;
    *value = negative ? -magnitude : magnitude;
    return true;
}

bool fac_parse_int(const char *text, const char *end, int64_t *value)
{
    int sign = take_sign(&text, end) ? -1 : 1;
    int64_t total = 0;
    if (text == end)
        return false;
    for (; text < end; text++)
        if (!is_digit(*text) || __builtin_mul_overflow(total, 10, &total) ||
            __builtin_add_overflow(total, sign * (*text - '0'), &total))
            return false;
    *value = total;
    return true;
}

/* Room for `more` bytes and the NUL. */
static bool make_room(fac_text *text, size_t more)
{
    size_t needed;
    if (text->failed)
        return false;
    if (__builtin_add_overflow(text->length, more, &needed) || __builtin_add_overflow(needed, 1, &needed))
        text->failed = fac_fail_memory(SIZE_MAX) != FAC_OK;
    else
        text->failed = fac_grow(&text->data, &text->capacity, needed, 1) != FAC_OK;
    return !text->failed;
}

void fac_text_append(fac_text *text, const char *data, size_t length)
{
    if (length == 0 || !make_room(text, length))
        return;
    memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void fac_text_pad(fac_text *text, char c, size_t count)
{
    if (!make_room(text, count))
        return;
    memset(text->data + text->length, c, count);
    text->length += count;
    text->data[text->length] = '\0';
}

void fac_text_add(fac_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (!make_room(text, length < 0 ? SIZE_MAX : (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void fac_text_free(fac_text *text)
{
    fac_dealloc(text->data, text->capacity);
    *text = (fac_text){0};
}
