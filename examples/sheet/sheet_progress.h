/* SPDX-License-Identifier: MIT */
/* A progress bar on a terminal's standard error, standard output that may be full or closed, and Ctrl-C. */
#ifndef SHEET_PROGRESS_H
#define SHEET_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* From now on Ctrl-C asks training to stop; a second one kills as usual. */
void sheet_catch_interrupt(void);
bool sheet_interrupted(void);

/* Shows how far training is, a few times a second, if standard error is a terminal. Cheap to call each epoch. */
void sheet_show_progress(int64_t epoch, int64_t epochs, double loss);
/* Wipes the bar, so that a line can be printed. */
void sheet_clear_progress(void);

/* Brings out what was printed. False, with the line about it said once, if standard output does not take it. */
bool sheet_flush(void);

/* Whether standard output is a terminal. */
bool sheet_is_terminal(void);

#endif
