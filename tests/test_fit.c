/* SPDX-License-Identifier: MIT */
/* fac_fit against the loop written by hand, bit for bit; what stops it, what it tells, what it refuses. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "facula/facula.h"
#include "support_alloc.h"

/* ---- one training, set up twice alike ---- */

typedef struct {
    fac_module *model, *loss;
    fac_optim *opt;
    fac_loader *data, *validation;
} setting;

static fac_loader *loader_of(int64_t n, bool shuffle)
{
    fac_tensor *x = fac_rand(n, 1), *y = fac_mul(x, 3);
    return fac_DataLoader(fac_TensorDataset(x, y), .batch_size = 8, .shuffle = shuffle);
}

static setting set_up(void)
{
    setting s;
    fac_manual_seed(7);
    s.data = loader_of(30, true); /* the last batch has 6 */
    s.validation = loader_of(10, false);
    s.model = fac_Sequential(fac_Linear(1, 6), fac_ReLU(), fac_Linear(6, 1));
    s.loss = fac_MSELoss();
    s.opt = fac_Adam(fac_parameters(s.model), .lr = 0.01);
    return s;
}

static void tear_down(setting *s)
{
    fac_loader_free(s->data), fac_loader_free(s->validation);
    fac_optim_free(s->opt);
    fac_module_free(s->model), fac_module_free(s->loss);
}

/* `steps` of them at most. Gives the sum of the last epoch's losses, and the mean one of validation after it. */
static double by_hand(const setting *s, int epochs, int steps, double clip, double *val_loss)
{
    double sum = 0;
    const fac_tensors *parameters = fac_parameters(s->model);
    for (int e = 0; e < epochs && steps > 0; e++) {
        sum = 0;
        assert_int_equal(fac_loader_reset(s->data), FAC_OK);
        for (fac_batch b; steps > 0 && fac_loader_next(s->data, &b); steps--) {
            FAC_SCOPE;
            assert_int_equal(fac_optim_zero_grad(s->opt), FAC_OK);
            fac_tensor *loss = fac_forward(s->loss, fac_forward(s->model, b.x), b.y);
            assert_int_equal(fac_backward(loss), FAC_OK);
            if (!isnan(clip))
                assert_non_null(fac_clip_grad_norm_(parameters, clip));
            assert_int_equal(fac_optim_step(s->opt), FAC_OK);
            sum += fac_item(loss);
        }
        if (!val_loss)
            continue;
        FAC_NO_GRAD;
        FAC_SCOPE;
        *val_loss = 0;
        for (fac_batch b; fac_loader_next(s->validation, &b);)
            *val_loss += fac_item(fac_forward(s->loss, fac_forward(s->model, b.x), b.y)) / 2;
    }
    return sum;
}

static void assert_same_tensors(fac_tensor *a, fac_tensor *b)
{
    assert_int_equal(fac_numel(a), fac_numel(b));
    assert_memory_equal(fac_data(a), fac_data(b), (size_t)(fac_numel(a) * fac_element_size(a)));
}

/* Parameters and the optimiser's state. */
static void assert_same(const setting *a, const setting *b)
{
    const fac_tensors *p = fac_parameters(a->model), *q = fac_parameters(b->model);
    for (int64_t i = 0; i < p->count; i++)
        assert_same_tensors(p->items[i], q->items[i]);
    const fac_optim_state *s = fac_optim_state_dict(a->opt), *t = fac_optim_state_dict(b->opt);
    assert_int_equal(s->count, t->count);
    for (int64_t i = 0; i < s->count; i++) {
        assert_string_equal(s->entries[i].name, t->entries[i].name);
        if (s->entries[i].tensor)
            assert_same_tensors(s->entries[i].tensor, t->entries[i].tensor);
        else
            assert_true(s->entries[i].number == t->entries[i].number);
    }
}

typedef struct {
    setting a, b;
    unsigned char by_hand[FAC_RNG_STATE_SIZE], by_fit[FAC_RNG_STATE_SIZE];
} pair;

/* The loop by hand on a; what is to be the same is then done on b. */
static double first_by_hand(pair *p, int epochs, int steps, double clip, double *val_loss)
{
    p->a = set_up();
    double sum = by_hand(&p->a, epochs, steps, clip, val_loss);
    assert_int_equal(fac_get_rng_state(p->by_hand), FAC_OK);
    p->b = set_up();
    return sum;
}

static void then_the_same(pair *p)
{
    assert_int_equal(fac_get_rng_state(p->by_fit), FAC_OK);
    assert_memory_equal(p->by_hand, p->by_fit, sizeof p->by_hand);
    assert_same(&p->a, &p->b);
    tear_down(&p->a), tear_down(&p->b);
}

static void expect(fac_status status, fac_status expected, const char *text)
{
    if (status != expected || !strstr(fac_last_error(), text))
        fail_msg("status %s, message '%s', expected %s, '%s'", fac_status_name(status), fac_last_error(),
                 fac_status_name(expected), text);
    assert_int_equal(fac_error_status(), FAC_OK);
}

/* ---- the same numbers ---- */

static void test_plain(void **state)
{
    (void)state;
    FAC_SCOPE;
    pair p;
    first_by_hand(&p, 5, 1000, (double)NAN, NULL);
    assert_int_equal(fac_fit(p.b.model, p.b.loss, p.b.opt, p.b.data, 5, .eager = true), FAC_OK);
    then_the_same(&p);
}

static void test_planned(void **state)
{
    (void)state;
    FAC_SCOPE;
    setting a = set_up();
    by_hand(&a, 5, 1000, (double)NAN, NULL);
    setting b = set_up();
    assert_int_equal(fac_fit(b.model, b.loss, b.opt, b.data, 5), FAC_OK);
    const fac_tensors *p = fac_parameters(a.model), *q = fac_parameters(b.model);
    for (int64_t i = 0; i < p->count; i++)
        assert_true(fac_allclose(p->items[i], q->items[i], .rtol = 1e-4, .atol = 1e-5));
    tear_down(&a), tear_down(&b);
}

static void test_clipped(void **state)
{
    (void)state;
    FAC_SCOPE;
    pair p;
    first_by_hand(&p, 3, 1000, 0.05, NULL);
    assert_int_equal(fac_fit(p.b.model, p.b.loss, p.b.opt, p.b.data, 3, .clip_grad_norm = 0.05, .eager = true), FAC_OK);
    then_the_same(&p);
}

/* ---- validation, callbacks, history ---- */

typedef struct {
    int calls, told, fail_at, stop_at;
    fac_status status;
    bool raise;
    fac_fit_info last, last_told;
    setting *s;
    int flag;
} witness;

static fac_status note_epoch(const fac_fit_info *info, void *ctx)
{
    witness *w = ctx;
    w->last = *info;
    assert_int_equal(info->epoch, ++w->calls);
    assert_int_equal(info->batch, 4);
    assert_int_equal(info->batches, 4);
    assert_int_equal(info->steps, 4 * info->epoch);
    assert_true(info->loss == info->loss_sum / 4);
    assert_true(info->seconds >= 0);
    fac_ones(3); /* dies with the call */
    if (w->calls != w->fail_at)
        return FAC_OK;
    return w->raise ? fac_raise(w->status, "no more of this") : w->status;
}

static void note_progress(const fac_fit_info *info, void *ctx)
{
    witness *w = ctx;
    w->told++;
    w->last_told = *info;
}

static void test_validation(void **state)
{
    (void)state;
    FAC_SCOPE;
    pair p;
    double val_loss, sum = first_by_hand(&p, 4, 1000, (double)NAN, &val_loss);
    witness w = {0};
    fac_fit_history history;
    assert_int_equal(fac_fit(p.b.model, p.b.loss, p.b.opt, p.b.data, 4, .validation = p.b.validation,
                             .callback = note_epoch, .progress = note_progress, .ctx = &w, .eager = true,
                             .history = &history),
                     FAC_OK);
    then_the_same(&p);
    assert_int_equal(w.calls, 4);
    assert_true(w.last.loss_sum == sum);
    assert_true(fabs(w.last.val_loss - val_loss) <= 1e-12 * val_loss);
    assert_true(w.last.lr == 0.01);
    assert_true(w.told >= 1);
    assert_int_equal(w.last_told.steps, 16);
    assert_false(history.stopped);
    assert_int_equal(history.epochs, 4);
    assert_int_equal(history.steps, 16);
    assert_int_equal(fac_numel(history.loss), 4);
    assert_true(fac_at(history.loss, FAC_LIST(3)) == w.last.loss);
    assert_true(fac_at(history.val_loss, FAC_LIST(3)) == w.last.val_loss);
    assert_true(fac_at(history.loss, FAC_LIST(3)) < fac_at(history.loss, FAC_LIST(0)));
}

/* A module that tells the modes it was met in. */
typedef struct {
    fac_module base;
    int trained, evaluated, graphs;
} Watcher;

static fac_tensor *Watcher_forward(fac_module *m, fac_tensor *x)
{
    Watcher *self = (Watcher *)m;
    *(fac_is_training(m) ? &self->trained : &self->evaluated) += 1;
    self->graphs += fac_is_grad_enabled();
    return fac_mul(x, 1);
}
static const fac_class Watcher_class = FAC_CLASS("Watcher", sizeof(Watcher), .forward = Watcher_forward);

static void test_modes(void **state)
{
    (void)state;
    FAC_SCOPE;
    for (int in_eval = 0; in_eval < 2; in_eval++) {
        setting s = set_up();
        Watcher *free_one = fac_new(&Watcher_class), *frozen = fac_new(&Watcher_class);
        assert_int_equal(fac_sequential_append(s.model, fac_done(free_one)), FAC_OK);
        assert_int_equal(fac_sequential_append(s.model, fac_done(frozen)), FAC_OK);
        fac_eval(in_eval ? s.model : &frozen->base);
        assert_int_equal(fac_fit(s.model, s.loss, s.opt, s.data, 2, .validation = s.validation, .eager = true), FAC_OK);
        assert_int_equal(free_one->trained, 8);
        assert_int_equal(free_one->evaluated, 4);
        assert_int_equal(free_one->graphs, 8);
        assert_int_equal(frozen->trained, in_eval ? 8 : 0);
        assert_int_equal(fac_is_training(s.model), !in_eval);
        assert_int_equal(fac_is_training(&free_one->base), !in_eval);
        assert_false(fac_is_training(&frozen->base));
        assert_true(fac_is_grad_enabled());
        tear_down(&s);
    }
}

static void test_callback_stops(void **state)
{
    (void)state;
    FAC_SCOPE;
    pair p;
    first_by_hand(&p, 2, 1000, (double)NAN, NULL);
    witness w = {.fail_at = 2, .status = FAC_ERR_STOPPED};
    fac_fit_history history;
    assert_int_equal(fac_fit(p.b.model, p.b.loss, p.b.opt, p.b.data, 9, .callback = note_epoch, .ctx = &w,
                             .eager = true, .history = &history),
                     FAC_OK);
    then_the_same(&p);
    assert_true(history.stopped);
    assert_int_equal(history.epochs, 2);
    assert_int_equal(fac_numel(history.loss), 2);
    assert_null(history.val_loss);
}

static void test_callback_fails(void **state)
{
    (void)state;
    FAC_SCOPE;
    for (int raise = 0; raise < 2; raise++) {
        setting s = set_up();
        witness w = {.fail_at = 2, .status = FAC_ERR_IO, .raise = raise};
        fac_fit_history history;
        fac_status status =
            fac_fit(s.model, s.loss, s.opt, s.data, 9, .callback = note_epoch, .ctx = &w, .history = &history);
        expect(status, FAC_ERR_IO, raise ? "no more of this" : "fit: the callback: I/O error");
        assert_int_equal(history.epochs, 2);
        assert_null(history.loss);
        tear_down(&s);
    }
}

/* ---- the stop flag ---- */

static fac_tensor *forward_and_stop(fac_module *model, const fac_batch *batch, void *ctx)
{
    witness *w = ctx;
    if (++w->told == w->stop_at)
        w->flag = 1;
    return fac_forward(model, batch->x);
}

static void test_stop(void **state)
{
    (void)state;
    for (int steps = 1; steps <= 9; steps++) {
        FAC_SCOPE;
        pair p;
        first_by_hand(&p, 3, steps, (double)NAN, NULL);
        witness w = {.stop_at = steps};
        fac_fit_history history;
        assert_int_equal(fac_fit(p.b.model, p.b.loss, p.b.opt, p.b.data, 9, .forward = forward_and_stop, .ctx = &w,
                                 .stop = &w.flag, .eager = true, .history = &history),
                         FAC_OK);
        assert_true(history.stopped);
        assert_int_equal(history.steps, steps);
        assert_int_equal(history.epochs, (steps - 1) / 4);
        assert_same(&p.a, &p.b);
        /* and on, as a second loop by hand: both begin with iter(data) */
        assert_int_equal(fac_set_rng_state(p.by_hand), FAC_OK);
        by_hand(&p.a, 1, 1000, (double)NAN, NULL);
        assert_int_equal(fac_set_rng_state(p.by_hand), FAC_OK);
        assert_int_equal(fac_fit(p.b.model, p.b.loss, p.b.opt, p.b.data, 1, .eager = true), FAC_OK);
        assert_same(&p.a, &p.b);
        tear_down(&p.a), tear_down(&p.b);
    }
}

static void test_stopped_before(void **state)
{
    (void)state;
    FAC_SCOPE;
    setting s = set_up();
    const int flag = 1;
    fac_fit_history history;
    assert_int_equal(fac_fit(s.model, s.loss, s.opt, s.data, 9, .stop = &flag, .history = &history), FAC_OK);
    assert_true(history.stopped);
    assert_int_equal(history.steps, 0);
    assert_int_equal(fac_numel(history.loss), 0);
    assert_int_equal(fac_fit(s.model, s.loss, s.opt, s.data, 0, .history = &history), FAC_OK);
    assert_false(history.stopped);
    tear_down(&s);
}

/* ---- losses that are not finite ---- */

static fac_loader *spoiled(double x, double y)
{
    fac_tensor *xs = fac_ones(6, 1), *ys = fac_ones(6, 1);
    ((float *)fac_data(xs))[4] = (float)x;
    ((float *)fac_data(ys))[4] = (float)y;
    return fac_DataLoader(fac_TensorDataset(xs, ys), .batch_size = 2);
}

static void test_not_finite(void **state)
{
    (void)state;
    FAC_SCOPE;
    static const struct {
        double x, y, lr;
        const char *text;
    } cases[] = {
        {NAN, 1, 0.01, "fit: epoch 1, batch 3: the loss is nan: there is a NaN or infinity in the batch's inputs"},
        {1, -INFINITY, 0.01,
         "fit: epoch 1, batch 3: the loss is inf: there is a NaN or infinity in the batch's targets"},
        {1, 1e30, 0.01,
         "the loss is inf, though batch and parameters are finite: smaller data or a lower lr than 0.01"},
        {1, 1, 1e30, "is no longer finite: a lower lr than 1e+30 may help"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int eager = 0; eager < 2; eager++) {
            setting s = set_up();
            fac_loader *data = spoiled(cases[i].x, cases[i].y);
            fac_optim *sgd = fac_SGD(fac_parameters(s.model), .lr = cases[i].lr);
            expect(fac_fit(s.model, s.loss, sgd, data, 5, .eager = eager), FAC_ERR_RUNTIME, cases[i].text);
            assert_int_equal(fac_fit(s.model, s.loss, sgd, data, 2, .eager = eager, .allow_nonfinite = true), FAC_OK);
            fac_loader_free(data), fac_optim_free(sgd);
            tear_down(&s);
        }
}

/* ---- misuse ---- */

static fac_tensor *forward_fails(fac_module *model, const fac_batch *batch, void *ctx)
{
    (void)model, (void)batch, (void)ctx;
    fac_raise(FAC_ERR_VALUE, "my forward does not work");
    return NULL;
}

static void test_misuse(void **state)
{
    (void)state;
    FAC_SCOPE;
    setting s = set_up();
    expect(fac_fit(NULL, s.loss, s.opt, s.data, 1), FAC_ERR_VALUE, "fit: module is NULL");
    expect(fac_fit(s.model, NULL, s.opt, s.data, 1), FAC_ERR_VALUE, "fit: loss is NULL");
    expect(fac_fit(s.model, s.loss, NULL, s.data, 1), FAC_ERR_VALUE, "fit: optimizer is NULL");
    expect(fac_fit(s.model, s.loss, s.opt, NULL, 1), FAC_ERR_VALUE, "fit: data is NULL");
    expect(fac_fit(s.model, s.loss, s.opt, s.data, 1, .validation = NULL), FAC_ERR_VALUE, "fit: validation is NULL");
    expect(fac_fit(s.model, s.loss, s.opt, s.data, -1), FAC_ERR_VALUE, "fit: epochs is -1");
    expect(fac_fit(s.model, s.loss, s.opt, s.data, 1, .clip_grad_norm = -1), FAC_ERR_VALUE, "clip_grad_norm");
    expect(fac_fit(s.model, s.loss, s.opt, s.data, 1, .forward = forward_fails), FAC_ERR_VALUE, "my forward does not");
    fac_loader *one = fac_DataLoader(fac_TensorDataset(fac_ones(4, 1)), .batch_size = 2);
    expect(fac_fit(s.model, s.loss, s.opt, one, 1), FAC_ERR_VALUE, "a batch wants inputs and targets, but has 1 item");
    fac_loader_free(one);
    fac_loader *wide = fac_DataLoader(fac_TensorDataset(fac_ones(4, 3), fac_ones(4, 1)), .batch_size = 2);
    expect(fac_fit(s.model, s.loss, s.opt, wide, 1), FAC_ERR_VALUE, "Linear");
    expect(fac_fit(s.model, s.loss, s.opt, s.data, 1, .validation = wide), FAC_ERR_VALUE, "Linear");
    assert_true(fac_is_training(s.model));
    fac_loader_free(wide);
    {
        FAC_NO_GRAD;
        expect(fac_fit(s.model, s.loss, s.opt, s.data, 1), FAC_ERR_RUNTIME, "does not require grad");
    }
    fac_raise(FAC_ERR_KEY, "from before");
    expect(fac_fit(s.model, s.loss, s.opt, s.data, 1), FAC_ERR_KEY, "from before");
    assert_null(fac_fit_text(NULL));
    expect(fac_error_status(), FAC_ERR_VALUE, "fit_text: info is NULL");
    tear_down(&s);
}

static void test_text(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_fit_info info = {
        .epoch = 2, .epochs = 4, .batch = 2, .batches = 4, .loss = 3.10749, .val_loss = NAN, .seconds = 4.25};
    assert_string_equal(fac_fit_text(&info), "[###########...................] epoch 2/4, loss 3.107, 4.2 s");
    info = (fac_fit_info){.epoch = 4, .epochs = 4, .batch = 4, .batches = 4, .loss = 1, .val_loss = 2.5, .seconds = 60};
    assert_string_equal(fac_fit_text(&info),
                        "[##############################] epoch 4/4, loss 1.000, val_loss 2.500, 60.0 s");
}

/* ---- memory ---- */

static fac_status program(void *ctx)
{
    FAC_SCOPE;
    setting s = set_up();
    fac_fit_history history;
    witness w = {0};
    fac_status status = fac_error_status();
    if (!status)
        status = fac_fit(s.model, s.loss, s.opt, s.data, 2, .validation = s.validation, .clip_grad_norm = 1,
                         .progress = note_progress, .ctx = &w, .eager = *(bool *)ctx, .history = &history);
    tear_down(&s);
    return status;
}

static void test_memory(void **state)
{
    (void)state;
    for (int eager = 0; eager < 2; eager++)
        assert_true(support_alloc_fail_each(program, &(bool){eager}) > 0);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),          cmocka_unit_test(test_planned), cmocka_unit_test(test_clipped),
        cmocka_unit_test(test_validation),     cmocka_unit_test(test_modes),   cmocka_unit_test(test_callback_stops),
        cmocka_unit_test(test_callback_fails), cmocka_unit_test(test_stop),    cmocka_unit_test(test_stopped_before),
        cmocka_unit_test(test_not_finite),     cmocka_unit_test(test_misuse),  cmocka_unit_test(test_text),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
