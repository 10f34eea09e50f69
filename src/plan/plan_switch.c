/* SPDX-License-Identifier: MIT */
/* Going over: the programs of one function often begin alike and part at a branch. There the run goes on with another
 * program that has made the same calls so far. Each has its own tensors for their results; those that the function was
 * given change places with the other's, and each keeps its own memory. */
#include <string.h>

#include "plan/plan.h"

static bool goes_on(const fac_program *p, uint32_t at, fac_pnext next, const void *what)
{
    if (next == FAC_PNEXT_END)
        return at == p->n_calls;
    if (next == FAC_PNEXT_LOOK)
        return fac_program_cut_at(p, at);
    if (at >= p->n_calls)
        return false;
    return next == FAC_PNEXT_CALL ? p->calls[at].op == what : !p->calls[at].op && p->calls[at].action.name == what;
}

static bool values_alike(const fac_program *a, const fac_program *b, uint32_t id, bool numbers_free)
{
    if (id == FAC_NONE_ID)
        return true;
    if (id >= a->n_values || id >= b->n_values)
        return false;
    const fac_pvalue *x = a->values + id, *y = b->values + id;
    if (x->kind != y->kind || !fac_same_dims(&x->m, &y->m) || x->requires_grad != y->requires_grad)
        return false;
    if (x->kind == FAC_PVALUE_OUTSIDE)
        return x->tensor == y->tensor;
    return x->kind != FAC_PVALUE_NUMBER || numbers_free || !memcmp(x->data, y->data, fac_dtype_sizes[x->m.dtype]);
}

static bool args_alike(const fac_pcall *a, const fac_pcall *b)
{
    if (!a->op)
        return a->args_bytes == b->args_bytes && (!a->args_bytes || !memcmp(a->args, b->args, a->args_bytes)) &&
               a->action.name == b->action.name && a->action.object == b->action.object;
    return fac_args_equal(a->op, a->args, b->args) || (b->numbers_free && fac_args_alike(a->op, a->args, b->args));
}

static bool grads_alike(const fac_program *p, const fac_program *q, const fac_pcall *a, const fac_pcall *b)
{
    for (size_t i = 0; i < a->n_grads; i++) {
        const fac_pgrad *x = a->grads + i, *y = b->grads + i;
        if (x->leaf != y->leaf || x->before != y->before || x->after != y->after ||
            !values_alike(p, q, x->leaf, false) || !values_alike(p, q, x->before, false) ||
            !values_alike(p, q, x->after, false))
            return false;
    }
    return true;
}

static bool calls_alike(const fac_program *p, const fac_program *q, uint32_t at)
{
    const fac_pcall *a = p->calls + at, *b = q->calls + at;
    if (a->op != b->op || a->inplace != b->inplace || a->no_grad != b->no_grad || a->n_in != b->n_in ||
        a->out != b->out || a->n_visible != b->n_visible || a->next != b->next || a->n_grads != b->n_grads)
        return false;
    for (uint32_t i = 0; i < a->n_in; i++)
        if (a->in_id[i] != b->in_id[i] || !values_alike(p, q, a->in_id[i], b->numbers_free))
            return false;
    for (uint32_t i = 0; i < a->n_visible; i++)
        if (fac_result_of(a, i) != fac_result_of(b, i) || !values_alike(p, q, fac_result_of(a, i), false))
            return false;
    return args_alike(a, b) && grads_alike(p, q, a, b);
}

static bool begin_alike(const fac_program *p, const fac_program *q, uint32_t end)
{
    for (uint32_t c = 0; c < end; c = p->calls[c].next)
        if (c >= q->n_calls || !calls_alike(p, q, c))
            return false;
    return true;
}

/* Everywhere in the program `to` stands for `from`. */
static void put_for(fac_program *program, fac_tensor *from, fac_tensor *to)
{
    for (size_t i = 0; i < program->n_values; i++)
        if (program->values[i].tensor == from) {
            fac_ref(to);
            program->values[i].tensor = to;
            (void)fac_unref(from); /* no end of it: exchange gives it to the other program */
        }
}

/* Whether the run has p's tensor of the value, where q has another. */
static bool was_given(const fac_program *p, const fac_program *q, uint32_t id)
{
    const fac_tensor *a = id == FAC_NONE_ID ? NULL : p->values[id].tensor;
    return a && a != q->values[id].tensor && p->values[id].kind == FAC_PVALUE_RESULT && fac_tensor_alive(a);
}

/* A gradient of an earlier run may still be somebody's. */
static fac_status make_own(fac_program *q, uint32_t id)
{
    return fac_program_holds_alone(q, id) ? FAC_OK : fac_program_renew(q, id);
}

/* The two tensors of a value change places, and what they are of each other. */
static void exchange(fac_program *p, fac_program *q, uint32_t id)
{
    if (!was_given(p, q, id)) /* the tensor of two values has been exchanged already */
        return;
    fac_tensor *a = p->values[id].tensor, *b = q->values[id].tensor;
    put_for(p, a, b);
    put_for(q, b, a);
    const fac_tensor was = *a;
    *a = *b;
    *b = was;
    fac_slot_mark(fac_header_of(b), NULL);
}

/* Today's numbers, and tensors that no operation made. */
static void take_inputs(const fac_program *p, fac_program *q, uint32_t at)
{
    const fac_pcall *a = p->calls + at;
    fac_pcall *b = q->calls + at;
    if (a->op && !fac_args_equal(a->op, a->args, b->args))
        fac_program_take_numbers(q, b, a->args);
    for (uint32_t i = 0; i < a->n_in; i++) {
        const uint32_t id = a->in_id[i];
        if (id == FAC_NONE_ID)
            continue;
        if (p->values[id].kind == FAC_PVALUE_NUMBER)
            memcpy(q->values[id].data, p->values[id].data, fac_dtype_sizes[p->values[id].m.dtype]);
        if (p->values[id].kind == FAC_PVALUE_FRESH && p->values[id].tensor != q->values[id].tensor)
            fac_program_replace(q, id, p->values[id].tensor);
    }
}

/* Nothing here needs memory. */
static void take_over(fac_program *p, fac_program *q, uint32_t at)
{
    const fac_pcall *a = p->calls + at;
    take_inputs(p, q, at);
    for (uint32_t i = 0; i < a->n_visible; i++)
        exchange(p, q, fac_result_of(a, i));
    for (size_t i = 0; i < a->n_grads; i++)
        exchange(p, q, a->grads[i].after);
}

static fac_status make_ready(const fac_program *p, fac_program *q, uint32_t at)
{
    const fac_pcall *a = p->calls + at;
    for (uint32_t i = 0; i < a->n_visible; i++)
        if (was_given(p, q, fac_result_of(a, i)))
            FAC_TRY(make_own(q, fac_result_of(a, i)));
    for (size_t i = 0; i < a->n_grads; i++)
        if (was_given(p, q, a->grads[i].after))
            FAC_TRY(make_own(q, a->grads[i].after));
    return FAC_OK;
}

static fac_status go_over(fac_plan *plan, fac_program *to, uint32_t at)
{
    fac_program *from = plan->now;
    FAC_TRY(fac_program_bind(to, plan->batch));
    fac_program_hand_out_all(from, at);
    for (uint32_t c = 0; c < at; c = from->calls[c].next)
        FAC_TRY(make_ready(from, to, c));
    for (uint32_t c = 0; c < at; c = from->calls[c].next)
        take_over(from, to, c);
    fac_program_give_inputs(from);
    fac_program_give_inputs(to);
    return FAC_OK;
}

static void stand_at(fac_plan *plan, fac_program *program, uint32_t at)
{
    fac_expected *e = program->expected;
    while (e->call != at)
        e++;
    plan->now = program;
    plan->recorder.expected = e;
    plan->step = plan->cut = 0;
}

/* What was done already, as somebody has looked at it, is done once more. */
static bool catch_up(fac_plan *plan)
{
    fac_program *p = plan->now;
    if (!plan->done)
        return true;
    while (p->cuts[plan->cut] != plan->done) /* can_take has seen that there is one */
        plan->cut++;
    plan->step = p->piece_end[plan->cut++];
    return fac_program_run(p, 0, plan->step) == FAC_OK;
}

static bool can_take(const fac_plan *plan, fac_program *to, uint32_t at, fac_pnext next, const void *what)
{
    const fac_program *from = plan->now;
    if (to == from || to->refused || to->awake || to->left_in == plan->run_id || !goes_on(to, at, next, what))
        return false;
    if (plan->done && !(fac_program_is_pure(from, plan->done) && fac_program_cut_at(to, plan->done)))
        return false;
    return begin_alike(from, to, at) && fac_replay_fits(to, plan->batch);
}

/* The programs are in the order of their last use. */
void fac_plan_make_newest(fac_plan *plan, size_t i)
{
    fac_program *program = plan->programs[i];
    if (i + 1 == plan->n_programs)
        return;
    memmove(plan->programs + i, plan->programs + i + 1, (plan->n_programs - i - 1) * sizeof program);
    plan->programs[plan->n_programs - 1] = program;
}

__attribute__((noinline)) bool fac_replay_switch(fac_plan *plan, fac_pnext next, const void *what)
{
    fac_program *from = plan->now;
    const uint32_t at = fac_plan_position(plan);
    if (from->awake || fac_pending())
        return false;
    for (size_t i = plan->n_programs; i-- > 0;) {
        fac_program *to = plan->programs[i];
        if (!can_take(plan, to, at, next, what))
            continue;
        from->left_in = plan->run_id;
        bool over = go_over(plan, to, at) == FAC_OK;
        if (over) {
            stand_at(plan, to, at);
            fac_plan_make_newest(plan, i);
            over = catch_up(plan);
        }
        fac_clear_pending(); /* without memory the run leaves them all */
        return over;
    }
    return false;
}
