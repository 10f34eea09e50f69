/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* getrandom */
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/handle.h"
#include "base/thread.h"
#include "random/random.h"
#include "random/random_kernels.h"

static void destroy(void *handle);
static const fac_handle_type generator_type = {"generator", destroy};

/* The process's default generator: a handle like others, but for ever, and there without an allocation. */
static struct {
    fac_header header;
    fac_generator generator;
} process;
_Static_assert(sizeof(process) == sizeof(fac_header) + sizeof(fac_generator), "a handle follows its header directly");
static pthread_mutex_t process_lock = PTHREAD_MUTEX_INITIALIZER;

/* Not an initialiser: that would be 5 KB of zeros in the file. Before constructors that may want it. */
__attribute__((constructor(101))) static void make_process_generator(void)
{
    process.header.type = &generator_type;
    process.header.refs = 1;
    process.generator.shared = true;
}

static void destroy(void *handle)
{
    fac_generator *g = handle;
    if (g->shared)
        fac_ref(g);
    else
        fac_handle_dealloc(g);
}

fac_generator *fac_Generator(void)
{
    fac_generator *g = fac_handle_new(&generator_type, sizeof *g);
    if (g)
        fac_random_seed(g, 67280421310721);
    return g;
}

void fac_generator_free(fac_generator *generator)
{
    fac_free_handle(generator);
}

fac_generator *fac_default_generator(void)
{
    return fac_self.generator ? fac_self.generator : &process.generator;
}

fac_status fac_use_generator(fac_generator *generator)
{
    if (fac_pending())
        return fac_error_status();
    if (generator == fac_none)
        generator = NULL;
    else if (fac_handle_check(generator, &generator_type, "use_generator", "generator"))
        return fac_error_status();
    fac_keep_handle(generator);
    fac_thread_begin();
    fac_free_handle(fac_self.generator);
    fac_self.generator = generator;
    return FAC_OK;
}

uint64_t fac_random_entropy(void)
{
    uint64_t bits;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits) { /* a kernel before 3.17, or a filter against it */
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        bits = ((uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 40) * 0x9e3779b97f4a7c15u;
        bits ^= bits >> 29;
    }
    return bits >> 11;
}

static fac_generator *resolve(fac_generator *generator, const char *who)
{
    if (generator == fac_none)
        return fac_default_generator();
    return fac_handle_check(generator, &generator_type, who, "generator") ? NULL : generator;
}

/* Draws of a plan that were put off come before these. */
static fac_generator *lock(fac_generator *g)
{
    if (g && __builtin_expect(fac_self.recorder != NULL, 0) && fac_settle_values(NULL))
        return NULL;
    if (g && g->shared)
        pthread_mutex_lock(&process_lock);
    return g;
}

fac_generator *fac_generator_lock(fac_generator *generator, const char *who)
{
    fac_generator *g = lock(resolve(generator, who));
    if (g && !g->seeded)
        fac_random_seed(g, fac_random_entropy());
    return g;
}

void fac_generator_unlock(fac_generator *g)
{
    if (g->shared)
        pthread_mutex_unlock(&process_lock);
}

static fac_generator *seed_by(fac_generator *generator, uint64_t seed, const char *who)
{
    fac_generator *g = lock(resolve(generator, who));
    if (!g)
        return NULL;
    fac_random_seed(g, seed);
    fac_generator_unlock(g);
    return g;
}

fac_generator *fac_generator_manual_seed(fac_generator *generator, int64_t seed)
{
    return seed_by(generator, (uint64_t)seed, "manual_seed");
}

uint64_t fac_generator_seed(fac_generator *generator)
{
    uint64_t seed = fac_random_entropy();
    return seed_by(generator, seed, "seed") ? seed : UINT64_MAX;
}

uint64_t fac_generator_initial_seed(fac_generator *generator)
{
    fac_generator *g = fac_generator_lock(generator, "initial_seed");
    if (!g)
        return UINT64_MAX;
    uint64_t seed = g->seed;
    fac_generator_unlock(g);
    return seed;
}

/* The layout of PyTorch's state bytes, little endian: seed u64; left i32, the words that the block has left, plus 1; 1
 * as i32; next u64, the index of the next word; 624 words as u64; three doubles, the second the kept normal; i32,
 * whether it is valid; and a float's worth of the same that the CPU leaves 0. */
enum { LEFT_AT = 8, ONE_AT = 12, NEXT_AT = 16, WORDS_AT = 24, NORMAL_AT = 5024, VALID_AT = 5040 };

static void store(unsigned char *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t load(const unsigned char *from, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << 8 * i;
    return value;
}

fac_status fac_generator_get_state(fac_generator *generator, void *state)
{
    if (fac_pending())
        return fac_error_status();
    if (!state)
        return fac_returned(fac_fail(FAC_ERR_VALUE, "get_state: state is NULL"));
    fac_generator *g = fac_generator_lock(generator, "get_state");
    if (!g)
        return fac_error_status();
    unsigned char *bytes = memset(state, 0, FAC_RNG_STATE_SIZE);
    uint64_t normal;
    memcpy(&normal, &g->normal, sizeof normal);
    fac_random_complete(g);
    store(bytes, g->seed, 8);
    store(bytes + LEFT_AT, g->at ? FAC_MT_WORDS + 1 - g->at : 1, 4);
    store(bytes + ONE_AT, 1, 4);
    store(bytes + NEXT_AT, g->at, 8);
    for (int i = 0; i < FAC_MT_WORDS; i++)
        store(bytes + WORDS_AT + 8 * i, g->state[i], 8);
    store(bytes + NORMAL_AT, g->has_normal ? normal : 0, 8);
    store(bytes + VALID_AT, g->has_normal, 4);
    fac_generator_unlock(g);
    return FAC_OK;
}

/* PyTorch's check, and that next and left agree: a state of its own always has that. */
static bool is_state(const unsigned char *bytes)
{
    uint64_t left = load(bytes + LEFT_AT, 4), next = load(bytes + NEXT_AT, 8);
    bool fresh = left == 1 && next == 0;
    bool drawn = left >= 1 && left <= FAC_MT_WORDS && next == FAC_MT_WORDS + 1 - left;
    return load(bytes + ONE_AT, 4) != 0 && (fresh || drawn);
}

static void read_state(fac_generator *g, const unsigned char *bytes)
{
    uint64_t normal = load(bytes + NORMAL_AT, 8);
    g->seed = load(bytes, 8);
    g->at = (uint32_t)load(bytes + NEXT_AT, 8);
    g->ready = g->at ? FAC_MT_WORDS : 0;
    g->seeded = FAC_MT_WORDS;
    for (int i = 0; i < FAC_MT_WORDS; i++) {
        g->state[i] = (uint32_t)load(bytes + WORDS_AT + 8 * i, 4);
        g->out[i] = fac_random_temper(g->state[i]);
    }
    g->has_normal = load(bytes + VALID_AT, 4) != 0;
    memcpy(&g->normal, &normal, sizeof normal);
}

fac_status fac_generator_set_state(fac_generator *generator, const void *state)
{
    if (fac_pending())
        return fac_error_status();
    if (!state)
        return fac_returned(fac_fail(FAC_ERR_VALUE, "set_state: state is NULL"));
    if (!is_state(state))
        return fac_returned(fac_fail(FAC_ERR_RUNTIME, "set_state: the bytes are not a state of a CPU generator"));
    fac_generator *g = lock(resolve(generator, "set_state"));
    if (!g)
        return fac_error_status();
    read_state(g, state);
    fac_generator_unlock(g);
    return FAC_OK;
}

fac_generator *fac_manual_seed(int64_t seed)
{
    return fac_generator_manual_seed(fac_none, seed);
}

uint64_t fac_seed(void)
{
    return fac_generator_seed(fac_none);
}

uint64_t fac_initial_seed(void)
{
    return fac_generator_initial_seed(fac_none);
}

fac_status fac_get_rng_state(void *state)
{
    return fac_generator_get_state(fac_none, state);
}

fac_status fac_set_rng_state(const void *state)
{
    return fac_generator_set_state(fac_none, state);
}
