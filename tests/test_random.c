/* SPDX-License-Identifier: MIT */
/* Random numbers against PyTorch's, bit for bit: the cases of golden/rng_golden.txt, one function each; then what
 * PyTorch cannot tell: the two builds of the kernels, laziness, states that are none, locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facula/random.h"
#include "random/random.h"
#include "random/random_kernels.h"
#include "support_alloc.h"

/* The bit patterns of a case's results */
typedef struct bits {
    uint64_t *values;
    int64_t count, capacity;
} bits;

static void put(bits *b, uint64_t value)
{
    if (b->count == b->capacity) {
        b->capacity = b->capacity ? 2 * b->capacity : 64;
        b->values = realloc(b->values, (size_t)b->capacity * sizeof *b->values);
        assert_non_null(b->values);
    }
    b->values[b->count++] = value;
}

static uint64_t pattern_f32(float value)
{
    uint32_t pattern;
    memcpy(&pattern, &value, sizeof pattern);
    return pattern;
}

static uint64_t pattern_f64(double value)
{
    uint64_t pattern;
    memcpy(&pattern, &value, sizeof pattern);
    return pattern;
}

static uint64_t pattern_i64(int64_t value) /* and narrower ones */
{
    return (uint64_t)value;
}
#define pattern_i32 pattern_i64
#define pattern_u8  pattern_i64
#define pattern_b8  pattern_i64

/* Calls fac_random_<what>_<suffix>(g, x, count, ...) and puts what it has drawn. */
#define DRAW(what, suffix, type, count, ...)                           \
    do {                                                               \
        int64_t count_ = count;                                        \
        type *x_ = malloc((size_t)(count_ ? count_ : 1) * sizeof *x_); \
        assert_non_null(x_);                                           \
        fac_random_##what##_##suffix(g, x_, count_, __VA_ARGS__);      \
        for (int64_t i_ = 0; i_ < count_; i_++)                        \
            put(b, pattern_##suffix(x_[i_]));                          \
        free(x_);                                                      \
    } while (0)
#define F32(what, count, ...) DRAW(what, f32, float, count, __VA_ARGS__)
#define F64(what, count, ...) DRAW(what, f64, double, count, __VA_ARGS__)

/* A case: draws from g, freshly seeded, and puts the results; n is the number that ends the case's name. */
#define CASE(name) static void name(fac_generator *g, bits *b, int64_t n)

static void put_raw(fac_generator *g, bits *b, int64_t n)
{
    DRAW(range, i64, int64_t, n, INT64_MIN, 0);
}

CASE(raw_u64)
{
    put_raw(g, b, n);
}

CASE(initial_seed)
{
    (void)n;
    put(b, fac_generator_initial_seed(g));
}

CASE(reseeded)
{
    (void)n;
    fac_random_normal_one(g, 0, 1);
    assert_ptr_equal(fac_generator_manual_seed(g, (int64_t)fac_generator_initial_seed(g)), g);
    put(b, fac_generator_initial_seed(g));
    F32(normal, 1, 0, 1);
    F32(uniform, 3, 0, 1);
}

CASE(nothing)
{
    float f = 7;
    double d = 7;
    int64_t i = 7;
    fac_random_uniform_f32(g, &f, n, 0, 1);
    fac_random_uniform_f64(g, &d, n, 0, 1);
    fac_random_normal_f32(g, &f, n, 0, 1);
    fac_random_normal_f64(g, &d, n, 0, 1);
    fac_random_exponential_f32(g, &f, n, 1);
    fac_random_exponential_f64(g, &d, n, 1);
    fac_random_bernoulli_f32(g, &f, n, 0.5);
    fac_random_any_f64(g, &d, n);
    fac_random_range_i64(g, &i, n, 0, 9);
    fac_random_permutation(g, &i, n);
    fac_random_permutation_wide(g, &i, n);
    assert_true(f == 7 && d == 7 && i == 7);
    fac_random_permutation(g, &i, 1);
    assert_true(i == 0);
    F32(uniform, 2, 0, 1);
}

CASE(odd_pairs)
{
    (void)n;
    F32(uniform, 1, 0, 1);
    F64(uniform, 700, 0, 1);
    F32(uniform, 623, 0, 1);
    put_raw(g, b, 3);
    F32(uniform, 1, 0, 1);
}

CASE(rand_f32)
{
    F32(uniform, n, 0, 1);
}

CASE(rand_f64)
{
    F64(uniform, n, 0, 1);
}

CASE(uniform_f32)
{
    F32(uniform, n, -0.37, 0.91);
}

CASE(uniform_f64)
{
    F64(uniform, n, -0.37, 0.91);
}

CASE(uniform_bound_f32)
{
    F32(uniform, n, 1000, 1001);
}

CASE(randn_f32)
{
    F32(normal, n, 0, 1);
}

CASE(randn_f64)
{
    F64(normal, n, 0, 1);
}

CASE(normal_f32)
{
    F32(normal, n, 0.3, 1.7);
}

CASE(normal_f64)
{
    F64(normal, n, 0.3, 1.7);
}

CASE(normal_each_f32)
{
    F32(normal_each, n, 0.3, 1.7);
}

CASE(normal_each_f64)
{
    F64(normal_each, n, 0.3, 1.7);
}

CASE(cached_normals)
{
    (void)n;
    F32(normal, 3, 0, 1);
    F32(uniform, 2, 0, 1);
    F32(normal, 16, 0, 1);
    F32(normal, 2, 0, 1);
    F64(normal, 1, 0, 1);
    F32(uniform, 1, 0, 1);
}

CASE(cached_log_normal)
{
    (void)n;
    F32(normal, 1, 0, 1);
    F32(log_normal, 2, 0.3, 1.7);
    F32(normal, 17, 0, 1);
    F32(normal_each, 20, 0, 1);
    F32(normal, 0, 0, 1);
    F32(normal, 1, 0, 1);
}

#define FLOAT_CASES(suffix, type)                    \
    CASE(exponential_##suffix)                       \
    {                                                \
        DRAW(exponential, suffix, type, n, 1.3);     \
    }                                                \
    CASE(log_normal_##suffix)                        \
    {                                                \
        DRAW(log_normal, suffix, type, n, 0.3, 1.7); \
    }                                                \
    CASE(cauchy_##suffix)                            \
    {                                                \
        DRAW(cauchy, suffix, type, n, 0.3, 1.7);     \
    }
FAC_RANDOM_FLOATS(FLOAT_CASES)

#define TYPE_CASES(suffix, type)                 \
    CASE(bernoulli_##suffix)                     \
    {                                            \
        DRAW(bernoulli, suffix, type, n, 0.3);   \
    }                                            \
    CASE(bernoulli_p32_##suffix)                 \
    {                                            \
        float p[12];                             \
        for (int i = 0; i < 12; i++)             \
            p[i] = (float)i / 12;                \
        DRAW(bernoulli_p32, suffix, type, n, p); \
    }                                            \
    CASE(bernoulli_p64_##suffix)                 \
    {                                            \
        double p[12];                            \
        for (int i = 0; i < 12; i++)             \
            p[i] = i / 12.0;                     \
        DRAW(bernoulli_p64, suffix, type, n, p); \
    }
FAC_RANDOM_TYPES(TYPE_CASES)

#define NUMBER_CASES(suffix, type)             \
    CASE(geometric_##suffix)                   \
    {                                          \
        DRAW(geometric, suffix, type, n, 0.3); \
    }                                          \
    CASE(range_7_##suffix)                     \
    {                                          \
        DRAW(range, suffix, type, n, 0, 7);    \
    }
FAC_RANDOM_NUMBERS(NUMBER_CASES)

#define ANY_CASE(suffix, type)              \
    CASE(any_##suffix)                      \
    {                                       \
        type x[12];                         \
        fac_random_any_##suffix(g, x, n);   \
        for (int64_t i = 0; i < n; i++)     \
            put(b, pattern_##suffix(x[i])); \
    }
FAC_RANDOM_TYPES(ANY_CASE)

CASE(range_b8)
{
    DRAW(range, b8, bool, n, 0, 2);
}

CASE(range_u8)
{
    DRAW(range, u8, uint8_t, n, 0, 256);
}

CASE(range_negative)
{
    DRAW(range, i64, int64_t, n, -5, 10);
}

CASE(range_below_2p28)
{
    DRAW(range, i64, int64_t, n, 0, (1 << 28) - 1);
}

CASE(range_2p28)
{
    DRAW(range, i64, int64_t, n, 0, 1 << 28);
}

CASE(range_2p40_i64)
{
    DRAW(range, i64, int64_t, n, -(1ll << 39), 1ull << 40);
}

CASE(range_2p30_i32)
{
    DRAW(range, i32, int32_t, n, 0, 1 << 30);
}

CASE(range_2p63)
{
    DRAW(range, i64, int64_t, n, -(1ll << 62), (1ull << 63) - 1 + (1ull << 62));
}

static void put_indices(bits *b, const int64_t *indices, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        put(b, (uint64_t)indices[i]);
}

static void put_permutation(void permutation(fac_generator *, int64_t *, int64_t), fac_generator *g, bits *b, int64_t n)
{
    int64_t *order = malloc((size_t)n * sizeof *order);
    assert_non_null(order);
    permutation(g, order, n);
    put_indices(b, order, n);
    free(order);
}

CASE(randperm)
{
    put_permutation(fac_random_permutation, g, b, n);
}

CASE(randperm_wide)
{
    put_permutation(fac_random_permutation_wide, g, b, n);
}

static void put_multinomial_f32(fac_generator *g, bits *b, const float *weights, int64_t rows, int64_t n, int64_t k,
                                bool replacement)
{
    int64_t out[512];
    assert_int_equal(fac_random_multinomial_f32(g, weights, rows, n, k, replacement, out), FAC_OK);
    put_indices(b, out, rows * k);
}

static void put_multinomial_f64(fac_generator *g, bits *b, int64_t k, bool replacement)
{
    const double weights[] = {1, 2, 3, 4, 5, 6, 7, 8};
    int64_t out[16];
    assert_int_equal(fac_random_multinomial_f64(g, weights, 1, 8, k, replacement, out), FAC_OK);
    put_indices(b, out, k);
}

static const float twelve[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

CASE(multinomial_replaced)
{
    put_multinomial_f32(g, b, twelve, 1, 8, n, true);
}

CASE(multinomial_replaced_f64)
{
    put_multinomial_f64(g, b, n, true);
}

CASE(multinomial_replaced_many)
{
    float weights[1000];
    for (int i = 0; i < 1000; i++)
        weights[i] = sqrtf((float)i);
    put_multinomial_f32(g, b, weights, 1, 1000, n, true);
}

CASE(multinomial_all)
{
    put_multinomial_f32(g, b, twelve, 1, n, n, false);
}

CASE(multinomial_all_f64)
{
    put_multinomial_f64(g, b, n, false);
}

CASE(multinomial_some)
{
    float weights[300];
    for (int i = 0; i < 300; i++)
        weights[i] = (float)i;
    put_multinomial_f32(g, b, weights, 1, 300, n, false);
}

CASE(multinomial_one)
{
    put_multinomial_f32(g, b, twelve, 1, 8, n, true);
}

CASE(multinomial_rows)
{
    put_multinomial_f32(g, b, twelve, 3, 4, n, false);
}

CASE(multinomial_rows_replaced)
{
    put_multinomial_f32(g, b, twelve, 3, 4, n, true);
}

/* RandomSampler: the default generator draws the seed of the one that draws the order. */
static fac_generator *sampler_generator(fac_generator *g)
{
    fac_generator *own = fac_Generator();
    assert_non_null(own);
    fac_random_seed(own, fac_random_sampler_seed(g));
    return own;
}

CASE(sampler_replaced)
{
    fac_generator *default_one = g;
    g = sampler_generator(default_one);
    DRAW(range, i64, int64_t, n, 0, 20);
    fac_generator_free(g);
}

/* DataLoader(shuffle=True): a base seed, then the sampler's. With a generator given, all comes from that, and the
 * sampler draws one order more when it has come to its end. */
static void put_epochs(fac_generator *g, bits *b, int64_t n, bool own)
{
    for (int epoch = 0; epoch < 3; epoch++) {
        fac_random_u64(g);
        fac_generator *sampler = own ? g : sampler_generator(g);
        put_permutation(fac_random_permutation, sampler, b, n);
        bits extra = {0};
        put_permutation(fac_random_permutation, sampler, &extra, n);
        free(extra.values);
        if (!own)
            fac_generator_free(sampler);
    }
}

CASE(loader)
{
    put_epochs(g, b, n, false);
}

CASE(loader_own_generator)
{
    put_epochs(g, b, n, true);
}

static void put_linear(fac_generator *g, bits *b, int64_t in, int64_t out)
{
    double bound = 1 / sqrt((double)in);
    F32(uniform, out * in, -bound, bound);
    F32(uniform, out, -bound, bound);
}

/* The sheet's program: noise of the normal distribution (0, 10), x in (-5, 5), four layers, three epochs. */
CASE(acceptance)
{
    float x[100];
    fac_random_normal_f32(g, x, n, 0, 1);
    for (int64_t i = 0; i < n; i++)
        put(b, pattern_f32(x[i] * 10.0f + 0.0f));
    fac_random_uniform_f32(g, x, n, 0, 1);
    for (int64_t i = 0; i < n; i++)
        put(b, pattern_f32(10.0f * x[i] - 5.0f));
    put_linear(g, b, 1, 10);
    put_linear(g, b, 10, 10);
    put_linear(g, b, 10, 10);
    put_linear(g, b, 10, 1);
    put_epochs(g, b, n, false);
}

static void put_state(fac_generator *g, bits *b)
{
    uint64_t words[FAC_RNG_STATE_SIZE / 8];
    assert_int_equal(fac_generator_get_state(g, words), FAC_OK);
    for (int i = 0; i < FAC_RNG_STATE_SIZE / 8; i++)
        put(b, words[i]);
    F32(normal, 2, 0, 1);
    F32(uniform, 1, 0, 1);
}

CASE(state_uniform)
{
    for (int64_t i = 0; i < n; i++)
        fac_random_u32(g);
    put_state(g, b);
}

CASE(state_normal)
{
    float x[3];
    fac_random_normal_f32(g, x, n, 0, 1);
    put_state(g, b);
}

typedef struct golden_case {
    const char *name;
    void (*run)(fac_generator *, bits *, int64_t n);
    int64_t n;
} golden_case;

#define FLOAT_ROWS(suffix, type)                                                                          \
    {"exponential_" #suffix, exponential_##suffix, 300}, {"log_normal_" #suffix, log_normal_##suffix, 9}, \
        {"cauchy_" #suffix, cauchy_##suffix, 12},
#define TYPE_ROWS(suffix, type)                                                                             \
    {"bernoulli_" #suffix, bernoulli_##suffix, 12}, {"bernoulli_p32_" #suffix, bernoulli_p32_##suffix, 12}, \
        {"bernoulli_p64_" #suffix, bernoulli_p64_##suffix, 12}, {"random_" #suffix, any_##suffix, 12},
#define NUMBER_ROWS(suffix, type) \
    {"geometric_" #suffix, geometric_##suffix, 12}, {"range_7_" #suffix, range_7_##suffix, 12},

static const golden_case cases[] = {
    {"raw_u64", raw_u64, 8},
    {"raw_u64_many", raw_u64, 2000},
    {"initial_seed", initial_seed, 0},
    {"reseeded", reseeded, 0},
    {"nothing", nothing, 0},
    {"odd_pairs", odd_pairs, 0},
    {"rand_f32", rand_f32, 8},
    {"rand_f64", rand_f64, 8},
    {"uniform_f32", uniform_f32, 40},
    {"uniform_f64", uniform_f64, 40},
    {"uniform_column_f32", uniform_f32, 40},
    {"uniform_bound_f32", uniform_bound_f32, 100000},
    {"randn_f32_1", randn_f32, 1},
    {"randn_f32_8", randn_f32, 8},
    {"randn_f32_15", randn_f32, 15},
    {"randn_f32_16", randn_f32, 16},
    {"randn_f32_20", randn_f32, 20},
    {"randn_f32_100", randn_f32, 100},
    {"randn_f32_10007", randn_f32, 10007},
    {"randn_f64_8", randn_f64, 8},
    {"randn_f64_16", randn_f64, 16},
    {"randn_f64_20", randn_f64, 20},
    {"randn_f64_5003", randn_f64, 5003},
    {"normal_f32_8", normal_f32, 8},
    {"normal_f32_20", normal_f32, 20},
    {"normal_f64_20", normal_f64, 20},
    {"normal_column_f32", normal_each_f32, 41},
    {"normal_column_f64", normal_each_f64, 41},
    {"normal_transposed_f32", normal_each_f32, 42},
    {"cached_normals", cached_normals, 0},
    {"cached_log_normal", cached_log_normal, 0},
    FAC_RANDOM_FLOATS(FLOAT_ROWS) FAC_RANDOM_NUMBERS(NUMBER_ROWS) FAC_RANDOM_TYPES(TYPE_ROWS) /* */
    {"range_b8", range_b8, 12},
    {"range_u8", range_u8, 12},
    {"range_negative", range_negative, 12},
    {"range_below_2p28", range_below_2p28, 8},
    {"range_2p28", range_2p28, 8},
    {"range_2p40_i64", range_2p40_i64, 8},
    {"range_2p30_i32", range_2p30_i32, 8},
    {"range_2p63", range_2p63, 8},
    {"randperm_2", randperm, 2},
    {"randperm_10", randperm, 10},
    {"randperm_100", randperm, 100},
    {"randperm_1000", randperm, 1000},
    {"randperm_100000", randperm, 100000},
    {"randperm_wide_50", randperm_wide, 50},
    {"multinomial_replaced", multinomial_replaced, 12},
    {"multinomial_replaced_f64", multinomial_replaced_f64, 12},
    {"multinomial_replaced_many", multinomial_replaced_many, 500},
    {"multinomial_all", multinomial_all, 8},
    {"multinomial_all_f64", multinomial_all_f64, 8},
    {"multinomial_some", multinomial_some, 40},
    {"multinomial_one", multinomial_one, 1},
    {"multinomial_rows", multinomial_rows, 3},
    {"multinomial_rows_replaced", multinomial_rows_replaced, 3},
    {"sampler_replaced", sampler_replaced, 20},
    {"split", randperm, 10},
    {"loader", loader, 11},
    {"loader_own_generator", loader_own_generator, 11},
    {"acceptance", acceptance, 100},
    {"state_fresh", state_uniform, 0},
    {"state_one", state_uniform, 1},
    {"state_normal", state_normal, 3},
    {"state_block_end", state_uniform, 624},
    {"state_next_block", state_uniform, 1000},
};
enum { CASES = sizeof cases / sizeof *cases };

/* A line of the golden file: name, seed, count, then the values or '#' and their hash. */
typedef struct golden_line {
    char name[64];
    uint64_t seed;
    int64_t count;
    const char *values;
} golden_line;

static char *golden_text;

static int read_golden(void **state)
{
    (void)state;
    FILE *file = fopen(FAC_GOLDEN_DIR "/rng_golden.txt", "rb");
    if (!file)
        return -1;
    size_t room = 1 << 20;
    golden_text = malloc(room);
    size_t length = golden_text ? fread(golden_text, 1, room - 1, file) : 0;
    fclose(file);
    if (length == 0 || length == room - 1)
        return -1;
    golden_text[length] = '\0';
    return 0;
}

static int free_golden(void **state)
{
    (void)state;
    free(golden_text);
    return 0;
}

/* Reads the line at *text and moves on; false at the end. Comments are skipped. */
static bool next_line(const char **text, golden_line *line)
{
    while (**text == '#')
        *text = strchr(*text, '\n') + 1;
    if (!**text)
        return false;
    size_t length = strcspn(*text, " ");
    assert_true(length < sizeof line->name);
    memcpy(line->name, *text, length);
    line->name[length] = '\0';
    char *end;
    line->seed = strtoull(*text + length, &end, 10); /* negative ones wrap around */
    line->count = strtoll(end, &end, 10);
    line->values = end + 1;
    *text = strchr(end, '\n') + 1;
    return true;
}

static int find_case(const char *name)
{
    for (int i = 0; i < CASES; i++)
        if (strcmp(cases[i].name, name) == 0)
            return i;
    fail_msg("no case named %s", name);
    return -1;
}

static void check_line(const golden_line *line, const bits *got)
{
    if (got->count != line->count)
        fail_msg("%s: %lld values, not %lld", line->name, (long long)got->count, (long long)line->count);
    const char *text = line->values;
    uint64_t hash = 0xcbf29ce484222325u;
    for (int64_t i = 0; i < got->count; i++) {
        char *end;
        hash = (hash ^ got->values[i]) * 0x100000001b3u;
        if (*line->values == '#')
            continue;
        uint64_t expected = strtoull(text, &end, 16);
        if (expected != got->values[i])
            fail_msg("%s, seed %llu: value %lld is %llx, not %llx", line->name, (unsigned long long)line->seed,
                     (long long)i, (unsigned long long)got->values[i], (unsigned long long)expected);
        text = end;
    }
    if (*line->values == '#' && hash != strtoull(line->values + 1, NULL, 16))
        fail_msg("%s, seed %llu: another hash", line->name, (unsigned long long)line->seed);
}

/* Doubles that come from the C library's log, sin and the like: glibc's have other last bits where the processor has no
 * fused operations (PyTorch as well). */
static bool differs_here(const char *name)
{
#ifdef __x86_64__
    static const char *const made_by_libm[] = {"randn_f64",       "normal",     "log_normal_f64",
                                               "exponential_f64", "cauchy_f64", "cached"};
    for (size_t i = 0; i < sizeof made_by_libm / sizeof *made_by_libm; i++)
        if (!__builtin_cpu_supports("fma") && strncmp(name, made_by_libm[i], strlen(made_by_libm[i])) == 0)
            return true;
#endif
    (void)name;
    return false;
}

static void golden_cases_agree(void **state)
{
    (void)state;
    int lines[CASES] = {0};
    golden_line line;
    fac_generator *g = fac_Generator();
    for (const char *text = golden_text; next_line(&text, &line);) {
        int i = find_case(line.name);
        bits got = {0};
        fac_generator_manual_seed(g, (int64_t)line.seed);
        cases[i].run(g, &got, cases[i].n);
        if (!differs_here(line.name))
            check_line(&line, &got);
        free(got.values);
        lines[i]++;
    }
    fac_generator_free(g);
    for (int i = 0; i < CASES; i++)
        if (lines[i] < 2)
            fail_msg("%s has no golden numbers", cases[i].name);
}

/* PyTorch's own bytes, set here, go on as PyTorch does. */
static void states_of_pytorch_are_taken(void **state)
{
    (void)state;
    golden_line line;
    int taken = 0;
    for (const char *text = golden_text; next_line(&text, &line);) {
        if (strncmp(line.name, "state_", 6) != 0 || *line.values == '#')
            continue;
        uint64_t words[FAC_RNG_STATE_SIZE / 8];
        char *at = (char *)(uintptr_t)line.values;
        for (int i = 0; i < FAC_RNG_STATE_SIZE / 8; i++)
            words[i] = strtoull(at, &at, 16);
        fac_generator *g = fac_Generator();
        bits got = {0};
        fac_random_normal_one(g, 0, 1); /* leaves a value that must go */
        assert_int_equal(fac_generator_set_state(g, words), FAC_OK);
        put_state(g, &got);
        check_line(&line, &got);
        free(got.values);
        fac_generator_free(g);
        taken++;
    }
    assert_int_equal(taken, 3);
}

/* However the words are asked for, they are the same. */
static void laziness_does_not_show(void **state)
{
    (void)state;
    fac_generator *whole = fac_Generator(), *parts = fac_Generator();
    uint32_t all[5000], pair[2];
    for (int64_t i = 0, got; i < 5000; i += got) {
        const uint32_t *words = fac_random_words(whole, 5000 - i, &got);
        memcpy(all + i, words, (size_t)got * sizeof *words);
    }
    int64_t done = 0, got;
    for (int64_t want = 1; done + 2 * want + 1 <= 5000; want = want % 97 + 1) {
        const uint32_t *words =
            want % 3 == 0 ? fac_random_pairs(parts, want, &got, pair) : fac_random_words(parts, want, &got);
        int64_t count = want % 3 == 0 ? 2 * got : got;
        assert_memory_equal(words, all + done, (size_t)count * sizeof *words);
        done += count;
        assert_int_equal(fac_random_u32(parts), all[done++]);
        if (want % 50 == 0)
            fac_random_complete(parts);
    }
    fac_generator_free(whole);
    fac_generator_free(parts);
}

static void fill_words(uint32_t *words, int n, uint64_t seed)
{
    fac_generator *g = fac_Generator();
    fac_random_seed(g, seed);
    for (int i = 0; i < n; i++)
        words[i] = fac_random_u32(g);
    fac_generator_free(g);
}

/* The kernels that this processor runs against the portable ones; the same thing where it has no AVX2. */
static void kernels_agree(void **state)
{
    (void)state;
    enum { N = 1003 };
    const fac_random_kernels *a = &fac_random_kernels_portable, *b = fac_random_kernels_best();
    uint32_t words[2 * N];
    float f[2][N];
    double d[2][N];
    for (uint64_t seed = 0; seed < 20; seed++) {
        double low = -(double)seed / 3, high = sqrt((double)seed);
        fill_words(words, 2 * N, seed);
        a->uniform_f32(f[0], words, N, (float)low, (float)high);
        b->uniform_f32(f[1], words, N, (float)low, (float)high);
        assert_memory_equal(f[0], f[1], sizeof f[0]);
        a->uniform_f64(d[0], words, N, low, high);
        b->uniform_f64(d[1], words, N, low, high);
        assert_memory_equal(d[0], d[1], sizeof d[0]);
    }
    uint32_t s[2][FAC_MT_WORDS + 1], out[2][FAC_MT_WORDS];
    fill_words(s[0], FAC_MT_WORDS, 5);
    memcpy(s[1], s[0], sizeof s[0]);
    a->renew(s[0], out[0], 0, FAC_MT_WORDS);
    for (uint32_t from = 0, to; from < FAC_MT_WORDS; from = to) {
        to = from + 77 < FAC_MT_WORDS ? from + 77 : FAC_MT_WORDS;
        b->renew(s[1], out[1], from, to);
    }
    assert_memory_equal(s[0], s[1], FAC_MT_WORDS * sizeof **s);
    assert_memory_equal(out[0], out[1], sizeof out[0]);
}

static void check_remainders(const fac_random_kernels *kernels, const uint32_t *words, int64_t n, uint32_t size)
{
    uint32_t out[FAC_MT_WORDS];
    kernels->remainders(out, words, n, size);
    for (int64_t k = 0; k < n; k++)
        if (out[k] != words[k] % (size - (uint32_t)k))
            fail_msg("%u mod %u: %u", words[k], size - (uint32_t)k, out[k]);
}

/* At and beside multiples, at both ends of what a word can be. */
static void remainders_are_exact(void **state)
{
    (void)state;
    enum { N = 600 };
    uint32_t words[N];
    static const uint32_t sizes[] = {N + 1, 1000, 65536, 10000019, 214748363};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (uint32_t round = 0; round < 400; round++) {
            fill_words(words, N, round);
            for (uint32_t k = 0; k < N && round < 200; k++) {
                uint32_t d = sizes[s] - k, multiple = UINT32_MAX / d / (1 + round / 8) * d;
                const uint32_t edges[] = {multiple, multiple - 1, multiple + 1, 0, UINT32_MAX, d - 1, d, 0x80000000u};
                words[k] = edges[round % 8];
            }
            check_remainders(&fac_random_kernels_portable, words, N, sizes[s]);
            check_remainders(fac_random_kernels_best(), words, N, sizes[s]);
        }
}

static void check_choices(const fac_random_kernels *kernels, int64_t n)
{
    enum { ROOM = FAC_RANDOM_LANES * (FAC_MT_WORDS + 1) };
    uint32_t seeds[FAC_RANDOM_LANES], *choices = malloc(ROOM * sizeof *choices);
    int64_t expected[FAC_RANDOM_CHOICES_MAX], order[FAC_RANDOM_CHOICES_MAX];
    assert_true(fac_random_choices_room(n) <= ROOM);
    memset(choices, 0xAB, ROOM * sizeof *choices);
    fill_words(seeds, FAC_RANDOM_LANES, (uint64_t)n);
    kernels->choices(choices, seeds, n);
    for (int64_t i = fac_random_choices_room(n); i < ROOM; i++)
        assert_int_equal(choices[i], 0xABABABABu);
    for (int lane = 0; lane < FAC_RANDOM_LANES; lane++) {
        fac_generator *g = fac_generator_manual_seed(fac_Generator(), seeds[lane]);
        fac_random_permutation(g, expected, n);
        fac_random_permute(choices + lane, order, n);
        assert_memory_equal(order, expected, (size_t)n * sizeof *order);
        fac_generator_free(g);
    }
    free(choices);
}

static void permutations_side_by_side(void **state)
{
    (void)state;
    for (int64_t n = 2; n <= FAC_RANDOM_CHOICES_MAX; n += n < 220 || n > 235 ? 7 : 1) {
        check_choices(&fac_random_kernels_portable, n);
        check_choices(fac_random_kernels_best(), n);
    }
    check_choices(fac_random_kernels_best(), FAC_RANDOM_CHOICES_MAX);
}

/* Looking ahead shows the words that are then drawn, and leaves the state as it is. */
static void peeking(void **state)
{
    (void)state;
    unsigned char bytes[2][FAC_RNG_STATE_SIZE];
    fac_generator *a = fac_generator_manual_seed(fac_Generator(), 3),
                  *b = fac_generator_manual_seed(fac_Generator(), 3);
    uint32_t word;
    assert_false(fac_random_peek(a, 0, &word)); /* nothing of the block has been drawn */
    for (uint32_t i = 0; i < 3 * FAC_MT_WORDS; i++) {
        uint32_t skip = i * 7 % 90, left = (FAC_MT_WORDS - i % FAC_MT_WORDS) % FAC_MT_WORDS;
        if (i > 0 && fac_random_peek(a, skip, &word)) {
            fac_generator *c = fac_Generator();
            *c = *b;
            for (uint32_t k = 0; k < skip; k++)
                fac_random_u32(c);
            assert_int_equal(word, fac_random_u32(c));
            fac_generator_free(c);
        } else if (i > 0)
            assert_true(skip >= left);
        assert_int_equal(fac_random_u32(a), fac_random_u32(b));
        if (i % 100 == 50) {
            assert_int_equal(fac_generator_get_state(a, bytes[0]), FAC_OK);
            assert_int_equal(fac_generator_get_state(b, bytes[1]), FAC_OK);
            assert_memory_equal(bytes[0], bytes[1], sizeof *bytes);
        }
    }
    fac_generator_free(a), fac_generator_free(b);
}

/* Of the 2^24 values that a float32 uniform can have, every STEP-th, and both ends, in either place of a pair */
static void normal_kernels_agree(void **state)
{
    (void)state;
    enum { STEP = 51 };
    const fac_random_kernels *a = &fac_random_kernels_portable, *b = fac_random_kernels_best();
    float x[2][16];
    for (int32_t i = 0; i < 1 << 24; i += 8 * STEP) {
        for (int lane = 0; lane < 8; lane++) {
            int32_t word = i + lane * STEP < 1 << 24 ? i + lane * STEP : (1 << 24) - 1;
            x[0][lane] = (float)word * 0x1p-24f;
            x[0][15 - lane] = (float)((1 << 24) - 1 - word) * 0x1p-24f;
        }
        memcpy(x[1], x[0], sizeof x[0]);
        a->normal_f32(x[0], 1, 0.25f, 1.5f);
        b->normal_f32(x[1], 1, 0.25f, 1.5f);
        assert_memory_equal(x[0], x[1], sizeof x[0]);
    }
}

static void bytes_that_are_no_state_are_refused(void **state)
{
    (void)state;
    static const struct {
        int at, value;
    } wrong[] = {{8, 0}, {8, 113}, {9, 3}, {11, 128}, {12, 0}, {16, 100}, {17, 3}, {20, 1}};
    unsigned char good[FAC_RNG_STATE_SIZE], bad[FAC_RNG_STATE_SIZE], after[FAC_RNG_STATE_SIZE];
    fac_generator *g = fac_Generator();
    for (int i = 0; i < 10; i++)
        fac_random_u32(g);
    assert_int_equal(fac_generator_get_state(g, good), FAC_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(bad, good, sizeof bad);
        bad[wrong[i].at] = (unsigned char)wrong[i].value;
        assert_int_equal(fac_generator_set_state(g, bad), FAC_ERR_RUNTIME);
        assert_string_equal(fac_last_error(), "set_state: the bytes are not a state of a CPU generator");
        assert_int_equal(fac_generator_get_state(g, after), FAC_OK);
        assert_memory_equal(after, good, sizeof good);
    }
    assert_int_equal(fac_generator_set_state(g, good), FAC_OK);
    assert_int_equal(fac_generator_set_state(g, NULL), FAC_ERR_VALUE);
    assert_int_equal(fac_generator_get_state(g, NULL), FAC_ERR_VALUE);
    fac_generator_free(g);
}

static void a_missing_generator_is_an_error(void **state)
{
    (void)state;
    unsigned char bytes[FAC_RNG_STATE_SIZE];
    assert_null(fac_generator_manual_seed(NULL, 1));
    assert_string_equal(fac_last_error(), "manual_seed: generator is NULL");
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_true(fac_generator_seed(NULL) == UINT64_MAX);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_true(fac_generator_initial_seed(NULL) == UINT64_MAX);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_null(fac_generator_lock(NULL, "rand"));
    assert_int_equal(fac_use_generator(NULL), FAC_ERR_VALUE);
    assert_int_equal(fac_use_generator(NULL), FAC_ERR_VALUE);
    assert_int_equal(fac_generator_get_state(NULL, bytes), FAC_ERR_VALUE);
    assert_null(fac_generator_lock(NULL, "rand"));
    assert_int_equal(fac_generator_get_state(fac_none, bytes), FAC_ERR_VALUE); /* the pending one */
    assert_null(fac_generator_lock(NULL, "rand"));
    assert_int_equal(fac_generator_set_state(fac_none, bytes), FAC_ERR_VALUE);
    assert_int_equal(fac_error_status(), FAC_OK);
    fac_generator_free(NULL);
    fac_generator_free(fac_none);
}

static void default_generator_is_random_until_seeded(void **state)
{
    (void)state;
    uint64_t first = fac_initial_seed();
    assert_true(first < 1ull << 53);
    assert_true(fac_initial_seed() == first);
    assert_true(fac_random_entropy() != fac_random_entropy());
    uint64_t second = fac_seed();
    assert_true(second < 1ull << 53 && second != first && fac_initial_seed() == second);
    assert_ptr_equal(fac_manual_seed(-1), fac_default_generator());
    assert_true(fac_initial_seed() == UINT64_MAX);
    unsigned char bytes[FAC_RNG_STATE_SIZE];
    assert_int_equal(fac_get_rng_state(bytes), FAC_OK);
    fac_manual_seed(5);
    assert_int_equal(fac_set_rng_state(bytes), FAC_OK);
    assert_true(fac_initial_seed() == UINT64_MAX);
    for (int i = 0; i < 3; i++)
        fac_generator_free(fac_default_generator()); /* lent: freeing it does no harm */
    fac_generator_free(fac_keep(fac_default_generator()));
    assert_true(fac_initial_seed() == UINT64_MAX);
}

static void *seed_own_default(void *argument)
{
    fac_generator *g = fac_Generator();
    *(bool *)argument = g && !fac_use_generator(g) && fac_default_generator() == g && fac_manual_seed(9) == g &&
                        fac_initial_seed() == 9 && fac_generator_initial_seed(fac_none) == 9;
    fac_generator_free(g); /* the thread holds it, to its end */
    return NULL;
}

static void a_thread_may_have_its_own_default(void **state)
{
    (void)state;
    pthread_t thread;
    bool right = false;
    fac_manual_seed(3);
    assert_int_equal(pthread_create(&thread, NULL, seed_own_default, &right), 0);
    pthread_join(thread, NULL);
    assert_true(right);
    assert_true(fac_initial_seed() == 3);
    fac_generator *g = fac_Generator();
    assert_int_equal(fac_use_generator(g), FAC_OK);
    assert_true(fac_initial_seed() == 67280421310721);
    assert_int_equal(fac_use_generator(fac_none), FAC_OK);
    assert_true(fac_initial_seed() == 3);
    fac_generator_free(g);
}

enum { DRAWS = 20000 };

static void *draw_many(void *argument)
{
    uint32_t *out = argument;
    for (int i = 0; i < DRAWS; i++) {
        fac_generator *g = fac_generator_lock(fac_none, "draw_many");
        out[i] = fac_random_u32(g);
        fac_generator_unlock(g);
    }
    return NULL;
}

static int compare_words(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Two threads together draw exactly the words that one would. */
static void default_generator_is_locked(void **state)
{
    (void)state;
    uint32_t *words = malloc(4 * DRAWS * sizeof *words), *serial = words + 2 * DRAWS;
    assert_non_null(words);
    pthread_t thread;
    fac_manual_seed(11);
    assert_int_equal(pthread_create(&thread, NULL, draw_many, words), 0);
    draw_many(words + DRAWS);
    pthread_join(thread, NULL);
    fill_words(serial, 2 * DRAWS, 11);
    qsort(words, 2 * DRAWS, sizeof *words, compare_words);
    qsort(serial, 2 * DRAWS, sizeof *serial, compare_words);
    assert_memory_equal(words, serial, 2 * DRAWS * sizeof *words);
    free(words);
}

static void multinomial_checks_its_weights(void **state)
{
    (void)state;
    const double bad[4][4] = {{1, NAN, 1, 1}, {1, (double)INFINITY, 1, 1}, {1, 1, -1, 1}, {0, 0, 0, 0}};
    const float rows[2][3] = {{1, 2, 3}, {0, 0, 0}};
    int64_t out[8];
    fac_generator *g = fac_Generator();
    uint32_t first = fac_random_u32(g);
    fac_generator_manual_seed(g, 67280421310721);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(fac_random_multinomial_f64(g, bad[i], 1, 4, 2, i % 2, out), FAC_ERR_RUNTIME);
        assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    }
    assert_int_equal(fac_random_multinomial_f32(g, rows[0], 2, 3, 2, true, out), FAC_ERR_RUNTIME);
    assert_string_equal(fac_last_error(), "multinomial: the weights of a row sum to 0");
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    assert_int_equal(fac_random_multinomial_f32(g, rows[0], 1, 3, 4, false, out), FAC_ERR_RUNTIME);
    assert_string_equal(fac_last_error(), "multinomial: cannot sample 4 of 3 without replacement");
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    assert_int_equal(fac_random_multinomial_f32(g, rows[0], 1, 3, 0, true, out), FAC_ERR_RUNTIME);
    assert_int_equal(fac_error_status(), FAC_ERR_RUNTIME);
    assert_int_equal(fac_random_u32(g), first); /* nothing was drawn */
    fac_generator_free(g);
}

/* Weights of 0 come last, the lower index first. */
static void multinomial_takes_zeros_last(void **state)
{
    (void)state;
    const float weights[] = {0, 0, 5, 0, 1};
    int64_t out[5];
    fac_generator *g = fac_Generator();
    assert_int_equal(fac_random_multinomial_f32(g, weights, 1, 5, 5, false, out), FAC_OK);
    assert_int_equal(out[0] + out[1], 2 + 4);
    assert_true(out[2] == 0 && out[3] == 1 && out[4] == 3);
    fac_generator_free(g);
}

static fac_status without_memory(void *ctx)
{
    (void)ctx;
    const float weights[] = {1, 2, 3};
    int64_t out[2];
    fac_generator *g = fac_Generator();
    if (!g)
        return fac_error_status();
    fac_status status = fac_random_multinomial_f32(g, weights, 1, 3, 2, false, out);
    if (!status)
        status = fac_use_generator(g);
    if (!status)
        status = fac_use_generator(fac_none);
    fac_generator_free(g);
    return status ? fac_error_status() : FAC_OK;
}

static void short_memory_is_an_error(void **state)
{
    (void)state;
    assert_true(support_alloc_fail_each(without_memory, NULL) >= 2);
}

static int nothing_is_left(void **state)
{
    (void)state;
    static int64_t before; /* what failed tests have left */
    fac_trim();
    bool same = support_memory.live_blocks == before;
    before = support_memory.live_blocks;
    return same ? 0 : -1;
}

int main(void)
{
    support_alloc_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(default_generator_is_random_until_seeded, nothing_is_left),
        cmocka_unit_test_teardown(golden_cases_agree, nothing_is_left),
        cmocka_unit_test_teardown(states_of_pytorch_are_taken, nothing_is_left),
        cmocka_unit_test_teardown(laziness_does_not_show, nothing_is_left),
        cmocka_unit_test_teardown(kernels_agree, nothing_is_left),
        cmocka_unit_test_teardown(remainders_are_exact, nothing_is_left),
        cmocka_unit_test_teardown(permutations_side_by_side, nothing_is_left),
        cmocka_unit_test_teardown(peeking, nothing_is_left),
        cmocka_unit_test_teardown(normal_kernels_agree, nothing_is_left),
        cmocka_unit_test_teardown(bytes_that_are_no_state_are_refused, nothing_is_left),
        cmocka_unit_test_teardown(a_missing_generator_is_an_error, nothing_is_left),
        cmocka_unit_test_teardown(a_thread_may_have_its_own_default, nothing_is_left),
        cmocka_unit_test_teardown(default_generator_is_locked, nothing_is_left),
        cmocka_unit_test_teardown(multinomial_checks_its_weights, nothing_is_left),
        cmocka_unit_test_teardown(multinomial_takes_zeros_last, nothing_is_left),
        cmocka_unit_test_teardown(short_memory_is_an_error, nothing_is_left),
    };
    return cmocka_run_group_tests_name("random", tests, read_golden, free_golden);
}
