/* SPDX-License-Identifier: MIT */
/* torch.optim against PyTorch (optim.safetensors), its errors, groups and state_dict. */
#include "support_golden.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "facula/autograd.h"
#include "facula/ops.h"
#include "facula/optimisers.h"
#include "optim/power.h"
#include "support_alloc.h"

enum { STEPS = 6, PARAMS = 4 };

/* ---- the golden cases ---- */

typedef struct {
    const golden *file;
    const char *name; /* of the case */
    char words[24][48];
    int n_words;
    fac_tensor *params[PARAMS];
    fac_optim *opt;
} run;

static double number_of(const char *text)
{
    if (!strcmp(text, "True") || !strcmp(text, "False"))
        return text[0] == 'T';
    return strtod(text, NULL);
}

static void split_words(run *r, const char *line)
{
    while (*line) {
        size_t length = strcspn(line, " ");
        assert_true(length < sizeof r->words[0] && r->n_words < 24);
        memcpy(r->words[r->n_words], line, length);
        r->words[r->n_words++][length] = '\0';
        line += length + (line[length] == ' ');
    }
}

/* The value of key= among the plain words, or else. */
static double option(const run *r, const char *key, double otherwise)
{
    for (int i = 2; i < r->n_words; i++)
        if (!strncmp(r->words[i], key, strlen(key)) && r->words[i][strlen(key)] == '=')
            return number_of(r->words[i] + strlen(key) + 1);
    return otherwise;
}

static fac_optim *make(const run *r, const fac_tensors *params)
{
    double lr = option(r, "lr", 1e-3), decay = option(r, "weight_decay", 0);
    const fac_beta_pair betas = {option(r, "beta1", 0.9), option(r, "beta2", 0.999)};
    double eps = option(r, "eps", 1e-8);
    bool amsgrad = option(r, "amsgrad", 0) != 0, maximize = option(r, "maximize", 0) != 0;
    if (!strcmp(r->words[0], "Adam"))
        return fac_Adam(params, lr, &betas, eps, decay, amsgrad, maximize, option(r, "decoupled_weight_decay", 0) != 0);
    if (!strcmp(r->words[0], "AdamW"))
        return fac_AdamW(params, lr, &betas, eps, option(r, "weight_decay", 1e-2), amsgrad, maximize);
    return fac_SGD(params, lr, option(r, "momentum", 0), option(r, "dampening", 0), decay,
                   option(r, "nesterov", 0) != 0, maximize);
}

/* group:I:OPT=V; PARAMS if there is none. */
static int64_t second_group(const run *r, fac_optim_add_param_group_args *args)
{
    *args = fac_optim_add_param_group_defaults();
    for (int i = 2; i < r->n_words; i++) {
        if (strncmp(r->words[i], "group:", 6) != 0)
            continue;
        char *rest, *value = strchr(r->words[i], '=') + 1;
        int64_t from = strtol(r->words[i] + 6, &rest, 10);
        double *field = !strncmp(rest, ":lr=", 4)          ? &args->lr
                        : !strncmp(rest, ":momentum=", 10) ? &args->momentum
                                                           : &args->weight_decay;
        *field = number_of(value);
        return from;
    }
    return PARAMS;
}

static void start(run *r, const char *line)
{
    split_words(r, line);
    for (int i = 0; i < PARAMS; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s.p%d", r->words[1], i);
        r->params[i] = fac_requires_grad_(golden_tensor(r->file, name), true);
    }
    fac_optim_add_param_group_args args;
    int64_t cut = second_group(r, &args);
    r->opt = make(r, &(fac_tensors){cut, r->params});
    assert_non_null(r->opt);
    if (cut < PARAMS)
        assert_int_equal(fac_optim_add_param_group_with(r->opt, &(fac_tensors){PARAMS - cut, r->params + cut}, &args),
                         FAC_OK);
}

static void set_options(run *r, int step)
{
    for (int i = 2; i < r->n_words; i++) {
        char *rest, name[48];
        if (strncmp(r->words[i], "set:", 4) != 0 || strtol(r->words[i] + 4, &rest, 10) != step)
            continue;
        snprintf(name, sizeof name, "%s", rest + 1);
        *strchr(name, '=') = '\0';
        double value = number_of(strchr(rest, '=') + 1);
        assert_int_equal(fac_optim_set(r->opt, 0, name, value), FAC_OK);
        assert_true(fac_optim_get(r->opt, -fac_optim_groups(r->opt), name) == value);
    }
}

static bool skipped(const run *r, int step, int param)
{
    char word[32];
    snprintf(word, sizeof word, "skip:%d:%d", step, param);
    for (int i = 2; i < r->n_words; i++)
        if (!strcmp(r->words[i], word))
            return true;
    return false;
}

static void set_gradients(const run *r, int step)
{
    for (int i = 0; i < PARAMS; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s.g%d.%d", r->words[1], step, i);
        assert_int_equal(fac_set_grad(r->params[i], skipped(r, step, i) ? fac_none : golden_tensor(r->file, name)),
                         FAC_OK);
    }
}

static void compare_params(const run *r, int step)
{
    char name[64], what[192];
    snprintf(name, sizeof name, "%s.after%d", r->name, step);
    if (!golden_has(r->file, name))
        return;
    fac_tensor *want = golden_tensor(r->file, name);
    for (int64_t i = 0, at = 0; i < PARAMS; at += r->params[i++]->m.numel) {
        fac_meta meta = r->params[i]->m;
        meta.offset = at;
        fac_tensor *part = fac_tensor_adopt(fac_tensor_view(want->storage, &meta));
        snprintf(what, sizeof what, "%s parameter %d (%s %s)", name, (int)i, r->words[0], r->words[2]);
        assert_close_as(r->params[i], part, 1, what);
    }
}

/* The same tensors under the same names, no more, no less. */
static void compare_state(const run *r)
{
    char prefix[32], name[96];
    int64_t ours = 0, theirs = 0;
    fac_optim_state *state = fac_optim_state_dict(r->opt);
    assert_non_null(state);
    for (int64_t i = 0; i < state->count; i++) {
        if (!state->entries[i].tensor)
            continue;
        ours++;
        snprintf(name, sizeof name, "%s.%s", r->name, state->entries[i].name);
        assert_close_as(state->entries[i].tensor, golden_tensor(r->file, name), 1, name);
    }
    snprintf(prefix, sizeof prefix, "%s.state.", r->name);
    for (size_t i = 0; i < r->file->count; i++)
        theirs += !strncmp(r->file->entries[i].name, prefix, strlen(prefix));
    assert_int_equal(ours, theirs);
}

static void run_case(const golden *file, const char *name, const char *line)
{
    FAC_SCOPE;
    run r = {.file = file, .name = name};
    start(&r, line);
    for (int step = 0; step < STEPS; step++) {
        set_options(&r, step);
        set_gradients(&r, step);
        if (fac_optim_step(r.opt))
            fail_msg("%s: %s", line, fac_last_error());
        compare_params(&r, step);
    }
    compare_state(&r);
    fac_optim_free(r.opt);
}

static void test_golden(void **state)
{
    (void)state;
    golden *file = golden_open("optim");
    int cases = 0;
    const char *name;
    for (size_t i = 0; (name = golden_case(file, i)); i++)
        if (strcmp(name, "torch") != 0) {
            run_case(file, name, golden_text(file, name));
            cases++;
        }
    assert_true(cases >= 60);
    golden_close(file);
}

/* ---- by hand ---- */

static fac_tensor *param(double a, double b)
{
    return fac_requires_grad_(fac_vector(a, b), true);
}

static void give_grad(fac_tensor *p, double a, double b)
{
    assert_int_equal(fac_set_grad(p, fac_vector(a, b)), FAC_OK);
}

static void expect(fac_status status, const char *message)
{
    fac_status got = fac_error_status();
    assert_string_equal(fac_last_error(), message);
    assert_int_equal(got, status);
}

#define REFUSED(call, status, message) \
    do {                               \
        assert_null(call);             \
        expect(status, message);       \
    } while (0)

static void test_options_are_checked(void **state)
{
    (void)state;
    FAC_SCOPE;
    const fac_tensors *params = FAC_TENSORS(param(1, 2));
    REFUSED(fac_Adam(params, .lr = -1), FAC_ERR_VALUE, "Adam: Invalid learning rate: -1.0");
    REFUSED(fac_Adam(params, .lr = FAC_NONE_REAL), FAC_ERR_VALUE, "Adam: Invalid learning rate: nan");
    REFUSED(fac_Adam(params, .eps = -1e-8), FAC_ERR_VALUE, "Adam: Invalid epsilon value: -1e-08");
    REFUSED(fac_Adam(params, .betas = FAC_BETAS(1, 0.9)), FAC_ERR_VALUE,
            "Adam: Invalid beta parameter at index 0: 1.0");
    REFUSED(fac_AdamW(params, .betas = FAC_BETAS(0.9, -0.1)), FAC_ERR_VALUE,
            "AdamW: Invalid beta parameter at index 1: -0.1");
    REFUSED(fac_Adam(params, .weight_decay = -0.5), FAC_ERR_VALUE, "Adam: Invalid weight_decay value: -0.5");
    REFUSED(fac_SGD(params, -0.1), FAC_ERR_VALUE, "SGD: Invalid learning rate: -0.1");
    REFUSED(fac_SGD(params, .momentum = -0.1), FAC_ERR_VALUE, "SGD: Invalid momentum value: -0.1");
    REFUSED(fac_SGD(params, .weight_decay = -0.1), FAC_ERR_VALUE, "SGD: Invalid weight_decay value: -0.1");
    REFUSED(fac_SGD(params, .nesterov = true), FAC_ERR_VALUE,
            "SGD: Nesterov momentum requires a momentum and zero dampening");
    REFUSED(fac_SGD(params, .nesterov = true, .momentum = 0.9, .dampening = 0.1), FAC_ERR_VALUE,
            "SGD: Nesterov momentum requires a momentum and zero dampening");
}

static void test_params_are_checked(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *dead, *p = param(1, 2);
    {
        FAC_SCOPE;
        dead = param(1, 2);
    }
    REFUSED(fac_Adam(NULL), FAC_ERR_VALUE, "Adam: params is NULL");
    REFUSED(fac_Adam(fac_none), FAC_ERR_TYPE, "Adam: params is None");
    REFUSED(fac_Adam((&(fac_tensors){0, NULL})), FAC_ERR_VALUE, "Adam: optimizer got an empty parameter list");
    REFUSED(fac_SGD(FAC_TENSORS(p, NULL)), FAC_ERR_VALUE, "SGD: params[1] is NULL");
    REFUSED(fac_SGD(FAC_TENSORS(p, p, dead)), FAC_ERR_RUNTIME, "SGD: params[2]'s scope has ended");
    REFUSED(fac_SGD(FAC_TENSORS(fac_relu(p))), FAC_ERR_VALUE, "SGD: can't optimize a non-leaf Tensor: params[0]");
    fac_fail(FAC_ERR_KEY, "the root cause"); /* pending, as when fac_parameters(NULL) gave NULL */
    REFUSED(fac_Adam(NULL), FAC_ERR_KEY, "the root cause");
}

static void test_null_optimiser(void **state)
{
    (void)state;
    FAC_SCOPE;
    assert_int_equal(fac_optim_step(NULL), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "step: optimiser is NULL");
    assert_int_equal(fac_optim_zero_grad(NULL), FAC_ERR_VALUE);
    assert_int_equal(fac_optim_set(NULL, 0, "lr", 1), FAC_ERR_VALUE);
    assert_int_equal(fac_optim_load_state_dict(NULL, NULL), FAC_ERR_VALUE);
    assert_int_equal(fac_optim_add_param_group(NULL, NULL, .lr = 1), FAC_ERR_VALUE);
    assert_int_equal(fac_optim_groups(NULL), -1);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_null(fac_optim_params(NULL, 0));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_null(fac_optim_state_dict(NULL));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_true(isnan(fac_optim_get(NULL, 0, "lr")));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    fac_optim_free(NULL);
    fac_tensor *p = param(1, 2);
    fac_optim *opt = fac_SGD(FAC_TENSORS(p), 1);
    give_grad(p, 1, 1);
    fac_fail(FAC_ERR_KEY, "the root cause");
    assert_int_equal(fac_optim_step(opt), FAC_ERR_KEY); /* and no step is made */
    assert_true(fac_at(p, FAC_LIST(0)) == 1);
    assert_int_equal(fac_optim_step(opt), FAC_OK);
    assert_true(fac_at(p, FAC_LIST(0)) == 0);
    fac_optim_free(opt);
}

static void test_groups(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *a = param(1, 2), *b = param(3, 4), *c = param(5, 6);
    fac_optim *opt = fac_SGD(FAC_TENSORS(a), .lr = 0.5, .momentum = 0.25);
    assert_int_equal(fac_optim_add_param_group(opt, FAC_TENSORS(b), .lr = 0.125, .maximize = true), FAC_OK);
    assert_int_equal(fac_optim_add_param_group(opt, (&(fac_tensors){0, NULL})), FAC_OK);
    assert_int_equal(fac_optim_groups(opt), 3);
    assert_true(fac_optim_get(opt, 1, "lr") == 0.125 && fac_optim_get(opt, 1, "momentum") == 0.25);
    assert_true(fac_optim_get(opt, -2, "maximize") == 1 && fac_optim_get(opt, 0, "maximize") == 0);
    assert_true(fac_optim_params(opt, 1)->count == 1 && fac_optim_params(opt, 1)->items[0] == b);
    assert_int_equal(fac_optim_add_param_group(opt, FAC_TENSORS(c, a)), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(),
                        "SGD: some parameters appear in more than one parameter group: params[1] is in group 0");
    assert_int_equal(fac_optim_add_param_group(opt, FAC_TENSORS(c), .eps = 1), FAC_ERR_KEY);
    assert_string_equal(fac_last_error(), "SGD: no option 'eps'");
    assert_int_equal(fac_optim_add_param_group(opt, FAC_TENSORS(c), .betas = FAC_BETAS(0.1, 0.1)), FAC_ERR_KEY);
    assert_int_equal(fac_optim_add_param_group(opt, FAC_TENSORS(c), .lr = -1), FAC_ERR_VALUE);
    assert_int_equal(fac_optim_groups(opt), 3);
    assert_int_equal(fac_optim_set(opt, 3, "lr", 1), FAC_ERR_INDEX);
    assert_string_equal(fac_last_error(), "SGD: group 3 is out of range for 3 groups");
    assert_int_equal(fac_optim_set(opt, 0, "beta1", 0.5), FAC_ERR_KEY);
    assert_int_equal(fac_optim_set(opt, 0, "lr", -1), FAC_ERR_VALUE);
    assert_true(fac_optim_get(opt, 0, "lr") == 0.5);
    assert_int_equal(fac_optim_set(opt, 0, "nesterov", 7), FAC_OK);
    assert_true(fac_optim_get(opt, 0, "nesterov") == 1);
    assert_int_equal(fac_optim_set(opt, 0, NULL, 7), FAC_ERR_KEY);
    assert_true(isnan(fac_optim_get(opt, -4, "lr")));
    assert_int_equal(fac_error_status(), FAC_ERR_INDEX);
    assert_true(isnan(fac_optim_get(opt, 0, "epsilon")));
    assert_int_equal(fac_error_status(), FAC_ERR_KEY);
    fac_optim_free(opt);
}

static int warnings;
static void count_warning(const char *message, void *ctx)
{
    (void)ctx;
    warnings++;
    assert_non_null(strstr(message, "duplicate parameters"));
}

/* PyTorch 2.13: p = [1., 2.] twice in a group, grad [1., 1.]: Adam(lr=0.1) gives 0.8, 1.8 and step 2; SGD(lr=0.5)
 * moves twice as well. */
static void test_duplicates(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *p = param(1, 2);
    fac_on_warning(count_warning, NULL);
    fac_optim *opt = fac_Adam(FAC_TENSORS(p, p), .lr = 0.1), *sgd = fac_SGD(FAC_TENSORS(p, p), .lr = 0.5);
    fac_on_warning(NULL, NULL);
    assert_int_equal(warnings, 1); /* one call site */
    give_grad(p, 1, 1);
    assert_int_equal(fac_optim_step(opt), FAC_OK);
    assert_true(fabs(fac_at(p, FAC_LIST(0)) - 0.8) < 1e-6 && fabs(fac_at(p, FAC_LIST(1)) - 1.8) < 1e-6);
    fac_optim_state *dict = fac_optim_state_dict(opt);
    assert_string_equal(dict->entries[0].name, "state.0.step");
    assert_true(fac_item(dict->entries[0].tensor) == 2);
    assert_string_equal(dict->entries[dict->count - 1].name, "param_groups.0.params.1");
    assert_true(dict->entries[dict->count - 1].number == 0);
    assert_int_equal(fac_optim_step(sgd), FAC_OK);
    assert_true(fabs(fac_at(p, FAC_LIST(0)) + 0.2) < 1e-6);
    fac_optim_free(opt);
    fac_optim_free(sgd);
}

/* One call of step over float32 and float64 parameters, one without a gradient, one empty. */
static void test_mixed_dtypes(void **state)
{
    (void)state;
    FAC_SCOPE;
    const double values[2] = {1, 2}, ones[2] = {1, 1};
    fac_tensor *single = param(1, 2), *none = param(1, 2);
    fac_tensor *twice = fac_requires_grad_(fac_from_data(values, FAC_LIST(2), FAC_FLOAT64), true);
    fac_tensor *empty = fac_requires_grad_(fac_from_data(values, FAC_LIST(0), FAC_FLOAT32), true);
    fac_optim *opt = fac_Adam(FAC_TENSORS(single, none, twice, empty), .lr = 0.1);
    give_grad(single, 1, 1);
    assert_int_equal(fac_set_grad(twice, fac_from_data(ones, FAC_LIST(2), FAC_FLOAT64)), FAC_OK);
    assert_int_equal(fac_set_grad(empty, fac_from_data(values, FAC_LIST(0), FAC_FLOAT32)), FAC_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fac_optim_step(opt), FAC_OK);
    assert_true(fabs(fac_at(single, FAC_LIST(0)) - 0.7) < 1e-6 && fabs(fac_at(twice, FAC_LIST(1)) - 1.7) < 1e-7);
    assert_true(fac_at(none, FAC_LIST(0)) == 1);
    assert_true(fac_version_of(single) == 3 && fac_version_of(twice) == 3 && fac_version_of(none) == 0);
    fac_optim_free(opt);
}

static void test_zero_grad(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *p = param(1, 2), *q = param(1, 2);
    fac_optim *opt = fac_SGD(FAC_TENSORS(p, q));
    give_grad(p, 3, (double)INFINITY);
    fac_tensor *grad = fac_grad_of(p);
    assert_int_equal(fac_optim_zero_grad(opt, .set_to_none = false), FAC_OK);
    assert_ptr_equal(fac_grad_of(p), grad);
    assert_true(fac_at(grad, FAC_LIST(0)) == 0 && fac_at(grad, FAC_LIST(1)) == 0 && fac_version_of(grad) == 1);
    assert_null(fac_grad_of(q));
    assert_int_equal(fac_optim_zero_grad(opt), FAC_OK);
    assert_null(fac_grad_of(p));
    fac_tensor *made = fac_mul(q, 2); /* a gradient with a history */
    assert_int_equal(fac_set_grad(p, made), FAC_OK);
    assert_int_equal(fac_optim_zero_grad(opt, false), FAC_OK);
    assert_true(!fac_requires_grad(fac_grad_of(p)) && fac_item(fac_sum(fac_grad_of(p))) == 0);
    fac_optim_free(opt);
}

/* The parameters live as long as the optimiser. */
static void test_ownership(void **state)
{
    (void)state;
    int64_t live = fac_live_tensors();
    fac_optim *opt, *again;
    {
        FAC_SCOPE;
        fac_tensor *p = param(1, 2);
        opt = fac_Adam(FAC_TENSORS(p));
        give_grad(p, 1, 1);
        again = fac_keep(opt);
    }
    assert_int_equal(fac_optim_step(opt), FAC_OK);
    fac_optim_free(opt);
    assert_int_equal(fac_optim_step(again), FAC_OK);
    assert_true(fac_live_tensors() > live);
    fac_optim_free(again);
    assert_int_equal(fac_live_tensors(), live);
}

/* ---- state_dict ---- */

static double entry_number(const fac_optim_state *state, const char *name)
{
    for (int64_t i = 0; i < state->count; i++)
        if (!strcmp(state->entries[i].name, name)) {
            assert_null(state->entries[i].tensor);
            return state->entries[i].number;
        }
    fail_msg("no entry %s", name);
    return 0;
}

static void train(fac_optim *opt, fac_tensor *p, fac_tensor *q, int steps)
{
    for (int i = 0; i < steps; i++) {
        give_grad(p, 0.5 + i, -1);
        if (i % 2 == 0)
            give_grad(q, -0.25, 2 * i);
        assert_int_equal(fac_optim_step(opt), FAC_OK);
        assert_int_equal(fac_optim_zero_grad(opt), FAC_OK);
    }
}

typedef fac_optim *maker(const fac_tensors *p, const fac_tensors *q);
static fac_optim *two_groups(fac_optim *opt, const fac_tensors *q)
{
    assert_int_equal(fac_optim_add_param_group(opt, q, .lr = 0.02), FAC_OK);
    return opt;
}
static fac_optim *make_adam(const fac_tensors *p, const fac_tensors *q)
{
    return two_groups(fac_Adam(p, 0.01, FAC_BETAS(0.8, 0.95), .amsgrad = true), q);
}
static fac_optim *make_sgd(const fac_tensors *p, const fac_tensors *q)
{
    return two_groups(fac_SGD(p, 0.01, .momentum = 0.5, .nesterov = true), q);
}
static fac_optim *make_plain_sgd(const fac_tensors *p, const fac_tensors *q)
{
    return two_groups(fac_SGD(p, 0.01), q);
}

/* Trained, saved into a fresh one and trained on, or trained in one go: the same bits. */
static void test_round_trip(void **state)
{
    (void)state;
    static maker *const makers[] = {make_adam, make_sgd, make_plain_sgd};
    for (int i = 0; i < 3; i++) {
        FAC_SCOPE;
        fac_tensor *p = param(1, 2), *q = param(3, 4);
        fac_optim *opt = makers[i](FAC_TENSORS(p), FAC_TENSORS(q));
        assert_int_equal(fac_optim_set(opt, 0, "lr", 0.5), FAC_OK);
        train(opt, p, q, 3);
        fac_tensor *p2 = fac_requires_grad_(fac_clone(fac_detach(p)), true);
        fac_tensor *q2 = fac_requires_grad_(fac_clone(fac_detach(q)), true);
        fac_optim *other = makers[i](FAC_TENSORS(p2), FAC_TENSORS(q2));
        train(other, fac_vector(0, 0), fac_vector(0, 0), 1); /* nothing of the like is left */
        assert_int_equal(fac_optim_load_state_dict(other, fac_optim_state_dict(opt)), FAC_OK);
        assert_true(fac_optim_get(other, 0, "lr") == 0.5 && fac_optim_get(other, 1, "lr") == 0.02);
        train(opt, p, q, 4);
        train(other, p2, q2, 4);
        assert_memory_equal(fac_data(p), fac_data(p2), 8);
        assert_memory_equal(fac_data(q), fac_data(q2), 8);
        fac_optim_free(opt);
        fac_optim_free(other);
    }
}

static void test_state_dict_entries(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_tensor *p = param(1, 2), *q = param(3, 4);
    fac_optim *opt = make_adam(FAC_TENSORS(p), FAC_TENSORS(q));
    fac_optim_state *before = fac_optim_state_dict(opt);
    assert_int_equal(before->count, 2 * (8 + 1)); /* no state yet */
    train(opt, p, q, 2);
    fac_optim_state *after;
    {
        FAC_SCOPE;
        after = fac_keep(fac_optim_state_dict(opt));
    }
    assert_int_equal(after->count, before->count + 2 * 4);
    static const char *const names[] = {"state.0.step", "state.0.exp_avg", "state.0.exp_avg_sq",
                                        "state.0.max_exp_avg_sq", "state.1.step"};
    for (int i = 0; i < 5; i++)
        assert_string_equal(after->entries[i].name, names[i]);
    assert_true(fac_item(after->entries[0].tensor) == 2 && fac_item(after->entries[4].tensor) == 1);
    assert_true(fac_ndim(after->entries[0].tensor) == 0 && fac_dtype_of(after->entries[0].tensor) == FAC_FLOAT32);
    assert_true(entry_number(after, "param_groups.0.betas.0") == 0.8);
    assert_true(entry_number(after, "param_groups.1.betas.1") == 0.95);
    assert_true(entry_number(after, "param_groups.1.lr") == 0.02);
    assert_true(entry_number(after, "param_groups.1.params.0") == 1);
    assert_true(entry_number(after, "param_groups.0.decoupled_weight_decay") == 0);
    fac_optim_free(opt);
    assert_true(isfinite(fac_at(after->entries[1].tensor, FAC_LIST(0)))); /* outlives it */
    fac_free_handle(after);
}

static fac_optim_state copy_state(fac_optim_entry *entries, const fac_optim_state *state)
{
    memcpy(entries, state->entries, (size_t)state->count * sizeof *entries);
    return (fac_optim_state){state->count, entries};
}

static fac_optim_entry *find(fac_optim_entry *entries, const char *name)
{
    while (strcmp(entries->name, name) != 0)
        entries++;
    return entries;
}

#define NOT_LOADED(status, message)                                         \
    do {                                                                    \
        assert_int_equal(fac_optim_load_state_dict(opt, &changed), status); \
        assert_string_equal(fac_last_error(), message);                     \
        changed = copy_state(entries, saved);                               \
    } while (0)

static void test_load_errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_optim_entry entries[40];
    fac_tensor *p = param(1, 2), *q = param(3, 4);
    fac_optim *opt = make_adam(FAC_TENSORS(p), FAC_TENSORS(q));
    train(opt, p, q, 2);
    fac_optim_state *saved = fac_optim_state_dict(opt);
    fac_optim_state changed = copy_state(entries, saved);
    assert_int_equal(fac_optim_load_state_dict(opt, NULL), FAC_ERR_VALUE);
    find(entries, "param_groups.1.lr")->number = -1;
    NOT_LOADED(FAC_ERR_VALUE, "Adam: Invalid learning rate: -1.0");
    find(entries, "param_groups.1.lr")->name = "param_groups.2.lr";
    NOT_LOADED(FAC_ERR_VALUE, "Adam: loaded state dict has a different number of parameter groups");
    find(entries, "param_groups.1.params.0")->name = "param_groups.1.params.1";
    NOT_LOADED(FAC_ERR_VALUE,
               "Adam: loaded state dict contains a parameter group that doesn't match the size of optimizer's group");
    changed.count--; /* param_groups.1.params.0 */
    NOT_LOADED(FAC_ERR_VALUE, "Adam: loaded state dict contains a parameter group that doesn't match the size of "
                              "optimizer's group: group 1 has 0 parameters, expected 1");
    find(entries, "state.1.exp_avg")->tensor = fac_vector(1, 2, 3);
    NOT_LOADED(FAC_ERR_VALUE, "Adam: load_state_dict: state.1.exp_avg has shape (3,), its parameter (2,)");
    find(entries, "state.1.exp_avg")->name = "state.1.momentum_buffer";
    NOT_LOADED(FAC_ERR_KEY, "Adam: load_state_dict: unexpected state.1.momentum_buffer");
    find(entries, "state.1.exp_avg")->name = "state.2.exp_avg";
    NOT_LOADED(FAC_ERR_VALUE, "Adam: load_state_dict: state.2.exp_avg is of a parameter that is in no group");
    find(entries, "state.1.exp_avg")->name = "other";
    NOT_LOADED(FAC_ERR_KEY, "Adam: load_state_dict: state.1.exp_avg is missing");
    find(entries, "state.1.step")->name = "other";
    NOT_LOADED(FAC_ERR_KEY, "Adam: load_state_dict: state.1.step is missing or 0");
    find(entries, "state.1.step")->tensor = fac_scalar(1.5);
    NOT_LOADED(FAC_ERR_VALUE, "Adam: load_state_dict: state.1.step is no count of steps");
    find(entries, "state.1.step")->tensor = fac_vector(1, 2);
    NOT_LOADED(FAC_ERR_VALUE, "Adam: load_state_dict: state.1.step is not one number");
    find(entries, "state.1.step")->name = "state.x.step";
    NOT_LOADED(FAC_ERR_VALUE, "Adam: load_state_dict: state.x.step names no parameter");
    find(entries, "param_groups.1.lr")->name = "param_groups.-1.lr";
    NOT_LOADED(FAC_ERR_VALUE, "Adam: load_state_dict: param_groups.-1.lr names no parameter group");
    find(entries, "param_groups.1.params.0")->number = -1;
    NOT_LOADED(FAC_ERR_VALUE, "Adam: load_state_dict: param_groups.1.params.0 is not the number of a parameter");
    /* as it was, after all that */
    assert_true(fac_optim_get(opt, 1, "lr") == 0.02 && fac_item(saved->entries[0].tensor) == 2);
    /* a number may be a tensor, an unknown option is left out, a kind of state may have another dtype */
    const double values[2] = {0.25, 0.5};
    find(entries, "param_groups.1.lr")->tensor = fac_scalar(0.75);
    find(entries, "param_groups.0.eps")->name = "param_groups.0.foreach";
    find(entries, "state.0.exp_avg")->tensor = fac_from_data(values, FAC_LIST(2), FAC_FLOAT64);
    assert_int_equal(fac_optim_load_state_dict(opt, &changed), FAC_OK);
    assert_true(fac_optim_get(opt, 1, "lr") == 0.75);
    fac_optim_state *now = fac_optim_state_dict(opt);
    assert_true(fac_at(now->entries[1].tensor, FAC_LIST(1)) == 0.5);
    assert_int_equal(fac_dtype_of(now->entries[1].tensor), FAC_FLOAT32);
    fac_optim_free(opt);
}

/* ---- memory ---- */

static fac_status memory_steps(fac_optim *opt, fac_tensor *p)
{
    fac_tensor *grad = fac_vector(1, 2);
    if (!grad)
        return fac_error_status();
    fac_status status = fac_set_grad(p, grad);
    if (!status)
        status = fac_optim_step(opt);
    fac_optim_state *dict = status ? NULL : fac_optim_state_dict(opt);
    if (!status)
        status = dict ? fac_optim_load_state_dict(opt, dict) : fac_error_status();
    return status ? status : fac_optim_step(opt);
}

static fac_status memory_program(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    fac_tensor *p = fac_vector(1, 2), *q = fac_vector(3, 4);
    if (!p || !q || !fac_requires_grad_(p, true))
        return fac_error_status();
    fac_optim *adam = fac_Adam(FAC_TENSORS(p), .amsgrad = true), *sgd = fac_SGD(FAC_TENSORS(p), .momentum = 0.9);
    fac_status status = adam && sgd ? fac_optim_add_param_group(adam, FAC_TENSORS(q)) : fac_error_status();
    if (!status)
        status = memory_steps(adam, p);
    if (!status)
        status = memory_steps(sgd, p);
    fac_optim_free(adam);
    fac_optim_free(sgd);
    return status;
}

/* In turn, from the middle, and back. */
static void test_powers(void **state)
{
    (void)state;
    static const double bases[] = {0.9, 0.999, 0.5, 0.99, 0.9999, 0.1, 0, 1, 0.9999999};
    for (size_t b = 0; b < sizeof bases / sizeof *bases; b++) {
        fac_power p = {0};
        int others = 0;
        for (int64_t i = 1; i <= 60000; i++) {
            const int64_t n = i < 40000 ? i : i < 50000 ? 3 * i : 60001 - i;
            const double got = fac_power_at(&p, bases[b], n), expected = pow(bases[b], (double)n);
            if (!(expected < 0x1p-99 && got == 0) && !(fabs(got - expected) <= 0x1p-52 * expected))
                fail_msg("%.17g to the power of %lld is %a, not %a", bases[b], (long long)n, expected, got);
            others += 1 - got != 1 - expected;
        }
        assert_true(others < 200);
    }
}

static void test_memory(void **state)
{
    (void)state;
    fac_scope_reset();
    assert_true(support_alloc_fail_each(memory_program, NULL) > 30);
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_options_are_checked),
        cmocka_unit_test(test_params_are_checked),
        cmocka_unit_test(test_null_optimiser),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_mixed_dtypes),
        cmocka_unit_test(test_zero_grad),
        cmocka_unit_test(test_ownership),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_state_dict_entries),
        cmocka_unit_test(test_load_errors),
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
