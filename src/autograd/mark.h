/* SPDX-License-Identifier: MIT */
#ifndef FAC_AUTOGRAD_MARK_H
#define FAC_AUTOGRAD_MARK_H

#include "graph/node.h"

/* For fac_grad: marks the nodes between outputs and inputs, and starts a number of its own (fac_self.skip) with which
 * the edges that lead elsewhere are marked: neither derived nor freed. */
fac_status fac_mark_wanted(const fac_tensors *outputs, const fac_tensors *inputs);

#endif
