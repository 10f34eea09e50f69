/* SPDX-License-Identifier: MIT */
/* The modules of torch.nn: nn.X is fac_X. Made by tools/gen_api.c from the tables: change those. */
#ifndef FACULA_NN_MODULES_H
#define FACULA_NN_MODULES_H

#include "facula/call.h"
#include "facula/random.h"
#include "facula/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
