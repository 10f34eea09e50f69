/* SPDX-License-Identifier: MIT */
/* Another program, run to its end: the one place where the library starts one. */
#ifndef FAC_DRAW_CHILD_PROCESS_H
#define FAC_DRAW_CHILD_PROCESS_H

#include "base/text.h"

/* Runs argv[0], looked for in PATH, without a shell; argv ends with NULL. It reads `input` on its standard input, and
 * what it writes to its standard output is appended to `output`. FAC_ERR_IO, `who: dot ...`, where it is not installed,
 * exits with other than 0 (with the first line of its standard error), is killed, or is not done after timeout_ms: then
 * it and whatever it started are killed. A program that leaves input unread may still have done its work: only its exit
 * status tells. No signal reaches the caller's process, and no other child of it is waited for. */
fac_status fac_child_run(const char *const *argv, const void *input, size_t input_size, fac_text *output,
                         const char *who, int timeout_ms);

#endif
