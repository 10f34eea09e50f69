/* SPDX-License-Identifier: MIT */
#include "graph/trace.h"

#include <string.h>

#include "base/alloc.h"

#define OUTSIDE UINT32_MAX

struct fac_trace {
    fac_trace_entry *entries;
    size_t count, capacity;
    uint32_t id;      /* marks the tensors that a run of it made */
    bool recorded;    /* a whole run is kept: compare from now on */
    bool comparing;
    bool matches;     /* so far, in a comparing run */
    size_t at;        /* the next call to compare */
    const char *why;
};

static uint32_t next_id;

fac_trace *fac_trace_new(void)
{
    return fac_alloc_zeroed(sizeof(fac_trace));
}

static void forget(fac_trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        fac_dealloc(trace->entries[i].in, trace->entries[i].n_in * sizeof(fac_source));
        fac_dealloc(trace->entries[i].args, trace->entries[i].args_bytes);
    }
    trace->count = 0;
}

void fac_trace_free(fac_trace *trace)
{
    if (!trace)
        return;
    forget(trace);
    fac_dealloc(trace->entries, trace->capacity * sizeof *trace->entries);
    fac_dealloc(trace, sizeof *trace);
}

fac_status fac_trace_start(fac_trace *trace)
{
    if (fac_self.trace)
        return fac_fail(FAC_ERR_RUNTIME, "trace: one is on already on this thread");
    trace->comparing = trace->recorded;
    trace->matches = true;
    trace->at = 0;
    trace->why = NULL;
    trace->id = __atomic_add_fetch(&next_id, 1, __ATOMIC_RELAXED);
    if (!trace->comparing)
        forget(trace);
    fac_self.trace = trace;
    return FAC_OK;
}

static void differs(fac_trace *trace, const char *why)
{
    trace->matches = false;
    trace->why = why;
}

void fac_trace_stop(fac_trace *trace)
{
    fac_self.trace = NULL;
    if (!trace->comparing)
        trace->recorded = true;
    else if (trace->matches && trace->at < trace->count)
        differs(trace, "fewer calls");
}

size_t fac_trace_count(const fac_trace *trace)
{
    return trace->count;
}

const fac_trace_entry *fac_trace_entry_at(const fac_trace *trace, size_t i)
{
    return i < trace->count ? trace->entries + i : NULL;
}

bool fac_trace_matched(const fac_trace *trace, size_t *at, const char **why)
{
    *at = trace->at;
    *why = trace->why;
    return trace->comparing && trace->matches;
}

/* Where an input comes from, as seen from this run. */
static fac_source source_of(const fac_trace *trace, const fac_tensor *t)
{
    fac_source source = {.call = OUTSIDE, .tensor = t};
    if (!t)
        return source;
    source.serial = fac_header_of(t)->serial;
    source.number = t->wrapped_number ? t->m.dtype : 0;
    if (t->trace_id == trace->id) {
        source.call = t->trace_call;
        source.output = t->output_in_call;
    }
    return source;
}

static bool same_source(const fac_source *recorded, const fac_source *now)
{
    if (recorded->number || now->number)
        return recorded->number == now->number;
    if (recorded->call != now->call)
        return false;
    if (recorded->call != OUTSIDE)
        return recorded->output == now->output;
    return recorded->tensor == now->tensor && recorded->serial == now->serial;
}

static const char *difference(const fac_trace *trace, const fac_trace_entry *entry, const fac_call *call)
{
    if (entry->op != call->op || entry->inplace != call->inplace)
        return "another operation";
    if (entry->grad_mode != fac_grad_mode())
        return "another grad mode";
    if (entry->n_in != call->n_in)
        return "another number of inputs";
    for (uint32_t i = 0; i < call->n_in; i++) {
        fac_source now = source_of(trace, call->in[i]);
        if (!same_source(entry->in + i, &now))
            return "another input";
    }
    return fac_args_equal(call->op, entry->args, call->args) ? NULL : "another argument";
}

void fac_trace_compare(const fac_call *call)
{
    fac_trace *trace = fac_self.trace;
    if (!trace->comparing || !trace->matches)
        return;
    const char *why =
        trace->at < trace->count ? difference(trace, trace->entries + trace->at, call) : "more calls";
    if (why)
        differs(trace, why);
}

static fac_status record(fac_trace *trace, const fac_call *call)
{
    FAC_TRY(fac_grow(&trace->entries, &trace->capacity, trace->count + 1, sizeof *trace->entries));
    fac_trace_entry *entry = trace->entries + trace->count;
    *entry = (fac_trace_entry){.op = call->op, .n_in = call->n_in, .inplace = call->inplace,
                               .grad_mode = fac_grad_mode(), .args_bytes = fac_args_bytes(call->op, call->args)};
    entry->in = fac_alloc(call->n_in * sizeof *entry->in);
    entry->args = entry->args_bytes ? fac_alloc(entry->args_bytes) : NULL;
    if (!entry->in || (entry->args_bytes && !entry->args)) {
        fac_dealloc(entry->in, call->n_in * sizeof *entry->in);
        fac_dealloc(entry->args, entry->args_bytes);
        return fac_pending();
    }
    for (uint32_t i = 0; i < call->n_in; i++)
        entry->in[i] = source_of(trace, call->in[i]);
    if (entry->args)
        fac_args_copy(call->op, call->args, entry->args);
    trace->count++;
    return FAC_OK;
}

fac_status fac_trace_note(const fac_call *call, fac_tensor **out)
{
    fac_trace *trace = fac_self.trace;
    size_t at = trace->comparing ? trace->at : trace->count;
    if (!trace->comparing)
        FAC_TRY(record(trace, call));
    int n = call->op->flags & FAC_OP_MUTATES ? 0 : call->inplace ? 1 : call->op->n_out;
    for (int i = 0; i < n; i++) {
        out[i]->trace_id = trace->id;
        out[i]->trace_call = (uint32_t)at;
        out[i]->output_in_call = (uint16_t)i;
    }
    if (trace->comparing && trace->matches)
        trace->at++;
    return FAC_OK;
}
