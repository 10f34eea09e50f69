/* SPDX-License-Identifier: MIT */
#include "support_cases.h"

#define FUNCTION(name, expression)               \
    static fac_tensor *do_##name(fac_tensor **x) \
    {                                            \
        return expression;                       \
    }
#define FUNCTIONS(F)                                            \
    F(view_split, fac_view(x[0], FAC_LIST(2, 3, 2, 2)))         \
    F(view_guess, fac_view(x[0], FAC_LIST(-1, 4)))              \
    F(view_ones, fac_view(x[0], FAC_LIST(1, 2, 1, 3, 1)))       \
    F(view_scalar, fac_view(x[0], FAC_EMPTY_LIST))              \
    F(reshape_flat, fac_reshape(x[0], FAC_LIST(-1)))            \
    F(reshape_pairs, fac_reshape(x[0], FAC_LIST(6, -1)))        \
    F(reshape_column, fac_reshape(x[0], FAC_LIST(25, 1)))       \
    F(reshape_none, fac_reshape(x[0], FAC_LIST(3, 0)))          \
    F(flatten_all, fac_flatten(x[0]))                           \
    F(flatten_tail, fac_flatten(x[0], 1))                       \
    F(flatten_head, fac_flatten(x[0], .end_dim = -2))           \
    F(squeeze_all, fac_squeeze(x[0]))                           \
    F(squeeze_first, fac_squeeze(x[0], 0))                      \
    F(squeeze_back, fac_squeeze(x[0], -2))                      \
    F(squeeze_two, fac_squeeze(x[0], FAC_2(0, 2)))              \
    F(unsqueeze_first, fac_unsqueeze(x[0], 0))                  \
    F(unsqueeze_mid, fac_unsqueeze(x[0], 1))                    \
    F(unsqueeze_last, fac_unsqueeze(x[0], -1))                  \
    F(transpose, fac_transpose(x[0], 0, -1))                    \
    F(t, fac_t(x[0]))                                           \
    F(permute, fac_permute(x[0], FAC_LIST(2, 0, 1)))            \
    F(permute_negative, fac_permute(x[0], FAC_LIST(-1, 0, -2))) \
    F(select_first, fac_select(x[0], 0, 1))                     \
    F(select_last, fac_select(x[0], -1, -2))                    \
    F(narrow, fac_narrow(x[0], 1, 1, 2))                        \
    F(narrow_back, fac_narrow(x[0], -1, -3, 2))                 \
    F(narrow_none, fac_narrow(x[0], 0, 2, 0))                   \
    F(slice_step, fac_slice(x[0], 1, .step = 2))                \
    F(slice_tail, fac_slice(x[0], -1, -3))                      \
    F(slice_range, fac_slice(x[0], 0, 1, -1, 3))                \
    F(slice_beyond, fac_slice(x[0], 0, 5, 9))                   \
    F(slice_wide, fac_slice(x[0], 0, -100, 100, 50))            \
    F(slice_backward, fac_slice(x[0], 0, 3, 1))                 \
    F(expand_lead, fac_expand(x[0], FAC_LIST(4, 2, 3)))         \
    F(expand_keep, fac_expand(x[0], FAC_LIST(-1, 5)))           \
    F(expand_none, fac_expand(x[0], FAC_LIST(0, 3)))            \
    F(detach, fac_detach(x[0]))                                 \
    F(chain,                                                    \
      fac_select(fac_unsqueeze(fac_reshape(fac_slice(fac_transpose(x[0], 0, 1), 0, 1), FAC_LIST(2, -1)), 1), 2, 3))
FUNCTIONS(FUNCTION)

static void as_pytorch(void **state)
{
    (void)state;
#define ROW(name, expression) {#name, do_##name},
    static const case_function functions[] = {FUNCTIONS(ROW)};
    cases_run("views", functions, sizeof functions / sizeof *functions);
}

static fac_tensor *counting(fac_list shape)
{
    float values[64];
    for (int i = 0; i < 64; i++)
        values[i] = (float)i;
    return fac_from_data(values, shape, FAC_FLOAT32);
}

static void assert_strides(const fac_tensor *t, fac_list strides)
{
    assert_non_null(t);
    assert_int_equal(t->m.ndim, strides->count);
    for (int d = 0; d < t->m.ndim; d++)
        assert_int_equal(fac_stride(t, d), strides->values[d]);
}

static void strides(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = counting(FAC_LIST(2, 3, 4));
    assert_strides(fac_permute(x, FAC_LIST(2, 0, 1)), FAC_LIST(1, 12, 4));
    assert_strides(fac_transpose(x, 1, 2), FAC_LIST(12, 1, 4));
    assert_strides(fac_select(x, 1, 2), FAC_LIST(12, 1));
    assert_strides(fac_slice(x, 2, 1, .step = 2), FAC_LIST(12, 4, 2));
    assert_strides(fac_expand(x, FAC_LIST(5, 2, 3, 4)), FAC_LIST(0, 12, 4, 1));
    assert_strides(fac_unsqueeze(x, 1), FAC_LIST(12, 12, 4, 1));
    assert_strides(fac_view(fac_permute(x, FAC_LIST(2, 0, 1)), FAC_LIST(2, 2, 6)), FAC_LIST(2, 1, 4));
    assert_true(fac_is_contiguous(fac_narrow(x, 0, 1, 1)));
    assert_false(fac_is_contiguous(fac_narrow(x, 1, 1, 2)));
    assert_false(fac_is_contiguous(fac_transpose(x, 0, 2)));
    assert_true(fac_is_contiguous(fac_transpose(fac_unsqueeze(x, 0), 0, 1)));
    assert_true(fac_is_contiguous(fac_select(x, 0, 1)));
    assert_true(fac_is_contiguous(fac_squeeze(fac_unsqueeze(fac_select(x, 0, 1), 1))));
}

/* Views share memory with what they were taken from; a reshape that copies does not. */
static void aliasing(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = counting(FAC_LIST(2, 3)), *transposed = fac_t(x);
    fac_tensor *views[] = {transposed,         fac_reshape(x, FAC_LIST(6)),      fac_select(x, 0, 1), fac_detach(x),
                           fac_slice(x, 1, 1), fac_expand(x, FAC_LIST(2, 2, 3)), fac_flatten(x)};
    ((float *)fac_data(x))[5] = 50;
    assert_int_equal(fac_touched(x), FAC_OK);
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        assert_non_null(views[i]);
        assert_ptr_equal(views[i]->storage, x->storage);
        assert_int_equal(fac_version_of(views[i]), fac_version_of(x));
        fac_tensor *last = views[i];
        while (last->m.ndim)
            last = fac_select(last, 0, -1);
        assert_true(fac_item(last) == 50);
    }
    fac_tensor *copy = fac_reshape(transposed, FAC_LIST(6));
    assert_ptr_not_equal(copy->storage, x->storage);
    *(float *)fac_data(transposed) = 7;
    assert_true(fac_at(x, FAC_LIST(0, 0)) == 7);
    assert_true(fac_at(copy, FAC_LIST(0)) == 0);
    assert_ptr_equal(fac_flatten(x, 1), x);
}

/* Writing through a view with an operation: the elements are the base's, the version counts for both. */
static void writing_through_views(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = counting(FAC_LIST(2, 3)), *column = fac_select(x, 1, 1);
    int64_t version = fac_version_of(x);
    assert_ptr_equal(fac_mul_(column, 10.0), column);
    assert_int_equal(fac_version_of(x), version + 1);
    assert_int_equal(fac_version_of(column), version + 1);
    assert_same(x, fac_reshape(fac_vector(0, 10, 2, 3, 40, 5), FAC_LIST(2, 3)));
}

/* What a graph saved is stale once it is changed through any view. */
static void saved_through_views(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(counting(FAC_LIST(3)), true), *y = counting(FAC_LIST(3));
    fac_tensor *product = fac_mul(x, y);
    assert_non_null(fac_mul_(fac_select(y, 0, 1), 2.0));
    assert_int_equal(fac_backward(product, .gradient = counting(FAC_LIST(3))), FAC_ERR_RUNTIME);
    assert_non_null(strstr(fac_last_error(), "modified by an inplace operation"));
}

/* A view is of no use after its base was changed in a graph, its detached twin is of use all the same. */
static void views_of_changed_bases(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *leaf = fac_requires_grad_(counting(FAC_LIST(2, 2)), true);
    fac_tensor *x = fac_mul(leaf, 2.0), *view = fac_reshape(x, FAC_LIST(4)), *detached = fac_detach(x);
    assert_non_null(fac_mul_(x, 3.0));
    assert_null(fac_neg(view));
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    assert_non_null(strstr(fac_last_error(), "view"));
    assert_non_null(fac_neg(detached));
    assert_true(fac_at(detached, FAC_LIST(1, 1)) == 18);
    assert_non_null(fac_neg(fac_reshape(x, FAC_LIST(4))));
}

static void detached(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *leaf = fac_requires_grad_(counting(FAC_LIST(3)), true), *x = fac_mul(leaf, 2.0);
    fac_tensor *y = fac_detach(x);
    assert_true(fac_requires_grad(x));
    assert_false(fac_requires_grad(y));
    assert_true(fac_is_leaf(y));
    assert_null(fac_grad_fn_name(y));
    assert_true(fac_requires_grad(fac_requires_grad_(y, true)));
    fac_tensor *z = fac_detach(leaf), *w = fac_requires_grad_(counting(FAC_LIST(3)), true);
    assert_non_null(fac_mul_(z, w)); /* in place on a detached tensor: like any leaf without a gradient */
    assert_string_equal(fac_grad_fn_name(z), "MulBackward0");
}

static void node_names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(counting(FAC_LIST(2, 3)), true), *wide = fac_unsqueeze(x, 0);
    const struct {
        fac_tensor *y;
        const char *name;
    } nodes[] = {
        {fac_view(x, FAC_LIST(6)), "ViewBackward0"},
        {fac_reshape(x, FAC_LIST(6)), "ViewBackward0"},
        {fac_reshape(fac_t(x), FAC_LIST(6)), "UnsafeViewBackward0"},
        {fac_flatten(x), "ViewBackward0"},
        {wide, "UnsqueezeBackward0"},
        {fac_squeeze(wide), "SqueezeBackward0"},
        {fac_squeeze(wide, 0), "SqueezeBackward1"},
        {fac_squeeze(wide, FAC_2(0, 1)), "SqueezeBackward2"},
        {fac_t(x), "TBackward0"},
        {fac_transpose(x, 0, 1), "TransposeBackward0"},
        {fac_permute(x, FAC_LIST(1, 0)), "PermuteBackward0"},
        {fac_select(x, 0, 0), "SelectBackward0"},
        {fac_narrow(x, 0, 0, 1), "SliceBackward0"},
        {fac_slice(x, 0, 1), "SliceBackward0"},
        {fac_expand(x, FAC_LIST(2, 2, 3)), "ExpandBackward0"},
    };
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        assert_string_equal(fac_grad_fn_name(nodes[i].y), nodes[i].name);
}

static void refused(fac_tensor *result, fac_status status, const char *message, int line)
{
    if (!result && fac_error_status() == status && !strcmp(fac_last_error(), message))
        return;
    print_error("line %d: %p, \"%s\", expected \"%s\"\n", line, (void *)result, fac_last_error(), message);
    fail();
}
#define assert_refused(result, status, message) refused(result, status, message, __LINE__)

static void errors_of_shapes(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = counting(FAC_LIST(2, 3)), *none = counting(FAC_LIST(0, 3));
    assert_refused(fac_view(x, FAC_LIST(4, 2)), FAC_ERR_VALUE,
                   "view: shape (4, 2) is invalid for input of shape (2, 3) (6 elements)");
    assert_refused(fac_reshape(x, FAC_LIST(4, -1)), FAC_ERR_VALUE,
                   "reshape: shape (4, -1) is invalid for input of shape (2, 3) (6 elements)");
    assert_refused(fac_reshape(fac_t(x), FAC_LIST(5)), FAC_ERR_VALUE,
                   "reshape: shape (5,) is invalid for input of shape (3, 2) (6 elements)");
    assert_refused(fac_reshape(x, FAC_LIST(-1, -1)), FAC_ERR_VALUE,
                   "reshape: only one dimension can be inferred, got shape (-1, -1)");
    assert_refused(fac_reshape(x, FAC_LIST(-2, 3)), FAC_ERR_VALUE,
                   "reshape: invalid shape dimension -2 at index 0 of shape (-2, 3)");
    assert_refused(fac_reshape(x, FAC_LIST(INT64_MAX, INT64_MAX)), FAC_ERR_VALUE,
                   "reshape: shape (9223372036854775807, 9223372036854775807) is invalid for input of shape (2, 3) (6 "
                   "elements)");
    assert_refused(fac_reshape(none, FAC_LIST(0, -1)), FAC_ERR_VALUE,
                   "reshape: cannot reshape tensor of 0 elements into shape (0, -1) because the unspecified dimension "
                   "size -1 can be any value and is ambiguous");
    assert_refused(fac_reshape(none, FAC_LIST(0, INT64_MAX, INT64_MAX)), FAC_ERR_VALUE,
                   "reshape: shape (0, 9223372036854775807, 9223372036854775807) is too large");
    assert_refused(fac_reshape(x, FAC_LIST(1, 1, 1, 1, 1, 1, 1, 2, 3)), FAC_ERR_VALUE,
                   "reshape: at most 8 dimensions, got 9");
    assert_refused(fac_view(fac_t(x), FAC_LIST(6)), FAC_ERR_VALUE,
                   "view: view size (6,) is not compatible with input tensor's size (3, 2) and stride (1, 3) (at least "
                   "one dimension spans across two contiguous subspaces). Use reshape instead.");
    assert_refused(fac_reshape(NULL, FAC_LIST(6)), FAC_ERR_VALUE, "reshape: input is NULL");
    assert_refused(fac_reshape_with(x, NULL), FAC_ERR_TYPE, "reshape: missing required argument 'shape'");
    assert_refused(fac_flatten(x, 1, 0), FAC_ERR_VALUE, "flatten: start_dim cannot come after end_dim, got 1 and 0");
    assert_refused(fac_flatten(x, 5), FAC_ERR_INDEX,
                   "flatten: Dimension out of range (expected to be in range of [-2, 1], but got 5)");
    assert_refused(fac_squeeze(x, FAC_2(0, -2)), FAC_ERR_VALUE,
                   "squeeze: dim 0 appears multiple times in the list of dims");
    assert_refused(fac_squeeze(x, 4), FAC_ERR_INDEX,
                   "squeeze: Dimension out of range (expected to be in range of [-2, 1], but got 4)");
    assert_refused(fac_unsqueeze(x, 3), FAC_ERR_INDEX,
                   "unsqueeze: Dimension out of range (expected to be in range of [-3, 2], but got 3)");
    assert_refused(fac_unsqueeze(fac_reshape(x, FAC_LIST(1, 1, 1, 1, 1, 1, 2, 3)), 0), FAC_ERR_VALUE,
                   "unsqueeze: at most 8 dimensions, input has shape (1, 1, 1, 1, 1, 1, 2, 3)");
}

static void errors_of_dims(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = counting(FAC_LIST(2, 3)), *scalar = counting(FAC_EMPTY_LIST);
    assert_refused(fac_transpose(x, 0, 2), FAC_ERR_INDEX,
                   "transpose: Dimension out of range (expected to be in range of [-2, 1], but got 2)");
    assert_refused(fac_transpose(x, 0), FAC_ERR_TYPE, "transpose: missing required argument 'dim1'");
    assert_refused(fac_t(fac_unsqueeze(x, 0)), FAC_ERR_VALUE,
                   "t: expects a tensor with <= 2 dimensions, but input has shape (1, 2, 3)");
    assert_refused(fac_permute(x, FAC_LIST(0, 0)), FAC_ERR_VALUE,
                   "permute: duplicate dims are not allowed, got (0, 0)");
    assert_refused(fac_permute(x, FAC_LIST(0)), FAC_ERR_VALUE,
                   "permute: dims (0,) must name each dimension of an input of shape (2, 3)");
    assert_refused(fac_select(x, 0, 2), FAC_ERR_INDEX,
                   "select: index 2 out of range for tensor of size (2, 3) at dimension 0");
    assert_refused(fac_select(x, -1, -4), FAC_ERR_INDEX,
                   "select: index -4 out of range for tensor of size (2, 3) at dimension 1");
    assert_refused(fac_select(scalar, 0, 0), FAC_ERR_INDEX, "select: cannot be applied to a 0-dim tensor");
    assert_refused(fac_narrow(x, 0, 1, 2), FAC_ERR_VALUE, "narrow: start (1) + length (2) exceeds dimension size (2)");
    assert_refused(fac_narrow(x, 0, 1, INT64_MAX), FAC_ERR_VALUE,
                   "narrow: start (1) + length (9223372036854775807) exceeds dimension size (2)");
    assert_refused(fac_narrow(x, 0, 3, 0), FAC_ERR_INDEX,
                   "narrow: start out of range (expected to be in range of [-2, 2], but got 3)");
    assert_refused(fac_narrow(x, 0, 0, -1), FAC_ERR_VALUE, "narrow: length must be non-negative, got -1");
    assert_refused(fac_narrow(scalar, 0, 0, 1), FAC_ERR_INDEX, "narrow: cannot be applied to a 0-dim tensor");
    assert_refused(fac_slice(scalar, 0), FAC_ERR_INDEX, "slice: cannot be applied to a 0-dim tensor");
    assert_refused(fac_slice(x, 0, .step = 0), FAC_ERR_VALUE, "slice: step must be positive, got 0");
    assert_int_equal(fac_size(fac_slice(x, 1, .step = INT64_MAX), 1), 1);
    assert_refused(fac_expand(x, FAC_LIST(2, 4)), FAC_ERR_VALUE,
                   "expand: The expanded size of the tensor (4) must match the existing size (3) at non-singleton "
                   "dimension 1. Target sizes: (2, 4). Tensor sizes: (2, 3)");
    assert_refused(fac_expand(x, FAC_LIST(-1, 2, 3)), FAC_ERR_VALUE,
                   "expand: The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension 0. "
                   "Target sizes: (-1, 2, 3). Tensor sizes: (2, 3)");
    assert_refused(
        fac_expand(x, FAC_LIST(3)), FAC_ERR_VALUE,
        "expand: the number of sizes provided (1) must be at least the number of dimensions in the tensor (2) "
        "and at most 8");
    assert_refused(fac_expand(scalar, FAC_LIST(INT64_MAX, 2)), FAC_ERR_VALUE,
                   "expand: shape (9223372036854775807, 2) is too large");
}

/* Used after its scope; and the base may go before its views. */
static void lifetimes(void **state)
{
    (void)state;
    fac_tensor *kept = NULL, *dead = NULL;
    {
        FAC_SCOPE;
        dead = counting(FAC_LIST(2, 3));
        kept = fac_keep(fac_select(dead, 0, 1));
    }
    FAC_SCOPE;
    assert_refused(fac_reshape(dead, FAC_LIST(6)), FAC_ERR_RUNTIME, "reshape: input's scope has ended");
    assert_same(kept, fac_vector(3, 4, 5));
    fac_tensor_free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_pytorch),
        cmocka_unit_test(strides),
        cmocka_unit_test(aliasing),
        cmocka_unit_test(writing_through_views),
        cmocka_unit_test(saved_through_views),
        cmocka_unit_test(views_of_changed_bases),
        cmocka_unit_test(detached),
        cmocka_unit_test(node_names),
        cmocka_unit_test(errors_of_shapes),
        cmocka_unit_test(errors_of_dims),
        cmocka_unit_test(lifetimes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
