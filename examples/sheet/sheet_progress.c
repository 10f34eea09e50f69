/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "sheet_progress.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static int shown; /* characters of the bar */

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

void sheet_catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

bool sheet_interrupted(void)
{
    return interrupted;
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sheet_show_progress(int64_t epoch, int64_t epochs, double loss)
{
    enum { WIDTH = 30, EVERY = 100 /* ms */ };
    static const char full[] = "##############################", empty[] = "..............................";
    static int64_t last;
    static int terminal = -1;
    if (terminal < 0)
        terminal = isatty(STDERR_FILENO);
    int64_t now = terminal ? milliseconds() : 0;
    if (!terminal || now - last < EVERY)
        return;
    last = now;
    int done = (int)(WIDTH * ((double)epoch / (double)epochs));
    sheet_clear_progress();
    shown = fprintf(stderr, "\r[%.*s%.*s] epoch %lld/%lld, loss %.3f ", done, full, WIDTH - done, empty,
                    (long long)epoch, (long long)epochs, loss);
}

void sheet_clear_progress(void)
{
    if (shown > 0)
        fprintf(stderr, "\r%*s\r", shown, ""); /* blanks: not every terminal knows how to erase a line */
    shown = 0;
}

bool sheet_flush(void)
{
    static bool failed;
    bool reason = fflush(stdout);
    if (failed || (!reason && !ferror(stdout)))
        return !failed;
    int problem = errno;
    sheet_clear_progress();
    fprintf(stderr, "sheet: cannot write to standard output%s%s\n", reason ? ": " : "",
            reason ? strerror(problem) : "");
    failed = true;
    return false;
}

bool sheet_is_terminal(void)
{
    return isatty(STDOUT_FILENO);
}
