/* SPDX-License-Identifier: MIT */
/* Tensors: making them, asking them, reading and writing their values. */
#include "facula/tensor.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "facula/autograd.h"
#include "facula/ops.h"
#include "support_alloc.h"
#include "tensor/tensor.h"

static void check_error(fac_status want, const char *words, const char *file, int line)
{
    fac_status status = fac_error_status();
    if (status != want || !strstr(fac_last_error(), words)) {
        print_error("%s:%d: %s: %s; expected %s: %s\n", file, line, fac_status_name(status), fac_last_error(),
                    fac_status_name(want), words);
        fail();
    }
}
#define assert_error(want, words) check_error(want, words, __FILE__, __LINE__)

static fac_tensor *counted(fac_list shape)
{
    float values[64];
    for (int i = 0; i < 64; i++)
        values[i] = (float)i;
    return fac_from_data(values, shape, FAC_FLOAT32);
}

static void dtypes(void **state)
{
    (void)state;
    static const struct {
        fac_dtype dtype;
        const char *name;
        size_t size;
    } all[] = {{FAC_FLOAT32, "float32", 4}, {FAC_FLOAT64, "float64", 8}, {FAC_INT64, "int64", 8},
               {FAC_INT32, "int32", 4},     {FAC_UINT8, "uint8", 1},     {FAC_BOOL, "bool", 1}};
    assert_int_equal(sizeof all / sizeof *all, FAC_DTYPES - 1);
    for (size_t i = 0; i < FAC_DTYPES - 1; i++) {
        FAC_SCOPE;
        assert_string_equal(fac_dtype_name(all[i].dtype), all[i].name);
        assert_int_equal(fac_dtype_size(all[i].dtype), all[i].size);
        fac_tensor *t = fac_zeros(2, .dtype = all[i].dtype);
        assert_int_equal(fac_dtype_of(t), all[i].dtype);
        assert_int_equal(fac_element_size(t), all[i].size);
    }
    for (int none = -1; none < 100; none += none == 0 ? FAC_DTYPES : 1) {
        assert_null(fac_dtype_name((fac_dtype)none));
        assert_int_equal(fac_dtype_size((fac_dtype)none), 0);
    }
    float value = 1;
    assert_null(fac_from_data(&value, FAC_LIST(1), FAC_DEFAULT_DTYPE));
    assert_error(FAC_ERR_TYPE, "from_data: 0 is no dtype");
    assert_null(fac_from_data(&value, FAC_LIST(1), (fac_dtype)77));
    assert_error(FAC_ERR_TYPE, "77");
}

static void the_default_dtype(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_int_equal(fac_get_default_dtype(), FAC_FLOAT32);
    assert_int_equal(fac_dtype_of(fac_scalar(1)), FAC_FLOAT32);
    assert_int_equal(fac_dtype_of(fac_vector(1, 2)), FAC_FLOAT32);
    assert_int_equal(fac_set_default_dtype(FAC_FLOAT64), FAC_OK);
    assert_int_equal(fac_dtype_of(fac_scalar(1)), FAC_FLOAT64);
    assert_int_equal(fac_dtype_of(fac_vector(1, 2)), FAC_FLOAT64);
    assert_int_equal(fac_dtype_of(fac_zeros(2)), FAC_FLOAT64);
    assert_int_equal(fac_dtype_of(fac_mul(fac_scalar_int(1), 1.5)), FAC_FLOAT64);
    assert_int_equal(fac_set_default_dtype(FAC_INT64), FAC_ERR_TYPE);
    assert_int_equal(fac_set_default_dtype(FAC_DEFAULT_DTYPE), FAC_ERR_TYPE);
    assert_int_equal(fac_get_default_dtype(), FAC_FLOAT64);
    assert_int_equal(fac_set_default_dtype(FAC_FLOAT32), FAC_OK);
    assert_int_equal(fac_dtype_of(fac_scalar_int(1)), FAC_INT64);
    assert_int_equal(fac_dtype_of(fac_scalar_bool(true)), FAC_BOOL);
}

static void shapes(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *t = counted(FAC_LIST(2, 3, 4));
    assert_int_equal(fac_ndim(t), 3);
    assert_int_equal(fac_numel(t), 24);
    assert_int_equal(fac_len(t), 2);
    static const int64_t sizes[] = {2, 3, 4}, strides[] = {12, 4, 1};
    for (int d = 0; d < 3; d++) {
        assert_int_equal(fac_size(t, d), sizes[d]);
        assert_int_equal(fac_size(t, d - 3), sizes[d]);
        assert_int_equal(fac_stride(t, d), strides[d]);
        assert_int_equal(fac_stride(t, d - 3), strides[d]);
    }
    assert_true(fac_is_contiguous(t));
    fac_tensor *turned = fac_permute(t, FAC_LIST(2, 0, 1));
    assert_false(fac_is_contiguous(turned));
    assert_int_equal(fac_stride(turned, 0), 1);
    assert_int_equal(fac_stride(turned, 1), 12);
    assert_true(fac_is_contiguous(fac_contiguous(turned)));
    assert_int_equal(fac_size(t, 3), -1);
    assert_error(FAC_ERR_INDEX, "expected to be in range of [-3, 2], but got 3");
    assert_int_equal(fac_stride(t, -4), -1);
    assert_error(FAC_ERR_INDEX, "got -4");
    fac_tensor *scalar = fac_scalar(5);
    assert_int_equal(fac_ndim(scalar), 0);
    assert_int_equal(fac_numel(scalar), 1);
    assert_int_equal(fac_size(scalar, 0), -1);
    assert_error(FAC_ERR_INDEX, "Dimension specified as 0 but tensor has no dimensions");
    assert_int_equal(fac_stride(scalar, -1), -1);
    assert_error(FAC_ERR_INDEX, "tensor has no dimensions");
    assert_int_equal(fac_len(scalar), -1);
    assert_error(FAC_ERR_TYPE, "len() of a 0-d tensor");
    fac_tensor *empty = fac_zeros(3, 0, 2);
    assert_int_equal(fac_numel(empty), 0);
    assert_int_equal(fac_stride(empty, 0), 2); /* torch: (2, 2, 1) */
    assert_int_equal(fac_stride(empty, 1), 2);
    assert_true(fac_is_contiguous(empty));
    assert_true(fac_is_contiguous(fac_transpose(empty, 0, 2)));
}

static void all_properties_of_none(void **state)
{
    (void)state;
    void *const wrong[] = {NULL, fac_none};
    static const fac_status status[] = {FAC_ERR_VALUE, FAC_ERR_TYPE};
    for (int i = 0; i < 2; i++) {
        fac_tensor *t = wrong[i];
        double value;
        assert_int_equal(fac_dtype_of(t), FAC_DEFAULT_DTYPE);
        assert_error(status[i], "dtype: input is");
        assert_int_equal(fac_ndim(t), -1);
        assert_error(status[i], "ndim: input is");
        assert_int_equal(fac_size(t, 0), -1);
        assert_error(status[i], "size: input is");
        assert_int_equal(fac_stride(t, 0), -1);
        assert_error(status[i], "stride: input is");
        assert_int_equal(fac_numel(t), -1);
        assert_error(status[i], "numel: input is");
        assert_int_equal(fac_element_size(t), -1);
        assert_error(status[i], "element_size: input is");
        assert_int_equal(fac_len(t), -1);
        assert_error(status[i], "len: input is");
        assert_false(fac_is_contiguous(t));
        assert_error(status[i], "is_contiguous: input is");
        assert_true(isnan(fac_item(t)));
        assert_error(status[i], "item: input is");
        assert_int_equal(fac_item_int(t), -1);
        assert_error(status[i], "item: input is");
        assert_true(isnan(fac_at(t, FAC_LIST(0))));
        assert_error(status[i], "at: input is");
        assert_null(fac_data(t));
        assert_error(status[i], "data: input is");
        assert_int_equal(fac_touched(t), status[i]);
        assert_int_equal(fac_copy_out(t, &value, 1), status[i]);
        fac_tensor *slot = NULL;
        assert_int_equal(fac_set(&slot, t), status[i]);
        fac_tensor_free(t);
        assert_null(slot);
    }
}

static void values(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_true(fac_item(fac_scalar(0.5)) == 0.5);
    assert_true(fac_item(fac_from_data(&(double){0.1}, FAC_LIST(1, 1), FAC_FLOAT64)) == 0.1);
    assert_true(fac_item(fac_scalar_bool(true)) == 1);
    assert_true(fac_item(fac_scalar_int(-7)) == -7);
    assert_int_equal(fac_item_int(fac_scalar_int(INT64_MAX)), INT64_MAX);
    assert_int_equal(fac_item_int(fac_scalar_int(INT64_MIN)), INT64_MIN);
    assert_int_equal(fac_item_int(fac_scalar(-2.9)), -2);
    assert_int_equal(fac_item_int(fac_from_data(&(uint8_t){255}, FAC_LIST(1), FAC_UINT8)), 255);
    assert_int_equal(fac_item_int(fac_from_data(&(int32_t){INT32_MIN}, FAC_LIST(1), FAC_INT32)), INT32_MIN);
    assert_true(isnan(fac_item(fac_scalar((double)NAN))));
    fac_tensor *t = counted(FAC_LIST(3, 4));
    assert_true(isnan(fac_item(t)));
    assert_error(FAC_ERR_RUNTIME, "a Tensor with 12 elements cannot be converted to Scalar");
    assert_true(isnan(fac_item(fac_zeros(0))));
    assert_error(FAC_ERR_RUNTIME, "0 elements");
    assert_true(fac_at(t, FAC_LIST(1, 2)) == 6);
    assert_true(fac_at(t, FAC_LIST(-1, -4)) == 8);
    assert_true(fac_at(fac_t(t), FAC_LIST(2, 1)) == 6);
    assert_true(fac_at(fac_select(t, 0, 2), FAC_LIST(3)) == 11);
    assert_true(fac_at(fac_scalar(3), FAC_EMPTY_LIST) == 3);
    assert_true(isnan(fac_at(t, FAC_LIST(1))));
    assert_error(FAC_ERR_INDEX, "expected 2 indices, got 1");
    assert_true(isnan(fac_at(t, NULL)));
    assert_error(FAC_ERR_INDEX, "expected 2 indices");
    assert_true(isnan(fac_at(t, FAC_LIST(0, 4))));
    assert_error(FAC_ERR_INDEX, "index 4 is out of bounds for dimension 1 with size 4");
    assert_true(isnan(fac_at(t, FAC_LIST(-4, 0))));
    assert_error(FAC_ERR_INDEX, "index -4");
    assert_true(isnan(fac_at(t, FAC_LIST(INT64_MIN, 0))));
    assert_error(FAC_ERR_INDEX, "out of bounds");
}

static void copying_out(void **state)
{
    (void)state;
    FAC_SCOPE;
    float out[13];
    fac_tensor *t = counted(FAC_LIST(3, 4));
    assert_int_equal(fac_copy_out(t, out, 12), FAC_OK);
    for (int i = 0; i < 12; i++)
        assert_true(out[i] == (float)i);
    out[12] = -1;
    assert_int_equal(fac_copy_out(fac_t(t), out, 12), FAC_OK);
    for (int i = 0; i < 12; i++)
        assert_true(out[i] == (float)(i % 3 * 4 + i / 3));
    assert_true(out[12] == -1);
    assert_int_equal(fac_copy_out(t, out, 11), FAC_ERR_VALUE);
    assert_non_null(strstr(fac_last_error(), "expected room for 12 elements, got 11"));
    assert_int_equal(fac_copy_out(t, out, 13), FAC_ERR_VALUE);
    assert_int_equal(fac_copy_out(fac_zeros(0, 3), out, 0), FAC_OK);
    assert_int_equal(fac_copy_out(fac_expand(fac_scalar(2), FAC_LIST(3)), out, 3), FAC_OK);
    assert_true(out[0] == 2 && out[2] == 2);
}

static void from_data_copies(void **state)
{
    (void)state;
    FAC_SCOPE;
    float data[4] = {1, 2, 3, 4};
    fac_tensor *t = fac_from_data(data, FAC_LIST(2, 2), FAC_FLOAT32);
    data[0] = 9;
    assert_true(fac_at(t, FAC_LIST(0, 0)) == 1);
    assert_int_equal((uintptr_t)fac_data(t) % 64, 0);
    assert_null(fac_from_data(NULL, FAC_LIST(2), FAC_FLOAT32));
    assert_error(FAC_ERR_VALUE, "from_data: data is NULL, shape is (2,)");
    assert_int_equal(fac_numel(fac_from_data(NULL, FAC_LIST(2, 0), FAC_FLOAT32)), 0);
    assert_null(fac_from_data(data, NULL, FAC_FLOAT32));
    assert_error(FAC_ERR_VALUE, "from_data");
    assert_int_equal(fac_ndim(fac_from_data(data, FAC_EMPTY_LIST, FAC_FLOAT32)), 0);
    assert_int_equal(fac_numel(fac_vector(1, 2, 3)), 3);
    assert_int_equal(fac_numel(fac_from_doubles(NULL, 0)), 0);
    assert_null(fac_from_doubles((const double[]){1}, -1));
    assert_error(FAC_ERR_VALUE, "negative");
}

static void limits(void **state)
{
    (void)state;
    FAC_SCOPE;
    float data[1] = {0};
    assert_int_equal(fac_ndim(fac_from_data(data, FAC_LIST(1, 1, 1, 1, 1, 1, 1, 1), FAC_FLOAT32)), FAC_MAX_DIMS);
    assert_null(fac_from_data(data, FAC_LIST(1, 1, 1, 1, 1, 1, 1, 1, 1), FAC_FLOAT32));
    assert_error(FAC_ERR_VALUE, "at most 8 dimensions, got 9");
    assert_null(fac_from_data(data, &(const fac_ints){-1, {0}}, FAC_FLOAT32));
    assert_error(FAC_ERR_VALUE, "dimensions, got -1");
    assert_null(fac_from_data(data, &(const fac_ints){INT64_MAX, {0}}, FAC_FLOAT32));
    assert_error(FAC_ERR_VALUE, "at most 8 dimensions");
    assert_null(fac_from_data(data, FAC_LIST(2, -1), FAC_FLOAT32));
    assert_error(FAC_ERR_VALUE, "negative size in shape (2, -1)");
    /* Products that wrap around to something small: 1 byte here. */
    fac_list wraps = FAC_LIST(4194305, 4194305, 211106198978564);
    assert_null(fac_from_data(data, wraps, FAC_FLOAT32));
    assert_error(FAC_ERR_VALUE, "shape (4194305, 4194305, 211106198978564) is too large");
    assert_null(fac_from_blob(data, wraps, FAC_UINT8, NULL, NULL));
    assert_error(FAC_ERR_VALUE, "is too large");
    assert_null(fac_zeros(.size = wraps));
    assert_error(FAC_ERR_VALUE, "is too large");
    assert_null(fac_expand(fac_zeros(1, 1, 1), wraps));
    assert_error(FAC_ERR_VALUE, "is too large");
    assert_null(fac_zeros(.size = FAC_LIST(0, 1LL << 62, 4))); /* nothing in it, but strides would not fit */
    assert_error(FAC_ERR_VALUE, "is too large");
    assert_null(fac_zeros(.size = FAC_LIST(1LL << 58))); /* fits, but who has it */
    assert_error(FAC_ERR_MEMORY, "memory");
}

static int deletions;
static void *deleted_data, *deleted_ctx;
static void deleter(void *data, void *ctx)
{
    deletions++;
    deleted_data = data;
    deleted_ctx = ctx;
}

static void foreign_memory(void **state)
{
    (void)state;
    static double memory[6] = {1, 2, 3, 4, 5, 6};
    deletions = 0;
    fac_tensor *view = NULL;
    {
        FAC_SCOPE;
        fac_tensor *t = fac_from_blob(memory, FAC_LIST(2, 3), FAC_FLOAT64, deleter, &deletions);
        assert_ptr_equal(fac_data(t), memory);
        memory[0] = 10;
        assert_true(fac_at(t, FAC_LIST(0, 0)) == 10);
        assert_non_null(fac_mul_(t, 2));
        assert_true(memory[0] == 20 && memory[5] == 12);
        view = fac_keep(fac_t(fac_narrow(t, 1, 1, 2)));
    }
    assert_int_equal(deletions, 0); /* a view is left */
    assert_true(fac_at(view, FAC_LIST(1, 1)) == 12);
    fac_tensor_free(view);
    assert_int_equal(deletions, 1);
    assert_ptr_equal(deleted_data, memory);
    assert_ptr_equal(deleted_ctx, &deletions);
    /* Also when it comes to nothing. */
    assert_null(fac_from_blob(memory, FAC_LIST(-2), FAC_FLOAT64, deleter, NULL));
    assert_error(FAC_ERR_VALUE, "negative");
    assert_int_equal(deletions, 2);
    assert_null(fac_from_blob((char *)memory + 4, FAC_LIST(2), FAC_FLOAT64, deleter, NULL));
    assert_error(FAC_ERR_VALUE, "not aligned to the 8 bytes of a float64");
    assert_int_equal(deletions, 3);
    assert_null(fac_from_blob(NULL, FAC_LIST(2), FAC_FLOAT64, deleter, NULL));
    assert_error(FAC_ERR_VALUE, "data is NULL");
    assert_int_equal(deletions, 4);
    FAC_SCOPE;
    assert_non_null(fac_from_blob(memory, FAC_LIST(6), FAC_FLOAT64, NULL, NULL));
    assert_int_equal(fac_numel(fac_from_blob(NULL, FAC_LIST(0), FAC_FLOAT64, NULL, NULL)), 0);
}

/* Part of a graph and of a gradient: the memory goes with the last of them. */
static void foreign_memory_in_a_graph(void **state)
{
    (void)state;
    static float memory[2] = {1, 2};
    deletions = 0;
    fac_tensor *x = NULL;
    {
        FAC_SCOPE;
        x = fac_keep(fac_requires_grad_(fac_ones(2), true));
        fac_tensor *y = fac_keep(fac_mul(x, fac_from_blob(memory, FAC_LIST(2), FAC_FLOAT32, deleter, NULL)));
        fac_scope_reset();
        assert_int_equal(deletions, 0);
        assert_int_equal(fac_backward(y, fac_ones(2)), FAC_OK);
        assert_int_equal(deletions, 1); /* backward frees what the graph saved */
        fac_tensor_free(y);
    }
    fac_tensor_free(x);
}

static void setting(void **state)
{
    (void)state;
    int64_t before = fac_live_tensors();
    fac_tensor *slot = NULL;
    for (int i = 0; i < 3; i++) {
        FAC_SCOPE;
        assert_int_equal(fac_set(&slot, slot ? fac_add(slot, 1) : fac_scalar(0)), FAC_OK);
    }
    assert_int_equal(fac_live_tensors(), before + 1);
    assert_true(fac_item(slot) == 2);
    assert_int_equal(fac_set(&slot, slot), FAC_OK); /* itself */
    assert_true(fac_item(slot) == 2);
    assert_int_equal(fac_set(&slot, fac_zeros(-1)), FAC_ERR_VALUE);
    assert_non_null(strstr(fac_last_error(), "zeros"));
    assert_int_equal(fac_set(&slot, NULL), FAC_ERR_VALUE);
    assert_true(fac_item(slot) == 2); /* nothing changed */
    fac_tensor_free(slot);
    assert_int_equal(fac_live_tensors(), before);
}

static void number_operands(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_int_equal(fac_dtype_of(fac_number(1)), FAC_FLOAT64);
    assert_true(fac_number(1)->wrapped_number && fac_number_int(1)->wrapped_number);
    assert_false(fac_add(fac_number(1), fac_number_int(2))->wrapped_number);
    assert_int_equal(fac_dtype_of(fac_add(fac_number(1), fac_number_int(2))), FAC_FLOAT32);
    assert_true(fac_item(fac_sub(10, fac_number_bool(true))) == 9);
    fac_tensor *t = fac_scalar(1);
    assert_ptr_equal(fac_as_operand(t), t);
    assert_ptr_equal(fac_as_operand(fac_none), fac_none);
}

static void shape_texts(void **state)
{
    (void)state;
    assert_string_equal(fac_list_text(0, NULL), "()");
    assert_string_equal(fac_list_text(1, (const int64_t[]){25}), "(25,)");
    assert_string_equal(fac_list_text(3, (const int64_t[]){1, -2, 3}), "(1, -2, 3)");
    int64_t large[16];
    for (int i = 0; i < 16; i++)
        large[i] = INT64_MIN;
    const char *text = fac_list_text(16, large); /* cut where the buffer ends */
    assert_in_range(strlen(text), 100, 199);
    assert_int_equal(text[strlen(text) - 1], ')');
    const char *a = fac_list_text(1, (const int64_t[]){1}), *b = fac_list_text(1, (const int64_t[]){2});
    assert_string_equal(a, "(1,)"); /* several in one message */
    assert_string_equal(b, "(2,)");
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dtypes),           cmocka_unit_test(the_default_dtype),
        cmocka_unit_test(shapes),           cmocka_unit_test(all_properties_of_none),
        cmocka_unit_test(values),           cmocka_unit_test(copying_out),
        cmocka_unit_test(from_data_copies), cmocka_unit_test(limits),
        cmocka_unit_test(foreign_memory),   cmocka_unit_test(foreign_memory_in_a_graph),
        cmocka_unit_test(setting),          cmocka_unit_test(number_operands),
        cmocka_unit_test(shape_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
