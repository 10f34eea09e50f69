/* SPDX-License-Identifier: MIT */
#ifndef FAC_DRAW_GRAPH_DOT_H
#define FAC_DRAW_GRAPH_DOT_H

#include "base/text.h"
#include "facula/draw_graph.h"

/* Appends the graph as DOT text; the error stays pending. */
fac_status fac_graph_write(fac_text *dot, fac_tensor *tensor, const fac_graph_dot_args *args, const char *who);

#endif
