/* SPDX-License-Identifier: MIT */
/* var and std: the mean first, then the squares of what is left, all in double. */
#include <math.h>

#include "ops/reduce.h"
#include "tensor/elementwise.h"

enum { VAR, STD }; /* kernel_index */
typedef fac_var_args var_args;
_Static_assert(sizeof(fac_std_args) == sizeof(var_args), "std and var differ in their arguments");

static double correction_of(const void *args)
{
    const double correction = ((const var_args *)args)->correction;
    return isnan(correction) ? 1 : correction; /* None is 1 */
}

static fac_status infer(const fac_call *call, fac_meta *out)
{
    const var_args *args = call->args;
    const fac_meta *in = &call->in[0]->m;
    fac_reduced reduced;
    if (!fac_is_float(in->dtype))
        return fac_fail(FAC_ERR_TYPE, "%s: std and var only support floating point and complex dtypes, got %s",
                        call->op->name, fac_dtype_name((fac_dtype)in->dtype));
    FAC_TRY(fac_reduced_from(&reduced, call->op->name, in->ndim, args->dim));
    fac_reduced_shape(out, in, &reduced, args->keepdim);
    out->dtype = in->dtype;
    return FAC_OK;
}

#define DEGREES                                                                                                  \
    "(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel " \
    "divided by output numel)."

static void warn_of_degrees(int kind)
{
    if (kind == VAR)
        FAC_WARN_ONCE("var" DEGREES);
    else
        FAC_WARN_ONCE("std" DEGREES);
}

static bool all_equal(int64_t n, const double *x)
{
    return n && x[0] == x[n - 1] && fac_k->max_f64(n, x, 1, NULL) == fac_k->min_f64(n, x, 1, NULL);
}

/* The sum of squared distances from the mean; x is changed. What rounding of the mean leaves is taken off again (Chan,
 * Golub and LeVeque, "Algorithms for computing the sample variance", 1983, the corrected two-pass algorithm). */
static double squared_distances(int64_t n, double *x)
{
    static const fac_sub_args once = {.size_ = sizeof once, .alpha = 1};
    if (all_equal(n, x) && isfinite(x[0]))
        return 0; /* a rounded mean would not be equal to them */
    double mean = fac_k->sum_f64(n, x, 1) / (double)n;
    char *p[] = {(char *)x, (char *)x, (char *)&mean};
    const int64_t s[] = {sizeof *x, sizeof *x, 0};
    fac_ew->forward[FAC_EW_sub][FAC_FLOAT64](n, p, s, &once);
    double left = fac_k->sum_f64(n, x, 1);
    double sum = fac_k->dot_f64(n, x, 1, x, 1) - left * left / (double)n;
    return sum < 0 ? 0 : sum;
}

static fac_status run(const fac_call *call, fac_tensor **out)
{
    fac_tensor *x = call->in[0];
    fac_reduced reduced;
    const int kind = call->op->kernel_index;
    FAC_TRY(fac_reduced_from(&reduced, call->op->name, x->m.ndim, ((const var_args *)call->args)->dim));
    const int64_t n = fac_reduced_count(x->m.ndim, x->m.shape, &reduced);
    const double degrees = (double)n - correction_of(call->args);
    if (!(degrees > 0))
        warn_of_degrees(kind);
    fac_tensor *rows = fac_rows_copy(x, &reduced, FAC_FLOAT64);
    if (!rows)
        return fac_pending();
    double *row = rows->data;
    for (int64_t i = 0; i < out[0]->m.numel; i++, row += n) {
        double var = squared_distances(n, row) / (degrees > 0 ? degrees : 0);
        fac_store_double((char *)out[0]->data + i * fac_dtype_sizes[x->m.dtype], x->m.dtype,
                         kind == STD ? sqrt(var) : var);
    }
    fac_tensor_drop(rows);
    return FAC_OK;
}

static fac_tensor *mean_over(fac_tensor *x, fac_dims dims)
{
    return fac_mean_with(x, &(fac_mean_args){.size_ = sizeof(fac_mean_args), .dim = dims, .keepdim = true});
}

/* With no degrees of freedom, over all dims: infinite, NaN where the distance from the mean is 0 as well. */
static fac_tensor *without_degrees(fac_tensor *g, fac_tensor *x)
{
    fac_tensor *same = fac_eq_with(x, fac_mean_with(x, NULL));
    fac_tensor *slope = same ? fac_where_with(same, fac_number((double)NAN), fac_number((double)INFINITY)) : NULL;
    return slope ? fac_mul_with(g, slope) : NULL;
}

/* g 2/(n - correction) (x - mean) */
static fac_tensor *var_derivative(fac_node *node, fac_tensor *g)
{
    const var_args *args = fac_node_args(node);
    fac_tensor *x = fac_node_in(node, 0);
    fac_shape input;
    fac_reduced reduced;
    if (!x || !g || fac_node_reduced(node, args->dim, &input, &reduced))
        return NULL;
    double degrees = (double)fac_reduced_count(input.ndim, input.sizes, &reduced) - correction_of(args);
    if (degrees <= 0 && (args->dim == FAC_NONE || input.ndim == 0))
        return without_degrees(g, x);
    fac_tensor *mean = mean_over(x, args->dim), *grad = fac_restore_dims(g, &input, &reduced);
    fac_tensor *scaled = grad ? fac_mul_with(grad, fac_number(2 / degrees)) : NULL;
    fac_tensor *distance = mean ? fac_sub_with(x, mean, NULL) : NULL;
    return scaled && distance ? fac_mul_with(scaled, distance) : NULL;
}

static fac_status grad_var(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    gx[0] = var_derivative(node, g[0]);
    return gx[0] ? FAC_OK : fac_pending();
}

/* By way of var: g / (2 std), 0 where std is 0. */
static fac_status grad_std(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *y = fac_node_out(node, 0), *zero = y ? fac_eq_with(y, fac_number(0)) : NULL;
    fac_tensor *twice = zero ? fac_mul_with(y, fac_number(2)) : NULL;
    fac_tensor *slope = twice ? fac_div_with(g[0], twice) : NULL;
    gx[0] = slope ? var_derivative(node, fac_where_with(zero, fac_number(0), slope)) : NULL;
    return gx[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_var = {FAC_HEAD_var,   .n_out = 1, .flags = FAC_FLAGS_var, .saves = FAC_SAVE_IN(0),
                           .infer = infer, .run = run, .grad = grad_var,       .kernel_index = VAR};
const fac_op fac_op_std = {
    FAC_HEAD_std,   .n_out = 1, .flags = FAC_FLAGS_std, .saves = FAC_SAVE_IN(0) | FAC_SAVE_OUT(0),
    .infer = infer, .run = run, .grad = grad_std,       .kernel_index = STD};
