/* SPDX-License-Identifier: MIT */
/* The sheet's own code, as the example has it, against PyTorch's numbers for it: data, initial parameters, batches,
 * gradients, losses, parameters after some steps; as it is and by a plan. */
#define _POSIX_C_SOURCE 200809L
#define main            sheet_main
#include "../examples/sheet/sheet.c"
#undef main

#include <string.h>
#include <unistd.h>

#include "support_golden.h"

static const int seeds[] = {0, 1, 42};
enum { SEEDS = 3 };

static golden *open_seed(int seed)
{
    char name[64];
    snprintf(name, sizeof name, "sheet_seed%d", seed);
    return golden_open(name);
}

static const float *floats(fac_tensor *t)
{
    assert_non_null(t);
    assert_int_equal(fac_dtype_of(t), FAC_FLOAT32);
    return fac_data(fac_contiguous(t));
}

static void assert_same_bits(const char *what, fac_tensor *t, fac_tensor *expected)
{
    const float *a = floats(t), *b = floats(expected);
    assert_int_equal(fac_numel(t), fac_numel(expected));
    for (int64_t i = 0; i < fac_numel(t); i++)
        if (memcmp(a + i, b + i, sizeof *a))
            fail_msg("%s[%d]: %a, expected %a", what, (int)i, (double)a[i], (double)b[i]);
}

static void assert_near(const char *what, fac_tensor *t, fac_tensor *expected, double rtol, double atol)
{
    const float *a = floats(t), *b = floats(expected);
    assert_int_equal(fac_numel(t), fac_numel(expected));
    for (int64_t i = 0; i < fac_numel(t); i++)
        if (!(fabs((double)a[i] - (double)b[i]) <= atol + rtol * fabs((double)b[i])))
            fail_msg("%s[%d]: %.9g, expected %.9g", what, (int)i, (double)a[i], (double)b[i]);
}

static fac_tensor *expected(const golden *file, const char *part, const char *name)
{
    char key[96];
    snprintf(key, sizeof key, "%s.%s", part, name);
    return golden_tensor(file, key);
}

static void assert_parameters(const golden *file, const char *part, fac_module *model, double atol)
{
    const fac_named_tensors *p = fac_named_parameters(model);
    assert_non_null(p);
    assert_int_equal(p->count, 8);
    for (int64_t i = 0; i < p->count; i++) {
        if (atol == 0)
            assert_same_bits(p->names[i], p->items[i], expected(file, part, p->names[i]));
        else
            assert_near(p->names[i], p->items[i], expected(file, part, p->names[i]), 0, atol);
    }
}

static void assert_gradients(const golden *file, const char *part, fac_module *model)
{
    const fac_named_tensors *p = fac_named_parameters(model);
    for (int64_t i = 0; i < p->count; i++) {
        fac_tensor *g = fac_grad_of(p->items[i]), *e = expected(file, part, p->names[i]);
        double largest = fac_item(fac_max(fac_abs(e)));
        assert_near(p->names[i], g, e, 1e-5, 1e-5 * largest);
    }
}

/* The sine is NumPy's there and ours here. An ulp of it moves the sum by one of the largest term's at most; another may
 * come from adding the noise, where both sums lie between two numbers and go to the even ones. */
static void assert_data(const golden *file, fac_tensor *x_obs, fac_tensor *y_obs)
{
    assert_same_bits("x_obs", x_obs, golden_tensor(file, "x_obs"));
    const float *x = floats(x_obs), *y = floats(y_obs), *e = floats(golden_tensor(file, "y_obs"));
    for (int i = 0; i < n_obs; i++) {
        float cube = fabsf(x[i] * x[i] * x[i]), largest = fmaxf(fmaxf(cube, 25.0f), fabsf(y[i]));
        float ulp = nextafterf(largest, INFINITY) - largest;
        if (!(fabsf(y[i] - e[i]) <= 2 * ulp))
            fail_msg("y_obs[%d]: %.9g, expected %.9g", i, (double)y[i], (double)e[i]);
    }
}

static void test_noise(void **state)
{
    (void)state;
    for (int i = 0; i < SEEDS; i++) {
        FAC_SCOPE;
        golden *file = open_seed(seeds[i]);
        fac_manual_seed(seeds[i]);
        fac_distribution *normal = fac_Normal(0.0, 10);
        assert_same_bits("y_noise", fac_dist_sample(normal, FAC_LIST(n_obs)), golden_tensor(file, "y_noise"));
        fac_dist_free(normal);
        golden_close(file);
    }
}

typedef struct {
    sheet s;
    golden *file;
    int seed;
} fixture;

/* The sheet up to the loader, silently: the draws are in its order. */
static void set_up(fixture *f, int seed)
{
    memset(f, 0, sizeof *f);
    f->file = open_seed(seed);
    f->seed = seed;
    fac_manual_seed(seed);
    assert_int_equal(generate_data(&f->s.x_obs, &f->s.y_obs), FAC_OK);
    assert_data(f->file, f->s.x_obs, f->s.y_obs);
    f->s.mlp_explicit = MLPexplicit_new();
    assert_parameters(f->file, "explicit", f->s.mlp_explicit, 0);
    f->s.mlp_condensed = MLPcondensed_new();
    assert_parameters(f->file, "condensed", f->s.mlp_condensed, 0);
    /* From here on with PyTorch's y: what follows is to be compared to rounding. */
    f->s.y_obs = golden_tensor(f->file, "y_obs");
    f->s.train_dataloader =
        fac_DataLoader(NonLinearRegressionData_new(f->s.x_obs, f->s.y_obs), .batch_size = 25, .shuffle = true);
    assert_non_null(f->s.train_dataloader);
}

static void check_batches(fixture *f)
{
    int i = 0;
    for (fac_batch b; fac_loader_next(f->s.train_dataloader, &b); i++) {
        FAC_SCOPE;
        char key[32];
        snprintf(key, sizeof key, "batch%d.x", i);
        assert_same_bits(key, b.x, golden_tensor(f->file, key));
        snprintf(key, sizeof key, "batch%d.y", i);
        assert_same_bits(key, b.y, golden_tensor(f->file, key));
    }
    assert_int_equal(i, 4);
    assert_int_equal(fac_loader_status(f->s.train_dataloader), FAC_OK);
}

static void tear_down(fixture *f)
{
    fac_loader_free(f->s.train_dataloader), fac_loader_free(f->s.whole_dataloader);
    fac_module_free(f->s.mlp_explicit), fac_module_free(f->s.mlp_condensed), fac_module_free(f->s.mlp_condensed_2);
    golden_close(f->file);
}

static void compare_step(const fixture *f, const char *tag, fac_module *model, int step, double loss)
{
    FAC_SCOPE;
    char key[64];
    snprintf(key, sizeof key, "%s.losses", tag);
    double e = fac_at(golden_tensor(f->file, key), FAC_LIST(step - 1));
    if (!(fabs(loss - e) <= (step <= 40 ? 2e-6 : 1e-5) * fabs(e)))
        fail_msg("seed %d, %s step %d: loss %.9g, expected %.9g", f->seed, tag, step, loss, e);
    if (step == 1) {
        snprintf(key, sizeof key, "%s.grad_step1", tag);
        assert_gradients(f->file, key, model);
    }
    if (step == 1 || step == 4 || step == 40 || step == 400) {
        snprintf(key, sizeof key, "%s.after%d", tag, step);
        assert_parameters(f->file, key, model, f->seed == 42 && step == 400 ? 5e-3 : 5e-6);
    }
}

/* 400 steps, by a plan if that is wanted. */
static void check_training(const fixture *f, const char *tag, fac_module *model, fac_loader *loader, bool planned)
{
    fac_module *mse = fac_MSELoss();
    fac_optim *adam = fac_Adam(fac_parameters(model), .lr = 1e-4);
    assert_non_null(adam);
    training t = {model, mse, adam};
    fac_plan *plan = planned ? fac_compile(train_step, &t) : NULL;
    assert_true(plan || !planned);
    for (int step = 0; step < 400;) {
        for (fac_batch b; step < 400 && fac_loader_next(loader, &b);) {
            FAC_SCOPE;
            fac_tensor *loss = planned ? fac_run(plan, &b) : train_step(&t, &b);
            if (!loss)
                fail_msg("%s", fac_last_error());
            compare_step(f, tag, model, ++step, fac_item(loss));
        }
        assert_int_equal(fac_loader_status(loader), FAC_OK);
    }
    if (planned && !strstr(fac_plan_explain(plan), "400 runs: 399 replayed, 1 recorded"))
        fail_msg("%s", fac_plan_explain(plan));
    fac_plan_free(plan);
    fac_optim_free(adam);
    fac_module_free(mse);
}

static void check_seed(int seed, bool planned)
{
    FAC_SCOPE;
    fixture f;
    set_up(&f, seed);
    check_batches(&f);
    check_training(&f, "sheet", f.s.mlp_condensed, f.s.train_dataloader, planned);
    tear_down(&f);
}

static void test_training(void **state)
{
    (void)state;
    for (int i = 0; i < SEEDS; i++)
        check_seed(seeds[i], false);
}

static void test_training_planned(void **state)
{
    (void)state;
    for (int i = 0; i < SEEDS; i++)
        check_seed(seeds[i], true);
}

/* The fresh model is drawn after the 50 000 epochs of the first training have drawn their seeds: 4 words an epoch. */
static void test_exercise_2_3_2(void **state)
{
    (void)state;
    for (int i = 0; i < SEEDS; i++) {
        FAC_SCOPE;
        fixture f;
        set_up(&f, seeds[i]);
        check_batches(&f);
        for (int e = 0; e < 50000; e++) {
            FAC_SCOPE;
            assert_non_null(fac_rand(4));
        }
        f.s.whole_dataloader = fac_DataLoader(NonLinearRegressionData_new(f.s.x_obs, f.s.y_obs), .batch_size = 100);
        f.s.mlp_condensed_2 = MLPcondensed_new();
        assert_parameters(f.file, "condensed2", f.s.mlp_condensed_2, 0);
        check_training(&f, "ex232", f.s.mlp_condensed_2, f.s.whole_dataloader, false);
        tear_down(&f);
    }
}

/* Both forms are the same model: the same parameters give the same numbers. */
static void test_explicit_is_condensed(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_module *a = MLPexplicit_new(), *b = MLPcondensed_new();
    const fac_tensors *pa = fac_parameters(a), *pb = fac_parameters(b);
    fac_tensor *x = fac_randn(25, 1);
    {
        FAC_NO_GRAD;
        for (int64_t i = 0; i < 8; i++)
            assert_non_null(fac_copy_(pa->items[i], pb->items[i]));
    }
    assert_same_bits("output", fac_forward(a, x), fac_forward(b, x));
    fac_module_free(a), fac_module_free(b);
}

/* Exercise 2.3.4: four pictures, where there is a program to draw them; without it, that is what is said. */
static void test_graphs(void **state)
{
    (void)state;
    static const char *const names[] = {"forward.png", "forward.svg", "backward.png", "backward.svg"};
    char folder[] = "/tmp/facula_sheet_XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    bool drawn = !sheet_draw_graphs(folder);
    if (!drawn)
        assert_non_null(strstr(fac_last_error(), "the program dot is not installed"));
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/graph_%s", folder, names[i]);
        assert_int_equal(remove(path) == 0, drawn);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_graphs),         cmocka_unit_test(test_noise),
        cmocka_unit_test(test_training),       cmocka_unit_test(test_training_planned),
        cmocka_unit_test(test_exercise_2_3_2), cmocka_unit_test(test_explicit_is_condensed),
    };
    return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
