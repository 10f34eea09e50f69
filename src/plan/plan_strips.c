/* SPDX-License-Identifier: MIT */
/* Lowering of elementwise operations that follow each other: one step takes them all, over strips that stay in the
 * cache. What nothing else reads has no other memory. */
#include "base/alloc.h"
#include "base/text.h"
#include "ops/op_list.h"
#include "plan/plan.h"
#include "tensor/elementwise.h"
#include "tensor/strip_program.h"

enum { MAX_STEPS = 24, MAX_OPERANDS = 3 * MAX_STEPS };

/* A value of the run: elements in a row, or a single one that there is before. */
typedef struct operand {
    uint32_t value; /* a root where it is in a row */
    uint32_t last;  /* step that reads or writes it */
    bool made;      /* by the run */
    bool stored;    /* in memory of its own */
} operand;

/* Of a step: what is looked up at each replay, and the program itself. */
typedef struct strips {
    fac_strip_program program;
    uint32_t n_operands;
    uint32_t value[MAX_OPERANDS]; /* FAC_NONE_ID: of a strip */
    fac_strip_operand operands[MAX_OPERANDS];
    fac_strip_step steps[MAX_STEPS];
    const char *names[MAX_STEPS];
    int dtype;
} strips;

typedef struct draft {
    fac_builder *builder;
    fac_program *program;
    strips s;
    operand operands[MAX_OPERANDS];
    bool *taken; /* per call */
    uint32_t at, end;
} draft;

static const fac_pvalue *value(const draft *d, uint32_t id)
{
    return d->program->values + id;
}

static bool in_a_row(const draft *d, uint32_t id)
{
    const fac_meta *m = &value(d, id)->m;
    return m->contiguous && m->numel == d->s.program.n && m->dtype == d->s.dtype;
}

/* A number, or one element that is expanded. */
static bool is_single(const draft *d, uint32_t id)
{
    const fac_meta *m = &value(d, id)->m;
    for (int i = 0; i < m->ndim; i++)
        if (m->shape[i] != 1 && m->stride[i] != 0)
            return false;
    return m->numel > 0;
}

static uint32_t find_operand(const draft *d, uint32_t id)
{
    uint32_t i = 0;
    while (i < d->s.n_operands && d->operands[i].value != id)
        i++;
    return i;
}

static bool made_here(const draft *d, uint32_t root)
{
    const uint32_t i = find_operand(d, root);
    return i < d->s.n_operands && d->operands[i].made;
}

/* The operand that a value is, FAC_NONE_ID if it fits none. A view of all of a result is the result. */
static uint32_t operand_of(draft *d, uint32_t id)
{
    const uint32_t root = value(d, id)->root;
    const bool row = in_a_row(d, id), made = made_here(d, root);
    if (made ? !row || value(d, id)->offset != 0 : !row && !is_single(d, id))
        return FAC_NONE_ID;
    const uint32_t of = made ? root : id, i = find_operand(d, of);
    if (i == MAX_OPERANDS)
        return FAC_NONE_ID;
    if (i == d->s.n_operands) {
        d->operands[i] = (operand){.value = of, .stored = true};
        d->s.operands[i].single = !row;
        d->s.n_operands++;
    }
    return i;
}

static uint32_t add_result(draft *d, uint32_t id)
{
    const uint32_t i = d->s.n_operands++;
    d->operands[i] = (operand){.value = id, .made = true};
    return i;
}

static bool take_elementwise(draft *d, const fac_pcall *call)
{
    int row;
    bool derivative;
    const uint32_t n_operands = d->s.n_operands, step = d->s.program.n_steps;
    fac_inner_fn *fn = fac_elementwise_kernel(call->op, d->s.dtype, &row, &derivative);
    if (!fn || call->inplace || !in_a_row(d, call->out) || value(d, call->out)->root != call->out)
        return false;
    if (step == MAX_STEPS || n_operands + 3 > MAX_OPERANDS)
        return false;
    uint32_t in[2];
    for (uint32_t i = 0; i < call->n_in; i++)
        if ((in[i] = operand_of(d, call->in_id[i])) == FAC_NONE_ID) {
            d->s.n_operands = n_operands;
            return false;
        }
    if (call->n_in == 1)
        in[1] = in[0];
    const uint32_t out = add_result(d, call->out);
    d->operands[in[0]].last = d->operands[in[1]].last = d->operands[out].last = step;
    d->s.steps[step] = (fac_strip_step){fn, call->args, {(uint8_t)out, (uint8_t)in[0], (uint8_t)in[1]}};
    d->s.names[step] = call->op->name;
    d->s.program.n_steps++;
    return true;
}

/* What changes nothing here: views are addresses, backward itself does nothing, of ones only the shape counts. */
static bool passes(const fac_pcall *call)
{
    if (!call->op)
        return !call->action.params;
    if (call->inplace || call->op->flags & FAC_OP_MUTATES)
        return false;
    return call->op->flags & FAC_OP_VIEW || call->op == &fac_op_ones_like || call->op == &fac_op_zeros_like;
}

static void scan(draft *d)
{
    const fac_program *p = d->program;
    uint32_t c = d->at;
    for (; c < p->n_calls && !(c > d->at && fac_program_cut_at(p, c)); c++) {
        const fac_pcall *call = p->calls + c;
        if (d->builder->done[c] || passes(call))
            continue;
        if (!take_elementwise(d, call))
            break;
        d->taken[c] = true;
        d->end = c + 1;
    }
}

/* Somebody besides the run reads the value, or a view of it that is no operand here. */
static bool used_outside(const draft *d, uint32_t root)
{
    const fac_program *p = d->program;
    for (uint32_t id = 0; id < p->n_values; id++)
        if (p->values[id].root == root && fac_program_shows(p, id))
            return true;
    for (uint32_t c = d->at; c < p->n_calls; c++) {
        const fac_pcall *call = p->calls + c;
        for (uint32_t i = 0; i < call->n_in && !d->taken[c] && !passes(call); i++)
            if (call->in_id[i] != FAC_NONE_ID && value(d, call->in_id[i])->root == root)
                return true;
    }
    return false;
}

/* Slots for what is not stored, from where it is made to where it is last read; what finds none is stored. */
static void place_operands(draft *d)
{
    uint32_t busy_until[FAC_STRIP_SLOTS] = {0};
    for (uint32_t i = 0; i < d->s.n_operands; i++) {
        operand *o = d->operands + i;
        if (!o->made)
            continue;
        o->stored = used_outside(d, o->value);
        uint32_t made = 0, slot = 0;
        while (d->s.steps[made].at[0] != i)
            made++;
        while (!o->stored && slot < FAC_STRIP_SLOTS && busy_until[slot] > made)
            slot++;
        o->stored |= slot == FAC_STRIP_SLOTS;
        if (!o->stored) {
            busy_until[slot] = o->last;
            d->s.operands[i].slot = (uint8_t)slot;
        }
    }
    for (uint32_t i = 0; i < d->s.n_operands; i++)
        d->s.value[i] = d->operands[i].stored ? d->operands[i].value : FAC_NONE_ID;
}

static void tell(fac_text *text, const fac_pstep *step)
{
    const strips *s = step->ctx;
    uint32_t stored = 0;
    for (uint32_t i = 0; i < s->program.n_steps; i++)
        stored += s->value[s->steps[i].at[0]] != FAC_NONE_ID;
    fac_text_add(text, "    elements: %lld, %u of %u results go to memory\n   ", (long long)s->program.n, stored,
                 s->program.n_steps);
    for (uint32_t i = 0; i < s->program.n_steps; i++)
        fac_text_add(text, " %s", s->names[i]);
    fac_text_add(text, "\n");
}

/* A single value of another type, as the kernels want it: as take_operand in elementwise_ops.c. */
static char *single(const fac_pvalue *v, int dtype, double *room)
{
    if (v->m.dtype == dtype)
        return v->data;
    if (fac_is_float(v->m.dtype))
        fac_store_double(room, dtype, fac_load_double(v->data, v->m.dtype));
    else
        fac_store_int(room, dtype, fac_load_int(v->data, v->m.dtype));
    return (char *)room;
}

static fac_status run_strips(fac_program *program, const fac_pstep *step)
{
    strips *s = step->ctx;
    double room[MAX_OPERANDS];
    for (uint32_t i = 0; i < s->n_operands; i++)
        if (s->value[i] != FAC_NONE_ID)
            s->operands[i].data = single(program->values + s->value[i], s->dtype, room + i);
    s->program.operands = s->operands;
    s->program.steps = s->steps;
    fac_strip_program_run(&s->program);
    return FAC_OK;
}

static fac_status add_step(draft *d)
{
    uint32_t touched[MAX_OPERANDS], n = 0;
    for (uint32_t i = 0; i < d->s.n_operands; i++)
        if (d->s.value[i] != FAC_NONE_ID)
            touched[n++] = d->s.value[i];
    strips *ctx = fac_alloc(sizeof *ctx);
    if (!ctx)
        return fac_pending();
    *ctx = d->s;
    const fac_pstep step = {
        .run = run_strips, .what = "strips", .call = d->at, .ctx = ctx, .ctx_bytes = sizeof *ctx, .tell = tell};
    fac_status status = fac_program_add_step(d->program, &step, touched, n);
    if (status)
        fac_dealloc(ctx, sizeof *ctx);
    return status;
}

static void begin(draft *d, fac_builder *builder, uint32_t at)
{
    const fac_meta *m = &builder->program->values[builder->program->calls[at].out].m;
    d->builder = builder;
    d->program = builder->program;
    d->at = d->end = at;
    d->s.program.n = m->numel;
    d->s.program.size = fac_dtype_sizes[m->dtype];
    d->s.dtype = m->dtype;
}

/* Ones and the like in between come first. */
static void lower_others(draft *d, fac_status *status)
{
    for (uint32_t c = d->at; c < d->end; c++) {
        d->builder->done[c] |= d->taken[c];
        const fac_prule *rule = fac_prules + FAC_PRULE_ONE;
        while (!d->builder->done[c] && !*status && !rule->lower(d->builder, c, status))
            rule++;
    }
}

static __attribute__((noinline)) bool lower(fac_builder *builder, uint32_t at, fac_status *status)
{
    draft d = {.taken = NULL};
    begin(&d, builder, at);
    const size_t n_calls = d.program->n_calls;
    d.taken = fac_alloc_zeroed(n_calls);
    if (!d.taken) {
        *status = fac_pending();
        return true;
    }
    scan(&d);
    const bool takes = d.s.program.n_steps > 1;
    if (takes) {
        place_operands(&d);
        lower_others(&d, status);
        if (!*status)
            *status = add_step(&d);
    }
    fac_dealloc(d.taken, n_calls);
    return takes;
}

/* Most calls are not elementwise: for them there is no draft to clear. */
bool fac_lower_strips(fac_builder *builder, uint32_t at, fac_status *status)
{
    int row;
    bool derivative;
    const fac_pcall *call = builder->program->calls + at;
    if (!call->op || !call->n_out)
        return false;
    const int dtype = builder->program->values[call->out].m.dtype;
    return fac_elementwise_kernel(call->op, dtype, &row, &derivative) && lower(builder, at, status);
}
