/* SPDX-License-Identifier: MIT */
/* Exercise 2.3.4: the computational graph of f(x) = x^3 - x^2. */
#ifndef SHEET_GRAPHS_H
#define SHEET_GRAPHS_H

#include <facula/facula.h>

/* Prints both graphs in the language of Graphviz. */
fac_status sheet_print_graphs(void);
/* Draws them into folder: graph_forward and graph_backward, .png and .svg each. Needs the program `dot`. */
fac_status sheet_draw_graphs(const char *folder);

#endif
