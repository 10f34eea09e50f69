/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <string.h>

/* The least code point that needs so many bytes. */
static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

size_t fac_utf8_next(const char *text, size_t length)
{
    if (!length)
        return 0;
    const unsigned char *byte = (const unsigned char *)text;
    size_t size = byte[0] < 0x80 ? 1 : byte[0] >> 5 == 6 ? 2 : byte[0] >> 4 == 14 ? 3 : byte[0] >> 3 == 30 ? 4 : 0;
    if (size < 2 || size > length)
        return size == 1;
    uint32_t code = byte[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (byte[i] >> 6 != 2)
            return 0;
        code = code << 6 | (byte[i] & 0x3fu);
    }
    return code >= least[size] && code <= 0x10ffff && code >> 11 != 0x1b ? size : 0;
}

bool fac_utf8_valid(const char *text, size_t length)
{
    for (size_t n; length; text += n, length -= n)
        if (!(n = fac_utf8_next(text, length)))
            return false;
    return true;
}

/* U+0000 to U+001F, U+007F to U+009F. */
static bool is_control(const char *text, size_t size)
{
    unsigned char first = (unsigned char)text[0];
    return size == 1 ? first < 0x20 || first == 0x7f : first == 0xc2 && (unsigned char)text[1] < 0xa0;
}

static size_t show_one(char *out, const char *text, size_t length, size_t *taken)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = fac_utf8_next(text, length);
    *taken = size ? size : 1;
    if (size && !is_control(text, size)) {
        memcpy(out, text, size);
        return size;
    }
    for (size_t i = 0; i < *taken; i++) {
        unsigned char byte = (unsigned char)text[i];
        memcpy(out + 4 * i, (char[]){'\\', 'x', digits[byte >> 4], digits[byte & 15]}, 4);
    }
    return 4 * *taken;
}

const char *fac_shown(char out[FAC_SHOWN_MAX], const char *text, size_t length)
{
    enum { LONGEST = 8, DOTS = 3 };
    size_t n = 0;
    for (size_t taken; length && n + LONGEST + DOTS < FAC_SHOWN_MAX; text += taken, length -= taken)
        n += show_one(out + n, text, length, &taken);
    if (length) {
        memcpy(out + n, "...", DOTS);
        n += DOTS;
    }
    out[n] = '\0';
    return out;
}
