/* SPDX-License-Identifier: MIT */
#include "base/pool.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/thread.h"

#if defined(__SANITIZE_ADDRESS__)
#define FAC_GUARDED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FAC_GUARDED 1
#endif
#endif
#if !defined(FAC_GUARDED) && !defined(NDEBUG)
#define FAC_GUARDED 1
#endif
#ifndef FAC_GUARDED
#define FAC_GUARDED 0
#endif

enum { CHUNK_SLOTS = 32, HELD_BACK = 512, WORKSPACE_MAX = 16 << 20 /* kept */ };

typedef struct fac_chunk {
    struct fac_chunk *next;
    size_t size;
} fac_chunk;

fac_pool fac_pools[FAC_POOLS];
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;

/* Debug and sanitizer builds keep freed slots back for a while, so that use after free meets a dead mark and not the
 * next tensor: a queue in front of the shared free list. */
typedef struct {
    fac_header *first, *last;
    size_t count;
} slot_queue;
static slot_queue held_back[FAC_POOLS];

static size_t whole_slot(const fac_pool *pool)
{
    return sizeof(fac_header) + pool->slot_size;
}

static fac_header *slot_at(const fac_pool *pool, fac_chunk *chunk, size_t i)
{
    return (fac_header *)(void *)((char *)(chunk + 1) + i * whole_slot(pool));
}

/* Counted here, not where tensors come and go: that is to cost nothing. */
int64_t fac_live_tensors(void)
{
    const fac_pool *pool = &fac_pools[FAC_POOL_TENSOR];
    int64_t count = 0;
    pthread_mutex_lock(&pool_lock);
    for (fac_chunk *chunk = pool->chunks; chunk; chunk = chunk->next)
        for (size_t i = 0; i < CHUNK_SLOTS; i++)
            count += __atomic_load_n(&slot_at(pool, chunk, i)->type, __ATOMIC_RELAXED) != NULL;
    pthread_mutex_unlock(&pool_lock);
    return count;
}

/* Under the lock. */
static bool add_chunk(fac_pool *pool)
{
    size_t size = sizeof(fac_chunk) + CHUNK_SLOTS * whole_slot(pool);
    fac_chunk *chunk = fac_alloc_zeroed(size);
    if (!chunk)
        return false;
    chunk->next = pool->chunks;
    chunk->size = size;
    pool->chunks = chunk;
    for (size_t i = CHUNK_SLOTS; i-- > 0;) {
        fac_header *slot = slot_at(pool, chunk, i);
        slot->next_free = pool->free;
        pool->free = slot;
    }
    pool->slots += CHUNK_SLOTS;
    pool->free_slots += CHUNK_SLOTS;
    return true;
}

/* Moves up to a chunk's worth of slots from the shared list to the thread's. Under the lock. */
static void take_slots(fac_pool *pool, fac_header **mine)
{
    for (size_t i = 0; i < CHUNK_SLOTS && pool->free; i++) {
        fac_header *slot = pool->free;
        pool->free = slot->next_free;
        pool->free_slots--;
        slot->next_free = *mine;
        *mine = slot;
    }
}

void *fac_slot_new_slow(fac_pool *pool)
{
    fac_header **mine = &fac_self.slots[pool->cache];
    if (!*mine) {
        fac_thread_begin();
        pthread_mutex_lock(&pool_lock);
        if (pool->free || add_chunk(pool))
            take_slots(pool, mine);
        pthread_mutex_unlock(&pool_lock);
        if (!*mine)
            return NULL;
    }
    fac_header *slot = *mine;
    *mine = slot->next_free;
    fac_slot_mark(slot, pool->type);
    slot->refs = 1;
    slot->serial++;
    return slot + 1;
}

static fac_header *hold_back(fac_pool *pool, fac_header *slot)
{
    slot_queue *queue = &held_back[pool->cache];
    pthread_mutex_lock(&pool_lock);
    slot->next_free = NULL;
    if (queue->last)
        queue->last->next_free = slot;
    else
        queue->first = slot;
    queue->last = slot;
    fac_header *out = NULL;
    if (++queue->count > HELD_BACK) {
        out = queue->first;
        queue->first = out->next_free;
        queue->count--;
    }
    pthread_mutex_unlock(&pool_lock);
    return out;
}

void fac_slot_free(fac_pool *pool, void *handle)
{
    fac_header *slot = fac_header_of(handle);
    fac_slot_mark(slot, NULL);
    if (!fac_self.ready)
        fac_thread_begin();
    if (FAC_GUARDED && !(slot = hold_back(pool, slot)))
        return;
    slot->next_free = fac_self.slots[pool->cache];
    fac_self.slots[pool->cache] = slot;
}

/* The class of a size, FAC_BLOCK_CLASSES if it is too large for one. */
static unsigned block_class(size_t size)
{
    if (size <= FAC_BLOCK_MIN)
        return 0;
    unsigned bits = 64u - (unsigned)__builtin_clzll((unsigned long long)(size - 1));
    return bits - 6u < FAC_BLOCK_CLASSES ? bits - 6u : FAC_BLOCK_CLASSES;
}

static size_t block_bytes(unsigned block_class_, size_t size)
{
    return block_class_ < FAC_BLOCK_CLASSES ? (size_t)FAC_BLOCK_MIN << block_class_ : size;
}

/* Freed blocks beyond the classes, oldest first. The C library would give most of them back to the system, and taking
 * them from there again costs several times what an operation on them does. */
enum { LARGE_BLOCKS = 32, LARGE_BYTES = 64 << 20 };
typedef struct fac_large {
    size_t count, bytes;
    struct {
        void *block;
        size_t size;
    } kept[LARGE_BLOCKS];
} fac_large;

/* The allocator promises 16 bytes of alignment; the pointer it gave is kept just before the aligned block. */
static void *align(char *raw)
{
    char *block = (char *)(((uintptr_t)raw + FAC_ALIGN) & ~(uintptr_t)(FAC_ALIGN - 1));
    memcpy(block - sizeof raw, &raw, sizeof raw);
    return block;
}

static void *aligned_new(size_t size)
{
    char *raw = size < SIZE_MAX / 2 ? fac_alloc(size + FAC_ALIGN) : NULL;
    if (!raw) {
        if (size >= SIZE_MAX / 2)
            fac_fail_memory(size);
        return NULL;
    }
    return align(raw);
}

static void aligned_free(void *block, size_t size)
{
    char *raw;
    memcpy(&raw, (char *)block - sizeof raw, sizeof raw);
    fac_dealloc(raw, size + FAC_ALIGN);
}

static void *take_large(fac_large *large, size_t i)
{
    void *block = large->kept[i].block;
    large->bytes -= large->kept[i].size;
    large->count--;
    memmove(large->kept + i, large->kept + i + 1, (large->count - i) * sizeof *large->kept);
    return block;
}

static void drop_oldest(fac_large *large)
{
    const size_t size = large->kept[0].size;
    aligned_free(take_large(large, 0), size);
}

static void *large_new(size_t size)
{
    fac_large *large = fac_self.large;
    for (size_t i = large ? large->count : 0; i-- > 0;)
        if (large->kept[i].size == size)
            return take_large(large, i);
    return aligned_new(size);
}

static void large_free(void *block, size_t size)
{
    fac_thread *self = &fac_self;
    if (!self->large && self->ready && !FAC_GUARDED && (self->large = fac_alloc_quiet(sizeof *self->large)))
        self->large->count = self->large->bytes = 0;
    fac_large *large = self->large;
    if (!large || size > LARGE_BYTES / 2) {
        aligned_free(block, size);
        return;
    }
    while (large->count == LARGE_BLOCKS || large->bytes + size > LARGE_BYTES)
        drop_oldest(large);
    large->kept[large->count].block = block;
    large->kept[large->count++].size = size;
    large->bytes += size;
}

void *fac_block_new(size_t size)
{
    unsigned c = FAC_GUARDED ? FAC_BLOCK_CLASSES : block_class(size);
    if (c < FAC_BLOCK_CLASSES && fac_self.blocks[c]) {
        fac_block *block = fac_self.blocks[c];
        fac_self.blocks[c] = block->next;
        fac_self.block_counts[c]--;
        return block;
    }
    return c < FAC_BLOCK_CLASSES ? aligned_new(block_bytes(c, size)) : large_new(size);
}

void fac_block_free(void *block, size_t size)
{
    unsigned c = FAC_GUARDED ? FAC_BLOCK_CLASSES : block_class(size);
    if (c < FAC_BLOCK_CLASSES && fac_self.block_counts[c] < (FAC_BLOCK_CLASSES - c) * 32u && fac_self.ready) {
        fac_block *freed = block;
        freed->next = fac_self.blocks[c];
        fac_self.blocks[c] = freed;
        fac_self.block_counts[c]++;
    } else if (c < FAC_BLOCK_CLASSES) {
        aligned_free(block, block_bytes(c, size));
    } else {
        large_free(block, size);
    }
}

void *fac_workspace_new(size_t *size)
{
    fac_thread *self = &fac_self;
    void *block = self->workspace;
    if (block && self->workspace_size >= *size) {
        *size = self->workspace_size;
        self->workspace = NULL;
        return block;
    }
    char *raw = *size < SIZE_MAX / 2 ? fac_alloc_quiet(*size + FAC_ALIGN) : NULL;
    return raw ? align(raw) : NULL;
}

void fac_workspace_free(void *block, size_t size)
{
    fac_thread *self = &fac_self;
    const bool keep = !FAC_GUARDED && self->ready && size <= WORKSPACE_MAX;
    void *old = keep ? self->workspace : block;
    const size_t old_size = keep ? self->workspace_size : size;
    if (keep) {
        self->workspace = block;
        self->workspace_size = size;
    }
    if (old)
        aligned_free(old, old_size);
}

/* Gives all of this thread's caches up: blocks to the allocator, slots to the shared lists. */
void fac_pool_thread_end(void)
{
    if (fac_self.workspace)
        aligned_free(fac_self.workspace, fac_self.workspace_size);
    fac_self.workspace = NULL;
    while (fac_self.large && fac_self.large->count)
        drop_oldest(fac_self.large);
    fac_dealloc(fac_self.large, sizeof *fac_self.large);
    fac_self.large = NULL;
    for (unsigned c = 0; c < FAC_BLOCK_CLASSES; c++) {
        while (fac_self.blocks[c]) {
            fac_block *block = fac_self.blocks[c];
            fac_self.blocks[c] = block->next;
            aligned_free(block, block_bytes(c, 0));
        }
        fac_self.block_counts[c] = 0;
    }
    pthread_mutex_lock(&pool_lock);
    for (int i = 0; i < FAC_POOLS; i++) {
        while (fac_self.slots[i]) {
            fac_header *slot = fac_self.slots[i];
            fac_self.slots[i] = slot->next_free;
            slot->next_free = fac_pools[i].free;
            fac_pools[i].free = slot;
            fac_pools[i].free_slots++;
        }
    }
    pthread_mutex_unlock(&pool_lock);
}

static void free_chunks(fac_pool *pool)
{
    while (pool->chunks) {
        fac_chunk *chunk = pool->chunks;
        pool->chunks = chunk->next;
        fac_dealloc(chunk, chunk->size);
    }
    pool->free = NULL;
    pool->slots = pool->free_slots = 0;
}

void fac_pool_trim(void)
{
    pthread_mutex_lock(&pool_lock);
    for (int i = 0; i < FAC_POOLS; i++) {
        fac_pool *pool = &fac_pools[i];
        if (pool->free_slots + held_back[i].count != pool->slots)
            continue; /* some are alive, or cached by a thread that still runs */
        held_back[i] = (slot_queue){0};
        free_chunks(pool);
    }
    pthread_mutex_unlock(&pool_lock);
}
