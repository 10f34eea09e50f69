/* SPDX-License-Identifier: MIT */
#include "tensor/strip_program.h"

#include "base/parallel.h"

/* An element of a kernel takes about as long as that many multiply-adds of a matrix product: as it waits for memory. */
enum { STEPS_AN_ELEMENT = 8 };

/* Elements for each of the threads that n of them deserve, a multiple of `whole`. */
static int64_t share_of(int64_t n, int64_t steps, int64_t whole)
{
    const int64_t width = n < FAC_STRIP_LONG ? 1 : fac_parallel_width(n * steps * STEPS_AN_ELEMENT);
    return width == 1 ? n : ((n + width - 1) / width + whole - 1) / whole * whole;
}

typedef struct work {
    const fac_strip_program *program;
    int64_t strip, share; /* elements */
} work;

static void run_strip(const fac_strip_program *p, int64_t from, int64_t n, char (*slots)[FAC_STRIP_BYTES])
{
    for (const fac_strip_step *step = p->steps, *end = step + p->n_steps; step < end; step++) {
        char *q[3];
        int64_t s[3];
        for (int k = 0; k < 3; k++) {
            const fac_strip_operand *o = p->operands + step->at[k];
            s[k] = o->single ? 0 : p->size;
            q[k] = o->data ? o->data + from * s[k] : slots[o->slot];
        }
        step->fn(n, q, s, step->args);
    }
}

static void run_share(void *ctx, int64_t share)
{
    _Alignas(64) char slots[FAC_STRIP_SLOTS][FAC_STRIP_BYTES];
    const work *w = ctx;
    const int64_t begin = share * w->share, left = w->program->n - begin;
    const int64_t end = begin + (left < w->share ? left : w->share);
    for (int64_t at = begin; at < end; at += w->strip)
        run_strip(w->program, at, end - at < w->strip ? end - at : w->strip, slots);
}

void fac_strip_program_run(const fac_strip_program *p)
{
    const int64_t strip = FAC_STRIP_BYTES / p->size;
    work w = {.program = p, .strip = strip, .share = share_of(p->n, p->n_steps, strip)};
    if (p->n > 0)
        fac_parallel((p->n + w.share - 1) / w.share, run_share, &w);
}

typedef struct flat {
    fac_inner_fn *fn;
    int64_t n, share;
    char *const *p;
    const int64_t *s;
    const void *args;
} flat;

static void flat_share(void *ctx, int64_t share)
{
    const flat *f = ctx;
    const int64_t begin = share * f->share, left = f->n - begin;
    char *const q[3] = {f->p[0] + begin * f->s[0], f->p[1] + begin * f->s[1], f->p[2] + begin * f->s[2]};
    f->fn(left < f->share ? left : f->share, q, f->s, f->args);
}

void fac_flat_run_long(fac_inner_fn *fn, int64_t n, char *const p[3], const int64_t s[3], const void *args)
{
    flat f = {fn, n, share_of(n, 1, FAC_STRIP_BYTES), p, s, args};
    fac_parallel((n + f.share - 1) / f.share, flat_share, &f);
}
