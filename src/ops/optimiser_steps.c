/* SPDX-License-Identifier: MIT */
/* What optimisers do to parameters, for all of them in one call: adam_step, sgd_step. The list holds n parameters, then
 * n gradients, then the state, n tensors a kind. */
#include <math.h>

#include "base/parallel.h"
#include "ops/op_list.h"
#include "ops/optimiser_steps.h"
#include "ops/packed.h"

enum { MAX_KINDS = 5 };

/* The list's kinds for one parameter, where the kernel is to find them. */
typedef struct {
    fac_tensor *given[MAX_KINDS];
    fac_tensor *copy[MAX_KINDS]; /* of those that are not contiguous */
    void *data[MAX_KINDS];
} column;

static fac_status differs(const fac_call *call, const char *what, const fac_tensor *p, const fac_tensor *other)
{
    return fac_fail(FAC_ERR_VALUE, "%s: a parameter is %s %s, but its %s is %s %s", call->op->name,
                    fac_dtype_name((fac_dtype)p->m.dtype), fac_shape_text(&p->m), what,
                    fac_dtype_name((fac_dtype)other->m.dtype), fac_shape_text(&other->m));
}

static inline bool alike(const fac_meta *a, const fac_meta *b)
{
    bool same = a->ndim == b->ndim && a->dtype == b->dtype && a->numel == b->numel;
    for (int d = 0; same && d < a->ndim; d++)
        same = a->shape[d] == b->shape[d];
    return same;
}

/* Every kind has its parameter's shape and dtype, a floating one. */
static fac_status check_columns(const fac_call *call, uint32_t kinds)
{
    if (call->n_in % kinds)
        return fac_fail(FAC_ERR_VALUE, "%s: %u tensors are no multiple of %u", call->op->name, call->n_in, kinds);
    const uint32_t n = call->n_in / kinds;
    for (uint32_t i = 0; i < n; i++) {
        const fac_tensor *p = call->in[i];
        if (__builtin_expect(!fac_is_float(p->m.dtype), 0))
            return fac_fail(FAC_ERR_TYPE, "%s: not implemented for %s", call->op->name,
                            fac_dtype_name((fac_dtype)p->m.dtype));
        for (uint32_t k = 1; k < kinds; k++) {
            const fac_tensor *t = call->in[k * n + i];
            if (__builtin_expect(!alike(&t->m, &p->m), 0))
                return differs(call, k == 1 ? "gradient" : "state", p, t);
        }
    }
    return FAC_OK;
}

static fac_status close_column(column *c, uint32_t kinds, fac_status status)
{
    for (uint32_t k = 0; k < kinds; k++) {
        if (__builtin_expect(!c->copy[k], 1))
            continue;
        if (!status && k != 1)
            status = fac_copy_cast(c->given[k], c->copy[k]);
        fac_tensor_drop(c->copy[k]);
    }
    return status;
}

static fac_status open_column(const fac_call *call, uint32_t kinds, uint32_t i, column *c)
{
    const uint32_t n = call->n_in / kinds;
    for (uint32_t k = 0; k < kinds; k++) {
        fac_tensor *t = c->given[k] = call->in[k * n + i];
        c->copy[k] = NULL;
        if (__builtin_expect(!t->m.contiguous, 0) && !(t = c->copy[k] = fac_packed(t, NULL, (fac_dtype)t->m.dtype)))
            return close_column(c, k, fac_pending());
        c->data[k] = t->data;
    }
    return FAC_OK;
}

/* All but the gradients have changed; of input 0 the engine knows. */
static void note_changes(const fac_call *call, uint32_t kinds)
{
    const uint32_t n = call->n_in / kinds;
    for (uint32_t i = 1; i < n; i++)
        call->in[i]->storage->version++;
    for (uint32_t i = 2 * n; i < call->n_in; i++)
        call->in[i]->storage->version++;
}

typedef void step_fn(const column *c, const fac_meta *meta, const void *step);

static fac_status step_all(const fac_call *call, uint32_t kinds, step_fn *step_one, const void *step)
{
    for (uint32_t i = 0; i < call->n_in / kinds; i++) {
        column c;
        FAC_TRY(open_column(call, kinds, i, &c));
        step_one(&c, &call->in[i]->m, step);
        FAC_TRY(close_column(&c, kinds, FAC_OK));
    }
    note_changes(call, kinds);
    return FAC_OK;
}

/* A list on several threads: its elements in a row, cut into pieces; each element is by itself. */
typedef void part_fn(const void *step, int dtype, const void *segments, int64_t i, int64_t from, int64_t n);
typedef struct {
    part_fn *part;
    const void *step;
    const fac_step_list *list;
    size_t stride; /* bytes from a segment to the next */
} shared_list;
enum { PIECE = 16384 }; /* elements; shorter lists are not shared */

static int64_t length(const shared_list *s, int64_t i) /* every kind of segment begins with it */
{
    return *(const int64_t *)(const void *)((const char *)s->list->segments + (size_t)i * s->stride);
}

static void step_piece(void *ctx, int64_t piece)
{
    const shared_list *s = ctx;
    const int64_t begin = piece * PIECE, end = begin + PIECE;
    for (int64_t i = 0, at = 0, n; i < s->list->count && at < end; i++, at += n) {
        n = length(s, i);
        const int64_t from = at < begin ? begin - at : 0, to = end - at < n ? end - at : n;
        if (from < to)
            s->part(s->step, s->list->dtype, s->list->segments, i, from, to - from);
    }
}

/* False if it is too short. */
static inline bool share_list(part_fn *part, const void *step, const fac_step_list *list, size_t stride)
{
    enum { STEPS = 64 }; /* multiply-adds that take as long as an element */
    if (__builtin_expect(list->total < PIECE, 1) || fac_parallel_width(list->total * STEPS) < 2)
        return false;
    shared_list s = {part, step, list, stride};
    fac_parallel((list->total + PIECE - 1) / PIECE, step_piece, &s);
    return true;
}

static uint32_t adam_kinds(const fac_call *call)
{
    return ((const fac_adam_step_args *)call->args)->amsgrad ? 5 : 4;
}

static fac_status infer_adam(const fac_call *call, fac_meta *out)
{
    (void)out;
    return check_columns(call, adam_kinds(call));
}

typedef struct {
    fac_adam_step step;
    bool amsgrad;
} adam_pass;

static void adam_one(const column *c, const fac_meta *meta, const void *pass)
{
    const adam_pass *p = pass;
    void *max_v = p->amsgrad ? c->data[4] : NULL;
    if (meta->dtype == FAC_FLOAT32)
        fac_k->adam_f32(meta->numel, c->data[0], c->data[1], c->data[2], c->data[3], max_v, &p->step);
    else
        fac_k->adam_f64(meta->numel, c->data[0], c->data[1], c->data[2], c->data[3], max_v, &p->step);
}

/* torch/optim/adam.py, _single_tensor_adam: the bias corrections in double. */
static fac_adam_step adam_numbers(const fac_adam_step_args *args, const double beta_powers[2])
{
    return (fac_adam_step){.beta1 = args->beta1,
                           .beta2 = args->beta2,
                           .eps = args->eps,
                           .step_size = args->lr / (1 - beta_powers[0]),
                           .denom_scale = sqrt(1 - beta_powers[1]),
                           .weight_decay = args->decoupled ? 0 : args->weight_decay,
                           .decay = args->decoupled ? 1 - args->lr * args->weight_decay : 1,
                           .maximize = args->maximize};
}

static fac_status run_adam(const fac_call *call, fac_tensor **out)
{
    (void)out;
    const fac_adam_step_args *args = call->args;
    const double t = (double)args->step, powers[] = {pow(args->beta1, t), pow(args->beta2, t)};
    const adam_pass pass = {.step = adam_numbers(args, powers), .amsgrad = args->amsgrad};
    return step_all(call, adam_kinds(call), adam_one, &pass);
}

static void adam_part(const void *step, int dtype, const void *segments, int64_t i, int64_t from, int64_t n)
{
    fac_adam_segment a = ((const fac_adam_segment *)segments)[i];
    const int64_t bytes = from * fac_dtype_sizes[dtype];
    a = (fac_adam_segment){n,
                           (char *)a.p + bytes,
                           (const char *)a.g + bytes,
                           (char *)a.m + bytes,
                           (char *)a.v + bytes,
                           a.max_v ? (char *)a.max_v + bytes : NULL};
    (dtype == FAC_FLOAT32 ? fac_k->adam_list_f32 : fac_k->adam_list_f64)(1, &a, step);
}

void fac_adam_list(const fac_step_list *list, const fac_adam_step_args *args, const double beta_powers[2])
{
    const fac_adam_step step = adam_numbers(args, beta_powers);
    if (!share_list(adam_part, &step, list, sizeof(fac_adam_segment)))
        (list->dtype == FAC_FLOAT32 ? fac_k->adam_list_f32 : fac_k->adam_list_f64)(list->count, list->segments, &step);
}

const fac_op fac_op_adam_step = {FAC_HEAD_adam_step, .n_out = 1, .flags = FAC_FLAGS_adam_step, .infer = infer_adam,
                                 .run = run_adam};

static uint32_t sgd_kinds(const fac_call *call)
{
    return ((const fac_sgd_step_args *)call->args)->momentum != 0 ? 3 : 2;
}

static fac_status infer_sgd(const fac_call *call, fac_meta *out)
{
    (void)out;
    return check_columns(call, sgd_kinds(call));
}

static void sgd_one(const column *c, const fac_meta *meta, const void *pass)
{
    const fac_sgd_step *step = pass;
    void *buffer = step->momentum != 0 ? c->data[2] : NULL;
    if (meta->dtype == FAC_FLOAT32)
        fac_k->sgd_f32(meta->numel, c->data[0], c->data[1], buffer, step);
    else
        fac_k->sgd_f64(meta->numel, c->data[0], c->data[1], buffer, step);
}

static fac_sgd_step sgd_numbers(const fac_sgd_step_args *args)
{
    return (fac_sgd_step){.lr = args->lr,
                          .momentum = args->momentum,
                          .dampening = args->dampening,
                          .weight_decay = args->weight_decay,
                          .nesterov = args->nesterov,
                          .maximize = args->maximize,
                          .first = args->first};
}

static fac_status run_sgd(const fac_call *call, fac_tensor **out)
{
    (void)out;
    const fac_sgd_step step = sgd_numbers(call->args);
    return step_all(call, sgd_kinds(call), sgd_one, &step);
}

static void sgd_part(const void *step, int dtype, const void *segments, int64_t i, int64_t from, int64_t n)
{
    fac_sgd_segment a = ((const fac_sgd_segment *)segments)[i];
    const int64_t bytes = from * fac_dtype_sizes[dtype];
    a = (fac_sgd_segment){n, (char *)a.p + bytes, (const char *)a.g + bytes,
                          a.buffer ? (char *)a.buffer + bytes : NULL};
    (dtype == FAC_FLOAT32 ? fac_k->sgd_list_f32 : fac_k->sgd_list_f64)(1, &a, step);
}

void fac_sgd_list(const fac_step_list *list, const fac_sgd_step_args *args)
{
    const fac_sgd_step step = sgd_numbers(args);
    if (!share_list(sgd_part, &step, list, sizeof(fac_sgd_segment)))
        (list->dtype == FAC_FLOAT32 ? fac_k->sgd_list_f32 : fac_k->sgd_list_f64)(list->count, list->segments, &step);
}

const fac_op fac_op_sgd_step = {FAC_HEAD_sgd_step, .n_out = 1, .flags = FAC_FLAGS_sgd_step, .infer = infer_sgd,
                                .run = run_sgd};
