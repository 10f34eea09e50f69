/* SPDX-License-Identifier: MIT */
/* A random small training program, drawn from a seed, and its run beside itself: eagerly and through a plan. */
#ifndef TESTS_SUPPORT_LOCKSTEP_H
#define TESTS_SUPPORT_LOCKSTEP_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facula/facula.h"
#include "facula/plan.h"

enum { LS_DEPTH = 6, LS_EVENTS = 4, LS_BATCHES = 3, LS_KEPT = 3 };

typedef enum { LS_NONE, LS_RELU, LS_TANH, LS_SIGMOID, LS_LEAKY, LS_SOFTPLUS, LS_RELU_OVER, LS_ACTS } ls_act;
typedef enum {
    LS_AS_IS,
    LS_TIMES,
    LS_PLUS,
    LS_FROM_ONE,
    LS_SQUARE,
    LS_TWICE,
    LS_NOISE,
    LS_DROPOUT,
    LS_CHAIN,
    LS_OTHERS
} ls_unary;
typedef enum { LS_MSE, LS_MSE_SUM, LS_MSE_NONE, LS_L1, LS_BY_HAND, LS_POW, LS_CROSS, LS_CLASSES, LS_LOSSES } ls_loss;
typedef enum { LS_SGD, LS_MOMENTUM, LS_NESTEROV, LS_ADAM, LS_AMSGRAD, LS_ADAMW, LS_OPTIMISERS } ls_optimiser;
typedef enum { LS_SAME, LS_FRESH, LS_NARROWED, LS_TURNED, LS_FEEDS } ls_feed;
typedef enum { LS_BEFORE, LS_AFTER, LS_EACH_SECOND, LS_TO_ZERO, LS_BY_MODULE, LS_CLEARS } ls_clear;
typedef enum { LS_NOT, LS_LOSS_FIRST, LS_HIDDEN, LS_LOSS_LATE, LS_GRADIENT, LS_LOOKS } ls_look;
typedef enum { LS_NOTHING, LS_A_STATE, LS_A_VALUE, LS_A_LOSS, LS_GRADS, LS_KEEPS } ls_keep;
typedef enum {
    LS_BACKWARD,
    LS_GIVEN_GRADIENT,
    LS_GRAD_FIRST,
    LS_DERIVES
} ls_derive; /* first: fac_grad, then backward */
typedef enum { LS_RETURN, LS_RETURN_NONE, LS_RETURN_DETACHED, LS_RETURN_OUTPUT, LS_RETURNS } ls_return;
typedef enum {
    LS_RATE,
    LS_FREEZE,
    LS_THAW,
    LS_GROUP,
    LS_LOAD,
    LS_LOAD_OPTIMISER,
    LS_BY_HAND_CHANGE,
    LS_EVAL,
    LS_TRAIN,
    LS_SEED,
    LS_DROP_GRAD,
    LS_SCALE,
    LS_SHORT,
    LS_NO_GRAD_RUN,
    LS_HAPPENINGS
} ls_happening;

typedef struct ls_spec {
    uint64_t seed;
    fac_dtype dtype;
    int depth, width[LS_DEPTH + 1], act[LS_DEPTH], unary[LS_DEPTH];
    bool skip[LS_DEPTH], twice[LS_DEPTH], nested[LS_DEPTH], bias[LS_DEPTH], slope_changes;
    int loss, loss2, optimiser, feed, clear, look, keep, gives, clip, backwards, derive;
    double rate, decay;
    bool annealed, branches, leaves_early, reuses_state, one_dim, tied, prepares;
    int64_t n;
    int threads, steps, n_events, event[LS_EVENTS], event_at[LS_EVENTS];
} ls_spec;

/* One of the two. */
typedef struct ls_world {
    const ls_spec *spec;
    fac_module *model, *extra;
    fac_optim *opt;
    fac_generator *generator;
    fac_plan *plan; /* NULL: eager */
    fac_tensor *state, *value, *derived, *kept[LS_KEPT];
    double seen;
    int step;
} ls_world;

static struct {
    char problem[2000];
    bool rounding; /* the problem is one of numbers */
    bool loud;
    long replayed, recorded;
} lockstep;

/* splitmix64 */
static inline uint64_t ls_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline int ls_below(uint64_t *state, int n)
{
    return (int)(ls_next(state) % (uint64_t)n);
}

static inline bool ls_one_in(uint64_t *state, int n)
{
    return ls_below(state, n) == 0;
}

static inline void ls_draw_layers(ls_spec *s, uint64_t *r)
{
    static const int usual[] = {1, 2, 3, 4, 7, 8, 10, 16, 17, 32, 64};
    s->depth = 1 + ls_below(r, LS_DEPTH);
    for (int i = 0; i <= s->depth; i++) {
        s->width[i] = ls_one_in(r, 3) ? 1 + ls_below(r, 70) : usual[ls_below(r, 11)];
        if (i && ls_one_in(r, 2))
            s->width[i] = s->width[i - 1];
    }
    const bool plain = ls_one_in(r, 3); /* a network as most are */
    const int act = ls_below(r, LS_ACTS);
    for (int i = 0; i < s->depth; i++) {
        s->bias[i] = !ls_one_in(r, 5);
        s->act[i] = plain ? act : ls_below(r, LS_ACTS);
        if (i == s->depth - 1 && !ls_one_in(r, 4))
            s->act[i] = LS_NONE;
        if (plain)
            continue;
        s->unary[i] = ls_one_in(r, 3) ? ls_below(r, LS_OTHERS) : LS_AS_IS;
        if (s->unary[i] == LS_SQUARE && s->act[i] != LS_TANH && s->act[i] != LS_SIGMOID)
            s->unary[i] = LS_TIMES;
        s->skip[i] = s->width[i] == s->width[i + 1] && ls_one_in(r, 3);
        s->twice[i] = s->width[i] == s->width[i + 1] && ls_one_in(r, 5);
        s->nested[i] = ls_one_in(r, 4);
    }
}

static inline ls_spec ls_draw(uint64_t seed)
{
    ls_spec s = {.seed = seed};
    uint64_t state = seed * 77, *r = &state;
    ls_draw_layers(&s, r);
    s.dtype = ls_one_in(r, 2) ? FAC_FLOAT32 : FAC_FLOAT64;
    s.loss = ls_one_in(r, 2) ? LS_MSE : ls_below(r, LS_LOSSES);
    s.loss2 = ls_one_in(r, 6) ? ls_below(r, LS_LOSSES) : -1;
    s.optimiser = ls_below(r, LS_OPTIMISERS);
    s.rate = ls_one_in(r, 2) ? 1e-2 : 1e-3;
    s.decay = ls_one_in(r, 3) ? 0.01 : 0;
    s.feed = ls_below(r, LS_FEEDS);
    s.clear = ls_one_in(r, 2) ? LS_BEFORE : ls_below(r, LS_CLEARS);
    s.look = ls_one_in(r, 4) ? ls_below(r, LS_LOOKS) : LS_NOT;
    s.keep = ls_one_in(r, 4) ? ls_below(r, LS_KEEPS) : LS_NOTHING;
    s.gives = ls_one_in(r, 5) ? ls_below(r, LS_RETURNS) : LS_RETURN;
    s.clip = ls_one_in(r, 4) ? 1 + ls_below(r, 3) : 0;
    s.backwards = ls_one_in(r, 8) ? 2 : 1;
    s.annealed = ls_one_in(r, 5);
    s.branches = ls_one_in(r, 8);
    s.leaves_early = ls_one_in(r, 12);
    s.reuses_state = ls_one_in(r, 2);
    s.slope_changes = ls_one_in(r, 3);
    s.one_dim = ls_one_in(r, 15);
    s.n = ls_one_in(r, 60) ? 500 + ls_below(r, 2500) : 1 + ls_below(r, ls_one_in(r, 2) ? 130 : 30);
    s.steps = s.n > 200 ? 4 : 5 + ls_below(r, 8);
    s.threads = 1 + ls_below(r, 4);
    s.prepares = ls_one_in(r, 4);
    s.n_events = ls_one_in(r, 2) ? 0 : 1 + ls_below(r, LS_EVENTS);
    for (int i = 0; i < s.n_events; i++) {
        s.event[i] = ls_below(r, LS_HAPPENINGS);
        s.event_at[i] = 1 + ls_below(r, s.steps);
    }
    s.derive = ls_one_in(r, 4) ? ls_below(r, LS_DERIVES) : LS_BACKWARD;
    s.tied = ls_one_in(r, 5);
    return s;
}

/* Text */

static inline void ls_tell(char *text, size_t size, const ls_spec *s)
{
    size_t at = 0;
#define LS_ADD(...) (at += at < size ? (size_t)snprintf(text + at, size - at, __VA_ARGS__) : 0)
    LS_ADD("%s n %lld%s%s, %d steps, layers %d", s->dtype == FAC_FLOAT32 ? "float32" : "float64", (long long)s->n,
           s->one_dim ? " (1-d)" : "", s->prepares ? " prepares" : "", s->steps, s->width[0]);
    for (int i = 0; i < s->depth; i++)
        LS_ADD(" %d(act %d unary %d%s%s%s%s)", s->width[i + 1], s->act[i], s->unary[i], s->skip[i] ? " skip" : "",
               s->twice[i] ? " twice" : "", s->nested[i] ? " nested" : "", s->bias[i] ? "" : " no bias");
    LS_ADD(", loss %d %d, optimiser %d rate %g decay %g, feed %d clear %d look %d keep %d gives %d clip %d backwards "
           "%d derive %d%s%s%s%s%s%s",
           s->loss, s->loss2, s->optimiser, s->rate, s->decay, s->feed, s->clear, s->look, s->keep, s->gives, s->clip,
           s->backwards, s->derive, s->annealed ? " annealed" : "", s->branches ? " branches" : "",
           s->tied ? " tied" : "", s->leaves_early ? " leaves early" : "", s->reuses_state ? " reuses state" : "",
           s->slope_changes ? " slope changes" : "");
    for (int i = 0; i < s->n_events; i++)
        LS_ADD(", event %d at %d", s->event[i], s->event_at[i]);
#undef LS_ADD
}

static inline bool ls_fail(const ls_world *w, bool rounding, const char *format, ...)
{
    char what[600], spec[1200];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    ls_tell(spec, sizeof spec, w->spec);
    snprintf(lockstep.problem, sizeof lockstep.problem, "step %d: %s\n  %s", w->step, what, spec);
    lockstep.rounding = rounding;
    return false;
}

/* The step */

static inline fac_tensor *ls_act_on(const ls_world *w, int i, fac_tensor *h)
{
    switch ((ls_act)w->spec->act[i]) {
    case LS_RELU:
        return fac_relu(h);
    case LS_TANH:
        return fac_tanh(h);
    case LS_SIGMOID:
        return fac_sigmoid(h);
    case LS_LEAKY:
        return fac_leaky_relu(h, w->spec->slope_changes ? 0.01 * (1 + w->step) : 0.1);
    case LS_SOFTPLUS:
        return fac_softplus(h);
    case LS_RELU_OVER:
        return fac_relu_(h);
    default:
        return h;
    }
}

/* Elementwise operations in a row, some results of which are read twice, by a view, or kept. */
static inline fac_tensor *ls_chain(ls_world *w, fac_tensor *h)
{
    const ls_spec *s = w->spec;
    fac_tensor *a = fac_mul(fac_tanh(h), s->annealed ? 1 + 0.1 * w->step : 1.5), *b = fac_sub(a, fac_mul(h, 0.25));
    if (s->keep == LS_A_VALUE && b && fac_set(&w->value, b))
        return NULL;
    fac_tensor *row = fac_reshape(fac_exp(fac_neg(fac_square(b))), FAC_LIST(-1));
    if (!s->one_dim && b)
        row = fac_reshape(row, FAC_LIST(-1, fac_size(b, -1)));
    return fac_add(fac_mul(a, row), fac_maximum(b, -1), .alpha = 0.5);
}

static inline fac_tensor *ls_unary_on(ls_world *w, int i, fac_tensor *h)
{
    switch ((ls_unary)w->spec->unary[i]) {
    case LS_TIMES:
        return fac_mul(h, w->spec->annealed ? 0.5 + 0.1 * w->step : 0.5);
    case LS_PLUS:
        return fac_add(h, 0.25);
    case LS_FROM_ONE:
        return fac_sub(1, h);
    case LS_SQUARE:
        return fac_square(h);
    case LS_TWICE:
        return fac_add(h, fac_mul(fac_sin(h), h));
    case LS_NOISE:
        return fac_is_training(w->model) ? fac_add(h, fac_mul(0.1, fac_randn_like(h))) : h;
    case LS_CHAIN:
        return ls_chain(w, h);
    case LS_DROPOUT:
        return fac_dropout(h, 0.25, fac_is_training(w->model));
    default:
        return h;
    }
}

static inline fac_tensor *ls_predict(ls_world *w, fac_tensor *x)
{
    const ls_spec *s = w->spec;
    fac_tensor *h = s->prepares ? ls_chain(w, x) : x;
    for (int i = 0; i < s->depth; i++) {
        fac_tensor *before = h;
        fac_module *layer = fac_sequential_get(w->model, i);
        h = fac_forward(layer, h);
        if (s->twice[i])
            h = fac_forward(layer, h);
        if (!s->nested[i])
            h = ls_act_on(w, i, h);
        h = ls_unary_on(w, i, h);
        if (s->skip[i])
            h = fac_add(before, h);
        if (i == 0 && s->look == LS_HIDDEN && h)
            w->seen = ((float *)fac_data(h))[0] > 0 ? 1 : 0;
        if (i == 0 && s->keep == LS_A_VALUE && h && fac_set(&w->value, h))
            return NULL;
    }
    return h;
}

static inline fac_tensor *ls_loss_of(int loss, fac_tensor *y, fac_tensor *target)
{
    switch ((ls_loss)loss) {
    case LS_MSE:
        return fac_mse_loss(y, target);
    case LS_MSE_SUM:
        return fac_mse_loss(y, target, "sum");
    case LS_MSE_NONE:
        return fac_mean(fac_mse_loss(y, target, .reduction = "none"));
    case LS_L1:
        return fac_l1_loss(y, target);
    case LS_BY_HAND:
        return fac_sum(fac_square(fac_sub(y, target)));
    case LS_CROSS:
        return fac_cross_entropy(y, fac_softmax(target, -1));
    case LS_CLASSES:
        return fac_cross_entropy(y, fac_argmax(target, -1), .label_smoothing = 0.1);
    default:
        return fac_mean(fac_pow(fac_sub(y, target), 2));
    }
}

static inline fac_status ls_clear_grads(ls_world *w, bool late)
{
    switch ((ls_clear)w->spec->clear) {
    case LS_BEFORE:
        return late ? FAC_OK : fac_optim_zero_grad(w->opt);
    case LS_AFTER:
        return late ? fac_optim_zero_grad(w->opt) : FAC_OK;
    case LS_EACH_SECOND:
        return late || w->step % 2 ? FAC_OK : fac_optim_zero_grad(w->opt);
    case LS_TO_ZERO:
        return late ? FAC_OK : fac_optim_zero_grad(w->opt, .set_to_none = false);
    default:
        return late ? FAC_OK : fac_zero_grad(w->model);
    }
}

static inline fac_status ls_clip_grads(ls_world *w)
{
    if (w->spec->clip == 1)
        return fac_clip_grad_norm_(fac_parameters(w->model), 0.5) ? FAC_OK : fac_error_status();
    if (w->spec->clip == 2)
        return fac_clip_grad_value_(fac_parameters(w->model), 0.05);
    if (w->spec->clip == 3)
        return fac_clip_grad_norm_(fac_parameters(w->model), 0.5, INFINITY) ? FAC_OK : fac_error_status();
    return FAC_OK;
}

static inline fac_tensor *ls_whole_loss(ls_world *w, fac_tensor *y, fac_tensor *target)
{
    const ls_spec *s = w->spec;
    fac_tensor *loss = ls_loss_of(s->loss, y, target);
    if (s->annealed)
        loss = fac_mul(loss, 1.0 / (1 + w->step));
    if (s->loss2 >= 0)
        loss = fac_add(loss, fac_mul(0.1, ls_loss_of(s->loss2, y, target)));
    if (s->branches && w->step % 3 == 2)
        loss = fac_add(loss, fac_mul(1e-3, fac_sum(fac_square(y))));
    if (w->state && s->reuses_state)
        loss = fac_add(loss, fac_mul(0.01, fac_mean(fac_square(w->state))));
    if (w->extra)
        loss = fac_add(loss, fac_mean(fac_square(fac_forward(w->extra, fac_mul(y, 0.5)))));
    return loss;
}

static inline fac_status ls_keep_some(ls_world *w, fac_tensor *y, fac_tensor *loss)
{
    const ls_spec *s = w->spec;
    if (s->keep == LS_A_STATE)
        return fac_set(&w->state, fac_mean(fac_detach(y)));
    if (s->keep == LS_A_LOSS)
        return fac_set(&w->kept[w->step % LS_KEPT], loss);
    if (s->keep != LS_GRADS)
        return FAC_OK;
    fac_tensor *grad = fac_grad_of(fac_parameters(w->model)->items[0]);
    return grad ? fac_set(&w->kept[w->step % LS_KEPT], grad) : FAC_OK;
}

static inline fac_status ls_look_at(ls_world *w, fac_tensor *loss, ls_look when)
{
    if (w->spec->look != (int)when)
        return FAC_OK;
    if (when == LS_GRADIENT) {
        fac_tensor *grad = fac_grad_of(fac_parameters(w->model)->items[0]);
        w->seen = grad ? fac_item(fac_sum(grad)) : 0;
    } else
        w->seen = fac_item(loss);
    return isnan(w->seen) ? fac_error_status() : FAC_OK;
}

static inline fac_tensor *ls_give(const ls_world *w, fac_tensor *y, fac_tensor *loss)
{
    switch ((ls_return)w->spec->gives) {
    case LS_RETURN_NONE:
        return fac_none;
    case LS_RETURN_DETACHED:
        return fac_detach(loss);
    case LS_RETURN_OUTPUT:
        return fac_detach(y);
    default:
        return loss;
    }
}

static inline fac_status ls_derive_loss(ls_world *w, fac_tensor *loss)
{
    if (w->spec->derive == LS_GIVEN_GRADIENT)
        return fac_backward(loss, .gradient = fac_full_like(loss, 0.5 + 0.1 * w->step));
    fac_tensor *weight = fac_parameters(w->model)->items[0], *grads[2];
    if (w->spec->derive == LS_GRAD_FIRST && fac_requires_grad(weight)) {
        FAC_NO_GRAD;
        if (fac_grad(FAC_TENSORS(loss), FAC_TENSORS(weight, loss), grads, .retain_graph = true) ||
            fac_set(&w->derived, fac_add(grads[0], grads[1])))
            return FAC_ERR_RUNTIME;
    }
    return fac_backward(loss);
}

static fac_tensor *ls_step(void *ctx, const fac_batch *b)
{
    ls_world *w = ctx;
    const ls_spec *s = w->spec;
    if (!fac_is_grad_enabled())
        return ls_predict(w, b->x);
    if (ls_clear_grads(w, false))
        return NULL;
    fac_tensor *y = NULL, *loss = NULL;
    for (int i = 0; i < s->backwards; i++) {
        y = ls_predict(w, b->x);
        loss = ls_whole_loss(w, y, b->y);
        const bool frozen = loss && !fac_requires_grad(loss); /* tied weights are all there were */
        if (ls_look_at(w, loss, LS_LOSS_FIRST) || (s->leaves_early && w->step % 4 == 3) || frozen)
            return loss;
        if (ls_derive_loss(w, loss))
            return NULL;
    }
    if (ls_look_at(w, loss, LS_GRADIENT) || ls_clip_grads(w) || fac_optim_step(w->opt))
        return NULL;
    if (ls_look_at(w, loss, LS_LOSS_LATE) || ls_keep_some(w, y, loss) || ls_clear_grads(w, true))
        return NULL;
    return ls_give(w, y, loss);
}

/* The worlds */

static inline fac_module *ls_layer(const ls_spec *s, int i)
{
    fac_module *linear = fac_Linear(s->width[i], s->width[i + 1], .bias = s->bias[i], .dtype = s->dtype);
    if (!s->nested[i])
        return linear;
    switch ((ls_act)s->act[i]) {
    case LS_RELU:
        return fac_Sequential(linear, fac_ReLU());
    case LS_RELU_OVER:
        return fac_Sequential(linear, fac_ReLU(.inplace = true));
    case LS_SIGMOID:
        return fac_Sequential(linear, fac_Sigmoid());
    case LS_NONE:
        return fac_Sequential(fac_Sequential(linear), fac_Identity());
    default:
        return fac_Sequential(linear, fac_Tanh());
    }
}

static inline fac_optim *ls_optimiser_of(const ls_spec *s, const fac_tensors *params)
{
    switch ((ls_optimiser)s->optimiser) {
    case LS_MOMENTUM:
        return fac_SGD(params, s->rate, .momentum = 0.9, .weight_decay = s->decay);
    case LS_NESTEROV:
        return fac_SGD(params, s->rate, .momentum = 0.8, .nesterov = true, .weight_decay = s->decay);
    case LS_ADAM:
        return fac_Adam(params, s->rate, .weight_decay = s->decay);
    case LS_AMSGRAD:
        return fac_Adam(params, s->rate, .amsgrad = true, .weight_decay = s->decay);
    case LS_ADAMW:
        return fac_AdamW(params, s->rate);
    default:
        return fac_SGD(params, s->rate, .weight_decay = s->decay);
    }
}

/* The first two layers that can have one weight. */
static inline bool ls_tie(fac_module *model, const ls_spec *s)
{
    for (int i = 0; i < s->depth; i++)
        for (int j = i + 1; j < s->depth; j++)
            if (!s->nested[i] && !s->nested[j] && s->width[i] == s->width[j] && s->width[i + 1] == s->width[j + 1])
                return !fac_register_parameter(fac_sequential_get(model, j), "weight",
                                               fac_get_parameter(fac_sequential_get(model, i), "weight"));
    return true;
}

static inline bool ls_open(ls_world *w, const ls_spec *s, bool planned)
{
    FAC_SCOPE;
    *w = (ls_world){.spec = s};
    w->generator = fac_Generator();
    fac_module *parts[LS_DEPTH];
    if (fac_use_generator(w->generator) || !fac_manual_seed((int64_t)s->seed))
        return ls_fail(w, false, "%s", fac_last_error());
    for (int i = 0; i < s->depth; i++)
        parts[i] = ls_layer(s, i);
    w->model = fac_Sequential_of(parts, s->depth);
    if (s->tied && w->model && !ls_tie(w->model, s))
        return ls_fail(w, false, "%s", fac_last_error());
    w->opt = ls_optimiser_of(s, fac_parameters(w->model));
    w->plan = planned ? fac_compile(ls_step, w) : NULL;
    return w->opt && (!planned || w->plan) ? true : ls_fail(w, false, "%s", fac_last_error());
}

static inline void ls_count(fac_plan *plan)
{
    FAC_SCOPE;
    const char *text = plan ? fac_plan_explain(plan) : NULL;
    long runs, replayed = 0, recorded = 0;
    if (text && sscanf(text, "%ld runs: %ld replayed, %ld recorded", &runs, &replayed, &recorded) == 3)
        lockstep.replayed += replayed, lockstep.recorded += recorded;
    if (lockstep.loud && text)
        printf("%s", text);
}

static inline void ls_close(ls_world *w)
{
    ls_count(w->plan);
    fac_plan_free(w->plan), fac_optim_free(w->opt), fac_module_free(w->model), fac_module_free(w->extra);
    fac_generator_free(w->generator), fac_tensor_free(w->state), fac_tensor_free(w->value);
    for (int i = 0; i < LS_KEPT; i++)
        fac_tensor_free(w->kept[i]);
    fac_tensor_free(w->derived);
}

/* What happens between steps */

static inline void ls_poke(fac_tensor *t)
{
    if (fac_dtype_of(t) == FAC_FLOAT32)
        *(float *)fac_data(t) += 0.125F;
    else
        *(double *)fac_data(t) += 0.125;
}

static inline fac_status ls_add_group(ls_world *w)
{
    if (w->extra)
        return FAC_OK;
    w->extra = fac_Linear(w->spec->width[w->spec->depth], 3, .dtype = w->spec->dtype);
    return fac_optim_add_param_group(w->opt, fac_parameters(w->extra), .lr = 1e-4);
}

static inline fac_status ls_load(ls_world *w)
{
    FAC_SCOPE;
    fac_module *parts[LS_DEPTH];
    if (fac_use_generator(w->generator))
        return FAC_ERR_RUNTIME;
    for (int i = 0; i < w->spec->depth; i++)
        parts[i] = ls_layer(w->spec, i);
    fac_module *other = fac_Sequential_of(parts, w->spec->depth);
    fac_status status = fac_load_state_dict(w->model, fac_state_dict(other));
    fac_module_free(other);
    return status;
}

static inline fac_status ls_load_optimiser(ls_world *w)
{
    fac_optim_state *state = fac_optim_state_dict(w->opt);
    return state ? fac_optim_load_state_dict(w->opt, state) : fac_error_status();
}

static inline fac_status ls_scale(fac_tensor *p)
{
    FAC_NO_GRAD;
    return fac_mul_(p, 0.9) ? FAC_OK : fac_error_status();
}

static inline fac_status ls_happen(ls_world *w, ls_happening event)
{
    fac_tensor *first = fac_parameters(w->model)->items[0];
    fac_module *layer = fac_sequential_get(w->model, w->spec->depth / 2);
    const bool last_one = w->spec->depth == 1; /* frozen it would leave nothing to derive */
    switch (event) {
    case LS_RATE:
        return fac_optim_set(w->opt, 0, "lr", w->spec->rate / 3);
    case LS_FREEZE:
        return last_one || fac_module_requires_grad_(layer, false) ? FAC_OK : fac_error_status();
    case LS_THAW:
        return fac_module_requires_grad_(layer, true) ? FAC_OK : fac_error_status();
    case LS_GROUP:
        return ls_add_group(w);
    case LS_LOAD:
        return ls_load(w);
    case LS_LOAD_OPTIMISER:
        return ls_load_optimiser(w);
    case LS_BY_HAND_CHANGE:
        ls_poke(first);
        return fac_touched(first);
    case LS_EVAL:
        return fac_eval(w->model) ? FAC_OK : fac_error_status();
    case LS_TRAIN:
        return fac_train(w->model, true) ? FAC_OK : fac_error_status();
    case LS_SEED:
        return fac_generator_manual_seed(w->generator, 5) ? FAC_OK : fac_error_status();
    case LS_DROP_GRAD:
        return fac_set_grad(first, fac_none);
    case LS_SCALE:
        return ls_scale(first);
    default:
        return FAC_OK;
    }
}

static inline fac_status ls_happen_all(ls_world *w)
{
    FAC_SCOPE;
    fac_status status = fac_use_generator(w->generator);
    for (int i = 0; i < w->spec->n_events && !status; i++)
        if (w->spec->event_at[i] == w->step)
            status = ls_happen(w, (ls_happening)w->spec->event[i]);
    return status;
}

static inline bool ls_is_on(const ls_spec *s, int step, ls_happening event)
{
    for (int i = 0; i < s->n_events; i++)
        if (s->event[i] == (int)event && s->event_at[i] == step)
            return true;
    return false;
}

/* The batches */

typedef struct ls_data {
    const ls_spec *spec;
    fac_generator *generator;
    fac_tensor *x[LS_BATCHES], *y[LS_BATCHES], *all_x, *all_y;
} ls_data;

static inline fac_tensor *ls_random(const ls_spec *s, int64_t n, int64_t width, bool turned)
{
    if (s->one_dim)
        return fac_randn(width, .dtype = s->dtype);
    return turned ? fac_t(fac_randn(width, n, .dtype = s->dtype)) : fac_randn(n, width, .dtype = s->dtype);
}

static inline void ls_make_batch(ls_data *d, int step, fac_batch *b)
{
    const ls_spec *s = d->spec;
    const bool is_short = s->n > 1 && (step % 4 == 3 || ls_is_on(s, step, LS_SHORT)) && s->seed % 3 == 0;
    const int64_t n = is_short ? (s->n + 1) / 2 : s->n;
    const int at = step % LS_BATCHES;
    b->n = 2;
    if (s->feed == LS_SAME && !is_short) {
        if (!d->x[at]) {
            d->x[at] = fac_keep(ls_random(s, s->n, s->width[0], false));
            d->y[at] = fac_keep(ls_random(s, s->n, s->width[s->depth], false));
        }
        b->x = d->x[at], b->y = d->y[at];
        return;
    }
    if (s->feed == LS_NARROWED && !s->one_dim) {
        if (!d->all_x) {
            d->all_x = fac_keep(ls_random(s, s->n * LS_BATCHES, s->width[0], false));
            d->all_y = fac_keep(ls_random(s, s->n * LS_BATCHES, s->width[s->depth], false));
        }
        b->x = fac_narrow(d->all_x, 0, at * s->n, n), b->y = fac_narrow(d->all_y, 0, at * s->n, n);
        return;
    }
    b->x = ls_random(s, n, s->width[0], s->feed == LS_TURNED);
    b->y = ls_random(s, n, s->width[s->depth], false);
}

static inline void ls_free_data(ls_data *d)
{
    for (int i = 0; i < LS_BATCHES; i++)
        fac_tensor_free(d->x[i]), fac_tensor_free(d->y[i]);
    fac_tensor_free(d->all_x), fac_tensor_free(d->all_y), fac_generator_free(d->generator);
}

/* The comparison */

static inline double ls_at(const void *data, fac_dtype dtype, int64_t i)
{
    return dtype == FAC_FLOAT32 ? (double)((const float *)data)[i] : ((const double *)data)[i];
}

static inline double ls_largest(fac_tensor *t)
{
    double largest = 0;
    const void *data = fac_data(t);
    for (int64_t i = 0; i < fac_numel(t); i++)
        largest = fmax(largest, fabs(ls_at(data, fac_dtype_of(t), i)));
    return largest;
}

static inline double ls_rtol(const ls_spec *s)
{
    return s->dtype == FAC_FLOAT32 ? 1e-4 : 1e-11;
}

/* Adam divides by the size of the gradient: where that is rounding, so is the step's direction. */
static inline double ls_slack(const ls_world *w, fac_tensor *grad, int64_t i, double largest)
{
    const ls_spec *s = w->spec;
    if (!grad)
        return 0;
    const double rounding = ls_rtol(s) * largest;
    if (s->optimiser < LS_ADAM)
        return 10 * s->rate * rounding;
    const double g = fabs(ls_at(fac_data(grad), fac_dtype_of(grad), i));
    return s->rate * fmin(4, 100 * rounding / (g + 1e-300));
}

/* b is made a's copy, so that rounding does not add up. */
static inline bool ls_same(const ls_world *w, fac_tensor *a, fac_tensor *b, fac_tensor *grad, double scale,
                           const char *what, int index)
{
    if ((a == NULL) != (b == NULL))
        return ls_fail(w, false, "%s %d: eager %s, planned %s", what, index, a ? "there" : "None",
                       b ? "there" : "None");
    if (!a)
        return true;
    const fac_dtype dtype = fac_dtype_of(a);
    const int64_t n = fac_numel(a);
    if (dtype != fac_dtype_of(b) || n != fac_numel(b) || fac_ndim(a) != fac_ndim(b) || !fac_is_contiguous(b) ||
        (!strcmp(what, "parameter") && fac_requires_grad(a) != fac_requires_grad(b)))
        return ls_fail(w, false, "%s %d: another shape, dtype or requires_grad (%d, %d)", what, index,
                       fac_requires_grad(a), fac_requires_grad(b));
    const char *x = fac_data(a);
    char *y = fac_data(b);
    const size_t bytes = (size_t)n * fac_dtype_size(dtype);
    if (!memcmp(x, y, bytes))
        return true;
    const double largest = ls_largest(a), of_grad = grad ? fmax(ls_largest(grad), scale * 1e-2) : 0;
    const double tol = ls_rtol(w->spec) * (largest + scale * 1e-2) + (w->spec->dtype == FAC_FLOAT32 ? 1e-7 : 1e-15);
    for (int64_t i = 0; i < n; i++) {
        const double p = ls_at(x, dtype, i), q = ls_at(y, dtype, i);
        if (!(fabs(p - q) <= tol + ls_slack(w, grad, i, of_grad)) && !(isnan(p) && isnan(q)))
            return ls_fail(w, w->spec->dtype == FAC_FLOAT32, "%s %d [%lld of %lld]: eager %.17g, planned %.17g", what,
                           index, (long long)i, (long long)n, p, q);
    }
    memcpy(y, x, bytes);
    return fac_touched(b) == FAC_OK;
}

static inline double ls_grad_scale(const fac_tensors *params)
{
    double scale = 0;
    for (int64_t i = 0; i < params->count; i++)
        if (fac_grad_of(params->items[i]))
            scale = fmax(scale, ls_largest(fac_grad_of(params->items[i])));
    return scale;
}

static inline bool ls_compare_params(const ls_world *a, const ls_world *b, fac_module *of_a, fac_module *of_b)
{
    const fac_tensors *p = fac_parameters(of_a), *q = fac_parameters(of_b);
    const double scale = ls_grad_scale(p);
    for (int64_t i = 0; i < p->count; i++)
        if (!ls_same(a, fac_grad_of(p->items[i]), fac_grad_of(q->items[i]), NULL, scale, "grad", (int)i) ||
            !ls_same(a, p->items[i], q->items[i], fac_grad_of(p->items[i]), scale, "parameter", (int)i))
            return false;
    (void)b;
    return true;
}

static inline bool ls_compare_state(const ls_world *a, const ls_world *b)
{
    const fac_optim_state *x = fac_optim_state_dict(a->opt), *y = fac_optim_state_dict(b->opt);
    if (!x || !y || x->count != y->count)
        return ls_fail(a, false, "the optimisers' states have %d and %d entries", x ? (int)x->count : -1,
                       y ? (int)y->count : -1);
    const double scale = ls_grad_scale(fac_parameters(a->model));
    for (int64_t i = 0; i < x->count; i++) {
        const fac_optim_entry *p = x->entries + i, *q = y->entries + i;
        if (strcmp(p->name, q->name) || (!p->tensor && !(p->number == q->number)))
            return ls_fail(a, false, "state: %s %g, %s %g", p->name, p->number, q->name, q->number);
        const bool squared = strstr(p->name, "sq");
        if (p->tensor && strstr(p->name, ".step") && fac_item(p->tensor) != fac_item(q->tensor))
            return ls_fail(a, false, "state %s: %g, %g", p->name, fac_item(p->tensor), fac_item(q->tensor));
        if (!ls_same(a, p->tensor, q->tensor, NULL, squared ? scale * scale : scale, p->name, (int)i))
            return false;
    }
    return true;
}

static inline bool ls_compare_kept(const ls_world *a, const ls_world *b)
{
    if (!ls_same(a, a->state, b->state, NULL, 1, "kept state", 0) ||
        !ls_same(a, a->value, b->value, NULL, 1, "kept value", 0))
        return false;
    for (int i = 0; i < LS_KEPT; i++)
        if (!ls_same(a, a->kept[i], b->kept[i], NULL, 1, "kept", i))
            return false;
    char x[FAC_RNG_STATE_SIZE], y[FAC_RNG_STATE_SIZE];
    if (fac_generator_get_state(a->generator, x) || fac_generator_get_state(b->generator, y) || memcmp(x, y, sizeof x))
        return ls_fail(a, false, "the random streams differ");
    if (!(fabs(a->seen - b->seen) <= (fabs(a->seen) + 1) * ls_rtol(a->spec) * 10))
        return ls_fail(a, a->spec->dtype == FAC_FLOAT32, "seen: eager %.17g, planned %.17g", a->seen, b->seen);
    return true;
}

static inline bool ls_compare(const ls_world *a, const ls_world *b)
{
    FAC_SCOPE;
    if (!a->derived != !b->derived)
        return ls_fail(a, false, "one has derived");
    if (a->derived && !ls_same(a, a->derived, b->derived, NULL, 1, "derived", 0))
        return false;
    return ls_compare_params(a, b, a->model, b->model) && (!a->extra || ls_compare_params(a, b, a->extra, b->extra)) &&
           ls_compare_state(a, b) && ls_compare_kept(a, b);
}

static inline fac_tensor *ls_run_one(ls_world *w, const fac_batch *b)
{
    const bool before = fac_set_grad_enabled(!ls_is_on(w->spec, w->step, LS_NO_GRAD_RUN));
    fac_tensor *result = fac_use_generator(w->generator) ? NULL : w->plan ? fac_run(w->plan, b) : ls_step(w, b);
    fac_set_grad_enabled(before);
    return result;
}

static inline bool ls_compare_results(const ls_world *w, fac_tensor *x, fac_tensor *y)
{
    if ((void *)x == fac_none || (void *)y == fac_none)
        return x == y || ls_fail(w, false, "one gives None");
    return ls_same(w, x, y, NULL, 1, "result", 0);
}

static inline bool ls_run_step(ls_world *eager, ls_world *planned, ls_data *data)
{
    FAC_SCOPE;
    fac_batch b;
    if (fac_use_generator(data->generator))
        return false;
    ls_make_batch(data, eager->step, &b);
    fac_tensor *x = ls_run_one(eager, &b);
    if (!x)
        return ls_fail(eager, false, "eager: %s", fac_last_error());
    fac_tensor *y = ls_run_one(planned, &b);
    if (!y)
        return ls_fail(eager, false, "planned: %s", fac_last_error());
    return ls_compare_results(eager, x, y);
}

static inline bool ls_is_wild(const ls_world *w)
{
    FAC_SCOPE;
    const fac_tensors *p = fac_parameters(w->model);
    for (int64_t i = 0; i < p->count; i++)
        if (!(ls_largest(p->items[i]) < 1e6))
            return true;
    return !(ls_grad_scale(p) < 1e12);
}

/* Runs the program of a seed; false with lockstep.problem. */
static inline bool lockstep_run(uint64_t seed, fac_dtype dtype)
{
    ls_spec spec = ls_draw(seed);
    if (dtype)
        spec.dtype = dtype;
    ls_world eager = {0}, planned = {0};
    ls_data data = {.spec = &spec, .generator = fac_Generator()};
    fac_generator_manual_seed(data.generator, (int64_t)seed + 1);
    const int threads = fac_get_num_threads();
    bool good =
        fac_set_num_threads(spec.threads) == FAC_OK && ls_open(&eager, &spec, false) && ls_open(&planned, &spec, true);
    for (int step = 0; step < spec.steps && good && !ls_is_wild(&eager); step++) {
        eager.step = planned.step = step;
        if (ls_happen_all(&eager) || ls_happen_all(&planned))
            good = ls_fail(&eager, false, "an event: %s", fac_last_error());
        good = good && ls_run_step(&eager, &planned, &data) && ls_compare(&eager, &planned);
    }
    ls_close(&eager), ls_close(&planned), ls_free_data(&data);
    (void)!fac_use_generator(fac_none);
    (void)!fac_error_status();
    good &= fac_set_num_threads(threads) == FAC_OK;
    fac_scope_reset();
    return good;
}

#endif
