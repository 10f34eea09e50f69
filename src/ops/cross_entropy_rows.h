/* SPDX-License-Identifier: MIT */
/* The rows of cross_entropy, for the type REAL; included once for each by cross_entropy.c, so without a guard. A row is
 * one sample: C contiguous logits x. With weights q of its classes (a one at the target, or probabilities, smoothed and
 * scaled; see cross_entropy.c) and m = max(x), e = exp(x - m), S = sum(e), Q = sum(q):
 *     loss = -sum(q log_softmax(x)) = Q log(S) - sum(q (x - m)),    d loss / dx = Q e / S - q */

static REAL NAME(greatest)(int64_t n, const REAL *x)
{
    if (n >= FEW)
        return KERNEL(max)(n, x, 1, NULL);
    REAL greatest = x[0];
    for (int64_t j = 1; j < n; j++)
        greatest = x[j] > greatest ? x[j] : greatest;
    return greatest;
}

static REAL NAME(total)(int64_t n, const REAL *x)
{
    if (n >= FEW)
        return KERNEL(sum)(n, x, 1);
    REAL total = 0;
    for (int64_t j = 0; j < n; j++)
        total += x[j];
    return total;
}

static double NAME(product)(int64_t n, const REAL *a, const REAL *b)
{
    return (double)KERNEL(dot)(n, a, 1, b, 1);
}

/* q of a row with probabilities, into room: (smoothed target) * weight. */
static const REAL *NAME(weights_of)(const rows *r, int64_t i, REAL *room)
{
    const REAL *t = (const REAL *)r->target->data + i * r->classes;
    const REAL *w = r->weight ? r->weight->data : NULL;
    const REAL stays = (REAL)(1 - r->smoothing), uniform = (REAL)r->uniform;
    if (!w && r->smoothing == 0)
        return t;
    for (int64_t j = 0; j < r->classes; j++) {
        REAL q = r->smoothing == 0 ? t[j] : t[j] * stays + uniform;
        room[j] = w ? q * w[j] : q;
    }
    return room;
}

static double NAME(weight_at)(const rows *r, int64_t class)
{
    return r->weight ? (double)((const REAL *)r->weight->data)[class] : 1;
}

/* Q, and sum(q d) for d = x - m. */
static row_sums NAME(sums_of)(const rows *r, int64_t i, const REAL *d, REAL *room)
{
    if (r->probabilities) {
        const REAL *q = NAME(weights_of)(r, i, room);
        return (row_sums){(double)NAME(total)(r->classes, q), d ? NAME(product)(r->classes, q, d) : 0};
    }
    const int64_t class = target_of(r, i);
    if (class < 0)
        return (row_sums){0, 0};
    const double w = (1 - r->smoothing) * NAME(weight_at)(r, class);
    row_sums sums = {w, d ? w * (double)d[class] : 0};
    if (r->smoothing == 0)
        return sums;
    sums.weights += r->uniform * r->all_weights;
    if (d && r->weight)
        sums.products += r->uniform * NAME(product)(r->classes, r->weight->data, d);
    else if (d)
        sums.products += r->uniform * (double)NAME(total)(r->classes, d);
    return sums;
}

/* Rows [from, to): their exps and sums, and their losses one after the other. */
static void NAME(forward)(const rows *r, int64_t from, int64_t to, REAL *room, double *losses)
{
    const int64_t n = r->classes;
    const REAL *x = (const REAL *)r->x->data + from * n;
    REAL *exps = (REAL *)r->exps->data + from * n, *e = exps, *norms = r->norms->data;
    row_sums sums[AT_ONCE];
    for (int64_t i = from; i < to; i++, x += n, e += n) {
        const REAL m = NAME(greatest)(n, x);
        for (int64_t j = 0; j < n; j++)
            e[j] = x[j] - m;
        sums[i - from] = NAME(sums_of)(r, i, e, room);
    }
    char *p[] = {(char *)exps, (char *)exps};
    fac_ew->forward[FAC_EW_exp][r->dtype]((to - from) * n, p, (const int64_t[]){sizeof(REAL), sizeof(REAL)}, NULL);
    for (int64_t i = from; i < to; i++, exps += n) {
        const row_sums s = sums[i - from];
        norms[i] = NAME(total)(n, exps);
        losses[i - from] = is_ignored(r, i) ? 0 : s.weights * log((double)norms[i]) - s.products;
    }
}

/* scale * (Q e / S - q) of row i */
static void NAME(backward)(const rows *r, int64_t i, double scale, REAL *room, REAL *out)
{
    const int64_t n = r->classes;
    const REAL *e = (const REAL *)r->exps->data + i * n, *norms = r->norms->data, *w = NULL;
    const double weights = NAME(sums_of)(r, i, NULL, room).weights;
    const int64_t class = r->probabilities ? -1 : target_of(r, i);
    const bool ignored = is_ignored(r, i);
    const REAL factor = (REAL)((ignored ? 0 : scale) * weights / (double)norms[i]);
    const REAL part = (REAL)(scale * (r->probabilities ? 1 : r->uniform));
    if (r->probabilities)
        w = NAME(weights_of)(r, i, room);
    else if (!ignored && r->smoothing != 0)
        w = r->weight ? r->weight->data : NULL;
    if (w)
        for (int64_t j = 0; j < n; j++)
            out[j] = e[j] * factor - w[j] * part;
    else
        for (int64_t j = 0; j < n; j++)
            out[j] = e[j] * factor;
    if (!w && !ignored && r->smoothing != 0)
        for (int64_t j = 0; j < n; j++)
            out[j] -= part;
    if (class >= 0)
        out[class] -= (REAL)(scale * (1 - r->smoothing) * NAME(weight_at)(r, class));
}

#undef REAL
#undef NAME
#undef KERNEL
