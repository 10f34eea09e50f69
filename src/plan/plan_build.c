/* SPDX-License-Identifier: MIT */
/* A program from a recording: tensors, memory, steps. */
#include <string.h>

#include "base/alloc.h"
#include "plan/plan.h"
#include "tensor/storage.h"

fac_status fac_program_add_step(fac_program *program, const fac_pstep *step, const uint32_t *touched, size_t n)
{
    FAC_TRY(fac_grow(&program->steps, &program->steps_capacity, program->n_steps + 1, sizeof *program->steps));
    fac_pstep *added = program->steps + program->n_steps;
    *added = *step;
    added->n_touched = (uint32_t)n;
    added->touched = n ? fac_alloc(n * sizeof *touched) : NULL;
    if (n && !added->touched)
        return fac_pending();
    if (n)
        memcpy(added->touched, touched, n * sizeof *touched);
    program->n_steps++;
    return FAC_OK;
}

uint32_t fac_program_add_buffer(fac_program *program, size_t bytes)
{
    if (fac_grow(&program->values, &program->values_capacity, program->n_values + 1, sizeof *program->values))
        return FAC_NONE_ID;
    const uint32_t id = (uint32_t)program->n_values++;
    program->values[id] = (fac_pvalue){.kind = FAC_PVALUE_BUFFER, .root = id, .call = FAC_NONE_ID, .bytes = bytes};
    return id;
}

/* Which values are results that the arena holds: not those that leave the step, nor those within other memory. */
static bool in_arena(const fac_program *program, uint32_t id)
{
    const fac_pvalue *value = program->values + id;
    return value->root == id && (value->kind == FAC_PVALUE_RESULT || value->kind == FAC_PVALUE_BUFFER) && !value->kept;
}

static void keep_root(fac_program *program, uint32_t id)
{
    if (id != FAC_NONE_ID)
        program->values[program->values[id].root].kept = program->values[id].kept = true;
}

/* What leaves the step: its result, gradients, what was held when an earlier run ended. */
static void mark_kept(fac_program *program)
{
    keep_root(program, program->result);
    for (size_t c = 0; c < program->n_calls; c++)
        for (size_t g = 0; g < program->calls[c].n_grads; g++) {
            const fac_pgrad *grad = program->calls[c].grads + g;
            keep_root(program, grad->after);
            keep_root(program, grad->before);
            if (grad->after != FAC_NONE_ID)
                program->values[grad->after].is_grad = program->values[grad->after].visible = true;
        }
}

static void count_uses(fac_program *program)
{
    for (size_t c = 0; c < program->n_calls; c++)
        for (uint32_t i = 0; i < program->calls[c].n_in; i++)
            if (program->calls[c].in_id[i] != FAC_NONE_ID)
                program->values[program->calls[c].in_id[i]].uses++;
}

/* Some derivative has a number of its own, made of this call's. */
static bool derivative_computes(const fac_program *program, uint32_t at, const fac_pcall *derivative)
{
    const fac_pcall *call = program->calls + at;
    const bool has_args = derivative->op && derivative->op->flags & FAC_OP_HAS_ARGS;
    if (has_args && derivative->args_of != at && call->op->flags & FAC_OP_HAS_ARGS)
        return true;
    for (uint32_t i = 0; i < derivative->n_in; i++) {
        const uint32_t id = derivative->in_id[i];
        bool mine = id == FAC_NONE_ID || program->values[id].kind != FAC_PVALUE_NUMBER;
        for (uint32_t j = 0; j < call->n_in && !mine; j++)
            mine = call->in_id[j] == id;
        if (!mine)
            return true;
    }
    return false;
}

static bool goes_into(const fac_pcall *call, uint32_t value)
{
    for (uint32_t i = 0; i < call->n_in; i++)
        if (call->in_id[i] == value)
            return true;
    return false;
}

/* Whether the derivatives recorded follow when numbers of this call change: they have the very same ones, or none. */
static bool derivatives_follow(const fac_program *program, uint32_t at)
{
    const fac_pcall *call = program->calls + at;
    bool derived = false, shares_args = false, shares_numbers = true;
    for (uint32_t i = 0; i < call->n_in; i++) {
        const uint32_t id = call->in_id[i];
        if (id == FAC_NONE_ID || program->values[id].kind != FAC_PVALUE_NUMBER || i >= 16 ||
            !(call->op->saves >> i & 1))
            continue;
        bool shared = false;
        for (size_t c = at + 1; c < program->n_calls; c++)
            shared |= program->calls[c].origin == at && goes_into(program->calls + c, id);
        shares_numbers &= shared;
    }
    for (size_t c = at + 1; c < program->n_calls; c++) {
        const fac_pcall *other = program->calls + c;
        if (other->origin != at)
            continue;
        derived = true;
        shares_args |= other->args_of == at;
        if (derivative_computes(program, at, other))
            return false;
    }
    const bool has_numbers = call->op->flags & FAC_OP_HAS_ARGS;
    const bool carries = call->n_out && program->values[call->out].requires_grad;
    return !carries || (shares_numbers && (shares_args || !has_numbers) && (derived || !has_numbers));
}

static void find_free_numbers(fac_program *program)
{
    for (size_t c = 0; c < program->n_calls; c++) {
        fac_pcall *call = program->calls + c;
        bool real = call->op && !call->inside;
        for (int i = 0; i < call->n_out && real; i++)
            real = fac_is_float(program->values[call->out + (uint32_t)i].m.dtype);
        call->numbers_free = real && derivatives_follow(program, (uint32_t)c);
    }
}

static fac_status make_steps(fac_program *program)
{
    fac_builder builder = {program, fac_alloc_zeroed(program->n_calls + 1)};
    if (!builder.done)
        return fac_pending();
    fac_status status = FAC_OK;
    size_t cut = 0;
    for (uint32_t c = 0; c < program->n_calls && !status; c++) {
        for (; cut < program->n_cuts && program->cuts[cut] == c; cut++)
            program->piece_end[cut] = (uint32_t)program->n_steps;
        const fac_prule *rule = fac_prules;
        while (!builder.done[c] && !status && !rule->lower(&builder, c, &status))
            rule++;
    }
    for (; cut <= program->n_cuts; cut++)
        program->piece_end[cut] = (uint32_t)program->n_steps;
    fac_dealloc(builder.done, program->n_calls + 1);
    return status;
}

static void find_lives(fac_program *program)
{
    for (size_t i = 0; i < program->n_values; i++)
        program->values[i].born = program->values[i].dies = FAC_NONE_ID;
    for (uint32_t s = 0; s < program->n_steps; s++)
        for (uint32_t i = 0; i < program->steps[s].n_touched; i++) {
            const uint32_t root = program->values[program->steps[s].touched[i]].root;
            if (program->values[root].born == FAC_NONE_ID)
                program->values[root].born = s;
            program->values[root].dies = s;
        }
    for (size_t i = 0; program->keeps_all && i < program->n_values; i++)
        if (program->values[i].visible && program->values[program->values[i].root].born != FAC_NONE_ID)
            program->values[program->values[i].root].dies = (uint32_t)program->n_steps;
}

static bool live_together(const fac_pvalue *a, const fac_pvalue *b)
{
    return a->born <= b->dies && b->born <= a->dies;
}

/* The lowest place for value i that no value placed before it needs at the same time. */
static size_t find_place(const fac_program *program, const uint32_t *placed, size_t n, const fac_pvalue *value)
{
    size_t at = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t k = 0; k < n; k++) {
            const fac_pvalue *other = program->values + placed[k];
            if (live_together(value, other) && at < other->at + other->bytes && other->at < at + value->bytes) {
                at = other->at + other->bytes;
                moved = true;
            }
        }
    }
    return at;
}

static fac_status place_all(fac_program *program, size_t *size)
{
    uint32_t *placed = fac_alloc((program->n_values + 1) * sizeof *placed);
    size_t n = 0;
    *size = FAC_ALIGN;
    if (!placed)
        return fac_pending();
    for (uint32_t i = 0; i < program->n_values; i++) {
        fac_pvalue *value = program->values + i;
        if (!in_arena(program, i) || value->born == FAC_NONE_ID)
            continue;
        if (value->kind == FAC_PVALUE_RESULT)
            value->bytes = (size_t)value->m.numel * fac_dtype_sizes[value->m.dtype];
        value->bytes = fac_aligned(value->bytes ? value->bytes : 1);
        value->at = find_place(program, placed, n, value);
        if (value->at + value->bytes > *size)
            *size = value->at + value->bytes;
        placed[n++] = i;
    }
    fac_dealloc(placed, (program->n_values + 1) * sizeof *placed);
    return FAC_OK;
}

static fac_expected expected_call(const fac_program *program, uint32_t at)
{
    const fac_pcall *call = program->calls + at;
    fac_expected e = {.call = at};
    if (!call->op)
        return e;
    const bool over = call->inplace || call->op->flags & FAC_OP_MUTATES;
    const bool plain = call->args_bytes && call->args_plain && call->op->args_size % 8 == 0;
    const bool deep = call->args_bytes && !plain;
    bool none = false; /* None must be told from what failed to be made */
    for (uint32_t i = 0; i < call->n_in; i++)
        none |= call->in_id[i] == FAC_NONE_ID;
    if (over || none)
        return e; /* for the long comparison */
    e.op = call->op;
    e.in = call->in;
    e.out = program->handles + call->out;
    e.n_out = (uint8_t)call->n_visible;
    e.n_in = call->n_in;
    e.no_grad = call->no_grad;
    e.args = call->args;
    e.deep = deep;
    e.args_size = plain ? call->op->args_size : 0;
    return e;
}

static void list_visible(fac_program *program, uint32_t id)
{
    const fac_pvalue *value = program->values + id;
    if (id == FAC_NONE_ID || value->kind != FAC_PVALUE_RESULT || value->is_grad || id == program->result)
        return;
    for (uint32_t i = 0; i < program->n_visible; i++) /* an action may give one result twice */
        if (program->visible[i].id == id)
            return;
    program->visible[program->n_visible++].id = id;
}

/* What is compared while the function runs, and what it is given, each in a row. */
static fac_status list_expected(fac_program *program)
{
    const size_t n = program->n_calls + 1;
    size_t n_expected = 0;
    program->expected = fac_alloc_zeroed(n * sizeof *program->expected);
    program->wholes = fac_alloc_zeroed(n * sizeof *program->wholes);
    program->handles = fac_alloc_zeroed((program->n_values + 1) * sizeof *program->handles);
    program->visible = fac_alloc_zeroed((program->n_values + 1) * sizeof *program->visible);
    program->n_handles = program->n_values + 1;
    if (!program->expected || !program->wholes || !program->handles || !program->visible)
        return fac_pending();
    for (uint32_t c = 0; c < program->n_calls; c = program->calls[c].next) {
        program->expected[n_expected] = expected_call(program, c);
        program->expected[n_expected].whole = program->wholes + n_expected;
        n_expected++;
        for (uint32_t i = 0; i < program->calls[c].n_visible; i++)
            list_visible(program, fac_result_of(program->calls + c, i));
    }
    program->expected[n_expected].call = (uint32_t)program->n_calls;
    return FAC_OK;
}

/* All tensors are there. */
static void make_ready(fac_program *program)
{
    fac_program_give_inputs(program);
    fac_program_count_own(program);
    for (size_t s = 0; s < program->n_steps; s++)
        if (program->steps[s].set_up)
            program->steps[s].set_up(program, program->steps + s);
}

static fac_status make_tensors(fac_program *program)
{
    size_t size;
    FAC_TRY(place_all(program, &size));
    program->arena = fac_storage_new(size);
    program->nowhere = fac_storage_foreign(NULL, 0, NULL, NULL);
    if (!program->arena || !program->nowhere)
        return fac_pending();
    memset(program->arena->data, 0, size);
    for (uint32_t i = 0; i < program->n_values; i++)
        FAC_TRY(fac_program_make_tensor(program, i));
    FAC_TRY(list_expected(program));
    make_ready(program);
    return FAC_OK;
}

static void count_own_of_grads(fac_program *program)
{
    for (size_t c = 0; c < program->n_calls; c++)
        for (size_t i = 0; i < program->calls[c].n_grads; i++) {
            fac_pgrad *grad = program->calls[c].grads + i;
            if (grad->after == FAC_NONE_ID)
                continue;
            grad->own_refs = program->values[grad->after].own_refs;
            grad->own_storage = fac_program_own_storage(fac_root_of(program, grad->after));
            program->n_given += grad->before == FAC_NONE_ID;
        }
}

static bool is_given(const fac_program *program, const fac_pgrad *wanted)
{
    for (uint32_t i = 0; i < program->n_given; i++)
        if (program->given[i].leaf == wanted->leaf && program->given[i].after == wanted->before)
            return true;
    return false;
}

static void find_given(fac_program *program)
{
    for (size_t c = 0; c < program->n_calls; c++) {
        fac_pcall *call = program->calls + c;
        call->grads_given = true;
        for (size_t i = 0; i < call->n_grads && call->grads_given; i++)
            call->grads_given = is_given(program, call->grads + i);
    }
}

static void note_result(fac_program *program)
{
    if (program->result == FAC_NONE_ID || program->values[program->result].kind != FAC_PVALUE_RESULT)
        return;
    program->made = program->values[program->result].tensor;
    program->made_refs = program->values[program->result].own_refs;
    program->made_storage = fac_program_own_storage(fac_root_of(program, program->result));
}

static void note_use(fac_program *program, uint32_t value, fac_tensor **slot)
{
    if (program->uses)
        program->uses[program->n_uses] = (fac_puse){value, slot};
    program->n_uses++;
}

static void note_view(fac_program *program, uint32_t value)
{
    if (program->views)
        program->views[program->n_views] = value;
    program->n_views++;
}

/* Who has to know when a value is another tensor in a run; counted only, as long as there is no room for it. */
static void note_changing(fac_program *program)
{
    program->n_uses = program->n_views = 0;
    for (size_t c = 0; c < program->n_calls; c++) {
        const fac_pcall *call = program->calls + c;
        for (uint32_t i = 0; i < call->n_in; i++)
            if (fac_program_changes(program, call->in_id[i]))
                note_use(program, call->in_id[i], call->in + i);
    }
    for (uint32_t i = 0; i < program->n_values; i++)
        if (program->values[i].kind == FAC_PVALUE_RESULT && fac_program_changes(program, program->values[i].root))
            note_view(program, i);
}

static fac_status list_changing(fac_program *program)
{
    note_changing(program);
    program->uses = fac_alloc((program->n_uses + 1) * sizeof *program->uses);
    program->views = fac_alloc((program->n_views + 1) * sizeof *program->views);
    if (!program->uses || !program->views)
        return fac_pending();
    note_changing(program);
    return FAC_OK;
}

/* What each run asks of gradients, of the result and of visible values, close together. */
static fac_status list_ends(fac_program *program)
{
    count_own_of_grads(program);
    note_result(program);
    for (uint32_t i = 0; i < program->n_visible; i++) {
        const fac_pvalue *value = program->values + program->visible[i].id;
        program->visible[i].own_refs = value->own_refs;
        program->visible[i].kept = value->kept;
    }
    if (!program->n_given)
        return FAC_OK;
    program->given = fac_alloc(program->n_given * sizeof *program->given);
    if (!program->given)
        return fac_pending();
    fac_pgrad *next = program->given;
    for (size_t c = 0; c < program->n_calls; c++)
        for (size_t i = 0; i < program->calls[c].n_grads; i++)
            if (program->calls[c].grads[i].after != FAC_NONE_ID && program->calls[c].grads[i].before == FAC_NONE_ID)
                *next++ = program->calls[c].grads[i];
    fac_program_give_inputs(program);
    find_given(program);
    return FAC_OK;
}

fac_status fac_program_build(fac_program *program)
{
    program->keeps_all = program->n_cuts > 0;
    program->piece_end = fac_alloc_zeroed((program->n_cuts + 1) * sizeof *program->piece_end);
    if (!program->piece_end)
        return fac_pending();
    mark_kept(program);
    count_uses(program);
    find_free_numbers(program);
    FAC_TRY(make_steps(program));
    find_lives(program);
    FAC_TRY(make_tensors(program));
    FAC_TRY(list_changing(program));
    return list_ends(program);
}

static void free_call(fac_pcall *call)
{
    fac_dealloc(call->in, call->in ? call->n_in * sizeof *call->in : 0);
    fac_dealloc(call->in_id, call->in_id ? call->n_in * sizeof *call->in_id : 0);
    fac_dealloc(call->args, call->args_bytes);
    fac_dealloc(call->results, call->results ? call->n_visible * sizeof *call->results : 0);
    fac_dealloc(call->grads, call->grads_capacity * sizeof *call->grads);
    if (!call->op && call->action.params)
        fac_free_handle(call->action.object);
}

void fac_program_free(fac_program *program)
{
    if (!program)
        return;
    for (size_t i = program->n_values; i-- > 0;)
        if (program->values[i].tensor && program->values[i].kind != FAC_PVALUE_BATCH)
            fac_program_release(program->values[i].tensor);
    for (size_t c = 0; c < program->n_calls; c++)
        free_call(program->calls + c);
    for (size_t s = 0; s < program->n_steps; s++) {
        fac_dealloc(program->steps[s].touched, program->steps[s].n_touched * sizeof(uint32_t));
        fac_dealloc(program->steps[s].ctx, program->steps[s].ctx_bytes);
    }
    if (program->arena)
        fac_storage_release(program->arena);
    if (program->nowhere)
        fac_storage_release(program->nowhere);
    fac_dealloc(program->values, program->values_capacity * sizeof *program->values);
    fac_dealloc(program->calls, program->calls_capacity * sizeof *program->calls);
    fac_dealloc(program->expected, program->expected ? (program->n_calls + 1) * sizeof *program->expected : 0);
    fac_dealloc(program->wholes, program->wholes ? (program->n_calls + 1) * sizeof *program->wholes : 0);
    fac_dealloc(program->handles, program->n_handles * sizeof *program->handles);
    fac_dealloc(program->visible, program->n_handles * sizeof *program->visible);
    fac_dealloc(program->uses, program->uses ? (program->n_uses + 1) * sizeof *program->uses : 0);
    fac_dealloc(program->views, program->views ? (program->n_views + 1) * sizeof *program->views : 0);
    fac_dealloc(program->given, program->given ? program->n_given * sizeof *program->given : 0);
    fac_dealloc(program->cuts, program->cuts_capacity * sizeof *program->cuts);
    fac_dealloc(program->piece_end, program->piece_end ? (program->n_cuts + 1) * sizeof *program->piece_end : 0);
    fac_dealloc(program->steps, program->steps_capacity * sizeof *program->steps);
    fac_dealloc(program, sizeof *program);
}

fac_status fac_program_restore(fac_program *program)
{
    for (size_t i = program->n_values; i-- > 0;)
        if (program->values[i].kind == FAC_PVALUE_RESULT && program->values[i].tensor) {
            fac_program_release(program->values[i].tensor);
            program->values[i].tensor = NULL;
        }
    for (uint32_t i = 0; i < program->n_values; i++)
        if (program->values[i].kind == FAC_PVALUE_RESULT)
            FAC_TRY(fac_program_make_tensor(program, i));
    make_ready(program);
    program->awake = false;
    return FAC_OK;
}
