/* SPDX-License-Identifier: MIT */
/* Which part of a graph the derivatives for some inputs need. */
#include "autograd/mark.h"

#include "autograd/queue.h"
#include "base/alloc.h"

typedef struct node_list {
    fac_node **nodes; /* lent by the graph that the outputs hold; what uses a result comes before what made it */
    size_t count, capacity;
} node_list;

static fac_status find(const fac_tensors *outputs, node_list *found)
{
    fac_node_queue queue = {0};
    fac_status status = FAC_OK;
    for (int64_t i = 0; i < outputs->count && !status; i++) {
        status = fac_tensor_check_alive(outputs->items[i], "grad", "tensor");
        if (!status && outputs->items[i]->node)
            status = fac_queue_push(&queue, outputs->items[i]->node);
    }
    for (fac_node *node; !status && (node = fac_queue_pop(&queue));) {
        status = fac_grow(&found->nodes, &found->capacity, found->count + 1, sizeof(fac_node *));
        if (!status)
            found->nodes[found->count++] = node;
        for (uint32_t i = 0; i < node->n_in && !status; i++)
            if (node->edges[i].node)
                status = fac_queue_push(&queue, node->edges[i].node);
        fac_node_release(node);
    }
    fac_queue_clear(&queue);
    return status;
}

static bool is_input_leaf(const fac_tensors *inputs, const fac_tensor *leaf)
{
    for (int64_t i = 0; i < inputs->count; i++)
        if (inputs->items[i] == leaf)
            return true;
    return false;
}

/* The nodes that edges lead to are marked already. */
static void mark(fac_node *node, const fac_tensors *inputs, uint32_t number)
{
    node->runs = false;
    for (uint32_t i = 0; i < node->n_in; i++) {
        fac_edge *edge = node->edges + i;
        bool followed = edge->node ? edge->node->wanted : edge->leaf && is_input_leaf(inputs, edge->leaf);
        edge->skip = followed ? 0 : number;
        node->runs |= followed;
    }
    node->wanted = node->runs;
    for (int64_t i = 0; i < inputs->count; i++)
        node->wanted |= inputs->items[i]->node == node;
}

fac_status fac_mark_wanted(const fac_tensors *outputs, const fac_tensors *inputs)
{
    static uint32_t numbers;
    uint32_t number;
    while (!(number = __atomic_add_fetch(&numbers, 1, __ATOMIC_RELAXED)))
        ; /* 0 is for no fac_grad */
    node_list found = {0};
    fac_status status = find(outputs, &found);
    for (size_t i = found.count; i-- > 0 && !status;)
        mark(found.nodes[i], inputs, number);
    fac_dealloc(found.nodes, found.capacity * sizeof *found.nodes);
    fac_self.skip = number;
    return status;
}
