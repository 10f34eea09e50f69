/* SPDX-License-Identifier: MIT */
/* Small memory fast: slots of one type in slabs that stay that type, and blocks by size class, both cached per thread.
 */
#ifndef FAC_BASE_POOL_H
#define FAC_BASE_POOL_H

#include "base/handle.h"

enum { FAC_BLOCK_CLASSES = 11, FAC_BLOCK_MIN = 64, FAC_ALIGN = 64 };

static inline size_t fac_aligned(size_t bytes)
{
    return (bytes + FAC_ALIGN - 1) / FAC_ALIGN * FAC_ALIGN;
}

typedef struct fac_block {
    struct fac_block *next;
} fac_block;

/* A slab pool: all its slots, header included, have the same size and type for ever. */
typedef struct fac_pool {
    const fac_handle_type *type;
    size_t slot_size; /* behind the header, a multiple of 16 */
    int cache;        /* which of the thread's free lists is its */
    fac_header *free; /* shared free list */
    struct fac_chunk *chunks;
    size_t slots, free_slots; /* made; in the shared list */
} fac_pool;

enum { FAC_POOL_TENSOR, FAC_POOLS };
extern fac_pool fac_pools[FAC_POOLS];

/* One slot: refs 1, its serial one higher, its bytes as they were left. NULL with the error set. */
void *fac_slot_new_slow(fac_pool *pool);
void fac_slot_free(fac_pool *pool, void *slot);

/* Marks a slot as taken or, with NULL, as free. Others read the mark only to count (fac_live_tensors). */
static inline void fac_slot_mark(fac_header *slot, const fac_handle_type *type)
{
    __atomic_store_n(&slot->type, type, __ATOMIC_RELAXED);
}

/* A block of at least `size` bytes aligned to FAC_ALIGN; give it back with the same size. */
void *fac_block_new(size_t size);
void fac_block_free(void *block, size_t size);

/* Memory for the inside of one operation: the thread keeps the last for the next, so that its pages stay. *size is made
 * what the block has. NULL, without an error, if memory is short. */
void *fac_workspace_new(size_t *size);
void fac_workspace_free(void *block, size_t size);

void fac_pool_thread_end(void); /* gives this thread's caches up */
void fac_pool_trim(void);       /* frees every slab of which no slot is alive or cached */

#endif
