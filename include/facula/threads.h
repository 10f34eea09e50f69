/* SPDX-License-Identifier: MIT */
/* How many threads one large operation may use. */
#ifndef FACULA_THREADS_H
#define FACULA_THREADS_H

#include "facula/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* torch.set_num_threads(n): large operations are spread over up to n threads, the caller's among them. Bits do not
 * depend on it. 1 <= n <= 256; else FAC_ERR_VALUE. The default is the environment's FACULA_NUM_THREADS as it was when
 * the library was loaded, else one for each processor that the calling thread may run on.
 *
 * The other threads start when there first is work for them, sleep without using the processor when there is none, run
 * no code of the host's, take no signals, and end with fac_trim or the program. They serve one caller at a time: who
 * comes meanwhile does its work alone. */
FAC_API fac_status fac_set_num_threads(int n) FAC_WARN_UNUSED;

/* torch.get_num_threads() */
FAC_API int fac_get_num_threads(void);

#ifdef __cplusplus
}
#endif
#endif
