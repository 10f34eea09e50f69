/* SPDX-License-Identifier: MIT */
/* The threads that large operations share: every piece once, whoever calls, however many there are, in children of
 * fork too; asleep when idle, gone when trimmed. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/parallel.h"
#include "facula/facula.h"
#include "support_alloc.h"

enum { PIECES = 100, ROUNDS = 300 };

static void set_threads(int n)
{
    assert_int_equal(fac_set_num_threads(n), FAC_OK);
    assert_int_equal(fac_get_num_threads(), n);
}

/* What a section is checked by: how often each piece was done, and by how many threads. */
typedef struct {
    int done[PIECES];
    int meet; /* pieces that wait for each other: as many threads must come */
    int met;
    bool inner;
} section;

static void work_a_little(void)
{
    for (volatile int i = 0; i < 200; i++)
        ;
}

static void do_piece(void *ctx, int64_t i)
{
    section *s = ctx;
    s->done[i]++; /* plain: that others see it is what is tested */
    work_a_little();
}

static bool all_once(section *s, int64_t pieces)
{
    bool good = true;
    for (int i = 0; i < PIECES; i++)
        good &= s->done[i] == (i < pieces);
    return good;
}

static bool try_sections(int rounds)
{
    bool good = true;
    for (int r = 0; r < rounds; r++) {
        section s = {.inner = false};
        fac_parallel(r % (PIECES + 1), do_piece, &s);
        good &= all_once(&s, r % (PIECES + 1));
    }
    return good;
}

static void every_piece_once(void **state)
{
    (void)state;
    for (int n = 1; n <= 8; n++) {
        set_threads(n);
        assert_true(try_sections(ROUNDS));
    }
    set_threads(2);
    assert_true(try_sections(ROUNDS));
}

/* Piece 0 ends only when the others have begun: other threads do come. */
static void wait_for_others(void *ctx, int64_t i)
{
    section *s = ctx;
    __atomic_fetch_add(&s->met, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&s->met, __ATOMIC_SEQ_CST) < s->meet)
        sched_yield();
    s->done[i]++;
}

static void count_piece(void *ctx, int64_t i)
{
    section *s = ctx;
    (void)i;
    __atomic_fetch_add(&s->met, 1, __ATOMIC_RELAXED);
}

static void threads_come(void **state)
{
    (void)state;
    for (int n = 1; n <= 8; n++) {
        set_threads(n);
        section s = {.meet = n};
        fac_parallel(n, wait_for_others, &s);
        assert_true(all_once(&s, n));
    }
}

/* A worker that has not been needed for as many openings as there are numbers for them comes all the same. */
static void long_unneeded(void **state)
{
    enum { NUMBERS = 8192 };
    (void)state;
    for (int n = 1; n < 4; n++) {
        section s = {.meet = 5}, again = {.meet = 5};
        set_threads(5);
        fac_parallel(5, wait_for_others, &s);
        set_threads(2);
        for (int i = 1; i < NUMBERS; i++)
            fac_parallel(2, count_piece, &s);
        set_threads(5);
        fac_parallel(5, wait_for_others, &again);
        assert_true(all_once(&again, 5));
    }
}

/* No more than were asked for, though there are more. */
static void count_inside(void *ctx, int64_t i)
{
    section *s = ctx;
    int now = __atomic_add_fetch(&s->met, 1, __ATOMIC_SEQ_CST), most = __atomic_load_n(&s->meet, __ATOMIC_RELAXED);
    while (now > most && !__atomic_compare_exchange_n(&s->meet, &most, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
    do_piece(ctx, i);
    __atomic_sub_fetch(&s->met, 1, __ATOMIC_SEQ_CST);
}

static void no_more_than_wanted(void **state)
{
    (void)state;
    set_threads(8);
    assert_true(try_sections(ROUNDS));
    set_threads(3);
    section s = {.meet = 0};
    for (int r = 0; r < ROUNDS; r++)
        fac_parallel(PIECES, count_inside, &s);
    assert_in_range(s.meet, 1, 3);
}

static void do_inner(void *ctx, int64_t i)
{
    section *mine = (section *)ctx + i;
    assert_int_equal(fac_parallel_width(1000000000), 1);
    fac_parallel(PIECES, do_piece, mine);
}

static void nested(void **state)
{
    (void)state;
    static section sections[10];
    set_threads(4);
    fac_parallel(10, do_inner, sections);
    for (int i = 0; i < 10; i++)
        assert_true(all_once(&sections[i], PIECES));
}

static void *be_a_host(void *good)
{
    *(bool *)good = try_sections(ROUNDS);
    return NULL;
}

static void several_hosts(void **state)
{
    (void)state;
    enum { HOSTS = 4 };
    pthread_t hosts[HOSTS];
    bool good[HOSTS];
    set_threads(3);
    for (int i = 0; i < HOSTS; i++)
        assert_int_equal(pthread_create(&hosts[i], NULL, be_a_host, &good[i]), 0);
    for (int i = 0; i < HOSTS; i++) {
        fac_parallel_trim(); /* meanwhile */
        pthread_join(hosts[i], NULL);
        assert_true(good[i]);
    }
}

/* A second caller does not wait for the first, which waits for it. */
static section first;

static void *come_second(void *good)
{
    section mine = {.inner = false};
    while (__atomic_load_n(&first.met, __ATOMIC_SEQ_CST) < 2)
        sched_yield();
    fac_parallel(PIECES, do_piece, &mine);
    *(bool *)good = all_once(&mine, PIECES);
    __atomic_fetch_add(&first.met, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void nobody_waits(void **state)
{
    (void)state;
    pthread_t host;
    bool good = false;
    set_threads(2);
    first.meet = 3;
    assert_int_equal(pthread_create(&host, NULL, come_second, &good), 0);
    fac_parallel(2, wait_for_others, &first);
    pthread_join(host, NULL);
    assert_true(good && all_once(&first, 2));
}

static bool ends_well(pid_t child)
{
    int status = -1;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The child of a fork has threads of its own. */
static void fork_now(void)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
#ifdef __SANITIZE_THREAD__ /* it allows no threads in such a child */
        set_threads(1);
#endif
        section s = {.meet = fac_get_num_threads()};
        fac_parallel(s.meet, wait_for_others, &s);
        bool good = all_once(&s, s.meet) && try_sections(20);
        fac_parallel_trim();
        _exit(good ? 0 : 1);
    }
    assert_true(ends_well(child));
}

static int stop_hosting;

static void *keep_busy(void *good)
{
    *(bool *)good = true;
    while (!__atomic_load_n(&stop_hosting, __ATOMIC_SEQ_CST))
        *(bool *)good &= try_sections(PIECES);
    return NULL;
}

/* While another thread is in the middle of a section, too. */
static void forked(void **state)
{
    (void)state;
    pthread_t host;
    bool good = false;
    set_threads(3);
    assert_true(try_sections(10));
    fork_now();
    assert_int_equal(pthread_create(&host, NULL, keep_busy, &good), 0);
    for (int i = 0; i < 30; i++)
        fork_now();
    __atomic_store_n(&stop_hosting, 1, __ATOMIC_SEQ_CST);
    pthread_join(host, NULL);
    assert_true(good && try_sections(ROUNDS));
}

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void pause_for(int64_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Three idle threads that did not sleep would use three times as much as the clock says, or all there is. */
static void idle_threads_sleep(void **state)
{
    (void)state;
    set_threads(4);
    section s = {.meet = 4};
    fac_parallel(4, wait_for_others, &s);
    pause_for(50); /* they spin a little first */
    double before = processor_seconds();
    pause_for(400);
    assert_true(processor_seconds() - before < 0.1);
    assert_true(try_sections(ROUNDS));
}

/* This program again, in a child: it says whether it has that many threads. */
static const char *own_path;

static void expect_in_child(const char *threads)
{
    execl(own_path, own_path, "expect", threads, (char *)NULL);
    _exit(3);
}

static void follow_the_first_only(void)
{
    cpu_set_t one, all;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (size_t i = 0; CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &all))
            CPU_SET(i, &one);
    if (sched_setaffinity(0, sizeof one, &one))
        _exit(4);
}

/* One thread for each processor that may be used, unless FACULA_NUM_THREADS says otherwise. */
static void follows_the_mask(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        unsetenv("FACULA_NUM_THREADS");
        follow_the_first_only();
        expect_in_child("1");
    }
    assert_true(ends_well(child));
    if ((child = fork()) == 0) {
        setenv("FACULA_NUM_THREADS", "7", 1);
        expect_in_child("7");
    }
    assert_true(ends_well(child));
}

static int threads_of_the_process(void)
{
    char line[128];
    int n = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "Threads:", 8))
            n = atoi(line + 8);
    if (f)
        fclose(f);
    return n;
}

/* A thread that was joined is counted for a moment more. */
static void assert_threads(int expected)
{
    for (int i = 0; i < 1000 && threads_of_the_process() != expected; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(threads_of_the_process(), expected);
}

static void trimmed(void **state)
{
    (void)state;
    fac_trim();
    int before = threads_of_the_process();
    for (int i = 0; i < 5; i++) {
        set_threads(4);
        section s = {.meet = 4};
        fac_parallel(4, wait_for_others, &s);
        assert_threads(before + 3);
        fac_trim();
        assert_threads(before);
    }
}

/* Signals go to the host's threads. */
static void count_signals(void *ctx, int64_t i)
{
    (void)i;
    section *s = ctx;
    sigset_t mask;
    if (__atomic_fetch_add(&s->met, 1, __ATOMIC_SEQ_CST) < s->meet)
        while (__atomic_load_n(&s->met, __ATOMIC_SEQ_CST) < s->meet)
            sched_yield();
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    __atomic_fetch_add(&s->done[sigismember(&mask, SIGINT) == 1], 1, __ATOMIC_SEQ_CST);
}

static void signals_are_the_hosts(void **state)
{
    (void)state;
    set_threads(4);
    section s = {.meet = 4};
    fac_parallel(4, count_signals, &s);
    assert_int_equal(s.done[0], 1);
    assert_int_equal(s.done[1], 3);
}

static void small_work_starts_none(void **state)
{
    (void)state;
    set_threads(4);
    fac_trim();
    assert_int_equal(fac_parallel_width(2000000), 1);
    assert_int_equal(fac_parallel_width(100000000), 4);
    assert_true(try_sections(2 * PIECES));
    assert_true(fac_parallel_width(2000000) > 1);
    assert_int_equal(fac_parallel_width(100000), 1);
    fac_trim();
}

/* Of works that nobody is started for, so many come that somebody is. */
static void much_small_work_starts_some(void **state)
{
    (void)state;
    set_threads(2);
    fac_trim();
    int alone = 0;
    while (fac_parallel_width(1000000) == 1 && alone < 1000)
        alone++;
    assert_in_range(alone, 10, 999);
    assert_int_equal(fac_parallel_width(1000000), 1);
    fac_trim();
}

static void note_thread(void *ctx, int64_t piece)
{
    pthread_t *threads = ctx;
    threads[piece] = pthread_self();
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* all threads come */
}

static void the_caller_does_the_first_piece(void **state)
{
    (void)state;
    set_threads(3);
    for (int round = 0; round < 20; round++) {
        pthread_t threads[3];
        fac_parallel(3, note_thread, threads);
        assert_true(pthread_equal(threads[0], pthread_self()));
    }
}

/* Elementwise, sums of one row, of columns and of rows, softmax: of so many elements that threads share them. */
static fac_tensor *shared_work(fac_tensor *x)
{
    fac_tensor *y = fac_tanh(fac_add(fac_mul(x, 1.5), fac_sin(x))), *row = fac_flatten(y);
    return fac_cat(FAC_TENSORS(row, fac_reshape(fac_sum(row), FAC_LIST(1)), fac_sum(y, .dim = 0), fac_sum(y, .dim = 1),
                               fac_flatten(fac_softmax(x, 1)), fac_flatten(fac_log_softmax(x, 1))));
}

static void elementwise_work_has_the_same_bits(void **state)
{
    (void)state;
    static const int64_t shapes[][2] = {{601, 1013}, {3, 300007}, {300007, 3}, {1, 1 << 20}, {1025, 1024}};
    for (size_t i = 0; i < 2 * sizeof shapes / sizeof *shapes; i++) {
        FAC_SCOPE;
        fac_tensor *x = fac_randn(shapes[i / 2][0], shapes[i / 2][1], .dtype = i % 2 ? FAC_FLOAT64 : FAC_FLOAT32);
        set_threads(1);
        fac_tensor *want = shared_work(x);
        assert_non_null(want);
        for (int n = 2; n <= 4; n++) {
            set_threads(n);
            assert_true(fac_equal(shared_work(x), want));
        }
    }
}

/* x W^T + b, x W, x^T W: rows longer and columns longer, some blocks smaller than the others. */
static fac_tensor *products(fac_tensor *x, fac_tensor *w, fac_tensor *v, fac_tensor *b)
{
    fac_tensor *y = fac_linear(x, w, b), *gw = fac_mm(fac_t(y), x), *gx = fac_mm(y, v);
    return fac_cat(FAC_TENSORS(fac_flatten(y), fac_flatten(gw), fac_flatten(gx)));
}

static void same_bits(int64_t rows, int64_t inner, int64_t columns, fac_dtype dtype)
{
    FAC_SCOPE;
    fac_tensor *x = fac_rand(rows, inner, .dtype = dtype), *w = fac_rand(columns, inner, .dtype = dtype);
    fac_tensor *v = fac_rand(columns, inner, .dtype = dtype), *b = fac_rand(columns, .dtype = dtype);
    set_threads(1);
    fac_tensor *want = products(x, w, v, b);
    for (int n = 2; n <= 4; n++) {
        set_threads(n);
        assert_true(fac_equal(products(x, w, v, b), want));
    }
}

static void products_have_the_same_bits(void **state)
{
    (void)state;
    static const int64_t sizes[][3] = {{128, 300, 512}, {128, 512, 10}, {700, 100, 130}, {131, 515, 267},
                                       {20, 200, 2000}, {1100, 90, 64}, {150, 700, 150}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        same_bits(sizes[i][0], sizes[i][1], sizes[i][2], FAC_FLOAT32);
        same_bits(sizes[i][0], sizes[i][1], sizes[i][2], FAC_FLOAT64);
    }
}

/* Without memory for the workspace the same numbers are made slowly. */
static fac_tensor *operand, *wanted_product;

static bool multiply_without(int64_t failing, int threads, bool *reached)
{
    FAC_SCOPE;
    set_threads(threads);
    fac_trim();
    support_alloc_fail_at(failing, false);
    fac_tensor *y = fac_mm(operand, operand);
    *reached = support_memory.count >= failing;
    support_alloc_fail_at(0, false);
    return y ? fac_equal(y, wanted_product) : fac_error_status() == FAC_ERR_MEMORY;
}

static void no_memory_for_a_workspace(void **state)
{
    (void)state;
    operand = fac_keep(fac_rand(256, 256));
    set_threads(1);
    wanted_product = fac_keep(fac_mm(operand, operand));
    for (int threads = 1; threads <= 3; threads++) {
        bool reached = true;
        for (int64_t n = 1; reached; n++)
            assert_true(multiply_without(n, threads, &reached));
    }
    fac_tensor_free(operand), fac_tensor_free(wanted_product);
}

/* Three steps of a list with tensors large, small and empty: the largest is cut, the others lie in pieces together. */
static fac_tensor *steps_taken(int threads, bool adam)
{
    static const int64_t sizes[] = {5, 100000, 0, 17, 33333, 3};
    enum { N = 6 };
    fac_tensor *params[N], *whole;
    set_threads(threads);
    fac_manual_seed(3);
    for (int i = 0; i < N; i++)
        params[i] = fac_requires_grad_(fac_randn(sizes[i]), true);
    const fac_tensors list = {N, params};
    fac_optim *optimiser = adam ? fac_Adam(&list, .lr = 0.1) : fac_SGD(&list, .lr = 0.1, .momentum = 0.9);
    for (int step = 0; step < 3; step++) {
        fac_tensor *loss = NULL;
        for (int i = 0; i < N; i++) {
            fac_tensor *sum = fac_sum(fac_mul(params[i], fac_mul(params[i], params[i])));
            loss = loss ? fac_add(loss, sum) : sum;
        }
        assert_int_equal(fac_optim_zero_grad(optimiser), FAC_OK);
        assert_int_equal(fac_backward(loss), FAC_OK);
        assert_int_equal(fac_optim_step(optimiser), FAC_OK);
    }
    whole = fac_detach(fac_cat(&list));
    fac_optim_free(optimiser);
    return whole;
}

static void optimisers_have_the_same_bits(void **state)
{
    (void)state;
    for (int adam = 0; adam < 2; adam++) {
        FAC_SCOPE;
        fac_tensor *one = steps_taken(1, adam), *three = steps_taken(3, adam);
        assert_non_null(one);
        assert_memory_equal(fac_data(one), fac_data(three), 133358 * sizeof(float));
    }
}

static void numbers_refused(void **state)
{
    (void)state;
    set_threads(3);
    assert_int_equal(fac_set_num_threads(0), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "set_num_threads: expected a number from 1 to 256, got 0");
    assert_int_equal(fac_set_num_threads(257), FAC_ERR_VALUE);
    assert_int_equal(fac_get_num_threads(), 3);
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "expect"))
        return fac_get_num_threads() == atoi(argv[2]) ? 0 : 1;
    own_path = argv[0];
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_once),
        cmocka_unit_test(threads_come),
        cmocka_unit_test(long_unneeded),
        cmocka_unit_test(no_more_than_wanted),
        cmocka_unit_test(nested),
        cmocka_unit_test(several_hosts),
        cmocka_unit_test(nobody_waits),
        cmocka_unit_test(forked),
        cmocka_unit_test(idle_threads_sleep),
        cmocka_unit_test(follows_the_mask),
        cmocka_unit_test(trimmed),
        cmocka_unit_test(signals_are_the_hosts),
        cmocka_unit_test(small_work_starts_none),
        cmocka_unit_test(much_small_work_starts_some),
        cmocka_unit_test(the_caller_does_the_first_piece),
        cmocka_unit_test(elementwise_work_has_the_same_bits),
        cmocka_unit_test(products_have_the_same_bits),
        cmocka_unit_test(optimisers_have_the_same_bits),
        cmocka_unit_test(no_memory_for_a_workspace),
        cmocka_unit_test(numbers_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
