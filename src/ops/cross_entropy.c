/* SPDX-License-Identifier: MIT */
/* cross_entropy, one pass over the logits, and its derivative. For each sample, with log_p = log_softmax(input),
 * classes c and smoothing s (ATen/native/LossNLL.cpp, cross_entropy_loss):
 *     class indices t:  loss = -(1 - s) w_t log_p_t - s/C sum(w_c log_p_c), the mean over the sum of the w_t;
 *     probabilities y:  loss = -sum(w_c (y_c (1 - s) + s/C) log_p_c), the mean over the number of samples. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "ops/packed.h"
#include "ops/views.h"
#include "tensor/elementwise.h"

typedef fac_cross_entropy_args loss_args; /* the derivative's, too */
_Static_assert(sizeof(fac_cross_entropy_backward_args) == sizeof(loss_args) &&
                   offsetof(fac_cross_entropy_backward_args, label_smoothing) == offsetof(loss_args, label_smoothing),
               "cross_entropy and its derivative differ in their arguments");

enum {
    FEW = 16,              /* classes that a loop on the spot is faster for */
    AT_ONCE = 64,          /* rows, */
    BLOCK_ELEMENTS = 4096, /* and elements, that stay in the cache */
    BACK_TARGET = 2        /* the derivative's inputs: g, input, target, exps, norms, weight */
};

/* Input, target and weight (or NULL), and what follows from them. The input is (batches, classes, inner). */
typedef struct {
    fac_tensor *input, *target, *weight;
    const char *who;
    fac_reduction reduction;
    bool probabilities; /* not class indices */
    int dim;            /* of the classes */
    int64_t samples, classes, inner, ignore_index;
    double smoothing;
} setting;

static bool is_index(int dtype)
{
    return dtype == FAC_INT64 || dtype == FAC_UINT8;
}

static fac_status check_weight(const setting *s)
{
    if (!s->weight || (s->weight->m.ndim == 1 && s->weight->m.numel == s->classes))
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE,
                    "%s: weight tensor should be defined either for all %lld classes or no classes but got weight "
                    "tensor of shape: %s",
                    s->who, (long long)s->classes, fac_shape_text(&s->weight->m));
}

static fac_status check_probabilities(const setting *s, const loss_args *args)
{
    if (!fac_is_float(s->target->m.dtype))
        return fac_fail(FAC_ERR_TYPE, "%s: Expected floating point type for target with class probabilities, got %s",
                        s->who, fac_dtype_name((fac_dtype)s->target->m.dtype));
    if (args->ignore_index >= 0)
        return fac_fail(FAC_ERR_VALUE, "%s: ignore_index is not supported for floating point target", s->who);
    return FAC_OK;
}

/* (N, C, d1, ...) and (N, d1, ...) */
static fac_status check_sizes(const setting *s)
{
    const fac_meta *x = &s->input->m, *t = &s->target->m;
    if (t->ndim == 0 || x->shape[0] != t->shape[0])
        return fac_fail(FAC_ERR_VALUE, "%s: Expected input batch_size (%lld) to match target batch_size (%lld).",
                        s->who, (long long)x->shape[0], (long long)(t->ndim ? t->shape[0] : 0));
    if (x->ndim == 2 && t->ndim > 1)
        return fac_fail(FAC_ERR_VALUE, "%s: 0D or 1D target tensor expected, multi-target not supported", s->who);
    int64_t expected[FAC_MAX_DIMS] = {x->shape[0]};
    bool fits = t->ndim == x->ndim - 1;
    for (int d = 2; d < x->ndim; d++) {
        expected[d - 1] = x->shape[d];
        fits = fits && t->shape[d - 1] == x->shape[d];
    }
    if (fits)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE, "%s: Expected target size %s, got %s", s->who, fac_list_text(x->ndim - 1, expected),
                    fac_shape_text(t));
}

static fac_status check_indices(const setting *s)
{
    const fac_meta *x = &s->input->m, *t = &s->target->m;
    if (x->ndim > 1)
        FAC_TRY(check_sizes(s));
    else if (t->ndim > 1)
        return fac_fail(FAC_ERR_VALUE, "%s: 0D or 1D target tensor expected, multi-target not supported", s->who);
    else if (t->numel != 1)
        return fac_fail(FAC_ERR_VALUE, "%s: For 1D input, 1D target must have size 1, but got target size: %lld",
                        s->who, (long long)t->numel);
    if (!is_index(t->dtype))
        return fac_fail(FAC_ERR_TYPE, "%s: expected target dtype to be int64 or uint8, but got %s", s->who,
                        fac_dtype_name((fac_dtype)t->dtype));
    FAC_TRY(check_weight(s));
    if (s->weight && s->weight->m.dtype != x->dtype)
        return fac_fail(FAC_ERR_TYPE, "%s: expected weight of dtype %s but found %s", s->who,
                        fac_dtype_name((fac_dtype)x->dtype), fac_dtype_name((fac_dtype)s->weight->m.dtype));
    if (s->weight && s->weight->requires_grad && fac_grad_mode())
        return fac_fail(FAC_ERR_RUNTIME,
                        "%s: not differentiable with respect to argument 'weight' where target has class indices. This "
                        "input cannot have requires_grad True.",
                        s->who);
    return FAC_OK;
}

static fac_status wrong_smoothing(const setting *s, double smoothing)
{
    char text[FAC_NUMBER_MAX];
    fac_repr_double(text, smoothing);
    return fac_fail(FAC_ERR_VALUE, "%s: label_smoothing must be between 0.0 and 1.0. Got: %s", s->who, text);
}

/* In PyTorch's order. */
static fac_status check(const setting *s, const loss_args *args)
{
    if (s->probabilities)
        FAC_TRY(check_probabilities(s, args));
    if (args->label_smoothing > 1) /* below 0 it is none */
        return wrong_smoothing(s, args->label_smoothing);
    if (!fac_is_float(s->input->m.dtype))
        return fac_fail(FAC_ERR_TYPE, "%s: not implemented for %s", s->who,
                        fac_dtype_name((fac_dtype)s->input->m.dtype));
    if (s->input->m.ndim == 0)
        return fac_fail(FAC_ERR_INDEX, "%s: expected input (C), (N, C) or (N, C, d1, ...), got ()", s->who);
    return s->probabilities ? check_weight(s) : check_indices(s);
}

/* in: input, target and, last of n_in, the weight. */
static fac_status open_setting(setting *s, const fac_call *call, int first)
{
    const loss_args *args = call->args;
    fac_tensor *weight = call->in[call->n_in - 1];
    *s = (setting){.input = call->in[first], .target = call->in[first + 1], .who = call->op->name};
    s->weight = (void *)weight == fac_none ? NULL : weight;
    FAC_TRY(fac_reduction_of(args->reduction, &s->reduction));
    const fac_meta *x = &s->input->m;
    s->probabilities = fac_same_shape(x, &s->target->m);
    s->dim = x->ndim > 1;
    s->classes = x->ndim ? x->shape[s->dim] : 1;
    s->samples = s->inner = 1;
    for (int d = 0; d < x->ndim; d++) {
        s->samples *= d == s->dim ? 1 : x->shape[d];
        s->inner *= d > s->dim ? x->shape[d] : 1;
    }
    s->ignore_index = args->ignore_index;
    s->smoothing = args->label_smoothing > 0 ? args->label_smoothing : 0;
    return FAC_OK;
}

static fac_status open_checked(setting *s, const fac_call *call)
{
    FAC_TRY(open_setting(s, call, 0));
    return check(s, call->args);
}

static void shape_as(fac_meta *out, int dtype, int ndim, int64_t first, int64_t second)
{
    out->dtype = (uint8_t)dtype;
    out->offset = 0;
    out->ndim = (uint8_t)ndim;
    out->shape[0] = first;
    out->shape[1] = second;
    fac_pack_few(out);
}

/* The loss; exps (samples, classes); their sums and the weights' (samples + 1). */
static fac_status infer_loss(const fac_call *call, fac_meta *out)
{
    setting s;
    FAC_TRY(open_checked(&s, call));
    const fac_meta *x = &s.input->m;
    shape_as(out + 1, x->dtype, 2, s.samples, s.classes);
    shape_as(out + 2, x->dtype, 1, s.samples + 1, 0);
    out[0].dtype = x->dtype;
    out[0].offset = 0;
    out[0].ndim = 0;
    if (s.reduction == FAC_REDUCTION_NONE)
        for (int d = 0; d < x->ndim; d++)
            if (d != s.dim)
                out[0].shape[out[0].ndim++] = x->shape[d];
    fac_pack_few(out);
    return FAC_OK;
}

/* A setting's tensors as rows of classes. */
typedef struct {
    fac_tensor *x, *target, *weight; /* the target: int64, or rows of the dtype */
    fac_tensor *exps, *norms;
    fac_tensor *room; /* a row to work in, or NULL */
    bool probabilities;
    int dtype;
    int64_t samples, classes, ignore_index;
    double smoothing, uniform; /* uniform: smoothing / classes */
    double all_weights;        /* their sum */
} rows;

typedef struct {
    double weights, products;
} row_sums;

/* The class, or -1 where it is ignored. */
static inline int64_t target_of(const rows *r, int64_t i)
{
    const int64_t class = ((const int64_t *)r->target->data)[i];
    return class == r->ignore_index ? -1 : class;
}

static inline bool is_ignored(const rows *r, int64_t i)
{
    return !r->probabilities && target_of(r, i) < 0;
}

#define REAL         float
#define NAME(name)   name##_f32
#define KERNEL(name) fac_k->name##_f32
#include "ops/cross_entropy_rows.h"
#define REAL         double
#define NAME(name)   name##_f64
#define KERNEL(name) fac_k->name##_f64
#include "ops/cross_entropy_rows.h"

/* meta's dims with the classes last */
static void classes_last(fac_meta *out, const fac_meta *meta, int dim)
{
    fac_view_begin(out, meta);
    for (int d = dim; d + 1 < meta->ndim; d++) {
        out->shape[d] = meta->shape[d + 1];
        out->stride[d] = meta->stride[d + 1];
    }
    out->shape[meta->ndim - 1] = meta->shape[dim];
    out->stride[meta->ndim - 1] = meta->stride[dim];
}

static fac_tensor *as_rows(const setting *s, fac_tensor *t)
{
    if (s->inner == 1)
        return fac_packed(t, NULL, (fac_dtype)t->m.dtype);
    fac_meta view;
    classes_last(&view, &t->m, s->dim);
    return fac_packed_view(t, &view, (fac_dtype)t->m.dtype);
}

static void close_rows(rows *r)
{
    fac_tensor_drop(r->x);
    fac_tensor_drop(r->target);
    fac_tensor_drop(r->weight);
    fac_tensor_drop(r->room);
}

static fac_tensor *room_for(const setting *s)
{
    fac_meta meta;
    shape_as(&meta, s->input->m.dtype, 1, s->classes, 0);
    return fac_tensor_new(&meta);
}

static fac_status check_targets(const rows *r)
{
    const int64_t *t = r->target->data;
    for (int64_t i = 0; i < r->samples; i++)
        if (__builtin_expect((uint64_t)t[i] >= (uint64_t)r->classes, 0) && t[i] != r->ignore_index)
            return fac_fail(FAC_ERR_INDEX, "cross_entropy: Target %lld is out of bounds.", (long long)t[i]);
    return FAC_OK;
}

static double weights_sum(const rows *r)
{
    if (!r->weight)
        return (double)r->classes;
    return r->dtype == FAC_FLOAT32 ? (double)total_f32(r->classes, r->weight->data)
                                   : total_f64(r->classes, r->weight->data);
}

/* with_x: the derivative has no use for the logits. */
static fac_status open_rows(rows *r, const setting *s, fac_tensor *exps, fac_tensor *norms, bool with_x)
{
    *r = (rows){.exps = exps, .norms = norms, .probabilities = s->probabilities, .dtype = s->input->m.dtype};
    r->samples = s->samples;
    r->classes = s->classes;
    r->ignore_index = s->ignore_index;
    r->smoothing = s->smoothing;
    r->uniform = s->smoothing / (double)s->classes;
    r->x = with_x ? as_rows(s, s->input) : NULL;
    r->target = s->probabilities ? as_rows(s, s->target) : fac_packed(s->target, NULL, FAC_INT64);
    r->weight = s->weight ? fac_packed(s->weight, NULL, (fac_dtype)r->dtype) : NULL;
    r->room = s->probabilities ? room_for(s) : NULL;
    fac_status status = FAC_OK;
    if ((with_x && !r->x) || !r->target || (s->weight && !r->weight) || (s->probabilities && !r->room))
        status = fac_pending();
    else if (!s->probabilities)
        status = check_targets(r);
    if (status)
        close_rows(r);
    else
        r->all_weights = weights_sum(r);
    return status;
}

static void forward_rows(const rows *r, int64_t from, int64_t to, double *losses)
{
    void *room = r->room ? r->room->data : NULL;
    if (r->dtype == FAC_FLOAT32)
        forward_f32(r, from, to, room, losses);
    else
        forward_f64(r, from, to, room, losses);
}

static double weight_of(const rows *r, int64_t i)
{
    if (r->probabilities)
        return 1;
    const int64_t class = target_of(r, i);
    return class < 0 ? 0 : r->dtype == FAC_FLOAT32 ? weight_at_f32(r, class) : weight_at_f64(r, class);
}

/* Without classes there is nothing but ignored targets: no loss; of probabilities PyTorch's mean is NaN, as of no
 * samples. */
static void run_empty(const setting *s, rows *r, fac_tensor *out)
{
    const double loss = s->reduction == FAC_REDUCTION_MEAN ? (double)NAN : 0;
    for (int64_t i = 0; i < out->m.numel; i++)
        fac_store_double((char *)out->data + i * fac_dtype_sizes[r->dtype], r->dtype, loss);
    memset(r->norms->data, 0, (size_t)r->norms->m.numel * fac_dtype_sizes[r->dtype]);
}

/* The losses' sum, in double, or each; the weights' sum behind the norms. */
static void run_rows(const setting *s, rows *r, fac_tensor *out)
{
    double losses[AT_ONCE], total = 0, weights = 0;
    const int64_t size = fac_dtype_sizes[r->dtype];
    int64_t at_once = BLOCK_ELEMENTS / r->classes;
    at_once = at_once < 1 ? 1 : at_once > AT_ONCE ? AT_ONCE : at_once;
    for (int64_t from = 0; from < r->samples; from += at_once) {
        const int64_t to = r->samples - from < at_once ? r->samples : from + at_once;
        forward_rows(r, from, to, losses);
        for (int64_t i = from; i < to; i++) {
            total += losses[i - from];
            weights += weight_of(r, i);
            if (s->reduction == FAC_REDUCTION_NONE)
                fac_store_double((char *)out->data + i * size, r->dtype, losses[i - from]);
        }
    }
    fac_store_double((char *)r->norms->data + r->samples * size, r->dtype, weights);
    if (s->reduction != FAC_REDUCTION_NONE)
        fac_store_double(out->data, r->dtype, s->reduction == FAC_REDUCTION_MEAN ? total / weights : total);
}

static fac_status run_loss(const fac_call *call, fac_tensor **out)
{
    setting s;
    rows r;
    FAC_TRY(open_setting(&s, call, 0));
    FAC_TRY(open_rows(&r, &s, out[1], out[2], true));
    if (s.classes)
        run_rows(&s, &r, out[0]);
    else
        run_empty(&s, &r, out[0]);
    close_rows(&r);
    return FAC_OK;
}

/* The derivative for input. */

static fac_status infer_backward(const fac_call *call, fac_meta *out)
{
    fac_view_begin(out, &call->in[1]->m);
    out->offset = 0;
    fac_pack_few(out);
    return FAC_OK;
}

/* What a row's derivative is multiplied by: g, over the weights for a mean. */
typedef struct {
    const fac_tensor *g;
    double factor;
    bool each;
} scales;

static scales open_scales(const setting *s, const rows *r, const fac_tensor *g)
{
    scales to = {g, 1, s->reduction == FAC_REDUCTION_NONE};
    const int64_t size = fac_dtype_sizes[r->dtype];
    if (s->reduction == FAC_REDUCTION_MEAN)
        to.factor = 1 / fac_load_double((const char *)r->norms->data + r->samples * size, r->dtype);
    return to;
}

static double scale_of(const scales *s, int64_t i)
{
    const fac_meta *m = &s->g->m;
    const int64_t at = s->each && m->numel > 1 ? i * fac_dtype_sizes[m->dtype] : 0;
    return s->factor * fac_load_double((const char *)s->g->data + at, m->dtype);
}

static void backward_rows(const rows *r, const scales *scale, void *out)
{
    void *room = r->room ? r->room->data : NULL;
    for (int64_t i = 0; i < r->samples; i++)
        if (r->dtype == FAC_FLOAT32)
            backward_f32(r, i, scale_of(scale, i), room, (float *)out + i * r->classes);
        else
            backward_f64(r, i, scale_of(scale, i), room, (double *)out + i * r->classes);
}

/* Rows of classes to where the classes are dim s->dim of out. */
static fac_status spread(const setting *s, const rows *r, const scales *scale, fac_tensor *out)
{
    fac_meta view, packed;
    out->m.offset = 0;
    classes_last(&view, &out->m, s->dim);
    packed = view;
    fac_meta_view_done(&view);
    fac_meta_pack(&packed);
    fac_tensor *seen = fac_tensor_view(out->storage, &view), *drawn = seen ? fac_tensor_new(&packed) : NULL;
    fac_status status = drawn ? FAC_OK : fac_pending();
    if (!status) {
        backward_rows(r, scale, drawn->data);
        status = fac_copy_cast(seen, drawn);
    }
    fac_tensor_drop(drawn);
    fac_tensor_drop(seen);
    return status;
}

static fac_status run_backward(const fac_call *call, fac_tensor **out)
{
    setting s;
    rows r;
    FAC_TRY(open_setting(&s, call, 1));
    FAC_TRY(open_rows(&r, &s, call->in[BACK_TARGET + 1], call->in[BACK_TARGET + 2], false));
    fac_tensor *g = fac_packed(call->in[0], NULL, (fac_dtype)call->in[0]->m.dtype);
    fac_status status = g ? FAC_OK : fac_pending();
    if (g && s.classes) {
        const scales scale = open_scales(&s, &r, g);
        if (s.inner == 1)
            backward_rows(&r, &scale, out[0]->data);
        else
            status = spread(&s, &r, &scale, out[0]);
    }
    fac_tensor_drop(g);
    close_rows(&r);
    return status;
}

static fac_status grad_loss(fac_node *node, fac_tensor **g, fac_tensor **gx)
{
    fac_tensor *weight = fac_node_in(node, 2);
    fac_tensor *in[] = {g[0],
                        fac_node_in(node, 0),
                        fac_node_in(node, 1),
                        fac_node_out(node, 1),
                        fac_node_out(node, 2),
                        weight ? weight : fac_none};
    for (int i = 1; i < 5; i++)
        if (!in[i])
            return fac_pending();
    if (fac_pending())
        return fac_pending();
    gx[0] = fac_apply_one(&fac_op_cross_entropy_backward, in, 6, fac_node_args(node));
    return gx[0] ? FAC_OK : fac_pending();
}

/* The same in operations. NULL gives NULL. */

static fac_tensor *times(fac_tensor *a, fac_tensor *b)
{
    return a && b ? fac_mul_with(a, b) : NULL;
}

static fac_tensor *plus(fac_tensor *a, fac_tensor *b)
{
    return a && b ? fac_add_with(a, b, NULL) : NULL;
}

static fac_tensor *sum_of(fac_tensor *x, int64_t dim, bool keepdim)
{
    return x ? fac_sum_with(x, &(fac_sum_args){.size_ = sizeof(fac_sum_args), .dim = dim, .keepdim = keepdim}) : NULL;
}

static fac_tensor *with_dim(const setting *s, fac_tensor *x)
{
    return x ? fac_unsqueeze(x, s->dim) : NULL;
}

static fac_tensor *in_shape(fac_tensor *x, const fac_ints *shape)
{
    return x ? fac_reshape(x, shape) : NULL;
}

/* weight as (C, 1, ...): beside the input */
static fac_tensor *weight_beside(const setting *s)
{
    fac_ints shape = {.count = s->input->m.ndim - s->dim};
    for (int64_t d = 0; d < shape.count; d++)
        shape.values[d] = d ? 1 : s->classes;
    return in_shape(s->weight, &shape);
}

/* Class indices: where the target counts, as numbers 1 and 0, and the classes with 0 for those that do not. */
typedef struct {
    fac_tensor *counts, *classes, *weights; /* weights: counts times that of the class */
} indices;

static indices open_indices(const setting *s)
{
    indices found = {NULL, NULL, NULL};
    const fac_dtype dtype = (fac_dtype)s->input->m.dtype;
    fac_ints shape = fac_meta_list(&s->target->m);
    if (s->input->m.ndim == 1)
        shape.count = 0;
    fac_tensor *target = in_shape(s->target, &shape), *whole = target ? fac_to(target, FAC_INT64) : NULL;
    fac_tensor *ignored = whole ? fac_eq(whole, fac_number_int(s->ignore_index)) : NULL;
    fac_tensor *counted = ignored ? fac_logical_not(ignored) : NULL;
    if (!counted || !(found.counts = fac_to(counted, dtype)))
        return found;
    found.classes = fac_masked_fill(whole, ignored, fac_number_int(0));
    found.weights = found.counts;
    if (!s->weight || !found.classes)
        return found;
    fac_tensor *flat = fac_reshape(found.classes, FAC_LIST(-1));
    fac_tensor *each = flat ? fac_index_select(s->weight, 0, flat) : NULL;
    found.weights = times(found.counts, in_shape(each, &shape));
    return found;
}

/* q of class indices: (1 - s) w_t at the target, and s/C w everywhere, where the target counts. */
static fac_tensor *index_weights(const setting *s, const indices *i)
{
    fac_tensor *zeros = fac_zeros_like(s->input), *at = with_dim(s, i->classes), *w = with_dim(s, i->weights);
    fac_tensor *q = zeros && at && w ? fac_scatter_add(zeros, s->dim, at, w) : NULL;
    if (!q || s->smoothing == 0)
        return q;
    fac_tensor *uniform = times(with_dim(s, i->counts), fac_number(s->smoothing / (double)s->classes));
    if (s->weight)
        uniform = times(uniform, weight_beside(s));
    return plus(times(q, fac_number(1 - s->smoothing)), uniform);
}

/* q, and the number or weight of all samples */
static fac_tensor *class_weights(const setting *s, fac_tensor **samples)
{
    if (!s->probabilities) {
        const indices i = open_indices(s);
        if (!i.classes || !i.weights)
            return NULL;
        *samples = fac_sum(i.weights);
        return *samples ? index_weights(s, &i) : NULL;
    }
    *samples = fac_number(s->classes ? (double)s->samples : 0);
    fac_tensor *q = s->target;
    if (s->smoothing > 0)
        q = plus(times(q, fac_number(1 - s->smoothing)), fac_number(s->smoothing / (double)s->classes));
    return s->weight ? times(q, weight_beside(s)) : q;
}

static fac_status loss_in_ops(const setting *s, fac_tensor **out)
{
    fac_tensor *samples, *q = class_weights(s, &samples), *log_p = q ? fac_log_softmax(s->input, s->dim) : NULL;
    fac_tensor *part = times(log_p, q);
    if (!part)
        return fac_pending();
    fac_tensor *sum = s->reduction == FAC_REDUCTION_NONE ? sum_of(part, s->dim, false) : fac_sum(part);
    out[0] = sum ? fac_neg(sum) : NULL;
    if (out[0] && s->reduction == FAC_REDUCTION_MEAN)
        out[0] = fac_div(out[0], samples);
    return out[0] ? FAC_OK : fac_pending();
}

static fac_status decompose_fused(const fac_call *call, fac_tensor **out)
{
    setting s;
    FAC_TRY(open_checked(&s, call));
    return loss_in_ops(&s, out);
}

/* g (Q softmax(x) - q) */
static fac_status decompose_backward(const fac_call *call, fac_tensor **out)
{
    setting s;
    FAC_TRY(open_setting(&s, call, 1));
    fac_tensor *samples, *g = call->in[0], *q = class_weights(&s, &samples);
    fac_tensor *p = q ? fac_softmax(s.input, s.dim) : NULL, *scaled = times(p, sum_of(q, s.dim, true));
    fac_tensor *slope = scaled ? fac_sub(scaled, q) : NULL;
    if (!slope)
        return fac_pending();
    if (s.reduction == FAC_REDUCTION_MEAN)
        g = fac_div(g, samples);
    else if (s.reduction == FAC_REDUCTION_NONE)
        g = with_dim(&s, g);
    out[0] = times(slope, g);
    return out[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_cross_entropy_backward = {
    FAC_HEAD_cross_entropy_backward, .n_out = 1,          .flags = FAC_FLAGS_cross_entropy_backward,
    .infer = infer_backward,         .run = run_backward, .decompose = decompose_backward};

/* The last operation of what PyTorch makes of it. */
static const char *loss_name(const fac_node *node)
{
    const loss_args *args = fac_node_args(node);
    fac_shape input, target;
    fac_node_in_shape(node, 0, &input);
    fac_node_in_shape(node, 1, &target);
    if (fac_is_float(target.dtype))
        return strcmp(args->reduction, "mean") ? "NegBackward0" : "DivBackward1";
    if (args->label_smoothing > 0)
        return "AddBackward0";
    if (input.ndim <= 2)
        return "NllLossBackward0";
    return input.ndim != 4 && !strcmp(args->reduction, "none") ? "ViewBackward0" : "NllLoss2DBackward0";
}

static const fac_op fused = {FAC_HEAD_cross_entropy,
                             .n_out = 1,
                             .n_hidden = 2,
                             .flags = FAC_FLAGS_cross_entropy,
                             .saves =
                                 FAC_SAVE_IN(0) | FAC_SAVE_IN(1) | FAC_SAVE_IN(2) | FAC_SAVE_OUT(1) | FAC_SAVE_OUT(2),
                             .infer = infer_loss,
                             .run = run_loss,
                             .grad = grad_loss,
                             .decompose = decompose_fused,
                             .grad_name_of = loss_name};

static bool wants_grad(const fac_tensor *t)
{
    return t && t->requires_grad && fac_grad_mode();
}

/* Probabilities of another dtype, or ones that a gradient is wanted for (or for their weight), go without the kernel.
 */
static fac_status decompose_loss(const fac_call *call, fac_tensor **out)
{
    fac_tensor *x = call->in[0], *target = call->in[1], *weight = call->in[2];
    bool odd = target->m.dtype != x->m.dtype || (weight && weight->m.dtype != x->m.dtype);
    if (fac_is_float(target->m.dtype) && (odd || wants_grad(target) || wants_grad(weight)))
        return decompose_fused(call, out);
    fac_tensor *in[] = {x, target, weight ? weight : fac_none};
    fac_call other = *call;
    other.in = in;
    return fac_redirect(&other, &fused, out);
}

const fac_op fac_op_cross_entropy = {FAC_HEAD_cross_entropy, .n_out = 1, .flags = FAC_FLAGS_cross_entropy,
                                     .decompose = decompose_loss};
