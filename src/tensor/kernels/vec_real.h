/* SPDX-License-Identifier: MIT */
/* Linear layers on one sample, where latency is all; included twice by dense_kernel.c, after dense_real.h. */

/* y[j] = sum over i of x[i] m[i][j] for a vector of j, the last of which are not loaded: four sums, over every fourth
 * i. */
FAC_INLINE VT NAME(add_rows)(const T *at, int64_t row, int64_t count, int64_t columns, const T *x)
{
    VT sum[4] = {V(all)(0), V(all)(0), V(all)(0), V(all)(0)};
    int64_t i = 0;
#define ADD_ROW(c) sum[c] = V(fma)(V(all)(x[i + (c)]), V(load_n)(at + (i + (c)) * row, columns), sum[c])
    for (; i + 4 <= count; i += 4)
        ADD_ROW(0), ADD_ROW(1), ADD_ROW(2), ADD_ROW(3);
    if (i < count)
        ADD_ROW(0);
    if (i + 1 < count)
        ADD_ROW(1);
    if (i + 2 < count)
        ADD_ROW(2);
#undef ADD_ROW
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

FAC_OUTLINE void NAME(times_columns)(const NAME(rows) * m, int64_t n, const T *x, T *y, const NAME(ending) * e)
{
    const T *at = m->at;
    for (int64_t j = 0; j < n; j += LANES, at += LANES) {
        const int64_t columns = at_most(n - j, LANES);
        NAME(put_vec)(e, NAME(add_rows)(at, m->row, m->count, columns, x), y, j, columns);
    }
}

/* Neither stride is 1. */
FAC_OUTLINE void NAME(times_strided)(int64_t rows, int64_t columns, const T *m, int64_t row, int64_t col, const T *x,
                                     T *y, const NAME(ending) * e)
{
    for (int64_t i = 0; i < rows; i++, m += row) {
        T sum = 0;
        for (int64_t j = 0; j < columns; j++)
            sum = scalar_fma(m[j * col], x[j], sum);
        sum += e->bias ? e->bias[i] : 0;
        if (e->mask && e->smooth)
            sum *= e->a + e->mask[i] * (e->b - e->mask[i]);
        else
            sum = sum < e->least || (e->mask && e->mask[i] <= 0) ? 0 : sum; /* least is 0, or nothing is less */
        y[i] = sum;
    }
}

#if FAC_REAL == 32 && FAC_VECTOR_BYTES > 32
/* Up to LANES short rows: a 128-bit lane of a vector is COLUMNS columns of a row, so that few sums are left to add
 * crosswise, and those that are wait for x alone. The columns behind the last whole lane come in one that overlaps it,
 * where what has been counted is 0. */
FAC_TILE VT NAME(lane_dots)(const bool whole, const T *p, int64_t row, int64_t rows, int64_t n, const T *x)
{
    int64_t at[LANES];
    VT sum[COLUMNS];
    const int64_t last = (rows - 1) * row;
    FAC_UNROLL
    for (int l = 0; l < LANES; l++)
        at[l] = whole ? l / COLUMNS * COLUMNS * row : at_most(l * row, last);
    FAC_UNROLL
    for (int g = 0; g < COLUMNS; g++)
        sum[g] = V(all)(0);
    int64_t i = 0;
    for (; i + COLUMNS <= n; i += COLUMNS) {
        const VT part = V(spread)(x + i);
        FAC_UNROLL
        for (int g = 0; g < COLUMNS; g++)
            sum[g] = V(fma)(V(lanes)(p + i + (whole ? g * row : 0), at + g), part, sum[g]);
    }
    if (i < n) {
        const int64_t over = COLUMNS - (n - i);
        const VT part = V(without)(V(spread)(x + i - over), over);
        FAC_UNROLL
        for (int g = 0; g < COLUMNS; g++)
            sum[g] = V(fma)(V(without)(V(lanes)(p + i - over + (whole ? g * row : 0), at + g), over), part, sum[g]);
    }
    return V(lane_sums)(sum);
}

FAC_OUTLINE VT NAME(block_dots)(const T *m, int64_t row, int64_t n, const T *x)
{
    return NAME(lane_dots)(true, m, row, LANES, n, x);
}

FAC_OUTLINE VT NAME(fewer_dots)(const T *m, int64_t row, int64_t rows, int64_t n, const T *x)
{
    return NAME(lane_dots)(false, m, row, rows, n, x);
}

static void NAME(times_short_rows)(const T *m, int64_t row, int64_t rows, int64_t n, const T *x, T *y,
                                   const NAME(ending) * e)
{
    int64_t i = 0;
    for (; i + LANES <= rows; i += LANES, m += LANES * row)
        NAME(put_vec)(e, NAME(block_dots)(m, row, n, x), y, i, LANES);
    if (i < rows)
        NAME(put_vec)(e, NAME(fewer_dots)(m, row, rows - i, n, x), y, i, rows - i);
}
#endif

/* y = M x for an M of any strides. */
static void NAME(times_vec)(int64_t rows, int64_t columns, const T *m, int64_t row, int64_t col, const T *x, T *y,
                            const NAME(ending) * e)
{
    if (row == 1 && (col != 1 || columns == 1)) {
        NAME(times_columns)(&(NAME(rows)){m, col, columns}, rows, x, y, e);
#if FAC_REAL == 32 && FAC_VECTOR_BYTES > 32
    } else if (col == 1 && rows > COLUMNS && columns >= COLUMNS && columns <= 2 * LANES) {
        NAME(times_short_rows)(m, row, rows, columns, x, y, e);
#endif
    } else if (col == 1) {
        NAME(times_rows)(&(NAME(rows)){m, row, rows}, columns, x, y, e);
    } else {
        NAME(times_strided)(rows, columns, m, row, col, x, y, e);
    }
}

void KERNEL(vec_forward)(const fac_dense *d)
{
    const NAME(ending) e = {.bias = d->bias, .least = d->relu ? 0 : -(T)INFINITY};
    NAME(times_vec)(d->out, d->in, d->w, d->w_row, d->w_col, d->x, d->y, &e);
}

void KERNEL(vec_input_grad)(const fac_dense *d)
{
    const NAME(ending) e = {.mask = d->mask,
                            .least = -(T)INFINITY,
                            .smooth = d->slope != FAC_SLOPE_RELU,
                            .a = NAME(slope_a)(d->slope),
                            .b = d->slope == FAC_SLOPE_SIGMOID};
    NAME(times_vec)(d->in, d->out, d->w, d->w_col, d->w_row, d->x, d->y, &e);
}

/* `out` rows of LANES products of one of g and x; and the step of the weights w, if any, that they are the gradient
 * of. */
FAC_INLINE void NAME(outer_rows)(int64_t out, const T *g, const T *x, T *gw, T *w, int64_t row, T rate)
{
    const VT input = V(load)(x), down = V(all)(-rate);
    for (const T *const end = g + out; g < end; g++, gw += row) {
        const VT grad = V(all)(*g) * input;
        V(store)(gw, grad);
        if (!w)
            continue;
        V(store)(w, V(fma)(grad, down, V(load)(w)));
        w += row;
    }
}

/* The same with n < LANES. A row of weights is loaded before the one above is stored: a processor takes a part of a
 * vector for all of it there, and the load would wait. */
FAC_INLINE void NAME(outer_parts)(int64_t out, int64_t n, const T *g, const T *x, T *gw, T *w, int64_t row, T rate)
{
    const VT input = V(load_n)(x, n), down = V(all)(-rate);
    VT next = w && out > 0 ? V(load_n)(w, n) : input;
    for (const T *const end = g + out; g < end; g++, gw += row) {
        const VT grad = V(all)(*g) * input, now = next;
        V(store_n)(gw, n, grad);
        if (!w)
            continue;
        T *const below = g + 1 < end ? w + row : w;
        next = V(load_n)(below, n);
        V(store_n)(w, n, V(fma)(grad, down, now));
        w = below;
    }
}

/* w -= rate*g, and a copy of g; either may be NULL. */
static void NAME(descend)(int64_t n, const T *g, T *copy, T *w, T rate)
{
    const VT down = V(all)(-rate);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const VT grad = V(load)(g + i);
        if (copy)
            V(store)(copy + i, grad);
        if (w)
            V(store)(w + i, V(fma)(grad, down, V(load)(w + i)));
    }
    if (i == n)
        return;
    const VT grad = V(load_n)(g + i, n - i);
    if (copy)
        V(store_n)(copy + i, n - i, grad);
    if (w)
        V(store_n)(w + i, n - i, V(fma)(grad, down, V(load_n)(w + i, n - i)));
}

/* Of short rows the step comes afterwards, in whole vectors. */
void KERNEL(vec_outer)(const fac_outer *o)
{
    const T *g = o->g, *x = o->x, w_rate = (T)o->w_rate;
    T *gw = o->gw;
    int64_t out = o->out, in = o->in, k = 0;
    if (o->gb)
        NAME(descend)(out, g, o->gb, o->descends ? o->b : NULL, (T)o->b_rate);
    if (!gw)
        return;
    if (in == 1) /* a column is as good as a row */
        g = o->x, x = o->g, in = out, out = 1;
    T *w = o->descends && 2 * in >= LANES ? o->w : NULL;
    for (; k + LANES <= in; k += LANES)
        NAME(outer_rows)(out, g, x + k, gw + k, w ? w + k : NULL, in, w_rate);
    if (k < in)
        NAME(outer_parts)(out, in - k, g, x + k, gw + k, w ? w + k : NULL, in, w_rate);
    if (o->descends && !w)
        NAME(descend)(out * in, gw, NULL, o->w, w_rate);
}

void KERNEL(vec_pack)(int64_t in, int64_t out, const T *w, int64_t w_row, int64_t w_col, const T *bias, T *packed)
{
    int64_t ldo = fac_dense_padded(out);
    KERNEL(dense_pack)(out, in, w, w_row, w_col, packed, ldo);
    NAME(copy_padded)(bias ? out : 0, ldo, bias, 1, packed + in * ldo);
}

FAC_TILE void NAME(forward_packed)(const int vectors, int64_t in, const T *p, int64_t ldo, const T *x, T *y, bool relu)
{
    VT even[4], odd[4];
    int64_t k = 0;
    FAC_UNROLL
    for (int v = 0; v < vectors; v++)
        even[v] = V(load)(p + in * ldo + v * LANES), odd[v] = V(all)(0);
    for (; k + 2 <= in; k += 2, p += 2 * ldo) {
        VT a = V(all)(x[k]), b = V(all)(x[k + 1]);
        FAC_UNROLL
        for (int v = 0; v < vectors; v++) {
            even[v] = V(fma)(a, V(load)(p + v * LANES), even[v]);
            odd[v] = V(fma)(b, V(load)(p + ldo + v * LANES), odd[v]);
        }
    }
    const VT a = V(all)(k < in ? x[k] : 0), least = V(all)(relu ? 0 : -(T)INFINITY);
    FAC_UNROLL
    for (int v = 0; v < vectors; v++) {
        if (k < in)
            even[v] = V(fma)(a, V(load)(p + v * LANES), even[v]);
        even[v] += odd[v];
        V(store)(y + v * LANES, V(at_least)(least, even[v]));
    }
}

void KERNEL(vec_forward_packed)(int64_t in, int64_t out, const T *packed, const T *x, T *y, bool relu)
{
    enum { VECTORS = FAC_DENSE_PAD / LANES < 4 ? FAC_DENSE_PAD / LANES : 4 };
    int64_t ldo = fac_dense_padded(out);
    for (int64_t o = 0; o < ldo; o += VECTORS * LANES)
        NAME(forward_packed)(VECTORS, in, packed + o, ldo, x, y + o, relu);
}

/* So many elements are summed before they are added to the total. */
#define MSE_PART (64 * LANES)

FAC_INLINE VT NAME(square_error)(int64_t n, const T *x, const T *target, VT scale, T *g, VT sum)
{
    VT error = V(load_n)(x, n) - V(load_n)(target, n);
    if (g)
        V(store)(g, error * scale);
    return V(fma)(error, error, sum);
}

static VT NAME(square_errors)(int64_t n, const T *x, const T *target, VT scale, T *g)
{
    VT sum = V(all)(0);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        sum = NAME(square_error)(LANES, x + i, target + i, scale, g ? g + i : NULL, sum);
    if (i < n)
        sum = NAME(square_error)(n - i, x + i, target + i, scale, g ? g + i : NULL, sum);
    return sum;
}

T KERNEL(mse)(int64_t n, const T *x, const T *target, T scale, T *g)
{
    if (n == 1) { /* without adding the lanes of zeros: the same bits */
        const T error = *x - *target;
        if (g)
            *g = error * scale;
        return error * error;
    }
    VT sum = V(all)(0);
    for (int64_t i = 0; i < n; i += MSE_PART)
        sum += NAME(square_errors)(at_most(n - i, MSE_PART), x + i, target + i, V(all)(scale), g ? g + i : NULL);
    return V(sum)(sum);
}
#undef MSE_PART
