/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "random/random.h"

fac_random_split_args fac_random_split_defaults(void)
{
    return (fac_random_split_args){FAC_DEFAULTS_random_split, .size_ = sizeof(fac_random_split_args)};
}

static fac_status check_lengths(int64_t n, int64_t count, const int64_t *lengths)
{
    int64_t sum = 0;
    bool fits = true;
    for (int64_t i = 0; i < count; i++)
        fits &= lengths[i] >= 0 && !__builtin_add_overflow(sum, lengths[i], &sum);
    if (fits && sum == n)
        return FAC_OK;
    return fac_fail(FAC_ERR_VALUE,
                    "random_split: Sum of input lengths does not equal the length of the input dataset! (%s for %lld)",
                    fac_list_text(count, lengths), (long long)n);
}

static fac_status permute(fac_generator *generator, int64_t *order, int64_t n)
{
    fac_generator *g = fac_generator_lock(generator, "random_split");
    if (!g)
        return fac_pending();
    fac_random_permutation(g, order, n);
    fac_generator_unlock(g);
    return FAC_OK;
}

/* Consecutive pieces of the permutation. */
static fac_status cut(fac_dataset *dataset, const int64_t *order, int64_t count, const int64_t *lengths,
                      fac_dataset **parts)
{
    for (int64_t i = 0; i < count; i++) {
        parts[i] = fac_Subset(fac_keep(dataset), order, lengths[i]);
        if (!parts[i])
            return fac_pending();
        order += lengths[i];
    }
    return FAC_OK;
}

static fac_status split(fac_dataset *dataset, int64_t n, int64_t count, const int64_t *lengths, fac_dataset **parts,
                        const fac_random_split_args *args)
{
    FAC_TRY(check_lengths(n, count, lengths));
    int64_t *order = fac_alloc((size_t)n * sizeof *order);
    if (!order)
        return fac_pending();
    fac_status status = permute(args ? args->generator : fac_none, order, n);
    if (!status)
        status = cut(dataset, order, count, lengths, parts);
    fac_dealloc(order, (size_t)n * sizeof *order);
    return status;
}

/* floor(n * fraction) each, then one more for the first, the second, ... until they sum to n. */
static fac_status lengths_of(int64_t n, const fac_fractions *fractions, int64_t *lengths)
{
    long double sum = 0;
    int64_t left = n;
    for (int64_t i = 0; i < fractions->count; i++) {
        double fraction = fractions->values[i];
        if (!(fraction >= 0 && fraction <= 1))
            return fac_fail(FAC_ERR_VALUE, "random_split: Fraction at index %lld is not between 0 and 1", (long long)i);
        lengths[i] = (int64_t)floor((double)n * fraction);
        left -= lengths[i];
        sum += fraction;
    }
    if (!((double)sum <= 1 && (double)sum >= 1 - 1e-9) || left < 0)
        return fac_fail(FAC_ERR_VALUE, "random_split: the fractions do not sum to 1");
    for (int64_t i = 0; i < left; i++)
        lengths[i % fractions->count]++;
    for (int64_t i = 0; i < fractions->count; i++)
        if (lengths[i] == 0)
            FAC_WARN_ONCE("Length of split at index %lld is 0. This might result in an empty dataset.", (long long)i);
    return FAC_OK;
}

static fac_status split_fractions(fac_dataset *dataset, int64_t n, const fac_fractions *fractions, fac_dataset **parts,
                                  const fac_random_split_args *args)
{
    size_t bytes = (size_t)fractions->count * sizeof(int64_t);
    int64_t *lengths = fac_alloc(bytes);
    fac_status status = lengths ? lengths_of(n, fractions, lengths) : fac_pending();
    if (!status)
        status = split(dataset, n, fractions->count, lengths, parts, args);
    fac_dealloc(lengths, bytes);
    return status;
}

/* Gives the dataset back, and after an error the parts. */
static fac_status end(fac_status status, fac_dataset *dataset, int64_t count, fac_dataset **parts)
{
    for (int64_t i = 0; status && parts && i < count; i++) {
        fac_dataset_free(parts[i]);
        parts[i] = NULL;
    }
    fac_dataset_free(dataset);
    return fac_returned(status);
}

/* The dataset's length, and the parts cleared; -1 with the error set. */
static int64_t begin(fac_dataset *dataset, int64_t count, const void *values, fac_dataset **parts)
{
    if (!values || count < 1 || !parts) {
        fac_fail(FAC_ERR_VALUE, "random_split: %s", parts ? "no lengths" : "nowhere to put the parts");
        return -1;
    }
    memset(parts, 0, (size_t)count * sizeof(fac_dataset *));
    if (fac_pending() || fac_handle_check(dataset, &fac_dataset_type, "random_split", "dataset"))
        return -1;
    return fac_dataset_length(dataset);
}

fac_status fac_random_split_with(fac_dataset *dataset, fac_list lengths, fac_dataset **parts,
                                 const fac_random_split_args *args)
{
    int64_t count = lengths ? lengths->count : 0, n = begin(dataset, count, lengths, parts);
    fac_status status = n < 0 ? fac_pending() : split(dataset, n, count, lengths->values, parts, args);
    return end(status, dataset, count, parts);
}

fac_status fac_random_split_fractions_with(fac_dataset *dataset, const fac_fractions *fractions, fac_dataset **parts,
                                           const fac_random_split_args *args)
{
    int64_t count = fractions ? fractions->count : 0, n = begin(dataset, count, fractions, parts);
    fac_status status = n < 0 ? fac_pending() : split_fractions(dataset, n, fractions, parts, args);
    return end(status, dataset, count, parts);
}
