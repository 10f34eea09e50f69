/* SPDX-License-Identifier: MIT */
/* All memory of the library. No file outside src/base calls malloc, calloc, realloc or free. */
#ifndef FAC_BASE_ALLOC_H
#define FAC_BASE_ALLOC_H

#include "facula/base.h"

/* Aligned to 16 bytes; NULL with the error set if memory is short. size 0 gives a block all the same. */
void *fac_alloc(size_t size);
/* The same without starting an error: for what can do without. */
void *fac_alloc_quiet(size_t size);
void *fac_alloc_zeroed(size_t size);
/* Keeps the block when it fails. */
void *fac_realloc(void *block, size_t old_size, size_t new_size);
void fac_dealloc(void *block, size_t size);

/* Text owned by the caller, freed with fac_string_free. */
char *fac_string_copy(const char *text);
char *fac_string_copy_n(const char *text, size_t length);
void fac_string_free(char *text);

/* *product = a * b, false if that overflows int64 or an operand is negative. Every size in the library is multiplied
 * here. */
static inline bool fac_size_mul(int64_t a, int64_t b, int64_t *product)
{
    return a >= 0 && b >= 0 && !__builtin_mul_overflow(a, b, product);
}

/* Grows *items to hold at least `needed` elements of `item_size`, doubling; *capacity counts elements. */
fac_status fac_grow(void *items, size_t *capacity, size_t needed, size_t item_size);

#endif
