/* SPDX-License-Identifier: MIT */
/* The nodes a backward has yet to visit, deepest first: whatever uses a result lies deeper than what made it, so a node
 * comes out when all gradients for it have arrived. */
#ifndef FAC_AUTOGRAD_QUEUE_H
#define FAC_AUTOGRAD_QUEUE_H

#include "graph/node.h"

typedef struct fac_node_queue {
    fac_node **heap;
    size_t count, capacity;
} fac_node_queue;

/* Takes a reference of the node, once: a node that waits already is left. */
fac_status fac_queue_push(fac_node_queue *queue, fac_node *node);
/* The deepest node, its reference now the caller's; NULL if none is left. */
fac_node *fac_queue_pop(fac_node_queue *queue);
/* Releases the nodes left, with the gradients they hold, and the queue. */
void fac_queue_clear(fac_node_queue *queue);
/* Drops the gradients that a node has collected. */
void fac_node_drop_grads(fac_node *node);

#endif
