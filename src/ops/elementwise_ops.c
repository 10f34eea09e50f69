/* SPDX-License-Identifier: MIT */
/* The records of the elementwise operations. The formulas of elementwise.def are read here as calls of operations: the
 * derivatives, and derivatives of derivatives. */
#include <math.h>
#include <stddef.h>

#include "ops/op_list.h"
#include "tensor/elementwise.h"
#include "tensor/strip_program.h"

enum { TYPES_ARITH, TYPES_ANY, TYPES_NUMBER, TYPES_REAL, TYPES_FLOAT, TYPES_COMPARE, TYPES_LOGIC };

/* What a family member knows beyond its record. */
typedef struct ew_row {
    uint16_t index; /* of the kernels */
    uint8_t types;
    uint8_t saves; /* 0 nothing, 1 the input, 2 the result */
    const fac_op *back;
} ew_row;

typedef fac_tensor *formula_fn(fac_tensor *g, fac_tensor *x, fac_tensor *y, const void *ctx);

static const ew_row *row_of(const fac_op *op)
{
    return op->kernel;
}

static bool is_whole(double value)
{
    return isnan(value) || (isfinite(value) && value == trunc(value));
}

/* Integers and bools are computed as floats or int64 by some. clamp's limits have no dtype: one with a fraction can
 * only have been a float, which promotes. */
static __attribute__((noinline)) fac_dtype whole_dtype(const ew_row *row, fac_dtype promoted, const void *args)
{
    const fac_clamp_args *clamp = row->index == FAC_EW_clamp ? args : NULL;
    if (row->types == TYPES_FLOAT || (clamp && !(is_whole(clamp->min) && is_whole(clamp->max))))
        return fac_get_default_dtype();
    return row->types == TYPES_NUMBER && promoted == FAC_BOOL ? FAC_INT64 : promoted;
}

static inline fac_dtype compute_dtype(const ew_row *row, fac_dtype promoted, const void *args)
{
    return fac_is_float((int)promoted) ? promoted : whole_dtype(row, promoted, args);
}

static fac_dtype result_dtype(const ew_row *row, fac_dtype computed)
{
    return row->types >= TYPES_COMPARE ? FAC_BOOL : computed;
}

static __attribute__((noinline)) fac_status no_kernel(const fac_op *op, fac_dtype dtype)
{
    bool negation = row_of(op)->index == FAC_EW_neg, subtraction = row_of(op)->index == FAC_EW_sub;
    if (dtype == FAC_BOOL && (negation || subtraction))
        return fac_fail(FAC_ERR_RUNTIME,
                        "%s: %s, the `-` operator, with bool tensors is not supported: use logical_not or ne", op->name,
                        negation ? "Negation" : "Subtraction");
    return fac_fail(FAC_ERR_TYPE, "%s: not implemented for %s", op->name, fac_dtype_name(dtype));
}

static bool is_bool_tensor(const fac_tensor *t)
{
    return t->m.dtype == FAC_BOOL && !t->wrapped_number;
}

/* What integers and bools do not take. */
static __attribute__((noinline)) fac_status check_whole(const fac_call *call, const ew_row *row)
{
    bool scaled = row->index == FAC_EW_add || row->index == FAC_EW_sub;
    if (scaled && !is_whole(((const fac_add_args *)call->args)->alpha))
        return fac_fail(FAC_ERR_RUNTIME,
                        "%s: For integral input tensors, argument alpha must not be a floating point number.",
                        call->op->name);
    const fac_tensor *o = call->in[call->n_in - 1];
    if (row->index == FAC_EW_pow && o->wrapped_number && fac_load_int(o->data, o->m.dtype) < 0)
        return fac_fail(FAC_ERR_RUNTIME, "%s: Integers to negative integer powers are not allowed.", call->op->name);
    return row->index == FAC_EW_sub && (is_bool_tensor(call->in[0]) || is_bool_tensor(o))
               ? no_kernel(call->op, FAC_BOOL)
               : FAC_OK;
}

/* Beyond the dtype's kernel. */
static inline fac_status check_values(const fac_call *call, const ew_row *row, fac_dtype dtype)
{
    if (__builtin_expect(!fac_is_float((int)dtype) && row->types < TYPES_COMPARE, 0))
        FAC_TRY(check_whole(call, row));
    const fac_clamp_args *clamp = row->index == FAC_EW_clamp ? call->args : NULL;
    if (__builtin_expect(clamp && isnan(clamp->min) && isnan(clamp->max), 0))
        return fac_fail(FAC_ERR_RUNTIME, "%s: At least one of 'min' or 'max' must not be None", call->op->name);
    return FAC_OK;
}

static fac_dtype promoted_dtype(const fac_call *call)
{
    const fac_tensor *a = call->in[0];
    if (call->n_in == 1)
        return (fac_dtype)a->m.dtype;
    const fac_tensor *b = call->in[1];
    if (a->m.dtype == b->m.dtype && !a->wrapped_number && !b->wrapped_number)
        return (fac_dtype)a->m.dtype;
    return fac_result_type(call->in, 2);
}

static void shape_of_one(fac_meta *out, const fac_meta *in)
{
    out->ndim = in->ndim;
    fac_copy_dims(out->shape, in->shape, in->ndim);
    if (!in->contiguous) {
        fac_meta_pack(out);
        return;
    }
    out->numel = in->numel;
    out->contiguous = true;
    fac_copy_dims(out->stride, in->stride, in->ndim);
}

static fac_status infer(const fac_call *call, fac_meta *out)
{
    const ew_row *row = row_of(call->op);
    fac_dtype dtype = compute_dtype(row, promoted_dtype(call), call->args);
    if (__builtin_expect(!fac_ew->forward[row->index][dtype], 0))
        return no_kernel(call->op, dtype);
    FAC_TRY(check_values(call, row, dtype));
    out->offset = 0;
    const fac_meta *a = &call->in[0]->m;
    if (call->n_in == 1 || call->in[1]->m.ndim == 0) {
        shape_of_one(out, a);
    } else {
        const fac_meta *b = &call->in[1]->m;
        if (a->ndim == 0 || (b->contiguous && fac_same_shape(a, b)))
            shape_of_one(out, b);
        else
            FAC_TRY(fac_broadcast(out, (const fac_meta *[]){a, b}, 2, call->op->name));
    }
    out->dtype = (uint8_t)result_dtype(row, dtype);
    return FAC_OK;
}

/* An operand as the kernel wants it: where it is and whether it lies like the result, is a single value, or neither. */
typedef struct {
    char *data;
    const fac_meta *meta;
    fac_tensor *cast;
    int64_t step; /* bytes from one element to the next, -1 if there is no such number */
    union {
        double real;
        int64_t whole;
    } number;
} operand;

static fac_status take_operand(operand *o, fac_tensor *t, fac_dtype dtype, const fac_meta *out)
{
    o->cast = NULL;
    o->data = t->data;
    if (__builtin_expect(t->m.dtype != dtype, 0)) {
        if (t->m.numel == 1) {
            o->data = (char *)&o->number;
            if (fac_is_float(t->m.dtype))
                fac_store_double(o->data, (int)dtype, fac_load_double(t->data, t->m.dtype));
            else
                fac_store_int(o->data, (int)dtype, fac_load_int(t->data, t->m.dtype));
        } else if (!(t = o->cast = fac_kernel_cast(t, dtype))) {
            return fac_pending();
        } else {
            o->data = t->data;
        }
    }
    o->meta = &t->m;
    bool lies_alike = t->m.contiguous && t->m.numel == out->numel;
    o->step = t->m.numel == 1 && out->numel != 1 ? 0 : lies_alike ? fac_dtype_sizes[dtype] : -1;
    return FAC_OK;
}

static void walk(fac_inner_fn *fn, fac_tensor *out, operand *o, uint32_t n_in, const void *args)
{
    fac_iter iter;
    fac_meta value = {.numel = 1, .ndim = 0, .contiguous = true};
    fac_iter_begin(&iter, &out->m);
    fac_iter_add(&iter, out->data, &out->m);
    for (uint32_t i = 0; i < n_in; i++)
        fac_iter_add(&iter, o[i].data, o[i].step == 0 ? &value : o[i].meta);
    fac_iter_run(&iter, fn, args);
}

static inline bool lies_as(const fac_tensor *t, const fac_tensor *out, fac_dtype dtype)
{
    return t->m.dtype == dtype && t->m.contiguous && t->m.numel == out->m.numel;
}

/* All operands of the dtype and shape of the result, without gaps: nothing to prepare. */
static inline bool run_flat(fac_inner_fn *fn, const fac_call *call, fac_tensor *out, fac_dtype dtype)
{
    const fac_tensor *a = call->in[0], *b = call->in[call->n_in - 1];
    if (!out->m.contiguous || !lies_as(a, out, dtype) || !lies_as(b, out, dtype))
        return false;
    const int64_t size = fac_dtype_sizes[dtype];
    char *const p[3] = {out->data, a->data, b->data};
    const int64_t s[3] = {fac_dtype_sizes[out->m.dtype], size, size};
    fac_flat_run(fn, out->m.numel, p, s, call->args);
    return true;
}

static fac_status run_kernel(fac_inner_fn *fn, const fac_call *call, fac_tensor *out, fac_dtype dtype)
{
    if (__builtin_expect(run_flat(fn, call, out, dtype), 1))
        return FAC_OK;
    operand o[2];
    o[0].step = o[1].step = -1; /* not an initialiser: that would clear both in memory */
    fac_status status = FAC_OK;
    uint32_t taken = 0;
    for (; taken < call->n_in && !status; taken++)
        status = take_operand(o + taken, call->in[taken], dtype, &out->m);
    if (__builtin_expect(!status, 1)) {
        bool flat = out->m.contiguous && o[0].step >= 0 && (call->n_in == 1 || o[1].step >= 0);
        if (__builtin_expect(flat, 1)) {
            char *p[3] = {out->data, o[0].data, o[call->n_in - 1].data};
            const int64_t s[3] = {fac_dtype_sizes[out->m.dtype], o[0].step, o[call->n_in - 1].step};
            fac_flat_run(fn, out->m.numel, p, s, call->args);
        } else {
            walk(fn, out, o, call->n_in, call->args);
        }
    }
    for (uint32_t i = 0; i < taken; i++)
        if (o[i].cast)
            fac_tensor_drop(o[i].cast);
    return status;
}

static fac_status run(const fac_call *call, fac_tensor **out)
{
    const ew_row *row = row_of(call->op);
    fac_dtype dtype = compute_dtype(row, promoted_dtype(call), call->args);
    return run_kernel(fac_ew->forward[row->index][dtype], call, out[0], dtype);
}

/* The derivative of a one-operand row as one kernel: operands g and what was saved (g again if nothing was). */
static fac_status infer_back(const fac_call *call, fac_meta *out)
{
    shape_of_one(out, &call->in[0]->m);
    out->offset = 0;
    out->dtype = call->in[0]->m.dtype;
    return FAC_OK;
}

static fac_status run_back(const fac_call *call, fac_tensor **out)
{
    fac_dtype dtype = (fac_dtype)call->in[0]->m.dtype;
    return run_kernel(fac_ew->backward[call->op->kernel_index][dtype], call, out[0], dtype);
}

fac_inner_fn *fac_elementwise_kernel(const fac_op *op, int dtype, int *row, bool *derivative)
{
    *derivative = op->run == run_back;
    if (!fac_is_float(dtype) || (op->run != run && !*derivative))
        return NULL;
    if (*derivative) {
        *row = op->kernel_index;
        return fac_ew->backward[*row][dtype];
    }
    *row = row_of(op)->index;
    return row_of(op)->types < TYPES_COMPARE ? fac_ew->forward[*row][dtype] : NULL;
}

static fac_status decompose_back(const fac_call *call, fac_tensor **out)
{
    formula_fn *formula = *(formula_fn *const *)call->op->kernel;
    fac_tensor *made = formula(call->in[0], call->in[1], call->in[1], call->args);
    if (out)
        out[0] = made;
    return made ? FAC_OK : fac_pending();
}

static fac_status grad_one(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    const ew_row *row = row_of(node->op);
    fac_tensor *saved = row->saves == 1 ? fac_node_in(node, 0) : row->saves == 2 ? fac_node_out(node, 0) : g[0];
    if (!saved)
        return fac_pending();
    fac_tensor *in[] = {g[0], saved};
    gx[0] = fac_apply_one(row->back, in, 2, fac_node_args(node));
    return gx[0] ? FAC_OK : fac_pending();
}

/* The words as operations. */
#define NEG(a)       fac_neg(a)
#define ADD(a, b)    fac_add_with(a, b, NULL)
#define SUB(a, b)    fac_sub_with(a, b, NULL)
#define MUL(a, b)    fac_mul_with(a, b)
#define DIV(a, b)    fac_div_with(a, b)
#define POW(a, b)    fac_pow_with(a, b)
#define LT(a, b)     fac_lt_with(a, b)
#define LE(a, b)     fac_le_with(a, b)
#define GT(a, b)     fac_gt_with(a, b)
#define GE(a, b)     fac_ge_with(a, b)
#define EQ(a, b)     fac_eq_with(a, b)
#define NE(a, b)     fac_ne_with(a, b)
#define AND(a, b)    fac_logical_and_with(a, b)
#define OR(a, b)     fac_logical_or_with(a, b)
#define SEL(c, a, b) fac_where_with(c, a, b)
#define SIGN(a)      fac_sign(a)
#define ZERO(a)      fac_zeros_like_with(a, NULL)
#define K(c)         fac_number(c)
/* The kernels count on the arguments being doubles behind size_. */
#define AT_PLACE(op, i, name) \
    (0 * sizeof(char[offsetof(fac_##op##_args, name) == sizeof(double) * (1 + (i)) && sizeof(size_t) == 8 ? 1 : -1]))
#define A(op, i, name) fac_number(((const fac_##op##_args *)((const char *)ctx + AT_PLACE(op, i, name)))->name)
#define LIMIT          A
#define SCALE(a, b)    scaled(a, b)
#define SIN(a)         fac_sin(a)
#define COS(a)         fac_cos(a)
#define LOG(a)         logarithm(a)
#define SIGMOID(a)     fac_sigmoid(a)

/* x ** e for a Python number e: g * (e * x ** (e - 1)), in half the calls of the general formula. */
static fac_status number_power_grad(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *x = fac_node_in(node, 0), *exponent = fac_node_in(node, 1);
    if (!x || !exponent)
        return fac_pending();
    double e = fac_load_double(exponent->data, exponent->m.dtype);
    if (e == 0)
        gx[0] = fac_zeros_like(g[0]);
    else
        gx[0] = fac_mul(g[0], e == 2 ? fac_mul(x, e) : fac_mul(fac_pow(x, e - 1), e));
    return gx[0] ? FAC_OK : fac_pending();
}

/* Of a Python number: as a tensor it would be rounded to the default dtype. */
static fac_tensor *logarithm(fac_tensor *a)
{
    return a && a->wrapped_number ? fac_number(log(fac_load_double(a->data, a->m.dtype))) : fac_log(a);
}

static fac_tensor *scaled(fac_tensor *g, fac_tensor *factor)
{
    return factor && fac_load_double(factor->data, factor->m.dtype) == 1 ? g : fac_mul_with(g, factor);
}

/* Where PyTorch's name for the node is another than the operation's. */
static const char *grad_name_of(const fac_node *node)
{
    switch (row_of(node->op)->index) {
    case FAC_EW_square:
        return "PowBackward0";
    case FAC_EW_log1p:
        return "Log1PBackward0";
    case FAC_EW_clamp:
        return "ClampBackward1";
    case FAC_EW_pow:
        return fac_node_in_is_number(node, 1)   ? "PowBackward0"
               : fac_node_in_is_number(node, 0) ? "PowBackward2"
                                                : "PowBackward1";
    case FAC_EW_sub:
        return fac_node_in_is_number(node, 0) ? "RsubBackward1" : NULL;
    default:
        return NULL;
    }
}

#define SAVES_IN      1
#define SAVES_CROSS   1
#define SAVES_OUT     2
#define SAVES_NONE    0
#define SAVES_NO_GRAD 0
#define MASK1_IN      FAC_SAVE_IN(0)
#define MASK1_OUT     FAC_SAVE_OUT(0)
#define MASK1_NONE    0
#define MASK1_NO_GRAD 0
#define MASK2_IN      (FAC_SAVE_IN(0) | FAC_SAVE_IN(1))
#define MASK2_CROSS   MASK2_IN
#define MASK2_NONE    0
#define MASK2_NO_GRAD 0
#define FLAG_IN       0
#define FLAG_CROSS    FAC_OP_SAVES_FOR_OTHERS
#define FLAG_OUT      0
#define FLAG_NONE     0
#define FLAG_NO_GRAD  0

#define RECORD(row_name, mask, flag, grad_fn, row)                                                                   \
    const fac_op fac_op_##row_name = {                                                                               \
        FAC_HEAD_##row_name, .n_out = 1,      .flags = FAC_FLAGS_##row_name | (flag), .saves = mask, .infer = infer, \
        .run = run,          .grad = grad_fn, .grad_name_of = grad_name_of,           .kernel = &row}

#define BACK1_IN(row_name, B)                                                                           \
    static fac_tensor *row_name##_formula(fac_tensor *g, fac_tensor *x, fac_tensor *y, const void *ctx) \
    {                                                                                                   \
        (void)x, (void)y, (void)ctx;                                                                    \
        return B;                                                                                       \
    }                                                                                                   \
    static formula_fn *const row_name##_formula_at = row_name##_formula;                                \
    static const fac_op back_##row_name = {FAC_HEAD_##row_name,                                         \
                                           .n_out = 1,                                                  \
                                           .flags = FAC_FLAGS_##row_name & ~FAC_OP_INPLACE,             \
                                           .infer = infer_back,                                         \
                                           .run = run_back,                                             \
                                           .decompose = decompose_back,                                 \
                                           .kernel = &row_name##_formula_at,                            \
                                           .kernel_index = FAC_EW_##row_name};
#define BACK1_OUT  BACK1_IN
#define BACK1_NONE BACK1_IN
#define BACK1_NO_GRAD(row_name, B)
#define BACK_OF_IN(row_name)      &back_##row_name
#define BACK_OF_OUT(row_name)     &back_##row_name
#define BACK_OF_NONE(row_name)    &back_##row_name
#define BACK_OF_NO_GRAD(row_name) NULL
#define GRAD1_IN                  grad_one
#define GRAD1_OUT                 grad_one
#define GRAD1_NONE                grad_one
#define GRAD1_NO_GRAD             NULL

#define FAC_EW1(row_name, types, args, F, B, saves, doc)                                                              \
    BACK1_##saves(row_name, B) static const ew_row row_##row_name = {FAC_EW_##row_name, TYPES_##types, SAVES_##saves, \
                                                                     BACK_OF_##saves(row_name)};                      \
    RECORD(row_name, MASK1_##saves, FLAG_##saves, GRAD1_##saves, row_##row_name);

/* x and o are taken where the formula needs them: what it does without may have been changed since. */
#define GRAD2_NONE(row_name, B1, B2)                                                    \
    static fac_status row_name##_grad(fac_node *node, fac_tensor **gs, fac_tensor **gx) \
    {                                                                                   \
        const void *ctx = fac_node_args(node);                                          \
        fac_tensor *g = gs[0];                                                          \
        (void)ctx;                                                                      \
        if (FAC_EW_##row_name == FAC_EW_pow && fac_node_in_is_number(node, 1))          \
            return number_power_grad(node, gs, gx);                                     \
        if (fac_node_needs(node, 0) && !(gx[0] = B1))                                   \
            return fac_pending();                                                       \
        if (fac_node_needs(node, 1) && !(gx[1] = B2))                                   \
            return fac_pending();                                                       \
        return FAC_OK;                                                                  \
    }
#define GRAD2_IN    GRAD2_NONE
#define GRAD2_CROSS GRAD2_NONE
#define GRAD2_NO_GRAD(row_name, B1, B2)
#define GRAD2_OF_IN(row_name)      row_name##_grad
#define GRAD2_OF_CROSS(row_name)   row_name##_grad
#define GRAD2_OF_NONE(row_name)    row_name##_grad
#define GRAD2_OF_NO_GRAD(row_name) NULL

#define FAC_EW2(...)
#include "tensor/elementwise.def"
#undef FAC_EW1
#undef FAC_EW2

#define FAC_EW1(...)
#define FAC_EW2(row_name, types, args, F, B1, B2, saves, doc)                                               \
    GRAD2_##saves(row_name, B1, B2) static const ew_row row_##row_name = {FAC_EW_##row_name, TYPES_##types, \
                                                                          SAVES_##saves, NULL};             \
    RECORD(row_name, MASK2_##saves, FLAG_##saves, GRAD2_OF_##saves(row_name), row_##row_name);

#define x fac_node_in(node, 0)
#define o fac_node_in(node, 1)
#include "tensor/elementwise.def"
