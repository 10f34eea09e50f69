/* SPDX-License-Identifier: MIT */
/* Golden texts: tests/golden/<name>.txt with sections, each behind a line `= title`. */
#ifndef TESTS_SUPPORT_SECTIONS_H
#define TESTS_SUPPORT_SECTIONS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { SECTIONS_MAX = 1 << 16 };
static char sections_text[SECTIONS_MAX];

static inline void sections_read(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.txt", FAC_GOLDEN_DIR, name);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(sections_text, 1, SECTIONS_MAX - 1, f) : 0;
    if (!f || n == SECTIONS_MAX - 1)
        fail_msg("%s: not there, or too long", path);
    sections_text[n] = '\0';
    fclose(f);
}

/* The section's text without its last line end; a title that is not there fails the test. */
static inline const char *section(const char *title)
{
    static char out[SECTIONS_MAX];
    char line[128];
    snprintf(line, sizeof line, "= %s\n", title);
    const char *at = strstr(sections_text, line);
    if (!at)
        fail_msg("the golden file has no section '%s'", title);
    at += strlen(line);
    const char *end = strstr(at, "\n= ");
    size_t length = end ? (size_t)(end - at) : strlen(at) - 1;
    memcpy(out, at, length);
    out[length] = '\0';
    return out;
}

#endif
