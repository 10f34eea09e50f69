/* SPDX-License-Identifier: MIT */
/* Lowering of small dense networks: from a linear layer on, calls are taken into a segment as long as they fit. */
#include "plan/plan_dense.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ops/op_list.h"
#include "tensor/elementwise.h"

enum {
    MAX_FEATURES = 256, /* beyond, packed products are faster */
    MAX_WEIGHTS = 128 * 128,
    TILE_BYTES = 20 * 1024, /* of a tile's buffers: they stay in the first cache */
    LONG_TILE = 8,          /* times that for weight gradients, as they add up lanes once a tile */
    MIN_TILE = 64,          /* samples; tiles are multiples of it */
    MIN_CHUNK = 1024        /* samples; fewer are not shared out */
};

typedef struct draft {
    fac_builder *builder;
    fac_program *program;
    fac_dsegment segment;
    fac_dcall *calls;
    size_t calls_capacity, buffers_capacity;
    uint32_t *fm; /* per value: its buffer, or FAC_NONE_ID */
    bool *taken;  /* per call */
    bool *made;   /* per value: a result of this segment that is not there before the segment has run */
    size_t n_values;
    uint32_t at, end;
    fac_status status;
} draft;

static const fac_pvalue *value(const draft *d, uint32_t id)
{
    return d->program->values + id;
}

/* The values' own shape as samples and features; false if it has no such shape. */
static bool as_rows(const draft *d, const fac_meta *m, int64_t *features)
{
    if (m->dtype != d->segment.dtype || !m->ndim || m->ndim > 2)
        return false;
    if (d->segment.n == 1 && m->ndim == 1) { /* one sample without a dim for it; or a column of one */
        *features = m->shape[0];
        return true;
    }
    *features = m->ndim == 2 ? m->shape[1] : 1;
    return m->shape[0] == d->segment.n;
}

static uint32_t add_buffer(draft *d, int64_t rows)
{
    fac_dsegment *s = &d->segment;
    if (d->status || (d->status = fac_grow(&s->buffers, &d->buffers_capacity, s->n_buffers + 1, sizeof *s->buffers)))
        return FAC_NONE_ID;
    s->buffers[s->n_buffers] = (fac_dbuffer){.rows = rows};
    return s->n_buffers++;
}

static fac_dcall *add_call(draft *d, const fac_dcall *call)
{
    if (d->status || (d->status = fac_grow(&d->calls, &d->calls_capacity, d->segment.n_calls + 1, sizeof *d->calls)))
        return NULL;
    d->calls[d->segment.n_calls] = *call;
    return d->calls + d->segment.n_calls++;
}

/* A call with none of its operands. */
static fac_dcall blank(fac_dprepare_fn *prepare, const char *what)
{
    const uint32_t none = FAC_NONE_ID;
    return (fac_dcall){.prepare = prepare,
                       .what = what,
                       .x = none,
                       .y = none,
                       .mask = none,
                       .other = none,
                       .w = none,
                       .bias = none,
                       .gw = none,
                       .gb = none,
                       .packed = none};
}

/* The buffer of a value: one of the segment's, or packed from memory that is there. FAC_NONE_ID if it cannot be. */
static uint32_t buffer_of(draft *d, uint32_t id)
{
    int64_t features;
    if (id == FAC_NONE_ID || !as_rows(d, &value(d, id)->m, &features))
        return FAC_NONE_ID;
    if (d->fm[id] != FAC_NONE_ID)
        return d->fm[id];
    if (d->made[value(d, id)->root] || value(d, id)->kind == FAC_PVALUE_NUMBER)
        return FAC_NONE_ID;
    fac_dcall pack = blank(fac_dense_pack_call, "pack");
    pack.w = id;
    pack.y = add_buffer(d, features);
    pack.out = features;
    if (add_call(d, &pack))
        d->fm[id] = pack.y;
    return d->status ? FAC_NONE_ID : pack.y;
}

static uint32_t new_result(draft *d, uint32_t id, int64_t features)
{
    d->made[id] = true;
    return d->fm[id] = add_buffer(d, features);
}

/* A parameter or the like: it has the same address in every run. */
static bool is_still(const draft *d, uint32_t id)
{
    return id != FAC_NONE_ID && value(d, id)->kind == FAC_PVALUE_OUTSIDE;
}

/* Nothing in the step writes the value's memory. */
static bool is_constant(const draft *d, uint32_t id)
{
    const fac_program *p = d->program;
    for (size_t c = 0; c < p->n_calls; c++) {
        const fac_pcall *call = p->calls + c;
        const bool over = call->op && (call->inplace || call->op->flags & FAC_OP_MUTATES);
        for (uint32_t i = 0; over && i < call->n_in; i++)
            if (call->in_id[i] != FAC_NONE_ID && value(d, call->in_id[i])->root == value(d, id)->root)
                return false;
        for (size_t g = 0; g < call->n_grads && call->action.params; g++)
            if (value(d, call->grads[g].leaf)->root == value(d, id)->root)
                return false;
    }
    return true;
}

/* For one sample, weights that stay are copied into columns. */
static void use_packed(draft *d, fac_dcall *forward)
{
    const fac_dsegment *s = &d->segment;
    if (s->n > 1 || !is_constant(d, forward->w) || (forward->bias != FAC_NONE_ID && !is_constant(d, forward->bias)))
        return;
    const size_t columns = (size_t)fac_dense_padded(forward->out);
    forward->packed = fac_program_add_buffer(d->program, columns * (size_t)(forward->in + 1) * s->size);
    if (forward->packed == FAC_NONE_ID)
        d->status = fac_pending();
    forward->prepare = fac_dense_packed_call;
}

static bool fits_weight(const draft *d, uint32_t id)
{
    const fac_meta *m = &value(d, id)->m;
    return is_still(d, id) && m->dtype == d->segment.dtype && m->ndim == 2 && m->shape[0] <= MAX_FEATURES &&
           m->shape[1] <= MAX_FEATURES && m->numel <= MAX_WEIGHTS && m->numel > 0;
}

static bool fits_bias(const draft *d, uint32_t id, int64_t out)
{
    return id == FAC_NONE_ID || (is_still(d, id) && value(d, id)->m.contiguous && value(d, id)->m.numel == out);
}

static bool take_linear(draft *d, const fac_pcall *call)
{
    const uint32_t w = call->in_id[1], bias = call->in_id[2];
    if (!fits_weight(d, w) || !fits_bias(d, bias, value(d, w)->m.shape[0]))
        return false;
    const int64_t out = value(d, w)->m.shape[0], in = value(d, w)->m.shape[1];
    const uint32_t x = buffer_of(d, call->in_id[0]);
    if (x == FAC_NONE_ID || d->segment.buffers[x].rows != in)
        return false;
    fac_dcall forward = blank(fac_dense_forward_call, "linear");
    forward.x = x, forward.w = w, forward.bias = bias;
    forward.in = in, forward.out = out;
    forward.y = new_result(d, call->out, out);
    use_packed(d, &forward);
    add_call(d, &forward);
    return true;
}

static void add_weight_gradient(draft *d, const fac_pcall *call, uint32_t g, uint32_t x)
{
    const fac_linear_backward_args *args = call->args;
    fac_dcall weight = blank(fac_dense_weight_call, "weight gradient");
    if (!args->wants_weight && !args->wants_bias)
        return;
    weight.x = args->wants_weight ? x : g;
    weight.y = g;
    weight.gw = args->wants_weight ? call->out + 1 : FAC_NONE_ID;
    weight.gb = args->wants_bias ? call->out + 2 : FAC_NONE_ID;
    weight.in = args->wants_weight ? d->segment.buffers[x].rows : 0;
    weight.out = d->segment.buffers[g].rows;
    d->made[call->out + 1] = d->made[call->out + 2] = true;
    add_call(d, &weight);
}

/* Input and weight stand in for each other where they are not looked at. */
static bool take_linear_backward(draft *d, const fac_pcall *call)
{
    const fac_linear_backward_args *args = call->args;
    const uint32_t g = buffer_of(d, call->in_id[0]);
    if (g == FAC_NONE_ID || (args->wants_input && !fits_weight(d, call->in_id[2])))
        return false;
    const uint32_t x = args->wants_weight ? buffer_of(d, call->in_id[1]) : FAC_NONE_ID;
    if (args->wants_weight && x == FAC_NONE_ID)
        return false;
    add_weight_gradient(d, call, g, x);
    if (args->wants_input) {
        fac_dcall input = blank(fac_dense_input_call, "input gradient");
        input.x = g, input.w = call->in_id[2];
        input.in = value(d, call->in_id[2])->m.shape[1], input.out = d->segment.buffers[g].rows;
        input.y = new_result(d, call->out, input.in);
        add_call(d, &input);
    }
    return true;
}

/* The product whose result nothing but this call, right behind it, looks at. */
static fac_dcall *product_before(const draft *d, const fac_pcall *call)
{
    fac_dcall *last = d->segment.n_calls ? d->calls + d->segment.n_calls - 1 : NULL;
    const uint32_t in = call->in_id[0];
    const bool product = last && (last->prepare == fac_dense_forward_call || last->prepare == fac_dense_packed_call ||
                                  last->prepare == fac_dense_input_call);
    const bool ended = product && (last->relu || last->fn || last->mask != FAC_NONE_ID);
    return product && !ended && last->y == d->fm[in] && fac_program_only_passes(d->program, in) ? last : NULL;
}

/* The derivative that the gradient of an input takes along, or -1. */
static int slope_of(int row)
{
    return row == FAC_EW_relu      ? FAC_SLOPE_RELU
           : row == FAC_EW_tanh    ? FAC_SLOPE_TANH
           : row == FAC_EW_sigmoid ? FAC_SLOPE_SIGMOID
                                   : -1;
}

/* A call's kernel, its row in elementwise.def, and how many features its result has. */
typedef struct elementwise {
    fac_inner_fn *fn;
    int row;
    bool derivative;
    int64_t features;
} elementwise;

/* relu and the commonest derivatives are part of a product; any other operation, with the rows that it is made of, goes
 * over the product's rows while they are in the cache. The call's result takes the product's place. */
static bool fuse(draft *d, const fac_pcall *call, const elementwise *e)
{
    fac_dcall *product = product_before(d, call);
    const uint32_t with = call->n_in > 1 ? d->fm[call->in_id[1]] : FAC_NONE_ID;
    if (!product || (call->n_in > 1 && with == FAC_NONE_ID))
        return false;
    const fac_dbuffer *buffers = d->segment.buffers;
    const bool back = product->prepare == fac_dense_input_call, single = d->segment.n == 1;
    const bool has_all = d->segment.dtype == FAC_FLOAT32 || single; /* slopes */
    const int slope = e->derivative && back ? slope_of(e->row) : -1;
    if (buffers[product->y].rows != e->features || (with != FAC_NONE_ID && buffers[with].rows != e->features))
        return false;
    if (e->row == FAC_EW_relu && !e->derivative && !back)
        product->relu = true;
    else if (slope >= 0 && (slope == FAC_SLOPE_RELU || has_all))
        product->slope = slope;
    else if (!single)
        product->fn = e->fn, product->args = call->args;
    else
        return false;
    product->mask = with;
    product->then = call->op->name;
    d->made[call->out] = true;
    d->fm[call->out] = product->y;
    return true;
}

/* A number or a tensor with one element, there before the segment. */
static bool is_single(const draft *d, uint32_t id)
{
    const fac_pvalue *v = value(d, id);
    return v->m.numel == 1 && v->m.dtype == d->segment.dtype && !d->made[v->root] && d->segment.n * v->m.ndim != 1;
}

static bool take_elementwise(draft *d, const fac_pcall *call)
{
    elementwise e;
    int64_t other;
    e.fn = fac_elementwise_kernel(call->op, d->segment.dtype, &e.row, &e.derivative);
    if (!e.fn || call->inplace || !as_rows(d, &value(d, call->out)->m, &e.features))
        return false;
    if (fuse(d, call, &e))
        return true;
    fac_dcall made = blank(fac_dense_elementwise_call, call->op->name);
    made.fn = e.fn, made.args = call->args, made.out = e.features;
    for (uint32_t i = 0; i < call->n_in; i++) {
        const uint32_t id = call->in_id[i];
        const bool rows = as_rows(d, &value(d, id)->m, &other) && other == e.features;
        const uint32_t b = rows ? buffer_of(d, id) : FAC_NONE_ID;
        if (b == FAC_NONE_ID && !is_single(d, id))
            return false;
        *(i ? &made.other : &made.x) = b;
        if (b == FAC_NONE_ID)
            *(i ? &made.w : &made.bias) = id;
    }
    if (call->n_in == 1)
        made.other = made.x, made.w = made.bias;
    if (made.x == FAC_NONE_ID && made.other == FAC_NONE_ID)
        return false;
    made.y = new_result(d, call->out, e.features);
    add_call(d, &made);
    return true;
}

static bool is_ones(const draft *d, uint32_t id)
{
    const fac_pvalue *v = value(d, id);
    return v->kind == FAC_PVALUE_RESULT && d->program->calls[v->call].op == &fac_op_ones_like;
}

static bool reduction_is(const fac_pcall *call, fac_reduction *reduction)
{
    const fac_mse_loss_args *args = call->args;
    if (fac_reduction_of(args->reduction, reduction) == FAC_OK && *reduction != FAC_REDUCTION_NONE)
        return true;
    fac_clear_pending();
    return false;
}

/* The call that derives this loss, if its gradient is 1; it is taken along. */
static uint32_t find_derivative(const draft *d, uint32_t at)
{
    const fac_pcall *loss = d->program->calls + at;
    for (uint32_t c = at + 1; c < d->program->n_calls; c++) {
        const fac_pcall *call = d->program->calls + c;
        if (call->op == &fac_op_mse_loss_backward && call->origin == at && is_ones(d, call->in_id[0]) &&
            call->in_id[1] == loss->in_id[0] && call->in_id[2] == loss->in_id[1])
            return c;
    }
    return FAC_NONE_ID;
}

static bool take_mse(draft *d, uint32_t at)
{
    const fac_pcall *call = d->program->calls + at;
    fac_dsegment *s = &d->segment;
    fac_reduction reduction;
    int64_t features, targets;
    if (s->n_losses == FAC_SEGMENT_LOSSES || !reduction_is(call, &reduction))
        return false;
    const fac_meta *x = &value(d, call->in_id[0])->m, *t = &value(d, call->in_id[1])->m;
    if (!fac_same_shape(x, t) || !as_rows(d, x, &features) || !as_rows(d, t, &targets))
        return false;
    const uint32_t bx = buffer_of(d, call->in_id[0]), bt = buffer_of(d, call->in_id[1]);
    if (bx == FAC_NONE_ID || bt == FAC_NONE_ID)
        return false;
    const double count = reduction == FAC_REDUCTION_MEAN ? (double)x->numel : 1;
    const uint32_t back = find_derivative(d, at);
    uint32_t y = FAC_NONE_ID;
    if (back != FAC_NONE_ID) {
        d->taken[back] = true;
        y = new_result(d, d->program->calls[back].out, features);
    }
    fac_dcall mse = blank(fac_dense_mse_call, y == FAC_NONE_ID ? "mse" : "mse and its gradient");
    mse.x = bx, mse.other = bt, mse.y = y;
    mse.out = features, mse.scale = 2 / count, mse.gw = s->n_losses;
    add_call(d, &mse);
    d->made[call->out] = true;
    s->losses[s->n_losses] = call->out;
    s->loss_scale[s->n_losses++] = 1 / count;
    return true;
}

/* The same samples and features under another shape: (n, 1) and (n). */
static bool take_view(draft *d, const fac_pcall *call)
{
    int64_t before, after;
    if (!(call->op->flags & FAC_OP_VIEW))
        return false;
    const uint32_t in = call->in_id[0];
    if (d->fm[in] == FAC_NONE_ID || !as_rows(d, &value(d, in)->m, &before) ||
        !as_rows(d, &value(d, call->out)->m, &after) || before != after ||
        value(d, call->out)->m.numel != value(d, in)->m.numel)
        return true; /* an address, if anybody wants it later */
    d->fm[call->out] = d->fm[in];
    d->made[call->out] = true;
    return true;
}

static bool take(draft *d, uint32_t at)
{
    const fac_pcall *call = d->program->calls + at;
    if (!call->op)
        return !call->action.params; /* backward itself */
    if (call->op == &fac_op_linear)
        return take_linear(d, call);
    if (call->op == &fac_op_linear_backward)
        return take_linear_backward(d, call);
    if (call->op == &fac_op_mse_loss)
        return take_mse(d, at);
    return take_view(d, call) || take_elementwise(d, call);
}

/* A call that has nothing to do with the segment may run before it. */
static bool is_apart(const draft *d, const fac_pcall *call)
{
    if (!call->op || call->inplace || call->op->flags & FAC_OP_MUTATES)
        return false;
    if (call->op == &fac_op_ones_like || call->op == &fac_op_zeros_like)
        return true; /* only the shape is looked at */
    for (uint32_t i = 0; i < call->n_in; i++)
        if (call->in_id[i] != FAC_NONE_ID && d->made[value(d, call->in_id[i])->root])
            return false;
    return true;
}

/* What was packed for a call that was not taken then. */
static void forget_packed(draft *d, uint32_t n_calls, uint32_t n_buffers)
{
    d->segment.n_calls = n_calls;
    d->segment.n_buffers = n_buffers;
    for (size_t i = 0; i < d->n_values; i++)
        if (d->fm[i] != FAC_NONE_ID && d->fm[i] >= n_buffers)
            d->fm[i] = FAC_NONE_ID;
}

static void scan(draft *d)
{
    uint32_t c = d->at;
    for (; c < d->program->n_calls && !d->status; c++) {
        if (d->taken[c] || d->builder->done[c])
            continue;
        if (c > d->at && fac_program_cut_at(d->program, c))
            break;
        const uint32_t n_calls = d->segment.n_calls, n_buffers = d->segment.n_buffers;
        d->taken[c] = take(d, c);
        if (d->taken[c])
            continue;
        forget_packed(d, n_calls, n_buffers);
        if (!is_apart(d, d->program->calls + c))
            break;
    }
    d->end = c;
}

static bool used_outside(const draft *d, uint32_t root)
{
    const fac_program *p = d->program;
    if (fac_program_shows(p, root))
        return true;
    for (uint32_t c = d->at; c < p->n_calls; c++)
        for (uint32_t i = 0; i < p->calls[c].n_in && !d->taken[c]; i++)
            if (p->calls[c].in_id[i] != FAC_NONE_ID && value(d, p->calls[c].in_id[i])->root == root)
                return true;
    return false;
}

/* Results that others look at go to their own memory, row-major. */
static void unpack_results(draft *d)
{
    for (uint32_t id = 0; id < d->n_values; id++) { /* buffers that were added since are no results */
        const fac_pvalue *v = value(d, id);
        if (!d->made[id] || d->fm[id] == FAC_NONE_ID || v->root != id || !used_outside(d, id))
            continue;
        fac_dcall unpack = blank(fac_dense_unpack_call, "unpack");
        unpack.x = d->fm[id], unpack.w = id, unpack.in = d->segment.buffers[d->fm[id]].rows;
        add_call(d, &unpack);
    }
}

static int64_t rounded_up(int64_t n, int64_t to)
{
    return (n + to - 1) / to * to;
}

static int64_t tile_bytes(const draft *d)
{
    for (uint32_t i = 0; i < d->segment.n_calls; i++)
        if (d->calls[i].prepare == fac_dense_weight_call)
            return LONG_TILE * TILE_BYTES;
    return TILE_BYTES;
}

/* How many samples at a time, and in how many chunks that threads may share: by the sizes alone. */
static void choose_tiles(draft *d)
{
    fac_dsegment *s = &d->segment;
    int64_t rows = 1;
    for (uint32_t b = 0; b < s->n_buffers; b++)
        rows += s->buffers[b].rows;
    const int64_t most = tile_bytes(d) / (int64_t)s->size / rows / MIN_TILE * MIN_TILE;
    s->chunks = s->n / MIN_CHUNK;
    s->chunks = s->chunks < 1 ? 1 : s->chunks > FAC_SEGMENT_CHUNKS ? FAC_SEGMENT_CHUNKS : s->chunks;
    s->chunk = rounded_up((s->n + s->chunks - 1) / s->chunks, MIN_TILE);
    s->chunks = (s->n + s->chunk - 1) / s->chunk;
    const int64_t all = s->chunk < s->n ? s->chunk : s->n, tiles = most > 0 ? (all + most - 1) / most : all;
    s->tile = rounded_up((all + tiles - 1) / tiles, MIN_TILE);
    if (s->tile > all)
        s->tile = all;
    s->ldb = s->n == 1 ? 1 : fac_dense_padded(s->tile);
}

/* Where there are several chunks each adds up gradients of its own. */
static void place_gradients(draft *d)
{
    fac_dsegment *s = &d->segment;
    for (uint32_t i = 0; i < s->n_calls && s->chunks > 1; i++) {
        fac_dcall *c = d->calls + i;
        if (c->prepare != fac_dense_weight_call)
            continue;
        c->grads_at = s->grads;
        s->grads += fac_aligned((size_t)((c->in + 1) * c->out) * s->size);
    }
}

static void place_buffers(draft *d)
{
    fac_dsegment *s = &d->segment;
    size_t at = 0;
    for (uint32_t b = 0; b < s->n_buffers && !d->status; b++) {
        fac_dbuffer *buffer = s->buffers + b;
        const int64_t rows = s->ldb == 1 ? buffer->rows : rounded_up(buffer->rows + 1, FAC_DENSE_ROWS);
        buffer->at = at;
        at += fac_aligned((size_t)(rows * s->ldb + FAC_DENSE_PAD) * s->size);
    }
    s->frame = at ? at : FAC_ALIGN;
    s->frames = fac_program_add_buffer(d->program, (s->frame + s->grads) * (size_t)s->chunks);
    if (s->frames == FAC_NONE_ID)
        d->status = fac_pending();
}

static void tell_segment(fac_text *text, const fac_pstep *step)
{
    const fac_dsegment *s = step->ctx;
    fac_text_add(text, "    samples: %lld, %lld at a time, in %lld chunks; values at a time: %zu bytes\n",
                 (long long)s->n, (long long)s->tile, (long long)s->chunks, s->frame);
    for (uint32_t i = 0; i < s->n_calls; i++) {
        const fac_dcall *c = s->calls + i;
        fac_text_add(text, "    %s", c->what);
        if (c->in > 0 && c->out > 0)
            fac_text_add(text, " %lld -> %lld", (long long)c->in, (long long)c->out);
        if (c->then)
            fac_text_add(text, ", %s", c->then);
        fac_text_add(text, "\n");
    }
    if (s->act)
        fac_text_add(text, "    weight gradients take the step with them where it is plain SGD's\n");
}

/* All values that the segment reads and writes in memory of their own. */
static fac_status add_segment_step(draft *d)
{
    const fac_dsegment *s = &d->segment;
    const size_t buffers = s->n_buffers * sizeof *s->buffers, calls = s->n_calls * sizeof *d->calls;
    const size_t ready = s->n_calls * sizeof *s->ready, bytes = sizeof *s + ready + calls + buffers;
    const size_t n_touched = 1 + s->n_losses + 5 * s->n_calls;
    uint32_t *touched = fac_alloc(n_touched * sizeof *touched);
    fac_dsegment *ctx = fac_alloc(bytes);
    if (!ctx || !touched) {
        fac_dealloc(ctx, bytes);
        fac_dealloc(touched, n_touched * sizeof *touched);
        return fac_pending();
    }
    *ctx = *s;
    ctx->ready = (fac_dready *)(void *)(ctx + 1);
    ctx->calls = (fac_dcall *)(void *)((char *)ctx->ready + ready);
    ctx->buffers = (fac_dbuffer *)(void *)((char *)ctx->calls + calls);
    memcpy(ctx->calls, d->calls, calls);
    memcpy(ctx->buffers, s->buffers, buffers);
    size_t n = 0;
    touched[n++] = s->frames;
    for (uint32_t i = 0; i < s->n_losses; i++)
        touched[n++] = s->losses[i];
    for (uint32_t i = 0; i < s->n_calls; i++) {
        const bool mse = d->calls[i].prepare == fac_dense_mse_call;
        const uint32_t ids[] = {d->calls[i].w, d->calls[i].bias, mse ? FAC_NONE_ID : d->calls[i].gw, d->calls[i].gb,
                                d->calls[i].packed};
        for (size_t k = 0; k < sizeof ids / sizeof *ids; k++)
            if (ids[k] != FAC_NONE_ID)
                touched[n++] = ids[k];
    }
    const fac_pstep step = {.run = fac_segment_run,
                            .what = "dense",
                            .call = d->at,
                            .ctx = ctx,
                            .ctx_bytes = bytes,
                            .tell = tell_segment,
                            .set_up = fac_segment_set_up};
    fac_status status = fac_program_add_step(d->program, &step, touched, n);
    if (status)
        fac_dealloc(ctx, bytes);
    fac_dealloc(touched, n_touched * sizeof *touched);
    return status;
}

/* Calls in the segment's stretch that have nothing to do with it come first. */
static void lower_others(draft *d)
{
    bool *done = d->builder->done;
    for (uint32_t c = d->at; c < d->program->n_calls; c++) /* a loss's derivative, taken along, may be behind the end */
        done[c] |= d->taken[c];
    for (uint32_t c = d->at; c < d->end && !d->status; c++) {
        const fac_pcall *call = d->program->calls + c;
        if (call->op == &fac_op_ones_like && !used_outside(d, call->out))
            done[c] = true; /* the ones that a loss's derivative begins with are known */
        const fac_prule *rule = fac_prules + FAC_PRULE_ONE;
        while (!done[c] && !d->status && !rule->lower(d->builder, c, &d->status))
            rule++;
    }
}

static bool begin(draft *d, fac_builder *builder, uint32_t at)
{
    const fac_program *p = builder->program;
    const fac_pcall *call = p->calls + at;
    if (call->op != &fac_op_linear)
        return false;
    const fac_meta *x = &p->values[call->in_id[0]].m;
    d->segment.dtype = x->dtype;
    d->segment.size = fac_dtype_sizes[x->dtype];
    d->segment.n = x->ndim == 2 ? x->shape[0] : 1;
    d->builder = builder;
    d->program = builder->program;
    d->at = at;
    return fac_is_float(x->dtype) && (x->ndim == 1 || x->ndim == 2) && d->segment.n > 0;
}

static fac_status prepare(draft *d)
{
    const size_t n = d->n_values = d->program->n_values;
    d->fm = fac_alloc(n * sizeof *d->fm);
    d->taken = fac_alloc_zeroed(d->program->n_calls);
    d->made = fac_alloc_zeroed(n);
    if (!d->fm || !d->taken || !d->made)
        return fac_pending();
    for (size_t i = 0; i < n; i++)
        d->fm[i] = FAC_NONE_ID;
    return FAC_OK;
}

bool fac_lower_dense(fac_builder *builder, uint32_t at, fac_status *status)
{
    draft d = {.status = FAC_OK};
    if (!begin(&d, builder, at))
        return false;
    const size_t n_calls = d.program->n_calls;
    d.status = prepare(&d);
    if (!d.status)
        scan(&d);
    const bool taken = !d.status && d.taken[at];
    if (taken) {
        unpack_results(&d);
        choose_tiles(&d);
        place_gradients(&d);
        place_buffers(&d);
        lower_others(&d);
        if (!d.status)
            d.status = add_segment_step(&d);
    }
    fac_dealloc(d.fm, d.n_values * sizeof *d.fm);
    fac_dealloc(d.taken, n_calls);
    fac_dealloc(d.made, d.n_values);
    fac_dealloc(d.calls, d.calls_capacity * sizeof *d.calls);
    fac_dealloc(d.segment.buffers, d.buffers_capacity * sizeof *d.segment.buffers);
    *status = d.status;
    return taken;
}
