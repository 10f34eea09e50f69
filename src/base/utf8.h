/* SPDX-License-Identifier: MIT */
/* UTF-8, and text of unknown origin made fit to be shown. */
#ifndef FAC_BASE_UTF8_H
#define FAC_BASE_UTF8_H

#include "facula/base.h"

/* Bytes of the character that text begins with; 0 if it is not UTF-8 (RFC 3629: no surrogates, no overlong forms). */
size_t fac_utf8_next(const char *text, size_t length);
bool fac_utf8_valid(const char *text, size_t length);

enum { FAC_SHOWN_MAX = 96 };

/* For error messages: text with its control characters and broken UTF-8 as \xNN, so that a name in a file cannot steer
 * the terminal that shows it, and cut short with "..." if long. Returns out. */
const char *fac_shown(char out[FAC_SHOWN_MAX], const char *text, size_t length);

#endif
