/* SPDX-License-Identifier: MIT */
/* Segments: small dense networks, forward, loss and backward in one step. Values of a batch of n samples lie
 * feature-major, a row of samples for each feature, and a large batch goes through all of the segment in tiles that
 * stay in the cache. One sample alone is a plain vector. */
#ifndef FAC_PLAN_PLAN_DENSE_H
#define FAC_PLAN_PLAN_DENSE_H

#include "plan/plan.h"
#include "tensor/iterate.h"
#include "tensor/kernels.h"

enum { FAC_SEGMENT_LOSSES = 4, FAC_SEGMENT_CHUNKS = 8 };

/* Where a feature-major value lies in a frame. */
typedef struct fac_dbuffer {
    int64_t rows;
    size_t at;
} fac_dbuffer;

struct fac_dsegment;
typedef struct fac_dtile {
    struct fac_program *program;
    size_t shift;     /* bytes from the first frame to the one this tile works in */
    int64_t first, n; /* samples */
    int64_t ldb;      /* of its rows: the last tile's lie closer */
    char *grads;      /* the chunk's own gradients of weights, NULL if there is one chunk */
    bool again;       /* not the first tile of its chunk: sums are added to */
    double *sums;     /* of the losses */
} fac_dtile;

/* A kernel call with all addresses, for one tile. */
typedef struct fac_dready {
    void (*run)(const struct fac_dready *ready);
    const struct fac_dcall *call;
    bool f32;
    union {
        struct {
            void (*kernel)(const fac_dense *);
            fac_dense dense;
        } layer;
        struct fac_dpacked {
            int64_t in, out;
            const void *weights, *x;
            void *y;
            bool relu;
        } packed;
        struct fac_dweight {
            int64_t n, ldb, in, out;
            const void *g;
            void *x, *gw, *gb;
            bool again;
        } weight;
        fac_outer outer;
        struct fac_deach {
            fac_inner_fn *fn;
            int64_t n, strides[3];
            char *p[3];
            const void *args;
        } each;
        struct fac_dcopy {
            int64_t n, features, row, col, ldb;
            const void *from;
            void *to;
        } copy;
        struct fac_dmse {
            int64_t rows, n, row; /* bytes from row to row */
            const char *x, *target;
            char *g;
            double scale, *sum;
        } mse;
    } of;
} fac_dready;

struct fac_dcall;
typedef void fac_dprepare_fn(const struct fac_dsegment *s, const struct fac_dcall *c, const fac_dtile *t,
                             fac_dready *ready);

/* A call of the segment. Which fields mean what is the function's: x, y, mask, g are buffers, w, bias, gw, gb, outside
 * values. */
typedef struct fac_dcall {
    fac_dprepare_fn *prepare;
    const char *what, *then; /* an operation that is part of a product, or NULL */
    uint32_t x, y, mask, other;
    uint32_t w, bias, gw, gb;
    int64_t in, out;
    bool relu;
    int slope;        /* FAC_SLOPE_ */
    fac_inner_fn *fn; /* the elementwise operation, of a product the one that goes over its rows */
    const void *args;
    double scale;
    size_t grads_at;                  /* where among a chunk's own gradients */
    uint32_t w_grad, b_grad;          /* which of the gradients that the optimiser's step reads are gw and gb */
    uint32_t packed;                  /* buffer value of a packed copy of the weights, or FAC_NONE_ID */
    uint32_t w_version, bias_version; /* that the copy was made of */
    bool is_packed;
} fac_dcall;

typedef struct fac_dsegment {
    int64_t n, ldb, tile, chunk; /* samples in all, of a row, in a tile, in a chunk */
    int64_t chunks;
    int dtype;
    size_t size;                                   /* of an element */
    size_t frame;                                  /* bytes of the buffers that a tile works in */
    size_t grads;                                  /* bytes of a chunk's own gradients */
    uint32_t frames;                               /* the buffer value: `chunks` frames, then their gradients */
    uint32_t n_losses, losses[FAC_SEGMENT_LOSSES]; /* values */
    double loss_scale[FAC_SEGMENT_LOSSES];
    uint32_t n_buffers, n_calls;
    bool packs; /* some call has packed weights */
    fac_dbuffer *buffers;
    fac_dcall *calls;
    /* Where one tile is all: the calls, ready since the program's tensors were renewed the last time. */
    fac_dready *ready;
    uint32_t ready_since, bound_since;
    bool is_ready;
    const fac_pstep *act; /* the optimiser's step, if the gradients' calls may take it along; they come last */
    uint32_t outers;      /* the first of these */
    uint64_t rates_since; /* of the rates that they have; 0: none, they leave the step to the optimiser */
    double sums[FAC_SEGMENT_LOSSES];
} fac_dsegment;

/* plan_dense_run.c */
fac_status fac_segment_run(fac_program *program, const fac_pstep *step);
void fac_segment_set_up(fac_program *program, fac_pstep *step);
/* plan_dense_calls.c: what calls there are. */
fac_dprepare_fn fac_dense_pack_call, fac_dense_unpack_call, fac_dense_packed_call, fac_dense_forward_call,
    fac_dense_input_call, fac_dense_weight_call, fac_dense_elementwise_call, fac_dense_mse_call;

void fac_dense_refresh_packed(const fac_program *program, const fac_dsegment *s);
/* Where the tile's chunk adds up gw and *gb, which lies behind gw if they are its own. */
void *fac_dense_weight_sum(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t, void **gb);

static inline void *fac_dense_outside(const fac_dtile *t, uint32_t value)
{
    return value == FAC_NONE_ID ? NULL : t->program->values[value].data;
}

#endif
