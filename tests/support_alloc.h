/* SPDX-License-Identifier: MIT */
/* An allocator that counts what is alive and fails where it is told to. support_alloc_install() is the first line of
 * main. Every block carries its size in front, so that a wrong size given to free or realloc is found. */
#ifndef TESTS_SUPPORT_ALLOC_H
#define TESTS_SUPPORT_ALLOC_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facula/base.h"

static struct {
    int64_t live_bytes, live_blocks, peak_bytes; /* peak_bytes: reset it by hand before what is to be measured */
    int64_t count;                               /* allocations and reallocations since support_alloc_fail_at */
    int64_t fail_at;                             /* the one that fails, counted from 1; 0: none */
    bool forever;                                /* and all after it */
} support_memory;

enum { SUPPORT_BLOCK_HEADER = 16 };

static inline void support_memory_add(int64_t bytes, int64_t blocks)
{
    int64_t live = __atomic_add_fetch(&support_memory.live_bytes, bytes, __ATOMIC_RELAXED);
    __atomic_add_fetch(&support_memory.live_blocks, blocks, __ATOMIC_RELAXED);
    int64_t peak = __atomic_load_n(&support_memory.peak_bytes, __ATOMIC_RELAXED);
    while (live > peak && !__atomic_compare_exchange_n(&support_memory.peak_bytes, &peak, live, true, __ATOMIC_RELAXED,
                                                       __ATOMIC_RELAXED))
        ;
}

static inline bool support_memory_refuses(void)
{
    int64_t n = __atomic_add_fetch(&support_memory.count, 1, __ATOMIC_RELAXED);
    int64_t at = support_memory.fail_at;
    return at && (n == at || (support_memory.forever && n > at));
}

static inline char *support_block_check(void *block, size_t size)
{
    size_t real;
    char *start = (char *)block - SUPPORT_BLOCK_HEADER;
    memcpy(&real, start, sizeof real);
    if (real != size) {
        fprintf(stderr, "a block of %zu bytes is given back as one of %zu\n", real, size);
        abort();
    }
    return start;
}

static inline void *support_malloc(size_t size, void *ctx)
{
    (void)ctx;
    bool absurd = size > (size_t)1 << 40; /* sanitizers end the program for such a size */
    char *start = support_memory_refuses() || absurd ? NULL : malloc(size + SUPPORT_BLOCK_HEADER);
    if (!start)
        return NULL;
    memcpy(start, &size, sizeof size);
    support_memory_add((int64_t)size, 1);
    return start + SUPPORT_BLOCK_HEADER;
}

static inline void support_free(void *block, size_t size, void *ctx)
{
    (void)ctx;
    char *start = support_block_check(block, size);
    support_memory_add(-(int64_t)size, -1);
    free(start);
}

/* Always moves the block: a pointer kept over a realloc is found by the sanitizer. */
static inline void *support_realloc(void *block, size_t old_size, size_t new_size, void *ctx)
{
    support_block_check(block, old_size);
    void *moved = support_malloc(new_size, ctx);
    if (!moved)
        return NULL;
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    support_free(block, old_size, ctx);
    return moved;
}

/* At the end, what the main thread keeps is given back: to a leak checker a block behind our header looks lost. */
static inline void support_alloc_install(void)
{
    static const fac_allocator counting = {support_malloc, support_realloc, support_free, NULL};
    if (fac_set_allocator(&counting)) {
        fprintf(stderr, "support_alloc_install: %s\n", fac_last_error());
        abort();
    }
    atexit(fac_trim);
}

/* The n-th allocation from now fails, and, if forever, all after it. n = 0: none. */
static inline void support_alloc_fail_at(int64_t n, bool forever)
{
    support_memory.count = 0;
    support_memory.fail_at = n;
    support_memory.forever = forever;
}

/* A program returns its status and frees what it made. */
typedef fac_status support_program(void *ctx);

static inline void support_alloc_try(support_program *program, void *ctx, int64_t n, bool forever, bool *reached)
{
    int64_t bytes = support_memory.live_bytes, blocks = support_memory.live_blocks;
    support_alloc_fail_at(n, forever);
    fac_status status = program(ctx);
    *reached = support_memory.count >= n;
    support_alloc_fail_at(0, false);
    fac_status pending = fac_error_status();
    char message[256] = "";
    strncat(message, fac_last_error(), sizeof message - 1); /* fac_trim gives up the thread's own */
    fac_trim();
    const char *problem = NULL;
    if (status && status != FAC_ERR_MEMORY)
        problem = "another status than FAC_ERR_MEMORY";
    else if (status && !strstr(message, "memory"))
        problem = "a message that does not name memory";
    else if (pending && pending != status)
        problem = "another error left pending";
    else if (support_memory.live_bytes != bytes || support_memory.live_blocks != blocks)
        problem = "memory that was not given back";
    if (!problem)
        return;
    fprintf(stderr, "allocation %lld failed %s: %s (status '%s', message '%s', %lld bytes in %lld blocks left)\n",
            (long long)n, forever ? "for ever" : "once", problem, fac_status_name(status), message,
            (long long)(support_memory.live_bytes - bytes), (long long)(support_memory.live_blocks - blocks));
    abort();
}

/* Runs the program with its first allocation failing, then its second, ..., once and for ever, until it meets no
 * failure any more. Each time it must end in FAC_ERR_MEMORY (or do without the memory) and leave nothing behind.
 * Returns the number of its allocations. */
static inline int64_t support_alloc_fail_each(support_program *program, void *ctx)
{
    int64_t n = 0;
    if (program(ctx)) {
        fprintf(stderr, "the program fails with all the memory it wants: %s\n", fac_last_error());
        abort();
    }
    fac_trim();
    for (bool once = true, forever = true; once || forever;) {
        support_alloc_try(program, ctx, ++n, false, &once);
        support_alloc_try(program, ctx, n, true, &forever);
    }
    return n - 1;
}

#endif
