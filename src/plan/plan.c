/* SPDX-License-Identifier: MIT */
/* Plans: which run is recorded, which is replayed, which goes as if there were no plan. */
#include "plan/plan.h"

#include "base/alloc.h"

enum { MANY_IN_VAIN = 16, PAUSE = 64 }; /* after so many recordings that were no use, so many runs without one */

static void destroy_plan(void *handle)
{
    fac_plan *plan = handle;
    for (size_t i = 0; i < plan->n_programs; i++)
        fac_program_free(plan->programs[i]);
    fac_dealloc(plan->strays, plan->strays_capacity * sizeof *plan->strays);
    fac_dealloc(plan->keep, plan->keep_capacity * sizeof *plan->keep);
    fac_handle_dealloc(plan);
}

const fac_handle_type fac_plan_type = {"plan", destroy_plan};

fac_plan *fac_compile(fac_step_fn *fn, void *ctx)
{
    if (!fn) {
        fac_fail(FAC_ERR_VALUE, "compile: fn is NULL");
        return NULL;
    }
    fac_plan *plan = fac_handle_new(&fac_plan_type, sizeof *plan);
    if (!plan)
        return NULL;
    plan->recorder.cls = &fac_plan_recorder;
    plan->fn = fn;
    plan->ctx = ctx;
    return plan;
}

void fac_plan_free(fac_plan *plan)
{
    fac_free_handle(plan);
}

/* A step that branches often does so in turn: the program that followed this one the last time. */
static void foresee(fac_plan *plan)
{
    const size_t n = plan->n_programs;
    const uint32_t next = n ? plan->programs[n - 1]->follows : 0;
    if (__builtin_expect(!next || next == plan->programs[n - 1]->serial, 1))
        return;
    for (size_t i = 0; i < n; i++)
        if (plan->programs[i]->serial == next && !plan->programs[i]->refused &&
            fac_replay_fits(plan->programs[i], plan->batch)) {
            fac_plan_make_newest(plan, i);
            return;
        }
}

static void note_replay(fac_plan *plan, const fac_program *now)
{
    if (__builtin_expect(plan->before == now->serial && now->follows == now->serial, 1))
        return;
    for (size_t i = 0; i < plan->n_programs; i++)
        if (plan->programs[i]->serial == plan->before)
            plan->programs[i]->follows = now->serial;
    plan->before = now->serial;
}

/* The program for this batch, the newest first; one that only tells why there is none, last. */
static fac_program *find_program(fac_plan *plan, const fac_batch *batch)
{
    fac_program *refused = NULL;
    for (size_t i = plan->n_programs; i-- > 0;) {
        fac_program *program = plan->programs[i];
        if (!fac_replay_fits(program, batch))
            continue;
        if (!program->refused) {
            if (i + 1 < plan->n_programs)
                fac_plan_make_newest(plan, i);
            return program;
        }
        refused = refused ? refused : program;
    }
    return refused;
}

static void add_program(fac_plan *plan, fac_program *program)
{
    program->serial = program->serial ? program->serial : ++plan->serials;
    if (plan->n_programs == FAC_PLAN_PROGRAMS) {
        fac_plan_make_newest(plan, 0);
        fac_program_free(plan->programs[--plan->n_programs]);
    }
    plan->programs[plan->n_programs++] = program;
}

/* Makes a program of the recording. If memory is short there is none, and the run is none the worse. */
static void finish_recording(fac_plan *plan, fac_tensor *result)
{
    fac_program *program = plan->now;
    if (result)
        fac_record_end(plan, result);
    plan->mode = FAC_PLAN_OFF;
    plan->now = NULL;
    plan->recordings++;
    if (result && !plan->failed && (program->refused || fac_program_build(program) == FAC_OK)) {
        add_program(plan, program);
        return;
    }
    if (result)
        fac_clear_pending();
    fac_program_free(program);
}

/* The program that the run has left, for the next that goes its way; but the run's own is the newest. */
static void take_back(fac_plan *plan)
{
    fac_program *gone = plan->gone;
    const fac_status pending = fac_self.pending; /* the run's own error */
    fac_clear_pending();
    const bool lost = plan->gone_for_good || fac_program_restore(gone);
    fac_self.pending = pending;
    plan->gone = NULL;
    if (lost) {
        fac_program_free(gone);
        return;
    }
    add_program(plan, gone);
    if (plan->n_programs > 1)
        fac_plan_make_newest(plan, plan->n_programs - 2);
}

static void clean_up(fac_plan *plan)
{
    fac_self.recorder = NULL;
    fac_self.run_id = 0;
    plan->batch = NULL;
    plan->mode = FAC_PLAN_OFF;
    plan->recorder.expected = NULL;
    while (plan->n_strays)
        fac_free_handle(plan->strays[--plan->n_strays]);
    if (__builtin_expect(plan->gone != NULL, 0))
        take_back(plan);
}

/* Many recordings and hardly a replay: the function does something else each time. */
static bool may_record(fac_plan *plan)
{
    if (plan->rest > 0) {
        plan->rest--;
        return false;
    }
    if (plan->recordings < MANY_IN_VAIN + plan->replays / 4)
        return true;
    plan->rest = PAUSE;
    return false;
}

static void new_run_id(fac_plan *plan)
{
    static uint32_t blocks;
    enum { BLOCK = 1024 };
    if (plan->run_id % BLOCK == 0) /* never 0 itself */
        plan->run_id = BLOCK * (__atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED) % (UINT32_MAX / BLOCK));
    fac_self.run_id = ++plan->run_id;
}

static fac_status begin_replay(fac_plan *plan, fac_program *program)
{
    plan->now = program;
    plan->done = 0;
    plan->step = plan->cut = 0;
    FAC_TRY(fac_program_bind(program, plan->batch));
    plan->mode = FAC_PLAN_REPLAYS;
    plan->recorder.expected = program->expected;
    plan->recorder.entered = false;
    fac_self.recorder = &plan->recorder;
    return FAC_OK;
}

static void choose_mode(fac_plan *plan)
{
    foresee(plan);
    fac_program *program = find_program(plan, plan->batch);
    new_run_id(plan);
    if (program && !program->refused && begin_replay(plan, program) == FAC_OK)
        return;
    if (!(program && program->refused) && may_record(plan))
        fac_record_begin(plan);
    fac_clear_pending(); /* without memory for a plan the run goes on */
}

static fac_status check_batch(const fac_batch *batch)
{
    if (!batch)
        return FAC_OK;
    if (batch->n < 0 || batch->n > FAC_MAX_ITEMS)
        return fac_fail(FAC_ERR_VALUE, "run: a batch has 0 to %d items, got %lld", FAC_MAX_ITEMS, (long long)batch->n);
    for (int64_t i = 0; i < batch->n; i++) {
        const fac_tensor *item = batch->item[i];
        if (__builtin_expect(fac_self.recorder || !item || (void *)item == fac_none || !fac_tensor_alive(item), 0))
            FAC_TRY(fac_tensor_check(item, "run", "an item of the batch"));
    }
    return FAC_OK;
}

/* The function, its NULL always with an error: one that an action has returned to it counts. */
static fac_tensor *call_step(fac_plan *plan)
{
    const uint32_t errors = fac_self.errors;
    fac_tensor *result = plan->fn(plan->ctx, plan->batch);
    if (__builtin_expect(result != NULL, 1) || fac_pending())
        return result;
    if (fac_self.errors != errors)
        fac_self.pending = fac_self.last;
    else
        fac_fail(FAC_ERR_RUNTIME,
                 "run: the step gave NULL without an error; a step with nothing to give gives fac_none");
    return NULL;
}

/* The function's result with a reference that outlives the run's scope. */
static fac_tensor *run(fac_plan *plan)
{
    choose_mode(plan);
    fac_tensor *result = call_step(plan);
    const fac_status pending = fac_error_status(); /* what was put off before the error is done all the same */
    if (plan->mode == FAC_PLAN_REPLAYS) {
        result = fac_replay_end(plan, result);
        if (plan->mode == FAC_PLAN_REPLAYS)
            note_replay(plan, plan->now);
    } else if (result && result != fac_none)
        fac_ref(result);
    if (plan->mode == FAC_PLAN_RECORDS)
        finish_recording(plan, result);
    if (pending)
        fac_self.pending = pending;
    return result;
}

static __attribute__((noinline)) fac_tensor *run_in_scope(fac_plan *plan, const fac_batch *batch)
{
    fac_scope scope = fac_scope_open();
    plan->batch = batch;
    fac_tensor *result = run(plan);
    clean_up(plan);
    fac_scope_close(&scope);
    return result;
}

static fac_tensor *run_frozen(fac_plan *plan, const fac_batch *batch)
{
    fac_program *program = find_program(plan, batch);
    return program && fac_frozen_runs(program) ? fac_frozen_run(plan, program, batch) : run_in_scope(plan, batch);
}

fac_tensor *fac_run(fac_plan *plan, const fac_batch *batch)
{
    if (__builtin_expect(fac_self.pending || fac_handle_check(plan, &fac_plan_type, "run", "plan"), 0) ||
        check_batch(batch))
        return NULL;
    if (fac_self.recorder) /* within another plan's step: its calls are that plan's */
        return plan->fn(plan->ctx, batch);
    plan->runs++;
    fac_tensor *result = plan->frozen ? run_frozen(plan, batch) : run_in_scope(plan, batch);
    if (!result || (void *)result == fac_none)
        return result;
    return fac_scope_adopt(result) ? result : NULL;
}
