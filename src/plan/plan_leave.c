/* SPDX-License-Identifier: MIT */
/* Leaving: at the first difference that no program knows, what was put off is done by the calls themselves, and the
 * tensors that were handed out become their results. */
#include "base/alloc.h"
#include "plan/plan.h"

/* Puts a result into the tensor that was handed out for it. */
static void become(fac_tensor *tensor, fac_tensor *result)
{
    fac_storage_ref(result->storage);
    fac_storage_release(tensor->storage);
    tensor->storage = result->storage;
    tensor->data = result->data;
    tensor->m = result->m;
    tensor->requires_grad = result->requires_grad;
    tensor->is_view = result->is_view;
    tensor->graph_version = result->graph_version;
    tensor->output_nr = result->output_nr;
    tensor->run_id = result->run_id;
    tensor->run_value = result->run_value;
    tensor->node = result->node;
    if (tensor->node)
        fac_count_up(&tensor->node->refs);
}

/* The program's tensor of a value is the run's from now on: it is freed with it. */
static fac_status give_away(fac_plan *plan, fac_tensor *tensor)
{
    FAC_TRY(fac_grow(&plan->strays, &plan->strays_capacity, plan->n_strays + 1, sizeof *plan->strays));
    fac_ref(tensor);
    plan->strays[plan->n_strays++] = tensor;
    return FAC_OK;
}

/* An input as the run had it: what it made itself is to be known as that. NULL with the error set. */
static fac_tensor *given_again(const fac_plan *plan, const fac_program *p, uint32_t id, fac_tensor *tensor)
{
    if (!tensor)
        return fac_none;
    if (p->values[id].kind != FAC_PVALUE_NUMBER)
        return tensor;
    fac_tensor *number = fac_tensor_alias(tensor);
    if (!number)
        return NULL;
    number->run_id = plan->run_id;
    number->run_value = (uint32_t)FAC_NO_VALUE;
    return fac_tensor_adopt(number);
}

static fac_status redo_call(fac_plan *plan, const fac_program *p, const fac_pcall *entry)
{
    fac_tensor *few[16], *out[FAC_MAX_OUT], **in = few;
    const size_t bytes = entry->n_in * sizeof *in;
    if (entry->n_in > 16 && !(in = fac_alloc(bytes)))
        return fac_pending();
    for (uint32_t i = 0; i < entry->n_in; i++)
        in[i] = given_again(plan, p, entry->in_id[i], entry->in[i]);
    const fac_call call = {
        .op = entry->op, .in = in, .n_in = entry->n_in, .inplace = entry->inplace, .args = entry->args};
    fac_status status = fac_apply(&call, out);
    for (uint32_t i = 0; i < entry->n_visible && !status; i++) {
        fac_tensor *handed = p->values[entry->out + i].tensor;
        status = give_away(plan, handed);
        if (!status)
            become(handed, out[i]);
    }
    if (in != few)
        fac_dealloc(in, bytes);
    return status;
}

/* Leaves' gradients as they were before backward was taken. */
static void drop_grad(fac_tensor *leaf)
{
    fac_tensor *grad = leaf->grad;
    leaf->grad = NULL;
    fac_free_handle(grad);
}

static void take_back_grads(const fac_program *p, const fac_pcall *entry)
{
    for (size_t i = 0; i < entry->n_grads; i++) {
        const fac_pgrad *grad = entry->grads + i;
        fac_tensor *leaf = p->values[grad->leaf].tensor;
        if (grad->before == FAC_NONE_ID)
            drop_grad(leaf);
        else if (!leaf->grad) { /* dropped since: it is added to once more */
            leaf->grad = p->values[grad->before].tensor;
            fac_ref(leaf->grad);
        }
    }
}

/* Which gradients the function has dropped since they were given; and dropped again once all is done again. */
static void note_dropped(const fac_program *p, uint32_t from, uint32_t to)
{
    for (uint32_t c = from; c < to; c = p->calls[c].next)
        for (size_t i = 0; i < p->calls[c].n_grads; i++)
            p->calls[c].grads[i].cleared = !p->values[p->calls[c].grads[i].leaf].tensor->grad;
}

static void drop_again(const fac_program *p, uint32_t from, uint32_t to)
{
    for (uint32_t c = from; c < to; c = p->calls[c].next)
        for (size_t i = 0; i < p->calls[c].n_grads; i++)
            if (p->calls[c].grads[i].cleared)
                drop_grad(p->values[p->calls[c].grads[i].leaf].tensor);
}

/* Calls behind it, and the function, have the gradients that were given before. */
static fac_status give_grads_again(fac_plan *plan, const fac_program *p, const fac_pcall *entry)
{
    for (size_t i = 0; i < entry->n_grads; i++) {
        const fac_pgrad *grad = entry->grads + i;
        fac_tensor *leaf = p->values[grad->leaf].tensor, *fresh = leaf->grad;
        if (grad->before != FAC_NONE_ID || !fresh)
            continue;
        fac_tensor *handed = p->values[grad->after].tensor;
        FAC_TRY(give_away(plan, handed));
        become(handed, fresh);
        fac_ref(handed);
        leaf->grad = handed;
        fac_free_handle(fresh);
    }
    return FAC_OK;
}

/* What the action gave becomes what it gives now. */
static fac_status give_results_again(fac_plan *plan, const fac_program *p, const fac_pcall *entry, fac_tensor **out)
{
    for (uint32_t i = 0; i < entry->n_visible; i++) {
        const uint32_t id = entry->results[i];
        if (id == FAC_NONE_ID || p->values[id].kind != FAC_PVALUE_RESULT || p->values[id].tensor == out[i])
            continue;
        FAC_TRY(give_away(plan, p->values[id].tensor));
        become(p->values[id].tensor, out[i]);
    }
    return FAC_OK;
}

static fac_status redo_action(fac_plan *plan, const fac_program *p, const fac_pcall *entry)
{
    if (entry->action.params)
        return fac_program_act(entry);
    const size_t bytes = entry->n_visible * sizeof(fac_tensor *);
    fac_action action = entry->action;
    action.in = entry->in;
    action.out = bytes ? fac_alloc(bytes) : NULL;
    if (bytes && !action.out)
        return fac_pending();
    take_back_grads(p, entry);
    fac_status status = action.redo(&action);
    if (!status)
        status = give_results_again(plan, p, entry, action.out);
    fac_dealloc(action.out, bytes);
    return status ? status : give_grads_again(plan, p, entry);
}

/* What was taken as part of a module's call has not been handed out before. */
void fac_program_hand_out_all(const fac_program *p, uint32_t to)
{
    for (uint32_t c = 0; c < to; c = p->calls[c].next)
        for (uint32_t i = 0; i < p->calls[c].n_visible; i++) {
            const uint32_t id = fac_result_of(p->calls + c, i);
            if (id != FAC_NONE_ID)
                fac_slot_mark(fac_header_of(p->values[id].tensor), &fac_tensor_type);
        }
}

static fac_status redo(fac_plan *plan, const fac_program *p, uint32_t from, uint32_t to)
{
    fac_status status = FAC_OK;
    note_dropped(p, from, to);
    for (uint32_t c = from; c < to && !status; c = p->calls[c].next) {
        const fac_pcall *entry = p->calls + c;
        const bool no_grad = fac_self.no_grad;
        fac_self.no_grad = entry->no_grad;
        status = entry->op ? redo_call(plan, p, entry) : redo_action(plan, p, entry);
        fac_self.no_grad = no_grad;
    }
    drop_again(p, from, to);
    return status;
}

/* What the steps have computed stays as it is, without a history. */
static fac_status leave_done(fac_plan *plan, const fac_program *p)
{
    for (uint32_t c = 0; c < plan->done; c = p->calls[c].next)
        for (uint32_t i = 0; i < p->calls[c].n_visible; i++) {
            const uint32_t id = fac_result_of(p->calls + c, i);
            if (id == FAC_NONE_ID || p->values[id].kind != FAC_PVALUE_RESULT)
                continue;
            fac_tensor *handed = p->values[id].tensor;
            handed->requires_grad = false;
            FAC_TRY(give_away(plan, handed));
        }
    return FAC_OK;
}

static void forget_program(fac_plan *plan, const fac_program *program)
{
    for (size_t i = 0; i < plan->n_programs; i++)
        if (plan->programs[i] == program) {
            fac_plan_make_newest(plan, i);
            plan->n_programs--;
            return;
        }
}

fac_status fac_replay_leave(fac_plan *plan, const char *why)
{
    fac_program *old = plan->now;
    const fac_status pending = fac_error_status(); /* an error of the function's own: what came before it is done */
    const bool again = fac_program_is_pure(old, plan->done); /* what is done can be done again */
    const uint32_t from = again ? 0 : plan->done, to = fac_plan_position(plan);
    plan->why = why;
    plan->why_call = to;
    plan->why_name = fac_program_name(old, to);
    plan->mode = FAC_PLAN_OFF;
    plan->recorder.expected = NULL;
    fac_self.recorder = NULL;
    forget_program(plan, old);
    fac_program_hand_out_all(old, to);
    plan->entered.module = NULL;
    fac_status status = again ? FAC_OK : leave_done(plan, old);
    if (!status && again && fac_record_begin(plan))
        fac_clear_pending();
    if (!status)
        status = redo(plan, old, from, to);
    plan->gone = old; /* its tensors may be in use until the run ends */
    plan->gone_for_good = !again || plan->n_keep || pending == FAC_ERR_MEMORY;
    if (pending)
        fac_self.pending = pending;
    return status;
}
