/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* flock */
#define _POSIX_C_SOURCE 200809L
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"

enum { MAX_LINKS = 40, MAX_NAMES_TRIED = 16, BUFFER_SIZE = 65536 };

#define TEMPORARY_PREFIX ".facula-"
#define TEMPORARY_SUFFIX ".tmp"
enum { TEMPORARY_LENGTH = sizeof TEMPORARY_PREFIX - 1 + 16 + sizeof TEMPORARY_SUFFIX - 1 };

struct fac_atomic_file {
    int folder; /* held open: the rename finds the same folder whatever becomes of its path meanwhile */
    int fd;     /* locked while we live, so that another writer can tell our file from a dead writer's */
    fac_status failed;
    size_t buffered;
    const char *target; /* the last part of path */
    char temporary[TEMPORARY_LENGTH + 1];
    char path[PATH_MAX]; /* no symbolic link in its last part */
    char buffer[BUFFER_SIZE];
};

static fac_status fail(const fac_atomic_file *file, const char *what)
{
    return fac_file_fail(what, file->path, errno);
}

/* Follows a link lying at path: a relative one starts in the folder of path. */
static int follow(char path[PATH_MAX], const char *link, size_t length)
{
    char *slash = strrchr(path, '/');
    size_t keep = link[0] == '/' || !slash ? 0 : (size_t)(slash - path) + 1;
    if (keep + length >= PATH_MAX)
        return ENAMETOOLONG;
    memcpy(path + keep, link, length);
    path[keep + length] = '\0';
    return 0;
}

/* The last part is resolved here, link by link, since it need not exist; the kernel resolves the folders. */
static int resolve(char path[PATH_MAX])
{
    char link[PATH_MAX];
    for (int i = 0; i < MAX_LINKS; i++) {
        ssize_t length = fac_files.readlink(path, link, sizeof link);
        if (length < 0)
            return errno == EINVAL || errno == ENOENT ? 0 : errno;
        int problem = follow(path, link, (size_t)length);
        if (problem)
            return problem;
    }
    return ELOOP;
}

static fac_status set_path(fac_atomic_file *file, const char *path)
{
    size_t length = strlen(path);
    if (length >= PATH_MAX)
        return fac_file_fail("write", path, ENAMETOOLONG);
    memcpy(file->path, path, length + 1);
    int problem = length ? resolve(file->path) : ENOENT;
    if (problem)
        return fac_file_fail("write", path, problem);
    char *slash = strrchr(file->path, '/');
    file->target = slash ? slash + 1 : file->path;
    return *file->target ? FAC_OK : fac_file_fail("write", path, EISDIR);
}

static int open_again(int folder, const char *path, int flags, mode_t mode)
{
    int fd;
    do
        fd = fac_files.openat(folder, path, flags, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static fac_status open_folder(fac_atomic_file *file)
{
    char folder[PATH_MAX];
    size_t length = (size_t)(file->target - file->path);
    memcpy(folder, file->path, length);
    memcpy(folder + length, ".", 2); /* "", "/" and "a/b/" alike */
    file->folder = open_again(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return file->folder < 0 ? fail(file, "open the folder of") : FAC_OK;
}

/* *exists says whether there is a file to be replaced, described by *old. */
static fac_status check_target(fac_atomic_file *file, bool *exists, struct stat *old)
{
    *exists = !fac_files.fstatat(file->folder, file->target, old, AT_SYMLINK_NOFOLLOW);
    if (!*exists)
        return errno == ENOENT ? FAC_OK : fail(file, "write");
    if (S_ISDIR(old->st_mode))
        return fac_file_fail("write", file->path, EISDIR);
    if (!S_ISREG(old->st_mode))
        return fac_fail(FAC_ERR_IO, "cannot write '%s': not a regular file", file->path);
    if (fac_files.faccessat(file->folder, file->target, W_OK, AT_EACCESS))
        return fail(file, "write");
    return FAC_OK;
}

static bool is_temporary(const char *name)
{
    const char *digits = name + sizeof TEMPORARY_PREFIX - 1;
    return strlen(name) == TEMPORARY_LENGTH && !memcmp(name, TEMPORARY_PREFIX, sizeof TEMPORARY_PREFIX - 1) &&
           strspn(digits, "0123456789abcdef") == 16 && !strcmp(digits + 16, TEMPORARY_SUFFIX);
}

/* A temporary file is a dead writer's if nobody holds its lock. */
static void remove_if_dead(int folder, const char *name)
{
    struct stat status;
    int fd = fac_files.openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0)
        return;
    if (!fac_files.fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
        !fac_files.flock(fd, LOCK_EX | LOCK_NB))
        fac_files.unlinkat(folder, name, 0);
    fac_files.close(fd);
}

/* Tidying up: what cannot be removed stays, without an error. */
static void remove_dead(int folder)
{
    int fd = fac_files.openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return;
    DIR *entries = fac_files.fdopendir(fd);
    if (!entries) {
        fac_files.close(fd);
        return;
    }
    for (struct dirent *entry; (entry = fac_files.readdir(entries));)
        if (is_temporary(entry->d_name))
            remove_if_dead(folder, entry->d_name);
    fac_files.closedir(entries);
}

/* A name never used before: one used again could be removed by who judged its last bearer dead. */
static void name_temporary(char name[TEMPORARY_LENGTH + 1])
{
    static uint64_t counter;
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t mixed = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    mixed ^= (uint64_t)getpid() << 40 ^ __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED) << 56;
    snprintf(name, TEMPORARY_LENGTH + 1, TEMPORARY_PREFIX "%016llx" TEMPORARY_SUFFIX, (unsigned long long)mixed);
}

static bool try_temporary(fac_atomic_file *file, mode_t mode)
{
    struct stat status;
    name_temporary(file->temporary);
    int fd = open_again(file->folder, file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return false;
    while (fac_files.flock(fd, LOCK_EX) && errno == EINTR)
        ; /* another failure: a file system without locks, where dead writers' files are left lying */
    if (!fac_files.fstat(fd, &status) && status.st_nlink == 0) {
        fac_files.close(fd); /* taken for dead before it was locked */
        errno = EEXIST;
        return false;
    }
    file->fd = fd;
    return true;
}

static fac_status create_temporary(fac_atomic_file *file, mode_t mode)
{
    for (int i = 0; i < MAX_NAMES_TRIED; i++) {
        if (try_temporary(file, mode))
            return FAC_OK;
        if (errno != EEXIST)
            break;
    }
    return fail(file, "create a file in the folder of");
}

/* Owner and mode of the old file. Where the owner cannot be kept, the new group gets what everybody had. */
static fac_status copy_mode(fac_atomic_file *file, const struct stat *old)
{
    mode_t mode = old->st_mode & 0777;
    if (fac_files.fchown(file->fd, old->st_uid, old->st_gid))
        mode = (mode & 0707) | (mode & 0007) << 3;
    if (fac_files.fchmod(file->fd, mode) && errno != EPERM && errno != ENOTSUP)
        return fail(file, "set the mode of");
    return FAC_OK;
}

static fac_status begin(fac_atomic_file *file, const char *path)
{
    struct stat old;
    bool exists;
    FAC_TRY(set_path(file, path));
    FAC_TRY(open_folder(file));
    FAC_TRY(check_target(file, &exists, &old));
    remove_dead(file->folder);
    FAC_TRY(create_temporary(file, exists ? 0600 : 0666));
    return exists ? copy_mode(file, &old) : FAC_OK;
}

static void release(fac_atomic_file *file)
{
    if (file->fd >= 0)
        fac_files.close(file->fd);
    if (file->folder >= 0)
        fac_files.close(file->folder);
    fac_dealloc(file, sizeof *file);
}

void fac_atomic_abandon(fac_atomic_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        fac_files.unlinkat(file->folder, file->temporary, 0);
    release(file);
}

fac_status fac_atomic_begin(const char *path, fac_atomic_file **out)
{
    fac_atomic_file *file = fac_alloc(sizeof *file);
    if (!file)
        return fac_pending();
    file->fd = file->folder = -1;
    file->failed = FAC_OK;
    file->buffered = 0;
    fac_status status = begin(file, path);
    if (status)
        fac_atomic_abandon(file);
    else
        *out = file;
    return status;
}

static fac_status write_all(fac_atomic_file *file, const char *data, size_t size)
{
    while (size) {
        ssize_t n = fac_files.write(file->fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* no progress and no reason: not to be tried for ever */
        if (n <= 0)
            return file->failed = fail(file, "write");
        data += n;
        size -= (size_t)n;
    }
    return FAC_OK;
}

static fac_status flush(fac_atomic_file *file)
{
    size_t size = file->buffered;
    file->buffered = 0;
    return write_all(file, file->buffer, size);
}

fac_status fac_atomic_write(fac_atomic_file *file, const void *data, size_t size)
{
    FAC_TRY(file->failed);
    if (size > BUFFER_SIZE - file->buffered) {
        FAC_TRY(flush(file));
        if (size >= BUFFER_SIZE)
            return write_all(file, data, size);
    }
    if (size)
        memcpy(file->buffer + file->buffered, data, size);
    file->buffered += size;
    return FAC_OK;
}

/* Some file systems cannot sync a file or a folder, and say so: no reason to refuse to write there. */
static bool sync_fd(int fd)
{
    int result;
    do
        result = fac_files.fsync(fd);
    while (result && errno == EINTR);
    return !result || errno == EINVAL || errno == ENOTSUP;
}

static fac_status finish(fac_atomic_file *file)
{
    FAC_TRY(file->failed);
    FAC_TRY(flush(file));
    if (!sync_fd(file->fd))
        return fail(file, "write");
    if (fac_files.renameat(file->folder, file->temporary, file->folder, file->target))
        return fail(file, "replace");
    return FAC_OK;
}

fac_status fac_atomic_commit(fac_atomic_file *file)
{
    fac_status status = finish(file);
    if (status) {
        fac_atomic_abandon(file);
        return status;
    }
    if (!sync_fd(file->folder))
        status = fail(file, "make sure of the new name (the file itself is whole and in place) of");
    release(file); /* the bytes are on the disk: what close would say changes nothing */
    return status;
}
