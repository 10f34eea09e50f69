/* SPDX-License-Identifier: MIT */
/* The kernels: loops over plain pointers, compiled once an instruction set, behind one table chosen at start. They
 * check nothing, allocate nothing and know nothing of tensors. Strides count elements unless the name says bytes.
 * Pointers need the alignment of their element only; nothing outside the arrays is read or written.
 *
 * Every sum is taken in an order that depends on its length alone: not on strides, alignment, threads, or how a caller
 * cuts rows and columns into pieces. Bits may differ between instruction sets. */
#ifndef FAC_TENSOR_KERNELS_H
#define FAC_TENSOR_KERNELS_H

#include "facula/tensor.h"

/* C[i][j] = [C[i][j] +] [bias[j] +] sum over p of A[i][p] B[p][j]; A[i][p] is a[i*a_row + p*a_col], B[p][j] is
 * b[p*b_row + j*b_col], C[i][j] is c[i*c_row + j]. C must not overlap the others. The sum: fused multiply-adds in the
 * order of p from 0 in blocks of 256 (FAC_GEMM_BLOCK); the first block's sum, plus the bias, is added to C, then the
 * others' in order. Each element's bits depend on its row of A, its column of B, bias and C only. */
typedef struct fac_gemm {
    int64_t m, n, k;
    const void *a;
    int64_t a_row, a_col;
    const void *b;
    int64_t b_row, b_col;
    void *c;
    int64_t c_row;
    const void *bias; /* n values, or NULL */
    bool accumulate;
    void *workspace; /* gemm_workspace bytes, aligned to 64, or NULL: slower for large sizes, the same bits */
    /* NULL, or called for blocks of C as they are finished, while they are in the cache: rows x columns from C[i][j]
     * on, at c. The blocks cover C once. Not by integers. */
    void (*epilogue)(void *ctx, int64_t i, int64_t j, int64_t rows, int64_t columns, void *c, int64_t c_row);
    void *epilogue_ctx;
    int64_t first_row, first_column;
} fac_gemm;
enum { FAC_GEMM_BLOCK = 256 };

/* One step of Adam or AdamW with PyTorch's formula and roundings (torch/optim/adam.py, _single_tensor_adam). The caller
 * computes these in double, as PyTorch does, from step number t:
 *     step_size = lr / (1 - beta1^t), denom_scale = sqrt(1 - beta2^t), decay = 1 - lr*weight_decay (AdamW) */
typedef struct fac_adam_step {
    double beta1, beta2, eps;
    double step_size, denom_scale;
    double weight_decay; /* Adam's: added to the gradient; 0 for none */
    double decay;        /* AdamW's: factor of the parameter; 1 for none */
    bool maximize;
} fac_adam_step;

/* One step of SGD (torch/optim/sgd.py, _single_tensor_sgd). */
typedef struct fac_sgd_step {
    double lr, momentum, dampening, weight_decay;
    bool nesterov, maximize;
    bool first; /* the buffer is new: it becomes the gradient */
} fac_sgd_step;

/* Strides in bytes. float -> int as PyTorch on x86-64: toward zero; NaN and what is out of range give the least value
 * of int32 or int64; uint8 is the low byte of the int64. int -> int wraps. To bool: x != 0. */
typedef void fac_cast_fn(int64_t n, void *out, int64_t out_stride, const void *in, int64_t in_stride);
typedef struct fac_casts {
    fac_cast_fn *to[FAC_DTYPES][FAC_DTYPES]; /* [from][to]; NULL for FAC_DEFAULT_DTYPE */
} fac_casts;

/* One row a kernel: result, name, arguments. The struct, the prototypes and the tables are made from it.
 *
 * gemm_*           see fac_gemm. Integers wrap; no workspace, any order.
 * gemm_workspace_* bytes that make a gemm of this size fast, 0 if it needs none
 * adam_*           n elements of parameter p, gradient g, moments m and v; max_v (AMSGrad) or NULL. Unlike PyTorch a
 *                  moment below the smallest normal number in magnitude is stored as 0
 * sgd_*            buffer: the momentum, NULL if there is none (then momentum is 0). Tiny values of it become 0 as well
 * sum_*, dot_*     of n elements. sum of int32 and uint8 (and bool) in int64
 * sum_rows_*       out[j] = [out[j] +] sum over i of x[i*row + j], i < m, j < n
 * max_*, min_*     n >= 1; the value, and in *index (unless NULL) where it first occurs. A NaN is greatest and least
 * max_rows_*       out[j], index[j] (index may be NULL) over x[i*row + j], i < m, 1 <= m */
#define FAC_KERNELS_REAL(K, T, t)                                                                      \
    K(void, gemm_##t, (const fac_gemm *gemm))                                                          \
    K(size_t, gemm_workspace_##t, (int64_t m, int64_t n, int64_t k))                                   \
    K(void, adam_##t, (int64_t n, T * p, const T *g, T *m, T *v, T *max_v, const fac_adam_step *step)) \
    K(void, sgd_##t, (int64_t n, T * p, const T *g, T *buffer, const fac_sgd_step *step))              \
    K(T, sum_##t, (int64_t n, const T *x, int64_t stride))                                             \
    K(T, dot_##t, (int64_t n, const T *x, int64_t x_stride, const T *y, int64_t y_stride))             \
    K(void, sum_rows_##t, (int64_t m, int64_t n, const T *x, int64_t row, T *out, bool accumulate))

#define FAC_KERNELS_INTEGER(K, T, t)                             \
    K(void, gemm_##t, (const fac_gemm *gemm))                    \
    K(int64_t, sum_##t, (int64_t n, const T *x, int64_t stride)) \
    K(void, sum_rows_##t, (int64_t m, int64_t n, const T *x, int64_t row, int64_t *out, bool accumulate))

#define FAC_KERNELS_ORDERED(K, T, t)                                                               \
    K(T, max_##t, (int64_t n, const T *x, int64_t stride, int64_t *index))                         \
    K(T, min_##t, (int64_t n, const T *x, int64_t stride, int64_t *index))                         \
    K(void, max_rows_##t, (int64_t m, int64_t n, const T *x, int64_t row, T *out, int64_t *index)) \
    K(void, min_rows_##t, (int64_t m, int64_t n, const T *x, int64_t row, T *out, int64_t *index))

#define FAC_KERNELS(K)                   \
    FAC_KERNELS_REAL(K, float, f32)      \
    FAC_KERNELS_REAL(K, double, f64)     \
    FAC_KERNELS_INTEGER(K, int64_t, i64) \
    FAC_KERNELS_INTEGER(K, int32_t, i32) \
    FAC_KERNELS_INTEGER(K, uint8_t, u8)  \
    FAC_KERNELS_ORDERED(K, float, f32)   \
    FAC_KERNELS_ORDERED(K, double, f64)  \
    FAC_KERNELS_ORDERED(K, int64_t, i64) \
    FAC_KERNELS_ORDERED(K, int32_t, i32) \
    FAC_KERNELS_ORDERED(K, uint8_t, u8)

typedef struct fac_kernels {
    const char *isa; /* "base", "v3", "v4" */
#define FAC_KERNEL_FIELD(result, name, arguments) result(*name) arguments;
    FAC_KERNELS(FAC_KERNEL_FIELD)
#undef FAC_KERNEL_FIELD
    const fac_casts *casts; /* fac_k->casts->to[from][to](...) */
} fac_kernels;

/* The table in use: the baseline's until fac_kernels_init has run. */
extern const fac_kernels *fac_k;

/* Picks the best table this CPU can run; the environment's FACULA_ISA=base or v3 lowers it. Any thread, any number of
 * times; the first call decides. */
void fac_kernels_init(void);

/* The table of one ISA, or NULL if there is none of that name or the CPU can't run it. */
const fac_kernels *fac_kernels_for(const char *isa);

#endif
