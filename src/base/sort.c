/* SPDX-License-Identifier: MIT */
#include "base/sort.h"

#include <string.h>

/* Moves items[root] down the heap of `count` items, the largest on top. */
static void sift_down(const void **items, size_t root, size_t count, fac_compare_fn *compare)
{
    const void *moved = items[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare(items[child], items[child + 1]) < 0)
            child++;
        if (compare(moved, items[child]) >= 0)
            break;
        items[root] = items[child];
    }
    items[root] = moved;
}

void fac_sort_pointers(const void **items, size_t count, fac_compare_fn *compare)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_down(items, i, count, compare);
    for (size_t end = count; end-- > 1;) {
        const void *largest = items[0];
        items[0] = items[end];
        items[end] = largest;
        sift_down(items, 0, end, compare);
    }
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(a, b);
}

const char *fac_sort_strings(const void **strings, size_t count)
{
    fac_sort_pointers(strings, count, compare_strings);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(strings[i - 1], strings[i]))
            return strings[i];
    return NULL;
}
