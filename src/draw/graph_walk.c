/* SPDX-License-Identifier: MIT */
#include "draw/graph_walk.h"

#include "base/alloc.h"

#define OPERATION UINT32_MAX /* the map's number of a node itself; its results have theirs */
#define MAX_INDEX ((size_t)INT32_MAX)

typedef struct {
    fac_node *node;
    uint32_t next; /* the input to look at next */
} frame;

typedef struct {
    frame *items;
    size_t count, room;
} frames;

static fac_status push(frames *stack, fac_node *node, uint32_t next)
{
    FAC_TRY(fac_grow(&stack->items, &stack->room, stack->count + 1, sizeof *stack->items));
    stack->items[stack->count++] = (frame){node, next};
    return FAC_OK;
}

static void free_frames(frames *stack)
{
    if (stack->items)
        fac_dealloc(stack->items, stack->room * sizeof *stack->items);
}

static fac_status enter(fac_graph *graph, frames *stack, fac_node *node)
{
    bool fresh;
    if (!fac_graph_map_add(&graph->map, node, OPERATION, 0, &fresh))
        return fac_pending();
    return fresh ? push(stack, node, 0) : FAC_OK;
}

static fac_status add_operation(fac_graph *graph, fac_node *node)
{
    if (graph->n_operations >= MAX_INDEX)
        return fac_fail(FAC_ERR_VALUE, "draw_graph: the graph is too large");
    FAC_TRY(fac_grow(&graph->operations, &graph->operations_room, graph->n_operations + 1, sizeof *graph->operations));
    fac_graph_map_find(&graph->map, node, OPERATION)->index = (uint32_t)graph->n_operations;
    graph->operations[graph->n_operations++] = (fac_graph_operation){.node = node};
    return FAC_OK;
}

/* Depth first, from left to right: an operation is listed once all that it needs is. */
static fac_status list_operations(fac_graph *graph, frames *stack, fac_node *root)
{
    FAC_TRY(enter(graph, stack, root));
    while (stack->count) {
        frame *top = stack->items + stack->count - 1;
        if (top->next < top->node->n_in) {
            fac_node *maker = top->node->edges[top->next++].node;
            if (maker)
                FAC_TRY(enter(graph, stack, maker));
        } else {
            stack->count--;
            FAC_TRY(add_operation(graph, top->node));
        }
    }
    return FAC_OK;
}

/* The index of a variable known by key and nr, made if it is new; a key that is NULL is always new. */
static fac_status add_variable(fac_graph *graph, const void *key, uint32_t nr, fac_graph_variable variable,
                               int32_t *index)
{
    bool fresh = true;
    *index = (int32_t)graph->n_variables;
    if (graph->n_variables >= MAX_INDEX)
        return fac_fail(FAC_ERR_VALUE, "draw_graph: the graph is too large");
    FAC_TRY(fac_grow(&graph->variables, &graph->variables_room, graph->n_variables + 1, sizeof *graph->variables));
    if (key) {
        fac_graph_entry *entry = fac_graph_map_add(&graph->map, key, nr, (uint32_t)*index, &fresh);
        if (!entry)
            return fac_pending();
        *index = (int32_t)entry->index;
    }
    if (fresh)
        graph->variables[graph->n_variables++] = variable;
    return FAC_OK;
}

static fac_status add_result(fac_graph *graph, fac_node *node, uint32_t nr, int32_t *index)
{
    uint32_t maker = fac_graph_map_find(&graph->map, node, OPERATION)->index;
    fac_graph_variable variable = {.node = node, .output_nr = nr, .maker = (int32_t)maker, .drawn_for = -1};
    return add_variable(graph, node, nr, variable, index);
}

static fac_status add_input(fac_graph *graph, const fac_tensor *tensor, int32_t *index)
{
    fac_graph_variable variable = {.tensor = tensor, .maker = -1, .drawn_for = -1};
    return add_variable(graph, tensor, 0, variable, index);
}

static const fac_tensor *saved_input(const fac_node *node, uint32_t i)
{
    for (unsigned s = 0; s < node->n_saved; s++)
        if (node->saved[s].which == i)
            return node->saved[s].tensor;
    return NULL;
}

/* An operand that no gradient is wanted for: known only if the operation saved it for its derivative. */
static fac_status add_constant(fac_graph *graph, const fac_node *node, uint32_t i, int32_t *index)
{
    fac_shape shape;
    fac_node_in_shape(node, i, &shape);
    *index = fac_node_in_is_number(node, i) ? FAC_GRAPH_NUMBER : FAC_GRAPH_NOTHING;
    if (*index == FAC_GRAPH_NUMBER || !shape.dtype)
        return FAC_OK;
    const fac_tensor *saved = saved_input(node, i);
    if (saved && !saved->node)
        return add_input(graph, saved, index);
    fac_graph_variable unknown = {.user = node, .output_nr = i, .maker = -1, .drawn_for = -1};
    return add_variable(graph, NULL, 0, unknown, index);
}

static fac_status add_operands(fac_graph *graph, fac_graph_operation *operation)
{
    fac_node *node = operation->node;
    operation->operands = graph->n_operands;
    FAC_TRY(fac_grow(&graph->operands, &graph->operands_room, graph->n_operands + node->n_in, sizeof *graph->operands));
    for (uint32_t i = 0; i < node->n_in; i++) {
        const fac_edge *edge = node->edges + i;
        int32_t *operand = graph->operands + graph->n_operands++;
        if (edge->node)
            FAC_TRY(add_result(graph, edge->node, edge->output_nr, operand));
        else if (edge->leaf)
            FAC_TRY(add_input(graph, edge->leaf, operand));
        else
            FAC_TRY(add_constant(graph, node, i, operand));
    }
    return FAC_OK;
}

fac_status fac_graph_collect(fac_graph *graph, fac_tensor *root)
{
    frames stack = {0};
    fac_status status = root->node ? list_operations(graph, &stack, root->node) : FAC_OK;
    free_frames(&stack);
    for (size_t i = 0; i < graph->n_operations && !status; i++)
        status = add_operands(graph, graph->operations + i);
    if (status)
        return status;
    return root->node ? add_result(graph, root->node, root->output_nr, &graph->root)
                      : add_input(graph, root, &graph->root);
}

fac_graph_variable *fac_graph_variable_of(const fac_graph *graph, const fac_tensor *tensor)
{
    const void *key = tensor->node ? (const void *)tensor->node : tensor;
    const fac_graph_entry *entry = fac_graph_map_find(&graph->map, key, tensor->node ? tensor->output_nr : 0);
    return entry ? graph->variables + entry->index : NULL;
}

/* The same walk from right to left; its list, turned round, begins with the root and keeps left and right. */
fac_status fac_graph_backward_order(fac_graph *graph, uint32_t *order)
{
    frames stack = {0};
    fac_status status = FAC_OK;
    size_t left = graph->n_operations;
    if (left) { /* a frame's `next` counts down here */
        fac_graph_operation *last = graph->operations + graph->n_operations - 1;
        last->seen = true;
        status = push(&stack, last->node, last->node->n_in);
    }
    while (stack.count && !status) {
        frame *top = stack.items + stack.count - 1;
        fac_node *maker = top->next ? top->node->edges[--top->next].node : NULL;
        if (maker) {
            uint32_t at = fac_graph_map_find(&graph->map, maker, OPERATION)->index;
            if (!graph->operations[at].seen) {
                graph->operations[at].seen = true;
                status = push(&stack, maker, maker->n_in);
            }
        } else if (!top->next) {
            order[--left] = fac_graph_map_find(&graph->map, top->node, OPERATION)->index;
            stack.count--;
        }
    }
    free_frames(&stack);
    return status;
}

void fac_graph_free(fac_graph *graph)
{
    if (graph->operations)
        fac_dealloc(graph->operations, graph->operations_room * sizeof *graph->operations);
    if (graph->variables)
        fac_dealloc(graph->variables, graph->variables_room * sizeof *graph->variables);
    if (graph->operands)
        fac_dealloc(graph->operands, graph->operands_room * sizeof *graph->operands);
    fac_graph_map_free(&graph->map);
    fac_text_free(&graph->names);
}
