/* SPDX-License-Identifier: MIT */
/* Replaying: while a run makes the calls that were recorded they are given the program's tensors, and the steps are run
 * where the recording ends or was cut. At the first difference the run goes over to another program (plan_switch.c) or
 * leaves them all (plan_leave.c). */
#include <string.h>

#include "base/alloc.h"
#include "plan/plan.h"
#include "tensor/storage.h"

static bool outside_fits(const fac_pvalue *value)
{
    const fac_tensor *t = value->tensor;
    return value->data == t->data && fac_same_dims(&value->m, &t->m) && value->requires_grad == t->requires_grad &&
           !t->node;
}

/* After a change of structure somewhere: do this program's tensors look as they did? */
static bool structure_fits(fac_program *program)
{
    const uint32_t now = fac_structure_now();
    if (program->structure == now)
        return true;
    for (size_t i = 0; i < program->n_values; i++)
        if (program->values[i].kind == FAC_PVALUE_OUTSIDE && !outside_fits(program->values + i))
            return false;
    program->structure = now;
    return true;
}

/* The very tensors of the last run, and nothing about any tensor has changed since. */
static inline bool is_bound_to(const fac_program *program, const fac_batch *batch, int64_t n)
{
    if (!program->is_bound || program->structure != fac_structure_now())
        return false;
    for (int64_t i = 0; i < n; i++)
        if (program->bound[i].tensor != batch->item[i] ||
            program->bound[i].serial != fac_header_of(batch->item[i])->serial)
            return false;
    return true;
}

bool fac_replay_fits(fac_program *program, const fac_batch *batch)
{
    const int64_t n = batch ? batch->n : 0;
    if (program->n_batch != n || program->no_grad != fac_self.no_grad)
        return false;
    program->stays_bound = is_bound_to(program, batch, n);
    if (program->stays_bound)
        return true;
    for (int64_t i = 0; i < n; i++) {
        const fac_tensor *t = batch->item[i];
        if (!fac_same_dims(&program->batch_meta[i], &t->m) || t->requires_grad || t->wrapped_number)
            return false;
    }
    return program->refused || structure_fits(program);
}

fac_status fac_program_run(fac_program *program, size_t from, size_t to)
{
    const bool no_grad = fac_self.no_grad;
    fac_recorder *recorder = fac_self.recorder;
    fac_status status = FAC_OK;
    fac_self.no_grad = true;
    fac_self.recorder = NULL;
    for (size_t s = from; s < to && !status; s++)
        status = program->steps[s].run(program, program->steps + s);
    fac_self.recorder = recorder;
    fac_self.no_grad = no_grad;
    return status;
}

/* Does what was put off, up to the cut that comes next. */
static fac_status run_piece(fac_plan *plan)
{
    fac_program *p = plan->now;
    const size_t to = p->piece_end[plan->cut], from = plan->step;
    plan->step = to;
    plan->done = fac_plan_position(plan);
    plan->cut++;
    return fac_program_run(p, from, to);
}

static bool number_fits(fac_program *program, const fac_pcall *call, uint32_t id, const fac_tensor *given)
{
    fac_pvalue *value = program->values + id;
    const size_t size = fac_dtype_sizes[value->m.dtype];
    if (!given->wrapped_number || given->m.dtype != value->m.dtype)
        return false;
    if (memcmp(value->data, given->data, size)) {
        if (!call->numbers_free)
            return false;
        memcpy(value->data, given->data, size);
    }
    return true;
}

static bool fresh_fits(fac_program *program, uint32_t id, fac_tensor *given)
{
    const fac_pvalue *value = program->values + id;
    bool fits = fac_same_dims(&value->m, &given->m) && !given->requires_grad && !given->wrapped_number;
    if (fits && given != value->tensor)
        fac_program_replace(program, id, given);
    return fits;
}

static __attribute__((noinline)) bool input_fits(fac_program *program, const fac_pcall *call, uint32_t i,
                                                 fac_tensor *given)
{
    const uint32_t id = call->in_id[i];
    if ((void *)given == fac_none || !given)
        return id == FAC_NONE_ID && !fac_pending();
    if (id == FAC_NONE_ID || !fac_tensor_alive(given))
        return false;
    if (program->values[id].kind == FAC_PVALUE_NUMBER)
        return number_fits(program, call, id, given);
    return program->values[id].kind == FAC_PVALUE_FRESH && fresh_fits(program, id, given);
}

void fac_program_take_numbers(fac_program *program, fac_pcall *call, const void *args)
{
    const uint32_t at = (uint32_t)(call - program->calls);
    fac_args_take_numbers(call->op, call->args, args);
    for (size_t c = at + 1; c < program->n_calls; c++)
        if (program->calls[c].args_of == at)
            fac_args_take_numbers(call->op, program->calls[c].args, args);
}

static __attribute__((noinline)) bool args_fit(fac_program *program, fac_pcall *call, const void *args)
{
    if (fac_args_equal(call->op, call->args, args))
        return true;
    if (!call->numbers_free || !fac_args_alike(call->op, call->args, args))
        return false;
    fac_program_take_numbers(program, call, args);
    return true;
}

static inline bool same_args(const fac_pcall *call, const void *args)
{
    return !call->args_bytes || (call->args_plain && !memcmp(call->args, args, call->op->args_size));
}

/* NULL, or what differs. */
static inline const char *difference(fac_program *program, fac_pcall *entry, const fac_call *call)
{
    if (__builtin_expect(entry->op != call->op || entry->inplace != call->inplace, 0))
        return "another operation";
    if (__builtin_expect(entry->no_grad != fac_self.no_grad, 0))
        return "another grad mode";
    if (__builtin_expect(entry->n_in != call->n_in, 0))
        return "another number of inputs";
    for (uint32_t i = 0; i < call->n_in; i++)
        if (__builtin_expect(entry->in[i] != call->in[i], 0) && !input_fits(program, entry, i, call->in[i]))
            return "another input";
    if (__builtin_expect(!same_args(entry, call->args), 0) && !args_fit(program, entry, call->args))
        return "another argument";
    return NULL;
}

/* NULL: the call is the next one of the program, or of another that the run has gone over to. */
static const char *unlike(fac_plan *plan, const fac_call *call)
{
    const char *why, *first = NULL;
    do {
        fac_program *p = plan->now;
        const uint32_t at = fac_plan_position(plan);
        why = at >= p->n_calls ? "more calls" : difference(p, p->calls + at, call);
        first = first ? first : why;
    } while (__builtin_expect(why != NULL, 0) && fac_replay_switch(plan, FAC_PNEXT_CALL, call->op));
    return why ? first : NULL;
}

static bool offer(fac_recorder *recorder, const fac_call *call, fac_tensor **out, fac_status *status)
{
    fac_plan *plan = (fac_plan *)recorder;
    if (plan->mode != FAC_PLAN_REPLAYS)
        return false;
    const char *why = unlike(plan, call);
    if (__builtin_expect(why != NULL, 0)) {
        *status = fac_replay_leave(plan, why);
        return *status != FAC_OK;
    }
    const fac_program *p = plan->now;
    const fac_pcall *entry = p->calls + fac_plan_position(plan);
    for (uint32_t i = 0; i < entry->n_visible; i++) {
        fac_tensor *tensor = p->values[entry->out + i].tensor;
        fac_slot_mark(fac_header_of(tensor), &fac_tensor_type);
        out[i] = tensor;
    }
    if (!entry->n_visible && out && entry->n_in)
        out[0] = call->in[0];
    plan->recorder.expected++;
    *status = FAC_OK;
    return true;
}

static void note(fac_recorder *recorder, const fac_call *call, fac_tensor **result)
{
    fac_plan *plan = (fac_plan *)recorder;
    if (plan->mode == FAC_PLAN_RECORDS)
        fac_record_call(plan, call, result);
}

/* Does .grad of every leaf look as it did when the action was recorded? */
typedef struct {
    const fac_pcall *entry;
    size_t at;
    bool same;
} grads_check;

static void check_param(void *ctx, fac_tensor *param)
{
    grads_check *check = ctx;
    if (check->at >= check->entry->n_grads) {
        check->same = false;
        return;
    }
    const fac_pgrad *grad = check->entry->grads + check->at++;
    check->same &= grad->now.leaf == param && param->grad == grad->now.before;
}

/* After a group was added to an optimiser: does it read the same gradients all the same? */
static __attribute__((noinline)) bool other_params_fit(fac_pcall *entry, const fac_action *action)
{
    grads_check check = {entry, 0, true};
    action->params(action->object, check_param, &check);
    if (!check.same || check.at != entry->n_grads)
        return false;
    entry->action.params_version = action->params_version;
    return true;
}

static bool grads_fit(fac_pcall *entry, const fac_action *action)
{
    if (__builtin_expect(action->params_version != entry->action.params_version, 0))
        return other_params_fit(entry, action);
    for (size_t i = 0; i < entry->n_grads; i++)
        if (entry->grads[i].now.leaf->grad != entry->grads[i].now.before)
            return false;
    return true;
}

/* Every leaf that had no gradient is given the program's; one that somebody holds stays theirs. */
static fac_status give_grads(fac_program *program, const fac_pcall *entry)
{
    for (size_t i = 0; i < entry->n_grads && !entry->action.params; i++) {
        const fac_pgrad *grad = entry->grads + i;
        if (grad->before != FAC_NONE_ID)
            continue;
        if (__builtin_expect(!fac_holds_grad(grad, 0), 0))
            FAC_TRY(fac_program_renew(program, grad->after));
        fac_tensor *tensor = grad->now.after;
        fac_slot_mark(fac_header_of(tensor), &fac_tensor_type);
        fac_ref(tensor);
        grad->now.leaf->grad = tensor;
    }
    return FAC_OK;
}

/* Few bytes, without a call. */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
    size_t i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i == n;
}

static bool given_alike(fac_program *p, const fac_pcall *entry, const fac_action *action)
{
    for (uint32_t i = 0; i < action->n_in; i++)
        if (entry->in[i] != action->in[i] && !input_fits(p, entry, i, action->in[i]))
            return false;
    return true;
}

static bool action_fits(fac_program *p, fac_pcall *entry, const fac_action *action)
{
    if (entry->op || entry->action.name != action->name || entry->no_grad != fac_self.no_grad ||
        entry->action.object != action->object || entry->n_in != action->n_in || entry->action.n_out != action->n_out ||
        entry->args_bytes != action->args_size)
        return false;
    return same_bytes(entry->args, action->args, action->args_size) && given_alike(p, entry, action) &&
           grads_fit(entry, action);
}

static void give_results(const fac_program *p, const fac_pcall *entry, const fac_action *action)
{
    for (uint32_t i = 0; i < action->n_out; i++) {
        const uint32_t id = entry->results[i];
        action->out[i] = id == FAC_NONE_ID ? NULL : p->handles[id];
        if (id != FAC_NONE_ID && p->values[id].kind == FAC_PVALUE_RESULT)
            fac_slot_mark(fac_header_of(action->out[i]), &fac_tensor_type);
    }
}

/* The entry that is the action; else NULL, and what came instead. */
static fac_pcall *like_action(fac_plan *plan, const fac_action *action, const char **why)
{
    *why = NULL;
    do {
        fac_program *p = plan->now;
        const uint32_t at = fac_plan_position(plan);
        fac_pcall *entry = at < p->n_calls ? p->calls + at : NULL;
        if (entry && action_fits(p, entry, action))
            return entry;
        if (!*why)
            *why = !entry ? "more calls" : entry->op ? "another operation" : "another action";
    } while (fac_replay_switch(plan, FAC_PNEXT_ACTION, action->name));
    return NULL;
}

static bool begin(fac_recorder *recorder, const fac_action *action, fac_status *status)
{
    fac_plan *plan = (fac_plan *)recorder;
    if (plan->mode == FAC_PLAN_REPLAYS) {
        const char *why;
        const fac_pcall *entry = like_action(plan, action, &why);
        if (entry) {
            plan->recorder.expected++;
            give_results(plan->now, entry, action);
            *status = give_grads(plan->now, entry);
            return true;
        }
        *status = fac_replay_leave(plan, why);
        if (*status)
            return true;
    }
    if (plan->mode == FAC_PLAN_RECORDS)
        fac_record_action(plan, action);
    return false;
}

static void end(fac_recorder *recorder, const fac_action *action)
{
    fac_plan *plan = (fac_plan *)recorder;
    if (plan->mode == FAC_PLAN_RECORDS)
        fac_record_action_end(plan, action);
}

static void gave_grad(fac_recorder *recorder, fac_tensor *leaf, const fac_tensor *before)
{
    fac_plan *plan = (fac_plan *)recorder;
    if (plan->mode == FAC_PLAN_RECORDS)
        fac_record_grad(plan, leaf, before);
}

static bool is_item(const fac_plan *plan, const fac_tensor *tensor)
{
    for (int64_t i = 0; plan->batch && i < plan->batch->n; i++)
        if (plan->batch->item[i] == tensor)
            return true;
    return false;
}

static fac_status settle(fac_recorder *recorder, const fac_tensor *tensor)
{
    fac_plan *plan = (fac_plan *)recorder;
    if (is_item(plan, tensor))
        return FAC_OK;
    if (plan->mode == FAC_PLAN_RECORDS)
        fac_record_cut(plan);
    if (plan->mode != FAC_PLAN_REPLAYS || plan->done == fac_plan_position(plan))
        return FAC_OK;
    do {
        const fac_program *p = plan->now;
        while (plan->cut < p->n_cuts && p->cuts[plan->cut] < fac_plan_position(plan))
            plan->cut++; /* nobody looked there this time */
        if (plan->cut < p->n_cuts && p->cuts[plan->cut] == fac_plan_position(plan))
            return run_piece(plan);
    } while (fac_replay_switch(plan, FAC_PNEXT_LOOK, NULL));
    return fac_replay_leave(plan, "values are looked at");
}

static void refuse(fac_recorder *recorder, const char *why)
{
    fac_plan *plan = (fac_plan *)recorder;
    if (plan->mode == FAC_PLAN_RECORDS && !plan->now->refused)
        plan->now->refused = why;
}

/* The program's place for the tensor; NULL if it has none. */
static fac_tensor **handle_of(const fac_program *program, const fac_tensor *tensor)
{
    for (size_t i = program->n_values; i-- > 0;)
        if (program->handles[i] == tensor)
            return program->handles + i;
    return NULL;
}

static void enter(fac_recorder *recorder, const void *module, fac_tensor *const *in, uint32_t n)
{
    fac_plan *plan = (fac_plan *)recorder;
    fac_whole *whole = &plan->entered;
    *whole = (fac_whole){.n_in = (uint8_t)n, .no_grad = fac_self.no_grad, .structure = fac_structure_now()};
    if (plan->mode != FAC_PLAN_REPLAYS)
        return;
    plan->entered_at = fac_plan_position(plan);
    for (uint32_t i = 0; i < n; i++)
        if (!in[i] || (void *)in[i] == fac_none || !(whole->in[i] = handle_of(plan->now, in[i])))
            return;
    whole->module = module;
}

/* Calls of the function alone, and none looked at. */
static bool is_whole(const fac_program *program, uint32_t from, uint32_t to)
{
    for (uint32_t c = from; c < to; c++)
        if (!program->calls[c].op)
            return false;
    for (size_t i = 0; i < program->n_cuts; i++)
        if (program->cuts[i] > from && program->cuts[i] < to)
            return false;
    return from < to;
}

/* The module has made the calls that were expected: from now on they are taken as one. */
static void leave(fac_recorder *recorder, const fac_tensor *result)
{
    fac_plan *plan = (fac_plan *)recorder;
    fac_program *p = plan->now;
    fac_whole whole = plan->entered;
    plan->entered.module = NULL;
    if (!whole.module || !result || plan->mode != FAC_PLAN_REPLAYS || whole.structure != fac_structure_now() ||
        !is_whole(p, plan->entered_at, fac_plan_position(plan)) || !(whole.out = handle_of(p, result)))
        return;
    const fac_pvalue *value = p->values + (whole.out - p->handles);
    if (value->kind != FAC_PVALUE_RESULT || !value->visible || value->call < plan->entered_at)
        return;
    whole.next = plan->recorder.expected;
    for (fac_expected *e = p->expected; e < plan->recorder.expected; e++)
        if (e->call == plan->entered_at)
            *e->whole = whole;
}

const fac_recorder_class fac_plan_recorder = {offer, note, begin, end, gave_grad, settle, refuse, enter, leave};

/* A value that somebody keeps beyond the run though the program has no memory for that: recorded anew, it will. */
static __attribute__((noinline)) const char *want_kept(fac_plan *plan, uint32_t id)
{
    if (fac_grow(&plan->keep, &plan->keep_capacity, plan->n_keep + 1, sizeof *plan->keep))
        fac_clear_pending();
    else
        plan->keep[plan->n_keep++] = id;
    return "a value is kept";
}

static const char *find_held(fac_plan *plan)
{
    const fac_program *p = plan->now;
    const char *why = NULL;
    for (const fac_pvisible *v = p->visible, *end = v + p->n_visible; v < end; v++) {
        const fac_header *header = fac_header_of(v->now);
        if (!header->type) /* within a module's call: nobody was given it */
            continue;
        if (__builtin_expect(header->refs != v->own_refs && !v->kept, 0))
            why = want_kept(plan, v->id);
    }
    return why;
}

/* Tensors made in the run end with it; those that somebody keeps are theirs, and the program gets others. */
static fac_status retire(fac_program *p)
{
    fac_status status = FAC_OK;
    for (const fac_pvisible *v = p->visible, *end = v + p->n_visible; v < end; v++) {
        if (!fac_header_of(v->now)->type)
            continue;
        if (__builtin_expect(v->kept && !fac_program_holds_alone(p, v->id), 0) && !status)
            status = fac_program_renew(p, v->id);
        fac_slot_mark(fac_header_of(v->now), NULL);
    }
    return status;
}

static bool is_result(const fac_program *p, const fac_tensor *result)
{
    if (p->result == FAC_NONE_ID)
        return (const void *)result == fac_none;
    return p->values[p->result].tensor == result;
}

/* What is wrong with the run's end; NULL: nothing. */
static const char *other_end(const fac_plan *plan, const fac_tensor *result)
{
    const fac_program *p = plan->now;
    if (fac_plan_position(plan) < p->n_calls)
        return "fewer calls";
    return is_result(p, result) ? NULL : "another result";
}

fac_tensor *fac_replay_end(fac_plan *plan, fac_tensor *result)
{
    const char *why = other_end(plan, result);
    while (__builtin_expect(why != NULL, 0) && result && fac_replay_switch(plan, FAC_PNEXT_END, NULL))
        why = other_end(plan, result);
    if (!why)
        why = find_held(plan);
    if (__builtin_expect(why != NULL, 0)) {
        if (fac_replay_leave(plan, why) || !result)
            return NULL;
        if ((void *)result != fac_none)
            fac_ref(result);
        return result;
    }
    fac_program *p = plan->now;
    if (fac_program_run(p, plan->step, p->n_steps))
        return NULL;
    result = fac_program_hand_out(p);
    p->replays++;
    plan->replays++;
    return retire(p) ? NULL : result;
}
