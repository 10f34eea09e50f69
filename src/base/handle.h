/* SPDX-License-Identifier: MIT */
/* Handles: counted references. A hidden header lies before every handle the library gives out, so that fac_keep and
 * fac_free_handle work on all of them and a dead one can be told from a live one. */
#ifndef FAC_BASE_HANDLE_H
#define FAC_BASE_HANDLE_H

#include "facula/base.h"

#if defined(__has_include)
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define FAC_SINGLE_THREADED __libc_single_threaded
#endif
#endif
#ifndef FAC_SINGLE_THREADED
#define FAC_SINGLE_THREADED 0
#endif

typedef struct fac_handle_type {
    const char *name;              /* as messages name it: "tensor", "module" */
    void (*destroy)(void *handle); /* the last reference is gone: free the parts and the block itself */
} fac_handle_type;

typedef struct fac_header {
    const fac_handle_type *type; /* the live mark: another value once freed */
    uint32_t refs;
    uint32_t serial; /* how often the slot was taken, for slots that are used again */
    size_t size;     /* of the block behind the header; 0 for slots */
    struct fac_header *next_free;
} fac_header;

static inline fac_header *fac_header_of(const void *handle)
{
    return (fac_header *)(uintptr_t)handle - 1;
}

/* A zeroed handle of `size` bytes with one reference, or NULL with the error set; fac_handle_dealloc gives it back. */
void *fac_handle_new(const fac_handle_type *type, size_t size);
void fac_handle_dealloc(void *handle);

/* FAC_OK if handle is alive and of that type; else the error, started if none is pending: `who: model is NULL`. */
fac_status fac_handle_check(const void *handle, const fac_handle_type *type, const char *who, const char *what);

/* A count of references, of whatever kind: atomic only where the process has a second thread. */
static inline void fac_count_up(uint32_t *refs)
{
    if (FAC_SINGLE_THREADED)
        ++*refs;
    else
        __atomic_fetch_add(refs, 1, __ATOMIC_RELAXED);
}

/* True if that was the last reference. */
static inline bool fac_count_down(uint32_t *refs)
{
    if (FAC_SINGLE_THREADED)
        return --*refs == 0;
    return __atomic_fetch_sub(refs, 1, __ATOMIC_ACQ_REL) == 1;
}

static inline void fac_ref(const void *handle)
{
    fac_count_up(&fac_header_of(handle)->refs);
}

/* True if that was the last reference. */
static inline bool fac_unref(const void *handle)
{
    return fac_count_down(&fac_header_of(handle)->refs);
}

/* fac_free_handle of a handle known to be alive, or NULL: no call where others hold it. */
static inline void fac_drop(void *handle)
{
    if (handle && fac_unref(handle))
        fac_header_of(handle)->type->destroy(handle);
}

#endif
