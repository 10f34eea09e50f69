/* SPDX-License-Identifier: MIT */
/* Pictures of the computational graph of a result. */
#ifndef FACULA_DRAW_GRAPH_H
#define FACULA_DRAW_GRAPH_H

#include "facula/nn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* backward: draw the derivatives instead of the operations.
 * names: what tensors are called: FAC_NAMED(x, v, y) gives them their names in C; results as well as inputs. Where a
 *     tensor has more than one name, the first is taken.
 * module: its parameters are called by their paths, "layers.0.weight".
 * of: what is differentiated, a function of the result. Without it "z" (or what is free of L and f) in dz/dy, and not
 *     in the forward graph.
 * shapes: write the tensors' shapes below their names.
 * timeout: seconds that `dot` may take. */
typedef struct fac_graph_dot_args {
    size_t size_;
    bool backward;
    const fac_named_tensors *names;
    fac_module *module;
    const char *of;
    bool shapes;
    double timeout;
} fac_graph_dot_args;
#define FAC_DEFAULTS_graph_dot \
    .backward = false, .names = NULL, .module = (fac_module *)fac_none, .of = NULL, .shapes = false, .timeout = 60.0
typedef fac_graph_dot_args fac_draw_graph_args;
#define FAC_DEFAULTS_draw_graph FAC_DEFAULTS_graph_dot
FAC_API fac_graph_dot_args fac_graph_dot_defaults(void);

/* The graph of everything that tensor was made from, as DOT text, the language of Graphviz; the scope owns it.
 * Forward: the inputs in boxes, each operation as people write it (x^3, v - w, relu(v)) and its result by name. Tensors
 * without a name are called x (inputs), p (parameters), v, w, ... (results) and y (tensor itself). Backward: from dz/dy
 * through the operations' derivatives to those for the inputs, one for each use of an input; its gradient is their sum.
 * An operand that needs no gradient is known only if the derivative needs its values, and until fac_backward
 * frees them; it is called c otherwise. PyTorch has no such function (torchviz.make_dot, and sheet 2.3's own drawings).
 * NULL on error: FAC_ERR_RUNTIME for a backward graph of a tensor that does not require grad. */
FAC_API const char *fac_graph_dot_with(fac_tensor *tensor, const fac_graph_dot_args *args);

/* The same as a picture: path ends in .svg, .png or .pdf, for which the program `dot` of Graphviz must be installed, or
 * in .dot or .gv, for the text alone. An existing file is replaced as a whole or not at all.
 * Errors: those of fac_graph_dot; FAC_ERR_VALUE for another ending; FAC_ERR_IO where `dot` is missing, fails or takes
 * too long, or the file cannot be written. */
FAC_API fac_status fac_draw_graph_with(fac_tensor *tensor, const char *path,
                                       const fac_draw_graph_args *args) FAC_WARN_UNUSED;

#ifndef __cplusplus
#define fac_graph_dot(...)  FAC_CALL1_(graph_dot, FAC_TENSOR_, __VA_ARGS__)
#define fac_draw_graph(...) FAC_CALL2_(draw_graph, FAC_TENSOR_, __VA_ARGS__)

/* Up to eight tensors under the names they have here, for .names. */
#define FAC_NAMED(...)                                             \
    ((const fac_named_tensors *)&(const fac_named_tensors){        \
        FAC_VALUES_N_(__VA_ARGS__), (fac_tensor *[]){__VA_ARGS__}, \
        (const char *const[]){FAC_CAT(FAC_WORDS_, FAC_VALUES_N_(__VA_ARGS__))(__VA_ARGS__)}})
#define FAC_WORDS_1(a)      #a
#define FAC_WORDS_2(a, ...) #a, FAC_WORDS_1(__VA_ARGS__)
#define FAC_WORDS_3(a, ...) #a, FAC_WORDS_2(__VA_ARGS__)
#define FAC_WORDS_4(a, ...) #a, FAC_WORDS_3(__VA_ARGS__)
#define FAC_WORDS_5(a, ...) #a, FAC_WORDS_4(__VA_ARGS__)
#define FAC_WORDS_6(a, ...) #a, FAC_WORDS_5(__VA_ARGS__)
#define FAC_WORDS_7(a, ...) #a, FAC_WORDS_6(__VA_ARGS__)
#define FAC_WORDS_8(a, ...) #a, FAC_WORDS_7(__VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif
#endif
