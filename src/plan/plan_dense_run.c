/* SPDX-License-Identifier: MIT */
/* A segment's run: tile after tile, or all at once. */
#include <string.h>

#include "base/parallel.h"
#include "plan/plan_dense.h"
#include "tensor/storage.h"

typedef struct walk {
    const fac_dsegment *segment;
    fac_program *program;
    double (*sums)[FAC_SEGMENT_LOSSES];
    uint32_t taken; /* a bit a frame in use */
} walk;

static void prepare(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, fac_dready *ready)
{
    ready->call = c;
    ready->f32 = s->dtype == FAC_FLOAT32;
    c->prepare(s, c, t, ready);
}

static void walk_tile(const fac_dsegment *s, const fac_dtile *tile)
{
    for (const fac_dcall *c = s->calls, *end = c + s->n_calls; c < end; c++) {
        fac_dready ready;
        prepare(s, c, tile, &ready);
        ready.run(&ready);
    }
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
        tile.ldb = fac_dense_padded(tile.n);
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
    void *gb, *gw = fac_dense_weight_sum(s, c, &t, &gb);
    char *to[] = {fac_dense_outside(&t, c->gw), fac_dense_outside(&t, c->gb)}, *from[] = {gw, gb};
    const int64_t n[] = {c->in * c->out, c->out};
    for (int i = 0; i < 2; i++) {
        if (!to[i])
            continue;
        if (chunk == 0)
            memcpy(to[i], from[i], (size_t)n[i] * s->size);
        else if (s->dtype == FAC_FLOAT32)
            fac_k->sum_rows_f32(1, n[i], (const float *)(void *)from[i], n[i], (float *)(void *)to[i], true);
        else
            fac_k->sum_rows_f64(1, n[i], (const double *)(void *)from[i], n[i], (double *)(void *)to[i], true);
    }
}

static void add_all_sums(const walk *w)
{
    const fac_dsegment *s = w->segment;
    for (uint32_t i = 0; i < s->n_calls && s->chunks > 1; i++)
        for (int64_t chunk = 0; s->calls[i].prepare == fac_dense_weight_call && chunk < s->chunks; chunk++)
            add_sums(w, s->calls + i, chunk);
}

static bool is_one_tile(const fac_dsegment *s)
{
    return s->chunks == 1 && s->tile >= s->n;
}

/* Where `grad` is among what the action reads; FAC_NONE_ID: nowhere. */
static uint32_t grad_of(const fac_pcall *act, uint32_t grad)
{
    for (size_t i = 0; i < act->n_grads && grad != FAC_NONE_ID; i++)
        if (act->grads[i].before == grad)
            return (uint32_t)i;
    return FAC_NONE_ID;
}

/* Whether a call behind this one writes what it reads. */
static bool is_overwritten(const fac_dsegment *s, uint32_t at)
{
    for (uint32_t i = at + 1; i < s->n_calls; i++)
        if (s->calls[i].prepare != fac_dense_weight_call &&
            (s->calls[i].y == s->calls[at].x || s->calls[i].y == s->calls[at].y))
            return true;
    return false;
}

/* The gradients' places in the action, and how many they are; -1 where a gradient is not the action's alone or its
 * parameter lies otherwise. */
static int64_t find_grads(const fac_program *program, fac_dsegment *s, uint32_t at, const fac_pcall *act)
{
    fac_dcall *c = s->calls + at;
    c->w_grad = grad_of(act, c->gw), c->b_grad = grad_of(act, c->gb);
    const uint32_t places[] = {c->w_grad, c->b_grad}, grads[] = {c->gw, c->gb};
    int64_t found = 0;
    for (int i = 0; i < 2; i++) {
        if (grads[i] == FAC_NONE_ID)
            continue;
        const fac_meta *leaf = places[i] == FAC_NONE_ID ? NULL : &program->values[act->grads[places[i]].leaf].m;
        if (!leaf || !leaf->contiguous || leaf->dtype != s->dtype || leaf->numel != c->out * (i ? 1 : c->in))
            return -1;
        found++;
    }
    return is_overwritten(s, at) ? -1 : found;
}

/* The gradients of one sample are read by the optimiser's step right behind, and by nothing else before it: then one
 * pass makes them and takes the step, where that is a plain one. */
static bool can_descend(const fac_program *program, fac_dsegment *s, const fac_pstep *step, const fac_pstep *next)
{
    const fac_pcall *act = program->calls + next->call;
    if (s->ldb != 1 || next->run != fac_act_run || !act->action.rates)
        return false;
    for (size_t i = 0; i < program->n_cuts; i++)
        if (program->cuts[i] > step->call && program->cuts[i] <= next->call)
            return false;
    size_t found = 0;
    for (uint32_t i = 0; i < s->n_calls; i++) {
        const int64_t n = s->calls[i].prepare == fac_dense_weight_call ? find_grads(program, s, i, act) : 0;
        if (n < 0)
            return false;
        found += (size_t)n;
    }
    return found == act->n_grads;
}

void fac_segment_set_up(fac_program *program, fac_pstep *step)
{
    fac_dsegment *s = step->ctx;
    const fac_pstep *next = step + 1 < program->steps + program->n_steps ? step + 1 : NULL;
    s->is_ready = false;
    s->act = next && is_one_tile(s) && can_descend(program, s, step, next) ? next : NULL;
    for (uint32_t i = 0; i < s->n_calls; i++)
        s->packs |= s->calls[i].prepare == fac_dense_packed_call;
}

static void *leaf_data(const fac_program *program, const fac_dsegment *s, uint32_t grad)
{
    const fac_pcall *act = program->calls + s->act->call;
    return grad == FAC_NONE_ID ? NULL : program->values[act->grads[grad].leaf].data;
}

static fac_dtile only_tile(fac_program *program, fac_dsegment *s)
{
    return (fac_dtile){.program = program, .n = s->n, .ldb = s->ldb, .sums = s->sums};
}

static bool may_descend(const fac_dsegment *s, const fac_dcall *c)
{
    return s->act && c->prepare == fac_dense_weight_call;
}

/* Gradients that may take the step with them come last: until then the parameters are needed as they are. */
static __attribute__((noinline)) void make_ready(fac_program *program, fac_dsegment *s)
{
    const fac_dtile tile = only_tile(program, s);
    const fac_dcall *const end = s->calls + s->n_calls;
    fac_dready *ready = s->ready;
    for (const fac_dcall *c = s->calls; c < end; c++)
        if (!may_descend(s, c))
            prepare(s, c, &tile, ready++);
    s->outers = (uint32_t)(ready - s->ready);
    for (const fac_dcall *c = s->calls; c < end; c++)
        if (may_descend(s, c)) {
            prepare(s, c, &tile, ready);
            ready->of.outer.w = leaf_data(program, s, c->w_grad);
            ready->of.outer.b = leaf_data(program, s, c->b_grad);
            ready++;
        }
    s->rates_since = 0;
    s->ready_since = program->renewals, s->bound_since = program->rebinds;
    s->is_ready = true;
}

static bool reads_changing(const fac_program *program, uint32_t value)
{
    return value != FAC_NONE_ID && fac_program_changes(program, program->values[value].root);
}

/* The calls that read items of the batch, which are other tensors now. */
static __attribute__((noinline)) void make_bound(fac_program *program, fac_dsegment *s)
{
    const fac_dtile tile = only_tile(program, s);
    for (fac_dready *r = s->ready, *end = r + s->n_calls; r < end; r++)
        if (reads_changing(program, r->call->w) || reads_changing(program, r->call->bias))
            prepare(s, r->call, &tile, r);
    s->bound_since = program->rebinds;
}

static double rate_of(const fac_prates *rates, uint32_t grad)
{
    return rates && grad != FAC_NONE_ID ? rates->of[grad] : 0;
}

static __attribute__((noinline)) void set_rates(fac_dsegment *s, const fac_prates *rates)
{
    for (fac_dready *r = s->ready + s->outers, *end = s->ready + s->n_calls; r < end; r++) {
        r->of.outer.descends = rates != NULL;
        r->of.outer.w_rate = rate_of(rates, r->call->w_grad);
        r->of.outer.b_rate = rate_of(rates, r->call->b_grad);
    }
    s->rates_since = rates ? rates->since : 0;
}

/* The gradients' calls take the optimiser's step along, or do not if it is to be the optimiser's own this time. */
static inline void choose_descent(const fac_program *program, fac_dsegment *s)
{
    const fac_prates *rates = fac_act_rates(program, s->act);
    if (__builtin_expect(s->rates_since != (rates ? rates->since : 0), 0))
        set_rates(s, rates);
}

static void store_loss(const fac_program *program, const fac_dsegment *s, uint32_t i, double sum)
{
    fac_store_double(program->values[s->losses[i]].data, s->dtype, sum * s->loss_scale[i]);
}

static fac_status run_at_once(fac_program *program, fac_dsegment *s)
{
    if (__builtin_expect(!s->is_ready || s->ready_since != program->renewals, 0))
        make_ready(program, s);
    else if (__builtin_expect(s->bound_since != program->rebinds, 0))
        make_bound(program, s);
    for (uint32_t i = 0; i < s->n_losses; i++)
        s->sums[i] = 0;
    if (s->packs)
        fac_dense_refresh_packed(program, s);
    if (s->act)
        choose_descent(program, s);
    for (const fac_dready *r = s->ready, *end = r + s->n_calls; r < end; r++)
        r->run(r);
    for (uint32_t i = 0; i < s->n_losses; i++)
        store_loss(program, s, i, s->sums[i]);
    return FAC_OK;
}

fac_status fac_segment_run(fac_program *program, const fac_pstep *step)
{
    fac_dsegment *s = step->ctx;
    if (is_one_tile(s))
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
        store_loss(program, s, i, total);
    }
    return FAC_OK;
}
