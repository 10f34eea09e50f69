/* SPDX-License-Identifier: MIT */
/* A locale with another decimal point, without one installed: glibc's compiled LC_NUMERIC is written and loaded. The
 * includer defines _POSIX_C_SOURCE 200809L before its first include. */
#ifndef TESTS_SUPPORT_LOCALE_H
#define TESTS_SUPPORT_LOCALE_H

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline bool support_locale_write(const char *folder, const char *point)
{
    unsigned char data[54] = {0x14, 0x11, 0x03, 0x20, 6,   0, 0,  0, 32,  0, 0,  0, 36,  0,   0,   0,   38, 0,
                              0,    0,    40,   0,    0,   0, 44, 0, 0,   0, 48, 0, 0,   0,   0,   0,   0,  0,
                              '.',  0,    3,    3,    ',', 0, 0,  0, '.', 0, 0,  0, 'U', 'T', 'F', '-', '8'};
    char path[128];
    memcpy(data + 32, point, strlen(point));
    snprintf(path, sizeof path, "%s/LC_NUMERIC", folder);
    FILE *file = fopen(path, "wb");
    bool written = file && fwrite(data, 1, sizeof data, file) == sizeof data;
    return file && !fclose(file) && written;
}

/* The process's LC_NUMERIC gets `point` (one or two bytes). False where the C library is not glibc. */
static inline bool support_locale_set(const char *point)
{
    char root[] = "/tmp/facula-locale-XXXXXX", folder[64], path[80], half[8];
    if (!mkdtemp(root))
        return false;
    snprintf(folder, sizeof folder, "%s/point", root);
    snprintf(path, sizeof path, "%s/LC_NUMERIC", folder);
    bool written = !mkdir(folder, 0700) && support_locale_write(folder, point);
    setenv("LOCPATH", root, 1);
    bool done = written && setlocale(LC_NUMERIC, "point");
    unlink(path);
    rmdir(folder);
    rmdir(root);
    unsetenv("LOCPATH");
    snprintf(half, sizeof half, "%.1f", 0.5);
    return done && !strncmp(half + 1, point, strlen(point));
}

#endif
