/* SPDX-License-Identifier: MIT */
/* Linear layers on batches kept feature by feature; included twice by dense_kernel.c.
 *
 * Forward and the gradient of the input are the same product, with W and its transpose: rows of the result are sums of
 * rows of x, so vectors run over the samples, and the padding needs no care. The gradient of W is made of dot products
 * over the samples: several sums of products at once, whose lanes are then added crosswise, which gives a vector of
 * results. */
#include "tensor/kernels/kernel_real.h"

/* What the tiles of a product share. */
typedef struct NAME(layer) {
    int64_t k, w_row, w_col, ldb, bias_step; /* bias_step 0: the same for all rows */
    bool add, relu;
} NAME(layer);
typedef void NAME(layer_fn)(const NAME(layer) * s, const T *w, const T *x, T *y, const T *bias, const T *mask);

/* What is done to every sum alike. */
#define FOR_SUMS(...)                     \
    FAC_UNROLL                            \
    for (int r = 0; r < rows; r++) {      \
        FAC_UNROLL                        \
        for (int v = 0; v < vectors; v++) \
            __VA_ARGS__                   \
    }

/* + bias, + y, relu, mask. Without a bias -0 is added, which changes nothing. */
FAC_TILE void NAME(finish_layer)(const int rows, const int vectors, const NAME(layer) * s, VT sum[][MOST_VECTORS], T *y,
                                 const T *bias, const T *mask)
{
    const int64_t ldb = s->ldb, bias_step = s->bias_step;
    FOR_SUMS({ sum[r][v] += V(all)(bias[r * bias_step]); })
    if (s->add)
        FOR_SUMS({ sum[r][v] = V(load)(y + r * ldb + v * LANES) + sum[r][v]; })
    if (s->relu)
        FOR_SUMS({ sum[r][v] = V(unless_le0)(sum[r][v], sum[r][v]); })
    if (mask)
        FOR_SUMS({ sum[r][v] = V(unless_le0)(V(load)(mask + r * ldb + v * LANES), sum[r][v]); })
    FOR_SUMS({ V(store)(y + r * ldb + v * LANES, sum[r][v]); })
}
#undef FOR_SUMS

FAC_TILE void NAME(compute_layer)(const int rows, const int vectors, const NAME(layer) * s, const T *w, const T *x,
                                  T *y, const T *bias, const T *mask)
{
    VT sum[MOST_ROWS][MOST_VECTORS];
    const T *w4[(MOST_ROWS + 3) / 4]; /* one pointer for four rows: the others are at 1, 2 and 3 strides */
    const int64_t w_row = s->w_row, w_col = s->w_col, ldb = s->ldb;
    FAC_UNROLL
    for (int r = 0; r < rows; r++)
        FAC_UNROLL
    for (int v = 0; v < vectors; v++)
        sum[r][v] = V(all)(0);
    FAC_UNROLL
    for (int r = 0; r < rows; r += 4)
        w4[r / 4] = w + r * w_row;
    for (int64_t k = s->k; k > 0; k--) {
        VT in[MOST_VECTORS];
        FAC_UNROLL
        for (int v = 0; v < vectors; v++)
            in[v] = V(load)(x + v * LANES);
        FAC_UNROLL
        for (int r = 0; r < rows; r++) {
            VT weight = V(all)(w4[r / 4][(r % 4) * w_row]);
            FAC_UNROLL
            for (int v = 0; v < vectors; v++)
                sum[r][v] = V(fma)(weight, in[v], sum[r][v]);
        }
        x += ldb;
        FAC_UNROLL
        for (int r = 0; r < rows; r += 4)
            w4[r / 4] += w_col;
    }
    NAME(finish_layer)(rows, vectors, s, sum, y, bias, mask);
}

#define DEFINE_LAYER(rows, vectors)                                                                             \
    static void NAME(layer_##rows##_##vectors)(const NAME(layer) * s, const T *w, const T *x, T *y, const T *b, \
                                               const T *mask)                                                   \
    {                                                                                                           \
        NAME(compute_layer)(rows, vectors, s, w, x, y, b, mask);                                                \
    }
FOR_ROWS_1(DEFINE_LAYER)
FOR_ROWS_2(DEFINE_LAYER)
FOR_ROWS_4(DEFINE_LAYER)
#undef DEFINE_LAYER
#define LAYER_ENTRY(rows, vectors) NAME(layer_##rows##_##vectors),
static NAME(layer_fn) *const NAME(layers_1)[] = {FOR_ROWS_1(LAYER_ENTRY)};
static NAME(layer_fn) *const NAME(layers_2)[] = {FOR_ROWS_2(LAYER_ENTRY)};
static NAME(layer_fn) *const NAME(layers_4)[] = {FOR_ROWS_4(LAYER_ENTRY)};
#undef LAYER_ENTRY

/* All rows of one panel of columns, in strips as equal as can be. */
static void NAME(layer_panel)(const NAME(layer) * s, NAME(layer_fn) *const *compute, int64_t most, int64_t rows,
                              const T *w, const T *x, T *y, const T *bias, const T *mask)
{
    int64_t strips = (rows + most - 1) / most, height = strips <= 1 ? rows : rows / strips;
    int64_t longer = rows - height * strips;
    for (int64_t i = 0; i < strips; i++) {
        int64_t r = height + (i < longer);
        compute[r - 1](s, w, x, y, bias, mask);
        w += r * s->w_row, y += r * s->ldb;
        bias += r * s->bias_step, mask = mask ? mask + r * s->ldb : NULL;
    }
}

/* The share of up to FAC_GEMM_BLOCK rows of x. */
static void NAME(layer_block)(const NAME(layer) * s, int64_t n, int64_t rows, const T *w, const T *x, T *y,
                              const T *bias, const T *mask)
{
    int64_t vectors = (n + LANES - 1) / LANES;
    for (int64_t done; vectors > 0; vectors -= done) {
        done = vectors >= 4 ? 4 : vectors >= 2 ? 2 : 1;
        NAME(layer_fn) *const *compute = done == 4 ? NAME(layers_4) : done == 2 ? NAME(layers_2) : NAME(layers_1);
        int64_t most = done == 4 ? ROWS_4 : done == 2 ? ROWS_2 : ROWS_1;
        NAME(layer_panel)(s, compute, most, rows, w, x, y, bias, mask);
        x += done * LANES, y += done * LANES, mask = mask ? mask + done * LANES : NULL;
    }
}

static void NAME(product_with_rows)(const fac_dense *d, int64_t rows, int64_t depth, int64_t w_row, int64_t w_col,
                                    const T *bias, const T *mask, bool relu)
{
    static const T none = (T)-0.0;
    NAME(layer) s = {.w_row = w_row, .w_col = w_col, .ldb = d->ldb};
    const T *w = d->w, *x = depth > 0 ? d->x : d->y;
    if (depth <= 0)
        w = x; /* not read; NULL may not be moved */
    int64_t k = 0;
    do {
        bool last = k + FAC_GEMM_BLOCK >= depth;
        s.k = at_most(depth - k, FAC_GEMM_BLOCK);
        s.add = d->accumulate || k > 0;
        s.relu = relu && last;
        s.bias_step = bias && k == 0;
        NAME(layer_block)
        (&s, d->n, rows, w + k * w_col, x + k * d->ldb, d->y, s.bias_step ? bias : &none, last ? mask : NULL);
        k += FAC_GEMM_BLOCK;
    } while (k < depth);
}

void KERNEL(dense_forward)(const fac_dense *d)
{
    NAME(product_with_rows)(d, d->out, d->in, d->w_row, d->w_col, d->bias, NULL, d->relu);
}

void KERNEL(dense_input_grad)(const fac_dense *d)
{
    NAME(product_with_rows)(d, d->in, d->out, d->w_col, d->w_row, NULL, d->mask, false);
}

/* Rows of numbers: so many, so far apart. Handed on by pointer and copied field by field: a copy in one piece of what
 * was just written in several makes the processor wait for the stores. */
typedef struct NAME(rows) {
    const T *at;
    int64_t row, count;
} NAME(rows);

FAC_INLINE const T *NAME(row_or_last)(const NAME(rows) * x, int64_t i)
{
    return x->at + (i < x->count ? i : x->count - 1) * x->row;
}

/* DOTS sums over i < n of a[r][i] b[c][i], r < rows, c < columns; of rows that there are not, the last one's again. */
FAC_TILE void NAME(dot_block)(const int rows, const int columns, int64_t n, NAME(rows) a, NAME(rows) b, VT *out)
{
    const T *row[DOTS], *column[4];
    VT sum[DOTS];
    int64_t i = 0;
    FAC_UNROLL
    for (int r = 0; r < rows; r++)
        row[r] = NAME(row_or_last)(&a, r);
    FAC_UNROLL
    for (int c = 0; c < columns; c++)
        column[c] = NAME(row_or_last)(&b, c);
    FAC_UNROLL
    for (int d = 0; d < DOTS; d++)
        sum[d] = V(all)(0);
#define WHOLE(p) V(load)(p)
#define REST(p)  V(load_n)(p, n - i)
#define ADD_PRODUCTS(LOAD)                                                    \
    {                                                                         \
        VT y[4];                                                              \
        FAC_UNROLL                                                            \
        for (int c = 0; c < columns; c++)                                     \
            y[c] = LOAD(column[c] + i);                                       \
        FAC_UNROLL                                                            \
        for (int r = 0; r < rows; r++) {                                      \
            VT x = LOAD(row[r] + i);                                          \
            FAC_UNROLL                                                        \
            for (int c = 0; c < columns; c++)                                 \
                sum[r * columns + c] = V(fma)(x, y[c], sum[r * columns + c]); \
        }                                                                     \
    }
    for (; i + LANES <= n; i += LANES)
        ADD_PRODUCTS(WHOLE)
    if (i < n)
        ADD_PRODUCTS(REST)
#undef WHOLE
#undef REST
#undef ADD_PRODUCTS
    FAC_UNROLL
    for (int d = 0; d < DOTS; d += LANES)
        out[d / LANES] = V(sums)(sum + d);
}

/* The weight gradient of one call: out rows of g times `in` rows of x, over n <= DOT_STEPS*LANES samples. */
typedef struct NAME(outer) {
    int64_t n, ldb, out;
    const T *g, *x;
    T *gw, *gb; /* where the columns at hand go, or NULL; sums of g's rows, or NULL */
    int64_t gw_row;
    bool add;
} NAME(outer);

/* `used` columns of a row of gw, and behind them in the same vector the row's sum: products in the order of dot_block.
 */
FAC_TILE VT NAME(outer_row)(const int used, const bool with_sum, int64_t n, int64_t ldb, const T *x, const T *g)
{
    VT sum[LANES];
    int64_t i = 0;
    FAC_UNROLL
    for (int l = 0; l < LANES; l++)
        sum[l] = V(all)(0);
#define ADD_PRODUCTS(LOAD)                                     \
    {                                                          \
        const VT y = LOAD(g + i);                              \
        FAC_UNROLL                                             \
        for (int l = 0; l < used; l++)                         \
            sum[l] = V(fma)(y, LOAD(x + l * ldb + i), sum[l]); \
        if (with_sum)                                          \
            sum[used < LANES ? used : 0] += y;                 \
    }
#define WHOLE(at) V(load)(at)
#define REST(at)  V(load_n)(at, n - i)
    for (; i + LANES <= n; i += LANES)
        ADD_PRODUCTS(WHOLE)
    if (i < n)
        ADD_PRODUCTS(REST)
#undef WHOLE
#undef REST
#undef ADD_PRODUCTS
    return V(sums)(sum);
}

FAC_TILE void NAME(outer_rows)(const int used, const bool with_sum, const NAME(outer) * p)
{
    _Alignas(64) T lanes[LANES];
    const int64_t n = p->n, ldb = p->ldb, out = p->out, gw_row = p->gw_row; /* read once: stores might change them */
    const T *g = p->g, *x = p->x;
    T *to = p->gw, *gb = p->gb;
    const bool add = p->add;
    for (int64_t o = 0; o < out; o++, g += ldb) {
        VT sums = NAME(outer_row)(used, with_sum, n, ldb, x, g);
        if (with_sum && gb) {
            V(store)(lanes, sums);
            gb[o] = add ? gb[o] + lanes[used] : lanes[used];
        }
        if (used && add)
            sums = V(load_n)(to + o * gw_row, used) + sums;
        if (used)
            V(store_n)(to + o * gw_row, used, sums);
    }
}

#define OUTER(used, with_sum, suffix)                            \
    FAC_OUTLINE void NAME(outer_##suffix)(const NAME(outer) * p) \
    {                                                            \
        NAME(outer_rows)(used, with_sum, p);                     \
    }
OUTER(LANES, false, whole)
OUTER(LANES / 2, LANES > 2, half)
OUTER(LANES > 4 ? LANES / 4 : 1, LANES > 2, quarter)
OUTER(1, true, 1)
OUTER(0, true, 0)
#undef OUTER

/* Whole vectors of columns, then pieces; the row's sums go with the last one that has room. */
static void NAME(outer_product)(NAME(outer) * p, int64_t in)
{
    T *gb = p->gb;
    p->gb = NULL;
    while (in > 0) {
        int64_t used = in >= LANES                              ? LANES
                       : in >= LANES / 2                        ? LANES / 2
                       : LANES > 4 && in >= LANES / 4 && in > 1 ? LANES / 4
                                                                : 1;
        in -= used;
        if (in == 0 && used < LANES && (LANES > 2 || used == 1))
            p->gb = gb, gb = NULL;
        (used == LANES       ? NAME(outer_whole)
         : used == 1         ? NAME(outer_1)
         : used == LANES / 2 ? NAME(outer_half)
                             : NAME(outer_quarter))(p);
        p->x += used * p->ldb;
        p->gw += used;
    }
    p->gw = NULL;
    p->gb = gb;
    if (gb)
        NAME(outer_0)(p);
}

void KERNEL(dense_weight_grad)(int64_t n, int64_t ldb, int64_t in, int64_t out, const T *g, const T *x, T *gw,
                               int64_t gw_row, T *gb, bool accumulate)
{
    int64_t b = 0;
    do { /* at least once: sums of nothing are 0 */
        int64_t step = at_most(n - b, DOT_STEPS * LANES);
        NAME(outer) product = {step, ldb, out, g + b, x + b, gw, gb, gw_row, accumulate || b > 0};
        NAME(outer_product)(&product, gw ? in : 0);
        b += DOT_STEPS * LANES;
    } while (b < n);
}

/* n numbers, and 0 up to `end`, a multiple of LANES. */
static void NAME(copy_padded)(int64_t n, int64_t end, const T *src, int64_t stride, T *dst)
{
    int64_t i = 0;
    if (stride == 1) {
        for (; i + LANES <= n; i += LANES)
            V(store)(dst + i, V(load)(src + i));
        if (i < n)
            V(store)(dst + i, V(load_n)(src + i, n - i)), i += LANES;
    } else {
        for (; i < n; i++)
            dst[i] = src[i * stride];
        for (; i % LANES; i++)
            dst[i] = 0;
    }
    for (; i < end; i += LANES)
        V(store)(dst + i, V(all)(0));
}

/* LANES samples, f >= COLUMNS features that are contiguous. */
static void NAME(pack_samples)(int64_t f, const T *src, const int64_t *at, T *dst, int64_t ldb)
{
    for (int64_t k = 0; k < f; k += COLUMNS) {
        VT column[COLUMNS];
        k = at_most(k, f - COLUMNS); /* some once more */
        V(transpose)(src + k, at, column);
        FAC_UNROLL
        for (int i = 0; i < COLUMNS; i++)
            V(store)(dst + (k + i) * ldb, column[i]);
    }
}

void KERNEL(dense_pack)(int64_t n, int64_t f, const T *src, int64_t src_row, int64_t src_col, T *dst, int64_t ldb)
{
    int64_t b = 0;
    if (src_col == 1 && f >= COLUMNS) {
        for (; b + LANES <= n; b += LANES) {
            int64_t at[LANES];
            for (int64_t l = 0; l < LANES; l++)
                at[l] = (b + l) * src_row;
            NAME(pack_samples)(f, src, at, dst + b, ldb);
        }
        src += b * src_row;
    }
    for (int64_t k = 0; k < f; k++)
        NAME(copy_padded)(n - b, ldb - b, src + k * src_col, src_row, dst + k * ldb + b);
}

/* COLUMNS samples or fewer, LANES features or fewer. */
FAC_OUTLINE void NAME(unpack_samples)(int64_t samples, int64_t features, const T *src, const int64_t *at, T *dst,
                                      int64_t dst_row)
{
    VT column[COLUMNS];
    V(transpose)(src, at, column);
    for (int i = 0; i < COLUMNS && i < samples; i++)
        V(store_n)(dst + i * dst_row, features, column[i]);
}

void KERNEL(dense_unpack)(int64_t n, int64_t f, const T *src, int64_t ldb, T *dst, int64_t dst_row, int64_t dst_col)
{
    if (dst_row == 1 || dst_col != 1 || f == 1) {
        for (int64_t k = 0; k < f; k++)
            for (int64_t b = 0; b < n; b++)
                dst[b * dst_row + k * dst_col] = src[k * ldb + b];
        return;
    }
    for (int64_t k = 0; k < f; k += LANES) {
        int64_t at[LANES], features = at_most(f - k, LANES);
        for (int64_t l = 0; l < LANES; l++)
            at[l] = (k + at_most(l, features - 1)) * ldb;
        for (int64_t b = 0; b < n; b += COLUMNS)
            NAME(unpack_samples)(n - b, features, src + b, at, dst + b * dst_row + k, dst_row);
    }
}
