/* SPDX-License-Identifier: MIT */
/* A program's tensors: made, given to calls, bound to a batch, another one in the place of one that somebody holds. */
#include "base/alloc.h"
#include "plan/plan.h"
#include "tensor/storage.h"

static fac_tensor *new_tensor(fac_storage *storage, const fac_meta *m, void *data, bool requires_grad)
{
    fac_meta meta = *m;
    meta.offset = 0;
    fac_tensor *tensor = fac_tensor_view(storage, &meta);
    if (!tensor)
        return NULL;
    tensor->run_id = 0;
    tensor->data = data;
    tensor->m.offset = storage->data ? ((char *)data - (char *)storage->data) / fac_dtype_sizes[m->dtype] : 0;
    tensor->requires_grad = requires_grad;
    return tensor;
}

/* The storage of a root, with its first element's address. */
static fac_storage *memory_of(fac_program *program, uint32_t root, void **data)
{
    fac_pvalue *value = program->values + root;
    if (value->kind == FAC_PVALUE_BATCH) {
        *data = value->data;
        return program->nowhere;
    }
    if (value->tensor) {
        *data = value->tensor->data;
        return value->tensor->storage;
    }
    *data = value->born == FAC_NONE_ID ? NULL : (char *)program->arena->data + value->at;
    return value->born == FAC_NONE_ID ? program->nowhere : program->arena;
}

static fac_status make_kept(fac_pvalue *value)
{
    fac_meta meta = value->m;
    value->tensor = fac_tensor_new(&meta);
    if (!value->tensor)
        return fac_pending();
    value->tensor->run_id = 0;
    value->tensor->requires_grad = value->requires_grad && !value->is_grad;
    value->data = value->tensor->data;
    return FAC_OK;
}

static bool written_over(const fac_program *program, const fac_pvalue *value)
{
    const fac_pcall *call = program->calls + value->call;
    return call->inplace || (call->op->flags & FAC_OP_MUTATES);
}

/* The tensor of a value: input 0's where the call wrote over it. */
fac_status fac_program_make_tensor(fac_program *program, uint32_t id)
{
    fac_pvalue *value = program->values + id;
    if (value->kind == FAC_PVALUE_NUMBER || value->kind == FAC_PVALUE_OUTSIDE || value->kind == FAC_PVALUE_FRESH) {
        value->data = value->tensor->data;
        return FAC_OK;
    }
    if (value->kind == FAC_PVALUE_BATCH)
        return FAC_OK;
    if (value->kind == FAC_PVALUE_BUFFER) {
        value->data = value->born == FAC_NONE_ID ? NULL : (char *)program->arena->data + value->at;
        return FAC_OK;
    }
    if (written_over(program, value)) {
        value->tensor = program->values[program->calls[value->call].in_id[0]].tensor;
        value->data = value->tensor->data;
        fac_ref(value->tensor);
        return FAC_OK;
    }
    if (value->kept && value->root == id)
        return make_kept(value);
    void *data;
    fac_storage *storage = memory_of(program, value->root, &data);
    value->data = data ? (char *)data + value->offset : NULL;
    value->tensor = new_tensor(storage, &value->m, value->data, value->requires_grad);
    return value->tensor ? FAC_OK : fac_pending();
}

static fac_tensor *tensor_of(const fac_program *program, uint32_t id)
{
    return id == FAC_NONE_ID ? NULL : program->values[id].tensor;
}

static void give_grad(const fac_program *program, fac_pgrad *grad)
{
    grad->now.leaf = tensor_of(program, grad->leaf);
    grad->now.before = tensor_of(program, grad->before);
    grad->now.after = tensor_of(program, grad->after);
}

void fac_program_give_inputs(fac_program *program)
{
    program->renewals++;
    for (size_t i = 0; i < program->n_values; i++)
        program->handles[i] = program->values[i].tensor;
    for (uint32_t i = 0; program->given && i < program->n_given; i++)
        give_grad(program, program->given + i);
    for (uint32_t i = 0; i < program->n_visible; i++)
        program->visible[i].now = program->values[program->visible[i].id].tensor;
    if (program->made)
        program->made = tensor_of(program, program->result);
    for (size_t c = 0; c < program->n_calls; c++) {
        const fac_pcall *call = program->calls + c;
        for (uint32_t i = 0; i < call->n_in; i++)
            call->in[i] = tensor_of(program, call->in_id[i]);
        for (size_t i = 0; i < call->n_grads; i++)
            give_grad(program, call->grads + i);
    }
}

/* Not one of the later values with the same tensor. */
static bool is_first(const fac_program *program, size_t id)
{
    for (size_t i = 0; i < id; i++)
        if (program->values[i].tensor == program->values[id].tensor)
            return false;
    return true;
}

/* References that the program itself has: several values may share a tensor, and several tensors a memory. */
void fac_program_count_own(fac_program *program)
{
    for (size_t i = 0; i < program->n_values; i++) {
        fac_pvalue *value = program->values + i;
        value->own_refs = value->own_storage = 0;
        for (size_t j = 0; value->tensor && j < program->n_values; j++) {
            const fac_tensor *other = program->values[j].tensor;
            value->own_refs += other == value->tensor;
            value->own_storage += other && other->storage == value->tensor->storage && is_first(program, j);
        }
    }
}

uint32_t fac_program_own_storage(const fac_pvalue *root)
{
    return root->kept && root->kind == FAC_PVALUE_RESULT ? root->own_storage : 0;
}

bool fac_program_holds_alone(const fac_program *program, uint32_t id)
{
    const fac_pvalue *value = program->values + id;
    return fac_has_just(value->tensor, value->own_refs, fac_program_own_storage(program->values + value->root));
}

/* Of tensors that were handed out the mark is off; others may still hold them. */
void fac_program_release(fac_tensor *tensor)
{
    fac_slot_mark(fac_header_of(tensor), &fac_tensor_type);
    fac_drop(tensor);
}

/* A view within memory that is another one, or elsewhere. */
static void follow(fac_pvalue *value, fac_storage *storage, void *data)
{
    value->data = (char *)data + value->offset;
    if (value->tensor->storage != storage) {
        fac_storage_ref(storage);
        fac_storage_release(value->tensor->storage);
        value->tensor->storage = storage;
    }
    value->tensor->data = value->data;
}

/* Everything within the root's memory, after the root's own tensor or address has changed. */
static void follow_root(fac_program *program, uint32_t root)
{
    void *data;
    fac_storage *storage = memory_of(program, root, &data);
    for (uint32_t i = 0; i < program->n_values; i++) {
        fac_pvalue *value = program->values + i;
        if (value->root == root && i != root && value->tensor && value->kind == FAC_PVALUE_RESULT)
            follow(value, storage, data);
    }
}

void fac_program_replace(fac_program *program, uint32_t id, fac_tensor *tensor)
{
    fac_pvalue *value = program->values + id;
    fac_tensor *old = value->tensor;
    void *data;
    if (value->kind != FAC_PVALUE_BATCH) {
        fac_ref(tensor);
        fac_drop(old);
    }
    program->handles[id] = value->tensor = tensor;
    value->data = tensor->data;
    fac_storage *storage = memory_of(program, id, &data);
    for (size_t i = 0; i < program->n_uses; i++)
        if (program->uses[i].value == id)
            *program->uses[i].slot = tensor;
    for (size_t i = 0; i < program->n_views; i++) {
        fac_pvalue *view = program->values + program->views[i];
        if (view->root == id && view->tensor)
            follow(view, storage, data);
    }
    program->rebinds++;
}

/* Puts `fresh` where the program has the tensor of value id, also for values written over it. */
static void replace_everywhere(fac_program *program, uint32_t id, fac_tensor *fresh)
{
    fac_tensor *old = program->values[id].tensor;
    for (uint32_t i = 0; i < program->n_values; i++)
        if (program->values[i].tensor == old) {
            if (i != id)
                fac_ref(fresh);
            program->values[i].tensor = fresh;
            program->values[i].data = fresh->data;
            fac_program_release(old);
        }
}

static fac_tensor *new_root(const fac_pvalue *value)
{
    fac_pvalue made = *value;
    return make_kept(&made) ? NULL : made.tensor;
}

/* Another tensor for a view, on the same memory. */
static fac_status renew_view(fac_program *program, uint32_t id)
{
    const fac_pvalue *value = program->values + id;
    fac_tensor *fresh = new_tensor(value->tensor->storage, &value->m, value->data, value->requires_grad);
    if (!fresh)
        return fac_pending();
    replace_everywhere(program, id, fresh);
    return FAC_OK;
}

/* Views of a root that somebody else holds stay with the old memory. */
static fac_status leave_held_views(fac_program *program, uint32_t root)
{
    for (uint32_t i = 0; i < program->n_values; i++) {
        const fac_pvalue *value = program->values + i;
        if (value->root == root && value->kind == FAC_PVALUE_RESULT && value->tensor &&
            value->tensor != program->values[root].tensor && fac_header_of(value->tensor)->refs != value->own_refs)
            FAC_TRY(renew_view(program, i));
    }
    return FAC_OK;
}

fac_status fac_program_renew(fac_program *program, uint32_t id)
{
    const uint32_t root = program->values[id].root;
    if (program->values[root].kind == FAC_PVALUE_RESULT && program->values[root].kept) {
        fac_tensor *fresh = new_root(program->values + root);
        if (!fresh)
            return fac_pending();
        if (leave_held_views(program, root)) {
            fac_drop(fresh);
            return fac_pending();
        }
        replace_everywhere(program, root, fresh);
        follow_root(program, root);
    }
    if (root != id)
        FAC_TRY(renew_view(program, id));
    fac_program_give_inputs(program);
    return FAC_OK;
}

static bool result_is_free(const fac_program *program)
{
    return !program->made || fac_has_just(program->made, program->made_refs, program->made_storage);
}

static void bind_items(fac_program *program, const fac_batch *batch)
{
    for (int64_t i = 0; i < program->n_batch; i++) {
        fac_tensor *item = batch->item[i];
        const uint32_t id = program->batch_value[i];
        program->bound[i] = (fac_pbound){item, fac_header_of(item)->serial};
        if (id != FAC_NONE_ID && (program->values[id].tensor != item || program->values[id].data != item->data))
            fac_program_replace(program, id, item);
    }
    program->is_bound = true;
}

fac_status fac_program_bind(fac_program *program, const fac_batch *batch)
{
    if (!program->stays_bound)
        bind_items(program, batch);
    return __builtin_expect(result_is_free(program), 1) ? FAC_OK : fac_program_renew(program, program->result);
}

fac_tensor *fac_program_hand_out(const fac_program *program)
{
    if (program->result == FAC_NONE_ID)
        return fac_none;
    fac_tensor *tensor = program->values[program->result].tensor;
    fac_ref(tensor);
    return tensor;
}
