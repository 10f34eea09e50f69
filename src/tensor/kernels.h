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
 * order of p from 0 in blocks of 512 (FAC_GEMM_BLOCK); the first block's sum, plus the bias, is added to C, then the
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
enum { FAC_GEMM_BLOCK = 512 };

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

/* A linear layer and a batch of n samples. A value of F features is F rows of ldb elements, a row for each feature;
 * rows are aligned to 64 bytes, ldb is a multiple of FAC_DENSE_PAD and at least n. What rows hold behind column n - 1
 * may be read and written, and never reaches a result. Weight W[o][k] is w[o*w_row + k*w_col], bias[o] is contiguous,
 * both aligned to their element only and not padded. Features are FAC_GEMM_BLOCK or fewer. The vec kernels take the
 * same record, with plain x and y: n and ldb are not looked at. */
typedef struct fac_dense {
    int64_t n, ldb, in, out;
    const void *w;
    int64_t w_row, w_col;
    const void *bias; /* forward: out values, or NULL */
    const void *x;    /* forward: in rows; input_grad: out rows, the gradient of the layer's result */
    void *y;          /* forward: out rows; input_grad: in rows. Overlaps nothing else */
    const void *mask; /* input_grad: rows as y has, or NULL: the results of ... */
    int slope;        /* ... this activation, by whose derivative y is multiplied. Of doubles in batches: ReLU's only */
    bool relu;        /* forward: negative results become 0, NaN stays */
    /* NULL, or called for rows of y as they are finished, while they are in the nearest cache: p[0] and p[1] are n
     * numbers of y, p[2] those of `mask`, which then masks nothing, or of y if that is NULL. Not by the vec kernels. */
    void (*each)(int64_t n, char *const *p, const int64_t *strides, const void *ctx);
    const void *each_ctx;
} fac_dense;
enum { FAC_DENSE_PAD = 16, FAC_DENSE_ROWS = 4 };
static inline int64_t fac_dense_padded(int64_t n)
{
    return (n + FAC_DENSE_PAD - 1) / FAC_DENSE_PAD * FAC_DENSE_PAD;
}
/* Where mask <= 0, y becomes 0; y *= 1 - mask^2; y *= (1 - mask) mask: in these roundings. */
enum { FAC_SLOPE_RELU, FAC_SLOPE_TANH, FAC_SLOPE_SIGMOID };

/* The gradient of a layer's parameters from one sample, and SGD's plain step of these in the same pass. */
typedef struct fac_outer {
    int64_t out, in;
    const void *g, *x;     /* the gradient of the layer's result, its input */
    void *gw, *gb;         /* (out, in), (out), contiguous; either may be NULL */
    void *w, *b;           /* what these are the gradients of */
    double w_rate, b_rate; /* learning rates */
    bool descends;         /* without it w, b and the rates are not looked at */
} fac_outer;
enum { FAC_SUM_LANES = 16, FAC_SUM_PART = 16384 };

/* A parameter of an optimiser step over many: n elements each; max_v and buffer as for adam and sgd. */
typedef struct fac_adam_segment {
    int64_t n;
    void *p;
    const void *g;
    void *m, *v, *max_v;
} fac_adam_segment;
typedef struct fac_sgd_segment {
    int64_t n;
    void *p;
    const void *g;
    void *buffer;
} fac_sgd_segment;

/* One row a kernel: result, name, arguments. The struct, the prototypes and the tables are made from it.
 *
 * gemm_*           see fac_gemm. Integers wrap; no workspace, any order.
 * gemm_workspace_* bytes that make a gemm of this size fast, 0 if it needs none
 * adam_*           n elements of parameter p, gradient g, moments m and v; max_v (AMSGrad) or NULL. Unlike PyTorch a
 *                  moment below the smallest normal number in magnitude is stored as 0
 * sgd_*            buffer: the momentum, NULL if there is none (then momentum is 0). Tiny values of it become 0 as well
 * sum_*, dot_*     of n elements. sum of int32 and uint8 (and bool) in int64
 * exp_minus_*      y = exp(x - c); y may be x
 * share_*          y = x / c for 0 <= x and 1 <= c < infinity; y may be x. Of subnormal numbers to their last bit
 * sum_part_*       the same, before the lanes of its last vector are added: FAC_SUM_LANES numbers
 * sum_of_parts_*   sum_* of what sum_part_* gave for equal parts of 2^k FAC_SUM_PART elements, the last perhaps shorter
 * sum_rows_*       out[j] = [out[j] +] sum over i of x[i*row + j], i < m, j < n
 * adam_list_*, sgd_list_*  adam_*, sgd_* of `count` segments; the same numbers
 * dense_forward_*  y[o] = W[o] x + bias[o], then relu (which may leave a -0); the sums as gemm_* takes them, bit for
 *                  bit
 * dense_input_grad_*  y[k] = sum over o of W[o][k] x[o], then the slope; the sums as gemm_* takes them, bit for bit
 * dense_weight_grad_* gw[o*gw_row + k] = [itself +] sum over b < n of g[o][b] x[k][b], gb[o] = [itself +] sum of
 *                  g[o][b]; gw, gb may be NULL. g and x are rows of ldb as above, gw and gb plain. x has room for one
 *                  row more, rounded up to FAC_DENSE_ROWS, for what the kernel needs besides. In an order that depends
 *                  on n, in and out
 * dense_pack_*     dst[k*ldb + b] = src[b*src_row + k*src_col] for k < f, b < n; 0 for n <= b < ldb
 * dense_unpack_*   the other way
 * vec_forward_*, vec_input_grad_*  the same for one sample; sums in an order that depends on in, out and which stride
 *                  is 1. Fast if one is. y and mask have room for a multiple of FAC_DENSE_PAD elements, all of which
 *                  may be read and written
 * vec_outer_*      gw[o][k] = g[o] x[k], gb[o] = g[o]; then w -= w_rate gw, b -= b_rate gb, rounded as sgd_* does
 * vec_pack_*       packed[k*ldo + o] = W[o][k], the bias (or 0) as row `in`; ldo is `out` rounded up to FAC_DENSE_PAD,
 *                  what is behind column out is 0
 * vec_forward_packed_*  vec_forward with that copy: y has room for ldo elements, all of which are written
 * mse_*            the sum of (x - t)^2; g[i] = (x[i] - t[i]) scale, unless g is NULL. g has room for a multiple of
 *                  FAC_DENSE_PAD elements, all of which may be written
 * max_*, min_*     n >= 1; the value, and in *index (unless NULL) where it first occurs. A NaN is greatest and least
 * max_rows_*       out[j], index[j] (index may be NULL) over x[i*row + j], i < m, 1 <= m */
#define FAC_KERNELS_REAL(K, T, t)                                                                      \
    K(void, gemm_##t, (const fac_gemm *gemm))                                                          \
    K(size_t, gemm_workspace_##t, (int64_t m, int64_t n, int64_t k))                                   \
    K(void, adam_##t, (int64_t n, T * p, const T *g, T *m, T *v, T *max_v, const fac_adam_step *step)) \
    K(void, sgd_##t, (int64_t n, T * p, const T *g, T *buffer, const fac_sgd_step *step))              \
    K(void, exp_minus_##t, (int64_t n, T * y, const T *x, T c))                                        \
    K(void, share_##t, (int64_t n, T * y, const T *x, T c))                                            \
    K(T, sum_##t, (int64_t n, const T *x, int64_t stride))                                             \
    K(void, sum_part_##t, (int64_t n, const T *x, int64_t stride, T *lanes))                           \
    K(T, sum_of_parts_##t, (int64_t parts, const T *lanes))                                            \
    K(T, dot_##t, (int64_t n, const T *x, int64_t x_stride, const T *y, int64_t y_stride))             \
    K(void, sum_rows_##t, (int64_t m, int64_t n, const T *x, int64_t row, T *out, bool accumulate))

#define FAC_KERNELS_DENSE(K, T, t)                                                                           \
    K(void, adam_list_##t, (int64_t count, const fac_adam_segment *segment, const fac_adam_step *step))      \
    K(void, sgd_list_##t, (int64_t count, const fac_sgd_segment *segment, const fac_sgd_step *step))         \
    K(void, dense_forward_##t, (const fac_dense *dense))                                                     \
    K(void, dense_input_grad_##t, (const fac_dense *dense))                                                  \
    K(void, dense_weight_grad_##t,                                                                           \
      (int64_t n, int64_t ldb, int64_t in, int64_t out, const T *g, T *x, T *gw, int64_t gw_row, T *gb,      \
       bool accumulate))                                                                                     \
    K(void, dense_pack_##t,                                                                                  \
      (int64_t n, int64_t f, const T *src, int64_t src_row, int64_t src_col, T *dst, int64_t ldb))           \
    K(void, dense_unpack_##t,                                                                                \
      (int64_t n, int64_t f, const T *src, int64_t ldb, T *dst, int64_t dst_row, int64_t dst_col))           \
    K(void, vec_forward_##t, (const fac_dense *dense))                                                       \
    K(void, vec_input_grad_##t, (const fac_dense *dense))                                                    \
    K(void, vec_outer_##t, (const fac_outer *outer))                                                         \
    K(void, vec_pack_##t,                                                                                    \
      (int64_t in, int64_t out, const T *w, int64_t w_row, int64_t w_col, const T *bias, T *packed))         \
    K(void, vec_forward_packed_##t, (int64_t in, int64_t out, const T *packed, const T *x, T *y, bool relu)) \
    K(T, mse_##t, (int64_t n, const T *x, const T *target, T scale, T *g))

#define FAC_KERNELS_INTEGER(K, T, t)                             \
    K(void, gemm_##t, (const fac_gemm *gemm))                    \
    K(int64_t, sum_##t, (int64_t n, const T *x, int64_t stride)) \
    K(void, sum_rows_##t, (int64_t m, int64_t n, const T *x, int64_t row, int64_t *out, bool accumulate))

#define FAC_KERNELS_ORDERED(K, T, t)                                                               \
    K(T, max_##t, (int64_t n, const T *x, int64_t stride, int64_t *index))                         \
    K(T, min_##t, (int64_t n, const T *x, int64_t stride, int64_t *index))                         \
    K(void, max_rows_##t, (int64_t m, int64_t n, const T *x, int64_t row, T *out, int64_t *index)) \
    K(void, min_rows_##t, (int64_t m, int64_t n, const T *x, int64_t row, T *out, int64_t *index))

/* Compiled for every instruction set; and for the baseline only, which all tables then have. */
#define FAC_KERNELS_EACH(K)            \
    FAC_KERNELS_REAL(K, float, f32)    \
    FAC_KERNELS_REAL(K, double, f64)   \
    FAC_KERNELS_DENSE(K, float, f32)   \
    FAC_KERNELS_DENSE(K, double, f64)  \
    FAC_KERNELS_ORDERED(K, float, f32) \
    FAC_KERNELS_ORDERED(K, double, f64)
#define FAC_KERNELS_ONCE(K)              \
    FAC_KERNELS_INTEGER(K, int64_t, i64) \
    FAC_KERNELS_INTEGER(K, int32_t, i32) \
    FAC_KERNELS_INTEGER(K, uint8_t, u8)  \
    FAC_KERNELS_ORDERED(K, int64_t, i64) \
    FAC_KERNELS_ORDERED(K, int32_t, i32) \
    FAC_KERNELS_ORDERED(K, uint8_t, u8)
#define FAC_KERNELS(K) FAC_KERNELS_EACH(K) FAC_KERNELS_ONCE(K)

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
