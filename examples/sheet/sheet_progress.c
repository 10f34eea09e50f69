/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "sheet_progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static bool shown;

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
    enum { EVERY = 64, WIDTH = 40 };
    static int64_t last;
    static int terminal = -1;
    if (epoch % EVERY)
        return;
    if (terminal < 0)
        terminal = isatty(STDERR_FILENO);
    int64_t now = terminal ? milliseconds() : 0;
    if (!terminal || now - last < 100)
        return;
    last = now;
    int done = (int)(WIDTH * epoch / epochs);
    char bar[WIDTH + 1];
    memset(bar, '.', WIDTH);
    memset(bar, '#', (size_t)done);
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r[%s] epoch %lld/%lld, loss %.3f ", bar, (long long)epoch, (long long)epochs, loss);
    shown = true;
}

void sheet_clear_progress(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
}
