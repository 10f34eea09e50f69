/* SPDX-License-Identifier: MIT */
/* From a pointer and a number to an index: which variable is result 1 of that node? */
#ifndef FAC_DRAW_GRAPH_MAP_H
#define FAC_DRAW_GRAPH_MAP_H

#include "base/error.h"

typedef struct fac_graph_entry {
    const void *key; /* NULL: a free slot */
    uint32_t nr, index;
} fac_graph_entry;

typedef struct fac_graph_map {
    fac_graph_entry *slots;
    size_t count, capacity; /* capacity: a power of two */
} fac_graph_map;

/* The entry of (key, nr), made with `index` if there is none yet; *fresh tells. NULL with the error set. The entry is
 * good until the next call. */
fac_graph_entry *fac_graph_map_add(fac_graph_map *map, const void *key, uint32_t nr, uint32_t index, bool *fresh);
/* The same without making one: NULL if there is none. */
fac_graph_entry *fac_graph_map_find(const fac_graph_map *map, const void *key, uint32_t nr);
void fac_graph_map_free(fac_graph_map *map);

#endif
