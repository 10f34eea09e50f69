/* SPDX-License-Identifier: MIT */
/* fac_apply: the one way through. */
#include "graph/op.h"

#include <string.h>

#include "graph/args.h"
#include "graph/node.h"
#include "graph/recorder.h"
#include "tensor/kernels.h"

/* What is wrong with an input that is no live tensor; FAC_OK for None where None may be, which becomes NULL. */
static __attribute__((noinline)) fac_status check_odd_input(const fac_call *call, uint32_t i)
{
    char what[32] = "input";
    uint32_t at = 0;
    for (int j = 0; call->op->args && j < call->op->n_args; j++)
        if (call->op->args[j].kind <= FAC_KIND_TOPT && call->op->args[j].kind != FAC_KIND_TS && at++ == i)
            strncpy(what, call->op->args[j].name, sizeof what - 1);
    if ((void *)call->in[i] == fac_none && i >= call->op->n_required) {
        call->in[i] = NULL;
        return FAC_OK;
    }
    return fac_tensor_check_alive(call->in[i], call->op->name, what);
}

static __attribute__((noinline)) fac_status check_view(const fac_call *call, const fac_tensor *view)
{
    if (view->graph_version == view->storage->graph_version || !fac_grad_mode())
        return FAC_OK;
    return fac_fail(FAC_ERR_RUNTIME,
                    "%s: input is a view of a tensor that was changed in place since, in a way that a graph recorded; "
                    "take the view again",
                    call->op->name);
}

/* Checks all inputs; *wants: some input requires a gradient. */
static inline fac_status check_inputs(const fac_call *call, bool *wants)
{
    for (uint32_t i = 0; i < call->n_in; i++) {
        fac_tensor *t = call->in[i];
        if (__builtin_expect(!t || (void *)t == fac_none || !fac_tensor_alive(t), 0)) {
            FAC_TRY(check_odd_input(call, i));
            continue;
        }
        *wants |= t->requires_grad;
        if (__builtin_expect(t->is_view, 0))
            FAC_TRY(check_view(call, t));
    }
    return FAC_OK;
}

static fac_status no_derivative(const fac_op *op)
{
    return fac_fail(FAC_ERR_UNSUPPORTED, "%s: the derivative is not implemented", op->name);
}

/* Bytes from the first element to behind the last; *dense: the elements fill them, in some order. */
static int64_t extent(const fac_meta *m, bool *dense)
{
    int64_t last = 0;
    bool still = false;
    for (int d = 0; d < m->ndim; d++) {
        last += (m->shape[d] - 1) * m->stride[d];
        still |= m->shape[d] > 1 && m->stride[d] == 0;
    }
    *dense = !still && last + 1 == m->numel;
    return (last + 1) * fac_dtype_sizes[m->dtype];
}

static bool lie_alike(const fac_meta *a, const fac_meta *b)
{
    for (int d = 0; d < a->ndim; d++)
        if (a->shape[d] > 1 && a->stride[d] != b->stride[d])
            return false;
    return true;
}

/* Whether writing self would change elements of t that are read later. PyTorch's rule (MemoryOverlap.cpp), and what
 * that leaves open: an operand that is broadcast. */
static bool overlaps(const fac_tensor *self, const fac_tensor *t)
{
    if (self->storage != t->storage || !self->m.numel || !t->m.numel)
        return false;
    bool dense, other_dense;
    const char *begin = self->data, *end = begin + extent(&self->m, &dense);
    const char *from = t->data, *to = from + extent(&t->m, &other_dense);
    if (begin >= to || from >= end)
        return false;
    if (fac_same_shape(&self->m, &t->m) && begin == from && lie_alike(&self->m, &t->m))
        return false;
    return (dense && other_dense) || t->m.numel != self->m.numel;
}

static fac_status check_overlap(const fac_call *call)
{
    const fac_tensor *self = call->in[0];
    for (int d = 0; d < self->m.ndim; d++)
        if (self->m.shape[d] > 1 && self->m.stride[d] == 0 && self->m.numel)
            return fac_fail(FAC_ERR_RUNTIME,
                            "%s_: unsupported operation: more than one element of the written-to tensor refers to a "
                            "single memory location. Please clone() the tensor before performing the operation.",
                            call->op->name);
    for (uint32_t i = 1; i < call->n_in; i++)
        if (call->in[i] && overlaps(self, call->in[i]))
            return fac_fail(FAC_ERR_RUNTIME,
                            "%s_: unsupported operation: some elements of the input tensor and the written-to tensor "
                            "refer to a single memory location. Please clone() the tensor before performing the "
                            "operation.",
                            call->op->name);
    return FAC_OK;
}

/* What makes the operation's name that of its form in place; what always writes has it already. */
static const char *underscore(const fac_call *call)
{
    return call->inplace ? "_" : "";
}

/* The result goes where input 0 is: may it? As PyTorch says it. */
static fac_status check_inplace(const fac_call *call, const fac_meta *meta, bool wants)
{
    const fac_tensor *self = call->in[0];
    const char *name = call->op->name, *_ = underscore(call);
    if (self->wrapped_number)
        return fac_fail(FAC_ERR_TYPE, "%s%s: a number cannot be changed in place", name, _);
    if (fac_grad_mode() && self->requires_grad && !self->node)
        return fac_fail(FAC_ERR_RUNTIME,
                        "%s%s: a leaf Variable that requires grad is being used in an in-place operation.", name, _);
    if (wants && self->is_view)
        return fac_fail(FAC_ERR_UNSUPPORTED,
                        "%s%s: in place on a view of a tensor, with a gradient wanted: change the whole tensor, or "
                        "work under no_grad",
                        name, _);
    if (!meta)
        return FAC_OK;
    if (!fac_same_shape(meta, &self->m))
        return fac_fail(FAC_ERR_VALUE, "%s_: output with shape %s doesn't match the broadcast shape %s", name,
                        fac_shape_text(&self->m), fac_shape_text(meta));
    bool fits = fac_is_float(self->m.dtype) ||
                (!fac_is_float(meta->dtype) && (self->m.dtype != FAC_BOOL || meta->dtype == FAC_BOOL));
    if (!fits)
        return fac_fail(FAC_ERR_TYPE, "%s_: result type %s can't be cast to the desired output type %s", name,
                        fac_dtype_name((fac_dtype)meta->dtype), fac_dtype_name((fac_dtype)self->m.dtype));
    return check_overlap(call);
}

/* In place, where the result's dtype differs from input 0's: into a temporary, then cast. */
static fac_status run_cast_back(const fac_call *call, const fac_meta *meta)
{
    fac_tensor *whole = fac_tensor_new(meta);
    if (!whole)
        return fac_pending();
    fac_status status = call->op->run(call, &whole);
    if (!status)
        status = fac_copy_cast(call->in[0], whole);
    fac_tensor_drop(whole);
    return status;
}

/* The kernel itself. What it calls is no call of the user's. */
static inline fac_status run_kernel(const fac_call *call, fac_tensor **result, fac_recorder *recorder)
{
    if (__builtin_expect(!recorder, 1))
        return call->op->run(call, result);
    fac_self.recorder = NULL;
    fac_status status = call->op->run(call, result);
    fac_self.recorder = recorder;
    return status;
}

static inline void note(fac_recorder *recorder, const fac_call *call, fac_tensor **result)
{
    if (__builtin_expect(recorder != NULL, 0))
        recorder->cls->note(recorder, call, result);
}

/* Tells the node which call of the recorded run it derives. */
static inline void mark_node(const fac_tensor *result)
{
    if (result->node) {
        result->node->run_id = result->run_id;
        result->node->run_value = result->run_value;
    }
}

/* fac_apply for results that are written over input 0. */
static __attribute__((noinline)) fac_status apply_inplace(const fac_call *call, fac_tensor **out, bool wants,
                                                          fac_recorder *recorder)
{
    fac_meta meta[FAC_MAX_OUT];
    FAC_TRY(call->op->infer(call, meta));
    bool mutates = call->op->flags & FAC_OP_MUTATES;
    if (!mutates || call->n_in)
        FAC_TRY(check_inplace(call, mutates ? NULL : meta, wants));
    fac_tensor *self = call->in[0];
    fac_tensor *result[FAC_MAX_OUT] = {self};
    fac_node *node = NULL; /* made first: it takes the versions of what it saves before the change */
    if (wants && !(node = fac_node_new(call)))
        return fac_pending();
    fac_status status =
        mutates || meta->dtype == self->m.dtype ? run_kernel(call, result, recorder) : run_cast_back(call, meta);
    if (status) {
        if (node)
            fac_node_release(node);
        return status;
    }
    self->storage->version++;
    note(recorder, call, result);
    if (node)
        fac_node_rebase(node, self);
    if (recorder)
        mark_node(self);
    if (out)
        out[0] = self;
    return FAC_OK;
}

static void drop_outputs(fac_tensor **out, int n)
{
    for (int i = 0; i < n; i++)
        fac_tensor_drop(out[i]);
}

/* Fresh results of the inferred shapes, or views of input 0. */
static inline fac_status make_outputs(const fac_call *call, const fac_meta *meta, fac_tensor **out, int n)
{
    for (int i = 0; i < n; i++) {
        if (call->op->flags & FAC_OP_VIEW) {
            out[i] = fac_tensor_view(call->in[0]->storage, meta + i);
            if (out[i]) {
                out[i]->is_view = !(call->op->flags & FAC_OP_NO_GRAD); /* detach: not one that a graph follows */
                out[i]->graph_version = call->in[0]->storage->graph_version;
            }
        } else {
            out[i] = fac_tensor_new(meta + i);
        }
        if (__builtin_expect(!out[i], 0)) {
            drop_outputs(out, i);
            return fac_pending();
        }
    }
    return FAC_OK;
}

/* The hidden results are done with; the others go to the scope, all or none. */
static inline fac_status hand_over(const fac_op *op, fac_tensor **result, fac_tensor **out)
{
    for (int i = 0; i < op->n_hidden; i++)
        fac_tensor_drop(result[op->n_out + i]);
    for (int i = 0; i < op->n_out; i++) {
        if (__builtin_expect(!fac_scope_adopt(result[i]), 0)) {
            drop_outputs(result + i + 1, op->n_out - i - 1);
            return fac_pending();
        }
        out[i] = result[i];
    }
    return FAC_OK;
}

/* Both ways in one: the compiler makes two functions of it. */
static inline __attribute__((always_inline)) fac_status apply(const fac_call *call, fac_tensor **out,
                                                              fac_recorder *recorder)
{
    const fac_op *op = call->op;
    bool wants = false;
    FAC_TRY(check_inputs(call, &wants));
    wants = wants && fac_grad_mode() && !(op->flags & FAC_OP_NO_GRAD);
    if (!op->run || (wants && !op->grad)) {
        if (!op->decompose)
            return no_derivative(op);
        return op->decompose(call, out);
    }
    if (call->inplace || (op->flags & FAC_OP_MUTATES))
        return apply_inplace(call, out, wants, recorder);
    fac_meta meta[FAC_MAX_OUT];
    fac_tensor *result[FAC_MAX_OUT];
    int n = op->n_out + op->n_hidden;
    FAC_TRY(op->infer(call, meta));
    FAC_TRY(make_outputs(call, meta, result, n));
    fac_status status = op->flags & FAC_OP_VIEW ? FAC_OK : run_kernel(call, result, recorder);
    if (__builtin_expect(!status, 1)) {
        note(recorder, call, result);
        if (wants)
            status = fac_node_link(call, result);
    }
    if (__builtin_expect(status != FAC_OK, 0)) {
        drop_outputs(result, n);
        return status;
    }
    if (recorder)
        mark_node(result[0]);
    return hand_over(op, result, out);
}

static inline bool is_expected(const fac_expected *e, const fac_op *op, fac_tensor *const *in, uint32_t n_in,
                               const void *args)
{
    if (e->op != op || e->n_in != n_in || e->no_grad != fac_self.no_grad)
        return false;
    for (uint32_t i = 0; i < n_in; i++)
        if (e->in[i] != in[i])
            return false;
    for (uint32_t i = 0; i < e->args_size; i += 8)
        if (__builtin_memcmp((const char *)e->args + i, (const char *)args + i, 8))
            return false;
    return !e->deep || fac_args_equal(op, e->args, args);
}

/* The results of a call that was expected, which count as alive from now on. */
static inline void take_expected(fac_recorder *recorder, fac_tensor **out)
{
    const fac_expected *e = recorder->expected;
    for (uint32_t i = 0; i < e->n_out; i++) {
        out[i] = e->out[i];
        fac_slot_mark(fac_header_of(out[i]), &fac_tensor_type);
    }
    recorder->expected = e + 1;
}

/* Without a word on inputs that are no live tensors, and without a change: they are checked once, later. */
static bool wants_grad(const fac_call *call)
{
    bool wants = false;
    for (uint32_t i = 0; i < call->n_in; i++) {
        const fac_tensor *t = call->in[i];
        wants |= t && (const void *)t != fac_none && fac_tensor_alive(t) && t->requires_grad;
    }
    return wants && fac_grad_mode() && !(call->op->flags & FAC_OP_NO_GRAD);
}

static __attribute__((noinline)) fac_status apply_recorded(const fac_call *call, fac_tensor **out)
{
    fac_recorder *recorder = fac_self.recorder;
    const fac_op *op = call->op;
    fac_status status;
    if (op->decompose &&
        (!op->run || (!op->grad && wants_grad(call)))) { /* what it is made of is offered, not itself */
        bool wants = false;
        FAC_TRY(check_inputs(call, &wants));
        return op->decompose(call, out);
    }
    if (recorder->cls->offer(recorder, call, out, &status))
        return status;
    return fac_self.recorder ? apply(call, out, fac_self.recorder) : apply(call, out, NULL);
}

fac_status fac_apply(const fac_call *call, fac_tensor **out)
{
    fac_recorder *recorder = fac_self.recorder;
    if (__builtin_expect(!recorder, 1))
        return apply(call, out, NULL);
    const fac_expected *e = recorder->expected;
    if (!e || call->inplace || !is_expected(e, call->op, call->in, call->n_in, call->args))
        return apply_recorded(call, out);
    take_expected(recorder, out);
    return FAC_OK;
}

static __attribute__((noinline)) fac_tensor *apply_one(const fac_op *op, fac_tensor **in, uint32_t n_in,
                                                       const void *args)
{
    fac_tensor *out;
    const fac_call call = {.op = op, .in = in, .n_in = n_in, .args = args};
    return __builtin_expect(fac_apply(&call, &out) == FAC_OK, 1) ? out : NULL;
}

/* What a replayed step calls most, in few instructions. */
static __attribute__((noinline)) fac_tensor *apply_one_recorded(const fac_op *op, fac_tensor **in, uint32_t n_in,
                                                                const void *args)
{
    fac_recorder *recorder = fac_self.recorder;
    fac_tensor *out;
    if (!recorder->expected || !is_expected(recorder->expected, op, in, n_in, args))
        return apply_one(op, in, n_in, args);
    take_expected(recorder, &out);
    return out;
}

fac_tensor *fac_apply_one(const fac_op *op, fac_tensor **in, uint32_t n_in, const void *args)
{
    if (__builtin_expect(fac_self.recorder != NULL, 0))
        return apply_one_recorded(op, in, n_in, args);
    fac_tensor *out;
    const fac_call call = {.op = op, .in = in, .n_in = n_in, .args = args};
    return __builtin_expect(apply(&call, &out, NULL) == FAC_OK, 1) ? out : NULL;
}

fac_tensor *fac_apply_inplace(const fac_op *op, fac_tensor **in, uint32_t n_in, const void *args)
{
    fac_tensor *out;
    const fac_call call = {.op = op, .in = in, .n_in = n_in, .inplace = true, .args = args};
    return fac_apply(&call, &out) == FAC_OK ? out : NULL;
}

fac_status fac_apply_action(const fac_op *op, fac_tensor **in, uint32_t n_in, const void *args)
{
    const fac_call call = {.op = op, .in = in, .n_in = n_in, .args = args};
    return fac_apply(&call, NULL);
}
