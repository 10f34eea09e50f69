/* SPDX-License-Identifier: MIT */
#include "draw/view.h"

#include <math.h>
#include <string.h>

/* ---- spans ---- */

/* Farther out gnuplot's own arithmetic would overflow. */
static const double far = 1e300, near = 1e-300;

typedef struct {
    double low, high;
    bool any, log;
    bool tight_low, tight_high; /* no margin: bars stand on the axis, cells fill it */
} extent;

static void reach(extent *e, double value)
{
    if (e->log && !(value > 0))
        return;
    e->low = e->any ? fmin(e->low, value) : value;
    e->high = e->any ? fmax(e->high, value) : value;
    e->any = true;
}

static void reach_layer(extent *e, const fac_layer *layer, int axis)
{
    bool bars = layer->look.mark == FAC_MARK_BARS;
    for (int64_t i = 0; i < layer->count; i++) {
        const double *row = layer->values + i * layer->width;
        double half = bars && axis == 0 ? row[2] / 2 : 0;
        reach(e, row[axis] - half);
        reach(e, row[axis] + half);
    }
    if (bars && axis == 1 && !e->log) {
        reach(e, 0);
        e->tight_low = true;
    }
}

/* A margin of 5 % on either side; matplotlib.transforms.nonsingular where the ends are one. */
static void widen(extent *e)
{
    if (!e->any) {
        e->low = e->log ? 0.1 : 0;
        e->high = e->log ? 10 : 1;
        return;
    }
    e->low = fmax(e->low, e->log ? near : -far);
    e->high = fmin(e->high, far);
    double low = e->log ? log10(e->low) : e->low, high = e->log ? log10(e->high) : e->high;
    if (high - low <= 1e-12 * fmax(fabs(low), fabs(high))) {
        double by = e->log ? 1 : low == 0 ? 0.05 : 0.05 * fabs(low);
        low -= by;
        high += by;
    }
    double margin = 0.05 * (high - low);
    low -= e->tight_low ? 0 : margin;
    high += e->tight_high ? 0 : margin;
    e->low = e->log ? fmax(pow(10, low), near) : low;
    e->high = e->log ? fmin(pow(10, high), far) : high;
}

static fac_span cells_span(const fac_layer *layer, int axis)
{
    double n = (double)(axis ? layer->count : layer->width);
    n = n > 0 ? n : 1;
    return axis ? (fac_span){n, 0, false} : (fac_span){0, n, false};
}

fac_span fac_view_span(const fac_axes *ax, int axis)
{
    extent e = {.log = ax->log[axis]};
    if (ax->layers && ax->layers->look.mark == FAC_MARK_CELLS)
        return cells_span(ax->layers, axis);
    for (const fac_layer *layer = ax->layers; layer; layer = layer->next)
        reach_layer(&e, layer, axis);
    widen(&e);
    fac_span span = {e.low, e.high, e.log};
    double low = ax->limit[axis][0], high = ax->limit[axis][1];
    if (!isnan(low) && (!e.log || low > 0))
        span.low = fmax(fmin(low, far), -far);
    if (!isnan(high) && (!e.log || high > 0))
        span.high = fmax(fmin(high, far), -far);
    if (span.low == span.high)
        span.high = e.log ? 10 * span.low : span.low + 1;
    return span;
}

/* ---- ticks ---- */

static void add_tick(fac_ticks *ticks, double at)
{
    if (ticks->count < FAC_TICKS_MAX)
        ticks->tick[ticks->count++] = (fac_tick){.at = at};
}

static int count_inside(double low, double high, double step)
{
    return (int)fmin(floor(high / step) - ceil(low / step) + 1, FAC_TICKS_MAX);
}

/* matplotlib.ticker.MaxNLocator with steps 1, 2, 2.5, 5, 10: the smallest that leaves no more than bins intervals, or a
 * smaller one where that leaves fewer than two ticks. */
static double find_step(double low, double high, int bins)
{
    static const double steps[] = {0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20};
    double raw = (high - low) / bins, scale = pow(10, floor(log10(raw)));
    int i = 0;
    while (i < 9 && steps[i] * scale < raw * (1 - 1e-12))
        i++;
    while (i > 0 && count_inside(low, high, steps[i] * scale) < 2)
        i--;
    return steps[i] * scale;
}

/* Digits behind the point that tell multiples of step apart. */
static int decimals_of(double step)
{
    for (int n = 0; n < 15; n++, step *= 10)
        if (fabs(step - round(step)) < 1e-6 * step)
            return n;
    return 15;
}

static void linear_ticks(fac_ticks *ticks, double low, double high, int bins)
{
    double step = find_step(low, high, bins), largest = fmax(fabs(low), fabs(high));
    double first = ceil(low / step - 1e-9), last = floor(high / step + 1e-9);
    if (!(last - first < FAC_TICKS_MAX)) /* a span narrower than doubles tell apart */
        return;
    int magnitude = (int)floor(log10(fmax(fabs(first), fabs(last)) * step));
    ticks->exponent = largest > 0 && (magnitude >= 6 || magnitude <= -5) ? magnitude : 0;
    double unit = pow(10, ticks->exponent);
    int decimals = decimals_of(step / unit);
    for (double i = first; i <= last; i++) {
        add_tick(ticks, i * step);
        fac_format_fixed(ticks->tick[ticks->count - 1].label, FAC_NUMBER_MAX, i * step / unit + 0.0, decimals);
    }
}

static void label_power(fac_tick *tick, int factor, int exponent)
{
    size_t n = 0;
    if (factor > 1) {
        tick->label[n++] = (char)('0' + factor);
        tick->label[n++] = ' ';
    }
    memcpy(tick->label + n, "10^", 3);
    fac_format_fixed(tick->label + n + 3, FAC_NUMBER_MAX - n - 3, exponent, 0);
}

/* matplotlib.ticker.LogLocator and LogFormatter: decades, thinned if many; with one decade in sight 2, 3, 4 and 6 have
 * labels, within 0.4 of one all have. */
static void log_ticks(fac_ticks *ticks, double low, double high, int bins)
{
    double decades = log10(high / low);
    int first = (int)floor(log10(low)), last = (int)ceil(log10(high));
    int every = (last - first) / bins + 1, majors = (int)(floor(log10(high)) - ceil(log10(low))) + 1;
    ticks->powers = true;
    for (int k = first; k <= last; k++)
        for (int factor = 1; factor < 10; factor++) {
            double at = factor * pow(10, k);
            bool major = factor == 1 && k % every == 0;
            if (at < low * (1 - 1e-12) || at > high * (1 + 1e-12) || (every > 1 && !major))
                continue;
            add_tick(ticks, at);
            if (major || decades <= 0.4 || ((decades <= 1 || majors <= 1) && factor < 7 && factor != 5))
                label_power(&ticks->tick[ticks->count - 1], factor, k);
        }
}

static int bins_of(double length, double glyph)
{
    double bins = floor(length / glyph);
    return bins < 1 ? 1 : bins > 9 ? 9 : (int)bins;
}

void fac_view_ticks(fac_ticks *ticks, const fac_span *span, double length, double glyph)
{
    double low = fmin(span->low, span->high), high = fmax(span->low, span->high);
    *ticks = (fac_ticks){0};
    if (span->log)
        log_ticks(ticks, low, high, bins_of(length, glyph));
    else
        linear_ticks(ticks, low, high, bins_of(length, glyph));
}

void fac_view_cell_ticks(fac_ticks *ticks, int64_t count, double length, double glyph)
{
    double room = fmin(fmax(floor(length / glyph), 1), FAC_TICKS_MAX);
    int64_t every = (int64_t)ceil((double)count / room);
    *ticks = (fac_ticks){0};
    for (int64_t i = 0; i < count; i += every) {
        add_tick(ticks, (double)i + 0.5);
        fac_format_fixed(ticks->tick[ticks->count - 1].label, FAC_NUMBER_MAX, (double)i, 0);
    }
}

/* ---- the legend's place ---- */

typedef struct {
    double left, right, bottom, top;
} box;

/* Where value lies in the span, from 0 to 1. */
static double share(const fac_span *span, double value)
{
    if (span->log)
        return log10(value / span->low) / log10(span->high / span->low);
    return (value - span->low) / (span->high - span->low);
}

static box box_at(int loc, double width, double height)
{
    /* of the box's middle: 0, 1 or 2 for left or bottom, middle, right or top; by matplotlib's numbers */
    static const char column[FAC_LOCS] = {0, 2, 0, 0, 2, 2, 0, 2, 1, 1, 1},
                      row[FAC_LOCS] = {0, 2, 2, 0, 0, 1, 1, 1, 0, 2, 1};
    double left = column[loc] * (1 - width) / 2, bottom = row[loc] * (1 - height) / 2;
    return (box){left, left + width, bottom, bottom + height};
}

static int64_t hidden_by(const box *b, const fac_axes *ax, const fac_span span[2])
{
    int64_t hidden = 0;
    for (const fac_layer *layer = ax->layers; layer; layer = layer->next)
        for (int64_t i = 0; i < layer->count; i++) {
            const double *row = layer->values + i * layer->width;
            bool bar = layer->look.mark == FAC_MARK_BARS;
            double half = bar ? row[2] / 2 : 0, y = share(&span[1], row[1]);
            bool beside = share(&span[0], row[0] + half) < b->left || share(&span[0], row[0] - half) > b->right;
            hidden += !beside && y >= b->bottom && (bar || y <= b->top);
        }
    return hidden;
}

int fac_view_legend(const fac_axes *ax, const fac_span span[2], double width, double height)
{
    int best = 1;
    int64_t least = INT64_MAX;
    if (ax->loc)
        return ax->loc;
    for (int loc = 1; loc < FAC_LOCS && least; loc++) {
        box b = box_at(loc, width, height);
        int64_t hidden = hidden_by(&b, ax, span);
        if (hidden < least) {
            least = hidden;
            best = loc;
        }
    }
    return best;
}
