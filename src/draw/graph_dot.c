/* SPDX-License-Identifier: MIT */
/* A graph as DOT text. Nodes: v0, v1, ... variables or their gradients, o0, ... operations or their derivatives. */
#include "draw/graph_dot.h"

#include <string.h>

#include "base/alloc.h"
#include "draw/dot_text.h"
#include "draw/graph_walk.h"
#include "base/scope_text.h"

typedef struct {
    fac_graph graph;
    fac_text *dot;
    fac_text label; /* of the node being written */
    bool shapes;
    size_t gradients; /* drawn so far, where each use of an input has its own */
} writer;

/* Ends a node's line: its label so far. */
static void end_node(writer *w, const char *more)
{
    fac_text_append(w->dot, " [label=", 8);
    fac_dot_quote(w->dot, w->label.length ? w->label.data : "", w->label.length);
    fac_text_add(w->dot, "%s]\n", more);
    w->label.length = 0;
}

static void add_shape(writer *w, const fac_graph_variable *variable)
{
    fac_shape shape;
    if (variable->tensor) {
        fac_text_add(&w->label, "\n%s", fac_shape_text(&variable->tensor->m));
        return;
    }
    if (variable->node)
        fac_node_out_shape(variable->node, variable->output_nr, &shape);
    else
        fac_node_in_shape(variable->user, variable->output_nr, &shape);
    fac_text_add(&w->label, "\n%s", fac_list_text(shape.ndim, shape.sizes));
}

static void write_variable(writer *w, int32_t i)
{
    const fac_graph_variable *variable = w->graph.variables + i;
    fac_text_add(w->dot, "\tv%d", (int)i);
    fac_text_add(&w->label, "%s", fac_graph_name(&w->graph, i));
    if (w->shapes)
        add_shape(w, variable);
    end_node(w, variable->maker < 0 ? " shape=box" : "");
}

/* The results of an operation that something was made from, or that the graph is of: write(w, operation, variable). */
static void for_results(writer *w, uint32_t at, void (*write)(writer *, uint32_t, int32_t))
{
    fac_node *node = w->graph.operations[at].node;
    for (uint32_t nr = 0; nr < node->n_out; nr++) {
        const fac_graph_entry *entry = fac_graph_map_find(&w->graph.map, node, nr);
        if (entry)
            write(w, at, (int32_t)entry->index);
    }
}

static void write_result(writer *w, uint32_t at, int32_t variable)
{
    (void)at;
    write_variable(w, variable);
}

static void write_edge_to_result(writer *w, uint32_t at, int32_t variable)
{
    fac_text_add(w->dot, "\to%u -> v%d\n", (unsigned)at, (int)variable);
}

static void write_edges(writer *w, uint32_t at)
{
    const fac_graph_operation *operation = w->graph.operations + at;
    for (uint32_t i = 0; i < operation->node->n_in; i++) {
        int32_t operand = w->graph.operands[operation->operands + i];
        if (operand < 0 || w->graph.variables[operand].drawn_for == (int32_t)at)
            continue;
        w->graph.variables[operand].drawn_for = (int32_t)at;
        fac_text_add(w->dot, "\tv%d -> o%u\n", (int)operand, (unsigned)at);
    }
    for_results(w, at, write_edge_to_result);
}

static void write_forward(writer *w, const char *of)
{
    for (size_t i = 0; i < w->graph.n_variables; i++)
        if (w->graph.variables[i].maker < 0)
            write_variable(w, (int32_t)i);
    for (uint32_t i = 0; i < w->graph.n_operations && !w->dot->failed; i++) {
        fac_text_add(w->dot, "\to%u", (unsigned)i);
        fac_graph_expression(&w->label, &w->graph, w->graph.operations + i);
        end_node(w, "");
        for_results(w, i, write_result);
    }
    for (uint32_t i = 0; i < w->graph.n_operations && !w->dot->failed; i++)
        write_edges(w, i);
    if (of) {
        fac_text_add(w->dot, "\tof");
        fac_text_add(&w->label, "%s", w->graph.names.data + w->graph.of);
        end_node(w, "");
        fac_text_add(w->dot, "\tv%d -> of\n", (int)w->graph.root);
    }
}

/* dz/dx; of a name that is not a letter with digits, dz/d(layers.0.weight). */
static void write_gradient(writer *w, const char *id, size_t number, int32_t variable)
{
    const char *name = fac_graph_name(&w->graph, variable);
    bool plain = name[0] && name[1 + strspn(name + 1, "0123456789")] == '\0';
    fac_text_add(w->dot, "\t%s%zu", id, number);
    fac_text_add(&w->label, plain ? "d%s/d%s" : "d%s/d(%s)", w->graph.names.data + w->graph.of, name);
    if (w->shapes)
        add_shape(w, w->graph.variables + variable);
    end_node(w, "");
}

static void write_gradient_of_result(writer *w, uint32_t at, int32_t variable)
{
    (void)at;
    write_gradient(w, "v", (size_t)variable, variable);
}

static void write_edge_from_result(writer *w, uint32_t at, int32_t variable)
{
    fac_text_add(w->dot, "\tv%d -> o%u\n", (int)variable, (unsigned)at);
}

/* From an operation's derivative to the gradients of its operands. */
static void write_backward_edges(writer *w, uint32_t at)
{
    const fac_graph_operation *operation = w->graph.operations + at;
    for (uint32_t i = 0; i < operation->node->n_in; i++) {
        int32_t operand = w->graph.operands[operation->operands + i];
        if (operation->node->edges[i].node) {
            fac_text_add(w->dot, "\to%u -> v%d\n", (unsigned)at, (int)operand);
        } else if (operation->node->edges[i].leaf) {
            write_gradient(w, "g", w->gradients, operand);
            fac_text_add(w->dot, "\to%u -> g%zu\n", (unsigned)at, w->gradients++);
        }
    }
}

static void write_derivatives(writer *w, const uint32_t *order)
{
    const fac_graph *graph = &w->graph;
    for (size_t i = 0; i < graph->n_operations && !w->dot->failed; i++) {
        for_results(w, order[i], write_gradient_of_result);
        fac_text_add(w->dot, "\to%u", (unsigned)order[i]);
        fac_graph_derivative(&w->label, graph->operations[order[i]].node->op);
        end_node(w, "");
    }
    for (size_t i = 0; i < graph->n_operations && !w->dot->failed; i++) {
        for_results(w, order[i], write_edge_from_result);
        write_backward_edges(w, order[i]);
    }
}

static fac_status write_backward(writer *w)
{
    size_t bytes = w->graph.n_operations * sizeof(uint32_t);
    if (!w->graph.n_operations) {
        write_gradient(w, "v", 0, w->graph.root);
        return FAC_OK;
    }
    uint32_t *order = fac_alloc(bytes);
    if (!order)
        return fac_pending();
    fac_status status = fac_graph_backward_order(&w->graph, order);
    if (!status)
        write_derivatives(w, order);
    fac_dealloc(order, bytes);
    return status;
}

static fac_status write_graph(writer *w, fac_tensor *tensor, const fac_graph_dot_args *args)
{
    FAC_TRY(fac_graph_collect(&w->graph, tensor));
    FAC_TRY(fac_graph_name_all(&w->graph, args));
    fac_text_append(w->dot, "digraph {\n", 10);
    if (args->backward)
        FAC_TRY(write_backward(w));
    else
        write_forward(w, args->of);
    fac_text_append(w->dot, "}\n", 2);
    return w->dot->failed || w->label.failed ? fac_pending() : FAC_OK;
}

fac_status fac_graph_write(fac_text *dot, fac_tensor *tensor, const fac_graph_dot_args *args, const char *who)
{
    writer w = {.dot = dot, .shapes = args->shapes};
    FAC_TRY(fac_tensor_check(tensor, who, "tensor"));
    if (args->backward && !tensor->requires_grad)
        return fac_fail(FAC_ERR_RUNTIME,
                        "%s: the tensor does not require grad and does not have a grad_fn: there is no backward graph",
                        who);
    fac_status status = write_graph(&w, tensor, args);
    fac_graph_free(&w.graph);
    fac_text_free(&w.label);
    return status;
}

fac_graph_dot_args fac_graph_dot_defaults(void)
{
    return (fac_graph_dot_args){FAC_DEFAULTS_graph_dot, .size_ = sizeof(fac_graph_dot_args)};
}

const char *fac_graph_dot_with(fac_tensor *tensor, const fac_graph_dot_args *args)
{
    fac_graph_dot_args defaults = fac_graph_dot_defaults();
    fac_text dot = {0};
    if (fac_graph_write(&dot, tensor, args ? args : &defaults, "graph_dot")) {
        fac_text_free(&dot);
        return NULL;
    }
    return fac_scope_text(&dot);
}
