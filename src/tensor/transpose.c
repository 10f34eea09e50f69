/* SPDX-License-Identifier: MIT */
/* Transposed copies, in tiles: four columns of one cache line each are read at a time, and written as pieces of rows.
 */
#include "tensor/transpose.h"

#include <string.h>

enum { TILE = 16 };

#define DEFINE_PLAIN(T)                                                                                 \
    static void plain_##T(int64_t m, int64_t n, T *restrict out, int64_t out_row, const T *restrict in, \
                          int64_t in_row)                                                               \
    {                                                                                                   \
        for (int64_t i = 0; i < m; i++)                                                                 \
            for (int64_t j = 0; j < n; j++)                                                             \
                out[i * out_row + j] = in[j * in_row + i];                                              \
    }
DEFINE_PLAIN(uint8_t)
DEFINE_PLAIN(uint32_t)
DEFINE_PLAIN(uint64_t)

typedef uint32_t four __attribute__((vector_size(16)));
typedef uint64_t two __attribute__((vector_size(16)));

static inline four load_four(const uint32_t *p)
{
    four v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store_four(uint32_t *p, four v)
{
    memcpy(p, &v, sizeof v);
}

/* 4 x 4: pairs of rows are interleaved, then pairs of pairs. */
static inline void turn_4(uint32_t *out, int64_t out_row, const uint32_t *in, int64_t in_row)
{
    four a = load_four(in), b = load_four(in + in_row), c = load_four(in + 2 * in_row), d = load_four(in + 3 * in_row);
    four low_ac = __builtin_shufflevector(a, c, 0, 4, 1, 5), high_ac = __builtin_shufflevector(a, c, 2, 6, 3, 7);
    four low_bd = __builtin_shufflevector(b, d, 0, 4, 1, 5), high_bd = __builtin_shufflevector(b, d, 2, 6, 3, 7);
    store_four(out, __builtin_shufflevector(low_ac, low_bd, 0, 4, 1, 5));
    store_four(out + out_row, __builtin_shufflevector(low_ac, low_bd, 2, 6, 3, 7));
    store_four(out + 2 * out_row, __builtin_shufflevector(high_ac, high_bd, 0, 4, 1, 5));
    store_four(out + 3 * out_row, __builtin_shufflevector(high_ac, high_bd, 2, 6, 3, 7));
}

static void tile_uint32_t(uint32_t *out, int64_t out_row, const uint32_t *in, int64_t in_row)
{
    for (int j = 0; j < TILE; j += 4)
        for (int i = 0; i < TILE; i += 4)
            turn_4(out + i * out_row + j, out_row, in + j * in_row + i, in_row);
}

static void tile_uint64_t(uint64_t *out, int64_t out_row, const uint64_t *in, int64_t in_row)
{
    for (int j = 0; j < TILE; j += 2)
        for (int i = 0; i < TILE; i += 2) {
            two a, b;
            memcpy(&a, in + j * in_row + i, sizeof a);
            memcpy(&b, in + (j + 1) * in_row + i, sizeof b);
            const two first = __builtin_shufflevector(a, b, 0, 2), second = __builtin_shufflevector(a, b, 1, 3);
            memcpy(out + i * out_row + j, &first, sizeof first);
            memcpy(out + (i + 1) * out_row + j, &second, sizeof second);
        }
}

static void tile_uint8_t(uint8_t *out, int64_t out_row, const uint8_t *in, int64_t in_row)
{
    plain_uint8_t(TILE, TILE, out, out_row, in, in_row);
}

/* Whole tiles, then what is left at the right and below. */
#define DEFINE_TILED(T)                                                                               \
    static void tiled_##T(int64_t m, int64_t n, T *out, int64_t out_row, const T *in, int64_t in_row) \
    {                                                                                                 \
        const int64_t rows = m & -(int64_t)TILE, columns = n & -(int64_t)TILE;                        \
        for (int64_t i = 0; i < rows; i += TILE)                                                      \
            for (int64_t j = 0; j < columns; j += TILE)                                               \
                tile_##T(out + i * out_row + j, out_row, in + j * in_row + i, in_row);                \
        plain_##T(rows, n - columns, out + columns, out_row, in + columns * in_row, in_row);          \
        plain_##T(m - rows, n, out + rows * out_row, out_row, in + rows, in_row);                     \
    }
DEFINE_TILED(uint8_t)
DEFINE_TILED(uint32_t)
DEFINE_TILED(uint64_t)

void fac_transpose(int size, int64_t m, int64_t n, void *out, int64_t out_row, const void *in, int64_t in_row)
{
    if (size == 4)
        tiled_uint32_t(m, n, out, out_row, in, in_row);
    else if (size == 8)
        tiled_uint64_t(m, n, out, out_row, in, in_row);
    else
        tiled_uint8_t(m, n, out, out_row, in, in_row);
}
