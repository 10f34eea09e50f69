/* SPDX-License-Identifier: MIT */
/* FACULA_ISA=base|v3|v4: picks that instruction set's kernels where the processor has it, and they train alike. The
 * choice is made when the library is loaded: each training is a new process's, this program called with "train". */
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facula/facula.h"
#include "tensor/elementwise.h"
#include "tensor/kernels.h"

enum {
    STEPS = 40,
    IN = 3,
    WIDE = 33,
    NARROW = 17,
    PARAMETERS = IN * WIDE + WIDE + WIDE * NARROW + NARROW + NARROW + 1
};

/* What a child tells: the table it got (0 for base, 1 for v3, 2 for v4), which there are (under valgrind not the same
 * as here), and the training's numbers. */
typedef struct {
    int table;
    bool runs[3];
    bool finished;
    float data[4], losses[STEPS], parameters[PARAMETERS];
} outcome;

static const char *const sets[] = {"base", "v3", "v4"};
static const char *program; /* this one's path */

static int table_in_use(void)
{
    for (int i = 0; i < 3; i++)
        if (fac_k == fac_kernels_for(sets[i]) && fac_ew == fac_ew_for(sets[i]))
            return i;
    return -1;
}

static int best_table(const outcome *result)
{
    return result->runs[2] ? 2 : result->runs[1] ? 1 : 0;
}

static fac_status train(fac_module *model, fac_tensor *x, fac_tensor *y, float *losses)
{
    fac_optim *opt = fac_Adam(fac_parameters(model), .lr = 1e-3, .weight_decay = 1e-2);
    fac_status status = FAC_OK;
    for (int step = 0; step < STEPS && !status; step++) {
        FAC_SCOPE;
        if (fac_optim_zero_grad(opt))
            break;
        fac_tensor *loss = fac_mse_loss(fac_forward(model, x), y);
        if (!(status = fac_backward(loss)) && !(status = fac_optim_step(opt)))
            losses[step] = (float)fac_item(loss);
    }
    fac_optim_free(opt);
    return status;
}

static void run_training(outcome *result)
{
    FAC_SCOPE;
    fac_manual_seed(4);
    fac_tensor *x = fac_randn(50, IN), *y = fac_add(fac_sin(fac_sum(x, 1, true)), fac_mul(0.1, fac_randn(50, 1)));
    fac_module *model = fac_Sequential(fac_Linear(IN, WIDE), fac_Tanh(), fac_Linear(WIDE, NARROW), fac_Sigmoid(),
                                       fac_Linear(NARROW, 1));
    for (int i = 0; i < 4; i++)
        result->data[i] = (float)fac_at(x, FAC_LIST(i, 1));
    fac_status status = train(model, x, y, result->losses);
    const fac_tensors *parameters = fac_parameters(model);
    int64_t at = 0;
    for (int64_t i = 0; i < parameters->count && !status; at += fac_numel(parameters->items[i++]))
        status = fac_copy_out(parameters->items[i], result->parameters + at, fac_numel(parameters->items[i]));
    result->table = table_in_use();
    for (int i = 0; i < 3; i++)
        result->runs[i] = fac_kernels_for(sets[i]);
    result->finished = !status && at == PARAMETERS;
    fac_module_free(model);
}

static void run_in_child(const char *isa, outcome *result)
{
    int ends[2], ended;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        bool set = !(isa ? setenv("FACULA_ISA", isa, 1) : unsetenv("FACULA_ISA"));
        if (set && dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO)
            execl(program, program, "train", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], result, sizeof *result);
    close(ends[0]);
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    assert_int_equal(got, sizeof *result);
    assert_true(result->finished);
}

static void test_the_wish_is_met_if_it_can_be(void **state)
{
    (void)state;
    outcome result;
    for (int i = 0; i < 3; i++) {
        run_in_child(sets[i], &result);
        assert_int_equal(result.table, result.runs[i] ? i : best_table(&result));
    }
    static const char *const no_sets[] = {NULL, "", "v9", "V3"};
    for (size_t i = 0; i < sizeof no_sets / sizeof *no_sets; i++) {
        run_in_child(no_sets[i], &result);
        assert_int_equal(result.table, best_table(&result));
    }
}

static void check_close(const float *got, const float *expected, int n, const char *what)
{
    for (int i = 0; i < n; i++)
        if (!(fabsf(got[i] - expected[i]) <= 1e-5F + 1e-4F * fabsf(expected[i])))
            fail_msg("%s %d differs by more than rounding", what, i);
}

static void test_sets_train_alike(void **state)
{
    (void)state;
    outcome base, other;
    run_in_child("base", &base);
    assert_true(base.losses[STEPS - 1] < 0.9F * base.losses[0]);
    for (int i = 1; i < 3; i++) {
        run_in_child(sets[i], &other);
        assert_memory_equal(other.data, base.data, sizeof base.data); /* random numbers are the same bits */
        check_close(other.losses, base.losses, STEPS, "loss");
        check_close(other.parameters, base.parameters, PARAMETERS, "parameter");
    }
}

static void test_runs_repeat_to_the_bit(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        outcome first, second;
        run_in_child(sets[i], &first);
        run_in_child(sets[i], &second);
        assert_memory_equal(first.losses, second.losses, sizeof first.losses);
        assert_memory_equal(first.parameters, second.parameters, sizeof first.parameters);
    }
}

static int child_main(void)
{
    static outcome result;
    run_training(&result);
    return write(STDOUT_FILENO, &result, sizeof result) != (ssize_t)sizeof result; /* under PIPE_BUF: whole */
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "train"))
        return child_main();
    program = argv[0];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_wish_is_met_if_it_can_be),
        cmocka_unit_test(test_sets_train_alike),
        cmocka_unit_test(test_runs_repeat_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
