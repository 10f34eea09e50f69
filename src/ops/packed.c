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

/* A product cut along the rows or the columns of C, for several threads, each of which has a workspace. */
typedef struct shared_product {
    const fac_gemm *whole;
    void (*multiply)(const fac_gemm *);
    size_t element;
    bool by_rows;
    int64_t extent, step, next; /* of C, of a block; where the next one begins */
    char *workspace;            /* NULL if there was no memory for it */
    size_t workspace_each;
} shared_product;

static const void *moved(const void *base, int64_t elements, size_t element)
{
    return base ? (const char *)base + elements * (int64_t)element : NULL;
}

static void cut_block(const shared_product *s, int64_t from, fac_gemm *block)
{
    const int64_t size = s->extent - from < s->step ? s->extent - from : s->step;
    *block = *s->whole;
    if (s->by_rows) {
        block->m = size;
        block->first_row += from;
        block->a = moved(block->a, from * block->a_row, s->element);
        block->c = (char *)block->c + from * block->c_row * (int64_t)s->element;
    } else {
        block->n = size;
        block->first_column += from;
        block->b = moved(block->b, from * block->b_col, s->element);
        block->c = (char *)block->c + from * (int64_t)s->element;
        block->bias = moved(block->bias, from, s->element);
    }
}

/* A piece is a thread's share: blocks until none is left. */
static void multiply_blocks(void *ctx, int64_t piece)
{
    shared_product *s = ctx;
    fac_gemm block;
    for (int64_t from; (from = __atomic_fetch_add(&s->next, s->step, __ATOMIC_RELAXED)) < s->extent;) {
        cut_block(s, from, &block);
        block.workspace = s->workspace ? s->workspace + (size_t)piece * s->workspace_each : NULL;
        s->multiply(&block);
    }
}

/* Cut along the longer side: each block packs all of the other operand anew. Some blocks a thread, for one may be
 * late. */
static void share(shared_product *s, int threads)
{
    const fac_gemm *g = s->whole;
    s->by_rows = g->m > g->n;
    s->extent = s->by_rows ? g->m : g->n;
    int64_t step = s->extent / (2 * threads);
    s->step = (step < 128 ? 128 : step + 63) / 64 * 64;
}

static void multiply_shared(shared_product *s, int threads, size_t (*workspace)(int64_t, int64_t, int64_t))
{
    const fac_gemm *g = s->whole;
    share(s, threads);
    const int64_t m = s->by_rows ? s->step : g->m, n = s->by_rows ? g->n : s->step;
    s->workspace_each = (workspace(m, n, g->k) + FAC_ALIGN - 1) / FAC_ALIGN * FAC_ALIGN;
    size_t size = s->workspace_each * (size_t)threads;
    s->workspace = size ? fac_workspace_new(&size) : NULL;
    fac_parallel(threads, multiply_blocks, s);
    if (s->workspace)
        fac_workspace_free(s->workspace, size);
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
    const size_t size = workspace(gemm->m, gemm->n, gemm->k);
    const int threads = size ? fac_parallel_width(gemm->m * gemm->n * gemm->k) : 1;
    shared_product shared = {.whole = gemm, .multiply = multiply, .element = element};
    if (__builtin_expect(threads > 1, 0))
        multiply_shared(&shared, threads, workspace);
    else
        multiply_alone(gemm, multiply, size);
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
