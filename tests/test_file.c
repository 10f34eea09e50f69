/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1 /* unshare, flock */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/error.h"
#include "support_alloc.h"
#include "support_files.h"

#define assert_error(call, status, message)             \
    do {                                                \
        assert_int_equal(call, status);                 \
        assert_int_equal(fac_error_status(), status);   \
        assert_string_equal(fac_last_error(), message); \
    } while (0)

static fac_status replace(const char *path, const char *text)
{
    fac_atomic_file *file;
    FAC_TRY(fac_atomic_begin(path, &file));
    fac_status status = fac_atomic_write(file, text, strlen(text));
    if (!status)
        return fac_atomic_commit(file);
    fac_atomic_abandon(file);
    return status;
}

static void assert_text(const char *path, const char *expected)
{
    size_t size;
    char *text = support_get(path, &size);
    assert_string_equal(text, expected);
    free(text);
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static int setup(void **state)
{
    (void)state;
    support_folder_make();
    support_files_fail_at(0, false, 0, NULL);
    support_files.most = 0;
    support_files.interrupt = false;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    support_files_fail_at(0, false, 0, NULL);
    support_folder_remove();
    assert_int_equal(support_files.open_files, 0);
    return (int)fac_error_status();
}

static void reads_a_whole_file(void **state)
{
    (void)state;
    char *data;
    size_t size;
    support_put("a", "one\0two", 7);
    for (int i = 0; i < 3; i++) {
        support_files.most = i > 0 ? 2 : 0;
        support_files.interrupt = i > 1;
        assert_int_equal(fac_read_file("a", 7, &data, &size), FAC_OK);
        assert_int_equal(size, 7);
        assert_memory_equal(data, "one\0two", 8);
        fac_dealloc(data, size + 1);
    }
    support_put("empty", "", 0);
    assert_int_equal(fac_read_file("empty", INT64_MAX, &data, &size), FAC_OK);
    assert_int_equal(size, 0);
    fac_dealloc(data, 1);
}

static void refuses_to_read(void **state)
{
    (void)state;
    char *data;
    size_t size;
    assert_error(fac_read_file("none", 9, &data, &size), FAC_ERR_IO, "cannot open 'none': No such file or directory");
    assert_error(fac_read_file(".", 9, &data, &size), FAC_ERR_IO, "cannot read '.': Is a directory");
    assert_error(fac_read_file("/dev/zero", 9, &data, &size), FAC_ERR_IO,
                 "cannot read '/dev/zero': not a regular file");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_error(fac_read_file("pipe", 9, &data, &size), FAC_ERR_IO, "cannot read 'pipe': not a regular file");
    support_put("long", "0123456789", 10);
    assert_error(fac_read_file("long", 9, &data, &size), FAC_ERR_IO,
                 "cannot read 'long': 10 bytes are more than the 9 allowed");
}

static void notices_a_file_cut_meanwhile(void **state)
{
    (void)state;
    fac_file file;
    char data[4];
    support_put("a", "0123", 4);
    assert_int_equal(fac_file_open(&file, "a"), FAC_OK);
    assert_int_equal(truncate("a", 2), 0);
    assert_error(fac_file_read(&file, data, 4), FAC_ERR_IO,
                 "cannot read 'a': the file became shorter while it was read");
    fac_file_close(&file);
}

static void every_call_of_reading_fails_in_turn(void **state)
{
    (void)state;
    char *data;
    size_t size;
    support_put("a", "0123", 4);
    bool reached = true;
    for (int n = 1; reached; n++)
        for (int forever = 0; forever < 2; forever++) {
            support_files_fail_at(n, forever, EIO, NULL);
            fac_status status = fac_read_file("a", 9, &data, &size);
            reached = support_files.count >= n;
            assert_int_equal(fac_error_status(), status);
            if (!status)
                fac_dealloc(data, size + 1);
            else
                assert_non_null(strstr(fac_last_error(), "'a': Input/output error"));
        }
}

static void writes_a_new_file(void **state)
{
    (void)state;
    mode_t before = umask(0027);
    assert_int_equal(replace("a", "new"), FAC_OK);
    umask(before);
    assert_text("a", "new");
    assert_int_equal(mode_of("a"), 0640);
    assert_int_equal(replace("a", ""), FAC_OK);
    assert_text("a", "");
    assert_int_equal(support_folder_empty(), 1);
}

static void keeps_the_mode_of_the_old_file(void **state)
{
    (void)state;
    support_put("a", "old", 3);
    const mode_t modes[] = {0600, 0644, 0666, 0755, 0200};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod("a", modes[i]), 0);
        assert_int_equal(replace("a", "new"), FAC_OK);
        assert_int_equal(mode_of("a"), modes[i]);
    }
    assert_int_equal(chmod("a", 0674), 0);
    support_files_fail_at(1, true, EPERM, "fchown");
    assert_int_equal(replace("a", "new"), FAC_OK);
    assert_int_equal(mode_of("a"), 0644); /* the group may be another one */
}

/* Against buffer boundaries, with writes that come out short and interrupted. */
static void writes_pieces_of_every_size(void **state)
{
    (void)state;
    enum { TOTAL = 300000 };
    static char bytes[TOTAL];
    for (int i = 0; i < TOTAL; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    const size_t pieces[] = {1000, 65535, 65536, 65537, 4097, TOTAL};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        for (int hard = 0; hard < 2; hard++) {
            fac_atomic_file *file;
            support_files.most = hard ? 777 : 0;
            support_files.interrupt = hard;
            assert_int_equal(fac_atomic_begin("a", &file), FAC_OK);
            for (size_t at = 0, n; at < TOTAL; at += n) {
                n = TOTAL - at < pieces[i] ? TOTAL - at : pieces[i];
                assert_int_equal(fac_atomic_write(file, bytes + at, n), FAC_OK);
                assert_int_equal(fac_atomic_write(file, NULL, 0), FAC_OK);
            }
            assert_int_equal(fac_atomic_commit(file), FAC_OK);
            size_t size;
            char *data = support_get("a", &size);
            assert_int_equal(size, TOTAL);
            assert_memory_equal(data, bytes, TOTAL);
            free(data);
        }
}

static void abandoned_leaves_the_old_file(void **state)
{
    (void)state;
    fac_atomic_file *file;
    support_put("a", "old", 3);
    assert_int_equal(fac_atomic_begin("a", &file), FAC_OK);
    assert_int_equal(fac_atomic_write(file, "new", 3), FAC_OK);
    fac_atomic_abandon(file);
    fac_atomic_abandon(NULL);
    assert_text("a", "old");
    assert_int_equal(support_folder_empty(), 1);
}

static void writes_through_links(void **state)
{
    (void)state;
    char target[PATH_MAX];
    assert_int_equal(mkdir("folder", 0700), 0);
    snprintf(target, sizeof target, "%s/folder/real", support_folder);
    assert_int_equal(symlink(target, "absolute"), 0); /* dangling at first */
    assert_int_equal(symlink("../absolute", "folder/relative"), 0);
    assert_int_equal(symlink("folder/relative", "link"), 0);
    assert_int_equal(replace("link", "first"), FAC_OK);
    assert_text("folder/real", "first");
    assert_int_equal(replace("link", "second"), FAC_OK);
    assert_text("folder/real", "second");
    struct stat status;
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_error(replace("loop", "x"), FAC_ERR_IO, "cannot write 'loop': Too many levels of symbolic links");
    assert_int_equal(unlink("folder/real") || unlink("folder/relative"), 0);
}

static void refuses_to_replace(void **state)
{
    (void)state;
    assert_error(replace("", "x"), FAC_ERR_IO, "cannot write '': No such file or directory");
    assert_error(replace(".", "x"), FAC_ERR_IO, "cannot write '.': Is a directory");
    assert_error(replace("/", "x"), FAC_ERR_IO, "cannot write '/': Is a directory");
    assert_error(replace("a/", "x"), FAC_ERR_IO, "cannot write 'a/': Is a directory");
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_error(replace("folder", "x"), FAC_ERR_IO, "cannot write 'folder': Is a directory");
    assert_error(replace("none/a", "x"), FAC_ERR_IO, "cannot open the folder of 'none/a': No such file or directory");
    assert_error(replace("/dev/null", "x"), FAC_ERR_IO, "cannot write '/dev/null': not a regular file");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_error(replace("pipe", "x"), FAC_ERR_IO, "cannot write 'pipe': not a regular file");
    support_put("file", "old", 3);
    assert_error(replace("file/a", "x"), FAC_ERR_IO, "cannot write 'file/a': Not a directory");
    char longer[PATH_MAX + 10];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(replace(longer, "x"), FAC_ERR_IO);
    assert_int_equal(fac_error_status(), FAC_ERR_IO);
    assert_int_equal(support_folder_empty(), 3);
}

static void a_name_of_the_greatest_length(void **state)
{
    (void)state;
    char name[NAME_MAX + 2];
    memset(name, 'a', NAME_MAX);
    name[NAME_MAX] = '\0';
    assert_int_equal(replace(name, "new"), FAC_OK);
    assert_text(name, "new");
    memcpy(name + NAME_MAX, "a", 2);
    assert_int_equal(replace(name, "new"), FAC_ERR_IO);
    assert_int_equal(fac_error_status(), FAC_ERR_IO);
}

enum { STILL_ROOT = 99 };

/* A child ends without running what the parent has yet to run. */
static void leave(int result)
{
    fac_trim();
    _exit(result);
}

/* In a child that gives up being root, so that permissions count. */
static int as_nobody(void (*program)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
            _exit(STILL_ROOT);
        program();
        leave((int)fac_error_status());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void replace_a(void)
{
    if (replace("a", "new") && !strstr(fac_last_error(), "'a': Permission denied"))
        _exit(98);
}

static void permissions_count(void **state)
{
    (void)state;
    support_put("a", "old", 3);
    assert_int_equal(chmod(".", 0777) | chmod("a", 0444), 0);
    int result = as_nobody(replace_a);
    if (result == STILL_ROOT)
        skip();                           /* a container that has no other user */
    assert_int_equal(result, FAC_ERR_IO); /* a file that is read-only */
    assert_int_equal(chmod(".", 0555) | chmod("a", 0666), 0);
    assert_int_equal(as_nobody(replace_a), FAC_ERR_IO); /* a folder that is read-only */
    assert_int_equal(chmod(".", 0777), 0);
    assert_text("a", "old");
    assert_int_equal(as_nobody(replace_a), FAC_OK);
    assert_text("a", "new");
    assert_int_equal(support_folder_empty(), 1);
}

static void removes_what_dead_writers_left(void **state)
{
    (void)state;
    fac_atomic_file *living;
    assert_int_equal(fac_atomic_begin("b", &living), FAC_OK);
    support_put(".facula-0123456789abcdef.tmp", "dead", 4);
    support_put(".facula-0123456789abcdeg.tmp", "not ours", 8);
    support_put(".facula-0123456789abcdef.tmp2", "not ours", 8);
    assert_int_equal(symlink("b", ".facula-0000000000000000.tmp"), 0);
    assert_int_equal(replace("a", "new"), FAC_OK);
    assert_int_equal(access(".facula-0123456789abcdef.tmp", F_OK), -1);
    assert_int_equal(fac_atomic_write(living, "alive", 5), FAC_OK);
    assert_int_equal(fac_atomic_commit(living), FAC_OK);
    assert_text("b", "alive");
    assert_int_equal(support_folder_empty(), 5); /* a, b, the two others', the link */
}

static void a_full_disk(void **state)
{
    (void)state;
    support_put("a", "old", 3);
    const char *const calls[] = {"write", "fsync"};
    for (int i = 0; i < 2; i++) {
        support_files_fail_at(1, false, ENOSPC, calls[i]);
        assert_error(replace("a", "new"), FAC_ERR_IO, "cannot write 'a': No space left on device");
        assert_text("a", "old");
    }
    support_files_fail_at(1, true, ENOSPC, "openat");
    assert_error(replace("a", "new"), FAC_ERR_IO, "cannot open the folder of 'a': No space left on device");
    assert_int_equal(support_folder_empty(), 1);
}

/* On a disk of 64 KB; 77 says that none could be had. */
static int fill_small_disk(void)
{
    static const char piece[4096];
    fac_atomic_file *file;
    if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, "") || mkdir("disk", 0700) ||
        mount("none", "disk", "tmpfs", 0, "size=64k"))
        return 77;
    if (replace("disk/a", "old") || fac_atomic_begin("disk/a", &file))
        return 1;
    fac_status status = FAC_OK;
    for (int i = 0; i < 1000 && !status; i++)
        status = fac_atomic_write(file, piece, sizeof piece);
    if (status != FAC_ERR_IO || fac_atomic_commit(file) != FAC_ERR_IO || fac_error_status() != FAC_ERR_IO)
        return 2;
    if (strcmp(fac_last_error(), "cannot write 'disk/a': No space left on device"))
        return 3;
    assert_text("disk/a", "old");
    return replace("disk/a", "new") ? 4 : 0;
}

static void a_disk_that_is_really_full(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();
    if (child == 0)
        leave(fill_small_disk());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip(); /* needs the right to mount */
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void an_error_stays(void **state)
{
    (void)state;
    fac_atomic_file *file;
    static char big[100000];
    support_put("a", "old", 3);
    assert_int_equal(fac_atomic_begin("a", &file), FAC_OK);
    support_files_fail_at(1, false, EIO, "write");
    assert_int_equal(fac_atomic_write(file, big, sizeof big), FAC_ERR_IO);
    assert_int_equal(fac_error_status(), FAC_ERR_IO);
    assert_int_equal(fac_atomic_write(file, "x", 1), FAC_ERR_IO);
    assert_int_equal(fac_atomic_commit(file), FAC_ERR_IO);
    assert_text("a", "old");
    support_files_fail_at(0, false, 0, NULL);
    assert_int_equal(support_folder_empty(), 1);
}

/* A write that makes no progress is an error and no endless loop. */
static ssize_t write_nothing(int fd, const void *data, size_t size)
{
    (void)fd, (void)data, (void)size;
    return 0;
}

static void a_write_of_nothing(void **state)
{
    (void)state;
    support_put("a", "old", 3);
    fac_files.write = write_nothing;
    assert_error(replace("a", "new"), FAC_ERR_IO, "cannot write 'a': Input/output error");
    fac_files.write = support_write;
    assert_text("a", "old");
}

static void file_systems_without_sync(void **state)
{
    (void)state;
    support_files_fail_at(1, true, EINVAL, "fsync");
    assert_int_equal(replace("a", "new"), FAC_OK);
    assert_text("a", "new");
    support_files_fail_at(2, false, EIO, "fsync"); /* the folder's */
    assert_error(replace("a", "newer"), FAC_ERR_IO,
                 "cannot make sure of the new name (the file itself is whole and in place) of 'a': Input/output error");
    assert_text("a", "newer");
}

static void check_after_failure(fac_status status, bool forever)
{
    size_t size;
    char *text = support_get("a", &size);
    bool renamed = support_files.renamed;
    assert_int_equal(fac_error_status(), status);
    assert_string_equal(text, renamed ? "new" : "old");
    if (status)
        assert_non_null(strstr(fac_last_error(), "'a': Input/output error"));
    else
        assert_true(renamed);
    free(text);
    support_files_fail_at(0, false, 0, NULL);
    int left = support_folder_empty();
    assert_true(left == 1 || (forever && left == 2)); /* where nothing can be removed, the temporary file stays */
    assert_int_equal(support_files.open_files, 0);
}

static void every_call_of_replacing_fails_in_turn(void **state)
{
    (void)state;
    int failures = 0;
    bool reached = true;
    for (int n = 1; reached; n++)
        for (int forever = 0; forever < 2; forever++) {
            support_put("a", "old", 3);
            support_put(".facula-0123456789abcdef.tmp", "dead", 4);
            support_files_fail_at(n, forever, EIO, NULL);
            fac_status status = replace("a", "new");
            reached = support_files.count >= n;
            support_files.fail_at = 0;
            unlink(".facula-0123456789abcdef.tmp"); /* stays where looking for the dead failed */
            failures += status != FAC_OK;
            check_after_failure(status, forever);
        }
    assert_true(failures > 20);
}

static fac_status read_program(void *ctx)
{
    char *data;
    size_t size;
    FAC_TRY(fac_read_file(ctx, 9, &data, &size));
    fac_dealloc(data, size + 1);
    return FAC_OK;
}

static fac_status replace_program(void *ctx)
{
    return replace(ctx, "new");
}

static void every_allocation_fails_in_turn(void **state)
{
    (void)state;
    char name[] = "a";
    support_put("a", "old", 3);
    assert_int_equal(support_alloc_fail_each(read_program, name), 1);
    assert_int_equal(support_alloc_fail_each(replace_program, name), 1);
    assert_int_equal(support_folder_empty(), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    support_alloc_install();
    support_files_install();
    const struct CMUnitTest tests[] = {
        CASE(reads_a_whole_file),
        CASE(refuses_to_read),
        CASE(notices_a_file_cut_meanwhile),
        CASE(every_call_of_reading_fails_in_turn),
        CASE(writes_a_new_file),
        CASE(keeps_the_mode_of_the_old_file),
        CASE(writes_pieces_of_every_size),
        CASE(abandoned_leaves_the_old_file),
        CASE(writes_through_links),
        CASE(refuses_to_replace),
        CASE(a_name_of_the_greatest_length),
        CASE(permissions_count),
        CASE(removes_what_dead_writers_left),
        CASE(a_full_disk),
        CASE(a_disk_that_is_really_full),
        CASE(an_error_stays),
        CASE(a_write_of_nothing),
        CASE(file_systems_without_sync),
        CASE(every_call_of_replacing_fails_in_turn),
        CASE(every_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
