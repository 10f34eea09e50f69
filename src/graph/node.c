/* SPDX-License-Identifier: MIT */
#include "graph/node.h"

#include <stdio.h>
#include <string.h>

#include "graph/args.h"

/* The parts of a node's one block, in order; each starts where the one before ends. */
typedef struct {
    size_t edges, saved, grads, shapes, args, whole;
} node_layout;

enum { SHAPE_SLACK = FAC_MAX_DIMS }; /* words: dims are copied in fours, whatever their number */

static inline int n_results(const fac_op *op)
{
    return op->flags & FAC_OP_MUTATES ? 1 : op->n_out;
}

static inline size_t shape_words(const fac_call *call)
{
    size_t words = SHAPE_SLACK + (size_t)n_results(call->op) * (1 + FAC_MAX_DIMS) + call->n_in;
    for (uint32_t i = 0; i < call->n_in; i++)
        words += call->in[i] ? call->in[i]->m.ndim : 0u;
    return words;
}

static inline unsigned n_saved(const fac_call *call)
{
    uint32_t saves = call->op->saves;
    unsigned n = 0;
    if ((saves & FAC_SAVE_ALL_IN) == FAC_SAVE_ALL_IN) {
        n = call->n_in;
        saves &= ~FAC_SAVE_ALL_IN;
    }
    for (; saves; saves &= saves - 1)
        n++;
    return n;
}

static inline node_layout lay_out(const fac_call *call)
{
    node_layout at;
    at.edges = sizeof(fac_node);
    at.saved = at.edges + call->n_in * sizeof(fac_edge);
    at.grads = at.saved + n_saved(call) * sizeof(fac_saved);
    at.shapes = at.grads + (size_t)n_results(call->op) * sizeof(fac_tensor *);
    at.args = (at.shapes + shape_words(call) * sizeof(int64_t) + 15) & ~(size_t)15;
    at.whole = at.args + (call->op->flags & FAC_OP_HAS_ARGS ? fac_args_bytes(call->op, call->args) : 0);
    return at;
}

enum { IS_NUMBER = 1 << 16, NUMBER_AT = 32 }; /* in the first word of an input's shape: it was a Python number, this */

static inline int64_t *put_shape(int64_t *at, const fac_meta *meta)
{
    if (!meta) {
        *at = 0;
        return at + 1;
    }
    *at = meta->ndim | meta->dtype << 8;
    fac_copy_dims(at + 1, meta->shape, meta->ndim);
    return at + 1 + meta->ndim;
}

/* The number itself, as float32: there is room for that much, and only pictures of the graph show it. */
static int64_t number_bits(const fac_tensor *number)
{
    float value = (float)fac_load_double(number->data, number->m.dtype);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (int64_t)((uint64_t)bits << NUMBER_AT) | IS_NUMBER;
}

static void put_edge(fac_node *node, uint32_t i, fac_tensor *t)
{
    fac_edge *edge = node->edges + i;
    edge->node = NULL;
    edge->leaf = NULL;
    edge->skip = 0;
    if (!t || !t->requires_grad)
        return;
    if (t->node) {
        edge->node = t->node;
        edge->output_nr = t->output_nr;
        fac_count_up(&t->node->refs);
        if (t->node->depth >= node->depth)
            node->depth = t->node->depth + 1;
    } else {
        edge->leaf = t;
        fac_ref(t);
    }
}

static bool writes_input(const fac_call *call)
{
    return call->inplace || call->op->flags & FAC_OP_MUTATES;
}

static void take_node(fac_tensor *t, fac_node *node, int output_nr)
{
    t->node = node;
    t->output_nr = (uint16_t)output_nr;
    t->requires_grad = true;
}

/* Input 0 as it is before it is written over, and with the history it has now: itself it would own its own node. */
static fac_tensor *copy_before(const fac_tensor *self)
{
    fac_meta meta = self->m;
    fac_meta_pack(&meta);
    fac_tensor *copy = fac_tensor_new(&meta);
    if (!copy)
        return NULL;
    if (fac_copy_cast(copy, self)) {
        fac_tensor_drop(copy);
        return NULL;
    }
    if (self->node) {
        fac_count_up(&self->node->refs);
        take_node(copy, self->node, self->output_nr);
    }
    return copy;
}

static inline bool another_requires_grad(const fac_call *call, uint32_t i)
{
    for (uint32_t j = 0; j < call->n_in; j++)
        if (j != i && call->in[j] && call->in[j]->requires_grad)
            return true;
    return false;
}

static fac_status save_inputs(fac_node *node, const fac_call *call)
{
    uint32_t saves = call->op->saves & FAC_SAVE_ALL_IN;
    for (uint32_t i = 0; i < call->n_in; i++) {
        if (saves != FAC_SAVE_ALL_IN && (i >= 16 || !(saves >> i & 1)))
            continue;
        fac_tensor *t = call->in[i];
        if (call->op->flags & FAC_OP_SAVES_FOR_OTHERS && !another_requires_grad(call, i))
            t = NULL;
        if (__builtin_expect(t && t == call->in[0] && writes_input(call), 0)) {
            if (!(t = copy_before(t)))
                return fac_pending();
        } else if (t) {
            fac_ref(t);
        }
        node->saved[node->n_saved++] = (fac_saved){t, t ? t->storage->version : 0, (uint16_t)i};
    }
    return FAC_OK;
}

/* In place, the result to save is input 0: a second handle to it, good from the version that fac_node_rebase notes. */
static fac_status save_self(fac_node *node, const fac_call *call)
{
    if (!writes_input(call) || !(call->op->saves >> 16 & 1))
        return FAC_OK;
    fac_tensor *alias = fac_tensor_alias(call->in[0]);
    if (!alias)
        return fac_pending();
    node->saved[node->n_saved++] = (fac_saved){alias, 0, 16};
    return FAC_OK;
}

fac_node *fac_node_new(const fac_call *call)
{
    node_layout at = lay_out(call);
    char *block = fac_block_new(at.whole);
    if (!block)
        return NULL;
    fac_node *node = (fac_node *)(void *)block;
    node->refs = 1; /* field by field: gcc would clear the struct with rep stos, which costs more than all the rest */
    node->depth = 1;
    node->op = call->op;
    node->n_in = call->n_in;
    node->block = (uint32_t)at.whole;
    node->n_out = (uint16_t)n_results(call->op);
    node->n_saved = 0;
    node->freed = node->waiting = false;
    node->run_id = 0;
    node->args = NULL;
    node->next = NULL;
    node->edges = (void *)(block + at.edges);
    node->saved = (void *)(block + at.saved);
    node->grads = (void *)(block + at.grads);
    node->shapes = (void *)(block + at.shapes);
    for (int i = 0; i < node->n_out; i++)
        node->grads[i] = NULL;
    int64_t *shape = node->shapes;
    for (uint32_t i = 0; i < call->n_in; i++) {
        put_edge(node, i, call->in[i]);
        int64_t *word = shape;
        shape = put_shape(shape, call->in[i] ? &call->in[i]->m : NULL);
        if (call->in[i] && call->in[i]->wrapped_number)
            *word |= number_bits(call->in[i]);
    }
    node->result_shapes = shape;
    if (call->op->saves && (save_inputs(node, call) || save_self(node, call))) {
        fac_node_release(node);
        return NULL;
    }
    if (at.whole > at.args) {
        node->args = block + at.args;
        fac_args_copy(call->op, call->args, node->args);
    }
    return node;
}

/* A result is saved as a second handle without history, or it would own itself. */
static fac_status save_outputs(fac_node *node, const fac_call *call, fac_tensor **out)
{
    uint32_t saves = call->op->saves >> 16;
    for (unsigned i = 0; saves >> i; i++) {
        if (!(saves >> i & 1))
            continue;
        fac_tensor *alias = fac_tensor_alias(out[i]);
        if (!alias)
            return fac_pending();
        fac_saved *saved = node->saved + node->n_saved++;
        *saved = (fac_saved){alias, out[i]->storage->version, (uint16_t)(16 + i)};
    }
    return FAC_OK;
}

fac_status fac_node_link(const fac_call *call, fac_tensor **out)
{
    fac_node *node = fac_node_new(call);
    if (!node)
        return fac_pending();
    if (call->op->saves >> 16 && save_outputs(node, call, out)) {
        fac_node_release(node);
        return fac_pending();
    }
    int64_t *shape = node->result_shapes;
    bool linked = false;
    for (int i = 0; i < node->n_out; i++) {
        shape = put_shape(shape, &out[i]->m);
        if (!fac_is_float(out[i]->m.dtype))
            continue; /* indices and the like */
        if (linked)
            fac_count_up(&node->refs);
        take_node(out[i], node, i);
        linked = true;
    }
    if (!linked)
        fac_node_release(node);
    return FAC_OK;
}

void fac_node_rebase(fac_node *node, fac_tensor *self)
{
    for (unsigned i = 0; i < node->n_saved; i++)
        if (node->saved[i].which == 16)
            node->saved[i].version = self->storage->version;
    put_shape(node->result_shapes, &self->m);
    if (self->node)
        fac_node_release(self->node);
    self->storage->graph_version++;
    if (!self->requires_grad) /* it comes to, in the middle of its life */
        fac_structure_changed();
    take_node(self, node, 0);
}

void fac_node_free_saved(fac_node *node)
{
    for (unsigned i = 0; i < node->n_saved; i++) {
        fac_tensor *t = node->saved[i].tensor;
        node->saved[i].tensor = NULL;
        fac_drop(t);
    }
    node->freed = true;
}

static void dismantle(fac_node *node)
{
    fac_node_free_saved(node);
    for (uint32_t i = 0; i < node->n_in; i++) {
        if (node->edges[i].node)
            fac_node_release(node->edges[i].node);
        fac_drop(node->edges[i].leaf);
    }
    for (int i = 0; i < node->n_out; i++)
        fac_drop(node->grads[i]);
    fac_block_free(node, node->block);
}

/* What a dying node releases may be the last of the next one, and so on along the whole graph: those wait in a list. */
void fac_node_release(fac_node *node)
{
    if (!fac_count_down(&node->refs))
        return;
    node->next = fac_self.dying;
    fac_self.dying = node;
    if (fac_self.draining)
        return;
    fac_self.draining = true;
    while (fac_self.dying) {
        fac_node *dead = fac_self.dying;
        fac_self.dying = dead->next;
        dismantle(dead);
    }
    fac_self.draining = false;
}

__attribute__((constructor)) static void set_up_release(void)
{
    fac_release_node = fac_node_release;
}

static fac_status changed(const fac_node *node, const fac_saved *saved)
{
    const fac_tensor *t = saved->tensor;
    return fac_fail(FAC_ERR_RUNTIME,
                    "%s: one of the variables needed for gradient computation has been modified by an inplace "
                    "operation: [%s %s], which is %s %d of %s, is at version %u; expected version %u instead.",
                    node->op->name, fac_dtype_name((fac_dtype)t->m.dtype), fac_shape_text(&t->m),
                    saved->which < 16 ? "input" : "output", saved->which & 15, node->op->name, t->storage->version,
                    saved->version);
}

/* In a derivative of a derivative a saved result must lead back to this node; a hidden one has no gradient. */
static fac_tensor *with_history(fac_node *node, fac_saved *saved)
{
    fac_tensor *t = saved->tensor;
    if (saved->which < 16 || saved->which - 16 >= node->n_out || !fac_grad_mode() || t->node)
        return t;
    fac_tensor *linked = fac_tensor_alias(t);
    if (!linked)
        return NULL;
    fac_count_up(&node->refs);
    take_node(linked, node, saved->which - 16);
    return fac_tensor_adopt(linked);
}

fac_tensor *fac_node_saved(fac_node *node, uint32_t which)
{
    if (node->freed) {
        fac_fail(FAC_ERR_RUNTIME,
                 "%s: Trying to backward through the graph a second time (or directly access saved tensors after they "
                 "have already been freed). Specify retain_graph=True if you need to backward through the graph a "
                 "second time.",
                 node->op->name);
        return NULL;
    }
    for (unsigned i = 0; i < node->n_saved; i++) {
        fac_saved *saved = node->saved + i;
        if (saved->which != which)
            continue;
        if (!saved->tensor)
            return NULL;
        if (saved->tensor->storage->version != saved->version) {
            changed(node, saved);
            return NULL;
        }
        return with_history(node, saved);
    }
    fac_fail(FAC_ERR_RUNTIME, "%s: tensor %u was not saved for backward", node->op->name, which);
    return NULL;
}

static void get_shape(const int64_t *at, fac_shape *shape)
{
    shape->ndim = (uint8_t)(*at & 0xFF);
    shape->dtype = (uint8_t)(*at >> 8);
    memcpy(shape->sizes, at + 1, shape->ndim * sizeof *at);
}

bool fac_node_in_fits(const fac_node *node, uint32_t i, const fac_tensor *tensor)
{
    const int64_t *at = node->shapes;
    while (i-- > 0)
        at += 1 + (*at & 0xFF);
    if (*at++ != (tensor->m.ndim | tensor->m.dtype << 8))
        return false;
    for (int d = 0; d < tensor->m.ndim; d++)
        if (at[d] != tensor->m.shape[d])
            return false;
    return true;
}

bool fac_node_in_is_number(const fac_node *node, uint32_t i)
{
    const int64_t *at = node->shapes;
    while (i-- > 0)
        at += 1 + (*at & 0xFF);
    return *at & IS_NUMBER;
}

float fac_node_in_number(const fac_node *node, uint32_t i)
{
    const int64_t *at = node->shapes;
    while (i-- > 0)
        at += 1 + (*at & 0xFF);
    uint32_t bits = (uint32_t)((uint64_t)*at >> NUMBER_AT);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void fac_node_in_shape(const fac_node *node, uint32_t i, fac_shape *shape)
{
    const int64_t *at = node->shapes;
    while (i-- > 0)
        at += 1 + (*at & 0xFF);
    get_shape(at, shape);
}

void fac_node_out_shape(const fac_node *node, uint32_t i, fac_shape *shape)
{
    const int64_t *at = node->result_shapes;
    while (i-- > 0)
        at += 1 + (*at & 0xFF);
    get_shape(at, shape);
}

void fac_node_name(const fac_node *node, char *out, size_t size)
{
    const char *name = node->op->grad_name_of ? node->op->grad_name_of(node) : node->op->grad_name;
    if (name) {
        snprintf(out, size, "%s", name);
        return;
    }
    size_t length = 0;
    bool up = true;
    for (const char *c = node->op->name; *c && *c != '.' && length + 1 < size; c++) {
        if (*c == '_') {
            up = true;
            continue;
        }
        out[length++] = up && *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
        up = false;
    }
    snprintf(out + length, size - length, "Backward0");
}
