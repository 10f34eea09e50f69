/* SPDX-License-Identifier: MIT */
#include "facula/compare.h"
#include "support_alloc.h"
#include "support_cases.h"

#define INDEX(shape, ...)   fac_from_data((const int64_t[]){__VA_ARGS__}, shape, FAC_INT64)
#define INDEX32(shape, ...) fac_from_data((const int32_t[]){__VA_ARGS__}, shape, FAC_INT32)
#define VECTOR(n, ...)      INDEX(FAC_LIST(n), __VA_ARGS__)

static fac_tensor *mask_of(fac_list shape)
{
    return fac_gt(case_fill(shape, FAC_FLOAT64, 29, 7, 31, 1), 0);
}
#define MASK(...) mask_of(FAC_LIST(__VA_ARGS__))

static fac_tensor *no_rows(fac_list shape)
{
    return fac_from_data("", shape, FAC_INT64);
}

#define FUNCTION(name, expression)               \
    static fac_tensor *do_##name(fac_tensor **x) \
    {                                            \
        return expression;                       \
    }
#define TWO   FAC_TENSORS(x[0], x[1])
#define THREE FAC_TENSORS(x[0], x[1], x[2])
#define F32   fac_to(x[0], FAC_FLOAT32)
#define FUNCTIONS(F)                                                                                     \
    F(clone, fac_clone(x[0]))                                                                            \
    F(contiguous, fac_contiguous(x[0]))                                                                  \
    F(to_float32, fac_to(x[0], FAC_FLOAT32))                                                             \
    F(to_float64, fac_to(x[0], FAC_FLOAT64))                                                             \
    F(to_int64, fac_to(x[0], FAC_INT64))                                                                 \
    F(to_int32, fac_to(x[0], FAC_INT32))                                                                 \
    F(to_uint8, fac_to(x[0], FAC_UINT8))                                                                 \
    F(to_bool, fac_to(x[0], FAC_BOOL))                                                                   \
    F(to_itself, fac_to(x[0], fac_dtype_of(x[0])))                                                       \
    F(cat, fac_cat(THREE))                                                                               \
    F(cat_last, fac_cat(TWO, -1))                                                                        \
    F(cat_middle, fac_cat(TWO, 1))                                                                       \
    F(cat_nothing, fac_cat(TWO, 1))                                                                      \
    F(cat_promoted, fac_cat(FAC_TENSORS(F32, x[1])))                                                     \
    F(cat_promoted_int, fac_cat(FAC_TENSORS(x[0], INDEX32(FAC_LIST(3), 1, 2, 3))))                       \
    F(cat_one, fac_cat(FAC_TENSORS(x[0])))                                                               \
    F(stack, fac_stack(TWO))                                                                             \
    F(stack_last, fac_stack(TWO, -1))                                                                    \
    F(stack_middle, fac_stack(THREE, 1))                                                                 \
    F(stack_promoted, fac_stack(FAC_TENSORS(F32, x[1]), 1))                                              \
    F(where, fac_where(MASK(2, 3), x[0], x[1]))                                                          \
    F(where_wide, fac_where(MASK(4, 1, 1), x[0], x[1]))                                                  \
    F(where_turned, fac_where(fac_t(MASK(3, 2)), x[0], x[1]))                                            \
    F(where_scalar, fac_where(mask_of(FAC_EMPTY_LIST), x[0], x[1]))                                      \
    F(where_number, fac_where(MASK(2, 3), x[0], 0.5))                                                    \
    F(where_number_first, fac_where(MASK(2, 3), 1, x[0]))                                                \
    F(where_promoted, fac_where(MASK(2, 3), F32, x[1]))                                                  \
    F(where_byte, fac_where(fac_mul(fac_to(MASK(2, 3), FAC_UINT8), 2), x[0], x[1]))                      \
    F(masked_fill, fac_masked_fill(x[0], MASK(2, 3), -2.5))                                              \
    F(masked_fill_wide, fac_masked_fill(x[0], MASK(4, 2, 1), 1))                                         \
    F(masked_fill_tensor, fac_masked_fill(x[0], MASK(2, 3), x[1]))                                       \
    F(gather, fac_gather(x[0], 0, INDEX(FAC_LIST(2, 3), 0, 1, 1, 1, 1, 0)))                              \
    F(gather_last, fac_gather(x[0], -1, INDEX(FAC_LIST(1, 4), 2, 0, 2, 1)))                              \
    F(gather_int32, fac_gather(x[0], 1, INDEX32(FAC_LIST(2, 2), 2, 0, 1, 1)))                            \
    F(gather_turned, fac_gather(x[0], 1, fac_t(INDEX(FAC_LIST(2, 2), 2, 0, 1, 1))))                      \
    F(gather_none, fac_gather(x[0], 0, no_rows(FAC_LIST(0, 3))))                                         \
    F(gather_deep, fac_gather(x[0], 1, INDEX(FAC_LIST(2, 1, 2), 1, 0, 0, 0)))                            \
    F(gather_scalar, fac_gather(x[0], 0, fac_scalar_int(0)))                                             \
    F(index_select, fac_index_select(x[0], 0, VECTOR(3, 1, 1, 0)))                                       \
    F(index_select_last, fac_index_select(x[0], -1, VECTOR(4, 2, 0, 0, 1)))                              \
    F(index_select_int32, fac_index_select(x[0], 1, INDEX32(FAC_LIST(2), 2, 0)))                         \
    F(index_select_one, fac_index_select(x[0], 0, fac_scalar_int(0)))                                    \
    F(index_select_none, fac_index_select(x[0], 0, no_rows(FAC_LIST(0))))                                \
    F(scatter_add, fac_scatter_add(x[0], 0, INDEX(FAC_LIST(2, 3), 0, 1, 1, 1, 1, 1), x[1]))              \
    F(scatter_add_last, fac_scatter_add(x[0], -1, fac_t(INDEX(FAC_LIST(3, 2), 2, 0, 2, 2, 0, 0)), x[1])) \
    F(scatter_add_scalar, fac_scatter_add(x[0], 0, fac_scalar_int(0), x[1]))                             \
    F(scatter_add_none, fac_scatter_add(x[0], 0, no_rows(FAC_LIST(0, 3)), x[1]))                         \
    F(index_add, fac_index_add(x[0], 0, VECTOR(3, 1, 1, 0), x[1]))                                       \
    F(index_add_last, fac_index_add(x[0], -1, INDEX32(FAC_LIST(2), 2, 0), x[1]))                         \
    F(index_add_scalar, fac_index_add(x[0], 0, fac_scalar_int(0), x[1]))                                 \
    F(round, fac_round(x[0]))                                                                            \
    F(round_decimals, fac_round(x[0], 2))
FUNCTIONS(FUNCTION)

static void as_pytorch(void **state)
{
    (void)state;
#define ROW(name, expression) {#name, do_##name},
    static const case_function functions[] = {FUNCTIONS(ROW)};
    cases_run("copies", functions, sizeof functions / sizeof *functions);
}

static bool same_bits(const fac_tensor *a, const fac_tensor *b)
{
    size_t size = fac_dtype_sizes[a->m.dtype];
    for (int64_t i = 0; i < a->m.numel; i++) {
        const void *x = fac_element(a, i), *y = fac_element(b, i);
        if (memcmp(x, y, size) && !(isnan(fac_load_double(x, a->m.dtype)) && isnan(fac_load_double(y, b->m.dtype)))) {
            golden_mismatch(a, b, i, "round");
            return false;
        }
    }
    return true;
}

/* Bit for bit, -0 too; in place and with strides as well. */
static void rounding(void **state)
{
    (void)state;
    FAC_SCOPE;
    static const int64_t decimals[] = {0, 1, 2, 4, 10, -1, -3, 400};
    static const char *const names[] = {"rounds_float32", "rounds_float64"};
    golden *file = golden_open("copies");
    for (int n = 0; n < 2; n++)
        for (int i = 0; i < 8; i++) {
            fac_tensor *x = golden_part(file, names[n], "in", 0), *want = golden_part(file, names[n], "out", i);
            assert_true(same_bits(fac_round(x, decimals[i]), want));
            fac_tensor *turned = fac_t(fac_reshape(x, FAC_LIST(8, 10)));
            assert_true(same_bits(fac_round(turned, decimals[i]), fac_t(fac_reshape(want, FAC_LIST(8, 10)))));
            assert_ptr_equal(fac_round_(turned, decimals[i]), turned);
            assert_true(same_bits(x, want));
        }
    golden_close(file);
}

static void node_names(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_from_doubles((const double[]){1, 2, 3}, 3), true);
    fac_tensor *mask = fac_gt(x, 1), *index = VECTOR(3, 0, 1, 2);
    const struct {
        fac_tensor *y;
        const char *name;
    } nodes[] = {
        {fac_clone(x), "CloneBackward0"},
        {fac_contiguous(fac_slice(x, 0, .step = 2)), "CloneBackward0"},
        {fac_to(x, FAC_FLOAT64), "ToCopyBackward0"},
        {fac_cat(FAC_TENSORS(x, x)), "CatBackward0"},
        {fac_stack(FAC_TENSORS(x, x)), "StackBackward0"},
        {fac_where(mask, x, 0), "WhereBackward0"},
        {fac_masked_fill(x, mask, 0), "MaskedFillBackward0"},
        {fac_masked_fill(x, mask, fac_scalar(0)), "MaskedFillBackward1"},
        {fac_gather(x, 0, index), "GatherBackward0"},
        {fac_index_select(x, 0, index), "IndexSelectBackward0"},
        {fac_scatter_add(x, 0, index, x), "ScatterAddBackward0"},
        {fac_index_add(x, 0, index, x), "IndexAddBackward0"},
        {fac_round(x), "RoundBackward0"},
        {fac_round(x, 2), "RoundBackward1"},
    };
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        assert_string_equal(fac_grad_fn_name(nodes[i].y), nodes[i].name);
    assert_null(fac_grad_fn_name(fac_to(x, FAC_INT64)));
    assert_false(fac_requires_grad(fac_to(x, FAC_INT64)));
}

static void copies_are_fresh(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_vector(1, 2, 3);
    fac_tensor *copies[] = {fac_clone(x), fac_cat(FAC_TENSORS(x)), fac_to(x, FAC_FLOAT64), fac_round(x)};
    ((float *)fac_data(x))[0] = 9;
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        assert_true(fac_at(copies[i], FAC_LIST(0)) == 1);
    assert_ptr_equal(fac_contiguous(x), x);
    assert_ptr_equal(fac_to(x, FAC_FLOAT32), x);
    assert_ptr_equal(fac_to(x), x);
    assert_ptr_not_equal(fac_contiguous(fac_slice(x, 0, .step = 2))->storage, x->storage);
}

/* More than fac_apply_one_list keeps on its stack; the same tensor many times. */
static void many_pieces(void **state)
{
    (void)state;
    FAC_SCOPE;
    enum { MANY = 300 };
    fac_tensor *pieces[MANY], *x = fac_requires_grad_(fac_vector(1, 2), true);
    for (int i = 0; i < MANY; i++)
        pieces[i] = i % 2 ? x : fac_mul(x, 2);
    const fac_tensors list = {MANY, pieces};
    fac_tensor *row = fac_cat(&list), *rows = fac_stack(&list);
    assert_int_equal(fac_numel(row), 2 * MANY);
    assert_same(row, fac_reshape(rows, FAC_LIST(-1)));
    assert_true(fac_at(rows, FAC_LIST(4, 1)) == 4 && fac_at(rows, FAC_LIST(5, 1)) == 2);
    assert_int_equal(fac_backward(row, .gradient = fac_ones_like(row)), FAC_OK);
    assert_same(fac_grad_of(x), fac_vector(450, 450));
}

/* src larger than index: what index does not reach gets no gradient. (PyTorch wants equal shapes in backward.) */
static void scatter_of_a_part(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_zeros(2, 2), true), *src = fac_requires_grad_(fac_ones(3, 3), true);
    fac_tensor *y = fac_scatter_add(x, 0, INDEX(FAC_LIST(3, 2), 0, 1, 1, 1, 1, 0), src);
    assert_same(y, fac_reshape(fac_vector(1, 1, 2, 2), FAC_LIST(2, 2)));
    assert_int_equal(fac_backward(y, .gradient = fac_reshape(fac_vector(1, 2, 3, 4), FAC_LIST(2, 2))), FAC_OK);
    assert_same(fac_grad_of(src), fac_reshape(fac_vector(1, 4, 0, 3, 4, 0, 3, 2, 0), FAC_LIST(3, 3)));
}

/* An index changed after the graph saved it. */
static void changed_index(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_requires_grad_(fac_vector(1, 2, 3), true), *index = VECTOR(2, 0, 1);
    fac_tensor *y = fac_index_select(x, 0, index);
    assert_non_null(fac_add_(index, 1));
    assert_int_equal(fac_backward(y, .gradient = fac_vector(1, 1)), FAC_ERR_RUNTIME);
}

static void refused(fac_tensor *result, fac_status status, const char *message, int line)
{
    if (!result && fac_error_status() == status && !strcmp(fac_last_error(), message))
        return;
    print_error("line %d: %p, \"%s\", expected \"%s\"\n", line, (void *)result, fac_last_error(), message);
    fail();
}
#define assert_refused(result, status, message) refused(result, status, message, __LINE__)

static void errors_of_joining(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(2, 3), *row = fac_zeros(3), *scalar = fac_scalar(1);
    const fac_tensors none = {0, NULL};
    assert_refused(fac_cat(&none), FAC_ERR_VALUE, "cat: expected a non-empty list of Tensors");
    assert_refused(fac_cat(NULL), FAC_ERR_TYPE, "cat: missing required argument 'tensors'");
    assert_refused(fac_cat(FAC_TENSORS(x, NULL)), FAC_ERR_VALUE, "cat: input is NULL");
    assert_refused(fac_cat(FAC_TENSORS(scalar, scalar)), FAC_ERR_VALUE,
                   "cat: zero-dimensional tensor (at position 0) cannot be concatenated");
    assert_refused(fac_cat(FAC_TENSORS(x, row)), FAC_ERR_VALUE,
                   "cat: Tensors must have same number of dimensions: got 2 and 1 (shape (3,))");
    assert_refused(fac_cat(FAC_TENSORS(x, fac_zeros(1, 2))), FAC_ERR_VALUE,
                   "cat: Sizes of tensors must match except in dimension 0. Expected size 3 but got size 2 for tensor "
                   "number 1 in the list (shape (1, 2)).");
    assert_refused(fac_cat(FAC_TENSORS(x), 2), FAC_ERR_INDEX,
                   "cat: Dimension out of range (expected to be in range of [-2, 1], but got 2)");
    fac_tensor *vast = fac_expand(fac_to(fac_zeros(1), FAC_UINT8), FAC_LIST((int64_t)1 << 62));
    assert_refused(fac_cat(FAC_TENSORS(vast, vast)), FAC_ERR_VALUE,
                   "cat: the sizes in dimension 0 add up to more than int64 holds");
    assert_refused(fac_stack(&none), FAC_ERR_VALUE, "stack: expects a non-empty list of Tensors");
    assert_refused(fac_stack(FAC_TENSORS(x, row)), FAC_ERR_VALUE,
                   "stack: expects each tensor to be equal size, but got (2, 3) at entry 0 and (3,) at entry 1");
    assert_refused(fac_stack(FAC_TENSORS(x), 3), FAC_ERR_INDEX,
                   "stack: Dimension out of range (expected to be in range of [-3, 2], but got 3)");
    assert_refused(fac_stack(FAC_TENSORS(fac_reshape(x, FAC_LIST(1, 1, 1, 1, 1, 1, 2, 3)))), FAC_ERR_VALUE,
                   "stack: at most 8 dimensions, got 9");
    assert_refused(fac_stack(FAC_TENSORS(fac_reshape(x, FAC_LIST(1, 1, 1, 1, 1, 1, 2, 3))), -1), FAC_ERR_VALUE,
                   "stack: at most 8 dimensions, got 9");
}

static void errors_of_choosing(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(2, 3), *mask = fac_gt(x, 0), *bytes = fac_to(x, FAC_UINT8), *ints = fac_to(x, FAC_INT32);
    assert_refused(fac_where(x, x, x), FAC_ERR_TYPE,
                   "where: expected condition to be a bool tensor, but got a tensor with dtype float32");
    assert_refused(fac_where(mask, x, fac_zeros(4)), FAC_ERR_VALUE,
                   "where: shapes (2, 3) and (4,) cannot be broadcast together: the sizes must match at dimension 1");
    assert_refused(fac_masked_fill(x, bytes, 0), FAC_ERR_TYPE,
                   "masked_fill: only supports boolean masks, but got mask with dtype uint8");
    assert_refused(fac_masked_fill(x, mask, fac_vector(1)), FAC_ERR_VALUE,
                   "masked_fill: only supports a 0-dimensional value tensor, but got tensor of shape (1,)");
    assert_refused(fac_masked_fill(bytes, mask, 300), FAC_ERR_VALUE,
                   "masked_fill: value cannot be converted to type uint8 without overflow");
    assert_refused(fac_masked_fill(ints, mask, (int64_t)1 << 40), FAC_ERR_VALUE,
                   "masked_fill: value cannot be converted to type int32 without overflow");
    assert_refused(fac_masked_fill(ints, mask, (double)NAN), FAC_ERR_VALUE,
                   "masked_fill: value cannot be converted to type int32 without overflow");
    assert_refused(fac_masked_fill(fac_to(x, FAC_INT64), mask, 1e300), FAC_ERR_VALUE,
                   "masked_fill: value cannot be converted to type int64 without overflow");
    assert_refused(fac_masked_fill(x, mask, 1e300), FAC_ERR_VALUE,
                   "masked_fill: value cannot be converted to type float32 without overflow");
    assert_non_null(fac_masked_fill(x, mask, -(double)INFINITY));
    assert_non_null(fac_masked_fill(bytes, mask, -1));
    assert_refused(fac_round(mask), FAC_ERR_TYPE, "round: not implemented for bool");
    assert_refused(fac_round(ints, 1), FAC_ERR_TYPE, "round: not implemented for int32 with decimals");
    assert_refused(fac_to(x, (fac_dtype)99), FAC_ERR_TYPE, "to: 99 is no dtype");
    assert_refused(fac_clone(NULL), FAC_ERR_VALUE, "clone: input is NULL");
}

static void errors_of_indices(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_zeros(3, 2), *scalar = fac_scalar(1);
    assert_refused(fac_gather(x, 0, INDEX(FAC_LIST(1, 2), 0, 7)), FAC_ERR_INDEX,
                   "gather: index 7 is out of bounds for dimension 0 with size 3");
    assert_refused(fac_gather(x, -1, INDEX32(FAC_LIST(1, 2), -1, 7)), FAC_ERR_INDEX,
                   "gather: index -1 is out of bounds for dimension 1 with size 2");
    assert_refused(fac_gather(x, 0, x), FAC_ERR_TYPE, "gather: expected dtype int32 or int64 for index, got float32");
    assert_refused(fac_gather(x, 0, fac_none), FAC_ERR_TYPE, "gather: index is None");
    assert_refused(fac_gather(x, 0), FAC_ERR_VALUE, "gather: index is NULL");
    assert_refused(fac_gather(x, 2, VECTOR(1, 0)), FAC_ERR_INDEX,
                   "gather: Dimension out of range (expected to be in range of [-2, 1], but got 2)");
    assert_refused(fac_gather(x, 0, VECTOR(1, 0)), FAC_ERR_VALUE,
                   "gather: expected index of shape (1,) to have the dimensions of input of shape (3, 2) and to be no "
                   "larger apart from the dimension gathered");
    assert_refused(
        fac_gather(x, 0, INDEX(FAC_LIST(1, 3), 0, 0, 0)), FAC_ERR_VALUE,
        "gather: expected index of shape (1, 3) to have the dimensions of input of shape (3, 2) and to be no "
        "larger apart from the dimension gathered");
    assert_refused(fac_gather(fac_zeros(0, 2), 0, INDEX(FAC_LIST(1, 2), 0, 0)), FAC_ERR_INDEX,
                   "gather: index 0 is out of bounds for dimension 0 with size 0");
    assert_refused(fac_index_select(x, 0, VECTOR(2, 0, 3)), FAC_ERR_INDEX,
                   "index_select: index 3 is out of bounds for dimension 0 with size 3");
    assert_refused(fac_index_select(x, 0, INDEX(FAC_LIST(1, 1), 0)), FAC_ERR_INDEX,
                   "index_select: index is supposed to be a vector, got shape (1, 1)");
    assert_refused(fac_index_select(scalar, 0, VECTOR(2, 0, 0)), FAC_ERR_VALUE,
                   "index_select: index to a 0-d tensor can have only 1 value, got 2");
    assert_refused(fac_scatter_add(x, 0, INDEX(FAC_LIST(1, 2), 0, INT64_MIN), x), FAC_ERR_INDEX,
                   "scatter_add: index -9223372036854775808 is out of bounds for dimension 0 with size 3");
    assert_refused(fac_scatter_add(x, 0, INDEX(FAC_LIST(1, 2), 0, 0), fac_to(x, FAC_INT64)), FAC_ERR_TYPE,
                   "scatter_add: expected input and src to have the same dtype, got float32 and int64");
    assert_refused(
        fac_scatter_add(x, 0, INDEX(FAC_LIST(1, 2), 0, 0), fac_zeros(1, 1)), FAC_ERR_VALUE,
        "scatter_add: expected index of shape (1, 2) to have the dimensions of src of shape (1, 1) and to be "
        "no larger");
    assert_refused(fac_scatter_add(x, 0, INDEX(FAC_LIST(1, 2), 0, 0), fac_none), FAC_ERR_TYPE,
                   "scatter_add: src is None");
    assert_refused(fac_index_add(x, 0, VECTOR(1, 3), fac_zeros(1, 2)), FAC_ERR_INDEX,
                   "index_add: index 3 is out of bounds for dimension 0 with size 3");
    assert_refused(fac_index_add(x, 0, VECTOR(2, 0, 0), fac_zeros(1, 2)), FAC_ERR_VALUE,
                   "index_add: expected source to have the input's shape (3, 2), but the number of indices (2) at "
                   "dimension 0, got (1, 2)");
    assert_refused(fac_index_add(x, 1, VECTOR(1, 0), fac_zeros(2, 1)), FAC_ERR_VALUE,
                   "index_add: expected source to have the input's shape (3, 2), but the number of indices (1) at "
                   "dimension 1, got (2, 1)");
}

static void equal(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_vector(1, 2, 3), *nan = fac_vector(1, (double)NAN);
    assert_true(fac_equal(x, fac_vector(1, 2, 3)));
    assert_true(fac_equal(x, VECTOR(3, 1, 2, 3)));
    assert_false(fac_equal(x, fac_vector(1, 2, 4)));
    assert_false(fac_equal(x, fac_vector(1, 2)));
    assert_false(fac_equal(fac_vector(1), fac_scalar(1)));
    assert_false(fac_equal(nan, nan));
    assert_true(fac_equal(fac_zeros(2, 0), fac_zeros(2, 0)));
    fac_tensor *square = fac_reshape(fac_vector(1, 2, 3, 4), FAC_LIST(2, 2));
    assert_true(fac_equal(fac_t(square), fac_reshape(fac_vector(1, 3, 2, 4), FAC_LIST(2, 2))));
    assert_true(fac_equal(VECTOR(1, ((int64_t)1 << 60) + 1), VECTOR(1, ((int64_t)1 << 60) + 1)));
    assert_false(fac_equal(VECTOR(1, ((int64_t)1 << 60) + 1), VECTOR(1, (int64_t)1 << 60)));
    assert_int_equal(fac_error_status(), FAC_OK);
    assert_false(fac_equal(x, NULL));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "equal: other is NULL");
}

static void allclose(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *x = fac_vector(1, 100), *nan = fac_vector((double)NAN), *inf = fac_vector((double)INFINITY);
    assert_true(fac_allclose(x, fac_vector(1.000001, 100.0005)));
    assert_false(fac_allclose(x, fac_vector(1.0001, 100)));
    assert_true(fac_allclose(x, fac_vector(1.0001, 100), .atol = 1e-3));
    assert_true(fac_allclose(x, fac_vector(1.0001, 100), 1e-3));
    assert_false(fac_allclose(x, fac_scalar(1)));
    assert_true(fac_allclose(fac_vector(1, 1), fac_scalar(1)));
    assert_false(fac_allclose(nan, nan));
    assert_true(fac_allclose(nan, nan, .equal_nan = true));
    assert_true(fac_allclose(inf, inf));
    assert_false(fac_allclose(inf, fac_neg(inf), .rtol = 10));
    assert_false(fac_allclose(fac_vector(1), inf));
    assert_true(fac_allclose(VECTOR(2, 1, 100), VECTOR(2, 1, 101), .rtol = 0.01));
    assert_false(fac_allclose(VECTOR(2, 1, 100), VECTOR(2, 1, 102), .rtol = 0.01));
    assert_int_equal(fac_error_status(), FAC_OK);
    assert_false(fac_allclose(x, NULL));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_false(fac_allclose(x, VECTOR(2, 1, 100)));
    assert_int_equal(fac_error_status(), FAC_ERR_TYPE);
    assert_string_equal(fac_last_error(), "allclose: float32 did not match int64");
    assert_false(fac_allclose(x, fac_vector(1, 2, 3)));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_false(fac_allclose(x, x, .atol = -1));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "allclose: atol must be greater than or equal to zero");
}

/* Every allocation fails in turn. */
static fac_status program(void *ctx)
{
    FAC_SCOPE;
    (void)ctx;
    fac_tensor *x = fac_from_doubles((const double[]){1, 2, 3, 4}, 4), *pieces[20];
    if (!fac_requires_grad_(x, true))
        return fac_error_status();
    for (int i = 0; i < 20; i++)
        pieces[i] = x;
    const fac_tensors list = {20, pieces};
    fac_tensor *rows = fac_stack(&list), *index = INDEX32(FAC_LIST(2), 3, 0);
    fac_tensor *two = fac_index_select(fac_t(rows), 0, index); /* (2, 20) */
    fac_tensor *chosen = fac_where(fac_gt(two, 2), two, fac_to(fac_ones(1, 20), FAC_FLOAT64));
    fac_tensor *added = fac_index_add(fac_to(fac_reshape(fac_t(rows), FAC_LIST(20, 4)), FAC_FLOAT64), 0, index,
                                      fac_slice(fac_cat(FAC_TENSORS(chosen, two), 1), 1, 0, 4));
    fac_tensor *all = fac_select(fac_unsqueeze(fac_masked_fill(added, fac_gt(added, 3), 0), 0), 0, 0);
    return fac_backward(all, .gradient = fac_ones_like(all));
}

static void without_memory(void **state)
{
    (void)state;
    assert_true(support_alloc_fail_each(program, NULL) > 5);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_pytorch),
        cmocka_unit_test(rounding),
        cmocka_unit_test(node_names),
        cmocka_unit_test(copies_are_fresh),
        cmocka_unit_test(many_pieces),
        cmocka_unit_test(scatter_of_a_part),
        cmocka_unit_test(changed_index),
        cmocka_unit_test(errors_of_joining),
        cmocka_unit_test(errors_of_choosing),
        cmocka_unit_test(errors_of_indices),
        cmocka_unit_test(equal),
        cmocka_unit_test(allclose),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
