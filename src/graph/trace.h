/* SPDX-License-Identifier: MIT */
/* A trace: the calls of one run of a function, in order, each with its operation, its arguments and where its inputs
 * came from. Recorded once; later runs are compared with it call by call. Plans are made of it. */
#ifndef FAC_GRAPH_TRACE_H
#define FAC_GRAPH_TRACE_H

#include "graph/op.h"

typedef struct fac_trace fac_trace;

/* An input of a recorded call: result `output` of call `call`, or (call = UINT32_MAX) a tensor from outside, known by
 * its slot and serial number. Numbers are data: they may change from run to run, but not their kind. */
typedef struct fac_source {
    uint32_t call, output;
    const fac_tensor *tensor;
    uint32_t serial;
    uint8_t number; /* its dtype, if it is a number */
} fac_source;

typedef struct fac_trace_entry {
    const fac_op *op;
    fac_source *in;
    uint32_t n_in;
    bool inplace, grad_mode;
    void *args; /* a deep copy */
    size_t args_bytes;
} fac_trace_entry;

fac_trace *fac_trace_new(void);
void fac_trace_free(fac_trace *trace);

/* Starts recording (the first time) or comparing (when something is recorded) on this thread, until fac_trace_stop.
 * One trace at a time on a thread; the error says so. */
fac_status fac_trace_start(fac_trace *trace);
void fac_trace_stop(fac_trace *trace);

size_t fac_trace_count(const fac_trace *trace);
const fac_trace_entry *fac_trace_entry_at(const fac_trace *trace, size_t i);

/* After a comparing run: true if it made the same calls, all of them. Else *at is the first call that differs, *why
 * what differs ("another operation", "another argument", "another input", "fewer calls"). */
bool fac_trace_matched(const fac_trace *trace, size_t *at, const char **why);

/* For fac_apply. */
void fac_trace_compare(const fac_call *call);
fac_status fac_trace_note(const fac_call *call, fac_tensor **out);

/* Arguments by value: bytes a deep copy takes, the copy, and whether two are the same. */
size_t fac_args_bytes(const fac_op *op, const void *args);
void fac_args_copy(const fac_op *op, const void *args, void *copy);
bool fac_args_equal(const fac_op *op, const void *a, const void *b);

#endif
