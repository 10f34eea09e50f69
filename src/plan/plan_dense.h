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

/* One kernel call. Which fields mean what is the function's: x, y, mask, g are buffers, w, bias, gw, gb, outside
 * values. */
typedef struct fac_dcall {
    void (*run)(const struct fac_dsegment *segment, const struct fac_dcall *call, const fac_dtile *tile);
    const char *what, *then; /* an operation that is part of a product, or NULL */
    uint32_t x, y, mask, other;
    uint32_t w, bias, gw, gb;
    int64_t in, out;
    bool relu;
    int slope;        /* FAC_SLOPE_ */
    fac_inner_fn *fn; /* the elementwise operation, of a product the one that goes over its rows */
    const void *args;
    double scale;
    size_t grads_at; /* where among a chunk's own gradients */
    /* Set up with the program: addresses in the first frame, the kernel's record. */
    char *at_x, *at_y, *at_other;
    fac_dense layer;
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
    void (*forward)(const fac_dense *);
    void (*input_grad)(const fac_dense *);
} fac_dsegment;

/* plan_dense_run.c */
fac_status fac_segment_run(fac_program *program, const fac_pstep *step);
void fac_segment_set_up(fac_program *program, fac_pstep *step);
void fac_dense_pack_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t);
void fac_dense_unpack_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t);
void fac_dense_packed_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t);
void fac_dense_forward_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t);
void fac_dense_input_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t);
void fac_dense_weight_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t);
void fac_dense_elementwise_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t);
void fac_dense_mse_call(const fac_dsegment *s, const fac_dcall *c, const fac_dtile *t);

#endif
