/* SPDX-License-Identifier: MIT */
/* How an error starts. The message is the thread's; the mark stays pending until an action returns it. */
#ifndef FAC_BASE_ERROR_H
#define FAC_BASE_ERROR_H

#include "facula/base.h"

/* Sets this thread's message and pending mark, returns status. The format knows no floating-point conversions
 * (printf's follow the host's locale): write numbers with fac_repr_double. If an error is pending already, that one
 * is the root cause and stays; its status is returned. */
fac_status fac_fail(fac_status status, const char *format, ...) FAC_PRINTF(2, 3);

/* fac_fail for a failed allocation of `bytes`; needs no memory. */
fac_status fac_fail_memory(size_t bytes);

/* The pending status, not cleared. */
fac_status fac_pending(void);

/* Clears the pending mark (not the message). For the one place that reports: an action about to return. */
void fac_clear_pending(void);

/* An action's last line: what it returns, with the pending mark cleared. Its first line is
 *     if (fac_pending()) return fac_error_status(); */
fac_status fac_returned(fac_status status);

/* A warning, once a call site (a static flag there). */
void fac_warn(const char *format, ...) FAC_PRINTF(1, 2);
#define FAC_WARN_ONCE(...)                                                                                             \
    do {                                                                                                               \
        static bool warned_;                                                                                           \
        if (!__atomic_exchange_n(&warned_, true, __ATOMIC_RELAXED))                                                    \
            fac_warn(__VA_ARGS__);                                                                                     \
    } while (0)

/* Where one place speaks for many of the user's: once for each text it gives under this key (the first 64 in all). */
void fac_warn_text_once(const void *key, const char *format, ...) FAC_PRINTF(2, 3);

#define FAC_TRY(expression)                                                                                            \
    do {                                                                                                               \
        fac_status try_ = (expression);                                                                                \
        if (__builtin_expect(try_ != FAC_OK, 0))                                                                       \
            return try_;                                                                                               \
    } while (0)

#endif
