/* SPDX-License-Identifier: MIT */
#include "ops/op_table.h"
__attribute__((weak)) const fac_op fac_op_accumulate_grad = {FAC_HEAD_accumulate_grad, .n_out = 1, .flags = FAC_FLAGS_accumulate_grad};
