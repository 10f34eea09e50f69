/* SPDX-License-Identifier: MIT */
/* A whole training program in which every allocation fails in turn, once and from then on: it ends in a clean error and
 * leaves nothing behind. */
#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "facula/facula.h"
#include "support_alloc.h"
#include "support_files.h"

/* What the program makes, so that one function frees it from wherever it ended. */
typedef struct {
    fac_module *model, *copy;
    fac_optim *opt;
    fac_loader *data;
    fac_table *table;
    fac_distribution *noise;
    fac_tensor *x, *y, *hidden;
} program;

static fac_status make_data(program *p)
{
    FAC_SCOPE;
    p->noise = fac_Normal(0.0, 0.1);
    p->x = fac_keep(fac_reshape(fac_linspace(-1, 1, 12), FAC_LIST(12, 1)));
    p->y = fac_keep(fac_add(fac_pow(p->x, 2), fac_dist_sample(p->noise, FAC_LIST(12, 1))));
    p->data = fac_DataLoader(fac_TensorDataset(p->x, p->y), .batch_size = 5, .shuffle = true);
    return p->data ? FAC_OK : fac_error_status();
}

static fac_module *model_new(void)
{
    return fac_Sequential(fac_Linear(1, 6), fac_ReLU(), fac_Sequential(fac_Linear(6, 6), fac_Tanh()), fac_Linear(6, 1));
}

static fac_status train_step(program *p, const fac_batch *b)
{
    FAC_SCOPE;
    fac_status status = fac_optim_zero_grad(p->opt);
    fac_tensor *loss = fac_mse_loss(fac_forward(p->model, b->x), b->y);
    if (status || (status = fac_backward(loss)))
        return status;
    if (!fac_clip_grad_norm_(fac_parameters(p->model), 1.0))
        return fac_error_status();
    if ((status = fac_set(&p->hidden, fac_detach(loss))))
        return status;
    return fac_optim_step(p->opt);
}

static fac_status train(program *p)
{
    p->model = model_new();
    p->opt = fac_Adam(fac_parameters(p->model), .lr = 1e-2, .amsgrad = true);
    fac_status status = p->opt ? FAC_OK : fac_error_status();
    for (int epoch = 0; epoch < 2 && !status; epoch++) {
        for (fac_batch b; !status && fac_loader_next(p->data, &b);)
            status = train_step(p, &b);
        if (!status)
            status = fac_loader_status(p->data);
    }
    return status;
}

static fac_status save_and_load(program *p)
{
    FAC_SCOPE;
    fac_status status = fac_save(p->model, "model.safetensors");
    p->copy = model_new();
    if (status || (status = fac_load(p->copy, "model.safetensors")))
        return status;
    fac_optim_state *state = fac_optim_state_dict(p->opt);
    return state ? fac_optim_load_state_dict(p->opt, state) : fac_error_status();
}

static fac_status predict(program *p)
{
    FAC_SCOPE;
    FAC_NO_GRAD;
    fac_tensor *y = fac_squeeze(fac_forward(fac_eval(p->copy), p->x));
    fac_status status = fac_write_csv("out.csv", (const char *const[]){"x", "y"}, FAC_TENSORS(fac_squeeze(p->x), y));
    if (status)
        return status;
    p->table = fac_read_csv("out.csv");
    bool printed = fac_repr(fac_table_column(p->table, "y")) && fac_module_repr(p->copy);
    return printed ? FAC_OK : fac_error_status();
}

static fac_status run_program(void *ctx)
{
    (void)ctx;
    program p = {.hidden = NULL};
    fac_scope scope = fac_scope_open();
    fac_manual_seed(1);
    fac_status status = make_data(&p);
    if (!status)
        status = train(&p);
    if (!status)
        status = save_and_load(&p);
    if (!status)
        status = predict(&p);
    fac_scope_close(&scope);
    fac_table_free(p.table), fac_dist_free(p.noise), fac_loader_free(p.data);
    fac_tensor_free(p.x), fac_tensor_free(p.y), fac_tensor_free(p.hidden);
    fac_optim_free(p.opt), fac_module_free(p.model), fac_module_free(p.copy);
    return status;
}

static void test_every_allocation_fails(void **state)
{
    (void)state;
    fac_scope_reset();
    int64_t allocations = support_alloc_fail_each(run_program, NULL);
    print_message("%lld allocations\n", (long long)allocations);
    assert_true(allocations > 100 && allocations <= 3000);
    assert_int_equal(fac_live_tensors(), 0);
    assert_int_equal(support_folder_empty(), 2); /* the two files, nothing half-written beside them */
}

int main(void)
{
    support_alloc_install();
    support_folder_make();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation_fails)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    support_folder_remove();
    return failed;
}
