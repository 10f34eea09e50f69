/* SPDX-License-Identifier: MIT */
/* How long things live: a state carried over batches, every order of freeing, loaders that take turns, tensors used
 * after their scope. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "facula/facula.h"
#include "support_alloc.h"

/* h = tanh(linear(x) + linear(h)), Elman 1990. */
typedef struct {
    fac_module base;
    fac_module *input, *hidden, *output;
} recurrent;

static fac_status recurrent_call(fac_module *m, const fac_values *in, fac_values *out)
{
    recurrent *self = (recurrent *)m;
    fac_tensor *x = fac_values_tensor(in, 0), *h = fac_values_tensor(in, 1);
    fac_tensor *next = fac_tanh(fac_add(fac_forward(self->input, x), fac_forward(self->hidden, h)));
    *out = FAC_VALUES(fac_forward(self->output, next), next);
    return next ? FAC_OK : fac_error_status();
}

static const fac_class recurrent_class = FAC_CLASS("Recurrent", sizeof(recurrent), .call = recurrent_call);

static fac_module *recurrent_new(int n)
{
    recurrent *self = fac_new(&recurrent_class);
    FAC_CHILD(self, input, fac_Linear(1, n));
    FAC_CHILD(self, hidden, fac_Linear(n, n));
    FAC_CHILD(self, output, fac_Linear(n, 1));
    return fac_done(self);
}

enum { HIDDEN = 6, BATCH = 8, EVERY = 4 };

/* Truncated backpropagation through time: `EVERY` batches share a graph, then the state is detached. */
static double train_epoch(fac_module *model, fac_optim *opt, fac_loader *data)
{
    double total = 0;
    fac_tensor *h = fac_keep(fac_zeros(BATCH, HIDDEN)), *loss = fac_keep(fac_zeros(1));
    int step = 0;
    for (fac_batch b; fac_loader_next(data, &b); step++) {
        FAC_SCOPE;
        fac_values out;
        assert_int_equal(fac_call(model, &FAC_VALUES(b.x, h), &out), FAC_OK);
        assert_int_equal(fac_set(&h, fac_values_tensor(&out, 1)), FAC_OK);
        assert_int_equal(fac_set(&loss, fac_add(loss, fac_mse_loss(fac_values_tensor(&out, 0), b.y))), FAC_OK);
        if (step % EVERY != EVERY - 1)
            continue;
        assert_int_equal(fac_optim_zero_grad(opt), FAC_OK);
        assert_int_equal(fac_backward(fac_sum(loss)), FAC_OK);
        assert_int_equal(fac_optim_step(opt), FAC_OK);
        total += fac_item(loss);
        assert_int_equal(fac_set(&h, fac_detach(h)), FAC_OK);
        assert_int_equal(fac_set(&loss, fac_zeros(1)), FAC_OK);
    }
    assert_int_equal(fac_loader_status(data), FAC_OK);
    fac_tensor_free(h), fac_tensor_free(loss);
    return total;
}

/* A delayed copy: y[t] = x[t - BATCH], which only a state that is carried over batches can know. */
static fac_loader *delayed_data(void)
{
    FAC_SCOPE;
    enum { N = 40 * BATCH };
    float x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = (float)((i * 7919 / 13) % 3 - 1);
        y[i] = i < BATCH ? 0 : x[i - BATCH];
    }
    return fac_DataLoader(
        fac_TensorDataset(fac_from_data(x, FAC_LIST(N, 1), FAC_FLOAT32), fac_from_data(y, FAC_LIST(N, 1), FAC_FLOAT32)),
        .batch_size = BATCH);
}

static void test_state_is_carried_over_batches(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_manual_seed(1);
    fac_module *model = recurrent_new(HIDDEN);
    fac_optim *opt = fac_Adam(fac_parameters(model), .lr = 1e-2);
    fac_loader *data = delayed_data();
    double first = 0, last = 0;
    int64_t tensors = 0, bytes = 0;
    for (int epoch = 0; epoch < 60; epoch++) {
        FAC_SCOPE;
        last = train_epoch(model, opt, data);
        if (epoch == 0)
            first = last;
        if (epoch == 2)
            tensors = fac_live_tensors(), bytes = support_memory.live_bytes;
        else if (epoch > 2) {
            assert_int_equal(fac_live_tensors(), tensors);
            assert_int_equal(support_memory.live_bytes, bytes);
        }
    }
    assert_true(last < 0.1 * first); /* without the carried state 0.67 of it: the delayed signal's variance */
    fac_loader_free(data), fac_optim_free(opt), fac_module_free(model);
}

/* A graph that spans steps goes when its last handle does, however long it is. */
static void test_undetached_state_is_freed(void **state)
{
    (void)state;
    int64_t tensors = fac_live_tensors();
    fac_tensor *h = fac_keep(fac_requires_grad_(fac_ones(3), true));
    for (int step = 0; step < 20000; step++) {
        FAC_SCOPE;
        assert_int_equal(fac_set(&h, fac_tanh(h)), FAC_OK);
    }
    fac_tensor_free(h);
    fac_scope_reset();
    assert_int_equal(fac_live_tensors(), tensors);
}

static fac_loader *numbered(int64_t n, int64_t seed)
{
    FAC_SCOPE;
    return fac_DataLoader(fac_TensorDataset(fac_arange((double)n)), .batch_size = 3, .shuffle = true,
                          .generator = fac_generator_manual_seed(fac_Generator(), seed));
}

/* The samples of one epoch of each, in the order in which they came; alone or by turns. */
static void gather(fac_loader *a, fac_loader *b, bool by_turns, int64_t *from_a, int64_t *from_b)
{
    fac_batch batch;
    bool more_a = true, more_b = true;
    while (more_a || more_b) {
        if (more_a && (more_a = fac_loader_next(a, &batch)))
            for (int64_t i = 0; i < fac_len(batch.x); i++)
                *from_a++ = (int64_t)fac_at(batch.x, FAC_LIST(i));
        if (more_b && (by_turns || !more_a) && (more_b = fac_loader_next(b, &batch)))
            for (int64_t i = 0; i < fac_len(batch.x); i++)
                *from_b++ = (int64_t)fac_at(batch.x, FAC_LIST(i));
    }
}

static void test_loaders_by_turns(void **state)
{
    (void)state;
    enum { A = 11, B = 25 };
    int64_t alone_a[A], alone_b[B], turns_a[A], turns_b[B];
    fac_loader *a = numbered(A, 1), *b = numbered(B, 2);
    gather(a, b, false, alone_a, alone_b);
    fac_loader_free(a), fac_loader_free(b);
    a = numbered(A, 1), b = numbered(B, 2);
    gather(a, b, true, turns_a, turns_b);
    fac_loader_free(a), fac_loader_free(b);
    assert_memory_equal(alone_a, turns_a, sizeof alone_a);
    assert_memory_equal(alone_b, turns_b, sizeof alone_b);
    int64_t sum = 0;
    for (int i = 0; i < B; i++)
        sum += turns_b[i];
    assert_int_equal(sum, B * (B - 1) / 2);
}

/* Every order of freeing, in the middle of a training and after it. */
enum { PARTS = 5 };
typedef struct {
    fac_module *model;
    fac_optim *opt;
    fac_loader *data;
    fac_dataset *dataset;
    fac_tensor *loss;
} parts;

static void make_parts(parts *p)
{
    FAC_SCOPE;
    p->model = fac_Sequential(fac_Linear(2, 4), fac_Tanh(), fac_Linear(4, 1));
    p->opt = fac_Adam(fac_parameters(p->model));
    p->dataset = fac_TensorDataset(fac_ones(6, 2), fac_ones(6, 1));
    p->data = fac_DataLoader(fac_keep(p->dataset), .batch_size = 2);
    fac_batch b;
    assert_true(fac_loader_next(p->data, &b));
    assert_int_equal(fac_backward(fac_mse_loss(fac_forward(p->model, b.x), b.y)), FAC_OK);
    assert_int_equal(fac_optim_step(p->opt), FAC_OK);
    p->loss = fac_keep(fac_mse_loss(fac_forward(p->model, b.x), b.y)); /* its graph not run yet */
}

static void free_part(parts *p, int part)
{
    switch (part) {
    case 0:
        fac_module_free(p->model);
        break;
    case 1:
        fac_optim_free(p->opt);
        break;
    case 2:
        fac_loader_free(p->data);
        break;
    case 3:
        fac_dataset_free(p->dataset);
        break;
    default:
        fac_tensor_free(p->loss);
    }
}

static void free_in_order(const int *order)
{
    parts p;
    int64_t tensors = fac_live_tensors(), bytes;
    make_parts(&p);
    for (int i = 0; i < PARTS; i++)
        free_part(&p, order[i]);
    fac_trim();
    bytes = support_memory.live_bytes;
    if (fac_live_tensors() != tensors || bytes)
        fail_msg("freed in the order %d %d %d %d %d: %lld bytes are left", order[0], order[1], order[2], order[3],
                 order[4], (long long)bytes);
}

static int orders_from(int *order, int fixed)
{
    if (fixed == PARTS) {
        free_in_order(order);
        return 1;
    }
    int count = 0;
    for (int i = fixed; i < PARTS; i++) {
        int here = order[fixed];
        order[fixed] = order[i], order[i] = here;
        count += orders_from(order, fixed + 1);
        order[i] = order[fixed], order[fixed] = here;
    }
    return count;
}

static void test_frees_in_every_order(void **state)
{
    (void)state;
    fac_scope_reset();
    assert_int_equal(orders_from((int[]){0, 1, 2, 3, 4}, 0), 120);
}

/* What is left works on when another part is gone. */
static void test_parts_outlive_each_other(void **state)
{
    (void)state;
    parts p;
    FAC_SCOPE;
    make_parts(&p);
    fac_tensor *weight = fac_get_parameter(p.model, "0.weight");
    double before = fac_at(weight, FAC_LIST(0, 0));
    fac_dataset_free(p.dataset);
    fac_batch b;
    assert_true(fac_loader_next(p.data, &b) && fac_item(fac_sum(b.x)) == 4);
    fac_tensor *x = fac_keep(b.x);
    fac_loader_free(p.data);
    assert_true(fac_item(fac_sum(x)) == 4);
    fac_tensor_free(x);
    fac_module_free(p.model); /* the optimiser and the graph keep the parameters */
    assert_int_equal(fac_backward(p.loss), FAC_OK);
    assert_int_equal(fac_optim_step(p.opt), FAC_OK);
    assert_true(fabs(fac_at(weight, FAC_LIST(0, 0)) - before) > 1e-4);
    fac_optim_free(p.opt);
    fac_tensor_free(p.loss);
}

static fac_tensor *leaves_its_scope(void)
{
    FAC_SCOPE;
    return fac_mul(fac_ones(3), 2.0);
}

/* The root cause once, at the end of a chain; what follows works. */
static void test_use_after_scope(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *gone = leaves_its_scope();
    assert_null(fac_exp(fac_sum(fac_mul(fac_relu(gone), 3.0))));
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    assert_string_equal(fac_last_error(), "relu: input's scope has ended");
    assert_int_equal(fac_error_status(), FAC_OK);
    assert_true(fac_item(fac_sum(fac_ones(3))) == 3);
    gone = leaves_its_scope(); /* a freed slot is used again by later tensors: what follows makes none */
    assert_int_equal(fac_backward(fac_relu(gone)), FAC_ERR_RUNTIME);
    assert_string_equal(fac_last_error(), "relu: input's scope has ended");
    assert_true(isnan(fac_item(gone)));
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    assert_null(fac_repr(gone));
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
}

/* Through a module, a loss and an action, the message is that of the first call. */
static void test_use_after_scope_in_training(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_module *model = fac_Sequential(fac_Linear(3, 2), fac_ReLU());
    fac_tensor *gone = leaves_its_scope();
    assert_int_equal(fac_backward(fac_mse_loss(fac_forward(model, gone), fac_ones(2))), FAC_ERR_RUNTIME);
    assert_string_equal(fac_last_error(), "Linear: input's scope has ended");
    fac_module_free(model);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frees_in_every_order),        cmocka_unit_test(test_state_is_carried_over_batches),
        cmocka_unit_test(test_undetached_state_is_freed),   cmocka_unit_test(test_loaders_by_turns),
        cmocka_unit_test(test_parts_outlive_each_other),    cmocka_unit_test(test_use_after_scope),
        cmocka_unit_test(test_use_after_scope_in_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
