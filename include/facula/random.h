/* SPDX-License-Identifier: MIT */
/* Random numbers: generators, seeds, states. The same seed gives PyTorch's numbers, bit for bit (PyTorch 2.13 on x86-64
 * with AVX2, whatever the processor here).
 *
 * "The default generator" below is the process's, shared by all threads and locked per call; or the calling thread's
 * own, if that has set one with fac_use_generator; fac_none stands for it wherever a generator is taken. Generators
 * made by fac_Generator are not locked: use each from one thread at a time. */
#ifndef FACULA_RANDOM_H
#define FACULA_RANDOM_H

#include "facula/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* torch.Generator: an MT19937 engine and the second value of the last pair of normals. A counted handle. */
typedef struct fac_generator fac_generator;

/* The size of a state in bytes: those of torch.get_rng_state(), in the same layout. */
enum { FAC_RNG_STATE_SIZE = 5056 };

/* A new generator with PyTorch's seed for one never seeded, 67280421310721.
 * PyTorch: torch.Generator(). Returns a generator that you own, or NULL (FAC_ERR_MEMORY). */
FAC_API fac_generator *fac_Generator(void);
/* Drops one reference; NULL and fac_none are accepted. */
FAC_API void fac_generator_free(fac_generator *generator);

/* Starts the generator anew from seed; a second normal value kept back is dropped.
 * PyTorch: Generator.manual_seed(seed), seeds from -2^63 to 2^64 - 1, negative ones meaning seed + 2^64: convert larger
 * ones to int64_t. Of the seed only the low 32 bits decide the numbers.
 * Returns the generator, no new reference; NULL with an error pending if it is no live generator. */
FAC_API fac_generator *fac_generator_manual_seed(fac_generator *generator, int64_t seed);
/* Seeds the generator from the system's entropy and returns that seed, below 2^53.
 * PyTorch: Generator.seed(). UINT64_MAX with an error pending if it is no live generator. */
FAC_API uint64_t fac_generator_seed(fac_generator *generator);
/* The seed last set. PyTorch: Generator.initial_seed(). UINT64_MAX with an error pending if it is no live generator. */
FAC_API uint64_t fac_generator_initial_seed(fac_generator *generator);

/* The whole state to and from FAC_RNG_STATE_SIZE bytes, which PyTorch reads and writes alike.
 * PyTorch: Generator.get_state(), Generator.set_state(state). Errors: FAC_ERR_VALUE if the generator or state is NULL,
 * FAC_ERR_TYPE if it is no live generator, FAC_ERR_RUNTIME if the bytes are no state: the generator is then unchanged.
 */
FAC_API fac_status fac_generator_get_state(fac_generator *generator, void *state) FAC_WARN_UNUSED;
FAC_API fac_status fac_generator_set_state(fac_generator *generator, const void *state) FAC_WARN_UNUSED;

/* The default generator of the calling thread, lent. PyTorch: torch.default_generator. Never NULL. */
FAC_API fac_generator *fac_default_generator(void);
/* Makes generator this thread's own default (one more reference is held until it is replaced or the thread ends);
 * fac_none: the process's again. Errors: FAC_ERR_VALUE, FAC_ERR_TYPE if it is no live generator. */
FAC_API fac_status fac_use_generator(fac_generator *generator) FAC_WARN_UNUSED;

/* torch.manual_seed, torch.seed, torch.initial_seed, torch.get_rng_state, torch.set_rng_state: as the functions above,
 * of the default generator. The process's, never seeded, starts from the system's entropy. fac_manual_seed returns the
 * generator, lent. */
FAC_API fac_generator *fac_manual_seed(int64_t seed);
FAC_API uint64_t fac_seed(void);
FAC_API uint64_t fac_initial_seed(void);
FAC_API fac_status fac_get_rng_state(void *state) FAC_WARN_UNUSED;
FAC_API fac_status fac_set_rng_state(const void *state) FAC_WARN_UNUSED;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif
