/* SPDX-License-Identifier: MIT */
/* What the variables of a graph are called: by their given names, by their paths in a module, or by letters. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "draw/graph_walk.h"

enum { NAME_CHARACTERS = 64 }; /* more of a name is cut off */
enum { SHORT_NAME = 24 };

static size_t add_name(fac_graph *graph, const char *name)
{
    size_t all = strlen(name), length = 0;
    for (int i = 0; i < NAME_CHARACTERS && length < all; i++) {
        size_t bytes = fac_utf8_next(name + length, all - length);
        length += bytes ? bytes : 1;
    }
    size_t at = graph->names.length;
    fac_text_append(&graph->names, name, length);
    if (length < all)
        fac_text_append(&graph->names, "...", 3);
    fac_text_append(&graph->names, "", 1);
    return at;
}

static void give_name(fac_graph *graph, const fac_tensor *tensor, const char *name)
{
    fac_graph_variable *variable = fac_graph_variable_of(graph, tensor);
    if (variable && !variable->name)
        variable->name = add_name(graph, name);
}

static fac_status give_list(fac_graph *graph, const fac_named_tensors *list)
{
    if (!list)
        return fac_fail(FAC_ERR_VALUE, "draw_graph: names is NULL");
    for (int64_t i = 0; i < list->count; i++) {
        FAC_TRY(fac_tensor_check(list->items[i], "draw_graph", "names"));
        if (!list->names[i])
            return fac_fail(FAC_ERR_VALUE, "draw_graph: name %lld is NULL", (long long)i);
        give_name(graph, list->items[i], list->names[i]);
    }
    return FAC_OK;
}

static fac_status give_paths(fac_graph *graph, fac_module *module)
{
    FAC_SCOPE;
    FAC_TRY(give_list(graph, fac_named_parameters(module)));
    return give_list(graph, fac_named_buffers(module));
}

/* Among the names that were given; they are the first `given` bytes. */
static bool is_taken(const fac_graph *graph, size_t given, const char *name)
{
    for (size_t at = 1; at < given; at += strlen(graph->names.data + at) + 1)
        if (!strcmp(graph->names.data + at, name))
            return true;
    return false;
}

/* The first of the NULL-terminated words that is free, or NULL. */
static const char *free_word(const fac_graph *graph, size_t given, const char *const *words)
{
    while (*words && is_taken(graph, given, *words))
        words++;
    return *words;
}

enum { INPUT, PARAMETER, CONSTANT, RESULT, KINDS };

typedef struct {
    size_t count, next;
} kind_count;

static int kind_of(const fac_graph_variable *variable)
{
    if (variable->maker >= 0)
        return RESULT;
    if (!variable->tensor)
        return CONSTANT;
    return variable->tensor->is_parameter ? PARAMETER : INPUT;
}

static void next_name(char out[SHORT_NAME], int kind, kind_count *counted)
{
    static const char stems[KINDS] = {'x', 'p', 'c', 'v'}, letters[] = "vwutsrq";
    size_t i = counted->next++;
    if (kind == RESULT && counted->count < sizeof letters && i < sizeof letters - 1)
        snprintf(out, SHORT_NAME, "%c", letters[i]);
    else if (counted->count == 1 && i == 0)
        snprintf(out, SHORT_NAME, "%c", stems[kind]);
    else
        snprintf(out, SHORT_NAME, "%c%zu", stems[kind], counted->count == 1 ? i : i + 1);
}

static void name_rest(fac_graph *graph, size_t given)
{
    char name[SHORT_NAME];
    kind_count kinds[KINDS] = {{0, 0}};
    for (size_t i = 0; i < graph->n_variables; i++)
        if (!graph->variables[i].name)
            kinds[kind_of(graph->variables + i)].count++;
    for (size_t i = 0; i < graph->n_variables && !graph->names.failed; i++) {
        fac_graph_variable *variable = graph->variables + i;
        if (variable->name)
            continue;
        int kind = kind_of(variable);
        do
            next_name(name, kind, &kinds[kind]);
        while (is_taken(graph, given, name));
        variable->name = add_name(graph, name);
    }
}

fac_status fac_graph_name_all(fac_graph *graph, const fac_graph_dot_args *args)
{
    static const char *const results[] = {"y", "z", "out", NULL}, *const functions[] = {"z", "L", "f", "g", NULL};
    fac_text_append(&graph->names, "", 1);
    if (args->names && args->names != fac_none)
        FAC_TRY(give_list(graph, args->names));
    if ((void *)args->module != fac_none)
        FAC_TRY(give_paths(graph, args->module));
    fac_graph_variable *root = graph->variables + graph->root;
    if (graph->names.failed)
        return fac_pending();
    const char *word = free_word(graph, graph->names.length, results);
    if (!root->name && root->maker >= 0 && word)
        root->name = add_name(graph, word);
    if (graph->names.failed)
        return fac_pending();
    size_t given = graph->names.length;
    word = free_word(graph, given, functions);
    graph->of = add_name(graph, args->of ? args->of : word ? word : "F");
    name_rest(graph, given);
    return graph->names.failed ? fac_pending() : FAC_OK;
}
