/* SPDX-License-Identifier: MIT */
/* The file system as a test wants it: the n-th call fails, writes come out short, calls are interrupted. And a folder
 * of the test's own. The includer defines _DEFAULT_SOURCE and _POSIX_C_SOURCE before its first include. */
#ifndef TESTS_SUPPORT_FILES_H
#define TESTS_SUPPORT_FILES_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

static struct {
    fac_file_system real;
    int count;        /* calls since support_files_fail_at */
    int fail_at;      /* the one that fails, from 1; 0: none */
    bool forever;     /* and all after it */
    int problem;      /* its errno */
    const char *only; /* count calls of this name alone; NULL: all */
    size_t most;      /* a read or write moves no more than this; 0: no bound */
    bool interrupt;   /* every other call that may be is interrupted */
    bool interrupted;
    bool renamed; /* a rename has succeeded */
    int open_files;
} support_files;

static inline bool support_files_fails(const char *name)
{
    if (support_files.only && strcmp(support_files.only, name))
        return false;
    int n = ++support_files.count, at = support_files.fail_at;
    if (!at || n < at || (n > at && !support_files.forever))
        return false;
    errno = support_files.problem;
    return true;
}

static inline bool support_files_interrupts(void)
{
    if (!support_files.interrupt)
        return false;
    support_files.interrupted = !support_files.interrupted;
    errno = EINTR;
    return support_files.interrupted;
}

static inline size_t support_files_part(size_t size)
{
    return support_files.most && size > support_files.most ? support_files.most : size;
}

static inline int support_openat(int folder, const char *path, int flags, mode_t mode)
{
    if (support_files_fails("openat") || ((flags & O_CREAT) && support_files_interrupts()))
        return -1;
    int fd = support_files.real.openat(folder, path, flags, mode);
    support_files.open_files += fd >= 0;
    return fd;
}

static inline ssize_t support_read(int fd, void *data, size_t size)
{
    if (support_files_fails("read") || support_files_interrupts())
        return -1;
    return support_files.real.read(fd, data, support_files_part(size));
}

static inline ssize_t support_write(int fd, const void *data, size_t size)
{
    if (support_files_fails("write") || support_files_interrupts())
        return -1;
    return support_files.real.write(fd, data, support_files_part(size));
}

/* Closed whatever it says, as Linux does it. */
static inline int support_close(int fd)
{
    bool fails = support_files_fails("close");
    int problem = errno, result = support_files.real.close(fd);
    support_files.open_files--;
    if (!fails)
        return result;
    errno = problem;
    return -1;
}

static inline int support_closedir(DIR *folder)
{
    support_files.open_files--;
    return support_files.real.closedir(folder);
}

static inline int support_renameat(int folder, const char *from, int to_folder, const char *to)
{
    if (support_files_fails("renameat"))
        return -1;
    int result = support_files.real.renameat(folder, from, to_folder, to);
    support_files.renamed = support_files.renamed || !result;
    return result;
}

static inline int support_fsync(int fd)
{
    return support_files_fails("fsync") || support_files_interrupts() ? -1 : support_files.real.fsync(fd);
}

#define SUPPORT_FILES_CALL(name, parameters, ...)                                      \
    static inline int support_##name parameters                                        \
    {                                                                                  \
        return support_files_fails(#name) ? -1 : support_files.real.name(__VA_ARGS__); \
    }
SUPPORT_FILES_CALL(fstat, (int fd, struct stat *status), fd, status)
SUPPORT_FILES_CALL(fstatat, (int folder, const char *path, struct stat *status, int flags), folder, path, status, flags)
SUPPORT_FILES_CALL(faccessat, (int folder, const char *path, int mode, int flags), folder, path, mode, flags)
SUPPORT_FILES_CALL(fchmod, (int fd, mode_t mode), fd, mode)
SUPPORT_FILES_CALL(fchown, (int fd, uid_t owner, gid_t group), fd, owner, group)
SUPPORT_FILES_CALL(flock, (int fd, int operation), fd, operation)
SUPPORT_FILES_CALL(unlinkat, (int folder, const char *path, int flags), folder, path, flags)

static inline ssize_t support_readlink(const char *path, char *target, size_t size)
{
    return support_files_fails("readlink") ? -1 : support_files.real.readlink(path, target, size);
}
static inline DIR *support_fdopendir(int fd)
{
    return support_files_fails("fdopendir") ? NULL : support_files.real.fdopendir(fd);
}
static inline struct dirent *support_readdir(DIR *folder)
{
    return support_files_fails("readdir") ? NULL : support_files.real.readdir(folder);
}

static inline void support_files_install(void)
{
    support_files.real = fac_files;
    fac_files = (fac_file_system){.openat = support_openat,
                                  .read = support_read,
                                  .write = support_write,
                                  .fsync = support_fsync,
                                  .close = support_close,
                                  .fstat = support_fstat,
                                  .fstatat = support_fstatat,
                                  .faccessat = support_faccessat,
                                  .fchmod = support_fchmod,
                                  .fchown = support_fchown,
                                  .flock = support_flock,
                                  .renameat = support_renameat,
                                  .unlinkat = support_unlinkat,
                                  .readlink = support_readlink,
                                  .fdopendir = support_fdopendir,
                                  .readdir = support_readdir,
                                  .closedir = support_closedir};
}

/* The n-th call from now (of that name, or of any if only is NULL) fails with errno problem, and, if forever, all after
 * it. n = 0: none. */
static inline void support_files_fail_at(int n, bool forever, int problem, const char *only)
{
    support_files.count = 0;
    support_files.fail_at = n;
    support_files.forever = forever;
    support_files.problem = problem;
    support_files.only = only;
    support_files.renamed = false;
}

static inline void support_die(const char *what)
{
    perror(what);
    abort();
}

static char support_folder[64];

/* Makes a folder and works in it from then on; removed with what it holds by support_folder_remove. */
static inline void support_folder_make(void)
{
    snprintf(support_folder, sizeof support_folder, "/tmp/facula_test_XXXXXX");
    if (!mkdtemp(support_folder) || chdir(support_folder))
        support_die(support_folder);
}

/* Files and empty folders alone. Returns how many there were. */
static inline int support_folder_empty(void)
{
    int count = 0;
    DIR *entries = opendir(support_folder);
    if (!entries)
        support_die(support_folder);
    for (struct dirent *entry; (entry = readdir(entries));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
            count++;
            if (unlinkat(dirfd(entries), entry->d_name, 0) && unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR))
                support_die(entry->d_name);
        }
    closedir(entries);
    return count;
}

static inline void support_folder_remove(void)
{
    support_folder_empty();
    if (chdir("/") || rmdir(support_folder))
        support_die(support_folder);
}

static inline void support_put(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file))
        support_die(path);
}

/* The file's bytes, a NUL behind them: freed by free(). */
static inline char *support_get(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        support_die(path);
    long length = ftell(file);
    char *data = malloc((size_t)length + 1);
    if (!data || fseek(file, 0, SEEK_SET) || fread(data, 1, (size_t)length, file) != (size_t)length || fclose(file))
        support_die(path);
    data[length] = '\0';
    *size = (size_t)length;
    return data;
}

#endif
