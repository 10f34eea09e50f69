/* SPDX-License-Identifier: MIT */
/* A computational graph as lists: its operations, its variables (tensors that go in or come out), which of them are
 * the operands of which operation. Nothing here recurses: a graph may be as deep as memory allows. */
#ifndef FAC_DRAW_GRAPH_WALK_H
#define FAC_DRAW_GRAPH_WALK_H

#include "base/text.h"
#include "draw/graph_map.h"
#include "facula/draw_graph.h"
#include "graph/node.h"

enum { FAC_GRAPH_NOTHING = -1, FAC_GRAPH_NUMBER = -2 }; /* operands that are no variable: None, a number */

typedef struct fac_graph_variable {
    fac_node *node;           /* that made it, as result output_nr; NULL for an input */
    const fac_tensor *tensor; /* an input; NULL for a result and for a constant that was not saved */
    const fac_node *user;     /* of such a constant: it is this node's operand number output_nr */
    uint32_t output_nr;
    int32_t maker;     /* the operation, or -1 */
    int32_t drawn_for; /* the last operation that an edge from it was drawn to */
    size_t name;       /* where it begins in the graph's names; 0: none yet */
} fac_graph_variable;

typedef struct fac_graph_operation {
    fac_node *node;
    size_t operands; /* where they begin; node->n_in of them */
    bool seen;
} fac_graph_operation;

typedef struct fac_graph {
    fac_graph_operation *operations; /* each behind those it needs */
    size_t n_operations, operations_room;
    fac_graph_variable *variables;
    size_t n_variables, variables_room;
    int32_t *operands;
    size_t n_operands, operands_room;
    int32_t root;
    fac_graph_map map;
    fac_text names; /* each with its NUL; the first byte is none's */
    size_t of;      /* the name of what is differentiated */
} fac_graph;

fac_status fac_graph_collect(fac_graph *graph, fac_tensor *root);
void fac_graph_free(fac_graph *graph);
/* The operations from the root to the inputs, each before those it needs, the first operand's first: into order
 * [n_operations]. */
fac_status fac_graph_backward_order(fac_graph *graph, uint32_t *order);

/* The variable that a tensor is; NULL if it is not in the graph. */
fac_graph_variable *fac_graph_variable_of(const fac_graph *graph, const fac_tensor *tensor);
/* Gives every variable a name. */
fac_status fac_graph_name_all(fac_graph *graph, const fac_graph_dot_args *args);
static inline const char *fac_graph_name(const fac_graph *graph, int32_t variable)
{
    return graph->names.data + graph->variables[variable].name;
}

/* Appends an operation as people write it, with the names of its operands, or the name of its derivative. */
void fac_graph_expression(fac_text *text, const fac_graph *graph, const fac_graph_operation *operation);
void fac_graph_derivative(fac_text *text, const fac_op *op);

#endif
