/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* flock */
#define _POSIX_C_SOURCE 200809L
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"

static int open_file(int folder, const char *path, int flags, mode_t mode)
{
    return openat(folder, path, flags, mode);
}

fac_file_system fac_files = {
    .openat = open_file,
    .read = read,
    .write = write,
    .fsync = fsync,
    .close = close,
    .fstat = fstat,
    .fstatat = fstatat,
    .faccessat = faccessat,
    .fchmod = fchmod,
    .fchown = fchown,
    .flock = flock,
    .renameat = renameat,
    .unlinkat = unlinkat,
    .readlink = readlink,
    .fdopendir = fdopendir,
    .readdir = readdir,
    .closedir = closedir,
};

fac_status fac_file_fail(const char *what, const char *path, int problem)
{
    char reason[128];
    if (strerror_r(problem, reason, sizeof reason)) /* strerror shares its buffer between threads */
        snprintf(reason, sizeof reason, "error %d", problem);
    return fac_fail(FAC_ERR_IO, "cannot %s '%s': %s", what, path, reason);
}

static fac_status check_regular(fac_file *file)
{
    struct stat status;
    if (fac_files.fstat(file->fd, &status))
        return fac_file_fail("read", file->path, errno);
    if (S_ISDIR(status.st_mode))
        return fac_file_fail("read", file->path, EISDIR);
    if (!S_ISREG(status.st_mode))
        return fac_fail(FAC_ERR_IO, "cannot read '%s': not a regular file", file->path);
    file->size = status.st_size;
    return FAC_OK;
}

fac_status fac_file_open(fac_file *file, const char *path)
{
    *file = (fac_file){.fd = -1, .path = path};
    do /* O_NONBLOCK: a pipe nobody writes to must not hold us before it can be refused */
        file->fd = fac_files.openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
    while (file->fd < 0 && errno == EINTR);
    if (file->fd < 0)
        return fac_file_fail("open", path, errno);
    fac_status status = check_regular(file);
    if (status)
        fac_file_close(file);
    return status;
}

fac_status fac_file_read(fac_file *file, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = fac_files.read(file->fd, (char *)data + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fac_file_fail("read", file->path, errno);
        if (n == 0)
            return fac_fail(FAC_ERR_IO, "cannot read '%s': the file became shorter while it was read", file->path);
        done += (size_t)n;
    }
    return FAC_OK;
}

void fac_file_close(fac_file *file)
{
    if (file->fd >= 0)
        fac_files.close(file->fd);
    file->fd = -1;
}

static fac_status read_whole(fac_file *file, int64_t limit, char **data, size_t *size)
{
    if (limit > PTRDIFF_MAX - 1)
        limit = PTRDIFF_MAX - 1;
    if (file->size > limit)
        return fac_fail(FAC_ERR_IO, "cannot read '%s': %lld bytes are more than the %lld allowed", file->path,
                        (long long)file->size, (long long)limit);
    size_t length = (size_t)file->size;
    char *bytes = fac_alloc(length + 1);
    if (!bytes)
        return fac_pending();
    fac_status status = fac_file_read(file, bytes, length);
    if (status) {
        fac_dealloc(bytes, length + 1);
        return status;
    }
    bytes[length] = '\0';
    *data = bytes;
    *size = length;
    return FAC_OK;
}

fac_status fac_read_file(const char *path, int64_t limit, char **data, size_t *size)
{
    fac_file file;
    FAC_TRY(fac_file_open(&file, path));
    fac_status status = read_whole(&file, limit, data, size);
    fac_file_close(&file);
    return status;
}
