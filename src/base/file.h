/* SPDX-License-Identifier: MIT */
/* Whole files in, whole files out: a file is read as it lies there or not at all, and replaced as a whole or not at
 * all. Every system call goes through one table, so that tests can make any of them fail. */
#ifndef FAC_BASE_FILE_H
#define FAC_BASE_FILE_H

#include <dirent.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "facula/base.h"

typedef struct fac_file_system {
    int (*openat)(int folder, const char *path, int flags, mode_t mode);
    ssize_t (*read)(int fd, void *data, size_t size);
    ssize_t (*write)(int fd, const void *data, size_t size);
    int (*fsync)(int fd);
    int (*close)(int fd);
    int (*fstat)(int fd, struct stat *status);
    int (*fstatat)(int folder, const char *path, struct stat *status, int flags);
    int (*faccessat)(int folder, const char *path, int mode, int flags);
    int (*fchmod)(int fd, mode_t mode);
    int (*fchown)(int fd, uid_t owner, gid_t group);
    int (*flock)(int fd, int operation);
    int (*renameat)(int folder, const char *from, int to_folder, const char *to);
    int (*unlinkat)(int folder, const char *path, int flags);
    ssize_t (*readlink)(const char *path, char *target, size_t size);
    DIR *(*fdopendir)(int fd);
    struct dirent *(*readdir)(DIR *folder);
    int (*closedir)(DIR *folder);
} fac_file_system;
extern fac_file_system fac_files; /* the real calls; only tests write to it */

/* Starts the error `cannot read 'mlp.safetensors': No such file or directory`: what is "read", say, and problem an
 * errno value. */
fac_status fac_file_fail(const char *what, const char *path, int problem);

/* A regular file open for reading. path is borrowed. */
typedef struct fac_file {
    int fd;
    int64_t size; /* when it was opened */
    const char *path;
} fac_file;

/* Anything but a regular file (a folder, a pipe, a device) is refused. */
fac_status fac_file_open(fac_file *file, const char *path);
/* The next `size` bytes, all of them, or an error. */
fac_status fac_file_read(fac_file *file, void *data, size_t size);
void fac_file_close(fac_file *file);

/* The whole of a regular file of at most `limit` bytes, a NUL behind it; fac_dealloc(*data, *size + 1) frees it. */
fac_status fac_read_file(const char *path, int64_t limit, char **data, size_t *size);

/* A file that is written beside the one it is to replace, in the same folder under a name of its own, and takes its
 * place when whole and on the disk. Until then, and after any error, the old file is as it was and the new one is gone.
 * - A symbolic link stays one: the file it points to is replaced. Hard links to the old file keep the old bytes.
 * - The new file has the old one's mode, and its owner where we may set it; a first one has 0666 less the umask.
 * - An old file that we may not write to is refused, although its folder would allow it; so is what is no regular file.
 * - What writers that died have left in the folder is removed. */
typedef struct fac_atomic_file fac_atomic_file;
fac_status fac_atomic_begin(const char *path, fac_atomic_file **out);
/* Buffered: small pieces cost no system call each. */
fac_status fac_atomic_write(fac_atomic_file *file, const void *data, size_t size);
/* Puts the file in its place and frees the handle. One error comes too late to keep the old file: when the folder
 * cannot be synced, the new file is in place, whole, but its name is lost if the power fails; the message says so. */
fac_status fac_atomic_commit(fac_atomic_file *file);
/* Gives it up. NULL is accepted. */
void fac_atomic_abandon(fac_atomic_file *file);

#endif
