/* SPDX-License-Identifier: MIT */
/* Normal, Uniform, Bernoulli, Categorical against torch.distributions: samples to the last bit, the rest within
 * tolerances. */
#include "support_alloc.h"
#include "support_table.h"

#include "facula/autograd.h"
#include "facula/distributions.h"
#include "facula/text.h"

/* vector(1, 2, dtype=float64) */
#define WIDE(...) \
    fac_from_data((const double[]){__VA_ARGS__}, FAC_LIST(sizeof((double[]){__VA_ARGS__}) / 8), FAC_FLOAT64)
#define INDEX(...) \
    fac_from_data((const int64_t[]){__VA_ARGS__}, FAC_LIST(sizeof((int64_t[]){__VA_ARGS__}) / 8), FAC_INT64)
#define COLUMN(vector) fac_unsqueeze(vector, 1)

static fac_tensor *ramp(int64_t rows, int64_t columns, double divisor, fac_dtype dtype)
{
    return fac_reshape(fac_div(fac_arange((double)(rows * columns), .dtype = dtype), divisor), FAC_LIST(rows, columns));
}
#define RAMP(rows, columns, divisor)    ramp(rows, columns, divisor, FAC_FLOAT32)
#define RAMP_64(rows, columns, divisor) ramp(rows, columns, divisor, FAC_FLOAT64)

static fac_distribution *made;
/* A property of a distribution that is freed after it. */
static fac_tensor *of(fac_tensor *property)
{
    fac_dist_free(made);
    return property;
}
#define OF(distribution, property) ((made = (distribution)) ? of(property) : NULL)
#define SAMPLE(distribution, ...)  OF(distribution, fac_dist_sample(made, FAC_LIST(__VA_ARGS__)))
#define SAMPLE_ONE(distribution)   OF(distribution, fac_dist_sample(made))
#define RSAMPLE(distribution, ...) OF(distribution, fac_dist_rsample(made, FAC_LIST(__VA_ARGS__)))
#define LOG_PROB(distribution, x)  OF(distribution, fac_dist_log_prob(made, x))
#define MEAN(distribution)         OF(distribution, fac_dist_mean(made))
#define VARIANCE(distribution)     OF(distribution, fac_dist_variance(made))
#define STDDEV(distribution)       OF(distribution, fac_dist_stddev(made))
#define ENTROPY(distribution)      OF(distribution, fac_dist_entropy(made))
#define PARAM(distribution, name)  OF(distribution, fac_dist_param(made, name))

#define SAMPLES(X)                                                                                       \
    X(normal_noise, SAMPLE(fac_Normal(0.0, 10), 100))                                                    \
    X(normal_one, SAMPLE_ONE(fac_Normal(0.0, 10)))                                                       \
    X(normal_15, SAMPLE(fac_Normal(1.0, 2.0), 3, 5))                                                     \
    X(normal_16, SAMPLE(fac_Normal(1.0, 2.0), 16))                                                       \
    X(normal_batch, SAMPLE(fac_Normal(fac_vector(0, 1, -2), fac_vector(1, .5, 3)), 7))                   \
    X(normal_broadcast, SAMPLE_ONE(fac_Normal(fac_vector(0, 1, -2), fac_add(RAMP(4, 1, 1), 1))))         \
    X(normal_f64, SAMPLE(fac_Normal(WIDE(0, 1), 0.1), 9))                                                \
    X(normal_number_first, SAMPLE(fac_Normal(0.5, WIDE(1, 2)), 2))                                       \
    X(normal_rsample, RSAMPLE(fac_Normal(0.3, 0.7), 20))                                                 \
    X(normal_rsample_batch, RSAMPLE(fac_Normal(fac_vector(0, 1, -2), fac_vector(1, .5, 3)), 7))          \
    X(uniform_sample, SAMPLE(fac_Uniform(-1.0, 3.0), 20))                                                \
    X(uniform_batch, SAMPLE(fac_Uniform(fac_vector(0, 1, -2), 3.3), 4, 2))                               \
    X(uniform_f64, RSAMPLE(fac_Uniform(WIDE(0), WIDE(0.1)), 5))                                          \
    X(bernoulli_number, SAMPLE(fac_Bernoulli(fac_number(0.3)), 20))                                      \
    X(bernoulli_batch, SAMPLE(fac_Bernoulli(fac_vector(0, .2, .5, 1)), 9))                               \
    X(bernoulli_logits, SAMPLE(fac_Bernoulli(.logits = fac_vector(-1, 0, 2)), 9))                        \
    X(bernoulli_f64, SAMPLE(fac_Bernoulli(WIDE(.2, .7)), 9))                                             \
    X(bernoulli_transposed, SAMPLE_ONE(fac_Bernoulli(fac_t(RAMP(3, 4, 11)))))                            \
    X(categorical_one, SAMPLE_ONE(fac_Categorical(fac_vector(1, 2, 3))))                                 \
    X(categorical_many, SAMPLE(fac_Categorical(fac_vector(1, 2, 3)), 20))                                \
    X(categorical_batch, SAMPLE(fac_Categorical(RAMP(3, 4, 1)), 5))                                      \
    X(categorical_batch_2, SAMPLE(fac_Categorical(fac_reshape(RAMP(6, 4, 1), FAC_LIST(2, 3, 4))), 2, 5)) \
    X(categorical_logits, SAMPLE(fac_Categorical(.logits = RAMP(3, 4, 7)), 5))                           \
    X(categorical_f64, SAMPLE(fac_Categorical(WIDE(1, 2, 3)), 9))
TABLE(samples, SAMPLES)

static fac_tensor *x;
static fac_tensor *gradient(fac_tensor *result)
{
    return result && !fac_backward(result, fac_ones_like(result)) ? fac_grad_of(x) : NULL;
}
#define GRAD(leaf, result) ((x = fac_requires_grad_(fac_clone(leaf), true)) ? gradient(result) : NULL)
#define FLAT_LOG_PROB      LOG_PROB(fac_Uniform(0.0, 1.0, .validate_args = false), fac_vector(-1, 0, 1, 2))

#define VALUES(X)                                                                                                      \
    X(normal_log_prob,                                                                                                 \
      LOG_PROB(fac_Normal(fac_vector(0, 1, -2), fac_vector(1, .5, 3)), COLUMN(fac_vector(.3, 1, -7))))                 \
    X(normal_log_prob_f64, LOG_PROB(fac_Normal(WIDE(0, 1, -2), 0.7), WIDE(.3, 1, -7)))                                 \
    X(normal_log_prob_mixed, LOG_PROB(fac_Normal(0.0, 10), WIDE(-1, 2)))                                               \
    X(normal_log_prob_inf, LOG_PROB(fac_Normal(0.0, 10), fac_vector((double)INFINITY, 1e20)))                          \
    X(normal_mean, MEAN(fac_Normal(fac_vector(0, 1, -2), 2.0)))                                                        \
    X(normal_variance, VARIANCE(fac_Normal(fac_vector(0, 1, -2), 0.7)))                                                \
    X(normal_stddev, STDDEV(fac_Normal(fac_vector(0, 1, -2), 0.7)))                                                    \
    X(normal_entropy, ENTROPY(fac_Normal(fac_vector(0, 1), fac_vector(.3, 20))))                                       \
    X(uniform_log_prob, LOG_PROB(fac_Uniform(fac_vector(0, 1), 3.0), COLUMN(fac_vector(1, 3, 2.5))))                   \
    X(uniform_log_prob_out, FLAT_LOG_PROB)                                                                             \
    X(uniform_mean, MEAN(fac_Uniform(fac_vector(0, 1), 3.3)))                                                          \
    X(uniform_variance, VARIANCE(fac_Uniform(fac_vector(0, 1), 3.3)))                                                  \
    X(uniform_stddev, STDDEV(fac_Uniform(WIDE(0, 1), 3.3)))                                                            \
    X(uniform_entropy, ENTROPY(fac_Uniform(fac_vector(0, 1), 3.3)))                                                    \
    X(bernoulli_log_prob, LOG_PROB(fac_Bernoulli(fac_vector(0, .2, 1)), COLUMN(fac_vector(0, 1))))                     \
    X(bernoulli_log_prob_64, LOG_PROB(fac_Bernoulli(.logits = WIDE(-50, -1, 0, 21, 39, 41, 800)), COLUMN(WIDE(0, 1)))) \
    X(bernoulli_mean, MEAN(fac_Bernoulli(fac_vector(0, .2, 1))))                                                       \
    X(bernoulli_mean_logits, MEAN(fac_Bernoulli(.logits = fac_vector(-1, .2, 1))))                                     \
    X(bernoulli_variance, VARIANCE(fac_Bernoulli(fac_vector(0, .2, 1))))                                               \
    X(bernoulli_stddev, STDDEV(fac_Bernoulli(fac_vector(0, .2, 1))))                                                   \
    X(bernoulli_entropy, ENTROPY(fac_Bernoulli(fac_vector(0, .2, 1))))                                                 \
    X(bernoulli_entropy_64, ENTROPY(fac_Bernoulli(.logits = WIDE(-30, .2, 3))))                                        \
    X(bernoulli_logits_of, PARAM(fac_Bernoulli(fac_vector(0, .2, 1)), "logits"))                                       \
    X(bernoulli_probs_of, PARAM(fac_Bernoulli(.logits = fac_vector(-30, .2, 3)), "probs"))                             \
    X(categorical_log_prob, LOG_PROB(fac_Categorical(RAMP(3, 4, 1)), fac_vector(1, 0, 3)))                             \
    X(categorical_broadcast,                                                                                           \
      LOG_PROB(fac_Categorical(fac_vector(1, 2, 3)), fac_reshape(INDEX(1, 0, 2, 2), FAC_LIST(2, 2))))                  \
    X(categorical_values, LOG_PROB(fac_Categorical(.logits = RAMP(3, 4, 7)), COLUMN(INDEX(1, 2))))                     \
    X(categorical_mean, MEAN(fac_Categorical(RAMP(3, 4, 1))))                                                          \
    X(categorical_variance, VARIANCE(fac_Categorical(WIDE(1, 2, 3))))                                                  \
    X(categorical_entropy, ENTROPY(fac_Categorical(RAMP(3, 4, 1))))                                                    \
    X(categorical_entropy_l, ENTROPY(fac_Categorical(.logits = fac_vector(-(double)INFINITY, 1, 2))))                  \
    X(categorical_probs_of, PARAM(fac_Categorical(.logits = RAMP_64(3, 4, 7)), "probs"))                               \
    X(categorical_logits_of, PARAM(fac_Categorical(RAMP_64(3, 4, 7)), "logits"))                                       \
    X(categorical_normed, PARAM(fac_Categorical(fac_vector(1, 2, 3)), "probs"))                                        \
    X(grad_normal_loc, GRAD(fac_vector(0, 1), LOG_PROB(fac_Normal(x, 0.7), COLUMN(fac_vector(.3, -1)))))               \
    X(grad_normal_scale, GRAD(fac_vector(.6, 2), LOG_PROB(fac_Normal(0.1, x), COLUMN(fac_vector(.3, -1)))))            \
    X(grad_normal_value, GRAD(fac_vector(.6, 2), LOG_PROB(fac_Normal(0.1, 3.0), x)))                                   \
    X(grad_normal_entropy, GRAD(fac_vector(.6, 2), ENTROPY(fac_Normal(0.1, x))))                                       \
    X(grad_normal_rsample, GRAD(WIDE(.6, 2), RSAMPLE(fac_Normal(x, x), 20)))                                           \
    X(grad_uniform_low, GRAD(fac_vector(.6, 2), LOG_PROB(fac_Uniform(x, 3.0), fac_vector(2.5))))                       \
    X(grad_uniform_rsample, GRAD(fac_vector(3.6, 4), RSAMPLE(fac_Uniform(fac_div(x, 2), x), 5)))                       \
    X(grad_bernoulli_probs, GRAD(fac_vector(.2, .7), LOG_PROB(fac_Bernoulli(x), COLUMN(fac_vector(0, 1)))))            \
    X(grad_bernoulli_logits, GRAD(WIDE(0, -.7), LOG_PROB(fac_Bernoulli(.logits = x), COLUMN(WIDE(0, 1)))))             \
    X(grad_bernoulli_entropy, GRAD(fac_vector(.2, .7), ENTROPY(fac_Bernoulli(x))))                                     \
    X(grad_categorical, GRAD(fac_add(RAMP(3, 4, 7), 1), LOG_PROB(fac_Categorical(x), fac_vector(1, 0, 3))))            \
    X(grad_categorical_many,                                                                                           \
      GRAD(fac_vector(1, 2, 3), LOG_PROB(fac_Categorical(x), fac_reshape(INDEX(1, 0, 2, 2), FAC_LIST(2, 2)))))         \
    X(grad_categorical_l, GRAD(RAMP(3, 4, 7), LOG_PROB(fac_Categorical(.logits = x), fac_vector(1, 0, 3))))            \
    X(grad_categorical_e, GRAD(fac_add(RAMP(3, 4, 7), 1), ENTROPY(fac_Categorical(x))))                                \
    X(grad_categorical_e_l, GRAD(RAMP_64(3, 4, 7), ENTROPY(fac_Categorical(.logits = x))))
TABLE(values, VALUES)

static void test_samples(void **state)
{
    (void)state;
    table_run("distribution_samples", samples, true, 0);
}

static void test_values(void **state)
{
    (void)state;
    table_run("distributions", values, false, 20);
}

/* What Python prints. */
static void assert_repr(fac_distribution *d, const char *expected)
{
    FAC_SCOPE;
    assert_non_null(d);
    assert_string_equal(fac_dist_repr(d), expected);
    fac_dist_free(d);
}

static void test_repr(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_repr(fac_Normal(0.0, 10), "Normal(loc: 0.0, scale: 10.0)");
    assert_repr(fac_Normal(fac_zeros(3), 1), "Normal(loc: torch.Size([3]), scale: torch.Size([3]))");
    assert_repr(fac_Normal(fac_zeros(1), fac_ones(1)), "Normal(loc: tensor([0.]), scale: tensor([1.]))");
    assert_repr(fac_Normal(0.1, fac_requires_grad_(fac_scalar(1), true)),
                "Normal(loc: 0.10000000149011612, scale: 1.0)");
    assert_repr(fac_Normal(fac_scalar_int(0), 1), "Normal(loc: 0, scale: 1)");
    assert_repr(fac_Uniform(fac_full(FAC_LIST(1, 1), 0.25), fac_ones(1, 1, .requires_grad = true)),
                "Uniform(low: tensor([[0.2500]]), high: tensor([[1.]], requires_grad=True))");
    assert_repr(fac_Bernoulli(.logits = fac_scalar(0)), "Bernoulli(logits: 0.0)");
    assert_repr(fac_Bernoulli(fac_number(0.3)), "Bernoulli(probs: 0.30000001192092896)");
    assert_repr(fac_Categorical(.logits = fac_zeros(2, 3)), "Categorical(logits: torch.Size([2, 3]))");
    assert_repr(fac_Categorical(fac_ones(1)), "Categorical(probs: tensor([1.]))");
    assert_fails(fac_dist_repr(NULL), FAC_ERR_VALUE, "dist_repr: distribution is NULL");
}

static void test_shapes(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_distribution *normal = fac_Normal(fac_zeros(3), fac_ones(2, 1)), *number = fac_Normal(0.0, 1.0);
    fac_distribution *categorical = fac_Categorical(fac_ones(5, 2, 3));
    fac_list shape = fac_dist_batch_shape(normal);
    assert_int_equal(shape->count, 2);
    assert_memory_equal(shape->values, ((int64_t[]){2, 3}), 2 * sizeof(int64_t));
    assert_int_equal(fac_dist_batch_shape(number)->count, 0);
    assert_memory_equal(fac_dist_batch_shape(categorical)->values, ((int64_t[]){5, 2}), 2 * sizeof(int64_t));
    assert_int_equal(fac_dist_batch_shape(categorical)->count, 2);
    assert_int_equal(fac_dist_event_shape(categorical)->count, 0);
    assert_int_equal(fac_ndim(fac_dist_sample(number)), 0);
    assert_int_equal(fac_numel(fac_dist_sample(number, FAC_LIST(0))), 0);
    assert_int_equal(fac_ndim(fac_dist_sample(normal, .sample_shape = FAC_LIST(4, 1))), 4);
    assert_int_equal(fac_dtype_of(fac_dist_sample(categorical)), FAC_INT64);
    fac_dist_free(normal);
    fac_dist_free(number);
    fac_dist_free(categorical);
}

#define REFUSED(distribution, text) assert_fails(distribution, FAC_ERR_VALUE, text)

static void test_refused_parameters(void **state)
{
    (void)state;
    FAC_SCOPE;
    REFUSED(fac_Normal(0.0, -1.0),
            "Expected parameter scale (Tensor of shape ()) of distribution Normal(loc: 0.0, scale: "
            "-1.0) to satisfy the constraint GreaterThan(lower_bound=0.0), but found -1.0");
    REFUSED(fac_Normal(0.0, fac_vector(1, 0)),
            "scale (Tensor of shape (2,)) of distribution Normal(loc: torch.Size([2])");
    REFUSED(fac_Normal(fac_vector(0, (double)NAN), 1.0), "to satisfy the constraint Real(), but found nan");
    REFUSED(fac_Normal(fac_zeros(2), fac_ones(3)), "shapes (2,) and (3,) cannot be broadcast");
    REFUSED(fac_Uniform(2.0, 1.0), "parameter low (Tensor of shape ()) of distribution Uniform(low: 2.0, high: 1.0) to "
                                   "satisfy the constraint LessThan(upper_bound=1.0), but found 2.0");
    REFUSED(fac_Uniform(fac_vector(0, 2), 2.0), "LessThan(upper_bound=torch.Size([2])), but found 2.0");
    REFUSED(fac_Bernoulli(fac_vector(0.5, 1.5)), "Interval(lower_bound=0.0, upper_bound=1.0), but found 1.5");
    REFUSED(fac_Bernoulli(.logits = fac_vector((double)NAN)), "the constraint Real(), but found nan");
    REFUSED(fac_Bernoulli(), "Either `probs` or `logits` must be specified, but not both.");
    REFUSED(fac_Bernoulli(fac_ones(1), fac_ones(1)), "Either `probs` or `logits` must be specified, but not both.");
    REFUSED(fac_Bernoulli(NULL), "Bernoulli: probs is NULL");
    REFUSED(fac_Categorical(fac_vector(-1, 2)), "the constraint Simplex(), but found -1.0");
    REFUSED(fac_Categorical(fac_zeros(2)), "the constraint Simplex(), but found nan");
    REFUSED(fac_Categorical(.logits = fac_vector((double)NAN, 1)), "IndependentConstraint(Real(), 1), but found nan");
    REFUSED(fac_Categorical(fac_scalar(1)), "`probs` parameter must be at least one-dimensional.");
    REFUSED(fac_Normal(NULL, 1.0), "Normal: loc is NULL");
}

static void test_refused_values(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_distribution *normal = fac_Normal(fac_zeros(2), 1.0), *uniform = fac_Uniform(0.0, 1.0);
    fac_distribution *bernoulli = fac_Bernoulli(fac_number(0.5)), *categorical = fac_Categorical(fac_ones(2));
    REFUSED(fac_dist_log_prob(normal, fac_vector(1, (double)NAN)), "argument (Tensor of shape (2,)) to be within the "
                                                                   "support (Real()) of the distribution Normal(loc: ");
    REFUSED(fac_dist_log_prob(normal, fac_zeros(3)), "broadcastable with batch_shape+event_shape: (3,) vs (2,)");
    REFUSED(fac_dist_log_prob(uniform, fac_scalar(2)),
            "(Interval(lower_bound=0.0, upper_bound=1.0)) of the distribution "
            "Uniform(low: 0.0, high: 1.0), but found 2.0");
    REFUSED(fac_dist_log_prob(bernoulli, fac_vector(0, 0.5)), "support (Boolean())");
    REFUSED(fac_dist_log_prob(categorical, fac_vector(2)), "IntegerInterval(lower_bound=0, upper_bound=1)");
    REFUSED(fac_dist_log_prob(categorical, fac_vector(0.5)), "but found 0.5");
    REFUSED(fac_dist_log_prob(normal, NULL), "dist_log_prob: value is NULL");
    REFUSED(fac_dist_log_prob(NULL, fac_zeros(2)), "dist_log_prob: distribution is NULL");
    assert_fails(fac_dist_rsample(bernoulli), FAC_ERR_UNSUPPORTED, "Bernoulli: rsample");
    assert_fails(fac_dist_rsample(categorical), FAC_ERR_UNSUPPORTED, "Categorical: rsample");
    assert_fails(fac_dist_param(normal, "probs"), FAC_ERR_KEY, "Normal: has no parameter 'probs'");
    assert_fails(fac_dist_sample(normal, FAC_LIST(-1)), FAC_ERR_VALUE, "negative");
    assert_fails(fac_dist_sample(categorical, FAC_LIST(0)), FAC_ERR_RUNTIME, "n_sample <= 0");
    assert_fails(fac_dist_mean((fac_distribution *)(void *)fac_zeros(1)), FAC_ERR_TYPE, "distribution");
    fac_dist_free(normal);
    fac_dist_free(uniform);
    fac_dist_free(bernoulli);
    fac_dist_free(categorical);
}

/* A distribution outlives the scope of its parameters; samples have no history, rsamples do. */
static void test_ownership(void **state)
{
    (void)state;
    fac_distribution *d;
    {
        FAC_SCOPE;
        d = fac_Normal(fac_vector(1, 2, 3), fac_requires_grad_(fac_ones(3), true));
    }
    {
        FAC_SCOPE;
        assert_same(fac_dist_mean(d), fac_vector(1, 2, 3));
        assert_false(fac_requires_grad(fac_dist_sample(d)));
        assert_true(fac_is_grad_enabled());
        assert_true(fac_requires_grad(fac_dist_rsample(d)));
        assert_true(fac_requires_grad(fac_dist_log_prob(d, fac_zeros(3))));
        assert_true(fac_requires_grad(fac_dist_param(d, "scale")));
    }
    assert_int_equal(fac_live_tensors(), 2);
    fac_dist_free(d);
    fac_dist_free(NULL);
    assert_int_equal(fac_live_tensors(), 0);
}

/* Without the check. */
static void test_unchecked(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_distribution *d = fac_Normal(0.0, -1.0, .validate_args = false);
    assert_non_null(d);
    assert_fails(fac_dist_sample(d), FAC_ERR_RUNTIME, "all elements of std >= 0.0");
    assert_true(isnan(fac_item(fac_dist_log_prob(d, fac_scalar((double)NAN)))));
    fac_dist_free(d);
}

/* As C++ calls. */
static void test_without_macros(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_Bernoulli_args args = fac_Bernoulli_defaults();
    args.logits = fac_zeros(2);
    fac_Categorical_args weights = fac_Categorical_defaults();
    weights.probs = fac_ones(4);
    fac_Normal_args unchecked = fac_Normal_defaults();
    unchecked.validate_args = false;
    fac_Uniform_args checked = fac_Uniform_defaults();
    fac_dist_sample_args many = fac_dist_sample_defaults();
    many.sample_shape = FAC_LIST(5);
    fac_distribution *all[] = {fac_Bernoulli_with(&args), fac_Categorical_with(&weights),
                               fac_Normal_with(fac_number(0), fac_number(1), &unchecked),
                               fac_Uniform_with(fac_number(0), fac_number(1), &checked)};
    static const int sizes[] = {10, 5, 5, 5};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(fac_numel(fac_dist_sample_with(all[i], &many)), sizes[i]);
        fac_dist_free(all[i]);
    }
    assert_fails(fac_Bernoulli_with(NULL), FAC_ERR_VALUE, "Either `probs` or `logits`");
    assert_fails(fac_Categorical_with(NULL), FAC_ERR_VALUE, "Either `probs` or `logits`");
}

static void test_memory(void **state)
{
    (void)state;
    assert_true(support_alloc_fail_each(table_program, samples) > 10);
    assert_true(support_alloc_fail_each(table_program, values) > 10);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_repr),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_refused_parameters),
        cmocka_unit_test(test_refused_values),
        cmocka_unit_test(test_ownership),
        cmocka_unit_test(test_unchecked),
        cmocka_unit_test(test_without_macros),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
