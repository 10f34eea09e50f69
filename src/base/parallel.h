/* SPDX-License-Identifier: MIT */
/* Work on several threads: a function over pieces. Bits must not depend on which thread does a piece, nor when. */
#ifndef FAC_BASE_PARALLEL_H
#define FAC_BASE_PARALLEL_H

#include "facula/threads.h"

/* Calls fn once for each piece 0 <= piece < pieces, in any order, on this thread and on others that are free, and
 * returns when all are done. This thread does piece 0, and the others begin with the same piece each time, if they come
 * in time: of a work done again each thread has its share in its cache. fn starts no error and owns nothing when it
 * returns; inside it, a call of fac_parallel runs its pieces one after the other. */
void fac_parallel(int64_t pieces, void (*fn)(void *ctx, int64_t piece), void *ctx);

/* How many threads a work of that many steps deserves, a step being a multiply-add of a matrix product: 1 if it is too
 * short, and inside fac_parallel. It takes more for threads that have to be woken, and much more for the first to be
 * started: with a second thread in the process all counts of references become atomic, for ever. */
enum { FAC_STEPS_TO_SHARE = 300000 };
int fac_parallel_width_of_many(int64_t steps);
static inline int fac_parallel_width(int64_t steps)
{
    return steps < FAC_STEPS_TO_SHARE ? 1 : fac_parallel_width_of_many(steps);
}

/* Ends the threads, unless they are at work. The next work starts them again. */
void fac_parallel_trim(void);

#endif
