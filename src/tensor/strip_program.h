/* SPDX-License-Identifier: MIT */
/* Elementwise kernels one after the other over strips that stay in the cache: of a chain of operations only what is
 * wanted goes to memory. Long ones are shared by threads, with the same bits for any number. */
#ifndef FAC_TENSOR_STRIP_PROGRAM_H
#define FAC_TENSOR_STRIP_PROGRAM_H

#include "tensor/iterate.h"

enum { FAC_STRIP_BYTES = 4096, FAC_STRIP_SLOTS = 8 };
enum { FAC_STRIP_LONG = 32768 /* elements; below, there is nothing to share */ };

typedef struct fac_strip_operand {
    char *data;  /* NULL: a strip of it at a time, in its slot */
    bool single; /* one value for all elements */
    uint8_t slot;
} fac_strip_operand;

typedef struct fac_strip_step {
    fac_inner_fn *fn;
    const void *args;
    uint8_t at[3]; /* operands: result, x, o; without o again x */
} fac_strip_step;

typedef struct fac_strip_program {
    int64_t n, size; /* elements, and the bytes of one */
    uint32_t n_steps;
    const fac_strip_step *steps;
    const fac_strip_operand *operands;
} fac_strip_program;

/* Operands are contiguous; two of them are the same memory or do not overlap. */
void fac_strip_program_run(const fac_strip_program *program);

/* fn(n, p, s, args) over operands without gaps, or single where s is 0; long ones shared by threads. */
void fac_flat_run_long(fac_inner_fn *fn, int64_t n, char *const p[3], const int64_t s[3], const void *args);
static inline void fac_flat_run(fac_inner_fn *fn, int64_t n, char *const p[3], const int64_t s[3], const void *args)
{
    if (__builtin_expect(n < FAC_STRIP_LONG, 1))
        fn(n, p, s, args);
    else
        fac_flat_run_long(fn, n, p, s, args);
}

#endif
