/* SPDX-License-Identifier: MIT */
/* Lowering of a linear layer, or its input's gradient, with the elementwise operation behind it: each block of the
 * product goes through it while it is in the cache, on the thread that made it. */
#include "base/alloc.h"
#include "base/text.h"
#include "ops/op_list.h"
#include "ops/packed.h"
#include "plan/plan.h"

enum { MOST_INPUTS = 2 };

typedef struct fused {
    uint32_t tail; /* the elementwise call, right behind the product's */
    uint32_t to;   /* the value whose memory the product goes to: the tail's result, if nobody else wants its own */
    uint32_t n;    /* operands of the tail: its result, then inputs; the product is where it went */
    uint32_t operand[1 + MOST_INPUTS];
    fac_inner_fn *fn;
    const char *name; /* the tail's */
} fused;

/* The tail while it runs. */
typedef struct work {
    fac_inner_fn *fn;
    const void *args;
    uint32_t n;
    int64_t size; /* of an element */
    char *data[1 + MOST_INPUTS];
} work;

static void run_tail(void *ctx, int64_t i, int64_t j, int64_t rows, int64_t columns, void *c, int64_t c_row)
{
    const work *w = ctx;
    const int64_t strides[] = {w->size, w->size, w->size};
    char *p[1 + MOST_INPUTS];
    (void)c;
    for (uint32_t k = 0; k < w->n; k++)
        p[k] = w->data[k] + (i * c_row + j) * w->size;
    if (columns == c_row)
        columns *= rows, rows = 1;
    for (; rows > 0; rows--) {
        w->fn(columns, p, strides, w->args);
        for (uint32_t k = 0; k < w->n; k++)
            p[k] += c_row * w->size;
    }
}

static fac_status run_fused(fac_program *program, const fac_pstep *step)
{
    const fused *f = step->ctx;
    const fac_pcall *entry = program->calls + step->call;
    fac_tensor *out[FAC_MAX_OUT];
    for (uint32_t i = 0; i < entry->n_out; i++)
        out[i] = program->values[entry->out + i].tensor;
    out[0] = program->values[f->to].tensor;
    work w = {f->fn, program->calls[f->tail].args, f->n, fac_dtype_sizes[out[0]->m.dtype], {NULL}};
    for (uint32_t k = 0; k < f->n; k++)
        w.data[k] = program->values[f->operand[k]].tensor->data;
    const fac_call call = {.op = entry->op, .in = entry->in, .n_in = entry->n_in, .args = entry->args};
    return fac_linear_then(&call, out, &(fac_epilogue){run_tail, &w});
}

static void tell_fused(fac_text *text, const fac_pstep *step)
{
    const fused *f = step->ctx;
    fac_text_add(text, "    then %s\n", f->name);
}

static bool is_product(const fac_pcall *call)
{
    return call->op == &fac_op_linear ||
           (call->op == &fac_op_linear_backward && ((const fac_linear_backward_args *)call->args)->wants_input);
}

/* Same dtype and shape, row-major. */
static bool lies_alike(const fac_meta *a, const fac_meta *b)
{
    return a->dtype == b->dtype && a->contiguous && b->contiguous && fac_same_shape(a, b);
}

/* The tail's operands; false if one is not as the product is, or is another result of the product's call. */
static bool find_operands(const fac_program *program, const fac_pcall *product, const fac_pcall *tail, fused *f)
{
    const fac_meta *m = &program->values[product->out].m;
    bool has_product = false;
    if (tail->n_in > MOST_INPUTS || !lies_alike(&program->values[tail->out].m, m))
        return false;
    f->operand[0] = tail->out;
    f->n = 1;
    for (uint32_t i = 0; i < tail->n_in; i++) {
        const uint32_t id = tail->in_id[i];
        if (id == FAC_NONE_ID || !lies_alike(&program->values[id].m, m))
            return false;
        const uint32_t root = program->values[id].root;
        if (id != product->out && root >= product->out && root < product->out + product->n_out)
            return false;
        has_product |= id == product->out;
        f->operand[f->n++] = id == product->out ? f->to : id;
    }
    return has_product;
}

static bool find_tail(const fac_builder *builder, uint32_t at, fused *f)
{
    const fac_program *program = builder->program;
    const fac_pcall *product = program->calls + at, *tail = product + 1;
    int row;
    bool derivative;
    f->tail = at + 1;
    if (f->tail >= program->n_calls || builder->done[f->tail] || !tail->op || tail->inplace ||
        fac_program_cut_at(program, f->tail))
        return false;
    const fac_pvalue *v = program->values + product->out;
    f->to = fac_program_only_passes(program, product->out) ? tail->out : product->out;
    f->fn = fac_is_float(v->m.dtype) ? fac_elementwise_kernel(tail->op, v->m.dtype, &row, &derivative) : NULL;
    f->name = tail->op->name;
    return f->fn && find_operands(program, product, tail, f);
}

static fac_status add_fused(fac_builder *builder, uint32_t at, const fused *f)
{
    const fac_program *program = builder->program;
    const fac_pcall *product = program->calls + at;
    uint32_t touched[8 + FAC_MAX_OUT + 2 + MOST_INPUTS], n = 0;
    for (uint32_t i = 0; i < product->n_in; i++)
        if (product->in_id[i] != FAC_NONE_ID)
            touched[n++] = product->in_id[i];
    for (uint32_t i = 1; i < product->n_out; i++)
        touched[n++] = product->out + i;
    touched[n++] = f->to;
    for (uint32_t k = 0; k < f->n; k++)
        touched[n++] = f->operand[k];
    fused *ctx = fac_alloc(sizeof *ctx);
    if (!ctx)
        return fac_pending();
    *ctx = *f;
    const fac_pstep step = {.run = run_fused,
                            .what = product->op->name,
                            .call = at,
                            .ctx = ctx,
                            .ctx_bytes = sizeof *ctx,
                            .tell = tell_fused};
    const fac_status status = fac_program_add_step(builder->program, &step, touched, n);
    if (status)
        fac_dealloc(ctx, sizeof *ctx);
    return status;
}

bool fac_lower_product(fac_builder *builder, uint32_t at, fac_status *status)
{
    fused f;
    if (!is_product(builder->program->calls + at) || !find_tail(builder, at, &f))
        return false;
    builder->done[at] = builder->done[at + 1] = true;
    *status = add_fused(builder, at, &f);
    return true;
}
