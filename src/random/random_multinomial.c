/* SPDX-License-Identifier: MIT */
/* multinomial: with replacement by bisection of the running sums, without by an exponential race: the k largest of
 * w[i] / q[i], q[i] of the exponential distribution (Efraimidis and Spirakis 2006).
 *
 * All is done in double; for float32 each sum, quotient and q is rounded to float32 afterwards, which gives what the
 * operation in float32 gives (53 bits are more than 2 * 24 + 1). */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "random/random.h"

typedef struct weight_array {
    const float *f32; /* one of the two */
    const double *f64;
} weight_array;

static double weight(weight_array w, int64_t i)
{
    return w.f32 ? (double)w.f32[i] : w.f64[i];
}

static double rounded(weight_array w, double value)
{
    return w.f32 ? (double)(float)value : value;
}

static fac_status check_row(weight_array w, int64_t start, int64_t n)
{
    bool some = false;
    for (int64_t i = start; i < start + n; i++) {
        double value = weight(w, i);
        if (!(value >= 0 && value < (double)INFINITY))
            return fac_fail(FAC_ERR_RUNTIME, "multinomial: a weight is inf, nan or below 0");
        some |= value > 0;
    }
    return some ? FAC_OK : fac_fail(FAC_ERR_RUNTIME, "multinomial: the weights of a row sum to 0");
}

static fac_status check(weight_array w, int64_t rows, int64_t n, int64_t k, bool replacement)
{
    if (k <= 0)
        return fac_fail(FAC_ERR_RUNTIME, "multinomial: cannot sample %lld values", (long long)k);
    if (!replacement && k > n)
        return fac_fail(FAC_ERR_RUNTIME, "multinomial: cannot sample %lld of %lld without replacement", (long long)k,
                        (long long)n);
    for (int64_t row = 0; row < rows; row++)
        FAC_TRY(check_row(w, row * n, n));
    return FAC_OK;
}

static void running_sums(weight_array w, int64_t start, double *sums, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sums[i] = sum = rounded(w, sum + weight(w, start + i));
    for (int64_t i = 0; i < n; i++)
        sums[i] = rounded(w, sums[i] / sum);
    sums[n - 1] = 1;
}

/* The first index whose sum is at least u */
static int64_t bisect(const double *sums, int64_t n, double u)
{
    int64_t left = 0, right = n;
    while (left < right) {
        int64_t middle = left + (right - left) / 2;
        if (sums[middle] < u)
            left = middle + 1;
        else
            right = middle;
    }
    return left;
}

static bool better(const double *score, int64_t a, int64_t b)
{
    return score[a] > score[b] || (score[a] == score[b] && a < b);
}

/* Lets the item at `at` sink to its place in a heap of indices, best score first. */
static void sink(int64_t *heap, int64_t count, const double *score, int64_t at)
{
    int64_t item = heap[at];
    for (int64_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && better(score, heap[child + 1], heap[child]))
            child++;
        if (better(score, item, heap[child]))
            break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

/* out: the indices of the k best scores, best first */
static void take_best(const double *score, int64_t n, int64_t k, int64_t *heap, int64_t *out)
{
    for (int64_t i = 0; i < n; i++)
        heap[i] = i;
    for (int64_t i = n / 2; i-- > 0;)
        sink(heap, n, score, i);
    for (int64_t i = 0; i < k; i++) {
        out[i] = heap[0];
        heap[0] = heap[n - 1 - i];
        sink(heap, n - 1 - i, score, 0);
    }
}

/* Without replacement, or one value; values and heap hold n items. */
static void race(fac_generator *g, weight_array w, int64_t start, int64_t n, int64_t k, double *values, int64_t *heap,
                 int64_t *out)
{
    fac_random_exponential_f64(g, values, n, 1);
    for (int64_t i = 0; i < n; i++)
        values[i] = rounded(w, weight(w, start + i) / rounded(w, values[i]));
    take_best(values, n, k, heap, out);
}

static void replace(fac_generator *g, weight_array w, int64_t start, int64_t n, int64_t k, double *values, int64_t *out)
{
    running_sums(w, start, values, n);
    for (int64_t i = 0; i < k; i++) {
        double u;
        fac_random_uniform_f64(g, &u, 1, 0, 1);
        out[i] = bisect(values, n, u);
    }
}

static fac_status multinomial(fac_generator *g, weight_array w, int64_t rows, int64_t n, int64_t k, bool replacement,
                              int64_t *out)
{
    FAC_TRY(check(w, rows, n, k, replacement));
    int64_t bytes;
    if (!fac_size_mul(n, sizeof(double) + sizeof(int64_t), &bytes))
        return fac_fail_memory(SIZE_MAX);
    double *values = fac_alloc((size_t)bytes);
    if (!values)
        return FAC_ERR_MEMORY;
    int64_t *heap = (int64_t *)(void *)(values + n);
    for (int64_t row = 0; row < rows; row++) {
        if (replacement && k > 1)
            replace(g, w, row * n, n, k, values, out + row * k);
        else
            race(g, w, row * n, n, k, values, heap, out + row * k);
    }
    fac_dealloc(values, (size_t)bytes);
    return FAC_OK;
}

fac_status fac_random_multinomial_f32(fac_generator *g, const float *weights, int64_t rows, int64_t n, int64_t k,
                                      bool replacement, int64_t *out)
{
    return multinomial(g, (weight_array){.f32 = weights}, rows, n, k, replacement, out);
}

fac_status fac_random_multinomial_f64(fac_generator *g, const double *weights, int64_t rows, int64_t n, int64_t k,
                                      bool replacement, int64_t *out)
{
    return multinomial(g, (weight_array){.f64 = weights}, rows, n, k, replacement, out);
}
