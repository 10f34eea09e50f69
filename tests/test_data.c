/* SPDX-License-Identifier: MIT */
/* Datasets, samplers and the loader, against PyTorch's order (data_golden.txt), and what holds beyond that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "facula/data.h"
#include "facula/ops.h"
#include "random/random.h"
#include "support_alloc.h"
#include "tensor/tensor.h"

/* ---- scenarios: what golden_data.py prints, printed here ---- */

static char golden_text[1 << 16];
static char printed[1 << 14];
static size_t printed_length;

static void say(const char *word)
{
    printed_length += (size_t)snprintf(printed + printed_length, sizeof printed - printed_length, "%s%s",
                                       printed_length ? " " : "", word);
    assert_true(printed_length < sizeof printed);
}

static void say_number(const char *what, int64_t value)
{
    char text[64];
    snprintf(text, sizeof text, "%s%lld", what, (long long)value);
    say(text);
}

static void show(const fac_batch *batch)
{
    assert_int_equal(batch->n, 1);
    assert_true(fac_ndim(batch->x) == 1);
    for (int64_t i = 0; i < fac_len(batch->x); i++)
        say_number("", ((int64_t *)fac_data(batch->x))[i]);
    say("|");
}

static int64_t word_of(fac_generator *generator)
{
    fac_generator *g = fac_generator_lock(generator, "test");
    int64_t word = (int64_t)fac_random_sampler_seed(g);
    fac_generator_unlock(g);
    return word;
}

static void epochs(fac_loader *loader, int count)
{
    for (int i = 0; i < count; i++) {
        for (fac_batch b; fac_loader_next(loader, &b);)
            show(&b);
        assert_int_equal(fac_loader_status(loader), FAC_OK);
        say("/");
    }
}

static fac_dataset *numbers(int64_t n)
{
    int64_t values[128];
    assert_true(n <= 128);
    for (int64_t i = 0; i < n; i++)
        values[i] = i;
    return fac_TensorDataset(fac_from_data(values, FAC_LIST(n), FAC_INT64));
}

static fac_generator *seeded(int64_t seed)
{
    return fac_generator_manual_seed(fac_Generator(), seed);
}

/* Compares what was printed with the golden line of that name. */
static void finish(const char *name, fac_generator *own)
{
    say_number("default ", word_of(fac_none));
    if (own)
        say_number("own ", word_of(own));
    char key[80];
    snprintf(key, sizeof key, "\n%s: ", name);
    const char *line = strstr(golden_text, key);
    if (!line)
        fail_msg("no golden line %s", name);
    line += strlen(key);
    size_t length = strcspn(line, "\n");
    if (length != printed_length || memcmp(line, printed, length) != 0)
        fail_msg("%s: got\n%s\nexpected\n%.*s", name, printed, (int)length, line);
    printed_length = 0;
    fac_generator_free(own);
    fac_scope_reset();
}

static void plain(const char *name, int64_t n, int count, fac_generator *own, fac_DataLoader_args args)
{
    fac_manual_seed(0);
    args.size_ = sizeof args;
    args.sampler = fac_none;
    args.generator = own ? fac_keep(own) : fac_none;
    fac_loader *loader = fac_DataLoader_with(numbers(n), &args);
    assert_non_null(loader);
    epochs(loader, count);
    say_number("len ", fac_loader_len(loader));
    fac_loader_free(loader);
    finish(name, own);
}
#define PLAIN(name, n, count, own, ...) plain(name, n, count, own, (fac_DataLoader_args){0, __VA_ARGS__})

static void test_orders(void **state)
{
    (void)state;
    PLAIN("shuffle_25", 100, 3, NULL, .batch_size = 25, .shuffle = true);
    PLAIN("shuffle_30", 100, 2, NULL, .batch_size = 30, .shuffle = true);
    PLAIN("shuffle_30_drop", 100, 2, NULL, .batch_size = 30, .shuffle = true, .drop_last = true);
    PLAIN("plain_30", 100, 2, NULL, .batch_size = 30);
    PLAIN("plain_30_drop", 100, 2, NULL, .batch_size = 30, .drop_last = true);
    PLAIN("plain_one", 3, 2, NULL, .batch_size = 1);
    PLAIN("plain_large_batch", 7, 2, NULL, .batch_size = 1000);
    PLAIN("drop_all", 7, 2, NULL, .batch_size = 10, .drop_last = true);
    PLAIN("shuffle_single", 1, 2, NULL, .batch_size = 4, .shuffle = true);
    PLAIN("empty", 0, 2, NULL, .batch_size = 4);
    PLAIN("generator_25", 100, 2, seeded(5), .batch_size = 25, .shuffle = true);
    PLAIN("generator_30", 100, 2, seeded(5), .batch_size = 30, .shuffle = true);
    PLAIN("generator_30_drop", 100, 2, seeded(5), .batch_size = 30, .shuffle = true, .drop_last = true);
    PLAIN("generator_plain", 10, 2, seeded(5), .batch_size = 4);
}

static void sampled(const char *name, fac_sampler *sampler, fac_generator *own, fac_generator *loaders,
                    int64_t batch_size)
{
    fac_manual_seed(1);
    fac_loader *loader = fac_DataLoader(numbers(20), .batch_size = batch_size, .sampler = sampler,
                                        .generator = loaders ? fac_keep(loaders) : fac_none);
    assert_non_null(loader);
    epochs(loader, 2);
    say_number("len ", fac_loader_len(loader));
    fac_loader_free(loader);
    finish(name, own ? own : loaders);
}

typedef struct {
    fac_sampler base;
    int64_t from;
} backwards;

static int64_t backwards_len(fac_sampler *sampler)
{
    (void)sampler;
    return 10;
}

static fac_status backwards_order(fac_sampler *sampler, int64_t *indices)
{
    for (int64_t i = 0; i < 10; i++)
        indices[i] = ((backwards *)sampler)->from - 2 * i;
    return FAC_OK;
}

static const fac_sampler_class backwards_class =
    FAC_SAMPLER_CLASS("Backwards", sizeof(backwards), .len = backwards_len, .order = backwards_order);

static fac_sampler *backwards_new(int64_t from)
{
    backwards *self = fac_Sampler(&backwards_class);
    assert_non_null(self);
    self->from = from;
    return &self->base;
}

static void test_samplers(void **state)
{
    (void)state;
    static const int64_t some[] = {3, 1, 4, 15, 9, 2, 6};
    sampled("random", fac_RandomSampler(20), NULL, NULL, 6);
    sampled("random_replacement", fac_RandomSampler(20, .replacement = true), NULL, NULL, 6);
    sampled("random_replacement_70", fac_RandomSampler(20, .replacement = true, .num_samples = 70), NULL, NULL, 50);
    fac_generator *g = seeded(7);
    sampled("random_replacement_64", fac_RandomSampler(20, true, 64, fac_keep(g)), g, NULL, 16);
    sampled("random_50_of_20", fac_RandomSampler(20, .num_samples = 50), NULL, NULL, 8);
    sampled("random_40_of_20", fac_RandomSampler(20, .num_samples = 40), NULL, NULL, 8);
    sampled("random_5_of_20", fac_RandomSampler(20, .num_samples = 5), NULL, NULL, 2);
    g = seeded(8);
    sampled("random_50_own", fac_RandomSampler(20, .num_samples = 50, .generator = fac_keep(g)), g, NULL, 8);
    g = seeded(8);
    sampled("random_40_own", fac_RandomSampler(20, .num_samples = 40, .generator = fac_keep(g)), g, NULL, 8);
    g = seeded(8);
    sampled("random_5_own", fac_RandomSampler(20, .num_samples = 5, .generator = fac_keep(g)), g, NULL, 2);
    sampled("random_loader_generator", fac_RandomSampler(20), NULL, seeded(9), 8);
    sampled("subset_random", fac_SubsetRandomSampler(some, 7), NULL, NULL, 3);
    g = seeded(10);
    sampled("subset_random_own", fac_SubsetRandomSampler(some, 7, .generator = fac_keep(g)), g, NULL, 3);
    sampled("own_sampler", backwards_new(19), NULL, NULL, 4);
}

static void test_interleaved(void **state)
{
    (void)state;
    fac_manual_seed(2);
    fac_loader *a = fac_DataLoader(numbers(8), .batch_size = 3, .shuffle = true);
    fac_loader *b = fac_DataLoader(numbers(10), .batch_size = 3, .shuffle = true);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fac_loader_reset(b), FAC_OK);
        assert_int_equal(fac_loader_reset(a), FAC_OK);
        for (fac_batch x, y; fac_loader_next(b, &x) && fac_loader_next(a, &y);) {
            show(&x);
            show(&y);
        }
        say("/");
    }
    fac_loader_free(a);
    fac_loader_free(b);
    finish("interleaved", NULL);
}

/* One sampler in two loaders: each has its own place in it. */
static void test_shared_sampler(void **state)
{
    (void)state;
    fac_sampler *sampler = fac_SequentialSampler(10);
    fac_loader *a = fac_DataLoader(numbers(10), .batch_size = 2, .sampler = fac_keep(sampler));
    fac_loader *b = fac_DataLoader(numbers(10), .batch_size = 3, .sampler = sampler);
    fac_batch x, y;
    assert_true(fac_loader_next(a, &x) && fac_loader_next(b, &y) && fac_loader_next(a, &x) && fac_loader_next(b, &y));
    assert_true(((int64_t *)fac_data(x.x))[0] == 2 && ((int64_t *)fac_data(y.x))[0] == 3);
    fac_loader_free(a);
    fac_loader_free(b);
    fac_scope_reset();
}

/* More samples than a sequential sampler gives in one piece, in batches that do not fit its pieces. */
static void test_many_samples(void **state)
{
    (void)state;
    FAC_SCOPE;
    static int32_t values[5000];
    for (int32_t i = 0; i < 5000; i++)
        values[i] = i;
    fac_loader *loader =
        fac_DataLoader(fac_TensorDataset(fac_from_data(values, FAC_LIST(5000), FAC_INT32)), .batch_size = 999);
    assert_int_equal(fac_loader_len(loader), 6);
    int64_t at = 0;
    for (fac_batch b; fac_loader_next(loader, &b); at += fac_len(b.x))
        assert_memory_equal(fac_data(b.x), values + at, (size_t)fac_len(b.x) * sizeof *values);
    assert_int_equal(at, 5000);
    fac_loader_free(loader);
}

static void test_left_early(void **state)
{
    (void)state;
    fac_manual_seed(3);
    fac_loader *loader = fac_DataLoader(numbers(12), .batch_size = 3, .shuffle = true);
    for (int i = 0; i < 2; i++) {
        fac_batch b;
        assert_int_equal(fac_loader_reset(loader), FAC_OK);
        for (int k = 0; k < 2 && fac_loader_next(loader, &b); k++)
            show(&b);
    }
    assert_int_equal(fac_loader_reset(loader), FAC_OK);
    epochs(loader, 1);
    fac_loader_free(loader);
    finish("left_early", NULL);
}

static void test_draws_between(void **state)
{
    (void)state;
    fac_manual_seed(4);
    fac_generator *g = seeded(11);
    for (int i = 0; i < 2; i++) {
        fac_loader *loader =
            fac_DataLoader(numbers(6), .batch_size = 3, .shuffle = true, .generator = i ? fac_keep(g) : fac_none);
        assert_int_equal(fac_loader_reset(loader), FAC_OK);
        say_number("draw ", word_of(fac_none));
        say_number("", word_of(g));
        for (fac_batch b; fac_loader_next(loader, &b);) {
            show(&b);
            say_number("draw ", word_of(g));
        }
        fac_loader_free(loader);
    }
    finish("draws_between", g);
}

/* The epoch's order, made as PyTorch makes it and without looking ahead. */
static void plain_order(fac_generator *by_hand, int64_t *order, int64_t n)
{
    fac_random_u64(by_hand);
    fac_generator *own = seeded((int64_t)fac_random_sampler_seed(by_hand));
    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    for (int64_t i = 0; i < n - 1; i++) {
        int64_t at = i + fac_random_u32(own) % (n - i), value = order[at];
        order[at] = order[i];
        order[i] = value;
    }
    fac_generator_free(own);
}

static void compare_epoch(fac_loader *loader, fac_generator *by_hand, int epoch, int64_t n)
{
    int64_t order[700], at = 0;
    plain_order(by_hand, order, n);
    for (fac_batch b; fac_loader_next(loader, &b);)
        for (int64_t i = 0; i < fac_len(b.x); i++, at++)
            if (((int64_t *)fac_data(b.x))[i] != order[at])
                fail_msg("%d samples, epoch %d: another order", (int)n, epoch);
    assert_int_equal(fac_loader_status(loader), FAC_OK);
    assert_int_equal(at, n);
}

/* Orders are made ahead where epochs follow each other evenly. Whatever else is drawn, and when, they and the state of
 * the generator are what they would be without that. between(epoch): the u32 drawn after it. */
static void compare_epochs(int64_t n, int epochs_count, int (*between)(int epoch))
{
    FAC_SCOPE;
    unsigned char state[2][FAC_RNG_STATE_SIZE];
    fac_generator *by_hand = seeded(n);
    fac_manual_seed(n);
    fac_loader *loader =
        fac_DataLoader(fac_TensorDataset(fac_arange((double)n, .dtype = FAC_INT64)), .batch_size = 30, .shuffle = true);
    for (int epoch = 0; epoch < epochs_count; epoch++) {
        compare_epoch(loader, by_hand, epoch, n);
        for (int i = between(epoch); i > 0; i--)
            assert_int_equal(fac_random_u32(fac_default_generator()), fac_random_u32(by_hand));
        if (epoch % 57 == 56) {
            assert_int_equal(fac_get_rng_state(state[0]), FAC_OK);
            assert_int_equal(fac_generator_get_state(by_hand, state[1]), FAC_OK);
            assert_memory_equal(state[0], state[1], sizeof state[0]);
        }
        if (epoch == 100) { /* from one generator to another, foreseen by nobody */
            fac_manual_seed(5);
            fac_generator_manual_seed(by_hand, 5);
        }
    }
    fac_loader_free(loader);
    fac_generator_free(by_hand);
}

static int no_draws(int epoch)
{
    (void)epoch;
    return 0;
}
static int some_draws(int epoch)
{
    return epoch < 200 ? 3 : 150;
}
static int odd_draws(int epoch)
{
    return epoch % 7 == 3 ? epoch % 40 : 0;
}

static void test_orders_ahead(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 2, 3, 100, 227, 228, 229, 397, 624, 625, 626, 700};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        compare_epochs(sizes[i], 340, no_draws);
        compare_epochs(sizes[i], 340, some_draws);
        compare_epochs(sizes[i], 340, odd_draws);
    }
}

static void show_parts(fac_dataset **parts, int count)
{
    for (int i = 0; i < count; i++) {
        FAC_SCOPE;
        int64_t n = fac_dataset_len(parts[i]);
        for (int64_t k = 0; k < n; k++) {
            fac_batch sample;
            assert_int_equal(fac_dataset_get(parts[i], k, &sample), FAC_OK);
            assert_int_equal(fac_ndim(sample.x), 0);
            say_number("", fac_item_int(sample.x));
        }
        say("/");
        if (n <= 3) {
            fac_dataset_free(parts[i]);
            continue;
        }
        fac_loader *loader = fac_DataLoader(parts[i], .batch_size = 4, .shuffle = true);
        epochs(loader, 1);
        fac_loader_free(loader);
    }
}

static void split_by(const char *name, int64_t n, fac_list lengths, fac_generator *own)
{
    fac_dataset *parts[8];
    fac_manual_seed(5);
    assert_int_equal(fac_random_split(numbers(n), lengths, parts, .generator = own ? own : fac_none), FAC_OK);
    show_parts(parts, (int)lengths->count);
    finish(name, own);
}

static void split_by_fractions(const char *name, int64_t n, const fac_fractions *fractions, fac_generator *own)
{
    fac_dataset *parts[8];
    fac_manual_seed(5);
    assert_int_equal(fac_random_split_fractions(numbers(n), fractions, parts, .generator = own ? own : fac_none),
                     FAC_OK);
    show_parts(parts, (int)fractions->count);
    finish(name, own);
}

static void test_random_split(void **state)
{
    (void)state;
    split_by("split", 20, FAC_LIST(12, 6, 2), NULL);
    split_by("split_none", 7, FAC_LIST(7, 0), NULL);
    split_by("split_own", 20, FAC_LIST(15, 5), seeded(12));
    split_by_fractions("split_fractions", 21, FAC_FRACTIONS(0.5, 0.3, 0.2), NULL);
    split_by_fractions("split_fractions_own", 33, FAC_FRACTIONS(0.25, 0.25, 0.25, 0.25), seeded(12));
    split_by_fractions("split_fractions_small", 3, FAC_FRACTIONS(0.4, 0.6), NULL);
    fac_dataset *parts[1];
    assert_int_equal(fac_random_split(numbers(4), FAC_LIST(4), parts), FAC_OK);
    fac_dataset_free(parts[0]);
    assert_int_equal(fac_random_split_fractions(numbers(4), FAC_FRACTIONS(1), parts), FAC_OK);
    fac_dataset_free(parts[0]);
    fac_dataset *none[3];
    assert_int_equal(fac_random_split_fractions(numbers(1), FAC_FRACTIONS(0.2, 0.5, 0.3), none), FAC_OK);
    assert_string_equal(fac_last_warning(), "Length of split at index 1 is 0. This might result in an empty dataset.");
    for (int i = 0; i < 3; i++)
        fac_dataset_free(none[i]);
    fac_scope_reset();
}

/* ---- datasets of the user's own, one a way to get ---- */

typedef struct {
    fac_dataset base;
    fac_tensor *x_obs, *y_obs;
    int64_t fails_at; /* -1: nowhere */
    bool says_why;
    int64_t calls;
    int64_t *freed;
} observations;

static int64_t obs_len(fac_dataset *d)
{
    return fac_len(((observations *)d)->x_obs);
}

static fac_status may_fail(observations *self, int64_t idx)
{
    self->calls++;
    if (idx != self->fails_at)
        return FAC_OK;
    return self->says_why ? fac_raise(FAC_ERR_IO, "no picture %d", 7) : FAC_ERR_IO;
}

static fac_status obs_get(fac_dataset *d, int64_t idx, fac_row *row)
{
    observations *self = (observations *)d;
    row->x[0] = ((float *)fac_data(self->x_obs))[idx];
    row->y[0] = ((float *)fac_data(self->y_obs))[2 * idx];
    row->y[1] = ((float *)fac_data(self->y_obs))[2 * idx + 1];
    return may_fail(self, idx);
}

static fac_status obs_getitems(fac_dataset *d, const int64_t *indices, int64_t n, fac_row *rows)
{
    observations *self = (observations *)d;
    for (int64_t i = 0; i < n; i++) {
        rows->x[i] = ((float *)fac_data(self->x_obs))[indices[i]];
        memcpy(rows->y + 2 * i, (float *)fac_data(self->y_obs) + 2 * indices[i], 2 * sizeof(float));
        if (may_fail(self, indices[i]))
            return FAC_ERR_IO;
    }
    return FAC_OK;
}

static fac_status obs_get_tensors(fac_dataset *d, int64_t idx, fac_batch *sample)
{
    observations *self = (observations *)d;
    sample->x = fac_from_data((float *)fac_data(self->x_obs) + idx, FAC_EMPTY_LIST, FAC_FLOAT32);
    sample->y = fac_from_data((float *)fac_data(self->y_obs) + 2 * idx, FAC_LIST(2), FAC_FLOAT32);
    return may_fail(self, idx);
}

static void obs_destroy(fac_dataset *d)
{
    if (((observations *)d)->freed)
        ++*((observations *)d)->freed;
}

static const fac_dataset_class obs_classes[] = {
    FAC_DATASET_CLASS("Observations", sizeof(observations), .len = obs_len, .get = obs_get, .destroy = obs_destroy),
    FAC_DATASET_CLASS("Observations", sizeof(observations), .len = obs_len, .getitems = obs_getitems,
                      .destroy = obs_destroy),
    FAC_DATASET_CLASS("Observations", sizeof(observations), .len = obs_len, .get_tensors = obs_get_tensors,
                      .destroy = obs_destroy)};
enum { OBS_WAYS = 3 };

static observations *obs_new(int way, int64_t *freed)
{
    float x[10], y[20];
    for (int i = 0; i < 10; i++)
        x[i] = (float)i, y[2 * i] = (float)(10 * i), y[2 * i + 1] = (float)(10 * i + 1);
    observations *self = fac_Dataset(&obs_classes[way]);
    FAC_FIELD(self, x_obs, fac_from_data(x, FAC_LIST(10), FAC_FLOAT32));
    FAC_FIELD(self, y_obs, fac_from_data(y, FAC_LIST(10, 2), FAC_FLOAT32));
    if (!fac_dataset_done(self))
        return NULL;
    self->fails_at = -1;
    self->freed = freed;
    return self;
}

static void check_batch(const fac_batch *b, int64_t first, int64_t n)
{
    assert_int_equal(b->n, 2);
    assert_true(fac_ndim(b->x) == 1 && fac_len(b->x) == n && fac_dtype_of(b->x) == FAC_FLOAT32);
    assert_true(fac_ndim(b->y) == 2 && fac_len(b->y) == n && fac_size(b->y, 1) == 2);
    for (int64_t i = 0; i < n; i++) {
        double want = (double)(first + i);
        assert_true(fac_at(b->x, FAC_LIST(i)) == want);
        assert_true(fac_at(b->y, FAC_LIST(i, 0)) == 10 * want && fac_at(b->y, FAC_LIST(i, 1)) == 10 * want + 1);
    }
}

static void test_own_dataset(void **state)
{
    (void)state;
    for (int way = 0; way < OBS_WAYS; way++) {
        FAC_SCOPE;
        int64_t freed = 0;
        observations *data = obs_new(way, &freed);
        assert_non_null(data);
        fac_batch b;
        assert_int_equal(fac_dataset_get(&data->base, -1, &b), FAC_OK);
        assert_true(fac_ndim(b.x) == 0 && fac_item(b.x) == 9 && fac_at(b.y, FAC_LIST(1)) == 91);
        fac_loader *loader = fac_DataLoader(&data->base, .batch_size = 4);
        assert_ptr_equal(fac_loader_dataset(loader), &data->base);
        for (int epoch = 0; epoch < 2; epoch++) {
            for (int64_t i = 0; i < 3; i++) {
                assert_true(fac_loader_next(loader, &b));
                check_batch(&b, 4 * i, i < 2 ? 4 : 2);
            }
            assert_false(fac_loader_next(loader, &b));
            assert_int_equal(b.n, 0);
        }
        fac_loader_free(loader);
        assert_int_equal(freed, 1);
    }
}

/* An error of get ends the loop with its message; the next loop begins a new epoch. */
static void test_get_fails(void **state)
{
    (void)state;
    static const char *const messages[OBS_WAYS][2] = {
        {"Observations: sample 6: I/O error", "Observations: sample 6: no picture 7"},
        {"Observations: I/O error", "Observations: no picture 7"},
        {"Observations: sample 6: I/O error", "Observations: sample 6: no picture 7"}};
    for (int way = 0; way < OBS_WAYS; way++)
        for (int why = 0; why < 2; why++) {
            FAC_SCOPE;
            observations *data = obs_new(way, NULL);
            data->fails_at = 6;
            data->says_why = why;
            fac_loader *loader =
                fac_DataLoader(fac_Subset(&data->base, (int64_t[]){0, 1, 2, 6, 7}, 5), .batch_size = 2);
            int batches = 0;
            for (fac_batch b; fac_loader_next(loader, &b);)
                batches++;
            assert_int_equal(batches, 1);
            assert_int_equal(fac_loader_status(loader), FAC_ERR_IO);
            assert_string_equal(fac_last_error(), messages[way][why]);
            data->fails_at = -1;
            for (fac_batch b; fac_loader_next(loader, &b);)
                batches++;
            assert_int_equal(batches, 4);
            assert_int_equal(fac_loader_status(loader), FAC_OK);
            fac_loader_free(loader);
        }
}

static void test_item_of_one_sample_fails(void **state)
{
    (void)state;
    FAC_SCOPE;
    observations *data = obs_new(0, NULL);
    data->fails_at = 3;
    fac_batch b;
    assert_int_equal(fac_dataset_get(&data->base, 3, &b), FAC_ERR_IO);
    assert_true(b.n == 0 && !b.x);
    fac_dataset_free(&data->base);
}

/* ---- tensors of batches ---- */

static void test_batches_are_reused(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_loader *loader = fac_DataLoader(&obs_new(0, NULL)->base, .batch_size = 4, .drop_last = true);
    fac_batch a, b;
    assert_true(fac_loader_next(loader, &a));
    const void *data = fac_data(a.x);
    uint32_t version = a.x->storage->version;
    int64_t live = fac_live_tensors();
    assert_true(fac_loader_next(loader, &b));
    assert_ptr_equal(fac_data(b.x), data);
    assert_true(b.x->storage->version > version);
    fac_tensor *kept = fac_keep(b.x);
    assert_false(fac_loader_next(loader, &a)); /* the end */
    assert_true(fac_loader_next(loader, &a));
    assert_true(fac_data(a.x) != fac_data(kept));
    assert_true(fac_at(kept, FAC_LIST(0)) == 4 && fac_at(a.x, FAC_LIST(0)) == 0);
    assert_int_equal(fac_live_tensors(), live + 1);
    fac_tensor_free(kept);
    assert_int_equal(fac_live_tensors(), live);
    fac_tensor *view = fac_keep(fac_tensor_adopt(fac_tensor_alias(a.y))); /* shares the storage only */
    assert_true(fac_loader_next(loader, &b));
    assert_true(fac_at(view, FAC_LIST(0, 0)) == 0 && fac_at(b.y, FAC_LIST(0, 0)) == 40);
    fac_tensor_free(view);
    fac_loader_free(loader);
}

static void test_strided_tensors(void **state)
{
    (void)state;
    FAC_SCOPE;
    int32_t values[24];
    for (int i = 0; i < 24; i++)
        values[i] = i;
    fac_tensor *base = fac_from_data(values, FAC_LIST(4, 3, 2), FAC_INT32);
    fac_meta meta = {.dtype = FAC_INT32, .ndim = 3, .shape = {3, 2, 4}, .stride = {2, 1, 6}}; /* permuted (1, 2, 0) */
    fac_meta_view_done(&meta);
    fac_tensor *permuted = fac_tensor_adopt(fac_tensor_view(base->storage, &meta));
    fac_meta rows = {.dtype = FAC_INT32, .ndim = 2, .shape = {3, 2}, .stride = {6, 1}, .offset = 2};
    fac_meta_view_done(&rows);
    fac_tensor *gaps = fac_tensor_adopt(fac_tensor_view(base->storage, &rows));
    fac_loader *loader = fac_DataLoader(fac_TensorDataset(permuted, gaps), .batch_size = 2);
    fac_batch b;
    assert_true(fac_loader_next(loader, &b) && fac_loader_next(loader, &b));
    assert_true(fac_len(b.x) == 1 && fac_size(b.x, 1) == 2 && fac_size(b.x, 2) == 4);
    for (int64_t i = 0; i < 2; i++)
        for (int64_t j = 0; j < 4; j++)
            assert_true(fac_at(b.x, FAC_LIST(0, i, j)) == (double)(4 + i + 6 * j));
    assert_true(fac_at(b.y, FAC_LIST(0, 0)) == 14 && fac_at(b.y, FAC_LIST(0, 1)) == 15);
    fac_loader_free(loader);
}

static void test_row_sizes(void **state)
{
    (void)state;
    FAC_SCOPE;
    double f64[6] = {0, 1, 2, 3, 4, 5};
    uint8_t bytes[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    bool flags[3] = {true, false, true};
    fac_dataset *data = fac_TensorDataset(
        fac_from_data(f64, FAC_LIST(3, 2), FAC_FLOAT64), fac_from_data(f64, FAC_LIST(3), FAC_FLOAT64),
        fac_from_data(bytes, FAC_LIST(3, 3), FAC_UINT8), fac_from_data(flags, FAC_LIST(3, 1), FAC_BOOL),
        fac_from_data(f64, FAC_LIST(3, 0), FAC_FLOAT64));
    fac_loader *loader = fac_DataLoader(data, .batch_size = 3, .sampler = fac_Sampler(&backwards_class));
    assert_non_null(loader);
    fac_loader_free(loader);
    loader = fac_DataLoader(fac_TensorDataset(fac_from_data(f64, FAC_LIST(3, 2), FAC_FLOAT64),
                                              fac_from_data(bytes, FAC_LIST(3, 3), FAC_UINT8),
                                              fac_from_data(flags, FAC_LIST(3, 1), FAC_BOOL),
                                              fac_from_data(f64, FAC_LIST(3, 0), FAC_FLOAT64)),
                            .batch_size = 3);
    fac_batch b;
    assert_true(fac_loader_next(loader, &b));
    assert_int_equal(b.n, 4);
    assert_memory_equal(fac_data(b.item[0]), f64, sizeof f64);
    assert_memory_equal(fac_data(b.item[1]), bytes, sizeof bytes);
    assert_memory_equal(fac_data(b.item[2]), flags, sizeof flags);
    assert_true(fac_len(b.item[3]) == 3 && fac_numel(b.item[3]) == 0);
    fac_loader_free(loader);
}

/* ---- samples as tensors, collate ---- */

typedef struct {
    fac_dataset base;
    int mode;
} ragged;
enum { RAGGED_SHAPES, RAGGED_DTYPES, RAGGED_COUNTS, RAGGED_NONE, RAGGED_OP_FAILS };

static int64_t ragged_len(fac_dataset *d)
{
    (void)d;
    return 4;
}

static fac_status ragged_get(fac_dataset *d, int64_t idx, fac_batch *sample)
{
    static const float zeros[8];
    ragged *self = (ragged *)d;
    if (self->mode == RAGGED_NONE)
        return FAC_OK;
    if (self->mode == RAGGED_OP_FAILS) {
        sample->x = fac_from_data(zeros, FAC_LIST(-1), FAC_FLOAT32);
        return FAC_OK;
    }
    bool odd = idx == 1;
    sample->x = fac_from_data(zeros, FAC_LIST(odd && self->mode == RAGGED_SHAPES ? 3 : 2),
                              odd && self->mode == RAGGED_DTYPES ? FAC_INT32 : FAC_UINT8);
    if (odd && self->mode == RAGGED_COUNTS)
        sample->y = fac_scalar(1);
    return FAC_OK;
}

static fac_loader *ragged_loader(int mode, fac_collate_fn *collate, void *ctx)
{
    static const fac_dataset_class cls =
        FAC_DATASET_CLASS("Ragged", sizeof(ragged), .len = ragged_len, .get_tensors = ragged_get);
    ragged *data = fac_Dataset(&cls);
    data->mode = mode;
    return fac_DataLoader(&data->base, .batch_size = 2, .collate_fn = collate, .collate_ctx = ctx);
}

static void ragged_fails(int mode, fac_status status, const char *message)
{
    fac_batch b;
    fac_loader *loader = ragged_loader(mode, NULL, NULL);
    assert_false(fac_loader_next(loader, &b));
    assert_int_equal(fac_loader_status(loader), status);
    assert_string_equal(fac_last_error(), message);
    fac_loader_free(loader);
}

static void test_ragged(void **state)
{
    (void)state;
    FAC_SCOPE;
    ragged_fails(RAGGED_SHAPES, FAC_ERR_RUNTIME,
                 "Ragged: stack expects each tensor to be equal size, but got (2,) at entry 0 and (3,) at entry 1");
    ragged_fails(RAGGED_COUNTS, FAC_ERR_RUNTIME, "Ragged: each element in list of batch should be of equal size");
    ragged_fails(RAGGED_NONE, FAC_ERR_VALUE, "Ragged: sample 0: get_tensors: no item");
    fac_batch b;
    fac_loader *loader = ragged_loader(RAGGED_OP_FAILS, NULL, NULL);
    assert_false(fac_loader_next(loader, &b));
    assert_true(fac_loader_status(loader) && strstr(fac_last_error(), "Ragged: sample 0: ") == fac_last_error());
    fac_loader_free(loader);
    loader = ragged_loader(RAGGED_DTYPES, NULL, NULL);
    assert_true(fac_loader_next(loader, &b));
    assert_int_equal(fac_dtype_of(b.x), FAC_INT32); /* uint8 and int32 */
    assert_true(fac_loader_next(loader, &b));
    assert_int_equal(fac_dtype_of(b.x), FAC_UINT8);
    fac_loader_free(loader);
}

/* The lengths of the samples. */
static fac_status lengths_of(void *ctx, const fac_batch *samples, int64_t count, fac_batch *batch)
{
    int64_t lengths[8];
    if (*(int *)ctx)
        return *(int *)ctx == 1 ? fac_raise(FAC_ERR_VALUE, "cannot collate") : FAC_OK;
    for (int64_t i = 0; i < count; i++)
        lengths[i] = fac_len(samples[i].x);
    batch->x = fac_from_data(lengths, FAC_LIST(count), FAC_INT64);
    return FAC_OK;
}

static void test_collate(void **state)
{
    (void)state;
    FAC_SCOPE;
    int mode = 0;
    fac_batch b;
    fac_loader *loader = ragged_loader(RAGGED_SHAPES, lengths_of, &mode);
    int64_t live = fac_live_tensors();
    assert_true(fac_loader_next(loader, &b));
    assert_true(b.n == 1 && fac_at(b.x, FAC_LIST(0)) == 2 && fac_at(b.x, FAC_LIST(1)) == 3);
    assert_int_equal(fac_live_tensors(), live + 1);
    mode = 1;
    assert_false(fac_loader_next(loader, &b));
    assert_int_equal(fac_loader_status(loader), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "cannot collate");
    mode = 2;
    assert_false(fac_loader_next(loader, &b));
    assert_int_equal(fac_loader_status(loader), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "collate_fn: no item");
    fac_loader_free(loader);
    mode = 0; /* rows as samples */
    loader = fac_DataLoader(&obs_new(0, NULL)->base, .batch_size = 2, .collate_fn = lengths_of, .collate_ctx = &mode);
    assert_false(fac_loader_next(loader, &b)); /* a 0-d tensor has no len */
    assert_true(fac_loader_status(loader) != FAC_OK);
    fac_loader_free(loader);
}

/* ---- errors ---- */

static void expect(fac_status status, const char *message)
{
    fac_status got = fac_error_status();
    assert_string_equal(fac_last_error(), message);
    assert_int_equal(got, status);
}

static void test_constructor_errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    int64_t live = fac_live_tensors();
    {
        FAC_SCOPE;
        assert_null(fac_DataLoader(numbers(3), .batch_size = 0));
        expect(FAC_ERR_VALUE, "DataLoader: batch_size should be a positive integer value, but got batch_size=0");
        assert_null(fac_DataLoader(numbers(3), -2));
        expect(FAC_ERR_VALUE, "DataLoader: batch_size should be a positive integer value, but got batch_size=-2");
        assert_null(fac_DataLoader(numbers(3), .batch_size = FAC_NONE));
        expect(FAC_ERR_UNSUPPORTED, "DataLoader: batch_size=None is not supported");
        assert_null(fac_DataLoader(numbers(3), .shuffle = true, .sampler = fac_SequentialSampler(3)));
        expect(FAC_ERR_VALUE, "DataLoader: sampler option is mutually exclusive with shuffle");
        assert_null(fac_DataLoader(numbers(0), .shuffle = true, .generator = fac_Generator()));
        expect(FAC_ERR_VALUE, "RandomSampler: num_samples should be a positive integer value, but got num_samples=0");
        assert_null(fac_RandomSampler(3, .num_samples = -1, .generator = fac_Generator()));
        expect(FAC_ERR_VALUE, "RandomSampler: num_samples should be a positive integer value, but got num_samples=-1");
        assert_null(fac_RandomSampler(0, .num_samples = 4));
        expect(FAC_ERR_VALUE, "RandomSampler: there is no data to sample from");
        assert_null(fac_SequentialSampler(-1));
        expect(FAC_ERR_VALUE, "SequentialSampler: the data has -1 samples");
        assert_null(fac_SubsetRandomSampler(NULL, 3, .generator = fac_Generator()));
        expect(FAC_ERR_VALUE, "SubsetRandomSampler: no indices");
        fac_tensor *x = fac_vector(1, 2, 3), *y = fac_vector(1, 2);
        assert_null(fac_TensorDataset(x, y));
        expect(FAC_ERR_VALUE, "TensorDataset: Size mismatch between tensors: (3,) and (2,)");
        assert_null(fac_TensorDataset(x, fac_scalar(1)));
        expect(FAC_ERR_VALUE, "TensorDataset: a 0-d tensor has no rows");
        assert_null(fac_TensorDataset(x, NULL));
        expect(FAC_ERR_VALUE, "TensorDataset: a tensor to hold is NULL");
        assert_null(fac_TensorDataset(x, x, x, x, x, x, x, x, x));
        expect(FAC_ERR_VALUE, "TensorDataset: more than 8 items in a sample");
        assert_null(fac_Subset(numbers(3), (int64_t[]){0, 3}, 2));
        expect(FAC_ERR_INDEX, "Subset: index 3 is out of range for 3 samples of TensorDataset");
        assert_null(fac_Subset(NULL, NULL, 0));
        expect(FAC_ERR_VALUE, "Subset: dataset is NULL");
        assert_null(fac_Sampler(&(fac_sampler_class){.name = "S"}));
        expect(FAC_ERR_VALUE, "Sampler: a class wants name, len, order and the size of its struct");
        assert_null(fac_Dataset(&(fac_dataset_class){.name = "D", .len = ragged_len}));
        expect(FAC_ERR_VALUE, "Dataset: class D has no get, getitems or get_tensors");
        assert_null(fac_Dataset(NULL));
        expect(FAC_ERR_VALUE, "Dataset: the class is NULL");
        assert_null(
            fac_Dataset(&(fac_dataset_class){.name = "D", .len = ragged_len, .get_tensors = ragged_get, .size = 8}));
        expect(FAC_ERR_VALUE, "Dataset: class D has size 8: its struct begins with fac_dataset");
        fac_dataset *bare = fac_Dataset(&(fac_dataset_class){.name = "D", .len = ragged_len, .get = obs_get});
        assert_null(fac_DataLoader(bare));
        expect(FAC_ERR_VALUE, "D: what a sample looks like is not declared: FAC_FIELD, fac_dataset_field");
        /* a chain reports the first error */
        assert_null(fac_DataLoader(fac_TensorDataset(x, y), .batch_size = 0));
        expect(FAC_ERR_VALUE, "TensorDataset: Size mismatch between tensors: (3,) and (2,)");
        fac_dataset *parts[2];
        assert_int_equal(fac_random_split(numbers(3), FAC_LIST(2, 2), parts), FAC_ERR_VALUE);
        assert_string_equal(fac_last_error(), "random_split: Sum of input lengths does not equal the length of the "
                                              "input dataset! ((2, 2) for 3)");
        assert_true(!parts[0] && !parts[1]);
        assert_int_equal(fac_random_split(numbers(3), FAC_LIST(4, -1), parts), FAC_ERR_VALUE);
        assert_int_equal(fac_random_split_fractions(numbers(3), FAC_FRACTIONS(1.5, -0.5), parts), FAC_ERR_VALUE);
        assert_string_equal(fac_last_error(), "random_split: Fraction at index 0 is not between 0 and 1");
        assert_int_equal(fac_random_split_fractions(numbers(3), FAC_FRACTIONS(0.5, 0.4), parts), FAC_ERR_VALUE);
        assert_int_equal(fac_random_split(NULL, FAC_LIST(1, 2), parts), FAC_ERR_VALUE);
        assert_string_equal(fac_last_error(), "random_split: dataset is NULL");
    }
    assert_int_equal(fac_live_tensors(), live);
}

static void test_loader_errors(void **state)
{
    (void)state;
    FAC_SCOPE;
    fac_batch b = {.n = 7};
    assert_false(fac_loader_next(NULL, &b));
    assert_int_equal(b.n, 0);
    assert_int_equal(fac_loader_status(NULL), FAC_ERR_VALUE);
    assert_string_equal(fac_last_error(), "loader_next: loader is NULL");
    assert_int_equal(fac_loader_len(NULL), -1);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_int_equal(fac_loader_reset(NULL), FAC_ERR_VALUE);
    assert_null(fac_loader_dataset(NULL));
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_int_equal(fac_dataset_len(NULL), -1);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    assert_int_equal(fac_sampler_len(NULL), -1);
    assert_int_equal(fac_error_status(), FAC_ERR_VALUE);
    fac_loader *loader = fac_DataLoader(numbers(20), .batch_size = 4, .sampler = backwards_new(15));
    assert_true(fac_loader_next(loader, &b) && fac_loader_next(loader, &b));
    assert_false(fac_loader_next(loader, &b)); /* -1 and -3 */
    assert_int_equal(fac_loader_status(loader), FAC_ERR_INDEX);
    assert_string_equal(fac_last_error(), "TensorDataset: index -1 from Backwards is out of range for 20 samples");
    assert_int_equal(fac_loader_status(loader), FAC_ERR_INDEX); /* until the next loop */
    assert_true(fac_loader_next(loader, &b));
    assert_int_equal(fac_loader_status(loader), FAC_OK);
    fac_raise(FAC_ERR_KEY, "from the loop's body"); /* as an operation that gave NULL would */
    assert_false(fac_loader_next(loader, &b));
    assert_int_equal(fac_loader_status(loader), FAC_ERR_KEY);
    assert_string_equal(fac_last_error(), "from the loop's body");
    fac_dataset *data = fac_loader_dataset(loader);
    assert_int_equal(fac_dataset_get(data, 20, &b), FAC_ERR_INDEX);
    assert_string_equal(fac_last_error(), "TensorDataset: index 20 is out of range for 20 samples");
    assert_int_equal(fac_dataset_get(data, -21, &b), FAC_ERR_INDEX);
    fac_loader_free(loader);
}

/* Two loaders over parts of one dataset, freed in any order; a dataset kept beyond its loader. */
static void test_freeing(void **state)
{
    (void)state;
    int64_t live = fac_live_tensors();
    for (int order = 0; order < 6; order++) {
        int64_t freed = 0;
        fac_dataset *whole = &obs_new(0, &freed)->base, *parts[2];
        fac_scope_reset(); /* the dataset holds its tensors itself */
        assert_int_equal(fac_random_split(fac_keep(whole), FAC_LIST(6, 4), parts), FAC_OK);
        fac_loader *a = fac_DataLoader(parts[0], .batch_size = 2, .shuffle = true, .generator = seeded(order));
        fac_loader *b = fac_DataLoader(parts[1], .batch_size = 3);
        fac_batch x;
        assert_true(fac_loader_next(a, &x) && fac_loader_next(b, &x));
        void *handles[3] = {whole, a, b};
        static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        for (int i = 0; i < 3; i++) {
            assert_int_equal(freed, 0);
            fac_free_handle(handles[orders[order][i]]);
        }
        assert_int_equal(freed, 1);
        assert_int_equal(fac_live_tensors(), live);
    }
    fac_loader_free(NULL);
    fac_dataset_free(NULL);
    fac_sampler_free(fac_none);
}

/* ---- memory ---- */

static fac_status use_loader(fac_loader *loader)
{
    for (int epoch = 0; epoch < 2; epoch++) {
        for (fac_batch b; fac_loader_next(loader, &b);)
            (void)b;
        fac_status status = fac_loader_status(loader);
        if (status) {
            fac_loader_free(loader);
            return status;
        }
    }
    fac_loader_free(loader);
    return FAC_OK;
}

static fac_status memory_program(void *ctx)
{
    (void)ctx;
    FAC_SCOPE;
    for (int way = 0; way < OBS_WAYS; way++) {
        observations *data = obs_new(way, NULL);
        fac_dataset *parts[2];
        fac_status status = fac_random_split(data ? &data->base : NULL, FAC_LIST(7, 3), parts);
        if (!status) {
            fac_dataset_free(parts[1]);
            status =
                use_loader(fac_DataLoader(parts[0], .batch_size = 3, .shuffle = true, .generator = fac_Generator()));
        }
        if (status)
            return status;
    }
    static const int64_t some[] = {1, 2};
    fac_status status = use_loader(fac_DataLoader(numbers(10), .batch_size = 4, .sampler = fac_RandomSampler(10)));
    if (!status)
        status = use_loader(fac_DataLoader(numbers(8), .sampler = fac_SubsetRandomSampler(some, 2)));
    return status;
}

static void test_memory(void **state)
{
    (void)state;
    fac_scope_reset();
    assert_true(support_alloc_fail_each(memory_program, NULL) > 50);
}

int main(void)
{
    support_alloc_install();
    FILE *file = fopen(FAC_GOLDEN_DIR "/data_golden.txt", "r");
    size_t got = file ? fread(golden_text, 1, sizeof golden_text - 1, file) : 0;
    if (!got || got == sizeof golden_text - 1)
        return 1;
    fclose(file);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_samplers),
        cmocka_unit_test(test_interleaved),
        cmocka_unit_test(test_shared_sampler),
        cmocka_unit_test(test_many_samples),
        cmocka_unit_test(test_left_early),
        cmocka_unit_test(test_draws_between),
        cmocka_unit_test(test_orders_ahead),
        cmocka_unit_test(test_random_split),
        cmocka_unit_test(test_own_dataset),
        cmocka_unit_test(test_get_fails),
        cmocka_unit_test(test_item_of_one_sample_fails),
        cmocka_unit_test(test_batches_are_reused),
        cmocka_unit_test(test_strided_tensors),
        cmocka_unit_test(test_row_sizes),
        cmocka_unit_test(test_ragged),
        cmocka_unit_test(test_collate),
        cmocka_unit_test(test_constructor_errors),
        cmocka_unit_test(test_loader_errors),
        cmocka_unit_test(test_freeing),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
