/* SPDX-License-Identifier: MIT */
/* https://graphviz.org/doc/info/lang.html and .../docs/attr-types/escString: in quotes a quote is \", and a label
 * understands \\, \n, \l, \r, \N, \G, \E, \T, \H, \L as well as the entities of HTML. */
#include "draw/dot_text.h"

#include <string.h>

#include "base/utf8.h"

static void add_bytes(fac_text *dot, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fac_text_add(dot, "\\\\x%02x", (unsigned char)text[i]);
}

static bool is_control(const char *text, size_t bytes)
{
    unsigned char first = (unsigned char)text[0];
    return bytes == 1 ? first < 0x20 || first == 0x7f : first == 0xc2 && (unsigned char)text[1] < 0xa0;
}

void fac_dot_quote(fac_text *dot, const char *text, size_t length)
{
    fac_text_append(dot, "\"", 1);
    for (size_t i = 0, bytes; i < length; i += bytes) {
        bytes = fac_utf8_next(text + i, length - i);
        if (text[i] == '\n')
            fac_text_append(dot, "\\n", 2);
        else if (!bytes || is_control(text + i, bytes))
            add_bytes(dot, text + i, bytes ? bytes : (bytes = 1));
        else if (text[i] == '"' || text[i] == '\\')
            fac_text_add(dot, "\\%c", text[i]);
        else if (text[i] == '&')
            fac_text_append(dot, "&amp;", 5);
        else
            fac_text_append(dot, text + i, bytes);
    }
    fac_text_append(dot, "\"", 1);
}
