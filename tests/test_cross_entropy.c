/* SPDX-License-Identifier: MIT */
#include "facula/nn_modules.h"
#include "facula/text.h"
#include "ops/op_table.h"
#include "support_ops.h"

enum { IGNORED = -100 };

/* The rules of golden_cross_entropy.py. */

static int64_t classes(const fac_tensor *x)
{
    return x->m.ndim > 1 ? x->m.shape[1] : x->m.shape[0];
}

static fac_tensor *indices(const fac_tensor *x, bool holes)
{
    fac_ints shape = {.count = 0};
    for (int d = 0; d < x->m.ndim && x->m.ndim > 1; d++)
        if (d != 1)
            shape.values[shape.count++] = x->m.shape[d];
    fac_tensor *t = fac_zeros(.size = &shape, .dtype = FAC_INT64);
    for (int64_t i = 0; t && i < t->m.numel; i++)
        ((int64_t *)t->data)[i] = holes && i % 3 == 1 ? IGNORED : (i * 7 + 3) % classes(x);
    return t;
}

static fac_tensor *probabilities(const fac_tensor *x)
{
    fac_ints shape = {.count = x->m.ndim};
    memcpy(shape.values, x->m.shape, x->m.ndim * sizeof *shape.values);
    return case_fill(&shape, (fac_dtype)x->m.dtype, 5, 2, 11, 10);
}

static fac_tensor *weight(const fac_tensor *x)
{
    fac_tensor *w = fac_zeros(classes(x), .dtype = (fac_dtype)x->m.dtype);
    for (int64_t c = 0; w && c < w->m.numel; c++)
        fac_store_double(fac_element(w, c), w->m.dtype, (double)(c % 3 + 1) / 4);
    return w;
}

#define INDEX(...) fac_cross_entropy(x[0], indices(x[0], false), __VA_ARGS__)
#define HOLES(...) fac_cross_entropy(x[0], indices(x[0], true), __VA_ARGS__)
#define PROBS(...) fac_cross_entropy(x[0], probabilities(x[0]), __VA_ARGS__)
#define STEEP(...) fac_cross_entropy(fac_mul(x[0], 100), __VA_ARGS__)
#define WEIGHT     .weight = weight(x[0])

#define FUNCTION(name, expression)               \
    static fac_tensor *do_##name(fac_tensor **x) \
    {                                            \
        return expression;                       \
    }
#define EACH_REDUCTION(F, name)                                                        \
    F(index_##name, INDEX(.reduction = #name))                                         \
    F(holes_##name, HOLES(.reduction = #name))                                         \
    F(weight_##name, HOLES(WEIGHT, .reduction = #name))                                \
    F(smooth_##name, HOLES(.reduction = #name, .label_smoothing = 0.1))                \
    F(smooth_weight_##name, HOLES(WEIGHT, .reduction = #name, .label_smoothing = 0.3)) \
    F(probs_##name, PROBS(.reduction = #name))                                         \
    F(probs_weight_##name, PROBS(WEIGHT, .reduction = #name))                          \
    F(probs_smooth_##name, PROBS(.reduction = #name, .label_smoothing = 0.1))          \
    F(probs_smooth_weight_##name, PROBS(WEIGHT, .reduction = #name, .label_smoothing = 0.3))
#define FUNCTIONS(F)                                                                              \
    EACH_REDUCTION(F, mean)                                                                       \
    EACH_REDUCTION(F, sum)                                                                        \
    EACH_REDUCTION(F, none)                                                                       \
    F(ignored_class, INDEX(.ignore_index = 1))                                                    \
    F(byte, fac_cross_entropy(x[0], fac_to(indices(x[0], false), FAC_UINT8), .reduction = "sum")) \
    F(smooth_whole, HOLES(.label_smoothing = 1))                                                  \
    F(steep, STEEP(indices(x[0], false), .reduction = "none"))                                    \
    F(steep_probs, STEEP(probabilities(x[0])))                                                    \
    F(both, fac_cross_entropy(x[0], x[1]))                                                        \
    F(both_none, fac_cross_entropy(x[0], x[1], .reduction = "none", .label_smoothing = 0.1))      \
    F(all, fac_cross_entropy(x[0], x[1], x[2], .label_smoothing = 0.2))                           \
    F(mixed, fac_cross_entropy(x[0], fac_to(x[1], FAC_FLOAT64)))                                  \
    F(mixed_input, fac_cross_entropy(fac_to(x[0], FAC_FLOAT64), x[1]))                            \
    F(bent_mean, bent(INDEX(.reduction = "mean"), x, 1))                                          \
    F(bent_sum, bent(HOLES(.reduction = "sum"), x, 1))                                            \
    F(bent_none, bent(HOLES(WEIGHT, .reduction = "none"), x, 1))                                  \
    F(bent_weight, bent(HOLES(WEIGHT), x, 1))                                                     \
    F(bent_smooth, bent(HOLES(.label_smoothing = 0.1), x, 1))                                     \
    F(bent_smooth_weight, bent(HOLES(WEIGHT, .label_smoothing = 0.1), x, 1))                      \
    F(bent_probs, bent(PROBS(WEIGHT), x, 1))                                                      \
    F(bent_probs_none, bent(PROBS(.reduction = "none", .label_smoothing = 0.1), x, 1))
FUNCTIONS(FUNCTION)

static void as_pytorch(void **state)
{
    (void)state;
#define ROW(name, expression) {#name, do_##name},
    static const case_function functions[] = {FUNCTIONS(ROW)};
    cases_run("cross_entropy", functions, sizeof functions / sizeof *functions);
}

/* A vector of indices. */
#define CLASSES(...) \
    fac_from_data((const int64_t[]){__VA_ARGS__}, FAC_LIST(sizeof((int64_t[]){__VA_ARGS__}) / 8), FAC_INT64)
#define ROWS(n, ...) fac_reshape(fac_vector(__VA_ARGS__), FAC_LIST(n, -1))

/* The kernel and its derivative against the same in operations. */
static void decomposed(void **state)
{
    (void)state;
    const char *reductions[] = {"mean", "sum", "none"};
    for (int i = 0; i < 24; i++) {
        FAC_SCOPE;
        fac_tensor *x = fac_randn(4, 20, 3), *whole, *parts;
        fac_tensor *target = i & 1 ? fac_softmax(fac_randn_like(x), 1) : indices(x, true);
        fac_tensor *w = i & 2 ? fac_rand(20) : fac_none;
        fac_cross_entropy_args args = {sizeof args, w, IGNORED, reductions[i / 4 % 3], i >= 12 ? 0.25 : 0};
        fac_tensor *loss = fac_cross_entropy_with(fac_requires_grad_(x, true), target, &args);
        fac_tensor *g = fac_randn_like(loss);
        const fac_tensors ys = {1, &loss}, xs = {1, &x}, gs = {1, &g};
        assert_int_equal(fac_grad(&ys, &xs, &whole, .grad_outputs = &gs), FAC_OK);
        /* probabilities that require a gradient go without the kernel */
        if (i & 1) {
            fac_tensor *asking = fac_requires_grad_(fac_clone(target), true);
            fac_tensor *other = fac_cross_entropy_with(x, asking, &args);
            assert_close(loss, other, 60);
        }
        /* as does the derivative where its own is wanted */
        fac_tensor *again = fac_cross_entropy_with(x, target, &args);
        const fac_tensors agains = {1, &again};
        assert_int_equal(fac_grad(&agains, &xs, &parts, .grad_outputs = &gs, .create_graph = true), FAC_OK);
        assert_true(fac_requires_grad(parts));
        assert_close(whole, fac_detach(parts), 60);
    }
}

/* Against differences of the loss itself. */
static void differences(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_manual_seed(3);
    fac_tensor *x = fac_requires_grad_(fac_randn(3, 4, .dtype = FAC_FLOAT64), true);
    fac_tensor *w = fac_rand(4, .dtype = FAC_FLOAT64), *t = CLASSES(3, IGNORED, 0);
    const fac_cross_entropy_args args = {sizeof args, w, IGNORED, "mean", 0.3};
    assert_int_equal(fac_backward(fac_cross_entropy_with(x, t, &args)), FAC_OK);
    for (int64_t i = 0; i < 12; i++) {
        FAC_NO_GRAD;
        double *at = fac_element(x, i), before = *at, step = 1e-6;
        *at = before + step;
        double above = fac_item(fac_cross_entropy_with(x, t, &args));
        *at = before - step;
        double below = fac_item(fac_cross_entropy_with(x, t, &args));
        *at = before;
        assert_true(fabs((above - below) / (2 * step) - *(double *)fac_element(fac_grad_of(x), i)) < 1e-8);
    }
}

static fac_tensor *slope(fac_tensor *x, fac_tensor *target, const fac_cross_entropy_args *args)
{
    fac_tensor *leaf = fac_requires_grad_(fac_clone(x), true);
    assert_int_equal(fac_backward(fac_cross_entropy_with(leaf, target, args)), FAC_OK);
    return fac_grad_of(leaf);
}

#define LOSS(...) fac_item(fac_cross_entropy(__VA_ARGS__))

/* Infinite and missing values, as PyTorch has them. */
static void odd_values(void **state)
{
    (void)state;
    FAC_SCOPE;
    const double inf = (double)INFINITY;
    fac_tensor *low = ROWS(1, -inf, 0, 0), *first = CLASSES(0), *second = CLASSES(1);
    assert_true(isnan(LOSS(ROWS(1, inf, 0, 0), first)) && isnan(LOSS(ROWS(1, -inf, -inf), first)));
    assert_true(isnan(LOSS(ROWS(1, (double)NAN, 0, 0), second)));
    assert_true(LOSS(ROWS(1, (double)NAN, 0, 0), CLASSES(IGNORED), .reduction = "sum") == 0);
    assert_true(LOSS(low, first) == inf && LOSS(low, second, .label_smoothing = 0.1) == inf);
    assert_close(fac_cross_entropy(low, second), fac_log(fac_scalar(2)), 1);
    assert_true(isnan(LOSS(low, ROWS(1, 0, 1, 0)))); /* 0 times -inf */
    assert_true(LOSS(ROWS(1, 1e30, -1e30), second) == (double)2e30f && LOSS(ROWS(1, 1e30, -1e30), first) == 0);
}

/* Their gradients; those of ignored rows are 0, or NaN where the row is. */
static void odd_gradients(void **state)
{
    (void)state;
    FAC_SCOPE;
    const double inf = (double)INFINITY, nan = (double)NAN;
    const fac_cross_entropy_args smooth = {sizeof smooth, fac_none, IGNORED, "mean", 0.1};
    const fac_cross_entropy_args heavy = {sizeof heavy, fac_vector(1, 0, 0), IGNORED, "mean", 0};
    fac_tensor *missing = ROWS(2, nan, 0, 0, 1, 2, 3), *low = ROWS(2, 4, -inf, 0, 1, 2, 3), *t = CLASSES(IGNORED, 1);
    fac_tensor *lost = ROWS(2, nan, nan, nan, 0.09003057, -0.75527153, 0.66524096);
    assert_close(slope(missing, t, NULL), lost, 1);
    assert_close(slope(ROWS(2, inf, 0, 0, 1, 2, 3), t, NULL), lost, 1);
    assert_same(slope(fac_ones(2, 3), CLASSES(IGNORED, IGNORED), NULL), fac_zeros(2, 3));
    assert_same(slope(fac_ones(2, 3), CLASSES(IGNORED, IGNORED), &smooth), fac_zeros(2, 3));
    assert_same(slope(fac_ones(2, 3), CLASSES(1, 2), &heavy), fac_mul(fac_ones(2, 3), nan));
    assert_close(slope(low, CLASSES(0, 2), NULL),
                 ROWS(2, -0.00899310, 0, 0.00899310, 0.04501529, 0.12236424, -0.16737953), 1);
    assert_close(slope(low, CLASSES(0, 2), &smooth),
                 ROWS(2, 0.02434022, -0.01666667, -0.00767356, 0.02834862, 0.10569758, -0.13404620), 1);
}

static void nothing(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(3, 5), *ignored = CLASSES(IGNORED, IGNORED, IGNORED), *empty = fac_zeros(3, 0);
    assert_true(isnan(LOSS(x, ignored)) && isnan(LOSS(x, ignored, .label_smoothing = 0.1)));
    assert_true(LOSS(x, ignored, .reduction = "sum") == 0);
    assert_same(fac_cross_entropy(x, ignored, .reduction = "none"), fac_zeros(3));
    assert_true(isnan(LOSS(x, CLASSES(0, 1, 2), fac_zeros(5))));
    assert_true(isnan(LOSS(empty, ignored)) && LOSS(empty, ignored, .reduction = "sum") == 0);
    assert_true(isnan(LOSS(empty, empty)) && LOSS(empty, empty, .reduction = "sum") == 0);
    assert_same(fac_cross_entropy(empty, empty, .reduction = "none"), fac_zeros(3));
    assert_true(isnan(LOSS(fac_zeros(0, 5), fac_zeros(0, .dtype = FAC_INT64))));
    assert_true(LOSS(fac_zeros(0, 5), fac_zeros(0, 5), .reduction = "sum") == 0);
    assert_same(slope(empty, ignored, NULL), empty);
    assert_int_equal(fac_numel(slope(fac_zeros(0, 5), fac_zeros(0, .dtype = FAC_INT64), NULL)), 0);
    assert_error(fac_cross_entropy(empty, fac_zeros(3, .dtype = FAC_INT64)), FAC_ERR_INDEX,
                 "cross_entropy: Target 0 is out of bounds.");
    assert_same(fac_cross_entropy(fac_zeros(5), CLASSES(2)), fac_cross_entropy(fac_zeros(5), fac_scalar_int(2)));
}

/* However the rows lie and whatever lies around them, the bits are the same. */
static void rows_and_columns(void **state)
{
    (void)state;
    FAC_SCOPE;
    const char *none = "none";
    fac_tensor *x = fac_randn(70, 33), *t = indices(x, true), *turned = fac_t(fac_contiguous(fac_t(x)));
    fac_tensor *whole = fac_cross_entropy(x, t, .reduction = none);
    assert_same(fac_cross_entropy(turned, t, .reduction = none), whole);
    assert_same(fac_cross_entropy(fac_unsqueeze(x, 2), fac_unsqueeze(t, 1), .reduction = none),
                fac_unsqueeze(whole, 1));
    assert_same(fac_cross_entropy(fac_narrow(x, 0, 60, 3), fac_narrow(t, 0, 60, 3), .reduction = none),
                fac_narrow(whole, 0, 60, 3));
    assert_same(slope(turned, t, NULL), slope(x, t, NULL));
}

#define BATCH(...) fac_zeros(__VA_ARGS__, .dtype = FAC_INT64)

static void wrong_shapes(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(3, 5);
    assert_error(fac_cross_entropy(x, CLASSES(0, 1)), FAC_ERR_VALUE,
                 "cross_entropy: Expected input batch_size (3) to match target batch_size (2).");
    assert_error(fac_cross_entropy(x, fac_scalar_int(1)), FAC_ERR_VALUE,
                 "cross_entropy: Expected input batch_size (3) to match target batch_size (0).");
    assert_error(fac_cross_entropy(x, BATCH(3, 4)), FAC_ERR_VALUE,
                 "cross_entropy: 0D or 1D target tensor expected, multi-target not supported");
    assert_error(fac_cross_entropy(fac_zeros(5), BATCH(1, 1)), FAC_ERR_VALUE,
                 "cross_entropy: 0D or 1D target tensor expected, multi-target not supported");
    assert_error(fac_cross_entropy(fac_zeros(5), CLASSES(1, 2)), FAC_ERR_VALUE,
                 "cross_entropy: For 1D input, 1D target must have size 1, but got target size: 2");
    assert_error(fac_cross_entropy(fac_zeros(2, 5, 3), BATCH(2, 4)), FAC_ERR_VALUE,
                 "cross_entropy: Expected target size (2, 3), got (2, 4)");
    assert_error(fac_cross_entropy(fac_zeros(2, 5, 3, 4), BATCH(2, 3)), FAC_ERR_VALUE,
                 "cross_entropy: Expected target size (2, 3, 4), got (2, 3)");
    assert_error(fac_cross_entropy(fac_scalar(1), fac_scalar(1)), FAC_ERR_INDEX,
                 "cross_entropy: expected input (C), (N, C) or (N, C, d1, ...), got ()");
    assert_error(fac_cross_entropy(x, CLASSES(0, 1, 2), fac_zeros(4)), FAC_ERR_VALUE,
                 "cross_entropy: weight tensor should be defined either for all 5 classes or no classes but got weight "
                 "tensor of shape: (4,)");
    assert_error(fac_cross_entropy(x, x, fac_zeros(5, 1)), FAC_ERR_VALUE,
                 "cross_entropy: weight tensor should be defined either for all 5 classes or no classes but got weight "
                 "tensor of shape: (5, 1)");
}

static void errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(3, 5), *t = CLASSES(0, 1, 2), *wide = fac_ones(5, .dtype = FAC_FLOAT64);
    assert_error(fac_cross_entropy(x, CLASSES(0, 7, 1)), FAC_ERR_INDEX, "cross_entropy: Target 7 is out of bounds.");
    assert_error(fac_cross_entropy(x, CLASSES(0, -1, 1), .reduction = "none"), FAC_ERR_INDEX,
                 "cross_entropy: Target -1 is out of bounds.");
    assert_error(fac_cross_entropy(x, t, .reduction = "most"), FAC_ERR_VALUE,
                 "most is not a valid value for reduction");
    assert_error(fac_cross_entropy(x, t, .label_smoothing = 1.5), FAC_ERR_VALUE,
                 "cross_entropy: label_smoothing must be between 0.0 and 1.0. Got: 1.5");
    assert_error(fac_cross_entropy(x, x, .ignore_index = 2), FAC_ERR_VALUE,
                 "cross_entropy: ignore_index is not supported for floating point target");
    assert_error(fac_cross_entropy(x, fac_zeros(3)), FAC_ERR_TYPE,
                 "cross_entropy: expected target dtype to be int64 or uint8, but got float32");
    assert_error(fac_cross_entropy(x, fac_to(t, FAC_INT32)), FAC_ERR_TYPE,
                 "cross_entropy: expected target dtype to be int64 or uint8, but got int32");
    assert_error(fac_cross_entropy(x, fac_to(x, FAC_INT64)), FAC_ERR_TYPE,
                 "cross_entropy: Expected floating point type for target with class probabilities, got int64");
    assert_error(fac_cross_entropy(fac_to(x, FAC_INT64), t), FAC_ERR_TYPE, "cross_entropy: not implemented for int64");
    assert_error(fac_cross_entropy(x, t, wide), FAC_ERR_TYPE,
                 "cross_entropy: expected weight of dtype float32 but found float64");
    assert_error(fac_cross_entropy(x, t, fac_requires_grad_(fac_ones(5), true)), FAC_ERR_RUNTIME,
                 "cross_entropy: not differentiable with respect to argument 'weight' where target has class indices. "
                 "This input cannot have requires_grad True.");
    assert_error(fac_cross_entropy(x, NULL), FAC_ERR_VALUE, "cross_entropy: target is NULL");
    assert_error(fac_cross_entropy(x, t, NULL), FAC_ERR_VALUE, "cross_entropy: weight is NULL");
    /* of no consequence in PyTorch: below 0 or NaN is no smoothing */
    assert_same(fac_cross_entropy(x, t, .label_smoothing = -0.1), fac_cross_entropy(x, t));
    assert_same(fac_cross_entropy(x, t, .label_smoothing = (double)NAN), fac_cross_entropy(x, t));
}

/* What the derivative needs is checked for changes in place, and gone after one backward. */
static void changed(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_randn(3, 5), true), *t = CLASSES(0, 1, 2);
    fac_tensor *loss = fac_cross_entropy(x, t);
    assert_non_null(fac_fill_(t, 1));
    assert_int_equal(fac_backward(loss), FAC_ERR_RUNTIME);
    assert_non_null(strstr(fac_last_error(), "modified by an inplace operation"));
    loss = fac_cross_entropy(x, t);
    assert_int_equal(fac_backward(loss), FAC_OK);
    assert_int_equal(fac_backward(loss), FAC_ERR_RUNTIME);
    assert_non_null(strstr(fac_last_error(), "a second time"));
}

static const char *name_of(fac_tensor *input, fac_tensor *target, const char *reduction, double smoothing)
{
    return fac_grad_fn_name(fac_cross_entropy(input, target, .reduction = reduction, .label_smoothing = smoothing));
}

static void names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_zeros(3, 5), true), *t = CLASSES(0, 1, 2);
    fac_tensor *line = fac_requires_grad_(fac_zeros(3, 5, 2), true),
               *image = fac_requires_grad_(fac_zeros(3, 5, 2, 2), true);
    assert_string_equal(name_of(x, t, "mean", 0), "NllLossBackward0");
    assert_string_equal(name_of(x, t, "none", 0), "NllLossBackward0");
    assert_string_equal(name_of(x, t, "mean", 0.1), "AddBackward0");
    assert_string_equal(name_of(x, fac_zeros(3, 5), "mean", 0), "DivBackward1");
    assert_string_equal(name_of(x, fac_zeros(3, 5), "sum", 0), "NegBackward0");
    assert_string_equal(name_of(line, BATCH(3, 2), "sum", 0), "NllLoss2DBackward0");
    assert_string_equal(name_of(line, BATCH(3, 2), "none", 0), "ViewBackward0");
    assert_string_equal(name_of(image, BATCH(3, 2, 2), "none", 0), "NllLoss2DBackward0");
}

static void module(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_randn(3, 5), *t = CLASSES(0, 4, IGNORED), *w = fac_rand(5);
    fac_module *plain = fac_CrossEntropyLoss(), *loss = fac_CrossEntropyLoss(w, 4, "sum", .label_smoothing = 0.1);
    assert_string_equal(fac_module_repr(plain), "CrossEntropyLoss()");
    assert_string_equal(fac_module_repr(loss), "CrossEntropyLoss()");
    assert_same(fac_forward(plain, x, t), fac_cross_entropy(x, t));
    const fac_named_tensors *weights = fac_state_dict(loss);
    assert_int_equal(weights->count, 1);
    assert_string_equal(weights->names[0], "weight");
    assert_int_equal(fac_state_dict(plain)->count, 0);
    t = CLASSES(0, 4, 1);
    assert_same(fac_forward(loss, x, t),
                fac_cross_entropy(x, t, w, .ignore_index = 4, .reduction = "sum", .label_smoothing = 0.1));
    assert_error(fac_forward(plain, x), FAC_ERR_TYPE, "CrossEntropyLoss: expected 2 arguments, got 1");
    assert_error(fac_CrossEntropyLoss(.reduction = "most"), FAC_ERR_VALUE, "most is not a valid value for reduction");
    assert_error(fac_CrossEntropyLoss(NULL), FAC_ERR_VALUE, "CrossEntropyLoss: weight is NULL");
    fac_module_free(plain);
    fac_module_free(loss);
}

static bool backward_of(fac_tensor *loss)
{
    return loss && fac_backward(fac_sum(loss)) == FAC_OK;
}

static bool everything(void)
{
    fac_tensor *x = fac_ones(4, 3), *image = fac_ones(2, 3, 5), *w = fac_ones(3);
    fac_tensor *t = fac_zeros(4, .dtype = FAC_INT64), *many = fac_zeros(2, 5, .dtype = FAC_UINT8);
    if (!x || !image || !w || !t || !many || !fac_requires_grad_(x, true) || !fac_requires_grad_(image, true))
        return false;
    if (!backward_of(fac_cross_entropy(x, t)) || !backward_of(fac_cross_entropy(x, fac_ones(4, 3), w)) ||
        !backward_of(fac_cross_entropy(image, many, w, .reduction = "none", .label_smoothing = 0.1)) ||
        !backward_of(fac_cross_entropy(image, fac_ones(2, 3, 5), .label_smoothing = 0.1)))
        return false;
    fac_tensor *xs[] = {x}, *images[] = {image};
    return backward_of(bent(fac_cross_entropy(x, t, w, .label_smoothing = 0.1), xs, 1)) &&
           backward_of(bent(fac_cross_entropy(image, fac_ones(2, 3, 5), w), images, 1)) &&
           backward_of(fac_cross_entropy(image, fac_requires_grad_(fac_ones(2, 3, 5), true), w));
}

static bool making(void)
{
    fac_tensor *w = fac_ones(3);
    fac_module *loss = w ? fac_CrossEntropyLoss(w) : NULL;
    fac_module_free(loss);
    return loss;
}

static void memory(void **state)
{
    (void)state;
    assert_survives(everything);
    assert_survives(making);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch),    cmocka_unit_test(decomposed),
                                       cmocka_unit_test(differences),   cmocka_unit_test(odd_values),
                                       cmocka_unit_test(odd_gradients), cmocka_unit_test(nothing),
                                       cmocka_unit_test(wrong_shapes),  cmocka_unit_test(rows_and_columns),
                                       cmocka_unit_test(errors),        cmocka_unit_test(changed),
                                       cmocka_unit_test(names),         cmocka_unit_test(module),
                                       cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
