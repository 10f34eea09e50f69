/* SPDX-License-Identifier: MIT */
/* The calls of a segment, and the walk over its tiles. */
#include <string.h>

#include "base/parallel.h"
#include "plan/plan_dense.h"
#include "tensor/storage.h"

/* Of the two kernels the one for the segment's dtype. */
#define BY_DTYPE(s, f32, f64) ((s)->dtype == FAC_FLOAT32 ? (void)(f32) : (void)(f64))

static inline void *outside(const fac_dtile *t, uint32_t value)
{
    return value == FAC_NONE_ID ? NULL : t->program->values[value].data;
}

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

/* (n, rows) row-major from outside into rows of samples. */
void fac_dense_pack_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const fac_meta *m = &t->program->values[c->w].m;
    const int64_t row = m->ndim ? m->stride[0] : 0, col = m->ndim > 1 ? m->stride[1] : t->ldb == 1 ? row : 1;
    const char *from = (char *)outside(t, c->w) + (t->ldb == 1 ? 0 : t->first * row) * (int64_t)s->size;
    void *to = c->at_y + t->shift;
    if (t->ldb == 1 && (col == 1 || c->out == 1))
        copy_few(to, from, (size_t)c->out * s->size);
    else if (t->ldb == 1)
        BY_DTYPE(s, fac_k->dense_unpack_f32(1, c->out, (const float *)(const void *)from, col, to, c->out, 1),
                 fac_k->dense_unpack_f64(1, c->out, (const double *)(const void *)from, col, to, c->out, 1));
    else
        BY_DTYPE(s, fac_k->dense_pack_f32(t->n, c->out, (const float *)(const void *)from, row, col, to, t->ldb),
                 fac_k->dense_pack_f64(t->n, c->out, (const double *)(const void *)from, row, col, to, t->ldb));
}

void fac_dense_unpack_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const int64_t row = c->in;
    char *to = (char *)outside(t, c->w) + t->first * row * (int64_t)s->size;
    const void *from = c->at_x + t->shift;
    if (t->ldb == 1)
        copy_few(to, from, (size_t)row * s->size);
    else
        BY_DTYPE(s, fac_k->dense_unpack_f32(t->n, row, from, t->ldb, (float *)(void *)to, row, 1),
                 fac_k->dense_unpack_f64(t->n, row, from, t->ldb, (double *)(void *)to, row, 1));
}

/* The kernel's record for another tile than the one it was set up for. */
static fac_dense moved(const fac_dcall *c, const fac_dtile *t)
{
    fac_dense d = c->layer;
    d.n = t->n;
    d.ldb = t->ldb;
    d.x = (const char *)d.x + t->shift;
    d.y = (char *)d.y + t->shift;
    if (d.mask)
        d.mask = (const char *)d.mask + t->shift;
    return d;
}

static inline void call_layer(void (*kernel)(const fac_dense *), const fac_dcall *c, const fac_dtile *t)
{
    if (__builtin_expect(t->n == c->layer.n && !t->shift, 1)) {
        kernel(&c->layer);
        return;
    }
    const fac_dense d = moved(c, t);
    kernel(&d);
}

void fac_dense_forward_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    call_layer(s->forward, c, t);
}

void fac_dense_input_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    call_layer(s->input_grad, c, t);
}

/* One sample, weights that the step does not change: a copy of them for it, as long as their version stays. */
void fac_dense_packed_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    void *packed = t->program->values[c->packed].data;
    (void)t;
    BY_DTYPE(s,
             fac_k->vec_forward_packed_f32(c->in, c->out, packed, (const float *)(void *)c->at_x,
                                           (float *)(void *)c->at_y, c->relu),
             fac_k->vec_forward_packed_f64(c->in, c->out, packed, (const double *)(void *)c->at_x,
                                           (double *)(void *)c->at_y, c->relu));
}

static uint32_t version_of(const fac_program *program, uint32_t value)
{
    return value == FAC_NONE_ID ? 0 : program->values[value].tensor->storage->version;
}

static __attribute__((noinline)) void pack_weights(const fac_program *program, const fac_dsegment *s, fac_dcall *c)
{
    const fac_dense *d = &c->layer;
    void *packed = program->values[c->packed].data;
    BY_DTYPE(s, fac_k->vec_pack_f32(c->in, c->out, d->w, d->w_row, d->w_col, d->bias, packed),
             fac_k->vec_pack_f64(c->in, c->out, d->w, d->w_row, d->w_col, d->bias, packed));
    c->w_version = version_of(program, c->w);
    c->bias_version = version_of(program, c->bias);
    c->is_packed = true;
}

static void refresh_packed(const fac_program *program, const fac_dsegment *s)
{
    for (fac_dcall *c = s->calls, *end = c + s->n_calls; c < end; c++)
        if (c->run == fac_dense_packed_call && !(c->is_packed && c->w_version == version_of(program, c->w) &&
                                                 c->bias_version == version_of(program, c->bias)))
            pack_weights(program, s, c);
}

static char *address(const fac_program *program, const fac_dsegment *s, uint32_t buffer)
{
    return buffer == FAC_NONE_ID ? NULL : (char *)program->values[s->frames].data + s->buffers[buffer].at;
}

static void set_up_layer(const fac_program *program, const fac_dsegment *s, fac_dcall *c)
{
    const fac_pvalue *w = program->values + c->w;
    c->layer = (fac_dense){.n = s->tile,
                           .ldb = s->ldb,
                           .in = c->in,
                           .out = c->out,
                           .w = w->data,
                           .w_row = w->m.stride[0],
                           .w_col = w->m.stride[1],
                           .bias = c->bias == FAC_NONE_ID ? NULL : program->values[c->bias].data,
                           .x = c->at_x,
                           .y = c->at_y,
                           .mask = address(program, s, c->mask),
                           .relu = c->relu,
                           .slope = c->slope,
                           .each = c->fn,
                           .each_ctx = c->args};
}

void fac_segment_set_up(fac_program *program, fac_pstep *step)
{
    fac_dsegment *s = step->ctx;
    const bool single = s->ldb == 1, f32 = s->dtype == FAC_FLOAT32;
    s->forward = single ? f32 ? fac_k->vec_forward_f32 : fac_k->vec_forward_f64
                 : f32  ? fac_k->dense_forward_f32
                        : fac_k->dense_forward_f64;
    s->input_grad = single ? f32 ? fac_k->vec_input_grad_f32 : fac_k->vec_input_grad_f64
                    : f32  ? fac_k->dense_input_grad_f32
                           : fac_k->dense_input_grad_f64;
    for (uint32_t i = 0; i < s->n_calls; i++) {
        fac_dcall *c = s->calls + i;
        c->at_x = address(program, s, c->x);
        c->at_y = address(program, s, c->y);
        c->at_other = address(program, s, c->other);
        s->packs |= c->run == fac_dense_packed_call;
        if (c->run == fac_dense_forward_call || c->run == fac_dense_input_call || c->run == fac_dense_packed_call)
            set_up_layer(program, s, c);
    }
}

/* Where the tile's chunk adds up gradients: gb lies behind gw, if they are its own. */
static void *weight_sum(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, void **gb)
{
    if (!t->grads) {
        *gb = outside(t, c->gb);
        return outside(t, c->gw);
    }
    char *sums = t->grads + c->grads_at;
    *gb = c->gb == FAC_NONE_ID ? NULL : sums + (size_t)(c->in * c->out) * s->size;
    return c->gw == FAC_NONE_ID ? NULL : sums;
}

void fac_dense_weight_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    void *gb, *gw = weight_sum(s, c, t, &gb), *g = c->at_y + t->shift, *x = c->at_x + t->shift;
    if (t->ldb > 1) {
        const int64_t in = gw ? c->in : c->out; /* without gw, x is g */
        BY_DTYPE(s, fac_k->dense_weight_grad_f32(t->n, t->ldb, in, c->out, g, x, gw, in, gb, t->again),
                 fac_k->dense_weight_grad_f64(t->n, t->ldb, in, c->out, g, x, gw, in, gb, t->again));
        return;
    }
    BY_DTYPE(s, fac_k->vec_outer_f32(c->out, c->in, g, x, gw, c->in, gb),
             fac_k->vec_outer_f64(c->out, c->in, g, x, gw, c->in, gb));
}

/* All rows at once, whatever is behind the last sample, and whole vectors of one sample. Operand `other` may be a
 * single number from outside (w). */
void fac_dense_elementwise_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const int64_t step = (int64_t)s->size;
    char *const p[] = {c->at_y + t->shift, c->x == FAC_NONE_ID ? outside(t, c->bias) : c->at_x + t->shift,
                       c->other != FAC_NONE_ID ? c->at_other + t->shift : outside(t, c->w)};
    const int64_t strides[] = {step, c->x == FAC_NONE_ID ? 0 : step, c->other != FAC_NONE_ID ? step : 0};
    c->fn((c->out * t->ldb + FAC_DENSE_PAD - 1) / FAC_DENSE_PAD * FAC_DENSE_PAD, p, strides, c->args);
}

/* The loss of rows x and targets `other`, and its derivative into y. */
void fac_dense_mse_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t)
{
    const char *x = c->at_x + t->shift, *target = c->at_other + t->shift;
    char *g = c->y == FAC_NONE_ID ? NULL : c->at_y + t->shift;
    const int64_t rows = t->ldb == 1 ? 1 : c->out, n = t->ldb == 1 ? c->out : t->n, row = t->ldb * (int64_t)s->size;
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
    uint32_t taken; /* a bit a frame in use */
} walk;

static inline void walk_tile(const fac_dsegment *s, const fac_dtile *tile)
{
    for (const fac_dcall *c = s->calls, *end = c + s->n_calls; c < end; c++)
        c->run(s, c, tile);
}

/* A frame that no other thread works in, the first if there is one thread: it stays in the cache from chunk to chunk.
 * There are as many as chunks. */
static uint32_t take_frame(walk *w)
{
    uint32_t taken = __atomic_load_n(&w->taken, __ATOMIC_RELAXED), frame;
    do
        frame = (uint32_t)__builtin_ctz(~taken);
    while (
        !__atomic_compare_exchange_n(&w->taken, &taken, taken | 1U << frame, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
    return frame;
}

static char *gradients_of(const walk *w, int64_t chunk)
{
    const fac_dsegment *s = w->segment;
    char *frames = w->program->values[s->frames].data;
    return s->chunks == 1 ? NULL : frames + s->frame * (size_t)s->chunks + s->grads * (size_t)chunk;
}

static void walk_chunk(void *ctx, int64_t chunk)
{
    walk *w = ctx;
    const fac_dsegment *s = w->segment;
    const int64_t from = chunk * s->chunk, to = from + s->chunk < s->n ? from + s->chunk : s->n;
    const uint32_t frame = take_frame(w);
    fac_dtile tile = {
        .program = w->program, .sums = w->sums[chunk], .shift = frame * s->frame, .grads = gradients_of(w, chunk)};
    for (tile.first = from; tile.first < to; tile.first += s->tile) {
        tile.n = to - tile.first < s->tile ? to - tile.first : s->tile;
        tile.ldb = (tile.n + FAC_DENSE_PAD - 1) / FAC_DENSE_PAD * FAC_DENSE_PAD;
        tile.again = tile.first > from;
        walk_tile(s, &tile);
    }
    __atomic_fetch_and(&w->taken, ~(1U << frame), __ATOMIC_RELEASE);
}

/* gw += the chunk's own sums, chunk after chunk. */
static void add_sums(const walk *w, const fac_dcall *c, int64_t chunk)
{
    const fac_dsegment *s = w->segment;
    const fac_dtile t = {.program = w->program, .grads = gradients_of(w, chunk)};
    void *gb, *gw = weight_sum(s, c, &t, &gb);
    char *to[] = {outside(&t, c->gw), outside(&t, c->gb)}, *from[] = {gw, gb};
    const int64_t n[] = {c->in * c->out, c->out};
    for (int i = 0; i < 2; i++) {
        if (!to[i])
            continue;
        if (chunk == 0)
            memcpy(to[i], from[i], (size_t)n[i] * s->size);
        else
            BY_DTYPE(
                s, fac_k->sum_rows_f32(1, n[i], (const float *)(void *)from[i], n[i], (float *)(void *)to[i], true),
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

/* All samples in one tile. */
static fac_status run_at_once(fac_program *program, const fac_dsegment *s)
{
    double sums[FAC_SEGMENT_LOSSES];
    for (uint32_t i = 0; i < s->n_losses; i++)
        sums[i] = 0;
    const fac_dtile tile = {.program = program, .n = s->n, .ldb = s->ldb, .sums = sums};
    if (s->packs)
        refresh_packed(program, s);
    walk_tile(s, &tile);
    for (uint32_t i = 0; i < s->n_losses; i++)
        fac_store_double(program->values[s->losses[i]].data, s->dtype, sums[i] * s->loss_scale[i]);
    return FAC_OK;
}

fac_status fac_segment_run(fac_program *program, const fac_pstep *step)
{
    const fac_dsegment *s = step->ctx;
    if (s->chunks == 1 && s->tile >= s->n)
        return run_at_once(program, s);
    double sums[FAC_SEGMENT_CHUNKS][FAC_SEGMENT_LOSSES];
    walk w = {.segment = s, .program = program, .sums = sums};
    for (int64_t chunk = 0; chunk < s->chunks; chunk++)
        for (uint32_t i = 0; i < s->n_losses; i++)
            sums[chunk][i] = 0;
    fac_parallel(s->chunks, walk_chunk, &w);
    add_all_sums(&w);
    for (uint32_t i = 0; i < s->n_losses; i++) {
        double total = 0;
        for (int64_t chunk = 0; chunk < s->chunks; chunk++)
            total += sums[chunk][i];
        fac_store_double(program->values[s->losses[i]].data, s->dtype, total * s->loss_scale[i]);
    }
    return FAC_OK;
}
