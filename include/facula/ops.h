/* SPDX-License-Identifier: MIT */
/* The operations on tensors: torch.f, Tensor.f, F.f are fac_f. Made by tools/gen_api.c from the tables: change those. */
#ifndef FACULA_OPS_H
#define FACULA_OPS_H

#include "facula/call.h"
#include "facula/random.h"

/* What holds for all of them. Positional arguments come in PyTorch's order, further ones by name: fac_sum(x,
 * .dim = 1); in C++ fac_sum_with(x, &args). The result belongs to the innermost open scope (base.h); NULL with
 * the error pending if there is none. dims may be negative: they count from the end. Elementwise operations
 * give input's shape; two operands are broadcast to one shape and promoted to one dtype, and where PyTorch
 * takes a number so do the macros. Gradients flow through floating results unless the operation gives indices
 * or bool, or draws. Views share their input's memory. Errors of every operation: FAC_ERR_VALUE for a NULL
 * input and for shapes that do not fit, FAC_ERR_TYPE for a dtype it does not take and for a required argument
 * that is missing, FAC_ERR_INDEX for a dim out of range, FAC_ERR_RUNTIME for a tensor whose scope has ended,
 * FAC_ERR_MEMORY. Formulas are those of PyTorch's documentation. */

#ifdef __cplusplus
extern "C" {
#endif

/* torch.neg(input): -input. Every dtype but bool. */
FAC_API fac_tensor *fac_neg(fac_tensor *input);
/* The same in place: Tensor.neg_. */
FAC_API fac_tensor *fac_neg_(fac_tensor *input);

/* torch.abs(input): |input|. Every dtype but bool. */
FAC_API fac_tensor *fac_abs(fac_tensor *input);
/* The same in place: Tensor.abs_. */
FAC_API fac_tensor *fac_abs_(fac_tensor *input);

/* torch.sign(input): -1, 0 or 1. Every dtype; bool stays bool. */
FAC_API fac_tensor *fac_sign(fac_tensor *input);
/* The same in place: Tensor.sign_. */
FAC_API fac_tensor *fac_sign_(fac_tensor *input);

/* torch.square(input): input * input. Every dtype; bool becomes int64. */
FAC_API fac_tensor *fac_square(fac_tensor *input);
/* The same in place: Tensor.square_. */
FAC_API fac_tensor *fac_square_(fac_tensor *input);

/* torch.sqrt(input): the square root; NaN below 0. Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_sqrt(fac_tensor *input);
/* The same in place: Tensor.sqrt_. */
FAC_API fac_tensor *fac_sqrt_(fac_tensor *input);

/* torch.rsqrt(input): 1 / sqrt(input). Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_rsqrt(fac_tensor *input);
/* The same in place: Tensor.rsqrt_. */
FAC_API fac_tensor *fac_rsqrt_(fac_tensor *input);

/* torch.reciprocal(input): 1 / input. Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_reciprocal(fac_tensor *input);
/* The same in place: Tensor.reciprocal_. */
FAC_API fac_tensor *fac_reciprocal_(fac_tensor *input);

/* torch.exp(input): e to the power of input. Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_exp(fac_tensor *input);
/* The same in place: Tensor.exp_. */
FAC_API fac_tensor *fac_exp_(fac_tensor *input);

/* torch.expm1(input): exp(input) - 1, exact near 0. Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_expm1(fac_tensor *input);
/* The same in place: Tensor.expm1_. */
FAC_API fac_tensor *fac_expm1_(fac_tensor *input);

/* torch.log(input): the natural logarithm; -inf of 0, NaN below. Whole numbers and bool become the default
 * float dtype. */
FAC_API fac_tensor *fac_log(fac_tensor *input);
/* The same in place: Tensor.log_. */
FAC_API fac_tensor *fac_log_(fac_tensor *input);

/* torch.log1p(input): log(1 + input), exact near 0. Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_log1p(fac_tensor *input);
/* The same in place: Tensor.log1p_. */
FAC_API fac_tensor *fac_log1p_(fac_tensor *input);

/* torch.sin(input): the sine; input in radians. Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_sin(fac_tensor *input);
/* The same in place: Tensor.sin_. */
FAC_API fac_tensor *fac_sin_(fac_tensor *input);

/* torch.cos(input): the cosine; input in radians. Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_cos(fac_tensor *input);
/* The same in place: Tensor.cos_. */
FAC_API fac_tensor *fac_cos_(fac_tensor *input);

/* torch.tanh(input): (exp(input) - exp(-input)) / (exp(input) + exp(-input)). Whole numbers and bool become the
 * default float dtype. */
FAC_API fac_tensor *fac_tanh(fac_tensor *input);
/* The same in place: Tensor.tanh_. */
FAC_API fac_tensor *fac_tanh_(fac_tensor *input);

/* torch.sigmoid(input): 1 / (1 + exp(-input)). Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_sigmoid(fac_tensor *input);
/* The same in place: Tensor.sigmoid_. */
FAC_API fac_tensor *fac_sigmoid_(fac_tensor *input);

/* F.relu(input): max(0, input); NaN stays NaN. Every dtype but bool. */
FAC_API fac_tensor *fac_relu(fac_tensor *input);
/* The same in place: Tensor.relu_. */
FAC_API fac_tensor *fac_relu_(fac_tensor *input);

/* F.leaky_relu(input, negative_slope=0.01): input where positive, else negative_slope * input. Floating dtypes
 * only. */
typedef struct fac_leaky_relu_args {
    size_t size_;
    double negative_slope;
} fac_leaky_relu_args;
#define FAC_DEFAULTS_leaky_relu .negative_slope = 0.01
FAC_API fac_leaky_relu_args fac_leaky_relu_defaults(void);
FAC_API fac_tensor *fac_leaky_relu_with(fac_tensor *input, const fac_leaky_relu_args *args);
#ifndef __cplusplus
#define fac_leaky_relu(...) FAC_CALL1_(leaky_relu, FAC_TENSOR_, __VA_ARGS__)
#endif
/* The same in place: Tensor.leaky_relu_. */
typedef fac_leaky_relu_args fac_leaky_relu__args;
#define FAC_DEFAULTS_leaky_relu_ FAC_DEFAULTS_leaky_relu
FAC_API fac_tensor *fac_leaky_relu__with(fac_tensor *input, const fac_leaky_relu_args *args);
#ifndef __cplusplus
#define fac_leaky_relu_(...) FAC_CALL1_(leaky_relu_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* F.softplus(input, beta=1, threshold=20): log(1 + exp(beta * input)) / beta; input itself where beta * input >
 * threshold. Floating dtypes only. */
typedef struct fac_softplus_args {
    size_t size_;
    double beta;
    double threshold;
} fac_softplus_args;
#define FAC_DEFAULTS_softplus .beta = 1.0, .threshold = 20.0
FAC_API fac_softplus_args fac_softplus_defaults(void);
FAC_API fac_tensor *fac_softplus_with(fac_tensor *input, const fac_softplus_args *args);
#ifndef __cplusplus
#define fac_softplus(...) FAC_CALL1_(softplus, FAC_TENSOR_, __VA_ARGS__)
#endif
/* The same in place: Tensor.softplus_. */
typedef fac_softplus_args fac_softplus__args;
#define FAC_DEFAULTS_softplus_ FAC_DEFAULTS_softplus
FAC_API fac_tensor *fac_softplus__with(fac_tensor *input, const fac_softplus_args *args);
#ifndef __cplusplus
#define fac_softplus_(...) FAC_CALL1_(softplus_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.clamp(input, min=None, max=None): min(max(input, min), max), either of them if given; NaN stays NaN.
 * Errors: FAC_ERR_RUNTIME if neither is given. Every dtype; bool becomes int64. */
typedef struct fac_clamp_args {
    size_t size_;
    double min;
    double max;
} fac_clamp_args;
#define FAC_DEFAULTS_clamp .min = FAC_NONE_REAL, .max = FAC_NONE_REAL
FAC_API fac_clamp_args fac_clamp_defaults(void);
FAC_API fac_tensor *fac_clamp_with(fac_tensor *input, const fac_clamp_args *args);
#ifndef __cplusplus
#define fac_clamp(...) FAC_CALL1_(clamp, FAC_TENSOR_, __VA_ARGS__)
#endif
/* The same in place: Tensor.clamp_. */
typedef fac_clamp_args fac_clamp__args;
#define FAC_DEFAULTS_clamp_ FAC_DEFAULTS_clamp
FAC_API fac_tensor *fac_clamp__with(fac_tensor *input, const fac_clamp_args *args);
#ifndef __cplusplus
#define fac_clamp_(...) FAC_CALL1_(clamp_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.floor(input): the largest whole number not above input. Every dtype but bool. */
FAC_API fac_tensor *fac_floor(fac_tensor *input);
/* The same in place: Tensor.floor_. */
FAC_API fac_tensor *fac_floor_(fac_tensor *input);

/* torch.ceil(input): the smallest whole number not below input. Every dtype but bool. */
FAC_API fac_tensor *fac_ceil(fac_tensor *input);
/* The same in place: Tensor.ceil_. */
FAC_API fac_tensor *fac_ceil_(fac_tensor *input);

/* torch.trunc(input): the whole number next to input towards 0. Every dtype but bool. */
FAC_API fac_tensor *fac_trunc(fac_tensor *input);
/* The same in place: Tensor.trunc_. */
FAC_API fac_tensor *fac_trunc_(fac_tensor *input);

/* torch.isnan(input): whether an element is NaN. Every dtype; gives bool. */
FAC_API fac_tensor *fac_isnan(fac_tensor *input);

/* torch.isfinite(input): whether an element is neither infinite nor NaN. Every dtype; gives bool. */
FAC_API fac_tensor *fac_isfinite(fac_tensor *input);

/* torch.logical_not(input): whether an element is 0. Every dtype; gives bool. */
FAC_API fac_tensor *fac_logical_not(fac_tensor *input);

/* torch.add(input, other, *, alpha=1): input + alpha * other. Every dtype; bool stays bool. */
typedef struct fac_add_args {
    size_t size_;
    double alpha;
} fac_add_args;
#define FAC_DEFAULTS_add .alpha = 1
FAC_API fac_add_args fac_add_defaults(void);
FAC_API fac_tensor *fac_add_with(fac_tensor *input, fac_tensor *other, const fac_add_args *args);
#ifndef __cplusplus
#define fac_add(...) FAC_CALL2_(add, FAC_OPERAND, __VA_ARGS__)
#endif
/* The same in place: Tensor.add_. */
typedef fac_add_args fac_add__args;
#define FAC_DEFAULTS_add_ FAC_DEFAULTS_add
FAC_API fac_tensor *fac_add__with(fac_tensor *input, fac_tensor *other, const fac_add_args *args);
#ifndef __cplusplus
#define fac_add_(...) FAC_CALL2_(add_, FAC_OPERAND, __VA_ARGS__)
#endif

/* torch.sub(input, other, *, alpha=1): input - alpha * other. Every dtype but bool. */
typedef struct fac_sub_args {
    size_t size_;
    double alpha;
} fac_sub_args;
#define FAC_DEFAULTS_sub .alpha = 1
FAC_API fac_sub_args fac_sub_defaults(void);
FAC_API fac_tensor *fac_sub_with(fac_tensor *input, fac_tensor *other, const fac_sub_args *args);
#ifndef __cplusplus
#define fac_sub(...) FAC_CALL2_(sub, FAC_OPERAND, __VA_ARGS__)
#endif
/* The same in place: Tensor.sub_. */
typedef fac_sub_args fac_sub__args;
#define FAC_DEFAULTS_sub_ FAC_DEFAULTS_sub
FAC_API fac_tensor *fac_sub__with(fac_tensor *input, fac_tensor *other, const fac_sub_args *args);
#ifndef __cplusplus
#define fac_sub_(...) FAC_CALL2_(sub_, FAC_OPERAND, __VA_ARGS__)
#endif

/* torch.mul(input, other): input * other. Every dtype; bool stays bool. */
FAC_API fac_tensor *fac_mul_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_mul(a, b) FAC_PLAIN2_(mul, FAC_OPERAND, a, b)
#endif
/* The same in place: Tensor.mul_. */
FAC_API fac_tensor *fac_mul__with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_mul_(a, b) FAC_PLAIN2_(mul_, FAC_OPERAND, a, b)
#endif

/* torch.div(input, other): true division, input / other. Whole numbers and bool become the default float dtype. */
FAC_API fac_tensor *fac_div_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_div(a, b) FAC_PLAIN2_(div, FAC_OPERAND, a, b)
#endif
/* The same in place: Tensor.div_. */
FAC_API fac_tensor *fac_div__with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_div_(a, b) FAC_PLAIN2_(div_, FAC_OPERAND, a, b)
#endif

/* torch.pow(input, exponent): input ** exponent. Errors: FAC_ERR_RUNTIME for whole numbers to a negative whole
 * number. Every dtype but bool. */
FAC_API fac_tensor *fac_pow_with(fac_tensor *input, fac_tensor *exponent);
#ifndef __cplusplus
#define fac_pow(a, b) FAC_PLAIN2_(pow, FAC_OPERAND, a, b)
#endif
/* The same in place: Tensor.pow_. */
FAC_API fac_tensor *fac_pow__with(fac_tensor *input, fac_tensor *exponent);
#ifndef __cplusplus
#define fac_pow_(a, b) FAC_PLAIN2_(pow_, FAC_OPERAND, a, b)
#endif

/* torch.maximum(input, other): the larger; NaN if one is. Every dtype; bool stays bool. */
FAC_API fac_tensor *fac_maximum_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_maximum(a, b) FAC_PLAIN2_(maximum, FAC_OPERAND, a, b)
#endif
/* The same in place: Tensor.maximum_. */
FAC_API fac_tensor *fac_maximum__with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_maximum_(a, b) FAC_PLAIN2_(maximum_, FAC_OPERAND, a, b)
#endif

/* torch.minimum(input, other): the smaller; NaN if one is. Every dtype; bool stays bool. */
FAC_API fac_tensor *fac_minimum_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_minimum(a, b) FAC_PLAIN2_(minimum, FAC_OPERAND, a, b)
#endif
/* The same in place: Tensor.minimum_. */
FAC_API fac_tensor *fac_minimum__with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_minimum_(a, b) FAC_PLAIN2_(minimum_, FAC_OPERAND, a, b)
#endif

/* torch.eq(input, other): input == other. Every dtype; gives bool. */
FAC_API fac_tensor *fac_eq_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_eq(a, b) FAC_PLAIN2_(eq, FAC_OPERAND, a, b)
#endif

/* torch.ne(input, other): input != other. Every dtype; gives bool. */
FAC_API fac_tensor *fac_ne_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_ne(a, b) FAC_PLAIN2_(ne, FAC_OPERAND, a, b)
#endif

/* torch.lt(input, other): input < other. Every dtype; gives bool. */
FAC_API fac_tensor *fac_lt_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_lt(a, b) FAC_PLAIN2_(lt, FAC_OPERAND, a, b)
#endif

/* torch.le(input, other): input <= other. Every dtype; gives bool. */
FAC_API fac_tensor *fac_le_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_le(a, b) FAC_PLAIN2_(le, FAC_OPERAND, a, b)
#endif

/* torch.gt(input, other): input > other. Every dtype; gives bool. */
FAC_API fac_tensor *fac_gt_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_gt(a, b) FAC_PLAIN2_(gt, FAC_OPERAND, a, b)
#endif

/* torch.ge(input, other): input >= other. Every dtype; gives bool. */
FAC_API fac_tensor *fac_ge_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_ge(a, b) FAC_PLAIN2_(ge, FAC_OPERAND, a, b)
#endif

/* torch.logical_and(input, other): whether neither is 0. Every dtype; gives bool. */
FAC_API fac_tensor *fac_logical_and_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_logical_and(a, b) FAC_PLAIN2_(logical_and, FAC_OPERAND, a, b)
#endif

/* torch.logical_or(input, other): whether one is not 0. Every dtype; gives bool. */
FAC_API fac_tensor *fac_logical_or_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_logical_or(a, b) FAC_PLAIN2_(logical_or, FAC_OPERAND, a, b)
#endif

/* torch.zeros(*size, dtype=None, requires_grad=False): a tensor of zeros; fac_zeros(2, 3), or fac_zeros(.size =
 * list), which may be FAC_EMPTY_LIST for a 0-d one. Of the default dtype unless dtype is given. Errors:
 * FAC_ERR_VALUE for a negative size, FAC_ERR_RUNTIME for requires_grad of a dtype that is not floating. */
typedef struct fac_zeros_args {
    size_t size_;
    int64_t d0;
    int64_t d1;
    int64_t d2;
    int64_t d3;
    int64_t d4;
    int64_t d5;
    int64_t d6;
    int64_t d7;
    fac_list size;
    fac_dtype dtype;
    bool requires_grad;
} fac_zeros_args;
#define FAC_DEFAULTS_zeros .d0 = FAC_NONE, .d1 = FAC_NONE, .d2 = FAC_NONE, .d3 = FAC_NONE, .d4 = FAC_NONE, \
    .d5 = FAC_NONE, .d6 = FAC_NONE, .d7 = FAC_NONE, .size = NULL, .dtype = FAC_DEFAULT_DTYPE, \
    .requires_grad = false
FAC_API fac_zeros_args fac_zeros_defaults(void);
FAC_API fac_tensor *fac_zeros_with(const fac_zeros_args *args);
#ifndef __cplusplus
#define fac_zeros(...) FAC_KEYWORDS_(zeros, __VA_ARGS__)
#endif

/* torch.ones(*size, dtype=None, requires_grad=False): a tensor of ones; sizes, dtype and errors as of
 * fac_zeros. */
typedef struct fac_ones_args {
    size_t size_;
    int64_t d0;
    int64_t d1;
    int64_t d2;
    int64_t d3;
    int64_t d4;
    int64_t d5;
    int64_t d6;
    int64_t d7;
    fac_list size;
    fac_dtype dtype;
    bool requires_grad;
} fac_ones_args;
#define FAC_DEFAULTS_ones .d0 = FAC_NONE, .d1 = FAC_NONE, .d2 = FAC_NONE, .d3 = FAC_NONE, .d4 = FAC_NONE, \
    .d5 = FAC_NONE, .d6 = FAC_NONE, .d7 = FAC_NONE, .size = NULL, .dtype = FAC_DEFAULT_DTYPE, \
    .requires_grad = false
FAC_API fac_ones_args fac_ones_defaults(void);
FAC_API fac_tensor *fac_ones_with(const fac_ones_args *args);
#ifndef __cplusplus
#define fac_ones(...) FAC_KEYWORDS_(ones, __VA_ARGS__)
#endif

/* torch.empty(*size, dtype=None, requires_grad=False): a tensor whose elements are not set; sizes, dtype and
 * errors as of fac_zeros. */
typedef struct fac_empty_args {
    size_t size_;
    int64_t d0;
    int64_t d1;
    int64_t d2;
    int64_t d3;
    int64_t d4;
    int64_t d5;
    int64_t d6;
    int64_t d7;
    fac_list size;
    fac_dtype dtype;
    bool requires_grad;
} fac_empty_args;
#define FAC_DEFAULTS_empty .d0 = FAC_NONE, .d1 = FAC_NONE, .d2 = FAC_NONE, .d3 = FAC_NONE, .d4 = FAC_NONE, \
    .d5 = FAC_NONE, .d6 = FAC_NONE, .d7 = FAC_NONE, .size = NULL, .dtype = FAC_DEFAULT_DTYPE, \
    .requires_grad = false
FAC_API fac_empty_args fac_empty_defaults(void);
FAC_API fac_tensor *fac_empty_with(const fac_empty_args *args);
#ifndef __cplusplus
#define fac_empty(...) FAC_KEYWORDS_(empty, __VA_ARGS__)
#endif

/* torch.full(size, fill_value, *, dtype=None, requires_grad=False): a tensor of that shape filled with
 * fill_value: fac_full(FAC_LIST(2, 3), 0.5). Of the default dtype unless dtype is given (PyTorch takes that of
 * fill_value). */
typedef struct fac_full_args {
    size_t size_;
    fac_list size;
    double fill_value;
    fac_dtype dtype;
    bool requires_grad;
} fac_full_args;
#define FAC_DEFAULTS_full .size = NULL, .fill_value = FAC_REQUIRED_REAL, .dtype = FAC_DEFAULT_DTYPE, \
    .requires_grad = false
FAC_API fac_full_args fac_full_defaults(void);
FAC_API fac_tensor *fac_full_with(const fac_full_args *args);
#ifndef __cplusplus
#define fac_full(...) FAC_KEYWORDS_(full, __VA_ARGS__)
#endif

/* torch.zeros_like(input, *, dtype=None): zeros of input's shape, and of its dtype unless another is given. */
typedef struct fac_zeros_like_args {
    size_t size_;
    fac_dtype dtype;
} fac_zeros_like_args;
#define FAC_DEFAULTS_zeros_like .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_zeros_like_args fac_zeros_like_defaults(void);
FAC_API fac_tensor *fac_zeros_like_with(fac_tensor *input, const fac_zeros_like_args *args);
#ifndef __cplusplus
#define fac_zeros_like(...) FAC_CALL1_(zeros_like, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.ones_like(input, *, dtype=None): ones of input's shape, and of its dtype unless another is given. */
typedef struct fac_ones_like_args {
    size_t size_;
    fac_dtype dtype;
} fac_ones_like_args;
#define FAC_DEFAULTS_ones_like .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_ones_like_args fac_ones_like_defaults(void);
FAC_API fac_tensor *fac_ones_like_with(fac_tensor *input, const fac_ones_like_args *args);
#ifndef __cplusplus
#define fac_ones_like(...) FAC_CALL1_(ones_like, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.empty_like(input, *, dtype=None): a tensor of input's shape whose elements are not set. */
typedef struct fac_empty_like_args {
    size_t size_;
    fac_dtype dtype;
} fac_empty_like_args;
#define FAC_DEFAULTS_empty_like .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_empty_like_args fac_empty_like_defaults(void);
FAC_API fac_tensor *fac_empty_like_with(fac_tensor *input, const fac_empty_like_args *args);
#ifndef __cplusplus
#define fac_empty_like(...) FAC_CALL1_(empty_like, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.full_like(input, fill_value, *, dtype=None): a tensor of input's shape filled with fill_value, of its
 * dtype unless another is given. */
typedef struct fac_full_like_args {
    size_t size_;
    double fill_value;
    fac_dtype dtype;
} fac_full_like_args;
#define FAC_DEFAULTS_full_like .fill_value = FAC_REQUIRED_REAL, .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_full_like_args fac_full_like_defaults(void);
FAC_API fac_tensor *fac_full_like_with(fac_tensor *input, const fac_full_like_args *args);
#ifndef __cplusplus
#define fac_full_like(...) FAC_CALL1_(full_like, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.arange(start, end, step=1, *, dtype=None): start, start + step, ... below end (above it for a negative
 * step), of shape (ceil((end - start) / step),); fac_arange(5) is 0 .. 4. The dtype is int64 where all given
 * numbers are whole, else the default one. Errors: FAC_ERR_RUNTIME for a step of 0 or of the wrong sign. */
typedef struct fac_arange_args {
    size_t size_;
    double start;
    double end;
    double step;
    fac_dtype dtype;
} fac_arange_args;
#define FAC_DEFAULTS_arange .start = FAC_REQUIRED_REAL, .end = FAC_NONE_REAL, .step = 1, \
    .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_arange_args fac_arange_defaults(void);
FAC_API fac_tensor *fac_arange_with(const fac_arange_args *args);
#ifndef __cplusplus
#define fac_arange(...) FAC_KEYWORDS_(arange, __VA_ARGS__)
#endif

/* torch.linspace(start, end, steps, *, dtype=None): steps numbers at equal distances, both ends included, of
 * shape (steps,). Errors: FAC_ERR_RUNTIME for negative steps, FAC_ERR_TYPE for bool. */
typedef struct fac_linspace_args {
    size_t size_;
    double start;
    double end;
    int64_t steps;
    fac_dtype dtype;
} fac_linspace_args;
#define FAC_DEFAULTS_linspace .start = FAC_REQUIRED_REAL, .end = FAC_REQUIRED_REAL, .steps = FAC_REQUIRED, \
    .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_linspace_args fac_linspace_defaults(void);
FAC_API fac_tensor *fac_linspace_with(const fac_linspace_args *args);
#ifndef __cplusplus
#define fac_linspace(...) FAC_KEYWORDS_(linspace, __VA_ARGS__)
#endif

/* torch.eye(n, m=n, *, dtype=None): the identity, (n, m): ones on the diagonal, zeros elsewhere. */
typedef struct fac_eye_args {
    size_t size_;
    int64_t n;
    int64_t m;
    fac_dtype dtype;
} fac_eye_args;
#define FAC_DEFAULTS_eye .n = FAC_REQUIRED, .m = FAC_NONE, .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_eye_args fac_eye_defaults(void);
FAC_API fac_tensor *fac_eye_with(const fac_eye_args *args);
#ifndef __cplusplus
#define fac_eye(...) FAC_KEYWORDS_(eye, __VA_ARGS__)
#endif

/* torch.rand(*size, generator=None, dtype=None, requires_grad=False): uniform on [0, 1); sizes and dtype as of
 * fac_zeros, floating dtypes only. */
typedef struct fac_rand_args {
    size_t size_;
    int64_t d0;
    int64_t d1;
    int64_t d2;
    int64_t d3;
    int64_t d4;
    int64_t d5;
    int64_t d6;
    int64_t d7;
    fac_list size;
    fac_generator *generator;
    fac_dtype dtype;
    bool requires_grad;
} fac_rand_args;
#define FAC_DEFAULTS_rand .d0 = FAC_NONE, .d1 = FAC_NONE, .d2 = FAC_NONE, .d3 = FAC_NONE, .d4 = FAC_NONE, \
    .d5 = FAC_NONE, .d6 = FAC_NONE, .d7 = FAC_NONE, .size = NULL, .generator = (fac_generator *)fac_none, \
    .dtype = FAC_DEFAULT_DTYPE, .requires_grad = false
FAC_API fac_rand_args fac_rand_defaults(void);
FAC_API fac_tensor *fac_rand_with(const fac_rand_args *args);
#ifndef __cplusplus
#define fac_rand(...) FAC_KEYWORDS_(rand, __VA_ARGS__)
#endif

/* torch.randn(*size, generator=None, dtype=None, requires_grad=False): normal, mean 0, variance 1; sizes and
 * dtype as of fac_zeros, floating dtypes only. */
typedef struct fac_randn_args {
    size_t size_;
    int64_t d0;
    int64_t d1;
    int64_t d2;
    int64_t d3;
    int64_t d4;
    int64_t d5;
    int64_t d6;
    int64_t d7;
    fac_list size;
    fac_generator *generator;
    fac_dtype dtype;
    bool requires_grad;
} fac_randn_args;
#define FAC_DEFAULTS_randn .d0 = FAC_NONE, .d1 = FAC_NONE, .d2 = FAC_NONE, .d3 = FAC_NONE, .d4 = FAC_NONE, \
    .d5 = FAC_NONE, .d6 = FAC_NONE, .d7 = FAC_NONE, .size = NULL, .generator = (fac_generator *)fac_none, \
    .dtype = FAC_DEFAULT_DTYPE, .requires_grad = false
FAC_API fac_randn_args fac_randn_defaults(void);
FAC_API fac_tensor *fac_randn_with(const fac_randn_args *args);
#ifndef __cplusplus
#define fac_randn(...) FAC_KEYWORDS_(randn, __VA_ARGS__)
#endif

/* torch.rand_like(input, *, dtype=None): fac_rand of input's shape, and of its dtype unless another is given. */
typedef struct fac_rand_like_args {
    size_t size_;
    fac_dtype dtype;
} fac_rand_like_args;
#define FAC_DEFAULTS_rand_like .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_rand_like_args fac_rand_like_defaults(void);
FAC_API fac_tensor *fac_rand_like_with(fac_tensor *input, const fac_rand_like_args *args);
#ifndef __cplusplus
#define fac_rand_like(...) FAC_CALL1_(rand_like, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.randn_like(input, *, dtype=None): fac_randn of input's shape, and of its dtype unless another is given. */
typedef struct fac_randn_like_args {
    size_t size_;
    fac_dtype dtype;
} fac_randn_like_args;
#define FAC_DEFAULTS_randn_like .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_randn_like_args fac_randn_like_defaults(void);
FAC_API fac_tensor *fac_randn_like_with(fac_tensor *input, const fac_randn_like_args *args);
#ifndef __cplusplus
#define fac_randn_like(...) FAC_CALL1_(randn_like, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.randint(low, high, size, *, generator=None, dtype=int64): whole numbers drawn evenly from [low, high),
 * of shape size: fac_randint(0, 10, FAC_LIST(3)). Errors: FAC_ERR_RUNTIME unless low < high, or for bounds the
 * dtype cannot hold. */
typedef struct fac_randint_args {
    size_t size_;
    int64_t low;
    int64_t high;
    fac_list size;
    fac_generator *generator;
    fac_dtype dtype;
} fac_randint_args;
#define FAC_DEFAULTS_randint .low = FAC_REQUIRED, .high = FAC_REQUIRED, .size = NULL, \
    .generator = (fac_generator *)fac_none, .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_randint_args fac_randint_defaults(void);
FAC_API fac_tensor *fac_randint_with(const fac_randint_args *args);
#ifndef __cplusplus
#define fac_randint(...) FAC_KEYWORDS_(randint, __VA_ARGS__)
#endif

/* torch.randperm(n, *, generator=None, dtype=int64): a random permutation of 0 .. n - 1, of shape (n,). Errors:
 * FAC_ERR_RUNTIME for a negative n. */
typedef struct fac_randperm_args {
    size_t size_;
    int64_t n;
    fac_generator *generator;
    fac_dtype dtype;
} fac_randperm_args;
#define FAC_DEFAULTS_randperm .n = FAC_REQUIRED, .generator = (fac_generator *)fac_none, \
    .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_randperm_args fac_randperm_defaults(void);
FAC_API fac_tensor *fac_randperm_with(const fac_randperm_args *args);
#ifndef __cplusplus
#define fac_randperm(...) FAC_KEYWORDS_(randperm, __VA_ARGS__)
#endif

/* torch.normal(mean, std, size=None, *, generator=None): normal with these means and standard deviations,
 * tensors that are broadcast or numbers; size only where both are numbers. Errors: FAC_ERR_RUNTIME for a
 * negative std. */
typedef struct fac_normal_args {
    size_t size_;
    fac_list size;
    fac_generator *generator;
} fac_normal_args;
#define FAC_DEFAULTS_normal .size = NULL, .generator = (fac_generator *)fac_none
FAC_API fac_normal_args fac_normal_defaults(void);
FAC_API fac_tensor *fac_normal_with(fac_tensor *mean, fac_tensor *std, const fac_normal_args *args);
#ifndef __cplusplus
#define fac_normal(...) FAC_CALL2_(normal, FAC_OPERAND, __VA_ARGS__)
#endif

/* torch.bernoulli(input, *, generator=None): 1 with probability input, else 0, of input's shape and dtype.
 * Errors: FAC_ERR_RUNTIME for probabilities outside [0, 1]. */
typedef struct fac_bernoulli_args {
    size_t size_;
    fac_generator *generator;
} fac_bernoulli_args;
#define FAC_DEFAULTS_bernoulli .generator = (fac_generator *)fac_none
FAC_API fac_bernoulli_args fac_bernoulli_defaults(void);
FAC_API fac_tensor *fac_bernoulli_with(fac_tensor *input, const fac_bernoulli_args *args);
#ifndef __cplusplus
#define fac_bernoulli(...) FAC_CALL1_(bernoulli, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.multinomial(input, num_samples, replacement=False, *, generator=None): num_samples indices drawn with
 * the weights input (n) or, a row each, (m, n), which need not sum to 1; int64, (num_samples,) or (m,
 * num_samples). Errors: FAC_ERR_RUNTIME for more samples than there are weights without replacement, weights
 * that are negative, not finite or all 0. */
typedef struct fac_multinomial_args {
    size_t size_;
    int64_t num_samples;
    bool replacement;
    fac_generator *generator;
} fac_multinomial_args;
#define FAC_DEFAULTS_multinomial .num_samples = FAC_REQUIRED, .replacement = false, \
    .generator = (fac_generator *)fac_none
FAC_API fac_multinomial_args fac_multinomial_defaults(void);
FAC_API fac_tensor *fac_multinomial_with(fac_tensor *input, const fac_multinomial_args *args);
#ifndef __cplusplus
#define fac_multinomial(...) FAC_CALL1_(multinomial, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.uniform_(from=0, to=1, *, generator=None): filled in place with numbers drawn uniformly from [from,
 * to); floating dtypes only. Errors: FAC_ERR_RUNTIME for from > to, a leaf that requires grad. */
typedef struct fac_uniform__args {
    size_t size_;
    double from;
    double to;
    fac_generator *generator;
} fac_uniform__args;
#define FAC_DEFAULTS_uniform_ .from = 0, .to = 1, .generator = (fac_generator *)fac_none
FAC_API fac_uniform__args fac_uniform__defaults(void);
FAC_API fac_tensor *fac_uniform__with(fac_tensor *input, const fac_uniform__args *args);
#ifndef __cplusplus
#define fac_uniform_(...) FAC_CALL1_(uniform_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.normal_(mean=0, std=1, *, generator=None): filled in place with normal numbers; floating dtypes only.
 * Errors: FAC_ERR_RUNTIME for a negative std, a leaf that requires grad. */
typedef struct fac_normal__args {
    size_t size_;
    double mean;
    double std;
    fac_generator *generator;
} fac_normal__args;
#define FAC_DEFAULTS_normal_ .mean = 0, .std = 1, .generator = (fac_generator *)fac_none
FAC_API fac_normal__args fac_normal__defaults(void);
FAC_API fac_tensor *fac_normal__with(fac_tensor *input, const fac_normal__args *args);
#ifndef __cplusplus
#define fac_normal_(...) FAC_CALL1_(normal_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.bernoulli_(p=0.5, *, generator=None): each element in place 1 with probability p, else 0. Errors:
 * FAC_ERR_RUNTIME for p outside [0, 1]. */
typedef struct fac_bernoulli__args {
    size_t size_;
    double p;
    fac_generator *generator;
} fac_bernoulli__args;
#define FAC_DEFAULTS_bernoulli_ .p = 0.5, .generator = (fac_generator *)fac_none
FAC_API fac_bernoulli__args fac_bernoulli__defaults(void);
FAC_API fac_tensor *fac_bernoulli__with(fac_tensor *input, const fac_bernoulli__args *args);
#ifndef __cplusplus
#define fac_bernoulli_(...) FAC_CALL1_(bernoulli_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.exponential_(lambd=1, *, generator=None): filled in place with numbers of density lambd * exp(-lambd *
 * x), x > 0; floating dtypes only. Errors: FAC_ERR_RUNTIME unless lambd > 0. */
typedef struct fac_exponential__args {
    size_t size_;
    double lambd;
    fac_generator *generator;
} fac_exponential__args;
#define FAC_DEFAULTS_exponential_ .lambd = 1, .generator = (fac_generator *)fac_none
FAC_API fac_exponential__args fac_exponential__defaults(void);
FAC_API fac_tensor *fac_exponential__with(fac_tensor *input, const fac_exponential__args *args);
#ifndef __cplusplus
#define fac_exponential_(...) FAC_CALL1_(exponential_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.random_(from=0, to=None, *, generator=None): whole numbers in [from, to); in [0, from) if to is not
 * given; all that the dtype holds evenly if neither is. */
typedef struct fac_random__args {
    size_t size_;
    int64_t from;
    int64_t to;
    fac_generator *generator;
} fac_random__args;
#define FAC_DEFAULTS_random_ .from = 0, .to = FAC_NONE, .generator = (fac_generator *)fac_none
FAC_API fac_random__args fac_random__defaults(void);
FAC_API fac_tensor *fac_random__with(fac_tensor *input, const fac_random__args *args);
#ifndef __cplusplus
#define fac_random_(...) FAC_CALL1_(random_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.fill_(value): every element set in place to value, cast to input's dtype. */
typedef struct fac_fill__args {
    size_t size_;
    double value;
} fac_fill__args;
#define FAC_DEFAULTS_fill_ .value = FAC_REQUIRED_REAL
FAC_API fac_fill__args fac_fill__defaults(void);
FAC_API fac_tensor *fac_fill__with(fac_tensor *input, const fac_fill__args *args);
#ifndef __cplusplus
#define fac_fill_(...) FAC_CALL1_(fill_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.zero_(): every element set in place to 0. */
FAC_API fac_tensor *fac_zero_(fac_tensor *input);

/* Tensor.copy_(src): the values of src in place, broadcast to input's shape and cast to its dtype; gradients
 * flow to src. Errors: FAC_ERR_VALUE where src cannot be broadcast to it. */
FAC_API fac_tensor *fac_copy__with(fac_tensor *input, fac_tensor *src);
#ifndef __cplusplus
#define fac_copy_(a, b) FAC_PLAIN2_(copy_, FAC_TENSOR_, a, b)
#endif

/* Tensor.view(*shape): the same elements in another shape, without a copy; one size may be -1: what is left.
 * Errors: FAC_ERR_VALUE for another number of elements, or strides that allow no view: use fac_reshape. */
typedef struct fac_view_args {
    size_t size_;
    fac_list shape;
} fac_view_args;
#define FAC_DEFAULTS_view .shape = NULL
FAC_API fac_view_args fac_view_defaults(void);
FAC_API fac_tensor *fac_view_with(fac_tensor *input, const fac_view_args *args);
#ifndef __cplusplus
#define fac_view(...) FAC_CALL1_(view, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.reshape(input, shape): the same elements in another shape: a view where the strides allow it, else a
 * copy; one size may be -1: what is left. Errors: FAC_ERR_VALUE for another number of elements. */
typedef struct fac_reshape_args {
    size_t size_;
    fac_list shape;
} fac_reshape_args;
#define FAC_DEFAULTS_reshape .shape = NULL
FAC_API fac_reshape_args fac_reshape_defaults(void);
FAC_API fac_tensor *fac_reshape_with(fac_tensor *input, const fac_reshape_args *args);
#ifndef __cplusplus
#define fac_reshape(...) FAC_CALL1_(reshape, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.flatten(input, start_dim=0, end_dim=-1): the dims start_dim .. end_dim as one, (*, n, *); a view where
 * the strides allow it. A 0-d tensor becomes (1,). Errors: FAC_ERR_VALUE where start_dim comes after end_dim. */
typedef struct fac_flatten_args {
    size_t size_;
    int64_t start_dim;
    int64_t end_dim;
} fac_flatten_args;
#define FAC_DEFAULTS_flatten .start_dim = 0, .end_dim = -1
FAC_API fac_flatten_args fac_flatten_defaults(void);
FAC_API fac_tensor *fac_flatten_with(fac_tensor *input, const fac_flatten_args *args);
#ifndef __cplusplus
#define fac_flatten(...) FAC_CALL1_(flatten, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.squeeze(input, dim=None): a view without the dims of size 1; only without those in dim (up to three) if
 * given, of which one that is larger stays. */
typedef struct fac_squeeze_args {
    size_t size_;
    fac_dims dim;
} fac_squeeze_args;
#define FAC_DEFAULTS_squeeze .dim = FAC_NONE
FAC_API fac_squeeze_args fac_squeeze_defaults(void);
FAC_API fac_tensor *fac_squeeze_with(fac_tensor *input, const fac_squeeze_args *args);
#ifndef __cplusplus
#define fac_squeeze(...) FAC_CALL1_(squeeze, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.unsqueeze(input, dim): a view with a dim of size 1 put in at dim, in [-ndim - 1, ndim]. */
typedef struct fac_unsqueeze_args {
    size_t size_;
    int64_t dim;
} fac_unsqueeze_args;
#define FAC_DEFAULTS_unsqueeze .dim = FAC_REQUIRED
FAC_API fac_unsqueeze_args fac_unsqueeze_defaults(void);
FAC_API fac_tensor *fac_unsqueeze_with(fac_tensor *input, const fac_unsqueeze_args *args);
#ifndef __cplusplus
#define fac_unsqueeze(...) FAC_CALL1_(unsqueeze, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.transpose(input, dim0, dim1): a view with the two dims swapped. */
typedef struct fac_transpose_args {
    size_t size_;
    int64_t dim0;
    int64_t dim1;
} fac_transpose_args;
#define FAC_DEFAULTS_transpose .dim0 = FAC_REQUIRED, .dim1 = FAC_REQUIRED
FAC_API fac_transpose_args fac_transpose_defaults(void);
FAC_API fac_tensor *fac_transpose_with(fac_tensor *input, const fac_transpose_args *args);
#ifndef __cplusplus
#define fac_transpose(...) FAC_CALL1_(transpose, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.t(input): a view, the transpose (m, n) of a matrix (n, m); a vector or number stays. Errors:
 * FAC_ERR_VALUE for more than 2 dims. */
FAC_API fac_tensor *fac_t(fac_tensor *input);

/* torch.permute(input, dims): a view whose dim i is input's dim dims[i]. Errors: FAC_ERR_VALUE unless dims
 * names each dim once. */
typedef struct fac_permute_args {
    size_t size_;
    fac_list dims;
} fac_permute_args;
#define FAC_DEFAULTS_permute .dims = NULL
FAC_API fac_permute_args fac_permute_defaults(void);
FAC_API fac_tensor *fac_permute_with(fac_tensor *input, const fac_permute_args *args);
#ifndef __cplusplus
#define fac_permute(...) FAC_CALL1_(permute, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.select(input, dim, index): the view input[:, ..., index], without that dim; index may be negative.
 * Errors: FAC_ERR_INDEX for an index out of range, a 0-d input. */
typedef struct fac_select_args {
    size_t size_;
    int64_t dim;
    int64_t index;
} fac_select_args;
#define FAC_DEFAULTS_select .dim = FAC_REQUIRED, .index = FAC_REQUIRED
FAC_API fac_select_args fac_select_defaults(void);
FAC_API fac_tensor *fac_select_with(fac_tensor *input, const fac_select_args *args);
#ifndef __cplusplus
#define fac_select(...) FAC_CALL1_(select, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.narrow(input, dim, start, length): the view of length elements along dim from start, which may be
 * negative. Errors: FAC_ERR_VALUE for a negative length or one that goes past the end, FAC_ERR_INDEX for a
 * start out of range. */
typedef struct fac_narrow_args {
    size_t size_;
    int64_t dim;
    int64_t start;
    int64_t length;
} fac_narrow_args;
#define FAC_DEFAULTS_narrow .dim = FAC_REQUIRED, .start = FAC_REQUIRED, .length = FAC_REQUIRED
FAC_API fac_narrow_args fac_narrow_defaults(void);
FAC_API fac_tensor *fac_narrow_with(fac_tensor *input, const fac_narrow_args *args);
#ifndef __cplusplus
#define fac_narrow(...) FAC_CALL1_(narrow, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.__getitem__(slice): the view input[start:end:step] along dim; start and end may be negative and are
 * clipped as Python clips them. Errors: FAC_ERR_VALUE for a step that is not positive. */
typedef struct fac_slice_args {
    size_t size_;
    int64_t dim;
    int64_t start;
    int64_t end;
    int64_t step;
} fac_slice_args;
#define FAC_DEFAULTS_slice .dim = 0, .start = FAC_NONE, .end = FAC_NONE, .step = 1
FAC_API fac_slice_args fac_slice_defaults(void);
FAC_API fac_tensor *fac_slice_with(fac_tensor *input, const fac_slice_args *args);
#ifndef __cplusplus
#define fac_slice(...) FAC_CALL1_(slice, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.expand(*sizes): a view with dims of size 1 repeated without memory, new dims in front; -1 keeps a
 * size. Errors: FAC_ERR_VALUE for a dim of another size than 1 and sizes'. */
typedef struct fac_expand_args {
    size_t size_;
    fac_list size;
} fac_expand_args;
#define FAC_DEFAULTS_expand .size = NULL
FAC_API fac_expand_args fac_expand_defaults(void);
FAC_API fac_tensor *fac_expand_with(fac_tensor *input, const fac_expand_args *args);
#ifndef __cplusplus
#define fac_expand(...) FAC_CALL1_(expand, FAC_TENSOR_, __VA_ARGS__)
#endif

/* Tensor.detach(): a view of the same values without history; it does not require grad. */
FAC_API fac_tensor *fac_detach(fac_tensor *input);

/* torch.clone(input): a copy in memory of its own; gradients flow through. */
FAC_API fac_tensor *fac_clone(fac_tensor *input);

/* Tensor.contiguous(): input itself if its elements lie in row-major order, else a copy in which they do. */
FAC_API fac_tensor *fac_contiguous(fac_tensor *input);

/* Tensor.to(dtype): input itself if it has that dtype, else a copy cast to it, as C casts; gradients of
 * floating ones flow through. */
typedef struct fac_to_args {
    size_t size_;
    fac_dtype dtype;
} fac_to_args;
#define FAC_DEFAULTS_to .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_to_args fac_to_defaults(void);
FAC_API fac_tensor *fac_to_with(fac_tensor *input, const fac_to_args *args);
#ifndef __cplusplus
#define fac_to(...) FAC_CALL1_(to, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.cat(tensors, dim=0): one after the other along dim, in which alone their sizes may differ:
 * fac_cat(FAC_TENSORS(a, b), 1). dtypes are promoted. Errors: FAC_ERR_VALUE for an empty list, a 0-d tensor,
 * sizes or numbers of dims that differ. */
typedef struct fac_cat_args {
    size_t size_;
    int64_t dim;
} fac_cat_args;
#define FAC_DEFAULTS_cat .dim = 0
FAC_API fac_cat_args fac_cat_defaults(void);
FAC_API fac_tensor *fac_cat_with(const fac_tensors *tensors, const fac_cat_args *args);
#ifndef __cplusplus
#define fac_cat(...) FAC_CALL1_(cat, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.stack(tensors, dim=0): along a new dim, put in at dim. Errors: FAC_ERR_VALUE for an empty list, shapes
 * that differ. */
typedef struct fac_stack_args {
    size_t size_;
    int64_t dim;
} fac_stack_args;
#define FAC_DEFAULTS_stack .dim = 0
FAC_API fac_stack_args fac_stack_defaults(void);
FAC_API fac_tensor *fac_stack_with(const fac_tensors *tensors, const fac_stack_args *args);
#ifndef __cplusplus
#define fac_stack(...) FAC_CALL1_(stack, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.where(condition, input, other): input where condition is true, else other; the three are broadcast, the
 * last two may be numbers and are promoted. Errors: FAC_ERR_TYPE for a condition that is not bool (or uint8). */
FAC_API fac_tensor *fac_where_with(fac_tensor *condition, fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_where(a, b, c) FAC_PLAIN3_(where, FAC_OPERAND, a, b, c)
#endif

/* Tensor.masked_fill(mask, value): a copy of input with value, a number or a 0-d tensor, where mask, a bool
 * tensor broadcast with it, is true. Errors: FAC_ERR_TYPE for a mask of another dtype, FAC_ERR_VALUE for a
 * value of more dims. */
FAC_API fac_tensor *fac_masked_fill_with(fac_tensor *input, fac_tensor *mask, fac_tensor *value);
#ifndef __cplusplus
#define fac_masked_fill(a, b, c) FAC_PLAIN3_(masked_fill, FAC_OPERAND, a, b, c)
#endif

/* torch.gather(input, dim, index): result[i][j] = input[index[i][j]][j] for dim 0, and so on; of index's shape,
 * which in the other dims may be smaller than input's. index is int64 or int32. Errors: FAC_ERR_INDEX for an
 * index outside [0, size). */
typedef struct fac_gather_args {
    size_t size_;
    int64_t dim;
    fac_tensor *index;
} fac_gather_args;
#define FAC_DEFAULTS_gather .dim = FAC_REQUIRED, .index = 0
FAC_API fac_gather_args fac_gather_defaults(void);
FAC_API fac_tensor *fac_gather_with(fac_tensor *input, const fac_gather_args *args);
#ifndef __cplusplus
#define fac_gather(...) FAC_CALL1_(gather, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.index_select(input, dim, index): the slices of input along dim that index, int64 or int32 and of shape
 * (n,), names: (*, n, *). Errors: FAC_ERR_INDEX for an index outside [0, size) or with more than one dim. */
typedef struct fac_index_select_args {
    size_t size_;
    int64_t dim;
    fac_tensor *index;
} fac_index_select_args;
#define FAC_DEFAULTS_index_select .dim = FAC_REQUIRED, .index = 0
FAC_API fac_index_select_args fac_index_select_defaults(void);
FAC_API fac_tensor *fac_index_select_with(fac_tensor *input, const fac_index_select_args *args);
#ifndef __cplusplus
#define fac_index_select(...) FAC_CALL1_(index_select, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.scatter_add(input, dim, index, src): a copy of input with src[i][j] added to element [index[i][j]][j]
 * for dim 0, and so on; src at least of index's shape and of input's dtype. Errors: FAC_ERR_INDEX for an index
 * out of range, FAC_ERR_TYPE for another dtype. */
typedef struct fac_scatter_add_args {
    size_t size_;
    int64_t dim;
    fac_tensor *index;
    fac_tensor *src;
} fac_scatter_add_args;
#define FAC_DEFAULTS_scatter_add .dim = FAC_REQUIRED, .index = 0, .src = 0
FAC_API fac_scatter_add_args fac_scatter_add_defaults(void);
FAC_API fac_tensor *fac_scatter_add_with(fac_tensor *input, const fac_scatter_add_args *args);
#ifndef __cplusplus
#define fac_scatter_add(...) FAC_CALL1_(scatter_add, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.index_add(input, dim, index, source): a copy of input with the i-th slice of source along dim added to
 * the slice index[i]; index is int64 or int32 of shape (n,). Errors: FAC_ERR_INDEX for an index out of range,
 * FAC_ERR_TYPE for another dtype. */
typedef struct fac_index_add_args {
    size_t size_;
    int64_t dim;
    fac_tensor *index;
    fac_tensor *source;
} fac_index_add_args;
#define FAC_DEFAULTS_index_add .dim = FAC_REQUIRED, .index = 0, .source = 0
FAC_API fac_index_add_args fac_index_add_defaults(void);
FAC_API fac_tensor *fac_index_add_with(fac_tensor *input, const fac_index_add_args *args);
#ifndef __cplusplus
#define fac_index_add(...) FAC_CALL1_(index_add, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.sum(input, dim=None, keepdim=False, *, dtype=None): the sum over dim: one dim, FAC_2(0, 1), or all.
 * Whole numbers and bool are summed in int64; the sum of nothing is 0. */
typedef struct fac_sum_args {
    size_t size_;
    fac_dims dim;
    bool keepdim;
    fac_dtype dtype;
} fac_sum_args;
#define FAC_DEFAULTS_sum .dim = FAC_NONE, .keepdim = false, .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_sum_args fac_sum_defaults(void);
FAC_API fac_tensor *fac_sum_with(fac_tensor *input, const fac_sum_args *args);
#ifndef __cplusplus
#define fac_sum(...) FAC_CALL1_(sum, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.mean(input, dim=None, keepdim=False, *, dtype=None): the mean over dim: one dim, FAC_2(0, 1), or all;
 * NaN of nothing. Errors: FAC_ERR_TYPE for a dtype that is not floating: give .dtype. */
typedef struct fac_mean_args {
    size_t size_;
    fac_dims dim;
    bool keepdim;
    fac_dtype dtype;
} fac_mean_args;
#define FAC_DEFAULTS_mean .dim = FAC_NONE, .keepdim = false, .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_mean_args fac_mean_defaults(void);
FAC_API fac_tensor *fac_mean_with(fac_tensor *input, const fac_mean_args *args);
#ifndef __cplusplus
#define fac_mean(...) FAC_CALL1_(mean, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.var(input, dim=None, *, correction=1, keepdim=False): sum((input - mean)^2) / max(0, n - correction)
 * over the n elements of dim; floating dtypes only. With correction >= n a warning, and inf or NaN. */
typedef struct fac_var_args {
    size_t size_;
    fac_dims dim;
    double correction;
    bool keepdim;
} fac_var_args;
#define FAC_DEFAULTS_var .dim = FAC_NONE, .correction = 1, .keepdim = false
FAC_API fac_var_args fac_var_defaults(void);
FAC_API fac_tensor *fac_var_with(fac_tensor *input, const fac_var_args *args);
#ifndef __cplusplus
#define fac_var(...) FAC_CALL1_(var, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.std(input, dim=None, *, correction=1, keepdim=False): the square root of fac_var. */
typedef struct fac_std_args {
    size_t size_;
    fac_dims dim;
    double correction;
    bool keepdim;
} fac_std_args;
#define FAC_DEFAULTS_std .dim = FAC_NONE, .correction = 1, .keepdim = false
FAC_API fac_std_args fac_std_defaults(void);
FAC_API fac_tensor *fac_std_with(fac_tensor *input, const fac_std_args *args);
#ifndef __cplusplus
#define fac_std(...) FAC_CALL1_(std, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.max(input): the largest element, 0-d; NaN if there is one. Equal largest elements share the gradient.
 * Errors: FAC_ERR_VALUE for an empty input. */
FAC_API fac_tensor *fac_max(fac_tensor *input);

/* torch.min(input): the smallest element, 0-d; NaN if there is one. Equal smallest elements share the gradient.
 * Errors: FAC_ERR_VALUE for an empty input. */
FAC_API fac_tensor *fac_min(fac_tensor *input);

/* torch.amax(input, dim=None, keepdim=False): the largest element over dim: one dim, FAC_2(0, 1), or all; equal
 * ones share the gradient. Errors: FAC_ERR_INDEX for a dim of size 0. */
typedef struct fac_amax_args {
    size_t size_;
    fac_dims dim;
    bool keepdim;
} fac_amax_args;
#define FAC_DEFAULTS_amax .dim = FAC_NONE, .keepdim = false
FAC_API fac_amax_args fac_amax_defaults(void);
FAC_API fac_tensor *fac_amax_with(fac_tensor *input, const fac_amax_args *args);
#ifndef __cplusplus
#define fac_amax(...) FAC_CALL1_(amax, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.amin(input, dim=None, keepdim=False): the smallest element over dim: one dim, FAC_2(0, 1), or all;
 * equal ones share the gradient. Errors: FAC_ERR_INDEX for a dim of size 0. */
typedef struct fac_amin_args {
    size_t size_;
    fac_dims dim;
    bool keepdim;
} fac_amin_args;
#define FAC_DEFAULTS_amin .dim = FAC_NONE, .keepdim = false
FAC_API fac_amin_args fac_amin_defaults(void);
FAC_API fac_tensor *fac_amin_with(fac_tensor *input, const fac_amin_args *args);
#ifndef __cplusplus
#define fac_amin(...) FAC_CALL1_(amin, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.argmax(input, dim=None, keepdim=False): the index of the first largest element along dim, int64;
 * without dim that among all in row-major order. Errors: FAC_ERR_TYPE for bool, FAC_ERR_INDEX for a dim of size
 * 0. */
typedef struct fac_argmax_args {
    size_t size_;
    int64_t dim;
    bool keepdim;
} fac_argmax_args;
#define FAC_DEFAULTS_argmax .dim = FAC_NONE, .keepdim = false
FAC_API fac_argmax_args fac_argmax_defaults(void);
FAC_API fac_tensor *fac_argmax_with(fac_tensor *input, const fac_argmax_args *args);
#ifndef __cplusplus
#define fac_argmax(...) FAC_CALL1_(argmax, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.argmin(input, dim=None, keepdim=False): the index of the first smallest element along dim, int64;
 * without dim that among all in row-major order. Errors: FAC_ERR_TYPE for bool, FAC_ERR_INDEX for a dim of size
 * 0. */
typedef struct fac_argmin_args {
    size_t size_;
    int64_t dim;
    bool keepdim;
} fac_argmin_args;
#define FAC_DEFAULTS_argmin .dim = FAC_NONE, .keepdim = false
FAC_API fac_argmin_args fac_argmin_defaults(void);
FAC_API fac_tensor *fac_argmin_with(fac_tensor *input, const fac_argmin_args *args);
#ifndef __cplusplus
#define fac_argmin(...) FAC_CALL1_(argmin, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.all(input, dim=None, keepdim=False): bool: whether all elements over dim are not 0; true of nothing. */
typedef struct fac_all_args {
    size_t size_;
    fac_dims dim;
    bool keepdim;
} fac_all_args;
#define FAC_DEFAULTS_all .dim = FAC_NONE, .keepdim = false
FAC_API fac_all_args fac_all_defaults(void);
FAC_API fac_tensor *fac_all_with(fac_tensor *input, const fac_all_args *args);
#ifndef __cplusplus
#define fac_all(...) FAC_CALL1_(all, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.any(input, dim=None, keepdim=False): bool: whether an element over dim is not 0; false of nothing. */
typedef struct fac_any_args {
    size_t size_;
    fac_dims dim;
    bool keepdim;
} fac_any_args;
#define FAC_DEFAULTS_any .dim = FAC_NONE, .keepdim = false
FAC_API fac_any_args fac_any_defaults(void);
FAC_API fac_tensor *fac_any_with(fac_tensor *input, const fac_any_args *args);
#ifndef __cplusplus
#define fac_any(...) FAC_CALL1_(any, FAC_TENSOR_, __VA_ARGS__)
#endif

/* F.softmax(input, dim, dtype=None): exp(input) / sum(exp(input)) along dim, computed without overflow; of
 * input's shape, floating dtypes only. */
typedef struct fac_softmax_args {
    size_t size_;
    int64_t dim;
    fac_dtype dtype;
} fac_softmax_args;
#define FAC_DEFAULTS_softmax .dim = FAC_REQUIRED, .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_softmax_args fac_softmax_defaults(void);
FAC_API fac_tensor *fac_softmax_with(fac_tensor *input, const fac_softmax_args *args);
#ifndef __cplusplus
#define fac_softmax(...) FAC_CALL1_(softmax, FAC_TENSOR_, __VA_ARGS__)
#endif

/* F.log_softmax(input, dim, dtype=None): input - log(sum(exp(input))) along dim, computed without overflow; of
 * input's shape, floating dtypes only. */
typedef struct fac_log_softmax_args {
    size_t size_;
    int64_t dim;
    fac_dtype dtype;
} fac_log_softmax_args;
#define FAC_DEFAULTS_log_softmax .dim = FAC_REQUIRED, .dtype = FAC_DEFAULT_DTYPE
FAC_API fac_log_softmax_args fac_log_softmax_defaults(void);
FAC_API fac_tensor *fac_log_softmax_with(fac_tensor *input, const fac_log_softmax_args *args);
#ifndef __cplusplus
#define fac_log_softmax(...) FAC_CALL1_(log_softmax, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.logsumexp(input, dim, keepdim=False): log(sum(exp(input))) over dim, computed without overflow; whole
 * numbers become the default float dtype. */
typedef struct fac_logsumexp_args {
    size_t size_;
    fac_dims dim;
    bool keepdim;
} fac_logsumexp_args;
#define FAC_DEFAULTS_logsumexp .dim = FAC_REQUIRED, .keepdim = false
FAC_API fac_logsumexp_args fac_logsumexp_defaults(void);
FAC_API fac_tensor *fac_logsumexp_with(fac_tensor *input, const fac_logsumexp_args *args);
#ifndef __cplusplus
#define fac_logsumexp(...) FAC_CALL1_(logsumexp, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.matmul(input, other): (n) and (n): the dot product; (n, k) and (k, m): the matrix product; (n) counts
 * as (1, n) on the left, as (n, 1) on the right, without that dim in the result; more dims are a batch, (*, n,
 * k) and (*, k, m), and broadcast. Errors: FAC_ERR_VALUE for shapes that do not fit or a 0-d tensor,
 * FAC_ERR_TYPE for dtypes that differ, or bool. */
FAC_API fac_tensor *fac_matmul_with(fac_tensor *input, fac_tensor *other);
#ifndef __cplusplus
#define fac_matmul(a, b) FAC_PLAIN2_(matmul, FAC_TENSOR_, a, b)
#endif

/* torch.mm(input, mat2): (n, k) times (k, m) is (n, m). Errors: FAC_ERR_VALUE for other shapes, FAC_ERR_TYPE
 * for dtypes that differ. */
FAC_API fac_tensor *fac_mm_with(fac_tensor *input, fac_tensor *mat2);
#ifndef __cplusplus
#define fac_mm(a, b) FAC_PLAIN2_(mm, FAC_TENSOR_, a, b)
#endif

/* torch.bmm(input, mat2): (b, n, k) times (b, k, m) is (b, n, m), a product for each of b. Errors:
 * FAC_ERR_VALUE for other shapes, FAC_ERR_TYPE for dtypes that differ. */
FAC_API fac_tensor *fac_bmm_with(fac_tensor *input, fac_tensor *mat2);
#ifndef __cplusplus
#define fac_bmm(a, b) FAC_PLAIN2_(bmm, FAC_TENSOR_, a, b)
#endif

/* torch.mv(input, vec): (n, k) times (k) is (n). Errors: FAC_ERR_VALUE for other shapes, FAC_ERR_TYPE for
 * dtypes that differ. */
FAC_API fac_tensor *fac_mv_with(fac_tensor *input, fac_tensor *vec);
#ifndef __cplusplus
#define fac_mv(a, b) FAC_PLAIN2_(mv, FAC_TENSOR_, a, b)
#endif

/* torch.dot(input, tensor): the sum of the products of two vectors (n), 0-d. Errors: FAC_ERR_VALUE for other
 * shapes, FAC_ERR_TYPE for dtypes that differ. */
FAC_API fac_tensor *fac_dot_with(fac_tensor *input, fac_tensor *tensor);
#ifndef __cplusplus
#define fac_dot(a, b) FAC_PLAIN2_(dot, FAC_TENSOR_, a, b)
#endif

/* F.linear(input, weight, bias=None): input @ weight.T + bias; input (*, in_features), weight (out_features,
 * in_features), bias (out_features); gives (*, out_features). Errors: FAC_ERR_VALUE for other shapes,
 * FAC_ERR_TYPE for dtypes that differ. */
typedef struct fac_linear_args {
    size_t size_;
    fac_tensor *bias;
} fac_linear_args;
#define FAC_DEFAULTS_linear .bias = (fac_tensor *)fac_none
FAC_API fac_linear_args fac_linear_defaults(void);
FAC_API fac_tensor *fac_linear_with(fac_tensor *input, fac_tensor *weight, const fac_linear_args *args);
#ifndef __cplusplus
#define fac_linear(...) FAC_CALL2_(linear, FAC_TENSOR_, __VA_ARGS__)
#endif

/* torch.round(input, *, decimals=0): to that many decimals, half to even; of input's shape and dtype, every one
 * but bool. */
typedef struct fac_round_args {
    size_t size_;
    int64_t decimals;
} fac_round_args;
#define FAC_DEFAULTS_round .decimals = 0
FAC_API fac_round_args fac_round_defaults(void);
FAC_API fac_tensor *fac_round_with(fac_tensor *input, const fac_round_args *args);
#ifndef __cplusplus
#define fac_round(...) FAC_CALL1_(round, FAC_TENSOR_, __VA_ARGS__)
#endif
/* The same in place: Tensor.round_. */
typedef fac_round_args fac_round__args;
#define FAC_DEFAULTS_round_ FAC_DEFAULTS_round
FAC_API fac_tensor *fac_round__with(fac_tensor *input, const fac_round_args *args);
#ifndef __cplusplus
#define fac_round_(...) FAC_CALL1_(round_, FAC_TENSOR_, __VA_ARGS__)
#endif

/* F.mse_loss(input, target, reduction='mean'): (input - target)^2 of each pair; their mean or sum, 0-d, or with
 * reduction "none" all of them, of the shape input and target broadcast to. Where their shapes differ,
 * PyTorch's warning. Errors: FAC_ERR_VALUE for shapes that do not fit or an unknown reduction, FAC_ERR_TYPE for
 * dtypes that are not floating. */
typedef struct fac_mse_loss_args {
    size_t size_;
    const char *reduction;
} fac_mse_loss_args;
#define FAC_DEFAULTS_mse_loss .reduction = "mean"
FAC_API fac_mse_loss_args fac_mse_loss_defaults(void);
FAC_API fac_tensor *fac_mse_loss_with(fac_tensor *input, fac_tensor *target, const fac_mse_loss_args *args);
#ifndef __cplusplus
#define fac_mse_loss(...) FAC_CALL2_(mse_loss, FAC_TENSOR_, __VA_ARGS__)
#endif

/* F.l1_loss(input, target, reduction='mean'): |input - target| of each pair; their mean or sum, 0-d, or with
 * reduction "none" all of them, of the shape input and target broadcast to. Where their shapes differ,
 * PyTorch's warning. Errors: FAC_ERR_VALUE for shapes that do not fit or an unknown reduction. */
typedef struct fac_l1_loss_args {
    size_t size_;
    const char *reduction;
} fac_l1_loss_args;
#define FAC_DEFAULTS_l1_loss .reduction = "mean"
FAC_API fac_l1_loss_args fac_l1_loss_defaults(void);
FAC_API fac_tensor *fac_l1_loss_with(fac_tensor *input, fac_tensor *target, const fac_l1_loss_args *args);
#ifndef __cplusplus
#define fac_l1_loss(...) FAC_CALL2_(l1_loss, FAC_TENSOR_, __VA_ARGS__)
#endif

/* F.cross_entropy(input, target, weight=None, ignore_index=-100, reduction='mean', label_smoothing=0.0):
 * -log(softmax(input)) at the target's class; input (C), (N, C) or (N, C, d1, ...), not normalised. target:
 * class indices, int64 or uint8, (), (N) or (N, d1, ...), where ignore_index counts nothing; or class
 * probabilities, of input's shape and floating. weight (C) scales each class, label_smoothing in [0, 1] mixes
 * in the uniform distribution. The mean (for indices over the weights of the targets; NaN where all are
 * ignored) or the sum, 0-d, or with reduction "none" each loss, (), (N) or (N, d1, ...). Errors: FAC_ERR_INDEX
 * `cross_entropy: Target 7 is out of bounds.`, FAC_ERR_VALUE for shapes that do not fit or an unknown
 * reduction, FAC_ERR_TYPE for other dtypes. */
typedef struct fac_cross_entropy_args {
    size_t size_;
    fac_tensor *weight;
    int64_t ignore_index;
    const char *reduction;
    double label_smoothing;
} fac_cross_entropy_args;
#define FAC_DEFAULTS_cross_entropy .weight = (fac_tensor *)fac_none, .ignore_index = -100, .reduction = "mean", \
    .label_smoothing = 0.0
FAC_API fac_cross_entropy_args fac_cross_entropy_defaults(void);
FAC_API fac_tensor *fac_cross_entropy_with(fac_tensor *input, fac_tensor *target, const fac_cross_entropy_args *args);
#ifndef __cplusplus
#define fac_cross_entropy(...) FAC_CALL2_(cross_entropy, FAC_TENSOR_, __VA_ARGS__)
#endif

/* F.dropout(input, p=0.5, training=True, inplace=False): in training each element 0 with probability p, else
 * input / (1 - p); input itself if training is false, p is 0 or input is empty. Draws from the default
 * generator, in the order of input's addresses, PyTorch's numbers; none for p = 1. inplace writes into input.
 * Errors: FAC_ERR_VALUE `dropout probability has to be between 0 and 1, but got 1.5`, FAC_ERR_TYPE for a dtype
 * that is not floating. */
typedef struct fac_dropout_args {
    size_t size_;
    double p;
    bool training;
    bool inplace;
} fac_dropout_args;
#define FAC_DEFAULTS_dropout .p = 0.5, .training = true, .inplace = false
FAC_API fac_dropout_args fac_dropout_defaults(void);
FAC_API fac_tensor *fac_dropout_with(fac_tensor *input, const fac_dropout_args *args);
#ifndef __cplusplus
#define fac_dropout(...) FAC_CALL1_(dropout, FAC_TENSOR_, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
