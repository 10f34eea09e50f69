/* SPDX-License-Identifier: MIT */
/* Argument structs by value: lists and strings are copied behind the struct, tensors are left out (they are inputs). */
#include <string.h>

#include "graph/args.h"

static size_t padded(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static const void *pointer_at(const void *args, const fac_arg *arg)
{
    const void *pointer;
    memcpy(&pointer, (const char *)args + arg->offset, sizeof pointer);
    return pointer;
}

static size_t pointee_bytes(const fac_arg *arg, const void *pointer)
{
    if (!pointer)
        return 0;
    if (arg->kind == FAC_KIND_LIST)
        return sizeof(fac_ints);
    return arg->kind == FAC_KIND_STR ? strlen(pointer) + 1 : 0;
}

size_t fac_args_bytes(const fac_op *op, const void *args)
{
    if (!(op->flags & FAC_OP_HAS_ARGS))
        return 0;
    size_t bytes = padded(op->args_size);
    if (op->flags & FAC_OP_DEEP)
        for (int i = 0; i < op->n_args; i++)
            if (op->args[i].kind == FAC_KIND_LIST || op->args[i].kind == FAC_KIND_STR)
                bytes += padded(pointee_bytes(op->args + i, pointer_at(args, op->args + i)));
    return bytes;
}

void fac_args_copy(const fac_op *op, const void *args, void *copy)
{
    memcpy(copy, args, op->args_size);
    if (!(op->flags & FAC_OP_DEEP))
        return;
    char *end = (char *)copy + padded(op->args_size);
    for (int i = 0; i < op->n_args; i++) {
        const fac_arg *arg = op->args + i;
        if (arg->kind != FAC_KIND_LIST && arg->kind != FAC_KIND_STR && arg->kind != FAC_KIND_TOPT)
            continue;
        const void *pointer = arg->kind == FAC_KIND_TOPT ? NULL : pointer_at(args, arg);
        size_t bytes = pointee_bytes(arg, pointer);
        if (bytes)
            memcpy(end, pointer, bytes);
        const void *moved = bytes ? end : NULL;
        memcpy((char *)copy + arg->offset, &moved, sizeof moved);
        end += padded(bytes);
    }
}

static const uint8_t sizes[] = {[FAC_KIND_INT] = 8,  [FAC_KIND_REAL] = 8,  [FAC_KIND_BOOL] = 1,
                                [FAC_KIND_DIMS] = 8, [FAC_KIND_DTYPE] = 4, [FAC_KIND_GEN] = 8};

bool fac_args_are_plain(const fac_op *op)
{
    size_t bytes = sizeof(size_t); /* size_ */
    for (int i = 0; i < op->n_args; i++)
        if (op->args[i].kind < sizeof sizes)
            bytes += sizes[op->args[i].kind];
    return !(op->flags & FAC_OP_DEEP) && bytes == op->args_size;
}

static bool lists_equal(fac_list a, fac_list b)
{
    return a == b ||
           (a && b && a->count == b->count && !memcmp(a->values, b->values, (size_t)a->count * sizeof *a->values));
}

static bool field_equal(const fac_arg *arg, const void *a, const void *b)
{
    if (arg->kind <= FAC_KIND_TOPT)
        return true;
    if (arg->kind == FAC_KIND_LIST)
        return lists_equal(pointer_at(a, arg), pointer_at(b, arg));
    if (arg->kind != FAC_KIND_STR)
        return !memcmp((const char *)a + arg->offset, (const char *)b + arg->offset, sizes[arg->kind]);
    const char *x = pointer_at(a, arg), *y = pointer_at(b, arg);
    return x == y || (x && y && !strcmp(x, y));
}

static bool is_number(const fac_arg *arg)
{
    return arg->kind == FAC_KIND_REAL;
}

static bool fields_equal(const fac_op *op, const void *a, const void *b, bool numbers)
{
    if (!(op->flags & FAC_OP_HAS_ARGS))
        return true;
    for (int i = 0; i < op->n_args; i++)
        if ((numbers || !is_number(op->args + i)) && !field_equal(op->args + i, a, b))
            return false;
    return true;
}

bool fac_args_equal(const fac_op *op, const void *a, const void *b)
{
    return fields_equal(op, a, b, true);
}

bool fac_args_alike(const fac_op *op, const void *a, const void *b)
{
    return fields_equal(op, a, b, false);
}

void fac_args_take_numbers(const fac_op *op, void *to, const void *from)
{
    for (int i = 0; i < op->n_args; i++)
        if (is_number(op->args + i))
            memcpy((char *)to + op->args[i].offset, (const char *)from + op->args[i].offset, sizeof(double));
}
