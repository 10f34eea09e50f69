/* SPDX-License-Identifier: MIT */
/* The language of Graphviz. */
#ifndef FAC_DRAW_DOT_TEXT_H
#define FAC_DRAW_DOT_TEXT_H

#include "base/text.h"

/* Appends text as a quoted string that DOT takes as a label and that shows it as it is: no quote, backslash, entity
 * (&lt;) or newline in it is understood as anything else. Newlines begin a new line of the label; control characters
 * and bytes that are no UTF-8 are shown as \xNN. The one way that text gets into a script. */
void fac_dot_quote(fac_text *dot, const char *text, size_t length);

#endif
