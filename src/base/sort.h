/* SPDX-License-Identifier: MIT */
/* Sorting without memory: the C library's qsort takes some of its own. */
#ifndef FAC_BASE_SORT_H
#define FAC_BASE_SORT_H

#include <stddef.h>

/* Negative, 0 or positive as a comes before, beside or after b. */
typedef int fac_compare_fn(const void *a, const void *b);

/* Sorts `count` pointers by what they point to; at most 2 n log2 n comparisons. Not stable. */
void fac_sort_pointers(const void **items, size_t count, fac_compare_fn *compare);

/* Sorts strings by their bytes and returns one that is there twice, or NULL. */
const char *fac_sort_strings(const void **strings, size_t count);

#endif
