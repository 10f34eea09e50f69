/* SPDX-License-Identifier: MIT */
/* Plans in lockstep with eager runs: random small training programs, each done twice, the step called as it is and
 * through fac_run. After every step losses, gradients, parameters, the optimiser's state and the random stream agree.
 * One program alone: LOCKSTEP_SEED=n, or the argument n; LOCKSTEP_PROGRAMS=n: how many (per instruction set). */
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facula/facula.h"
#include "facula/plan.h"
#include "support_lockstep.h"
#include "tensor/kernels.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { PROGRAMS = 100 };
#else
enum { PROGRAMS = 500 };
#endif

static const char *program; /* this one's path */

static long setting(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtol(text, NULL, 10) : otherwise;
}

/* A kink that rounding crosses, relu's at 0, makes another gradient: such a program agrees in float64. */
static bool agrees(uint64_t seed, int *by_rounding)
{
    if (lockstep_run(seed, FAC_DEFAULT_DTYPE))
        return true;
    if (!lockstep.rounding || !lockstep_run(seed, FAC_FLOAT64)) {
        fprintf(stderr, "LOCKSTEP_SEED=%llu: %s\n", (unsigned long long)seed, lockstep.problem);
        return false;
    }
    ++*by_rounding;
    return true;
}

static int run_programs(uint64_t first, long count)
{
    int failed = 0, by_rounding = 0;
    lockstep.replayed = lockstep.recorded = 0;
    for (long i = 0; i < count && failed < 10; i++)
        failed += !agrees(first + (uint64_t)i, &by_rounding);
    if (fac_live_tensors())
        fprintf(stderr, "%lld tensors are left\n", (long long)fac_live_tensors()), failed++;
    if (by_rounding > 1 + count / 100)
        fprintf(stderr, "%d programs differ in float32 only\n", by_rounding), failed++;
    if (count >= 50 && lockstep.replayed < lockstep.recorded)
        fprintf(stderr, "%ld runs were replayed, %ld recorded\n", lockstep.replayed, lockstep.recorded), failed++;
    printf("%ld programs: %ld runs replayed, %ld recorded; %d differ by rounding\n", count, lockstep.replayed,
           lockstep.recorded, by_rounding);
    return failed;
}

static int child_main(const char *first)
{
    return run_programs(strtoull(first, NULL, 10), setting("LOCKSTEP_PROGRAMS", PROGRAMS)) != 0;
}

static void run_with(const char *isa, const char *first)
{
    if (!fac_kernels_for(isa))
        skip();
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        if (!setenv("FACULA_ISA", isa, 1))
            execl(program, program, "from", first, (char *)NULL);
        _exit(127);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
}

static void with_base(void **state)
{
    (void)state;
    run_with("base", "100000");
}

static void with_v3(void **state)
{
    (void)state;
    run_with("v3", "200000");
}

static void with_v4(void **state)
{
    (void)state;
    run_with("v4", "300000");
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    program = argv[0];
    if (argc == 3 && !strcmp(argv[1], "from"))
        return child_main(argv[2]);
    const long seed = argc == 2 ? strtol(argv[1], NULL, 10) : setting("LOCKSTEP_SEED", -1);
    if (seed >= 0) {
        lockstep.loud = true;
        return run_programs((uint64_t)seed, 1);
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(with_base), cmocka_unit_test(with_v3),
                                       cmocka_unit_test(with_v4)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
