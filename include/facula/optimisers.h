/* SPDX-License-Identifier: MIT */
/* The optimisers of torch.optim: optim.X is fac_X. Made by tools/gen_api.c from the tables: change those. */
#ifndef FACULA_OPTIMISERS_H
#define FACULA_OPTIMISERS_H

#include "facula/call.h"
#include "facula/random.h"
#include "facula/optim.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
