/* SPDX-License-Identifier: MIT */
#ifndef FAC_AUTOGRAD_ACCUMULATE_H
#define FAC_AUTOGRAD_ACCUMULATE_H

#include "graph/node.h"

/* leaf.grad += grad, or = grad where there is none. */
fac_status fac_accumulate_grad(fac_tensor *leaf, fac_tensor *grad);

#endif
