/* SPDX-License-Identifier: MIT */
/* Calls on lists of tensors, and what operations share. */
#ifndef FAC_OPS_OP_LIST_H
#define FAC_OPS_OP_LIST_H

#include "graph/node.h"
#include "ops/op_table.h"
#include "tensor/iterate.h"

fac_tensor *fac_apply_one_list(const fac_op *op, const fac_tensors *list, const void *args);

/* For derivatives: g summed to the shape, where an input was broadcast; cast to its dtype. g itself where it fits. */
fac_tensor *fac_sum_to(fac_tensor *g, const fac_shape *shape);
/* A list of the sizes of a shape. */
fac_ints fac_shape_list(const fac_shape *shape);
fac_ints fac_meta_list(const fac_meta *meta);
/* "mean", "sum" or "none" to FAC_MEAN and so on; FAC_ERR_VALUE as PyTorch says it. */
typedef enum { FAC_REDUCTION_NONE, FAC_REDUCTION_MEAN, FAC_REDUCTION_SUM } fac_reduction;
fac_status fac_reduction_of(const char *text, fac_reduction *reduction);

/* The kernel of an elementwise operation, or of the derivative of one (operands g and what was saved), where operands
 * and result have this floating dtype; its row in elementwise.def. NULL for other operations. */
fac_inner_fn *fac_elementwise_kernel(const fac_op *op, int dtype, int *row, bool *derivative);

/* The same values in another dtype as fresh memory that only a kernel sees (no scope, no graph); tensor itself, with
 * one more reference, where the dtype is right already. NULL with the error set. */
fac_tensor *fac_kernel_cast(fac_tensor *tensor, fac_dtype dtype);

#endif
