/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "draw/figure.h"

enum { BINS_MAX = 1 << 20 };

static void sift(double *heap, int64_t at, int64_t n)
{
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && heap[child + 1] > heap[child];
        if (heap[at] >= heap[child])
            return;
        double value = heap[at];
        heap[at] = heap[child];
        heap[child] = value;
    }
}

static void sort(double *values, int64_t n)
{
    for (int64_t i = n / 2; i-- > 0;)
        sift(values, i, n);
    for (int64_t last = n; last-- > 1;) {
        double value = values[0];
        values[0] = values[last];
        values[last] = value;
        sift(values, 0, last);
    }
}

/* Linear between the two nearest ranks, as np.percentile. */
static double quantile(const double *sorted, int64_t n, double q)
{
    double at = q * (double)(n - 1);
    int64_t below = (int64_t)at, above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

/* numpy/lib/_histograms_impl.py: "auto" is min(max(Freedman-Diaconis, sqrt / 2), Sturges). */
static double auto_width(double *values, int64_t n, bool whole)
{
    sort(values, n);
    double range = values[n - 1] - values[0], count = (double)n;
    double sturges = range / (log2(count) + 1);
    double freedman = 2 * (quantile(values, n, 0.75) - quantile(values, n, 0.25)) / cbrt(count);
    double width = fmin(fmax(freedman, range / sqrt(count) / 2), sturges);
    return whole && width > 0 && width < 1 ? 1 : width;
}

static int64_t auto_count(double *values, int64_t n, bool whole)
{
    double width = n ? auto_width(values, n, whole) : 0;
    double count = width > 0 ? ceil((values[n - 1] - values[0]) / width) : 1;
    return count >= 1 && count <= BINS_MAX ? (int64_t)count : count > BINS_MAX ? BINS_MAX : 1;
}

double *fac_bin_edges(double *values, int64_t n, bool whole, int64_t *count)
{
    if (*count < 0 || *count > BINS_MAX) {
        fac_fail(FAC_ERR_VALUE, "histplot: bins must be 1 to %d, or 0 for \"auto\", got %lld", BINS_MAX,
                 (long long)*count);
        return NULL;
    }
    double low = 0, high = n ? 0 : 1;
    for (int64_t i = 0; i < n; i++) {
        low = i ? fmin(low, values[i]) : values[i];
        high = i ? fmax(high, values[i]) : values[i];
    }
    if (!*count)
        *count = auto_count(values, n, whole);
    if (low == high) {
        low -= 0.5;
        high += 0.5;
    }
    double *edges = fac_alloc((size_t)(*count + 1) * sizeof *edges);
    for (int64_t i = 0; edges && i <= *count; i++)
        edges[i] = i == *count ? high : low + (high - low) * ((double)i / (double)*count);
    return edges;
}
