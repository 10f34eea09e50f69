/* SPDX-License-Identifier: MIT */
/* Random numbers whose distribution is given element by element: normal, bernoulli, multinomial. */
#include "base/text.h"
#include "ops/creation.h"
#include "ops/draws.h"
#include "ops/op_list.h"
#include "tensor/iterate.h"

/* The tensor with its elements in a row, with one more reference; NULL with the error set. */
static fac_tensor *in_a_row(fac_tensor *tensor)
{
    if (tensor->m.contiguous) {
        fac_ref(tensor);
        return tensor;
    }
    fac_meta meta = tensor->m;
    fac_meta_pack(&meta);
    fac_tensor *row = fac_tensor_new(&meta);
    if (row)
        fac_copy_cast(row, tensor);
    return row;
}

static bool all_std_fit(const fac_tensor *std)
{
    for (int64_t i = 0; i < std->m.numel; i++)
        if (!(fac_load_double(fac_element(std, i), std->m.dtype) >= 0))
            return false;
    return true;
}

static fac_status check_normal(const fac_call *call, const fac_tensor *mean, const fac_tensor *std, fac_list size)
{
    const char *name = call->op->name;
    bool numbers = mean->wrapped_number && std->wrapped_number;
    if (numbers != (size != NULL))
        return fac_fail(FAC_ERR_TYPE, "%s: %s", name,
                        size ? "size is for a mean and std that both are numbers"
                             : "missing argument 'size', as mean and std both are numbers");
    if (all_std_fit(std))
        return FAC_OK;
    if (!std->wrapped_number)
        return fac_fail(FAC_ERR_RUNTIME, "%s: expects all elements of std >= 0.0", name);
    char text[FAC_NUMBER_MAX];
    fac_repr_double(text, fac_load_double(std->data, std->m.dtype));
    return fac_fail(FAC_ERR_RUNTIME, "%s: expects std >= 0.0, but found std %s", name, text);
}

/* An empty tensor of the result's shape; of the dtype of mean, of std where mean is a number. */
static fac_tensor *empty_normal(const fac_tensor *mean, const fac_tensor *std, fac_list size)
{
    if (size)
        return fac_empty(.size = size);
    fac_meta both;
    if (fac_broadcast(&both, (const fac_meta *[]){&mean->m, &std->m}, 2, "normal"))
        return NULL;
    fac_ints shape = fac_meta_list(&both);
    fac_dtype dtype = (fac_dtype)(mean->wrapped_number ? std : mean)->m.dtype;
    return fac_empty(.size = &shape, .dtype = dtype);
}

/* z std + mean, each step rounded. A std that is a number scales z as it is drawn, a mean that is one (beside a std
 * that is none) is added. */
static fac_tensor *scaled_normal(const fac_call *call)
{
    const fac_normal_args *args = call->args;
    fac_tensor *mean = call->in[0], *std = call->in[1], *z = empty_normal(mean, std, args->size);
    double shift = args->size ? fac_load_double(mean->data, mean->m.dtype) : 0;
    double scale = std->wrapped_number ? fac_load_double(std->data, std->m.dtype) : 1;
    z = fac_normal_(z, shift, scale, .generator = args->generator);
    if (!std->wrapped_number)
        z = fac_mul__with(z, std);
    return args->size ? z : fac_add__with(z, mean, NULL);
}

static fac_status normal_decompose(const fac_call *call, fac_tensor **out)
{
    FAC_TRY(check_normal(call, call->in[0], call->in[1], ((const fac_normal_args *)call->args)->size));
    bool before = fac_self.no_grad;
    fac_self.no_grad = true;
    out[0] = scaled_normal(call);
    fac_self.no_grad = before;
    return out[0] ? FAC_OK : fac_pending();
}

const fac_op fac_op_normal = {FAC_HEAD_normal, .n_out = 1, .flags = FAC_FLAGS_normal, .decompose = normal_decompose};

static fac_status bernoulli_infer(const fac_call *call, fac_meta *out)
{
    FAC_TRY(fac_check_floating(call, call->in[0]->m.dtype));
    return fac_meta_like(call, FAC_DEFAULT_DTYPE, out);
}

static void fill_bernoulli(const fac_draw *d, fac_generator *g, void *out, int64_t n, bool whole)
{
    (void)whole;
    if (d->dtype == FAC_FLOAT32)
        fac_random_bernoulli_p32_f32(g, out, n, d->weights);
    else
        fac_random_bernoulli_p64_f64(g, out, n, d->weights);
}

static fac_status check_probabilities(const fac_tensor *p)
{
    for (int64_t i = 0; i < p->m.numel; i++) {
        double value = fac_load_double((const char *)p->data + i * fac_dtype_sizes[p->m.dtype], p->m.dtype);
        if (value >= 0 && value <= 1)
            continue;
        char text[FAC_NUMBER_MAX];
        fac_repr_double(text, value);
        return fac_fail(FAC_ERR_RUNTIME, "bernoulli: expected probabilities in [0, 1], got %s", text);
    }
    return FAC_OK;
}

static fac_status bernoulli_run(const fac_call *call, fac_tensor **out)
{
    fac_tensor *p = in_a_row(call->in[0]);
    if (!p)
        return fac_pending();
    const fac_draw d = {.who = "bernoulli",
                        .fill = fill_bernoulli,
                        .generator = ((const fac_bernoulli_args *)call->args)->generator,
                        .dtype = p->m.dtype,
                        .weights = p->data};
    fac_status status = check_probabilities(p);
    if (!status)
        status = fac_draw_into(&d, out[0], &out[0]->m);
    fac_tensor_drop(p);
    return status;
}

const fac_op fac_op_bernoulli = {FAC_HEAD_bernoulli, .n_out = 1, .flags = FAC_FLAGS_bernoulli, .infer = bernoulli_infer,
                                 .run = bernoulli_run};

static fac_status multinomial_infer(const fac_call *call, fac_meta *out)
{
    const fac_multinomial_args *args = call->args;
    const fac_meta *weights = &call->in[0]->m;
    FAC_TRY(fac_check_floating(call, weights->dtype));
    if (weights->ndim != 1 && weights->ndim != 2)
        return fac_fail(FAC_ERR_RUNTIME, "multinomial: input must have 1 or 2 dims, got shape %s",
                        fac_shape_text(weights));
    const int64_t n = weights->shape[weights->ndim - 1];
    if (args->num_samples <= 0)
        return fac_fail(FAC_ERR_RUNTIME, "multinomial: cannot sample n_sample <= 0 samples, got %lld",
                        (long long)args->num_samples);
    if (!args->replacement && args->num_samples > n)
        return fac_fail(FAC_ERR_RUNTIME,
                        "multinomial: cannot sample n_sample = %lld > %lld, the size of input's last dim, without "
                        "replacement",
                        (long long)args->num_samples, (long long)n);
    fac_ints size = {weights->ndim, {weights->shape[0]}};
    size.values[weights->ndim - 1] = args->num_samples;
    return fac_meta_listed(call, &size, FAC_INT64, out);
}

static fac_status multinomial_run(const fac_call *call, fac_tensor **out)
{
    const fac_multinomial_args *args = call->args;
    fac_tensor *w = in_a_row(call->in[0]);
    fac_generator *g = w ? fac_generator_lock(args->generator, "multinomial") : NULL;
    fac_status status = FAC_OK;
    if (g) {
        const int64_t rows = w->m.ndim == 2 ? w->m.shape[0] : 1, n = w->m.shape[w->m.ndim - 1], k = args->num_samples;
        if (w->m.dtype == FAC_FLOAT32)
            status = fac_random_multinomial_f32(g, w->data, rows, n, k, args->replacement, out[0]->data);
        else
            status = fac_random_multinomial_f64(g, w->data, rows, n, k, args->replacement, out[0]->data);
        fac_generator_unlock(g);
    }
    fac_tensor_drop(w);
    return g ? status : fac_pending();
}

const fac_op fac_op_multinomial = {FAC_HEAD_multinomial, .n_out = 1, .flags = FAC_FLAGS_multinomial,
                                   .infer = multinomial_infer, .run = multinomial_run};
