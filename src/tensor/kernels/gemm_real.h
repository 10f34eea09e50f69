/* SPDX-License-Identifier: MIT */
/* Matrix products of floats or doubles; included twice by gemm_kernel.c.
 *
 * C is cut into tiles of up to TILE_ROWS rows and TILE_VECTORS vectors of columns, whose sums stay in registers over a
 * block of k: for each p a row of B is loaded, and each element of a column of A is spread over a vector and
 * multiplied. B is read in place where its rows are contiguous and it's small; else a panel of it, as wide as a tile,
 * is copied (transposed where B is) first.
 *
 * A large product is blocked for the caches: of one block of k, panels of B that fill part of the second level, and a
 * strip of A, as high as a tile, that stays in the first while the panels pass by. What lies so that its rows do not
 * get in each other's way in the cache is read in place, the rest is packed. */
#include "tensor/kernels/kernel_real.h"

#define PANEL        (TILE_VECTORS * LANES)
#define BLOCK_PANELS (BLOCK_B_BYTES / (FAC_GEMM_BLOCK * PANEL * (int64_t)sizeof(T)))

/* What the tiles of one panel share. */
typedef struct NAME(tile) {
    int64_t k, a_row, a_col;
    const T *b;
    int64_t b_row;
    int64_t c_row;
    const T *bias;
    bool add;
    int64_t width, vectors; /* columns, and their vectors */
    int64_t last;           /* columns in the last vector, 1..LANES */
} NAME(tile);
typedef void NAME(tile_fn)(const NAME(tile) * tile, const T *a, T *c);

/* A mask takes an issue slot of the multiply-adds, of which a tile of one vector has enough. */
FAC_INLINE VT NAME(load_last)(const int vectors, const T *p, int64_t n)
{
    return FAC_MASKS_ARE_FREE && vectors == 1 ? V(load_n)(p, n) : V(load)(p);
}

/* Adds the bias, then what C holds, and stores. */
FAC_TILE void NAME(finish_tile)(const int rows, const int vectors, const NAME(tile) * t, VT sum[][TILE_VECTORS], T *c)
{
    int64_t c_row = t->c_row, last = t->last;
    if (t->bias) {
        FAC_UNROLL
        for (int v = 0; v < vectors; v++) {
            VT bias = V(load_n)(t->bias + v * LANES, v + 1 < vectors ? LANES : last);
            FAC_UNROLL
            for (int r = 0; r < rows; r++)
                sum[r][v] += bias;
        }
    }
    if (t->add) {
        T *row = c;
        FAC_UNROLL
        for (int r = 0; r < rows; r++, row += c_row)
            FAC_UNROLL
        for (int v = 0; v < vectors; v++)
            sum[r][v] += V(load_n)(row + v * LANES, v + 1 < vectors ? LANES : last);
    }
    FAC_UNROLL
    for (int r = 0; r < rows; r++, c += c_row)
        FAC_UNROLL
    for (int v = 0; v < vectors; v++)
        V(store_n)(c + v * LANES, v + 1 < vectors ? LANES : last, sum[r][v]);
}

FAC_TILE void NAME(compute_tile)(const int rows, const int vectors, const NAME(tile) * t, const T *a, T *c)
{
    VT sum[TILE_ROWS][TILE_VECTORS];
    const T *a4[(TILE_ROWS + 3) / 4]; /* one pointer for four rows: the others are at 1, 2 and 3 strides */
    const T *b = t->b;
    int64_t a_row = t->a_row, a_col = t->a_col, b_row = t->b_row, last = t->last;
    FAC_UNROLL
    for (int r = 0; r < rows; r++)
        FAC_UNROLL
    for (int v = 0; v < vectors; v++)
        sum[r][v] = V(all)(0);
    FAC_UNROLL
    for (int r = 0; r < rows; r += 4)
        a4[r / 4] = a + r * a_row;
    for (int64_t p = t->k; p > 0; p--) {
        VT row[TILE_VECTORS];
        FAC_UNROLL
        for (int v = 0; v < vectors; v++)
            row[v] = v + 1 < vectors ? V(load)(b + v * LANES) : NAME(load_last)(vectors, b + v * LANES, last);
        FAC_UNROLL
        for (int r = 0; r < rows; r++) {
            VT x = V(all)(a4[r / 4][(r % 4) * a_row]);
            FAC_UNROLL
            for (int v = 0; v < vectors; v++)
                sum[r][v] = V(fma)(x, row[v], sum[r][v]);
        }
        b += b_row;
        FAC_UNROLL
        for (int r = 0; r < rows; r += 4)
            a4[r / 4] += a_col;
    }
    NAME(finish_tile)(rows, vectors, t, sum, c);
}

#define DEFINE_TILE(rows)                                                        \
    static void NAME(tile_##rows##_1)(const NAME(tile) * tile, const T *a, T *c) \
    {                                                                            \
        NAME(compute_tile)(rows, 1, tile, a, c);                                 \
    }                                                                            \
    static void NAME(tile_##rows##_2)(const NAME(tile) * tile, const T *a, T *c) \
    {                                                                            \
        NAME(compute_tile)(rows, 2, tile, a, c);                                 \
    }
FOR_TILE_ROWS(DEFINE_TILE)
#undef DEFINE_TILE
#define TILE_ENTRY(rows) {NAME(tile_##rows##_1), NAME(tile_##rows##_2)},
static NAME(tile_fn) *const NAME(tiles)[TILE_ROWS][TILE_VECTORS] = {FOR_TILE_ROWS(TILE_ENTRY)};
#undef TILE_ENTRY

/* k rows of a panel whose columns are contiguous in memory (B is stored transposed); width columns of it exist. The
 * lanes behind them repeat the last one. k >= COLUMNS. */
FAC_OUTLINE void NAME(pack_transposed)(int64_t k, int64_t width, const T *b, int64_t b_col, T *panel, int64_t panel_row)
{
    for (int64_t j = 0; j < panel_row; j += LANES) {
        int64_t at[LANES];
        for (int64_t l = 0; l < LANES; l++)
            at[l] = (j + l < width ? j + l : width - 1) * b_col;
        for (int64_t p = 0; p < k; p += COLUMNS) {
            VT column[COLUMNS];
            if (p + COLUMNS > k)
                p = k - COLUMNS; /* some once more */
            V(transpose)(b + p, at, column);
            FAC_UNROLL
            for (int i = 0; i < COLUMNS; i++)
                V(store)(panel + (p + i) * panel_row + j, column[i]);
        }
    }
}

FAC_OUTLINE void NAME(pack_rows)(int64_t k, int64_t width, const T *b, int64_t b_row, T *panel, int64_t panel_row)
{
    const int64_t whole = width / LANES * LANES, last = width - whole;
    for (int64_t p = 0; p < k; p++, b += b_row, panel += panel_row) {
        for (int64_t j = 0; j < whole; j += LANES)
            V(store)(panel + j, V(load)(b + j));
        if (last)
            V(store)(panel + whole, V(load_n)(b + whole, last));
    }
}

FAC_OUTLINE void NAME(pack_any)(int64_t k, int64_t width, const T *b, int64_t b_row, int64_t b_col, T *panel,
                                int64_t panel_row)
{
    for (int64_t p = 0; p < k; p++, b += b_row, panel += panel_row)
        for (int64_t j = 0; j < panel_row; j++)
            panel[j] = j < width ? b[j * b_col] : 0;
}

static void NAME(pack)(int64_t k, int64_t width, const T *b, int64_t b_row, int64_t b_col, T *panel, int64_t panel_row)
{
    if (b_col == 1)
        NAME(pack_rows)(k, width, b, b_row, panel, panel_row);
    else if (b_row == 1 && k >= COLUMNS)
        NAME(pack_transposed)(k, width, b, b_col, panel, panel_row);
    else
        NAME(pack_any)(k, width, b, b_row, b_col, panel, panel_row);
}

typedef struct NAME(product) {
    int64_t m, n, k;
    const T *a;
    int64_t a_row, a_col;
    const T *b;
    int64_t b_row, b_col;
    T *c;
    int64_t c_row, c_col;
    const T *bias;
    bool accumulate;
    bool transposed;          /* c_col is not 1, bias belongs to the rows */
    const T *bias_everywhere; /* for one row, the same bias in all columns: PANEL times */
} NAME(product);

static inline int64_t NAME(min)(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A tile of a transposed C, by way of a buffer. */
FAC_OUTLINE void NAME(put_transposed)(const NAME(product) * g, NAME(tile_fn) * compute, const NAME(tile) * tile,
                                      const T *a, int64_t i, int64_t rows, int64_t j)
{
    T sums[TILE_ROWS * PANEL];
    NAME(tile) plain = *tile;
    plain.c_row = PANEL;
    plain.bias = NULL;
    plain.add = false;
    compute(&plain, a, sums);
    for (int64_t r = 0; r < rows; r++) {
        T *c = g->c + (i + r) * g->c_row + j * g->c_col;
        for (int64_t l = 0; l < tile->width; l++, c += g->c_col) {
            T x = sums[r * PANEL + l];
            if (tile->bias)
                x += g->bias[i + r];
            *c = tile->add ? *c + x : x;
        }
    }
}

/* The tile's share of what all rows have in common, for B's columns from j on and k from p on. False if its panel of B
 * cannot be read in place and has to be packed. */
static inline bool NAME(place_panel)(const NAME(product) * g, NAME(tile) * t, int64_t j, int64_t p)
{
    t->width = NAME(min)(g->n - j, PANEL);
    t->vectors = (t->width + LANES - 1) / LANES;
    t->last = t->width - (t->vectors - 1) * LANES;
    t->bias = p > 0 || !g->bias    ? NULL
              : g->transposed      ? g->bias
              : g->bias_everywhere ? g->bias_everywhere
                                   : g->bias + j;
    t->b = g->b + p * g->b_row + j * g->b_col;
    t->b_row = g->b_row;
    return g->b_col == 1 && (t->last == LANES || (FAC_MASKS_ARE_FREE && t->vectors == 1));
}

/* Rows that far apart share few sets of a cache and no page. */
static inline bool NAME(collide)(int64_t row)
{
    return row * (int64_t)sizeof(T) % 4096 == 0;
}

static inline void NAME(pack_panel)(const NAME(product) * g, NAME(tile) * t, T *panel)
{
    t->b_row = t->vectors * LANES;
    NAME(pack)(t->k, t->width, t->b, g->b_row, g->b_col, panel, t->b_row);
    t->b = panel;
}

/* Cuts m rows into strips as equal as can be, of at most TILE_ROWS. */
typedef struct NAME(strips) {
    int64_t count, rows, longer; /* the first `longer` strips have one row more */
} NAME(strips);
static inline NAME(strips) NAME(cut)(int64_t m)
{
    int64_t count = (m + TILE_ROWS - 1) / TILE_ROWS, rows = count == 1 ? m : m / count;
    return (NAME(strips)){count, rows, m - rows * count};
}

/* Panel after panel, A in place. */
static void NAME(multiply)(const NAME(product) * g)
{
    _Alignas(64) T panel[FAC_GEMM_BLOCK * PANEL];
    NAME(strips) strips = NAME(cut)(g->m);
    NAME(tile) t = {.a_row = g->a_row, .a_col = g->a_col, .c_row = g->c_row};
    const bool in_place = g->m < 5 * TILE_ROWS || g->k * g->n <= 4096;
    for (int64_t j = 0; j < g->n; j += PANEL) {
        int64_t p = 0;
        do {
            t.k = NAME(min)(g->k - p, FAC_GEMM_BLOCK);
            t.add = g->accumulate || p > 0;
            if (!NAME(place_panel)(g, &t, j, p) || !in_place)
                NAME(pack_panel)(g, &t, panel);
            const T *a = g->a + p * g->a_col;
            for (int64_t s = 0, i = 0, rows; s < strips.count; s++, i += rows) {
                rows = strips.rows + (s < strips.longer);
                NAME(tile_fn) *compute = NAME(tiles)[rows - 1][t.vectors - 1];
                if (g->transposed)
                    NAME(put_transposed)(g, compute, &t, a + i * g->a_row, i, rows, j);
                else
                    compute(&t, a + i * g->a_row, g->c + i * g->c_row + j);
            }
            p += FAC_GEMM_BLOCK;
        } while (p < g->k);
    }
}

/* How many panels of B a block of a large product has. */
static int64_t NAME(panels_of)(int64_t n, int64_t k)
{
    const int64_t panels = (n + PANEL - 1) / PANEL, deep = NAME(min)(k, FAC_GEMM_BLOCK);
    const int64_t most = NAME(min)(BLOCK_PANELS * FAC_GEMM_BLOCK / deep, MOST_PANELS),
                  blocks = (panels + most - 1) / most;
    return (panels + blocks - 1) / blocks;
}

/* Worth a workspace: B is packed in blocks of many panels, and A too. Where there is little to sum it's C that counts,
 * once it is too much for the first level: strips write it along its rows. */
static bool NAME(is_large)(int64_t m, int64_t n, int64_t k)
{
    return m >= 2 * TILE_ROWS && n > PANEL && (k >= 32 || (k > 0 && m * n >= LARGE_C));
}

size_t KERNEL(gemm_workspace)(int64_t m, int64_t n, int64_t k)
{
    if (!NAME(is_large)(m, n, k))
        return 0;
    const int64_t block = NAME(panels_of)(n, k) * PANEL * NAME(min)(k, FAC_GEMM_BLOCK);
    return (size_t)(BLOCK_STRIPS * STRIP + block) * sizeof(T);
}

/* Whether a block of B is read in place: it fills no more than its share of the cache, gaps included, and a page holds
 * more than one row of it, or there are few. */
static bool NAME(b_in_place)(const NAME(product) * g, int64_t k)
{
    const int64_t row = g->b_row * (int64_t)sizeof(T), most = row <= 2048 ? BLOCK_B_BYTES : BLOCK_B_BYTES / 2;
    return g->b_col == 1 && !NAME(collide)(g->b_row) && k * row <= most;
}

/* Six rows of one set are not too many for a cache. */
static bool NAME(a_in_place)(const NAME(product) * g)
{
    return g->a_col == 1 && (TILE_ROWS <= 6 || !NAME(collide)(g->a_row));
}

/* A tile with a strip of A where it will be. */
static NAME(tile) NAME(like_strip)(const NAME(product) * g, int64_t k)
{
    const NAME(tile) t = {.k = k,
                          .a_row = NAME(a_in_place)(g) ? g->a_row
                                   : g->a_col == 1     ? (k + 15) / 16 * 16
                                                       : 1,
                          .a_col = g->a_col == 1 ? 1 : PACKED_A_COLUMN};
    return t;
}

/* Packs `count` strips of A, the first with row i and strip number s, from column p on. */
static void NAME(pack_strips)(const NAME(product) * g, NAME(strips) strips, int64_t s, int64_t count, int64_t i,
                              int64_t p, int64_t k, T *packed)
{
    const T *a = g->a + i * g->a_row + p * g->a_col;
    for (int64_t end = s + count, rows; s < end; s++, packed += STRIP) {
        rows = strips.rows + (s < strips.longer);
        if (g->a_col == 1)
            NAME(pack_rows)(rows, k, a, g->a_row, packed, (k + 15) / 16 * 16);
        else
            NAME(pack)(k, rows, a, g->a_col, g->a_row, packed, PACKED_A_COLUMN);
        a += rows * g->a_row;
    }
}

/* Full panels of B that lie side by side, a row of it through all of them at a time: the processor fetches a row's
 * lines ahead, and not those of the next row. */
FAC_OUTLINE void NAME(pack_panels)(int64_t k, int64_t panels, const T *b, int64_t b_row, T *packed)
{
    for (int64_t p = 0; p < k; p++, b += b_row, packed += PANEL)
        for (int64_t x = 0; x < panels; x++)
            for (int64_t v = 0; v < TILE_VECTORS; v++)
                V(store)(packed + x * k * PANEL + v * LANES, V(load)(b + x * PANEL + v * LANES));
}

/* Some panels of B, from column j on, of the block of k from p on: those that cannot be read in place are packed. */
static void NAME(place_panels)(const NAME(product) * g, const NAME(tile) * like, NAME(tile) * t, int64_t panels,
                               int64_t j, int64_t p, T *packed)
{
    const bool in_place = NAME(b_in_place)(g, like->k);
    const int64_t together = in_place || g->b_col != 1 ? 0 : NAME(min)(panels, (g->n - j) / PANEL);
    if (together > 0)
        NAME(pack_panels)(like->k, together, g->b + p * g->b_row + j, g->b_row, packed);
    for (int64_t x = 0; x < panels; x++, packed += like->k * PANEL) {
        t[x] = *like;
        const bool readable = NAME(place_panel)(g, t + x, j + x * PANEL, p);
        if (x < together)
            t[x].b = packed, t[x].b_row = PANEL;
        else if (!readable || !in_place)
            NAME(pack_panel)(g, t + x, packed);
    }
}

/* Has the second level fetch part x of `parts` of the next strip of A, which is going to be packed. */
static void NAME(fetch_strip)(const T *a, int64_t rows, int64_t row, int64_t k, int64_t x, int64_t parts)
{
    enum { LINE = 64 / sizeof(T) };
    const int64_t share = (k / LINE / parts + 1) * LINE, end = NAME(min)(k, (x + 1) * share);
    for (; rows > 0; rows--, a += row)
        for (int64_t l = x * share; l < end; l += LINE)
            __builtin_prefetch(a + l, 0, 2);
}

/* All of A times these panels of B. Strips whose rows are contiguous are packed one by one, as they are needed. */
static void NAME(multiply_block)(const fac_gemm *gemm, const NAME(product) * g, NAME(tile) * t, int64_t panels,
                                 int64_t j, int64_t p, T *packed)
{
    const NAME(strips) strips = NAME(cut)(g->m);
    const bool ends = gemm->epilogue && p + FAC_GEMM_BLOCK >= g->k, in_place = NAME(a_in_place)(g);
    const int64_t group = g->a_col == 1 ? 1 : BLOCK_STRIPS;
    for (int64_t s = 0, i = 0, rows; s < strips.count; s++, i += rows) {
        if (!in_place && s % group == 0)
            NAME(pack_strips)(g, strips, s, NAME(min)(strips.count - s, group), i, p, t->k, packed);
        rows = strips.rows + (s < strips.longer);
        T *c = g->c + i * g->c_row + j;
        const T *row = g->a + i * g->a_row + p, *a = in_place ? row : packed + s % group * STRIP;
        const bool fetch = !in_place && g->a_col == 1 && s + 1 < strips.count;
        for (int64_t x = 0; x < panels; x++) {
            if (fetch)
                NAME(fetch_strip)(row + rows * g->a_row, rows, g->a_row, t->k, x, panels);
            NAME(tiles)[rows - 1][t[x].vectors - 1](t + x, a, c + x * PANEL);
        }
        if (ends)
            gemm->epilogue(gemm->epilogue_ctx, gemm->first_row + i, gemm->first_column + j, rows,
                           NAME(min)(g->n - j, panels * PANEL), c, g->c_row);
    }
}

FAC_OUTLINE void NAME(multiply_large)(const fac_gemm *gemm, const NAME(product) * g)
{
    NAME(tile) t[MOST_PANELS];
    const int64_t all = (g->n + PANEL - 1) / PANEL, panels = NAME(panels_of)(g->n, g->k);
    T *strip = gemm->workspace, *packed = strip + BLOCK_STRIPS * STRIP;
    for (int64_t p = 0; p < g->k; p += FAC_GEMM_BLOCK) {
        NAME(tile) like = NAME(like_strip)(g, NAME(min)(g->k - p, FAC_GEMM_BLOCK));
        like.c_row = g->c_row;
        like.add = g->accumulate || p > 0;
        for (int64_t x = 0; x < all; x += panels) {
            const int64_t now = NAME(min)(all - x, panels);
            NAME(place_panels)(g, &like, t, now, x * PANEL, p, packed);
            NAME(multiply_block)(gemm, g, t, now, x * PANEL, p, strip);
        }
    }
}

/* A few strips of A in place, and panels of B that have to be packed: panel after panel is as good, for a panel needs
 * no room in the second level. */
static bool NAME(is_flat)(const NAME(product) * g)
{
    const int64_t k = NAME(min)(g->k, FAC_GEMM_BLOCK);
    return g->a_col == 1 && !NAME(b_in_place)(g, k) && g->m * k <= BLOCK_B_BYTES / 2 / (int64_t)sizeof(T);
}

/* C^T = B^T A^T: for a C of few columns, which would leave most lanes empty. */
static void NAME(transpose_product)(NAME(product) * g)
{
    NAME(product) old = *g;
    g->m = old.n, g->n = old.m;
    g->a = old.b, g->a_row = old.b_col, g->a_col = old.b_row;
    g->b = old.a, g->b_row = old.a_col, g->b_col = old.a_row;
    g->c_row = 1, g->c_col = old.c_row;
    g->transposed = old.n > 1 || old.c_row != 1;
}

/* Panel after panel, or C^T. */
static void NAME(multiply_small)(NAME(product) * g)
{
    T spread[PANEL];
    if (g->n <= LANES / 4 && g->m > g->n) {
        NAME(transpose_product)(g);
        if (g->bias && !g->transposed) {
            for (int64_t l = 0; l < PANEL; l++)
                spread[l] = *g->bias;
            g->bias_everywhere = spread;
        }
    }
    NAME(multiply)(g);
}

void KERNEL(gemm)(const fac_gemm *gemm)
{
    NAME(product)
    g = {gemm->m,     gemm->n, gemm->k,     gemm->a, gemm->a_row, gemm->a_col,      gemm->b, gemm->b_row,
         gemm->b_col, gemm->c, gemm->c_row, 1,       gemm->bias,  gemm->accumulate, false,   NULL};
    if (g.m <= 0 || g.n <= 0)
        return;
    if (g.k <= 0) /* nothing is used of what is read; a and b may be NULL */
        g.a = g.b = g.c, g.a_row = g.a_col = g.b_row = 0, g.b_col = 1;
    if (gemm->workspace && NAME(is_large)(g.m, g.n, g.k) && !NAME(is_flat)(&g)) {
        NAME(multiply_large)(gemm, &g);
        return;
    }
    NAME(multiply_small)(&g);
    if (gemm->epilogue)
        gemm->epilogue(gemm->epilogue_ctx, gemm->first_row, gemm->first_column, gemm->m, gemm->n, gemm->c, gemm->c_row);
}
#undef BLOCK_PANELS
#undef PANEL
