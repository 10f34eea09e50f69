/* SPDX-License-Identifier: MIT */
/* The public functions of the operations and the descriptors of their arguments. Made by tools/gen_api.c from the tables: change those. */
#include <stddef.h>

#include "ops/op_list.h"
#include "ops/op_table.h"

const fac_arg fac_args_neg[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_neg(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_neg, in, 1, NULL);
}

fac_tensor *fac_neg_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_neg, in, 1, NULL);
}

const fac_arg fac_args_abs[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_abs(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_abs, in, 1, NULL);
}

fac_tensor *fac_abs_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_abs, in, 1, NULL);
}

const fac_arg fac_args_sign[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_sign(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_sign, in, 1, NULL);
}

fac_tensor *fac_sign_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_sign, in, 1, NULL);
}

const fac_arg fac_args_square[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_square(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_square, in, 1, NULL);
}

fac_tensor *fac_square_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_square, in, 1, NULL);
}

const fac_arg fac_args_sqrt[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_sqrt(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_sqrt, in, 1, NULL);
}

fac_tensor *fac_sqrt_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_sqrt, in, 1, NULL);
}

const fac_arg fac_args_rsqrt[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_rsqrt(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_rsqrt, in, 1, NULL);
}

fac_tensor *fac_rsqrt_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_rsqrt, in, 1, NULL);
}

const fac_arg fac_args_reciprocal[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_reciprocal(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_reciprocal, in, 1, NULL);
}

fac_tensor *fac_reciprocal_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_reciprocal, in, 1, NULL);
}

const fac_arg fac_args_exp[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_exp(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_exp, in, 1, NULL);
}

fac_tensor *fac_exp_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_exp, in, 1, NULL);
}

const fac_arg fac_args_expm1[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_expm1(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_expm1, in, 1, NULL);
}

fac_tensor *fac_expm1_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_expm1, in, 1, NULL);
}

const fac_arg fac_args_log[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_log(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_log, in, 1, NULL);
}

fac_tensor *fac_log_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_log, in, 1, NULL);
}

const fac_arg fac_args_log1p[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_log1p(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_log1p, in, 1, NULL);
}

fac_tensor *fac_log1p_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_log1p, in, 1, NULL);
}

const fac_arg fac_args_sin[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_sin(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_sin, in, 1, NULL);
}

fac_tensor *fac_sin_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_sin, in, 1, NULL);
}

const fac_arg fac_args_cos[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_cos(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_cos, in, 1, NULL);
}

fac_tensor *fac_cos_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_cos, in, 1, NULL);
}

const fac_arg fac_args_tanh[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_tanh(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_tanh, in, 1, NULL);
}

fac_tensor *fac_tanh_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_tanh, in, 1, NULL);
}

const fac_arg fac_args_sigmoid[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_sigmoid(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_sigmoid, in, 1, NULL);
}

fac_tensor *fac_sigmoid_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_sigmoid, in, 1, NULL);
}

const fac_arg fac_args_relu[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_relu(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_relu, in, 1, NULL);
}

fac_tensor *fac_relu_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_relu, in, 1, NULL);
}

const fac_arg fac_args_leaky_relu[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"negative_slope", "0.01", FAC_KIND_REAL, offsetof(fac_leaky_relu_args, negative_slope)},
};

fac_leaky_relu_args fac_leaky_relu_defaults(void)
{
    return (fac_leaky_relu_args){FAC_DEFAULTS_leaky_relu, .size_ = sizeof(fac_leaky_relu_args)};
}

fac_tensor *fac_leaky_relu_with(fac_tensor *input, const fac_leaky_relu_args *args)
{
    static const fac_leaky_relu_args defaults = {FAC_DEFAULTS_leaky_relu, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_leaky_relu, in, 1, args);
}

fac_tensor *fac_leaky_relu__with(fac_tensor *input, const fac_leaky_relu_args *args)
{
    static const fac_leaky_relu_args defaults = {FAC_DEFAULTS_leaky_relu, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_leaky_relu, in, 1, args);
}

const fac_arg fac_args_softplus[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"beta", "1.0", FAC_KIND_REAL, offsetof(fac_softplus_args, beta)},
    {"threshold", "20.0", FAC_KIND_REAL, offsetof(fac_softplus_args, threshold)},
};

fac_softplus_args fac_softplus_defaults(void)
{
    return (fac_softplus_args){FAC_DEFAULTS_softplus, .size_ = sizeof(fac_softplus_args)};
}

fac_tensor *fac_softplus_with(fac_tensor *input, const fac_softplus_args *args)
{
    static const fac_softplus_args defaults = {FAC_DEFAULTS_softplus, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_softplus, in, 1, args);
}

fac_tensor *fac_softplus__with(fac_tensor *input, const fac_softplus_args *args)
{
    static const fac_softplus_args defaults = {FAC_DEFAULTS_softplus, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_softplus, in, 1, args);
}

const fac_arg fac_args_clamp[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"min", "None", FAC_KIND_REAL, offsetof(fac_clamp_args, min)},
    {"max", "None", FAC_KIND_REAL, offsetof(fac_clamp_args, max)},
};

fac_clamp_args fac_clamp_defaults(void)
{
    return (fac_clamp_args){FAC_DEFAULTS_clamp, .size_ = sizeof(fac_clamp_args)};
}

fac_tensor *fac_clamp_with(fac_tensor *input, const fac_clamp_args *args)
{
    static const fac_clamp_args defaults = {FAC_DEFAULTS_clamp, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_clamp, in, 1, args);
}

fac_tensor *fac_clamp__with(fac_tensor *input, const fac_clamp_args *args)
{
    static const fac_clamp_args defaults = {FAC_DEFAULTS_clamp, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_clamp, in, 1, args);
}

const fac_arg fac_args_floor[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_floor(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_floor, in, 1, NULL);
}

fac_tensor *fac_floor_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_floor, in, 1, NULL);
}

const fac_arg fac_args_ceil[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_ceil(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_ceil, in, 1, NULL);
}

fac_tensor *fac_ceil_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_ceil, in, 1, NULL);
}

const fac_arg fac_args_trunc[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_trunc(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_trunc, in, 1, NULL);
}

fac_tensor *fac_trunc_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_trunc, in, 1, NULL);
}

const fac_arg fac_args_isnan[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_isnan(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_isnan, in, 1, NULL);
}

const fac_arg fac_args_isfinite[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_isfinite(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_isfinite, in, 1, NULL);
}

const fac_arg fac_args_logical_not[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_logical_not(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_logical_not, in, 1, NULL);
}

const fac_arg fac_args_add[3] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
    {"alpha", "1", FAC_KIND_REAL, offsetof(fac_add_args, alpha)},
};

fac_add_args fac_add_defaults(void)
{
    return (fac_add_args){FAC_DEFAULTS_add, .size_ = sizeof(fac_add_args)};
}

fac_tensor *fac_add_with(fac_tensor *input, fac_tensor *other, const fac_add_args *args)
{
    static const fac_add_args defaults = {FAC_DEFAULTS_add, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_add, in, 2, args);
}

fac_tensor *fac_add__with(fac_tensor *input, fac_tensor *other, const fac_add_args *args)
{
    static const fac_add_args defaults = {FAC_DEFAULTS_add, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input, other};
    return fac_apply_inplace(&fac_op_add, in, 2, args);
}

const fac_arg fac_args_sub[3] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
    {"alpha", "1", FAC_KIND_REAL, offsetof(fac_sub_args, alpha)},
};

fac_sub_args fac_sub_defaults(void)
{
    return (fac_sub_args){FAC_DEFAULTS_sub, .size_ = sizeof(fac_sub_args)};
}

fac_tensor *fac_sub_with(fac_tensor *input, fac_tensor *other, const fac_sub_args *args)
{
    static const fac_sub_args defaults = {FAC_DEFAULTS_sub, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_sub, in, 2, args);
}

fac_tensor *fac_sub__with(fac_tensor *input, fac_tensor *other, const fac_sub_args *args)
{
    static const fac_sub_args defaults = {FAC_DEFAULTS_sub, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input, other};
    return fac_apply_inplace(&fac_op_sub, in, 2, args);
}

const fac_arg fac_args_mul[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_mul_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_mul, in, 2, NULL);
}

fac_tensor *fac_mul__with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_inplace(&fac_op_mul, in, 2, NULL);
}

const fac_arg fac_args_div[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_div_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_div, in, 2, NULL);
}

fac_tensor *fac_div__with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_inplace(&fac_op_div, in, 2, NULL);
}

const fac_arg fac_args_pow[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"exponent", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_pow_with(fac_tensor *input, fac_tensor *exponent)
{
    fac_tensor *in[] = {input, exponent};
    return fac_apply_one(&fac_op_pow, in, 2, NULL);
}

fac_tensor *fac_pow__with(fac_tensor *input, fac_tensor *exponent)
{
    fac_tensor *in[] = {input, exponent};
    return fac_apply_inplace(&fac_op_pow, in, 2, NULL);
}

const fac_arg fac_args_maximum[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_maximum_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_maximum, in, 2, NULL);
}

fac_tensor *fac_maximum__with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_inplace(&fac_op_maximum, in, 2, NULL);
}

const fac_arg fac_args_minimum[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_minimum_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_minimum, in, 2, NULL);
}

fac_tensor *fac_minimum__with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_inplace(&fac_op_minimum, in, 2, NULL);
}

const fac_arg fac_args_eq[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_eq_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_eq, in, 2, NULL);
}

const fac_arg fac_args_ne[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_ne_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_ne, in, 2, NULL);
}

const fac_arg fac_args_lt[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_lt_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_lt, in, 2, NULL);
}

const fac_arg fac_args_le[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_le_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_le, in, 2, NULL);
}

const fac_arg fac_args_gt[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_gt_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_gt, in, 2, NULL);
}

const fac_arg fac_args_ge[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_ge_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_ge, in, 2, NULL);
}

const fac_arg fac_args_logical_and[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_logical_and_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_logical_and, in, 2, NULL);
}

const fac_arg fac_args_logical_or[2] = {
    {"input", NULL, FAC_KIND_N, 0},
    {"other", NULL, FAC_KIND_N, 1},
};

fac_tensor *fac_logical_or_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_logical_or, in, 2, NULL);
}

const fac_arg fac_args_zeros[11] = {
    {"d0", "None", FAC_KIND_INT, offsetof(fac_zeros_args, d0)},
    {"d1", "None", FAC_KIND_INT, offsetof(fac_zeros_args, d1)},
    {"d2", "None", FAC_KIND_INT, offsetof(fac_zeros_args, d2)},
    {"d3", "None", FAC_KIND_INT, offsetof(fac_zeros_args, d3)},
    {"d4", "None", FAC_KIND_INT, offsetof(fac_zeros_args, d4)},
    {"d5", "None", FAC_KIND_INT, offsetof(fac_zeros_args, d5)},
    {"d6", "None", FAC_KIND_INT, offsetof(fac_zeros_args, d6)},
    {"d7", "None", FAC_KIND_INT, offsetof(fac_zeros_args, d7)},
    {"size", "None", FAC_KIND_LIST, offsetof(fac_zeros_args, size)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_zeros_args, dtype)},
    {"requires_grad", "False", FAC_KIND_BOOL, offsetof(fac_zeros_args, requires_grad)},
};

fac_zeros_args fac_zeros_defaults(void)
{
    return (fac_zeros_args){FAC_DEFAULTS_zeros, .size_ = sizeof(fac_zeros_args)};
}

fac_tensor *fac_zeros_with(const fac_zeros_args *args)
{
    static const fac_zeros_args defaults = {FAC_DEFAULTS_zeros, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_zeros, in, 0, args);
}

const fac_arg fac_args_ones[11] = {
    {"d0", "None", FAC_KIND_INT, offsetof(fac_ones_args, d0)},
    {"d1", "None", FAC_KIND_INT, offsetof(fac_ones_args, d1)},
    {"d2", "None", FAC_KIND_INT, offsetof(fac_ones_args, d2)},
    {"d3", "None", FAC_KIND_INT, offsetof(fac_ones_args, d3)},
    {"d4", "None", FAC_KIND_INT, offsetof(fac_ones_args, d4)},
    {"d5", "None", FAC_KIND_INT, offsetof(fac_ones_args, d5)},
    {"d6", "None", FAC_KIND_INT, offsetof(fac_ones_args, d6)},
    {"d7", "None", FAC_KIND_INT, offsetof(fac_ones_args, d7)},
    {"size", "None", FAC_KIND_LIST, offsetof(fac_ones_args, size)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_ones_args, dtype)},
    {"requires_grad", "False", FAC_KIND_BOOL, offsetof(fac_ones_args, requires_grad)},
};

fac_ones_args fac_ones_defaults(void)
{
    return (fac_ones_args){FAC_DEFAULTS_ones, .size_ = sizeof(fac_ones_args)};
}

fac_tensor *fac_ones_with(const fac_ones_args *args)
{
    static const fac_ones_args defaults = {FAC_DEFAULTS_ones, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_ones, in, 0, args);
}

const fac_arg fac_args_empty[11] = {
    {"d0", "None", FAC_KIND_INT, offsetof(fac_empty_args, d0)},
    {"d1", "None", FAC_KIND_INT, offsetof(fac_empty_args, d1)},
    {"d2", "None", FAC_KIND_INT, offsetof(fac_empty_args, d2)},
    {"d3", "None", FAC_KIND_INT, offsetof(fac_empty_args, d3)},
    {"d4", "None", FAC_KIND_INT, offsetof(fac_empty_args, d4)},
    {"d5", "None", FAC_KIND_INT, offsetof(fac_empty_args, d5)},
    {"d6", "None", FAC_KIND_INT, offsetof(fac_empty_args, d6)},
    {"d7", "None", FAC_KIND_INT, offsetof(fac_empty_args, d7)},
    {"size", "None", FAC_KIND_LIST, offsetof(fac_empty_args, size)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_empty_args, dtype)},
    {"requires_grad", "False", FAC_KIND_BOOL, offsetof(fac_empty_args, requires_grad)},
};

fac_empty_args fac_empty_defaults(void)
{
    return (fac_empty_args){FAC_DEFAULTS_empty, .size_ = sizeof(fac_empty_args)};
}

fac_tensor *fac_empty_with(const fac_empty_args *args)
{
    static const fac_empty_args defaults = {FAC_DEFAULTS_empty, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_empty, in, 0, args);
}

const fac_arg fac_args_full[4] = {
    {"size", NULL, FAC_KIND_LIST, offsetof(fac_full_args, size)},
    {"fill_value", NULL, FAC_KIND_REAL, offsetof(fac_full_args, fill_value)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_full_args, dtype)},
    {"requires_grad", "False", FAC_KIND_BOOL, offsetof(fac_full_args, requires_grad)},
};

fac_full_args fac_full_defaults(void)
{
    return (fac_full_args){FAC_DEFAULTS_full, .size_ = sizeof(fac_full_args)};
}

fac_tensor *fac_full_with(const fac_full_args *args)
{
    static const fac_full_args defaults = {FAC_DEFAULTS_full, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->size == NULL) {
        fac_missing("full", "size");
        return NULL;
    }
    if (fac_real_missing(args->fill_value)) {
        fac_missing("full", "fill_value");
        return NULL;
    }
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_full, in, 0, args);
}

const fac_arg fac_args_zeros_like[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_zeros_like_args, dtype)},
};

fac_zeros_like_args fac_zeros_like_defaults(void)
{
    return (fac_zeros_like_args){FAC_DEFAULTS_zeros_like, .size_ = sizeof(fac_zeros_like_args)};
}

fac_tensor *fac_zeros_like_with(fac_tensor *input, const fac_zeros_like_args *args)
{
    static const fac_zeros_like_args defaults = {FAC_DEFAULTS_zeros_like, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_zeros_like, in, 1, args);
}

const fac_arg fac_args_ones_like[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_ones_like_args, dtype)},
};

fac_ones_like_args fac_ones_like_defaults(void)
{
    return (fac_ones_like_args){FAC_DEFAULTS_ones_like, .size_ = sizeof(fac_ones_like_args)};
}

fac_tensor *fac_ones_like_with(fac_tensor *input, const fac_ones_like_args *args)
{
    static const fac_ones_like_args defaults = {FAC_DEFAULTS_ones_like, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_ones_like, in, 1, args);
}

const fac_arg fac_args_empty_like[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_empty_like_args, dtype)},
};

fac_empty_like_args fac_empty_like_defaults(void)
{
    return (fac_empty_like_args){FAC_DEFAULTS_empty_like, .size_ = sizeof(fac_empty_like_args)};
}

fac_tensor *fac_empty_like_with(fac_tensor *input, const fac_empty_like_args *args)
{
    static const fac_empty_like_args defaults = {FAC_DEFAULTS_empty_like, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_empty_like, in, 1, args);
}

const fac_arg fac_args_full_like[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"fill_value", NULL, FAC_KIND_REAL, offsetof(fac_full_like_args, fill_value)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_full_like_args, dtype)},
};

fac_full_like_args fac_full_like_defaults(void)
{
    return (fac_full_like_args){FAC_DEFAULTS_full_like, .size_ = sizeof(fac_full_like_args)};
}

fac_tensor *fac_full_like_with(fac_tensor *input, const fac_full_like_args *args)
{
    static const fac_full_like_args defaults = {FAC_DEFAULTS_full_like, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (fac_real_missing(args->fill_value)) {
        fac_missing("full_like", "fill_value");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_full_like, in, 1, args);
}

const fac_arg fac_args_arange[4] = {
    {"start", NULL, FAC_KIND_REAL, offsetof(fac_arange_args, start)},
    {"end", "None", FAC_KIND_REAL, offsetof(fac_arange_args, end)},
    {"step", "1", FAC_KIND_REAL, offsetof(fac_arange_args, step)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_arange_args, dtype)},
};

fac_arange_args fac_arange_defaults(void)
{
    return (fac_arange_args){FAC_DEFAULTS_arange, .size_ = sizeof(fac_arange_args)};
}

fac_tensor *fac_arange_with(const fac_arange_args *args)
{
    static const fac_arange_args defaults = {FAC_DEFAULTS_arange, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (fac_real_missing(args->start)) {
        fac_missing("arange", "start");
        return NULL;
    }
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_arange, in, 0, args);
}

const fac_arg fac_args_linspace[4] = {
    {"start", NULL, FAC_KIND_REAL, offsetof(fac_linspace_args, start)},
    {"end", NULL, FAC_KIND_REAL, offsetof(fac_linspace_args, end)},
    {"steps", NULL, FAC_KIND_INT, offsetof(fac_linspace_args, steps)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_linspace_args, dtype)},
};

fac_linspace_args fac_linspace_defaults(void)
{
    return (fac_linspace_args){FAC_DEFAULTS_linspace, .size_ = sizeof(fac_linspace_args)};
}

fac_tensor *fac_linspace_with(const fac_linspace_args *args)
{
    static const fac_linspace_args defaults = {FAC_DEFAULTS_linspace, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (fac_real_missing(args->start)) {
        fac_missing("linspace", "start");
        return NULL;
    }
    if (fac_real_missing(args->end)) {
        fac_missing("linspace", "end");
        return NULL;
    }
    if (args->steps == FAC_REQUIRED) {
        fac_missing("linspace", "steps");
        return NULL;
    }
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_linspace, in, 0, args);
}

const fac_arg fac_args_eye[3] = {
    {"n", NULL, FAC_KIND_INT, offsetof(fac_eye_args, n)},
    {"m", "None", FAC_KIND_INT, offsetof(fac_eye_args, m)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_eye_args, dtype)},
};

fac_eye_args fac_eye_defaults(void)
{
    return (fac_eye_args){FAC_DEFAULTS_eye, .size_ = sizeof(fac_eye_args)};
}

fac_tensor *fac_eye_with(const fac_eye_args *args)
{
    static const fac_eye_args defaults = {FAC_DEFAULTS_eye, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->n == FAC_REQUIRED) {
        fac_missing("eye", "n");
        return NULL;
    }
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_eye, in, 0, args);
}

const fac_arg fac_args_rand[12] = {
    {"d0", "None", FAC_KIND_INT, offsetof(fac_rand_args, d0)},
    {"d1", "None", FAC_KIND_INT, offsetof(fac_rand_args, d1)},
    {"d2", "None", FAC_KIND_INT, offsetof(fac_rand_args, d2)},
    {"d3", "None", FAC_KIND_INT, offsetof(fac_rand_args, d3)},
    {"d4", "None", FAC_KIND_INT, offsetof(fac_rand_args, d4)},
    {"d5", "None", FAC_KIND_INT, offsetof(fac_rand_args, d5)},
    {"d6", "None", FAC_KIND_INT, offsetof(fac_rand_args, d6)},
    {"d7", "None", FAC_KIND_INT, offsetof(fac_rand_args, d7)},
    {"size", "None", FAC_KIND_LIST, offsetof(fac_rand_args, size)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_rand_args, generator)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_rand_args, dtype)},
    {"requires_grad", "False", FAC_KIND_BOOL, offsetof(fac_rand_args, requires_grad)},
};

fac_rand_args fac_rand_defaults(void)
{
    return (fac_rand_args){FAC_DEFAULTS_rand, .size_ = sizeof(fac_rand_args)};
}

fac_tensor *fac_rand_with(const fac_rand_args *args)
{
    static const fac_rand_args defaults = {FAC_DEFAULTS_rand, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_rand, in, 0, args);
}

const fac_arg fac_args_randn[12] = {
    {"d0", "None", FAC_KIND_INT, offsetof(fac_randn_args, d0)},
    {"d1", "None", FAC_KIND_INT, offsetof(fac_randn_args, d1)},
    {"d2", "None", FAC_KIND_INT, offsetof(fac_randn_args, d2)},
    {"d3", "None", FAC_KIND_INT, offsetof(fac_randn_args, d3)},
    {"d4", "None", FAC_KIND_INT, offsetof(fac_randn_args, d4)},
    {"d5", "None", FAC_KIND_INT, offsetof(fac_randn_args, d5)},
    {"d6", "None", FAC_KIND_INT, offsetof(fac_randn_args, d6)},
    {"d7", "None", FAC_KIND_INT, offsetof(fac_randn_args, d7)},
    {"size", "None", FAC_KIND_LIST, offsetof(fac_randn_args, size)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_randn_args, generator)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_randn_args, dtype)},
    {"requires_grad", "False", FAC_KIND_BOOL, offsetof(fac_randn_args, requires_grad)},
};

fac_randn_args fac_randn_defaults(void)
{
    return (fac_randn_args){FAC_DEFAULTS_randn, .size_ = sizeof(fac_randn_args)};
}

fac_tensor *fac_randn_with(const fac_randn_args *args)
{
    static const fac_randn_args defaults = {FAC_DEFAULTS_randn, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_randn, in, 0, args);
}

const fac_arg fac_args_rand_like[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_rand_like_args, dtype)},
};

fac_rand_like_args fac_rand_like_defaults(void)
{
    return (fac_rand_like_args){FAC_DEFAULTS_rand_like, .size_ = sizeof(fac_rand_like_args)};
}

fac_tensor *fac_rand_like_with(fac_tensor *input, const fac_rand_like_args *args)
{
    static const fac_rand_like_args defaults = {FAC_DEFAULTS_rand_like, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_rand_like, in, 1, args);
}

const fac_arg fac_args_randn_like[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_randn_like_args, dtype)},
};

fac_randn_like_args fac_randn_like_defaults(void)
{
    return (fac_randn_like_args){FAC_DEFAULTS_randn_like, .size_ = sizeof(fac_randn_like_args)};
}

fac_tensor *fac_randn_like_with(fac_tensor *input, const fac_randn_like_args *args)
{
    static const fac_randn_like_args defaults = {FAC_DEFAULTS_randn_like, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_randn_like, in, 1, args);
}

const fac_arg fac_args_randint[5] = {
    {"low", NULL, FAC_KIND_INT, offsetof(fac_randint_args, low)},
    {"high", NULL, FAC_KIND_INT, offsetof(fac_randint_args, high)},
    {"size", NULL, FAC_KIND_LIST, offsetof(fac_randint_args, size)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_randint_args, generator)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_randint_args, dtype)},
};

fac_randint_args fac_randint_defaults(void)
{
    return (fac_randint_args){FAC_DEFAULTS_randint, .size_ = sizeof(fac_randint_args)};
}

fac_tensor *fac_randint_with(const fac_randint_args *args)
{
    static const fac_randint_args defaults = {FAC_DEFAULTS_randint, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->low == FAC_REQUIRED) {
        fac_missing("randint", "low");
        return NULL;
    }
    if (args->high == FAC_REQUIRED) {
        fac_missing("randint", "high");
        return NULL;
    }
    if (args->size == NULL) {
        fac_missing("randint", "size");
        return NULL;
    }
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_randint, in, 0, args);
}

const fac_arg fac_args_randperm[3] = {
    {"n", NULL, FAC_KIND_INT, offsetof(fac_randperm_args, n)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_randperm_args, generator)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_randperm_args, dtype)},
};

fac_randperm_args fac_randperm_defaults(void)
{
    return (fac_randperm_args){FAC_DEFAULTS_randperm, .size_ = sizeof(fac_randperm_args)};
}

fac_tensor *fac_randperm_with(const fac_randperm_args *args)
{
    static const fac_randperm_args defaults = {FAC_DEFAULTS_randperm, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->n == FAC_REQUIRED) {
        fac_missing("randperm", "n");
        return NULL;
    }
    fac_tensor *in[] = {NULL};
    return fac_apply_one(&fac_op_randperm, in, 0, args);
}

const fac_arg fac_args_normal[4] = {
    {"mean", NULL, FAC_KIND_N, 0},
    {"std", NULL, FAC_KIND_N, 1},
    {"size", "None", FAC_KIND_LIST, offsetof(fac_normal_args, size)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_normal_args, generator)},
};

fac_normal_args fac_normal_defaults(void)
{
    return (fac_normal_args){FAC_DEFAULTS_normal, .size_ = sizeof(fac_normal_args)};
}

fac_tensor *fac_normal_with(fac_tensor *mean, fac_tensor *std, const fac_normal_args *args)
{
    static const fac_normal_args defaults = {FAC_DEFAULTS_normal, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {mean, std};
    return fac_apply_one(&fac_op_normal, in, 2, args);
}

const fac_arg fac_args_bernoulli[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_bernoulli_args, generator)},
};

fac_bernoulli_args fac_bernoulli_defaults(void)
{
    return (fac_bernoulli_args){FAC_DEFAULTS_bernoulli, .size_ = sizeof(fac_bernoulli_args)};
}

fac_tensor *fac_bernoulli_with(fac_tensor *input, const fac_bernoulli_args *args)
{
    static const fac_bernoulli_args defaults = {FAC_DEFAULTS_bernoulli, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_bernoulli, in, 1, args);
}

const fac_arg fac_args_multinomial[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"num_samples", NULL, FAC_KIND_INT, offsetof(fac_multinomial_args, num_samples)},
    {"replacement", "False", FAC_KIND_BOOL, offsetof(fac_multinomial_args, replacement)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_multinomial_args, generator)},
};

fac_multinomial_args fac_multinomial_defaults(void)
{
    return (fac_multinomial_args){FAC_DEFAULTS_multinomial, .size_ = sizeof(fac_multinomial_args)};
}

fac_tensor *fac_multinomial_with(fac_tensor *input, const fac_multinomial_args *args)
{
    static const fac_multinomial_args defaults = {FAC_DEFAULTS_multinomial, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->num_samples == FAC_REQUIRED) {
        fac_missing("multinomial", "num_samples");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_multinomial, in, 1, args);
}

const fac_arg fac_args_uniform_[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"from", "0", FAC_KIND_REAL, offsetof(fac_uniform__args, from)},
    {"to", "1", FAC_KIND_REAL, offsetof(fac_uniform__args, to)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_uniform__args, generator)},
};

fac_uniform__args fac_uniform__defaults(void)
{
    return (fac_uniform__args){FAC_DEFAULTS_uniform_, .size_ = sizeof(fac_uniform__args)};
}

fac_tensor *fac_uniform__with(fac_tensor *input, const fac_uniform__args *args)
{
    static const fac_uniform__args defaults = {FAC_DEFAULTS_uniform_, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_uniform_, in, 1, args);
}

const fac_arg fac_args_normal_[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"mean", "0", FAC_KIND_REAL, offsetof(fac_normal__args, mean)},
    {"std", "1", FAC_KIND_REAL, offsetof(fac_normal__args, std)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_normal__args, generator)},
};

fac_normal__args fac_normal__defaults(void)
{
    return (fac_normal__args){FAC_DEFAULTS_normal_, .size_ = sizeof(fac_normal__args)};
}

fac_tensor *fac_normal__with(fac_tensor *input, const fac_normal__args *args)
{
    static const fac_normal__args defaults = {FAC_DEFAULTS_normal_, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_normal_, in, 1, args);
}

const fac_arg fac_args_bernoulli_[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"p", "0.5", FAC_KIND_REAL, offsetof(fac_bernoulli__args, p)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_bernoulli__args, generator)},
};

fac_bernoulli__args fac_bernoulli__defaults(void)
{
    return (fac_bernoulli__args){FAC_DEFAULTS_bernoulli_, .size_ = sizeof(fac_bernoulli__args)};
}

fac_tensor *fac_bernoulli__with(fac_tensor *input, const fac_bernoulli__args *args)
{
    static const fac_bernoulli__args defaults = {FAC_DEFAULTS_bernoulli_, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_bernoulli_, in, 1, args);
}

const fac_arg fac_args_exponential_[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"lambd", "1", FAC_KIND_REAL, offsetof(fac_exponential__args, lambd)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_exponential__args, generator)},
};

fac_exponential__args fac_exponential__defaults(void)
{
    return (fac_exponential__args){FAC_DEFAULTS_exponential_, .size_ = sizeof(fac_exponential__args)};
}

fac_tensor *fac_exponential__with(fac_tensor *input, const fac_exponential__args *args)
{
    static const fac_exponential__args defaults = {FAC_DEFAULTS_exponential_, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_exponential_, in, 1, args);
}

const fac_arg fac_args_random_[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"from", "0", FAC_KIND_INT, offsetof(fac_random__args, from)},
    {"to", "None", FAC_KIND_INT, offsetof(fac_random__args, to)},
    {"generator", "None", FAC_KIND_GEN, offsetof(fac_random__args, generator)},
};

fac_random__args fac_random__defaults(void)
{
    return (fac_random__args){FAC_DEFAULTS_random_, .size_ = sizeof(fac_random__args)};
}

fac_tensor *fac_random__with(fac_tensor *input, const fac_random__args *args)
{
    static const fac_random__args defaults = {FAC_DEFAULTS_random_, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_random_, in, 1, args);
}

const fac_arg fac_args_fill_[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"value", NULL, FAC_KIND_REAL, offsetof(fac_fill__args, value)},
};

fac_fill__args fac_fill__defaults(void)
{
    return (fac_fill__args){FAC_DEFAULTS_fill_, .size_ = sizeof(fac_fill__args)};
}

fac_tensor *fac_fill__with(fac_tensor *input, const fac_fill__args *args)
{
    static const fac_fill__args defaults = {FAC_DEFAULTS_fill_, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (fac_real_missing(args->value)) {
        fac_missing("fill_", "value");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_fill_, in, 1, args);
}

const fac_arg fac_args_zero_[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_zero_(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_zero_, in, 1, NULL);
}

const fac_arg fac_args_copy_[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"src", NULL, FAC_KIND_T, 1},
};

fac_tensor *fac_copy__with(fac_tensor *input, fac_tensor *src)
{
    fac_tensor *in[] = {input, src};
    return fac_apply_one(&fac_op_copy_, in, 2, NULL);
}

const fac_arg fac_args_view[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"shape", NULL, FAC_KIND_LIST, offsetof(fac_view_args, shape)},
};

fac_view_args fac_view_defaults(void)
{
    return (fac_view_args){FAC_DEFAULTS_view, .size_ = sizeof(fac_view_args)};
}

fac_tensor *fac_view_with(fac_tensor *input, const fac_view_args *args)
{
    static const fac_view_args defaults = {FAC_DEFAULTS_view, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->shape == NULL) {
        fac_missing("view", "shape");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_view, in, 1, args);
}

const fac_arg fac_args_reshape[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"shape", NULL, FAC_KIND_LIST, offsetof(fac_reshape_args, shape)},
};

fac_reshape_args fac_reshape_defaults(void)
{
    return (fac_reshape_args){FAC_DEFAULTS_reshape, .size_ = sizeof(fac_reshape_args)};
}

fac_tensor *fac_reshape_with(fac_tensor *input, const fac_reshape_args *args)
{
    static const fac_reshape_args defaults = {FAC_DEFAULTS_reshape, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->shape == NULL) {
        fac_missing("reshape", "shape");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_reshape, in, 1, args);
}

const fac_arg fac_args_flatten[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"start_dim", "0", FAC_KIND_INT, offsetof(fac_flatten_args, start_dim)},
    {"end_dim", "-1", FAC_KIND_INT, offsetof(fac_flatten_args, end_dim)},
};

fac_flatten_args fac_flatten_defaults(void)
{
    return (fac_flatten_args){FAC_DEFAULTS_flatten, .size_ = sizeof(fac_flatten_args)};
}

fac_tensor *fac_flatten_with(fac_tensor *input, const fac_flatten_args *args)
{
    static const fac_flatten_args defaults = {FAC_DEFAULTS_flatten, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_flatten, in, 1, args);
}

const fac_arg fac_args_squeeze[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_squeeze_args, dim)},
};

fac_squeeze_args fac_squeeze_defaults(void)
{
    return (fac_squeeze_args){FAC_DEFAULTS_squeeze, .size_ = sizeof(fac_squeeze_args)};
}

fac_tensor *fac_squeeze_with(fac_tensor *input, const fac_squeeze_args *args)
{
    static const fac_squeeze_args defaults = {FAC_DEFAULTS_squeeze, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_squeeze, in, 1, args);
}

const fac_arg fac_args_unsqueeze[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_unsqueeze_args, dim)},
};

fac_unsqueeze_args fac_unsqueeze_defaults(void)
{
    return (fac_unsqueeze_args){FAC_DEFAULTS_unsqueeze, .size_ = sizeof(fac_unsqueeze_args)};
}

fac_tensor *fac_unsqueeze_with(fac_tensor *input, const fac_unsqueeze_args *args)
{
    static const fac_unsqueeze_args defaults = {FAC_DEFAULTS_unsqueeze, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("unsqueeze", "dim");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_unsqueeze, in, 1, args);
}

const fac_arg fac_args_transpose[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim0", NULL, FAC_KIND_INT, offsetof(fac_transpose_args, dim0)},
    {"dim1", NULL, FAC_KIND_INT, offsetof(fac_transpose_args, dim1)},
};

fac_transpose_args fac_transpose_defaults(void)
{
    return (fac_transpose_args){FAC_DEFAULTS_transpose, .size_ = sizeof(fac_transpose_args)};
}

fac_tensor *fac_transpose_with(fac_tensor *input, const fac_transpose_args *args)
{
    static const fac_transpose_args defaults = {FAC_DEFAULTS_transpose, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim0 == FAC_REQUIRED) {
        fac_missing("transpose", "dim0");
        return NULL;
    }
    if (args->dim1 == FAC_REQUIRED) {
        fac_missing("transpose", "dim1");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_transpose, in, 1, args);
}

const fac_arg fac_args_t[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_t(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_t, in, 1, NULL);
}

const fac_arg fac_args_permute[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dims", NULL, FAC_KIND_LIST, offsetof(fac_permute_args, dims)},
};

fac_permute_args fac_permute_defaults(void)
{
    return (fac_permute_args){FAC_DEFAULTS_permute, .size_ = sizeof(fac_permute_args)};
}

fac_tensor *fac_permute_with(fac_tensor *input, const fac_permute_args *args)
{
    static const fac_permute_args defaults = {FAC_DEFAULTS_permute, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dims == NULL) {
        fac_missing("permute", "dims");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_permute, in, 1, args);
}

const fac_arg fac_args_select[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_select_args, dim)},
    {"index", NULL, FAC_KIND_INT, offsetof(fac_select_args, index)},
};

fac_select_args fac_select_defaults(void)
{
    return (fac_select_args){FAC_DEFAULTS_select, .size_ = sizeof(fac_select_args)};
}

fac_tensor *fac_select_with(fac_tensor *input, const fac_select_args *args)
{
    static const fac_select_args defaults = {FAC_DEFAULTS_select, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("select", "dim");
        return NULL;
    }
    if (args->index == FAC_REQUIRED) {
        fac_missing("select", "index");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_select, in, 1, args);
}

const fac_arg fac_args_narrow[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_narrow_args, dim)},
    {"start", NULL, FAC_KIND_INT, offsetof(fac_narrow_args, start)},
    {"length", NULL, FAC_KIND_INT, offsetof(fac_narrow_args, length)},
};

fac_narrow_args fac_narrow_defaults(void)
{
    return (fac_narrow_args){FAC_DEFAULTS_narrow, .size_ = sizeof(fac_narrow_args)};
}

fac_tensor *fac_narrow_with(fac_tensor *input, const fac_narrow_args *args)
{
    static const fac_narrow_args defaults = {FAC_DEFAULTS_narrow, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("narrow", "dim");
        return NULL;
    }
    if (args->start == FAC_REQUIRED) {
        fac_missing("narrow", "start");
        return NULL;
    }
    if (args->length == FAC_REQUIRED) {
        fac_missing("narrow", "length");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_narrow, in, 1, args);
}

const fac_arg fac_args_slice[5] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "0", FAC_KIND_INT, offsetof(fac_slice_args, dim)},
    {"start", "None", FAC_KIND_INT, offsetof(fac_slice_args, start)},
    {"end", "None", FAC_KIND_INT, offsetof(fac_slice_args, end)},
    {"step", "1", FAC_KIND_INT, offsetof(fac_slice_args, step)},
};

fac_slice_args fac_slice_defaults(void)
{
    return (fac_slice_args){FAC_DEFAULTS_slice, .size_ = sizeof(fac_slice_args)};
}

fac_tensor *fac_slice_with(fac_tensor *input, const fac_slice_args *args)
{
    static const fac_slice_args defaults = {FAC_DEFAULTS_slice, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_slice, in, 1, args);
}

const fac_arg fac_args_expand[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"size", NULL, FAC_KIND_LIST, offsetof(fac_expand_args, size)},
};

fac_expand_args fac_expand_defaults(void)
{
    return (fac_expand_args){FAC_DEFAULTS_expand, .size_ = sizeof(fac_expand_args)};
}

fac_tensor *fac_expand_with(fac_tensor *input, const fac_expand_args *args)
{
    static const fac_expand_args defaults = {FAC_DEFAULTS_expand, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->size == NULL) {
        fac_missing("expand", "size");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_expand, in, 1, args);
}

const fac_arg fac_args_detach[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_detach(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_detach, in, 1, NULL);
}

const fac_arg fac_args_as_strided_back[5] = {
    {"grad", NULL, FAC_KIND_T, 0},
    {"shape", NULL, FAC_KIND_LIST, offsetof(fac_as_strided_back_args, shape)},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_as_strided_back_args, dim)},
    {"start", NULL, FAC_KIND_INT, offsetof(fac_as_strided_back_args, start)},
    {"step", NULL, FAC_KIND_INT, offsetof(fac_as_strided_back_args, step)},
};

const fac_arg fac_args_clone[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_clone(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_clone, in, 1, NULL);
}

const fac_arg fac_args_contiguous[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_contiguous(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_contiguous, in, 1, NULL);
}

const fac_arg fac_args_to[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_to_args, dtype)},
};

fac_to_args fac_to_defaults(void)
{
    return (fac_to_args){FAC_DEFAULTS_to, .size_ = sizeof(fac_to_args)};
}

fac_tensor *fac_to_with(fac_tensor *input, const fac_to_args *args)
{
    static const fac_to_args defaults = {FAC_DEFAULTS_to, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_to, in, 1, args);
}

const fac_arg fac_args_cat[2] = {
    {"tensors", NULL, FAC_KIND_TS, 0},
    {"dim", "0", FAC_KIND_INT, offsetof(fac_cat_args, dim)},
};

fac_cat_args fac_cat_defaults(void)
{
    return (fac_cat_args){FAC_DEFAULTS_cat, .size_ = sizeof(fac_cat_args)};
}

fac_tensor *fac_cat_with(const fac_tensors *tensors, const fac_cat_args *args)
{
    static const fac_cat_args defaults = {FAC_DEFAULTS_cat, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (!tensors) {
        fac_missing("cat", "tensors");
        return NULL;
    }
    return fac_apply_one_list(&fac_op_cat, tensors, args);
}

const fac_arg fac_args_stack[2] = {
    {"tensors", NULL, FAC_KIND_TS, 0},
    {"dim", "0", FAC_KIND_INT, offsetof(fac_stack_args, dim)},
};

fac_stack_args fac_stack_defaults(void)
{
    return (fac_stack_args){FAC_DEFAULTS_stack, .size_ = sizeof(fac_stack_args)};
}

fac_tensor *fac_stack_with(const fac_tensors *tensors, const fac_stack_args *args)
{
    static const fac_stack_args defaults = {FAC_DEFAULTS_stack, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (!tensors) {
        fac_missing("stack", "tensors");
        return NULL;
    }
    return fac_apply_one_list(&fac_op_stack, tensors, args);
}

const fac_arg fac_args_where[3] = {
    {"condition", NULL, FAC_KIND_T, 0},
    {"input", NULL, FAC_KIND_N, 1},
    {"other", NULL, FAC_KIND_N, 2},
};

fac_tensor *fac_where_with(fac_tensor *condition, fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {condition, input, other};
    return fac_apply_one(&fac_op_where, in, 3, NULL);
}

const fac_arg fac_args_masked_fill[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"mask", NULL, FAC_KIND_T, 1},
    {"value", NULL, FAC_KIND_N, 2},
};

fac_tensor *fac_masked_fill_with(fac_tensor *input, fac_tensor *mask, fac_tensor *value)
{
    fac_tensor *in[] = {input, mask, value};
    return fac_apply_one(&fac_op_masked_fill, in, 3, NULL);
}

const fac_arg fac_args_gather[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_gather_args, dim)},
    {"index", NULL, FAC_KIND_TOPT, offsetof(fac_gather_args, index)},
};

fac_gather_args fac_gather_defaults(void)
{
    return (fac_gather_args){FAC_DEFAULTS_gather, .size_ = sizeof(fac_gather_args)};
}

fac_tensor *fac_gather_with(fac_tensor *input, const fac_gather_args *args)
{
    static const fac_gather_args defaults = {FAC_DEFAULTS_gather, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("gather", "dim");
        return NULL;
    }
    fac_tensor *in[] = {input, args->index};
    return fac_apply_one(&fac_op_gather, in, 2, args);
}

const fac_arg fac_args_index_select[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_index_select_args, dim)},
    {"index", NULL, FAC_KIND_TOPT, offsetof(fac_index_select_args, index)},
};

fac_index_select_args fac_index_select_defaults(void)
{
    return (fac_index_select_args){FAC_DEFAULTS_index_select, .size_ = sizeof(fac_index_select_args)};
}

fac_tensor *fac_index_select_with(fac_tensor *input, const fac_index_select_args *args)
{
    static const fac_index_select_args defaults = {FAC_DEFAULTS_index_select, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("index_select", "dim");
        return NULL;
    }
    fac_tensor *in[] = {input, args->index};
    return fac_apply_one(&fac_op_index_select, in, 2, args);
}

const fac_arg fac_args_scatter_add[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_scatter_add_args, dim)},
    {"index", NULL, FAC_KIND_TOPT, offsetof(fac_scatter_add_args, index)},
    {"src", NULL, FAC_KIND_TOPT, offsetof(fac_scatter_add_args, src)},
};

fac_scatter_add_args fac_scatter_add_defaults(void)
{
    return (fac_scatter_add_args){FAC_DEFAULTS_scatter_add, .size_ = sizeof(fac_scatter_add_args)};
}

fac_tensor *fac_scatter_add_with(fac_tensor *input, const fac_scatter_add_args *args)
{
    static const fac_scatter_add_args defaults = {FAC_DEFAULTS_scatter_add, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("scatter_add", "dim");
        return NULL;
    }
    fac_tensor *in[] = {input, args->index, args->src};
    return fac_apply_one(&fac_op_scatter_add, in, 3, args);
}

const fac_arg fac_args_index_add[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_index_add_args, dim)},
    {"index", NULL, FAC_KIND_TOPT, offsetof(fac_index_add_args, index)},
    {"source", NULL, FAC_KIND_TOPT, offsetof(fac_index_add_args, source)},
};

fac_index_add_args fac_index_add_defaults(void)
{
    return (fac_index_add_args){FAC_DEFAULTS_index_add, .size_ = sizeof(fac_index_add_args)};
}

fac_tensor *fac_index_add_with(fac_tensor *input, const fac_index_add_args *args)
{
    static const fac_index_add_args defaults = {FAC_DEFAULTS_index_add, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("index_add", "dim");
        return NULL;
    }
    fac_tensor *in[] = {input, args->index, args->source};
    return fac_apply_one(&fac_op_index_add, in, 3, args);
}

const fac_arg fac_args_sum[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_sum_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_sum_args, keepdim)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_sum_args, dtype)},
};

fac_sum_args fac_sum_defaults(void)
{
    return (fac_sum_args){FAC_DEFAULTS_sum, .size_ = sizeof(fac_sum_args)};
}

fac_tensor *fac_sum_with(fac_tensor *input, const fac_sum_args *args)
{
    static const fac_sum_args defaults = {FAC_DEFAULTS_sum, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_sum, in, 1, args);
}

const fac_arg fac_args_mean[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_mean_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_mean_args, keepdim)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_mean_args, dtype)},
};

fac_mean_args fac_mean_defaults(void)
{
    return (fac_mean_args){FAC_DEFAULTS_mean, .size_ = sizeof(fac_mean_args)};
}

fac_tensor *fac_mean_with(fac_tensor *input, const fac_mean_args *args)
{
    static const fac_mean_args defaults = {FAC_DEFAULTS_mean, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_mean, in, 1, args);
}

const fac_arg fac_args_var[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_var_args, dim)},
    {"correction", "1", FAC_KIND_REAL, offsetof(fac_var_args, correction)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_var_args, keepdim)},
};

fac_var_args fac_var_defaults(void)
{
    return (fac_var_args){FAC_DEFAULTS_var, .size_ = sizeof(fac_var_args)};
}

fac_tensor *fac_var_with(fac_tensor *input, const fac_var_args *args)
{
    static const fac_var_args defaults = {FAC_DEFAULTS_var, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_var, in, 1, args);
}

const fac_arg fac_args_std[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_std_args, dim)},
    {"correction", "1", FAC_KIND_REAL, offsetof(fac_std_args, correction)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_std_args, keepdim)},
};

fac_std_args fac_std_defaults(void)
{
    return (fac_std_args){FAC_DEFAULTS_std, .size_ = sizeof(fac_std_args)};
}

fac_tensor *fac_std_with(fac_tensor *input, const fac_std_args *args)
{
    static const fac_std_args defaults = {FAC_DEFAULTS_std, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_std, in, 1, args);
}

const fac_arg fac_args_max[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_max(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_max, in, 1, NULL);
}

const fac_arg fac_args_min[1] = {
    {"input", NULL, FAC_KIND_T, 0},
};

fac_tensor *fac_min(fac_tensor *input)
{
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_min, in, 1, NULL);
}

const fac_arg fac_args_amax[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_amax_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_amax_args, keepdim)},
};

fac_amax_args fac_amax_defaults(void)
{
    return (fac_amax_args){FAC_DEFAULTS_amax, .size_ = sizeof(fac_amax_args)};
}

fac_tensor *fac_amax_with(fac_tensor *input, const fac_amax_args *args)
{
    static const fac_amax_args defaults = {FAC_DEFAULTS_amax, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_amax, in, 1, args);
}

const fac_arg fac_args_amin[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_amin_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_amin_args, keepdim)},
};

fac_amin_args fac_amin_defaults(void)
{
    return (fac_amin_args){FAC_DEFAULTS_amin, .size_ = sizeof(fac_amin_args)};
}

fac_tensor *fac_amin_with(fac_tensor *input, const fac_amin_args *args)
{
    static const fac_amin_args defaults = {FAC_DEFAULTS_amin, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_amin, in, 1, args);
}

const fac_arg fac_args_argmax[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_INT, offsetof(fac_argmax_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_argmax_args, keepdim)},
};

fac_argmax_args fac_argmax_defaults(void)
{
    return (fac_argmax_args){FAC_DEFAULTS_argmax, .size_ = sizeof(fac_argmax_args)};
}

fac_tensor *fac_argmax_with(fac_tensor *input, const fac_argmax_args *args)
{
    static const fac_argmax_args defaults = {FAC_DEFAULTS_argmax, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_argmax, in, 1, args);
}

const fac_arg fac_args_argmin[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_INT, offsetof(fac_argmin_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_argmin_args, keepdim)},
};

fac_argmin_args fac_argmin_defaults(void)
{
    return (fac_argmin_args){FAC_DEFAULTS_argmin, .size_ = sizeof(fac_argmin_args)};
}

fac_tensor *fac_argmin_with(fac_tensor *input, const fac_argmin_args *args)
{
    static const fac_argmin_args defaults = {FAC_DEFAULTS_argmin, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_argmin, in, 1, args);
}

const fac_arg fac_args_all[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_all_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_all_args, keepdim)},
};

fac_all_args fac_all_defaults(void)
{
    return (fac_all_args){FAC_DEFAULTS_all, .size_ = sizeof(fac_all_args)};
}

fac_tensor *fac_all_with(fac_tensor *input, const fac_all_args *args)
{
    static const fac_all_args defaults = {FAC_DEFAULTS_all, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_all, in, 1, args);
}

const fac_arg fac_args_any[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", "None", FAC_KIND_DIMS, offsetof(fac_any_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_any_args, keepdim)},
};

fac_any_args fac_any_defaults(void)
{
    return (fac_any_args){FAC_DEFAULTS_any, .size_ = sizeof(fac_any_args)};
}

fac_tensor *fac_any_with(fac_tensor *input, const fac_any_args *args)
{
    static const fac_any_args defaults = {FAC_DEFAULTS_any, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_any, in, 1, args);
}

const fac_arg fac_args_sum_to_shape[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"shape", NULL, FAC_KIND_LIST, offsetof(fac_sum_to_shape_args, shape)},
};

const fac_arg fac_args_softmax[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_softmax_args, dim)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_softmax_args, dtype)},
};

fac_softmax_args fac_softmax_defaults(void)
{
    return (fac_softmax_args){FAC_DEFAULTS_softmax, .size_ = sizeof(fac_softmax_args)};
}

fac_tensor *fac_softmax_with(fac_tensor *input, const fac_softmax_args *args)
{
    static const fac_softmax_args defaults = {FAC_DEFAULTS_softmax, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("softmax", "dim");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_softmax, in, 1, args);
}

const fac_arg fac_args_log_softmax[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_INT, offsetof(fac_log_softmax_args, dim)},
    {"dtype", "None", FAC_KIND_DTYPE, offsetof(fac_log_softmax_args, dtype)},
};

fac_log_softmax_args fac_log_softmax_defaults(void)
{
    return (fac_log_softmax_args){FAC_DEFAULTS_log_softmax, .size_ = sizeof(fac_log_softmax_args)};
}

fac_tensor *fac_log_softmax_with(fac_tensor *input, const fac_log_softmax_args *args)
{
    static const fac_log_softmax_args defaults = {FAC_DEFAULTS_log_softmax, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("log_softmax", "dim");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_log_softmax, in, 1, args);
}

const fac_arg fac_args_logsumexp[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"dim", NULL, FAC_KIND_DIMS, offsetof(fac_logsumexp_args, dim)},
    {"keepdim", "False", FAC_KIND_BOOL, offsetof(fac_logsumexp_args, keepdim)},
};

fac_logsumexp_args fac_logsumexp_defaults(void)
{
    return (fac_logsumexp_args){FAC_DEFAULTS_logsumexp, .size_ = sizeof(fac_logsumexp_args)};
}

fac_tensor *fac_logsumexp_with(fac_tensor *input, const fac_logsumexp_args *args)
{
    static const fac_logsumexp_args defaults = {FAC_DEFAULTS_logsumexp, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    if (args->dim == FAC_REQUIRED) {
        fac_missing("logsumexp", "dim");
        return NULL;
    }
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_logsumexp, in, 1, args);
}

const fac_arg fac_args_matmul[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"other", NULL, FAC_KIND_T, 1},
};

fac_tensor *fac_matmul_with(fac_tensor *input, fac_tensor *other)
{
    fac_tensor *in[] = {input, other};
    return fac_apply_one(&fac_op_matmul, in, 2, NULL);
}

const fac_arg fac_args_mm[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"mat2", NULL, FAC_KIND_T, 1},
};

fac_tensor *fac_mm_with(fac_tensor *input, fac_tensor *mat2)
{
    fac_tensor *in[] = {input, mat2};
    return fac_apply_one(&fac_op_mm, in, 2, NULL);
}

const fac_arg fac_args_bmm[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"mat2", NULL, FAC_KIND_T, 1},
};

fac_tensor *fac_bmm_with(fac_tensor *input, fac_tensor *mat2)
{
    fac_tensor *in[] = {input, mat2};
    return fac_apply_one(&fac_op_bmm, in, 2, NULL);
}

const fac_arg fac_args_mv[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"vec", NULL, FAC_KIND_T, 1},
};

fac_tensor *fac_mv_with(fac_tensor *input, fac_tensor *vec)
{
    fac_tensor *in[] = {input, vec};
    return fac_apply_one(&fac_op_mv, in, 2, NULL);
}

const fac_arg fac_args_dot[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"tensor", NULL, FAC_KIND_T, 1},
};

fac_tensor *fac_dot_with(fac_tensor *input, fac_tensor *tensor)
{
    fac_tensor *in[] = {input, tensor};
    return fac_apply_one(&fac_op_dot, in, 2, NULL);
}

const fac_arg fac_args_linear[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"weight", NULL, FAC_KIND_T, 1},
    {"bias", "None", FAC_KIND_TOPT, offsetof(fac_linear_args, bias)},
};

fac_linear_args fac_linear_defaults(void)
{
    return (fac_linear_args){FAC_DEFAULTS_linear, .size_ = sizeof(fac_linear_args)};
}

fac_tensor *fac_linear_with(fac_tensor *input, fac_tensor *weight, const fac_linear_args *args)
{
    static const fac_linear_args defaults = {FAC_DEFAULTS_linear, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input, weight, args->bias};
    return fac_apply_one(&fac_op_linear, in, 3, args);
}

const fac_arg fac_args_linear_backward[6] = {
    {"grad", NULL, FAC_KIND_T, 0},
    {"input", NULL, FAC_KIND_T, 1},
    {"weight", NULL, FAC_KIND_T, 2},
    {"wants_input", NULL, FAC_KIND_BOOL, offsetof(fac_linear_backward_args, wants_input)},
    {"wants_weight", NULL, FAC_KIND_BOOL, offsetof(fac_linear_backward_args, wants_weight)},
    {"wants_bias", NULL, FAC_KIND_BOOL, offsetof(fac_linear_backward_args, wants_bias)},
};

const fac_arg fac_args_round[2] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"decimals", "0", FAC_KIND_INT, offsetof(fac_round_args, decimals)},
};

fac_round_args fac_round_defaults(void)
{
    return (fac_round_args){FAC_DEFAULTS_round, .size_ = sizeof(fac_round_args)};
}

fac_tensor *fac_round_with(fac_tensor *input, const fac_round_args *args)
{
    static const fac_round_args defaults = {FAC_DEFAULTS_round, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_round, in, 1, args);
}

fac_tensor *fac_round__with(fac_tensor *input, const fac_round_args *args)
{
    static const fac_round_args defaults = {FAC_DEFAULTS_round, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_inplace(&fac_op_round, in, 1, args);
}

const fac_arg fac_args_mse_loss[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"target", NULL, FAC_KIND_T, 1},
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_mse_loss_args, reduction)},
};

fac_mse_loss_args fac_mse_loss_defaults(void)
{
    return (fac_mse_loss_args){FAC_DEFAULTS_mse_loss, .size_ = sizeof(fac_mse_loss_args)};
}

fac_tensor *fac_mse_loss_with(fac_tensor *input, fac_tensor *target, const fac_mse_loss_args *args)
{
    static const fac_mse_loss_args defaults = {FAC_DEFAULTS_mse_loss, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input, target};
    return fac_apply_one(&fac_op_mse_loss, in, 2, args);
}

const fac_arg fac_args_l1_loss[3] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"target", NULL, FAC_KIND_T, 1},
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_l1_loss_args, reduction)},
};

fac_l1_loss_args fac_l1_loss_defaults(void)
{
    return (fac_l1_loss_args){FAC_DEFAULTS_l1_loss, .size_ = sizeof(fac_l1_loss_args)};
}

fac_tensor *fac_l1_loss_with(fac_tensor *input, fac_tensor *target, const fac_l1_loss_args *args)
{
    static const fac_l1_loss_args defaults = {FAC_DEFAULTS_l1_loss, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input, target};
    return fac_apply_one(&fac_op_l1_loss, in, 2, args);
}

const fac_arg fac_args_mse_loss_backward[4] = {
    {"grad", NULL, FAC_KIND_T, 0},
    {"input", NULL, FAC_KIND_T, 1},
    {"target", NULL, FAC_KIND_T, 2},
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_mse_loss_backward_args, reduction)},
};

const fac_arg fac_args_l1_loss_backward[4] = {
    {"grad", NULL, FAC_KIND_T, 0},
    {"input", NULL, FAC_KIND_T, 1},
    {"target", NULL, FAC_KIND_T, 2},
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_l1_loss_backward_args, reduction)},
};

const fac_arg fac_args_cross_entropy[6] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"target", NULL, FAC_KIND_T, 1},
    {"weight", "None", FAC_KIND_TOPT, offsetof(fac_cross_entropy_args, weight)},
    {"ignore_index", "-100", FAC_KIND_INT, offsetof(fac_cross_entropy_args, ignore_index)},
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_cross_entropy_args, reduction)},
    {"label_smoothing", "0.0", FAC_KIND_REAL, offsetof(fac_cross_entropy_args, label_smoothing)},
};

fac_cross_entropy_args fac_cross_entropy_defaults(void)
{
    return (fac_cross_entropy_args){FAC_DEFAULTS_cross_entropy, .size_ = sizeof(fac_cross_entropy_args)};
}

fac_tensor *fac_cross_entropy_with(fac_tensor *input, fac_tensor *target, const fac_cross_entropy_args *args)
{
    static const fac_cross_entropy_args defaults = {FAC_DEFAULTS_cross_entropy, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input, target, args->weight};
    return fac_apply_one(&fac_op_cross_entropy, in, 3, args);
}

const fac_arg fac_args_cross_entropy_backward[9] = {
    {"grad", NULL, FAC_KIND_T, 0},
    {"input", NULL, FAC_KIND_T, 1},
    {"target", NULL, FAC_KIND_T, 2},
    {"exps", NULL, FAC_KIND_T, 3},
    {"norms", NULL, FAC_KIND_T, 4},
    {"weight", "None", FAC_KIND_TOPT, offsetof(fac_cross_entropy_backward_args, weight)},
    {"ignore_index", "-100", FAC_KIND_INT, offsetof(fac_cross_entropy_backward_args, ignore_index)},
    {"reduction", "mean", FAC_KIND_STR, offsetof(fac_cross_entropy_backward_args, reduction)},
    {"label_smoothing", "0.0", FAC_KIND_REAL, offsetof(fac_cross_entropy_backward_args, label_smoothing)},
};

const fac_arg fac_args_dropout[4] = {
    {"input", NULL, FAC_KIND_T, 0},
    {"p", "0.5", FAC_KIND_REAL, offsetof(fac_dropout_args, p)},
    {"training", "True", FAC_KIND_BOOL, offsetof(fac_dropout_args, training)},
    {"inplace", "False", FAC_KIND_BOOL, offsetof(fac_dropout_args, inplace)},
};

fac_dropout_args fac_dropout_defaults(void)
{
    return (fac_dropout_args){FAC_DEFAULTS_dropout, .size_ = sizeof(fac_dropout_args)};
}

fac_tensor *fac_dropout_with(fac_tensor *input, const fac_dropout_args *args)
{
    static const fac_dropout_args defaults = {FAC_DEFAULTS_dropout, .size_ = sizeof defaults};
    if (!args)
        args = &defaults;
    fac_tensor *in[] = {input};
    return fac_apply_one(&fac_op_dropout, in, 1, args);
}

const fac_arg fac_args_adam_step[10] = {
    {"tensors", NULL, FAC_KIND_TS, 0},
    {"lr", NULL, FAC_KIND_REAL, offsetof(fac_adam_step_args, lr)},
    {"beta1", NULL, FAC_KIND_REAL, offsetof(fac_adam_step_args, beta1)},
    {"beta2", NULL, FAC_KIND_REAL, offsetof(fac_adam_step_args, beta2)},
    {"eps", NULL, FAC_KIND_REAL, offsetof(fac_adam_step_args, eps)},
    {"weight_decay", NULL, FAC_KIND_REAL, offsetof(fac_adam_step_args, weight_decay)},
    {"step", NULL, FAC_KIND_INT, offsetof(fac_adam_step_args, step)},
    {"amsgrad", NULL, FAC_KIND_BOOL, offsetof(fac_adam_step_args, amsgrad)},
    {"maximize", NULL, FAC_KIND_BOOL, offsetof(fac_adam_step_args, maximize)},
    {"decoupled", NULL, FAC_KIND_BOOL, offsetof(fac_adam_step_args, decoupled)},
};

const fac_arg fac_args_sgd_step[8] = {
    {"tensors", NULL, FAC_KIND_TS, 0},
    {"lr", NULL, FAC_KIND_REAL, offsetof(fac_sgd_step_args, lr)},
    {"momentum", NULL, FAC_KIND_REAL, offsetof(fac_sgd_step_args, momentum)},
    {"dampening", NULL, FAC_KIND_REAL, offsetof(fac_sgd_step_args, dampening)},
    {"weight_decay", NULL, FAC_KIND_REAL, offsetof(fac_sgd_step_args, weight_decay)},
    {"nesterov", NULL, FAC_KIND_BOOL, offsetof(fac_sgd_step_args, nesterov)},
    {"maximize", NULL, FAC_KIND_BOOL, offsetof(fac_sgd_step_args, maximize)},
    {"first", NULL, FAC_KIND_BOOL, offsetof(fac_sgd_step_args, first)},
};

const fac_arg fac_args_clip_values[2] = {
    {"tensors", NULL, FAC_KIND_TS, 0},
    {"clip_value", NULL, FAC_KIND_REAL, offsetof(fac_clip_values_args, clip_value)},
};

const fac_arg fac_args_total_norm[2] = {
    {"tensors", NULL, FAC_KIND_TS, 0},
    {"norm_type", NULL, FAC_KIND_REAL, offsetof(fac_total_norm_args, norm_type)},
};

const fac_arg fac_args_scale_all[1] = {
    {"tensors", NULL, FAC_KIND_TS, 0},
};

const fac_op *const fac_all_ops[] = {
    &fac_op_neg,
    &fac_op_abs,
    &fac_op_sign,
    &fac_op_square,
    &fac_op_sqrt,
    &fac_op_rsqrt,
    &fac_op_reciprocal,
    &fac_op_exp,
    &fac_op_expm1,
    &fac_op_log,
    &fac_op_log1p,
    &fac_op_sin,
    &fac_op_cos,
    &fac_op_tanh,
    &fac_op_sigmoid,
    &fac_op_relu,
    &fac_op_leaky_relu,
    &fac_op_softplus,
    &fac_op_clamp,
    &fac_op_floor,
    &fac_op_ceil,
    &fac_op_trunc,
    &fac_op_isnan,
    &fac_op_isfinite,
    &fac_op_logical_not,
    &fac_op_add,
    &fac_op_sub,
    &fac_op_mul,
    &fac_op_div,
    &fac_op_pow,
    &fac_op_maximum,
    &fac_op_minimum,
    &fac_op_eq,
    &fac_op_ne,
    &fac_op_lt,
    &fac_op_le,
    &fac_op_gt,
    &fac_op_ge,
    &fac_op_logical_and,
    &fac_op_logical_or,
    &fac_op_zeros,
    &fac_op_ones,
    &fac_op_empty,
    &fac_op_full,
    &fac_op_zeros_like,
    &fac_op_ones_like,
    &fac_op_empty_like,
    &fac_op_full_like,
    &fac_op_arange,
    &fac_op_linspace,
    &fac_op_eye,
    &fac_op_rand,
    &fac_op_randn,
    &fac_op_rand_like,
    &fac_op_randn_like,
    &fac_op_randint,
    &fac_op_randperm,
    &fac_op_normal,
    &fac_op_bernoulli,
    &fac_op_multinomial,
    &fac_op_uniform_,
    &fac_op_normal_,
    &fac_op_bernoulli_,
    &fac_op_exponential_,
    &fac_op_random_,
    &fac_op_fill_,
    &fac_op_zero_,
    &fac_op_copy_,
    &fac_op_view,
    &fac_op_reshape,
    &fac_op_flatten,
    &fac_op_squeeze,
    &fac_op_unsqueeze,
    &fac_op_transpose,
    &fac_op_t,
    &fac_op_permute,
    &fac_op_select,
    &fac_op_narrow,
    &fac_op_slice,
    &fac_op_expand,
    &fac_op_detach,
    &fac_op_as_strided_back,
    &fac_op_clone,
    &fac_op_contiguous,
    &fac_op_to,
    &fac_op_cat,
    &fac_op_stack,
    &fac_op_where,
    &fac_op_masked_fill,
    &fac_op_gather,
    &fac_op_index_select,
    &fac_op_scatter_add,
    &fac_op_index_add,
    &fac_op_sum,
    &fac_op_mean,
    &fac_op_var,
    &fac_op_std,
    &fac_op_max,
    &fac_op_min,
    &fac_op_amax,
    &fac_op_amin,
    &fac_op_argmax,
    &fac_op_argmin,
    &fac_op_all,
    &fac_op_any,
    &fac_op_sum_to_shape,
    &fac_op_softmax,
    &fac_op_log_softmax,
    &fac_op_logsumexp,
    &fac_op_matmul,
    &fac_op_mm,
    &fac_op_bmm,
    &fac_op_mv,
    &fac_op_dot,
    &fac_op_linear,
    &fac_op_linear_backward,
    &fac_op_round,
    &fac_op_mse_loss,
    &fac_op_l1_loss,
    &fac_op_mse_loss_backward,
    &fac_op_l1_loss_backward,
    &fac_op_cross_entropy,
    &fac_op_cross_entropy_backward,
    &fac_op_dropout,
    &fac_op_adam_step,
    &fac_op_sgd_step,
    &fac_op_clip_values,
    &fac_op_total_norm,
    &fac_op_scale_all,
    NULL,
};
