/* SPDX-License-Identifier: MIT */
/* Socket pairs rather than pipes: they are closed on exec from the start, so that a child which another thread starts
 * meanwhile cannot hold them open, and a write to one that nobody reads raises no SIGPIPE. */
#define _POSIX_C_SOURCE 200809L
#include "draw/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/utf8.h"

extern char **environ;

enum { IN, OUT, ERR, STREAMS };
enum { COMPLAINT_MAX = 512, OUTPUT_MAX = 1 << 28 };

typedef struct {
    const char *who, *name;
    const char *input;
    size_t left;
    fac_text *output;
    char complaint[COMPLAINT_MAX]; /* the beginning of its standard error */
    size_t complaint_size;
    int ours[STREAMS], theirs[STREAMS]; /* descriptors, -1 once closed */
    pid_t pid;                          /* 0: not started */
    int64_t deadline;                   /* in ms */
} child;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static fac_status fail_errno(const child *c, const char *what, int problem)
{
    char reason[128];
    if (strerror_r(problem, reason, sizeof reason)) /* strerror shares its buffer between threads */
        strcpy(reason, "unknown error");
    return fac_fail(FAC_ERR_IO, "%s: cannot %s %s: %s", c->who, what, c->name, reason);
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A host may have closed its standard streams; a descriptor in their place would be overwritten in the child. */
static bool move_up(int *fd)
{
    if (*fd > STDERR_FILENO)
        return true;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0)
        return false;
    close(*fd);
    *fd = moved;
    return true;
}

static fac_status open_streams(child *c)
{
    for (int i = 0; i < STREAMS; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
            return fail_errno(c, "connect to", errno);
        c->ours[i] = pair[0];
        c->theirs[i] = pair[1];
        if (!move_up(&c->ours[i]) || !move_up(&c->theirs[i]))
            return fail_errno(c, "connect to", errno);
    }
    return FAC_OK;
}

/* A group of its own, so that all it starts can be killed; signals as a program finds them that a shell starts,
 * whatever the host blocks or ignores. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGCHLD);
    sigaddset(&defaults, SIGTERM);
    int problem =
        posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!problem)
        problem = posix_spawnattr_setpgroup(attributes, 0);
    if (!problem)
        problem = posix_spawnattr_setsigmask(attributes, &none);
    return problem ? problem : posix_spawnattr_setsigdefault(attributes, &defaults);
}

static int spawn_with(child *c, const char *const *argv, posix_spawn_file_actions_t *actions,
                      posix_spawnattr_t *attributes)
{
    int problem = set_attributes(attributes);
    for (int i = 0; i < STREAMS && !problem; i++)
        problem = posix_spawn_file_actions_adddup2(actions, c->theirs[i], i);
    if (problem)
        return problem;
    return posix_spawnp(&c->pid, argv[0], actions, attributes, (char *const *)(uintptr_t)argv, environ);
}

static fac_status start(child *c, const char *const *argv)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem)
        return fail_errno(c, "start", problem);
    problem = posix_spawnattr_init(&attributes);
    if (!problem) {
        problem = spawn_with(c, argv, &actions, &attributes);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < STREAMS; i++)
        close_one(&c->theirs[i]);
    if (problem)
        c->pid = 0;
    if (problem == ENOENT)
        return fac_fail(FAC_ERR_IO, "%s: the program %s is not installed, or not in PATH", c->who, c->name);
    return problem ? fail_errno(c, "start", problem) : FAC_OK;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static void feed(child *c)
{
    ssize_t n = c->left ? send(c->ours[IN], c->input, c->left, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
    if (n < 0 && would_block())
        return;
    if (n > 0) {
        c->input += n;
        c->left -= (size_t)n;
    }
    if (n < 0 || !c->left) /* a reader that is gone: what became of it is told by its exit status */
        close_one(&c->ours[IN]);
}

/* The next bytes of a stream, 0 if there are none now; closes it at its end. */
static size_t take(int *fd, char *piece, size_t size)
{
    ssize_t n = recv(*fd, piece, size, MSG_DONTWAIT);
    if (n > 0)
        return (size_t)n;
    if (n == 0 || !would_block())
        close_one(fd);
    return 0;
}

static fac_status take_output(child *c)
{
    char piece[1 << 14];
    size_t n = take(&c->ours[OUT], piece, sizeof piece);
    if (n > OUTPUT_MAX - c->output->length)
        return fac_fail(FAC_ERR_IO, "%s: %s wrote more than %d bytes", c->who, c->name, OUTPUT_MAX);
    fac_text_append(c->output, piece, n);
    return c->output->failed ? fac_pending() : FAC_OK;
}

static void take_complaint(child *c)
{
    char piece[1 << 10];
    size_t n = take(&c->ours[ERR], piece, sizeof piece);
    size_t room = sizeof c->complaint - c->complaint_size;
    n = n < room ? n : room;
    memcpy(c->complaint + c->complaint_size, piece, n);
    c->complaint_size += n;
}

static fac_status fail_time(const child *c, int timeout_ms)
{
    return fac_fail(FAC_ERR_IO, "%s: %s was not done after %d ms and has been stopped", c->who, c->name, timeout_ms);
}

/* Until both of its outputs have ended. */
static fac_status converse(child *c, int timeout_ms)
{
    while (c->ours[OUT] >= 0 || c->ours[ERR] >= 0) {
        int64_t left = c->deadline - now_ms();
        if (left <= 0)
            return fail_time(c, timeout_ms);
        struct pollfd polled[STREAMS] = {
            {c->ours[IN], POLLOUT, 0}, {c->ours[OUT], POLLIN, 0}, {c->ours[ERR], POLLIN, 0}};
        if (poll(polled, STREAMS, (int)left) < 0) {
            if (errno == EINTR)
                continue;
            return fail_errno(c, "wait for", errno);
        }
        if (polled[IN].revents)
            feed(c);
        if (polled[ERR].revents)
            take_complaint(c);
        if (polled[OUT].revents)
            FAC_TRY(take_output(c));
    }
    return FAC_OK;
}

/* -1: not known, because the host has all its children reaped (SIGCHLD ignored, a handler that waits for any). */
static fac_status reap_in_time(child *c, int timeout_ms, int *ended)
{
    struct timespec pause = {0, 50000};
    pid_t pid;
    while ((pid = waitpid(c->pid, ended, WNOHANG)) == 0 || (pid < 0 && errno == EINTR)) {
        if (now_ms() >= c->deadline)
            return fail_time(c, timeout_ms);
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000)
            pause.tv_nsec *= 2;
    }
    if (pid < 0)
        *ended = -1;
    c->pid = 0;
    return FAC_OK;
}

static void kill_all(child *c)
{
    if (!c->pid)
        return;
    kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    c->pid = 0;
}

static fac_status judge(const child *c, int ended)
{
    char shown[FAC_SHOWN_MAX];
    const char *first = c->complaint, *end = c->complaint + c->complaint_size;
    while (first < end && strchr(" \t\r\n", *first)) /* gnuplot's begins with an empty line */
        first++;
    size_t length = 0;
    while (first + length < end && first[length] != '\n')
        length++;
    const char *colon = length ? ": " : "";
    fac_shown(shown, first, length);
    if (ended == -1)
        return c->output->length ? FAC_OK
                                 : fac_fail(FAC_ERR_IO, "%s: %s gave no output%s%s", c->who, c->name, colon, shown);
    if (WIFSIGNALED(ended))
        return fac_fail(FAC_ERR_IO, "%s: %s was killed by signal %d%s%s", c->who, c->name, WTERMSIG(ended), colon,
                        shown);
    if (WEXITSTATUS(ended))
        return fac_fail(FAC_ERR_IO, "%s: %s failed with exit status %d%s%s", c->who, c->name, WEXITSTATUS(ended), colon,
                        shown);
    return FAC_OK;
}

static fac_status run(child *c, const char *const *argv, int timeout_ms)
{
    int ended;
    FAC_TRY(open_streams(c));
    FAC_TRY(start(c, argv));
    FAC_TRY(converse(c, timeout_ms));
    close_one(&c->ours[IN]); /* one that says no more may still read to the end */
    FAC_TRY(reap_in_time(c, timeout_ms, &ended));
    return judge(c, ended);
}

fac_status fac_child_run(const char *const *argv, const void *input, size_t input_size, fac_text *output,
                         const char *who, int timeout_ms)
{
    child c = {.who = who,
               .name = argv[0],
               .input = input,
               .left = input_size,
               .output = output,
               .ours = {-1, -1, -1},
               .theirs = {-1, -1, -1},
               .deadline = now_ms() + timeout_ms};
    fac_status status = run(&c, argv, timeout_ms);
    for (int i = 0; i < STREAMS; i++) {
        close_one(&c.ours[i]);
        close_one(&c.theirs[i]);
    }
    kill_all(&c);
    return status;
}
