/* SPDX-License-Identifier: MIT */
/* Defaults and argument descriptors of the constructors. Made by tools/gen_api.c from the tables: change those. */
#include <stddef.h>

#include "facula/optimisers.h"
#include "graph/op.h"
