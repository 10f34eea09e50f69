/* SPDX-License-Identifier: MIT */
/* What calls a segment may have: how each is made ready for a tile, and then run. */
#include <string.h>

#include "plan/plan_dense.h"
#include "tensor/storage.h"

/* Of the two kernels the one for the call's dtype. */
#define BY_DTYPE(r, single, twice) ((r)->f32 ? (void)(single) : (void)(twice))

/* memcpy in wide stores, which the loads that follow can be served from; a few numbers without a call. */
static inline void copy_few(void *to, const void *from, size_t bytes)
{
    if (bytes > 16) {
        memcpy(to, from, bytes);
        return;
    }
    for (size_t i = 0; i < bytes; i += 4)
        __builtin_memcpy((char *)to + i, (const char *)from + i, 4);
}

static char *address(const fac_dsegment *s, uint32_t buffer, const fac_dtile *t)
{
    return buffer == FAC_NONE_ID ? NULL : (char *)t->program->values[s->frames].data + s->buffers[buffer].at + t->shift;
}

static void run_copy(const fac_dready *r)
{
    copy_few(r->of.copy.to, r->of.copy.from, (size_t)r->of.copy.n);
}

static void run_pack(const fac_dready *r)
{
    BY_DTYPE(r,
             fac_k->dense_pack_f32(r->of.copy.n, r->of.copy.features, r->of.copy.from, r->of.copy.row, r->of.copy.col,
                                   r->of.copy.to, r->of.copy.ldb),
             fac_k->dense_pack_f64(r->of.copy.n, r->of.copy.features, r->of.copy.from, r->of.copy.row, r->of.copy.col,
                                   r->of.copy.to, r->of.copy.ldb));
}

static void run_unpack(const fac_dready *r)
{
    BY_DTYPE(r,
             fac_k->dense_unpack_f32(r->of.copy.n, r->of.copy.features, r->of.copy.from, r->of.copy.ldb, r->of.copy.to,
                                     r->of.copy.row, r->of.copy.col),
             fac_k->dense_unpack_f64(r->of.copy.n, r->of.copy.features, r->of.copy.from, r->of.copy.ldb, r->of.copy.to,
                                     r->of.copy.row, r->of.copy.col));
}

/* (n, rows) row-major from outside into rows of samples. */
void fac_dense_pack_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    const fac_meta *m = &t->program->values[c->w].m;
    const bool single = t->ldb == 1;
    const int64_t row = m->ndim ? m->stride[0] : 0, col = m->ndim > 1 ? m->stride[1] : single ? row : 1;
    const char *from = (char *)fac_dense_outside(t, c->w) + (single ? 0 : t->first * row) * (int64_t)s->size;
    void *to = address(s, c->y, t);
    if (single && (col == 1 || c->out == 1)) {
        ready->run = run_copy;
        ready->of.copy = (struct fac_dcopy){.n = c->out * (int64_t)s->size, .from = from, .to = to};
    } else if (single) { /* a vector of any stride, as one feature of many samples */
        ready->run = run_unpack;
        ready->of.copy = (struct fac_dcopy){1, c->out, c->out, 1, col, from, to};
    } else {
        ready->run = run_pack;
        ready->of.copy = (struct fac_dcopy){t->n, c->out, row, col, t->ldb, from, to};
    }
}

void fac_dense_unpack_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    char *to = (char *)fac_dense_outside(t, c->w) + t->first * c->in * (int64_t)s->size;
    const void *from = address(s, c->x, t);
    ready->run = t->ldb == 1 ? run_copy : run_unpack;
    ready->of.copy = t->ldb == 1 ? (struct fac_dcopy){.n = c->in * (int64_t)s->size, .from = from, .to = to}
                                 : (struct fac_dcopy){t->n, c->in, c->in, 1, t->ldb, from, to};
}

static void run_layer(const fac_dready *r)
{
    r->of.layer.kernel(&r->of.layer.dense);
}

static void prepare_layer(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    const fac_pvalue *w = t->program->values + c->w;
    ready->run = run_layer;
    ready->of.layer.dense = (fac_dense){.n = t->n,
                                        .ldb = t->ldb,
                                        .in = c->in,
                                        .out = c->out,
                                        .w = w->data,
                                        .w_row = w->m.stride[0],
                                        .w_col = w->m.stride[1],
                                        .bias = fac_dense_outside(t, c->bias),
                                        .x = address(s, c->x, t),
                                        .y = address(s, c->y, t),
                                        .mask = address(s, c->mask, t),
                                        .relu = c->relu,
                                        .slope = c->slope,
                                        .each = c->fn,
                                        .each_ctx = c->args};
}

void fac_dense_forward_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    prepare_layer(s, c, t, ready);
    ready->of.layer.kernel = t->ldb == 1  ? ready->f32 ? fac_k->vec_forward_f32 : fac_k->vec_forward_f64
                             : ready->f32 ? fac_k->dense_forward_f32
                                          : fac_k->dense_forward_f64;
}

void fac_dense_input_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    prepare_layer(s, c, t, ready);
    ready->of.layer.kernel = t->ldb == 1  ? ready->f32 ? fac_k->vec_input_grad_f32 : fac_k->vec_input_grad_f64
                             : ready->f32 ? fac_k->dense_input_grad_f32
                                          : fac_k->dense_input_grad_f64;
}

static void run_packed(const fac_dready *r)
{
    BY_DTYPE(r,
             fac_k->vec_forward_packed_f32(r->of.packed.in, r->of.packed.out, r->of.packed.weights, r->of.packed.x,
                                           r->of.packed.y, r->of.packed.relu),
             fac_k->vec_forward_packed_f64(r->of.packed.in, r->of.packed.out, r->of.packed.weights, r->of.packed.x,
                                           r->of.packed.y, r->of.packed.relu));
}

/* One sample, weights that the step does not change: a copy of them for it, as long as their version stays. */
void fac_dense_packed_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    ready->run = run_packed;
    ready->of.packed = (struct fac_dpacked){
        c->in, c->out, fac_dense_outside(t, c->packed), address(s, c->x, t), address(s, c->y, t), c->relu};
}

static uint32_t version_of(const fac_program *program, uint32_t value)
{
    return value == FAC_NONE_ID ? 0 : program->values[value].tensor->storage->version;
}

static __attribute__((noinline)) void pack_weights(const fac_program *program, const fac_dsegment *s, fac_dcall *c)
{
    const fac_pvalue *w = program->values + c->w;
    const void *bias = c->bias == FAC_NONE_ID ? NULL : program->values[c->bias].data;
    void *packed = program->values[c->packed].data;
    if (s->dtype == FAC_FLOAT32)
        fac_k->vec_pack_f32(c->in, c->out, w->data, w->m.stride[0], w->m.stride[1], bias, packed);
    else
        fac_k->vec_pack_f64(c->in, c->out, w->data, w->m.stride[0], w->m.stride[1], bias, packed);
    c->w_version = version_of(program, c->w);
    c->bias_version = version_of(program, c->bias);
    c->is_packed = true;
}

void fac_dense_refresh_packed(const fac_program *program, const fac_dsegment *s)
{
    for (fac_dcall *c = s->calls, *end = c + s->n_calls; c < end; c++)
        if (c->prepare == fac_dense_packed_call && !(c->is_packed && c->w_version == version_of(program, c->w) &&
                                                     c->bias_version == version_of(program, c->bias)))
            pack_weights(program, s, c);
}

void *fac_dense_weight_sum(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, void **gb)
{
    if (!t->grads) {
        *gb = fac_dense_outside(t, c->gb);
        return fac_dense_outside(t, c->gw);
    }
    char *sums = t->grads + c->grads_at;
    *gb = c->gb == FAC_NONE_ID ? NULL : sums + (size_t)(c->in * c->out) * s->size;
    return c->gw == FAC_NONE_ID ? NULL : sums;
}

static void run_weight(const fac_dready *r)
{
    BY_DTYPE(r,
             fac_k->dense_weight_grad_f32(r->of.weight.n, r->of.weight.ldb, r->of.weight.in, r->of.weight.out,
                                          r->of.weight.g, r->of.weight.x, r->of.weight.gw, r->of.weight.in,
                                          r->of.weight.gb, r->of.weight.again),
             fac_k->dense_weight_grad_f64(r->of.weight.n, r->of.weight.ldb, r->of.weight.in, r->of.weight.out,
                                          r->of.weight.g, r->of.weight.x, r->of.weight.gw, r->of.weight.in,
                                          r->of.weight.gb, r->of.weight.again));
}

static void run_outer(const fac_dready *r)
{
    BY_DTYPE(r, fac_k->vec_outer_f32(&r->of.outer), fac_k->vec_outer_f64(&r->of.outer));
}

void fac_dense_weight_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    void *gb, *gw = fac_dense_weight_sum(s, c, t, &gb), *g = address(s, c->y, t), *x = address(s, c->x, t);
    if (t->ldb == 1) {
        ready->run = run_outer;
        ready->of.outer = (fac_outer){.out = c->out, .in = c->in, .g = g, .x = x, .gw = gw, .gb = gb};
    } else {
        const int64_t in = gw ? c->in : c->out; /* without gw, x is g */
        ready->run = run_weight;
        ready->of.weight = (struct fac_dweight){t->n, t->ldb, in, c->out, g, x, gw, gb, t->again};
    }
}

static void run_each(const fac_dready *r)
{
    r->of.each.fn(r->of.each.n, r->of.each.p, r->of.each.strides, r->of.each.args);
}

/* All rows at once, whatever is behind the last sample, and whole vectors of one sample. Operand `other` may be a
 * single number from outside (w). */
void fac_dense_elementwise_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    const int64_t step = (int64_t)s->size, x_step = c->x == FAC_NONE_ID ? 0 : step,
                  other_step = c->other == FAC_NONE_ID ? 0 : step;
    ready->run = run_each;
    ready->of.each =
        (struct fac_deach){.fn = c->fn,
                           .n = fac_dense_padded(c->out * t->ldb),
                           .strides = {step, x_step, other_step},
                           .p = {address(s, c->y, t), x_step ? address(s, c->x, t) : fac_dense_outside(t, c->bias),
                                 other_step ? address(s, c->other, t) : fac_dense_outside(t, c->w)},
                           .args = c->args};
}

static double mse_row(const fac_dready *r, const void *x, const void *target, void *g)
{
    return r->f32 ? (double)fac_k->mse_f32(r->of.mse.n, x, target, (float)r->of.mse.scale, g)
                  : fac_k->mse_f64(r->of.mse.n, x, target, r->of.mse.scale, g);
}

static void run_mse_row(const fac_dready *r)
{
    *r->of.mse.sum += mse_row(r, r->of.mse.x, r->of.mse.target, r->of.mse.g);
}

static void run_mse(const fac_dready *r)
{
    double sum = 0;
    for (int64_t i = 0, at = 0; i < r->of.mse.rows; i++, at += r->of.mse.row)
        sum += mse_row(r, r->of.mse.x + at, r->of.mse.target + at, r->of.mse.g ? r->of.mse.g + at : NULL);
    *r->of.mse.sum += sum;
}

/* The loss of rows x and targets `other`, and its derivative into y. */
void fac_dense_mse_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    const bool single = t->ldb == 1;
    ready->run = single || c->out == 1 ? run_mse_row : run_mse;
    ready->of.mse = (struct fac_dmse){.rows = single ? 1 : c->out,
                                      .n = single ? c->out : t->n,
                                      .row = t->ldb * (int64_t)s->size,
                                      .x = address(s, c->x, t),
                                      .target = address(s, c->other, t),
                                      .g = address(s, c->y, t),
                                      .scale = c->scale,
                                      .sum = t->sums + c->gw};
}
