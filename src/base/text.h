/* SPDX-License-Identifier: MIT */
/* Numbers as text and text as numbers, whatever the host's locale; a growing string. */
#ifndef FAC_BASE_TEXT_H
#define FAC_BASE_TEXT_H

#include "facula/base.h"

enum { FAC_NUMBER_MAX = 40 }; /* bytes that hold any repr, with the NUL */

/* Python's repr(float): the shortest text that reads back as the same double: 1.0, 1e-05, 0.1, inf, nan. */
size_t fac_repr_double(char out[FAC_NUMBER_MAX], double value);
/* The shortest digits that read back as the same float, in the same form (NumPy's repr of a float32). */
size_t fac_repr_float(char out[FAC_NUMBER_MAX], float value);
/* The shortest digits of |value| (no point, no trailing zeros; "0" for 0) that read back as the same double (or
 * float, if single): value = 0.DIGITS * 10^*exponent, 0 is 0.0 * 10^1. Returns the number of digits. value is finite.
 */
size_t fac_shortest_digits(char out[FAC_NUMBER_MAX], int *exponent, double value, bool single);
/* `count` (1 to 17) digits of |value|, trailing zeros kept: the nearest of those that read back, true; the nearest at
 * all if none do, false. */
bool fac_round_digits(char out[FAC_NUMBER_MAX], int *exponent, double value, int count, bool single);

/* C's "%.{precision}f" and "%.{precision}e" (a negative precision is 6) of any double ("inf", "-inf", "nan" as Python
 * writes them), the point always being ".". Return the length that is needed, as snprintf does. */
size_t fac_format_fixed(char *out, size_t size, double value, int precision);
size_t fac_format_scientific(char *out, size_t size, double value, int precision);

/* Reads one decimal number as Python's float() does (1, -1.5, .5, 1e-4, inf, Infinity, nan; 1e999 is inf), correctly
 * rounded; no white space around it, no underscores, no hexadecimal. The number must fill [text, end) whole; false,
 * with *value as it was, if not. */
bool fac_parse_double(const char *text, const char *end, double *value);
/* The same for an integer; false if it does not fit. */
bool fac_parse_int(const char *text, const char *end, int64_t *value);

/* A growing string. After a failed allocation `failed` is set, appends do nothing, and the error is pending. */
typedef struct fac_text {
    char *data; /* NUL-terminated, or NULL while empty */
    size_t length, capacity;
    bool failed;
} fac_text;
void fac_text_add(fac_text *text, const char *format, ...) FAC_PRINTF(2, 3); /* no floating-point conversions */
void fac_text_append(fac_text *text, const char *data, size_t length);
void fac_text_pad(fac_text *text, char c, size_t count);
void fac_text_free(fac_text *text);

#endif
