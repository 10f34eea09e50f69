/* SPDX-License-Identifier: MIT */
/* mse_loss and l1_loss, each one pass over input and target, and their derivatives. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ops/op_list.h"
#include "ops/packed.h"
#include "tensor/elementwise.h"

enum { SQUARED, ABSOLUTE }; /* an operation's kernel_index */

typedef fac_mse_loss_args loss_args; /* that of all four operations */
_Static_assert(offsetof(fac_l1_loss_args, reduction) == offsetof(loss_args, reduction) &&
                   offsetof(fac_mse_loss_backward_args, reduction) == offsetof(loss_args, reduction) &&
                   offsetof(fac_l1_loss_backward_args, reduction) == offsetof(loss_args, reduction),
               "losses differ in their arguments");

static fac_status reduction_of(const void *args, fac_reduction *reduction)
{
    const char *text = ((const loss_args *)args)->reduction;
    *reduction = FAC_REDUCTION_MEAN;
    return text && !strcmp(text, "mean") ? FAC_OK : fac_reduction_of(text, reduction);
}

/* `[25, 1]` */
static void write_sizes(char *text, size_t size, const fac_meta *meta)
{
    size_t length = (size_t)snprintf(text, size, "[");
    for (int d = 0; d < meta->ndim; d++)
        length += (size_t)snprintf(text + length, size - length, "%s%lld", d ? ", " : "", (long long)meta->shape[d]);
    snprintf(text + length, size - length, "]");
}

static __attribute__((noinline)) void warn_of_sizes(const fac_call *call)
{
    char input[200], target[200];
    write_sizes(input, sizeof input, &call->in[0]->m);
    write_sizes(target, sizeof target, &call->in[1]->m);
    fac_warn_text_once(
        call->op,
        "Using a target size (torch.Size(%s)) that is different to the input size (torch.Size(%s)). This will likely "
        "lead to incorrect results due to broadcasting. Please ensure they have the same size.",
        target, input);
}

static fac_status no_kernel(const fac_call *call, fac_dtype dtype)
{
    return fac_fail(FAC_ERR_TYPE, "%s: not implemented for %s", call->op->name, fac_dtype_name(dtype));
}

static fac_status check_dtype(const fac_call *call, fac_dtype dtype, fac_reduction reduction)
{
    if (fac_is_float((int)dtype))
        return FAC_OK;
    if (call->op->kernel_index == SQUARED || dtype == FAC_BOOL)
        return no_kernel(call, dtype);
    if (reduction == FAC_REDUCTION_MEAN)
        return fac_fail(FAC_ERR_TYPE,
                        "%s: could not infer output dtype. Input dtype must be either a floating point or complex "
                        "dtype. Got: %s",
                        call->op->name, fac_dtype_name(dtype));
    return FAC_OK;
}

/* The shape and dtype of input - target. */
static fac_status infer_difference(const fac_call *call, fac_tensor **in, fac_meta *out)
{
    const fac_meta *x = &in[0]->m, *t = &in[1]->m;
    out->offset = 0;
    if (fac_same_shape(x, t)) {
        out->ndim = x->ndim;
        fac_copy_dims(out->shape, x->shape, x->ndim);
        fac_pack_few(out);
    } else {
        FAC_TRY(fac_broadcast(out, (const fac_meta *[]){x, t}, 2, call->op->name));
    }
    out->dtype = x->dtype == t->dtype ? x->dtype : (uint8_t)fac_result_type(in, 2);
    return FAC_OK;
}

static fac_status infer_loss(const fac_call *call, fac_meta *out)
{
    fac_reduction reduction;
    FAC_TRY(reduction_of(call->args, &reduction));
    if (__builtin_expect(!fac_same_shape(&call->in[0]->m, &call->in[1]->m), 0))
        warn_of_sizes(call);
    FAC_TRY(infer_difference(call, call->in, out));
    FAC_TRY(check_dtype(call, (fac_dtype)out->dtype, reduction));
    if (reduction == FAC_REDUCTION_NONE)
        return FAC_OK;
    out->ndim = 0;
    if (!fac_is_float(out->dtype))
        out->dtype = FAC_INT64;
    fac_pack_few(out);
    return FAC_OK;
}

/* input and target as the kernels want them. */
typedef struct {
    fac_tensor *x, *t;
    const fac_meta *shape; /* broadcast: x's own, or the one below */
    fac_meta broadcast;
    int dtype;
    int64_t numel, size; /* size: of an element */
} operands;

static bool lie_alike(const fac_meta *x, const fac_meta *t)
{
    return x->contiguous && t->contiguous && x->dtype == t->dtype && fac_same_shape(x, t);
}

static __attribute__((noinline)) fac_status pack_operands(const fac_call *call, fac_tensor **in, operands *o)
{
    FAC_TRY(infer_difference(call, in, &o->broadcast));
    o->shape = &o->broadcast;
    o->x = fac_packed(in[0], o->shape, (fac_dtype)o->shape->dtype);
    o->t = fac_packed(in[1], o->shape, (fac_dtype)o->shape->dtype);
    if (o->x && o->t)
        return FAC_OK;
    fac_tensor_drop(o->x);
    fac_tensor_drop(o->t);
    return fac_pending();
}

static fac_status open_operands(const fac_call *call, fac_tensor **in, operands *o)
{
    if (lie_alike(&in[0]->m, &in[1]->m)) {
        o->shape = &in[0]->m;
        o->x = in[0];
        o->t = in[1];
        fac_ref(o->x);
        fac_ref(o->t);
    } else {
        FAC_TRY(pack_operands(call, in, o));
    }
    o->dtype = o->shape->dtype;
    o->size = fac_dtype_sizes[o->dtype];
    o->numel = o->shape->numel;
    return FAC_OK;
}

static void close_operands(operands *o)
{
    fac_tensor_drop(o->x);
    fac_tensor_drop(o->t);
}

/* One elementwise kernel over n contiguous values; b may be a single one (step 0). */
static void apply2(int row, const operands *o, int64_t n, void *out, const void *a, const void *b, int64_t step)
{
    static const fac_sub_args once = {.size_ = sizeof once, .alpha = 1};
    char *p[] = {out, (char *)(uintptr_t)a, (char *)(uintptr_t)b};
    const int64_t s[] = {o->size, o->size, step};
    fac_ew->forward[row][o->dtype](n, p, s, &once);
}

static void apply1(int row, const operands *o, int64_t n, void *data)
{
    char *p[] = {data, data};
    const int64_t s[] = {o->size, o->size};
    fac_ew->forward[row][o->dtype](n, p, s, NULL);
}

/* input - target from element `at` on. */
static void subtract(const operands *o, int64_t at, int64_t n, void *out)
{
    const int64_t skip = at * o->size;
    apply2(FAC_EW_sub, o, n, out, (const char *)o->x->data + skip, (const char *)o->t->data + skip, o->size);
}

static double sum_of_squares(const operands *o, int64_t n, const void *d)
{
    return o->dtype == FAC_FLOAT32 ? (double)fac_k->dot_f32(n, d, 1, d, 1) : fac_k->dot_f64(n, d, 1, d, 1);
}

static double sum_of_reals(const operands *o, int64_t n, const void *d)
{
    return o->dtype == FAC_FLOAT32 ? (double)fac_k->sum_f32(n, d, 1) : fac_k->sum_f64(n, d, 1);
}

static int64_t sum_of_integers(const operands *o, int64_t n, const void *d)
{
    return o->dtype == FAC_INT64   ? fac_k->sum_i64(n, d, 1)
           : o->dtype == FAC_INT32 ? fac_k->sum_i32(n, d, 1)
                                   : fac_k->sum_u8(n, d, 1);
}

/* The sum in blocks that stay in the cache, the blocks' sums added up in double. */
static void run_total(const operands *o, int kind, fac_reduction reduction, fac_tensor *out)
{
    enum { BLOCK = 1024 };
    _Alignas(64) double block[BLOCK];
    const int64_t n = o->numel;
    double total = 0;
    int64_t whole = 0;
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t here = n - at < BLOCK ? n - at : BLOCK;
        subtract(o, at, here, block);
        if (kind == ABSOLUTE)
            apply1(FAC_EW_abs, o, here, block);
        if (!fac_is_float(o->dtype))
            whole = (int64_t)((uint64_t)whole + (uint64_t)sum_of_integers(o, here, block));
        else
            total += kind == SQUARED ? sum_of_squares(o, here, block) : sum_of_reals(o, here, block);
    }
    if (!fac_is_float(o->dtype))
        fac_store_int(out->data, out->m.dtype, whole);
    else
        fac_store_double(out->data, o->dtype, reduction == FAC_REDUCTION_MEAN ? total / (double)n : total);
}

static fac_status run_loss(const fac_call *call, fac_tensor **out)
{
    fac_reduction reduction;
    operands o;
    FAC_TRY(reduction_of(call->args, &reduction));
    FAC_TRY(open_operands(call, call->in, &o));
    if (reduction != FAC_REDUCTION_NONE) {
        run_total(&o, call->op->kernel_index, reduction, out[0]);
    } else {
        subtract(&o, 0, o.numel, out[0]->data);
        apply1(call->op->kernel_index == SQUARED ? FAC_EW_square : FAC_EW_abs, &o, o.numel, out[0]->data);
    }
    close_operands(&o);
    return FAC_OK;
}

static fac_tensor *reduced(fac_tensor *each, fac_reduction reduction)
{
    if (!each || reduction == FAC_REDUCTION_NONE)
        return each;
    return reduction == FAC_REDUCTION_MEAN ? fac_mean_with(each, NULL) : fac_sum_with(each, NULL);
}

static fac_status decompose_loss(const fac_call *call, fac_tensor **out)
{
    fac_reduction reduction;
    FAC_TRY(reduction_of(call->args, &reduction));
    fac_tensor *d = fac_sub_with(call->in[0], call->in[1], NULL);
    fac_tensor *each = !d ? NULL : call->op->kernel_index == SQUARED ? fac_square(d) : fac_abs(d);
    out[0] = reduced(each, reduction);
    return out[0] ? FAC_OK : fac_pending();
}

static fac_status grad_loss(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    const fac_op *back = node->op->kernel;
    fac_tensor *in[] = {g[0], fac_node_in(node, 0), fac_node_in(node, 1)};
    if (!in[1] || !in[2])
        return fac_pending();
    fac_tensor *gi = fac_apply_one(back, in, 3, fac_node_args(node));
    if (!gi)
        return fac_pending();
    gx[0] = gi;
    if (fac_node_needs(node, 1) && !(gx[1] = fac_neg(gi)))
        return fac_pending();
    return FAC_OK;
}

/* F.l1_loss is abs and mean or sum in PyTorch. */
static const char *l1_grad_name(const fac_node *node)
{
    fac_reduction reduction = FAC_REDUCTION_NONE;
    if (reduction_of(fac_node_args(node), &reduction))
        fac_clear_pending();
    return reduction == FAC_REDUCTION_NONE   ? "AbsBackward0"
           : reduction == FAC_REDUCTION_MEAN ? "MeanBackward0"
                                             : "SumBackward0";
}

/* The derivatives. in: g, input, target; g has the loss's shape. mse: 2 (x - t) g / n, l1: sign(x - t) g / n, where n
 * is the number of elements for "mean", else 1. */

static fac_status infer_backward(const fac_call *call, fac_meta *out)
{
    return infer_difference(call, call->in + 1, out);
}

static double factor_of(int kind, fac_reduction reduction, int64_t numel)
{
    return (kind == SQUARED ? 2 : 1) / (reduction == FAC_REDUCTION_MEAN ? (double)numel : 1);
}

static void scale(const operands *o, fac_tensor *out, double factor)
{
    double number; /* or a float */
    fac_store_double(&number, o->dtype, factor);
    if (factor != 1)
        apply2(FAC_EW_mul, o, o->numel, out->data, out->data, &number, 0);
}

static fac_status scale_by(const operands *o, fac_tensor *out, fac_tensor *g)
{
    if (g->m.numel == 1) {
        scale(o, out, fac_load_double(g->data, g->m.dtype));
        return FAC_OK;
    }
    g = fac_packed(g, o->shape, (fac_dtype)o->dtype);
    if (!g)
        return fac_pending();
    apply2(FAC_EW_mul, o, o->numel, out->data, out->data, g->data, o->size);
    fac_tensor_drop(g);
    return FAC_OK;
}

static fac_status run_backward(const fac_call *call, fac_tensor **out)
{
    fac_reduction reduction;
    operands o;
    FAC_TRY(reduction_of(call->args, &reduction));
    FAC_TRY(open_operands(call, call->in + 1, &o));
    fac_tensor *g = call->in[0];
    int kind = call->op->kernel_index;
    double factor = factor_of(kind, reduction, o.numel);
    subtract(&o, 0, o.numel, out[0]->data);
    if (kind == ABSOLUTE)
        apply1(FAC_EW_sign, &o, o.numel, out[0]->data);
    fac_status status = FAC_OK;
    if (reduction != FAC_REDUCTION_NONE) {
        scale(&o, out[0], factor * fac_load_double(g->data, g->m.dtype));
    } else {
        scale(&o, out[0], factor);
        status = scale_by(&o, out[0], g);
    }
    close_operands(&o);
    return status;
}

static fac_status decompose_backward(const fac_call *call, fac_tensor **out)
{
    fac_reduction reduction;
    FAC_TRY(reduction_of(call->args, &reduction));
    int kind = call->op->kernel_index;
    fac_tensor *d = fac_sub_with(call->in[1], call->in[2], NULL);
    fac_tensor *slope = !d ? NULL : kind == SQUARED ? d : fac_sign(d);
    fac_tensor *part = slope ? fac_mul_with(slope, fac_number(factor_of(kind, reduction, d->m.numel))) : NULL;
    out[0] = part ? fac_mul_with(part, call->in[0]) : NULL;
    return out[0] ? FAC_OK : fac_pending();
}

#define LOSS(name_, index, names)                                                                        \
    const fac_op fac_op_##name_##_backward = {                                                           \
        FAC_HEAD_##name_##_backward, .n_out = 1,          .flags = FAC_FLAGS_##name_##_backward,         \
        .infer = infer_backward,     .run = run_backward, .decompose = decompose_backward,               \
        .kernel_index = index};                                                                          \
    const fac_op fac_op_##name_ = {FAC_HEAD_##name_,           .n_out = 1,                               \
                                   .flags = FAC_FLAGS_##name_, .saves = FAC_SAVE_IN(0) | FAC_SAVE_IN(1), \
                                   .infer = infer_loss,        .run = run_loss,                          \
                                   .grad = grad_loss,          .decompose = decompose_loss,              \
                                   .grad_name_of = names,      .kernel = &fac_op_##name_##_backward,     \
                                   .kernel_index = index}
LOSS(mse_loss, SQUARED, NULL);
LOSS(l1_loss, ABSOLUTE, l1_grad_name);
