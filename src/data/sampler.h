/* SPDX-License-Identifier: MIT */
/* Samplers from inside. A sampler is never changed by an iteration: what that needs is in the iterator, so one sampler
 * may serve several loaders at once. */
#ifndef FAC_DATA_SAMPLER_H
#define FAC_DATA_SAMPLER_H

#include "base/error.h"
#include "base/handle.h"
#include "facula/data.h"
#include "random/random.h"

/* The orders of epochs to come, made side by side; see epoch_order.c. */
typedef struct fac_epochs_ahead {
    uint32_t *choices;
    size_t capacity;
    uint32_t seeds[FAC_RANDOM_LANES];
    int next, count;     /* seeds [next, count) and their choices are of epochs to come */
    uint32_t at, stride; /* where the last seed lay in the generator's block, how far behind the one before */
} fac_epochs_ahead;

/* iter(sampler): indices are given in pieces, each made, as in PyTorch, when the first of it is asked for. */
typedef struct fac_sampler_iter {
    int64_t *order; /* the piece at hand: order[at .. count) are still to be given */
    size_t capacity;
    int64_t count, at;
    int64_t stage; /* pieces made, or indices given: the sampler's own count, 0 at the start */
    int64_t bound; /* what the sampler knows all indices to be below; INT64_MAX: nothing */
    bool done;
    fac_generator *own; /* made when first wanted, seeded anew each epoch */
    fac_epochs_ahead ahead;
} fac_sampler_iter;

/* Makes the next piece, with room taken by fac_sampler_room, or sets done. */
typedef fac_status fac_sampler_piece(fac_sampler *sampler, fac_sampler_iter *iter);

struct fac_sampler_parts {
    fac_sampler_class cls;
    fac_sampler_piece *piece;
};

extern const fac_handle_type fac_sampler_type;

/* fac_Sampler for the samplers of the library, which have no order. */
void *fac_sampler_new(const fac_sampler_class *cls, fac_sampler_piece *piece);
/* FAC_OK for fac_none and live generators. */
fac_status fac_generator_check(fac_generator *generator, const char *who);

/* A whole epoch of RandomSampler without replacement or a generator of its own: n indices, into iter->order. */
fac_status fac_epoch_order(fac_sampler_iter *iter, int64_t n);
/* The epoch's own generator, with a seed from the default one. */
fac_status fac_epoch_generator(fac_sampler_iter *iter);

fac_status fac_sampler_room(fac_sampler_iter *iter, int64_t n);
void fac_sampler_begin(fac_sampler_iter *iter);
void fac_sampler_end(fac_sampler_iter *iter);
/* The length, or -1 with the error set. */
int64_t fac_sampler_length(fac_sampler *sampler);

#endif
