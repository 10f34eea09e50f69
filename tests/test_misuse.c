/* SPDX-License-Identifier: MIT */
/* What a user gets wrong in a training program, and the one line that tells. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "facula/facula.h"
#include "support_alloc.h"

/* The pending error has this status and text, and is the only one. */
static void expect(fac_status status, const char *message)
{
    assert_string_equal(fac_last_error(), message);
    assert_int_equal(fac_error_status(), status);
    assert_int_equal(fac_error_status(), FAC_OK);
}

static void test_wrong_width(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_module *layer = fac_Linear(10, 1);
    fac_module *deep = fac_Sequential(fac_Sequential(fac_Linear(1, 7), fac_Tanh()), fac_Linear(10, 1));
    assert_null(fac_forward(layer, fac_ones(25, 1)));
    expect(FAC_ERR_VALUE, "Linear: expected input (*, 10), got (25, 1)");
    assert_null(fac_forward(deep, fac_ones(25, 1)));
    expect(FAC_ERR_VALUE, "Linear: expected input (*, 10), got (25, 7)");
    assert_null(fac_forward(layer, fac_scalar(1)));
    expect(FAC_ERR_VALUE, "Linear: expected input (*, 10), got ()");
    assert_int_equal(fac_backward(fac_mse_loss(fac_forward(layer, fac_ones(25, 1)), fac_ones(25, 1))), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "Linear: expected input (*, 10), got (25, 1)");
    assert_null(fac_mse_loss(fac_ones(25, 2), fac_ones(24, 2)));
    assert_non_null(strstr(fac_last_error(), "(25, 2)"));
    assert_non_null(strstr(fac_last_error(), "(24, 2)"));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    fac_module_free(layer), fac_module_free(deep);
}

static void test_wrong_dtype(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_module *model = fac_Sequential(fac_Linear(1, 1)), *loss = fac_MSELoss();
    assert_null(fac_forward(model, fac_ones(25, 1, .dtype = FAC_FLOAT64)));
    expect(FAC_ERR_TYPE, "Linear: expected input and weight to have the same dtype, but got: float64 != float32");
    assert_null(fac_forward(model, fac_ones(25, 1, .dtype = FAC_INT64)));
    expect(FAC_ERR_TYPE, "Linear: expected input and weight to have the same dtype, but got: int64 != float32");
    assert_null(fac_forward(loss, fac_ones(3, .dtype = FAC_INT64), fac_ones(3, .dtype = FAC_INT64)));
    expect(FAC_ERR_TYPE, "mse_loss: not implemented for int64");
    assert_null(fac_MSELoss("avg"));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_non_null(strstr(fac_last_error(), "avg"));
    assert_null(fac_forward(loss, fac_ones(3)));
    expect(FAC_ERR_TYPE, "MSELoss: expected 2 arguments, got 1");
    fac_module_free(model), fac_module_free(loss);
}

static struct {
    int count;
    char text[512];
} warned;

static void note_warning(const char *message, void *ctx)
{
    assert_ptr_equal(ctx, &warned);
    warned.count++;
    warned.text[0] = '\0';
    strncat(warned.text, message, sizeof warned.text - 1);
}

static void test_sizes_that_broadcast_are_warned_of(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_on_warning(note_warning, &warned);
    for (int i = 0; i < 3; i++)
        assert_non_null(fac_mse_loss(fac_ones(25, 1), fac_ones(25)));
    assert_int_equal(warned.count, 1);
    static const char text[] =
        "Using a target size (torch.Size([25])) that is different to the input size (torch.Size([25, 1])). This will "
        "likely lead to incorrect results due to broadcasting. Please ensure they have the same size.";
    assert_string_equal(warned.text, text);
    assert_string_equal(fac_last_warning(), text);
    assert_non_null(fac_l1_loss(fac_ones(2, 1), fac_ones(2)));
    assert_int_equal(warned.count, 2);
    assert_non_null(fac_mse_loss(fac_ones(24, 1), fac_ones(24))); /* another mistake */
    assert_int_equal(warned.count, 3);
    assert_int_equal(fac_error_status(), FAC_OK);
    fac_on_warning(NULL, NULL);
}

static void test_optimisers(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_module *model = fac_Linear(1, 1);
    assert_null(fac_Adam(fac_parameters(model), .lr = -1e-3));
    expect(FAC_ERR_VALUE, "Adam: Invalid learning rate: -0.001");
    assert_null(fac_SGD(fac_parameters(model), -1));
    expect(FAC_ERR_VALUE, "SGD: Invalid learning rate: -1.0");
    assert_null(fac_Adam(fac_parameters(model), .betas = FAC_BETAS(1.5, 0.999)));
    expect(FAC_ERR_VALUE, "Adam: Invalid beta parameter at index 0: 1.5");
    assert_null(fac_Adam(FAC_TENSORS(fac_exp(fac_get_parameter(model, "weight")))));
    expect(FAC_ERR_VALUE, "Adam: can't optimize a non-leaf Tensor: params[0]");
    assert_null(fac_Adam(fac_parameters(fac_none)));
    assert_int_equal(fac_error_status(), FAC_ERR_TYPE);
    assert_int_equal(fac_optim_step(fac_Adam(fac_parameters(model), .lr = -2)), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "Adam: Invalid learning rate: -2.0");
    fac_module_free(model);
}

static fac_dataset *ones(int64_t n)
{
    return fac_TensorDataset(fac_ones(n, 1), fac_ones(n, 1));
}

static void test_loaders(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_null(fac_DataLoader(ones(5), .batch_size = 0));
    expect(FAC_ERR_VALUE, "DataLoader: batch_size should be a positive integer value, but got batch_size=0");
    assert_null(fac_DataLoader(ones(0), .batch_size = 5, .shuffle = true));
    expect(FAC_ERR_VALUE, "RandomSampler: num_samples should be a positive integer value, but got num_samples=0");
    fac_loader *empty = fac_DataLoader(ones(0), .batch_size = 5);
    fac_batch b;
    assert_int_equal(fac_loader_len(empty), 0);
    assert_false(fac_loader_next(empty, &b));
    assert_int_equal(fac_loader_status(empty), FAC_OK);
    fac_loader_free(empty);
    fac_loader *none = fac_DataLoader(fac_TensorDataset(fac_ones(5, 1), fac_ones(4, 1)));
    assert_false(fac_loader_next(none, &b));
    assert_int_equal(fac_loader_status(none), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "TensorDataset: Size mismatch between tensors: (5, 1) and (4, 1)");
}

/* A dataset whose sample 3 is bad, in one of four ways. */
typedef enum { RAISES, FAILS_IN_FACULA, RETURNS, IS_GOOD } mood;
typedef struct {
    fac_dataset base;
    mood way;
} moody;

static int64_t moody_len(fac_dataset *d)
{
    (void)d;
    return 5;
}

static fac_status moody_get(fac_dataset *d, int64_t i, fac_row *row)
{
    moody *self = (moody *)d;
    row->x[0] = (float)i;
    if (i != 3 || self->way == IS_GOOD)
        return FAC_OK;
    if (self->way == RAISES)
        return fac_raise(FAC_ERR_IO, "no image number %d", (int)i);
    if (self->way == FAILS_IN_FACULA)
        return fac_matmul(fac_ones(2, 3), fac_ones(2, 3)) ? FAC_OK : fac_error_status();
    return FAC_ERR_KEY;
}

static const fac_dataset_class moody_class =
    FAC_DATASET_CLASS("Moody", sizeof(moody), .len = moody_len, .get = moody_get);

static void loop_over(mood way, fac_status status, const char *message, int batches)
{
    FAC_SCOPE;
    moody *self = fac_Dataset(&moody_class);
    self->way = way;
    fac_dataset_field(self, FAC_FLOAT32, FAC_EMPTY_LIST);
    fac_loader *data = fac_DataLoader(fac_dataset_done(self), .batch_size = 1);
    int count = 0;
    for (fac_batch b; fac_loader_next(data, &b); count++)
        assert_true(fac_item(b.x) == count);
    assert_int_equal(fac_loader_status(data), status);
    if (status && strncmp(fac_last_error(), message, strlen(message)) != 0)
        fail_msg("'%s' does not begin with '%s'", fac_last_error(), message);
    assert_int_equal(count, batches);
    self->way = IS_GOOD; /* the next epoch is a whole one */
    for (fac_batch b; fac_loader_next(data, &b);)
        count++;
    assert_int_equal(fac_loader_status(data), FAC_OK);
    assert_int_equal(count, batches + 5);
    fac_loader_free(data);
}

static void test_errors_of_a_users_dataset(void **state)
{
    (void)state;
    loop_over(IS_GOOD, FAC_OK, "", 5);
    loop_over(RAISES, FAC_ERR_IO, "Moody: sample 3: no image number 3", 3);
    loop_over(FAILS_IN_FACULA, FAC_ERR_VALUE, "Moody: sample 3: matmul: ", 3);
    loop_over(RETURNS, FAC_ERR_KEY, "Moody: sample 3", 3);
}

/* A module of the user's that only returns a status: an older error of another kind is not passed off as its cause. */
static fac_status silent_call(fac_module *self, const fac_values *in, fac_values *out)
{
    (void)self, (void)in, (void)out;
    return FAC_ERR_KEY;
}

static void test_a_module_that_says_nothing(void **state)
{
    (void)state;
    FAC_SCOPE;
    static const fac_class silent_class = FAC_CLASS("Silent", sizeof(fac_module), .call = silent_call);
    fac_module *silent = fac_done(fac_new(&silent_class));
    assert_null(fac_matmul(fac_ones(2, 3), fac_ones(2, 3)));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_null(fac_forward(silent, fac_ones(2)));
    assert_int_equal(fac_error_status(), FAC_ERR_KEY);
    static const char start[] = "Silent: forward failed without an error";
    assert_memory_equal(fac_last_error(), start, sizeof start - 1);
    fac_module_free(silent);
}

/* NULL for a handle is the error of the call that should have made it; with none pending it is this call's. */
static void test_null_and_none(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_null(fac_relu(NULL));
    expect(FAC_ERR_VALUE, "relu: input is NULL");
    assert_null(fac_relu(fac_none));
    expect(FAC_ERR_TYPE, "relu: input is None");
    assert_null(fac_from_data((const float[]){1}, NULL, FAC_FLOAT32));
    expect(FAC_ERR_VALUE, "from_data: shape is NULL");
    assert_null(fac_forward(NULL, fac_ones(2)));
    assert_int_not_equal(fac_error_status(), FAC_OK);
    assert_int_not_equal(fac_backward(NULL), FAC_OK);
    assert_int_not_equal(fac_optim_step(NULL), FAC_OK);
    assert_int_not_equal(fac_save(NULL, "nowhere"), FAC_OK);
    assert_int_not_equal(fac_loader_status(NULL), FAC_OK);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_width),
        cmocka_unit_test(test_wrong_dtype),
        cmocka_unit_test(test_sizes_that_broadcast_are_warned_of),
        cmocka_unit_test(test_optimisers),
        cmocka_unit_test(test_loaders),
        cmocka_unit_test(test_errors_of_a_users_dataset),
        cmocka_unit_test(test_a_module_that_says_nothing),
        cmocka_unit_test(test_null_and_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
