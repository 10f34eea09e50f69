/* SPDX-License-Identifier: MIT */
/* Arguments by value. */
#ifndef FAC_GRAPH_ARGS_H
#define FAC_GRAPH_ARGS_H

#include "graph/op.h"

/* Whether the bytes of an operation's arguments tell: it has no pointers there, and no gaps, which hold anything. */
bool fac_args_are_plain(const fac_op *op);
/* Bytes a deep copy takes, the copy, and whether two are the same. */
size_t fac_args_bytes(const fac_op *op, const void *args);
void fac_args_copy(const fac_op *op, const void *args, void *copy);
bool fac_args_equal(const fac_op *op, const void *a, const void *b);
/* The same but for floating numbers, which may differ. */
bool fac_args_alike(const fac_op *op, const void *a, const void *b);
/* Takes those numbers over. */
void fac_args_take_numbers(const fac_op *op, void *to, const void *from);

#endif
