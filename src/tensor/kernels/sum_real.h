/* SPDX-License-Identifier: MIT */
/* Sums of floats or doubles; included twice by sum_kernel.c.
 *
 * Chunks of CHUNK_STEPS * 4 vectors are summed into four vectors, the chunks in a binary tree. So the error grows with
 * CHUNK_STEPS + log2(n / chunk), less than that of the cascade in PyTorch's SumKernel.cpp, whose four levels hold the
 * fourth root of n each, and at least 16. */
#include "tensor/kernels/kernel_real.h"

#define CHUNK (CHUNK_STEPS * 4 * LANES)

/* A sum of parts that come one by one, as a binary tree: level l holds the sum of 2^l parts where bit l of count is 1.
 */
typedef struct NAME(tree) {
    uint64_t count;
    VT level[TREE_LEVELS];
} NAME(tree);

FAC_OUTLINE void NAME(tree_add)(NAME(tree) * tree, VT part)
{
    int l = 0;
    for (uint64_t bits = tree->count++; bits & 1; bits >>= 1)
        part = tree->level[l++] + part;
    tree->level[l] = part;
}

/* With what comes behind the parts. */
FAC_OUTLINE VT NAME(tree_sum)(const NAME(tree) * tree, VT sum)
{
    for (int l = 0; tree->count >> l; l++)
        if (tree->count >> l & 1)
            sum = tree->level[l] + sum;
    return sum;
}

static inline T NAME(lanes_sum)(VT x)
{
    T lane[LANES];
    V(store)(lane, x);
    FAC_UNROLL
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++)
            lane[l] += lane[l + width];
    return lane[0];
}

/* x, or with y x*y, added to sum. */
FAC_INLINE VT NAME(take)(VT sum, const T *x, const T *y, int64_t n)
{
    VT a = V(load_n)(x, n);
    if (y)
        return V(fma)(a, V(load_n)(y, n), sum);
    return sum + a;
}

/* The sum of n <= CHUNK contiguous x, or x*y. */
FAC_INLINE VT NAME(chunk_sum)(int64_t n, const T *x, const T *y)
{
    VT sum[4] = {V(all)(0), V(all)(0), V(all)(0), V(all)(0)};
    int64_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        FAC_UNROLL
    for (int s = 0; s < 4; s++)
        sum[s] = NAME(take)(sum[s], x + i + s * LANES, y ? y + i + s * LANES : NULL, LANES);
    FAC_UNROLL
    for (int s = 0; s < 4; s++, i += LANES)
        if (i < n)
            sum[s] = NAME(take)(sum[s], x + i, y ? y + i : NULL, n - i < LANES ? n - i : LANES);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static const T *NAME(contiguous)(int64_t n, const T *x, int64_t stride, T *buffer)
{
    if (stride == 1)
        return x;
    for (int64_t i = 0; i < n; i++)
        buffer[i] = x[i * stride];
    return buffer;
}

FAC_OUTLINE VT NAME(vector_sum)(int64_t n, const T *x, int64_t stride)
{
    T buffer[CHUNK];
    if (n <= CHUNK)
        return NAME(chunk_sum)(n, NAME(contiguous)(n, x, stride, buffer), NULL);
    NAME(tree) tree;
    tree.count = 0;
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t part = n - i < CHUNK ? n - i : CHUNK;
        NAME(tree_add)(&tree, NAME(chunk_sum)(part, NAME(contiguous)(part, x + i * stride, stride, buffer), NULL));
    }
    return NAME(tree_sum)(&tree, V(all)(0));
}

T KERNEL(sum)(int64_t n, const T *x, int64_t stride)
{
    if (n <= CHUNK && stride == 1)
        return NAME(lanes_sum)(NAME(chunk_sum)(n, x, NULL));
    return NAME(lanes_sum)(NAME(vector_sum)(n, x, stride));
}

/* A part is a subtree of sum's tree: what the tree holds once all but the last are in, and the last behind it. */
_Static_assert(FAC_SUM_PART % CHUNK == 0 && (int)LANES <= (int)FAC_SUM_LANES, "a part is whole chunks");
void KERNEL(sum_part)(int64_t n, const T *x, int64_t stride, T *lanes)
{
    V(store)(lanes, NAME(vector_sum)(n, x, stride) + V(all)(0)); /* the tree has no -0 */
}

T KERNEL(sum_of_parts)(int64_t parts, const T *lanes)
{
    NAME(tree) tree;
    tree.count = 0;
    for (int64_t i = 0; i < parts - 1; i++)
        NAME(tree_add)(&tree, V(load)(lanes + i * FAC_SUM_LANES));
    return NAME(lanes_sum)(NAME(tree_sum)(&tree, V(load)(lanes + (parts - 1) * FAC_SUM_LANES)));
}

T KERNEL(dot)(int64_t n, const T *x, int64_t x_stride, const T *y, int64_t y_stride)
{
    T x_buffer[CHUNK], y_buffer[CHUNK];
    NAME(tree) tree;
    tree.count = 0;
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t part = n - i < CHUNK ? n - i : CHUNK;
        const T *a = NAME(contiguous)(part, x + i * x_stride, x_stride, x_buffer);
        const T *b = NAME(contiguous)(part, y + i * y_stride, y_stride, y_buffer);
        NAME(tree_add)(&tree, NAME(chunk_sum)(part, a, b));
    }
    return NAME(lanes_sum)(NAME(tree_sum)(&tree, V(all)(0)));
}

/* The sum over up to CHUNK_ROWS rows, of n columns in `vectors` vectors. */
FAC_INLINE void NAME(chunk_of_rows)(const int vectors, int64_t m, int64_t n, const T *x, int64_t row, VT *total)
{
    VT sum[4][ROW_VECTORS];
    FAC_UNROLL
    for (int s = 0; s < 4; s++)
        FAC_UNROLL
    for (int v = 0; v < vectors; v++)
        sum[s][v] = V(all)(0);
    int64_t i = 0;
    for (; i + 4 <= m; i += 4, x += 4 * row)
        FAC_UNROLL
    for (int s = 0; s < 4; s++)
        FAC_UNROLL
    for (int v = 0; v < vectors; v++)
        sum[s][v] += V(load_n)(x + s * row + v * LANES, vectors > 1 ? LANES : n);
    for (; i < m; i++, x += row)
        FAC_UNROLL
    for (int v = 0; v < vectors; v++)
        sum[0][v] += V(load_n)(x + v * LANES, vectors > 1 ? LANES : n);
    FAC_UNROLL
    for (int v = 0; v < vectors; v++)
        total[v] = (sum[0][v] + sum[1][v]) + (sum[2][v] + sum[3][v]);
}

/* n: `vectors` whole vectors of columns, or fewer columns in one. */
FAC_INLINE void NAME(sum_columns)(const int vectors, int64_t m, int64_t n, const T *x, int64_t row, T *out, bool add)
{
    VT total[ROW_VECTORS];
    if (m <= CHUNK_ROWS) {
        NAME(chunk_of_rows)(vectors, m, n, x, row, total);
    } else {
        NAME(tree) tree[ROW_VECTORS];
        FAC_UNROLL
        for (int v = 0; v < vectors; v++)
            tree[v].count = 0;
        for (int64_t i = 0; i < m; i += CHUNK_ROWS) {
            NAME(chunk_of_rows)(vectors, m - i < CHUNK_ROWS ? m - i : CHUNK_ROWS, n, x + i * row, row, total);
            FAC_UNROLL
            for (int v = 0; v < vectors; v++)
                NAME(tree_add)(&tree[v], total[v]);
        }
        FAC_UNROLL
        for (int v = 0; v < vectors; v++)
            total[v] = NAME(tree_sum)(&tree[v], V(all)(0));
    }
    FAC_UNROLL
    for (int v = 0; v < vectors; v++) {
        int64_t lanes = vectors > 1 ? LANES : n;
        T *o = out + v * LANES;
        if (add)
            total[v] = V(load_n)(o, lanes) + total[v];
        V(store_n)(o, lanes, total[v]);
    }
}

void KERNEL(sum_rows)(int64_t m, int64_t n, const T *x, int64_t row, T *out, bool accumulate)
{
    int64_t j = 0;
    for (; j + ROW_VECTORS * LANES <= n; j += ROW_VECTORS * LANES)
        NAME(sum_columns)(ROW_VECTORS, m, ROW_VECTORS * LANES, x + j, row, out + j, accumulate);
    for (; j < n; j += LANES)
        NAME(sum_columns)(1, m, n - j < LANES ? n - j : LANES, x + j, row, out + j, accumulate);
}
#undef CHUNK
