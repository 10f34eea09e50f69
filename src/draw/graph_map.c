/* SPDX-License-Identifier: MIT */
#include "draw/graph_map.h"

#include "base/alloc.h"

static fac_graph_entry *slot_of(const fac_graph_map *map, const void *key, uint32_t nr)
{
    uint64_t hash = ((uint64_t)(uintptr_t)key + nr) * 0x9E3779B97F4A7C15u; /* Knuth's multiplicative hash: 2^64 / phi */
    for (size_t i = (size_t)(hash >> 20);; i++) {
        fac_graph_entry *slot = map->slots + (i & (map->capacity - 1));
        if (!slot->key || (slot->key == key && slot->nr == nr))
            return slot;
    }
}

static fac_status make_room(fac_graph_map *map)
{
    if (2 * (map->count + 1) <= map->capacity)
        return FAC_OK;
    fac_graph_map grown = {.count = map->count, .capacity = map->capacity ? 2 * map->capacity : 64};
    grown.slots = fac_alloc_zeroed(grown.capacity * sizeof *grown.slots);
    if (!grown.slots)
        return fac_pending();
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key)
            *slot_of(&grown, map->slots[i].key, map->slots[i].nr) = map->slots[i];
    fac_graph_map_free(map);
    *map = grown;
    return FAC_OK;
}

fac_graph_entry *fac_graph_map_add(fac_graph_map *map, const void *key, uint32_t nr, uint32_t index, bool *fresh)
{
    if (make_room(map))
        return NULL;
    fac_graph_entry *slot = slot_of(map, key, nr);
    *fresh = !slot->key;
    if (*fresh) {
        *slot = (fac_graph_entry){key, nr, index};
        map->count++;
    }
    return slot;
}

fac_graph_entry *fac_graph_map_find(const fac_graph_map *map, const void *key, uint32_t nr)
{
    fac_graph_entry *slot = map->capacity ? slot_of(map, key, nr) : NULL;
    return slot && slot->key ? slot : NULL;
}

void fac_graph_map_free(fac_graph_map *map)
{
    if (map->slots)
        fac_dealloc(map->slots, map->capacity * sizeof *map->slots);
    *map = (fac_graph_map){0};
}
