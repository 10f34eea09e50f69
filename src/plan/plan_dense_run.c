/* SPDX-License-Identifier: MIT */
/* The calls of a segment, and the walk over its tiles. */
#include <string.h>

#include "plan/plan_dense.h"

#define BY_DTYPE(s, f32, f64) ((s)->dtype == FAC_FLOAT32 ? (void)(f32) : (void)(f64))

static inline void *buffer(const fac_dsegment *s, uint32_t id, const fac_dtile *t)
{
    const fac_dbuffer *b = s->buffers + id;
    return (s->frame ? t->base : (char *)t->program->values[b->value].data) + b->at;
}

static inline void *outside(const fac_dtile *t, uint32_t value)
{
    return value == FAC_NONE_ID ? NULL : t->program->values[value].data;
}

/* (n, rows) row-major from outside into rows of samples. */
void fac_dense_pack_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const fac_meta *m = &t->program->values[c->w].m;
    const int64_t row = m->ndim ? m->stride[0] : 0, col = m->ndim > 1 ? m->stride[1] : 1;
    const char *from = (char *)outside(t, c->w) + (s->ldb == 1 ? 0 : t->first * row) * (int64_t)s->size;
    if (s->ldb == 1 && (col == 1 || m->ndim == 1)) {
        memcpy(buffer(s, c->y, t), from, (size_t)c->out * s->size);
        return;
    }
    BY_DTYPE(s, fac_k->dense_pack_f32(t->n, c->out, (const float *)(const void *)from, row, col, buffer(s, c->y, t), s->ldb),
             fac_k->dense_pack_f64(t->n, c->out, (const double *)(const void *)from, row, col, buffer(s, c->y, t), s->ldb));
}

void fac_dense_unpack_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const int64_t row = c->in;
    char *to = (char *)outside(t, c->w) + t->first * row * (int64_t)s->size;
    if (s->ldb == 1) {
        memcpy(to, buffer(s, c->x, t), (size_t)row * s->size);
        return;
    }
    BY_DTYPE(s, fac_k->dense_unpack_f32(t->n, row, buffer(s, c->x, t), s->ldb, (float *)(void *)to, row, 1),
             fac_k->dense_unpack_f64(t->n, row, buffer(s, c->x, t), s->ldb, (double *)(void *)to, row, 1));
}

static inline fac_dense layer(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const fac_pvalue *w = t->program->values + c->w;
    return (fac_dense){.n = t->n,
                       .ldb = s->ldb,
                       .in = c->in,
                       .out = c->out,
                       .w = w->data,
                       .w_row = w->m.stride[0],
                       .w_col = w->m.stride[1],
                       .bias = outside(t, c->bias),
                       .x = buffer(s, c->x, t),
                       .y = buffer(s, c->y, t),
                       .mask = c->mask == FAC_NONE_ID ? NULL : buffer(s, c->mask, t),
                       .relu = c->relu};
}

void fac_dense_forward_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const fac_dense d = layer(s, c, t);
    if (s->ldb == 1)
        BY_DTYPE(s, fac_k->vec_forward_f32(&d), fac_k->vec_forward_f64(&d));
    else
        BY_DTYPE(s, fac_k->dense_forward_f32(&d), fac_k->dense_forward_f64(&d));
}

void fac_dense_input_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const fac_dense d = layer(s, c, t);
    if (s->ldb == 1)
        BY_DTYPE(s, fac_k->vec_input_grad_f32(&d), fac_k->vec_input_grad_f64(&d));
    else
        BY_DTYPE(s, fac_k->dense_input_grad_f32(&d), fac_k->dense_input_grad_f64(&d));
}

/* Where chunks add up apart: gw is buffer `other`, gb lies behind it. */
static void *weight_sum(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, void **gb)
{
    if (c->other == FAC_NONE_ID) {
        *gb = outside(t, c->gb);
        return outside(t, c->gw);
    }
    char *sums = buffer(s, c->other, t);
    *gb = c->gb == FAC_NONE_ID ? NULL : sums + (size_t)(c->in * c->out) * s->size;
    return c->gw == FAC_NONE_ID ? NULL : sums;
}

void fac_dense_weight_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    void *gb, *gw = weight_sum(s, c, t, &gb), *g = buffer(s, c->y, t), *x = buffer(s, c->x, t);
    if (s->ldb > 1) {
        BY_DTYPE(s, fac_k->dense_weight_grad_f32(t->n, s->ldb, c->in, c->out, g, x, gw, c->in, gb, t->again),
                 fac_k->dense_weight_grad_f64(t->n, s->ldb, c->in, c->out, g, x, gw, c->in, gb, t->again));
        return;
    }
    if (gw)
        BY_DTYPE(s, fac_k->vec_outer_f32(c->out, c->in, g, x, gw, c->in, false),
                 fac_k->vec_outer_f64(c->out, c->in, g, x, gw, c->in, false));
    if (gb)
        memcpy(gb, g, (size_t)c->out * s->size);
}

/* All rows at once, whatever is behind the last sample. Operand `other` may be a single number from outside (w). */
void fac_dense_elementwise_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const int64_t step = (int64_t)s->size;
    char *const p[] = {buffer(s, c->y, t), c->x == FAC_NONE_ID ? outside(t, c->bias) : buffer(s, c->x, t),
                       c->other != FAC_NONE_ID ? buffer(s, c->other, t) : outside(t, c->w)};
    const int64_t strides[] = {step, c->x == FAC_NONE_ID ? 0 : step, c->other != FAC_NONE_ID ? step : 0};
    c->fn(c->out * s->ldb, p, strides, c->args);
}

/* The loss of rows x and targets `other`, and its derivative into y. */
void fac_dense_mse_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const char *x = buffer(s, c->x, t), *target = buffer(s, c->other, t);
    char *g = c->y == FAC_NONE_ID ? NULL : buffer(s, c->y, t);
    const int64_t rows = s->ldb == 1 ? 1 : c->out, n = s->ldb == 1 ? c->out : t->n, row = s->ldb * (int64_t)s->size;
    double sum = 0;
    for (int64_t r = 0; r < rows; r++, x += row, target += row, g = g ? g + row : NULL)
        sum += s->dtype == FAC_FLOAT32
                   ? (double)fac_k->mse_f32(n, (const float *)(const void *)x, (const float *)(const void *)target,
                                            (float)c->scale, (float *)(void *)g)
                   : fac_k->mse_f64(n, (const double *)(const void *)x, (const double *)(const void *)target, c->scale,
                                    (double *)(void *)g);
    t->sums[c->gw] += sum;
}

typedef struct walk {
    const fac_dsegment *segment;
    fac_program *program;
    double (*sums)[FAC_SEGMENT_LOSSES];
} walk;

static void walk_chunk(void *ctx, int64_t chunk)
{
    const walk *w = ctx;
    const fac_dsegment *s = w->segment;
    const int64_t from = chunk * s->chunk, to = from + s->chunk < s->n ? from + s->chunk : s->n;
    fac_dtile tile = {.program = w->program, .sums = w->sums[chunk]};
    if (s->frame)
        tile.base = (char *)w->program->values[s->frames].data + (size_t)chunk * s->frame;
    for (tile.first = from; tile.first < to; tile.first += s->tile) {
        tile.n = to - tile.first < s->tile ? to - tile.first : s->tile;
        tile.again = tile.first > from;
        for (const fac_dcall *c = s->calls, *end = c + s->n_calls; c < end; c++)
            c->run(s, c, &tile);
    }
}

/* gw += the chunk's own sums, chunk after chunk. */
static void add_sums(const walk *w, const fac_dcall *c, int64_t chunk)
{
    const fac_dsegment *s = w->segment;
    const fac_dtile t = {.program = w->program,
                         .base = (char *)w->program->values[s->frames].data + (size_t)chunk * s->frame};
    void *gb, *gw = weight_sum(s, c, &t, &gb);
    char *to[] = {outside(&t, c->gw), outside(&t, c->gb)}, *from[] = {gw, gb};
    const int64_t n[] = {c->in * c->out, c->out};
    for (int i = 0; i < 2; i++) {
        if (!to[i])
            continue;
        if (chunk == 0)
            memcpy(to[i], from[i], (size_t)n[i] * s->size);
        else
            BY_DTYPE(s, fac_k->sum_rows_f32(1, n[i], (const float *)(void *)from[i], n[i], (float *)(void *)to[i], true),
                     fac_k->sum_rows_f64(1, n[i], (const double *)(void *)from[i], n[i], (double *)(void *)to[i], true));
    }
}

static void add_all_sums(const walk *w)
{
    const fac_dsegment *s = w->segment;
    for (uint32_t i = 0; i < s->n_calls && s->chunks > 1; i++)
        for (int64_t chunk = 0; s->calls[i].run == fac_dense_weight_call && chunk < s->chunks; chunk++)
            add_sums(w, s->calls + i, chunk);
}

fac_status fac_segment_run(fac_program *program, const fac_pstep *step)
{
    const fac_dsegment *s = step->ctx;
    double sums[FAC_SEGMENT_CHUNKS][FAC_SEGMENT_LOSSES] = {{0}};
    walk w = {s, program, sums};
    for (int64_t chunk = 0; chunk < s->chunks; chunk++)
        walk_chunk(&w, chunk);
    add_all_sums(&w);
    for (uint32_t i = 0; i < s->n_losses; i++) {
        double total = 0;
        for (int64_t chunk = 0; chunk < s->chunks; chunk++)
            total += sums[chunk][i];
        fac_store_double(program->values[s->losses[i]].data, s->dtype, total * s->loss_scale[i]);
    }
    return FAC_OK;
}
