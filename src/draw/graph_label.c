/* SPDX-License-Identifier: MIT */
/* Operations as people write them. One that has no row here is written name(operand, ..., option=value). */
#include <stdio.h>
#include <string.h>

#include "draw/graph_walk.h"

enum { OPERANDS_SHOWN = 6 };

/* form: with $0, $1 for the operands, for a call without options; NULL: as a function. noun: of the derivative; NULL:
 * the operation's name in capitals. */
static const struct {
    const char *op, *form, *noun;
} written[] = {
    {"abs", "|$0|", "Absolute Value"},
    {"add", "$0 + $1", "Addition"},
    {"bmm", "$0 @ $1", "Matrix Product"},
    {"cos", NULL, "Cosine"},
    {"cross_entropy", NULL, "Cross Entropy"},
    {"div", "$0 / $1", "Division"},
    {"dropout", NULL, "Dropout"},
    {"exp", NULL, "Exponential"},
    {"l1_loss", NULL, "L1 Loss"},
    {"linear", "linear($0)", NULL},
    {"log", NULL, "Logarithm"},
    {"matmul", "$0 @ $1", "Matrix Product"},
    {"mm", "$0 @ $1", "Matrix Product"},
    {"mse_loss", NULL, "MSE Loss"},
    {"mul", "$0 * $1", "Multiplication"},
    {"mv", "$0 @ $1", "Matrix Product"},
    {"neg", "-$0", "Negation"},
    {"pow", "$0^$1", "Power"},
    {"reciprocal", "1 / $0", NULL},
    {"relu", NULL, "ReLU"},
    {"sin", NULL, "Sine"},
    {"sqrt", NULL, "Square Root"},
    {"square", "$0^2", NULL},
    {"sub", "$0 - $1", "Subtraction"},
    {"t", "$0^T", "Transpose"},
};

static int row_of(const char *op)
{
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        if (!strcmp(written[i].op, op))
            return (int)i;
    return -1;
}

/* 3, not 3.0: as it is written by hand. */
static void add_number(fac_text *text, const char *repr)
{
    size_t length = strlen(repr);
    if (length > 2 && !strcmp(repr + length - 2, ".0"))
        length -= 2;
    fac_text_append(text, repr, length);
}

static void add_operand(fac_text *text, const fac_graph *graph, const fac_graph_operation *operation, uint32_t i,
                        bool infix)
{
    char repr[FAC_NUMBER_MAX];
    int32_t operand = graph->operands[operation->operands + i];
    if (operand >= 0) {
        const char *name = fac_graph_name(graph, operand);
        fac_text_append(text, name, strlen(name));
        return;
    }
    if (operand == FAC_GRAPH_NOTHING) {
        fac_text_append(text, "None", 4);
        return;
    }
    float number = fac_node_in_number(operation->node, i);
    fac_repr_float(repr, number);
    bool enclosed = infix && repr[0] == '-';
    fac_text_append(text, "(", enclosed);
    add_number(text, repr);
    fac_text_append(text, ")", enclosed);
}

static void add_form(fac_text *text, const fac_graph *graph, const fac_graph_operation *operation, const char *form)
{
    for (; *form; form++) {
        uint32_t i = (uint32_t)(form[1] - '0');
        if (*form == '$' && i < operation->node->n_in) {
            add_operand(text, graph, operation, i, true);
            form++;
        } else {
            fac_text_append(text, form, 1);
        }
    }
}

static void add_dims(fac_text *text, fac_dims dims)
{
    int64_t sizes[3];
    int count = dims == FAC_NONE ? -1 : fac_dims_unpack(dims, sizes);
    if (count < 0)
        fac_text_append(text, "None", 4);
    else if (count == 1)
        fac_text_add(text, "%lld", (long long)sizes[0]);
    else
        fac_text_add(text, "%s", fac_list_text(count, sizes));
}

static void add_real(fac_text *text, double value)
{
    char repr[FAC_NUMBER_MAX];
    fac_repr_double(repr, value);
    if (value != value)
        fac_text_append(text, "None", 4);
    else
        add_number(text, repr);
}

/* The value of an option as Python writes it; nothing for those that are no plain values. */
static void add_value(fac_text *text, const fac_arg *arg, const void *args)
{
    const char *at = (const char *)args + arg->offset;
    union {
        int64_t whole;
        double real;
        bool truth;
        const char *string;
        fac_list list;
        fac_dtype dtype;
    } value = {0};
    static const size_t sizes[] = {[FAC_KIND_INT] = 8,
                                   [FAC_KIND_REAL] = 8,
                                   [FAC_KIND_BOOL] = sizeof(bool),
                                   [FAC_KIND_DIMS] = 8,
                                   [FAC_KIND_LIST] = sizeof(fac_list),
                                   [FAC_KIND_STR] = sizeof(char *),
                                   [FAC_KIND_DTYPE] = sizeof(fac_dtype),
                                   [FAC_KIND_GEN] = 0};
    memcpy(&value, at, sizes[arg->kind]);
    if (arg->kind == FAC_KIND_REAL)
        add_real(text, value.real);
    else if (arg->kind == FAC_KIND_BOOL)
        fac_text_add(text, "%s", value.truth ? "True" : "False");
    else if (arg->kind == FAC_KIND_INT && value.whole != FAC_NONE)
        fac_text_add(text, "%lld", (long long)value.whole);
    else if (arg->kind == FAC_KIND_DIMS)
        add_dims(text, value.whole);
    else if (arg->kind == FAC_KIND_LIST && value.list)
        fac_text_add(text, "%s", fac_list_text(value.list->count, value.list->values));
    else if (arg->kind == FAC_KIND_STR && value.string)
        fac_text_add(text, "%s", value.string);
    else if (arg->kind == FAC_KIND_DTYPE && value.dtype != FAC_DEFAULT_DTYPE)
        fac_text_add(text, "%s", fac_dtype_name(value.dtype));
    else
        fac_text_append(text, "None", 4);
}

static bool same_value(const char *a, const char *b)
{
    double x, y;
    if (fac_parse_double(a, a + strlen(a), &x) && fac_parse_double(b, b + strlen(b), &y))
        return x == y;
    return !strcmp(a, b);
}

/* `, dim=1` for each option that is not what it is by default. */
static void add_options(fac_text *text, const fac_node *node)
{
    for (int i = 0; node->args && i < node->op->n_args; i++) {
        const fac_arg *arg = node->op->args + i;
        fac_text value = {0};
        if (arg->kind <= FAC_KIND_TOPT)
            continue;
        add_value(&value, arg, node->args);
        if (value.failed)
            text->failed = true;
        else if (!same_value(value.data, arg->dflt ? arg->dflt : "None"))
            fac_text_add(text, ", %s=%s", arg->name, value.data);
        fac_text_free(&value);
    }
}

static void add_call(fac_text *text, const fac_graph *graph, const fac_graph_operation *operation, const char *options)
{
    const fac_node *node = operation->node;
    size_t name = strcspn(node->op->name, ".");
    bool first = true;
    fac_text_append(text, node->op->name, name);
    fac_text_append(text, "(", 1);
    for (uint32_t i = 0; i < node->n_in && i < OPERANDS_SHOWN; i++) {
        if (graph->operands[operation->operands + i] == FAC_GRAPH_NOTHING)
            continue;
        fac_text_append(text, ", ", first ? 0 : 2);
        add_operand(text, graph, operation, i, false);
        first = false;
    }
    if (node->n_in > OPERANDS_SHOWN)
        fac_text_append(text, ", ...", 5);
    fac_text_append(text, options, strlen(options));
    fac_text_append(text, ")", 1);
}

void fac_graph_expression(fac_text *text, const fac_graph *graph, const fac_graph_operation *operation)
{
    fac_text options = {0};
    int row = row_of(operation->node->op->name);
    add_options(&options, operation->node);
    if (options.failed)
        text->failed = true;
    else if (row >= 0 && written[row].form && !options.length)
        add_form(text, graph, operation, written[row].form);
    else
        add_call(text, graph, operation, options.length ? options.data : "");
    fac_text_free(&options);
}

void fac_graph_derivative(fac_text *text, const fac_op *op)
{
    int row = row_of(op->name);
    if (row >= 0 && written[row].noun) {
        fac_text_add(text, "%s Derivative", written[row].noun);
        return;
    }
    bool up = true;
    for (const char *c = op->name; *c && *c != '.'; c++) {
        char letter = *c == '_' ? ' ' : up && *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
        fac_text_append(text, &letter, 1);
        up = *c == '_';
    }
    fac_text_append(text, " Derivative", 11);
}
