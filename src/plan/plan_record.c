/* SPDX-License-Identifier: MIT */
/* Recording: what the calls of a run were, and which values went in and came out. If memory is short the run goes on
 * and there is no recording. */
#include <string.h>

#include "base/alloc.h"
#include "plan/plan.h"
#include "tensor/storage.h"

/* Recording must not be what makes a run fail. */
static void give_up(fac_plan *plan)
{
    fac_clear_pending();
    plan->failed = true;
}

static void refuse(fac_plan *plan, const char *why)
{
    if (!plan->now->refused)
        plan->now->refused = why;
}

fac_status fac_record_begin(fac_plan *plan)
{
    fac_program *program = fac_alloc_zeroed(sizeof *program);
    if (!program)
        return fac_pending();
    program->no_grad = fac_self.no_grad;
    program->structure = fac_structure_now();
    program->n_batch = plan->batch ? plan->batch->n : 0;
    for (int64_t i = 0; i < program->n_batch; i++) {
        const fac_tensor *item = plan->batch->item[i];
        program->batch_meta[i] = item->m;
        program->batch_value[i] = FAC_NONE_ID;
        if (item->requires_grad)
            program->refused = "the batch requires a gradient";
    }
    plan->now = program;
    plan->failed = false;
    plan->action = FAC_NONE_ID;
    plan->mode = FAC_PLAN_RECORDS;
    fac_self.recorder = &plan->recorder;
    return FAC_OK;
}

static fac_pvalue *add_value(fac_plan *plan, fac_pkind kind, const fac_meta *m)
{
    fac_program *p = plan->now;
    if (fac_grow(&p->values, &p->values_capacity, p->n_values + 1, sizeof *p->values)) {
        give_up(plan);
        return NULL;
    }
    fac_pvalue *value = p->values + p->n_values;
    memset(value, 0, sizeof *value);
    value->kind = (uint8_t)kind;
    value->m = *m;
    value->root = (uint32_t)p->n_values++;
    value->call = FAC_NONE_ID;
    return value;
}

/* What is known of an outside tensor: its newest value, since calls may have written over it. */
static uint32_t find_outside(const fac_program *p, const fac_tensor *tensor)
{
    for (size_t i = p->n_values; i-- > 0;)
        if (p->values[i].tensor == tensor)
            return (uint32_t)i;
    return FAC_NONE_ID;
}

static int find_item(const fac_plan *plan, const fac_tensor *tensor)
{
    for (int64_t i = 0; plan->batch && i < plan->batch->n; i++)
        if (plan->batch->item[i] == tensor)
            return (int)i;
    return -1;
}

static uint32_t add_number(fac_plan *plan, const fac_tensor *number)
{
    fac_pvalue *value = add_value(plan, FAC_PVALUE_NUMBER, &number->m);
    if (!value)
        return FAC_NONE_ID;
    value->tensor = fac_tensor_new(&number->m);
    if (!value->tensor) {
        give_up(plan);
        return FAC_NONE_ID;
    }
    value->tensor->run_id = 0;
    value->tensor->wrapped_number = true;
    memcpy(value->tensor->data, number->data, fac_dtype_sizes[number->m.dtype]);
    return (uint32_t)(value - plan->now->values);
}

static uint32_t add_outside(fac_plan *plan, fac_tensor *tensor)
{
    int item = find_item(plan, tensor);
    fac_pvalue *value = add_value(plan, item < 0 ? FAC_PVALUE_OUTSIDE : FAC_PVALUE_BATCH, &tensor->m);
    if (!value)
        return FAC_NONE_ID;
    uint32_t id = (uint32_t)(value - plan->now->values);
    value->tensor = tensor;
    value->data = tensor->data;
    value->requires_grad = tensor->requires_grad;
    if (tensor->node)
        refuse(plan, "a tensor from before the step has a history of gradients");
    if (item < 0)
        fac_ref(tensor);
    else
        plan->now->batch_value[item] = id;
    return id;
}

/* The value that a tensor is; what the run made without a call is not known where it came from. */
static uint32_t value_of(fac_plan *plan, fac_tensor *tensor)
{
    const fac_program *p = plan->now;
    if (tensor->wrapped_number && !(tensor->run_id == plan->run_id && tensor->run_value != (uint32_t)FAC_NO_VALUE)) {
        uint32_t id = add_number(plan, tensor);
        if (tensor->run_id == plan->run_id) /* the same number again is one of a derivative */
            tensor->run_value = id;
        return id;
    }
    if (tensor->run_id == plan->run_id && tensor->run_value != (uint32_t)FAC_NO_VALUE)
        return tensor->run_value;
    if (tensor->run_id == plan->run_id && plan->action != FAC_NONE_ID)
        refuse(plan, "a derivative uses values that no operation made");
    uint32_t id = find_outside(p, tensor);
    if (id != FAC_NONE_ID)
        return id;
    id = add_outside(plan, tensor);
    if (id != FAC_NONE_ID && tensor->run_id == plan->run_id && p->values[id].kind == FAC_PVALUE_OUTSIDE)
        p->values[id].kind = FAC_PVALUE_FRESH;
    return id;
}

static fac_pcall *add_call(fac_plan *plan, const fac_op *op, uint32_t n_in)
{
    fac_program *p = plan->now;
    if (fac_grow(&p->calls, &p->calls_capacity, p->n_calls + 1, sizeof *p->calls)) {
        give_up(plan);
        return NULL;
    }
    fac_pcall *call = p->calls + p->n_calls;
    memset(call, 0, sizeof *call);
    call->op = op;
    call->n_in = n_in;
    call->no_grad = fac_self.no_grad;
    call->inside = plan->action != FAC_NONE_ID;
    call->origin = call->args_of = FAC_NONE_ID;
    call->out = (uint32_t)p->n_values;
    call->next = (uint32_t)++p->n_calls;
    if (n_in) {
        call->in = fac_alloc_zeroed(n_in * sizeof *call->in);
        call->in_id = fac_alloc_zeroed(n_in * sizeof *call->in_id);
        if (!call->in || !call->in_id)
            give_up(plan);
    }
    return plan->failed ? NULL : call;
}

static void copy_args(fac_plan *plan, fac_pcall *call, const void *args)
{
    call->args_bytes = fac_args_bytes(call->op, args);
    call->args_plain = fac_args_are_plain(call->op);
    if (!call->args_bytes)
        return;
    call->args = fac_alloc(call->args_bytes);
    if (call->args)
        fac_args_copy(call->op, args, call->args);
    else
        give_up(plan);
}

/* Which call is being derived, and whether these are its arguments. */
static void note_origin(fac_plan *plan, fac_pcall *call, const void *args)
{
    const fac_node *node = plan->recorder.deriving;
    if (!node || node->run_id != plan->run_id)
        return;
    call->origin = plan->now->values[node->run_value].call;
    if (args && args == node->args)
        call->args_of = call->origin;
}

static bool carries_grad(const fac_program *p, const fac_pcall *call)
{
    if (call->no_grad || call->op->flags & FAC_OP_NO_GRAD)
        return false;
    for (uint32_t i = 0; i < call->n_in; i++)
        if (call->in_id[i] != FAC_NONE_ID && p->values[call->in_id[i]].requires_grad)
            return true;
    return false;
}

/* Result i: fresh, a view of input 0, or input 0 written over. */
static void add_result(fac_plan *plan, uint32_t call_id, const fac_call *done, fac_tensor *tensor)
{
    fac_pvalue *value = add_value(plan, FAC_PVALUE_RESULT, &tensor->m);
    if (!value)
        return;
    fac_program *p = plan->now;
    fac_pcall *call = p->calls + call_id;
    value->call = call_id;
    bool over = done->inplace || done->op->flags & FAC_OP_MUTATES;
    if ((over || done->op->flags & FAC_OP_VIEW) && call->n_in) {
        const fac_pvalue *first = p->values + call->in_id[0];
        value->root = first->root;
        value->offset = first->offset + ((const char *)tensor->data - (const char *)done->in[0]->data);
        if (over && p->values[value->root].kind == FAC_PVALUE_BATCH)
            refuse(plan, "the batch is written over");
    }
    value->requires_grad = carries_grad(p, call);
    value->visible = !call->inside && (uint32_t)call->n_out < call->n_visible;
    uint32_t id = (uint32_t)(value - p->values);
    if (tensor->run_id == plan->run_id)
        tensor->run_value = id;
    else if (over)
        value->tensor = tensor, fac_ref(tensor), value->kind = FAC_PVALUE_OUTSIDE;
    call->n_out++;
}

static bool is_opaque(const fac_plan *plan)
{
    return plan->action != FAC_NONE_ID && plan->now->calls[plan->action].action.params;
}

void fac_record_call(fac_plan *plan, const fac_call *done, fac_tensor **result)
{
    if (plan->failed || is_opaque(plan))
        return;
    uint32_t call_id = (uint32_t)plan->now->n_calls;
    if (!add_call(plan, done->op, done->n_in))
        return;
    for (uint32_t i = 0; i < done->n_in && !plan->failed; i++)
        plan->now->calls[call_id].in_id[i] = done->in[i] ? value_of(plan, done->in[i]) : FAC_NONE_ID;
    if (plan->failed)
        return;
    fac_pcall *call = plan->now->calls + call_id;
    call->inplace = done->inplace;
    call->out = (uint32_t)plan->now->n_values;
    copy_args(plan, call, done->args);
    note_origin(plan, call, done->args);
    bool over = done->inplace || done->op->flags & FAC_OP_MUTATES;
    int n = over ? done->n_in > 0 : done->op->n_out + done->op->n_hidden;
    call->n_visible = (uint8_t)(over ? 0 : done->op->n_out);
    if (done->op->flags & FAC_OP_SHAPE_BY_DATA)
        refuse(plan, "an operation's shape depends on values");
    for (int i = 0; i < n && !plan->failed; i++)
        add_result(plan, call_id, done, result[i]);
}

static void add_grad(fac_plan *plan, uint32_t call_id, const fac_pgrad *grad)
{
    fac_pcall *call = plan->now->calls + call_id;
    if (fac_grow(&call->grads, &call->grads_capacity, call->n_grads + 1, sizeof *call->grads))
        give_up(plan);
    else
        call->grads[call->n_grads++] = *grad;
}

/* What a step of the optimiser reads. */
static void add_param(void *ctx, fac_tensor *param)
{
    fac_plan *plan = ctx;
    if (plan->failed)
        return;
    fac_pgrad grad = {.leaf = value_of(plan, param), .before = FAC_NONE_ID, .after = FAC_NONE_ID};
    if (param->grad)
        grad.before = value_of(plan, param->grad);
    if (!plan->failed)
        add_grad(plan, plan->action, &grad);
}

static uint32_t value_given(fac_plan *plan, fac_tensor *tensor)
{
    const bool none = !tensor || (void *)tensor == fac_none || !fac_tensor_alive(tensor);
    return none ? FAC_NONE_ID : value_of(plan, tensor);
}

void fac_record_action(fac_plan *plan, const fac_action *action)
{
    if (plan->failed)
        return;
    if (plan->action != FAC_NONE_ID) {
        refuse(plan, "an action within another");
        return;
    }
    uint32_t call_id = (uint32_t)plan->now->n_calls;
    fac_pcall *call = add_call(plan, NULL, action->n_in);
    if (!call)
        return;
    call->action = *action;
    call->action.args = NULL;
    call->action.in = call->action.out = NULL; /* the caller's */
    if (action->args_size) {
        call->args = fac_alloc(call->args_bytes = action->args_size);
        if (!call->args) {
            give_up(plan);
            return;
        }
        memcpy(call->args, action->args, action->args_size);
        call->action.args = call->args;
    }
    for (uint32_t i = 0; i < action->n_in && !plan->failed; i++) {
        const uint32_t id = value_given(plan, action->in[i]);
        plan->now->calls[call_id].in_id[i] = id;
    }
    plan->action = call_id;
    if (action->params) {
        fac_ref(action->object);
        action->params(action->object, add_param, plan);
    }
}

/* The tensors that the action gives back. */
static void add_results(fac_plan *plan, const fac_action *action)
{
    fac_pcall *call = plan->now->calls + plan->action;
    if (!action->n_out)
        return;
    uint32_t *ids = call->results = fac_alloc(action->n_out * sizeof *ids);
    if (!ids) {
        give_up(plan);
        return;
    }
    call->n_visible = action->n_out;
    for (uint32_t i = 0; i < action->n_out && !plan->failed; i++) {
        ids[i] = value_given(plan, action->out[i]);
        if (!plan->failed && ids[i] != FAC_NONE_ID)
            plan->now->values[ids[i]].visible = true;
    }
}

void fac_record_action_end(fac_plan *plan, const fac_action *action)
{
    if (plan->failed || plan->action == FAC_NONE_ID)
        return;
    add_results(plan, action);
    plan->now->calls[plan->action].next = (uint32_t)plan->now->n_calls;
    plan->action = FAC_NONE_ID;
}

void fac_record_grad(fac_plan *plan, fac_tensor *leaf, const fac_tensor *before)
{
    if (plan->failed)
        return;
    fac_program *p = plan->now;
    fac_pcall *call = p->calls + plan->action;
    uint32_t leaf_id = value_of(plan, leaf), after = plan->failed ? FAC_NONE_ID : value_of(plan, leaf->grad);
    if (plan->failed)
        return;
    call = p->calls + plan->action;
    if (p->values[leaf_id].kind == FAC_PVALUE_RESULT || after == FAC_NONE_ID)
        refuse(plan, "a tensor of the step itself is given a gradient");
    for (size_t i = 0; i < call->n_grads; i++)
        if (call->grads[i].leaf == leaf_id) { /* used twice: added up */
            call->grads[i].after = after;
            return;
        }
    const uint32_t was = before ? after : FAC_NONE_ID;
    add_grad(plan, plan->action, &(fac_pgrad){.leaf = leaf_id, .before = was, .after = after});
}

void fac_record_cut(fac_plan *plan)
{
    fac_program *p = plan->now;
    if (!plan->failed && plan->action != FAC_NONE_ID)
        refuse(plan, "values are looked at within an action");
    if (plan->failed || plan->action != FAC_NONE_ID || !p->n_calls ||
        (p->n_cuts && p->cuts[p->n_cuts - 1] == p->n_calls))
        return;
    if (fac_grow(&p->cuts, &p->cuts_capacity, p->n_cuts + 1, sizeof *p->cuts))
        give_up(plan);
    else
        p->cuts[p->n_cuts++] = (uint32_t)p->n_calls;
}

/* Whether calls before `end` may be done twice without harm. */
bool fac_program_is_pure(const fac_program *program, uint32_t end)
{
    for (uint32_t c = 0; c < end; c++) {
        const fac_pcall *call = program->calls + c;
        if (!call->op || call->inplace || call->op->flags & (FAC_OP_MUTATES | FAC_OP_DRAWS))
            return false;
    }
    return true;
}

/* A run that leaves the recording behind a cut must be able to derive what was computed before it. */
static void check_cuts(fac_plan *plan)
{
    const fac_program *p = plan->now;
    for (size_t i = 0; i < p->n_cuts; i++)
        for (uint32_t c = p->cuts[i]; c < p->n_calls; c++)
            if (p->calls[c].origin < p->cuts[i] && !fac_program_is_pure(p, p->cuts[i]))
                refuse(plan, "values are looked at before backward and after random numbers or changes in place");
}

static void take_keep_list(fac_plan *plan)
{
    fac_program *p = plan->now;
    for (size_t i = 0; i < plan->n_keep; i++) {
        if (plan->keep[i] >= p->n_values || p->values[plan->keep[i]].kind != FAC_PVALUE_RESULT)
            continue;
        fac_pvalue *value = p->values + plan->keep[i];
        value->kept = p->values[value->root].kept = true;
        if (p->values[value->root].kind == FAC_PVALUE_BATCH)
            refuse(plan, "a view of the batch is kept");
    }
    plan->n_keep = 0;
}

void fac_record_end(fac_plan *plan, fac_tensor *result)
{
    fac_program *p = plan->now;
    p->result = (void *)result == fac_none || plan->failed ? FAC_NONE_ID : value_of(plan, result);
    if (!plan->failed && p->result != FAC_NONE_ID && p->values[p->result].kind == FAC_PVALUE_RESULT && result->node &&
        !result->node->freed)
        refuse(plan, "the result carries a graph that may still be derived: call backward within the step, or work "
                     "under no_grad");
    take_keep_list(plan);
    check_cuts(plan);
}
