/* SPDX-License-Identifier: MIT */
/* What belongs to a thread: its error, grad mode, scopes, free lists. */
#ifndef FAC_BASE_THREAD_H
#define FAC_BASE_THREAD_H

#include "base/pool.h"

enum { FAC_MESSAGE_MAX = 1024, FAC_TEXT_SLOTS = 8, FAC_TEXT_MAX = 200 };

/* Small: a library that is opened while the process runs must find room for it in what the C library has left over for
 * thread-local data (about a kilobyte). */
typedef struct fac_thread {
    bool ready;         /* registered for clean-up at the thread's end */
    bool no_grad;       /* torch.no_grad() is in force */
    fac_status pending; /* an error that no action has returned yet */
    fac_status last;    /* of the last error, pending or not, whose message `message` is */
    uint32_t errors;    /* begun so far: tells whether `last` is of this call or an old one */
    char *message, *warning;
    char *texts; /* FAC_TEXT_SLOTS of FAC_TEXT_MAX */
    uint32_t next_text;
    const char *fixed_message; /* used instead of `message` where that could not be had */
    void **scope_items;        /* handles owned by the open scopes, oldest first */
    size_t scope_count, scope_capacity;
    fac_header *slots[FAC_POOLS];
    fac_block *blocks[FAC_BLOCK_CLASSES];
    uint32_t block_counts[FAC_BLOCK_CLASSES];
    struct fac_large *large; /* freed blocks beyond the classes, for the next of their size; or NULL */
    void *workspace;         /* kept for the next operation that wants one */
    size_t workspace_size;
    struct fac_recorder *recorder; /* what calls of operations are offered and told to, or NULL */
    uint32_t run_id;               /* of the run that is being recorded; 0: none is */
    void *dying;                   /* nodes to free, while one is being freed: no recursion */
    bool draining;
    uint32_t skip;   /* the fac_grad that is running: edges marked with it are not followed; 0: all are */
    void *generator; /* this thread's default generator, or NULL for the process's */
} fac_thread;

extern _Thread_local fac_thread fac_self __attribute__((tls_model("initial-exec")));

/* Has done what the thread's recorder has put off. tensor: whose values are looked at, or NULL. Set by the graph (L2),
 * called only where there is a recorder. */
extern fac_status (*fac_settle_values)(const void *tensor);

/* One of the thread's buffers, made where it is asked for first, with an empty text; NULL, without an error, if memory
 * is short. */
char *fac_thread_buffer(char **buffer, size_t bytes);

/* Room for FAC_TEXT_MAX characters, until FAC_TEXT_SLOTS - 1 more have been asked for. NULL, without an error, if
 * memory is short. */
char *fac_thread_text(void);

/* Registers the thread's clean-up; called wherever a thread comes to own something. */
void fac_thread_begin(void);

/* Hands a fresh handle to the innermost scope. False, with the error set and the handle freed, if memory is short. */
bool fac_scope_adopt_slow(void *handle);
static inline bool fac_scope_adopt(void *handle)
{
    fac_thread *self = &fac_self;
    if (__builtin_expect(self->scope_count == self->scope_capacity, 0))
        return fac_scope_adopt_slow(handle);
    self->scope_items[self->scope_count++] = handle;
    return true;
}

#endif
