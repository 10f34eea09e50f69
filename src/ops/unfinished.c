/* SPDX-License-Identifier: MIT */
#include "ops/op_table.h"
__attribute__((weak)) const fac_op fac_op_sum = {FAC_HEAD_sum, .n_out = 1, .flags = FAC_FLAGS_sum};
__attribute__((weak)) const fac_op fac_op_mean = {FAC_HEAD_mean, .n_out = 1, .flags = FAC_FLAGS_mean};
__attribute__((weak)) const fac_op fac_op_var = {FAC_HEAD_var, .n_out = 1, .flags = FAC_FLAGS_var};
__attribute__((weak)) const fac_op fac_op_std = {FAC_HEAD_std, .n_out = 1, .flags = FAC_FLAGS_std};
__attribute__((weak)) const fac_op fac_op_max = {FAC_HEAD_max, .n_out = 1, .flags = FAC_FLAGS_max};
__attribute__((weak)) const fac_op fac_op_min = {FAC_HEAD_min, .n_out = 1, .flags = FAC_FLAGS_min};
__attribute__((weak)) const fac_op fac_op_amax = {FAC_HEAD_amax, .n_out = 1, .flags = FAC_FLAGS_amax};
__attribute__((weak)) const fac_op fac_op_amin = {FAC_HEAD_amin, .n_out = 1, .flags = FAC_FLAGS_amin};
__attribute__((weak)) const fac_op fac_op_argmax = {FAC_HEAD_argmax, .n_out = 1, .flags = FAC_FLAGS_argmax};
__attribute__((weak)) const fac_op fac_op_argmin = {FAC_HEAD_argmin, .n_out = 1, .flags = FAC_FLAGS_argmin};
__attribute__((weak)) const fac_op fac_op_all = {FAC_HEAD_all, .n_out = 1, .flags = FAC_FLAGS_all};
__attribute__((weak)) const fac_op fac_op_any = {FAC_HEAD_any, .n_out = 1, .flags = FAC_FLAGS_any};
__attribute__((weak)) const fac_op fac_op_sum_to_shape = {FAC_HEAD_sum_to_shape, .n_out = 1, .flags = FAC_FLAGS_sum_to_shape};
__attribute__((weak)) const fac_op fac_op_softmax = {FAC_HEAD_softmax, .n_out = 1, .flags = FAC_FLAGS_softmax};
__attribute__((weak)) const fac_op fac_op_log_softmax = {FAC_HEAD_log_softmax, .n_out = 1, .flags = FAC_FLAGS_log_softmax};
__attribute__((weak)) const fac_op fac_op_logsumexp = {FAC_HEAD_logsumexp, .n_out = 1, .flags = FAC_FLAGS_logsumexp};
__attribute__((weak)) const fac_op fac_op_matmul = {FAC_HEAD_matmul, .n_out = 1, .flags = FAC_FLAGS_matmul};
__attribute__((weak)) const fac_op fac_op_mm = {FAC_HEAD_mm, .n_out = 1, .flags = FAC_FLAGS_mm};
__attribute__((weak)) const fac_op fac_op_bmm = {FAC_HEAD_bmm, .n_out = 1, .flags = FAC_FLAGS_bmm};
__attribute__((weak)) const fac_op fac_op_accumulate_grad = {FAC_HEAD_accumulate_grad, .n_out = 1, .flags = FAC_FLAGS_accumulate_grad};
