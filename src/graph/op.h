/* SPDX-License-Identifier: MIT */
/* The one record and the one way through.
 *
 * Every operation is a const fac_op. fac_apply checks and infers, runs the kernel, tells the thread's recorder if one
 * is on, links a node to the result if a gradient is wanted. */
#ifndef FAC_GRAPH_OP_H
#define FAC_GRAPH_OP_H

#include "base/error.h"
#include "facula/call.h"
#include "tensor/tensor.h"

typedef struct fac_op fac_op;
typedef struct fac_node fac_node;

/* How an argument is typed. Tensor kinds are inputs of the call; the others are fields of the argument struct. */
typedef enum fac_kind {
    FAC_KIND_T,    /* a tensor */
    FAC_KIND_N,    /* a tensor or a number */
    FAC_KIND_TS,   /* a list of tensors */
    FAC_KIND_TOPT, /* a tensor or None, in the struct */
    FAC_KIND_INT,  /* int64_t, FAC_NONE for None */
    FAC_KIND_REAL, /* double, NaN for None where None is the default */
    FAC_KIND_BOOL,
    FAC_KIND_DIMS, /* fac_dims: one to three ints in one */
    FAC_KIND_LIST, /* fac_list */
    FAC_KIND_STR,
    FAC_KIND_DTYPE,
    FAC_KIND_BETAS, /* fac_betas: two doubles, of optimisers */
    FAC_KIND_GEN    /* fac_generator *, fac_none for the default one */
} fac_kind;

typedef struct fac_arg {
    const char *name, *dflt; /* as Python writes the default; NULL if required */
    uint8_t kind;
    uint16_t offset; /* in the argument struct; of tensor kinds but TOPT, the input's position */
} fac_arg;

enum {
    FAC_OP_INPLACE = 1,           /* may write its result into input 0: fac_f_ */
    FAC_OP_VIEW = 2,              /* the result shares input 0's storage */
    FAC_OP_NO_GRAD = 4,           /* the result never requires grad: comparisons, round's integers */
    FAC_OP_DRAWS = 8,             /* takes random numbers */
    FAC_OP_DEEP = 16,             /* the argument struct has pointers (lists, strings, optional tensors) */
    FAC_OP_HAS_ARGS = 32,         /* it has fields other than tensors */
    FAC_OP_MUTATES = 64,          /* writes input 0 always, has no other result: optimiser steps, fill_ */
    FAC_OP_SHAPE_BY_DATA = 128,   /* the result's shape depends on values */
    FAC_OP_SAVES_FOR_OTHERS = 256 /* an input is saved for the derivatives of the others only, as a factor is */
};
#define FAC_SAVE_IN(i)  (1u << (i))
#define FAC_SAVE_OUT(i) (1u << (16 + (i)))
#define FAC_SAVE_ALL_IN 0xFFFFu

typedef struct fac_call {
    const fac_op *op;
    fac_tensor **in; /* fac_none for an optional input that is None; NULL there once fac_apply has checked */
    uint32_t n_in;
    bool inplace;
    const void *args;
} fac_call;

enum { FAC_MAX_OUT = 4 };

struct fac_op {
    const char *name;
    const fac_arg *args;
    uint8_t n_args, n_out, n_hidden; /* hidden: kept for backward, not given to the caller */
    uint8_t n_required;              /* inputs that may not be None */
    uint16_t args_size;
    uint32_t flags, saves;
    /* Every check and message; shapes and dtypes of all results. */
    fac_status (*infer)(const fac_call *, fac_meta *out);
    /* Into given outputs. NULL: the operation is its decomposition. */
    fac_status (*run)(const fac_call *, fac_tensor **out);
    /* Derivatives in ops: g[i] of each result (NULL: none came), gx[i] where fac_node_needs(node, i). */
    fac_status (*grad)(fac_node *, fac_tensor **g, fac_tensor **gx);
    /* In other ops: how it is done where run is NULL, and where a gradient is wanted and grad is NULL. */
    fac_status (*decompose)(const fac_call *, fac_tensor **out);
    const char *grad_name; /* of the node, as PyTorch prints it; NULL: CamelCase of name, "Backward0" */
    const char *(*grad_name_of)(const fac_node *); /* the same where it depends on the call; NULL: grad_name */
    const void *kernel;                            /* what a family of ops shares `run` over: an index, a formula */
    uint16_t kernel_index;
};

/* Applies an operation; out[0 .. n_out) belong to the innermost scope. The action's error stays pending. */
fac_status fac_apply(const fac_call *call, fac_tensor **out);

/* The usual case: one result, or NULL with the error pending. */
fac_tensor *fac_apply_one(const fac_op *op, fac_tensor **in, uint32_t n_in, const void *args);
fac_tensor *fac_apply_inplace(const fac_op *op, fac_tensor **in, uint32_t n_in, const void *args);
/* For FAC_OP_MUTATES. */
fac_status fac_apply_action(const fac_op *op, fac_tensor **in, uint32_t n_in, const void *args);

/* The dtype torch.result_type gives: tensors with dims outrank 0-d ones, those outrank numbers, within a rank the wider
 * kind wins. Inputs that are NULL do not count. */
fac_dtype fac_result_type(fac_tensor *const *in, uint32_t n_in);
fac_dtype fac_promote_types(fac_dtype a, fac_dtype b);

/* The error for a required argument that was not given: `transpose: missing required argument 'dim0'`. */
void fac_missing(const char *op, const char *argument);
static inline bool fac_real_missing(double value)
{
    const double required = FAC_REQUIRED_REAL;
    return !__builtin_memcmp(&value, &required, sizeof value);
}

/* Lists and dims of arguments, checked: *n of them into out (at most 16 / FAC_MAX_DIMS). */
int fac_dims_unpack(fac_dims dims, int64_t out[3]);

/* Whether a gradient is being recorded on this thread. */
static inline bool fac_grad_mode(void)
{
    return !fac_self.no_grad;
}

#endif
