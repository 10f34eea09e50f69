/* SPDX-License-Identifier: MIT */
#include "autograd/queue.h"

#include "base/alloc.h"

static void swap(fac_node **a, fac_node **b)
{
    fac_node *t = *a;
    *a = *b;
    *b = t;
}

fac_status fac_queue_push(fac_node_queue *queue, fac_node *node)
{
    if (node->waiting)
        return FAC_OK;
    FAC_TRY(fac_grow(&queue->heap, &queue->capacity, queue->count + 1, sizeof *queue->heap));
    node->waiting = true;
    fac_count_up(&node->refs);
    size_t i = queue->count++;
    queue->heap[i] = node;
    for (; i && queue->heap[(i - 1) / 2]->depth < queue->heap[i]->depth; i = (i - 1) / 2)
        swap(queue->heap + i, queue->heap + (i - 1) / 2);
    return FAC_OK;
}

fac_node *fac_queue_pop(fac_node_queue *queue)
{
    if (!queue->count)
        return NULL;
    fac_node **heap = queue->heap, *top = heap[0];
    heap[0] = heap[--queue->count];
    for (size_t i = 0, child; (child = 2 * i + 1) < queue->count; i = child) {
        if (child + 1 < queue->count && heap[child + 1]->depth > heap[child]->depth)
            child++;
        if (heap[child]->depth <= heap[i]->depth)
            break;
        swap(heap + i, heap + child);
    }
    top->waiting = false;
    return top;
}

void fac_node_drop_grads(fac_node *node)
{
    for (int i = 0; i < node->n_out; i++) {
        fac_free_handle(node->grads[i]);
        node->grads[i] = NULL;
    }
}

void fac_queue_clear(fac_node_queue *queue)
{
    for (size_t i = 0; i < queue->count; i++) {
        queue->heap[i]->waiting = false;
        fac_node_drop_grads(queue->heap[i]);
        fac_node_release(queue->heap[i]);
    }
    fac_dealloc(queue->heap, queue->capacity * sizeof *queue->heap);
}
