/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: libFuzzer's entries, an allocator that fails where the input says, and files that are
 * written to memory, so that what was read can be written and read again. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "support_alloc.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, fac_last_error()); \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The bytes of the file last written. */
static struct {
    char *data;
    size_t size, capacity;
} fuzz_file;

static int fuzz_open(int folder, const char *path, int flags, mode_t mode)
{
    (void)folder, (void)path, (void)flags, (void)mode;
    fuzz_file.size = 0;
    return 100;
}

static ssize_t fuzz_write(int fd, const void *data, size_t size)
{
    (void)fd;
    if (fuzz_file.size + size > fuzz_file.capacity) {
        fuzz_file.capacity = 2 * (fuzz_file.size + size);
        fuzz_file.data = realloc(fuzz_file.data, fuzz_file.capacity);
        FUZZ_CHECK(fuzz_file.data);
    }
    memcpy(fuzz_file.data + fuzz_file.size, data, size);
    fuzz_file.size += size;
    return (ssize_t)size;
}

static int fuzz_fd(int fd)
{
    (void)fd;
    return 0;
}

static int fuzz_lock(int fd, int operation)
{
    (void)fd, (void)operation;
    return 0;
}

static int fuzz_fstat(int fd, struct stat *status)
{
    (void)fd;
    *status = (struct stat){.st_nlink = 1};
    return 0;
}

static int fuzz_no_file(int folder, const char *path, struct stat *status, int flags)
{
    (void)folder, (void)path, (void)status, (void)flags;
    errno = ENOENT;
    return -1;
}

static ssize_t fuzz_no_link(const char *path, char *target, size_t size)
{
    (void)path, (void)target, (void)size;
    errno = ENOENT;
    return -1;
}

static int fuzz_rename(int folder, const char *from, int to_folder, const char *to)
{
    (void)folder, (void)from, (void)to_folder, (void)to;
    return 0;
}

static int fuzz_unlink(int folder, const char *path, int flags)
{
    (void)folder, (void)path, (void)flags;
    return 0;
}

static DIR *fuzz_no_folder(int fd)
{
    (void)fd;
    return NULL;
}

static inline void fuzz_install(void)
{
    support_alloc_install();
    fac_files.openat = fuzz_open;
    fac_files.write = fuzz_write;
    fac_files.fsync = fuzz_fd;
    fac_files.close = fuzz_fd;
    fac_files.fstat = fuzz_fstat;
    fac_files.fstatat = fuzz_no_file;
    fac_files.flock = fuzz_lock;
    fac_files.renameat = fuzz_rename;
    fac_files.unlinkat = fuzz_unlink;
    fac_files.readlink = fuzz_no_link;
    fac_files.fdopendir = fuzz_no_folder;
}

/* After each input: the status is that of the error, and nothing is left. */
static inline void fuzz_end(fac_status status)
{
    support_alloc_fail_at(0, false);
    FUZZ_CHECK(fac_error_status() == status);
    FUZZ_CHECK(!status || *fac_last_error());
    fac_trim();
    FUZZ_CHECK(support_memory.live_bytes == 0 && support_memory.live_blocks == 0);
}

#endif
