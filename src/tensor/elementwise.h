/* SPDX-License-Identifier: MIT */
/* The elementwise kernels' table: an index an operation, an inner loop a dtype. */
#ifndef FAC_TENSOR_ELEMENTWISE_H
#define FAC_TENSOR_ELEMENTWISE_H

#include "tensor/iterate.h"

/* Those of one operand come first. */
enum {
#define FAC_EW1(name, ...) FAC_EW_##name,
#define FAC_EW2(name, ...)
#include "tensor/elementwise.def"
#undef FAC_EW1
#undef FAC_EW2
    FAC_EW_ONE_OPERAND,
    FAC_EW_LAST_OF_ONE = FAC_EW_ONE_OPERAND - 1,
#define FAC_EW1(name, ...)
#define FAC_EW2(name, ...) FAC_EW_##name,
#include "tensor/elementwise.def"
#undef FAC_EW1
#undef FAC_EW2
    FAC_EW_COUNT
};

/* forward: operands result, x (, o), all of the dtype (a bool result for comparisons). backward, of one-operand rows:
 * result, g, and x or y as the row says. The context is the op's argument struct. */
typedef struct fac_ew_kernels {
    fac_inner_fn *forward[FAC_EW_COUNT][FAC_DTYPES];
    fac_inner_fn *backward[FAC_EW_ONE_OPERAND][FAC_FLOAT64 + 1]; /* floats only */
} fac_ew_kernels;

extern const fac_ew_kernels *fac_ew; /* of the ISA chosen at start */
const fac_ew_kernels *fac_ew_for(const char *isa);

#endif
