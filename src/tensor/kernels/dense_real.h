/* SPDX-License-Identifier: MIT */
/* Linear layers on batches kept feature by feature; included twice by dense_kernel.c.
 *
 * Forward and the gradient of the input are the same product, with W and its transpose: rows of the result are sums of
 * rows of x, so vectors run over the samples, and the padding needs no care. The gradient of W sums over the samples.
 * Of few samples x is turned first, so that vectors run over the features and a row of the result is a sum of such
 * vectors; of many, lanes are sums over every LANES-th sample, which are added crosswise at the end. */
#include "tensor/kernels/kernel_real.h"

/* Sums of a tile of so many rows and one or two vectors of samples, and of a strip of rows, a vector each, stay in
 * registers, with room for what they are made of. Floats get the larger ones. */
#undef FOR_PAIRS
#undef FOR_SINGLES
#undef FOR_STRIPS
#if FAC_REAL == 32 && FAC_REGISTERS == 32
#define FOR_PAIRS UP_TO_12
enum { NAME(PAIR_ROWS) = 12 };
#else
#define FOR_PAIRS UP_TO_6
enum { NAME(PAIR_ROWS) = 6 };
#endif
/* Rows are padded to pairs, unless a vector is as wide as the padding. */
#if FAC_REAL == 32 && FAC_VECTOR_BYTES == 64
#define FOR_SINGLES UP_TO_6
enum { NAME(SINGLE_ROWS) = 6 };
_Static_assert(FAC_DENSE_PAD % LANES == 0, "rows are whole vectors");
#else
#define FOR_SINGLES(M, v)
enum { NAME(SINGLE_ROWS) = 0 };
_Static_assert(FAC_DENSE_PAD % (2 * LANES) == 0, "rows are pairs of vectors");
#endif
#if FAC_REAL == 32 && FAC_VECTOR_BYTES > 16
#define FOR_STRIPS UP_TO_10
enum { NAME(STRIP_ROWS) = 10 };
#else
#define FOR_STRIPS UP_TO_6
enum { NAME(STRIP_ROWS) = 6 };
#endif
enum { NAME(DOTS) = LANES > 4 ? LANES : 2 * LANES }; /* at once with one vector */

/* What the tiles of a product share. */
typedef struct NAME(layer) {
    int64_t depth, w_row, w_col, ldb;
    int64_t bias_step; /* 0: no bias */
    int64_t panels;    /* of one or two vectors of samples, side by side */
    bool relu, ends;   /* these are all panels of a row */
    bool smooth;       /* the derivative at m is a + m (b - m), else relu's */
    T a, b;
    const fac_dense *dense;
} NAME(layer);
typedef void NAME(layer_fn)(const NAME(layer) * s, const T *w, const T *x, T *y, const T *bias, const T *mask);

/* What is done to every sum alike; `next` goes from row to row. */
#define FOR_SUMS(next, ...)                  \
    FAC_UNROLL                               \
    for (int r = 0; r < rows; r++, (next)) { \
        FAC_UNROLL                           \
        for (int v = 0; v < vectors; v++)    \
            __VA_ARGS__                      \
    }

/* A layer's bias and relu, or the derivative at the mask. */
FAC_TILE void NAME(end_panel)(const int rows, const int vectors, const NAME(layer) * s, VT sum[][2], T *y,
                              const T *bias, const T *mask)
{
    const int64_t ldb = s->ldb;
    if (FAC_REAL == 32 && mask && s->smooth) {
        const VT a = V(all)(s->a), b = V(all)(s->b);
        FOR_SUMS(one_row_on(mask, ldb), {
            const VT m = V(load)(mask + v * LANES);
            sum[r][v] *= a + m * (b - m);
        })
    } else if (mask) {
        FOR_SUMS(one_row_on(mask, ldb), { sum[r][v] = V(unless_le0)(V(load)(mask + v * LANES), sum[r][v]); })
    } else {
        if (s->bias_step)
            FOR_SUMS(one_row_on(bias, 1), { sum[r][v] += V(all)(*bias); })
        if (s->relu)
            FOR_SUMS((void)0, { sum[r][v] = V(at_least)(V(all)(0), sum[r][v]); })
    }
    FOR_SUMS(one_row_on(y, ldb), { V(store)(y + v * LANES, sum[r][v]); })
}

FAC_TILE void NAME(compute_layer)(const int rows, const int vectors, const NAME(layer) * s, const T *w, const T *x,
                                  T *y, const T *bias, const T *mask)
{
    const int64_t w_row = s->w_row, w_col = s->w_col, ldb = s->ldb;
    int64_t panels = s->panels;
    do {
        VT sum[MOST_ROWS][2];
        const T *w4[(MOST_ROWS + 3) / 4], *in = x; /* one pointer for four rows: the others are 1, 2 and 3 strides on */
        int64_t k = s->depth;
        FOR_SUMS((void)0, { sum[r][v] = V(all)(0); })
        FAC_UNROLL
        for (int r = 0; r < rows; r += 4)
            w4[r / 4] = w + r * w_row;
        do {
            VT samples[2];
            FAC_UNROLL
            for (int v = 0; v < vectors; v++)
                samples[v] = V(load)(in + v * LANES);
            FAC_UNROLL
            for (int r = 0; r < rows; r++) {
                VT weight = V(all)(w4[r / 4][(r % 4) * w_row]);
                FAC_UNROLL
                for (int v = 0; v < vectors; v++)
                    sum[r][v] = V(fma)(weight, samples[v], sum[r][v]);
            }
            in += ldb;
            FAC_UNROLL
            for (int r = 0; r < rows; r += 4)
                w4[r / 4] += w_col;
        } while (--k > 0);
        NAME(end_panel)(rows, vectors, s, sum, y, bias, mask);
        x += vectors * LANES, y += vectors * LANES, mask = mask ? mask + vectors * LANES : NULL;
    } while (--panels > 0);
}

#undef FOR_SUMS

#define DEFINE_LAYER(rows, vectors)                                                                             \
    static void NAME(layer_##rows##_##vectors)(const NAME(layer) * s, const T *w, const T *x, T *y, const T *b, \
                                               const T *mask)                                                   \
    {                                                                                                           \
        NAME(compute_layer)(rows, vectors, s, w, x, y, b, mask);                                                \
    }
FOR_SINGLES(DEFINE_LAYER, 1)
FOR_PAIRS(DEFINE_LAYER, 2)
#undef DEFINE_LAYER
#define LAYER_ENTRY(rows, vectors) NAME(layer_##rows##_##vectors),
static NAME(layer_fn) *const NAME(layers_1)[] = {FOR_SINGLES(LAYER_ENTRY, 1) NULL};
static NAME(layer_fn) *const NAME(layers_2)[] = {FOR_PAIRS(LAYER_ENTRY, 2)};
#undef LAYER_ENTRY

static void NAME(finish_rows)(const fac_dense *d, int64_t rows, T *y, const T *with)
{
    const int64_t strides[] = {sizeof(T), sizeof(T), sizeof(T)};
    char *const p[] = {(char *)y, (char *)y, (char *)(uintptr_t)(with ? with : y)};
    d->each(rows * d->ldb, p, strides, d->each_ctx);
}

/* All rows of panels of one or two vectors, in strips as equal as can be. */
static void NAME(layer_strips)(const NAME(layer) * s, int vectors, int rows, const T *w, const T *x, T *y,
                               const T *bias, const T *mask)
{
    const fac_dense *d = s->dense;
    const int most = vectors == 2 ? NAME(PAIR_ROWS) : NAME(SINGLE_ROWS);
    NAME(layer_fn) *const *compute = vectors == 2 ? NAME(layers_2) : NAME(layers_1);
    while (rows > 0) {
        const int r = strip_of(rows, most);
        compute[r - 1](s, w, x, y, bias, d->each ? NULL : mask);
        if (s->ends)
            NAME(finish_rows)(d, r, y, mask);
        w += r * s->w_row, y += r * s->ldb;
        bias += r * s->bias_step, mask = mask ? mask + r * s->ldb : NULL;
        rows -= r;
    }
}

/* Pairs of vectors, then one that is left. */
static void NAME(product)(NAME(layer) * s, int rows, const T *bias, const T *mask)
{
    const fac_dense *d = s->dense;
    const bool singles = NAME(SINGLE_ROWS) > 0;
    const int64_t vectors = (d->n + LANES - 1) / LANES, pairs = (vectors + !singles) / 2;
    const bool one_more = singles && vectors % 2;
    const T *x = d->x;
    T *y = d->y;
    s->panels = pairs, s->ends = d->each && !one_more;
    if (rows > 0 && rows <= NAME(PAIR_ROWS) && pairs > 0 && !one_more && !d->each) { /* a small network's */
        NAME(layers_2)[rows - 1](s, d->w, x, y, bias, mask);
        return;
    }
    if (pairs > 0)
        NAME(layer_strips)(s, 2, rows, d->w, x, y, bias, mask);
    if (!one_more)
        return;
    const int64_t done = pairs * 2 * LANES;
    s->panels = 1, s->ends = d->each && pairs == 0;
    NAME(layer_strips)(s, 1, rows, d->w, x + done, y + done, bias, mask ? mask + done : NULL);
    if (d->each && pairs > 0)
        NAME(finish_rows)(d, rows, y, d->mask);
}

static T NAME(slope_a)(int slope)
{
    return slope == FAC_SLOPE_TANH ? 1 : -(T)0; /* to which any zero may be added */
}

void KERNEL(dense_forward)(const fac_dense *d)
{
    NAME(layer) s = {.dense = d, .depth = d->in, .w_row = d->w_row, .w_col = d->w_col, .ldb = d->ldb};
    s.bias_step = d->bias != NULL, s.relu = d->relu;
    NAME(product)(&s, (int)d->out, d->bias ? d->bias : d->w, d->each ? d->mask : NULL);
}

void KERNEL(dense_input_grad)(const fac_dense *d)
{
    NAME(layer) s = {.dense = d, .depth = d->out, .w_row = d->w_col, .w_col = d->w_row, .ldb = d->ldb};
    s.smooth = d->slope != FAC_SLOPE_RELU;
    s.a = NAME(slope_a)(d->slope);
    s.b = d->slope == FAC_SLOPE_SIGMOID;
    NAME(product)(&s, (int)d->in, d->w, d->mask);
}

/* Rows of numbers: so many, so far apart. Handed on by pointer and copied field by field: a copy in one piece of what
 * was just written in several makes the processor wait for the stores. */
typedef struct NAME(rows) {
    const T *at;
    int64_t row, count;
} NAME(rows);

/* The first `n` rows; for those that there are not, the last one again. */
FAC_TILE void NAME(first_rows)(const int n, const NAME(rows) * x, const T **row)
{
    const T *at = x->at;
    FAC_UNROLL
    for (int r = 0; r < n; r++) {
        row[r] = at;
        at += r + 1 < x->count ? x->row : 0;
    }
}

#undef WHOLE
#undef REST
#define WHOLE(p) V(load)(p)
#define REST(p)  V(load_n)(p, n - i)

/* rows*columns sums over i < n of a[r][i] b[c][i], column after column within a row; of rows and columns that there are
 * not, the last one's again. With `totals` also each row's own sums, lane by lane. */
FAC_TILE void NAME(dot_block)(const int rows, const int columns, int64_t n, NAME(rows) a, NAME(rows) b, VT *out,
                              VT *totals)
{
    const T *row[NAME(DOTS)], *column[NAME(DOTS)];
    VT sum[NAME(DOTS)];
    int64_t i = 0;
    NAME(first_rows)(rows, &a, row);
    NAME(first_rows)(columns, &b, column);
    FAC_UNROLL
    for (int d = 0; d < rows * columns; d++)
        sum[d] = V(all)(0);
    FAC_UNROLL
    for (int r = 0; totals && r < rows; r++)
        totals[r] = V(all)(0);
#define ADD_PRODUCTS(LOAD)                                                    \
    {                                                                         \
        VT y[NAME(DOTS)];                                                     \
        FAC_UNROLL                                                            \
        for (int c = 0; c < columns; c++)                                     \
            y[c] = LOAD(column[c] + i);                                       \
        FAC_UNROLL                                                            \
        for (int r = 0; r < rows; r++) {                                      \
            VT x = LOAD(row[r] + i);                                          \
            if (totals)                                                       \
                totals[r] += x;                                               \
            FAC_UNROLL                                                        \
            for (int c = 0; c < columns; c++)                                 \
                sum[r * columns + c] = V(fma)(x, y[c], sum[r * columns + c]); \
        }                                                                     \
    }
    for (; i + LANES <= n; i += LANES)
        ADD_PRODUCTS(WHOLE)
    if (i < n)
        ADD_PRODUCTS(REST)
#undef ADD_PRODUCTS
    FAC_UNROLL
    for (int d = 0; d < rows * columns; d += LANES)
        out[d / LANES] = V(sums)(sum + d);
}

/* What becomes of sums: + bias, relu, mask. */
typedef struct NAME(ending) {
    const T *bias, *mask;
    T least, a, b; /* least: the result, of relu 0; a, b and smooth: as in a layer */
    bool smooth;
} NAME(ending);
static const NAME(ending) NAME(as_it_is) = {.least = -(T)INFINITY};

/* A whole vector is stored: the loads that follow can be served from it, but not from a store of a part. Inline: a
 * function given a vector leaves the upper halves of registers in use, which SSE code behind it pays for. */
FAC_INLINE void NAME(put_vec)(const NAME(ending) * e, VT sum, T *y, int64_t i, int64_t n)
{
    if (e->bias)
        sum += V(load_n)(e->bias + i, n);
    sum = V(at_least)(V(all)(e->least), sum);
    if (e->mask) {
        const VT m = V(load)(e->mask + i);
        if (e->smooth)
            sum *= V(all)(e->a) + m * (V(all)(e->b) - m);
        else
            sum = V(unless_le0)(m, sum);
    }
    V(store)(y + i, sum);
}

/* The dots of COLUMNS rows with x, in the first lanes. */
FAC_INLINE VT NAME(few_dots)(const NAME(rows) * m, int64_t n, const T *x)
{
    const T *row[COLUMNS];
    VT sum[COLUMNS];
    int64_t i = 0;
    NAME(first_rows)(COLUMNS, m, row);
    FAC_UNROLL
    for (int r = 0; r < COLUMNS; r++)
        sum[r] = V(all)(0);
    for (; i + LANES <= n; i += LANES)
        FAC_UNROLL
    for (int r = 0; r < COLUMNS; r++)
        sum[r] = V(fma)(WHOLE(row[r] + i), WHOLE(x + i), sum[r]);
    if (i < n)
        FAC_UNROLL
    for (int r = 0; r < COLUMNS; r++)
        sum[r] = V(fma)(REST(row[r] + i), REST(x + i), sum[r]);
    return V(fold)(V(lane_sums)(sum));
}

/* y[i] = dot(m[i], x) */
FAC_OUTLINE void NAME(times_rows)(const NAME(rows) * m, int64_t n, const T *x, T *y, const NAME(ending) * e)
{
    NAME(rows) left = *m, one = {x, 0, 1};
    for (int64_t i = 0; left.count > 0; i += NAME(DOTS), left.count -= NAME(DOTS), left.at += NAME(DOTS) * left.row) {
        VT dots[NAME(DOTS) / LANES];
        if (left.count > COLUMNS)
            NAME(dot_block)(NAME(DOTS), 1, n, left, one, dots, NULL);
        else
            dots[0] = NAME(few_dots)(&left, n, x);
        for (int64_t l = 0; l < NAME(DOTS) && l < left.count; l += LANES)
            NAME(put_vec)(e, dots[l / LANES], y, i + l, at_most(left.count - l, LANES));
    }
}

/* The weight gradient over n <= DOT_STEPS*LANES samples: sums of products of `out` rows of g and `columns` rows of x.
 * Row `in` of x, if that is one of them, is ones, and its sums the bias' gradient. */
typedef struct NAME(outer) {
    int64_t n, ldb, out, in, columns;
    const T *g, *x;
    T *gw, *gb;
    int64_t gw_row;
    bool add;
} NAME(outer);

FAC_INLINE void NAME(put_sums)(VT sums, T *to, int64_t n, bool add)
{
    if (add)
        sums += V(load_n)(to, n);
    V(store_n)(to, n, sums);
}

/* Up to LANES columns from i on of rows from o on: a vector of sums each. */
FAC_OUTLINE void NAME(put_rows)(const NAME(outer) * p, int64_t rows, int64_t o, int64_t i, const T *sums)
{
    const int64_t weights = at_most(p->in - i, LANES), gw_row = p->gw_row;
    const bool add = p->add, ones = i + LANES > p->in && p->columns > p->in;
    T *to = p->gw + o * gw_row + i, *gb = p->gb + (ones ? o : 0);
    for (int64_t r = 0; r < rows; r++, to += gw_row, sums += LANES) {
        NAME(put_sums)(V(load)(sums), to, weights, add);
        if (ones)
            gb[r] = add ? gb[r] + sums[weights] : sums[weights];
    }
}

/* Column i, each row's dot with it. */
FAC_OUTLINE void NAME(outer_column)(const NAME(outer) * p, int64_t i)
{
    _Alignas(64) T sums[FAC_GEMM_BLOCK];
    const int64_t out = p->out, step = i < p->in ? p->gw_row : 1;
    const bool add = p->add;
    T *to = i < p->in ? p->gw + i : p->gb;
    NAME(times_rows)(&(NAME(rows)){p->g, p->ldb, out}, p->n, p->x + i * p->ldb, sums, &NAME(as_it_is));
    for (int64_t o = 0; o < out; o++, to += step)
        *to = add ? *to + sums[o] : sums[o];
}

/* The only row, each column's dot with it. */
FAC_OUTLINE void NAME(outer_row)(const NAME(outer) * p)
{
    _Alignas(64) T sums[FAC_GEMM_BLOCK + LANES];
    NAME(times_rows)(&(NAME(rows)){p->x, p->ldb, p->columns}, p->n, p->g, sums, &NAME(as_it_is));
    for (int64_t i = 0; i < p->columns; i += LANES)
        NAME(put_rows)(p, 1, 0, i, sums + i);
}

enum { NAME(DOT_ROWS) = 4, NAME(DOT_COLUMNS) = LANES > 4 ? LANES / 4 : 1 };
typedef T NAME(few) __attribute__((vector_size(NAME(DOT_COLUMNS) * sizeof(T))));

/* A row of a block, read as it was stored: the processor waits with a load that takes in more than one store. */
FAC_INLINE void NAME(put_few)(const T *sums, T *to, int64_t n, bool add)
{
    NAME(few) few, old;
    if (n < NAME(DOT_COLUMNS)) {
        for (int64_t i = 0; i < n; i++)
            to[i] = add ? to[i] + sums[i] : sums[i];
        return;
    }
    memcpy(&few, sums, sizeof few);
    if (add) {
        memcpy(&old, to, sizeof old);
        few += old;
    }
    memcpy(to, &few, sizeof few);
}

/* A block of products; with the sums of its rows of g if `totals`. */
FAC_TILE void NAME(outer_block)(const bool totals, const NAME(outer) * p, int64_t o, int64_t i)
{
    enum { ROWS = NAME(DOT_ROWS), AT_ONCE = NAME(DOT_COLUMNS) };
    VT dots[ROWS * AT_ONCE / LANES], total[ROWS];
    _Alignas(64) T lanes[ROWS * AT_ONCE];
    const NAME(rows) a = {p->g + o * p->ldb, p->ldb, p->out - o}, b = {p->x + i * p->ldb, p->ldb, p->in - i};
    NAME(dot_block)(ROWS, AT_ONCE, p->n, a, b, dots, totals ? total : NULL);
    for (int d = 0; d < ROWS * AT_ONCE; d += LANES)
        V(store)(lanes + d, dots[d / LANES]);
    T *to = p->gw + o * p->gw_row + i;
    for (int64_t r = 0; r < ROWS && r < a.count; r++, to += p->gw_row)
        NAME(put_few)(lanes + r * AT_ONCE, to, b.count, p->add);
    for (int64_t r = 0; totals && r < ROWS && r < a.count; r += COLUMNS)
        NAME(put_sums)(V(fold)(V(lane_sums)(total + r)), p->gb + o + r, at_most(a.count - r, COLUMNS), p->add);
}
FAC_OUTLINE void NAME(outer_dots)(const NAME(outer) * p, int64_t o, int64_t i)
{
    NAME(outer_block)(false, p, o, i);
}
FAC_OUTLINE void NAME(outer_dots_and_totals)(const NAME(outer) * p, int64_t o, int64_t i)
{
    NAME(outer_block)(true, p, o, i);
}

/* The bias' gradient comes with the first columns; but where speed matters less than code, by itself. */
static void NAME(outer_by_dots)(const NAME(outer) * p)
{
    const bool ones = p->columns > p->in, totals = ones && FAC_REAL == 32 && FAC_VECTOR_BYTES > 16;
    for (int64_t i = 0; i < p->in; i += NAME(DOT_COLUMNS))
        for (int64_t o = 0; o < p->out; o += NAME(DOT_ROWS))
            (totals && i == 0 ? NAME(outer_dots_and_totals) : NAME(outer_dots))(p, o, i);
    if (ones && (!totals || p->in == 0))
        NAME(outer_column)(p, p->in);
}

/* rows o to o + rows - 1, columns i to i + LANES - 1, as far as there are any: sums of x's vectors, one a sample. */
typedef void NAME(strip_fn)(const NAME(outer) * p, const T *x, int64_t o, int64_t i);
FAC_TILE void NAME(outer_strip)(const int rows, const NAME(outer) * p, const T *x, int64_t o, int64_t i)
{
    const int64_t ldb = p->ldb;
    VT sum[NAME(STRIP_ROWS)];
    const T *g4[(NAME(STRIP_ROWS) + 3) / 4];
    FAC_UNROLL
    for (int r = 0; r < rows; r++)
        sum[r] = V(all)(0);
    FAC_UNROLL
    for (int r = 0; r < rows; r += 4)
        g4[r / 4] = p->g + (o + r) * ldb;
    for (int64_t b = 0; b < p->n; b++, x += LANES) {
        const VT in = V(load)(x);
        FAC_UNROLL
        for (int r = 0; r < rows; r++)
            sum[r] = V(fma)(V(all)(g4[r / 4][(r % 4) * ldb + b]), in, sum[r]);
    }
    _Alignas(64) T lanes[NAME(STRIP_ROWS) * LANES];
    FAC_UNROLL
    for (int r = 0; r < rows; r++)
        V(store)(lanes + r * LANES, sum[r]);
    NAME(put_rows)(p, rows, o, i, lanes);
}
#define DEFINE_STRIP(rows, vectors)                                                         \
    static void NAME(strip_##rows)(const NAME(outer) * p, const T *x, int64_t o, int64_t i) \
    {                                                                                       \
        NAME(outer_strip)(rows, p, x, o, i);                                                \
    }
FOR_STRIPS(DEFINE_STRIP, 1)
#undef DEFINE_STRIP
#define STRIP_ENTRY(rows, vectors) NAME(strip_##rows),
static NAME(strip_fn) *const NAME(strips)[] = {FOR_STRIPS(STRIP_ENTRY, 1)};
#undef STRIP_ENTRY

/* x[b*LANES + k] = feature k of sample b. Groups of features that there are not are the first once more. */
static void NAME(turn)(int64_t n, int64_t features, const T *src, int64_t ldb, T *x)
{
    int64_t group[LANES / COLUMNS];
    FAC_UNROLL
    for (int g = 0; g < LANES / COLUMNS; g++)
        group[g] = g * COLUMNS < features ? g * COLUMNS * ldb : 0;
    for (int64_t b = 0; b < n; b += COLUMNS, src += COLUMNS, x += COLUMNS * LANES) {
        int64_t at[LANES];
        VT column[COLUMNS];
        FAC_UNROLL
        for (int l = 0; l < LANES; l++)
            at[l] = group[l / COLUMNS] + l % COLUMNS * ldb;
        V(transpose)(src, at, column);
        FAC_UNROLL
        for (int i = 0; i < COLUMNS; i++)
            V(store)(x + i * LANES, column[i]);
    }
}

/* A few columns that are left would fill little of a vector. */
static void NAME(outer_by_samples)(const NAME(outer) * p)
{
    _Alignas(64) T x[FEW_SAMPLES * LANES];
    const int64_t few = LANES < 8 ? LANES / 2 : 4;
    int64_t i = 0;
    for (; p->columns - i > few; i += LANES) {
        NAME(turn)(p->n, p->columns - i, p->x + i * p->ldb, p->ldb, x);
        for (int o = 0, r; o < p->out; o += r) {
            r = strip_of((int)p->out - o, NAME(STRIP_ROWS));
            NAME(strips)[r - 1](p, x, o, i);
        }
    }
    for (; i < p->columns; i++)
        NAME(outer_column)(p, i);
}

void KERNEL(dense_weight_grad)(int64_t n, int64_t ldb, int64_t in, int64_t out, const T *g, T *x, T *gw, int64_t gw_row,
                               T *gb, bool accumulate)
{
    if (!gw)
        x += in * ldb, in = 0, gw = gb, gw_row = 0; /* no column of it is written */
    if (gb)
        for (int64_t b = 0; b < n; b += LANES)
            V(store)(x + in * ldb + b, V(all)(1));
    NAME(outer) p = {n, ldb, out, in, in + (gb != NULL), g, x, gw, gb, gw_row, accumulate};
    do { /* at least once: sums of nothing are 0 */
        p.n = at_most(n, DOT_STEPS * LANES);
        if (out == 1)
            NAME(outer_row)(&p);
        else if (p.n > FEW_SAMPLES)
            NAME(outer_by_dots)(&p);
        else
            NAME(outer_by_samples)(&p);
        p.g += p.n, p.x += p.n, p.add = true;
        n -= p.n;
    } while (n > 0);
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
        int64_t at[LANES];
        for (int64_t l = 0; l < LANES; l++)
            at[l] = l * src_row;
        for (; b + LANES <= n; b += LANES, src += LANES * src_row)
            NAME(pack_samples)(f, src, at, dst + b, ldb);
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

FAC_OUTLINE void NAME(unpack_row)(int64_t n, const T *src, T *dst, int64_t stride)
{
    if (stride == 1)
        memcpy(dst, src, (size_t)n * sizeof(T));
    else
        for (int64_t b = 0; b < n; b++)
            dst[b * stride] = src[b];
}

void KERNEL(dense_unpack)(int64_t n, int64_t f, const T *src, int64_t ldb, T *dst, int64_t dst_row, int64_t dst_col)
{
    if (dst_row == 1 || dst_col != 1 || f == 1) {
        for (int64_t k = 0; k < f; k++)
            NAME(unpack_row)(n, src + k * ldb, dst + k * dst_col, dst_row);
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
