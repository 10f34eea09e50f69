/* SPDX-License-Identifier: MIT */
/* Random numbers as tensors, PyTorch 2.13's bit for bit. A tensor that is not contiguous is filled in the order of its
 * addresses, as PyTorch does. */
#include "ops/draws.h"

#include <float.h>
#include <math.h>

#include "base/text.h"
#include "ops/creation.h"

static void fill_uniform(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    (void)whole;
    FAC_DRAW_REAL(fac_random_uniform, n, d->a, d->b);
}

static void fill_normal(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    if (whole)
        FAC_DRAW_REAL(fac_random_normal, n, d->a, d->b);
    else
        FAC_DRAW_REAL(fac_random_normal_each, n, d->a, d->b);
}

static void fill_exponential(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    (void)whole;
    FAC_DRAW_REAL(fac_random_exponential, n, d->a);
}

static void fill_bernoulli(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    (void)whole;
    FAC_DRAW_ANY(fac_random_bernoulli, n, d->a)
}

fac_status fac_draw_flat(const fac_draw *d, void *out, int64_t n, bool whole)
{
    fac_generator *g = fac_generator_lock(d->generator, d->who);
    if (!g)
        return fac_pending();
    d->fill(d, g, out, n, whole);
    fac_generator_unlock(g);
    return FAC_OK;
}

/* Whether dim a comes before dim b when dims are sorted from the one that moves fastest; 0 if there's no telling. */
static int dim_order(const fac_meta *m, int a, int b)
{
    if (m->stride[a] == 0 || m->stride[b] == 0)
        return 0;
    if (m->stride[a] != m->stride[b])
        return m->stride[a] < m->stride[b] ? -1 : 1;
    return m->shape[a] > m->shape[b] ? 1 : 0;
}

/* The dims from the slowest to the fastest, by PyTorch's insertion sort, which keeps the order of those it cannot tell
 * (ATen/TensorIterator.cpp, reorder_dimensions). */
static void address_order(const fac_meta *m, int order[FAC_MAX_DIMS])
{
    int fast[FAC_MAX_DIMS];
    for (int i = 0; i < m->ndim; i++)
        fast[i] = m->ndim - 1 - i;
    for (int i = 1; i < m->ndim; i++) {
        int at = i;
        for (int j = i - 1; j >= 0; j--) {
            int before = dim_order(m, fast[j], fast[at]);
            if (before < 0)
                break;
            if (before > 0) {
                int dim = fast[j];
                fast[j] = fast[at];
                fast[at] = dim;
                at = j;
            }
        }
    }
    for (int i = 0; i < m->ndim; i++)
        order[i] = fast[m->ndim - 1 - i];
}

static bool is_row_major(const fac_meta *m, const int order[FAC_MAX_DIMS])
{
    int last = -1;
    for (int i = 0; i < m->ndim; i++) {
        if (m->shape[order[i]] == 1)
            continue;
        if (order[i] < last)
            return false;
        last = order[i];
    }
    return true;
}

/* Draws in a row, then lays them out over the dims in that order. */
static fac_status draw_spread(const fac_draw *d, fac_tensor *to, const int order[FAC_MAX_DIMS])
{
    fac_meta spread = to->m, row = to->m;
    for (int i = 0; i < to->m.ndim; i++) {
        spread.shape[i] = row.shape[i] = to->m.shape[order[i]];
        spread.stride[i] = to->m.stride[order[i]];
    }
    fac_meta_view_done(&spread);
    fac_meta_pack(&row);
    fac_tensor *view = fac_tensor_view(to->storage, &spread), *drawn = view ? fac_tensor_new(&row) : NULL;
    fac_status status = drawn ? fac_draw_flat(d, drawn->data, row.numel, false) : fac_pending();
    if (!status)
        status = fac_copy_cast(view, drawn);
    fac_tensor_drop(drawn);
    fac_tensor_drop(view);
    return status;
}

fac_status fac_draw_into(const fac_draw *d, fac_tensor *to, const fac_meta *layout)
{
    int order[FAC_MAX_DIMS];
    if (to->m.numel == 0)
        return FAC_OK;
    if (layout->contiguous && to->m.contiguous)
        return fac_draw_flat(d, to->data, to->m.numel, true);
    address_order(layout, order);
    if (to->m.contiguous && is_row_major(layout, order))
        return fac_draw_flat(d, to->data, to->m.numel, true);
    return draw_spread(d, to, order);
}

/* rand, randn and their _like forms. A like of a transposed tensor is transposed in PyTorch; here it is row-major, but
 * has the same numbers in the same places. */
#define FRESH(name, filler, from, to)                                                                            \
    static fac_status name##_infer(const fac_call *call, fac_meta *out)                                          \
    {                                                                                                            \
        const fac_##name##_args *args = call->args;                                                              \
        FAC_TRY(fac_meta_sized(call, FAC_SIZE_ARGS(args), args->size, args->dtype, out));                        \
        return fac_check_floating(call, out->dtype);                                                             \
    }                                                                                                            \
    static fac_status name##_run(const fac_call *call, fac_tensor **out)                                         \
    {                                                                                                            \
        const fac_##name##_args *args = call->args;                                                              \
        const fac_draw d = {#name, filler, args->generator, out[0]->m.dtype, from, to, 0, 0, NULL};              \
        out[0]->requires_grad = args->requires_grad;                                                             \
        return fac_draw_into(&d, out[0], &out[0]->m);                                                            \
    }                                                                                                            \
    const fac_op fac_op_##name = {FAC_HEAD_##name, .n_out = 1, .flags = FAC_FLAGS_##name, .infer = name##_infer, \
                                  .run = name##_run};                                                            \
    static fac_status name##_like_infer(const fac_call *call, fac_meta *out)                                     \
    {                                                                                                            \
        FAC_TRY(fac_meta_like(call, ((const fac_##name##_like_args *)call->args)->dtype, out));                  \
        return fac_check_floating(call, out->dtype);                                                             \
    }                                                                                                            \
    static fac_status name##_like_run(const fac_call *call, fac_tensor **out)                                    \
    {                                                                                                            \
        const fac_draw d = {#name "_like", filler, fac_none, out[0]->m.dtype, from, to, 0, 0, NULL};             \
        return fac_draw_into(&d, out[0], &call->in[0]->m);                                                       \
    }                                                                                                            \
    const fac_op fac_op_##name##_like = {FAC_HEAD_##name##_like, .n_out = 1, .flags = FAC_FLAGS_##name##_like,   \
                                         .infer = name##_like_infer, .run = name##_like_run};
FRESH(rand, fill_uniform, 0, 1)
FRESH(randn, fill_normal, 0, 1)

/* Filling in place: name_infer checks, name_draw says with what. */
#define IN_PLACE(name, ...)                                                                             \
    static fac_status name##run(const fac_call *call, fac_tensor **out)                                 \
    {                                                                                                   \
        fac_draw d = {.who = #name, .dtype = out[0]->m.dtype};                                          \
        name##draw(call->args, &d);                                                                     \
        return fac_draw_into(&d, out[0], &out[0]->m);                                                   \
    }                                                                                                   \
    const fac_op fac_op_##name = {FAC_HEAD_##name,      .n_out = 1,       .flags = FAC_FLAGS_##name,    \
                                  .infer = name##infer, .run = name##run, .grad = fac_overwritten_grad, \
                                  __VA_ARGS__};

static fac_status bad_bounds(const char *what, const fac_uniform__args *args)
{
    char from[FAC_NUMBER_MAX], to[FAC_NUMBER_MAX];
    fac_repr_double(from, args->from);
    fac_repr_double(to, args->to);
    return fac_fail(FAC_ERR_RUNTIME, "uniform_: %s, but found from=%s, to=%s", what, from, to);
}

static fac_status uniform_infer(const fac_call *call, fac_meta *unused)
{
    const fac_uniform__args *args = call->args;
    const int dtype = call->in[0]->m.dtype;
    const double limit = dtype == FAC_FLOAT32 ? (double)FLT_MAX : DBL_MAX;
    FAC_TRY(fac_check_floating(call, dtype));
    FAC_TRY(fac_check_written(call, unused));
    if (!(fabs(args->from) <= limit && fabs(args->to) <= limit))
        return bad_bounds("expects bounds in the range of the dtype", args);
    if (args->from > args->to)
        return bad_bounds("expects to return a [from, to) range", args);
    if (args->to - args->from > limit)
        return bad_bounds("expects to - from in the range of the dtype", args);
    return FAC_OK;
}

static void uniform_draw(const fac_uniform__args *args, fac_draw *d)
{
    d->fill = fill_uniform;
    d->generator = args->generator;
    d->a = args->from;
    d->b = args->to;
}
IN_PLACE(uniform_, )

/* `name: expects something, but found std=-1.0` */
static fac_status bad_number(const fac_call *call, const char *expects, const char *what, double value)
{
    char text[FAC_NUMBER_MAX];
    fac_repr_double(text, value);
    return fac_fail(FAC_ERR_RUNTIME, "%s: expects %s, but found %s=%s", call->op->name, expects, what, text);
}

static fac_status normal_infer(const fac_call *call, fac_meta *unused)
{
    const fac_normal__args *args = call->args;
    FAC_TRY(fac_check_floating(call, call->in[0]->m.dtype));
    FAC_TRY(fac_check_written(call, unused));
    return args->std >= 0 ? FAC_OK : bad_number(call, "std >= 0.0", "std", args->std);
}

static void normal_draw(const fac_normal__args *args, fac_draw *d)
{
    d->fill = fill_normal;
    d->generator = args->generator;
    d->a = args->mean;
    d->b = args->std;
}
IN_PLACE(normal_, )

static fac_status bernoulli_infer(const fac_call *call, fac_meta *unused)
{
    const fac_bernoulli__args *args = call->args;
    FAC_TRY(fac_check_written(call, unused));
    return args->p >= 0 && args->p <= 1 ? FAC_OK : bad_number(call, "p to be in [0, 1]", "p", args->p);
}

static void bernoulli_draw(const fac_bernoulli__args *args, fac_draw *d)
{
    d->fill = fill_bernoulli;
    d->generator = args->generator;
    d->a = args->p;
}
IN_PLACE(bernoulli_, .grad_name = "BernoulliBackward2")

static fac_status exponential_infer(const fac_call *call, fac_meta *unused)
{
    const fac_exponential__args *args = call->args;
    FAC_TRY(fac_check_floating(call, call->in[0]->m.dtype));
    FAC_TRY(fac_check_written(call, unused));
    return args->lambd > 0 ? FAC_OK : bad_number(call, "lambda > 0.0", "lambda", args->lambd);
}

static void exponential_draw(const fac_exponential__args *args, fac_draw *d)
{
    d->fill = fill_exponential;
    d->generator = args->generator;
    d->a = args->lambd;
}
IN_PLACE(exponential_, )
