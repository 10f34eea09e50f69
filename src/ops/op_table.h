/* SPDX-License-Identifier: MIT */
/* Every operation's record, arguments and flags. Made by tools/gen_api.c from the tables: change those. */
#ifndef FAC_OPS_OP_TABLE_H
#define FAC_OPS_OP_TABLE_H

#include "facula/ops.h"
#include "graph/op.h"

/* The derivative of select, narrow and slice: zeros of the input's shape with g in the view's place. */
typedef struct fac_as_strided_back_args {
    size_t size_;
    fac_list shape;
    int64_t dim;
    int64_t start;
    int64_t step;
} fac_as_strided_back_args;

/* The derivative of broadcasting: input summed to a shape it was broadcast from. */
typedef struct fac_sum_to_shape_args {
    size_t size_;
    fac_list shape;
} fac_sum_to_shape_args;

/* The three derivatives of linear: of input, weight and bias, those that are asked for. */
typedef struct fac_linear_backward_args {
    size_t size_;
    bool wants_input;
    bool wants_weight;
    bool wants_bias;
} fac_linear_backward_args;

/* The derivative of mse_loss for input; that for target is its negative. */
typedef struct fac_mse_loss_backward_args {
    size_t size_;
    const char *reduction;
} fac_mse_loss_backward_args;

/* The derivative of l1_loss for input; that for target is its negative. */
typedef struct fac_l1_loss_backward_args {
    size_t size_;
    const char *reduction;
} fac_l1_loss_backward_args;

/* The derivative of cross_entropy for input; exps and norms are its hidden results: exp(input - max) as rows
 * (n, C), and their n sums and the sum of the targets' weights. */
typedef struct fac_cross_entropy_backward_args {
    size_t size_;
    fac_tensor *weight;
    int64_t ignore_index;
    const char *reduction;
    double label_smoothing;
} fac_cross_entropy_backward_args;

/* One step of Adam or AdamW over n parameters: inputs are n parameters, n gradients, n exp_avg, n exp_avg_sq
 * and, with amsgrad, n max_exp_avg_sq. */
typedef struct fac_adam_step_args {
    size_t size_;
    double lr;
    double beta1;
    double beta2;
    double eps;
    double weight_decay;
    int64_t step;
    bool amsgrad;
    bool maximize;
    bool decoupled;
} fac_adam_step_args;

/* One step of SGD over n parameters: inputs are n parameters, n gradients and, with momentum, n momentum
 * buffers. */
typedef struct fac_sgd_step_args {
    size_t size_;
    double lr;
    double momentum;
    double dampening;
    double weight_decay;
    bool nesterov;
    bool maximize;
    bool first;
} fac_sgd_step_args;

/* Every element of every tensor held within [-clip_value, clip_value]. */
typedef struct fac_clip_values_args {
    size_t size_;
    double clip_value;
} fac_clip_values_args;

/* The norm of all tensors' elements taken as one vector. */
typedef struct fac_total_norm_args {
    size_t size_;
    double norm_type;
} fac_total_norm_args;

/* Every tensor but the last multiplied by the last, a 0-d coefficient. */

extern const fac_op fac_op_neg;
extern const fac_arg fac_args_neg[];
#define FAC_HEAD_neg .name = "neg", .args = fac_args_neg, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_neg = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_abs;
extern const fac_arg fac_args_abs[];
#define FAC_HEAD_abs .name = "abs", .args = fac_args_abs, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_abs = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_sign;
extern const fac_arg fac_args_sign[];
#define FAC_HEAD_sign .name = "sign", .args = fac_args_sign, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_sign = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_square;
extern const fac_arg fac_args_square[];
#define FAC_HEAD_square .name = "square", .args = fac_args_square, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_square = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_sqrt;
extern const fac_arg fac_args_sqrt[];
#define FAC_HEAD_sqrt .name = "sqrt", .args = fac_args_sqrt, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_sqrt = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_rsqrt;
extern const fac_arg fac_args_rsqrt[];
#define FAC_HEAD_rsqrt .name = "rsqrt", .args = fac_args_rsqrt, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_rsqrt = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_reciprocal;
extern const fac_arg fac_args_reciprocal[];
#define FAC_HEAD_reciprocal .name = "reciprocal", .args = fac_args_reciprocal, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_reciprocal = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_exp;
extern const fac_arg fac_args_exp[];
#define FAC_HEAD_exp .name = "exp", .args = fac_args_exp, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_exp = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_expm1;
extern const fac_arg fac_args_expm1[];
#define FAC_HEAD_expm1 .name = "expm1", .args = fac_args_expm1, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_expm1 = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_log;
extern const fac_arg fac_args_log[];
#define FAC_HEAD_log .name = "log", .args = fac_args_log, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_log = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_log1p;
extern const fac_arg fac_args_log1p[];
#define FAC_HEAD_log1p .name = "log1p", .args = fac_args_log1p, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_log1p = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_sin;
extern const fac_arg fac_args_sin[];
#define FAC_HEAD_sin .name = "sin", .args = fac_args_sin, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_sin = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_cos;
extern const fac_arg fac_args_cos[];
#define FAC_HEAD_cos .name = "cos", .args = fac_args_cos, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_cos = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_tanh;
extern const fac_arg fac_args_tanh[];
#define FAC_HEAD_tanh .name = "tanh", .args = fac_args_tanh, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_tanh = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_sigmoid;
extern const fac_arg fac_args_sigmoid[];
#define FAC_HEAD_sigmoid .name = "sigmoid", .args = fac_args_sigmoid, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_sigmoid = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_relu;
extern const fac_arg fac_args_relu[];
#define FAC_HEAD_relu .name = "relu", .args = fac_args_relu, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_relu = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_leaky_relu;
extern const fac_arg fac_args_leaky_relu[];
#define FAC_HEAD_leaky_relu .name = "leaky_relu", .args = fac_args_leaky_relu, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_leaky_relu_args)
enum { FAC_FLAGS_leaky_relu = 0 | FAC_OP_HAS_ARGS | FAC_OP_INPLACE };
extern const fac_op fac_op_softplus;
extern const fac_arg fac_args_softplus[];
#define FAC_HEAD_softplus .name = "softplus", .args = fac_args_softplus, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_softplus_args)
enum { FAC_FLAGS_softplus = 0 | FAC_OP_HAS_ARGS | FAC_OP_INPLACE };
extern const fac_op fac_op_clamp;
extern const fac_arg fac_args_clamp[];
#define FAC_HEAD_clamp .name = "clamp", .args = fac_args_clamp, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_clamp_args)
enum { FAC_FLAGS_clamp = 0 | FAC_OP_HAS_ARGS | FAC_OP_INPLACE };
extern const fac_op fac_op_floor;
extern const fac_arg fac_args_floor[];
#define FAC_HEAD_floor .name = "floor", .args = fac_args_floor, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_floor = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_ceil;
extern const fac_arg fac_args_ceil[];
#define FAC_HEAD_ceil .name = "ceil", .args = fac_args_ceil, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_ceil = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_trunc;
extern const fac_arg fac_args_trunc[];
#define FAC_HEAD_trunc .name = "trunc", .args = fac_args_trunc, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_trunc = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_isnan;
extern const fac_arg fac_args_isnan[];
#define FAC_HEAD_isnan .name = "isnan", .args = fac_args_isnan, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_isnan = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_isfinite;
extern const fac_arg fac_args_isfinite[];
#define FAC_HEAD_isfinite .name = "isfinite", .args = fac_args_isfinite, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_isfinite = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_logical_not;
extern const fac_arg fac_args_logical_not[];
#define FAC_HEAD_logical_not .name = "logical_not", .args = fac_args_logical_not, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_logical_not = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_add;
extern const fac_arg fac_args_add[];
#define FAC_HEAD_add .name = "add", .args = fac_args_add, .n_args = 3, .n_required = 2, \
    .args_size = sizeof(fac_add_args)
enum { FAC_FLAGS_add = 0 | FAC_OP_HAS_ARGS | FAC_OP_INPLACE };
extern const fac_op fac_op_sub;
extern const fac_arg fac_args_sub[];
#define FAC_HEAD_sub .name = "sub", .args = fac_args_sub, .n_args = 3, .n_required = 2, \
    .args_size = sizeof(fac_sub_args)
enum { FAC_FLAGS_sub = 0 | FAC_OP_HAS_ARGS | FAC_OP_INPLACE };
extern const fac_op fac_op_mul;
extern const fac_arg fac_args_mul[];
#define FAC_HEAD_mul .name = "mul", .args = fac_args_mul, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_mul = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_div;
extern const fac_arg fac_args_div[];
#define FAC_HEAD_div .name = "div", .args = fac_args_div, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_div = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_pow;
extern const fac_arg fac_args_pow[];
#define FAC_HEAD_pow .name = "pow", .args = fac_args_pow, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_pow = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_maximum;
extern const fac_arg fac_args_maximum[];
#define FAC_HEAD_maximum .name = "maximum", .args = fac_args_maximum, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_maximum = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_minimum;
extern const fac_arg fac_args_minimum[];
#define FAC_HEAD_minimum .name = "minimum", .args = fac_args_minimum, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_minimum = 0 | FAC_OP_INPLACE };
extern const fac_op fac_op_eq;
extern const fac_arg fac_args_eq[];
#define FAC_HEAD_eq .name = "eq", .args = fac_args_eq, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_eq = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_ne;
extern const fac_arg fac_args_ne[];
#define FAC_HEAD_ne .name = "ne", .args = fac_args_ne, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_ne = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_lt;
extern const fac_arg fac_args_lt[];
#define FAC_HEAD_lt .name = "lt", .args = fac_args_lt, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_lt = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_le;
extern const fac_arg fac_args_le[];
#define FAC_HEAD_le .name = "le", .args = fac_args_le, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_le = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_gt;
extern const fac_arg fac_args_gt[];
#define FAC_HEAD_gt .name = "gt", .args = fac_args_gt, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_gt = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_ge;
extern const fac_arg fac_args_ge[];
#define FAC_HEAD_ge .name = "ge", .args = fac_args_ge, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_ge = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_logical_and;
extern const fac_arg fac_args_logical_and[];
#define FAC_HEAD_logical_and .name = "logical_and", .args = fac_args_logical_and, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_logical_and = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_logical_or;
extern const fac_arg fac_args_logical_or[];
#define FAC_HEAD_logical_or .name = "logical_or", .args = fac_args_logical_or, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_logical_or = 0 | FAC_OP_INPLACE | FAC_OP_NO_GRAD };
extern const fac_op fac_op_zeros;
extern const fac_arg fac_args_zeros[];
#define FAC_HEAD_zeros .name = "zeros", .args = fac_args_zeros, .n_args = 11, .n_required = 0, \
    .args_size = sizeof(fac_zeros_args)
enum { FAC_FLAGS_zeros = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_ones;
extern const fac_arg fac_args_ones[];
#define FAC_HEAD_ones .name = "ones", .args = fac_args_ones, .n_args = 11, .n_required = 0, \
    .args_size = sizeof(fac_ones_args)
enum { FAC_FLAGS_ones = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_empty;
extern const fac_arg fac_args_empty[];
#define FAC_HEAD_empty .name = "empty", .args = fac_args_empty, .n_args = 11, .n_required = 0, \
    .args_size = sizeof(fac_empty_args)
enum { FAC_FLAGS_empty = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_full;
extern const fac_arg fac_args_full[];
#define FAC_HEAD_full .name = "full", .args = fac_args_full, .n_args = 4, .n_required = 0, \
    .args_size = sizeof(fac_full_args)
enum { FAC_FLAGS_full = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_zeros_like;
extern const fac_arg fac_args_zeros_like[];
#define FAC_HEAD_zeros_like .name = "zeros_like", .args = fac_args_zeros_like, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_zeros_like_args)
enum { FAC_FLAGS_zeros_like = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_ones_like;
extern const fac_arg fac_args_ones_like[];
#define FAC_HEAD_ones_like .name = "ones_like", .args = fac_args_ones_like, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_ones_like_args)
enum { FAC_FLAGS_ones_like = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_empty_like;
extern const fac_arg fac_args_empty_like[];
#define FAC_HEAD_empty_like .name = "empty_like", .args = fac_args_empty_like, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_empty_like_args)
enum { FAC_FLAGS_empty_like = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_full_like;
extern const fac_arg fac_args_full_like[];
#define FAC_HEAD_full_like .name = "full_like", .args = fac_args_full_like, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_full_like_args)
enum { FAC_FLAGS_full_like = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_arange;
extern const fac_arg fac_args_arange[];
#define FAC_HEAD_arange .name = "arange", .args = fac_args_arange, .n_args = 4, .n_required = 0, \
    .args_size = sizeof(fac_arange_args)
enum { FAC_FLAGS_arange = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_linspace;
extern const fac_arg fac_args_linspace[];
#define FAC_HEAD_linspace .name = "linspace", .args = fac_args_linspace, .n_args = 4, .n_required = 0, \
    .args_size = sizeof(fac_linspace_args)
enum { FAC_FLAGS_linspace = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_eye;
extern const fac_arg fac_args_eye[];
#define FAC_HEAD_eye .name = "eye", .args = fac_args_eye, .n_args = 3, .n_required = 0, \
    .args_size = sizeof(fac_eye_args)
enum { FAC_FLAGS_eye = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_rand;
extern const fac_arg fac_args_rand[];
#define FAC_HEAD_rand .name = "rand", .args = fac_args_rand, .n_args = 12, .n_required = 0, \
    .args_size = sizeof(fac_rand_args)
enum { FAC_FLAGS_rand = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_randn;
extern const fac_arg fac_args_randn[];
#define FAC_HEAD_randn .name = "randn", .args = fac_args_randn, .n_args = 12, .n_required = 0, \
    .args_size = sizeof(fac_randn_args)
enum { FAC_FLAGS_randn = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_rand_like;
extern const fac_arg fac_args_rand_like[];
#define FAC_HEAD_rand_like .name = "rand_like", .args = fac_args_rand_like, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_rand_like_args)
enum { FAC_FLAGS_rand_like = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_randn_like;
extern const fac_arg fac_args_randn_like[];
#define FAC_HEAD_randn_like .name = "randn_like", .args = fac_args_randn_like, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_randn_like_args)
enum { FAC_FLAGS_randn_like = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_randint;
extern const fac_arg fac_args_randint[];
#define FAC_HEAD_randint .name = "randint", .args = fac_args_randint, .n_args = 5, .n_required = 0, \
    .args_size = sizeof(fac_randint_args)
enum { FAC_FLAGS_randint = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_randperm;
extern const fac_arg fac_args_randperm[];
#define FAC_HEAD_randperm .name = "randperm", .args = fac_args_randperm, .n_args = 3, .n_required = 0, \
    .args_size = sizeof(fac_randperm_args)
enum { FAC_FLAGS_randperm = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_normal;
extern const fac_arg fac_args_normal[];
#define FAC_HEAD_normal .name = "normal", .args = fac_args_normal, .n_args = 4, .n_required = 2, \
    .args_size = sizeof(fac_normal_args)
enum { FAC_FLAGS_normal = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_bernoulli;
extern const fac_arg fac_args_bernoulli[];
#define FAC_HEAD_bernoulli .name = "bernoulli", .args = fac_args_bernoulli, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_bernoulli_args)
enum { FAC_FLAGS_bernoulli = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_multinomial;
extern const fac_arg fac_args_multinomial[];
#define FAC_HEAD_multinomial .name = "multinomial", .args = fac_args_multinomial, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_multinomial_args)
enum { FAC_FLAGS_multinomial = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD | FAC_OP_DRAWS };
extern const fac_op fac_op_uniform_;
extern const fac_arg fac_args_uniform_[];
#define FAC_HEAD_uniform_ .name = "uniform_", .args = fac_args_uniform_, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_uniform__args)
enum { FAC_FLAGS_uniform_ = 0 | FAC_OP_HAS_ARGS | FAC_OP_DRAWS | FAC_OP_MUTATES };
extern const fac_op fac_op_normal_;
extern const fac_arg fac_args_normal_[];
#define FAC_HEAD_normal_ .name = "normal_", .args = fac_args_normal_, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_normal__args)
enum { FAC_FLAGS_normal_ = 0 | FAC_OP_HAS_ARGS | FAC_OP_DRAWS | FAC_OP_MUTATES };
extern const fac_op fac_op_bernoulli_;
extern const fac_arg fac_args_bernoulli_[];
#define FAC_HEAD_bernoulli_ .name = "bernoulli_", .args = fac_args_bernoulli_, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_bernoulli__args)
enum { FAC_FLAGS_bernoulli_ = 0 | FAC_OP_HAS_ARGS | FAC_OP_DRAWS | FAC_OP_MUTATES };
extern const fac_op fac_op_exponential_;
extern const fac_arg fac_args_exponential_[];
#define FAC_HEAD_exponential_ .name = "exponential_", .args = fac_args_exponential_, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_exponential__args)
enum { FAC_FLAGS_exponential_ = 0 | FAC_OP_HAS_ARGS | FAC_OP_DRAWS | FAC_OP_MUTATES };
extern const fac_op fac_op_random_;
extern const fac_arg fac_args_random_[];
#define FAC_HEAD_random_ .name = "random_", .args = fac_args_random_, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_random__args)
enum { FAC_FLAGS_random_ = 0 | FAC_OP_HAS_ARGS | FAC_OP_DRAWS | FAC_OP_MUTATES };
extern const fac_op fac_op_fill_;
extern const fac_arg fac_args_fill_[];
#define FAC_HEAD_fill_ .name = "fill_", .args = fac_args_fill_, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_fill__args)
enum { FAC_FLAGS_fill_ = 0 | FAC_OP_HAS_ARGS | FAC_OP_MUTATES };
extern const fac_op fac_op_zero_;
extern const fac_arg fac_args_zero_[];
#define FAC_HEAD_zero_ .name = "zero_", .args = fac_args_zero_, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_zero_ = 0 | FAC_OP_MUTATES };
extern const fac_op fac_op_copy_;
extern const fac_arg fac_args_copy_[];
#define FAC_HEAD_copy_ .name = "copy_", .args = fac_args_copy_, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_copy_ = 0 | FAC_OP_MUTATES };
extern const fac_op fac_op_view;
extern const fac_arg fac_args_view[];
#define FAC_HEAD_view .name = "view", .args = fac_args_view, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_view_args)
enum { FAC_FLAGS_view = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_reshape;
extern const fac_arg fac_args_reshape[];
#define FAC_HEAD_reshape .name = "reshape", .args = fac_args_reshape, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_reshape_args)
enum { FAC_FLAGS_reshape = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_flatten;
extern const fac_arg fac_args_flatten[];
#define FAC_HEAD_flatten .name = "flatten", .args = fac_args_flatten, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_flatten_args)
enum { FAC_FLAGS_flatten = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_squeeze;
extern const fac_arg fac_args_squeeze[];
#define FAC_HEAD_squeeze .name = "squeeze", .args = fac_args_squeeze, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_squeeze_args)
enum { FAC_FLAGS_squeeze = 0 | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_unsqueeze;
extern const fac_arg fac_args_unsqueeze[];
#define FAC_HEAD_unsqueeze .name = "unsqueeze", .args = fac_args_unsqueeze, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_unsqueeze_args)
enum { FAC_FLAGS_unsqueeze = 0 | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_transpose;
extern const fac_arg fac_args_transpose[];
#define FAC_HEAD_transpose .name = "transpose", .args = fac_args_transpose, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_transpose_args)
enum { FAC_FLAGS_transpose = 0 | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_t;
extern const fac_arg fac_args_t[];
#define FAC_HEAD_t .name = "t", .args = fac_args_t, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_t = 0 | FAC_OP_VIEW };
extern const fac_op fac_op_permute;
extern const fac_arg fac_args_permute[];
#define FAC_HEAD_permute .name = "permute", .args = fac_args_permute, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_permute_args)
enum { FAC_FLAGS_permute = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_select;
extern const fac_arg fac_args_select[];
#define FAC_HEAD_select .name = "select", .args = fac_args_select, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_select_args)
enum { FAC_FLAGS_select = 0 | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_narrow;
extern const fac_arg fac_args_narrow[];
#define FAC_HEAD_narrow .name = "narrow", .args = fac_args_narrow, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_narrow_args)
enum { FAC_FLAGS_narrow = 0 | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_slice;
extern const fac_arg fac_args_slice[];
#define FAC_HEAD_slice .name = "slice", .args = fac_args_slice, .n_args = 5, .n_required = 1, \
    .args_size = sizeof(fac_slice_args)
enum { FAC_FLAGS_slice = 0 | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_expand;
extern const fac_arg fac_args_expand[];
#define FAC_HEAD_expand .name = "expand", .args = fac_args_expand, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_expand_args)
enum { FAC_FLAGS_expand = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS | FAC_OP_VIEW };
extern const fac_op fac_op_detach;
extern const fac_arg fac_args_detach[];
#define FAC_HEAD_detach .name = "detach", .args = fac_args_detach, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_detach = 0 | FAC_OP_VIEW };
extern const fac_op fac_op_as_strided_back;
extern const fac_arg fac_args_as_strided_back[];
#define FAC_HEAD_as_strided_back .name = "as_strided_back", .args = fac_args_as_strided_back, .n_args = 5, .n_required = 1, \
    .args_size = sizeof(fac_as_strided_back_args)
enum { FAC_FLAGS_as_strided_back = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_clone;
extern const fac_arg fac_args_clone[];
#define FAC_HEAD_clone .name = "clone", .args = fac_args_clone, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_clone = 0 };
extern const fac_op fac_op_contiguous;
extern const fac_arg fac_args_contiguous[];
#define FAC_HEAD_contiguous .name = "contiguous", .args = fac_args_contiguous, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_contiguous = 0 };
extern const fac_op fac_op_to;
extern const fac_arg fac_args_to[];
#define FAC_HEAD_to .name = "to", .args = fac_args_to, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_to_args)
enum { FAC_FLAGS_to = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_cat;
extern const fac_arg fac_args_cat[];
#define FAC_HEAD_cat .name = "cat", .args = fac_args_cat, .n_args = 2, .n_required = 255, \
    .args_size = sizeof(fac_cat_args)
enum { FAC_FLAGS_cat = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_stack;
extern const fac_arg fac_args_stack[];
#define FAC_HEAD_stack .name = "stack", .args = fac_args_stack, .n_args = 2, .n_required = 255, \
    .args_size = sizeof(fac_stack_args)
enum { FAC_FLAGS_stack = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_where;
extern const fac_arg fac_args_where[];
#define FAC_HEAD_where .name = "where", .args = fac_args_where, .n_args = 3, .n_required = 3, \
    .args_size = 0
enum { FAC_FLAGS_where = 0 };
extern const fac_op fac_op_masked_fill;
extern const fac_arg fac_args_masked_fill[];
#define FAC_HEAD_masked_fill .name = "masked_fill", .args = fac_args_masked_fill, .n_args = 3, .n_required = 3, \
    .args_size = 0
enum { FAC_FLAGS_masked_fill = 0 };
extern const fac_op fac_op_gather;
extern const fac_arg fac_args_gather[];
#define FAC_HEAD_gather .name = "gather", .args = fac_args_gather, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_gather_args)
enum { FAC_FLAGS_gather = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_index_select;
extern const fac_arg fac_args_index_select[];
#define FAC_HEAD_index_select .name = "index_select", .args = fac_args_index_select, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_index_select_args)
enum { FAC_FLAGS_index_select = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_scatter_add;
extern const fac_arg fac_args_scatter_add[];
#define FAC_HEAD_scatter_add .name = "scatter_add", .args = fac_args_scatter_add, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_scatter_add_args)
enum { FAC_FLAGS_scatter_add = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_index_add;
extern const fac_arg fac_args_index_add[];
#define FAC_HEAD_index_add .name = "index_add", .args = fac_args_index_add, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_index_add_args)
enum { FAC_FLAGS_index_add = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_sum;
extern const fac_arg fac_args_sum[];
#define FAC_HEAD_sum .name = "sum", .args = fac_args_sum, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_sum_args)
enum { FAC_FLAGS_sum = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_mean;
extern const fac_arg fac_args_mean[];
#define FAC_HEAD_mean .name = "mean", .args = fac_args_mean, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_mean_args)
enum { FAC_FLAGS_mean = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_var;
extern const fac_arg fac_args_var[];
#define FAC_HEAD_var .name = "var", .args = fac_args_var, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_var_args)
enum { FAC_FLAGS_var = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_std;
extern const fac_arg fac_args_std[];
#define FAC_HEAD_std .name = "std", .args = fac_args_std, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_std_args)
enum { FAC_FLAGS_std = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_max;
extern const fac_arg fac_args_max[];
#define FAC_HEAD_max .name = "max", .args = fac_args_max, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_max = 0 };
extern const fac_op fac_op_min;
extern const fac_arg fac_args_min[];
#define FAC_HEAD_min .name = "min", .args = fac_args_min, .n_args = 1, .n_required = 1, \
    .args_size = 0
enum { FAC_FLAGS_min = 0 };
extern const fac_op fac_op_amax;
extern const fac_arg fac_args_amax[];
#define FAC_HEAD_amax .name = "amax", .args = fac_args_amax, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_amax_args)
enum { FAC_FLAGS_amax = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_amin;
extern const fac_arg fac_args_amin[];
#define FAC_HEAD_amin .name = "amin", .args = fac_args_amin, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_amin_args)
enum { FAC_FLAGS_amin = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_argmax;
extern const fac_arg fac_args_argmax[];
#define FAC_HEAD_argmax .name = "argmax", .args = fac_args_argmax, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_argmax_args)
enum { FAC_FLAGS_argmax = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_argmin;
extern const fac_arg fac_args_argmin[];
#define FAC_HEAD_argmin .name = "argmin", .args = fac_args_argmin, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_argmin_args)
enum { FAC_FLAGS_argmin = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_all;
extern const fac_arg fac_args_all[];
#define FAC_HEAD_all .name = "all", .args = fac_args_all, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_all_args)
enum { FAC_FLAGS_all = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_any;
extern const fac_arg fac_args_any[];
#define FAC_HEAD_any .name = "any", .args = fac_args_any, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_any_args)
enum { FAC_FLAGS_any = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_sum_to_shape;
extern const fac_arg fac_args_sum_to_shape[];
#define FAC_HEAD_sum_to_shape .name = "sum_to_shape", .args = fac_args_sum_to_shape, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_sum_to_shape_args)
enum { FAC_FLAGS_sum_to_shape = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_softmax;
extern const fac_arg fac_args_softmax[];
#define FAC_HEAD_softmax .name = "softmax", .args = fac_args_softmax, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_softmax_args)
enum { FAC_FLAGS_softmax = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_log_softmax;
extern const fac_arg fac_args_log_softmax[];
#define FAC_HEAD_log_softmax .name = "log_softmax", .args = fac_args_log_softmax, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_log_softmax_args)
enum { FAC_FLAGS_log_softmax = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_logsumexp;
extern const fac_arg fac_args_logsumexp[];
#define FAC_HEAD_logsumexp .name = "logsumexp", .args = fac_args_logsumexp, .n_args = 3, .n_required = 1, \
    .args_size = sizeof(fac_logsumexp_args)
enum { FAC_FLAGS_logsumexp = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_matmul;
extern const fac_arg fac_args_matmul[];
#define FAC_HEAD_matmul .name = "matmul", .args = fac_args_matmul, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_matmul = 0 };
extern const fac_op fac_op_mm;
extern const fac_arg fac_args_mm[];
#define FAC_HEAD_mm .name = "mm", .args = fac_args_mm, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_mm = 0 };
extern const fac_op fac_op_bmm;
extern const fac_arg fac_args_bmm[];
#define FAC_HEAD_bmm .name = "bmm", .args = fac_args_bmm, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_bmm = 0 };
extern const fac_op fac_op_mv;
extern const fac_arg fac_args_mv[];
#define FAC_HEAD_mv .name = "mv", .args = fac_args_mv, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_mv = 0 };
extern const fac_op fac_op_dot;
extern const fac_arg fac_args_dot[];
#define FAC_HEAD_dot .name = "dot", .args = fac_args_dot, .n_args = 2, .n_required = 2, \
    .args_size = 0
enum { FAC_FLAGS_dot = 0 };
extern const fac_op fac_op_linear;
extern const fac_arg fac_args_linear[];
#define FAC_HEAD_linear .name = "linear", .args = fac_args_linear, .n_args = 3, .n_required = 2, \
    .args_size = sizeof(fac_linear_args)
enum { FAC_FLAGS_linear = 0 | FAC_OP_DEEP };
extern const fac_op fac_op_linear_backward;
extern const fac_arg fac_args_linear_backward[];
#define FAC_HEAD_linear_backward .name = "linear_backward", .args = fac_args_linear_backward, .n_args = 6, .n_required = 3, \
    .args_size = sizeof(fac_linear_backward_args)
enum { FAC_FLAGS_linear_backward = 0 | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_round;
extern const fac_arg fac_args_round[];
#define FAC_HEAD_round .name = "round", .args = fac_args_round, .n_args = 2, .n_required = 1, \
    .args_size = sizeof(fac_round_args)
enum { FAC_FLAGS_round = 0 | FAC_OP_HAS_ARGS | FAC_OP_INPLACE };
extern const fac_op fac_op_mse_loss;
extern const fac_arg fac_args_mse_loss[];
#define FAC_HEAD_mse_loss .name = "mse_loss", .args = fac_args_mse_loss, .n_args = 3, .n_required = 2, \
    .args_size = sizeof(fac_mse_loss_args)
enum { FAC_FLAGS_mse_loss = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_l1_loss;
extern const fac_arg fac_args_l1_loss[];
#define FAC_HEAD_l1_loss .name = "l1_loss", .args = fac_args_l1_loss, .n_args = 3, .n_required = 2, \
    .args_size = sizeof(fac_l1_loss_args)
enum { FAC_FLAGS_l1_loss = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_mse_loss_backward;
extern const fac_arg fac_args_mse_loss_backward[];
#define FAC_HEAD_mse_loss_backward .name = "mse_loss_backward", .args = fac_args_mse_loss_backward, .n_args = 4, .n_required = 3, \
    .args_size = sizeof(fac_mse_loss_backward_args)
enum { FAC_FLAGS_mse_loss_backward = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_l1_loss_backward;
extern const fac_arg fac_args_l1_loss_backward[];
#define FAC_HEAD_l1_loss_backward .name = "l1_loss_backward", .args = fac_args_l1_loss_backward, .n_args = 4, .n_required = 3, \
    .args_size = sizeof(fac_l1_loss_backward_args)
enum { FAC_FLAGS_l1_loss_backward = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_cross_entropy;
extern const fac_arg fac_args_cross_entropy[];
#define FAC_HEAD_cross_entropy .name = "cross_entropy", .args = fac_args_cross_entropy, .n_args = 6, .n_required = 2, \
    .args_size = sizeof(fac_cross_entropy_args)
enum { FAC_FLAGS_cross_entropy = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_cross_entropy_backward;
extern const fac_arg fac_args_cross_entropy_backward[];
#define FAC_HEAD_cross_entropy_backward .name = "cross_entropy_backward", .args = fac_args_cross_entropy_backward, .n_args = 9, .n_required = 5, \
    .args_size = sizeof(fac_cross_entropy_backward_args)
enum { FAC_FLAGS_cross_entropy_backward = 0 | FAC_OP_DEEP | FAC_OP_HAS_ARGS };
extern const fac_op fac_op_dropout;
extern const fac_arg fac_args_dropout[];
#define FAC_HEAD_dropout .name = "dropout", .args = fac_args_dropout, .n_args = 4, .n_required = 1, \
    .args_size = sizeof(fac_dropout_args)
enum { FAC_FLAGS_dropout = 0 | FAC_OP_HAS_ARGS | FAC_OP_DRAWS };
extern const fac_op fac_op_adam_step;
extern const fac_arg fac_args_adam_step[];
#define FAC_HEAD_adam_step .name = "adam_step", .args = fac_args_adam_step, .n_args = 10, .n_required = 255, \
    .args_size = sizeof(fac_adam_step_args)
enum { FAC_FLAGS_adam_step = 0 | FAC_OP_HAS_ARGS | FAC_OP_MUTATES };
extern const fac_op fac_op_sgd_step;
extern const fac_arg fac_args_sgd_step[];
#define FAC_HEAD_sgd_step .name = "sgd_step", .args = fac_args_sgd_step, .n_args = 8, .n_required = 255, \
    .args_size = sizeof(fac_sgd_step_args)
enum { FAC_FLAGS_sgd_step = 0 | FAC_OP_HAS_ARGS | FAC_OP_MUTATES };
extern const fac_op fac_op_clip_values;
extern const fac_arg fac_args_clip_values[];
#define FAC_HEAD_clip_values .name = "clip_values", .args = fac_args_clip_values, .n_args = 2, .n_required = 255, \
    .args_size = sizeof(fac_clip_values_args)
enum { FAC_FLAGS_clip_values = 0 | FAC_OP_HAS_ARGS | FAC_OP_MUTATES };
extern const fac_op fac_op_total_norm;
extern const fac_arg fac_args_total_norm[];
#define FAC_HEAD_total_norm .name = "total_norm", .args = fac_args_total_norm, .n_args = 2, .n_required = 255, \
    .args_size = sizeof(fac_total_norm_args)
enum { FAC_FLAGS_total_norm = 0 | FAC_OP_HAS_ARGS | FAC_OP_NO_GRAD };
extern const fac_op fac_op_scale_all;
extern const fac_arg fac_args_scale_all[];
#define FAC_HEAD_scale_all .name = "scale_all", .args = fac_args_scale_all, .n_args = 1, .n_required = 255, \
    .args_size = 0
enum { FAC_FLAGS_scale_all = 0 | FAC_OP_MUTATES };

/* All of them, in the tables' order, NULL at the end. */
extern const fac_op *const fac_all_ops[];

#endif
