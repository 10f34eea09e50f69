/* SPDX-License-Identifier: MIT */
/* A node of the computational graph: which operation made a result, from what, and what its derivative needs. */
#ifndef FAC_GRAPH_NODE_H
#define FAC_GRAPH_NODE_H

#include "graph/op.h"

/* Where the gradient of an input goes: to the node that made it, or into a leaf's .grad; both NULL if nowhere. */
typedef struct fac_edge {
    fac_node *node;
    fac_tensor *leaf;
    uint32_t output_nr;
    uint32_t skip; /* the fac_grad that it leads nowhere for */
} fac_edge;

typedef struct fac_saved {
    fac_tensor *tensor;
    uint32_t version;
    uint16_t which; /* FAC_SAVE_ number: input i, or 16 + output i */
} fac_saved;

typedef struct fac_shape {
    uint8_t ndim, dtype;
    int64_t sizes[FAC_MAX_DIMS];
} fac_shape;

/* One block: the struct, edges[n_in], shapes[n_in] (as long as their dims), saved[n_saved], grads[n_out], arguments. */
struct fac_node {
    uint32_t refs;
    uint32_t depth; /* longest way to a leaf: consumers always have a larger one, which orders backward */
    const fac_op *op;
    uint32_t n_in, block;
    uint16_t n_out, n_saved;
    uint32_t run_id, run_value; /* the recorded run, and which of its values is result 0 */
    bool freed;                 /* saved tensors were released by a backward without retain_graph */
    bool waiting;               /* in the queue of a backward */
    bool wanted, runs;          /* for the fac_grad that marked it: asked for itself or on the way; on the way */
    fac_edge *edges;
    fac_saved *saved;
    fac_tensor **grads;
    int64_t *result_shapes; /* those of the results, behind the inputs' */
    int64_t *shapes;        /* per input and, after those, per result: ndim | dtype << 8, sizes */
    void *args;
    fac_node *next; /* in a list of nodes to free */
};

/* Makes the node of a call that has run and hangs it on its results. hidden results are saved if the op says so. */
fac_status fac_node_link(const fac_call *call, fac_tensor **out);
/* The two halves of it, for calls in place: the node with its edges and saved inputs; then input 0 becomes its result.
 */
fac_node *fac_node_new(const fac_call *call);
void fac_node_rebase(fac_node *node, fac_tensor *self);
void fac_node_release(fac_node *node);
/* Drops the saved tensors: after backward without retain_graph. */
void fac_node_free_saved(fac_node *node);

/* For derivatives. */
static inline bool fac_node_needs(const fac_node *node, uint32_t i)
{
    if (i >= node->n_in || (!node->edges[i].node && !node->edges[i].leaf))
        return false;
    return !fac_self.skip || node->edges[i].skip != fac_self.skip;
}
static inline const void *fac_node_args(const fac_node *node)
{
    return node->args;
}
/* A saved input (FAC_SAVE_IN's i) or result (16 + i); lent. NULL with the error set where it was changed in place
 * since, or freed. NULL without an error if the input was None. */
fac_tensor *fac_node_saved(fac_node *node, uint32_t which);
static inline fac_tensor *fac_node_in(fac_node *node, uint32_t i)
{
    return fac_node_saved(node, i);
}
static inline fac_tensor *fac_node_out(fac_node *node, uint32_t i)
{
    return fac_node_saved(node, 16 + i);
}
/* The shape and dtype of input i, or of result i. */
void fac_node_in_shape(const fac_node *node, uint32_t i, fac_shape *shape);
void fac_node_out_shape(const fac_node *node, uint32_t i, fac_shape *shape);
/* Whether input i was a Python number. */
bool fac_node_in_is_number(const fac_node *node, uint32_t i);
/* That number, to a float32's precision. */
float fac_node_in_number(const fac_node *node, uint32_t i);
/* Whether a tensor has the shape and dtype of input i. */
bool fac_node_in_fits(const fac_node *node, uint32_t i, const fac_tensor *tensor);
/* "AddBackward0": the name PyTorch prints. */
void fac_node_name(const fac_node *node, char *out, size_t size);

#endif
