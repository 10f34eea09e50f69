/* SPDX-License-Identifier: MIT */
/* One gate for all. Who has work takes the threads (`taken`), writes the job and opens the gate; workers come in as
 * they wake, count themselves inside and take pieces until none is left. Then the gate is closed and only those inside
 * are waited for: a worker that the system has not woken yet costs nothing and finds the gate closed.
 *
 * The gate is one word, so that opening, coming in and closing cannot pass each other: the number inside, flags, and a
 * number that changes with every opening, by which a worker knows that it has been inside this time. */
#define _GNU_SOURCE
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "base/error.h"

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

enum {
    THREADS_MAX = 256,
    OWN = 64,                 /* pieces that wait for their thread, if it comes in time */
    STACK_BYTES = 256 << 10,  /* kernels put some 70 KB there at most */
    SPINS = 2000,             /* some 50 us, about what waking a sleeper costs twice */
    STEPS_TO_WAKE = 1000000,  /* work that is worth waking threads, */
    STEPS_TO_START = 4000000, /* or starting them; less will do for those that are awake */
};
enum { INSIDE = 0xffff, OPEN = 1 << 16, LEAVE = 1 << 17, CALLER_SLEEPS = 1 << 18, OPENING = 1 << 19 };
enum { NONE = 0x7fffffff };               /* no opening's number */
enum { FOR_WORKERS = 1, FOR_CALLER = 2 }; /* who sleeps at the gate */

static struct {
    _Alignas(64) bool taken;
    uint32_t gate;
    uint32_t sleepers;
    /* The job: written while the gate is closed. */
    uint32_t helpers; /* no more than these come in at a time */
    void (*fn)(void *ctx, int64_t piece);
    void *ctx;
    int64_t pieces, next;
    uint64_t own; /* which of the first OWN pieces are taken */
    /* Steps for which nobody was started or woken. */
    int64_t passed_up;
    /* Of the one who has taken the threads. */
    int started;
    bool fork_is_handled;
    pthread_t workers[THREADS_MAX];
} pool;
static int wanted; /* 0: as many as there are processors */
static _Thread_local bool is_inside __attribute__((tls_model("initial-exec")));

#ifdef __linux__
static void sleep_while(uint32_t seen, uint32_t who)
{
    syscall(SYS_futex, &pool.gate, FUTEX_WAIT_BITSET_PRIVATE, seen, NULL, NULL, who);
}

static void wake(int count, uint32_t who)
{
    syscall(SYS_futex, &pool.gate, FUTEX_WAKE_BITSET_PRIVATE, count, NULL, NULL, who);
}

static int processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set))
        return 1; /* more processors than the set holds: the host says how many it wants */
    const int count = CPU_COUNT(&set);
    return count < THREADS_MAX ? count : THREADS_MAX;
}
#else /* without a futex there are no workers */
static void sleep_while(uint32_t seen, uint32_t who)
{
    (void)seen, (void)who;
}

static void wake(int count, uint32_t who)
{
    (void)count, (void)who;
}

static int processors(void)
{
    return 1;
}
#endif

static inline void spin(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#endif
}

static inline uint32_t gate_now(void)
{
    return __atomic_load_n(&pool.gate, __ATOMIC_ACQUIRE);
}

static void do_piece(int64_t i)
{
    const uint64_t bit = i < OWN ? UINT64_C(1) << i : 0;
    if (!bit || !(__atomic_fetch_or(&pool.own, bit, __ATOMIC_RELAXED) & bit))
        pool.fn(pool.ctx, i);
}

/* A thread begins with the piece of its own number, so that the same work done again finds its share in the cache. The
 * caller's is 0. */
static void take_pieces(int64_t self)
{
    if (self == 0)
        pool.fn(pool.ctx, 0);
    else if (self < OWN && self < pool.pieces)
        do_piece(self);
    for (int64_t i; (i = __atomic_fetch_add(&pool.next, 1, __ATOMIC_RELAXED)) < pool.pieces;)
        do_piece(i);
}

/* Until the gate is another than `seen`; true after a sleep, in which it may have been opened any number of times. */
static bool wait_for_change(uint32_t seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (gate_now() != seen)
            return false;
        spin();
    }
    __atomic_fetch_add(&pool.sleepers, 1, __ATOMIC_SEQ_CST);
    sleep_while(seen, FOR_WORKERS);
    __atomic_fetch_sub(&pool.sleepers, 1, __ATOMIC_RELAXED);
    return true;
}

static void leave(void)
{
    uint32_t now = __atomic_sub_fetch(&pool.gate, 1, __ATOMIC_RELEASE);
    if (!(now & INSIDE) && now & CALLER_SLEEPS)
        wake(1, FOR_CALLER);
}

static void *work(void *self)
{
    uint32_t last = NONE; /* the opening of which I have done my part, while it lasts: the numbers come again */
    is_inside = true;
    for (;;) {
        uint32_t seen = gate_now();
        if (seen & LEAVE)
            return NULL;
        if (seen / OPENING != last)
            last = NONE;
        const uint32_t helpers = __atomic_load_n(&pool.helpers, __ATOMIC_RELAXED); /* perhaps of another opening */
        if (!(seen & OPEN) || (seen & INSIDE) >= helpers || seen / OPENING == last) {
            if (wait_for_change(seen))
                last = NONE;
        } else if (__atomic_compare_exchange_n(&pool.gate, &seen, seen + 1, false, __ATOMIC_ACQUIRE,
                                               __ATOMIC_RELAXED)) {
            last = seen / OPENING;
            take_pieces((intptr_t)self);
            leave();
        }
    }
}

/* Opens the gate with flags that say for what. */
static void open_gate(uint32_t flag, int count)
{
    uint32_t now = __atomic_load_n(&pool.gate, __ATOMIC_RELAXED);
    __atomic_store_n(&pool.gate, (now / OPENING + 1) * OPENING | flag, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&pool.sleepers, __ATOMIC_SEQ_CST))
        wake(count, FOR_WORKERS);
}

/* Until all who came in have left. */
static void close_gate(void)
{
    uint32_t now = __atomic_and_fetch(&pool.gate, ~(uint32_t)OPEN, __ATOMIC_ACQ_REL);
    for (int i = 0; now & INSIDE && i < SPINS; i++) {
        spin();
        now = gate_now();
    }
    if (now & INSIDE)
        now = __atomic_or_fetch(&pool.gate, CALLER_SLEEPS, __ATOMIC_ACQ_REL);
    while (now & INSIDE) {
        sleep_while(now, FOR_CALLER);
        now = gate_now();
    }
}

/* The threads are not there in a child of fork, whoever had taken them. */
static void forget(void)
{
    pool.gate = pool.sleepers = 0;
    pool.started = 0;
    pool.taken = false;
}

static bool try_take(void)
{
    bool taken = false;
    return __atomic_compare_exchange_n(&pool.taken, &taken, true, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void give_back(void)
{
    __atomic_store_n(&pool.taken, false, __ATOMIC_RELEASE);
}

static void stop(void)
{
    if (!pool.started)
        return;
    open_gate(LEAVE, THREADS_MAX);
    for (int i = 0; i < pool.started; i++)
        pthread_join(pool.workers[i], NULL);
    __atomic_store_n(&pool.started, 0, __ATOMIC_RELAXED);
    __atomic_and_fetch(&pool.gate, ~(uint32_t)LEAVE, __ATOMIC_RELAXED);
}

static void start_more(int helpers)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    if (!pool.fork_is_handled)
        pool.fork_is_handled = !pthread_atfork(NULL, NULL, forget);
    if (!pool.fork_is_handled || pthread_attr_init(&attributes))
        return;
    if (!pthread_attr_setstacksize(&attributes, STACK_BYTES)) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int i = pool.started;
        while (i < helpers && !pthread_create(&pool.workers[i], &attributes, work, (void *)(intptr_t)(i + 1)))
            i++;
        __atomic_store_n(&pool.started, i, __ATOMIC_RELAXED);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
}

static void run_shared(int64_t pieces, void (*fn)(void *ctx, int64_t piece), void *ctx, int helpers)
{
    if (pool.started < helpers)
        start_more(helpers);
    pool.fn = fn, pool.ctx = ctx, pool.pieces = pieces;
    __atomic_store_n(&pool.next, 1, __ATOMIC_RELAXED); /* 0 is the caller's */
    __atomic_store_n(&pool.own, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&pool.helpers, (uint32_t)helpers, __ATOMIC_RELAXED);
    if (pool.started)
        open_gate(OPEN, helpers);
    is_inside = true;
    take_pieces(0);
    is_inside = false;
    if (pool.started)
        close_gate();
}

void fac_parallel(int64_t pieces, void (*fn)(void *ctx, int64_t piece), void *ctx)
{
    int threads = pieces > 1 && !is_inside ? fac_get_num_threads() : 1;
    if (threads > pieces)
        threads = (int)pieces;
    if (threads > 1 && try_take()) {
        run_shared(pieces, fn, ctx, threads - 1);
        give_back();
        return;
    }
    for (int64_t i = 0; i < pieces; i++)
        fn(ctx, i);
}

/* Whether threads are started or woken for that many steps: for `many`, or once so many have come in smaller works.
 * Where such works follow each other closely the threads stay awake from then on; where they don't, little is lost. */
static bool is_worth(int64_t steps, int64_t many, int64_t sum_of_small)
{
    const int64_t sum = __atomic_load_n(&pool.passed_up, __ATOMIC_RELAXED) + steps;
    const bool is = steps >= many || sum >= sum_of_small;
    __atomic_store_n(&pool.passed_up, is ? 0 : sum, __ATOMIC_RELAXED);
    return is;
}

int fac_parallel_width_of_many(int64_t steps)
{
    if (is_inside)
        return 1;
    if (!__atomic_load_n(&pool.started, __ATOMIC_RELAXED)) {
        if (!is_worth(steps, STEPS_TO_START, 64 * (int64_t)STEPS_TO_START))
            return 1;
    } else if (__atomic_load_n(&pool.sleepers, __ATOMIC_RELAXED) && !is_worth(steps, STEPS_TO_WAKE, STEPS_TO_START)) {
        return 1;
    }
    const int64_t threads = fac_get_num_threads(), shares = steps / (FAC_STEPS_TO_SHARE / 2);
    return (int)(shares < threads ? shares : threads);
}

fac_status fac_set_num_threads(int n)
{
    if (fac_pending())
        return fac_error_status();
    if (n < 1 || n > THREADS_MAX)
        return fac_returned(
            fac_fail(FAC_ERR_VALUE, "set_num_threads: expected a number from 1 to %d, got %d", THREADS_MAX, n));
    __atomic_store_n(&wanted, n, __ATOMIC_RELAXED);
    return FAC_OK;
}

int fac_get_num_threads(void)
{
    const int n = __atomic_load_n(&wanted, __ATOMIC_RELAXED);
    return n ? n : processors();
}

void fac_parallel_trim(void)
{
    if (!try_take())
        return;
    __atomic_store_n(&pool.passed_up, 0, __ATOMIC_RELAXED);
    stop();
    give_back();
}

__attribute__((constructor)) static void read_environment(void)
{
    const char *text = getenv("FACULA_NUM_THREADS");
    int n = 0;
    for (; text && *text >= '0' && *text <= '9' && n <= THREADS_MAX; text++)
        n = n * 10 + (*text - '0');
    if (text && !*text && n <= THREADS_MAX)
        wanted = n;
}

/* At the program's end, or when the library is unloaded: no thread may run code that is gone. */
__attribute__((destructor)) static void end(void)
{
    fac_parallel_trim();
}
