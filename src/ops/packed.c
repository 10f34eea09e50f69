/* SPDX-License-Identifier: MIT */
#include "ops/packed.h"

#include "base/error.h"
#include "base/parallel.h"
#include "base/pool.h"

fac_tensor *fac_packed_view(const fac_tensor *tensor, const fac_meta *view, fac_dtype dtype)
{
    fac_meta meta = *view;
    meta.dtype = tensor->m.dtype;
    meta.offset = tensor->m.offset;
    fac_meta_view_done(&meta);
    fac_tensor *seen = fac_tensor_view(tensor->storage, &meta);
    if (!seen)
        return NULL;
    meta.dtype = (uint8_t)dtype;
    fac_meta_pack(&meta);
    fac_tensor *copy = fac_tensor_new(&meta);
    if (copy && fac_copy_cast(copy, seen)) {
        fac_tensor_drop(copy);
        copy = NULL;
    }
    fac_tensor_drop(seen);
    return copy;
}

fac_tensor *fac_packed(fac_tensor *tensor, const fac_meta *shape, fac_dtype dtype)
{
    const fac_meta *own = &tensor->m;
    if (!shape)
        shape = own;
    if (own->contiguous && own->dtype == dtype && own->numel == shape->numel) {
        fac_ref(tensor);
        return tensor;
    }
    fac_meta view = {.ndim = shape->ndim};
    for (int d = 0; d < shape->ndim; d++) {
        int from = d - (shape->ndim - own->ndim);
        view.shape[d] = shape->shape[d];
        view.stride[d] = from >= 0 && own->shape[from] != 1 ? own->stride[from] : 0;
    }
    return fac_packed_view(tensor, &view, dtype);
}

fac_status fac_can_multiply(int dtype, const char *who)
{
    if (dtype != FAC_BOOL)
        return FAC_OK;
    return fac_fail(FAC_ERR_TYPE, "%s: not implemented for bool", who);
}

/* A product cut into a grid of blocks, for several threads, each of which has a workspace. */
enum { MOST_BLOCKS = 512 }; /* for 256 threads */
typedef struct shared_product {
    const fac_gemm *whole;
    void (*multiply)(const fac_gemm *);
    int64_t element;
    int64_t row_blocks, column_blocks;
    int64_t rows, columns; /* of a block */
    int threads;
    bool taken[MOST_BLOCKS];
    char *workspace; /* NULL if there was no memory for it */
    size_t workspace_each;
} shared_product;

static const void *moved(const void *base, int64_t bytes)
{
    return base ? (const char *)base + bytes : NULL;
}

static int64_t at_most(int64_t x, int64_t most)
{
    return x < most ? x : most;
}

static void cut_block(const shared_product *s, int64_t i, int64_t j, fac_gemm *block)
{
    const fac_gemm *g = s->whole;
    *block = *g;
    block->m = at_most(s->rows, g->m - i);
    block->n = at_most(s->columns, g->n - j);
    block->first_row += i;
    block->first_column += j;
    block->a = moved(g->a, i * g->a_row * s->element);
    block->b = moved(g->b, j * g->b_col * s->element);
    block->bias = moved(g->bias, j * s->element);
    block->c = (char *)g->c + (i * g->c_row + j) * s->element;
}

/* A piece is a thread's share: its own blocks, then whatever is left. */
static void multiply_blocks(void *ctx, int64_t piece)
{
    shared_product *s = ctx;
    fac_gemm block;
    const int64_t blocks = s->row_blocks * s->column_blocks, first = piece * blocks / s->threads;
    for (int64_t n = 0, at = first; n < blocks; n++, at = at + 1 < blocks ? at + 1 : 0) {
        if (__atomic_exchange_n(&s->taken[at], true, __ATOMIC_RELAXED))
            continue;
        cut_block(s, at / s->column_blocks * s->rows, at % s->column_blocks * s->columns, &block);
        block.workspace = s->workspace ? s->workspace + (size_t)piece * s->workspace_each : NULL;
        s->multiply(&block);
    }
}

/* Halves the longer side until there are blocks enough: one a thread, or some more of a long product, for a thread may
 * be late, and where they could not be dealt out evenly. First of all the rows, if A has to be packed and B not. */
static void cut_grid(shared_product *s)
{
    enum { LEAST = 32, LONG = 1 << 27 };
    const fac_gemm *g = s->whole;
    const int threads = s->threads;
    const bool even = (threads & (threads - 1)) == 0, is_long = g->m * g->n * g->k / threads > LONG;
    int64_t rows = g->m, columns = g->n, blocks = 1;
    for (; blocks < threads * (even && !is_long ? 1 : 2); blocks *= 2) {
        const bool by_rows = rows > columns || (blocks == 1 && g->b_col == 1 && (g->a_col != 1 || g->k < 32));
        if (rows >= 2 * LEAST && (by_rows || columns < 2 * LEAST))
            rows = (rows + 1) / 2;
        else if (columns >= 2 * LEAST)
            columns = (columns / 2 + 15) / 16 * 16;
        else
            break;
    }
    s->rows = rows, s->columns = columns;
    s->row_blocks = (g->m + rows - 1) / rows;
    s->column_blocks = (g->n + columns - 1) / columns;
}

/* What any block needs: those at the ends are smaller, and may need more. */
static size_t most_workspace(const shared_product *s, size_t (*workspace)(int64_t, int64_t, int64_t))
{
    const fac_gemm *g = s->whole;
    const int64_t rows[] = {s->rows, g->m - (s->row_blocks - 1) * s->rows};
    const int64_t columns[] = {s->columns, g->n - (s->column_blocks - 1) * s->columns};
    size_t most = 0;
    for (int i = 0; i < 4; i++) {
        const size_t size = workspace(rows[i / 2], columns[i % 2], g->k);
        most = size > most ? size : most;
    }
    return fac_aligned(most);
}

static __attribute__((noinline)) void multiply_shared(const fac_gemm *gemm, int threads,
                                                      void (*multiply)(const fac_gemm *),
                                                      size_t (*workspace)(int64_t, int64_t, int64_t), size_t element)
{
    shared_product s = {.whole = gemm, .multiply = multiply, .element = (int64_t)element, .threads = threads};
    cut_grid(&s);
    s.threads = threads = (int)at_most(threads, s.row_blocks * s.column_blocks);
    s.workspace_each = most_workspace(&s, workspace);
    size_t size = s.workspace_each * (size_t)threads;
    s.workspace = size ? fac_workspace_new(&size) : NULL;
    fac_parallel(threads, multiply_blocks, &s);
    if (s.workspace)
        fac_workspace_free(s.workspace, size);
}

static void multiply_alone(fac_gemm *gemm, void (*multiply)(const fac_gemm *), size_t size)
{
    gemm->workspace = size ? fac_workspace_new(&size) : NULL;
    multiply(gemm);
    if (gemm->workspace)
        fac_workspace_free(gemm->workspace, size);
}

static void multiply_real(fac_gemm *gemm, void (*multiply)(const fac_gemm *),
                          size_t (*workspace)(int64_t, int64_t, int64_t), size_t element)
{
    const int threads = fac_parallel_width(gemm->m * gemm->n * gemm->k);
    if (__builtin_expect(threads > 1, 0))
        multiply_shared(gemm, threads, multiply, workspace, element);
    else
        multiply_alone(gemm, multiply, workspace(gemm->m, gemm->n, gemm->k));
}

fac_status fac_multiply(int dtype, fac_gemm *gemm)
{
    gemm->workspace = NULL;
    if (dtype == FAC_FLOAT32)
        multiply_real(gemm, fac_k->gemm_f32, fac_k->gemm_workspace_f32, sizeof(float));
    else if (dtype == FAC_FLOAT64)
        multiply_real(gemm, fac_k->gemm_f64, fac_k->gemm_workspace_f64, sizeof(double));
    else
        (dtype == FAC_INT64 ? fac_k->gemm_i64 : dtype == FAC_INT32 ? fac_k->gemm_i32 : fac_k->gemm_u8)(gemm);
    return FAC_OK;
}

/* One step between rows for all dims but the last, if there is one: those of size 1 do not count. */
static bool rows_are_even(const fac_meta *m, int64_t *row)
{
    int64_t expected = -1;
    *row = 0;
    for (int d = m->ndim - 2; d >= 0; d--) {
        if (m->shape[d] == 1)
            continue;
        if (expected < 0)
            *row = m->stride[d];
        else if (m->stride[d] != expected)
            return false;
        expected = m->stride[d] * m->shape[d];
    }
    return true;
}

fac_status fac_matrix_open(fac_matrix *matrix, fac_tensor *tensor)
{
    const fac_meta *m = &tensor->m;
    matrix->copy = NULL;
    matrix->cols = m->shape[m->ndim - 1];
    matrix->rows = 1;
    for (int d = 0; d < m->ndim - 1; d++)
        matrix->rows *= m->shape[d];
    if (!rows_are_even(m, &matrix->row)) {
        tensor = matrix->copy = fac_packed(tensor, NULL, (fac_dtype)m->dtype);
        if (!tensor)
            return fac_pending();
        matrix->row = matrix->cols;
    }
    matrix->col = tensor->m.stride[m->ndim - 1];
    matrix->data = tensor->data;
    return FAC_OK;
}
