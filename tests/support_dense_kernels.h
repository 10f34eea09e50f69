/* SPDX-License-Identifier: MIT */
/* The tests of the kernels of small dense networks, of floats or doubles; included twice by test_dense_kernels.c, each
 * time after support_kernels.h, whose names it uses. */

/* Sizes that kernels may care about, up to `most`. */
static int64_t NAME(some_size)(int64_t most)
{
    static const int64_t sizes[] = {0,  1,  2,  3,  4,  5,  7,  8,  9,  10,  12,  15,
                                    16, 17, 20, 25, 31, 32, 33, 64, 70, 130, 257, 300};
    int64_t n;
    do
        n = sizes[random_below(sizeof sizes / sizeof *sizes)];
    while (n > most);
    return n;
}

/* A value of f features, n samples: awkward numbers, NaN in the padding; behind it the room that a kernel may use. */
static T *NAME(feature_rows)(int64_t f, int64_t n, int64_t ldb, bool odd)
{
    size_t bytes = (size_t)((f + 4) / 4 * 4 * ldb) * sizeof(T);
    T *x = must(aligned_alloc(64, bytes ? bytes : 64));
    for (int64_t i = 0; i < f * ldb; i++)
        x[i] = i % ldb < n ? (T)random_number(odd) : (T)NAN;
    return x;
}
/* n numbers with a guard on each side, at any alignment; check_guards frees them. */
enum { NAME(GUARD) = 3 };
static T *NAME(guarded)(int64_t n, bool odd)
{
    T *x = NEW_BLOCK(T, n, 2 * NAME(GUARD));
    for (int64_t i = 0; i < n + 2 * NAME(GUARD); i++)
        x[i] = i < NAME(GUARD) || i >= n + NAME(GUARD) ? (T)-1234.5 : (T)random_number(odd);
    return x + NAME(GUARD);
}
static void NAME(check_guards)(T *x, int64_t n)
{
    for (int64_t i = 1; i <= NAME(GUARD); i++)
        assert_true(x[-i] == (T)-1234.5 && x[n + i - 1] == (T)-1234.5);
    free(x - NAME(GUARD));
}
static T *NAME(copy_of)(const T *x, int64_t n)
{
    T *y = NEW_BLOCK(T, n, 0);
    memcpy(y, x, (size_t)n * sizeof(T));
    return y;
}
static T NAME(relu_of)(T x)
{
    return x < 0 ? 0 : x;
}
static T NAME(at_slope)(int slope, T sum, T mask)
{
    const T square = mask * mask, rest = 1 - mask;
    return slope == FAC_SLOPE_TANH      ? sum * (1 - square)
           : slope == FAC_SLOPE_SIGMOID ? sum * (rest * mask)
           : mask <= 0                  ? 0
                                        : sum;
}

/* What `each` of a record does here: y = 2 y + with. Whatever is in the padding, it is called once for a number. */
static void NAME(double_and_add)(int64_t n, char *const *p, const int64_t *strides, const void *ctx)
{
    const T *with = (const T *)(void *)p[2];
    T *y = (T *)(void *)p[0];
    assert_true(p[1] == p[0] && *(const int *)ctx == 7);
    for (int i = 0; i < 3; i++)
        assert_true(strides[i] == sizeof(T));
    for (int64_t i = 0; i < n; i++)
        y[i] = 2 * y[i] + with[i];
}

/* Forward or the gradient of the input: the products one after the other, as in gemm, then the bias. */
static void NAME(check_dense)(const fac_kernels *k, bool forward, int64_t n, int64_t in, int64_t out)
{
    int64_t ldb = (n + 15) / 16 * 16 + 16 * random_below(2), rows = forward ? out : in, depth = forward ? in : out;
    bool odd = random_below(2), transposed = random_below(2);
    int64_t w_row = transposed ? 1 : in + random_below(3), w_col = transposed ? out + random_below(3) : 1;
    int64_t w_size = in && out ? (out - 1) * w_row + (in - 1) * w_col + 1 : 0;
    T *w = NAME(guarded)(w_size, odd), *bias = NAME(guarded)(rows, odd);
    T *x = NAME(feature_rows)(depth, n, ldb, odd), *y = NAME(feature_rows)(rows, n, ldb, false);
    T *mask = NAME(feature_rows)(rows, n, ldb, true);
    fac_dense d = {.n = n, .ldb = ldb, .in = in, .out = out, .w = w, .w_row = w_row, .w_col = w_col, .x = x, .y = y};
    if (forward)
        d.bias = random_below(2) ? bias : NULL, d.relu = random_below(2);
    else
        d.mask = random_below(4) ? mask : NULL,
        d.slope = REAL == 32 ? (int)random_below(FAC_SLOPE_SIGMOID + 1) : FAC_SLOPE_RELU;
    const int ctx = 7;
    if (random_below(3) == 0) {
        d.mask = random_below(2) ? mask : NULL;
        d.each = NAME(double_and_add), d.each_ctx = &ctx;
    }
    (forward ? k->NAME(dense_forward) : k->NAME(dense_input_grad))(&d);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t b = 0; b < n; b++) {
            T sum = 0;
            for (int64_t i = 0; i < depth; i++)
                sum = NAME(isa_fma)(k, forward ? w[r * w_row + i * w_col] : w[i * w_row + r * w_col], x[i * ldb + b],
                                    sum);
            sum = d.bias ? sum + bias[r] : sum;
            sum = d.relu ? NAME(relu_of)(sum) : sum;
            sum = !d.each && d.mask ? NAME(at_slope)(d.slope, sum, mask[r * ldb + b]) : sum;
            sum = d.each ? 2 * sum + (d.mask ? mask[r * ldb + b] : sum) : sum;
            assert_true(NAME(same)(y[r * ldb + b], sum));
        }
    NAME(check_guards)(w, w_size), NAME(check_guards)(bias, rows);
    free(x), free(y), free(mask);
}

static void NAME(dense_products)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 600; round++) {
        bool large = round % 20 == 0;
        int64_t n = NAME(some_size)(large ? 300 : 70);
        NAME(check_dense)
        (k, round & 1, n, 1 + NAME(some_size)(large ? 130 : 40), 1 + NAME(some_size)(large ? 130 : 40));
    }
}

/* |got - sum of products| within the error of one sum after the other. */
static void NAME(assert_near)(T got, const exact *sum, double size, int64_t n)
{
    if (isnan(sum->high + sum->low) || isinf(size))
        return;
    assert_true(exact_error(sum, (double)got) <= EPS * size * (double)(n / 4 + 4) + 1e-300);
}

static void NAME(check_weight_grad)(const fac_kernels *k, int64_t n, int64_t in, int64_t out)
{
    int64_t ldb = (n + 15) / 16 * 16 + 16 * random_below(2), gw_row = in + random_below(3);
    int64_t size = out ? (out - 1) * gw_row + in : 0;
    bool add = random_below(2);
    T *g = NAME(feature_rows)(out, n, ldb, false), *x = NAME(feature_rows)(in, n, ldb, false);
    T *gw = NAME(guarded)(size, false), *gb = NAME(guarded)(out, false);
    T *old = NAME(copy_of)(gw, size), *old_b = NAME(copy_of)(gb, out);
    k->NAME(dense_weight_grad)(n, ldb, in, out, g, x, gw, gw_row, gb, add);
    for (int64_t o = 0; o < out; o++) {
        for (int64_t i = 0; i < gw_row && o * gw_row + i < size; i++) {
            int64_t at = o * gw_row + i;
            exact sum = {0, 0};
            double all = add ? fabs((double)old[at]) : 0;
            exact_add(&sum, add ? (double)old[at] : 0);
            for (int64_t b = 0; i < in && b < n; b++) {
                exact_add_product(&sum, (double)g[o * ldb + b], (double)x[i * ldb + b]);
                all += fabs((double)g[o * ldb + b] * (double)x[i * ldb + b]);
            }
            if (i < in)
                NAME(assert_near)(gw[at], &sum, all, n);
            else
                assert_true(gw[at] == old[at]);
        }
        exact sum = {0, 0};
        double all = add ? fabs((double)old_b[o]) : 0;
        exact_add(&sum, add ? (double)old_b[o] : 0);
        for (int64_t b = 0; b < n; b++)
            exact_add(&sum, (double)g[o * ldb + b]), all += fabs((double)g[o * ldb + b]);
        NAME(assert_near)(gb[o], &sum, all, n);
    }
    k->NAME(dense_weight_grad)(n, ldb, in, out, g, x, NULL, gw_row, NULL, add);
    NAME(check_guards)(gw, size), NAME(check_guards)(gb, out);
    free(g), free(x), free(old), free(old_b);
}

static void NAME(dense_weight_grads)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 400; round++) {
        int64_t n = round % 10 ? NAME(some_size)(70) : random_below(5000);
        NAME(check_weight_grad)(k, n, NAME(some_size)(round % 10 ? 40 : 10), NAME(some_size)(round % 10 ? 40 : 10));
    }
}

static void NAME(check_packing)(const fac_kernels *k, int64_t n, int64_t f)
{
    int64_t ldb = (n + 15) / 16 * 16 + 16 * random_below(2), kind = random_below(3);
    int64_t row = kind == 0   ? f + random_below(2)
                  : kind == 1 ? 1
                              : 2 * f + 1,
            col = kind == 0   ? 1
                  : kind == 1 ? n + 1
                              : 2;
    int64_t size = n && f ? (n - 1) * row + (f - 1) * col + 1 : 0;
    T *src = NAME(guarded)(size, true), *dst = NAME(feature_rows)(f, 0, ldb, false), *back = NAME(guarded)(size, false);
    T *want = NAME(copy_of)(back, size);
    k->NAME(dense_pack)(n, f, src, row, col, dst, ldb);
    for (int64_t i = 0; i < f; i++)
        for (int64_t b = 0; b < ldb; b++)
            assert_true(NAME(same)(dst[i * ldb + b], b < n ? src[b * row + i * col] : 0));
    for (int64_t i = 0; i < f; i++) {
        for (int64_t b = 0; b < n; b++)
            want[b * row + i * col] = dst[i * ldb + b];
        for (int64_t b = n; b < ldb; b++)
            dst[i * ldb + b] = (T)NAN;
    }
    k->NAME(dense_unpack)(n, f, dst, ldb, back, row, col);
    NAME(assert_same)(back, want, size);
    NAME(check_guards)(src, size), NAME(check_guards)(back, size);
    free(dst), free(want);
}

static void NAME(dense_packing)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 500; round++)
        NAME(check_packing)(k, NAME(some_size)(130), NAME(some_size)(round % 3 ? 20 : 70));
}

/* An activation's derivative is applied to what comes without it. */
static void NAME(check_vec_slopes)(const fac_kernels *k, fac_dense *d, const T *mask)
{
    d->mask = NULL;
    k->NAME(vec_input_grad)(d);
    T *bare = NAME(copy_of)(d->y, d->in);
    d->mask = mask;
    for (d->slope = FAC_SLOPE_TANH; d->slope <= FAC_SLOPE_SIGMOID; d->slope++) {
        k->NAME(vec_input_grad)(d);
        for (int64_t i = 0; i < d->in; i++)
            assert_true(NAME(same)(((const T *)d->y)[i], NAME(at_slope)(d->slope, bare[i], mask[i])));
    }
    free(bare);
}

/* One sample, M of any strides: y = [y +] M x [+ bias], relu, mask. */
static void NAME(check_vec)(const fac_kernels *k, bool forward, int64_t in, int64_t out)
{
    int64_t rows = forward ? out : in, depth = forward ? in : out, kind = random_below(3);
    int64_t padded = (rows + 15) / 16 * 16;
    int64_t w_row = kind == 0 ? in + random_below(3) : kind == 1 ? 1 : 2 * in + 1;
    int64_t w_col = kind == 0 ? 1 : kind == 1 ? out + random_below(3) : 2;
    int64_t w_size = in && out ? (out - 1) * w_row + (in - 1) * w_col + 1 : 0;
    T *w = NAME(guarded)(w_size, false), *x = NAME(guarded)(depth, false), *y = NAME(guarded)(padded, false);
    T *bias = NAME(guarded)(rows, false), *mask = NAME(guarded)(padded, true);
    fac_dense d = {.in = in, .out = out, .w = w, .w_row = w_row, .w_col = w_col, .x = x, .y = y};
    if (forward)
        d.bias = random_below(2) ? bias : NULL, d.relu = random_below(2);
    else
        d.mask = random_below(2) ? mask : NULL;
    (forward ? k->NAME(vec_forward) : k->NAME(vec_input_grad))(&d);
    for (int64_t r = 0; r < rows; r++) {
        exact sum = {0, 0};
        double all = 1e-30;
        exact_add(&sum, (d.bias ? (double)bias[r] : 0));
        for (int64_t i = 0; i < depth; i++) {
            double weight = (double)(forward ? w[r * w_row + i * w_col] : w[i * w_row + r * w_col]);
            exact_add_product(&sum, weight, (double)x[i]);
            all += fabs(weight * (double)x[i]);
        }
        if (d.mask && mask[r] <= 0)
            assert_true(y[r] == 0 && !signbit(y[r]));
        else if (d.relu && sum.high < 0)
            assert_true(y[r] >= 0 && (double)y[r] <= EPS * (all + 2) * (double)(depth + 4));
        else
            NAME(assert_near)(y[r], &sum, all + 2, 4 * depth);
    }
    if (!forward)
        NAME(check_vec_slopes)(k, &d, mask);
    NAME(check_guards)(w, w_size), NAME(check_guards)(x, depth), NAME(check_guards)(y, padded);
    NAME(check_guards)(bias, rows), NAME(check_guards)(mask, padded);
}

static void NAME(vec_products)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 1000; round++)
        NAME(check_vec)(k, round & 1, NAME(some_size)(round % 4 ? 40 : 300), NAME(some_size)(round % 4 ? 40 : 130));
}

/* Infinity times a weight is infinite, whatever lies beside the row; NaN stays NaN through relu and masks. */
static void NAME(vec_awkward)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int64_t in = 1; in < 20; in++) {
        T *w = NAME(guarded)(3 * in, false), *x = NAME(guarded)(in, false), y[16], mask[32];
        for (int64_t i = 0; i < 3 * in; i++)
            w[i] = 1;
        for (int64_t i = 0; i < in; i++)
            x[i] = 1, mask[i] = i == in - 1 ? (T)NAN : 1;
        w[2 * in - 1] = (T)INFINITY, w[2 * in] = (T)NAN;
        fac_dense d = {.in = in, .out = 3, .w = w, .w_row = in, .w_col = 1, .x = x, .y = y, .relu = true};
        k->NAME(vec_forward)(&d);
        assert_true(y[0] == (T)in && isinf(y[1]) && isnan(y[2]));
        T g[3] = {1, 0, 0}, gx[32];
        w[2 * in - 1] = w[2 * in] = 1;
        fac_dense back = {.in = in, .out = 3, .w = w, .w_row = in, .w_col = 1, .x = g, .y = gx, .mask = mask};
        k->NAME(vec_input_grad)(&back);
        for (int64_t i = 0; i < in; i++)
            assert_true(gx[i] == 1);
        NAME(check_guards)(w, 3 * in), NAME(check_guards)(x, in);
    }
}

/* gw and gb of the record are the products, and w and b have taken the step that sgd takes with them. */
static void NAME(check_outer)(const fac_kernels *k, fac_outer *o)
{
    const int64_t size = o->out * o->in;
    const T *g = o->g, *x = o->x;
    const fac_sgd_step w_step = {.lr = o->w_rate}, b_step = {.lr = o->b_rate};
    T *gw = NAME(copy_of)(o->gw, size), *w = NAME(copy_of)(o->w, size), *b = NAME(copy_of)(o->b, o->out);
    for (int64_t i = 0; i < size; i++)
        gw[i] = g[i / o->in] * x[i % o->in];
    if (o->descends) {
        k->NAME(sgd)(size, w, gw, NULL, &w_step);
        k->NAME(sgd)(o->out, b, g, NULL, &b_step);
    }
    k->NAME(vec_outer)(o);
    NAME(assert_same)(o->gw, gw, size), NAME(assert_same)(o->gb, g, o->out);
    NAME(assert_same)(o->w, w, size), NAME(assert_same)(o->b, b, o->out);
    free(gw), free(w), free(b);
}

static void NAME(vec_outer_bits)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 300; round++) {
        int64_t out = NAME(some_size)(33), in = NAME(some_size)(33), size = out * in;
        T *g = NAME(guarded)(out, true), *x = NAME(guarded)(in, true), *gw = NAME(guarded)(size, true);
        T *gb = NAME(guarded)(out, true), *w = NAME(guarded)(size, true), *b = NAME(guarded)(out, true);
        fac_outer o = {out, in, g, x, gw, gb, w, b, 0.01, 0.3, random_below(2)};
        NAME(check_outer)(k, &o);
        o.gw = o.gb = NULL;
        k->NAME(vec_outer)(&o);
        NAME(check_guards)(gb, out), NAME(check_guards)(w, size), NAME(check_guards)(b, out);
        NAME(check_guards)(g, out), NAME(check_guards)(x, in), NAME(check_guards)(gw, size);
    }
}

static void NAME(vec_packed)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 300; round++) {
        int64_t in = NAME(some_size)(70), out = 1 + random_below(70), ldo = (out + 15) / 16 * 16;
        T *w = NAME(guarded)(in * out, false), *bias = NAME(guarded)(out, false), *x = NAME(guarded)(in, false);
        T *packed = NAME(guarded)((in + 1) * ldo, true), *y = NAME(guarded)(ldo, true);
        bool relu = random_below(2), biased = random_below(2);
        k->NAME(vec_pack)(in, out, w, in, 1, biased ? bias : NULL, packed);
        for (int64_t i = 0; i <= in; i++)
            for (int64_t o = 0; o < ldo; o++) {
                T weight = o >= out ? 0 : i < in ? w[o * in + i] : biased ? bias[o] : 0;
                assert_true(packed[i * ldo + o] == weight);
            }
        k->NAME(vec_forward_packed)(in, out, packed, x, y, relu);
        for (int64_t o = 0; o < out; o++) {
            exact sum = {0, 0};
            double all = 1;
            exact_add(&sum, biased ? (double)bias[o] : 0);
            for (int64_t i = 0; i < in; i++)
                exact_add_product(&sum, (double)w[o * in + i], (double)x[i]), all += fabs((double)x[i]);
            if (relu && sum.high < 0)
                sum = (exact){0, 0};
            NAME(assert_near)(y[o], &sum, all, 4 * in);
        }
        NAME(check_guards)(w, in * out), NAME(check_guards)(bias, out), NAME(check_guards)(x, in);
        NAME(check_guards)(packed, (in + 1) * ldo), NAME(check_guards)(y, ldo);
    }
}

static void NAME(mse_and_gradient)(void **state)
{
    (void)state;
    FOR_EACH_ISA(k)
    for (int round = 0; round < 200; round++) {
        int64_t n = round % 20 ? NAME(some_size)(300) : random_below(50000);
        int64_t padded = (n + 15) / 16 * 16;
        T *x = NAME(guarded)(n, false), *y = NAME(guarded)(n, false), *g = NAME(guarded)(padded, false),
          scale = (T)0.37;
        T got = k->NAME(mse)(n, x, y, scale, g);
        exact sum = {0, 0};
        for (int64_t i = 0; i < n; i++) {
            T error = x[i] - y[i];
            assert_true(g[i] == error * scale);
            exact_add_product(&sum, (double)error, (double)error);
        }
        assert_true(exact_error(&sum, (double)got) <= 30 * EPS * sum.high);
        assert_true(k->NAME(mse)(n, x, y, scale, NULL) == got);
        NAME(check_guards)(x, n), NAME(check_guards)(y, n), NAME(check_guards)(g, padded);
    }
}

/* Lists of segments: what one call each gives. */
static void NAME(optimiser_lists)(void **state)
{
    (void)state;
    enum { MOST = 9 };
    FOR_EACH_ISA(k)
    for (int round = 0; round < 200; round++) {
        int64_t count = random_below(MOST), n[MOST];
        T *x[MOST][5], *y[MOST][5];
        fac_adam_segment adam[MOST];
        fac_sgd_segment sgd[MOST];
        bool momentum = random_below(2);
        fac_adam_step s = NAME(random_adam)(round);
        fac_sgd_step t = {.lr = 0.1, .momentum = momentum ? 0.9 : 0, .nesterov = momentum && random_below(2)};
        for (int64_t i = 0; i < count; i++) {
            n[i] = NAME(some_size)(130);
            for (int j = 0; j < 5; j++) {
                x[i][j] = NAME(guarded)(n[i], j < 2);
                for (int64_t e = 0; j > 2 && e < n[i]; e++)
                    x[i][j][e] = x[i][j][e] < 0 ? -x[i][j][e] : x[i][j][e];
                y[i][j] = NAME(copy_of)(x[i][j], n[i]);
            }
            T *max_v = round & 1 && random_below(2) ? x[i][4] : NULL;
            adam[i] = (fac_adam_segment){n[i], x[i][0], x[i][1], x[i][2], x[i][3], max_v};
            sgd[i] = (fac_sgd_segment){n[i], x[i][0], x[i][1], momentum ? x[i][2] : NULL};
            for (int64_t e = 0; round % 3 && e < n[i]; e++)
                NAME(reference_adam)
            (k, &y[i][0][e], y[i][1][e], &y[i][2][e], &y[i][3][e], max_v ? &y[i][4][e] : NULL, &s);
            if (round % 3 == 0)
                k->NAME(sgd)(n[i], y[i][0], y[i][1], momentum ? y[i][2] : NULL, &t);
        }
        if (round % 3)
            k->NAME(adam_list)(count, adam, &s);
        else
            k->NAME(sgd_list)(count, sgd, &t);
        for (int64_t i = 0; i < count; i++)
            for (int j = 0; j < 5; j++) {
                NAME(assert_same)(x[i][j], y[i][j], n[i]);
                NAME(check_guards)(x[i][j], n[i]);
                free(y[i][j]);
            }
    }
}
