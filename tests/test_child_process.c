/* SPDX-License-Identifier: MIT */
/* Programs that are missing, fail, die, hang, flood; a host that closes its streams or reaps its children itself. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "draw/child_process.h"
#include "support_alloc.h"

static fac_status run_shell(const char *script, const char *input, size_t size, fac_text *output, int timeout_ms)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    return fac_returned(fac_child_run(argv, input, size, output, "test", timeout_ms));
}

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = 0;
    while (folder && readdir(folder))
        n++;
    if (folder)
        closedir(folder);
    return n;
}

static void no_child_is_left(void)
{
    errno = 0;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void expect_failure(const char *script, const char *message)
{
    fac_text output = {0};
    int before = open_descriptors();
    assert_int_equal(run_shell(script, "text", 4, &output, 10000), FAC_ERR_IO);
    assert_string_equal(fac_last_error(), message);
    assert_int_equal(open_descriptors(), before);
    fac_text_free(&output);
    no_child_is_left();
}

static void test_much_input_comes_back(void **state)
{
    (void)state;
    enum { SIZE = 5000000 };
    char *input = test_malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        input[i] = (char)(i * 7 + i / 1000);
    fac_text output = {0};
    int before = open_descriptors();
    assert_int_equal(run_shell("cat", input, SIZE, &output, 60000), FAC_OK);
    assert_int_equal(output.length, SIZE);
    assert_memory_equal(output.data, input, SIZE);
    assert_int_equal(open_descriptors(), before);
    fac_text_free(&output);
    test_free(input);
    no_child_is_left();
}

static void test_failures(void **state)
{
    (void)state;
    expect_failure("cat >/dev/null; exit 3", "test: sh failed with exit status 3");
    expect_failure("echo >&2; echo 'line 1: bad\033[31m' >&2; echo more >&2; exit 1",
                   "test: sh failed with exit status 1: line 1: bad\\x1b[31m");
    expect_failure("kill -SEGV $$", "test: sh was killed by signal 11");
    expect_failure(
        "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done; "
        "exit 1",
        "test: sh failed with exit status 1: 0123456789012345678901234567890123456789");
    const char *argv[] = {"facula-no-such-program", NULL};
    fac_text output = {0};
    assert_int_equal(fac_returned(fac_child_run(argv, "", 0, &output, "test", 1000)), FAC_ERR_IO);
    assert_string_equal(fac_last_error(), "test: the program facula-no-such-program is not installed, or not in PATH");
    argv[0] = "/dev/null";
    assert_int_equal(fac_returned(fac_child_run(argv, "", 0, &output, "test", 1000)), FAC_ERR_IO);
    assert_string_equal(fac_last_error(), "test: cannot start /dev/null: Permission denied");
    no_child_is_left();
}

/* Input that nobody reads raises no SIGPIPE, which would end this program. */
static void test_input_left_unread(void **state)
{
    (void)state;
    enum { SIZE = 3000000 };
    char *input = test_calloc(SIZE, 1);
    fac_text output = {0};
    assert_int_equal(run_shell("exec <&-; sleep 0.1; echo done", input, SIZE, &output, 60000), FAC_OK);
    assert_string_equal(output.data, "done\n");
    assert_int_equal(run_shell("exit 7", input, SIZE, &output, 60000), FAC_ERR_IO);
    fac_text_free(&output);
    test_free(input);
}

static void stopped_in_time(const char *script)
{
    struct timespec start, end;
    fac_text output = {0};
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(run_shell(script, "", 0, &output, 300), FAC_ERR_IO);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_string_equal(fac_last_error(), "test: sh was not done after 300 ms and has been stopped");
    assert_true(end.tv_sec - start.tv_sec < 20);
    fac_text_free(&output);
    no_child_is_left();
}

static void test_hanging(void **state)
{
    (void)state;
    stopped_in_time("sleep 60; true");                /* the one that sleeps is a child of the child */
    stopped_in_time("exec >&- 2>&-; sleep 60; true"); /* says no more, but does not end */
    stopped_in_time("trap '' TERM INT; sleep 60; sleep 60");
    stopped_in_time("while :; do echo x; done");
}

/* What a host does to its own signals is neither changed nor handed on. */
static void test_signals_of_the_host(void **state)
{
    (void)state;
    fac_text output = {0};
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(run_shell("cat", "abc", 3, &output, 10000), FAC_OK);
    assert_int_equal(run_shell("kill -PIPE $$; echo alive", "", 0, &output, 10000), FAC_OK);
    assert_string_equal(output.data, "abc"); /* not "alive": how it ended nobody can tell */
    fac_text nothing = {0};
    assert_int_equal(run_shell("echo why >&2; exit 3", "", 0, &nothing, 10000), FAC_ERR_IO);
    assert_string_equal(fac_last_error(), "test: sh gave no output: why");
    assert_ptr_equal(signal(SIGPIPE, SIG_DFL), SIG_IGN);
    assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
    fac_text_free(&output);
    fac_text_free(&nothing);
}

static void test_closed_streams_of_the_host(void **state)
{
    (void)state;
    fac_text output = {0};
    int saved[3];
    for (int i = 0; i < 3; i++) {
        saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
        close(i);
    }
    fac_status status = run_shell("cat; echo err >&2", "abc", 3, &output, 10000);
    for (int i = 0; i < 3; i++) {
        dup2(saved[i], i);
        close(saved[i]);
    }
    assert_int_equal(status, FAC_OK);
    assert_string_equal(output.data, "abc");
    fac_text_free(&output);
}

static fac_status copy_program(void *ctx)
{
    (void)ctx;
    fac_text output = {0};
    fac_status status = run_shell("head -c 100000 /dev/zero", "", 0, &output, 60000);
    if (!status && output.length != 100000)
        status = FAC_ERR_IO;
    fac_text_free(&output);
    return status;
}

static void test_without_memory(void **state)
{
    (void)state;
    int before = open_descriptors();
    assert_true(support_alloc_fail_each(copy_program, NULL) > 0);
    assert_int_equal(open_descriptors(), before);
    no_child_is_left();
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_much_input_comes_back), cmocka_unit_test(test_failures),
        cmocka_unit_test(test_input_left_unread),     cmocka_unit_test(test_hanging),
        cmocka_unit_test(test_signals_of_the_host),   cmocka_unit_test(test_closed_streams_of_the_host),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
