/* SPDX-License-Identifier: MIT */
/* Matrix products of floats or doubles; included twice by gemm_kernel.c.
 *
 * C is cut into tiles of up to TILE_ROWS rows and TILE_VECTORS vectors of columns, whose sums stay in registers over a
 * block of k: for each p a row of B is loaded, and each element of a column of A is spread over a vector and
 * multiplied. B is read in place where its rows are contiguous and it's small; else a panel of it, as wide as a tile,
 * is copied (transposed where B is) first.
 *
 * A large product is blocked for the caches as Goto does it (Anatomy of High-Performance Matrix Multiplication, 2008):
 * of one block of k, B's panels are packed for the third level, then blocks of A's rows for the second; a panel stays
 * in the first level while the strips of a block of A pass by. */
#include "tensor/kernels/kernel_real.h"

#define PANEL        (TILE_VECTORS * LANES)
#define BLOCK_STRIPS (BLOCK_A_BYTES / (FAC_GEMM_BLOCK * PACKED_A_COLUMN * (int64_t)sizeof(T)))
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

FAC_INLINE VT NAME(load_last)(const T *p, int64_t n)
{
    return FAC_MASKS_ARE_FREE ? V(load_n)(p, n) : V(load)(p);
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
            row[v] = v + 1 < vectors ? V(load)(b + v * LANES) : NAME(load_last)(b + v * LANES, last);
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
    for (int64_t p = 0; p < k; p++, b += b_row, panel += panel_row)
        for (int64_t j = 0; j < width; j += LANES)
            V(store)(panel + j, V(load_n)(b + j, width - j < LANES ? width - j : LANES));
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
 * is not in place and has to be packed. */
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
    if (g->b_col == 1 && (FAC_MASKS_ARE_FREE || t->last == LANES) && (g->m < 5 * TILE_ROWS || g->k * g->n <= 4096))
        return true;
    t->b_row = t->vectors * LANES;
    return false;
}

static inline void NAME(pack_panel)(const NAME(product) * g, NAME(tile) * t, T *panel)
{
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
    for (int64_t j = 0; j < g->n; j += PANEL) {
        int64_t p = 0;
        do {
            t.k = NAME(min)(g->k - p, FAC_GEMM_BLOCK);
            t.add = g->accumulate || p > 0;
            if (!NAME(place_panel)(g, &t, j, p))
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

/* The blocks of a large product. */
typedef struct NAME(blocks) {
    int64_t k;      /* of a block: the distance of its strips and panels in the workspace follows from it */
    int64_t panels; /* of B at a time */
    int64_t strips; /* of A at a time */
} NAME(blocks);

static NAME(blocks) NAME(blocks_of)(int64_t m, int64_t n, int64_t k)
{
    int64_t strips = NAME(cut)(m).count, panels = (n + PANEL - 1) / PANEL;
    int64_t row_blocks = (strips + BLOCK_STRIPS - 1) / BLOCK_STRIPS;
    int64_t column_blocks = (panels + BLOCK_PANELS - 1) / BLOCK_PANELS;
    return (NAME(blocks)){NAME(min)((k + 15) / 16 * 16, FAC_GEMM_BLOCK), (panels + column_blocks - 1) / column_blocks,
                          (strips + row_blocks - 1) / row_blocks};
}

static void NAME(multiply_strip)(const NAME(tile) * t, const T *a, int64_t rows, T *c)
{
    for (int64_t r = 0; r < rows; r++)
        __builtin_prefetch(c + r * t->c_row, 1);
    NAME(tiles)[rows - 1][t->vectors - 1](t, a, c);
}

/* One block of A's rows, from row i on, with the panels; a: where to pack it. Returns the rows behind it. */
static int64_t NAME(multiply_rows)(const fac_gemm *gemm, const NAME(product) * g, const NAME(blocks) * blocks,
                                   NAME(strips) strips, int64_t s, int64_t i, const NAME(tile) * t, int64_t panels,
                                   int64_t j, int64_t p, T *a)
{
    int64_t count = NAME(min)(strips.count - s, blocks->strips), first = i, rows;
    for (int64_t x = 0; x < count; x++, i += rows) {
        rows = strips.rows + (s + x < strips.longer);
        NAME(pack)
        (t->k, rows, g->a + i * g->a_row + p * g->a_col, g->a_col, g->a_row, a + x * blocks->k * PACKED_A_COLUMN,
         PACKED_A_COLUMN);
    }
    bool last = p + FAC_GEMM_BLOCK >= g->k;
    for (int64_t x = 0; x < panels; x++) {
        T *c = g->c + first * g->c_row + j + x * PANEL, *end = c;
        for (int64_t y = 0; y < count; y++, end += rows * g->c_row) {
            rows = strips.rows + (s + y < strips.longer);
            NAME(multiply_strip)(t + x, a + y * blocks->k * PACKED_A_COLUMN, rows, end);
        }
        if (last && gemm->epilogue)
            gemm->epilogue(gemm->epilogue_ctx, gemm->first_row + first, gemm->first_column + j + x * PANEL, i - first,
                           t[x].width, c, g->c_row);
    }
    return i;
}

/* One block of k and of at most BLOCK_PANELS panels of B, from column j on. */
static void NAME(multiply_block)(const fac_gemm *gemm, const NAME(product) * g, const NAME(blocks) * blocks, int64_t j,
                                 int64_t p)
{
    NAME(tile) t[BLOCK_PANELS];
    NAME(strips) strips = NAME(cut)(g->m);
    T *a = gemm->workspace, *b = a + blocks->strips * blocks->k * PACKED_A_COLUMN;
    int64_t k = NAME(min)(g->k - p, FAC_GEMM_BLOCK);
    int64_t panels = NAME(min)((g->n - j + PANEL - 1) / PANEL, blocks->panels);
    for (int64_t x = 0; x < panels; x++) {
        t[x] = (NAME(tile)){.k = k, .c_row = g->c_row, .add = g->accumulate || p > 0};
        t[x].a_row = 1;
        t[x].a_col = PACKED_A_COLUMN;
        if (!NAME(place_panel)(g, &t[x], j + x * PANEL, p))
            NAME(pack_panel)(g, &t[x], b + x * blocks->k * PANEL);
    }
    for (int64_t s = 0, i = 0; s < strips.count; s += blocks->strips)
        i = NAME(multiply_rows)(gemm, g, blocks, strips, s, i, t, panels, j, p, a);
}

FAC_OUTLINE void NAME(multiply_large)(const fac_gemm *gemm, const NAME(product) * g)
{
    NAME(blocks) blocks = NAME(blocks_of)(g->m, g->n, g->k);
    for (int64_t j = 0; j < g->n; j += blocks.panels * PANEL)
        for (int64_t p = 0; p < g->k; p += FAC_GEMM_BLOCK)
            NAME(multiply_block)(gemm, g, &blocks, j, p);
}

/* Worth a workspace: B is packed in blocks of many panels, and A too. */
static bool NAME(is_large)(int64_t m, int64_t n, int64_t k)
{
    return m >= 2 * TILE_ROWS && n > PANEL && k >= 32;
}

size_t KERNEL(gemm_workspace)(int64_t m, int64_t n, int64_t k)
{
    if (!NAME(is_large)(m, n, k))
        return 0;
    NAME(blocks) blocks = NAME(blocks_of)(m, n, k);
    return (size_t)(blocks.k * (blocks.strips * PACKED_A_COLUMN + blocks.panels * PANEL)) * sizeof(T);
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

void KERNEL(gemm)(const fac_gemm *gemm)
{
    T spread[PANEL];
    NAME(product)
    g = {gemm->m,     gemm->n, gemm->k,     gemm->a, gemm->a_row, gemm->a_col,      gemm->b, gemm->b_row,
         gemm->b_col, gemm->c, gemm->c_row, 1,       gemm->bias,  gemm->accumulate, false,   NULL};
    if (g.m <= 0 || g.n <= 0)
        return;
    if (g.k <= 0) /* nothing to read; a and b may be NULL */
        g.a = g.b = spread, g.a_row = g.a_col = g.b_row = 0, g.b_col = 1;
    if (gemm->workspace && NAME(is_large)(g.m, g.n, g.k)) {
        NAME(multiply_large)(gemm, &g);
        return;
    }
    if (g.n <= LANES / 4 && g.m > g.n) {
        NAME(transpose_product)(&g);
        if (g.bias && !g.transposed) {
            for (int64_t l = 0; l < PANEL; l++)
                spread[l] = *g.bias;
            g.bias_everywhere = spread;
        }
    }
    NAME(multiply)(&g);
    if (gemm->epilogue)
        gemm->epilogue(gemm->epilogue_ctx, gemm->first_row, gemm->first_column, gemm->m, gemm->n, gemm->c, gemm->c_row);
}
#undef BLOCK_STRIPS
#undef BLOCK_PANELS
#undef PANEL
