/* SPDX-License-Identifier: MIT */
/* What the operations share that make tensors from nothing or write over all of one. */
#ifndef FAC_OPS_CREATION_H
#define FAC_OPS_CREATION_H

#include "graph/node.h"
#include "ops/op_table.h"

/* The sizes of fac_zeros(2, 3, .size = NULL) and kin, up to the first that is not given. */
#define FAC_SIZE_ARGS(args) \
    ((const int64_t[]){(args)->d0, (args)->d1, (args)->d2, (args)->d3, (args)->d4, (args)->d5, (args)->d6, (args)->d7})

/* The result's meta: sizes from dims (8, FAC_NONE behind the last) or, if given, from size; dtype, or the default one.
 */
fac_status fac_meta_sized(const fac_call *call, const int64_t *dims, fac_list size, fac_dtype dtype, fac_meta *out);
/* The same of one list of sizes; NULL is an error. */
fac_status fac_meta_listed(const fac_call *call, fac_list size, fac_dtype dtype, fac_meta *out);
/* The meta of f_like(input): its shape, row-major; dtype, or input's. */
fac_status fac_meta_like(const fac_call *call, fac_dtype dtype, fac_meta *out);
/* Only floating tensors require gradients. */
fac_status fac_check_can_require_grad(const fac_call *call, bool requires_grad, const fac_meta *meta);
/* A dtype that is floating, or the error `rand: not implemented for int64`. */
fac_status fac_check_floating(const fac_call *call, int dtype);

/* FAC_OK if value can be converted to dtype, as PyTorch converts numbers: no overflow. */
fac_status fac_check_value(const fac_call *call, double value, int dtype);
/* Every element of to, which may have any strides, becomes value. */
void fac_fill(const fac_tensor *to, double value);

/* For operations that write over input 0: its elements do not share memory (it is not expanded). */
fac_status fac_check_written(const fac_call *call, fac_meta *unused);
/* The derivative of writing over input 0: zero. */
fac_status fac_overwritten_grad(fac_node *node, fac_tensor **g, fac_tensor **gx);

#endif
